//! The derivative dataset: results under the names of the recordings that they are of.

use crate::write::{sidecar_json, with_missing};
use crate::{
    BidsStudy, Error, Result, Results, contrasts_tsv, markers_tsv, responses_tsv, results_json, write_text,
};
use dosewave_io::bids::{BIDS_VERSION, Dataset, Entities, Table, generated_by};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

const README: &str = "Markers of EEG before and after a dose, computed by dosewave from the dataset that SourceDatasets of \
    dataset_description.json names.\n\n\
    sub-*/sub-*_sessions.tsv   what was given in each session\n\
    sub-*/…_desc-dosewave_markers.tsv     values in each window; the .json beside each table defines its columns\n\
    sub-*/…_desc-dosewave_contrasts.tsv   changes from before to after the dose\n\
    sub-*/…_desc-dosewave_responses.tsv   when each response begins, peaks and ends\n\
    sub-*/sub-*_desc-dosewave_results.json   everything with its provenance; what the group is computed from\n\
    sub-*.html   a report of each participant\n\
    group/   tables, report, figures and arrays of all participants together\n\n\
    Names that the standard does not have are in .bidsignore.\n";

/// Names that the standard does not have.
const IGNORED: &str = "*_markers.tsv\n*_markers.json\n*_contrasts.tsv\n*_contrasts.json\n*_responses.tsv\n*_responses.json\n*_results.json\n*.html\n/group\n";

/// The derivative dataset in a folder.
#[derive(Clone, Debug)]
pub struct Derivative {
    root: PathBuf,
}

/// Path and name of a session's derivatives, from the root, without suffix: `sub-01/ses-ket/eeg/sub-01_ses-ket_task-rest_desc-dosewave`.
#[must_use]
pub fn participant_stem(entities: &Entities) -> String {
    let of = |key: &str| entities.get(key).unwrap_or_default();
    let session = if of("ses").is_empty() { String::new() } else { format!("ses-{}/", of("ses")) };
    format!("sub-{}/{session}eeg/{}", of("sub"), entities.with("desc", "dosewave"))
}

impl Derivative {
    /// The folder `root`; nothing is written.
    ///
    /// # Errors
    /// [`Error::Design`] for a folder that is a dataset of another kind, such as the source itself.
    pub fn at(root: &Path) -> Result<Self> {
        let description = root.join("dataset_description.json");
        if description.is_file() && !is_ours(&description) {
            return Err(Error::Design(format!(
                "{}: another dataset is there; name a folder of its own for the derivatives, such as derivatives/dosewave",
                root.display()
            )));
        }
        Ok(Self { root: root.to_owned() })
    }

    /// Writes what makes the folder a derivative dataset of `source`: description, README, `.bidsignore`.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn describe(&self, source: &Dataset) -> Result<()> {
        // the way to the source needs the folder
        write_text(&self.root.join("README"), README)?;
        write_text(&self.root.join(".bidsignore"), IGNORED)?;
        let mut text = json!({
            "Name": "dosewave: EEG before and after a dose",
            "BIDSVersion": BIDS_VERSION,
            "DatasetType": "derivative",
            "GeneratedBy": generated_by(),
        });
        if let Some(fields) = text.as_object_mut() {
            fields.extend(source_of(source, &self.root));
        }
        write_text(&self.root.join("dataset_description.json"), &format!("{text:#}\n"))
    }

    /// The folder.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Writes what was found in a participant: tables of each session, and everything as JSON, which comes last.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn write_participant(&self, subject: &str, study: &BidsStudy, results: &Results) -> Result<()> {
        for session in study.sessions.iter().filter(|session| session.spec.subject == subject) {
            let name = session.spec.session.as_str();
            let stem = participant_stem(&session.entities);
            let put = |table: &str, text: String| {
                let path = self.root.join(format!("{stem}_{table}.tsv"));
                write_text(&path, &with_missing(&text))?;
                write_text(&path.with_extension("json"), &sidecar_json(table, &results.definitions))
            };
            let of = |a: &str, b: &str| a == subject && b == name;
            let markers: Vec<_> =
                results.markers.iter().filter(|r| of(&r.subject, &r.session)).cloned().collect();
            let contrasts: Vec<_> =
                results.contrasts.iter().filter(|r| of(&r.subject, &r.session)).cloned().collect();
            let responses: Vec<_> =
                results.responses.iter().filter(|r| of(&r.subject, &r.session)).cloned().collect();
            put("markers", markers_tsv(&markers))?;
            put("contrasts", contrasts_tsv(&contrasts))?;
            put("responses", responses_tsv(&responses))?;
        }
        self.write_sessions(subject, study)?;
        write_text(&self.results_path(subject), &results_json(results)?)
    }

    /// `sub-01_sessions.tsv`: what was given in each session.
    fn write_sessions(&self, subject: &str, study: &BidsStudy) -> Result<()> {
        let mut given: BTreeMap<&str, &str> = BTreeMap::new();
        for session in study.sessions.iter().filter(|session| session.spec.subject == subject) {
            if let Some(label) = session.entities.get("ses") {
                given.entry(label).or_insert(&session.spec.treatment);
            }
        }
        if given.is_empty() {
            return Ok(());
        }
        let rows =
            given.iter().map(|(label, treatment)| vec![format!("ses-{label}"), (*treatment).to_owned()]);
        let columns = ["session_id", "treatment"].map(str::to_owned).to_vec();
        let table = Table { file: String::new(), columns, rows: rows.collect() };
        let path = self.root.join(subject).join(format!("{subject}_sessions.tsv"));
        write_text(&path, &table.to_text())?;
        let about = json!({
            "session_id": { "Description": "Session of the source dataset" },
            "treatment": { "Description": "What was given, as the source dataset says" },
        });
        write_text(&path.with_extension("json"), &format!("{about:#}\n"))
    }

    /// Where a participant's results are.
    #[must_use]
    pub fn results_path(&self, subject: &str) -> PathBuf {
        self.root.join(subject).join(format!("{subject}_desc-dosewave_results.json"))
    }

    /// What was found in these participants, or in all that were analysed.
    ///
    /// # Errors
    /// [`Error::Design`] where a participant was not analysed, or its results cannot be read; [`Error::Io`].
    pub fn participants(&self, subjects: &[String]) -> Result<Vec<Results>> {
        let read = |subject: &String| {
            let path = self.results_path(subject);
            let text = std::fs::read_to_string(&path).map_err(|source| match source.kind() {
                std::io::ErrorKind::NotFound => {
                    Error::Design(format!("{}: not there; run the level participant first", path.display()))
                }
                _ => Error::Io { path: path.clone(), source },
            })?;
            serde_json::from_str(&text).map_err(|error| {
                Error::Design(format!(
                    "{}: not results of dosewave ({error}); analyse the participant again",
                    path.display()
                ))
            })
        };
        subjects.iter().map(read).collect()
    }
}

/// Whether a description says that dosewave made its dataset.
fn is_ours(description: &Path) -> bool {
    let text = std::fs::read_to_string(description).unwrap_or_default();
    let value: Value = serde_json::from_str(text.trim_start_matches('\u{feff}')).unwrap_or_default();
    let makers = value.get("GeneratedBy").and_then(Value::as_array).cloned().unwrap_or_default();
    value.get("DatasetType").is_some_and(|kind| kind == "derivative")
        && makers.iter().any(|maker| maker.get("Name").is_some_and(|name| name == "dosewave"))
}

/// The dataset that the results are of: by its DOI, else by the way from here to there. No path of the machine is written.
fn source_of(source: &Dataset, root: &Path) -> Map<String, Value> {
    let doi = source.description.get("DatasetDOI").and_then(Value::as_str).unwrap_or_default();
    let doi = doi.strip_prefix("https://doi.org/").or_else(|| doi.strip_prefix("doi:")).unwrap_or(doi);
    let mut fields = Map::new();
    if doi.starts_with("10.") {
        fields.insert("SourceDatasets".into(), json!([{ "DOI": format!("doi:{doi}") }]));
    } else if let Some(way) = way(root, Path::new(&source.name())) {
        fields.insert("SourceDatasets".into(), json!([{ "URL": "bids:source:" }]));
        fields.insert("DatasetLinks".into(), json!({ "source": way }));
    }
    fields
}

/// The relative path from one folder to another: `../..`.
fn way(from: &Path, to: &Path) -> Option<String> {
    let (from, to) = (from.canonicalize().ok()?, to.canonicalize().ok()?);
    let n_shared = from.components().zip(to.components()).take_while(|(a, b)| a == b).count();
    let up = from.components().skip(n_shared).map(|_| "..".to_owned());
    let down = to.components().skip(n_shared).map(|part| part.as_os_str().to_string_lossy().into_owned());
    Some(up.chain(down).collect::<Vec<_>>().join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use dosewave_io::{Limits, MemoryTree};

    fn source(description: &str) -> Dataset {
        let tree = MemoryTree::default().with_file("dataset_description.json", description);
        Dataset::of(tree, &Limits::default()).unwrap()
    }

    #[test]
    fn another_dataset_is_not_written_over() {
        let folder = tempfile::tempdir().unwrap();
        let raw = source(r#"{"Name": "x", "DatasetDOI": "10.1/2"}"#);
        let root = folder.path().join("out");
        for _ in 0..2 {
            Derivative::at(&root).unwrap().describe(&raw).unwrap();
        }
        let text = std::fs::read_to_string(root.join("dataset_description.json")).unwrap();
        let value: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(
            (&value["DatasetType"], &value["SourceDatasets"][0]["DOI"]),
            (&json!("derivative"), &json!("doi:10.1/2"))
        );
        std::fs::write(root.join("dataset_description.json"), r#"{"DatasetType": "raw"}"#).unwrap();
        assert!(Derivative::at(&root).unwrap_err().to_string().contains("another dataset is there"));
    }

    #[test]
    fn the_source_is_told_without_the_machine() {
        let folder = tempfile::tempdir().unwrap();
        let (from, to) = (folder.path().join("study/derivatives/x"), folder.path().join("study"));
        std::fs::create_dir_all(&from).unwrap();
        assert_eq!(way(&from, &to).unwrap(), "../..");
        assert_eq!(way(&to, &from).unwrap(), "derivatives/x");
        assert_eq!(source_of(&source("{}"), &from), Map::new());
    }

    #[test]
    fn derivatives_are_named_after_their_recording() {
        let stem = |text: &str| participant_stem(&text.parse().unwrap());
        assert_eq!(stem("sub-01_task-rest_run-2"), "sub-01/eeg/sub-01_task-rest_run-2_desc-dosewave");
        assert_eq!(stem("sub-01_ses-k_task-rest"), "sub-01/ses-k/eeg/sub-01_ses-k_task-rest_desc-dosewave");
    }
}

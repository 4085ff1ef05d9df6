//! Writing recordings into a raw dataset.

mod anonymous;
mod dataset;
mod recording;
mod sidecars;

use super::table::FORMAT;
use super::{BidsFile, Entities, is_label};
use crate::source::write_aside;
use crate::{Error, FolderTree, Result, Tree};
use dosewave_eeg::{Header, Note, Recording};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::fs;
use std::path::{Path, PathBuf};

pub use anonymous::anonymize_target;
pub use dataset::{BIDS_VERSION, generated_by};

/// Where a recording goes in a dataset, and what is known of it beside.
///
/// ```
/// use dosewave_io::bids::Target;
/// let target = Target { subject: "01".into(), session: "ket".into(), task: "rest".into(), ..Target::default() };
/// assert_eq!(target.entities()?.to_string(), "sub-01_ses-ket_task-rest");
/// # Ok::<(), dosewave_io::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Target {
    /// Label of the subject, without `sub-`.
    pub subject: String,
    /// Label of the session; empty for none.
    pub session: String,
    /// Label of the task.
    pub task: String,
    /// Label of the acquisition; empty for none.
    pub acquisition: String,
    /// Number of the run; empty for none.
    pub run: String,
    /// Ending of the data file, `edf`, `bdf` or `vhdr`; empty takes that of the recording's format, else `vhdr` (`bdf` where there
    /// are pauses).
    pub format: String,
    /// Frequency of the mains, Hz.
    pub line_hz: Option<f64>,
    /// The reference of the EEG channels.
    pub reference: String,
    /// Name of the coordinate system of the electrodes' places: `CapTrak`, `ElektaNeuromag` or `Other`; empty is `Other`.
    pub coordinate_system: String,
    /// Further keys of `*_eeg.json`.
    pub eeg: Map<String, Value>,
    /// Columns of `participants.tsv`.
    pub participant: Vec<(String, String)>,
    /// Columns of `sessions.tsv`, or of `scans.tsv` where there is no session: treatment, dose, route …
    pub columns: Vec<(String, String)>,
    /// Name of the dataset, where it is new; empty takes the folder's name.
    pub dataset_name: String,
    /// Whether a recording of the same name is replaced.
    pub overwrite: bool,
}

/// What [`write()`] wrote.
#[derive(Clone, Debug, PartialEq)]
pub struct Written {
    /// The recording.
    pub file: BidsFile,
    /// Every file that was written or changed, from the dataset's root.
    pub files: Vec<String>,
    /// What could not be written.
    pub notes: Vec<Note>,
}

impl Target {
    /// The entities of the recording's name.
    ///
    /// # Errors
    /// [`Error::Write`] for labels that the standard does not allow.
    pub fn entities(&self) -> Result<Entities> {
        let mut entities = Entities::default();
        let all = [
            ("sub", &self.subject, true),
            ("ses", &self.session, false),
            ("task", &self.task, true),
            ("acq", &self.acquisition, false),
            ("run", &self.run, false),
        ];
        for (key, label, is_needed) in all {
            if label.is_empty() && !is_needed {
                continue;
            }
            let is_number = label.bytes().all(|byte| byte.is_ascii_digit());
            if !is_label(label) || (key == "run" && !is_number) {
                let allowed = if key == "run" { "digits" } else { "letters and digits" };
                return Err(refused(
                    Path::new(""),
                    format!("the label '{label}' of {key}; a label is {allowed} alone"),
                ));
            }
            entities = entities.with(key, label);
        }
        Ok(entities)
    }

    /// The ending of the data file.
    fn ending(&self, header: &Header) -> Result<&str> {
        if ["edf", "bdf", "vhdr"].contains(&self.format.as_str()) {
            return Ok(&self.format);
        }
        if !self.format.is_empty() {
            let what = format!("recordings as '{}'; use edf, bdf or vhdr", self.format);
            return Err(refused(Path::new(""), what));
        }
        let source = header.format.to_ascii_uppercase();
        Ok(match source.as_str() {
            name if name.starts_with("EDF") => "edf",
            name if name.starts_with("BDF") => "bdf",
            // BrainVision tells pauses by dates, which most readers do not look at
            _ if header.runs.len() > 1 => "bdf",
            _ => "vhdr",
        })
    }
}

fn refused(file: &Path, what: String) -> Error {
    Error::Write { file: file.to_owned(), format: FORMAT, what }
}

/// Writes a recording into the dataset at `root`, which is made where there is none: data, `*_eeg.json`, `*_channels.tsv`,
/// `*_events.tsv`, electrodes where their places were measured, and its rows in `scans.tsv`, `sessions.tsv` and
/// `participants.tsv`. Rows of other recordings stay as they are.
///
/// No name, birth date, device or file name of the source is written. For a dataset that is to be shared without dates and free
/// text, write what [`crate::anonymize`] gives: what is written here is taken from the recording and from `target` alone.
/// Places of electrodes that follow from their names are no measurement and are not written. Each file appears whole or not at all,
/// the data first.
///
/// # Errors
/// [`Error::Write`] for labels that the standard does not allow, for a recording that is there already and for what the data's
/// format does not hold; [`Error::Io`] from the disk.
///
/// ```
/// use dosewave_eeg::{Annotation, Hz, Recording, Seconds};
/// use dosewave_io::{Limits, bids};
/// # let folder = tempfile::tempdir().unwrap();
/// # let root = folder.path().join("study");
/// let recording = Recording::new(ndarray::Array2::zeros((1, 500)), Hz(250.0), &["Cz"]).unwrap();
/// let recording = recording.with_annotations(vec![Annotation::new(Seconds(1.0), Seconds(0.0), "dose")]);
/// let target = bids::Target { subject: "01".into(), task: "rest".into(), ..Default::default() };
/// bids::write(&recording, &root, &target)?;
/// let dataset = bids::Dataset::open(&root, &Limits::default())?;
/// let read = dataset.recording(&dataset.recordings[0])?;
/// assert_eq!(read.annotations()[0].label, "dose");
/// # Ok::<(), dosewave_io::Error>(())
/// ```
pub fn write(recording: &Recording, root: impl AsRef<Path>, target: &Target) -> Result<Written> {
    let root = root.as_ref();
    let entities = target.entities()?;
    check_columns(target)?;
    let ending = target.ending(recording.header())?;
    let folder = match target.session.as_str() {
        "" => format!("sub-{}/eeg", target.subject),
        session => format!("sub-{}/ses-{session}/eeg", target.subject),
    };
    let stem = format!("{folder}/{entities}");
    let mut out = Output { root, files: Vec::new() };
    let old = out.old_data(&stem);
    if let Some(old) = old.first().filter(|_| !target.overwrite) {
        let what = "the recording is there already; give it another run or session, or overwrite it".into();
        return Err(refused(&root.join(old), what));
    }
    sidecars::check(recording, &stem, target, &out)?;
    let path = format!("{stem}_eeg.{ending}");
    out.folder(&folder)?;
    // what may be refused comes first, so that nothing describes a recording that is not there
    crate::write(recording, root.join(&path))?;
    out.files.extend(data_files(&path));
    for stale in old.iter().filter(|old| !out.files.contains(old)) {
        fs::remove_file(root.join(stale)).map_err(|source| Error::Io { file: root.join(stale), source })?;
    }
    sidecars::write(recording, &stem, target, &mut out)?;
    let mut notes = Vec::new();
    dataset::describe(&path, recording.header(), target, &mut out)?;
    if !recording.header().other_signals.is_empty() {
        let names: Vec<&str> = recording.header().other_signals.iter().map(|s| s.name.as_str()).collect();
        let text = format!("signals of another rate are not written: {}", names.join(", "));
        notes.push(Note::warning(FORMAT, text));
    }
    out.files.sort();
    Ok(Written { file: BidsFile { path, entities }, files: out.files, notes })
}

/// Names of columns, before anything is written.
fn check_columns(target: &Target) -> Result<()> {
    let keys = ["participant_id", "session_id", "filename", "acq_time"];
    let all = target.participant.iter().chain(&target.columns);
    let is_wrong =
        |name: &str| name.trim().is_empty() || name.contains(char::is_control) || keys.contains(&name);
    match all.map(|(name, _)| name).find(|name| is_wrong(name)) {
        Some(name) => {
            let what = format!("a column '{name}'; give it a name that is none of {}", keys.join(", "));
            Err(refused(Path::new(""), what))
        }
        None => Ok(()),
    }
}

/// The files of a recording, the one that is opened first.
fn data_files(path: &str) -> Vec<String> {
    match path.strip_suffix(".vhdr") {
        Some(stem) => [".vhdr", ".eeg", ".vmrk"].map(|ending| format!("{stem}{ending}")).to_vec(),
        None => vec![path.to_owned()],
    }
}

/// The dataset that is written to.
struct Output<'a> {
    root: &'a Path,
    /// What was written.
    files: Vec<String>,
}

impl Output<'_> {
    fn folder(&self, path: &str) -> Result<()> {
        let folder = self.root.join(path);
        fs::create_dir_all(&folder).map_err(|source| Error::Io { file: folder, source })
    }

    /// Data files of that name.
    fn old_data(&self, stem: &str) -> Vec<String> {
        let endings = ["edf", "bdf", "vhdr", "eeg", "vmrk", "set", "fdt"];
        let names = endings.iter().map(|ending| format!("{stem}_eeg.{ending}"));
        names.filter(|name| self.root.join(name).symlink_metadata().is_ok()).collect()
    }

    fn place(&self, path: &str) -> PathBuf {
        self.root.join(path)
    }

    /// What stands in a file; `None` where there is none.
    fn old(&self, path: &str) -> Result<Option<Vec<u8>>> {
        if self.place(path).symlink_metadata().is_err() {
            return Ok(None);
        }
        FolderTree::new(self.root)?.read(path, super::table::MAX_BYTES).map(Some)
    }

    /// Writes a text, whole or not at all; one that stands there already is left alone.
    fn put(&mut self, path: &str, text: &str) -> Result<()> {
        if self.old(path)?.is_some_and(|old| old == text.as_bytes()) {
            return Ok(());
        }
        let place = self.place(path);
        write_aside(&place, |aside| {
            fs::write(aside, text).map_err(|source| Error::Io { file: place.clone(), source })
        })?;
        self.files.push(path.to_owned());
        Ok(())
    }

    fn put_json(&mut self, path: &str, object: Map<String, Value>) -> Result<()> {
        self.put(path, &format!("{:#}\n", Value::Object(object)))
    }
}

//! The files that describe a recording, by the inheritance principle: those of its own folder and of the folders above it whose
//! entities are all among the recording's.

use super::layout::{BidsFile, Dataset, listed};
use super::table::{Table, object};
use super::{Entities, FORMAT};
use crate::Result;
use dosewave_eeg::Note;
use serde_json::{Map, Value};

/// Coordinate systems of heads, in the order in which they are wanted where a dataset has several.
const SPACES: [&str; 7] = ["CapTrak", "ElektaNeuromag", "CTF", "EEGLAB", "EEGLABHJ", "4DBti", "KitYokogawa"];

/// What describes a recording.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sidecars {
    /// `*_eeg.json`: keys of nearer files over those of farther ones.
    pub eeg: Map<String, Value>,
    /// The nearest `*_channels.tsv`.
    pub channels: Option<Table>,
    /// The nearest `*_events.tsv`.
    pub events: Option<Table>,
    /// The nearest `*_electrodes.tsv`.
    pub electrodes: Option<Table>,
    /// `*_coordsystem.json` of the same space.
    pub coordsystem: Map<String, Value>,
    /// The recording's row of `*_scans.tsv`, without what is missing.
    pub scan: Vec<(String, String)>,
    /// Its session's row of `*_sessions.tsv`.
    pub session: Vec<(String, String)>,
    /// Its subject's row of `participants.tsv`.
    pub participant: Vec<(String, String)>,
    /// The files that were used, paths from the root, sorted.
    pub files: Vec<String>,
    /// What is odd about them.
    pub notes: Vec<Note>,
}

impl Sidecars {
    /// The value of a column for this recording: from `scans.tsv`, else `sessions.tsv`, else `participants.tsv`.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<&str> {
        let all = self.scan.iter().chain(&self.session).chain(&self.participant);
        all.into_iter().find(|(column, _)| column == name).map(|(_, value)| value.as_str())
    }
}

impl Dataset {
    /// What describes a recording.
    ///
    /// # Errors
    /// [`crate::Error::Malformed`] and [`crate::Error::Limit`] for a sidecar that cannot be read, with file and line. One that is
    /// not here (git-annex) is a note.
    pub fn sidecars(&self, file: &BidsFile) -> Result<Sidecars> {
        let mut found = Sidecars::default();
        for path in self.inherited(file, "eeg.json", &[], &mut found.notes) {
            let Some(bytes) = self.fetch(&path, &mut found)? else { continue };
            found.eeg.extend(object(&path, &bytes)?);
        }
        found.channels = self.nearest(file, "channels.tsv", &["name"], &mut found)?;
        found.events = self.nearest(file, "events.tsv", &["onset"], &mut found)?;
        self.electrodes(file, &mut found)?;
        self.rows(file, &mut found)?;
        found.files.sort();
        Ok(found)
    }

    /// Paths of the sidecars of a kind that apply, the farthest first.
    fn inherited(&self, file: &BidsFile, kind: &str, beside: &[&str], notes: &mut Vec<Note>) -> Vec<String> {
        let mut paths = Vec::new();
        for folder in folders(file.folder()) {
            let here = self.sidecars.get(&folder).map_or(&[][..], Vec::as_slice);
            let mut applying: Vec<(&Entities, &String)> = here
                .iter()
                .filter(|(entities, known, _)| {
                    known == kind && entities.without(beside).are_in(&file.entities)
                })
                .map(|(entities, _, name)| (entities, name))
                .collect();
            // of several at one level the more specific is nearer
            applying.sort_by_key(|(entities, name)| (entities.len(), (*name).clone()));
            let same = applying.windows(2).find(|pair| matches!(pair, [a, b] if a.0.len() == b.0.len()));
            if let Some([a, b]) = same.filter(|_| beside.is_empty()) {
                let text =
                    format!("{}: both {} and {} apply; the second one is the nearer", file.path, a.1, b.1);
                notes.push(Note::warning(FORMAT, text));
            }
            paths.extend(applying.into_iter().map(|(_, name)| match folder.is_empty() {
                true => name.clone(),
                false => format!("{folder}/{name}"),
            }));
        }
        paths
    }

    /// The bytes of a sidecar; a note where it is not here.
    fn fetch(&self, path: &str, found: &mut Sidecars) -> Result<Option<Vec<u8>>> {
        if let Some(dangling) = self.dangling.iter().find(|d| d.path == path) {
            let text = format!("{path} is not applied: it leads to {}; {}", dangling.target, dangling.advice);
            found.notes.push(Note::warning(FORMAT, text));
            return Ok(None);
        }
        let bytes = self.read(path)?;
        if !found.files.iter().any(|known| known == path) {
            found.files.push(path.to_owned());
        }
        Ok(Some(bytes))
    }

    fn table(&self, path: &str, needs: &[&str], found: &mut Sidecars) -> Result<Option<Table>> {
        let Some(bytes) = self.fetch(path, found)? else { return Ok(None) };
        let table = Table::parse(path, &bytes)?;
        table.needs(needs)?;
        Ok(Some(table))
    }

    fn nearest(
        &self,
        file: &BidsFile,
        kind: &str,
        needs: &[&str],
        found: &mut Sidecars,
    ) -> Result<Option<Table>> {
        match self.inherited(file, kind, &[], &mut found.notes).pop() {
            Some(path) => self.table(&path, needs, found),
            None => Ok(None),
        }
    }

    /// The electrodes of one space with its coordinate system.
    fn electrodes(&self, file: &BidsFile, found: &mut Sidecars) -> Result<()> {
        let all = self.inherited(file, "electrodes.tsv", &["space"], &mut found.notes);
        let space = |path: &str| {
            let name = path.rsplit('/').next().unwrap_or(path);
            Entities::of_name(name).and_then(|(entities, _, _)| entities.get("space").map(str::to_owned))
        };
        let rank = |path: &String| match space(path) {
            None => SPACES.len(),
            Some(space) => SPACES.iter().position(|known| *known == space).unwrap_or(SPACES.len() + 1),
        };
        // the nearest of the best space
        let Some(path) = all.iter().rev().min_by_key(|path| rank(path)).cloned() else { return Ok(()) };
        if all.len() > 1 {
            let text = format!("places of electrodes are taken from {path}; there are also {}", {
                let others: Vec<String> = all.iter().filter(|other| **other != path).cloned().collect();
                listed(&others)
            });
            found.notes.push(Note::info(FORMAT, text));
        }
        found.electrodes = self.table(&path, &["name", "x", "y", "z"], found)?;
        for system in self.inherited(file, "coordsystem.json", &["space"], &mut found.notes) {
            if space(&system) == space(&path) {
                let Some(bytes) = self.fetch(&system, found)? else { continue };
                found.coordsystem.extend(object(&system, &bytes)?);
            }
        }
        Ok(())
    }

    /// The recording's rows of `scans.tsv`, `sessions.tsv` and `participants.tsv`.
    fn rows(&self, file: &BidsFile, found: &mut Sidecars) -> Result<()> {
        for folder in folders(file.folder()).into_iter().rev() {
            let Some(path) = self.sidecar_in(&folder, "scans.tsv", file) else { continue };
            let relative = file.path.strip_prefix(&format!("{folder}/")).unwrap_or(&file.path);
            if let Some(table) = self.table(&path, &["filename"], found)? {
                found.scan = record_of(&table, "filename", |name| name.trim_start_matches("./") == relative);
                break;
            }
        }
        let subject = file.subject();
        let path = self.sidecar_in(&format!("sub-{subject}"), "sessions.tsv", file);
        if let Some(path) = path.filter(|_| !file.session().is_empty())
            && let Some(table) = self.table(&path, &["session_id"], found)?
        {
            let is_ours = |id: &str| id.strip_prefix("ses-").unwrap_or(id) == file.session();
            found.session = record_of(&table, "session_id", is_ours);
        }
        if let Some(table) = &self.participants {
            let is_ours = |id: &str| id.strip_prefix("sub-").unwrap_or(id) == subject;
            found.participant = record_of(table, "participant_id", is_ours);
            if !found.participant.is_empty() {
                found.files.push(table.file.clone());
            }
        }
        Ok(())
    }

    fn sidecar_in(&self, folder: &str, kind: &str, file: &BidsFile) -> Option<String> {
        let here = self.sidecars.get(folder)?;
        let applying = |(entities, known, _): &&(Entities, String, String)| {
            known == kind && entities.are_in(&file.entities)
        };
        here.iter().find(applying).map(|(_, _, name)| format!("{folder}/{name}"))
    }
}

/// The first row whose field `key` fits, without the key itself.
fn record_of(table: &Table, key: &str, fits: impl Fn(&str) -> bool) -> Vec<(String, String)> {
    let row = (0..table.rows.len()).find(|row| table.field(*row, key).is_some_and(&fits));
    let mut record = row.map(|row| table.record(row)).unwrap_or_default();
    record.retain(|(column, _)| column != key);
    record
}

/// The root, then each folder down to this one.
fn folders(folder: &str) -> Vec<String> {
    let ends = folder.match_indices('/').map(|(at, _)| at).chain([folder.len()]);
    let below = ends.filter_map(|end| folder.get(..end)).filter(|f| !f.is_empty()).map(str::to_owned);
    std::iter::once(String::new()).chain(below).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Limits, MemoryTree};

    const DESCRIPTION: &str = r#"{"Name": "x", "BIDSVersion": "1.10.0"}"#;

    fn dataset(files: &[(&str, &str)]) -> Dataset {
        let tree = MemoryTree::default().with_file("dataset_description.json", DESCRIPTION);
        let tree = files.iter().fold(tree, |tree, (path, text)| tree.with_file(path, *text));
        Dataset::of(tree, &Limits::default()).unwrap()
    }

    const FILE: &str = "sub-01/ses-a/eeg/sub-01_ses-a_task-rest_eeg.edf";

    #[test]
    fn json_is_inherited_key_by_key_and_tables_from_the_nearest_alone() {
        let dataset = dataset(&[
            (FILE, ""),
            ("task-rest_eeg.json", r#"{"PowerLineFrequency": 50, "EEGReference": "Cz", "A": {"b": 1}}"#),
            ("task-odd_eeg.json", r#"{"EEGReference": "no"}"#),
            ("sub-01/sub-01_eeg.json", r#"{"EEGReference": "FCz"}"#),
            ("sub-01/ses-a/eeg/sub-01_ses-a_task-rest_eeg.json", r#"{"A": {"c": 2}}"#),
            ("sub-01/ses-a/eeg/sub-01_ses-b_task-rest_eeg.json", r#"{"EEGReference": "no"}"#),
            ("channels.tsv", "name\tstatus\nCz\tbad\nPz\tbad\n"),
            ("sub-01/sub-01_task-rest_channels.tsv", "name\tstatus\nCz\tgood\n"),
        ]);
        let found = dataset.sidecars(&dataset.recordings[0]).unwrap();
        assert_eq!(found.eeg["PowerLineFrequency"], 50);
        assert_eq!(found.eeg["EEGReference"], "FCz");
        assert_eq!(found.eeg["A"], serde_json::json!({"c": 2}));
        assert_eq!(found.channels.unwrap().rows, [["Cz", "good"]]);
        assert_eq!(found.files.len(), 4);
        assert_eq!(found.notes, []);
    }

    #[test]
    fn two_that_apply_at_one_level_are_said() {
        let dataset = dataset(&[
            (FILE, ""),
            ("sub-01/sub-01_eeg.json", r#"{"A": 1}"#),
            ("sub-01/task-rest_eeg.json", r#"{"A": 2}"#),
        ]);
        let found = dataset.sidecars(&dataset.recordings[0]).unwrap();
        assert_eq!(found.eeg["A"], 2);
        assert!(found.notes[0].text.contains("both sub-01_eeg.json and task-rest_eeg.json apply"));
    }

    #[test]
    fn columns_come_from_the_nearest_table() {
        let dataset = dataset(&[
            (FILE, ""),
            ("participants.tsv", "\u{feff}participant_id\tarm\tweight\r\nsub-01\tA\t70\r\nsub-02\tB\t80\r\n"),
            (
                "sub-01/sub-01_sessions.tsv",
                "session_id\tdose\troute\tarm\nses-a\t0.5 mg/kg\tiv\tn/a\nses-b\t0\tiv\tB\n",
            ),
            (
                "sub-01/ses-a/sub-01_ses-a_scans.tsv",
                "filename\tacq_time\neeg/sub-01_ses-a_task-rest_eeg.edf\t2020-01-02T03:04:05\n",
            ),
        ]);
        let found = dataset.sidecars(&dataset.recordings[0]).unwrap();
        let column = |name| found.column(name);
        assert_eq!(
            (column("dose"), column("arm"), column("weight")),
            (Some("0.5 mg/kg"), Some("A"), Some("70"))
        );
        assert_eq!((column("acq_time"), column("nothing")), (Some("2020-01-02T03:04:05"), None));
        assert!(dataset.notes.iter().any(|n| n.text.contains("without a recording: sub-02")));
    }

    #[test]
    fn of_several_spaces_that_of_the_head_is_taken() {
        let electrodes = "name\tx\ty\tz\nCz\t0\t0\t1\n";
        let dataset = dataset(&[
            (FILE, ""),
            ("sub-01/ses-a/eeg/sub-01_ses-a_space-MNI305_electrodes.tsv", electrodes),
            (
                "sub-01/ses-a/eeg/sub-01_ses-a_space-MNI305_coordsystem.json",
                r#"{"EEGCoordinateSystem": "MNI305"}"#,
            ),
            ("sub-01/ses-a/eeg/sub-01_ses-a_space-CapTrak_electrodes.tsv", electrodes),
            (
                "sub-01/ses-a/eeg/sub-01_ses-a_space-CapTrak_coordsystem.json",
                r#"{"EEGCoordinateSystem": "CapTrak"}"#,
            ),
        ]);
        let found = dataset.sidecars(&dataset.recordings[0]).unwrap();
        assert_eq!(found.coordsystem["EEGCoordinateSystem"], "CapTrak");
        assert!(found.electrodes.unwrap().file.contains("space-CapTrak"));
    }

    #[test]
    fn what_is_no_part_of_the_standard_is_named() {
        let dataset = dataset(&[
            (FILE, ""),
            (".bidsignore", "*_extra.txt\n"),
            ("sub-01/ses-a/eeg/notes.txt", ""),
            ("sub-01/ses-a/eeg/a_extra.txt", ""),
            ("sub-01/ses-a/anat/sub-01_ses-a_T1w.nii.gz", ""),
            ("sub-01/ses-a/eeg/sub-02_ses-a_task-rest_eeg.edf", ""),
            ("sub-01/ses-a/eeg/task-rest_sub-01_ses-a_eeg.bdf", ""),
            ("results/a.txt", ""),
        ]);
        let notes: Vec<&str> = dataset.notes.iter().map(|n| n.text.as_str()).collect();
        let said = |text: &str| notes.iter().any(|n| n.contains(text));
        assert!(said("no part of the standard, not read: sub-01/ses-a/eeg/notes.txt"), "{notes:?}");
        assert!(
            said("anat (1 files)")
                && said("looked into: results")
                && said("left out: sub-01/ses-a/eeg/sub-02_"),
            "{notes:?}"
        );
        assert!(said("not in the standard's order: sub-01/ses-a/eeg/task-rest_sub-01"), "{notes:?}");
        assert!(!said("a_extra"), "{notes:?}");
        assert_eq!(dataset.recordings.len(), 2);
    }
}

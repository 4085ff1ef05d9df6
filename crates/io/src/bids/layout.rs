//! What is in a dataset: its recordings, and the files that describe them.

use super::ignore::Ignore;
use super::table::{MAX_BYTES, Table, object};
use super::{Entities, FORMAT};
use crate::{Dangling, Error, FolderTree, Limits, Result, Tree};
use dosewave_eeg::Note;
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

/// Endings of recordings that the standard has for EEG.
pub(super) const ENDINGS: [&str; 4] = [".edf", ".bdf", ".vhdr", ".set"];
/// Endings of files that belong to a recording.
pub(super) const COMPANIONS: [&str; 3] = [".eeg", ".vmrk", ".fdt"];
/// Suffixes of sidecars, with their ending.
const SIDECARS: [(&str, &str); 15] = [
    ("eeg", ".json"),
    ("channels", ".tsv"),
    ("channels", ".json"),
    ("events", ".tsv"),
    ("events", ".json"),
    ("electrodes", ".tsv"),
    ("electrodes", ".json"),
    ("coordsystem", ".json"),
    ("scans", ".tsv"),
    ("scans", ".json"),
    ("sessions", ".tsv"),
    ("sessions", ".json"),
    ("participants", ".tsv"),
    ("participants", ".json"),
    ("photo", ".jpg"),
];
/// Names of the root that say nothing of a recording.
const ROOT: [&str; 9] = [
    "dataset_description.json",
    "README",
    "README.md",
    "README.rst",
    "README.txt",
    "CHANGES",
    "LICENSE",
    "CITATION.cff",
    ".bidsignore",
];
/// Folders of the root that the standard has beside those of subjects.
const FOLDERS: [&str; 5] = ["code", "derivatives", "sourcedata", "stimuli", "phenotype"];
/// Names in a note before it says how many more there are.
const NAMED: usize = 20;

/// One EEG recording of a dataset.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct BidsFile {
    /// Path from the dataset's root, with `/`.
    pub path: String,
    /// What its name says.
    pub entities: Entities,
}

impl BidsFile {
    /// The subject's label, without `sub-`.
    #[must_use]
    pub fn subject(&self) -> &str {
        self.entities.get("sub").unwrap_or_default()
    }

    /// The session's label, without `ses-`; empty where there is none.
    #[must_use]
    pub fn session(&self) -> &str {
        self.entities.get("ses").unwrap_or_default()
    }

    /// The task's label.
    #[must_use]
    pub fn task(&self) -> &str {
        self.entities.get("task").unwrap_or_default()
    }

    /// Its folder, from the root.
    #[must_use]
    pub fn folder(&self) -> &str {
        self.path.rsplit_once('/').map_or("", |(folder, _)| folder)
    }
}

/// A BIDS dataset: which recordings there are, and what describes them.
///
/// Links that lead nowhere (git-annex, DataLad) are named in [`Self::dangling`] and everything else is read. Only folders of
/// subjects are looked into.
///
/// ```
/// use dosewave_io::{MemoryTree, bids::Dataset};
/// let tree = MemoryTree::default()
///     .with_file("dataset_description.json", r#"{"Name": "x", "BIDSVersion": "1.10.0"}"#)
///     .with_file("sub-01/ses-ket/eeg/sub-01_ses-ket_task-rest_eeg.edf", "");
/// let dataset = Dataset::of(tree, &Default::default())?;
/// assert_eq!((dataset.recordings.len(), dataset.recordings[0].session()), (1, "ket"));
/// # Ok::<(), dosewave_io::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Dataset {
    /// `dataset_description.json`.
    pub description: Map<String, Value>,
    /// Recordings, in order of their paths; also those whose content is not here.
    pub recordings: Vec<BidsFile>,
    /// Files that are named but not here.
    pub dangling: Vec<Dangling>,
    /// `participants.tsv`.
    pub participants: Option<Table>,
    /// What is odd.
    pub notes: Vec<Note>,
    pub(super) tree: Arc<dyn Tree>,
    /// Files that belong to recordings: samples, markers.
    pub(super) companions: BTreeSet<String>,
    pub(super) limits: Limits,
    /// Sidecars by folder (`""` for the root): entities, suffix with ending, name.
    pub(super) sidecars: BTreeMap<String, Vec<(Entities, String, String)>>,
}

impl Dataset {
    /// The dataset in a folder.
    ///
    /// # Errors
    /// [`Error::Io`] without a folder, [`Error::Unsupported`] for a folder without `dataset_description.json`.
    pub fn open(root: impl AsRef<Path>, limits: &Limits) -> Result<Self> {
        Self::of(FolderTree::new(root)?, limits)
    }

    /// The dataset in any tree of files.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn of(tree: impl Tree + 'static, limits: &Limits) -> Result<Self> {
        let mut listing = tree.list(&|name| name.starts_with("sub-"))?;
        let ignore = match listing.files.iter().any(|file| file == ".bidsignore") {
            true => Ignore::parse(&String::from_utf8_lossy(&tree.read(".bidsignore", 1 << 20)?)),
            false => Ignore::default(),
        };
        listing.files.retain(|file| !ignore.has(file));
        listing.dangling.retain(|dangling| !ignore.has(&dangling.path));
        let mut dataset = Self {
            description: Map::new(),
            recordings: Vec::new(),
            dangling: listing.dangling,
            participants: None,
            notes: listing.notes,
            tree: Arc::new(tree),
            companions: BTreeSet::new(),
            limits: *limits,
            sidecars: BTreeMap::new(),
        };
        dataset.describe(&listing.files)?;
        let names = dataset.dangling.iter().map(|dangling| dangling.path.clone());
        let all: Vec<String> = listing.files.iter().cloned().chain(names).collect();
        dataset.sort(&all);
        dataset.recordings.sort();
        dataset.note_folders(&listing.other_folders, &ignore);
        dataset.note_dangling();
        dataset.read_participants(&listing.files);
        Ok(dataset)
    }

    /// The dataset that a recording on disk is in, and which of it; `None` for a file that is in none.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn containing(path: impl AsRef<Path>, limits: &Limits) -> Result<Option<(Self, BidsFile)>> {
        let path = path.as_ref();
        let Ok(place) = path.parent().unwrap_or(path).canonicalize() else { return Ok(None) };
        let Some(name) = path.file_name() else { return Ok(None) };
        let full = place.join(name);
        // sub-/ses-/eeg/file
        for root in place.ancestors().skip(1).take(3) {
            if !root.join("dataset_description.json").is_file() {
                continue;
            }
            let Ok(relative) = full.strip_prefix(root) else { continue };
            let relative = relative.to_string_lossy().replace('\\', "/");
            let dataset = Self::open(root, limits)?;
            let file = dataset.recordings.iter().find(|file| file.path == relative).cloned();
            return Ok(file.map(|file| (dataset, file)));
        }
        Ok(None)
    }

    /// The one recording with all of these labels.
    ///
    /// # Errors
    /// [`Error::Unsupported`] where there is none or more than one, naming those there are.
    pub fn one(&self, entities: &Entities) -> Result<&BidsFile> {
        let found = self.find(entities);
        let names =
            |files: &[&BidsFile]| listed(&files.iter().map(|f| f.entities.to_string()).collect::<Vec<_>>());
        let what = match found.as_slice() {
            [one] => return Ok(one),
            [] => {
                let all: Vec<&BidsFile> = self.recordings.iter().collect();
                format!("no recording has {entities}; there are {}", names(&all))
            }
            several => {
                format!("{} recordings have {entities}: {}; name more labels", several.len(), names(several))
            }
        };
        Err(Error::Unsupported { file: self.name().into(), format: FORMAT, what })
    }

    /// For messages: the path of the root.
    #[must_use]
    pub fn name(&self) -> String {
        self.tree.name()
    }

    /// Labels of the subjects that have recordings, sorted.
    #[must_use]
    pub fn subjects(&self) -> Vec<&str> {
        let labels: BTreeSet<&str> = self.recordings.iter().map(BidsFile::subject).collect();
        labels.into_iter().collect()
    }

    /// The recordings with all of these labels.
    #[must_use]
    pub fn find(&self, entities: &Entities) -> Vec<&BidsFile> {
        self.recordings.iter().filter(|file| entities.are_in(&file.entities)).collect()
    }

    /// The files of a recording that are not here.
    #[must_use]
    pub fn missing(&self, file: &BidsFile) -> Vec<&Dangling> {
        let stem = file.path.rsplit_once('.').map_or(file.path.as_str(), |(stem, _)| stem);
        let is_data = |ending: &str| ENDINGS.contains(&ending) || COMPANIONS.contains(&ending);
        let of_file = |dangling: &&Dangling| dangling.path.strip_prefix(stem).is_some_and(is_data);
        self.dangling.iter().filter(of_file).collect()
    }

    pub(super) fn read(&self, path: &str) -> Result<Vec<u8>> {
        self.tree.read(path, MAX_BYTES.min(self.limits.max_alloc))
    }

    pub(super) fn note(&mut self, text: String) {
        self.notes.push(Note::warning(FORMAT, text));
    }

    fn describe(&mut self, files: &[String]) -> Result<()> {
        let name = "dataset_description.json";
        if let Some(dangling) = self.dangling.iter().find(|d| d.path == name) {
            self.notes.push(Note::warning(
                FORMAT,
                format!("{name} leads to {}: {}", dangling.target, dangling.advice),
            ));
            return Ok(());
        }
        if !files.iter().any(|file| file == name) {
            let what = format!("no {name} in it; name the root folder of a dataset");
            return Err(Error::Unsupported { file: self.name().into(), format: FORMAT, what });
        }
        match self.read(name).and_then(|bytes| object(name, &bytes)) {
            Ok(description) => self.description = description,
            Err(error) => self.note(format!("{error}; read without it")),
        }
        Ok(())
    }

    /// Puts each file where it belongs; names those that belong nowhere.
    fn sort(&mut self, files: &[String]) {
        let (mut unknown, mut disordered, mut misplaced) = (Vec::new(), Vec::new(), Vec::new());
        let mut other_types: BTreeMap<String, usize> = BTreeMap::new();
        for path in files {
            let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
            if folder.is_empty() && (ROOT.contains(&name) || name.starts_with('.')) {
                continue;
            }
            let data_type = folder.rsplit('/').next().unwrap_or_default();
            let in_subject =
                !data_type.is_empty() && !data_type.starts_with("sub-") && !data_type.starts_with("ses-");
            if in_subject && data_type != "eeg" {
                *other_types.entry(data_type.to_owned()).or_default() += 1;
                continue;
            }
            let Some((entities, suffix, ending)) = Entities::of_name(name) else {
                unknown.push(path.clone());
                continue;
            };
            if !entities.is_ordered() {
                disordered.push(path.clone());
            }
            if suffix == "eeg" && ENDINGS.contains(&ending) && data_type == "eeg" {
                if is_in_place(folder, &entities) {
                    self.recordings.push(BidsFile { path: path.clone(), entities });
                } else {
                    misplaced.push(path.clone());
                }
            } else if SIDECARS.contains(&(suffix, ending)) {
                let entry = (entities, format!("{suffix}{ending}"), name.to_owned());
                self.sidecars.entry(folder.to_owned()).or_default().push(entry);
            } else if suffix == "eeg" && COMPANIONS.contains(&ending) {
                self.companions.insert(path.clone());
            } else {
                unknown.push(path.clone());
            }
        }
        if !unknown.is_empty() {
            self.note(format!("file(s) that are no part of the standard, not read: {}", listed(&unknown)));
        }
        if !disordered.is_empty() {
            self.note(format!(
                "entities of the name(s) not in the standard's order: {}",
                listed(&disordered)
            ));
        }
        if !misplaced.is_empty() {
            let text =
                "recording(s) in the folder of another subject or session, or without a task; left out";
            self.note(format!("{text}: {}", listed(&misplaced)));
        }
        if !other_types.is_empty() {
            let types: Vec<String> =
                other_types.iter().map(|(name, n)| format!("{name} ({n} files)")).collect();
            let text = format!("other types of data are not read: {}", types.join(", "));
            self.notes.push(Note::info(FORMAT, text));
        }
    }

    fn note_folders(&mut self, folders: &[String], ignore: &Ignore) {
        let known = |name: &String| {
            FOLDERS.contains(&name.as_str()) || name.starts_with('.') || ignore.has(&format!("{name}/x"))
        };
        let unknown: Vec<String> = folders.iter().filter(|name| !known(name)).cloned().collect();
        if !unknown.is_empty() {
            self.note(format!(
                "folder(s) that are no part of the standard, not looked into: {}",
                listed(&unknown)
            ));
        }
    }

    fn note_dangling(&mut self) {
        let mut by_advice: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for dangling in &self.dangling {
            let text = format!("{} → {}", dangling.path, dangling.target);
            by_advice.entry(dangling.advice.clone()).or_default().push(text);
        }
        for (advice, links) in by_advice {
            self.note(format!("{} link(s) not followed, {advice}: {}", links.len(), listed(&links)));
        }
    }

    fn read_participants(&mut self, files: &[String]) {
        let name = "participants.tsv";
        if !files.iter().any(|file| file == name) {
            return;
        }
        let table = self.read(name).and_then(|bytes| {
            let table = Table::parse(name, &bytes)?;
            table.needs(&["participant_id"])?;
            Ok(table)
        });
        match table {
            Ok(table) => {
                self.compare_participants(&table);
                self.participants = Some(table);
            }
            Err(error) => self.note(format!("{error}; read without it")),
        }
    }

    /// Subjects without a row, rows without a subject.
    fn compare_participants(&mut self, table: &Table) {
        let ids: BTreeSet<&str> =
            (0..table.rows.len()).filter_map(|row| table.field(row, "participant_id")).collect();
        let plain = |id: &str| id.strip_prefix("sub-").unwrap_or(id).to_owned();
        let known: BTreeSet<String> = ids.iter().map(|id| plain(id)).collect();
        let subjects: BTreeSet<String> = self.subjects().into_iter().map(str::to_owned).collect();
        let without_row: Vec<String> =
            subjects.difference(&known).map(|label| format!("sub-{label}")).collect();
        let without_files: Vec<String> =
            ids.iter().filter(|id| !subjects.contains(&plain(id))).map(|id| (*id).to_owned()).collect();
        if !without_row.is_empty() {
            self.note(format!("subject(s) without a row in participants.tsv: {}", listed(&without_row)));
        }
        if !without_files.is_empty() {
            self.note(format!("row(s) of participants.tsv without a recording: {}", listed(&without_files)));
        }
    }
}

/// Whether a recording lies in the folder of its own subject and session, and has a task.
fn is_in_place(folder: &str, entities: &Entities) -> bool {
    let Some(subject) = entities.get("sub") else { return false };
    let expected = match entities.get("ses") {
        Some(session) => format!("sub-{subject}/ses-{session}/eeg"),
        None => format!("sub-{subject}/eeg"),
    };
    folder == expected && entities.get("task").is_some()
}

/// At most twenty names, each cut to what can be read.
pub(super) fn listed(names: &[String]) -> String {
    let shown: Vec<String> = names.iter().take(NAMED).map(|name| short(name)).collect();
    let shown = shown.join(", ");
    if names.len() > NAMED { format!("{shown} and {} more", names.len() - NAMED) } else { shown }
}

/// The beginning of a text.
pub(super) fn short(text: &str) -> String {
    const SHOWN: usize = 300;
    match text.char_indices().nth(SHOWN) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
    }
}

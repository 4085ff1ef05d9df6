//! Which recordings of a dataset make a session, when the dose was given in it, and what was given.

use crate::load::Input;
use crate::{Config, Error, Result, SessionInput, SessionSpec};
use dosewave_eeg::{Annotation, Note};
use dosewave_io::bids::{BidsFile, Dataset, Entities, Sidecars};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Columns that say what was given, in the order in which they are looked for.
const TREATMENT_COLUMNS: [&str; 4] = ["treatment", "drug", "arm", "condition"];
/// Words of an event that is a dose.
const DOSE_WORDS: [&str; 8] =
    ["dose", "dosing", "infusion", "injection", "administration", "bolus", "drug", "intake"];
/// Words of an event that is the end of one.
const END_WORDS: [&str; 5] = ["end", "stop", "off", "finish", "over"];
/// Names of entities by which a treatment can be told.
const ENTITY_NAMES: [(&str, &str); 4] =
    [("session", "ses"), ("task", "task"), ("acquisition", "acq"), ("run", "run")];

/// What of a dataset is analysed, and how its recordings belong together.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BidsDesign {
    /// Labels of subjects, with or without `sub-`; empty for all.
    pub participants: Vec<String>,
    /// Only recordings with these labels, such as `task-rest`.
    pub only: Entities,
    /// Labels of the recordings before the dose, such as `ses-pre` or `run-1`; empty where the dose is in the recording.
    pub before: Entities,
    /// Labels of the recordings after the dose.
    pub after: Entities,
    /// When the dose was given, for all recordings: as for [`crate::compare_dose_at`]. Empty takes the column `dose_at` of `scans.tsv`,
    /// `sessions.tsv` or `participants.tsv`, else `dosing.at` of the configuration, else the only event that is called a dose.
    pub dose_at: String,
    /// The column that says what was given, or `session`, `task`, `acquisition`, `run` for that label; empty takes the first of
    /// `treatment`, `drug`, `arm` and `condition` that there is.
    pub treatment: String,
}

/// A session of a dataset.
#[derive(Clone, Debug)]
pub struct BidsSession {
    /// As [`crate::run`] takes it; subject and session have their prefixes, `sub-01` and `ses-ket`.
    pub spec: SessionSpec,
    /// The labels that name its derivatives.
    pub entities: Entities,
}

/// The sessions of a dataset, in order of their names.
#[derive(Clone, Debug)]
pub struct BidsStudy {
    /// Sessions.
    pub sessions: Vec<BidsSession>,
    /// What was decided, and what is odd about the dataset.
    pub notes: Vec<Note>,
}

impl BidsStudy {
    /// Subjects, each once, in order.
    #[must_use]
    pub fn subjects(&self) -> Vec<String> {
        let mut all: Vec<String> = self.sessions.iter().map(|session| session.spec.subject.clone()).collect();
        all.dedup();
        all
    }
}

fn warning(text: String) -> Note {
    Note::warning("BIDS", text)
}

/// The sessions of a dataset.
///
/// Without [`BidsDesign::before`] and [`BidsDesign::after`] each recording is a session with the dose in it. With them, the
/// recordings that differ in these labels alone are a pair.
///
/// # Errors
/// [`Error::Design`] for a subject that is not there, for labels that no recording has, for pairs that are none.
pub fn bids_study(dataset: &Arc<Dataset>, design: &BidsDesign, config: &Config) -> Result<BidsStudy> {
    let mut study = BidsStudy { sessions: Vec::new(), notes: dataset.notes.clone() };
    let files = chosen(dataset, design)?;
    let is_pair = !design.before.is_empty() || !design.after.is_empty();
    let groups = if is_pair {
        pairs(&files, design, &mut study.notes)?
    } else {
        files.iter().map(|file| vec![*file]).collect()
    };
    // a label that all share says nothing
    let varying = varying(&groups, design);
    let mut guessed: BTreeMap<String, usize> = BTreeMap::new();
    for group in groups {
        let Some(first) = group.first().copied() else { continue };
        let described = described(dataset, &group, &mut study.notes);
        let entities =
            if is_pair { first.entities.without(&keys(&design.before)) } else { first.entities.clone() };
        let input = |file: &BidsFile| Input::Bids { dataset: dataset.clone(), file: file.clone() };
        let input = match group.as_slice() {
            [pre, post] => SessionInput::PrePost { pre: input(pre), post: input(post) },
            _ => {
                let dose_at = dose_at(dataset, first, &described, design, config, &mut guessed);
                SessionInput::DoseAt { input: input(first), dose_at }
            }
        };
        let spec = SessionSpec {
            subject: format!("sub-{}", first.subject()),
            session: session_name(&entities, &varying),
            treatment: treatment(first, &described, design),
            input,
        };
        study.sessions.push(BidsSession { spec, entities });
    }
    for (label, n) in guessed {
        let text = format!(
            "the dose is taken to be at the event '{label}' ({n} recordings); name another with --dose-at"
        );
        study.notes.push(Note::info("BIDS", text));
    }
    if study.sessions.iter().all(|session| session.spec.treatment.is_empty()) {
        let text = "no treatment is known: none of scans.tsv, sessions.tsv and participants.tsv has a column treatment, drug, arm or condition";
        study.notes.push(Note::info("BIDS", text));
    }
    Ok(study)
}

fn keys(entities: &Entities) -> Vec<&str> {
    entities.iter().map(|(key, _)| key).collect()
}

/// The recordings that are asked for.
fn chosen<'a>(dataset: &'a Dataset, design: &BidsDesign) -> Result<Vec<&'a BidsFile>> {
    let plain = |label: &String| label.strip_prefix("sub-").unwrap_or(label).to_owned();
    let wanted: Vec<String> = design.participants.iter().map(plain).collect();
    let known = dataset.subjects();
    if let Some(unknown) = wanted.iter().find(|label| !known.contains(&label.as_str())) {
        return Err(Error::Design(format!(
            "{}: no recording of participant '{unknown}'; there are {}",
            dataset.name(),
            known.join(", ")
        )));
    }
    let of_subject =
        |file: &&BidsFile| wanted.is_empty() || wanted.iter().any(|label| label == file.subject());
    let files: Vec<&BidsFile> = dataset.find(&design.only).into_iter().filter(of_subject).collect();
    if files.is_empty() {
        let which = if design.only.is_empty() { String::new() } else { format!(" with {}", design.only) };
        return Err(Error::Design(format!(
            "{}: no EEG recording{which}; looked for sub-*/[ses-*/]eeg/*_eeg.{{edf,bdf,vhdr,set}}",
            dataset.name()
        )));
    }
    Ok(files)
}

/// Recordings before and after, which differ in the design's labels alone.
fn pairs<'a>(
    files: &[&'a BidsFile],
    design: &BidsDesign,
    notes: &mut Vec<Note>,
) -> Result<Vec<Vec<&'a BidsFile>>> {
    let (before, after) = (&design.before, &design.after);
    if before.is_empty() || after.is_empty() || before == after {
        let text = "the recordings before and those after the dose both need labels, and different ones: --before ses-pre --after ses-post";
        return Err(Error::Design(text.into()));
    }
    let all_keys: Vec<&str> = keys(before).into_iter().chain(keys(after)).collect();
    let rest = |file: &BidsFile| file.entities.without(&all_keys).to_string();
    let mut found: BTreeMap<String, (Vec<&BidsFile>, Vec<&BidsFile>)> = BTreeMap::new();
    for file in files {
        let place = found.entry(rest(file)).or_default();
        match (before.are_in(&file.entities), after.are_in(&file.entities)) {
            (true, true) => {
                return Err(Error::Design(format!(
                    "{}: the labels before ({before}) and after ({after}) the dose both fit it; name more labels, such as run-1",
                    file.path
                )));
            }
            (true, false) => place.0.push(file),
            (false, true) => place.1.push(file),
            (false, false) => {}
        }
    }
    let mut pairs = Vec::new();
    let mut alone = Vec::new();
    for (name, (pre, post)) in found {
        match (pre.as_slice(), post.as_slice()) {
            ([pre], [post]) => pairs.push(vec![*pre, *post]),
            ([], []) => {}
            ([], _) | (_, []) => alone.push(name),
            _ => {
                return Err(Error::Design(format!(
                    "{name}: {} recordings before ({before}) and {} after ({after}) the dose; name more labels, such as run-1",
                    pre.len(),
                    post.len()
                )));
            }
        }
    }
    if pairs.is_empty() {
        return Err(Error::Design(format!("no subject has a recording with {before} and one with {after}")));
    }
    if !alone.is_empty() {
        notes.push(warning(format!("only before or only after the dose, left out: {}", alone.join(", "))));
    }
    Ok(pairs)
}

/// Keys, subject aside, whose labels are not the same in all sessions; those of before and after are told anyway.
fn varying(groups: &[Vec<&BidsFile>], design: &BidsDesign) -> Vec<String> {
    let firsts: Vec<&BidsFile> = groups.iter().filter_map(|group| group.first().copied()).collect();
    let told: Vec<&str> = keys(&design.before).into_iter().chain(keys(&design.after)).collect();
    let label = |file: &BidsFile, key: &str| file.entities.get(key).unwrap_or_default().to_owned();
    let is_varying = |key: &&str| {
        let one = firsts.first().map(|file| label(file, key)).unwrap_or_default();
        !told.contains(key) && firsts.iter().any(|file| label(file, key) != one)
    };
    let keys = ["task", "acq", "run", "recording", "split"];
    keys.iter().filter(|key| is_varying(key)).map(|key| (*key).to_owned()).collect()
}

/// `ses-ket`, with `task-…` and the like where sessions differ in them.
fn session_name(entities: &Entities, varying: &[String]) -> String {
    let told = |(key, _): &(&str, &str)| *key == "ses" || varying.iter().any(|known| known == key);
    let parts: Vec<String> =
        entities.iter().filter(told).map(|(key, label)| format!("{key}-{label}")).collect();
    parts.join("_")
}

/// What the tables say of a session; a recording whose sidecars cannot be read says why when it is analysed.
fn described(dataset: &Dataset, group: &[&BidsFile], notes: &mut Vec<Note>) -> Vec<Sidecars> {
    let mut all = Vec::new();
    for file in group {
        match dataset.sidecars(file) {
            Ok(sidecars) => all.push(sidecars),
            Err(error) => notes.push(warning(format!("{}: {error}", file.path))),
        }
    }
    all
}

fn column<'a>(described: &'a [Sidecars], name: &str) -> Option<&'a str> {
    described.iter().find_map(|sidecars| sidecars.column(name))
}

fn treatment(file: &BidsFile, described: &[Sidecars], design: &BidsDesign) -> String {
    let entity = ENTITY_NAMES.iter().find(|(name, _)| *name == design.treatment);
    let found = match (design.treatment.as_str(), entity) {
        ("", _) => TREATMENT_COLUMNS.iter().find_map(|name| column(described, name)),
        (_, Some((_, key))) => file.entities.get(key),
        (name, None) => column(described, name),
    };
    found.unwrap_or_default().to_owned()
}

fn dose_at(
    dataset: &Dataset,
    file: &BidsFile,
    described: &[Sidecars],
    design: &BidsDesign,
    config: &Config,
    guessed: &mut BTreeMap<String, usize>,
) -> String {
    if !design.dose_at.is_empty() {
        return design.dose_at.clone();
    }
    if let Some(said) = column(described, "dose_at") {
        return said.to_owned();
    }
    if !config.dosing.at.trim().is_empty() {
        return String::new();
    }
    // what cannot be opened says why when it is analysed
    let header = dataset.reader(file).map(|reader| reader.header().clone());
    let annotations = header.map(|header| header.annotations).unwrap_or_default();
    match annotations.iter().filter(|a| is_dose(a)).collect::<Vec<_>>().as_slice() {
        [dose] => {
            *guessed.entry(dose.label.clone()).or_default() += 1;
            format!("label {}", dose.label)
        }
        _ => String::new(),
    }
}

fn is_dose(annotation: &Annotation) -> bool {
    let lower = annotation.label.to_lowercase();
    let words: Vec<&str> = lower.split(|c: char| !c.is_alphabetic()).collect();
    let has = |known: &[&str]| words.iter().any(|word| known.contains(word));
    has(&DOSE_WORDS) && !has(&END_WORDS)
}

#[cfg(test)]
mod tests {
    use super::*;
    use dosewave_eeg::Seconds;
    use dosewave_io::{Limits, MemoryTree};

    fn dataset(files: &[(&str, &str)]) -> Arc<Dataset> {
        let tree = MemoryTree::default().with_file("dataset_description.json", "{}");
        let tree = files.iter().fold(tree, |tree, (path, text)| tree.with_file(path, *text));
        Arc::new(Dataset::of(tree, &Limits::default()).unwrap())
    }

    fn study(dataset: &Arc<Dataset>, design: &BidsDesign) -> BidsStudy {
        bids_study(dataset, design, &Config::default()).unwrap()
    }

    fn names(study: &BidsStudy) -> Vec<String> {
        let name = |s: &BidsSession| format!("{} {} {}", s.spec.subject, s.spec.session, s.spec.treatment);
        study.sessions.iter().map(name).collect()
    }

    const CROSSOVER: [(&str, &str); 5] = [
        ("sub-01/ses-a/eeg/sub-01_ses-a_task-rest_eeg.edf", ""),
        ("sub-01/ses-b/eeg/sub-01_ses-b_task-rest_eeg.edf", ""),
        (
            "sub-01/sub-01_sessions.tsv",
            "session_id\ttreatment\tdose_at\nses-a\tketamine\t5:00\nses-b\tplacebo\tn/a\n",
        ),
        ("sub-02/ses-a/eeg/sub-02_ses-a_task-rest_eeg.edf", ""),
        ("participants.tsv", "participant_id\tdrug\nsub-02\tplacebo\n"),
    ];

    #[test]
    fn treatments_and_dose_times_come_from_the_tables() {
        let found = study(&dataset(&CROSSOVER), &BidsDesign::default());
        assert_eq!(names(&found), ["sub-01 ses-a ketamine", "sub-01 ses-b placebo", "sub-02 ses-a placebo"]);
        let at = |i: usize| match &found.sessions[i].spec.input {
            SessionInput::DoseAt { dose_at, .. } => dose_at.clone(),
            SessionInput::PrePost { .. } => panic!("a pair"),
        };
        assert_eq!((at(0).as_str(), at(1).as_str()), ("5:00", ""));
        assert_eq!(found.subjects(), ["sub-01", "sub-02"]);
        let design = BidsDesign {
            treatment: "session".into(),
            participants: vec!["sub-01".into()],
            ..BidsDesign::default()
        };
        assert_eq!(names(&study(&dataset(&CROSSOVER), &design)), ["sub-01 ses-a a", "sub-01 ses-b b"]);
    }

    #[test]
    fn recordings_before_and_after_are_paired_by_what_else_they_share() {
        let files = [
            ("sub-01/ses-k/eeg/sub-01_ses-k_task-rest_acq-eo_run-1_eeg.edf", ""),
            ("sub-01/ses-k/eeg/sub-01_ses-k_task-rest_acq-eo_run-2_eeg.edf", ""),
            ("sub-01/ses-k/eeg/sub-01_ses-k_task-rest_acq-ec_run-1_eeg.edf", ""),
            ("sub-01/ses-k/eeg/sub-01_ses-k_task-rest_acq-ec_run-2_eeg.edf", ""),
            ("sub-02/ses-k/eeg/sub-02_ses-k_task-rest_acq-ec_run-2_eeg.edf", ""),
        ];
        let design = BidsDesign {
            before: "run-1".parse().unwrap(),
            after: "run-2".parse().unwrap(),
            ..BidsDesign::default()
        };
        let found = study(&dataset(&files), &design);
        assert_eq!(names(&found), ["sub-01 ses-k_acq-ec ", "sub-01 ses-k_acq-eo "]);
        assert_eq!(found.sessions[0].entities.to_string(), "sub-01_ses-k_task-rest_acq-ec");
        assert!(found.notes.iter().any(|n| n.text.contains("left out: sub-02_ses-k_task-rest_acq-ec")));
        let wrong = BidsDesign {
            before: "task-rest".parse().unwrap(),
            after: "run-2".parse().unwrap(),
            ..BidsDesign::default()
        };
        assert!(
            bids_study(&dataset(&files), &wrong, &Config::default())
                .unwrap_err()
                .to_string()
                .contains("name more labels")
        );
    }

    #[test]
    fn what_is_not_there_is_said_with_what_is() {
        let said = |design: BidsDesign| {
            bids_study(&dataset(&CROSSOVER), &design, &Config::default()).unwrap_err().to_string()
        };
        assert!(
            said(BidsDesign { participants: vec!["03".into()], ..BidsDesign::default() })
                .contains("there are 01, 02")
        );
        assert!(
            said(BidsDesign { only: "task-odd".parse().unwrap(), ..BidsDesign::default() })
                .contains("with task-odd")
        );
        assert!(
            said(BidsDesign { before: "ses-a".parse().unwrap(), ..BidsDesign::default() })
                .contains("--after")
        );
    }

    #[test]
    fn doses_are_told_from_their_ends() {
        for (label, expected) in [
            ("dose", true),
            ("ketamine_infusion", true),
            ("Drug administration", true),
            ("infusion_end", false),
            ("Stimulus/S  1", false),
            ("overdosed", false),
        ] {
            assert_eq!(is_dose(&Annotation::new(Seconds(0.0), Seconds(0.0), label)), expected, "{label}");
        }
    }
}

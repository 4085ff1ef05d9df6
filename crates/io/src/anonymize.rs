//! Taking out of a recording what could say whose it is.

use crate::{Error, Identifier, Result};
use dosewave_eeg::{Annotation, Channel, Header, Note, Recording, Timestamp};
use serde::Serialize;
use std::collections::{BTreeSet, HashMap};

/// What stands for a text that was removed.
const REMOVED: &str = "removed";
/// Words behind which a name is likely.
const TITLES: [&str; 14] = [
    "mr",
    "mrs",
    "ms",
    "miss",
    "dr",
    "prof",
    "herr",
    "frau",
    "patient",
    "pat",
    "technician",
    "nurse",
    "birth",
    "born",
];
/// Words that headers hold and that tell nothing of a person.
const HARMLESS: [&str; 20] = [
    "startdate",
    "eeg",
    "edf",
    "bdf",
    "the",
    "and",
    "unknown",
    "jan",
    "feb",
    "mar",
    "apr",
    "may",
    "jun",
    "jul",
    "aug",
    "sep",
    "oct",
    "nov",
    "dec",
    "xxx",
];

/// What [`anonymize`] did, to be shown to whoever shares the file. Values are not repeated here.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Removed {
    /// Fields of the file that name a person, a place, a device or a date: none of them is written.
    pub fields: Vec<String>,
    /// What became of the date.
    pub date: String,
    /// Times of the annotations whose text was removed, because it repeats a word of such a field or looks like a name, a number or
    /// a date; seconds from the start.
    pub annotations_at_s: Vec<f64>,
    /// New names of channels whose names were removed for the same reason.
    pub channels: Vec<String>,
    /// How many notes of the reader, signals of other rates, names of projections and reasons for bad channels, which may quote the file, were removed.
    pub n_notes: usize,
    /// Every text of an annotation that is kept. Whether one of them names a person only a person can tell.
    pub labels_kept: Vec<String>,
}

impl Removed {
    /// For people, one fact per line.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        let mut lines: Vec<String> = self.fields.iter().map(|field| format!("removed: {field}")).collect();
        lines.push(self.date.clone());
        if !self.annotations_at_s.is_empty() {
            let times: Vec<String> = self.annotations_at_s.iter().map(|t| format!("{t:.3} s")).collect();
            lines.push(format!(
                "removed: the text of {} annotation(s), at {}",
                times.len(),
                times.join(", ")
            ));
        }
        if !self.channels.is_empty() {
            lines.push(format!(
                "renamed: {} channel(s), now {}",
                self.channels.len(),
                self.channels.join(", ")
            ));
        }
        if self.n_notes > 0 {
            lines.push(format!("removed: {} note(s) that may quote the file", self.n_notes));
        }
        if !self.labels_kept.is_empty() {
            let kept: Vec<String> = self.labels_kept.iter().map(|label| format!("'{label}'")).collect();
            lines.push(format!("kept, please check that none names a person: {}", kept.join(", ")));
        }
        lines
    }
}

/// The recording without what could say whose it is.
///
/// A recording holds no name, birth date, number, technician or device of the file that it was read from, and no writer of this
/// crate writes one. What may still tell: the date becomes 1 January 1985, as EDF+ does it, and the time of day is kept; an
/// annotation loses its text, and a channel its name, where it repeats a word of the fields in `identity`, or holds an e-mail
/// address, six digits in a row, a date, or a title such as `Dr`. Notes are removed, since they may quote the file. Other labels are
/// kept, because they say when the dose was given, and are listed.
///
/// # Errors
/// [`Error::Eeg`], which no recording that was read should give.
///
/// ```
/// use dosewave_eeg::{Annotation, Hz, Recording, Seconds};
/// use dosewave_io::{Identifier, anonymize};
/// let at = |t: f64, label: &str| Annotation::new(Seconds(t), Seconds(0.0), label);
/// let recording = Recording::new(ndarray::Array2::zeros((1, 100)), Hz(100.0), &["Cz"]).unwrap();
/// let recording = recording.with_annotations(vec![at(0.1, "dose"), at(0.2, "Harry asleep")]);
/// let (recording, removed) = anonymize(recording, &[Identifier::new("patient", "X M X Haagse_Harry")])?;
/// let labels: Vec<&str> = recording.annotations().iter().map(|a| a.label.as_str()).collect();
/// assert_eq!(labels, ["dose", "removed"]);
/// assert_eq!((removed.fields, removed.labels_kept), (vec!["patient".to_owned()], vec!["dose".to_owned()]));
/// # Ok::<(), dosewave_io::Error>(())
/// ```
pub fn anonymize(recording: Recording, identity: &[Identifier]) -> Result<(Recording, Removed)> {
    let words = Words::of(identity);
    let (mut header, data_uv) = recording.into_parts();
    let mut removed = Removed::default();
    let told = identity.iter().filter(|identifier| tells(identifier));
    for identifier in told {
        if !removed.fields.contains(&identifier.field) {
            removed.fields.push(identifier.field.clone());
        }
    }
    removed.date = move_date(&mut header);
    let renamed = rename_channels(&mut header, &words, &mut removed);
    for annotation in &mut header.annotations {
        clean(annotation, &words, &renamed, &mut removed);
    }
    removed.n_notes = header.notes.len() + header.other_signals.len();
    header.notes.clear();
    header.other_signals.clear();
    for (i, projection) in header.details.projections.iter_mut().enumerate() {
        removed.n_notes += 1;
        projection.name = format!("projection {}", i + 1);
        rename_all(&mut projection.channels, &renamed);
    }
    if let Some(unmixing) = &mut header.details.unmixing {
        rename_all(&mut unmixing.channels, &renamed);
    }
    for bad in &mut header.details.bads {
        if let Some(new) = renamed.get(&bad.channel) {
            bad.channel.clone_from(new);
        }
        // a remark that somebody typed
        if !bad.reason.is_empty() {
            bad.reason = REMOVED.into();
            removed.n_notes += 1;
        }
    }
    header.notes.push(Note::info("anonymize", "names, dates and free text were removed by dosewave"));
    let recording = Recording::from_parts(header, data_uv)
        .map_err(|source| Error::Eeg { file: "recording".into(), source })?;
    Ok((recording, removed))
}

/// The first of January 1985 at the same time of day.
fn move_date(header: &mut Header) -> String {
    match &mut header.start {
        None => "no date was stated".into(),
        Some(start) => {
            let (year, month, day) = (1985, 1, 1);
            *start = Timestamp { year, month, day, ..*start };
            "the date became 1985-01-01; the time of day is kept".into()
        }
    }
}

/// Old and new names of the channels that lose theirs.
fn rename_channels(header: &mut Header, words: &Words, removed: &mut Removed) -> HashMap<String, String> {
    let mut renamed = HashMap::new();
    let mut channels: Vec<Channel> = header.channels.to_vec();
    for (channel, number) in channels.iter_mut().zip(1..) {
        if words.are_in(&channel.name) {
            let name = format!("Ch{number}");
            removed.channels.push(name.clone());
            renamed.insert(std::mem::replace(&mut channel.name, name.clone()), name);
        }
    }
    header.channels = channels.into();
    renamed
}

fn rename_all(names: &mut [String], renamed: &HashMap<String, String>) {
    for name in names {
        if let Some(new) = renamed.get(name) {
            name.clone_from(new);
        }
    }
}

fn clean(
    annotation: &mut Annotation,
    words: &Words,
    renamed: &HashMap<String, String>,
    removed: &mut Removed,
) {
    rename_all(&mut annotation.channels, renamed);
    if words.are_in(&annotation.label) || looks_personal(&annotation.label) {
        annotation.label = REMOVED.into();
        removed.annotations_at_s.push(annotation.onset.0);
    } else if !removed.labels_kept.contains(&annotation.label) {
        removed.labels_kept.push(annotation.label.clone());
    }
}

/// Whether the field says anything: `X` is unknown.
fn tells(identifier: &Identifier) -> bool {
    let silent = |word: &str| word.eq_ignore_ascii_case("x") || word.eq_ignore_ascii_case("startdate");
    let value = identifier.value.trim();
    value.is_empty() || !value.split_whitespace().all(silent)
}

/// Words that tell of a person, in lower case.
pub(crate) struct Words {
    single: BTreeSet<String>,
    /// Texts that are looked for as they are, such as the name of a file.
    whole: Vec<String>,
}

impl Words {
    pub(crate) fn of(identity: &[Identifier]) -> Self {
        let mut found = Self { single: BTreeSet::new(), whole: Vec::new() };
        for identifier in identity {
            if identifier.field.starts_with("file name") {
                found.whole.push(identifier.value.to_lowercase());
            } else {
                found.single.extend(words(&identifier.value));
            }
        }
        found.single.retain(|word| word.chars().count() > 2 && !HARMLESS.contains(&word.as_str()));
        found.whole.retain(|text| text.chars().count() > 3);
        found
    }

    pub(crate) fn are_in(&self, text: &str) -> bool {
        let lower = text.to_lowercase();
        words(text).any(|word| self.single.contains(&word)) || self.whole.iter().any(|t| lower.contains(t))
    }
}

fn words(text: &str) -> impl Iterator<Item = String> {
    let parts = text.split(|c: char| !c.is_alphanumeric()).filter(|part| !part.is_empty());
    parts.map(str::to_lowercase).collect::<Vec<_>>().into_iter()
}

/// An address, a long number, a date, or a title.
pub(crate) fn looks_personal(text: &str) -> bool {
    let long_number = text.split(|c: char| !c.is_ascii_digit()).any(|digits| digits.len() >= 6);
    let is_date = |word: &str| {
        let parts: Vec<&str> = word.split(['.', '-', '/']).collect();
        let number = |part: &str| (1..=4).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
        let month = |part: &str| number(part) || HARMLESS.contains(&part.to_lowercase().as_str());
        matches!(parts.as_slice(), [a, b, c] if number(a) && month(b) && number(c))
    };
    text.contains('@')
        || long_number
        || text.split([' ', ',', ';', '(', ')']).any(is_date)
        || words(text).any(|word| TITLES.contains(&word.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_that_look_personal_are_told_from_events() {
        for personal in
            ["call 0301234567", "b. 02-MAY-1951", "2.5.1951", "a@b.de", "Dr. House came", "patient moved"]
        {
            assert!(looks_personal(personal), "{personal}");
        }
        for event in
            ["Stimulus/S  1", "dose 0.5 mg/kg", "Status/65535", "infusion-start", "eyes closed 12:30", "1/2"]
        {
            assert!(!looks_personal(event), "{event}");
        }
    }

    #[test]
    fn words_of_the_fields_are_found_in_any_case_and_place() {
        let words = Words::of(&[
            Identifier::new("patient", "MCH-0234567 F 02-MAY-1951 Haagse_Harry"),
            Identifier::new("file name in the header", "Meyer_pre"),
        ]);
        for text in ["HARRY asleep", "id 0234567", "mch", "from meyer_pre.eeg", "1951"] {
            assert!(words.are_in(text), "{text}");
        }
        for text in ["F", "may", "pre", "dose", "02"] {
            assert!(!words.are_in(text), "{text}");
        }
    }

    #[test]
    fn unknown_fields_tell_nothing() {
        for (value, expected) in
            [("X X X X", false), ("Startdate X X X X", false), ("", true), ("X M X X", true)]
        {
            assert_eq!(tells(&Identifier::new("patient", value)), expected, "{value}");
        }
    }
}

//! The XML files of a folder.

use super::mff::FORMAT;
use super::time::{self, Zoned};
use crate::xml::{self, Element, Place};
use crate::{Error, Limits, Result, Source};
use dosewave_eeg::{Annotation, Note, Seconds};
use std::io::Read;

/// Largest XML file.
const MAX_TEXT: u64 = 64 << 20;

/// An XML file of the folder, where it is there.
pub(crate) fn read(source: &dyn Source, name: &str) -> Result<Option<Element>> {
    if !source.siblings().iter().any(|sibling| sibling == name) {
        return Ok(None);
    }
    parse(name, source.open_sibling(name)?).map(Some)
}

pub(crate) fn parse(name: &str, input: impl Read) -> Result<Element> {
    let mut bytes = Vec::new();
    input
        .take(MAX_TEXT + 1)
        .read_to_end(&mut bytes)
        .map_err(|source| Error::Io { file: name.into(), source })?;
    if bytes.len() as u64 > MAX_TEXT {
        let what = "the size of an XML file (bytes)".into();
        return Err(Error::Limit { file: name.into(), what, asked: bytes.len() as u64, allowed: MAX_TEXT });
    }
    xml::parse(Place { file: name, format: FORMAT, offset: 0 }, &bytes)
}

/// An epoch: a stretch that was recorded without a pause.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Epoch {
    /// From the start of the recording, in the file's own unit.
    pub(crate) begin: f64,
    pub(crate) end: f64,
    /// Its first and last block, counted from 1.
    pub(crate) first: usize,
    pub(crate) last: usize,
}

pub(crate) fn epochs(root: &Element) -> Vec<Epoch> {
    let epoch = |e: &Element| {
        Some(Epoch {
            begin: e.number_at::<f64>(&["beginTime"]).filter(|t| t.is_finite())?,
            end: e.number_at::<f64>(&["endTime"]).filter(|t| t.is_finite())?,
            first: e.number_at(&["firstBlock"])?,
            last: e.number_at(&["lastBlock"])?,
        })
    };
    root.all("epoch").filter_map(epoch).collect()
}

/// Events of all tracks; times without a word about them are in units of `per_s` to the second.
pub(crate) fn events(
    source: &dyn Source,
    start: Option<&Zoned>,
    per_s: f64,
    limits: &Limits,
    notes: &mut Vec<Note>,
) -> Result<Vec<Annotation>> {
    let (mut all, mut bad) = (Vec::new(), 0);
    for name in source.siblings() {
        if !(name.starts_with("Events") && name.ends_with(".xml")) {
            continue;
        }
        let Some(track) = read(source, &name)? else { continue };
        for event in track.all("event") {
            match one_event(event, start, per_s) {
                Some(event) => all.push(event),
                None => bad += 1,
            }
        }
        limits.check_annotations(source.name(), all.len())?;
    }
    if bad > 0 {
        notes.push(Note::warning(FORMAT, format!("{bad} event(s) without a time are left out")));
    }
    Ok(all)
}

/// `code`, or `code/label` where they differ.
fn one_event(event: &Element, start: Option<&Zoned>, per_s: f64) -> Option<Annotation> {
    let relative = || event.number_at::<f64>(&["relativeBeginTime"]).map(|time| time / per_s);
    let absolute = || Some(time::parse(event.text_at(&["beginTime"])?)?.since(start?));
    let onset = relative().or_else(absolute).filter(|onset| onset.is_finite())?;
    let duration = event.number_at::<f64>(&["duration"]).map_or(0.0, |duration| duration / per_s);
    let duration = if duration.is_finite() { duration.max(0.0) } else { 0.0 };
    let code = event.text_at(&["code"]).unwrap_or_default();
    let label = match event.text_at(&["label"]) {
        Some(label) if code.is_empty() => label.to_owned(),
        Some(label) if label != code => format!("{code}/{label}"),
        _ => code.to_owned(),
    };
    Some(Annotation::new(Seconds(onset), Seconds(duration), label))
}

/// Segments as annotations with the names of their categories; those marked as bad once more as `BAD segment`.
pub(crate) fn categories(root: &Element, per_s: f64) -> Vec<Annotation> {
    let mut all = Vec::new();
    for category in root.all("cat") {
        let name = category.text_at(&["name"]).unwrap_or("segment");
        for segment in category.all("segments").flat_map(|segments| segments.all("seg")) {
            let time =
                |key: &str| segment.number_at::<f64>(&[key]).map(|t| t / per_s).filter(|t| t.is_finite());
            let Some((begin, end)) = time("beginTime").zip(time("endTime")) else { continue };
            let duration = Seconds((end - begin).max(0.0));
            all.push(Annotation::new(Seconds(begin), duration, name));
            if segment.attribute("status") == Some("bad") {
                all.push(Annotation::new(Seconds(begin), duration, "BAD segment"));
            }
        }
    }
    all
}

/// What was done to the recording before, a line for each step.
pub(crate) fn history(root: &Element) -> Vec<String> {
    let step = |entry: &Element| {
        let tool = entry.child("tool")?;
        let parts = ["method", "name"].iter().filter_map(|key| tool.text_at(&[key]));
        let settings = tool.all("settings").flat_map(|s| s.all("setting")).map(|s| s.text.as_str());
        let text = parts.chain(settings).filter(|part| !part.is_empty()).collect::<Vec<_>>().join("; ");
        (!text.is_empty()).then_some(text)
    };
    root.all("entry").filter_map(step).collect()
}

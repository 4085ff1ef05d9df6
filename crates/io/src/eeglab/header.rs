//! The header of a set: channels, runs, annotations, components, notes.

use super::chanlocs;
use super::events::{self, Event};
use super::mat5_tag::FORMAT;
use super::runs::{self, Shape};
use super::set::{Data, Fields, Set};
use super::value::Value;
use crate::{Limits, Result};
use dosewave_eeg::{Annotation, Details, Header, Hz, Note, Run, Seconds};

/// Epochs of the samples that there are.
pub(super) fn shape(fields: &Fields<'_>, set: &Set, n_times: u64, notes: &mut Vec<Note>) -> Result<Shape> {
    let pnts = set.pnts.unwrap_or(n_times);
    if set.trials == 1 {
        if pnts != n_times && matches!(set.data, Data::Located(_)) {
            let text = format!("EEG.pnts is {pnts}, EEG.data holds {n_times} samples, which are read");
            notes.push(Note::warning(FORMAT, text));
        }
        return Ok(Shape { sfreq: set.sfreq, n_times, pnts: n_times, trials: 1 });
    }
    let trials = n_times / pnts;
    if trials == 0 || (matches!(set.data, Data::Located(_)) && n_times != pnts.saturating_mul(set.trials)) {
        let found = format!("{pnts} samples in each of {} epochs", set.trials);
        return Err(fields.wrong("pnts", found, &format!("{n_times} samples, as EEG.data holds")));
    }
    // what is left of an epoch that was cut off is none
    Ok(Shape {
        sfreq: set.sfreq,
        n_times: trials.min(set.trials) * pnts,
        pnts,
        trials: trials.min(set.trials),
    })
}

/// The header of a set with samples of this shape.
pub(super) fn describe(
    fields: &Fields<'_>,
    set: &Set,
    shape: Shape,
    (mut notes, limits): (Vec<Note>, &Limits),
) -> Result<Header> {
    let nose = fields.get("chaninfo").and_then(|info| match info {
        Value::Struct(info) => info.get(0, "nosedir").and_then(Value::text),
        _ => None,
    });
    let (channels, odd) = chanlocs::channels(fields.get("chanlocs"), nose, set.n_channels as usize);
    notes.extend(odd);
    let events = events(fields, limits, &mut notes)?;
    let runs = runs(set, shape, &events, &mut notes);
    let unmixing = fields.unmixing(&channels).unwrap_or_else(|note| {
        notes.push(note);
        None
    });
    if let Some(reference) = fields.get("ref").and_then(Value::text) {
        notes.push(Note::info(FORMAT, format!("the reference is recorded as '{reference}'")));
    }
    let annotations = annotations(&runs, shape, &events);
    Ok(Header {
        format: FORMAT.into(),
        channels: channels.into(),
        sfreq: Hz(set.sfreq),
        runs,
        start: None,
        annotations,
        other_signals: Vec::new(),
        details: Details { unmixing, ..Details::default() },
        notes,
    })
}

fn events(fields: &Fields<'_>, limits: &Limits, notes: &mut Vec<Note>) -> Result<Vec<Event>> {
    let (events, lost) = events::parse(fields.get("event"), fields.get("urevent"));
    limits.check_annotations(fields.file(), events.len())?;
    if lost > 0 {
        notes.push(Note::warning(FORMAT, format!("{lost} event(s) have no latency and are left out")));
    }
    if matches!(fields.get("event"), Some(Value::Numbers(numbers)) if !numbers.values.is_empty()) {
        notes.push(Note::warning(FORMAT, "EEG.event is a matrix, as of early versions, and is not read"));
    }
    Ok(events)
}

fn runs(set: &Set, shape: Shape, events: &[Event], notes: &mut Vec<Note>) -> Vec<Run> {
    if shape.trials == 1 {
        let (runs, odd) = runs::continuous(shape, events);
        notes.extend(odd);
        return runs;
    }
    let (runs, note) = runs::epoched(shape, events);
    notes.push(note);
    if set.xmin != 0.0 {
        let text = format!("the event of each epoch stands {} s after the epoch's start", -set.xmin);
        notes.push(Note::info(FORMAT, text));
    }
    runs
}

fn annotations(runs: &[Run], shape: Shape, events: &[Event]) -> Vec<Annotation> {
    let annotation = |event: &Event| {
        if event.is_boundary() && event.sample < 0.0 {
            // what was cut off before the first sample has no time here
            return Annotation::new(Seconds(0.0), Seconds(0.0), event.label.clone());
        }
        let onset = runs::time_of(runs, shape.sfreq, event.sample);
        let duration = Seconds(event.duration.unwrap_or(0.0) / shape.sfreq);
        Annotation::new(onset, duration, event.label.clone())
    };
    let mut annotations: Vec<Annotation> = events.iter().map(annotation).collect();
    annotations.sort_by(|a, b| a.onset.0.total_cmp(&b.onset.0));
    annotations
}

//! Events.

use super::value::{Struct, Value};

/// What EEGLAB calls a joint where samples were lost; with numeric types it is −99.
const BOUNDARY: [&str; 2] = ["boundary", "-99"];

/// One event.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Event {
    pub(crate) label: String,
    /// Sample of the data, counted from 0, with a fraction.
    pub(crate) sample: f64,
    /// Length in samples; of a boundary, the samples that were lost. `None` where it is not known.
    pub(crate) duration: Option<f64>,
    /// Its place in the original recording, sample counted from 0.
    pub(crate) original: Option<f64>,
    /// Epoch, counted from 0, where the event names one.
    pub(crate) epoch: Option<u64>,
}

impl Event {
    pub(crate) fn is_boundary(&self) -> bool {
        BOUNDARY.iter().any(|name| self.label.eq_ignore_ascii_case(name))
    }

    /// The first whole sample behind it.
    pub(crate) fn next_sample(&self) -> f64 {
        (self.sample - 1e-6).ceil()
    }
}

/// Events in order of their samples, and how many have no latency.
pub(crate) fn parse(events: Option<&Value>, urevents: Option<&Value>) -> (Vec<Event>, usize) {
    let none = Struct::default();
    let (all, original) = (structure_or(events, &none), structure_or(urevents, &none));
    let mut found: Vec<Event> = (0..all.elements.len()).filter_map(|i| event(all, original, i)).collect();
    let lost = all.elements.len() - found.len();
    found.sort_by(|a, b| a.sample.total_cmp(&b.sample));
    (found, lost)
}

fn structure_or<'a>(value: Option<&'a Value>, none: &'a Struct) -> &'a Struct {
    match value {
        Some(Value::Struct(all)) => all,
        _ => none,
    }
}

fn event(all: &Struct, original: &Struct, i: usize) -> Option<Event> {
    let number = |field: &str| all.get(i, field).and_then(Value::number).filter(|v| v.is_finite());
    // MATLAB counts from 1
    let sample = number("latency")? - 1.0;
    let index = |value: f64| (value >= 1.0 && value <= u32::MAX.into()).then(|| value as usize - 1);
    let of_original = number("urevent")
        .and_then(index)
        .and_then(|i| original.get(i, "latency"))
        .and_then(Value::number)
        .filter(|latency| latency.is_finite());
    Some(Event {
        label: all.get(i, "type").and_then(Value::label).unwrap_or_else(|| "event".into()),
        sample,
        duration: number("duration").filter(|samples| *samples >= 0.0),
        original: of_original.map(|latency| latency - 1.0),
        epoch: number("epoch").and_then(index).map(|epoch| epoch as u64),
    })
}

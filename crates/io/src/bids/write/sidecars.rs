//! The sidecars of one recording.

use super::recording::{channels, electrodes, events};
use super::{Output, Target, refused};
use crate::Result;
use dosewave_eeg::{ChannelKind, Recording};
use serde_json::{Map, Value, json};

/// Writes them.
pub(super) fn write(recording: &Recording, stem: &str, target: &Target, out: &mut Output<'_>) -> Result<()> {
    let header = recording.header();
    out.put_json(&format!("{stem}_eeg.json"), eeg(recording, target))?;
    out.put(&format!("{stem}_channels.tsv"), &channels(header).to_text())?;
    if !header.annotations.is_empty() {
        out.put(&format!("{stem}_events.tsv"), &events(header).to_text())?;
        out.put_json(&format!("{stem}_events.json"), events_json())?;
    }
    let Some((place, text)) = places(recording, stem, target) else { return Ok(()) };
    out.put(&format!("{place}_electrodes.tsv"), &text)?;
    out.put_json(&format!("{place}_coordsystem.json"), coordsystem(system(target)))
}

/// Systems whose axes are ours: x right, y front, z up.
const SYSTEMS: [&str; 3] = ["Other", "CapTrak", "ElektaNeuromag"];

fn system(target: &Target) -> &str {
    if target.coordinate_system.is_empty() { "Other" } else { &target.coordinate_system }
}

/// Path and name of the electrodes' files without suffix, and their table. Electrodes are those of a session: a recording of it has no
/// others, unless it is another acquisition.
fn places(recording: &Recording, stem: &str, target: &Target) -> Option<(String, String)> {
    let table = electrodes(recording.header())?;
    let (folder, name) = stem.rsplit_once('/').unwrap_or(("", stem));
    let entities = name.parse::<super::Entities>().unwrap_or_default().without(&["task", "run"]);
    let place = match system(target) {
        "Other" => format!("{folder}/{entities}"),
        space => format!("{folder}/{entities}_space-{space}"),
    };
    Some((place, table.to_text()))
}

/// Refuses, before anything is written, places of electrodes that contradict those of the session.
pub(super) fn check(recording: &Recording, stem: &str, target: &Target, out: &Output<'_>) -> Result<()> {
    if !SYSTEMS.contains(&system(target)) {
        let what = format!(
            "places in the coordinate system '{}'; x points to the right and y to the front here, as in {}",
            target.coordinate_system,
            SYSTEMS.join(", ")
        );
        return Err(refused(out.root, what));
    }
    let Some((place, text)) = places(recording, stem, target) else { return Ok(()) };
    let tsv = format!("{place}_electrodes.tsv");
    if !target.overwrite && out.old(&tsv)?.is_some_and(|old| old != text.as_bytes()) {
        let what = "the session has other places of electrodes already; give the recording an acquisition of its own, or overwrite";
        return Err(refused(&out.place(&tsv), what.into()));
    }
    Ok(())
}

fn count(recording: &Recording, kind: ChannelKind) -> usize {
    recording.channels().iter().filter(|channel| channel.kind == kind).count()
}

/// `*_eeg.json`: every key that the standard requires, and those that the recording knows.
fn eeg(recording: &Recording, target: &Target) -> Map<String, Value> {
    let header = recording.header();
    let mut object = Map::new();
    let mut put = |key: &str, value: Value| object.insert(key.to_owned(), value);
    put("TaskName", json!(target.task));
    put("EEGReference", json!(if target.reference.is_empty() { "n/a" } else { &target.reference }));
    put("SamplingFrequency", json!(header.sfreq.0));
    put("PowerLineFrequency", target.line_hz.map_or(json!("n/a"), |hz| json!(hz)));
    // edges are told channel by channel
    put("SoftwareFilters", json!("n/a"));
    put("RecordingDuration", json!(header.recorded().0));
    put("RecordingType", json!(if header.runs.len() > 1 { "discontinuous" } else { "continuous" }));
    for (key, kind) in [
        ("EEGChannelCount", ChannelKind::Eeg),
        ("EOGChannelCount", ChannelKind::Eog),
        ("ECGChannelCount", ChannelKind::Ecg),
        ("EMGChannelCount", ChannelKind::Emg),
        ("MiscChannelCount", ChannelKind::Misc),
        ("TriggerChannelCount", ChannelKind::Trig),
    ] {
        put(key, json!(count(recording, kind)));
    }
    object.extend(target.eeg.clone());
    object
}

fn events_json() -> Map<String, Value> {
    let value = json!({
        "onset": {
            "Description": "Time from the first sample, pauses of the recording included",
            "Units": "s",
        },
        "duration": { "Description": "Length of the event; 0 for an instant", "Units": "s" },
        "trial_type": { "Description": "What the recording calls the event" },
        "sample": { "Description": "Recorded sample at which the event stands, from 0, pauses not counted" },
    });
    value.as_object().cloned().unwrap_or_default()
}

fn coordsystem(system: &str) -> Map<String, Value> {
    let description =
        "x to the right, y to the front, z up; the origin is that of the recording's own system";
    let value = json!({
        "EEGCoordinateSystem": system,
        "EEGCoordinateUnits": "m",
        "EEGCoordinateSystemDescription": description,
    });
    value.as_object().cloned().unwrap_or_default()
}

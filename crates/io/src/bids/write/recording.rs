//! Tables of one recording.

use crate::bids::Table;
use dosewave_eeg::{Channel, ChannelKind, Header, montage};

/// Micrometres: places closer than this to the built-in ones are built-in.
const SAME_M: f64 = 1e-6;

fn table(columns: &[&str], rows: Vec<Vec<String>>) -> Table {
    Table { file: String::new(), columns: columns.iter().map(|name| (*name).to_owned()).collect(), rows }
}

fn number(value: Option<f64>) -> String {
    value.map_or_else(|| "n/a".into(), |value| value.to_string())
}

/// `channels.tsv`.
pub(super) fn channels(header: &Header) -> Table {
    let row = |channel: &Channel| {
        let bad = header.details.bads.iter().find(|bad| bad.channel == channel.name);
        let unit =
            channel.recorded_unit.as_deref().filter(|_| !channel.is_voltage()).unwrap_or(&channel.unit);
        vec![
            channel.name.clone(),
            kind(channel.kind).to_owned(),
            if unit.is_empty() || unit == "1" { "n/a".into() } else { unit.to_owned() },
            number(channel.high_pass.map(|hz| hz.0)),
            number(channel.low_pass.map(|hz| hz.0)),
            number(Some(header.sfreq.0)),
            if bad.is_some() { "bad" } else { "good" }.to_owned(),
            bad.map_or_else(String::new, |bad| bad.reason.clone()),
        ]
    };
    let columns = [
        "name",
        "type",
        "units",
        "low_cutoff",
        "high_cutoff",
        "sampling_frequency",
        "status",
        "status_description",
    ];
    table(&columns, header.channels.iter().map(row).collect())
}

/// The standard's word.
fn kind(kind: ChannelKind) -> &'static str {
    match kind {
        ChannelKind::Eeg => "EEG",
        ChannelKind::Eog => "EOG",
        ChannelKind::Ecg => "ECG",
        ChannelKind::Emg => "EMG",
        ChannelKind::Trig => "TRIG",
        ChannelKind::Misc => "MISC",
    }
}

/// `events.tsv`: true times, and the sample where the event stands in a run.
pub(super) fn events(header: &Header) -> Table {
    let sample = |onset: f64| {
        let run = header.runs.iter().find(|run| {
            let offset = (onset - run.onset.0) * header.sfreq.0;
            (-0.5..run.len() as f64 - 0.5).contains(&offset)
        })?;
        let offset = ((onset - run.onset.0) * header.sfreq.0).round().max(0.0);
        Some(run.samples.start as f64 + offset)
    };
    let rows = header.annotations.iter().map(|annotation| {
        vec![
            annotation.onset.0.to_string(),
            annotation.duration.0.to_string(),
            annotation.label.clone(),
            number(sample(annotation.onset.0)),
        ]
    });
    table(&["onset", "duration", "trial_type", "sample"], rows.collect())
}

/// `electrodes.tsv`, where a place is known that does not follow from the channel's name.
pub(super) fn electrodes(header: &Header) -> Option<Table> {
    let eeg = || header.channels.iter().filter(|channel| channel.kind == ChannelKind::Eeg);
    let is_measured = |channel: &Channel| match (channel.position, montage::position(channel.label())) {
        (None, _) => false,
        (Some(_), None) => true,
        (Some(a), Some(b)) => a.iter().zip(b).any(|(a, b)| (a - b).abs() > SAME_M),
    };
    if !eeg().any(is_measured) {
        return None;
    }
    let row = |channel: &Channel| {
        let place = [0, 1, 2].map(|axis| channel.position.and_then(|p| p.get(axis).copied()));
        let impedance = number(channel.impedance_kohm);
        let mut row = vec![channel.name.clone()];
        row.extend(place.map(number));
        row.push(impedance);
        row
    };
    Some(table(&["name", "x", "y", "z", "impedance"], eeg().map(row).collect()))
}

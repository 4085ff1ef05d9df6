//! `*_eeg.json` and the time of `scans.tsv`: what is said of the whole recording, held against the file.

use crate::bids::layout::short;
use crate::bids::{FORMAT, Sidecars};
use dosewave_eeg::{ChannelKind, Header, Note, Timestamp};
use serde_json::Value;

/// Keys that whoever reads results wants to know.
const TOLD: [&str; 5] =
    ["EEGReference", "EEGGround", "PowerLineFrequency", "SoftwareFilters", "HardwareFilters"];
/// Columns of the study's design.
const DESIGN: [&str; 10] =
    ["treatment", "drug", "dose", "dose_at", "route", "arm", "period", "sequence", "condition", "group"];

pub(super) fn apply(file: &str, sidecars: &Sidecars, header: &mut Header, notes: &mut Vec<Note>) {
    let number = |key: &str| sidecars.eeg.get(key).and_then(Value::as_f64).filter(|value| value.is_finite());
    let mut warn = |text: String| notes.push(Note::warning(FORMAT, format!("{file}: {text}")));
    if let Some(said) = number("SamplingFrequency").filter(|f| (f / header.sfreq.0 - 1.0).abs() > 1e-6) {
        warn(format!(
            "the sidecar says SamplingFrequency {said} Hz, the file has {}, which is kept",
            header.sfreq
        ));
    }
    // a program that leaves out the last sample is right by a sample
    let length = |said: f64| (said - header.recorded().0).abs().min((said - header.end().0).abs());
    if let Some(said) = number("RecordingDuration").filter(|said| length(*said) > 1.0) {
        warn(format!("the sidecar says RecordingDuration {said} s, the file holds {}", header.recorded()));
    }
    let n_eeg = header.channels.iter().filter(|c| c.kind == ChannelKind::Eeg).count();
    if let Some(said) = number("EEGChannelCount").filter(|said| *said != n_eeg as f64) {
        warn(format!("the sidecar says EEGChannelCount {said}, there are {n_eeg}"));
    }
    let told: Vec<String> =
        TOLD.iter().filter_map(|key| Some(format!("{key} {}", plain(sidecars.eeg.get(*key)?)?))).collect();
    if !told.is_empty() {
        notes.push(Note::info(FORMAT, format!("{file}: the dataset says {}", told.join(", "))));
    }
    let design: Vec<String> =
        DESIGN.iter().filter_map(|name| Some(format!("{name} {}", short(sidecars.column(name)?)))).collect();
    if !design.is_empty() {
        notes.push(Note::info(FORMAT, format!("{file}: the dataset says {}", design.join(", "))));
    }
    start(file, sidecars, header, notes);
}

/// The text of a value; `None` for `n/a`.
fn plain(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if text.is_empty() || text.eq_ignore_ascii_case("n/a") => None,
        Value::String(text) => Some(format!("'{}'", short(text))),
        other => Some(other.to_string().chars().take(200).collect()),
    }
}

/// The time of `scans.tsv` where the file has none; a difference is said.
fn start(file: &str, sidecars: &Sidecars, header: &mut Header, notes: &mut Vec<Note>) {
    let Some((_, text)) = sidecars.scan.iter().find(|(column, _)| column == "acq_time") else { return };
    match (timestamp(text), header.start) {
        (None, _) => {
            let text =
                format!("{file}: acq_time '{}' is not a time as YYYY-MM-DDThh:mm:ss; not used", short(text));
            notes.push(Note::warning(FORMAT, text));
        }
        (Some(said), None) => header.start = Some(said),
        (Some(said), Some(start)) => {
            let day = |t: Timestamp| (t.year, t.month, t.day);
            let apart = (said.seconds_of_day().0 - start.seconds_of_day().0).abs() >= 1.0;
            if day(said) != day(start) || apart {
                let text = format!("{file}: acq_time is {said}, the file says {start}, which is kept");
                notes.push(Note::info(FORMAT, text));
            }
        }
    }
}

/// `2019-11-18T13:01:11.170389Z`; a zone is not kept, since recordings have none.
pub(super) fn timestamp(text: &str) -> Option<Timestamp> {
    let (date, time) = text.trim().trim_end_matches('Z').split_once(['T', ' '])?;
    let mut date = date.splitn(3, '-');
    let mut whole = || date.next().filter(|d| d.bytes().all(|b| b.is_ascii_digit()))?.parse::<u16>().ok();
    let (year, month, day) = (whole()?, whole()?, whole()?);
    let mut time = time.splitn(3, ':');
    let (hour, minute, seconds) = (time.next()?, time.next()?, time.next().unwrap_or("0"));
    let (second, fraction) = seconds.split_once('.').unwrap_or((seconds, ""));
    let digits: String = fraction.chars().chain("000000000".chars()).take(9).collect();
    let start = Timestamp {
        year,
        month: u8::try_from(month).ok().filter(|m| (1..=12).contains(m))?,
        day: u8::try_from(day).ok().filter(|d| (1..=31).contains(d))?,
        hour: hour.parse().ok().filter(|h| *h < 24)?,
        minute: minute.parse().ok().filter(|m| *m < 60)?,
        second: second.parse().ok().filter(|s| *s < 60)?,
        nanosecond: digits.parse().ok()?,
    };
    Some(start)
}

#[cfg(test)]
mod tests {
    use super::*;
    use dosewave_eeg::{Hz, Recording};

    #[test]
    fn times_are_read_and_others_refused() {
        let time = timestamp("2019-11-18T13:01:11.170389Z").unwrap();
        assert_eq!(time.to_string(), "2019-11-18T13:01:11.170389");
        assert_eq!(timestamp("1925-01-01 00:00:00").unwrap().to_string(), "1925-01-01T00:00:00");
        for bad in [
            "",
            "n/a",
            "2019-11-18",
            "2019-13-18T00:00:00",
            "2019-11-18T24:00:00",
            "T",
            "2019-11-18T1:2:3.x",
            "é-1-1T",
        ] {
            assert_eq!(timestamp(bad), None, "{bad}");
        }
    }

    #[test]
    fn what_the_file_does_not_hold_is_said() {
        let data = ndarray::Array2::zeros((2, 1000));
        let mut header = Recording::new(data, Hz(100.0), &["Cz", "EOG"]).unwrap().header().clone();
        let eeg = serde_json::json!({
            "SamplingFrequency": 250, "RecordingDuration": 20.0, "EEGChannelCount": 2, "EEGReference": "Cz", "SoftwareFilters": "n/a",
        });
        let sidecars = Sidecars {
            eeg: eeg.as_object().unwrap().clone(),
            scan: vec![
                ("acq_time".into(), "2020-01-02T03:04:05".into()),
                ("dose".into(), "0.5 mg/kg".into()),
            ],
            ..Sidecars::default()
        };
        let mut notes = Vec::new();
        apply("a.edf", &sidecars, &mut header, &mut notes);
        let said: Vec<&str> = notes.iter().map(|n| n.text.as_str()).collect();
        for expected in [
            "SamplingFrequency 250 Hz",
            "RecordingDuration 20 s",
            "there are 1",
            "says EEGReference 'Cz'",
            "dose 0.5 mg/kg",
        ] {
            assert!(said.iter().any(|n| n.contains(expected)), "{expected}: {said:?}");
        }
        assert!(!said.iter().any(|n| n.contains("SoftwareFilters")));
        assert_eq!(header.start.unwrap().hour, 3);
        notes.clear();
        header.start.as_mut().unwrap().hour = 4;
        apply("a.edf", &sidecars, &mut header, &mut notes);
        assert!(notes.iter().any(|n| n.text.contains("the file says 2020-01-02T04:04:05, which is kept")));
    }
}

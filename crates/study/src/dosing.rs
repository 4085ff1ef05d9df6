//! The dose clock: from "when was it given" to seconds of the recording.

use crate::{DoseSummary, Error, Result};
use dosewave_eeg::{Annotation, Header};

const DAY: f64 = 86_400.0;

/// When the drug was given, from a text and the recording's header. Time zero is the start of an infusion.
///
/// * `100`, `100.5`: seconds from the recording's start;
/// * `5:00`: minutes and seconds from the recording's start;
/// * `14:05:00`: the time of day, where the recording knows its own; else elapsed hours, minutes and seconds.
///   Where both fall inside the recording, `clock 14:05:00` or `elapsed 14:05:00` says which;
/// * anything else: the label of an annotation (exact, else whatever the case, else the only one that contains it);
///   `label 100` for a label that looks like a number.
///
/// A dose given while the recording paused stays where it was.
pub(crate) fn dose_clock(at: &str, infusion_s: Option<f64>, header: &Header) -> Result<DoseSummary> {
    let (label, onset_s, annotated_s) = find(at.trim(), header)?;
    let end = header.end().0;
    if !(0.0..=end).contains(&onset_s) {
        return Err(Error::Design(format!(
            "the dose at {onset_s} s ('{at}') lies outside the recording, which spans 0 to {end} s ({}); \
             give a time inside it",
            minutes(end)
        )));
    }
    Ok(DoseSummary { label, onset_s, duration_min: infusion_s.unwrap_or(annotated_s) / 60.0 })
}

/// Label, onset in seconds, duration in seconds.
fn find(at: &str, header: &Header) -> Result<(String, f64, f64)> {
    if at.is_empty() {
        return Err(Error::Design(format!(
            "no dose time is given; give seconds, mm:ss, hh:mm:ss or an annotation's label ({})",
            labels(header)
        )));
    }
    if let Some(label) = at.strip_prefix("label ") {
        return annotation(label.trim(), header);
    }
    if let Some(time) = at.strip_prefix("clock ") {
        let seconds = colon_time(time.trim()).ok_or_else(|| not_a_time(time))?;
        return Ok((at.to_owned(), only_clock_time(seconds, header)?, 0.0));
    }
    if let Some(time) = at.strip_prefix("elapsed ") {
        let time = time.trim();
        let seconds = colon_time(time).or_else(|| time.parse().ok()).ok_or_else(|| not_a_time(time))?;
        return Ok((at.to_owned(), seconds, 0.0));
    }
    if let Some(seconds) = at.parse::<f64>().ok().filter(|s| s.is_finite()) {
        return Ok((format!("{seconds} s"), seconds, 0.0));
    }
    match colon_time(at) {
        Some(seconds) if at.matches(':').count() == 2 => {
            Ok((at.to_owned(), clock_or_elapsed(at, seconds, header)?, 0.0))
        }
        Some(seconds) => Ok((at.to_owned(), seconds, 0.0)),
        None => annotation(at, header),
    }
}

fn not_a_time(text: &str) -> Error {
    Error::Design(format!("'{text}' is not a time; write mm:ss or hh:mm:ss"))
}

/// Seconds of `mm:ss` or `hh:mm:ss`.
fn colon_time(text: &str) -> Option<f64> {
    let parts: Vec<&str> = text.split(':').collect();
    let (hours, minutes, seconds) = match parts.as_slice() {
        [m, s] => (0, m.parse::<u32>().ok()?, *s),
        [h, m, s] => (h.parse::<u32>().ok()?, m.parse::<u32>().ok().filter(|m| *m < 60)?, *s),
        _ => return None,
    };
    let digits = seconds.chars().all(|c| c.is_ascii_digit() || c == '.');
    let seconds = seconds.parse::<f64>().ok().filter(|s| digits && *s < 60.0)?;
    Some(f64::from(hours) * 3600.0 + f64::from(minutes) * 60.0 + seconds)
}

/// Seconds from the start to each occurrence of a time of day inside the recording.
fn clock_times(of_day: f64, header: &Header) -> Vec<f64> {
    let Some(start) = header.start else { return Vec::new() };
    if of_day >= DAY {
        return Vec::new();
    }
    let first = (of_day - start.seconds_of_day().0).rem_euclid(DAY);
    (0..).map(|day| first + f64::from(day) * DAY).take_while(|t| *t <= header.end().0).collect()
}

fn only_clock_time(of_day: f64, header: &Header) -> Result<f64> {
    match clock_times(of_day, header).as_slice() {
        [time] => Ok(*time),
        [] => Err(Error::Design(match header.start {
            Some(start) => format!(
                "that time of day does not fall inside the recording, which starts at {start} and lasts {}",
                minutes(header.end().0)
            ),
            None => {
                "the recording does not know its time of day; give the time from its start, as mm:ss".into()
            }
        })),
        several => Err(Error::Design(format!(
            "that time of day falls inside the recording {} times ({}); give seconds from the start",
            several.len(),
            several.iter().map(|t| format!("{t} s")).collect::<Vec<_>>().join(", ")
        ))),
    }
}

fn clock_or_elapsed(text: &str, seconds: f64, header: &Header) -> Result<f64> {
    let on_the_clock = !clock_times(seconds, header).is_empty();
    match (on_the_clock, seconds <= header.end().0) {
        (true, true) => Err(Error::Design(format!(
            "'{text}' can be a time of day or a time from the start of the recording, and both fall inside it; \
             write 'clock {text}' or 'elapsed {text}'"
        ))),
        (true, false) => only_clock_time(seconds, header),
        (false, _) => Ok(seconds),
    }
}

fn annotation(label: &str, header: &Header) -> Result<(String, f64, f64)> {
    let lower = label.to_lowercase();
    let exact: Vec<&Annotation> = header.annotations.iter().filter(|a| a.label == label).collect();
    let any_case =
        || header.annotations.iter().filter(|a| a.label.to_lowercase() == lower).collect::<Vec<_>>();
    let containing =
        || header.annotations.iter().filter(|a| a.label.to_lowercase().contains(&lower)).collect();
    let mut found = exact;
    if found.is_empty() {
        found = any_case();
    }
    if found.is_empty() {
        found = containing();
    }
    match found.as_slice() {
        [one] => Ok((one.label.clone(), one.onset.0, one.duration.0)),
        [] => Err(Error::Design(format!("no annotation is called '{label}'; {}", labels(header)))),
        several => Err(Error::Design(format!(
            "'{label}' fits {} annotations: {}; give the time in seconds instead",
            several.len(),
            listed(several.iter().map(|a| format!("'{}' at {} s", a.label, a.onset.0)))
        ))),
    }
}

fn labels(header: &Header) -> String {
    let mut known: Vec<&str> = Vec::new();
    for annotation in &header.annotations {
        if !known.contains(&annotation.label.as_str()) {
            known.push(&annotation.label);
        }
    }
    if known.is_empty() {
        return "the recording has no annotations; give the time in seconds".into();
    }
    format!("the recording has {}", listed(known.iter().map(|label| format!("'{label}'"))))
}

/// At most twenty items.
fn listed(items: impl Iterator<Item = String>) -> String {
    let all: Vec<String> = items.collect();
    let shown = all.get(..20.min(all.len())).unwrap_or_default().join(", ");
    if all.len() > 20 { format!("{shown} and {} more", all.len() - 20) } else { shown }
}

/// `65 s` → `1:05 min`.
pub(crate) fn minutes(seconds: f64) -> String {
    let whole = seconds.round().max(0.0);
    format!("{}:{:02} min", (whole / 60.0).floor(), whole % 60.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use dosewave_eeg::{Channel, Hz, Run, Seconds, Timestamp};

    fn header(length_s: u64, start_hour: Option<u8>, labels: &[(f64, f64, &str)]) -> Header {
        Header {
            format: "array".into(),
            channels: vec![Channel {
                name: "Cz".into(),
                kind: dosewave_eeg::ChannelKind::Eeg,
                unit: "µV".into(),
                position: None,
                high_pass: None,
                low_pass: None,
                impedance_kohm: None,
                recorded_unit: None,
                quantization: None,
            }]
            .into(),
            sfreq: Hz(10.0),
            runs: vec![Run { onset: Seconds(0.0), samples: 0..length_s * 10 }],
            start: start_hour.map(|hour| Timestamp {
                year: 2020,
                month: 1,
                day: 1,
                hour,
                minute: 0,
                second: 0,
                nanosecond: 0,
            }),
            annotations: labels
                .iter()
                .map(|(t, d, l)| Annotation::new(Seconds(*t), Seconds(*d), *l))
                .collect(),
            other_signals: Vec::new(),
            details: dosewave_eeg::Details::default(),
            notes: Vec::new(),
        }
    }

    fn onset(at: &str, header: &Header) -> f64 {
        dose_clock(at, None, header).unwrap().onset_s
    }

    fn message(at: &str, header: &Header) -> String {
        dose_clock(at, None, header).unwrap_err().to_string()
    }

    #[test]
    fn times_from_the_start() {
        let h = header(7200, None, &[]);
        assert_eq!(onset("100", &h), 100.0);
        assert_eq!(onset("100.5", &h), 100.5);
        assert_eq!(onset("5:00", &h), 300.0);
        assert_eq!(onset("1:05:00", &h), 3900.0);
        assert_eq!(onset("elapsed 90", &h), 90.0);
        assert!(message("clock 12:00:00", &h).contains("does not know its time of day"));
    }

    #[test]
    fn times_of_day() {
        let h = header(3600, Some(14), &[]);
        assert_eq!(onset("14:05:00", &h), 300.0);
        assert_eq!(onset("elapsed 0:05:00", &h), 300.0);
        assert!(message("clock 16:00:00", &h).contains("does not fall inside"));
        // past midnight
        let h = header(4 * 3600, Some(22), &[]);
        assert_eq!(onset("23:30:00", &h), 5400.0);
        assert_eq!(onset("clock 01:00:00", &h), 3.0 * 3600.0);
    }

    #[test]
    fn a_time_that_can_be_both_is_refused() {
        let h = header(4 * 3600, Some(22), &[]);
        let text = message("01:00:00", &h);
        assert!(text.contains("'clock 01:00:00' or 'elapsed 01:00:00'"), "{text}");
    }

    #[test]
    fn two_days_hold_a_time_twice() {
        let h = header(30 * 3600, Some(8), &[]);
        assert!(message("clock 09:00:00", &h).contains("2 times (3600 s, 90000 s)"));
    }

    #[test]
    fn labels_are_exact_then_any_case_then_contained() {
        let labels = [(10.0, 60.0, "Ketamine infusion"), (200.0, 0.0, "ketamine end"), (300.0, 0.0, "Dose")];
        let h = header(1000, None, &labels);
        assert_eq!(onset("Ketamine infusion", &h), 10.0);
        assert_eq!(onset("dose", &h), 300.0);
        assert_eq!(onset("infusion", &h), 10.0);
        assert_eq!(dose_clock("infusion", None, &h).unwrap().duration_min, 1.0);
        assert_eq!(dose_clock("infusion", Some(2400.0), &h).unwrap().duration_min, 40.0);
        let several = message("ketamine", &h);
        assert!(several.contains("'Ketamine infusion' at 10 s, 'ketamine end' at 200 s"), "{several}");
        let none = message("propofol", &h);
        assert!(none.contains("'Dose'"), "{none}");
    }

    #[test]
    fn a_dose_outside_the_recording_is_refused_with_its_span() {
        let text = message("2000", &header(1000, None, &[]));
        assert!(text.contains("2000 s") && text.contains("0 to 1000 s"), "{text}");
        assert!(message("-5", &header(1000, None, &[])).contains("outside"));
        assert!(message("", &header(1000, None, &[])).contains("no dose time"));
    }

    #[test]
    fn a_dose_in_a_pause_stays_where_it_was() {
        let mut h = header(100, None, &[]);
        h.runs = vec![
            Run { onset: Seconds(0.0), samples: 0..500 },
            Run { onset: Seconds(200.0), samples: 500..1000 },
        ];
        assert_eq!(onset("120", &h), 120.0);
    }
}

//! The marker file.

use super::ini::{Ini, fields};
use dosewave_eeg::Timestamp;

/// One marker.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Marker {
    pub(crate) kind: String,
    pub(crate) description: String,
    /// Sample, counted from 0.
    pub(crate) sample: u64,
    pub(crate) size: u64,
    /// Channel, counted from 1; 0 for all.
    pub(crate) channel: usize,
    pub(crate) date: Option<Timestamp>,
}

impl Marker {
    pub(crate) fn is_new_segment(&self) -> bool {
        self.kind.eq_ignore_ascii_case("New Segment")
    }

    /// `Stimulus/S  1`.
    pub(crate) fn label(&self) -> String {
        format!("{}/{}", self.kind, self.description)
    }
}

/// The markers, and how many lines could not be understood.
pub(crate) fn parse(bytes: &[u8]) -> (Vec<Marker>, usize) {
    let ini = Ini::parse(bytes);
    let Some(section) = ini.section("marker infos") else { return (Vec::new(), 0) };
    let (mut markers, mut bad) = (Vec::new(), 0);
    for entry in section.entries.iter().filter(|e| e.key.starts_with("Mk")) {
        match marker(&fields(&entry.value)) {
            Some(marker) => markers.push(marker),
            None => bad += 1,
        }
    }
    (markers, bad)
}

/// `type,description,position,size,channel[,date]`.
fn marker(fields: &[String]) -> Option<Marker> {
    let position: u64 = fields.get(2)?.parse().ok()?;
    Some(Marker {
        kind: fields.first()?.clone(),
        description: fields.get(1)?.clone(),
        sample: position.saturating_sub(1),
        size: fields.get(3).and_then(|v| v.parse().ok()).unwrap_or(0),
        channel: fields.get(4).and_then(|v| v.parse().ok()).unwrap_or(0),
        date: fields.get(5).and_then(|v| date(v)),
    })
}

/// `yyyymmddhhmmssuuuuuu`; all zeros is unknown.
fn date(text: &str) -> Option<Timestamp> {
    let digits = |range| text.get(range).and_then(|part: &str| part.parse::<u32>().ok());
    let year = digits(0..4).filter(|year| *year > 0)?;
    let micros = digits(14..20).unwrap_or(0);
    Some(Timestamp {
        year: year as u16,
        month: digits(4..6).filter(|m| (1..=12).contains(m))? as u8,
        day: digits(6..8).filter(|d| (1..=31).contains(d))? as u8,
        hour: digits(8..10).filter(|h| *h < 24)? as u8,
        minute: digits(10..12).filter(|m| *m < 60)? as u8,
        second: digits(12..14).filter(|s| *s < 60)? as u8,
        nanosecond: micros * 1000,
    })
}

/// Seconds from one time to a later one; days are counted by the calendar.
pub(crate) fn seconds_between(from: Timestamp, to: Timestamp) -> f64 {
    (days(to) - days(from)) * 86_400.0 + to.seconds_of_day().0 - from.seconds_of_day().0
}

/// Days since a fixed day (Fliegel & van Flandern 1968).
fn days(t: Timestamp) -> f64 {
    let (y, m, d) = (i64::from(t.year), i64::from(t.month), i64::from(t.day));
    let a = (m - 14) / 12;
    (d + 1461 * (y + 4800 + a) / 4 + 367 * (m - 2 - 12 * a) / 12 - 3 * ((y + 4900 + a) / 100) / 4) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markers_with_commas_and_dates() {
        let text = b"Brain Vision Data Exchange Marker File\n[Marker Infos]\nMk1=New Segment,,1,1,0,20131113161403794232\nMk2=Comment,a\\1b,487,0,3\nMk3=bad,line\n";
        let (markers, bad) = parse(text);
        assert_eq!((markers.len(), bad), (2, 1));
        assert_eq!(markers[0].date.unwrap().to_string(), "2013-11-13T16:14:03.794232");
        assert_eq!(
            (markers[1].label(), markers[1].sample, markers[1].channel),
            ("Comment/a,b".into(), 486, 3)
        );
        assert_eq!(date("00000000000000000000"), None);
    }

    #[test]
    fn time_passes_over_midnight_and_leap_days() {
        let at = |text| date(text).unwrap();
        assert_eq!(seconds_between(at("20200228235959500000"), at("20200229000001000000")), 1.5);
        assert_eq!(seconds_between(at("20200228000000000000"), at("20200301000000000000")), 172_800.0);
    }
}

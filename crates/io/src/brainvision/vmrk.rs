//! The marker file.

use super::date;
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
        date: fields.get(5).and_then(|v| date::parse(v)),
    })
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
    }
}

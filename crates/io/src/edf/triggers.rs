//! Triggers in a status channel.

use super::decode::Signals;
use super::header::{EdfHeader, Kind, Signal};
use crate::{Limits, ReadAt, Result};
use dosewave_eeg::Note;

/// What trigger channels are called, in lower case.
const NAMES: [&str; 6] = ["status", "trigger", "triggers", "trig", "stim", "sti 014"];
/// Samples that are looked at together.
const WINDOW: u64 = 1 << 18;

/// The trigger lines of BioSemi's status word; the bits above them tell of the amplifier.
const LINES: u32 = 0xffff;
/// Set while the common mode is in range.
const CMS_IN_RANGE: u32 = 1 << 20;
/// Set while the battery is low.
const BATTERY_LOW: u32 = 1 << 22;
/// What MNE-Python keeps of a 16-bit file's channel.
const LINES_EDF: i64 = 0x1ffff;

/// A rise of the trigger lines.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Event {
    pub(super) record: u64,
    /// Its place in the record, 0 to 1.
    pub(super) within: f64,
    /// `Status/255`: the channel and the value it rose to.
    pub(super) label: String,
}

/// What the trigger channels say.
#[derive(Debug, Default)]
pub(super) struct Triggers {
    pub(super) events: Vec<Event>,
    pub(super) notes: Vec<Note>,
}

impl Triggers {
    /// Looks through the trigger channels but those of which `is_known` says that their events are annotations already.
    pub(super) fn read(
        file: &str,
        input: &dyn ReadAt,
        raw: &EdfHeader,
        n_records: u64,
        limits: &Limits,
        is_known: impl Fn(&str) -> bool,
    ) -> Result<Self> {
        let mut found = Self::default();
        for signal in raw.signals.iter().filter(|signal| is_trigger(signal) && !is_known(&signal.name)) {
            let as_recorded = as_recorded(raw.kind, signal);
            let signals = Signals { file, input, raw, signals: vec![&as_recorded] };
            let n = signal.per_record.saturating_mul(n_records);
            let mut scan = Scan::default();
            let mut from = 0;
            while from < n && scan.rises.len() <= limits.max_annotations {
                let to = n.min(from + WINDOW);
                for (t, value) in (from..).zip(signals.read(&(from..to))?.iter()) {
                    scan.add(raw.kind, t, *value);
                }
                from = to;
            }
            found.take(raw, signal, &scan, n, limits);
        }
        Ok(found)
    }

    fn take(&mut self, raw: &EdfHeader, signal: &Signal, scan: &Scan, n: u64, limits: &Limits) {
        let topic = raw.kind.name();
        let per_record = signal.per_record.max(1);
        let rises = scan.rises.len() as u64;
        if rises > limits.max_annotations as u64 || (n >= 100 && rises > n / 4) {
            let text = format!(
                "'{}' is called a trigger channel but changes at every few samples; no events are taken from it",
                signal.name
            );
            self.notes.push(Note::warning(topic, text));
            return;
        }
        self.events.extend(scan.rises.iter().map(|(t, value)| Event {
            record: t / per_record,
            within: (t % per_record) as f64 / per_record as f64,
            label: format!("{}/{value}", signal.name),
        }));
        let seconds = |samples: u64| samples as f64 / per_record as f64 * raw.record_s;
        // without a single sample in range the bits mean something else
        if scan.n_in_range == 0 {
            return;
        }
        if let Some(first) = scan.first_out_of_range {
            let text = format!(
                "the common mode (CMS/DRL) was out of range for {:.3} s, first at {:.3} s: samples there are no EEG",
                seconds(scan.n - scan.n_in_range),
                seconds(first)
            );
            self.notes.push(Note::warning(topic, text));
        }
        if let Some(first) = scan.first_battery_low {
            let text = format!("the amplifier's battery was low from {:.3} s on", seconds(first));
            self.notes.push(Note::warning(topic, text));
        }
    }
}

fn is_trigger(signal: &Signal) -> bool {
    !signal.is_annotation && signal.per_record > 0 && NAMES.contains(&signal.label.to_lowercase().as_str())
}

/// Status words of 24 bits are read as they are, values of 16-bit files as the header scales them, in no unit.
fn as_recorded(kind: Kind, signal: &Signal) -> Signal {
    let mut signal = Signal { dimension: String::new(), ..signal.clone() };
    if kind == Kind::Bdf {
        (signal.physical, signal.digital) = ((0.0, 1.0), (0.0, 1.0));
    }
    signal
}

#[derive(Default)]
struct Scan {
    n: u64,
    last: u32,
    /// Samples at which the value rose, and to what.
    rises: Vec<(u64, u32)>,
    n_in_range: u64,
    first_out_of_range: Option<u64>,
    first_battery_low: Option<u64>,
}

impl Scan {
    fn add(&mut self, kind: Kind, t: u64, value: f64) {
        let lines = match kind {
            Kind::Edf => (value.trunc() as i64 & LINES_EDF) as u32,
            Kind::Bdf => {
                let word = value as i32 as u32;
                if word & CMS_IN_RANGE > 0 {
                    self.n_in_range += 1;
                } else {
                    self.first_out_of_range.get_or_insert(t);
                }
                if word & BATTERY_LOW > 0 {
                    self.first_battery_low.get_or_insert(t);
                }
                word & LINES
            }
        };
        if lines > self.last {
            self.rises.push((t, lines));
        }
        self.last = lines;
        self.n += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rises_are_events_and_amplifier_bits_are_not() {
        let mut scan = Scan::default();
        let words = [0x1d_00ff_i32, 0x1c_00fe, 0x1c_00ff, 0x0c_00ff, 0x5c_0000, -1];
        for (t, word) in (0..).zip(words) {
            scan.add(Kind::Bdf, t, f64::from(word));
        }
        assert_eq!(scan.rises, [(0, 255), (2, 255), (5, 0xffff)]);
        assert_eq!((scan.n_in_range, scan.first_out_of_range, scan.first_battery_low), (5, Some(3), Some(4)));
        let mut scan = Scan::default();
        for (t, value) in (0..).zip([6.87, 1e6, -1.0, 6.2]) {
            scan.add(Kind::Edf, t, value);
        }
        assert_eq!(scan.rises, [(0, 6), (1, 82_496), (2, 0x1ffff)]);
    }
}

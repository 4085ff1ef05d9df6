//! The header: one fixed part, then the fields of all signals.

use super::clock;
use crate::bytes::{Fields, microvolts_per};
use crate::{Error, Limits, ReadSeek, Result, names};
use dosewave_eeg::{Note, Timestamp};
use std::io::Read;

/// 16 or 24 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Edf,
    Bdf,
}

impl Kind {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Edf => "EDF",
            Self::Bdf => "BDF",
        }
    }

    pub(crate) fn bytes_per_sample(self) -> u64 {
        match self {
            Self::Edf => 2,
            Self::Bdf => 3,
        }
    }

    /// Lowest and highest integer.
    pub(crate) fn digital_range(self) -> (i32, i32) {
        match self {
            Self::Edf => (-32_768, 32_767),
            Self::Bdf => (-8_388_608, 8_388_607),
        }
    }

    pub(crate) fn annotation_label(self) -> &'static str {
        match self {
            Self::Edf => "EDF Annotations",
            Self::Bdf => "BDF Annotations",
        }
    }
}

/// One signal of the file.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Signal {
    /// As the file says.
    pub(crate) label: String,
    /// The label, with a number where other signals have the same.
    pub(crate) name: String,
    pub(crate) dimension: String,
    pub(crate) physical: (f64, f64),
    pub(crate) digital: (f64, f64),
    pub(crate) prefilter: String,
    pub(crate) per_record: u64,
    pub(crate) is_annotation: bool,
    /// Byte offset inside a record.
    pub(crate) offset: u64,
}

impl Signal {
    /// A signal that is nothing but a range.
    pub(crate) fn of_range(dimension: &str, physical: (f64, f64), digital: (f64, f64)) -> Self {
        Self {
            label: String::new(),
            name: String::new(),
            dimension: dimension.to_owned(),
            physical,
            digital,
            prefilter: String::new(),
            per_record: 1,
            is_annotation: false,
            offset: 0,
        }
    }

    /// Factor and offset from digital value to µV, or to the recorded unit where it is no voltage.
    pub(crate) fn calibration(&self) -> (f64, f64) {
        let scale = microvolts_per(&self.dimension).unwrap_or(1.0);
        let span = self.physical.1 - self.physical.0;
        // without a physical range the digital values are all there is
        let (gain, offset) = if span == 0.0 {
            (1.0, 0.0)
        } else {
            let gain = span / (self.digital.1 - self.digital.0);
            (gain, self.physical.0 - self.digital.0 * gain)
        };
        (gain * scale, offset * scale)
    }
}

/// The whole header.
#[derive(Clone, Debug)]
pub(crate) struct EdfHeader {
    pub(crate) kind: Kind,
    /// Who was recorded, as the file says.
    pub(crate) patient: String,
    /// When, by whom and with what.
    pub(crate) recording: String,
    pub(crate) start: Option<Timestamp>,
    pub(crate) is_plus: bool,
    pub(crate) is_discontinuous: bool,
    /// As claimed; −1 is unknown.
    pub(crate) n_records: i64,
    pub(crate) record_s: f64,
    pub(crate) signals: Vec<Signal>,
    pub(crate) header_bytes: u64,
    pub(crate) record_bytes: u64,
    pub(crate) notes: Vec<Note>,
}

const FIXED: usize = 256;

/// Reads the header and leaves the input behind it.
pub(crate) fn read(file: &str, kind: Kind, input: &mut dyn ReadSeek, limits: &Limits) -> Result<EdfHeader> {
    let fixed = up_to(file, input, FIXED as u64)?;
    let mut fields = Fields::new(file, kind.name(), &fixed);
    fields.take(8, "version")?;
    let patient = fields.text(80, "patient")?;
    let recording = fields.text(80, "recording")?;
    let date = fields.text(8, "start date")?;
    let time = fields.text(8, "start time")?;
    let claimed_bytes: u64 = fields.number(8, "header size", "the number of bytes in the header")?;
    let reserved = fields.text(44, "reserved")?;
    let n_records: i64 = fields.number(8, "number of records", "a whole number, or -1 for unknown")?;
    let record_s: f64 = fields.number(8, "record duration", "seconds")?;
    if !(record_s.is_finite() && record_s >= 0.0) {
        return Err(fields.wrong(8, "record duration", record_s.to_string(), "seconds, not negative"));
    }
    let n_signals: i64 = fields.number(4, "number of signals", "a whole number above 0")?;
    if n_signals < 1 {
        return Err(fields.wrong(
            4,
            "number of signals",
            n_signals.to_string(),
            "at least one signal; the file holds none",
        ));
    }
    limits.check_channels(file, n_signals as u64)?;
    let mut bytes = fixed;
    bytes.extend(up_to(file, input, n_signals as u64 * 256)?);
    let mut fields = Fields::new(file, kind.name(), &bytes);
    fields.take(FIXED, "fixed part")?;
    let signals = signals(&mut fields, n_signals as usize, kind)?;
    let mut header = EdfHeader {
        kind,
        patient,
        start: clock::start(&date, &time, &recording),
        recording,
        is_plus: reserved.starts_with("EDF+") || reserved.starts_with("BDF+"),
        is_discontinuous: reserved.starts_with("EDF+D") || reserved.starts_with("BDF+D"),
        n_records,
        record_s,
        signals,
        header_bytes: bytes.len() as u64,
        record_bytes: 0,
        notes: Vec::new(),
    };
    place_signals(file, &mut header, limits)?;
    name_signals(&mut header);
    note_oddities(&mut header, claimed_bytes, &date, &time);
    Ok(header)
}

/// At most `n` bytes; fewer at the end of the file, which the fields then report.
fn up_to(file: &str, input: &mut dyn ReadSeek, n: u64) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    input.take(n).read_to_end(&mut bytes).map_err(|source| Error::Io { file: file.into(), source })?;
    Ok(bytes)
}

/// One column of the header: the same field of every signal.
fn column<T>(n: usize, mut field: impl FnMut() -> Result<T>) -> Result<Vec<T>> {
    (0..n).map(|_| field()).collect()
}

fn signals(fields: &mut Fields<'_>, n: usize, kind: Kind) -> Result<Vec<Signal>> {
    let labels = column(n, || fields.text(16, "label"))?;
    column(n, || fields.take(80, "transducer"))?;
    let dimensions = column(n, || fields.text(8, "physical dimension"))?;
    let is_annotation: Vec<bool> = labels.iter().map(|label| label == kind.annotation_label()).collect();
    let mut limits = Vec::with_capacity(4);
    for name in ["physical minimum", "physical maximum", "digital minimum", "digital maximum"] {
        let mut index = 0;
        limits.push(column(n, || {
            let skip = is_annotation.get(index).copied().unwrap_or(false);
            let label = labels.get(index).cloned().unwrap_or_default();
            index += 1;
            // what annotation signals say here means nothing
            if skip {
                fields.take(8, name).map(|_| 0.0)
            } else {
                fields.number::<f64>(8, &format!("{name} of '{label}'"), "a number")
            }
        })?);
    }
    let prefilters = column(n, || fields.text(80, "prefiltering"))?;
    let mut index = 0;
    let per_record = column(n, || {
        let field = format!("samples per record of '{}'", labels.get(index).cloned().unwrap_or_default());
        index += 1;
        fields.number::<u64>(8, &field, "a whole number, not negative")
    })?;
    column(n, || fields.take(32, "reserved of a signal"))?;
    let at = |column: usize, i: usize| {
        limits.get(column).and_then(|values: &Vec<f64>| values.get(i)).copied().unwrap_or(0.0)
    };
    let mut signals = Vec::with_capacity(n);
    for (i, label) in labels.iter().enumerate() {
        let signal = Signal {
            label: label.clone(),
            name: label.clone(),
            dimension: dimensions.get(i).cloned().unwrap_or_default(),
            physical: (at(0, i), at(1, i)),
            digital: (at(2, i), at(3, i)),
            prefilter: prefilters.get(i).cloned().unwrap_or_default(),
            per_record: per_record.get(i).copied().unwrap_or(0),
            is_annotation: is_annotation.get(i).copied().unwrap_or(false),
            offset: 0,
        };
        check_range(fields, &signal, i, n)?;
        signals.push(signal);
    }
    Ok(signals)
}

/// A digital range is needed to know what a sample means.
fn check_range(fields: &Fields<'_>, signal: &Signal, index: usize, n: usize) -> Result<()> {
    let (low, high) = signal.digital;
    let finite =
        low.is_finite() && high.is_finite() && signal.physical.0.is_finite() && signal.physical.1.is_finite();
    if signal.is_annotation || (low < high && finite) {
        return Ok(());
    }
    // from the digital minimum of this signal to the end of the header
    let back = 8 * (n - index) + 8 * n + 80 * n + 8 * n + 32 * n;
    let field = format!("digital minimum and maximum of '{}'", signal.label);
    let found = format!("{low} and {high}");
    Err(fields.wrong(
        back,
        &field,
        found,
        "the minimum must lie below the maximum; without it samples have no scale",
    ))
}

fn place_signals(file: &str, header: &mut EdfHeader, limits: &Limits) -> Result<()> {
    let mut offset = 0_u64;
    for signal in &mut header.signals {
        signal.offset = offset;
        offset = offset.saturating_add(signal.per_record.saturating_mul(header.kind.bytes_per_sample()));
    }
    limits.check_bytes(file, "one data record", offset)?;
    header.record_bytes = offset;
    Ok(())
}

/// Signals are found by name, so each has one of its own.
fn name_signals(header: &mut EdfHeader) {
    let signals = || header.signals.iter().filter(|signal| !signal.is_annotation);
    let mut names: Vec<String> = signals().map(|signal| signal.label.clone()).collect();
    if let Some(text) = names::make_unique(&mut names) {
        header.notes.push(Note::warning(header.kind.name(), text));
    }
    let signals = header.signals.iter_mut().filter(|signal| !signal.is_annotation);
    for (signal, name) in signals.zip(names) {
        signal.name = name;
    }
}

fn note_oddities(header: &mut EdfHeader, claimed_bytes: u64, date: &str, time: &str) {
    let topic = header.kind.name();
    let mut notes = Vec::new();
    if claimed_bytes != header.header_bytes {
        let text =
            format!("the header claims {claimed_bytes} bytes, its signals make it {}", header.header_bytes);
        notes.push(Note::info(topic, text));
    }
    if header.start.is_none() && !header.recording.starts_with("Startdate X") {
        notes.push(Note::info(topic, format!("no start time: '{date} {time}' is not a date")));
    }
    for signal in header.signals.iter().filter(|s| !s.is_annotation && s.physical.0 == s.physical.1) {
        let text = format!("'{}' has no physical range: its values are digital, not µV", signal.name);
        notes.push(Note::warning(topic, text));
    }
    header.notes.extend(notes);
}

/// The edges that a prefiltering field such as `HP:0.1Hz LP:75Hz` names.
pub(crate) fn prefilter(text: &str) -> (Option<f64>, Option<f64>) {
    let upper = text.to_ascii_uppercase();
    let edge = |name: &str| {
        let after = upper.split_once(name)?.1.trim_start();
        let digits: String = after.chars().take_while(|c| c.is_ascii_digit() || *c == '.').collect();
        let unit = after.get(digits.len()..)?.trim_start();
        let value: f64 = digits.parse().ok()?;
        (unit.is_empty() || unit.starts_with("HZ") || unit.starts_with(' '))
            .then_some(value)
            .filter(|v| *v > 0.0)
    };
    (edge("HP:"), edge("LP:"))
}

#[cfg(test)]
impl Signal {
    pub(crate) fn test(label: &str) -> Self {
        let (label, name) = (label.to_owned(), label.to_owned());
        Self { label, name, ..Self::of_range("uV", (-100.0, 100.0), (-32_768.0, 32_767.0)) }
    }
}

#[cfg(test)]
impl EdfHeader {
    pub(crate) fn test(kind: Kind, signals: Vec<Signal>) -> Self {
        Self {
            kind,
            patient: String::new(),
            recording: String::new(),
            start: None,
            is_plus: false,
            is_discontinuous: false,
            n_records: -1,
            record_s: 1.0,
            signals,
            header_bytes: 256,
            record_bytes: 0,
            notes: Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefilters_in_hertz() {
        assert_eq!(prefilter("HP:0.1Hz LP:75Hz N:50Hz"), (Some(0.1), Some(75.0)));
        assert_eq!(prefilter("HP: 0.016 Hz  LP: 70 Hz"), (Some(0.016), Some(70.0)));
        assert_eq!(prefilter("HP:DC; LP:410"), (None, Some(410.0)));
        assert_eq!(prefilter("none"), (None, None));
    }

    #[test]
    fn calibration_maps_the_ends_and_the_unit() {
        let signal = Signal { dimension: "mV".into(), physical: (-1.0, 1.0), ..Signal::test("Cz") };
        let (gain, offset) = signal.calibration();
        assert!(
            (gain * -32768.0 + offset + 1000.0).abs() < 1e-9
                && (gain * 32767.0 + offset - 1000.0).abs() < 1e-9
        );
    }
}

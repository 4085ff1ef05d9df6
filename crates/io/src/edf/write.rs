//! Writing EDF+ and BDF+.

use super::header::Kind;
use super::scale::Scale;
use super::{clock, tal};
use crate::{Error, Result};
use dosewave_eeg::{Annotation, Channel, Recording, Run};
use std::collections::HashSet;
use std::io::Write;
use std::path::Path;

/// Writes EDF+C, or EDF+D where the recording has gaps, into `out`; `path` is for messages.
///
/// A channel whose values stand for integers of the file that it came from is written by the same integers with the same
/// scale, so nothing is lost. Any other gets the range of its data, rounded outwards to the eight characters of the format, so
/// that a sample is off by at most half of `range / 65535`. Where no whole number of records fits a run, its last record is
/// filled with the last sample, and an annotation `padding` marks the filling. Patient and recording fields say `X`. Names are
/// cut to the 16 characters of the format.
///
/// # Errors
/// [`Error::Write`] for NaN or infinity, a rate that records cannot express, names that are the same once they are cut, or a
/// gap too short for the padding.
///
/// ```
/// use dosewave_eeg::{Hz, Recording};
/// let rec = Recording::new(ndarray::Array2::zeros((1, 250)), Hz(250.0), &["Cz"]).unwrap();
/// let mut bytes = Vec::new();
/// dosewave_io::edf::write(&rec, &mut bytes, std::path::Path::new("cz.edf")).unwrap();
/// assert!(bytes.starts_with(b"0       X X X X"));
/// ```
pub fn write(recording: &Recording, out: &mut dyn Write, path: &Path) -> Result<()> {
    write_kind(Kind::Edf, recording, out, path)
}

/// Writes BDF+C or BDF+D, as [`write()`] writes EDF+, with 24 bits: a sample is off by at most half of `range / 16777215`.
///
/// # Errors
/// As [`write()`].
///
/// ```
/// use dosewave_eeg::{Hz, Recording};
/// let rec = Recording::new(ndarray::Array2::zeros((1, 250)), Hz(250.0), &["Cz"]).unwrap();
/// let mut bytes = Vec::new();
/// dosewave_io::edf::write_bdf(&rec, &mut bytes, std::path::Path::new("cz.bdf")).unwrap();
/// assert!(bytes.starts_with(b"\xffBIOSEMI"));
/// ```
pub fn write_bdf(recording: &Recording, out: &mut dyn Write, path: &Path) -> Result<()> {
    write_kind(Kind::Bdf, recording, out, path)
}

fn write_kind(kind: Kind, recording: &Recording, out: &mut dyn Write, path: &Path) -> Result<()> {
    let format = match kind {
        Kind::Edf => "EDF+",
        Kind::Bdf => "BDF+",
    };
    let failed = |what: String| Error::Write { file: path.to_owned(), format, what };
    recording.check_finite().map_err(|e| failed(e.to_string()))?;
    check_names(recording.channels()).map_err(failed)?;
    let layout = Layout::new(kind, recording).map_err(failed)?;
    let io = |source| Error::Io { file: path.to_owned(), source };
    out.write_all(&layout.header(recording)).map_err(io)?;
    let mut bytes = Vec::new();
    for record in &layout.records {
        bytes.clear();
        for (row, scale) in recording.data_uv().outer_iter().zip(&layout.scales) {
            let last = row.get(record.last as usize).copied().unwrap_or(0.0);
            // beyond the run's end its last sample is repeated
            let there = (record.last + 1).saturating_sub(record.first).min(layout.per_record) as usize;
            let filling = std::iter::repeat_n(&last, layout.per_record as usize - there);
            let values = row.iter().skip(record.first as usize).take(there).chain(filling);
            match kind {
                Kind::Edf => bytes.extend(values.flat_map(|v| (scale.digital(*v) as i16).to_le_bytes())),
                Kind::Bdf => bytes.extend(values.flat_map(|v| {
                    let [a, b, c, _] = scale.digital(*v).to_le_bytes();
                    [a, b, c]
                })),
            }
        }
        bytes.extend(&record.annotations);
        bytes.resize(bytes.len() + layout.annotation_bytes - record.annotations.len(), 0);
        out.write_all(&bytes).map_err(io)?;
    }
    Ok(())
}

/// Names have 16 ASCII characters, by which channels must still be told apart.
fn check_names(channels: &[Channel]) -> std::result::Result<(), String> {
    let mut seen = HashSet::new();
    for channel in channels {
        let mut field = Vec::new();
        put(&mut field, &channel.name, 16);
        if !seen.insert(field) {
            return Err(format!(
                "the name of '{}' is that of another channel once it is cut to the 16 ASCII characters of the format; rename \
                 it, or write .vhdr or .h5",
                channel.name
            ));
        }
    }
    Ok(())
}

/// One data record: samples `first..=last` of the recording (`last` is the last of its run) and its annotations.
struct Record {
    first: u64,
    last: u64,
    annotations: Vec<u8>,
}

struct Layout {
    kind: Kind,
    per_record: u64,
    record_s: String,
    scales: Vec<Scale>,
    records: Vec<Record>,
    annotation_bytes: usize,
}

impl Layout {
    fn new(kind: Kind, recording: &Recording) -> std::result::Result<Self, String> {
        let sfreq = recording.sfreq().0;
        let (per_record, record_s) = record_length(recording.runs(), sfreq)?;
        let scales = recording
            .data_uv()
            .outer_iter()
            .zip(recording.channels().iter())
            .map(|(row, channel)| {
                let row = row.to_slice().unwrap_or_default();
                Scale::of(kind, channel, row).map_err(|e| format!("channel '{}': {e}", channel.name))
            })
            .collect::<std::result::Result<Vec<Scale>, String>>()?;
        let mut records = Vec::new();
        let mut onsets = Vec::new();
        let mut padding = Vec::new();
        let mut end = f64::NEG_INFINITY;
        for run in recording.runs() {
            if run.onset.0 < end - 0.5 / sfreq {
                return Err(
                    "a gap is too short for the filling of the record before it; crop the run before it"
                        .into(),
                );
            }
            let n = run.len().div_ceil(per_record);
            for k in 0..n {
                let first = run.samples.start + k * per_record;
                records.push(Record { first, last: run.samples.end - 1, annotations: Vec::new() });
                onsets.push(run.onset.0 + (k * per_record) as f64 / sfreq);
            }
            end = run.onset.0 + (n * per_record) as f64 / sfreq;
            if n * per_record > run.len() {
                let filled = (n * per_record - run.len()) as f64 / sfreq;
                padding.push(Annotation::new(
                    run.end(recording.sfreq()),
                    dosewave_eeg::Seconds(filled),
                    "padding",
                ));
            }
        }
        let mut layout = Self { kind, per_record, record_s, scales, records, annotation_bytes: 0 };
        layout.annotate(recording, &onsets, &padding);
        Ok(layout)
    }

    /// Puts each annotation into the record in which it begins, behind the record's own time.
    fn annotate(&mut self, recording: &Recording, onsets: &[f64], padding: &[Annotation]) {
        let fraction = recording.header().start.map_or(0.0, |t| f64::from(t.nanosecond) * 1e-9);
        let mut lists: Vec<Vec<u8>> =
            onsets.iter().map(|onset| tal::encode(tidy(onset + fraction), 0.0, &[])).collect();
        for annotation in recording.annotations().iter().chain(padding) {
            let record = onsets.partition_point(|onset| *onset <= annotation.onset.0).saturating_sub(1);
            if let Some(list) = lists.get_mut(record) {
                list.extend(tal::encode(
                    tidy(annotation.onset.0 + fraction),
                    tidy(annotation.duration.0),
                    &[&annotation.label],
                ));
            }
        }
        self.annotation_bytes = lists.iter().map(Vec::len).max().unwrap_or(0).next_multiple_of(self.width());
        for (record, list) in self.records.iter_mut().zip(lists) {
            record.annotations = list;
        }
    }

    fn width(&self) -> usize {
        self.kind.bytes_per_sample() as usize
    }

    fn header(&self, recording: &Recording) -> Vec<u8> {
        let start = recording.header().start;
        let (date, time) = match start {
            Some(t) => (
                format!("{:02}.{:02}.{:02}", t.day, t.month, t.year % 100),
                format!("{:02}.{:02}.{:02}", t.hour, t.minute, t.second),
            ),
            None => ("01.01.85".into(), "00.00.00".into()),
        };
        let n_signals = recording.channels().len() + 1;
        let gaps = if recording.runs().len() > 1 { "D" } else { "C" };
        let kind = format!("{}+{gaps}", self.kind.name());
        let mut bytes = Vec::with_capacity(256 * (n_signals + 1));
        for (text, width) in [
            ("0", 8),
            ("X X X X", 80),
            (&clock::startdate_text(start), 80),
            (&date, 8),
            (&time, 8),
            (&(256 * (n_signals + 1)).to_string(), 8),
            (&kind, 44),
            (&self.records.len().to_string(), 8),
            (&self.record_s, 8),
            (&n_signals.to_string(), 4),
        ] {
            put(&mut bytes, text, width);
        }
        self.signal_fields(recording, &mut bytes);
        if self.kind == Kind::Bdf {
            bytes.splice(0..8, *b"\xffBIOSEMI");
        }
        bytes
    }

    fn signal_fields(&self, recording: &Recording, bytes: &mut Vec<u8>) {
        let channels = recording.channels();
        let mut column = |width: usize, of: &dyn Fn(usize, &Channel) -> String, annotation: &str| {
            for (i, channel) in channels.iter().enumerate() {
                put(bytes, &of(i, channel), width);
            }
            put(bytes, annotation, width);
        };
        let scale = |i: usize, text: fn(&Scale) -> String| self.scales.get(i).map_or(String::new(), text);
        let (low, high) = self.kind.digital_range();
        let label = self.kind.annotation_label();
        column(16, &|_, c| c.name.clone(), label);
        column(80, &|_, _| String::new(), "");
        column(8, &|i, _| scale(i, |s| s.unit.clone()), "");
        column(8, &|i, _| scale(i, |s| s.low.clone()), "-1");
        column(8, &|i, _| scale(i, |s| s.high.clone()), "1");
        column(8, &|i, _| scale(i, |s| s.digital.0.to_string()), &low.to_string());
        column(8, &|i, _| scale(i, |s| s.digital.1.to_string()), &high.to_string());
        column(80, &|_, c| prefilter(c), "");
        column(8, &|_, _| self.per_record.to_string(), &(self.annotation_bytes / self.width()).to_string());
        column(32, &|_, _| String::new(), "");
    }
}

fn prefilter(channel: &Channel) -> String {
    let edge = |name: &str, f: Option<dosewave_eeg::Hz>| f.map(|f| format!("{name}:{}Hz", f.0));
    [edge("HP", channel.high_pass), edge("LP", channel.low_pass)]
        .into_iter()
        .flatten()
        .collect::<Vec<_>>()
        .join(" ")
}

/// Times to the nanosecond: sums of floats would print sixteen digits.
fn tidy(seconds: f64) -> f64 {
    (seconds * 1e9).round() / 1e9
}

/// A header field: ASCII, cut or filled with blanks to its width.
fn put(bytes: &mut Vec<u8>, text: &str, width: usize) {
    let ascii = text.replace('µ', "u");
    let mut field: Vec<u8> =
        ascii.chars().map(|c| if c.is_ascii_graphic() || c == ' ' { c as u8 } else { b'?' }).collect();
    field.resize(width, b' ');
    bytes.extend(field);
}

/// Samples per record and its duration as eight characters: about a second, dividing every run where that is possible.
fn record_length(runs: &[Run], sfreq: f64) -> std::result::Result<(u64, String), String> {
    let exact = |n: u64| {
        let seconds = n as f64 / sfreq;
        let text = format!("{seconds}");
        (text.len() <= 8 && (text.parse::<f64>().unwrap_or(0.0) * sfreq - n as f64).abs() < 1e-9)
            .then_some(text)
    };
    let shared = runs.iter().map(Run::len).fold(0, gcd);
    let longest = (sfreq * 10.0).ceil() as u64;
    let shortest = (sfreq / 4.0).ceil() as u64;
    let second = sfreq.round().max(1.0) as u64;
    let candidates = (shortest.max(1)..=longest.max(1)).filter_map(|n| exact(n).map(|text| (n, text)));
    let (mut dividing, mut any) = (None, None);
    for (n, text) in candidates {
        let distance = n.abs_diff(second);
        let better = |best: &Option<(u64, u64, String)>| best.as_ref().is_none_or(|(d, _, _)| distance < *d);
        if shared > 0 && shared.is_multiple_of(n) && better(&dividing) {
            dividing = Some((distance, n, text.clone()));
        }
        if better(&any) {
            any = Some((distance, n, text));
        }
    }
    dividing.or(any).map(|(_, n, text)| (n, text)).ok_or_else(|| {
        format!(
            "no record of 0.25 to 10 s holds a whole number of samples at {sfreq} Hz; resample, or write HDF5"
        )
    })
}

fn gcd(a: u64, b: u64) -> u64 {
    if b == 0 { a } else { gcd(b, a % b) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_divide_the_runs_where_they_can() {
        let run = |n| vec![Run { onset: dosewave_eeg::Seconds(0.0), samples: 0..n }];
        assert_eq!(record_length(&run(2500), 250.0).unwrap(), (250, "1".into()));
        assert_eq!(record_length(&run(2505), 250.0).unwrap().0, 167);
        assert_eq!(record_length(&run(2503), 250.0).unwrap().0, 250);
        assert_eq!(record_length(&run(1000), 512.5).unwrap(), (533, "1.04".into()));
    }
}

//! Samples and annotations of an open file.

use super::clock;
use super::header::{self, EdfHeader, Kind, Signal};
use super::tal;
use crate::bytes::microvolts_per;
use crate::{Error, Limits, ReadSeek, Reader, Result, Source};
use dosewave_eeg::{
    Annotation, Channel, ChannelKind, Details, Header, Hz, Note, OtherSignal, Recording, Run, Seconds,
};
use ndarray::{Array2, Axis};
use std::collections::BTreeMap;
use std::io::{Read, Seek, SeekFrom};
use std::ops::Range;

/// Bytes that one pass over the disk takes.
const CHUNK: u64 = 1 << 20;

/// An open EDF or BDF file.
pub(crate) struct EdfReader {
    name: String,
    input: Box<dyn ReadSeek>,
    limits: Limits,
    raw: EdfHeader,
    /// Indices of the signals that are channels of the recording.
    picked: Vec<usize>,
    header: Header,
}

impl EdfReader {
    pub(crate) fn open(source: &dyn Source, limits: Limits, kind: Kind) -> Result<Self> {
        let name = source.name().to_owned();
        let mut input = source.open()?;
        let mut raw = header::read(&name, kind, input.as_mut(), &limits)?;
        let size =
            input.seek(SeekFrom::End(0)).map_err(|source| Error::Io { file: (&name).into(), source })?;
        let n_records = count_records(&name, &mut raw, size)?;
        let times = Times::read(&name, input.as_mut(), &raw, n_records, &limits)?;
        let picked = main_signals(&raw);
        let header = describe(&name, &raw, &picked, n_records, times)?;
        Ok(Self { name, input, limits, raw, picked, header })
    }

    fn per_record(&self) -> u64 {
        self.picked.first().and_then(|i| self.raw.signals.get(*i)).map_or(0, |s| s.per_record)
    }

    fn io<T>(&self, result: std::io::Result<T>) -> Result<T> {
        result.map_err(|source| Error::Io { file: (&self.name).into(), source })
    }

    /// Decodes the samples `wanted` of the recording into `data_uv`.
    fn decode(&mut self, wanted: &Range<u64>, data_uv: &mut Array2<f64>) -> Result<()> {
        let per_record = self.per_record();
        let records = wanted.start / per_record..wanted.end.div_ceil(per_record);
        let at_once = (CHUNK / self.raw.record_bytes.max(1)).max(1);
        let mut buffer = Vec::new();
        let mut first = records.start;
        while first < records.end {
            let n = at_once.min(records.end - first);
            buffer.resize((n * self.raw.record_bytes) as usize, 0_u8);
            let position = self.raw.header_bytes + first * self.raw.record_bytes;
            let moved = self.input.seek(SeekFrom::Start(position));
            self.io(moved)?;
            let filled = self.input.read_exact(&mut buffer);
            self.io(filled)?;
            for (i, record) in buffer.chunks_exact(self.raw.record_bytes as usize).enumerate() {
                self.decode_record(record, (first + i as u64) * per_record, wanted, data_uv);
            }
            first += n;
        }
        Ok(())
    }

    /// One record, whose first sample is `start`, into the columns of `wanted`.
    fn decode_record(&self, record: &[u8], start: u64, wanted: &Range<u64>, data_uv: &mut Array2<f64>) {
        let per_record = self.per_record();
        let from = wanted.start.max(start);
        let to = wanted.end.min(start + per_record);
        if from >= to {
            return;
        }
        let (skip, count, column) =
            ((from - start) as usize, (to - from) as usize, (from - wanted.start) as usize);
        let width = self.raw.kind.bytes_per_sample() as usize;
        for (signal, mut row) in
            self.picked.iter().filter_map(|i| self.raw.signals.get(*i)).zip(data_uv.axis_iter_mut(Axis(0)))
        {
            let begin = signal.offset as usize + skip * width;
            let Some(bytes) = record.get(begin..begin + count * width) else { continue };
            let Some(out) = row.as_slice_mut().and_then(|row| row.get_mut(column..column + count)) else {
                continue;
            };
            let (gain, offset) = signal.calibration();
            match self.raw.kind {
                Kind::Edf => decode_16(bytes, gain, offset, out),
                Kind::Bdf => decode_24(bytes, gain, offset, out),
            }
        }
    }
}

fn decode_16(bytes: &[u8], gain: f64, offset: f64, out: &mut [f64]) {
    for (value, sample) in out.iter_mut().zip(bytes.as_chunks::<2>().0) {
        *value = f64::from(i16::from_le_bytes(*sample)) * gain + offset;
    }
}

fn decode_24(bytes: &[u8], gain: f64, offset: f64, out: &mut [f64]) {
    for (value, [a, b, c]) in out.iter_mut().zip(bytes.as_chunks::<3>().0) {
        // in the upper three bytes, so that the shift carries the sign
        let digital = i32::from_le_bytes([0, *a, *b, *c]) >> 8;
        *value = f64::from(digital) * gain + offset;
    }
}

impl Reader for EdfReader {
    fn header(&self) -> &Header {
        &self.header
    }

    fn read(&mut self, samples: Range<u64>) -> Result<Recording> {
        let n_times = self.header.n_times();
        let wanted = samples.start.min(n_times)..samples.end.min(n_times);
        let n = wanted.end.saturating_sub(wanted.start);
        self.limits.check_samples(&self.name, self.picked.len() as u64, n)?;
        let mut data_uv = Array2::zeros((self.picked.len(), n as usize));
        if n > 0 {
            self.decode(&wanted, &mut data_uv)?;
        }
        crate::runs::recording(&self.name, &self.header, &wanted, data_uv)
    }
}

/// How many whole records there are; notes say where the header is wrong.
fn count_records(file: &str, raw: &mut EdfHeader, size: u64) -> Result<u64> {
    let topic = raw.kind.name();
    let data = size.saturating_sub(raw.header_bytes);
    let whole = data.checked_div(raw.record_bytes).unwrap_or(0);
    let rest = data.checked_rem(raw.record_bytes).unwrap_or(0);
    if whole == 0 && rest > 0 {
        return Err(Error::Malformed {
            file: file.into(),
            format: topic,
            field: "the first data record".into(),
            offset: raw.header_bytes,
            found: format!("{rest} bytes long, where the header claims {}", raw.record_bytes),
            allowed:
                "at least one whole record; the file is truncated, or its header claims too many samples"
                    .into(),
        });
    }
    let claimed = u64::try_from(raw.n_records).ok();
    let mut note = |text: String| raw.notes.push(Note::warning(topic, text));
    match claimed {
        None => note(format!(
            "the number of records is unknown ({}); the file holds {whole} whole ones",
            raw.n_records
        )),
        Some(n) if n > whole => {
            note(format!(
                "truncated: the header claims {n} records, the file holds {whole} whole ones, which are read"
            ));
        }
        Some(n) if n < whole => {
            note(format!("the file holds {whole} records, the header claims {n}, which are read"));
        }
        Some(_) => {}
    }
    if rest > 0 && claimed.is_none_or(|n| n >= whole) {
        note(format!("the last record is incomplete ({rest} of {} bytes) and left out", raw.record_bytes));
    }
    Ok(claimed.map_or(whole, |n| n.min(whole)))
}

/// The signals of one rate that make the recording: the rate of most EEG channels, the higher one where that is even.
fn main_signals(raw: &EdfHeader) -> Vec<usize> {
    let mut by_rate: BTreeMap<u64, (usize, Vec<usize>)> = BTreeMap::new();
    for (i, signal) in raw.signals.iter().enumerate() {
        if signal.is_annotation || signal.per_record == 0 {
            continue;
        }
        let eeg = Channel::from_name(&signal.label).kind == ChannelKind::Eeg;
        let group = by_rate.entry(signal.per_record).or_default();
        group.0 += usize::from(eeg && microvolts_per(&signal.dimension).is_some());
        group.1.push(i);
    }
    by_rate
        .into_iter()
        .max_by_key(|(rate, (eeg, _))| (*eeg, *rate))
        .map(|(_, (_, picked))| picked)
        .unwrap_or_default()
}

/// Onsets of the records and the annotations, seconds from the start that the header states.
#[derive(Default)]
struct Times {
    onsets: Vec<f64>,
    annotations: Vec<Annotation>,
    bad: usize,
}

impl Times {
    fn read(
        name: &str,
        input: &mut dyn ReadSeek,
        raw: &EdfHeader,
        n_records: u64,
        limits: &Limits,
    ) -> Result<Self> {
        let mut times = Self::default();
        let lists: Vec<&Signal> =
            raw.signals.iter().filter(|s| s.is_annotation && s.per_record > 0).collect();
        if lists.is_empty() {
            return Ok(times);
        }
        let mut bytes = Vec::new();
        for record in 0..n_records {
            for (k, signal) in lists.iter().enumerate() {
                let position = raw.header_bytes + record * raw.record_bytes + signal.offset;
                bytes.resize((signal.per_record * raw.kind.bytes_per_sample()) as usize, 0_u8);
                let failed = |source| Error::Io { file: name.into(), source };
                input.seek(SeekFrom::Start(position)).map_err(failed)?;
                input.read_exact(&mut bytes).map_err(failed)?;
                times.add(&bytes, k == 0);
            }
            limits.check_annotations(name, times.annotations.len())?;
        }
        Ok(times)
    }

    /// Adds one record's lists; the first list of the first annotation signal keeps the record's time.
    fn add(&mut self, bytes: &[u8], keeps_time: bool) {
        let (tals, bad) = tal::parse(bytes);
        self.bad += bad;
        if keeps_time {
            self.onsets.push(tals.first().map_or(f64::NAN, |tal| tal.onset_s));
        }
        for tal in tals {
            let onset = Seconds(tal.onset_s);
            self.annotations.extend(
                tal.texts.into_iter().map(|text| Annotation::new(onset, Seconds(tal.duration_s), text)),
            );
        }
    }

    /// Time of the first sample on the header's clock.
    fn zero(&self) -> f64 {
        self.onsets.first().copied().filter(|t| t.is_finite()).unwrap_or(0.0)
    }
}

fn describe(name: &str, raw: &EdfHeader, picked: &[usize], n_records: u64, times: Times) -> Result<Header> {
    let mut notes = raw.notes.clone();
    let topic = raw.kind.name();
    let per_record = picked.first().and_then(|i| raw.signals.get(*i)).map_or(0, |s| s.per_record);
    if per_record > 0 && raw.record_s <= 0.0 {
        return Err(Error::Malformed {
            file: name.into(),
            format: topic,
            field: "record duration".into(),
            offset: 244,
            found: raw.record_s.to_string(),
            allowed: "more than 0 s: the file holds signals, and their rate is unknown without it".into(),
        });
    }
    let zero = times.zero();
    let sfreq = if per_record > 0 { per_record as f64 / raw.record_s } else { 1.0 };
    if picked.is_empty() {
        notes.push(Note::info(topic, "no signal but annotations"));
    }
    if times.bad > 0 {
        notes.push(Note::warning(
            topic,
            format!("{} annotation list(s) could not be understood and are left out", times.bad),
        ));
    }
    let runs = runs(raw, per_record, n_records, &times, &mut notes);
    let mut annotations = times.annotations;
    for annotation in &mut annotations {
        annotation.onset.0 -= zero;
    }
    annotations.sort_by(|a, b| a.onset.0.total_cmp(&b.onset.0));
    Ok(Header {
        format: format!(
            "{topic}{}",
            if raw.is_discontinuous {
                "+D"
            } else if raw.is_plus {
                "+C"
            } else {
                ""
            }
        ),
        channels: picked.iter().filter_map(|i| raw.signals.get(*i)).map(channel).collect(),
        sfreq: Hz(sfreq),
        runs,
        start: raw.start.map(|start| clock::later(start, zero.max(0.0))),
        annotations,
        other_signals: other_signals(raw, picked, n_records, &mut notes),
        details: Details::default(),
        notes,
    })
}

fn channel(signal: &Signal) -> Channel {
    let mut channel = Channel::from_name(&signal.label);
    if microvolts_per(&signal.dimension).is_none() || signal.physical.0 == signal.physical.1 {
        channel.unit = if signal.dimension.is_empty() { "1".into() } else { signal.dimension.clone() };
        if channel.kind == ChannelKind::Eeg {
            channel.kind = ChannelKind::Misc;
        }
    }
    let (high_pass, low_pass) = header::prefilter(&signal.prefilter);
    channel.high_pass = high_pass.map(Hz);
    channel.low_pass = low_pass.map(Hz);
    channel
}

fn other_signals(
    raw: &EdfHeader,
    picked: &[usize],
    n_records: u64,
    notes: &mut Vec<Note>,
) -> Vec<OtherSignal> {
    let others: Vec<OtherSignal> = raw
        .signals
        .iter()
        .enumerate()
        .filter(|(i, s)| !s.is_annotation && !picked.contains(i))
        .map(|(_, s)| OtherSignal {
            name: s.label.clone(),
            sfreq: Hz(if raw.record_s > 0.0 { s.per_record as f64 / raw.record_s } else { 0.0 }),
            n_samples: s.per_record.saturating_mul(n_records),
            unit: s.dimension.clone(),
        })
        .collect();
    if !others.is_empty() {
        let names: Vec<String> = others.iter().map(|s| format!("{} ({})", s.name, s.sfreq)).collect();
        notes.push(Note::info(
            raw.kind.name(),
            format!("signals of another rate are left out: {}", names.join(", ")),
        ));
    }
    others
}

/// Stretches of records without a gap, times from the first sample.
fn runs(raw: &EdfHeader, per_record: u64, n_records: u64, times: &Times, notes: &mut Vec<Note>) -> Vec<Run> {
    if per_record == 0 || n_records == 0 {
        return Vec::new();
    }
    let one = || vec![Run { onset: Seconds(0.0), samples: 0..per_record.saturating_mul(n_records) }];
    if !raw.is_discontinuous {
        return one();
    }
    let half_sample = 0.5 * raw.record_s / per_record as f64;
    let zero = times.zero();
    let mut runs: Vec<Run> = Vec::new();
    let mut backwards = 0;
    for record in 0..n_records {
        let stated = times.onsets.get(record as usize).copied().unwrap_or(f64::NAN) - zero;
        let samples = record * per_record..(record + 1) * per_record;
        let next = runs.last().map(|run| run.onset.0 + run.len() as f64 * raw.record_s / per_record as f64);
        match (runs.last_mut(), next) {
            (Some(run), Some(next)) if stated.is_nan() || stated <= next + half_sample => {
                backwards += usize::from(stated.is_nan() || stated < next - half_sample);
                run.samples.end = samples.end;
            }
            _ => runs.push(Run { onset: Seconds(if stated.is_nan() { 0.0 } else { stated }), samples }),
        }
    }
    if backwards > 0 {
        let text = format!(
            "{backwards} record(s) have no onset or one before the end of the record before; taken as contiguous"
        );
        notes.push(Note::warning(raw.kind.name(), text));
    }
    runs
}

//! The recording's header from the file's.

use super::clock;
use super::header::{self, EdfHeader, Signal};
use super::times::Times;
use super::triggers::Triggers;
use crate::bytes::microvolts_per;
use crate::{Error, Result};
use dosewave_eeg::{
    Annotation, Channel, ChannelKind, Details, Header, Hz, Note, OtherSignal, Quantization, Run, Seconds,
};

/// Records of a continuous file whose time is off by more are taken at their word, s.
const JUMP: f64 = 0.02;

/// What was found in a file beside its header.
pub(super) struct Found<'a> {
    pub(super) raw: &'a EdfHeader,
    /// Signals of the recording's rate.
    pub(super) picked: &'a [usize],
    /// The others.
    pub(super) others: &'a [usize],
    pub(super) n_records: u64,
}

impl Found<'_> {
    fn signals<'a>(&'a self, indices: &'a [usize]) -> impl Iterator<Item = &'a Signal> {
        indices.iter().filter_map(|i| self.raw.signals.get(*i))
    }

    fn per_record(&self) -> u64 {
        self.signals(self.picked).next().map_or(0, |signal| signal.per_record)
    }

    pub(super) fn header(&self, name: &str, times: Times, triggers: Triggers) -> Result<Header> {
        let raw = self.raw;
        let topic = raw.kind.name();
        let mut notes = raw.notes.clone();
        let per_record = self.per_record();
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
        if self.picked.is_empty() {
            notes.push(Note::info(topic, "no signal but annotations"));
        }
        if times.bad > 0 {
            let text = format!("{} annotation list(s) could not be understood and are left out", times.bad);
            notes.push(Note::warning(topic, text));
        }
        notes.extend(triggers.notes);
        let zero = times.zero();
        let runs = self.runs(&times, &mut notes);
        let mut header = Header {
            format: self.format(),
            channels: self.signals(self.picked).map(channel).collect(),
            sfreq: Hz(if per_record > 0 { per_record as f64 / raw.record_s } else { 1.0 }),
            runs,
            start: raw.start.map(|start| clock::later(start, zero.max(0.0))),
            annotations: times.annotations,
            other_signals: self.other_signals(),
            details: Details::default(),
            notes,
        };
        self.note_others(&mut header);
        for annotation in &mut header.annotations {
            annotation.onset.0 -= zero;
        }
        for event in triggers.events {
            if let Some(start) = header.time_of(event.record.saturating_mul(per_record)) {
                let onset = Seconds(start.0 + event.within * raw.record_s);
                header.annotations.push(Annotation::new(onset, Seconds(0.0), event.label));
            }
        }
        header.annotations.sort_by(|a, b| a.onset.0.total_cmp(&b.onset.0));
        Ok(header)
    }

    fn format(&self) -> String {
        let plus = match (self.raw.is_discontinuous, self.raw.is_plus) {
            (true, _) => "+D",
            (false, true) => "+C",
            (false, false) => "",
        };
        format!("{}{plus}", self.raw.kind.name())
    }

    fn other_signals(&self) -> Vec<OtherSignal> {
        let raw = self.raw;
        self.signals(self.others)
            .map(|signal| OtherSignal {
                name: signal.name.clone(),
                sfreq: Hz(if raw.record_s > 0.0 { signal.per_record as f64 / raw.record_s } else { 0.0 }),
                n_samples: signal.per_record.saturating_mul(self.n_records),
                unit: signal.dimension.clone(),
            })
            .collect()
    }

    fn note_others(&self, header: &mut Header) {
        let names: Vec<String> =
            header.other_signals.iter().map(|s| format!("{} ({})", s.name, s.sfreq)).collect();
        if !names.is_empty() {
            let text = format!(
                "signals of another rate are no channels of the recording; each is read by itself: {}",
                names.join(", ")
            );
            header.notes.push(Note::info(self.raw.kind.name(), text));
        }
    }

    /// Stretches of records without a gap, times from the first sample.
    fn runs(&self, times: &Times, notes: &mut Vec<Note>) -> Vec<Run> {
        let (raw, per_record) = (self.raw, self.per_record());
        if per_record == 0 || self.n_records == 0 {
            return Vec::new();
        }
        let all = 0..per_record.saturating_mul(self.n_records);
        if !raw.is_discontinuous && (!raw.is_plus || !has_jump(raw, &times.onsets)) {
            return vec![Run { onset: Seconds(0.0), samples: all }];
        }
        // onsets are written with few digits
        let slack = (0.5 * raw.record_s / per_record as f64).max(5e-4);
        let mut runs: Vec<Run> = Vec::new();
        let mut backwards = 0;
        for record in 0..self.n_records {
            let stated = times.onsets.get(record as usize).copied().unwrap_or(f64::NAN) - times.zero();
            let samples = record * per_record..(record + 1) * per_record;
            let next =
                runs.last().map(|run| run.onset.0 + run.len() as f64 * raw.record_s / per_record as f64);
            match (runs.last_mut(), next) {
                (Some(run), Some(next)) if stated.is_nan() || stated <= next + slack => {
                    backwards += usize::from(stated.is_nan() || stated < next - slack);
                    run.samples.end = samples.end;
                }
                _ => runs.push(Run { onset: Seconds(if stated.is_nan() { 0.0 } else { stated }), samples }),
            }
        }
        note_runs(raw, runs.len(), backwards, notes);
        runs
    }
}

/// Whether a record begins later than the one before it ends.
fn has_jump(raw: &EdfHeader, onsets: &[f64]) -> bool {
    onsets.windows(2).any(|pair| matches!(pair, [a, b] if b - a - raw.record_s > JUMP))
}

fn note_runs(raw: &EdfHeader, n_runs: usize, backwards: usize, notes: &mut Vec<Note>) {
    if !raw.is_discontinuous && n_runs > 1 {
        let text = format!(
            "the header says that the recording has no gaps, the times of its records have {}; they are kept",
            n_runs - 1
        );
        notes.push(Note::warning(raw.kind.name(), text));
    }
    if backwards > 0 {
        let text = format!(
            "{backwards} record(s) have no onset or one before the end of the record before; taken as contiguous"
        );
        notes.push(Note::warning(raw.kind.name(), text));
    }
}

/// One signal as a channel.
pub(super) fn channel(signal: &Signal) -> Channel {
    let mut channel = Channel::from_name(&signal.label);
    channel.name.clone_from(&signal.name);
    let has_range = signal.physical.0 != signal.physical.1;
    let microvolts = microvolts_per(&signal.dimension);
    if microvolts.is_none() || !has_range {
        channel.unit = if signal.dimension.is_empty() { "1".into() } else { signal.dimension.clone() };
        if channel.kind == ChannelKind::Eeg {
            channel.kind = ChannelKind::Misc;
        }
    } else if microvolts != Some(1.0) {
        channel.recorded_unit = Some(signal.dimension.clone());
    }
    let integer = |v: f64| (v.fract() == 0.0 && v.abs() <= 8_388_608.0).then_some(v as i32);
    let digital = integer(signal.digital.0).zip(integer(signal.digital.1));
    channel.quantization =
        digital.filter(|_| has_range).map(|digital| Quantization { digital, physical: signal.physical });
    let (high_pass, low_pass) = header::prefilter(&signal.prefilter);
    channel.high_pass = high_pass.map(Hz);
    channel.low_pass = low_pass.map(Hz);
    channel
}

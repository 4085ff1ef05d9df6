//! An open file.

use super::decode::Signals;
use super::describe::{self, Found};
use super::header::{self, EdfHeader, Kind};
use super::times::Times;
use super::triggers::Triggers;
use crate::bytes::microvolts_per;
use crate::{Error, Identifier, Limits, ReadAt, Reader, Result, Source, runs};
use dosewave_eeg::{Channel, ChannelKind, Header, Note, Recording};
use std::collections::BTreeMap;
use std::ops::Range;

/// An open EDF or BDF file.
pub(crate) struct EdfReader {
    name: String,
    input: Box<dyn ReadAt>,
    limits: Limits,
    raw: EdfHeader,
    /// Indices of the signals that are channels of the recording.
    picked: Vec<usize>,
    /// Indices of the signals of another rate.
    others: Vec<usize>,
    header: Header,
}

impl EdfReader {
    pub(crate) fn open(source: &dyn Source, limits: Limits, kind: Kind) -> Result<Self> {
        let name = source.name().to_owned();
        let mut raw = header::read(&name, kind, source.open()?.as_mut(), &limits)?;
        let input = source.open_at(&name)?;
        let n_records = count_records(&name, &mut raw, input.size())?;
        let times = Times::read(&name, input.as_ref(), &raw, n_records, &limits)?;
        // what we write holds the events of a trigger channel as annotations too
        let is_known = |channel: &str| {
            let of_channel =
                |label: &str| label.strip_prefix(channel).and_then(|rest| rest.strip_prefix('/')).is_some();
            times.annotations.iter().any(|annotation| of_channel(&annotation.label))
        };
        let triggers = Triggers::read(&name, input.as_ref(), &raw, n_records, &limits, is_known)?;
        limits.check_annotations(&name, times.annotations.len() + triggers.events.len())?;
        let picked = main_signals(&raw);
        let is_other = |(i, s): &(usize, &header::Signal)| !s.is_annotation && !picked.contains(i);
        let others: Vec<usize> = raw.signals.iter().enumerate().filter(is_other).map(|(i, _)| i).collect();
        let found = Found { raw: &raw, picked: &picked, others: &others, n_records };
        let header = found.header(&name, times, triggers)?;
        Ok(Self { name, input, limits, raw, picked, others, header })
    }

    /// The samples of these signals, all of the rate that `header` says.
    fn part(&self, header: &Header, signals: &[usize], samples: &Range<u64>) -> Result<Recording> {
        let n_times = header.n_times();
        let wanted = samples.start.min(n_times)..samples.end.min(n_times);
        let n = wanted.end.saturating_sub(wanted.start);
        self.limits.check_samples(&self.name, signals.len() as u64, n)?;
        let signals = signals.iter().filter_map(|i| self.raw.signals.get(*i)).collect();
        let signals = Signals { file: &self.name, input: self.input.as_ref(), raw: &self.raw, signals };
        let data_uv = signals.read(&wanted)?;
        runs::recording(&self.name, header, &wanted, data_uv)
    }
}

impl Reader for EdfReader {
    fn header(&self) -> &Header {
        &self.header
    }

    fn read(&mut self, samples: Range<u64>) -> Result<Recording> {
        self.part(&self.header, &self.picked, &samples)
    }

    fn read_picks(&mut self, samples: Range<u64>, picks: &[usize]) -> Result<Recording> {
        let header = runs::picked(&self.name, &self.header, picks)?;
        let signals: Vec<usize> = picks.iter().filter_map(|pick| self.picked.get(*pick).copied()).collect();
        self.part(&header, &signals, &samples)
    }

    fn read_other(&mut self, index: usize, samples: Range<u64>) -> Result<Recording> {
        let other = self.others.get(index).and_then(|i| Some((*i, self.raw.signals.get(*i)?)));
        let Some((signal, raw)) = other.filter(|(_, raw)| raw.per_record > 0) else {
            return Err(runs::no_other(&self.name, &self.header, index));
        };
        let main = self.picked.first().and_then(|i| self.raw.signals.get(*i)).map_or(1, |s| s.per_record);
        let at = |sample: u64| sample / main.max(1) * raw.per_record;
        let mut header = self.header.clone();
        header.channels = vec![describe::channel(raw)].into();
        header.sfreq = header.other_signals.get(index).map_or(header.sfreq, |other| other.sfreq);
        header.other_signals.clear();
        for run in &mut header.runs {
            run.samples = at(run.samples.start)..at(run.samples.end);
        }
        self.part(&header, &[signal], &samples)
    }

    fn identity(&self) -> Vec<Identifier> {
        let fields = [("patient", &self.raw.patient), ("recording", &self.raw.recording)];
        fields
            .iter()
            .filter(|(_, value)| !value.is_empty())
            .map(|(field, value)| Identifier::new(*field, value.as_str()))
            .collect()
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

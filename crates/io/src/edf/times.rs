//! Onsets of the records and annotations, from the annotation signals.

use super::header::{EdfHeader, Signal};
use super::tal;
use crate::{Error, Limits, ReadAt, Result};
use dosewave_eeg::{Annotation, Seconds};

/// Onsets of the records and the annotations, seconds from the start that the header states.
#[derive(Default)]
pub(super) struct Times {
    pub(super) onsets: Vec<f64>,
    pub(super) annotations: Vec<Annotation>,
    /// Lists that could not be understood.
    pub(super) bad: usize,
}

impl Times {
    pub(super) fn read(
        name: &str,
        input: &dyn ReadAt,
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
        limits.check_bytes(name, "the onsets of all records", n_records.saturating_mul(8))?;
        let mut bytes = Vec::new();
        for record in 0..n_records {
            for (k, signal) in lists.iter().enumerate() {
                let position = raw.header_bytes + record * raw.record_bytes + signal.offset;
                bytes.resize((signal.per_record * raw.kind.bytes_per_sample()) as usize, 0_u8);
                input
                    .read_exact_at(&mut bytes, position)
                    .map_err(|source| Error::Io { file: name.into(), source })?;
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
    pub(super) fn zero(&self) -> f64 {
        self.onsets.first().copied().filter(|t| t.is_finite()).unwrap_or(0.0)
    }
}

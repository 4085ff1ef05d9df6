//! Onsets of the records and annotations, from the annotation signals.

use super::header::{EdfHeader, Signal};
use super::tal;
use crate::{Error, Limits, ReadAt, Result};
use dosewave_eeg::{Annotation, Seconds, parallel};
use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Records from which the time of a second thread is well spent.
const SHARED: u64 = 2000;

/// The annotation signals of a file.
struct Lists<'a> {
    name: &'a str,
    input: &'a dyn ReadAt,
    raw: &'a EdfHeader,
    lists: Vec<&'a Signal>,
    limits: &'a Limits,
    /// Found so far, by all threads.
    n_annotations: AtomicUsize,
}

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
        let file = Lists { name, input, raw, lists, limits, n_annotations: AtomicUsize::new(0) };
        // a record's list is a read of a few bytes, which costs the same whoever waits for it
        let n_parts = if n_records < SHARED { 1 } else { parallel::n_threads().min(8) as u64 };
        let each = n_records.div_ceil(n_parts.max(1)).max(1);
        let mut parts: Vec<Self> = (0..n_records.div_ceil(each)).map(|_| Self::default()).collect();
        let ranges = (0..).map(|part| part * each..n_records.min((part + 1) * each));
        parallel::try_each(ranges.zip(&mut parts).collect(), |(records, part)| part.fill(&file, records))?;
        for part in parts {
            times.onsets.extend(part.onsets);
            times.annotations.extend(part.annotations);
            times.bad += part.bad;
        }
        Ok(times)
    }

    /// Adds the lists of some records.
    fn fill(&mut self, file: &Lists<'_>, records: Range<u64>) -> Result<()> {
        let raw = file.raw;
        let mut bytes = Vec::new();
        for record in records {
            let before = self.annotations.len();
            for (k, signal) in file.lists.iter().enumerate() {
                let position = raw.header_bytes + record * raw.record_bytes + signal.offset;
                bytes.resize((signal.per_record * raw.kind.bytes_per_sample()) as usize, 0_u8);
                file.input
                    .read_exact_at(&mut bytes, position)
                    .map_err(|source| Error::Io { file: file.name.into(), source })?;
                self.add(&bytes, k == 0);
            }
            let added = self.annotations.len() - before;
            if added > 0 {
                let all = file.n_annotations.fetch_add(added, Ordering::Relaxed) + added;
                file.limits.check_annotations(file.name, all)?;
            }
        }
        Ok(())
    }

    /// Adds one record's lists; the first list of the first annotation signal keeps the record's time.
    fn add(&mut self, bytes: &[u8], keeps_time: bool) {
        let mut time = f64::NAN;
        for tal in tal::lists(bytes) {
            let Some(tal) = tal else {
                self.bad += 1;
                continue;
            };
            if time.is_nan() {
                time = tal.onset_s;
            }
            let onset = Seconds(tal.onset_s);
            self.annotations.extend(
                tal.texts.into_iter().map(|text| Annotation::new(onset, Seconds(tal.duration_s), text)),
            );
        }
        if keeps_time {
            self.onsets.push(time);
        }
    }

    /// Time of the first sample on the header's clock.
    pub(super) fn zero(&self) -> f64 {
        self.onsets.first().copied().filter(|t| t.is_finite()).unwrap_or(0.0)
    }
}

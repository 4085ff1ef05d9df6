//! An open recording: samples of its stream, and of the others.

use super::FORMAT;
use super::chunks::{Chunk, Stream};
use super::others::{self, Other};
use super::samples::{number, stamp};
use super::stream::Values;
use super::window::Window;
use crate::{Identifier, Limits, Reader, Result};
use dosewave_eeg::{Header, Recording};
use ndarray::{Array2, Axis};
use std::ops::Range;

/// Where the samples of a stream stand, and what their values mean.
pub(crate) struct Samples {
    pub(crate) values: Values,
    pub(crate) chunks: Vec<Chunk>,
    pub(crate) n_samples: u64,
    /// Of each channel.
    pub(crate) factors: Vec<f64>,
}

/// An open recording.
pub(crate) struct XdfReader {
    pub(crate) window: Window,
    pub(crate) limits: Limits,
    pub(crate) samples: Samples,
    pub(crate) header: Header,
    pub(crate) identity: Vec<Identifier>,
    /// Streams that are neither the recording nor annotations.
    pub(crate) streams: Vec<Stream>,
    /// The stream and the channel of each of the header's other signals.
    pub(crate) others: Vec<Other>,
    /// Time zero on the recorder's clock.
    pub(crate) zero: f64,
}

impl Samples {
    /// No samples at all.
    pub(crate) fn none() -> Self {
        Self { values: Values::Text, chunks: Vec::new(), n_samples: 0, factors: Vec::new() }
    }

    /// Bytes of all channels at one time.
    pub(crate) fn frame(&self) -> usize {
        self.factors.len() * self.values.bytes().unwrap_or(0)
    }

    /// The samples `wanted`, one row for each of `picks`.
    pub(crate) fn read(
        &self,
        window: &mut Window,
        wanted: &Range<u64>,
        picks: &[usize],
    ) -> Result<Array2<f64>> {
        let n = wanted.end.saturating_sub(wanted.start);
        let mut data = Array2::zeros((picks.len(), n as usize));
        if n == 0 {
            return Ok(data);
        }
        let (frame, width) = (self.frame(), self.values.bytes().unwrap_or(0));
        let first = self.chunks.partition_point(|chunk| chunk.first <= wanted.start).saturating_sub(1);
        let ends = self.chunks.iter().skip(first + 1).map(|c| c.first).chain([self.n_samples]);
        for (chunk, end) in self.chunks.iter().skip(first).zip(ends) {
            let mut at = chunk.position;
            for sample in chunk.first..end.min(wanted.end) {
                let (_, values) = stamp(window, at)?;
                at = values + frame as u64;
                let Some(column) = sample.checked_sub(wanted.start) else { continue };
                let bytes = window.bytes(values, frame)?;
                for (out, pick) in data.index_axis_mut(Axis(1), column as usize).iter_mut().zip(picks) {
                    let value = bytes.get(pick * width..).and_then(|bytes| number(bytes, self.values));
                    let factor = self.factors.get(*pick).copied().unwrap_or(1.0);
                    *out = value.map_or(f64::NAN, |value| value * factor);
                }
            }
            if end >= wanted.end {
                break;
            }
        }
        Ok(data)
    }
}

impl Reader for XdfReader {
    fn header(&self) -> &Header {
        &self.header
    }

    fn read(&mut self, samples: Range<u64>) -> Result<Recording> {
        let all: Vec<usize> = (0..self.header.n_channels()).collect();
        part(&mut self.window, &self.limits, (&self.header, &self.samples), &samples, &all)
    }

    fn read_picks(&mut self, samples: Range<u64>, picks: &[usize]) -> Result<Recording> {
        let header = crate::runs::picked(&self.window.name, &self.header, picks)?;
        part(&mut self.window, &self.limits, (&header, &self.samples), &samples, picks)
    }

    fn read_other(&mut self, index: usize, samples: Range<u64>) -> Result<Recording> {
        let (header, source, channel) = others::open(self, index)?;
        part(&mut self.window, &self.limits, (&header, &source), &samples, &[channel])
    }

    fn identity(&self) -> Vec<Identifier> {
        self.identity.clone()
    }
}

/// Samples of a stream, of which `header` tells the rate and the runs.
fn part(
    window: &mut Window,
    limits: &Limits,
    (header, source): (&Header, &Samples),
    samples: &Range<u64>,
    picks: &[usize],
) -> Result<Recording> {
    let wanted = crate::runs::wanted(header, samples);
    limits.check_samples(&window.name, picks.len() as u64, wanted.end - wanted.start)?;
    let data = source.read(window, &wanted, picks)?;
    let missing = crate::runs::missing(FORMAT, header, &data);
    let recording = crate::runs::recording(&window.name, header, &wanted, data)?;
    Ok(match missing {
        Some(note) => recording.with_note(note),
        None => recording,
    })
}

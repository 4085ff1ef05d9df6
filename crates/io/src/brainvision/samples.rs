//! Samples of the data file.

use super::vhdr::{SampleType, Vhdr};
use crate::ReadAt;
use crate::fill::{self, Rows};
use ndarray::Array2;
use std::io::Error;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};

/// Bytes that one pass over the disk takes.
const BLOCK: u64 = 1 << 19;
/// Bytes of frames whose channels are taken apart together: they stay in the fastest cache.
const TILE: usize = 1 << 14;

/// Some channels of a data file.
pub(super) struct Samples<'a> {
    pub(super) input: &'a dyn ReadAt,
    pub(super) vhdr: &'a Vhdr,
    pub(super) n_times: u64,
    pub(super) picks: &'a [usize],
}

impl Samples<'_> {
    /// The samples `wanted` `[pick, time]`, and whether all are finite.
    pub(super) fn read(&self, wanted: &Range<u64>) -> Result<(Array2<f64>, bool), Error> {
        let is_finite = AtomicBool::new(true);
        let data = fill::filled(self.picks.len(), wanted, 1, |part, rows| {
            let all_finite = if self.vhdr.vectorized {
                self.vectorized(&part, rows)?
            } else {
                self.multiplexed(&part, rows)?
            };
            is_finite.fetch_and(all_finite, Ordering::Relaxed);
            Ok::<(), Error>(())
        })?;
        Ok((data, is_finite.into_inner()))
    }

    fn factor(&self, pick: usize) -> f64 {
        self.vhdr.factors.get(pick).copied().unwrap_or(1.0)
    }

    /// Frame after frame, each with one sample of every channel.
    fn multiplexed(&self, part: &Range<u64>, rows: &mut Rows<'_>) -> Result<bool, Error> {
        let width = self.vhdr.sample_type.bytes() as usize;
        let frame = width * self.vhdr.channels.len();
        let at_once = (BLOCK / frame as u64).max(1);
        let tile = (TILE / frame).max(1);
        let mut buffer = Vec::new();
        let mut is_finite = true;
        let mut first = part.start;
        while first < part.end {
            let n = at_once.min(part.end - first);
            buffer.resize(n as usize * frame, 0_u8);
            self.input.read_exact_at(&mut buffer, first * frame as u64)?;
            let mut column = (first - part.start) as usize;
            for frames in buffer.chunks(tile * frame) {
                let columns = column..column + frames.len() / frame;
                column = columns.end;
                for (pick, row) in self.picks.iter().zip(rows.iter_mut()) {
                    let Some(out) = row.get_mut(columns.clone()) else { continue };
                    let bytes = frames.get(pick * width..).unwrap_or_default();
                    is_finite &= self.vhdr.decode(bytes, frame, self.factor(*pick), out);
                }
            }
            first += n;
        }
        Ok(is_finite)
    }

    /// Channel after channel.
    fn vectorized(&self, part: &Range<u64>, rows: &mut Rows<'_>) -> Result<bool, Error> {
        let width = self.vhdr.sample_type.bytes();
        let mut buffer = Vec::new();
        let mut is_finite = true;
        for (pick, row) in self.picks.iter().zip(rows.iter_mut()) {
            let start = (*pick as u64 * self.n_times + part.start) * width;
            let blocks = row.chunks_mut((BLOCK / width) as usize);
            for (position, out) in (0..).map(|i| start + i * BLOCK).zip(blocks) {
                buffer.resize(out.len() * width as usize, 0_u8);
                self.input.read_exact_at(&mut buffer, position)?;
                is_finite &= self.vhdr.decode(&buffer, width as usize, self.factor(*pick), out);
            }
        }
        Ok(is_finite)
    }
}

impl Vhdr {
    /// `out.len()` samples, `stride` bytes apart; whether all are finite.
    fn decode(&self, bytes: &[u8], stride: usize, factor: f64, out: &mut [f64]) -> bool {
        let big = self.big_endian;
        pulp::Arch::new().dispatch(|| match (self.sample_type, big) {
            (SampleType::Int16, false) => {
                each(bytes, stride, factor, out, |b| f64::from(i16::from_le_bytes(b)))
            }
            (SampleType::Int16, true) => {
                each(bytes, stride, factor, out, |b| f64::from(i16::from_be_bytes(b)))
            }
            (SampleType::Uint16, false) => {
                each(bytes, stride, factor, out, |b| f64::from(u16::from_le_bytes(b)))
            }
            (SampleType::Uint16, true) => {
                each(bytes, stride, factor, out, |b| f64::from(u16::from_be_bytes(b)))
            }
            (SampleType::Int32, false) => {
                each(bytes, stride, factor, out, |b| f64::from(i32::from_le_bytes(b)))
            }
            (SampleType::Int32, true) => {
                each(bytes, stride, factor, out, |b| f64::from(i32::from_be_bytes(b)))
            }
            (SampleType::Float32, false) => {
                each(bytes, stride, factor, out, |b| f64::from(f32::from_le_bytes(b)))
            }
            (SampleType::Float32, true) => {
                each(bytes, stride, factor, out, |b| f64::from(f32::from_be_bytes(b)))
            }
            (SampleType::Float64, false) => each(bytes, stride, factor, out, f64::from_le_bytes),
            (SampleType::Float64, true) => each(bytes, stride, factor, out, f64::from_be_bytes),
        })
    }
}

/// `N` bytes to a value, every `stride` bytes; whether all values are finite.
#[inline(always)]
fn each<const N: usize>(
    bytes: &[u8],
    stride: usize,
    factor: f64,
    out: &mut [f64],
    value: impl Fn([u8; N]) -> f64,
) -> bool {
    let mut is_finite = true;
    if stride == N {
        for (out, sample) in out.iter_mut().zip(bytes.as_chunks::<N>().0) {
            *out = value(*sample) * factor;
            is_finite &= out.is_finite();
        }
    } else {
        for (out, frame) in out.iter_mut().zip(bytes.chunks(stride)) {
            if let Some(sample) = frame.first_chunk::<N>() {
                *out = value(*sample) * factor;
                is_finite &= out.is_finite();
            }
        }
    }
    is_finite
}

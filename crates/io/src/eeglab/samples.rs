//! Samples: in the set itself, plain or deflated, or in a file beside it.

use super::mat5_tag::FORMAT;
use super::value::Deflated;
use crate::bytes::Endian;
use crate::storage::Storage;
use crate::{Error, ReadSeek, Result};
use flate2::read::ZlibDecoder;
use ndarray::{Array2, Axis};
use std::io::{self, Read, Seek, SeekFrom, Take};
use std::ops::Range;

/// Bytes decoded at once: they stay in the processor's cache while channel after channel is taken from them.
const BLOCK: usize = 1 << 16;

/// Gives windows of samples.
pub(crate) trait Samples: Send {
    /// Fills `out` (one row per channel of `picks`, one column per sample of `wanted`, which the caller keeps within the
    /// data).
    fn read(&mut self, wanted: &Range<u64>, picks: &[usize], out: &mut Array2<f64>) -> Result<()>;
}

/// How the numbers of a file stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Layout {
    pub(crate) storage: Storage,
    pub(crate) endian: Endian,
    pub(crate) n_channels: usize,
    pub(crate) n_times: u64,
}

impl Layout {
    /// Bytes of all channels at one time.
    fn frame(&self) -> usize {
        self.n_channels * self.storage.width()
    }

    /// Puts whole frames into the columns of `out` from `column` on.
    fn decode(&self, frames: &[u8], picks: &[usize], column: usize, out: &mut Array2<f64>) {
        for (channel, mut row) in picks.iter().zip(out.outer_iter_mut()) {
            let out = row.iter_mut().skip(column);
            self.storage.decode(self.endian, frames, (*channel, self.n_channels), out);
        }
    }

    /// Reads `wanted` from a stream that stands at its first frame.
    fn stream(&self, input: &mut dyn Read, n: u64, picks: &[usize], out: &mut Array2<f64>) -> io::Result<()> {
        let at_once = (BLOCK / self.frame()).max(1);
        let mut buffer = Vec::new();
        let mut column = 0;
        while column < n as usize {
            let frames = at_once.min(n as usize - column);
            buffer.resize(frames * self.frame(), 0);
            input.read_exact(&mut buffer)?;
            self.decode(&buffer, picks, column, out);
            column += frames;
        }
        Ok(())
    }
}

/// All channels of a time side by side, as in `.fdt` and in sets that are not deflated.
pub(crate) struct Interleaved {
    pub(crate) file: String,
    pub(crate) input: Box<dyn ReadSeek>,
    pub(crate) offset: u64,
    pub(crate) layout: Layout,
}

impl Samples for Interleaved {
    fn read(&mut self, wanted: &Range<u64>, picks: &[usize], out: &mut Array2<f64>) -> Result<()> {
        let failed = |source| Error::Io { file: (&self.file).into(), source };
        let at = self.offset + wanted.start * self.layout.frame() as u64;
        self.input.seek(SeekFrom::Start(at)).map_err(failed)?;
        let n = wanted.end - wanted.start;
        self.layout.stream(&mut self.input, n, picks, out).map_err(failed)
    }
}

/// All times of a channel side by side, as in the `.dat` of early versions.
pub(crate) struct ByChannel {
    pub(crate) file: String,
    pub(crate) input: Box<dyn ReadSeek>,
    pub(crate) layout: Layout,
}

impl Samples for ByChannel {
    fn read(&mut self, wanted: &Range<u64>, picks: &[usize], out: &mut Array2<f64>) -> Result<()> {
        let failed = |source| Error::Io { file: (&self.file).into(), source };
        let width = self.layout.storage.width() as u64;
        let one = Layout { n_channels: 1, ..self.layout };
        for (channel, row) in picks.iter().zip(out.axis_chunks_iter_mut(Axis(0), 1)) {
            let at = (*channel as u64 * self.layout.n_times + wanted.start) * width;
            self.input.seek(SeekFrom::Start(at)).map_err(failed)?;
            let mut row = row;
            let mut values = Array2::zeros((1, row.ncols()));
            one.stream(&mut self.input, wanted.end - wanted.start, &[0], &mut values).map_err(failed)?;
            row.assign(&values);
        }
        Ok(())
    }
}

/// Samples in a deflated part of the set. Windows that follow one another are inflated in one go; an earlier one begins
/// again at the start. Nothing is kept but the window.
pub(crate) struct Inflated {
    pub(crate) file: String,
    pub(crate) part: Deflated,
    /// Of the samples, in what the part holds.
    pub(crate) offset: u64,
    pub(crate) layout: Layout,
    state: State,
}

enum State {
    /// The file, no window of which is being inflated.
    Idle(Box<dyn ReadSeek>),
    /// The stream and the inflated byte at which it stands.
    At(ZlibDecoder<Take<Box<dyn ReadSeek>>>, u64),
    /// While one becomes the other, and after a failure.
    Lost,
}

impl Inflated {
    pub(crate) fn new(
        file: String,
        input: Box<dyn ReadSeek>,
        (part, offset): (Deflated, u64),
        layout: Layout,
    ) -> Self {
        Self { file, part, offset, layout, state: State::Idle(input) }
    }

    /// The stream at an inflated byte.
    fn seek(&mut self, to: u64) -> io::Result<ZlibDecoder<Take<Box<dyn ReadSeek>>>> {
        let (mut stream, at) = match std::mem::replace(&mut self.state, State::Lost) {
            State::At(stream, at) if at <= to => (stream, at),
            State::At(stream, _) => (self.rewound(stream.into_inner().into_inner())?, 0),
            State::Idle(input) => (self.rewound(input)?, 0),
            State::Lost => return Err(io::Error::other("an earlier window could not be inflated")),
        };
        let skipped = io::copy(&mut Read::take(&mut stream, to - at), &mut io::sink())?;
        if skipped < to - at {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(stream)
    }

    fn rewound(&self, mut input: Box<dyn ReadSeek>) -> io::Result<ZlibDecoder<Take<Box<dyn ReadSeek>>>> {
        input.seek(SeekFrom::Start(self.part.offset))?;
        Ok(ZlibDecoder::new(input.take(self.part.bytes)))
    }
}

impl Samples for Inflated {
    fn read(&mut self, wanted: &Range<u64>, picks: &[usize], out: &mut Array2<f64>) -> Result<()> {
        let frame = self.layout.frame() as u64;
        let (from, to) = (self.offset + wanted.start * frame, self.offset + wanted.end * frame);
        let mut inflate = || -> io::Result<()> {
            let mut stream = self.seek(from)?;
            self.layout.stream(&mut stream, wanted.end - wanted.start, picks, out)?;
            self.state = State::At(stream, to);
            Ok(())
        };
        inflate().map_err(|e| Error::Malformed {
            file: (&self.file).into(),
            format: FORMAT,
            field: format!("EEG.data (deflated), samples {} to {}", wanted.start, wanted.end),
            offset: self.part.offset,
            found: e.to_string(),
            allowed: "bytes that zlib can inflate; the file is truncated or damaged".into(),
        })
    }
}

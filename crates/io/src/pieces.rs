//! A recording whose samples stand in pieces, in one file or several.

use crate::frames::{Layout, Scale};
use crate::{Error, Identifier, Limits, ReadSeek, Reader, Result};
use dosewave_eeg::{Header, Recording};
use ndarray::{Array2, ArrayViewMut1, Axis, s};
use std::io::{Read, Seek, SeekFrom};
use std::ops::Range;

/// Bytes that one pass over the disk takes.
const CHUNK: u64 = 1 << 20;
/// Largest stretch of rows that is read at once to save seeks.
const BLOCK: u64 = 8 << 20;

/// Which of channel and time is the faster.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    /// All channels of a time together.
    Multiplexed,
    /// All times of a channel together.
    Vectorized,
}

/// Samples that stand together in a file.
#[derive(Clone, Debug)]
pub(crate) struct Piece {
    /// Which of the files.
    pub(crate) part: usize,
    /// Where its first byte is.
    pub(crate) position: u64,
    pub(crate) layout: Layout,
    pub(crate) order: Order,
    /// The channel of the recording that is its first.
    pub(crate) first_channel: usize,
    /// Its samples, as columns of the recording.
    pub(crate) samples: Range<u64>,
    /// Samples of a channel in the file, where more stand there than belong to the recording (vectorized pieces).
    pub(crate) row: Option<u64>,
}

/// One of the files.
pub(crate) struct Part {
    pub(crate) name: String,
    pub(crate) input: Box<dyn ReadSeek>,
}

/// An open recording.
pub(crate) struct PieceReader {
    pub(crate) name: String,
    pub(crate) format: &'static str,
    pub(crate) parts: Vec<Part>,
    /// In order of their first samples.
    pub(crate) pieces: Vec<Piece>,
    /// One for each channel of the header.
    pub(crate) scales: Vec<Scale>,
    pub(crate) limits: Limits,
    pub(crate) header: Header,
    /// What the file says of persons, dates and devices.
    pub(crate) identity: Vec<Identifier>,
    /// The signals of another rate that the header lists, as the channels of a recording.
    pub(crate) other: Option<Box<Self>>,
}

/// A channel that is wanted: the row it goes to, its place in a piece, its scale.
#[derive(Clone, Copy)]
struct Wanted {
    row: usize,
    index: usize,
    scale: Scale,
}

impl Part {
    /// Reads exactly the bytes at `position`.
    pub(crate) fn read_at(&mut self, position: u64, buffer: &mut [u8]) -> Result<()> {
        let failed = |source| Error::Io { file: (&self.name).into(), source };
        self.input.seek(SeekFrom::Start(position)).map_err(failed)?;
        self.input.read_exact(buffer).map_err(failed)
    }
}

impl PieceReader {
    /// Whether pieces hold all samples of all channels.
    fn is_covered(&self) -> bool {
        let values = |piece: &Piece| {
            (piece.samples.end - piece.samples.start) as u128 * piece.layout.n_channels as u128
        };
        let all = u128::from(self.header.n_times()) * self.scales.len() as u128;
        self.pieces.iter().map(values).sum::<u128>() >= all
    }

    /// Decodes the samples `wanted` of the channels `picks` into the rows of `data`.
    pub(crate) fn decode(
        &mut self,
        wanted: &Range<u64>,
        picks: &[usize],
        data: &mut Array2<f64>,
    ) -> Result<()> {
        let mut buffer = Vec::new();
        for piece in &self.pieces {
            let from = piece.samples.start.max(wanted.start);
            let to = piece.samples.end.min(wanted.end);
            let channels = piece.channels(picks, &self.scales);
            let Some(part) = self.parts.get_mut(piece.part).filter(|_| from < to && !channels.is_empty())
            else {
                continue;
            };
            let columns = (from - wanted.start) as usize..(to - wanted.start) as usize;
            let mut out = data.slice_mut(s![.., columns]);
            let mut rows: Vec<ArrayViewMut1<'_, f64>> = out.axis_iter_mut(Axis(0)).collect();
            match piece.order {
                Order::Multiplexed => piece.multiplexed(part, from..to, &channels, &mut rows, &mut buffer)?,
                Order::Vectorized => piece.vectorized(part, from..to, &channels, &mut rows, &mut buffer)?,
            }
        }
        Ok(())
    }
}

impl Piece {
    /// The wanted channels that it holds.
    fn channels(&self, picks: &[usize], scales: &[Scale]) -> Vec<Wanted> {
        let all = picks.iter().enumerate().filter_map(|(row, pick)| {
            let index = pick.checked_sub(self.first_channel).filter(|i| *i < self.layout.n_channels)?;
            Some(Wanted { row, index, scale: *scales.get(*pick)? })
        });
        all.collect()
    }

    fn multiplexed(
        &self,
        part: &mut Part,
        samples: Range<u64>,
        channels: &[Wanted],
        rows: &mut [ArrayViewMut1<'_, f64>],
        buffer: &mut Vec<u8>,
    ) -> Result<()> {
        let frame = self.layout.frame() as u64;
        let at_once = (CHUNK / frame.max(1)).max(1);
        let mut first = samples.start;
        while first < samples.end {
            let n = at_once.min(samples.end - first);
            buffer.resize((n * frame) as usize, 0);
            part.read_at(self.position + (first - self.samples.start) * frame, buffer)?;
            let columns = (first - samples.start) as usize..(first - samples.start + n) as usize;
            for Wanted { row, index, scale } in channels {
                let out = rows.get_mut(*row).and_then(|row| row.as_slice_mut()?.get_mut(columns.clone()));
                if let Some(out) = out {
                    self.layout.decode_channel(buffer, *index, *scale, out);
                }
            }
            first += n;
        }
        Ok(())
    }

    fn vectorized(
        &self,
        part: &mut Part,
        samples: Range<u64>,
        channels: &[Wanted],
        rows: &mut [ArrayViewMut1<'_, f64>],
        buffer: &mut Vec<u8>,
    ) -> Result<()> {
        let width = self.layout.sample_type.bytes() as u64;
        let length = self.row.unwrap_or(self.samples.end - self.samples.start);
        let (skip, n) = (samples.start - self.samples.start, samples.end - samples.start);
        let begin = |index: usize| (index as u64 * length + skip) * width;
        let first = channels.iter().map(|c| c.index).min().unwrap_or(0);
        let last = channels.iter().map(|c| c.index).max().unwrap_or(0);
        let span = begin(last) + n * width - begin(first);
        let at_once = span <= BLOCK;
        if at_once {
            buffer.resize(span as usize, 0);
            part.read_at(self.position + begin(first), buffer)?;
        }
        for Wanted { row, index, scale } in channels {
            let Some(out) = rows.get_mut(*row).and_then(|row| row.as_slice_mut()) else { continue };
            if at_once {
                let at = (begin(*index) - begin(first)) as usize;
                self.layout.decode_row(buffer.get(at..).unwrap_or_default(), *scale, out);
            } else {
                self.long_row(part, begin(*index), *scale, out, buffer)?;
            }
        }
        Ok(())
    }

    /// A channel's samples, a chunk at a time.
    fn long_row(
        &self,
        part: &mut Part,
        begin: u64,
        scale: Scale,
        out: &mut [f64],
        buffer: &mut Vec<u8>,
    ) -> Result<()> {
        let width = self.layout.sample_type.bytes();
        let mut position = self.position + begin;
        for out in out.chunks_mut(CHUNK as usize / width) {
            buffer.resize(out.len() * width, 0);
            part.read_at(position, buffer)?;
            self.layout.decode_row(buffer, scale, out);
            position += buffer.len() as u64;
        }
        Ok(())
    }
}

impl Reader for PieceReader {
    fn header(&self) -> &Header {
        &self.header
    }

    fn read(&mut self, samples: Range<u64>) -> Result<Recording> {
        let all: Vec<usize> = (0..self.header.n_channels()).collect();
        let header = self.header.clone();
        self.read_channels(samples, &all, &header)
    }

    fn read_picks(&mut self, samples: Range<u64>, picks: &[usize]) -> Result<Recording> {
        let header = crate::runs::picked(&self.name, &self.header, picks)?;
        self.read_channels(samples, picks, &header)
    }

    fn read_other(&mut self, index: usize, samples: Range<u64>) -> Result<Recording> {
        match &mut self.other {
            Some(other) if index < other.header.n_channels() => other.read_picks(samples, &[index]),
            _ => Err(crate::runs::no_other(&self.name, &self.header, index)),
        }
    }

    fn identity(&self) -> Vec<Identifier> {
        self.identity.clone()
    }
}

impl PieceReader {
    fn read_channels(&mut self, samples: Range<u64>, picks: &[usize], header: &Header) -> Result<Recording> {
        let wanted = crate::runs::wanted(header, &samples);
        let n = wanted.end - wanted.start;
        self.limits.check_samples(&self.name, picks.len() as u64, n)?;
        let blank = if self.is_covered() { 0.0 } else { f64::NAN };
        let mut data = Array2::from_elem((picks.len(), n as usize), blank);
        self.decode(&wanted, picks, &mut data)?;
        let missing = crate::runs::missing(self.format, header, &data);
        let recording = crate::runs::recording(&self.name, header, &wanted, data)?;
        Ok(match missing {
            Some(note) => recording.with_note(note),
            None => recording,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bytes::Endian;
    use crate::frames::SampleType;
    use dosewave_eeg::{Channel, Details, Hz, Run, Seconds};
    use std::io::Cursor;

    /// Three channels; 10 samples multiplexed, then 7 vectorized of the first two alone in another file. Sample `t` of
    /// channel `c` is `100 c + t`.
    fn reader() -> PieceReader {
        let bytes = |pairs: Vec<(i16, i16)>| -> Vec<u8> {
            pairs.into_iter().flat_map(|(c, t)| (100 * c + t).to_be_bytes()).collect()
        };
        let first = bytes((0..10).flat_map(|t| (0..3).map(move |c| (c, t))).collect());
        let mut second = vec![9; 5];
        second.extend(bytes((0..2).flat_map(|c| (10..17).map(move |t| (c, t))).collect()));
        let layout = Layout { sample_type: SampleType::Int16, endian: Endian::Big, n_channels: 3 };
        let piece = |part, position, n, order, samples| Piece {
            part,
            position,
            layout: Layout { n_channels: n, ..layout },
            order,
            first_channel: 0,
            samples,
            row: None,
        };
        let part = |name: &str, bytes| Part { name: name.into(), input: Box::new(Cursor::new(bytes)) };
        PieceReader {
            name: "a".into(),
            format: "test",
            parts: vec![part("a", first), part("b", second)],
            pieces: vec![
                piece(0, 0, 3, Order::Multiplexed, 0..10),
                piece(1, 5, 2, Order::Vectorized, 10..17),
            ],
            scales: vec![Scale::gain(1.0); 3],
            limits: Limits::default(),
            header: Header {
                format: "test".into(),
                channels: ["Fz", "Cz", "Pz"].map(Channel::from_name).into(),
                sfreq: Hz(10.0),
                runs: vec![Run { onset: Seconds(0.0), samples: 0..17 }],
                start: None,
                annotations: Vec::new(),
                other_signals: Vec::new(),
                details: Details::default(),
                notes: Vec::new(),
            },
            identity: Vec::new(),
            other: None,
        }
    }

    #[test]
    fn windows_and_picks_hold_what_the_whole_holds() {
        let mut reader = reader();
        let whole = reader.read(0..17).unwrap();
        for c in 0..3 {
            for t in 0..17 {
                let value = whole.data_uv()[[c, t]];
                // what the file does not hold is missing
                assert!(
                    if c == 2 && t >= 10 { value.is_nan() } else { value == (100 * c + t) as f64 },
                    "{c} {t}"
                );
            }
        }
        for (from, to) in [(0, 17), (3, 12), (11, 14), (16, 99), (5, 5), (40, 50)] {
            let end = to.min(17).max(from.min(17));
            let columns = from.min(17) as usize..end as usize;
            for picks in [&[0, 1, 2][..], &[2, 0], &[1]] {
                let part = reader.read_picks(from..to, picks).unwrap();
                let expected = whole.data_uv().slice(s![.., columns.clone()]).select(Axis(0), picks);
                let same = |(a, b): (&f64, &f64)| a.to_bits() == b.to_bits();
                assert!(part.data_uv().iter().zip(&expected).all(same), "{from}..{to} {picks:?}");
                assert_eq!(part.channels().len(), picks.len());
            }
        }
        assert!(reader.read_picks(0..1, &[3]).unwrap_err().to_string().contains("channel index"));
    }

    #[test]
    fn long_rows_are_read_in_chunks() {
        let n = (BLOCK as usize / 2 + 1000) as u64;
        let bytes: Vec<u8> = (0..n).flat_map(|t| ((t % 30_000) as i16).to_be_bytes()).collect();
        let mut reader = reader();
        reader.parts = vec![Part { name: "a".into(), input: Box::new(Cursor::new(bytes)) }];
        reader.pieces.truncate(1);
        let piece = &mut reader.pieces[0];
        (piece.order, piece.samples, piece.layout.n_channels) = (Order::Vectorized, 0..n, 1);
        reader.header.runs[0].samples = 0..n;
        let recording = reader.read_picks(1..n, &[0]).unwrap();
        let data = recording.data_uv();
        let wrong = data.iter().zip(1..).find(|(v, t)| **v != f64::from(t % 30_000));
        assert_eq!(wrong, None);
    }
}

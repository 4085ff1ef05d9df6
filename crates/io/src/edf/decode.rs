//! Samples out of data records.

use super::header::{EdfHeader, Kind, Signal};
use crate::fill::{self, Rows};
use crate::{Error, ReadAt, Result};
use ndarray::Array2;
use std::ops::Range;

/// Bytes of one pass: what stays in a core's own cache while its signals are taken out.
const BLOCK: u64 = 1 << 19;
/// A read of its own costs about as much as copying this many bytes.
const READ_COST: u64 = 4096;
/// Records beyond this are not read whole.
const LONG: u64 = 8 << 20;

/// Signals of one rate in the records of a file.
pub(super) struct Signals<'a> {
    pub(super) file: &'a str,
    pub(super) input: &'a dyn ReadAt,
    pub(super) raw: &'a EdfHeader,
    /// All with the same number of samples per record.
    pub(super) signals: Vec<&'a Signal>,
}

impl Signals<'_> {
    /// The samples `wanted`, `[signal, time]`, in µV or the recorded unit.
    pub(super) fn read(&self, wanted: &Range<u64>) -> Result<Array2<f64>> {
        let packing = Packing::new(self.raw, &self.signals);
        fill::filled(self.signals.len(), wanted, self.per_record(), |part, rows| {
            let filled = if packing.bytes > LONG {
                self.long_records(&part, rows)
            } else {
                self.records(&packing, &part, rows)
            };
            filled.map_err(|source| Error::Io { file: self.file.into(), source })
        })
    }

    fn per_record(&self) -> u64 {
        self.signals.first().map_or(1, |signal| signal.per_record.max(1))
    }

    fn records_of(&self, part: &Range<u64>) -> Range<u64> {
        part.start / self.per_record()..part.end.div_ceil(self.per_record())
    }

    /// Many records at once, channel after channel: rows are written in long stretches.
    fn records(&self, packing: &Packing, part: &Range<u64>, rows: &mut Rows<'_>) -> std::io::Result<()> {
        let records = self.records_of(part);
        let at_once = (BLOCK / packing.bytes.max(1)).max(1);
        let mut buffer = Vec::new();
        let mut first = records.start;
        while first < records.end {
            let n = at_once.min(records.end - first);
            buffer.resize((n * packing.bytes) as usize, 0_u8);
            self.fetch(packing, first, &mut buffer)?;
            for ((signal, offset), row) in self.signals.iter().zip(&packing.offsets).zip(rows.iter_mut()) {
                let records = buffer.chunks_exact(packing.bytes.max(1) as usize);
                for (record, bytes) in (first..).zip(records) {
                    self.take(signal, record, bytes.get(*offset..).unwrap_or_default(), part, row);
                }
            }
            first += n;
        }
        Ok(())
    }

    /// Reads what is needed of the records from `first` on, as many as `buffer` holds.
    fn fetch(&self, packing: &Packing, first: u64, buffer: &mut [u8]) -> std::io::Result<()> {
        let at = |record: u64| self.raw.header_bytes + record * self.raw.record_bytes;
        if packing.is_whole {
            return self.input.read_exact_at(buffer, at(first));
        }
        for (record, packed) in (first..).zip(buffer.chunks_exact_mut(packing.bytes.max(1) as usize)) {
            let mut rest = packed;
            for span in &packing.spans {
                let (here, behind) = rest.split_at_mut((span.end - span.start) as usize);
                self.input.read_exact_at(here, at(record) + span.start)?;
                rest = behind;
            }
        }
        Ok(())
    }

    /// The part's samples of one record, whose bytes of `signal` begin with `bytes`.
    fn take(&self, signal: &Signal, record: u64, bytes: &[u8], part: &Range<u64>, row: &mut [f64]) {
        let start = record * signal.per_record;
        let (from, to) = (part.start.max(start), part.end.min(start + signal.per_record));
        let width = self.raw.kind.bytes_per_sample() as usize;
        let bytes = bytes.get((from.saturating_sub(start)) as usize * width..).unwrap_or_default();
        let columns = from.saturating_sub(part.start) as usize..to.saturating_sub(part.start) as usize;
        if let Some(out) = row.get_mut(columns) {
            decode(self.raw.kind, bytes, signal.calibration(), out);
        }
    }

    /// Records so long that each signal is read by itself, block by block.
    fn long_records(&self, part: &Range<u64>, rows: &mut Rows<'_>) -> std::io::Result<()> {
        let width = self.raw.kind.bytes_per_sample();
        let at_once = BLOCK / width;
        let mut buffer = Vec::new();
        for (signal, row) in self.signals.iter().zip(rows.iter_mut()) {
            for record in self.records_of(part) {
                let start = record * signal.per_record;
                let end = part.end.min(start + signal.per_record);
                let mut from = part.start.max(start);
                while from < end {
                    let to = end.min(from + at_once);
                    buffer.resize(((to - from) * width) as usize, 0_u8);
                    let position = self.raw.header_bytes + record * self.raw.record_bytes + signal.offset;
                    self.input.read_exact_at(&mut buffer, position + (from - start) * width)?;
                    let columns = (from - part.start) as usize..(to - part.start) as usize;
                    if let Some(out) = row.get_mut(columns) {
                        decode(self.raw.kind, &buffer, signal.calibration(), out);
                    }
                    from = to;
                }
            }
        }
        Ok(())
    }
}

/// The stretches of a record that are read, and where each signal begins once they stand one after the other.
struct Packing {
    spans: Vec<Range<u64>>,
    offsets: Vec<usize>,
    bytes: u64,
    is_whole: bool,
}

impl Packing {
    /// Stretches with little between them are read together, and the whole record where that is no dearer.
    fn new(raw: &EdfHeader, signals: &[&Signal]) -> Self {
        let width = raw.kind.bytes_per_sample();
        let mut needed: Vec<Range<u64>> =
            signals.iter().map(|s| s.offset..s.offset + s.per_record * width).collect();
        needed.sort_unstable_by_key(|span| span.start);
        let mut spans: Vec<Range<u64>> = Vec::new();
        for span in needed {
            match spans.last_mut() {
                Some(last) if span.start <= last.end + READ_COST => last.end = last.end.max(span.end),
                _ => spans.push(span),
            }
        }
        let cost: u64 = spans.iter().map(|span| span.end - span.start + READ_COST).sum();
        let is_whole = cost >= raw.record_bytes;
        if is_whole {
            spans = std::iter::once(0..raw.record_bytes).collect();
        }
        let place = |signal: &&Signal| {
            let before = spans.iter().take_while(|span| span.end <= signal.offset);
            let packed: u64 = before.map(|span| span.end - span.start).sum();
            let start = spans.iter().find(|span| span.end > signal.offset).map_or(0, |span| span.start);
            (packed + signal.offset.saturating_sub(start)) as usize
        };
        let offsets = signals.iter().map(place).collect();
        let bytes = spans.iter().map(|span| span.end - span.start).sum();
        Self { spans, offsets, bytes, is_whole }
    }
}

/// `out.len()` samples; the loops are compiled for the vectors that the machine has.
fn decode(kind: Kind, bytes: &[u8], (gain, offset): (f64, f64), out: &mut [f64]) {
    pulp::Arch::new().dispatch(|| match kind {
        Kind::Edf => decode_16(bytes, gain, offset, out),
        Kind::Bdf => decode_24(bytes, gain, offset, out),
    });
}

#[inline(always)]
fn decode_16(bytes: &[u8], gain: f64, offset: f64, out: &mut [f64]) {
    for (value, sample) in out.iter_mut().zip(bytes.as_chunks::<2>().0) {
        *value = f64::from(i16::from_le_bytes(*sample)) * gain + offset;
    }
}

#[inline(always)]
fn decode_24(bytes: &[u8], gain: f64, offset: f64, out: &mut [f64]) {
    for (value, [a, b, c]) in out.iter_mut().zip(bytes.as_chunks::<3>().0) {
        // in the upper three bytes, so that the shift carries the sign
        let digital = i32::from_le_bytes([0, *a, *b, *c]) >> 8;
        *value = f64::from(digital) * gain + offset;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A record of three signals of 2 samples and one of 10 000.
    fn raw(kind: Kind) -> EdfHeader {
        let mut offset = 0;
        let signals = [2, 2, 10_000, 2].map(|per_record| {
            let signal = Signal { per_record, offset, ..Signal::test("Cz") };
            offset += per_record * kind.bytes_per_sample();
            signal
        });
        EdfHeader { record_bytes: offset, header_bytes: 0, ..EdfHeader::test(kind, signals.to_vec()) }
    }

    #[test]
    fn far_signals_are_read_by_themselves_and_near_ones_together() {
        let raw = raw(Kind::Edf);
        let pick = |picks: &[usize]| {
            let signals: Vec<&Signal> = picks.iter().map(|i| &raw.signals[*i]).collect();
            Packing::new(&raw, &signals)
        };
        let near = pick(&[1, 0]);
        assert_eq!((near.spans.first(), near.spans.len()), (Some(&(0..8)), 1));
        assert_eq!(near.offsets, [4, 0]);
        let far = pick(&[3, 0]);
        assert_eq!((far.spans.as_slice(), far.bytes), (&[0..4, 20_008..20_012][..], 8));
        assert_eq!((far.offsets.as_slice(), far.is_whole), (&[4, 0][..], false));
        let all = pick(&[0, 1, 2, 3]);
        assert_eq!((all.is_whole, all.offsets), (true, vec![0, 4, 8, 20_008]));
    }

    #[test]
    fn signs_and_ends_of_both_widths_are_right() {
        let mut out = [0.0; 5];
        let digital = [-32768_i16, -1, 0, 1, 32767];
        let bytes: Vec<u8> = digital.iter().flat_map(|d| d.to_le_bytes()).collect();
        decode(Kind::Edf, &bytes, (0.5, 1.0), &mut out);
        assert_eq!(out.to_vec(), digital.map(|d| f64::from(d) * 0.5 + 1.0));
        let digital = [-8_388_608_i32, -1, 0, 255, 8_388_607];
        let bytes: Vec<u8> = digital.iter().flat_map(|d| d.to_le_bytes().into_iter().take(3)).collect();
        decode(Kind::Bdf, &bytes, (0.25, -1.0), &mut out);
        assert_eq!(out.to_vec(), digital.map(|d| f64::from(d) * 0.25 - 1.0));
    }

    #[test]
    fn packed_whole_and_long_records_hold_the_same() {
        let raw = raw(Kind::Bdf);
        let bytes: Vec<u8> = (0..3 * raw.record_bytes).map(|i| (i * 7919 % 251) as u8).collect();
        let source = crate::MemorySource::new("a.bdf", bytes);
        let input = crate::Source::open_at(&source, "a.bdf").unwrap();
        let signals = |picks: &[usize]| Signals {
            file: "a.bdf",
            input: input.as_ref(),
            raw: &raw,
            signals: picks.iter().map(|i| &raw.signals[*i]).collect(),
        };
        let wanted = 1..5;
        let picked = signals(&[3, 0]).read(&wanted).unwrap();
        let mut whole = Array2::zeros((2, 4));
        let packing = Packing { is_whole: true, ..Packing::new(&raw, &[&raw.signals[0], &raw.signals[2]]) };
        assert!(packing.is_whole);
        for (row, pick) in [(0, 3), (1, 0)] {
            let mut rows = [whole.row_mut(row).into_slice().unwrap()];
            signals(&[pick]).long_records(&wanted, &mut rows).unwrap();
        }
        assert_eq!(picked, whole);
        assert!(picked.iter().any(|v| *v != 0.0));
    }
}

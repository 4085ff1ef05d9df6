//! Datasets: their dimensions, and boxes of their elements.

use super::boxes::{Side, copy, paste};
use super::chunks::{self, Chunk, Index, Tiling};
use super::datatype::{self, Datatype, Kind};
use super::filters::{self, Filter};
use super::input::{Cursor, Input};
use super::object::{DATASPACE, DATATYPE, EXTERNAL_FILES, FILL_VALUE, FILTERS, LAYOUT, Message, Object};
use crate::Result;
use std::collections::{HashMap, VecDeque};
use std::ops::Range;

/// Most dimensions of a dataset.
const MAX_RANK: usize = 32;
/// Largest chunk, bytes.
const MAX_CHUNK: u64 = 1 << 30;
/// Decoded chunks that are kept, bytes.
const CACHE: usize = 64 << 20;

/// Elements with their dimensions.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Array {
    pub(crate) dims: Vec<u64>,
    pub(crate) datatype: Datatype,
    pub(crate) bytes: Vec<u8>,
}

impl Array {
    /// The elements as numbers; none where they are not.
    pub(crate) fn numbers(&self) -> Vec<f64> {
        match &self.datatype.kind {
            Kind::Number(storage, endian) => storage.numbers(*endian, &self.bytes),
            _ => Vec::new(),
        }
    }

    /// The bytes of each element.
    pub(crate) fn elements(&self) -> impl Iterator<Item = &[u8]> {
        self.bytes.chunks_exact(self.datatype.size.max(1))
    }
}

/// An open dataset.
pub(crate) struct Dataset {
    pub(crate) dims: Vec<u64>,
    pub(crate) datatype: Datatype,
    layout: Layout,
    filters: Vec<Filter>,
    fill: Vec<u8>,
    cache: VecDeque<(u64, Vec<u8>)>,
}

enum Layout {
    Compact(Vec<u8>),
    /// `None` where nothing was written yet.
    Contiguous(Option<u64>),
    Chunked(Tiling, HashMap<u64, Chunk>),
}

/// Dimensions from a dataspace message.
pub(crate) fn dims(cursor: &mut Cursor<'_>) -> Result<Vec<u64>> {
    Ok(dims_and_max(cursor)?.0)
}

/// Dimensions, and how large each may become: `u64::MAX` where without end.
fn dims_and_max(cursor: &mut Cursor<'_>) -> Result<(Vec<u64>, Vec<u64>)> {
    let (version, rank) = (cursor.u8()?, usize::from(cursor.u8()?));
    let has_max = cursor.u8()? & 1 != 0;
    let is_null = match version {
        1 => {
            cursor.skip(5)?;
            false
        }
        2 => cursor.u8()? == 2,
        _ => return Err(cursor.wrong(format!("of version {version}"), "version 1 or 2; the file is damaged")),
    };
    if is_null {
        return Ok((vec![0], vec![0]));
    }
    if rank > MAX_RANK {
        return Err(cursor.wrong(format!("{rank} dimensions"), "at most 32; the file is damaged"));
    }
    let dims = (0..rank).map(|_| cursor.length()).collect::<Result<Vec<_>>>()?;
    let max = if has_max { (0..rank).map(|_| cursor.length()).collect::<Result<_>>()? } else { dims.clone() };
    Ok((dims, max))
}

/// Opens the dataset that an object is.
pub(crate) fn open(input: &mut Input, object: &Object) -> Result<Dataset> {
    let message = |kind: u16| {
        object.message(kind).cloned().ok_or_else(|| {
            let found = format!("without a message of type {kind}");
            input.wrong(object.address, "dataset", found, "dimensions, type and layout; the file is damaged")
        })
    };
    let (space, kind, layout) = (message(DATASPACE)?, message(DATATYPE)?, message(LAYOUT)?);
    if object.message(EXTERNAL_FILES).is_some() {
        return Err(
            input.unsupported("a dataset whose bytes stand in other files; repack the file with h5repack")
        );
    }
    let (dims, max_dims) = dims_and_max(&mut input.cursor(&space.bytes, space.address, "dimensions"))?;
    let datatype = datatype::parse(&mut input.cursor(&kind.bytes, kind.address, "datatype"), 0)?;
    let filters = match object.message(FILTERS) {
        Some(m) => filters::parse(&mut input.cursor(&m.bytes, m.address, "filters"))?,
        None => Vec::new(),
    };
    let fill = object.message(FILL_VALUE).map_or(Ok(Vec::new()), |m| fill(input, m))?;
    let layout = parse_layout(input, &layout, (&dims, &max_dims, datatype.size))?;
    Ok(Dataset { dims, datatype, layout, filters, fill, cache: VecDeque::new() })
}

/// The bytes of an element that was never written; empty for zeros.
fn fill(input: &Input, message: &Message) -> Result<Vec<u8>> {
    let mut cursor = input.cursor(&message.bytes, message.address, "fill value");
    let version = cursor.u8()?;
    let is_defined = if version < 3 {
        cursor.skip(2)?;
        cursor.u8()? == 1
    } else {
        cursor.u8()? & 0x20 != 0
    };
    if !is_defined || cursor.left() < 4 {
        return Ok(Vec::new());
    }
    let n = cursor.u32()? as usize;
    Ok(cursor.take(n)?.to_vec())
}

/// Dimensions, how large they may become, and bytes of an element.
type Shape<'a> = (&'a [u64], &'a [u64], usize);

fn parse_layout(input: &mut Input, message: &Message, shape: Shape<'_>) -> Result<Layout> {
    let (place, tiling) = {
        let mut cursor = input.cursor(&message.bytes, message.address, "layout");
        let (version, class) = (cursor.u8()?, cursor.u8()?);
        match (version, class) {
            (3 | 4, 0) => {
                let n = usize::from(cursor.u16()?);
                let (dims, _, size) = shape;
                let expected = dims.iter().fold(size as u64, |n, d| n.saturating_mul(*d));
                if n as u64 != expected {
                    let found = format!("{n} bytes");
                    return Err(cursor.wrong(found, &format!("{expected} bytes; the file is damaged")));
                }
                return Ok(Layout::Compact(cursor.take(n)?.to_vec()));
            }
            (3 | 4, 1) => return Ok(Layout::Contiguous(cursor.address()?)),
            (3, 2) => {
                let rank = usize::from(cursor.u8()?);
                let address = cursor.address()?;
                let chunk = (0..rank).map(|_| Ok(cursor.u32()?.into())).collect::<Result<Vec<u64>>>()?;
                ((Index::Tree1, address), tiling(&cursor, &chunk, shape)?)
            }
            (4, 2) => {
                let flags = cursor.u8()?;
                let (rank, width) = (usize::from(cursor.u8()?), usize::from(cursor.u8()?).min(8));
                let chunk = (0..rank).map(|_| cursor.uint(width)).collect::<Result<Vec<u64>>>()?;
                let index = index(&mut cursor, flags)?;
                ((index, cursor.address()?), tiling(&cursor, &chunk, shape)?)
            }
            (_, 3) => return Err(cursor.unsupported("a virtual dataset; repack the file with h5repack")),
            _ => {
                let what = format!("data laid out by version {version}; repack the file with h5repack");
                return Err(cursor.unsupported(what));
            }
        }
    };
    let chunks = chunks::all(input, &tiling, place)?;
    Ok(Layout::Chunked(tiling, chunks))
}

fn index(cursor: &mut Cursor<'_>, flags: u8) -> Result<Index> {
    Ok(match cursor.u8()? {
        1 if flags & 2 != 0 => Index::Single(Some((cursor.length()?, cursor.u32()?))),
        1 => Index::Single(None),
        2 => Index::InOrder,
        3 => {
            cursor.skip(1)?;
            Index::Fixed
        }
        4 => {
            cursor.skip(5)?;
            Index::Extensible
        }
        5 => {
            cursor.skip(6)?;
            Index::Tree2
        }
        kind => {
            return Err(cursor.wrong(format!("chunks indexed by kind {kind}"), "1 to 5; the file is damaged"));
        }
    })
}

/// The tiles; `chunk` ends in the bytes of an element.
fn tiling(cursor: &Cursor<'_>, chunk: &[u64], (dims, max_dims, size): Shape<'_>) -> Result<Tiling> {
    let bytes = chunk.iter().fold(1_u64, |n, d| n.saturating_mul(*d));
    let tile = match chunk.split_last() {
        Some((element, tile)) if *element == size as u64 && tile.len() == dims.len() && bytes > 0 => tile,
        _ => {
            let found = format!("chunks of {chunk:?} for {dims:?} elements of {size} bytes");
            return Err(cursor.wrong(found, "as many dimensions, none of them 0; the file is damaged"));
        }
    };
    if bytes > MAX_CHUNK {
        let found = format!("chunks of {bytes} bytes");
        return Err(cursor.wrong(found, "at most 1 GiB; write the file again with smaller chunks"));
    }
    Ok(Tiling { dims: dims.to_vec(), max_dims: max_dims.to_vec(), chunk: tile.to_vec(), bytes })
}

impl Dataset {
    /// Elements in all.
    pub(crate) fn n_elements(&self) -> u64 {
        self.dims.iter().fold(1, |n: u64, d| n.saturating_mul(*d))
    }

    /// Elements that one chunk spans along a dimension; `None` where there are no chunks.
    pub(crate) fn chunk_extent(&self, dimension: usize) -> Option<u64> {
        match &self.layout {
            Layout::Chunked(tiling, _) => tiling.chunk.get(dimension).copied(),
            _ => None,
        }
    }

    /// All elements.
    pub(crate) fn read_all(&mut self, input: &mut Input) -> Result<Array> {
        let all: Vec<Range<u64>> = self.dims.iter().map(|n| 0..*n).collect();
        let bytes = self.read_box(input, &all)?;
        Ok(Array { dims: self.dims.clone(), datatype: self.datatype.clone(), bytes })
    }

    /// The elements of a box, the last dimension fastest. Each range must lie within its dimension.
    pub(crate) fn read_box(&mut self, input: &mut Input, ranges: &[Range<u64>]) -> Result<Vec<u8>> {
        let counts: Vec<u64> = ranges.iter().map(|r| r.end.saturating_sub(r.start)).collect();
        let size = self.datatype.size as u64;
        let n = counts.iter().fold(size, |n, d| n.saturating_mul(*d));
        input.limits.check_bytes(&input.file, "a part of a dataset", n)?;
        let from: Vec<u64> = ranges.iter().map(|r| r.start).collect();
        match &self.layout {
            Layout::Compact(bytes) => {
                let mut out = vec![0; n as usize];
                let whole = Side { dims: &self.dims, from: &from };
                let zero = vec![0; from.len()];
                let here = Side { dims: &counts, from: &zero };
                copy((&mut out, &here), (bytes, &whole), &counts, size as usize);
                Ok(out)
            }
            Layout::Contiguous(None) => Ok(self.filled(n as usize)),
            Layout::Contiguous(Some(address)) => {
                let address = *address;
                self.contiguous(input, address, (&from, &counts))
            }
            Layout::Chunked(..) => {
                let mut out = self.filled(n as usize);
                self.chunked(input, (&from, &counts), &mut out)?;
                Ok(out)
            }
        }
    }

    /// `n` bytes of elements that were never written.
    fn filled(&self, n: usize) -> Vec<u8> {
        let mut out = vec![0; n];
        if self.fill.len() == self.datatype.size && self.fill.iter().any(|byte| *byte != 0) {
            out.chunks_exact_mut(self.fill.len()).for_each(|element| element.copy_from_slice(&self.fill));
        }
        out
    }

    /// A box of a dataset without chunks: its rows from first to last, of which the box is cut.
    fn contiguous(
        &self,
        input: &mut Input,
        address: u64,
        (from, counts): (&[u64], &[u64]),
    ) -> Result<Vec<u8>> {
        let size = self.datatype.size as u64;
        let row = self.dims.iter().skip(1).fold(size, |n, d| n.saturating_mul(*d));
        let (first, rows) = (from.first().copied().unwrap_or(0), counts.first().copied().unwrap_or(1));
        let n = rows.saturating_mul(row);
        input.limits.check_bytes(&input.file, "a part of a dataset", n)?;
        let bytes = input.bytes(address.saturating_add(first.saturating_mul(row)), n, "samples or values")?;
        if counts.iter().skip(1).eq(self.dims.iter().skip(1)) {
            return Ok(bytes);
        }
        let out_bytes = counts.iter().fold(size, |n, d| n.saturating_mul(*d));
        let mut out = vec![0; out_bytes as usize];
        let (mut dims, mut from) = (self.dims.clone(), from.to_vec());
        if let (Some(dim), Some(start)) = (dims.first_mut(), from.first_mut()) {
            (*dim, *start) = (rows, 0);
        }
        let zero = vec![0; from.len()];
        let here = Side { dims: counts, from: &zero };
        copy((&mut out, &here), (&bytes, &Side { dims: &dims, from: &from }), counts, size as usize);
        Ok(out)
    }

    fn chunked(&mut self, input: &mut Input, (from, counts): (&[u64], &[u64]), out: &mut [u8]) -> Result<()> {
        let Layout::Chunked(tiling, chunks) = &self.layout else { return Ok(()) };
        if counts.contains(&0) {
            return Ok(());
        }
        let first: Vec<u64> = from.iter().zip(&tiling.chunk).map(|(at, chunk)| at / chunk).collect();
        let ends = from.iter().zip(counts).zip(&tiling.chunk);
        let last: Vec<u64> = ends.map(|((at, n), chunk)| (at + n - 1) / chunk).collect();
        let mut place = first.clone();
        loop {
            let number = tiling.number(&place);
            if let Some(chunk) = chunks.get(&number) {
                let decoded =
                    decoded(input, (&mut self.cache, number), (&self.filters, *chunk), tiling.bytes)?;
                paste(decoded, tiling, &place, (from, counts), (out, self.datatype.size));
            }
            // the next place: the last dimension counts fastest
            let Some(d) = (0..place.len()).rev().find(|d| place.get(*d) < last.get(*d)) else {
                return Ok(());
            };
            for (i, at) in place.iter_mut().enumerate() {
                if i == d {
                    *at += 1;
                } else if i > d {
                    *at = first.get(i).copied().unwrap_or(0);
                }
            }
        }
    }
}

/// A chunk's elements, kept for the next box.
fn decoded<'a>(
    input: &mut Input,
    (cache, number): (&'a mut VecDeque<(u64, Vec<u8>)>, u64),
    (filters, chunk): (&[Filter], Chunk),
    bytes: u64,
) -> Result<&'a [u8]> {
    if let Some(i) = cache.iter().position(|(known, _)| *known == number) {
        return Ok(cache.get(i).map_or(&[], |(_, bytes)| bytes.as_slice()));
    }
    input.limits.check_bytes(&input.file, "a chunk of data", bytes)?;
    let stored = input.bytes(chunk.address, chunk.bytes, "a chunk of data")?;
    let whole = filters::undo(input, (filters, chunk.mask), (stored, chunk.address), bytes as usize)?;
    while cache.iter().map(|(_, bytes)| bytes.len()).sum::<usize>() + whole.len() > CACHE && !cache.is_empty()
    {
        cache.pop_front();
    }
    cache.push_back((number, whole));
    Ok(cache.back().map_or(&[], |(_, bytes)| bytes.as_slice()))
}

//! Heaps: of names in groups, of text of varying length, and of links and attributes where there are many.

use super::btree::Records;
use super::input::Input;
use crate::Result;
use std::collections::HashMap;
use std::collections::hash_map::Entry;

/// Most levels of a fractal heap.
const MAX_LEVELS: usize = 32;

/// The names of an old-style group: the heap's data segment.
pub(crate) struct LocalHeap {
    bytes: Vec<u8>,
    address: u64,
}

impl LocalHeap {
    pub(crate) fn read(input: &mut Input, address: u64) -> Result<Self> {
        let n = 4 + 4 + 2 * input.length_bytes + input.address_bytes;
        let bytes = input.signed(address, n as u64, b"HEAP", "local heap")?;
        let mut cursor = input.cursor(&bytes, address, "local heap");
        cursor.skip(4)?;
        let size = cursor.length()?;
        cursor.length()?;
        let address = cursor.some_address()?;
        Ok(Self { bytes: input.metadata(address, size, "local heap")?, address })
    }

    /// The text at an offset.
    pub(crate) fn text(&self, input: &Input, offset: u64) -> Result<String> {
        let from = usize::try_from(offset).ok().and_then(|offset| self.bytes.get(offset..));
        input.cursor(from.unwrap_or_default(), self.address.saturating_add(offset), "name in a heap").text()
    }
}

/// Collections of objects of varying length, kept once read.
#[derive(Default)]
pub(crate) struct GlobalHeaps {
    collections: HashMap<u64, HashMap<u16, Vec<u8>>>,
}

impl GlobalHeaps {
    /// The bytes that an element (number, collection, index) names; `width` bytes each.
    pub(crate) fn get(&mut self, input: &mut Input, element: &[u8], width: usize) -> Result<Vec<u8>> {
        let (n, collection, index) = {
            let mut cursor = input.cursor(element, 0, "element of varying length");
            (cursor.u32()? as usize, cursor.address()?, cursor.u32()?)
        };
        let n = n.saturating_mul(width);
        let Some(collection) = collection.filter(|address| n > 0 && *address > 0) else {
            return Ok(Vec::new());
        };
        if let Entry::Vacant(place) = self.collections.entry(collection) {
            place.insert(collection_at(input, collection)?);
        }
        let object =
            u16::try_from(index).ok().and_then(|index| self.collections.get(&collection)?.get(&index));
        match object.and_then(|object| object.get(..n)) {
            Some(bytes) => {
                input.spend(n as u64)?;
                Ok(bytes.to_vec())
            }
            None => {
                let found = format!("{n} bytes of object {index}");
                Err(input.wrong(
                    collection,
                    "heap of varying length",
                    found,
                    "objects it holds; the file is damaged",
                ))
            }
        }
    }
}

fn collection_at(input: &mut Input, address: u64) -> Result<HashMap<u16, Vec<u8>>> {
    let width = input.length_bytes;
    let head = input.signed(address, 8 + width as u64, b"GCOL", "heap of varying length")?;
    let size = {
        let mut cursor = input.cursor(&head, address, "heap of varying length");
        cursor.skip(4)?;
        cursor.length()?
    };
    let start = 8 + width as u64;
    let bytes = input.metadata(
        address.saturating_add(start),
        size.saturating_sub(start),
        "heap of varying length",
    )?;
    let mut cursor = input.cursor(&bytes, address.saturating_add(start), "heap of varying length");
    let mut objects = HashMap::new();
    while cursor.left() >= 8 + width {
        let index = cursor.u16()?;
        cursor.skip(6)?;
        let n = cursor.length()? as usize;
        if index == 0 {
            break;
        }
        let bytes = cursor.take(n)?.to_vec();
        cursor.skip(((8 - n % 8) % 8).min(cursor.left()))?;
        objects.insert(index, bytes);
    }
    Ok(objects)
}

/// A heap whose blocks double in size.
pub(crate) struct FractalHeap {
    address: u64,
    root: Option<u64>,
    root_rows: u64,
    width: u64,
    start: u64,
    max_direct: u64,
    offset_bytes: usize,
    length_bytes: usize,
    huge: Option<u64>,
}

impl FractalHeap {
    pub(crate) fn read(input: &mut Input, address: u64) -> Result<Self> {
        let n = 22 + 3 * input.address_bytes + 12 * input.length_bytes;
        let bytes = input.signed(address, n as u64, b"FRHP", "fractal heap")?;
        let mut cursor = input.cursor(&bytes, address, "fractal heap");
        cursor.skip(3)?;
        let filters = cursor.u16()?;
        cursor.skip(1)?;
        let max_managed = cursor.u32()?;
        cursor.length()?;
        let huge = cursor.address()?;
        cursor.length()?;
        cursor.address()?;
        cursor.skip(8 * input.length_bytes)?;
        let width = u64::from(cursor.u16()?);
        let (start, max_direct) = (cursor.length()?, cursor.length()?);
        let bits = cursor.u16()?;
        cursor.skip(2)?;
        let root = cursor.address()?;
        let root_rows = u64::from(cursor.u16()?);
        if filters > 0 {
            return Err(cursor.unsupported("a deflated heap of links; repack the file with h5repack"));
        }
        let is_power = |n: u64| n.is_power_of_two() && n <= 1 << 32;
        if !is_power(start) || !is_power(max_direct) || start > max_direct || width == 0 || bits > 64 {
            let found = format!("blocks of {start} to {max_direct} bytes, {width} in a row");
            return Err(cursor.wrong(found, "powers of two; the file is damaged"));
        }
        let length_bytes = max_direct.ilog2().min(max_managed.max(1).ilog2()).div_ceil(8).max(1) as usize;
        Ok(Self {
            address,
            root,
            root_rows,
            width,
            start,
            max_direct,
            offset_bytes: usize::from(bits).div_ceil(8).max(1),
            length_bytes,
            huge,
        })
    }

    /// The object of a heap id.
    pub(crate) fn object(&self, input: &mut Input, id: &[u8]) -> Result<Vec<u8>> {
        let (kind, offset, n) = {
            let mut cursor = input.cursor(id, self.address, "heap id");
            let kind = cursor.u8()? >> 4 & 3;
            match kind {
                0 => (kind, cursor.uint(self.offset_bytes)?, cursor.uint(self.length_bytes)?),
                _ => (kind, 0, 0),
            }
        };
        match kind {
            0 => self.managed(input, offset, n),
            2 => Ok(id
                .get(1..1 + usize::from(id.first().map_or(0, |b| b & 15)) + 1)
                .unwrap_or_default()
                .to_vec()),
            _ => {
                let place = self.huge.map_or(String::new(), |at| format!(" (tree at {at})"));
                Err(input.unsupported(format!(
                    "a very large attribute or link{place}; repack the file with h5repack"
                )))
            }
        }
    }

    fn managed(&self, input: &mut Input, offset: u64, n: u64) -> Result<Vec<u8>> {
        let wrong = |input: &Input, found: String| {
            Err(input.wrong(
                self.address,
                "fractal heap",
                found,
                "objects within the heap; the file is damaged",
            ))
        };
        let Some(mut block) = self.root else { return wrong(input, "without a root".into()) };
        let (mut rows, mut within) = (self.root_rows, offset);
        for _ in 0..MAX_LEVELS {
            if rows == 0 {
                return input.metadata(block.saturating_add(within), n, "object in a heap");
            }
            let Some((row, size, row_offset)) = self.row_of(within).filter(|(row, _, _)| *row < rows) else {
                break;
            };
            let column = (within - row_offset) / size;
            within -= row_offset + column * size;
            let direct_rows = u64::from(self.max_direct.ilog2() - self.start.ilog2()) + 2;
            let entry = row * self.width + column;
            let head = 4 + 1 + input.address_bytes as u64 + self.offset_bytes as u64;
            let at = block.saturating_add(head).saturating_add(entry * input.address_bytes as u64);
            let signature = input.metadata(block, 4, "indirect block of a heap")?;
            if signature != b"FHIB" {
                return wrong(
                    input,
                    format!("an indirect block that begins \"{}\"", signature.escape_ascii()),
                );
            }
            let bytes = input.metadata(at, input.address_bytes as u64, "indirect block of a heap")?;
            block = input.cursor(&bytes, at, "indirect block of a heap").some_address()?;
            rows = if row < direct_rows {
                0
            } else {
                u64::from(size.ilog2().saturating_sub(self.start.ilog2() + self.width.max(1).ilog2())) + 1
            };
        }
        wrong(input, format!("an object at {offset}"))
    }

    /// The row of blocks that an offset falls into: its number, the size of its blocks, and its offset.
    fn row_of(&self, offset: u64) -> Option<(u64, u64, u64)> {
        let (mut size, mut at) = (self.start, 0_u64);
        for row in 0..64 {
            let end = at.checked_add(size.checked_mul(self.width)?)?;
            if offset < end {
                return Some((row, size, at));
            }
            at = end;
            if row > 0 {
                size = size.checked_mul(2)?;
            }
        }
        None
    }

    /// All objects that a tree of records names; their ids stand `skip` bytes into each.
    pub(crate) fn objects(&self, input: &mut Input, records: &Records, skip: usize) -> Result<Vec<Vec<u8>>> {
        records
            .records
            .iter()
            .map(|record| self.object(input, record.get(skip..).unwrap_or_default()))
            .collect()
    }
}

//! Chunks found through arrays, as files of HDF5 1.10 and later have them: arrays of fixed length, and arrays that grow.

use super::chunks::{Chunk, Tiling};
use super::input::{Cursor, Input};
use crate::Result;
use std::collections::HashMap;

/// How the elements of an array are written.
#[derive(Clone, Copy)]
struct Elements {
    is_filtered: bool,
    width: usize,
    /// Elements behind each of which a checksum stands.
    page: u64,
    /// Bytes of a chunk without filters.
    chunk_bytes: u64,
}

impl Elements {
    fn take(&self, cursor: &mut Cursor<'_>) -> Result<Option<Chunk>> {
        let before = cursor.left();
        let address = cursor.address()?;
        let (bytes, mask) = if self.is_filtered {
            let address_bytes = before - cursor.left();
            (cursor.uint(self.width.saturating_sub(address_bytes + 4).min(8))?, cursor.u32()?)
        } else {
            (self.chunk_bytes, 0)
        };
        Ok(address.map(|address| Chunk { address, bytes, mask }))
    }

    /// The `n` elements of a block that stand at `from`, counted from `first`; in pages with a checksum behind each where
    /// there are more than one page holds, of which only those whose bit is set in `written` were ever written.
    fn block(
        &self,
        input: &mut Input,
        tiling: &Tiling,
        (from, first, n, written): (u64, u64, u64, &[u8]),
        chunks: &mut HashMap<u64, Chunk>,
    ) -> Result<()> {
        input.spend(n.saturating_mul(64))?;
        let (mut at, mut done) = (from, 0);
        while done < n {
            let here = self.page.min(n - done);
            let page = done / self.page;
            let is_written = |bits: &u8| bits & (0x80 >> (page % 8)) != 0;
            if n > self.page && !written.get((page / 8) as usize).is_some_and(is_written) {
                at = at.saturating_add(here.saturating_mul(self.width as u64).saturating_add(4));
                done += here;
                continue;
            }
            let bytes = input.metadata(at, here.saturating_mul(self.width as u64), "array of chunks")?;
            let mut cursor = input.cursor(&bytes, at, "array of chunks");
            let start = first.saturating_add(done);
            for i in start..start.saturating_add(here) {
                if let Some(chunk) = self.take(&mut cursor)? {
                    chunks.insert(tiling.number(&tiling.place_of(i)), chunk);
                }
            }
            at = at.saturating_add(here * self.width as u64 + 4);
            done += here;
        }
        Ok(())
    }
}

fn power(bits: u8) -> u64 {
    1_u64.checked_shl(bits.into()).unwrap_or(u64::MAX)
}

/// An array of fixed length.
pub(crate) fn fixed(input: &mut Input, tiling: &Tiling, address: u64) -> Result<HashMap<u64, Chunk>> {
    let head = 8 + input.length_bytes + input.address_bytes;
    let bytes = input.signed(address, head as u64, b"FAHD", "array of chunks")?;
    let (elements, n, block) = {
        let mut cursor = input.cursor(&bytes, address, "array of chunks");
        cursor.skip(1)?;
        let (is_filtered, width, page) = (cursor.u8()? == 1, usize::from(cursor.u8()?), power(cursor.u8()?));
        let elements = Elements { is_filtered, width, page, chunk_bytes: tiling.bytes };
        (elements, cursor.length()?, cursor.address()?)
    };
    let mut chunks = HashMap::new();
    let Some(block) = block else { return Ok(chunks) };
    let prefix = 4 + 1 + 1 + input.address_bytes as u64;
    input.signed(block, prefix, b"FADB", "block of an array of chunks")?;
    let mut from = block.saturating_add(prefix);
    let mut written = Vec::new();
    if n > elements.page {
        // a bit for each page, then a checksum
        let bytes = n.div_ceil(elements.page).div_ceil(8);
        written = input.metadata(from, bytes, "pages of an array of chunks")?;
        from = from.saturating_add(bytes + 4);
    }
    elements.block(input, tiling, (from, 0, n, &written), &mut chunks)?;
    Ok(chunks)
}

/// The numbers that an array that grows is laid out by.
struct Growth {
    elements: Elements,
    /// Elements in the index itself.
    in_index: u64,
    /// Elements of the smallest block.
    smallest: u64,
    /// Bytes in which an element's number is written.
    offset_bytes: u64,
    /// Sets of blocks whose addresses stand in the index.
    sets_in_index: u32,
    sets: u32,
    n: u64,
}

impl Growth {
    /// Blocks of a set: 1, 1, 2, 2, 4, 4 …
    fn blocks(set: u32) -> u64 {
        1 << (set / 2)
    }

    /// Elements of each block of a set: 1, 2, 2, 4, 4 … times the smallest.
    fn block_elements(&self, set: u32) -> u64 {
        self.smallest.saturating_mul(1 << set.div_ceil(2))
    }

    fn pages(&self, set: u32) -> u64 {
        let n = self.block_elements(set);
        if n > self.elements.page { n / self.elements.page.max(1) } else { 0 }
    }
}

/// An array that grows: an index with the first elements, and sets of blocks of which each is about twice as large.
pub(crate) fn extensible(input: &mut Input, tiling: &Tiling, address: u64) -> Result<HashMap<u64, Chunk>> {
    let (growth, index) = growth(input, tiling, address)?;
    let mut chunks = HashMap::new();
    let Some(index) = index else { return Ok(chunks) };
    let (address_bytes, width) = (input.address_bytes as u64, growth.elements.width as u64);
    let prefix = 6 + address_bytes;
    input.signed(index, prefix, b"EAIB", "index of an array of chunks")?;
    let first = index.saturating_add(prefix);
    let whole = Elements { page: u64::MAX, ..growth.elements };
    whole.block(input, tiling, (first, 0, growth.in_index, &[]), &mut chunks)?;
    let mut at = first.saturating_add(growth.in_index * width);
    let mut element = growth.in_index;
    for set in 0..growth.sets {
        if element >= growth.n {
            break;
        }
        let blocks = Growth::blocks(set);
        let (addresses, written) = if set < growth.sets_in_index {
            let found = addresses(input, at, blocks)?;
            at = at.saturating_add(blocks * address_bytes);
            (found, Vec::new())
        } else {
            let block = addresses(input, at, 1)?.first().copied().flatten();
            at = at.saturating_add(address_bytes);
            match block {
                Some(block) => set_of_blocks(input, &growth, (block, set))?,
                None => (Vec::new(), Vec::new()),
            }
        };
        let of_set = (set, element, addresses.as_slice(), written.as_slice());
        blocks_of(input, tiling, &growth, of_set, &mut chunks)?;
        element = element.saturating_add(blocks.saturating_mul(growth.block_elements(set)));
    }
    Ok(chunks)
}

/// The chunks of the blocks of a set: `(set, first element, addresses, written pages)`.
fn blocks_of(
    input: &mut Input,
    tiling: &Tiling,
    growth: &Growth,
    (set, first, addresses, written): (u32, u64, &[Option<u64>], &[u8]),
    chunks: &mut HashMap<u64, Chunk>,
) -> Result<()> {
    let bits = growth.pages(set).div_ceil(8) as usize;
    let n = growth.block_elements(set);
    let prefix = 6 + input.address_bytes as u64 + growth.offset_bytes;
    for (i, block) in addresses.iter().enumerate() {
        let Some(block) = block else { continue };
        input.signed(*block, prefix, b"EADB", "block of an array of chunks")?;
        // before pages, the block's own checksum
        let from = block.saturating_add(prefix + if growth.pages(set) > 0 { 4 } else { 0 });
        let written = written.get(i * bits..).unwrap_or_default();
        growth.elements.block(
            input,
            tiling,
            (from, first.saturating_add((i as u64).saturating_mul(n)), n, written),
            chunks,
        )?;
    }
    Ok(())
}

fn growth(input: &mut Input, tiling: &Tiling, address: u64) -> Result<(Growth, Option<u64>)> {
    let head = 12 + 6 * input.length_bytes + input.address_bytes;
    let bytes = input.signed(address, head as u64, b"EAHD", "array of chunks")?;
    let mut cursor = input.cursor(&bytes, address, "array of chunks");
    cursor.skip(1)?;
    let (is_filtered, width, bits) = (cursor.u8()? == 1, usize::from(cursor.u8()?), cursor.u8()?);
    let (in_index, smallest, least, page) = (cursor.u8()?, cursor.u8()?, cursor.u8()?, power(cursor.u8()?));
    cursor.skip(4 * input.length_bytes)?;
    let n = cursor.length()?;
    cursor.length()?;
    let index = cursor.address()?;
    if !smallest.is_power_of_two() || !least.is_power_of_two() || bits > 64 || page == 0 {
        let found = format!("blocks of {smallest} and more elements, {least} and more in a set");
        return Err(cursor.wrong(found, "powers of two; the file is damaged"));
    }
    let growth = Growth {
        elements: Elements { is_filtered, width, page, chunk_bytes: tiling.bytes },
        in_index: in_index.into(),
        smallest: smallest.into(),
        offset_bytes: u64::from(bits).div_ceil(8),
        sets_in_index: 2 * least.ilog2(),
        sets: (1 + u32::from(bits)).saturating_sub(smallest.ilog2()).min(62),
        n,
    };
    Ok((growth, index))
}

fn addresses(input: &mut Input, at: u64, n: u64) -> Result<Vec<Option<u64>>> {
    let bytes = input.metadata(at, n.saturating_mul(input.address_bytes as u64), "array of chunks")?;
    let mut cursor = input.cursor(&bytes, at, "array of chunks");
    (0..n).map(|_| cursor.address()).collect()
}

/// The addresses of the blocks of a set that has a block of its own for them, and which of their pages were written.
fn set_of_blocks(
    input: &mut Input,
    growth: &Growth,
    (address, set): (u64, u32),
) -> Result<(Vec<Option<u64>>, Vec<u8>)> {
    let prefix = 6 + input.address_bytes as u64 + growth.offset_bytes;
    input.signed(address, prefix, b"EASB", "set of blocks of an array of chunks")?;
    let blocks = Growth::blocks(set);
    // a bit for each page of each block
    let bits = blocks.saturating_mul(growth.pages(set).div_ceil(8));
    let from = address.saturating_add(prefix);
    let written = input.metadata(from, bits, "pages of an array of chunks")?;
    Ok((addresses(input, from.saturating_add(bits), blocks)?, written))
}

//! Where the chunks of a dataset stand.

use super::input::Input;
use super::{btree, chunk_arrays};
use crate::Result;
use std::collections::HashMap;

/// What is stored of a chunk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Chunk {
    pub(crate) address: u64,
    pub(crate) bytes: u64,
    /// Filters that were left out.
    pub(crate) mask: u32,
}

/// How chunks tile a dataset.
#[derive(Clone, Debug)]
pub(crate) struct Tiling {
    /// Of the dataset.
    pub(crate) dims: Vec<u64>,
    /// Of the dataset as large as it may become; `u64::MAX` where it may grow without end.
    pub(crate) max_dims: Vec<u64>,
    /// Of a chunk.
    pub(crate) chunk: Vec<u64>,
    /// Bytes of a chunk.
    pub(crate) bytes: u64,
}

impl Tiling {
    /// Chunks along each dimension.
    pub(crate) fn grid(&self) -> Vec<u64> {
        self.dims.iter().zip(&self.chunk).map(|(n, chunk)| n.div_ceil(*chunk)).collect()
    }

    /// The number of the chunk at a place of the grid.
    pub(crate) fn number(&self, place: &[u64]) -> u64 {
        place.iter().zip(self.grid()).fold(0, |all: u64, (i, n)| all.saturating_mul(n).saturating_add(*i))
    }
}

impl Tiling {
    /// The place of the `i`-th chunk of an array of chunks, which counts over the largest dimensions, the one that grows
    /// without end slowest.
    pub(crate) fn place_of(&self, i: u64) -> Vec<u64> {
        let slowest = self.max_dims.iter().position(|n| *n == u64::MAX).unwrap_or(0);
        let mut place = vec![0; self.chunk.len()];
        let mut rest = i;
        for d in (0..place.len()).rev().filter(|d| *d != slowest) {
            let (Some(n), Some(chunk)) = (self.max_dims.get(d), self.chunk.get(d)) else { continue };
            let n = n.div_ceil(*chunk).max(1);
            if let Some(at) = place.get_mut(d) {
                *at = rest % n;
            }
            rest /= n;
        }
        if let Some(at) = place.get_mut(slowest) {
            *at = rest;
        }
        place
    }
}

/// How the chunks are found.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Index {
    /// A version-1 tree.
    Tree1,
    /// There is one, stored in so many bytes where filtered.
    Single(Option<(u64, u32)>),
    /// They stand one after the other.
    InOrder,
    /// An array of fixed length.
    Fixed,
    /// An array that grows.
    Extensible,
    /// A version-2 tree.
    Tree2,
}

/// All stored chunks, by number.
pub(crate) fn all(
    input: &mut Input,
    tiling: &Tiling,
    (index, address): (Index, Option<u64>),
) -> Result<HashMap<u64, Chunk>> {
    let Some(address) = address else { return Ok(HashMap::new()) };
    match index {
        Index::Tree1 => tree1(input, tiling, address),
        Index::Single(stored) => {
            let (bytes, mask) = stored.unwrap_or((tiling.bytes, 0));
            Ok(HashMap::from([(0, Chunk { address, bytes, mask })]))
        }
        Index::InOrder => {
            let count = |(n, chunk): (&u64, &u64)| n.div_ceil(*chunk);
            let n = tiling.max_dims.iter().zip(&tiling.chunk).map(count).fold(1, u64::saturating_mul);
            input.spend(n.saturating_mul(64))?;
            let chunk = |i: u64| {
                let address = address.saturating_add(i.saturating_mul(tiling.bytes));
                (tiling.number(&tiling.place_of(i)), Chunk { address, bytes: tiling.bytes, mask: 0 })
            };
            Ok((0..n).map(chunk).collect())
        }
        Index::Fixed => chunk_arrays::fixed(input, tiling, address),
        Index::Tree2 => tree2(input, tiling, address),
        Index::Extensible => chunk_arrays::extensible(input, tiling, address),
    }
}

fn tree1(input: &mut Input, tiling: &Tiling, address: u64) -> Result<HashMap<u64, Chunk>> {
    let rank = tiling.dims.len();
    let mut chunks = HashMap::new();
    for (key, address) in btree::leaves(input, address, 1, 8 + 8 * (rank + 1))?.entries {
        let mut cursor = input.cursor(&key, address, "key of a chunk");
        let (bytes, mask) = (cursor.u32()?.into(), cursor.u32()?);
        let offsets = (0..rank).map(|_| cursor.uint(8)).collect::<Result<Vec<_>>>()?;
        let place: Vec<u64> = offsets.iter().zip(&tiling.chunk).map(|(at, chunk)| at / chunk).collect();
        chunks.insert(tiling.number(&place), Chunk { address, bytes, mask });
    }
    Ok(chunks)
}

fn tree2(input: &mut Input, tiling: &Tiling, address: u64) -> Result<HashMap<u64, Chunk>> {
    let rank = tiling.dims.len();
    let found = btree::records(input, address)?;
    let mut chunks = HashMap::new();
    for record in found.records {
        let mut cursor = input.cursor(&record, address, "record of a chunk");
        let at = cursor.some_address()?;
        let (bytes, mask) = match found.kind {
            11 => (cursor.uint(cursor.left().saturating_sub(4 + 8 * rank).min(8))?, cursor.u32()?),
            _ => (tiling.bytes, 0),
        };
        let place = (0..rank).map(|_| cursor.uint(8)).collect::<Result<Vec<_>>>()?;
        chunks.insert(tiling.number(&place), Chunk { address: at, bytes, mask });
    }
    Ok(chunks)
}

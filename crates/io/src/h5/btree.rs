//! Trees: version 1 of groups and chunks, version 2 of links, attributes and chunks.

use super::input::Input;
use crate::Result;
use std::collections::HashSet;

/// What the leaves of a version-1 tree hold: for each child its key and address.
pub(crate) struct Leaves {
    pub(crate) entries: Vec<(Vec<u8>, u64)>,
}

/// The entries of all leaves of a version-1 tree of `kind` (0 of a group, 1 of chunks), whose keys have `key` bytes.
pub(crate) fn leaves(input: &mut Input, address: u64, kind: u8, key: usize) -> Result<Leaves> {
    let mut seen = HashSet::new();
    let mut nodes = vec![(address, None::<u8>)];
    let mut entries = Vec::new();
    while let Some((address, expected)) = nodes.pop() {
        if !seen.insert(address) {
            return Err(input.wrong(
                address,
                "tree",
                "a node of two parents".into(),
                "a tree; the file is damaged",
            ));
        }
        let head = 8 + 2 * input.address_bytes;
        let bytes = input.signed(address, head as u64, b"TREE", "tree node")?;
        let (found_kind, level, n) = {
            let mut cursor = input.cursor(&bytes, address, "tree node");
            (cursor.u8()?, cursor.u8()?, usize::from(cursor.u16()?))
        };
        if found_kind != kind || expected.is_some_and(|expected| expected != level) {
            let found = format!("of type {found_kind} and level {level}");
            return Err(input.wrong(
                address,
                "tree node",
                found,
                "levels that descend by one; the file is damaged",
            ));
        }
        let from = address.saturating_add(head as u64);
        let bytes = input.metadata(from, (n * (key + input.address_bytes)) as u64, "tree node")?;
        input.spend(n as u64 * 64)?;
        let mut cursor = input.cursor(&bytes, from, "tree node");
        for _ in 0..n {
            let key = cursor.take(key)?.to_vec();
            let child = cursor.some_address()?;
            match level.checked_sub(1) {
                Some(below) => nodes.push((child, Some(below))),
                None => entries.push((key, child)),
            }
        }
    }
    Ok(Leaves { entries })
}

/// The records of a version-2 tree.
pub(crate) struct Records {
    pub(crate) kind: u8,
    pub(crate) records: Vec<Vec<u8>>,
}

/// Sizes that the nodes of a version-2 tree share.
struct Shape {
    node_bytes: u64,
    record_bytes: usize,
    /// Per depth: bytes of a child's number of records in all nodes below it.
    total_bytes: Vec<usize>,
    count_bytes: usize,
}

/// Bytes that a number up to `n` is written in.
fn bytes_for(n: u64) -> usize {
    n.max(1).ilog2() as usize / 8 + 1
}

impl Shape {
    fn new(node_bytes: u64, record_bytes: usize, depth: u16, address_bytes: usize) -> Option<Self> {
        let record = record_bytes as u64;
        let leaf = node_bytes.checked_sub(10)?.checked_div(record)?;
        let count_bytes = bytes_for(leaf);
        let (mut below, mut total_bytes) = (leaf, vec![0, 0]);
        for _ in 1..=depth {
            let total = total_bytes.last().copied().unwrap_or(0);
            let pointer = (address_bytes + count_bytes + total) as u64;
            let n = node_bytes.checked_sub(10 + pointer)? / (record + pointer);
            below = n.checked_add(1)?.checked_mul(below)?.checked_add(n)?;
            total_bytes.push(bytes_for(below));
        }
        Some(Self { node_bytes, record_bytes, total_bytes, count_bytes })
    }
}

/// All records of a version-2 tree.
pub(crate) fn records(input: &mut Input, address: u64) -> Result<Records> {
    let n = 22 + input.address_bytes + input.length_bytes;
    let bytes = input.signed(address, n as u64, b"BTHD", "tree of version 2")?;
    let (kind, shape, depth, root) = {
        let mut cursor = input.cursor(&bytes, address, "tree of version 2");
        cursor.skip(1)?;
        let kind = cursor.u8()?;
        let (node_bytes, record_bytes, depth) = (cursor.u32()?, cursor.u16()?, cursor.u16()?);
        cursor.skip(2)?;
        let root = (cursor.address()?, u64::from(cursor.u16()?));
        let shape = Shape::new(node_bytes.into(), record_bytes.into(), depth.min(64), input.address_bytes);
        let Some(shape) = shape.filter(|_| record_bytes > 0 && depth < 32) else {
            let found = format!("nodes of {node_bytes} bytes, records of {record_bytes}, depth {depth}");
            return Err(cursor.wrong(found, "nodes that hold records; the file is damaged"));
        };
        (kind, shape, depth, root)
    };
    let mut found = Records { kind, records: Vec::new() };
    let (Some(root), n) = root else { return Ok(found) };
    let mut seen = HashSet::new();
    let mut nodes = vec![(root, n, depth)];
    while let Some((address, n, depth)) = nodes.pop() {
        if !seen.insert(address) {
            return Err(input.wrong(
                address,
                "tree",
                "a node of two parents".into(),
                "a tree; the file is damaged",
            ));
        }
        node(input, &shape, (address, n, depth), &mut found.records, &mut nodes)?;
    }
    Ok(found)
}

fn node(
    input: &mut Input,
    shape: &Shape,
    (address, n, depth): (u64, u64, u16),
    records: &mut Vec<Vec<u8>>,
    nodes: &mut Vec<(u64, u64, u16)>,
) -> Result<()> {
    let signature = if depth == 0 { b"BTLF" } else { b"BTIN" };
    let bytes = input.signed(address, shape.node_bytes, signature, "tree node of version 2")?;
    input.spend(n.saturating_mul(64))?;
    let mut cursor = input.cursor(&bytes, address, "tree node of version 2");
    cursor.skip(2)?;
    for _ in 0..n {
        records.push(cursor.take(shape.record_bytes)?.to_vec());
    }
    if depth > 0 {
        for _ in 0..=n {
            let child = cursor.some_address()?;
            let n = cursor.uint(shape.count_bytes)?;
            cursor.skip(shape.total_bytes.get(usize::from(depth)).copied().unwrap_or(0))?;
            nodes.push((child, n, depth - 1));
        }
    }
    Ok(())
}

//! Links of groups and attributes of objects.

use super::btree;
use super::dataset::{Array, dims};
use super::datatype;
use super::heap::{FractalHeap, LocalHeap};
use super::input::{Cursor, Input};
use super::object::{ATTRIBUTE, ATTRIBUTE_INFO, LINK, LINK_INFO, Message, Object, SYMBOL_TABLE};
use crate::Result;

/// Names and addresses of what a group holds. Soft links and links to other files are passed over: only what stands in
/// the file itself is read, and no path of it leads anywhere else.
pub(crate) fn links(input: &mut Input, group: &Object) -> Result<Vec<(String, u64)>> {
    let mut links = Vec::new();
    if let Some(table) = group.message(SYMBOL_TABLE) {
        symbol_table(input, table, &mut links)?;
    }
    for message in group.messages.iter().filter(|message| message.kind == LINK) {
        links.extend(link(&mut input.cursor(&message.bytes, message.address, "link"))?);
    }
    if let Some((heap, tree)) = dense(input, group.message(LINK_INFO), 8)? {
        for bytes in heap_objects(input, heap, tree, 4)? {
            links.extend(link(&mut input.cursor(&bytes, heap, "link"))?);
        }
    }
    Ok(links)
}

/// Heap and tree of names, where there are so many that they stand apart. `order_bytes` is the width of the largest order
/// of creation.
fn dense(input: &Input, info: Option<&Message>, order_bytes: usize) -> Result<Option<(u64, u64)>> {
    let Some(info) = info else { return Ok(None) };
    let mut cursor = input.cursor(&info.bytes, info.address, "link or attribute info");
    cursor.skip(1)?;
    if cursor.u8()? & 1 != 0 {
        cursor.skip(order_bytes)?;
    }
    Ok(cursor.address()?.zip(cursor.address()?))
}

fn heap_objects(input: &mut Input, heap: u64, tree: u64, skip: usize) -> Result<Vec<Vec<u8>>> {
    let heap = FractalHeap::read(input, heap)?;
    let records = btree::records(input, tree)?;
    heap.objects(input, &records, skip)
}

fn symbol_table(input: &mut Input, table: &Message, links: &mut Vec<(String, u64)>) -> Result<()> {
    let (tree, heap) = {
        let mut cursor = input.cursor(&table.bytes, table.address, "symbol table");
        (cursor.some_address()?, cursor.some_address()?)
    };
    let heap = LocalHeap::read(input, heap)?;
    for (_, node) in btree::leaves(input, tree, 0, input.length_bytes)?.entries {
        let bytes = input.signed(node, 8, b"SNOD", "symbol table node")?;
        let n = {
            let mut cursor = input.cursor(&bytes, node, "symbol table node");
            cursor.skip(2)?;
            u64::from(cursor.u16()?)
        };
        let entry = 2 * input.address_bytes as u64 + 24;
        let from = node.saturating_add(8);
        let bytes = input.metadata(from, n * entry, "symbol table node")?;
        let mut cursor = input.cursor(&bytes, from, "symbol table node");
        for _ in 0..n {
            let (name, address, cache) =
                (cursor.uint(input.address_bytes)?, cursor.address()?, cursor.u32()?);
            cursor.skip(20)?;
            // 2 is a soft link
            if let Some(address) = address.filter(|_| cache != 2) {
                links.push((heap.text(input, name)?, address));
            }
        }
    }
    Ok(())
}

/// A link to an object of the file; `None` for any other.
fn link(cursor: &mut Cursor<'_>) -> Result<Option<(String, u64)>> {
    cursor.skip(1)?;
    let flags = cursor.u8()?;
    let kind = if flags & 8 == 0 { 0 } else { cursor.u8()? };
    cursor.skip(if flags & 4 == 0 { 0 } else { 8 })?;
    cursor.skip(if flags & 16 == 0 { 0 } else { 1 })?;
    let n = cursor.uint(1 << (flags & 3))?;
    let name = String::from_utf8_lossy(cursor.take(usize::try_from(n).unwrap_or(usize::MAX))?).into_owned();
    if kind == 0 { Ok(Some((name, cursor.some_address()?))) } else { Ok(None) }
}

/// The attribute of a name.
pub(crate) fn attribute(input: &mut Input, object: &Object, wanted: &str) -> Result<Option<Array>> {
    for message in object.messages.iter().filter(|message| message.kind == ATTRIBUTE) {
        if let Some(found) = parse(input, (&message.bytes, message.address), wanted)? {
            return Ok(Some(found));
        }
    }
    if let Some((heap, tree)) = dense(input, object.message(ATTRIBUTE_INFO), 2)? {
        for bytes in heap_objects(input, heap, tree, 0)? {
            if let Some(found) = parse(input, (&bytes, heap), wanted)? {
                return Ok(Some(found));
            }
        }
    }
    Ok(None)
}

/// An attribute, when it has the wanted name.
fn parse(input: &mut Input, (bytes, address): (&[u8], u64), wanted: &str) -> Result<Option<Array>> {
    let (name, type_part, space_part, data) = {
        let mut cursor = input.cursor(bytes, address, "attribute");
        let (version, flags) = (cursor.u8()?, cursor.u8()?);
        let sizes = [cursor.u16()?, cursor.u16()?, cursor.u16()?].map(usize::from);
        cursor.skip(usize::from(version == 3))?;
        let mut part = |n: usize| -> Result<&[u8]> {
            let bytes = cursor.take(n)?;
            if version == 1 {
                cursor.align()?;
            }
            Ok(bytes)
        };
        let (name, datatype, space) = (part(sizes[0])?, part(sizes[1])?, part(sizes[2])?);
        if flags & 3 != 0 {
            // a named datatype of an attribute is nobody's that is asked for here
            return Ok(None);
        }
        (crate::bytes::text(name), datatype, space, cursor.rest())
    };
    if name != wanted {
        return Ok(None);
    }
    let datatype = datatype::parse(&mut input.cursor(type_part, address, "datatype of an attribute"), 0)?;
    let dims = dims(&mut input.cursor(space_part, address, "dimensions of an attribute"))?;
    let n = dims.iter().fold(datatype.size as u64, |n, d| n.saturating_mul(*d));
    let Some(bytes) = usize::try_from(n).ok().and_then(|n| data.get(..n)).map(<[u8]>::to_vec) else {
        let found = format!("{} bytes for {n}", data.len());
        return Err(input.wrong(address, "attribute", found, "all of its bytes; the file is damaged"));
    };
    Ok(Some(Array { dims, datatype, bytes }))
}

//! Datatypes: of numbers, text, references and lists of varying length.

use super::input::Cursor;
use crate::Result;
use crate::bytes::Endian;
use crate::storage::Storage;

/// How deep types may stand in one another.
const MAX_DEPTH: usize = 8;

/// What the elements of a dataset or attribute are.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Datatype {
    pub(crate) kind: Kind,
    /// Bytes of an element.
    pub(crate) size: usize,
}

/// The kinds of elements.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Kind {
    Number(Storage, Endian),
    /// Text of fixed length.
    Text,
    /// Address of an object.
    Reference,
    /// Text of varying length.
    VarText,
    /// List of varying length.
    VarList(Box<Datatype>),
    /// Named members, with the offsets at which they stand.
    Compound(Vec<(String, usize, Datatype)>),
    /// What is not read: its name.
    Other(&'static str),
}

/// The type that stands next.
pub(crate) fn parse(cursor: &mut Cursor<'_>, depth: usize) -> Result<Datatype> {
    if depth > MAX_DEPTH {
        return Err(cursor.wrong(format!("nested {depth} deep"), "at most 8 levels"));
    }
    let first = cursor.u8()?;
    let (class, version) = (first & 15, first >> 4);
    let bits = cursor.uint(3)?;
    let size = cursor.u32()? as usize;
    let kind = match class {
        0 => {
            cursor.skip(4)?;
            integer(size, bits)
        }
        1 => {
            cursor.skip(12)?;
            float(size, bits)
        }
        3 => Kind::Text,
        7 if bits & 15 == 0 => Kind::Reference,
        6 => compound(cursor, (version, bits, size), depth)?,
        // an enumeration, such as Python's truth values, has the numbers of its base
        8 => enumeration(cursor, (version, bits), depth)?,
        9 => match parse(cursor, depth + 1)? {
            _ if bits & 15 == 1 => Kind::VarText,
            base => Kind::VarList(Box::new(base)),
        },
        2 => other(cursor, 2, "time")?,
        4 => other(cursor, 4, "bit field")?,
        5 => other(cursor, (bits & 0xff) as usize, "opaque")?,
        7 => Kind::Other("reference to a region"),
        10 => array(cursor, version, depth)?,
        _ => return Err(cursor.unsupported(format!("datatype of class {class}"))),
    };
    if size == 0 {
        return Err(cursor.wrong("a type of 0 bytes".into(), "at least 1; the file is damaged"));
    }
    Ok(Datatype { kind, size })
}

/// What is not read, with its `n` bytes of properties.
fn other(cursor: &mut Cursor<'_>, n: usize, name: &'static str) -> Result<Kind> {
    cursor.skip(n)?;
    Ok(Kind::Other(name))
}

fn enumeration(cursor: &mut Cursor<'_>, (version, bits): (u8, u64), depth: usize) -> Result<Kind> {
    let base = parse(cursor, depth + 1)?;
    let n = (bits & 0xffff) as usize;
    for _ in 0..n {
        name(cursor, version)?;
    }
    cursor.skip(n.saturating_mul(base.size))?;
    Ok(base.kind)
}

fn array(cursor: &mut Cursor<'_>, version: u8, depth: usize) -> Result<Kind> {
    let rank = usize::from(cursor.u8()?);
    cursor.skip(if version < 3 { 3 + 8 * rank } else { 4 * rank })?;
    parse(cursor, depth + 1)?;
    Ok(Kind::Other("array"))
}

/// The name of a member; early versions pad it to multiples of eight.
fn name(cursor: &mut Cursor<'_>, version: u8) -> Result<String> {
    let before = cursor.left();
    let name = cursor.text()?;
    if version < 3 {
        let taken = before - cursor.left();
        cursor.skip((8 - taken % 8) % 8)?;
    }
    Ok(name)
}

fn order(bits: u64) -> Endian {
    if bits & 1 == 0 { Endian::Little } else { Endian::Big }
}

fn integer(size: usize, bits: u64) -> Kind {
    let is_signed = bits & 8 != 0;
    let storage = match (size, is_signed) {
        (1, true) => Storage::I8,
        (1, false) => Storage::U8,
        (2, true) => Storage::I16,
        (2, false) => Storage::U16,
        (4, true) => Storage::I32,
        (4, false) => Storage::U32,
        (8, true) => Storage::I64,
        (8, false) => Storage::U64,
        _ => return Kind::Other("integer of odd width"),
    };
    Kind::Number(storage, order(bits))
}

fn float(size: usize, bits: u64) -> Kind {
    match size {
        4 => Kind::Number(Storage::F32, order(bits)),
        8 => Kind::Number(Storage::F64, order(bits)),
        _ => Kind::Other("float of odd width"),
    }
}

fn compound(cursor: &mut Cursor<'_>, (version, bits, size): (u8, u64, usize), depth: usize) -> Result<Kind> {
    let offset_bytes = (1..8).find(|n| size < 1 << (8 * n)).unwrap_or(8);
    let mut members = Vec::new();
    for _ in 0..bits & 0xffff {
        let name = name(cursor, version)?;
        let offset = if version < 3 { cursor.u32()? as usize } else { cursor.uint(offset_bytes)? as usize };
        if version == 1 {
            cursor.skip(28)?;
        }
        let member = parse(cursor, depth + 1)?;
        if offset.saturating_add(member.size) > size {
            let found = format!("member '{name}' of {} bytes at {offset}", member.size);
            return Err(cursor.wrong(found, "members within their compound; the file is damaged"));
        }
        members.push((name, offset, member));
    }
    Ok(Kind::Compound(members))
}

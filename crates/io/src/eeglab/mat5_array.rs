//! Arrays of a level-5 MAT file.

use super::mat5_tag::{MI_INT32, MI_MATRIX, MI_UINT32, MI_UTF8, MI_UTF16, Stream, Tag, storage};
use super::value::{Located, Numbers, Place, Struct, Value, rows_of};
use crate::Result;
use crate::bytes::Endian;
use crate::storage::Storage;

/// How deep cells and structs may stand in one another.
const MAX_DEPTH: usize = 16;
/// How many dimensions an array may have.
const MAX_DIMS: usize = 32;
/// What one value costs besides its contents.
const VALUE_BYTES: u64 = 64;

/// What to do with a variable, or with a field of the struct `EEG`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Want {
    /// It is read.
    Load,
    /// Numbers stay in the file; anything else is read.
    Locate,
    /// It is passed over.
    Skip,
}

/// Says what is wanted, by name.
pub(crate) type Plan = fn(&str) -> Want;

/// The struct whose fields a plan is asked about.
const DATASET: &str = "EEG";

/// What stands before the contents of every array.
struct Head {
    class: u8,
    is_complex: bool,
    dims: Vec<u64>,
    name: String,
    end: u64,
}

impl Head {
    fn n_elements(&self) -> u64 {
        self.dims.iter().fold(1, |n: u64, d| n.saturating_mul(*d))
    }
}

/// A variable: its name and value; `tag` was just taken.
pub(crate) fn variable(stream: &mut Stream<'_>, tag: Tag, plan: Plan) -> Result<(String, Value)> {
    let end = stream.position + tag.bytes;
    let Some(head) = head(stream, end)? else { return Ok((String::new(), Value::Other("opaque"))) };
    let is_dataset = head.name == DATASET && head.class == 2;
    let want = if is_dataset { Want::Load } else { plan(&head.name) };
    if want == Want::Skip {
        return Ok((head.name, Value::Other("not wanted")));
    }
    let fields = is_dataset.then_some(plan);
    let value = contents(stream, &head, (0, want, fields))?;
    Ok((head.name, value))
}

/// An array inside a cell or struct.
fn nested(stream: &mut Stream<'_>, end: u64, depth: usize, want: Want) -> Result<Value> {
    stream.spend(VALUE_BYTES)?;
    if depth > MAX_DEPTH {
        return Err(stream.wrong("an array", format!("nested {depth} deep"), "at most 16 levels"));
    }
    let tag = stream.tag(end, "an array")?;
    if tag.kind != MI_MATRIX {
        let found = format!("of type {}", tag.kind);
        return Err(stream.wrong("an array", found, "arrays (type 14) stand in cells and structs"));
    }
    if tag.bytes == 0 {
        return Ok(Value::empty());
    }
    let end = stream.position + tag.bytes;
    let value = match (want, head(stream, end)?) {
        (Want::Skip, _) => Value::Other("not wanted"),
        (_, None) => Value::Other("opaque"),
        (_, Some(head)) => contents(stream, &head, (depth, want, None))?,
    };
    let rest = (end + tag.padding).saturating_sub(stream.position);
    stream.skip(rest, "an array")?;
    Ok(value)
}

/// Flags, dimensions and name; `None` for objects of classes, which have none.
fn head(stream: &mut Stream<'_>, end: u64) -> Result<Option<Head>> {
    let (kind, flags) = stream.element(end, "array flags")?;
    let Some(first) = flags.first_chunk::<4>().filter(|_| kind == MI_UINT32) else {
        let found = format!("of type {kind} and {} bytes", flags.len());
        return Err(stream.wrong("array flags", found, "two 32-bit numbers; the file is damaged"));
    };
    let flags = match stream.endian {
        Endian::Little => u32::from_le_bytes(*first),
        Endian::Big => u32::from_be_bytes(*first),
    };
    let class = (flags & 0xff) as u8;
    if class == 17 {
        return Ok(None);
    }
    let (kind, dims) = stream.element(end, "array dimensions")?;
    let dims = Storage::I32.numbers(stream.endian, &dims);
    if kind != MI_INT32 || dims.len() > MAX_DIMS || dims.iter().any(|d| *d < 0.0) {
        let found = format!("of type {kind}: {dims:?}");
        return Err(stream.wrong("array dimensions", found, "up to 32 whole numbers; the file is damaged"));
    }
    let (_, name) = stream.element(end, "array name")?;
    Ok(Some(Head {
        class,
        is_complex: flags & 0x800 != 0,
        dims: dims.iter().map(|d| *d as u64).collect(),
        name: crate::bytes::text(&name),
        end,
    }))
}

/// What follows the head: `(depth, want, plan of the fields)`.
fn contents(
    stream: &mut Stream<'_>,
    head: &Head,
    (depth, want, plan): (usize, Want, Option<Plan>),
) -> Result<Value> {
    match head.class {
        1 => cell(stream, head, depth),
        2 => structure(stream, head, (depth, plan)),
        4 => text(stream, head),
        6..=15 => numbers(stream, head, want),
        3 => Ok(Value::Other("object")),
        5 => Ok(Value::Other("sparse matrix")),
        16 => Ok(Value::Other("function handle")),
        class => {
            let found = format!("class {class}");
            Err(stream.wrong("array flags", found, "a class of MATLAB (1 to 17); the file is damaged"))
        }
    }
}

/// Refuses more elements than the bytes that are left can hold.
fn check_count(stream: &Stream<'_>, head: &Head, n: u64, least: u64) -> Result<()> {
    let left = head.end.saturating_sub(stream.position);
    if n.saturating_mul(least) <= left {
        return Ok(());
    }
    let found = format!("{:?}: {n} elements in {left} bytes", head.dims);
    Err(stream.wrong("array dimensions", found, "no more elements than there are bytes; the file is damaged"))
}

fn cell(stream: &mut Stream<'_>, head: &Head, depth: usize) -> Result<Value> {
    let n = head.n_elements();
    check_count(stream, head, n, 8)?;
    let items = (0..n).map(|_| nested(stream, head.end, depth + 1, Want::Load)).collect::<Result<_>>()?;
    Ok(Value::Cell(items))
}

fn structure(stream: &mut Stream<'_>, head: &Head, (depth, plan): (usize, Option<Plan>)) -> Result<Value> {
    let (_, length) = stream.element(head.end, "field name length")?;
    let length = Storage::I32.numbers(stream.endian, &length).first().copied().unwrap_or(0.0);
    let (_, names) = stream.element(head.end, "field names")?;
    if !(1.0..=1024.0).contains(&length) && !names.is_empty() {
        let found = length.to_string();
        return Err(stream.wrong("field name length", found, "1 to 1024; the file is damaged"));
    }
    // without names there need be no length
    let fields: Vec<String> = names.chunks((length as usize).max(1)).map(crate::bytes::text).collect();
    let n = head.n_elements();
    check_count(stream, head, n.saturating_mul(fields.len() as u64), 8)?;
    if fields.is_empty() {
        return Ok(Value::Struct(Struct::default()));
    }
    let wants: Vec<Want> = fields.iter().map(|name| plan.map_or(Want::Load, |plan| plan(name))).collect();
    let mut element = || -> Result<Vec<Value>> {
        wants.iter().map(|want| nested(stream, head.end, depth + 1, *want)).collect()
    };
    let elements = (0..n).map(|_| element()).collect::<Result<_>>()?;
    Ok(Value::Struct(Struct { fields, elements }))
}

fn numbers(stream: &mut Stream<'_>, head: &Head, want: Want) -> Result<Value> {
    let n = head.n_elements();
    if n == 0 {
        return Ok(Value::Numbers(Numbers { dims: head.dims.clone(), values: Vec::new() }));
    }
    let tag = stream.tag(head.end, "the numbers of an array")?;
    let Some(storage) = storage(tag.kind) else {
        let found = format!("type {}", tag.kind);
        return Err(stream.wrong("the numbers of an array", found, "a numeric type; the file is damaged"));
    };
    let bytes = n.saturating_mul(storage.width() as u64);
    if bytes != tag.bytes {
        let found = format!("{} bytes for dimensions {:?}", tag.bytes, head.dims);
        let allowed = format!("{bytes} bytes; the file is damaged");
        return Err(stream.wrong("the numbers of an array", found, &allowed));
    }
    if want == Want::Locate {
        if head.is_complex {
            return Ok(Value::Other("complex numbers"));
        }
        let (endian, offset, deflated) = (stream.endian, stream.position, stream.deflated);
        let place = Place::Mat5 { storage, endian, offset, deflated };
        return Ok(Value::Located(Located { dims: head.dims.clone(), place }));
    }
    stream.spend(n.saturating_mul(8))?;
    let bytes = stream.bytes(tag.bytes, "the numbers of an array")?;
    let values = storage.numbers(stream.endian, &bytes);
    Ok(Value::Numbers(Numbers { dims: head.dims.clone(), values }))
}

/// Characters in 8 or 16 bits, or in UTF-8.
fn text(stream: &mut Stream<'_>, head: &Head) -> Result<Value> {
    if head.n_elements() == 0 {
        return Ok(Value::Text(String::new()));
    }
    let (kind, bytes) = stream.element(head.end, "characters")?;
    stream.spend((bytes.len() as u64).saturating_mul(8))?;
    let characters: Vec<char> = match (kind, storage(kind)) {
        (MI_UTF16, _) | (_, Some(Storage::U16 | Storage::I16)) => {
            let codes = Storage::U16.numbers(stream.endian, &bytes).into_iter().map(|code| code as u16);
            char::decode_utf16(codes).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
        }
        (MI_UTF8, _) | (_, Some(Storage::I8 | Storage::U8)) => match std::str::from_utf8(&bytes) {
            Ok(text) => text.chars().collect(),
            Err(_) => bytes.iter().map(|byte| char::from(*byte)).collect(),
        },
        _ => {
            let found = format!("type {kind}");
            return Err(stream.wrong("characters", found, "characters of 8 or 16 bits; the file is damaged"));
        }
    };
    Ok(Value::Text(rows_of(&characters, head.dims.first().copied().unwrap_or(1))))
}

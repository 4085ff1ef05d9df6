//! Where a file begins and how wide its addresses are.

use super::input::Input;
use crate::{Limits, ReadSeek, Result};

pub(crate) const SIGNATURE: &[u8; 8] = b"\x89HDF\r\n\x1a\n";
/// Where the signature may stand: at the start, or behind a user block of a power of two.
const LAST_PLACE: u64 = 1 << 20;

/// Whether the first bytes of a file are those of an HDF5 file, with or without a user block.
pub(crate) fn sniff(head: &[u8]) -> bool {
    head.starts_with(SIGNATURE) || head.get(512..).is_some_and(|rest| rest.starts_with(SIGNATURE))
}

/// The file, and the address of its root group.
pub(crate) fn open(file: &str, reader: Box<dyn ReadSeek>, limits: Limits) -> Result<(Input, u64)> {
    let mut input = Input::new(file, reader, limits)?;
    let mut base = 0;
    while input.bytes(base, 8, "signature").ok().as_deref() != Some(SIGNATURE) {
        base = if base == 0 { 512 } else { base * 2 };
        if base > LAST_PLACE.min(input.size()) {
            let allowed = "the signature of HDF5; the file is damaged or of another format";
            return Err(input.wrong(0, "signature", "missing".into(), allowed));
        }
    }
    input.set_base(base);
    let version = input.bytes(8, 1, "superblock")?.first().copied().unwrap_or(0);
    let root = match version {
        0 | 1 => symbol_table_root(&mut input, version)?,
        2 | 3 => root(&mut input)?,
        _ => return Err(input.unsupported(format!("superblock of version {version}; read are 0 to 3"))),
    };
    Ok((input, root))
}

fn check_widths(input: &Input, address_bytes: u8, length_bytes: u8) -> Result<(usize, usize)> {
    let is_width = |n: u8| matches!(n, 2 | 4 | 8);
    if is_width(address_bytes) && is_width(length_bytes) {
        return Ok((address_bytes.into(), length_bytes.into()));
    }
    let found = format!("{address_bytes} and {length_bytes} bytes");
    Err(input.wrong(8, "width of addresses and lengths", found, "2, 4 or 8; the file is damaged"))
}

/// Versions 0 and 1.
fn symbol_table_root(input: &mut Input, version: u8) -> Result<u64> {
    let n = input.size().min(8 + 128);
    let bytes = input.metadata(0, n, "superblock")?;
    let mut cursor = input.cursor(&bytes, 0, "superblock");
    cursor.skip(13)?;
    let widths = (cursor.u8()?, cursor.u8()?);
    cursor.skip(1 + 2 + 2 + 4)?;
    if version == 1 {
        cursor.skip(4)?;
    }
    let at = cursor.here();
    (input.address_bytes, input.length_bytes) = check_widths(input, widths.0, widths.1)?;
    let mut cursor = input.cursor(bytes.get(at as usize..).unwrap_or_default(), at, "superblock");
    // base, free space, end of file, driver; then the root's entry: name, header
    cursor.skip(5 * input.address_bytes)?;
    cursor.some_address()
}

/// Versions 2 and 3.
fn root(input: &mut Input) -> Result<u64> {
    let n = input.size().min(12 + 4 * 8);
    let bytes = input.metadata(0, n, "superblock")?;
    let mut cursor = input.cursor(&bytes, 0, "superblock");
    cursor.skip(9)?;
    let widths = (cursor.u8()?, cursor.u8()?);
    (input.address_bytes, input.length_bytes) = check_widths(input, widths.0, widths.1)?;
    let mut cursor = input.cursor(bytes.get(12..).unwrap_or_default(), 12, "superblock");
    cursor.skip(3 * input.address_bytes)?;
    cursor.some_address()
}

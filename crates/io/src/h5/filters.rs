//! Filters that chunks went through, undone.

use super::input::{Cursor, Input};
use crate::Result;
use flate2::read::ZlibDecoder;
use std::io::Read;

const DEFLATE: u16 = 1;
const SHUFFLE: u16 = 2;
const FLETCHER32: u16 = 3;
const LZF: u16 = 32_000;

/// One filter, with its parameters.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Filter {
    id: u16,
    values: Vec<u32>,
}

/// The filters of a dataset, in the order in which they were applied.
pub(crate) fn parse(cursor: &mut Cursor<'_>) -> Result<Vec<Filter>> {
    let (version, n) = (cursor.u8()?, cursor.u8()?);
    cursor.skip(if version == 1 { 6 } else { 0 })?;
    let mut filters = Vec::new();
    for _ in 0..n {
        let id = cursor.u16()?;
        let has_name = version == 1 || id >= 256;
        let name_bytes = if has_name { usize::from(cursor.u16()?) } else { 0 };
        cursor.skip(2)?;
        let n_values = cursor.u16()?;
        cursor.skip(if version == 1 { name_bytes.next_multiple_of(8) } else { name_bytes })?;
        let values = (0..n_values).map(|_| cursor.u32()).collect::<Result<_>>()?;
        cursor.skip(if version == 1 && n_values % 2 == 1 { 4 } else { 0 })?;
        filters.push(Filter { id, values });
    }
    if let Some(filter) = filters.iter().find(|f| !matches!(f.id, DEFLATE | SHUFFLE | FLETCHER32 | LZF)) {
        let name = name(filter.id);
        return Err(cursor.unsupported(format!(
            "data compressed by {name}; rewrite the file with gzip (h5repack -f GZIP=4)"
        )));
    }
    Ok(filters)
}

fn name(id: u16) -> String {
    match id {
        4 => "szip".into(),
        5 => "n-bit packing".into(),
        6 => "scale and offset".into(),
        307 => "bzip2".into(),
        32_001 => "Blosc".into(),
        32_004 => "LZ4".into(),
        32_008 => "bitshuffle".into(),
        32_013 => "ZFP".into(),
        32_015 => "Zstandard".into(),
        32_026 => "Blosc2".into(),
        id => format!("the filter {id}"),
    }
}

/// A chunk of `size` bytes from what is stored of it. Filters whose bit in `mask` is set were left out.
pub(crate) fn undo(
    input: &Input,
    (filters, mask): (&[Filter], u32),
    (stored, address): (Vec<u8>, u64),
    size: usize,
) -> Result<Vec<u8>> {
    let mut bytes = stored;
    for (i, filter) in filters.iter().enumerate().rev() {
        if mask.checked_shr(i as u32).unwrap_or(0) & 1 == 1 {
            continue;
        }
        let undone = match filter.id {
            DEFLATE => inflate(&bytes, size),
            SHUFFLE => Ok(unshuffle(&bytes, filter.values.first().copied().unwrap_or(1) as usize)),
            FLETCHER32 => checked(bytes),
            _ => lzf(&bytes, size).ok_or_else(|| "not compressed as LZF does it".to_owned()),
        };
        bytes = undone.map_err(|found| {
            input.wrong(
                address,
                "a chunk of data",
                found,
                "bytes as its filters wrote them; the file is damaged",
            )
        })?;
    }
    if bytes.len() == size {
        return Ok(bytes);
    }
    let found = format!("{} bytes", bytes.len());
    Err(input.wrong(address, "a chunk of data", found, &format!("{size} bytes; the file is damaged")))
}

/// At most a checksum more than `size` bytes, so that nothing unfolds further than the chunk may be large.
fn inflate(bytes: &[u8], size: usize) -> std::result::Result<Vec<u8>, String> {
    let mut out = Vec::new();
    match ZlibDecoder::new(bytes).take(size as u64 + 5).read_to_end(&mut out) {
        Ok(_) => Ok(out),
        Err(e) => Err(format!("not deflated as zlib does it ({e})")),
    }
}

/// Puts the first, second … bytes of all elements, which stand together, back into the elements.
fn unshuffle(bytes: &[u8], width: usize) -> Vec<u8> {
    let n = bytes.len().checked_div(width).unwrap_or(0);
    if width < 2 || n == 0 {
        return bytes.to_vec();
    }
    let mut out = bytes.to_vec();
    for (byte, plane) in bytes.chunks_exact(n).take(width).enumerate() {
        for (element, value) in out.chunks_exact_mut(width).zip(plane) {
            if let Some(slot) = element.get_mut(byte) {
                *slot = *value;
            }
        }
    }
    out
}

/// Without the checksum, which must be right.
fn checked(mut bytes: Vec<u8>) -> std::result::Result<Vec<u8>, String> {
    let Some(at) = bytes.len().checked_sub(4) else { return Err("shorter than its checksum".into()) };
    let stated = bytes.split_off(at);
    let found = fletcher32(&bytes).to_le_bytes();
    if stated == found { Ok(bytes) } else { Err("of another checksum than stated".into()) }
}

/// Fletcher's checksum over big-endian words of 16 bits.
fn fletcher32(bytes: &[u8]) -> u32 {
    let (mut low, mut high) = (0_u32, 0_u32);
    for pair in bytes.chunks(2) {
        let word = pair.iter().fold(0, |all, byte| all << 8 | u32::from(*byte)) << (8 * (2 - pair.len()));
        low = (low + word) % 65_535;
        high = (high + low) % 65_535;
    }
    // a sum that is a multiple of 65535 is written as such, not as 0
    let kept = |sum: u32, any: bool| if sum == 0 && any { 65_535 } else { sum };
    let any = bytes.iter().any(|byte| *byte != 0);
    kept(high, any) << 16 | kept(low, any)
}

/// Marc Lehmann's LZF: runs of literals, and copies of what came before.
fn lzf(bytes: &[u8], size: usize) -> Option<Vec<u8>> {
    let mut out: Vec<u8> = Vec::new();
    let mut input = bytes.iter().copied();
    while let Some(control) = input.next() {
        if control < 32 {
            for _ in 0..=control {
                out.push(input.next()?);
            }
        } else {
            let mut n = usize::from(control >> 5) + 2;
            if n == 9 {
                n += usize::from(input.next()?);
            }
            let back = (usize::from(control & 31) << 8 | usize::from(input.next()?)) + 1;
            let from = out.len().checked_sub(back)?;
            for i in from..from + n {
                out.push(*out.get(i)?);
            }
        }
        if out.len() > size + 4 {
            return None;
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shuffled_bytes_come_back() {
        assert_eq!(unshuffle(&[1, 3, 5, 2, 4, 6, 9], 2), [1, 2, 3, 4, 5, 6, 9]);
        assert_eq!(unshuffle(&[1, 2], 0), [1, 2]);
    }

    #[test]
    fn lzf_by_hand() {
        // "abc", then three bytes from three back, then two more from one back would run past the size
        assert_eq!(lzf(&[2, b'a', b'b', b'c', 1 << 5, 2], 6).unwrap(), b"abcabc");
        assert_eq!(lzf(&[0, b'a', 7 << 5, 0, 0], 10).unwrap(), b"aaaaaaaaaa");
        assert_eq!(lzf(&[0, b'a', 1 << 5, 9], 6), None);
        assert_eq!(lzf(&[0, b'a', 7 << 5, 255, 0], 6), None);
    }

    #[test]
    fn checksums_are_looked_at() {
        // the well-known sums of "abcdef" over little-endian words are 0x56502d2a; over big-endian words:
        let (a, b, c) = (0x6162_u32, 0x6364, 0x6566);
        let (low, high) = ((a + b + c) % 65_535, (3 * a + 2 * b + c) % 65_535);
        let mut bytes = b"abcdef".to_vec();
        assert_eq!(fletcher32(&bytes), high << 16 | low);
        bytes.extend((high << 16 | low).to_le_bytes());
        assert_eq!(checked(bytes.clone()).unwrap(), b"abcdef");
        bytes[0] ^= 1;
        assert!(checked(bytes).is_err());
    }
}

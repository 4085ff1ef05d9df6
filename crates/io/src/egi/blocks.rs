//! Signal files of a folder: blocks, each of them one channel after the other.

use super::mff::FORMAT;
use crate::bytes::{Endian, Fields};
use crate::pieces::Part;
use crate::{Error, Limits, Result};
use dosewave_eeg::Note;
use std::io::{Seek, SeekFrom};

/// Bytes of a block's first numbers.
const HEAD: u64 = 16;

/// Samples of all channels of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Block {
    pub(crate) position: u64,
    pub(crate) n_samples: u64,
}

/// A signal file.
pub(crate) struct SignalFile {
    pub(crate) part: Part,
    pub(crate) blocks: Vec<Block>,
    pub(crate) n_channels: usize,
    pub(crate) rate: u32,
}

/// What the header of a block says; blocks without one are like the block before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Shape {
    bytes: u64,
    n_channels: u32,
    rate: u32,
}

pub(crate) fn read(mut part: Part, limits: &Limits, notes: &mut Vec<Note>) -> Result<SignalFile> {
    let failed = |source| Error::Io { file: (&part.name).into(), source };
    let size = part.input.seek(SeekFrom::End(0)).map_err(failed)?;
    let (mut blocks, mut shape, mut first): (Vec<Block>, Option<Shape>, Option<Shape>) =
        (Vec::new(), None, None);
    let mut at = 0;
    while at < size {
        let (found, header) = block(&mut part, at, size, shape, limits)?;
        let first = *first.get_or_insert(found);
        if (found.n_channels, found.rate) != (first.n_channels, first.rate) {
            let found = format!(
                "{} at {} Hz, after {} at {} Hz",
                found.n_channels, found.rate, first.n_channels, first.rate
            );
            return Err(wrong(&part.name, at, "channels of a block", found, "the same in all blocks"));
        }
        let frame = 4 * u64::from(found.n_channels);
        let (position, left) = (at + header, size.saturating_sub(at + header));
        let n_samples = found.bytes.min(left) / frame;
        if found.bytes > left {
            // where channels are cut off, none of the block is known
            let text = format!(
                "'{}' is truncated: its last block claims {} bytes, {left} are left, which are not read",
                part.name, found.bytes
            );
            notes.push(Note::warning(FORMAT, text));
            break;
        }
        blocks.push(Block { position, n_samples });
        limits.check_bytes(&part.name, "the list of blocks", (blocks.len() * size_of::<Block>()) as u64)?;
        shape = Some(found);
        at = position + found.bytes;
    }
    let Some(first) = first else {
        return Err(wrong(
            &part.name,
            0,
            "the first block",
            "missing".into(),
            "a header and samples; the file is empty",
        ));
    };
    Ok(SignalFile { part, blocks, n_channels: first.n_channels as usize, rate: first.rate })
}

/// The shape of a block, and the bytes before its samples.
fn block(
    part: &mut Part,
    at: u64,
    size: u64,
    before: Option<Shape>,
    limits: &Limits,
) -> Result<(Shape, u64)> {
    let name = part.name.clone();
    let mut bytes = vec![0; HEAD.min(size - at) as usize];
    part.read_at(at, &mut bytes)?;
    let little = Endian::Little;
    let mut fields = Fields::new(&name, FORMAT, &bytes);
    match fields.i32(little, "version of a block")? {
        0 => {
            let before = before
                .ok_or_else(|| wrong(&name, at, "the first block", "without a header".into(), "a header"))?;
            return Ok((before, 4));
        }
        1 => {}
        other => {
            return Err(wrong(
                &name,
                at,
                "version of a block",
                other.to_string(),
                "0 or 1; the file is damaged",
            ));
        }
    }
    let header = u64::from(fields.u32(little, "size of a block's header")?);
    let n_bytes = u64::from(fields.u32(little, "size of a block")?);
    let n_channels = fields.u32(little, "channels of a block")?;
    limits.check_channels(&name, u64::from(n_channels))?;
    let fits = header >= HEAD + 8 * u64::from(n_channels) && at.saturating_add(header) <= size;
    if n_channels == 0 || !fits || n_bytes == 0 || n_bytes % (4 * u64::from(n_channels)) != 0 {
        let found = format!("{header} bytes of header, {n_bytes} of samples, {n_channels} channels");
        return Err(wrong(
            &name,
            at + 4,
            "the sizes of a block",
            found,
            "whole samples of at least one channel, within the file",
        ));
    }
    let rate = rate(part, at + HEAD, n_channels)?;
    Ok((Shape { bytes: n_bytes, n_channels, rate }, header))
}

/// The rate of all channels; they have to have the same, and 32 bits.
fn rate(part: &mut Part, at: u64, n_channels: u32) -> Result<u32> {
    let mut bytes = vec![0; 8 * n_channels as usize];
    part.read_at(at, &mut bytes)?;
    // offsets of the channels first, then rate and bits of each
    let (_, second) = bytes.split_at(4 * n_channels as usize);
    let mut all = second.as_chunks::<4>().0.iter().map(|b| u32::from_le_bytes(*b)).map(|v| (v >> 8, v & 255));
    let first = all.next().unwrap_or((0, 0));
    let at = at + 4 * u64::from(n_channels);
    if first.1 != 32 {
        let what = format!(
            "samples of '{}' have {} bits; only 32-bit floating-point numbers are read",
            part.name, first.1
        );
        return Err(Error::Unsupported { file: (&part.name).into(), format: FORMAT, what });
    }
    if first.0 == 0 || all.any(|other| other != first) {
        let found = format!("{} Hz, others differ", first.0);
        return Err(wrong(
            &part.name,
            at,
            "rate of a channel",
            found,
            "one rate above 0 Hz, the same of all channels",
        ));
    }
    Ok(first.0)
}

fn wrong(name: &str, offset: u64, field: &str, found: String, allowed: &str) -> Error {
    Error::Malformed {
        file: name.into(),
        format: FORMAT,
        field: field.into(),
        offset,
        found,
        allowed: allowed.into(),
    }
}

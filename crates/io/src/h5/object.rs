//! Object headers: the messages that say what an object is.

use super::input::{Cursor, Input};
use crate::Result;

pub(crate) const DATASPACE: u16 = 1;
pub(crate) const LINK_INFO: u16 = 2;
pub(crate) const DATATYPE: u16 = 3;
pub(crate) const FILL_VALUE: u16 = 5;
pub(crate) const LINK: u16 = 6;
pub(crate) const EXTERNAL_FILES: u16 = 7;
pub(crate) const LAYOUT: u16 = 8;
pub(crate) const FILTERS: u16 = 11;
pub(crate) const ATTRIBUTE: u16 = 12;
const CONTINUATION: u16 = 16;
pub(crate) const SYMBOL_TABLE: u16 = 17;
pub(crate) const ATTRIBUTE_INFO: u16 = 21;

/// Blocks of one header.
const MAX_BLOCKS: usize = 4096;

/// One message.
#[derive(Clone, Debug)]
pub(crate) struct Message {
    pub(crate) kind: u16,
    pub(crate) bytes: Vec<u8>,
    /// Where it stands.
    pub(crate) address: u64,
}

/// An object: a group or a dataset.
#[derive(Clone, Debug)]
pub(crate) struct Object {
    pub(crate) address: u64,
    pub(crate) messages: Vec<Message>,
}

impl Object {
    /// The first message of a kind.
    pub(crate) fn message(&self, kind: u16) -> Option<&Message> {
        self.messages.iter().find(|message| message.kind == kind)
    }

    pub(crate) fn is_group(&self) -> bool {
        self.message(SYMBOL_TABLE).is_some()
            || self.message(LINK_INFO).is_some()
            || self.message(LINK).is_some()
    }

    pub(crate) fn is_dataset(&self) -> bool {
        self.message(LAYOUT).is_some()
    }
}

/// How the messages of a header are written.
#[derive(Clone, Copy)]
enum Style {
    /// Version 1: eight bytes before each.
    Old,
    /// Version 2, with or without the order of creation.
    New { is_ordered: bool },
}

/// A block of messages.
struct Block {
    address: u64,
    bytes: u64,
}

/// The object at an address.
pub(crate) fn read(input: &mut Input, address: u64) -> Result<Object> {
    let start = input.metadata(address, 4, "object header")?;
    let (style, first) =
        if start == b"OHDR" { new_header(input, address)? } else { old_header(input, address)? };
    let mut blocks = vec![first];
    let mut messages = Vec::new();
    let mut done = 0;
    while let Some(block) = blocks.get(done) {
        let (at, n) = (block.address, block.bytes);
        let bytes = input.metadata(at, n, "object header")?;
        let more = take_messages(input, style, (at, &bytes), &mut messages)?;
        input.spend(messages.len() as u64 * 64)?;
        blocks.extend(more);
        done += 1;
        if blocks.len() > MAX_BLOCKS {
            let found = format!("more than {MAX_BLOCKS} blocks");
            return Err(input.wrong(address, "object header", found, "fewer; the file is damaged"));
        }
    }
    let mut resolved = Vec::with_capacity(messages.len());
    for (message, is_shared) in messages {
        resolved.push(if is_shared { shared(input, &message)? } else { message });
    }
    Ok(Object { address, messages: resolved })
}

fn old_header(input: &mut Input, address: u64) -> Result<(Style, Block)> {
    let bytes = input.metadata(address, 12, "object header")?;
    let mut cursor = input.cursor(&bytes, address, "object header");
    let version = cursor.u8()?;
    if version != 1 {
        return Err(cursor.wrong(format!("of version {version}"), "version 1 or 2; the file is damaged"));
    }
    cursor.skip(7)?;
    Ok((Style::Old, Block { address: address.saturating_add(16), bytes: cursor.u32()?.into() }))
}

fn new_header(input: &mut Input, address: u64) -> Result<(Style, Block)> {
    let n = 34.min(input.size().saturating_sub(address));
    let bytes = input.metadata(address, n, "object header")?;
    let mut cursor = input.cursor(&bytes, address, "object header");
    cursor.skip(4)?;
    let (version, flags) = (cursor.u8()?, cursor.u8()?);
    if version != 2 {
        return Err(cursor.wrong(format!("of version {version}"), "version 2; the file is damaged"));
    }
    cursor.skip(if flags & 0x20 == 0 { 0 } else { 16 })?;
    cursor.skip(if flags & 0x10 == 0 { 0 } else { 4 })?;
    let bytes = cursor.uint(1 << (flags & 3))?;
    Ok((Style::New { is_ordered: flags & 4 != 0 }, Block { address: cursor.here(), bytes }))
}

/// Takes the messages of a block; returns the blocks that it says follow.
fn take_messages(
    input: &Input,
    style: Style,
    (address, bytes): (u64, &[u8]),
    messages: &mut Vec<(Message, bool)>,
) -> Result<Vec<Block>> {
    let mut cursor = input.cursor(bytes, address, "object header message");
    let mut more = Vec::new();
    let least = match style {
        Style::Old => 8,
        Style::New { is_ordered } => 4 + if is_ordered { 2 } else { 0 },
    };
    while cursor.left() >= least {
        let (kind, n, flags) = match style {
            Style::Old => {
                let found = (cursor.u16()?, cursor.u16()?, cursor.u8()?);
                cursor.skip(3)?;
                found
            }
            Style::New { is_ordered } => {
                let found = (cursor.u8()?.into(), cursor.u16()?, cursor.u8()?);
                cursor.skip(if is_ordered { 2 } else { 0 })?;
                found
            }
        };
        let address = cursor.here();
        let bytes = cursor.take(n.into())?.to_vec();
        if kind == CONTINUATION {
            more.push(continuation(input, style, (address, &bytes))?);
        } else {
            messages.push((Message { kind, bytes, address }, flags & 2 != 0));
        }
    }
    Ok(more)
}

fn continuation(input: &Input, style: Style, (address, bytes): (u64, &[u8])) -> Result<Block> {
    let mut cursor = input.cursor(bytes, address, "object header continuation");
    let (address, bytes) = (cursor.some_address()?, cursor.length()?);
    Ok(match style {
        Style::Old => Block { address, bytes },
        // a signature before, a checksum behind
        Style::New { .. } => Block { address: address.saturating_add(4), bytes: bytes.saturating_sub(8) },
    })
}

/// The message that a shared one stands for, in the header of a named datatype.
fn shared(input: &mut Input, message: &Message) -> Result<Message> {
    let target = {
        let mut cursor = input.cursor(&message.bytes, message.address, "shared message");
        shared_address(&mut cursor)?
    };
    let start = input.metadata(target, 4, "object header")?;
    let (style, first) =
        if start == b"OHDR" { new_header(input, target)? } else { old_header(input, target)? };
    let bytes = input.metadata(first.address, first.bytes, "object header")?;
    let mut messages = Vec::new();
    take_messages(input, style, (first.address, &bytes), &mut messages)?;
    match messages.into_iter().find(|(found, is_shared)| found.kind == message.kind && !is_shared) {
        Some((found, _)) => Ok(found),
        None => {
            let found = format!("without a message of type {}", message.kind);
            Err(input.wrong(target, "shared message", found, "one such message; the file is damaged"))
        }
    }
}

fn shared_address(cursor: &mut Cursor<'_>) -> Result<u64> {
    let (version, kind) = (cursor.u8()?, cursor.u8()?);
    match (version, kind) {
        (1, _) => {
            cursor.skip(6)?;
            cursor.some_address()
        }
        (2, _) | (3, 2) => cursor.some_address(),
        _ => {
            Err(cursor.unsupported("a message in a table of shared messages; repack the file with h5repack"))
        }
    }
}

//! Data elements of a level-5 MAT file: their tags, and a stream over plain or deflated bytes.
//!
//! MAT-File Format (The MathWorks, R2019b), chapter 1, "Level 5 MAT-File Format".

use super::value::Deflated;
use crate::bytes::{Endian, Fields};
use crate::storage::Storage;
use crate::{Error, ReadSeek, Result};
use flate2::read::ZlibDecoder;
use std::io::{self, Read, SeekFrom};

pub(crate) const FORMAT: &str = "EEGLAB";
pub(crate) const MI_INT8: u32 = 1;
pub(crate) const MI_UINT8: u32 = 2;
pub(crate) const MI_UINT16: u32 = 4;
pub(crate) const MI_INT32: u32 = 5;
pub(crate) const MI_UINT32: u32 = 6;
pub(crate) const MI_MATRIX: u32 = 14;
pub(crate) const MI_COMPRESSED: u32 = 15;
pub(crate) const MI_UTF8: u32 = 16;
pub(crate) const MI_UTF16: u32 = 17;

/// Bytes that are sought over rather than read over.
const SEEK_FROM: u64 = 1 << 16;

/// Memory that everything but the samples may take, bytes. A large study's events need a few megabytes.
pub(crate) const MAX_TREE: u64 = 256 << 20;

/// The type of numbers that a tag names.
pub(crate) fn storage(kind: u32) -> Option<Storage> {
    Some(match kind {
        MI_INT8 => Storage::I8,
        MI_UINT8 => Storage::U8,
        3 => Storage::I16,
        MI_UINT16 => Storage::U16,
        MI_INT32 => Storage::I32,
        MI_UINT32 => Storage::U32,
        7 => Storage::F32,
        9 => Storage::F64,
        12 => Storage::I64,
        13 => Storage::U64,
        _ => return None,
    })
}

/// What stands before the bytes of an element.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Tag {
    pub(crate) kind: u32,
    pub(crate) bytes: u64,
    /// Bytes behind the data up to the next element.
    pub(crate) padding: u64,
}

enum Input<'a> {
    Plain(&'a mut dyn ReadSeek),
    Deflated(ZlibDecoder<io::Take<&'a mut dyn ReadSeek>>),
}

/// A stream of elements: the file itself, or what one deflated element of it holds.
pub(crate) struct Stream<'a> {
    file: &'a str,
    input: Input<'a>,
    pub(crate) endian: Endian,
    /// The next byte, counted from the start of the file, or of the inflated element.
    pub(crate) position: u64,
    pub(crate) deflated: Option<Deflated>,
    /// Memory taken by the values of the file so far.
    pub(crate) spent: u64,
}

impl<'a> Stream<'a> {
    /// The file from `position` on; `input` stands there.
    pub(crate) fn plain(file: &'a str, input: &'a mut dyn ReadSeek, endian: Endian, position: u64) -> Self {
        Self { file, input: Input::Plain(input), endian, position, deflated: None, spent: 0 }
    }

    /// What the deflated bytes that begin where `input` stands hold.
    pub(crate) fn deflated(file: &'a str, input: &'a mut dyn ReadSeek, endian: Endian, at: Deflated) -> Self {
        let input = Input::Deflated(ZlibDecoder::new(input.take(at.bytes)));
        Self { file, input, endian, position: 0, deflated: Some(at), spent: 0 }
    }

    /// Counts memory that a value takes before it is taken.
    pub(crate) fn spend(&mut self, bytes: u64) -> Result<()> {
        self.spent = self.spent.saturating_add(bytes);
        if self.spent <= MAX_TREE {
            return Ok(());
        }
        let what = "what the file holds beside samples (bytes)".into();
        Err(Error::Limit { file: self.file.into(), what, asked: self.spent, allowed: MAX_TREE })
    }

    /// The next `n` bytes. Memory grows with what is there, not with what a tag claims.
    pub(crate) fn bytes(&mut self, n: u64, field: &str) -> Result<Vec<u8>> {
        self.spend(n)?;
        let mut bytes = Vec::new();
        let read = match &mut self.input {
            Input::Plain(input) => Read::take(&mut **input, n).read_to_end(&mut bytes),
            Input::Deflated(input) => Read::take(input, n).read_to_end(&mut bytes),
        };
        self.check_read(read, n, field)?;
        Ok(bytes)
    }

    /// Goes `n` bytes on.
    pub(crate) fn skip(&mut self, n: u64, field: &str) -> Result<()> {
        let read = match &mut self.input {
            // a seek throws the buffer away, so it is only worth its while for many bytes
            Input::Plain(input) if n > SEEK_FROM => {
                let to = self.position.saturating_add(n);
                input.seek(SeekFrom::Start(to)).map(|_| n)
            }
            Input::Plain(input) => io::copy(&mut Read::take(&mut **input, n), &mut io::sink()),
            Input::Deflated(input) => io::copy(&mut Read::take(input, n), &mut io::sink()),
        };
        self.check_read(read.map(|n| n as usize), n, field)
    }

    fn check_read(&mut self, read: io::Result<usize>, n: u64, field: &str) -> Result<()> {
        let found = match read {
            Ok(read) if read as u64 == n => {
                self.position += n;
                return Ok(());
            }
            Ok(read) => format!("cut off after {read} of {n} bytes"),
            Err(e) if self.deflated.is_some() => format!("not deflated as zlib does it ({e})"),
            Err(source) => return Err(Error::Io { file: self.file.into(), source }),
        };
        Err(self.wrong(
            field,
            found,
            "the file is truncated or damaged; copy it again from where it was saved",
        ))
    }

    /// The next tag, of an element that ends at or before `end`.
    pub(crate) fn tag(&mut self, end: u64, field: &str) -> Result<Tag> {
        let first = self.number(field)?;
        let (small, kind) = (first >> 16, first & 0xffff);
        let tag = if small > 0 {
            // up to four bytes stand beside their type and number
            if small > 4 {
                let found = format!("a small element of {small} bytes");
                return Err(self.wrong(field, found, "at most 4 bytes; the file is damaged"));
            }
            Tag { kind, bytes: u64::from(small), padding: u64::from(4 - small) }
        } else {
            let bytes = u64::from(self.number(field)?);
            let padding = if kind == MI_COMPRESSED { 0 } else { (8 - bytes % 8) % 8 };
            Tag { kind, bytes, padding }
        };
        if self.position.saturating_add(tag.bytes) > end {
            let found = format!(
                "an element of {} bytes where {} are left",
                tag.bytes,
                end.saturating_sub(self.position)
            );
            return Err(self.wrong(
                field,
                found,
                "elements that fit into what holds them; the file is damaged",
            ));
        }
        Ok(tag)
    }

    /// The bytes of a whole element, with its padding.
    pub(crate) fn element(&mut self, end: u64, field: &str) -> Result<(u32, Vec<u8>)> {
        let tag = self.tag(end, field)?;
        let bytes = self.bytes(tag.bytes, field)?;
        self.skip(tag.padding.min(end.saturating_sub(self.position)), field)?;
        Ok((tag.kind, bytes))
    }

    fn number(&mut self, field: &str) -> Result<u32> {
        let bytes = self.bytes(4, field)?;
        Fields::new(self.file, FORMAT, &bytes).u32(self.endian, field)
    }

    /// An error at the present position.
    pub(crate) fn wrong(&self, field: &str, found: String, allowed: &str) -> Error {
        let (offset, field) = match self.deflated {
            None => (self.position, field.to_owned()),
            Some(at) => (at.offset, format!("{field} (inflated, byte {})", self.position)),
        };
        let allowed = allowed.into();
        Error::Malformed { file: self.file.into(), format: FORMAT, field, offset, found, allowed }
    }
}

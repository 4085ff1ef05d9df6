//! Tags: the file as a chain of numbered pieces, read once from its beginning to its end.

use super::FORMAT;
use super::constants::{block, tag, types};
use super::tree::Tree;
use crate::{Error, Limits, ReadSeek, Result};
use dosewave_eeg::Note;
use std::collections::HashSet;
use std::io::{Read, Seek, SeekFrom};

/// Bytes of kind, type, size and position of the next.
const HEADER: u64 = 16;
/// Blocks within blocks, at most; real files have five.
const MAX_DEPTH: usize = 32;
/// Largest tag that is read whole: lists and texts.
const MAX_BYTES: u64 = 64 << 20;
/// Bytes of memory that one tag takes, at most.
const TAG_BYTES: u64 = 64;

/// One tag: what it is and where its data stand.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tag {
    pub(crate) kind: i32,
    pub(crate) kind_of_data: u32,
    pub(crate) size: u64,
    /// Where its data begin.
    pub(crate) position: u64,
}

/// A file of tags.
pub(crate) struct TagFile {
    pub(crate) name: String,
    pub(crate) input: Box<dyn ReadSeek>,
    pub(crate) limits: Limits,
    /// What is odd about it, but harmless.
    pub(crate) notes: Vec<Note>,
    size: u64,
}

impl TagFile {
    pub(crate) fn new(name: &str, mut input: Box<dyn ReadSeek>, limits: Limits) -> Result<Self> {
        let size = input.seek(SeekFrom::End(0)).map_err(|source| Error::Io { file: name.into(), source })?;
        Ok(Self { name: name.to_owned(), input, limits, notes: Vec::new(), size })
    }

    /// Reads exactly the bytes at `position`.
    pub(crate) fn read_at(&mut self, position: u64, buffer: &mut [u8]) -> Result<()> {
        let failed = |source| Error::Io { file: (&self.name).into(), source };
        self.input.seek(SeekFrom::Start(position)).map_err(failed)?;
        self.input.read_exact(buffer).map_err(failed)
    }

    /// The four numbers at `position`: kind, type, size, next.
    fn header(&mut self, position: u64) -> Result<[i32; 4]> {
        let mut bytes = [0_u8; HEADER as usize];
        self.read_at(position, &mut bytes)?;
        let mut numbers = [0; 4];
        for (number, bytes) in numbers.iter_mut().zip(bytes.as_chunks::<4>().0) {
            *number = i32::from_be_bytes(*bytes);
        }
        Ok(numbers)
    }

    pub(crate) fn wrong(&self, position: u64, field: &str, found: String, allowed: &str) -> Error {
        Error::Malformed {
            file: (&self.name).into(),
            format: FORMAT,
            field: field.into(),
            offset: position,
            found,
            allowed: allowed.into(),
        }
    }

    /// The data of a tag.
    pub(crate) fn bytes(&mut self, tag: &Tag, field: &str) -> Result<Vec<u8>> {
        let limits = Limits { max_alloc: self.limits.max_alloc.min(MAX_BYTES), ..self.limits };
        limits.check_bytes(&self.name, field, tag.size)?;
        let mut bytes = vec![0; tag.size as usize];
        self.read_at(tag.position, &mut bytes)?;
        Ok(bytes)
    }

    /// The data of a tag as text up to its first NUL.
    pub(crate) fn text(&mut self, tag: &Tag, field: &str) -> Result<String> {
        let bytes = self.bytes(tag, field)?;
        Ok(crate::bytes::text(bytes.split(|byte| *byte == 0).next().unwrap_or_default()))
    }

    /// The data of a tag as numbers, of any type that holds numbers; of a matrix, its values without its dimensions.
    pub(crate) fn numbers(&mut self, tag: &Tag, field: &str) -> Result<Vec<f64>> {
        let mut bytes = self.bytes(tag, field)?;
        if tag.kind_of_data & types::MATRIX != 0 {
            let n_dims = bytes.last_chunk::<4>().map_or(0, |b| u32::from_be_bytes(*b)) as usize;
            let dims = n_dims.saturating_mul(4).saturating_add(4);
            bytes.truncate(bytes.len().saturating_sub(dims));
        }
        fn each<const N: usize>(bytes: &[u8], number: impl Fn([u8; N]) -> f64) -> Vec<f64> {
            bytes.as_chunks::<N>().0.iter().map(|b| number(*b)).collect()
        }
        Ok(match tag.kind_of_data & types::BASE {
            types::SHORT => each(&bytes, |b| f64::from(i16::from_be_bytes(b))),
            types::USHORT => each(&bytes, |b| f64::from(u16::from_be_bytes(b))),
            types::INT => each(&bytes, |b| f64::from(i32::from_be_bytes(b))),
            types::UINT => each(&bytes, |b| f64::from(u32::from_be_bytes(b))),
            types::LONG => each(&bytes, |b| i64::from_be_bytes(b) as f64),
            types::FLOAT => each(&bytes, |b| f64::from(f32::from_be_bytes(b))),
            types::DOUBLE => each(&bytes, f64::from_be_bytes),
            other => {
                let found = format!("of type {other}");
                return Err(self.wrong(tag.position, field, found, "integers or floating-point numbers"));
            }
        })
    }

    /// The data of a tag as one finite number.
    pub(crate) fn number(&mut self, tag: &Tag, field: &str) -> Result<f64> {
        match self.numbers(tag, field)?.as_slice() {
            [number, ..] if number.is_finite() => Ok(*number),
            other => {
                let found = other.first().map_or("nothing".to_owned(), ToString::to_string);
                Err(self.wrong(tag.position, field, found, "a finite number"))
            }
        }
    }

    pub(crate) fn warn(&mut self, text: String) {
        self.notes.push(Note::warning(FORMAT, text));
    }

    pub(crate) fn inform(&mut self, text: String) {
        self.notes.push(Note::info(FORMAT, text));
    }

    /// Follows the chain of tags.
    pub(crate) fn walk(&mut self) -> Result<Tree> {
        let mut tree = Tree::new(block::ROOT);
        let mut path = vec![0_usize];
        let mut returned_to = HashSet::new();
        let (mut position, mut n_tags) = (0_u64, 0_u64);
        while position.saturating_add(HEADER) <= self.size {
            let [kind, kind_of_data, size, next] = self.header(position)?;
            if kind == 0 {
                self.warn(format!("what follows byte {position} is not read: no tag begins there"));
                break;
            }
            n_tags += 1;
            self.limits.check_bytes(&self.name, "the list of tags", n_tags * TAG_BYTES)?;
            let tag = self.clip(position, kind, kind_of_data, size)?;
            if n_tags == 1 && kind != tag::FILE_ID {
                return Err(self.wrong(
                    0,
                    "the first tag",
                    format!("of kind {kind}"),
                    "a file identifier (100)",
                ));
            }
            self.place(&mut tree, &mut path, &tag)?;
            position = match next {
                -1 => break,
                0 => tag.position + tag.size,
                next => u64::try_from(next).map_err(|_| {
                    self.wrong(
                        position + 12,
                        "the place of the next tag",
                        next.to_string(),
                        "-1, 0 or a place in the file",
                    )
                })?,
            };
            // chains that go back are allowed; chains that go back to where they went back to before have no end
            if position <= tag.position && !returned_to.insert(position) {
                return Err(self.wrong(
                    tag.position,
                    "the chain of tags",
                    "a loop".into(),
                    "the file is damaged; save it again",
                ));
            }
        }
        Ok(tree)
    }

    /// A tag within the file: one that is cut off by the file's end is as long as what is left, with a note.
    fn clip(&mut self, position: u64, kind: i32, kind_of_data: i32, size: i32) -> Result<Tag> {
        let Ok(mut bytes) = u64::try_from(size) else {
            let field = format!("the size of tag {kind}");
            return Err(self.wrong(
                position + 8,
                &field,
                size.to_string(),
                "zero or more bytes; the file is damaged",
            ));
        };
        let left = self.size.saturating_sub(position + HEADER);
        if bytes > left {
            let text = format!(
                "truncated: tag {kind} at byte {position} claims {bytes} bytes, {left} are left in the file"
            );
            self.warn(text);
            bytes = left;
        }
        Ok(Tag { kind, kind_of_data: kind_of_data as u32, size: bytes, position: position + HEADER })
    }

    /// Opens, closes or fills a block.
    fn place(&mut self, tree: &mut Tree, path: &mut Vec<usize>, tag: &Tag) -> Result<()> {
        let here = path.last().copied().unwrap_or(0);
        match tag.kind {
            tag::BLOCK_START if path.len() >= MAX_DEPTH => {
                let found = format!("within {MAX_DEPTH} others");
                Err(self.wrong(tag.position, "a block", found, "fewer; the file is damaged"))
            }
            tag::BLOCK_START => {
                let kind = self.number(tag, "the kind of a block")? as i32;
                path.push(tree.open(kind, here));
                Ok(())
            }
            tag::BLOCK_END => {
                if path.len() > 1 {
                    path.pop();
                }
                Ok(())
            }
            _ => {
                tree.add(here, *tag);
                Ok(())
            }
        }
    }
}

//! A level-5 MAT file (MATLAB's v5, v6 and v7): its header and its variables.

use super::mat5_array::{Plan, variable};
use super::mat5_tag::{FORMAT, MI_COMPRESSED, MI_MATRIX, Stream};
use super::value::{Deflated, Value};
use crate::bytes::Endian;
use crate::{Error, ReadSeek, Result};
use std::io::SeekFrom;

/// Bytes before the first element.
const HEADER_BYTES: u64 = 128;
/// Variables of a file; a set has one, or its fields.
const MAX_VARIABLES: usize = 4096;

/// Byte order of a level-5 file, `None` when `head` is not the start of one.
pub(crate) fn endian(head: &[u8]) -> Option<Endian> {
    match head.get(124..128)? {
        [_, 1, b'I', b'M'] => Some(Endian::Little),
        [1, _, b'M', b'I'] => Some(Endian::Big),
        _ => None,
    }
}

/// The variables of a file, in its order.
pub(crate) fn read(file: &str, input: &mut dyn ReadSeek, plan: Plan) -> Result<Vec<(String, Value)>> {
    let failed = |source| Error::Io { file: file.into(), source };
    let size = input.seek(SeekFrom::End(0)).map_err(failed)?;
    input.rewind().map_err(failed)?;
    let mut head = [0; HEADER_BYTES as usize];
    let endian = match input.read_exact(&mut head) {
        Ok(()) => endian(&head),
        Err(_) => None,
    };
    let Some(endian) = endian else {
        let allowed = "0x0100 and the letters IM or MI at byte 124; it is no MAT file of level 5".into();
        let (field, found) = ("version".into(), format!("\"{}\"", head[..16].escape_ascii()));
        return Err(Error::Malformed {
            file: file.into(),
            format: FORMAT,
            field,
            offset: 124,
            found,
            allowed,
        });
    };
    let mut variables = Vec::new();
    let (mut at, mut spent) = (HEADER_BYTES, 0);
    // a few stray bytes behind the last element are no element
    while at + 8 <= size && variables.len() < MAX_VARIABLES {
        input.seek(SeekFrom::Start(at)).map_err(failed)?;
        let mut stream = Stream::plain(file, input, endian, at);
        stream.spent = spent;
        let tag = stream.tag(size, "a variable")?;
        let end = stream.position + tag.bytes;
        match tag.kind {
            MI_MATRIX => {
                variables.push(variable(&mut stream, tag, plan)?);
                spent = stream.spent;
            }
            MI_COMPRESSED => {
                let part = Deflated { offset: end - tag.bytes, bytes: tag.bytes };
                let mut stream = Stream::deflated(file, input, endian, part);
                stream.spent = spent;
                variables.push(inflated(&mut stream, plan)?);
                spent = stream.spent;
            }
            kind => {
                let found = format!("of type {kind}");
                let allowed = "an array (14) or a deflated array (15); the file is damaged";
                return Err(stream.wrong("a variable", found, allowed));
            }
        }
        at = end + tag.padding;
    }
    Ok(variables)
}

fn inflated(stream: &mut Stream<'_>, plan: Plan) -> Result<(String, Value)> {
    let tag = stream.tag(u64::MAX, "a variable")?;
    if tag.kind != MI_MATRIX {
        let found = format!("of type {}", tag.kind);
        return Err(stream.wrong("a deflated variable", found, "an array (14); the file is damaged"));
    }
    variable(stream, tag, plan)
}

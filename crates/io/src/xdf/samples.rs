//! Single samples: a time or none, then a value of each channel.

use super::FORMAT;
use super::chunks::length;
use super::stream::{StreamHeader, Values};
use super::window::Window;
use crate::bytes::text;
use crate::{Error, Result};

/// The time of the sample at a place, where it bears one, and where its values begin.
pub(crate) fn stamp(window: &mut Window, at: u64) -> Result<(Option<f64>, u64)> {
    let bytes = window.bytes(at, 9)?;
    match bytes.split_first() {
        Some((0, _)) => Ok((None, at + 1)),
        Some((8, rest)) if rest.len() == 8 => {
            let time = rest.first_chunk().map_or(f64::NAN, |b| f64::from_le_bytes(*b));
            if time.is_finite() {
                Ok((Some(time), at + 9))
            } else {
                Err(wrong(window, at, format!("at {time} s")))
            }
        }
        Some((n, _)) => {
            let found = format!("with a time of {n} bytes");
            Err(wrong(window, at, found))
        }
        None => Err(wrong(window, at, "cut off".into())),
    }
}

fn wrong(window: &Window, at: u64, found: String) -> Error {
    Error::Malformed {
        file: (&window.name).into(),
        format: FORMAT,
        field: "a sample".into(),
        offset: at,
        found,
        allowed: "no time (0 bytes) or a finite one (8 bytes); the file is damaged".into(),
    }
}

/// Largest text of an event.
const MAX_TEXT: u64 = 1 << 20;

/// The values of an event as a text, those of several channels with blanks between, and where they end.
pub(crate) fn event(
    window: &mut Window,
    header: &StreamHeader,
    mut at: u64,
    end: u64,
) -> Result<(String, u64)> {
    let mut parts = Vec::new();
    for _ in 0..header.n_channels {
        let (part, next) = match header.values.bytes() {
            Some(n) => {
                (number(window.bytes(at, n)?, header.values).unwrap_or(f64::NAN).to_string(), at + n as u64)
            }
            None => {
                let found = length(window, at)?;
                let Some((n, from)) = found.filter(|(n, from)| *n <= MAX_TEXT && from + *n <= end) else {
                    return Err(wrong(
                        window,
                        at,
                        "a text that is longer than its chunk, or than 1 MiB".into(),
                    ));
                };
                (text(window.bytes(from, n as usize)?), from + n)
            }
        };
        parts.push(part);
        at = next;
    }
    Ok((parts.join(" "), at))
}

/// A value; `None` where there are too few bytes.
pub(crate) fn number(bytes: &[u8], values: Values) -> Option<f64> {
    Some(match values {
        Values::Int8 => f64::from(i8::from_le_bytes(*bytes.first_chunk()?)),
        Values::Int16 => f64::from(i16::from_le_bytes(*bytes.first_chunk()?)),
        Values::Int32 => f64::from(i32::from_le_bytes(*bytes.first_chunk()?)),
        Values::Int64 => i64::from_le_bytes(*bytes.first_chunk()?) as f64,
        Values::Float32 => f64::from(f32::from_le_bytes(*bytes.first_chunk()?)),
        Values::Double64 => f64::from_le_bytes(*bytes.first_chunk()?),
        Values::Text => return None,
    })
}

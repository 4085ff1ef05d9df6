//! The table of events behind the samples.

use super::setup::Setup;
use crate::{Error, Limits, ReadSeek, Result};
use std::io::{Read, SeekFrom};

/// Bytes of type, size and a number that is always 0.
const TABLE: u64 = 9;

/// Where the samples end, and what happened.
#[derive(Default)]
pub(crate) struct Events {
    pub(crate) data_end: u64,
    /// 1 and 2: places are bytes of the file; 3: they are samples.
    pub(crate) table_type: u8,
    pub(crate) all: Vec<Event>,
    /// Why there is no table.
    pub(crate) problem: Option<String>,
}

/// One event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Event {
    pub(crate) code: u16,
    keyboard: u8,
    /// A key of the response pad in the lower half; what was accepted or interrupted in the upper.
    pad: u8,
    pub(crate) place: u32,
}

impl Event {
    /// Recording was interrupted here: the amplifiers were reset (11), or it was stopped (14).
    pub(crate) fn is_boundary(&self) -> bool {
        self.code == 0 && matches!(self.pad >> 4, 11 | 14)
    }

    pub(crate) fn label(&self) -> String {
        match (self.code, self.pad & 15, self.keyboard) {
            _ if self.is_boundary() => "boundary".into(),
            (0, 0, 0) => "0".into(),
            (0, 0, key) => format!("Keyboard {key}"),
            (0, key, _) => format!("KeyPad Response {key}"),
            (code, _, _) => code.to_string(),
        }
    }
}

/// Finds and reads the table. Its place is stated in 32 bits: in files of more than 4 GB it is one of several.
pub(crate) fn read(
    name: &str,
    input: &mut dyn ReadSeek,
    setup: &Setup,
    size: u64,
    limits: &Limits,
) -> Result<Events> {
    let none = |problem: String| Events { data_end: size, problem: Some(problem), ..Events::default() };
    if setup.events_at == 0 {
        return Ok(none("the header names no table of events".into()));
    }
    let candidates = (0..=size >> 32).map(|k| u64::from(setup.events_at) + (k << 32));
    let mut found: Option<(u64, u8, u64)> = None;
    // the last that fits: samples of a long file can look like a table, what follows them cannot be samples
    for at in candidates.filter(|at| *at >= setup.data_start && at.saturating_add(TABLE) <= size) {
        let head = bytes(name, input, at, TABLE)?;
        let table_type = head.first().copied().unwrap_or(0);
        let n_bytes = head.get(1..5).and_then(|b| b.first_chunk()).map_or(0, |b| u32::from_le_bytes(*b));
        let n_bytes = u64::from(n_bytes);
        if width(table_type).is_some_and(|w| n_bytes.is_multiple_of(w)) && at + TABLE + n_bytes <= size {
            found = Some((at, table_type, n_bytes));
        }
    }
    let Some((at, table_type, n_bytes)) = found else {
        let beyond = u64::from(setup.events_at) >= size;
        let what = if beyond { "beyond the end: the file is truncated" } else { "where there is none" };
        return Ok(none(format!("the table of events is said to be at byte {}, {what}", setup.events_at)));
    };
    let each = width(table_type).unwrap_or(TABLE);
    limits.check_annotations(name, usize::try_from(n_bytes / each).unwrap_or(usize::MAX))?;
    let table = bytes(name, input, at + TABLE, n_bytes)?;
    let all = table.chunks_exact(each as usize).filter_map(event).collect();
    Ok(Events { data_end: at, table_type, all, problem: None })
}

/// Bytes of an event.
fn width(table_type: u8) -> Option<u64> {
    match table_type {
        1 => Some(8),
        2 | 3 => Some(19),
        _ => None,
    }
}

fn event(bytes: &[u8]) -> Option<Event> {
    let [a, b, keyboard, pad, place @ ..] = bytes else { return None };
    let place = u32::from_le_bytes(*place.first_chunk()?);
    Some(Event { code: u16::from_le_bytes([*a, *b]), keyboard: *keyboard, pad: *pad, place })
}

pub(crate) fn bytes(name: &str, input: &mut dyn ReadSeek, at: u64, n: u64) -> Result<Vec<u8>> {
    let failed = |source| Error::Io { file: name.into(), source };
    input.seek(SeekFrom::Start(at)).map_err(failed)?;
    let mut bytes = Vec::new();
    input.take(n).read_to_end(&mut bytes).map_err(failed)?;
    Ok(bytes)
}

impl Events {
    /// Sample of each event, counted from 0. A place in bytes is that of the sample in which the event fell; of files
    /// beyond 4 GB it is known up to 4 GB, and events are in order.
    pub(crate) fn samples(&self, setup: &Setup, frame: u64) -> Vec<u64> {
        let (mut high, mut last) = (0_u64, 0_u32);
        let place = |event: &Event| {
            if self.table_type == 3 {
                return u64::from(event.place);
            }
            if event.place < last && self.data_end >> 32 > high >> 32 {
                high += 1 << 32;
            }
            last = event.place;
            (high + u64::from(event.place)).saturating_sub(setup.data_start) / frame
        };
        self.all.iter().map(place).collect()
    }

    /// A word about the table.
    pub(crate) fn notes(&self) -> Option<String> {
        self.problem.as_ref().map(|problem| format!("{problem}; there are no events"))
    }
}

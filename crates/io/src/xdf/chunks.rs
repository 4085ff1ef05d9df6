//! One walk over the chunks of a file: headers, clock offsets, events, and where samples stand.

use super::FORMAT;
use super::samples::{event, stamp};
use super::stream::{self, StreamHeader};
use super::window::Window;
use crate::xml::{self, Element, Place};
use crate::{Error, Limits, Result};
use dosewave_eeg::Note;
use std::collections::BTreeMap;

/// What a boundary chunk holds: by it the next chunk is found behind damaged bytes.
const BOUNDARY: [u8; 16] =
    [0x43, 0xa5, 0x46, 0xdc, 0xcb, 0xf5, 0x41, 0x0f, 0xb3, 0x0e, 0xd5, 0x46, 0x73, 0x83, 0xcb, 0xe4];
/// Largest header of a stream.
const MAX_XML: u64 = 64 << 20;

/// Some samples of a stream.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Chunk {
    /// Where its first sample stands.
    pub(crate) position: u64,
    /// Number of its first sample within the stream.
    pub(crate) first: u64,
}

/// One stream.
pub(crate) struct Stream {
    pub(crate) header: StreamHeader,
    /// `(time, offset)` of each measurement.
    pub(crate) offsets: Vec<(f64, f64)>,
    pub(crate) chunks: Vec<Chunk>,
    pub(crate) n_samples: u64,
    /// Times and texts of a stream of events.
    pub(crate) events: Vec<(f64, String)>,
    last_time: f64,
}

/// What is in a file.
#[derive(Default)]
pub(crate) struct Contents {
    pub(crate) streams: Vec<Stream>,
    /// When the file was begun, as it says.
    pub(crate) datetime: Option<String>,
    pub(crate) notes: Vec<Note>,
    by_id: BTreeMap<u32, usize>,
    n_events: usize,
    n_chunks: u64,
}

/// A chunk without its first bytes: its tag, and where what it holds begins and ends.
struct Body {
    tag: u16,
    from: u64,
    to: u64,
}

pub(crate) fn walk(window: &mut Window, limits: &Limits) -> Result<Contents> {
    let mut contents = Contents::default();
    let mut at = 4;
    while at < window.size {
        match body(window, at)? {
            Some(body) => {
                contents.chunk(window, &body, limits)?;
                at = body.to;
            }
            None => {
                let next = behind_boundary(window, at + 1)?;
                let until = next.map_or("the end".to_owned(), |next| format!("byte {next}"));
                contents.warn(format!("damaged or cut off at byte {at}; read on from {until}"));
                at = next.unwrap_or(window.size);
            }
        }
    }
    Ok(contents)
}

/// The chunk at a place, where there is a whole one.
fn body(window: &mut Window, at: u64) -> Result<Option<Body>> {
    let Some((length, from)) = length(window, at)? else { return Ok(None) };
    let Some(to) = from.checked_add(length).filter(|to| *to <= window.size && length >= 2) else {
        return Ok(None);
    };
    let tag = window.array(from)?.map_or(0, u16::from_le_bytes);
    Ok((1..=6).contains(&tag).then_some(Body { tag, from: from + 2, to }))
}

/// A length of 1, 4 or 8 bytes behind a byte that says so, and where it ends.
pub(crate) fn length(window: &mut Window, at: u64) -> Result<Option<(u64, u64)>> {
    let bytes = window.bytes(at, 9)?;
    let Some((n, rest)) = bytes.split_first() else { return Ok(None) };
    let length = match n {
        1 => rest.first().map(|b| u64::from(*b)),
        4 => rest.first_chunk().map(|b| u64::from(u32::from_le_bytes(*b))),
        8 => rest.first_chunk().map(|b| u64::from_le_bytes(*b)),
        _ => None,
    };
    Ok(length.map(|length| (length, at + 1 + u64::from(*n))))
}

/// Where the chunk behind the next boundary begins.
fn behind_boundary(window: &mut Window, mut at: u64) -> Result<Option<u64>> {
    const STEP: usize = 1 << 16;
    while at < window.size {
        let bytes = window.bytes(at, STEP + BOUNDARY.len())?;
        if let Some(found) = bytes.windows(BOUNDARY.len()).position(|bytes| bytes == BOUNDARY) {
            return Ok(Some(at + (found + BOUNDARY.len()) as u64));
        }
        at += STEP as u64;
    }
    Ok(None)
}

impl Contents {
    fn warn(&mut self, text: String) {
        self.notes.push(Note::warning(FORMAT, text));
    }

    fn chunk(&mut self, window: &mut Window, body: &Body, limits: &Limits) -> Result<()> {
        match body.tag {
            1 => {
                let header = xml(window, body.from, body.to)?;
                self.datetime = header.text_at(&["datetime"]).map(ToOwned::to_owned);
                Ok(())
            }
            2 => self.stream_header(window, body, limits),
            3 => self.samples(window, body, limits),
            4 => self.offset(window, body),
            6 => self.footer(window, body),
            _ => Ok(()),
        }
    }

    /// The stream that a chunk is of.
    fn stream(&mut self, window: &mut Window, body: &Body) -> Result<Option<&mut Stream>> {
        let id = window.array(body.from)?.map(u32::from_le_bytes).filter(|_| body.to - body.from >= 4);
        let index = id.and_then(|id| self.by_id.get(&id)).copied();
        Ok(index.and_then(|index| self.streams.get_mut(index)))
    }

    fn stream_header(&mut self, window: &mut Window, body: &Body, limits: &Limits) -> Result<()> {
        let Some(id) = window.array(body.from)?.map(u32::from_le_bytes).filter(|_| body.to - body.from > 4)
        else {
            return Ok(());
        };
        let header = match stream::parse(xml(window, body.from + 4, body.to)?) {
            Ok(header) => header,
            Err(why) => {
                self.warn(format!("stream {id} is left out: {why}"));
                return Ok(());
            }
        };
        limits.check_channels(&window.name, header.n_channels as u64)?;
        limits.check_channels(&window.name, self.streams.len() as u64)?;
        if self.by_id.insert(id, self.streams.len()).is_some() {
            self.warn(format!("there are two streams with the number {id}; samples go to the later"));
        }
        let stream = Stream {
            header,
            offsets: Vec::new(),
            chunks: Vec::new(),
            n_samples: 0,
            events: Vec::new(),
            last_time: 0.0,
        };
        self.streams.push(stream);
        Ok(())
    }

    fn samples(&mut self, window: &mut Window, body: &Body, limits: &Limits) -> Result<()> {
        let Some((n, from)) = length(window, body.from + 4)?.filter(|(_, from)| *from <= body.to) else {
            return Ok(());
        };
        self.n_chunks += 1;
        limits.check_bytes(
            &window.name,
            "the list of chunks",
            self.n_chunks.saturating_mul(size_of::<Chunk>() as u64),
        )?;
        let Some(stream) = self.stream(window, body)? else {
            self.warn(format!("samples at byte {from} belong to no stream and are left out"));
            return Ok(());
        };
        let least = 1 + (stream.header.n_channels * stream.header.values.bytes().unwrap_or(2)) as u64;
        if n > (body.to - from) / least {
            self.warn(format!("the chunk at byte {from} is too short for its {n} samples and left out"));
            return Ok(());
        }
        if !stream.header.is_markers() {
            if n > 0 {
                stream.chunks.push(Chunk { position: from, first: stream.n_samples });
                stream.n_samples += n;
            }
            return Ok(());
        }
        let mut at = from;
        for _ in 0..n {
            let (time, next) = stamp(window, at)?;
            let time = time.unwrap_or(
                stream.last_time + if stream.header.rate > 0.0 { 1.0 / stream.header.rate } else { 0.0 },
            );
            let (text, next) = event(window, &stream.header, next, body.to)?;
            stream.events.push((time, text));
            (stream.last_time, at) = (time, next);
        }
        stream.n_samples += n;
        self.n_events += n as usize;
        limits.check_annotations(&window.name, self.n_events)
    }

    fn offset(&mut self, window: &mut Window, body: &Body) -> Result<()> {
        let bytes: Option<[u8; 20]> = window.array(body.from)?.filter(|_| body.to - body.from >= 20);
        let number = |at: usize| {
            bytes?.get(at..at + 8)?.first_chunk().map(|b| f64::from_le_bytes(*b)).filter(|v| v.is_finite())
        };
        let measured = number(4).zip(number(12));
        match (measured, self.stream(window, body)?) {
            (Some(measured), Some(stream)) => stream.offsets.push(measured),
            (None, _) => {
                self.warn(format!("the clock offset at byte {} is no number and left out", body.from));
            }
            (_, None) => {}
        }
        Ok(())
    }

    /// The footer counts the samples.
    fn footer(&mut self, window: &mut Window, body: &Body) -> Result<()> {
        if body.to - body.from <= 4 {
            return Ok(());
        }
        let footer = xml(window, body.from + 4, body.to)?;
        let claimed: Option<u64> = footer.number_at(&["sample_count"]);
        let Some(stream) = self.stream(window, body)? else { return Ok(()) };
        let (name, n) = (stream.header.name.clone(), stream.n_samples);
        if let Some(claimed) = claimed.filter(|claimed| *claimed != n) {
            self.warn(format!("stream '{name}' claims {claimed} samples, {n} are there"));
        }
        Ok(())
    }
}

fn xml(window: &mut Window, from: u64, to: u64) -> Result<Element> {
    if to - from > MAX_XML {
        let what = "the size of a stream's header (bytes)".into();
        return Err(Error::Limit { file: (&window.name).into(), what, asked: to - from, allowed: MAX_XML });
    }
    let bytes = window.bytes(from, (to - from) as usize)?.to_vec();
    xml::parse(Place { file: &window.name, format: FORMAT, offset: from }, &bytes)
}

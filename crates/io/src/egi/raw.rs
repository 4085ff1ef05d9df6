//! Simple binary files: a header, then samples of all channels and of all events together.

use crate::bytes::{Endian, Fields};
use crate::frames::{Layout, SampleType, Scale};
use crate::pieces::{Order, Part, Piece, PieceReader};
use crate::triggers::Steps;
use crate::{Error, Identifier, Limits, Result, Source};
use dosewave_eeg::{Annotation, Channel, ChannelKind, Details, Header, Hz, Note, Seconds, Timestamp};
use ndarray::Array2;
use std::io::{Read, Seek, SeekFrom};

pub(crate) const FORMAT: &str = "EGI raw";
/// Largest header.
const MAX_HEADER: u64 = 1 << 20;
/// Bytes of category and time before each segment.
const SEGMENT_HEAD: u64 = 6;
/// Samples that are looked through at once for events.
const SCAN: u64 = 1 << 16;

/// What the header says.
struct RawHeader {
    sample_type: SampleType,
    start: Timestamp,
    rate: u16,
    n_channels: u16,
    /// µV per number.
    gain: f64,
    /// Of a segmented file.
    categories: Option<Vec<String>>,
    /// Segments as claimed, and samples of each.
    n_segments: u64,
    n_samples: u64,
    codes: Vec<String>,
    /// Where what follows begins.
    bytes: u64,
}

/// A stretch of samples.
struct Segment {
    onset_s: f64,
    category: Option<usize>,
    position: u64,
    n_samples: u64,
}

/// A version, a date and a time that can be.
pub(crate) fn begins_as_one(head: &[u8]) -> bool {
    let mut fields = Fields::new("", FORMAT, head);
    let mut number = || fields.i16(Endian::Big, "").unwrap_or(-1);
    let (high, version) = (number(), number());
    let [year, month, day, hour, minute, second] = [(); 6].map(|()| number());
    let date = (1980..2100).contains(&year) && (1..=12).contains(&month) && (1..=31).contains(&day);
    let time = (0..24).contains(&hour) && (0..60).contains(&minute) && (0..60).contains(&second);
    high == 0 && (2..=7).contains(&version) && date && time
}

pub(crate) fn open(source: &dyn Source, limits: Limits) -> Result<PieceReader> {
    let name = source.name().to_owned();
    let mut part = Part { name: name.clone(), input: source.open()? };
    let failed = |source| Error::Io { file: (&name).into(), source };
    let size = part.input.seek(SeekFrom::End(0)).map_err(failed)?;
    part.input.seek(SeekFrom::Start(0)).map_err(failed)?;
    let mut bytes = Vec::new();
    part.input.by_ref().take(MAX_HEADER).read_to_end(&mut bytes).map_err(failed)?;
    let raw = header(&name, &bytes, &limits)?;
    let n_channels = usize::from(raw.n_channels) + raw.codes.len();
    let layout = Layout { sample_type: raw.sample_type, endian: Endian::Big, n_channels };
    let mut notes = Vec::new();
    let frame = layout.frame() as u64;
    let segments = match raw.categories {
        None => continuous(&raw, frame, size, &mut notes),
        Some(_) => segments(&mut part, &raw, frame, size, &mut notes)?,
    };
    limits.check_annotations(&name, segments.len())?;
    let header = describe(&raw, &segments, notes);
    let piece = |(segment, run): (&Segment, &dosewave_eeg::Run)| Piece {
        part: 0,
        position: segment.position,
        layout,
        order: Order::Multiplexed,
        first_channel: 0,
        samples: run.samples.clone(),
        row: None,
    };
    let pieces = segments.iter().zip(&header.runs).map(piece).collect();
    let mut scales = vec![Scale::gain(raw.gain); usize::from(raw.n_channels)];
    scales.resize(n_channels, Scale::gain(1.0));
    // the header has no field for a name
    let identity = vec![Identifier::new("date and time of the recording", "")];
    let parts = vec![part];
    let mut reader =
        PieceReader { name, format: FORMAT, parts, pieces, scales, limits, header, identity, other: None };
    add_events(&mut reader, &raw)?;
    reader.header.annotations.sort_by(|a, b| a.onset.0.total_cmp(&b.onset.0));
    Ok(reader)
}

fn header(name: &str, bytes: &[u8], limits: &Limits) -> Result<RawHeader> {
    let mut fields = Fields::new(name, FORMAT, bytes);
    let big = Endian::Big;
    let version = fields.i32(big, "version")?;
    let sample_type = match version {
        2 | 3 => SampleType::Int16,
        4 | 5 => SampleType::Float32,
        6 | 7 => SampleType::Float64,
        _ => return Err(fields.wrong(4, "version", version.to_string(), "2 to 7")),
    };
    let start = timestamp(&mut fields)?;
    let rate = fields.u16(big, "sampling rate")?;
    if rate == 0 {
        return Err(fields.wrong(2, "sampling rate", "0".into(), "more than 0 Hz"));
    }
    let n_channels = fields.u16(big, "number of channels")?;
    fields.take(2, "gain")?;
    let bits = fields.u16(big, "bits of the converter")?;
    let range = fields.u16(big, "range of the amplifier")?;
    let is_segmented = version % 2 == 1;
    let categories = if is_segmented { Some(categories(&mut fields)?) } else { None };
    let n_segments = if is_segmented { u64::from(fields.u16(big, "number of segments")?) } else { 1 };
    let n_samples = u64::from(fields.u32(big, "number of samples")?);
    let n_codes = fields.u16(big, "number of event codes")?;
    limits.check_channels(name, u64::from(n_channels) + u64::from(n_codes))?;
    let codes = (0..n_codes).map(|_| fields.text(4, "event code")).collect::<Result<Vec<_>>>()?;
    // without bits and range numbers are µV
    let gain = if bits > 0 && range > 0 { f64::from(range) / 2_f64.powi(i32::from(bits)) } else { 1.0 };
    let bytes = fields.position();
    Ok(RawHeader {
        sample_type,
        start,
        rate,
        n_channels,
        gain,
        categories,
        n_segments,
        n_samples,
        codes,
        bytes,
    })
}

fn timestamp(fields: &mut Fields<'_>) -> Result<Timestamp> {
    let big = Endian::Big;
    let year = fields.u16(big, "year")?;
    let [month, day, hour, minute, second] = [
        fields.u16(big, "month")?,
        fields.u16(big, "day")?,
        fields.u16(big, "hour")?,
        fields.u16(big, "minute")?,
        fields.u16(big, "second")?,
    ];
    let millis = fields.u32(big, "millisecond")?;
    Ok(Timestamp {
        year,
        month: month as u8,
        day: day as u8,
        hour: hour as u8,
        minute: minute as u8,
        second: second as u8,
        nanosecond: if millis < 1000 { millis * 1_000_000 } else { 0 },
    })
}

/// Names, each behind its length.
fn categories(fields: &mut Fields<'_>) -> Result<Vec<String>> {
    let n = fields.u16(Endian::Big, "number of categories")?;
    let one = |_| {
        let length = fields.u8(Endian::Big, "length of a category's name")?;
        fields.text(usize::from(length), "name of a category")
    };
    (0..n).map(one).collect()
}

/// Where the samples stand: whole samples between the header and the end of the file.
fn continuous(raw: &RawHeader, frame: u64, size: u64, notes: &mut Vec<Note>) -> Vec<Segment> {
    let whole = size.saturating_sub(raw.bytes).checked_div(frame).unwrap_or(0);
    let n_samples = raw.n_samples.min(whole);
    note_cut(raw.n_samples, n_samples, "samples", notes);
    let all = Segment { onset_s: 0.0, category: None, position: raw.bytes, n_samples };
    if n_samples > 0 { vec![all] } else { Vec::new() }
}

/// Where the samples of a segmented file stand: whole segments, each behind its category and time.
fn segments(
    part: &mut Part,
    raw: &RawHeader,
    frame: u64,
    size: u64,
    notes: &mut Vec<Note>,
) -> Result<Vec<Segment>> {
    let bytes = raw.n_samples.saturating_mul(frame).saturating_add(SEGMENT_HEAD);
    let whole = size.saturating_sub(raw.bytes) / bytes;
    let n_segments = if raw.n_samples > 0 && frame > 0 { raw.n_segments.min(whole) } else { 0 };
    note_cut(raw.n_segments, n_segments, "segments", notes);
    let one = |k: u64| {
        let at = raw.bytes + k * bytes;
        let mut head = [0; SEGMENT_HEAD as usize];
        part.read_at(at, &mut head)?;
        let [a, b, time @ ..] = head;
        // categories count from 1, times are milliseconds
        let category = usize::from(u16::from_be_bytes([a, b])).checked_sub(1);
        let onset_s = f64::from(i32::from_be_bytes(time)) * 1e-3;
        Ok(Segment { onset_s, category, position: at + SEGMENT_HEAD, n_samples: raw.n_samples })
    };
    (0..n_segments).map(one).collect()
}

fn note_cut(claimed: u64, whole: u64, what: &str, notes: &mut Vec<Note>) {
    if whole < claimed {
        let text = format!(
            "truncated: the header claims {claimed} {what}, the file holds {whole} whole ones, which are read"
        );
        notes.push(Note::warning(FORMAT, text));
    }
}

fn describe(raw: &RawHeader, segments: &[Segment], mut notes: Vec<Note>) -> Header {
    let sfreq = f64::from(raw.rate);
    let times: Vec<(f64, u64)> = segments.iter().map(|s| (s.onset_s, s.n_samples)).collect();
    let (runs, is_true) = crate::runs::segments(&times, sfreq);
    if !is_true {
        let text = "segments overlap or are out of order: each is put behind the one before it, so times are not those of \
                    the recording";
        notes.push(Note::warning(FORMAT, text));
    }
    let names = raw.categories.as_deref().unwrap_or_default();
    let category = |(segment, run): (&Segment, &dosewave_eeg::Run)| {
        let name = names.get(segment.category?)?;
        Some(Annotation::new(run.onset, Seconds(segment.n_samples as f64 / sfreq), name.clone()))
    };
    let annotations = segments.iter().zip(&runs).filter_map(category).collect();
    let electrode = |i: u16| Channel::from_name(&format!("E{}", u32::from(i) + 1));
    let code = |code: &String| Channel {
        kind: ChannelKind::Trig,
        unit: "1".into(),
        position: None,
        ..Channel::from_name(code)
    };
    Header {
        format: FORMAT.into(),
        channels: (0..raw.n_channels).map(electrode).chain(raw.codes.iter().map(code)).collect(),
        sfreq: Hz(sfreq),
        runs,
        start: Some(raw.start),
        annotations,
        other_signals: Vec::new(),
        details: Details::default(),
        notes,
    }
}

/// An event is where the column of its code steps up.
fn add_events(reader: &mut PieceReader, raw: &RawHeader) -> Result<()> {
    let first_code = usize::from(raw.n_channels);
    let picks: Vec<usize> = (first_code..first_code + raw.codes.len()).collect();
    if picks.is_empty() {
        return Ok(());
    }
    for run in reader.header.runs.clone() {
        // an event may be at the first sample
        let mut steps = vec![Steps::from_zero(); picks.len()];
        let mut first = run.samples.start;
        while first < run.samples.end {
            let window = first..run.samples.end.min(first + SCAN / picks.len() as u64 + 1);
            let mut data = Array2::zeros((picks.len(), (window.end - window.start) as usize));
            reader.decode(&window, &picks, &mut data)?;
            for ((row, steps), code) in data.outer_iter().zip(&mut steps).zip(&raw.codes) {
                for (t, value) in row.iter().enumerate() {
                    if steps.next(*value).is_some() {
                        let sample = (window.start - run.samples.start) as f64 + t as f64;
                        let onset = Seconds(run.onset.0 + sample / f64::from(raw.rate));
                        reader.header.annotations.push(Annotation::new(onset, Seconds(0.0), code.clone()));
                    }
                }
            }
            reader.limits.check_annotations(&reader.name, reader.header.annotations.len())?;
            first = window.end;
        }
    }
    Ok(())
}

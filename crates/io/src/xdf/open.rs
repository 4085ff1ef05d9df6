//! From the streams of a file to a recording.

use super::chunks::{self, Contents, Stream};
use super::clock::Clock;
use super::reader::{Samples, XdfReader};
use super::samples::{number, stamp};
use super::stream::Values;
use super::times::{Stretch, Times};
use super::window::Window;
use super::{FORMAT, identity, others};
use crate::triggers::Steps;
use crate::{Limits, Result, Source};
use dosewave_eeg::{Annotation, Channel, ChannelKind, Details, Header, Hz, Note, Run, Seconds, Timestamp};
use std::ops::Range;

/// A rate that is measured within this of the one announced is taken for that: clocks differ by a few parts in 10⁵.
const SAME_RATE: f64 = 1e-4;
/// So is one by which times differ by less than this at the end of the longest stretch: short ones tell no better, s.
const SAME_END_S: f64 = 0.01;
/// Times that are off by more than this at the end of a stretch are told, s.
const OFF_S: f64 = 0.1;

pub(crate) fn open(source: &dyn Source, limits: Limits) -> Result<XdfReader> {
    let mut window = Window::new(source.name(), source.open()?)?;
    let mut contents = chunks::walk(&mut window, &limits)?;
    let chosen = choose(&contents.streams);
    note_streams(&mut contents, chosen);
    let start = contents.datetime.as_deref().and_then(timestamp);
    if start.is_some() {
        let text = "the start is when the file was begun; the first sample is a little later";
        contents.notes.push(Note::info(FORMAT, text));
    }
    let mut identity = identity::of_file(contents.datetime.as_deref());
    identity
        .extend(contents.streams.iter().zip(1..).flat_map(|(stream, number)| stream.header.identity(number)));
    let stream = chosen.and_then(|i| contents.streams.get(i));
    if stream.is_none() {
        contents.notes.push(Note::info(FORMAT, "no stream of regular numbers: annotations only"));
    }
    let (channels, samples) =
        stream.map_or((Vec::new(), Samples::none()), |s| described(s, &mut contents.notes));
    let mut header = Header {
        format: FORMAT.into(),
        channels: channels.into(),
        sfreq: Hz(1.0),
        runs: Vec::new(),
        start,
        annotations: Vec::new(),
        other_signals: Vec::new(),
        details: Details::default(),
        notes: Vec::new(),
    };
    let timeline = timeline(&mut window, &limits, (stream, &samples), (&mut header, &mut contents.notes))?;
    add_events(&mut header, &contents.streams, &timeline);
    header.annotations.sort_by(|a, b| a.onset.0.total_cmp(&b.onset.0));
    limits.check_annotations(&window.name, header.annotations.len())?;
    let is_other = |(i, s): &(usize, Stream)| Some(*i) != chosen && !s.header.is_markers();
    let streams: Vec<Stream> =
        contents.streams.into_iter().enumerate().filter(is_other).map(|(_, s)| s).collect();
    let (others, signals) = others::list(&window.name, &streams, (header.n_channels(), &limits))?;
    header.other_signals = signals;
    header.notes.extend(contents.notes);
    Ok(XdfReader { window, limits, samples, header, identity, streams, others, zero: timeline.zero })
}

/// Channels of the recording's stream, and its samples.
fn described(stream: &Stream, notes: &mut Vec<Note>) -> (Vec<Channel>, Samples) {
    let (channels, factors) = stream.header.channels(notes);
    let (values, chunks) = (stream.header.values, stream.chunks.clone());
    (channels, Samples { values, chunks, n_samples: stream.n_samples, factors })
}

/// The EEG stream with the most values; without one, the largest that is regular and no text.
fn choose(streams: &[Stream]) -> Option<usize> {
    let regular = streams.iter().enumerate().filter(|(_, s)| {
        !s.header.is_markers() && s.header.rate > 0.0 && s.header.n_channels > 0 && s.n_samples > 0
    });
    let size = |s: &Stream| s.n_samples.saturating_mul(s.header.n_channels as u64);
    // of equals the first
    regular.rev().max_by_key(|(_, s)| (s.header.is_eeg(), size(s))).map(|(i, _)| i)
}

fn note_streams(contents: &mut Contents, chosen: Option<usize>) {
    let mut notes = Vec::new();
    for (i, stream) in contents.streams.iter().enumerate() {
        let (name, kind, n) = (&stream.header.name, &stream.header.kind, stream.n_samples);
        let role = match (Some(i) == chosen, stream.header.is_markers()) {
            (true, _) => "is the recording",
            (_, true) => "are annotations",
            _ => "is read by itself",
        };
        let rate = Hz(stream.header.rate);
        notes.push(Note::info(FORMAT, format!("stream '{name}' ({kind}, {n} samples at {rate}) {role}")));
        let clock = Clock::new(&stream.offsets);
        if clock.n_resets() > 0 {
            let text = format!(
                "the clock of stream '{name}' was reset {} time(s); its times were joined",
                clock.n_resets()
            );
            notes.push(Note::warning(FORMAT, text));
        }
        if !clock.is_measured() && n > 0 && contents.streams.iter().any(|s| !s.offsets.is_empty()) {
            let text = format!(
                "stream '{name}' has no clock offsets: its times are taken for those of the recorder"
            );
            notes.push(Note::warning(FORMAT, text));
        }
    }
    contents.notes.extend(notes);
}

/// `2020-01-02T03:04:05+0100`: the local time.
fn timestamp(text: &str) -> Option<Timestamp> {
    let digits = |range: Range<usize>| text.get(range)?.parse::<u16>().ok();
    let time = Timestamp {
        year: digits(0..4)?,
        month: digits(5..7)? as u8,
        day: digits(8..10)? as u8,
        hour: digits(11..13)? as u8,
        minute: digits(14..16)? as u8,
        second: digits(17..19)? as u8,
        nanosecond: 0,
    };
    let valid = (1..=12).contains(&time.month) && (1..=31).contains(&time.day) && time.hour < 24;
    (valid && time.minute < 60 && time.second < 60).then_some(time)
}

/// Runs of the recording beside when they were on the recorder's clock.
struct Timeline {
    /// Time zero on the recorder's clock.
    zero: f64,
    stretches: Vec<(Run, Stretch)>,
    sfreq: f64,
}

impl Timeline {
    /// A time of the recorder's clock as a time of the recording: within a run, that of the sample then taken.
    fn onset(&self, time: f64) -> Seconds {
        let Some((run, stretch)) = self.stretches.iter().rev().find(|(_, s)| s.onset <= time) else {
            return Seconds(time - self.zero);
        };
        let step = stretch.step.unwrap_or(1.0 / self.sfreq);
        let samples = ((time - stretch.onset) / step).min(stretch.n as f64);
        let beyond = time - stretch.onset - samples * step;
        Seconds(run.onset.0 + samples / self.sfreq + beyond)
    }
}

/// Events of all streams at their times on the recorder's clock.
fn add_events(header: &mut Header, streams: &[Stream], timeline: &Timeline) {
    let first = |s: &Stream| s.events.first().map(|(time, _)| Clock::new(&s.offsets).synced(*time, 0));
    // without samples, time zero is the first event
    let earliest = streams.iter().filter_map(first).fold(f64::INFINITY, f64::min);
    let no_samples = timeline.stretches.is_empty();
    for stream in streams {
        let clock = Clock::new(&stream.offsets);
        let mut stretch = 0;
        for (time, label) in &stream.events {
            stretch = clock.stretch(*time, stretch);
            let time = clock.synced(*time, stretch);
            let onset = if no_samples { Seconds(time - earliest) } else { timeline.onset(time) };
            header.annotations.push(Annotation::new(onset, Seconds(0.0), label.clone()));
        }
    }
}

/// Reads the times of all samples, and the events of trigger channels, into the header.
fn timeline(
    window: &mut Window,
    limits: &Limits,
    (stream, samples): (Option<&Stream>, &Samples),
    (header, notes): (&mut Header, &mut Vec<Note>),
) -> Result<Timeline> {
    let mut timeline = Timeline { zero: 0.0, stretches: Vec::new(), sfreq: 1.0 };
    let Some(stream) = stream else { return Ok(timeline) };
    let (times, triggers) = scan(window, limits, stream, (samples, &header.channels))?;
    timeline.sfreq = rate(stream.header.rate, &times, notes);
    timeline.zero = times.done.first().map_or(0.0, |s| s.onset);
    timeline.stretches = runs(&times, (timeline.zero, timeline.sfreq), notes);
    header.sfreq = Hz(timeline.sfreq);
    header.runs = timeline.stretches.iter().map(|(run, _)| run.clone()).collect();
    for (sample, label) in triggers {
        let onset = header.time_of(sample).unwrap_or(Seconds(0.0));
        header.annotations.push(Annotation::new(onset, Seconds(0.0), label));
    }
    Ok(timeline)
}

/// Stretches of samples as runs; `zero` is time zero on the recorder's clock.
pub(crate) fn runs(times: &Times, (zero, sfreq): (f64, f64), notes: &mut Vec<Note>) -> Vec<(Run, Stretch)> {
    let (mut column, mut end) = (0, f64::NEG_INFINITY);
    let mut moved = 0;
    let mut all = Vec::with_capacity(times.done.len());
    for stretch in &times.done {
        let stated = stretch.onset - zero;
        moved += usize::from(stated < end - 0.5 / sfreq);
        let onset = stated.max(end);
        let run = Run { onset: Seconds(onset), samples: column..column + stretch.n };
        (column, end) = (run.samples.end, onset + stretch.n as f64 / sfreq);
        all.push((run, *stretch));
    }
    if moved > 0 {
        let text = format!(
            "{moved} stretch(es) of samples seem to begin before the end of the one before; they are put behind it"
        );
        notes.push(Note::warning(FORMAT, text));
    }
    all
}

/// Times of all samples on the recorder's clock; samples at which a trigger channel steps up.
pub(crate) fn scan(
    window: &mut Window,
    limits: &Limits,
    stream: &Stream,
    (samples, channels): (&Samples, &[Channel]),
) -> Result<(Times, Vec<(u64, String)>)> {
    let clock = Clock::new(&stream.offsets);
    let mut triggers = TriggerColumns::of(channels, samples.values);
    let (mut times, mut events) = (Times::default(), Vec::new());
    let (mut last, mut stretch) = (0.0, 0);
    let (step, frame) = (1.0 / stream.header.rate, samples.frame());
    let ends = samples.chunks.iter().skip(1).map(|c| c.first).chain([samples.n_samples]);
    for (chunk, end) in samples.chunks.iter().zip(ends) {
        let mut at = chunk.position;
        for sample in chunk.first..end {
            let (time, values) = stamp(window, at)?;
            let time = time.unwrap_or(last + step);
            let now = clock.stretch(time, stretch);
            times.add(clock.synced(time, now), now != stretch);
            (last, stretch) = (time, now);
            if !triggers.columns.is_empty() {
                let bytes = window.bytes(values, frame)?;
                events.extend(triggers.steps(bytes).map(|label| (sample, label)));
            }
            at = values + frame as u64;
        }
        limits.check_annotations(&window.name, events.len())?;
    }
    times.close();
    Ok((times, events))
}

/// Trigger channels within a sample.
struct TriggerColumns {
    values: Values,
    /// Name, place in the sample's bytes, and what was before.
    columns: Vec<(String, usize, Steps)>,
}

impl TriggerColumns {
    fn of(channels: &[Channel], values: Values) -> Self {
        let width = values.bytes().unwrap_or(0);
        let all = channels.iter().enumerate().filter(|(_, channel)| channel.kind == ChannelKind::Trig);
        let columns = all.map(|(i, channel)| (channel.name.clone(), i * width, Steps::default())).collect();
        Self { values, columns }
    }

    /// `channel/value` of each that steps up at this sample.
    fn steps<'a>(&'a mut self, bytes: &'a [u8]) -> impl Iterator<Item = String> + 'a {
        let values = self.values;
        self.columns.iter_mut().filter_map(move |(name, at, steps)| {
            let value = steps.next(number(bytes.get(*at..)?, values)?)?;
            Some(format!("{name}/{value}"))
        })
    }
}

/// The rate of the samples: as announced where the measured one is as good as that, else as measured.
pub(crate) fn rate(announced: f64, times: &Times, notes: &mut Vec<Note>) -> f64 {
    let Some(measured) = times.rate() else { return announced };
    let longest = times.done.iter().map(|s| s.n).max().unwrap_or(0) as f64 / announced;
    let apart = (measured / announced - 1.0).abs();
    if apart <= SAME_RATE || apart * longest <= SAME_END_S {
        let text = format!(
            "samples came at {measured:.6} Hz by the recorder's clock; they are taken to be at {announced} Hz, and \
             annotations keep to the samples they fell on"
        );
        notes.push(Note::info(FORMAT, text));
        return announced;
    }
    let text = format!(
        "samples were announced at {announced} Hz, but came at {measured:.6} Hz, which is taken for the rate"
    );
    notes.push(Note::warning(FORMAT, text));
    let end_off = |s: &Stretch| s.step.map_or(0.0, |step| (s.n as f64 * (step - 1.0 / measured)).abs());
    let off = times.done.iter().map(end_off).fold(0.0, f64::max);
    if off > OFF_S {
        let text = format!(
            "the rate changes between stretches: times at the end of one are off by up to {off:.2} s; annotations keep \
             to the samples they fell on"
        );
        notes.push(Note::warning(FORMAT, text));
    }
    measured
}

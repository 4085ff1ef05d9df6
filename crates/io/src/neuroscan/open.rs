//! From the header and the events to an open recording.

use super::FORMAT;
use super::events::{self, Events};
use super::setup::{self, Setup};
use super::width;
use crate::bytes::Endian;
use crate::frames::{Layout, SampleType};
use crate::pieces::{Order, Part, Piece, PieceReader};
use crate::{Error, Limits, Result, Source};
use dosewave_eeg::{Annotation, Details, Header, Hz, Note, Run, Seconds};
use std::io::{Seek, SeekFrom};

pub(crate) fn open(source: &dyn Source, limits: Limits) -> Result<PieceReader> {
    let name = source.name().to_owned();
    let mut input = source.open()?;
    let mut setup = setup::read(&name, input.as_mut(), &limits)?;
    let size = input.seek(SeekFrom::End(0)).map_err(|source| Error::Io { file: (&name).into(), source })?;
    let events = events::read(&name, input.as_mut(), &setup, size, &limits)?;
    if let Some(text) = events.notes() {
        setup.notes.push(Note::warning(FORMAT, text));
    }
    let (sample_type, reason) = width::decide(&name, input.as_mut(), &setup, &events)?;
    let bits = 8 * sample_type.bytes();
    setup.notes.push(Note::info(FORMAT, format!("samples have {bits} bits: {reason}")));
    let layout = Layout { sample_type, endian: Endian::Little, n_channels: setup.channels.len() };
    let n_times = count(&mut setup, &events, &layout);
    let pieces = pieces(&name, &setup, layout, n_times, &limits)?;
    let header = describe(&mut setup, &events, &layout, n_times);
    let parts = vec![Part { name: name.clone(), input }];
    let (scales, identity) = (setup.scales, setup.identity);
    Ok(PieceReader { name, format: FORMAT, parts, pieces, scales, limits, header, identity, other: None })
}

/// Whole samples between header and events.
fn count(setup: &mut Setup, events: &Events, layout: &Layout) -> u64 {
    let frame = layout.frame() as u64;
    let bytes = events.data_end - setup.data_start;
    let (n, rest, stated) = (bytes / frame, bytes % frame, u64::from(setup.n_samples));
    let mut warn = |text: String| setup.notes.push(Note::warning(FORMAT, text));
    if rest > 0 {
        warn(format!("the last sample is incomplete ({rest} of {frame} bytes) and left out"));
    }
    // without a table of events, other data may follow the samples
    let end_is_known = events.problem.is_none();
    if stated > 0 && stated != n {
        let taken = if end_is_known || stated > n { n } else { stated };
        warn(format!("the header claims {stated} samples, there is room for {n}; {taken} are read"));
        return taken;
    }
    n
}

/// Samples are multiplexed, or in blocks of one channel after the other.
fn pieces(name: &str, setup: &Setup, layout: Layout, n_times: u64, limits: &Limits) -> Result<Vec<Piece>> {
    let in_block = u64::from(setup.channel_bytes) / layout.sample_type.bytes() as u64;
    let piece = |order, samples: std::ops::Range<u64>| Piece {
        part: 0,
        position: setup.data_start + samples.start * layout.frame() as u64,
        layout,
        order,
        first_channel: 0,
        samples,
        row: None,
    };
    if n_times == 0 {
        return Ok(Vec::new());
    }
    if in_block <= 1 {
        return Ok(vec![piece(Order::Multiplexed, 0..n_times)]);
    }
    let n_blocks = n_times.div_ceil(in_block);
    limits.check_bytes(name, "the list of blocks", n_blocks.saturating_mul(size_of::<Piece>() as u64))?;
    let block = |k: u64| piece(Order::Vectorized, k * in_block..n_times.min((k + 1) * in_block));
    Ok((0..n_blocks).map(block).collect())
}

fn describe(setup: &mut Setup, events: &Events, layout: &Layout, n_times: u64) -> Header {
    let sfreq = f64::from(setup.rate);
    let samples = events.samples(setup, layout.frame() as u64);
    let mut annotations = Vec::new();
    let mut runs =
        if n_times > 0 { vec![Run { onset: Seconds(0.0), samples: 0..n_times }] } else { Vec::new() };
    let mut beyond = 0;
    for (event, sample) in events.all.iter().zip(samples) {
        // events are times of the samples: what was not recorded at a boundary is not known
        annotations.push(Annotation::new(Seconds(sample as f64 / sfreq), Seconds(0.0), event.label()));
        beyond += usize::from(sample > n_times);
        let last = runs.last_mut().filter(|run| sample > run.samples.start && sample < run.samples.end);
        if let Some(run) = last.filter(|_| event.is_boundary()) {
            run.samples.end = sample;
            runs.push(Run { onset: Seconds(sample as f64 / sfreq), samples: sample..n_times });
        }
    }
    annotations.sort_by(|a, b| a.onset.0.total_cmp(&b.onset.0));
    let mut warn = |text: String| setup.notes.push(Note::warning(FORMAT, text));
    if beyond > 0 {
        warn(format!("{beyond} event(s) lie behind the last sample"));
    }
    if runs.len() > 1 {
        let n = runs.len() - 1;
        warn(format!(
            "recording was interrupted {n} time(s) (\"boundary\"); how long is not stated: times after it are too early"
        ));
    }
    Header {
        format: format!(
            "{FORMAT} {}",
            if layout.sample_type == SampleType::Int16 { "int16" } else { "int32" }
        ),
        channels: std::mem::take(&mut setup.channels).into(),
        sfreq: Hz(sfreq),
        runs,
        start: setup.start,
        annotations,
        other_signals: Vec::new(),
        details: Details::default(),
        notes: std::mem::take(&mut setup.notes),
    }
}

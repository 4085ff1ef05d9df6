//! Folders: signals in blocks, everything else in XML files beside them.

use super::blocks::{self, Block, SignalFile};
use super::body::{self, Body};
use super::texts::{self, Epoch};
use super::{identity, layout, time};
use crate::bytes::Endian;
use crate::frames::{Layout, SampleType, Scale};
use crate::pieces::{Order, Part, Piece, PieceReader};
use crate::xml::Element;
use crate::{Error, Limits, Result, Source};
use dosewave_eeg::{Details, Header, Hz, Note};
use std::ops::Range;

pub(crate) const FORMAT: &str = "EGI MFF";

/// The signal files of a folder.
struct Signals {
    eeg: SignalFile,
    eeg_info: Option<Element>,
    body: Option<Body>,
}

pub(crate) fn open(source: &dyn Source, limits: Limits) -> Result<PieceReader> {
    let name = source.name().to_owned();
    let mut notes = Vec::new();
    let info = texts::parse(&name, source.open()?)?;
    let start = info.text_at(&["recordTime"]).and_then(time::parse);
    if start.is_none() {
        notes.push(Note::info(FORMAT, "when the recording began is not stated"));
    }
    let signals = signals(source, &limits, &mut notes)?;
    let epochs = epochs(source, &signals.eeg, &mut notes)?;
    let sfreq = f64::from(signals.eeg.rate);
    let per_s = units_per_second(&epochs, &signals.eeg, &info);
    let onsets_s: Vec<f64> = epochs.iter().map(|epoch| epoch.begin / per_s).collect();
    let n_samples_of = |epoch| n_samples(&signals.eeg, epoch);
    let times: Vec<(f64, u64)> =
        onsets_s.iter().copied().zip(epochs.iter().map(n_samples_of)).filter(|(_, n)| *n > 0).collect();
    let (runs, is_true) = crate::runs::segments(&times, sfreq);
    if !is_true {
        let text = "epochs overlap or are out of order: each is put behind the one before it, so times are not those of the recording";
        notes.push(Note::warning(FORMAT, text));
    }
    let mut annotations = texts::events(source, start.as_ref(), per_s, &limits, &mut notes)?;
    if let Some(categories) = texts::read(source, "categories.xml")? {
        annotations.extend(texts::categories(&categories, per_s));
    }
    if let Some(history) = texts::read(source, "history.xml")? {
        notes.extend(
            texts::history(&history)
                .into_iter()
                .map(|step| Note::info(FORMAT, format!("done before: {step}"))),
        );
    }
    limits.check_annotations(&name, annotations.len())?;
    annotations.sort_by(|a, b| a.onset.0.total_cmp(&b.onset.0));
    let (mut channels, mut gains) =
        layout::electrodes(source, signals.eeg_info.as_ref(), signals.eeg.n_channels, &mut notes)?;
    let (beside, alone): (Option<Body>, Option<Body>) = match signals.body {
        Some(body) if body.is_beside(&signals.eeg) => (Some(body), None),
        body => (None, body),
    };
    if let Some(body) = &beside {
        channels.extend(body.channels.iter().cloned());
        gains.extend(&body.gains);
    }
    let pieces = pieces(&signals.eeg, beside.as_ref(), &epochs);
    let mut header = Header {
        format: FORMAT.into(),
        channels: channels.into(),
        sfreq: Hz(sfreq),
        runs,
        start: start.map(|start| start.local),
        annotations,
        other_signals: Vec::new(),
        details: Details::default(),
        notes,
    };
    let n_blocks = signals.eeg.blocks.len();
    let other = alone.map(|body| Box::new(body.reader(&header, &epochs, &onsets_s, (n_blocks, limits))));
    header.other_signals = other.iter().flat_map(|reader| body::listed(&reader.header)).collect();
    let parts = [Some(signals.eeg.part), beside.map(|body| body.file.part)].into_iter().flatten().collect();
    let scales = gains.into_iter().map(Scale::gain).collect();
    let identity = identity::find(source, &info);
    Ok(PieceReader { name, format: FORMAT, parts, pieces, scales, limits, header, identity, other })
}

/// The first signal file of EEG and the first of body signals: `signalN.bin`, described by `infoN.xml`.
fn signals(source: &dyn Source, limits: &Limits, notes: &mut Vec<Note>) -> Result<Signals> {
    let siblings = source.siblings();
    let number = |name: &String| name.strip_prefix("signal")?.strip_suffix(".bin")?.parse::<u32>().ok();
    let mut numbers: Vec<u32> = siblings.iter().filter_map(number).collect();
    numbers.sort_unstable();
    let (mut eeg, mut body) = (None, None);
    for n in numbers {
        let info = texts::read(source, &format!("info{n}.xml"))?;
        let kind = |key: &str| {
            info.as_ref().and_then(|i| i.at(&["generalInformation", "fileDataType", key])).is_some()
        };
        if eeg.is_none() && (kind("EEG") || info.is_none()) {
            eeg = Some((n, info));
        } else if body.is_none() && kind("PNSData") {
            body = Some(n);
        } else {
            notes.push(Note::info(
                FORMAT,
                format!("'signal{n}.bin' is neither EEG nor body signals, and not read"),
            ));
        }
    }
    let Some((n, eeg_info)) = eeg else {
        let advice =
            "open the folder whole, as Net Station wrote it; a file of it alone is not enough".into();
        let (role, sibling) = ("EEG signal", "signal1.bin".into());
        return Err(Error::MissingSibling { file: source.name().into(), role, sibling, advice });
    };
    let mut file = |n: u32| {
        let name = format!("signal{n}.bin");
        let input = source.open_sibling(&name)?;
        blocks::read(Part { name, input }, limits, notes)
    };
    let eeg = file(n)?;
    let body = body.map(file).transpose()?.map(|file| Body::new(source, file)).transpose()?;
    Ok(Signals { eeg, eeg_info, body })
}

/// The epochs whose blocks are there; without a list one of all blocks.
fn epochs(source: &dyn Source, eeg: &SignalFile, notes: &mut Vec<Note>) -> Result<Vec<Epoch>> {
    let n_blocks = eeg.blocks.len();
    let all = texts::read(source, "epochs.xml")?.map(|root| texts::epochs(&root)).unwrap_or_default();
    if all.is_empty() {
        notes.push(Note::warning(FORMAT, "no list of epochs: pauses are unknown"));
        return Ok(vec![Epoch { begin: 0.0, end: 0.0, first: 1, last: n_blocks }]);
    }
    let mut next = 1;
    let mut kept = Vec::new();
    for mut epoch in all {
        let claimed = epoch.last;
        epoch.last = epoch.last.min(n_blocks);
        if epoch.first != next || epoch.first > epoch.last || claimed > n_blocks {
            let text = format!(
                "an epoch is said to be of blocks {} to {claimed}; blocks {next} to {n_blocks} are left",
                epoch.first
            );
            notes.push(Note::warning(FORMAT, text));
        }
        if epoch.first >= next && epoch.first <= epoch.last {
            next = epoch.last + 1;
            kept.push(epoch);
        }
    }
    if next <= n_blocks {
        let text = format!("{} block(s) belong to no epoch and are not read", n_blocks + 1 - next);
        notes.push(Note::warning(FORMAT, text));
    }
    Ok(kept)
}

/// Indices of an epoch's blocks.
pub(crate) fn blocks_of(epoch: &Epoch) -> Range<usize> {
    epoch.first.saturating_sub(1)..epoch.last
}

/// Samples of an epoch.
pub(crate) fn n_samples(eeg: &SignalFile, epoch: &Epoch) -> u64 {
    eeg.blocks.get(blocks_of(epoch)).map_or(0, |blocks| blocks.iter().map(|block| block.n_samples).sum())
}

/// Times are in microseconds since version 3 and in nanoseconds before; the first epoch's length tells, else the version.
fn units_per_second(epochs: &[Epoch], eeg: &SignalFile, info: &Element) -> f64 {
    let seconds = epochs.first().map_or(0.0, |e| n_samples(eeg, e) as f64 / f64::from(eeg.rate));
    let length = epochs.first().map_or(0.0, |e| e.end - e.begin);
    let is = |per_s: f64| (length / seconds / per_s - 1.0).abs() < 0.5;
    let by_version = if info.number_at::<u32>(&["mffVersion"]).is_some_and(|v| v < 3) { 1e9 } else { 1e6 };
    if is(1e6) {
        1e6
    } else if is(1e9) {
        1e9
    } else {
        by_version
    }
}

/// One piece for each block of each file.
fn pieces(eeg: &SignalFile, body: Option<&Body>, epochs: &[Epoch]) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut column = 0;
    for index in epochs.iter().flat_map(blocks_of) {
        let Some(block) = eeg.blocks.get(index) else { continue };
        let samples = column..column + block.n_samples;
        pieces.push(piece(eeg, block, (0, 0), samples.clone()));
        if let Some((body, own)) = body.and_then(|body| Some((&body.file, body.file.blocks.get(index)?))) {
            // body signals may be a sample shorter or longer
            let end = samples.end.min(samples.start + own.n_samples);
            pieces.push(piece(body, own, (1, eeg.n_channels), samples.start..end));
        }
        column = samples.end;
    }
    pieces
}

/// A block as samples of a recording, of which its channels are those from `first_channel` on.
pub(crate) fn piece(
    file: &SignalFile,
    block: &Block,
    (part, first_channel): (usize, usize),
    samples: Range<u64>,
) -> Piece {
    Piece {
        part,
        position: block.position,
        layout: Layout {
            sample_type: SampleType::Float32,
            endian: Endian::Little,
            n_channels: file.n_channels,
        },
        order: Order::Vectorized,
        first_channel,
        samples,
        row: Some(block.n_samples),
    }
}

//! From a file and its parts to an open recording.

use super::constants::{block, role, tag};
use super::epochs::Epochs;
use super::identity;
use super::info::{self, Info};
use super::raw::{self, Raw};
use super::tag::TagFile;
use super::tree::Tree;
use super::{FORMAT, annotations};
use crate::brainvision::date;
use crate::pieces::{Part, Piece, PieceReader};
use crate::triggers::Steps;
use crate::{Error, Limits, Result, Source};
use dosewave_eeg::{Annotation, ChannelKind, Details, Header, Run, Seconds, Timestamp};
use ndarray::Array2;

/// Parts of a split recording, at most.
const MAX_PARTS: usize = 1000;
/// Samples that are looked through at once for triggers.
const SCAN: u64 = 1 << 18;
const EPOCH_1970: Timestamp =
    Timestamp { year: 1970, month: 1, day: 1, hour: 0, minute: 0, second: 0, nanosecond: 0 };

/// What the samples of a file are.
enum Samples {
    Raw(Raw),
    Epochs(Epochs),
}

/// The samples of a file as the header tells of them.
struct Contents {
    format: String,
    pieces: Vec<Piece>,
    runs: Vec<Run>,
    /// Seconds from the acquisition's sample 0 to time zero.
    zero_s: f64,
    annotations: Vec<Annotation>,
}

pub(crate) fn open(source: &dyn Source, limits: Limits) -> Result<PieceReader> {
    let mut file = TagFile::new(source.name(), source.open()?, limits)?;
    let tree = file.walk()?;
    let info = info::read(&mut file, &tree)?;
    let mut samples = samples(&mut file, &tree, &info)?;
    note_earlier_part(&mut file, &tree)?;
    let mut files = vec![file];
    add_parts(source, &mut files, &tree, &info, &mut samples)?;
    let Some(first) = files.first_mut() else { return Err(nothing(source.name())) };
    let all = annotations::read(first, &tree, &info)?;
    let contents = match samples {
        Samples::Raw(raw) => raw_contents(raw, &info, all),
        Samples::Epochs(epochs) => epochs_contents(first, &epochs, &info, all),
    };
    let identity = identity::find(first, &tree);
    let mut reader = PieceReader { identity, ..reader(source.name(), files, info, contents) };
    if matches!(reader.header.format.as_str(), "FIF") {
        add_triggers(&mut reader)?;
    }
    reader.header.annotations.sort_by(|a, b| a.onset.0.total_cmp(&b.onset.0));
    limits.check_annotations(&reader.name, reader.header.annotations.len())?;
    Ok(reader)
}

/// Samples of the first part.
fn samples(file: &mut TagFile, tree: &Tree, info: &Info) -> Result<Samples> {
    let layout = (info.channels.channels.len(), info.sfreq.0);
    if let Some(block) = raw::find(file, tree) {
        let mut raw = Raw::default();
        raw.add(file, tree, block, 0, layout)?;
        return Ok(Samples::Raw(raw));
    }
    if let Some(block) = tree.first(block::EPOCHS) {
        let mut epochs = Epochs::default();
        epochs.add(file, tree, block, 0, info)?;
        return Ok(Samples::Epochs(epochs));
    }
    if tree.first(block::EVOKED).is_some() {
        let what = "it holds averages (evoked responses), which have no course in time to compare; \
                    name the raw or epochs file they were made from";
        return Err(Error::Unsupported { file: (&file.name).into(), format: FORMAT, what: what.into() });
    }
    Err(nothing(&file.name))
}

fn nothing(name: &str) -> Error {
    let what = "it describes a measurement, but holds neither raw data nor epochs; name the file that does";
    Error::Unsupported { file: name.into(), format: FORMAT, what: what.into() }
}

/// The name that a file gives to the one before or after it.
fn neighbour(file: &mut TagFile, tree: &Tree, wanted: i64) -> Result<Option<String>> {
    for block in tree.within(0, block::REF) {
        let (Some(role), Some(name)) =
            (tree.find(block, tag::REF_ROLE), tree.find(block, tag::REF_FILE_NAME))
        else {
            continue;
        };
        if file.number(&role, "role of another file")? as i64 == wanted {
            let name = file.text(&name, "name of another file")?;
            // only files beside this one: a path is cut to its last part
            let plain = name.rsplit(['/', '\\']).next().unwrap_or_default().to_owned();
            return Ok((!plain.is_empty()).then_some(plain));
        }
    }
    Ok(None)
}

fn note_earlier_part(file: &mut TagFile, tree: &Tree) -> Result<()> {
    if let Some(name) = neighbour(file, tree, role::PREVIOUS)? {
        let text = format!(
            "this is a later part of a split recording; the part before it is '{name}', and time zero is here"
        );
        file.warn(text);
    }
    Ok(())
}

/// Follows the names of the next parts.
fn add_parts(
    source: &dyn Source,
    files: &mut Vec<TagFile>,
    tree: &Tree,
    info: &Info,
    samples: &mut Samples,
) -> Result<()> {
    let mut next = match files.last_mut() {
        Some(first) => neighbour(first, tree, role::NEXT)?,
        None => None,
    };
    while let Some(name) = next {
        let mut file = part(source, files, &name)?;
        let tree = file.walk()?;
        same_channels(&mut file, &tree, info)?;
        let index = files.len();
        let layout = (info.channels.channels.len(), info.sfreq.0);
        match (&mut *samples, raw::find(&mut file, &tree), tree.first(block::EPOCHS)) {
            (Samples::Raw(raw), Some(block), _) => raw.add(&mut file, &tree, block, index, layout)?,
            (Samples::Epochs(epochs), _, Some(block)) => epochs.add(&mut file, &tree, block, index, info)?,
            _ => return Err(nothing(&name)),
        }
        next = neighbour(&mut file, &tree, role::NEXT)?;
        files.push(file);
    }
    Ok(())
}

/// Opens the next part.
fn part(source: &dyn Source, files: &[TagFile], name: &str) -> Result<TagFile> {
    let limits = files.first().map_or_else(Limits::default, |file| file.limits);
    if files.len() >= MAX_PARTS || files.iter().any(|file| file.name == name) {
        let what = format!("its parts name each other in a circle (at '{name}'); save the recording again");
        return Err(Error::Unsupported { file: source.name().into(), format: FORMAT, what });
    }
    if !source.siblings().iter().any(|sibling| sibling == name) {
        let stem = source.name().strip_suffix(".fif").unwrap_or(source.name());
        let renamed = format!("{stem}-{}.fif", files.len());
        let advice = if source.siblings().contains(&renamed) {
            format!(
                "'{renamed}' stands beside it: give renamed parts their old names again, or save the recording anew"
            )
        } else {
            "copy all parts of the recording into one folder".into()
        };
        return Err(Error::MissingSibling {
            file: source.name().into(),
            role: "next part",
            sibling: name.into(),
            advice,
        });
    }
    TagFile::new(name, source.open_sibling(name)?, limits)
}

/// Refuses a part with other channels or another rate.
fn same_channels(file: &mut TagFile, tree: &Tree, info: &Info) -> Result<()> {
    let own = info::read(file, tree)?;
    let names = |info: &Info| info.channels.channels.iter().map(|c| c.name.clone()).collect::<Vec<_>>();
    if names(&own) == names(info) && own.sfreq == info.sfreq && own.channels.scales == info.channels.scales {
        file.notes.clear();
        return Ok(());
    }
    let found = format!("{} channels at {}", own.channels.channels.len(), own.sfreq);
    let allowed =
        "the same channels, calibrations and rate as in the first part; it belongs to another recording";
    Err(file.wrong(0, "this part of a split recording", found, allowed))
}

fn raw_contents(raw: Raw, info: &Info, annotations: Vec<Annotation>) -> Contents {
    let zero_s = raw.first_sample as f64 / info.sfreq.0;
    let shifted = annotations.into_iter().map(|mut annotation| {
        annotation.onset.0 -= zero_s;
        annotation
    });
    Contents {
        format: "FIF".into(),
        pieces: raw.pieces,
        runs: raw.runs,
        zero_s,
        annotations: shifted.collect(),
    }
}

fn epochs_contents(
    file: &mut TagFile,
    epochs: &Epochs,
    info: &Info,
    mut annotations: Vec<Annotation>,
) -> Contents {
    let timeline = epochs.timeline(info.sfreq.0);
    if !timeline.is_true {
        let text = format!(
            "epochs overlap or are out of order: each is put behind the one before it, so times are not those of the \
             recording; {} annotation(s) of the recording are left out",
            annotations.len()
        );
        file.warn(text);
        annotations.clear();
    }
    annotations.extend(timeline.annotations);
    let pieces = epochs.pieces.clone();
    Contents { format: "FIF epochs".into(), pieces, runs: timeline.runs, zero_s: 0.0, annotations }
}

fn reader(name: &str, files: Vec<TagFile>, info: Info, contents: Contents) -> PieceReader {
    let limits = files.first().map_or_else(Limits::default, |file| file.limits);
    let notes = files.iter().flat_map(|file| file.notes.clone()).collect();
    let start = info
        .date_us
        .and_then(|us| date::later(EPOCH_1970, us.checked_add((contents.zero_s * 1e6).round() as i64)?));
    let header = Header {
        format: contents.format,
        channels: info.channels.channels.into(),
        sfreq: info.sfreq,
        runs: contents.runs,
        start,
        annotations: contents.annotations,
        other_signals: Vec::new(),
        details: Details { projections: info.projections, ..Details::default() },
        notes,
    };
    PieceReader {
        name: name.to_owned(),
        format: FORMAT,
        parts: files.into_iter().map(|file| Part { name: file.name, input: file.input }).collect(),
        pieces: contents.pieces,
        scales: info.channels.scales,
        limits,
        header,
        identity: Vec::new(),
        other: None,
    }
}

/// Adds the events of the trigger channels as annotations `channel/value`. Like MNE, the combined channel of a system
/// (`STI101`, else `STI 014`) speaks for the others.
fn add_triggers(reader: &mut PieceReader) -> Result<()> {
    let channels = reader.header.channels.clone();
    let named = |name: &str| channels.iter().position(|c| c.name == name && c.kind == ChannelKind::Trig);
    let all =
        || channels.iter().enumerate().filter(|(_, c)| c.kind == ChannelKind::Trig).map(|(i, _)| i).collect();
    let picks: Vec<usize> = named("STI101").or_else(|| named("STI 014")).map_or_else(all, |i| vec![i]);
    if picks.is_empty() {
        return Ok(());
    }
    let mut steps = vec![Steps::default(); picks.len()];
    for run in reader.header.runs.clone() {
        steps.iter_mut().for_each(Steps::pause);
        let mut first = run.samples.start;
        while first < run.samples.end {
            let window = first..run.samples.end.min(first + SCAN / picks.len() as u64 + 1);
            let mut data = Array2::zeros((picks.len(), (window.end - window.start) as usize));
            reader.decode(&window, &picks, &mut data)?;
            for ((row, steps), pick) in data.outer_iter().zip(&mut steps).zip(&picks) {
                let name = channels.get(*pick).map_or("", |c| c.name.as_str());
                for (t, value) in row.iter().enumerate() {
                    let Some(value) = steps.next(*value) else { continue };
                    let sample = window.start + t as u64 - run.samples.start;
                    let onset = Seconds(run.onset.0 + sample as f64 / reader.header.sfreq.0);
                    reader.header.annotations.push(Annotation::new(
                        onset,
                        Seconds(0.0),
                        format!("{name}/{value}"),
                    ));
                }
            }
            reader.limits.check_annotations(&reader.name, reader.header.annotations.len())?;
            first = window.end;
        }
    }
    Ok(())
}

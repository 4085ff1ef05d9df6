//! The text of the marker file.

use super::field;
use crate::brainvision::date;
use dosewave_eeg::{Annotation, Header, Recording, Seconds, Timestamp};

/// Type, description, position from 1, size, channel from 1, date.
struct Line<'a> {
    kind: &'a str,
    description: &'a str,
    position: u64,
    size: u64,
    channel: usize,
    date: String,
}

const NEW_SEGMENT: &str = "New Segment";

pub(super) fn text(recording: &Recording, stem: &str) -> Result<String, String> {
    let header = recording.header();
    let mut lines = segments(header)?;
    for annotation in &header.annotations {
        lines.extend(markers(header, annotation)?);
    }
    // `New Segment` of a sample before its other markers
    lines.sort_by_key(|line| (line.position, line.kind != NEW_SEGMENT));
    let mut text = vec![
        "Brain Vision Data Exchange Marker File, Version 1.0".to_owned(),
        String::new(),
        "[Common Infos]".into(),
        "Codepage=UTF-8".into(),
        format!("DataFile={stem}.eeg"),
        String::new(),
        "[Marker Infos]".into(),
        "; Mk<number>=<type>,<description>,<position in samples>,<size in samples>,<channel, 0 for all>,<date>".into(),
    ];
    for (i, line) in (1..).zip(&lines) {
        let Line { position, size, channel, date, .. } = line;
        let comma = if date.is_empty() { "" } else { "," };
        let (kind, description) = (field(line.kind), field(line.description));
        text.push(format!("Mk{i}={kind},{description},{position},{size},{channel}{comma}{date}"));
    }
    text.push(String::new());
    Ok(text.join("\r\n"))
}

/// One `New Segment` for each run; the date says how long the pause before it was.
fn segments(header: &Header) -> Result<Vec<Line<'static>>, String> {
    let mut lines = Vec::new();
    let mut last_end: Option<Seconds> = None;
    for run in &header.runs {
        let is_pause = last_end.is_some_and(|end| run.onset.0 - end.0 > 0.5 / header.sfreq.0);
        if is_pause && header.start.is_none() {
            return Err(format!(
                "there is a pause before {} and the recording has no start date, without which the format cannot say \
                 how long the pause is; write .edf or .h5",
                run.onset
            ));
        }
        let date = match header.start {
            None => String::new(),
            Some(start) => moment(start, run.onset)
                .map(date::text)
                .ok_or_else(|| format!("the run at {} has a date outside the years 1 to 9999", run.onset))?,
        };
        let position = run.samples.start.saturating_add(1);
        lines.push(Line { kind: NEW_SEGMENT, description: "", position, size: 1, channel: 0, date });
        last_end = Some(run.end(header.sfreq));
    }
    Ok(lines)
}

/// Start and onset are rounded to microseconds one by one, so that their difference is right to a microsecond.
fn moment(start: Timestamp, onset: Seconds) -> Option<Timestamp> {
    let start = Timestamp { nanosecond: start.nanosecond / 1000 * 1000, ..start };
    date::later(start, (onset.0 * 1e6).round() as i64)
}

/// The markers of an annotation: one, or one for each channel it speaks of.
fn markers<'a>(header: &Header, annotation: &'a Annotation) -> Result<Vec<Line<'a>>, String> {
    let Some(sample) = sample_at(header, annotation.onset) else {
        return Err(format!(
            "the annotation '{}' at {} is in a pause or before the first sample, where the format has no place; write \
             .edf or .h5",
            annotation.label, annotation.onset
        ));
    };
    let (kind, description) = kind_and_description(&annotation.label);
    // the runs say it already
    if is_new_segment(&annotation.label) && header.runs.iter().any(|run| run.samples.start == sample) {
        return Ok(Vec::new());
    }
    let line = |channel| Line {
        kind,
        description,
        position: sample.saturating_add(1),
        size: (annotation.duration.0 * header.sfreq.0).round() as u64,
        channel,
        date: String::new(),
    };
    let index = |name: &String| header.channels.iter().position(|c| c.name == *name);
    let channels: Vec<usize> = annotation.channels.iter().filter_map(index).map(|i| i + 1).collect();
    Ok(if channels.is_empty() { vec![line(0)] } else { channels.into_iter().map(line).collect() })
}

/// `Stimulus/S  1` has its type; anything else is a comment.
fn kind_and_description(label: &str) -> (&str, &str) {
    let typed = label.split_once('/').filter(|(kind, _)| !kind.trim().is_empty() && !is_new_segment(label));
    typed.unwrap_or(("Comment", label))
}

fn is_new_segment(label: &str) -> bool {
    label.split('/').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case(NEW_SEGMENT))
}

/// The sample nearest to a recorded time, also behind the last one; `None` in a pause and before the first.
fn sample_at(header: &Header, onset: Seconds) -> Option<u64> {
    let sfreq = header.sfreq.0;
    for run in &header.runs {
        let offset = (onset.0 - run.onset.0) * sfreq;
        if (-0.5..run.len() as f64).contains(&offset) {
            return Some(
                run.samples.start + (offset.max(0.0).round() as u64).min(run.len().saturating_sub(1)),
            );
        }
    }
    let behind = (onset.0 - header.end().0) * sfreq;
    (behind >= 0.0).then(|| header.n_times().saturating_add(behind.round() as u64))
}

//! Time intervals, tables of events and annotation series as annotations.

use super::{FORMAT, Typed, numbers, texts};
use crate::h5::{H5, Object};
use crate::{Limits, Result};
use dosewave_eeg::{Annotation, Note, Seconds};

/// Columns in which an interval's label is looked for.
const LABELS: [&str; 10] = [
    "annotation",
    "label",
    "condition",
    "trial_type",
    "event_type",
    "stimulus",
    "stimulus_type",
    "task",
    "description",
    "sleep_stage",
];
/// The table of times that are not to be used, and the label that leaves them out here.
const INVALID: &str = "invalid_times";

/// All annotations of a file.
pub(crate) fn read(
    h5: &mut H5,
    objects: &[Typed],
    (limits, notes): (&Limits, &mut Vec<Note>),
) -> Result<Vec<Annotation>> {
    let (mut annotations, mut untimed) = (Vec::new(), 0);
    for typed in objects {
        let name = typed.path.rsplit('/').next().unwrap_or(&typed.path);
        let found = match typed.kind.as_str() {
            "TimeIntervals" => intervals(h5, name, &typed.object)?,
            "EventsTable" => events(h5, name, &typed.object)?,
            "AnnotationSeries" => series(h5, &typed.object)?,
            _ => continue,
        };
        limits.check_annotations(h5.name(), annotations.len() + found.len())?;
        for (onset, duration, label) in found {
            match (onset.is_finite(), duration) {
                (true, d) if d.is_finite() && d >= 0.0 => {
                    annotations.push(Annotation::new(Seconds(onset), Seconds(d), label));
                }
                // an interval without an end is known to have begun
                (true, _) => annotations.push(Annotation::new(Seconds(onset), Seconds(0.0), label)),
                (false, _) => untimed += 1,
            }
        }
    }
    if untimed > 0 {
        notes.push(Note::warning(
            FORMAT,
            format!("{untimed} interval(s) or event(s) have no time and are left out"),
        ));
    }
    annotations.sort_by(|a, b| a.onset.0.total_cmp(&b.onset.0));
    Ok(annotations)
}

/// Onset, duration and label of each row.
fn intervals(h5: &mut H5, name: &str, table: &Object) -> Result<Vec<(f64, f64, String)>> {
    let (starts, stops) = (numbers(h5, table, "start_time")?, numbers(h5, table, "stop_time")?);
    let labels = if name == INVALID {
        vec!["BAD_invalid_times".to_owned(); starts.len()]
    } else {
        labels(h5, (name, table), starts.len())?
    };
    let duration = |i: usize, start: f64| stops.get(i).map_or(f64::NAN, |stop| stop - start);
    let rows = starts.iter().enumerate().zip(labels);
    Ok(rows.map(|((i, start), label)| (*start, duration(i, *start), label)).collect())
}

fn events(h5: &mut H5, name: &str, table: &Object) -> Result<Vec<(f64, f64, String)>> {
    let (times, durations) = (numbers(h5, table, "timestamp")?, numbers(h5, table, "duration")?);
    let labels = labels(h5, (name, table), times.len())?;
    let rows = times.iter().enumerate().zip(labels);
    Ok(rows.map(|((i, time), label)| (*time, durations.get(i).copied().unwrap_or(0.0), label)).collect())
}

/// A label for each of `n` rows: the text of a column, else the table's name.
fn labels(h5: &mut H5, (name, table): (&str, &Object), n: usize) -> Result<Vec<String>> {
    for column in LABELS {
        let found = texts(h5, table, column)?;
        if found.len() == n && n > 0 {
            let label = |text: String| if text.is_empty() { name.to_owned() } else { text };
            return Ok(found.into_iter().map(label).collect());
        }
    }
    Ok(vec![name.to_owned(); n])
}

fn series(h5: &mut H5, series: &Object) -> Result<Vec<(f64, f64, String)>> {
    let (times, labels) = (numbers(h5, series, "timestamps")?, texts(h5, series, "data")?);
    Ok(times.into_iter().zip(labels).map(|(time, label)| (time, 0.0, label)).collect())
}

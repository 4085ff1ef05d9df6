//! A window of a file as a recording.

use crate::{Error, Result};
use dosewave_eeg::{Channels, Header, Note, Recording, Run, Seconds};
use ndarray::Array2;
use std::ops::Range;

/// The samples `wanted` of a file with `header`: runs are cut to the window and keep their true onsets.
pub(crate) fn recording(
    name: &str,
    header: &Header,
    wanted: &Range<u64>,
    data_uv: Array2<f64>,
) -> Result<Recording> {
    let mut header = header.clone();
    let sfreq = header.sfreq.0;
    header.runs = header
        .runs
        .iter()
        .filter_map(|run| {
            let from = run.samples.start.max(wanted.start);
            let to = run.samples.end.min(wanted.end);
            let onset = Seconds(run.onset.0 + from.saturating_sub(run.samples.start) as f64 / sfreq);
            (from < to).then(|| Run { onset, samples: from - wanted.start..to - wanted.start })
        })
        .collect();
    Recording::from_parts(header, data_uv).map_err(|source| Error::Eeg { file: name.into(), source })
}

/// The header of the channels `picks` alone, in that order.
pub(crate) fn picked(name: &str, header: &Header, picks: &[usize]) -> Result<Header> {
    let eeg = |source| Error::Eeg { file: name.into(), source };
    if picks.is_empty() {
        let hint = "no channel was asked for; name at least one".into();
        return Err(eeg(dosewave_eeg::Error::NothingLeft { step: "read_picks", hint }));
    }
    let channel = |pick: &usize| {
        header.channels.get(*pick).cloned().ok_or_else(|| {
            eeg(dosewave_eeg::Error::Invalid {
                parameter: "channel index",
                value: pick.to_string(),
                allowed: format!("0 to {}", header.channels.len().saturating_sub(1)),
            })
        })
    };
    let channels: Channels = picks.iter().map(channel).collect::<Result<_>>()?;
    Ok(Header { channels, ..header.clone() })
}

/// The error for a signal of another rate that is not there.
pub(crate) fn no_other(name: &str, header: &Header, index: usize) -> Error {
    no_other_name(name, header, &index.to_string())
}

/// The same, of a name.
pub(crate) fn no_other_name(name: &str, header: &Header, wanted: &str) -> Error {
    let names: Vec<&str> = header.other_signals.iter().map(|signal| signal.name.as_str()).collect();
    let source = dosewave_eeg::Error::Invalid {
        parameter: "signal of another rate",
        value: wanted.to_owned(),
        allowed: if names.is_empty() {
            "none: all signals have the rate of the recording".into()
        } else {
            format!("one of {}", names.join(", "))
        },
    };
    Error::Eeg { file: name.into(), source }
}

/// The part of a window that there are samples for.
pub(crate) fn wanted(header: &Header, samples: &Range<u64>) -> Range<u64> {
    let n_times = header.n_times();
    let start = samples.start.min(n_times);
    start..samples.end.min(n_times).max(start)
}

/// Says which channels hold samples that are no numbers.
pub(crate) fn missing(format: &str, header: &Header, data_uv: &Array2<f64>) -> Option<Note> {
    let rows = header.channels.iter().zip(data_uv.outer_iter());
    let missing: Vec<String> = rows
        .map(|(channel, row)| (channel, row.iter().filter(|v| !v.is_finite()).count()))
        .filter(|(_, n)| *n > 0)
        .map(|(channel, n)| format!("{} ({n})", channel.name))
        .collect();
    let text = format!("samples that are NaN or infinite are kept as they are: {}", missing.join(", "));
    (!missing.is_empty()).then(|| Note::warning(format, text))
}

/// Segments `(onset, samples)` of a file as runs, and whether these are at their true times. Segments that overlap, or are
/// not in order of time, cannot be: all are put one behind the other.
pub(crate) fn segments(segments: &[(f64, u64)], sfreq: f64) -> (Vec<Run>, bool) {
    let mut free_from = f64::NEG_INFINITY;
    let mut is_true = true;
    for (onset, n) in segments {
        is_true &= *onset >= free_from - 0.5 / sfreq;
        free_from = onset + *n as f64 / sfreq;
    }
    let (mut column, mut end) = (0_u64, 0.0);
    let mut run = |(onset, n): &(f64, u64)| {
        let onset = if is_true { *onset } else { end };
        let samples = column..column.saturating_add(*n);
        (column, end) = (samples.end, onset + *n as f64 / sfreq);
        Run { onset: Seconds(onset), samples }
    };
    (segments.iter().map(&mut run).collect(), is_true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn segments_keep_their_times_unless_they_overlap() {
        let onsets = |at: &[f64]| {
            let all: Vec<(f64, u64)> = at.iter().map(|onset| (*onset, 100)).collect();
            let (runs, is_true) = segments(&all, 100.0);
            (runs.iter().map(|run| run.onset.0).collect::<Vec<_>>(), is_true)
        };
        assert_eq!(onsets(&[0.8, 2.3, 3.3]), (vec![0.8, 2.3, 3.3], true));
        assert_eq!(onsets(&[0.8, 1.3]), (vec![0.0, 1.0], false));
        assert_eq!(onsets(&[3.0, 1.0]), (vec![0.0, 1.0], false));
        assert_eq!(segments(&[(1.0, 5), (2.0, 7)], 100.0).0[1].samples, 5..12);
    }
}

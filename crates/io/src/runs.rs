//! A window of a file as a recording.

use crate::{Error, Result};
use dosewave_eeg::{Channels, Header, Recording, Run, Seconds};
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

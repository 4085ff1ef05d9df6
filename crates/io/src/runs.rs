//! A window of a file as a recording.

use crate::{Error, Result};
use dosewave_eeg::{Header, Recording, Run, Seconds};
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

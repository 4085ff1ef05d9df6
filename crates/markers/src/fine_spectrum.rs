//! Spectra of one Hann window per epoch.

use crate::{BlockStats, Error, Result, Segment, sites::channel_sites};
use dosewave_eeg::{Band, SpectrumParams};
use ndarray::{Array3, ArrayView1, Axis, s};

/// So many epochs have a whole spectrum in memory at once.
const EPOCHS_AT_ONCE: usize = 32;

/// Spectra of every epoch and EEG channel from one Hann window over the epoch (bins of 0.5 Hz for 2 s), as block statistics
/// with the usual sites: the bins of `range` and one beyond each end, without those of the mains.
///
/// Tapers of 4 Hz bandwidth measure the power of a band better, but they blur what depends on single bins: they flatten an
/// alpha peak, and move the spectral edge of a power law of exponent 1.5 from 27 to 23 Hz.
pub(crate) fn block_stats(segment: &Segment, range: Band, need: usize, marker: &str) -> Result<BlockStats> {
    let epochs = segment.epochs();
    let hann = SpectrumParams::welch(epochs.length().0, 0.0);
    let all: Vec<usize> = (0..epochs.n_epochs()).collect();
    let mut kept: Vec<usize> = Vec::new();
    let mut freqs_hz: Vec<f64> = Vec::new();
    let mut values = Array3::zeros((0, 0, 0));
    for chunk in all.chunks(EPOCHS_AT_ONCE) {
        let spectra = epochs.select(chunk)?.spectrum(&hann)?;
        if freqs_hz.is_empty() {
            kept = bins_around(segment, spectra.freqs_hz(), range);
            if kept.len() < need {
                let found = kept.len();
                let what = format!(
                    "{found} frequency bin(s) of {range} outside the mains, at least {need} needed; widen the range"
                );
                return Err(Error::Needs { marker: marker.to_owned(), what });
            }
            freqs_hz = kept.iter().map(|&bin| spectra.freqs_hz()[bin]).collect();
            values = Array3::zeros((all.len(), segment.eeg().len(), kept.len()));
        }
        let psd = spectra.psd_uv2_hz().select(Axis(1), segment.eeg()).select(Axis(2), &kept);
        values.slice_mut(s![chunk[0]..chunk[0] + chunk.len(), .., ..]).assign(&psd);
    }
    let mut stats = BlockStats::of_epochs(segment, values, channel_sites(&segment.eeg_channels()));
    stats.freqs_hz = freqs_hz;
    Ok(stats)
}

/// Bins from the last one at or below the range to the first one at or above it, without those of the mains.
fn bins_around(segment: &Segment, freqs_hz: ArrayView1<'_, f64>, range: Band) -> Vec<usize> {
    let (low, high) = (range.low().0, range.high().0);
    let first = freqs_hz.iter().rposition(|f| *f <= low + 1e-9).unwrap_or(0);
    let last = freqs_hz.iter().position(|f| *f >= high - 1e-9).unwrap_or(freqs_hz.len() - 1);
    (first..=last).filter(|&bin| !segment.params().mains.excludes(freqs_hz[bin])).collect()
}

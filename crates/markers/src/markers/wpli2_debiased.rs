//! Debiased weighted phase-lag index of pairs.

use crate::connectivity;
use crate::{BandPreset, BlockStats, Change, Marker, Needs, Result, Segment, Spec};
use dosewave_eeg::{Band, Unit};
use dosewave_numerics::phase::Measure;
use ndarray::{Array2, ArrayView2};
use serde::{Deserialize, Serialize};

/// Debiased weighted phase-lag index (its square), at most 1; about 0, and sometimes negative, for independent signals.
///
/// ```math
/// \mathrm{dwPLI}^2 = \frac{(\sum \operatorname{Im} S)^2 - \sum (\operatorname{Im} S)^2}
/// {(\sum |\operatorname{Im} S|)^2 - \sum (\operatorname{Im} S)^2}
/// ```
///
/// `S` is the cross-spectrum of an epoch, summed over tapers; `E` the mean over epochs. A band's value is the mean over its
/// bins (mains left out), as mne-connectivity's `faverage`; `global` and pairs of regions are means over their pairs; up
/// to eight channels every pair is a site. Sums in the
/// formula run over epochs.
///
/// Zero-lag mixing does not raise it, and its expectation does not depend on the number of epochs. Vinck et al. 2011,
/// <https://doi.org/10.1016/j.neuroimage.2011.01.055>.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Wpli2Debiased {
    /// The band, `[low, high)` in Hz.
    pub band: Band,
}

impl Default for Wpli2Debiased {
    fn default() -> Self {
        Self { band: Band::LOW_GAMMA }
    }
}

impl Marker for Wpli2Debiased {
    fn spec() -> Spec {
        Spec {
            kind: "wpli2_debiased",
            label: "Debiased weighted phase-lag index (squared)",
            description: "How consistently one channel leads or lags the other, epochs weighted by the imaginary part of their cross-spectrum; \
                          squared and free of the bias of few epochs, so independent signals average zero and values may be \
                          negative. Blind to zero-lag mixing.",
            unit: Unit::One,
            change: Change::Difference,
            contaminable: true,
            formula: r"\mathrm{dwPLI}^2 = \frac{(\sum \operatorname{Im} S)^2 - \sum (\operatorname{Im} S)^2}{(\sum |\operatorname{Im} S|)^2 - \sum (\operatorname{Im} S)^2}",
            reference: "Vinck M et al. (2011). An improved index of phase-synchronization for electrophysiological data in the presence of \
                        volume-conduction, noise and sample-size bias. NeuroImage 55, 1548-1565",
            doi: "10.1016/j.neuroimage.2011.01.055",
        }
    }

    fn defaults(_: BandPreset) -> Vec<(String, Self)> {
        connectivity::default_bands()
            .map(|(name, band)| (format!("wpli2_debiased.{name}"), Self { band }))
            .to_vec()
    }

    fn needs(&self) -> Needs {
        connectivity::needs(self.band)
    }

    fn muscle_band(&self) -> Option<Band> {
        connectivity::muscle_band(self.band)
    }

    fn pair_band(&self) -> Option<Band> {
        Some(self.band)
    }

    fn block_stats(&self, segment: &Segment) -> Result<BlockStats> {
        connectivity::block_stats(segment, self.band, Measure::Wpli2Debiased)
    }

    fn evaluate(&self, stats: &BlockStats, counts: ArrayView2<'_, u32>) -> Result<Array2<f64>> {
        connectivity::evaluate(Measure::Wpli2Debiased, stats, counts)
    }

    fn pair_values(&self, stats: &BlockStats) -> Result<Option<Vec<Option<f64>>>> {
        connectivity::pair_values(Measure::Wpli2Debiased, stats).map(Some)
    }
}

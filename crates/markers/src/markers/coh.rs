//! Coherence of pairs.

use crate::connectivity;
use crate::{BandPreset, BlockStats, Change, Marker, Needs, Result, Segment, Spec};
use dosewave_eeg::{Band, Unit};
use dosewave_numerics::phase::Measure;
use ndarray::{Array2, ArrayView2};
use serde::{Deserialize, Serialize};

/// Coherence: magnitude of coherency, 0 to 1.
///
/// ```math
/// \mathrm{coh} = \frac{|\mathrm{E}\,S_{xy}|}{\sqrt{\mathrm{E}\,S_{xx}\,\mathrm{E}\,S_{yy}}}
/// ```
///
/// `S` is the cross-spectrum of an epoch, summed over tapers; `E` the mean over epochs. A band's value is the mean over its
/// bins (mains left out), as mne-connectivity's `faverage`; `global` and pairs of regions are means over their pairs; up
/// to eight channels every pair is a site.
///
/// Zero-lag mixing (volume conduction, a shared reference) counts fully, and chance alone gives `E coh² = 1/N` for `N`
/// epochs: compare equal numbers of epochs, and read it beside the measures that ignore zero lag. Coherency as in Nolte
/// et al. 2004, <https://doi.org/10.1016/j.clinph.2004.04.029>.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Coh {
    /// The band, `[low, high)` in Hz.
    pub band: Band,
}

impl Default for Coh {
    fn default() -> Self {
        Self { band: Band::LOW_GAMMA }
    }
}

impl Marker for Coh {
    fn spec() -> Spec {
        Spec {
            kind: "coh",
            label: "Coherence",
            description: "Magnitude of coherency between two channels: linear dependence at one frequency, with any lag. Volume conduction and \
                          a shared reference raise it; with N independent epochs it is about the root of 1/N by chance.",
            unit: Unit::One,
            change: Change::Difference,
            contaminable: true,
            formula: r"\mathrm{coh} = \frac{|\mathrm{E}\,S_{xy}|}{\sqrt{\mathrm{E}\,S_{xx}\,\mathrm{E}\,S_{yy}}}",
            reference: "Nolte G et al. (2004). Identifying true brain interaction from EEG data using the imaginary part of coherency. \
                        Clinical Neurophysiology 115, 2292-2307",
            doi: "10.1016/j.clinph.2004.04.029",
        }
    }

    fn defaults(_: BandPreset) -> Vec<(String, Self)> {
        connectivity::default_bands().map(|(name, band)| (format!("coh.{name}"), Self { band })).to_vec()
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
        connectivity::block_stats(segment, self.band, Measure::Coh)
    }

    fn evaluate(&self, stats: &BlockStats, counts: ArrayView2<'_, u32>) -> Result<Array2<f64>> {
        connectivity::evaluate(Measure::Coh, stats, counts)
    }

    fn pair_values(&self, stats: &BlockStats) -> Result<Option<Vec<Option<f64>>>> {
        connectivity::pair_values(Measure::Coh, stats).map(Some)
    }
}

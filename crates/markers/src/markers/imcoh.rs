//! Imaginary coherency of pairs.

use crate::connectivity;
use crate::{BandPreset, BlockStats, Change, Marker, Needs, Result, Segment, Spec};
use dosewave_eeg::{Band, Unit};
use dosewave_numerics::phase::Measure;
use ndarray::{Array2, ArrayView2};
use serde::{Deserialize, Serialize};

/// Imaginary coherency, −1 to 1: coherence that zero-lag mixing cannot produce.
///
/// ```math
/// \mathrm{imcoh} = \frac{\operatorname{Im}\,\mathrm{E}\,S_{xy}}{\sqrt{\mathrm{E}\,S_{xx}\,\mathrm{E}\,S_{yy}}}
/// ```
///
/// `S` is the cross-spectrum of an epoch, summed over tapers; `E` the mean over epochs. A band's value is the mean over its
/// bins (mains left out), as mne-connectivity's `faverage`; `global` and pairs of regions are means over their pairs; up
/// to eight channels every pair is a site.
///
/// It is signed. Over pairs signs would cancel, so `global` and pairs of regions average magnitudes. A single pair, `F3-P3`,
/// keeps the sign of `Im E[X_F3 · conj X_P3]`: positive where F3 leads by less than half a cycle. The matrix of all pairs
/// has mne-connectivity's sign, with the later channel first. Nolte et al. 2004,
/// <https://doi.org/10.1016/j.clinph.2004.04.029>.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Imcoh {
    /// The band, `[low, high)` in Hz.
    pub band: Band,
}

impl Default for Imcoh {
    fn default() -> Self {
        Self { band: Band::LOW_GAMMA }
    }
}

impl Marker for Imcoh {
    fn spec() -> Spec {
        Spec {
            kind: "imcoh",
            label: "Imaginary coherency",
            description: "Imaginary part of coherency between two channels: blind to zero-lag mixing. Means over pairs take magnitudes, since \
                          signs would cancel; a single pair keeps its sign, positive where the first-named channel leads.",
            unit: Unit::One,
            change: Change::Difference,
            contaminable: true,
            formula: r"\mathrm{imcoh} = \frac{\operatorname{Im}\,\mathrm{E}\,S_{xy}}{\sqrt{\mathrm{E}\,S_{xx}\,\mathrm{E}\,S_{yy}}}",
            reference: "Nolte G et al. (2004). Identifying true brain interaction from EEG data using the imaginary part of coherency. \
                        Clinical Neurophysiology 115, 2292-2307",
            doi: "10.1016/j.clinph.2004.04.029",
        }
    }

    fn defaults(_: BandPreset) -> Vec<(String, Self)> {
        connectivity::default_bands().map(|(name, band)| (format!("imcoh.{name}"), Self { band })).to_vec()
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
        connectivity::block_stats(segment, self.band, Measure::Imcoh)
    }

    fn evaluate(&self, stats: &BlockStats, counts: ArrayView2<'_, u32>) -> Result<Array2<f64>> {
        connectivity::evaluate(Measure::Imcoh, stats, counts)
    }

    fn pair_values(&self, stats: &BlockStats) -> Result<Option<Vec<Option<f64>>>> {
        connectivity::pair_values(Measure::Imcoh, stats).map(Some)
    }
}

//! Corrected imaginary phase locking of pairs.

use crate::connectivity;
use crate::{BandPreset, BlockStats, Change, Marker, Needs, Result, Segment, Spec};
use dosewave_eeg::{Band, Unit};
use dosewave_numerics::phase::Measure;
use ndarray::{Array2, ArrayView2};
use serde::{Deserialize, Serialize};

/// Corrected imaginary phase-locking value, 0 to 1: phase locking that zero-lag mixing cannot produce.
///
/// ```math
/// \mathrm{ciPLV} = \frac{|\mathrm{E}\,\operatorname{Im} u|}{\sqrt{1 - (\mathrm{E}\,\operatorname{Re} u)^2}},
/// \quad u = \frac{S_{xy}}{|S_{xy}|}
/// ```
///
/// `S` is the cross-spectrum of an epoch, summed over tapers; `E` the mean over epochs. A band's value is the mean over its
/// bins (mains left out), as mne-connectivity's `faverage`; `global` and pairs of regions are means over their pairs; up
/// to eight channels every pair is a site.
///
/// Independent signals give about 0.08 at 50 epochs: compare equal numbers of epochs. Bruña, Maestú and Pereda 2018,
/// <https://doi.org/10.1088/1741-2552/aacfe4>.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Ciplv {
    /// The band, `[low, high)` in Hz.
    pub band: Band,
}

impl Default for Ciplv {
    fn default() -> Self {
        Self { band: Band::LOW_GAMMA }
    }
}

impl Marker for Ciplv {
    fn spec() -> Spec {
        Spec {
            kind: "ciplv",
            label: "Corrected imaginary phase-locking value",
            description: "Phase locking between two channels with its zero-lag part taken out: strength of a constant non-zero phase lag, \
                          whatever the amplitudes. Biased upwards with few epochs.",
            unit: Unit::One,
            change: Change::Difference,
            contaminable: true,
            formula: r"\mathrm{ciPLV} = \frac{|\mathrm{E}\,\operatorname{Im} u|}{\sqrt{1 - (\mathrm{E}\,\operatorname{Re} u)^2}}, \quad u = \frac{S_{xy}}{|S_{xy}|}",
            reference: "Bruna R, Maestu F, Pereda E (2018). Phase locking value revisited: teaching new tricks to an old dog. Journal of \
                        Neural Engineering 15, 056011",
            doi: "10.1088/1741-2552/aacfe4",
        }
    }

    fn defaults(_: BandPreset) -> Vec<(String, Self)> {
        connectivity::default_bands().map(|(name, band)| (format!("ciplv.{name}"), Self { band })).to_vec()
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
        connectivity::block_stats(segment, self.band, Measure::Ciplv)
    }

    fn evaluate(&self, stats: &BlockStats, counts: ArrayView2<'_, u32>) -> Result<Array2<f64>> {
        connectivity::evaluate(Measure::Ciplv, stats, counts)
    }

    fn pair_values(&self, stats: &BlockStats) -> Result<Option<Vec<Option<f64>>>> {
        connectivity::pair_values(Measure::Ciplv, stats).map(Some)
    }
}

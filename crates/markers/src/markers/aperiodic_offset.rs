//! Height of the 1/f background.

use crate::aperiodic::{self, Fit, How, Mode};
use crate::{BlockStats, Change, Marker, Needs, Result, Segment, Spec};
use dosewave_eeg::{Band, Unit};
use ndarray::{Array2, ArrayView2};
use serde::{Deserialize, Serialize};

/// Aperiodic offset: height `b` of the 1/f background at 1 Hz, log10 of µV²/Hz.
///
/// From the same line as [`crate::markers::AperiodicExponent`]:
///
/// ```math
/// \log_{10} P(f) = b - \chi \log_{10} f
/// ```
///
/// Regions and `global` are arithmetic means over channels (of logarithms). A change is `post − baseline`; +0.1 is +1 dB of
/// broadband power at 1 Hz. Offset and exponent are fitted together and their errors are correlated: a line that pivots at
/// 10 Hz moves both.
///
/// Donoghue et al. 2020, <https://doi.org/10.1038/s41593-020-00744-x>.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AperiodicOffset {
    /// Range of the fit, `[low, high)` in Hz.
    pub range: Band,
    /// Shape of the background: `fixed` or `knee`.
    pub mode: Mode,
    /// `robust`, `ols` or `specparam`.
    pub fit: Fit,
}

impl Default for AperiodicOffset {
    fn default() -> Self {
        Self { range: Band::BROADBAND, mode: Mode::Fixed, fit: Fit::Robust }
    }
}

impl AperiodicOffset {
    fn how(&self) -> How {
        How { mode: self.mode, fit: self.fit }
    }
}

impl Marker for AperiodicOffset {
    fn spec() -> Spec {
        Spec {
            kind: "aperiodic_offset",
            label: "Aperiodic offset",
            description: "Height of the 1/f background at 1 Hz: intercept of the line through the mean spectrum in log-log \
                          coordinates, peaks weighted down; arithmetic mean over the channels of a region and of the whole \
                          head. Read it together with the exponent of the same line.",
            unit: Unit::LogUv2PerHz,
            change: Change::Difference,
            contaminable: true,
            formula: r"\log_{10} P(f) = b - \chi \log_{10} f",
            reference: "Donoghue T et al. (2020). Parameterizing neural power spectra into periodic and aperiodic components. \
                        Nature Neuroscience 23, 1655-1665",
            doi: "10.1038/s41593-020-00744-x",
        }
    }

    fn check(&self) -> std::result::Result<(), String> {
        aperiodic::check_range(self.range)
    }

    fn needs(&self) -> Needs {
        aperiodic::needs(self.range)
    }

    fn muscle_band(&self) -> Option<Band> {
        aperiodic::muscle_band(self.range)
    }

    fn block_stats(&self, segment: &Segment) -> Result<BlockStats> {
        aperiodic::block_stats(segment, self.range, self.how(), Self::spec().kind)
    }

    fn evaluate(&self, stats: &BlockStats, counts: ArrayView2<'_, u32>) -> Result<Array2<f64>> {
        aperiodic::evaluate(stats, counts, self.how(), |background, _| background.law.offset)
    }

    fn epoch_values(&self, stats: &BlockStats) -> Result<Option<Array2<f64>>> {
        aperiodic::epoch_values(stats, |line| line.offset).map(Some)
    }
}

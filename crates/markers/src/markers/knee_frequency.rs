//! Where the 1/f background bends.

use crate::aperiodic::{self, Fit, How, Mode};
use crate::{BandPreset, BlockStats, Change, Error, Marker, Needs, Result, Segment, Spec, plain_counts};
use dosewave_eeg::{Band, Unit};
use ndarray::{Array2, ArrayView2};
use serde::{Deserialize, Serialize};

const KIND: &str = "knee_frequency";

/// Knee frequency, Hz: where the background bends from a plateau into a power law.
///
/// ```math
/// \log_{10} P(f) = b - \log_{10}(k + f^\chi), \qquad f_k = k^{1/\chi}
/// ```
///
/// Fitted to the mean spectrum over epochs, per channel; regions and `global` are arithmetic means over the channels that
/// have a knee inside the range. Without one in any channel the value is missing. A change is `post − baseline` in Hz. There
/// is no default entry: most EEG between 1 and 45 Hz has no knee, and a broad peak beside it bends a spectrum as well.
///
/// Donoghue et al. 2020, <https://doi.org/10.1038/s41593-020-00744-x>.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct KneeFrequency {
    /// Range of the fit, `[low, high)` in Hz.
    pub range: Band,
    /// `robust`, `ols` or `specparam`.
    pub fit: Fit,
}

impl Default for KneeFrequency {
    fn default() -> Self {
        Self { range: Band::BROADBAND, fit: Fit::Robust }
    }
}

impl KneeFrequency {
    fn how(&self) -> How {
        How { mode: Mode::Knee, fit: self.fit }
    }

    /// NaN where the curve has no knee inside the range.
    fn inside(&self, knee_hz: Option<f64>) -> f64 {
        knee_hz.filter(|hz| (self.range.low().0..=self.range.high().0).contains(hz)).unwrap_or(f64::NAN)
    }
}

impl Marker for KneeFrequency {
    fn spec() -> Spec {
        Spec {
            kind: KIND,
            label: "Knee frequency",
            description: "Frequency at which the 1/f background bends from a plateau into a power law, in the mean spectrum; \
                          arithmetic mean over the channels of a region and of the whole head that have a knee in the range.",
            unit: Unit::Hertz,
            change: Change::Difference,
            contaminable: true,
            formula: r"f_k = k^{1/\chi}, \quad \log_{10} P(f) = b - \log_{10}(k + f^\chi)",
            reference: "Donoghue T et al. (2020). Parameterizing neural power spectra into periodic and aperiodic components. \
                        Nature Neuroscience 23, 1655-1665",
            doi: "10.1038/s41593-020-00744-x",
        }
    }

    fn defaults(_: BandPreset) -> Vec<(String, Self)> {
        Vec::new()
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
        let stats = aperiodic::block_stats(segment, self.range, self.how(), KIND)?;
        let found = Marker::evaluate(self, &stats, plain_counts(stats.n_blocks).view())?;
        if found.iter().all(|hz| hz.is_nan()) {
            let what = format!("no channel has a knee between {}", self.range);
            return Err(Error::Needs { marker: KIND.into(), what });
        }
        Ok(stats)
    }

    fn evaluate(&self, stats: &BlockStats, counts: ArrayView2<'_, u32>) -> Result<Array2<f64>> {
        aperiodic::evaluate(stats, counts, self.how(), |background, _| self.inside(background.law.knee_hz()))
    }
}

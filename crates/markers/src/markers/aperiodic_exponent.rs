//! Steepness of the 1/f background.

use crate::aperiodic::{self, Fit, How, Mode};
use crate::{BandPreset, BlockStats, Change, Marker, Needs, Result, Segment, Spec};
use dosewave_eeg::{Band, Hz, Unit};
use ndarray::{Array2, ArrayView2};
use serde::{Deserialize, Serialize};

/// Aperiodic exponent: steepness `χ` of the 1/f background, a pure number, positive where power falls with frequency.
///
/// A line is fitted to the PSD in log–log coordinates, mean over epochs first, mains left out:
///
/// ```math
/// \log_{10} P(f) = b - \chi \log_{10} f
/// ```
///
/// `fit = "ols"` equals specparam's fixed mode without peaks; `fit = "robust"` (default) weighs peaks such as alpha down
/// instead of modelling them. Regions and `global` are arithmetic means over channels. A change is `post − baseline`;
/// negative means a flatter spectrum.
///
/// The fit sees the spectrum as it is estimated. Tapers of 4 Hz bandwidth blur a steep spectrum at its low end and steepen
/// the line from 1 Hz: noise of exponent 1.0, 1.5, 2.0 gives 1.05, 1.63, 2.20 over 1–45 Hz, and 1.03, 1.55, 2.06 over 4–45 Hz;
/// with 1 Hz bandwidth 1.01, 1.52, 2.02 over 1–45 Hz (2-s epochs). Changes are stretched by about a tenth in the first case.
///
/// Muscle flattens the spectrum: a flat EMG of a tenth of the brain's PSD at 40 Hz turns an exponent of 1.500 over
/// 20–90 Hz into 1.323. Arousal moves it as well; it is an index, and proves no mechanism.
///
/// Default entries: over 1–45 Hz, robust; `aperiodic_exponent.30_45` and `aperiodic_exponent.20_90` by least squares, since there
/// is no rhythm to weigh down. Over 20–90 Hz muscle weighs most: read it where the gate is `ok` and nowhere else.
/// `mode = "knee"` lets the line bend, `fit = "specparam"` models the peaks.
///
/// Donoghue et al. 2020, <https://doi.org/10.1038/s41593-020-00744-x>.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AperiodicExponent {
    /// Range of the fit, `[low, high)` in Hz.
    pub range: Band,
    /// Shape of the background: `fixed` or `knee`.
    pub mode: Mode,
    /// `robust`, `ols` or `specparam`.
    pub fit: Fit,
}

impl Default for AperiodicExponent {
    fn default() -> Self {
        Self { range: Band::BROADBAND, mode: Mode::Fixed, fit: Fit::Robust }
    }
}

impl AperiodicExponent {
    fn how(&self) -> How {
        How { mode: self.mode, fit: self.fit }
    }
}

impl Marker for AperiodicExponent {
    fn spec() -> Spec {
        Spec {
            kind: "aperiodic_exponent",
            label: "Aperiodic exponent",
            description: "Steepness of the 1/f background: minus the slope of a line through the mean spectrum in log-log \
                          coordinates, peaks weighted down; arithmetic mean over the channels of a region and of the whole \
                          head. A fall is a flatter spectrum, which muscle can also produce.",
            unit: Unit::One,
            change: Change::Difference,
            contaminable: true,
            formula: r"\log_{10} P(f) = b - \chi \log_{10} f",
            reference: "Donoghue T et al. (2020). Parameterizing neural power spectra into periodic and aperiodic components. \
                        Nature Neuroscience 23, 1655-1665",
            doi: "10.1038/s41593-020-00744-x",
        }
    }

    fn defaults(_: BandPreset) -> Vec<(String, Self)> {
        let upper = |low, high| {
            let range = Band::new(Hz(low), Hz(high)).unwrap_or(Band::BROADBAND);
            Self { range, fit: Fit::Ols, ..Self::default() }
        };
        vec![
            ("aperiodic_exponent".to_owned(), Self::default()),
            ("aperiodic_exponent.30_45".to_owned(), upper(30.0, 45.0)),
            ("aperiodic_exponent.20_90".to_owned(), upper(20.0, 90.0)),
        ]
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
        aperiodic::evaluate(stats, counts, self.how(), |background, _| background.law.exponent)
    }

    fn epoch_values(&self, stats: &BlockStats) -> Result<Option<Array2<f64>>> {
        aperiodic::epoch_values(stats, |line| line.exponent).map(Some)
    }
}

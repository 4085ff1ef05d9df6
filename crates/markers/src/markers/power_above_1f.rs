//! Power above the 1/f background.

use crate::aperiodic::{self, Background, Fit, How, Mode};
use crate::{BandPreset, BlockStats, Change, Marker, Needs, Result, Segment, Spec};
use dosewave_eeg::{Band, Unit};
use dosewave_numerics::aperiodic::power_above;
use dosewave_numerics::spectral::MainsMask;
use ndarray::{Array2, ArrayView1, ArrayView2};
use serde::{Deserialize, Serialize};

const KIND: &str = "power_above_1f";

/// Power above the 1/f background, dB: how far the bins of a band lie above the line through the whole spectrum.
///
/// ```math
/// \Delta_B = \frac{1}{|B|} \sum_{f \in B} 10 \log_{10} \frac{P(f)}{L(f)}
/// ```
///
/// `P` is the mean spectrum over epochs, `L` its background, mains left out of both. A drug that lifts or tilts the whole
/// spectrum moves the line and not this; a rhythm in the band moves this. The robust line (default) weighs such a rhythm down
/// but not away: of a lift over the whole upper third of its range the line takes a part. Regions and `global` are arithmetic
/// means over channels. A change is `post − baseline` in dB.
///
/// Flat muscle bends the spectrum upwards and is above the line as gamma is: the value carries gate evidence.
///
/// Adjusted power as in Donoghue et al. 2020, <https://doi.org/10.1038/s41593-020-00744-x>, in decibels.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PowerAbove1f {
    /// The band, `[low, high)` in Hz; inside the range.
    pub band: Band,
    /// Range of the fit, `[low, high)` in Hz.
    pub range: Band,
    /// Shape of the background: `fixed` or `knee`.
    pub mode: Mode,
    /// `robust`, `ols` or `specparam`.
    pub fit: Fit,
}

impl Default for PowerAbove1f {
    fn default() -> Self {
        Self { band: Band::LOW_GAMMA, range: Band::BROADBAND, mode: Mode::Fixed, fit: Fit::Robust }
    }
}

impl PowerAbove1f {
    fn how(&self) -> How {
        How { mode: self.mode, fit: self.fit }
    }

    fn above(&self, freqs_hz: ArrayView1<'_, f64>, background: &Background, psd: ArrayView1<'_, f64>) -> f64 {
        // the bins of the mains are gone already
        let band = (self.band.low().0, self.band.high().0);
        power_above(freqs_hz, psd, &background.law, band, &MainsMask::NONE).unwrap_or(f64::NAN)
    }
}

impl Marker for PowerAbove1f {
    fn spec() -> Spec {
        Spec {
            kind: KIND,
            label: "Power above the 1/f",
            description: "Mean height of a band's bins above the 1/f background of the mean spectrum; arithmetic mean over the \
                          channels of a region and of the whole head. What lifts or tilts the whole spectrum moves the \
                          background instead; muscle, which bends it, is above it too.",
            unit: Unit::Decibel,
            change: Change::Difference,
            contaminable: true,
            formula: r"\Delta_B = \frac{1}{|B|} \sum_{f \in B} 10 \log_{10} \frac{P(f)}{L(f)}",
            reference: "Donoghue T et al. (2020). Parameterizing neural power spectra into periodic and aperiodic components. \
                        Nature Neuroscience 23, 1655-1665",
            doi: "10.1038/s41593-020-00744-x",
        }
    }

    fn defaults(_: BandPreset) -> Vec<(String, Self)> {
        vec![("low_gamma_above_1f".to_owned(), Self::default())]
    }

    fn check(&self) -> std::result::Result<(), String> {
        aperiodic::check_range(self.range)?;
        if self.band.low() >= self.range.low() && self.band.high() <= self.range.high() {
            return Ok(());
        }
        Err(format!("band {} is not inside the range of the fit, {}", self.band, self.range))
    }

    fn needs(&self) -> Needs {
        aperiodic::needs(self.range)
    }

    fn muscle_band(&self) -> Option<Band> {
        (self.band.high() > crate::gate::MUSCLE_FROM).then_some(self.band)
    }

    fn block_stats(&self, segment: &Segment) -> Result<BlockStats> {
        aperiodic::block_stats(segment, self.range, self.how(), KIND)
    }

    fn evaluate(&self, stats: &BlockStats, counts: ArrayView2<'_, u32>) -> Result<Array2<f64>> {
        let freqs_hz = ArrayView1::from(&stats.freqs_hz);
        aperiodic::evaluate(stats, counts, self.how(), |background, psd| self.above(freqs_hz, background, psd))
    }
}

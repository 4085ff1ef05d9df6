//! Correlation of amplitude envelopes of pairs, without what they share at zero lag.

use crate::{BandPreset, BlockStats, Change, Marker, Needs, Result, Segment, Spec};
use crate::{connectivity, envelopes};
use dosewave_eeg::coupling::BlockEnvelopes;
use dosewave_eeg::{Band, Unit};
use dosewave_numerics::envelope::{EnvelopeScale, PairwiseOrthogonalization};
use ndarray::{Array2, ArrayView2};
use serde::{Deserialize, Serialize};

const KIND: &str = "aec";

/// Amplitude-envelope correlation of a band, pairwise orthogonalised: whether two channels' rhythms grow and shrink together;
/// 0 to 1, near 0 for independent signals.
///
/// With `x`, `y` the analytic signals of a band (zero-phase FIR, Hilbert) over the epochs of the window, joined where they
/// follow each other without a gap:
///
/// ```math
/// \mathrm{AEC} = \tfrac12 \left( \left|\operatorname{corr}\!\left(\ln|x|^2,\,
/// \ln\!\left(\operatorname{Im}\tfrac{y x^*}{|x|}\right)^2\right)\right| + \left|\operatorname{corr}(x \leftrightarrow y)\right| \right)
/// ```
///
/// One correlation over all samples of the window, so that slow waxing and waning counts; what the filter's ends reach is left
/// out. `scale` chooses amplitude, power or logarithm of power; `absolute = false` leaves out the moduli.
/// Orthogonalisation attenuates: of equal envelopes of Gaussian signals 0.692 (amplitude), 0.7071 (power) or 0.5774
/// (log power) is left; values here are not corrected for it. `global` and pairs of regions are means over their pairs; up to
/// eight channels every pair is a site. Zero-lag mixing alone does not raise it; two channels that are one signal have no value.
///
/// Default entries: `aec.alpha`, `aec.beta`, `aec.low_gamma`. Hipp et al. 2012, <https://doi.org/10.1038/nn.3101>.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Aec {
    /// The band, Hz.
    pub band: Band,
    /// What is correlated: `amplitude`, `power` or `log_power`.
    pub scale: EnvelopeScale,
    /// Whether moduli of both directions are taken before they are averaged.
    pub absolute: bool,
}

impl Default for Aec {
    fn default() -> Self {
        Self { band: Band::ALPHA, scale: EnvelopeScale::LogPower, absolute: true }
    }
}

impl Marker for Aec {
    fn spec() -> Spec {
        Spec {
            kind: KIND,
            label: "Amplitude-envelope correlation",
            description: "Whether the power of a band rises and falls together in two channels: correlation of the logarithms of power \
                          over the window, after what both share at zero lag was taken out of one of them (pairwise \
                          orthogonalisation), mean of both directions. Not corrected for the attenuation by orthogonalisation.",
            unit: Unit::One,
            change: Change::Difference,
            contaminable: true,
            formula: r"\mathrm{AEC} = \tfrac12 \left( \left|\operatorname{corr}\left(\ln|x|^2, \ln\left(\operatorname{Im}\tfrac{y x^*}{|x|}\right)^2\right)\right| + \left|\operatorname{corr}(x \leftrightarrow y)\right| \right)",
            reference: "Hipp JF et al. (2012). Large-scale cortical correlation structure of spontaneous oscillatory activity. \
                        Nature Neuroscience 15, 884-890",
            doi: "10.1038/nn.3101",
        }
    }

    fn defaults(_: BandPreset) -> Vec<(String, Self)> {
        [("alpha", Band::ALPHA), ("beta", Band::BETA), ("low_gamma", Band::LOW_GAMMA)]
            .map(|(name, band)| (format!("{KIND}.{name}"), Self { band, ..Self::default() }))
            .to_vec()
    }

    fn check(&self) -> std::result::Result<(), String> {
        if self.band.low().0 > 0.0 { Ok(()) } else { Err("a band of envelopes starts above 0 Hz".to_owned()) }
    }

    fn needs(&self) -> Needs {
        connectivity::needs(self.band)
    }

    fn muscle_band(&self) -> Option<Band> {
        connectivity::muscle_band(self.band)
    }

    fn block_stats(&self, segment: &Segment) -> Result<BlockStats> {
        let params = BlockEnvelopes {
            band: self.band,
            scale: self.scale,
            orthogonalize: PairwiseOrthogonalization::Pairwise,
        };
        envelopes::block_stats(segment, &params, KIND)
    }

    fn evaluate(&self, stats: &BlockStats, counts: ArrayView2<'_, u32>) -> Result<Array2<f64>> {
        envelopes::evaluate(stats, counts, self.absolute)
    }

    fn pair_values(&self, stats: &BlockStats) -> Result<Option<Vec<Option<f64>>>> {
        envelopes::pair_values(stats, self.absolute).map(Some)
    }
}

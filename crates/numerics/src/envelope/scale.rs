//! What an envelope is, and by how much orthogonalisation lowers the correlation of two.

use serde::{Deserialize, Serialize};
use std::f64::consts::{FRAC_1_SQRT_2, PI};

/// What of the analytic signal `z` is correlated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EnvelopeScale {
    /// `|z|`, mne-connectivity's default.
    Amplitude,
    /// `|z|²`.
    Power,
    /// `ln |z|²`, as in Hipp et al. 2012 (10.1038/nn.3101); mne-connectivity's `log=True`.
    LogPower,
}

impl EnvelopeScale {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Amplitude, Self::Power, Self::LogPower];

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Amplitude => "amplitude",
            Self::Power => "power",
            Self::LogPower => "log_power",
        }
    }

    /// The scale of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scale| scale.name() == name)
    }

    /// The correlation that pairwise orthogonalisation leaves of two equal envelopes with independent phases, for complex
    /// Gaussian signals: a correlation divided by it estimates that of the envelopes themselves. Each scale has its own:
    /// with `R` the amplitude (Rayleigh) and `φ` the phase (uniform), the correlation of `R` with `R |sin φ|`,
    ///
    /// * amplitude: `(2/π) √(π (4 − π) / (2 (π − 2)))` = 0.692,
    /// * power: `1/√2` = 0.7071,
    /// * log power: `1/√3` = 0.5774, the 0.578 of Hipp et al. 2012.
    ///
    /// ```
    /// use dosewave_numerics::envelope::EnvelopeScale;
    /// let left = EnvelopeScale::ALL.map(|scale| (1e4 * scale.attenuation()).round() / 1e4);
    /// assert_eq!(left, [0.6919, 0.7071, 0.5774]);
    /// ```
    #[must_use]
    pub fn attenuation(self) -> f64 {
        match self {
            Self::Amplitude => 2.0 / PI * (PI * (4.0 - PI) / (2.0 * (PI - 2.0))).sqrt(),
            Self::Power => FRAC_1_SQRT_2,
            Self::LogPower => 1.0 / 3_f64.sqrt(),
        }
    }

    /// Mean of what orthogonalisation multiplies an amplitude or power by, `E |sin φ|` or `E sin² φ`: sums are taken
    /// around it.
    pub(super) fn mean_factor(self) -> f64 {
        match self {
            Self::Amplitude => 2.0 / PI,
            Self::Power => 0.5,
            Self::LogPower => 1.0,
        }
    }
}

/// What is done to a pair of analytic signals before their envelopes are correlated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PairwiseOrthogonalization {
    /// Nothing: the envelopes as they are. What both channels pick up of one source is in the correlation.
    None,
    /// Of `y` only the part at right angles to `x` is kept, sample by sample, `|Im(y x* / |x|)|`, and the other way round;
    /// the two correlations, with `|x|` and with `|y|`, are averaged (Hipp et al. 2012, 10.1038/nn.3101).
    Pairwise,
}

//! What is planted.

use dosewave_numerics::stats::Stream;
use serde::{Deserialize, Serialize};

/// What a simulated subject gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Arm {
    /// The drug, with its planted effects.
    Ketamine,
    /// Nothing but time.
    Placebo,
}

impl Arm {
    /// Its name in tables.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Ketamine => "ketamine",
            Self::Placebo => "placebo",
        }
    }
}

/// A simulated recording and the changes planted in it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SimulationParams {
    /// Sampling frequency, Hz.
    pub sfreq_hz: f64,
    /// Recorded time before the infusion, s.
    pub baseline_s: f64,
    /// Length of the infusion, over which the effects rise, s.
    pub infusion_s: f64,
    /// Recorded time after the infusion, s.
    pub post_s: f64,
    /// The brain before the infusion.
    pub brain: BrainState,
    /// Planted mean change of power at 27–48 Hz under the drug, dB.
    pub low_gamma_db: f64,
    /// Planted mean change of power at 52–93 Hz under the drug, dB.
    pub high_gamma_db: f64,
    /// Planted mean change of alpha power under the drug, dB.
    pub alpha_db: f64,
    /// Planted mean change of the aperiodic exponent under the drug, around 10 Hz.
    pub exponent: f64,
    /// Planted factor on the density of the coupled source under the drug.
    pub coupling_factor: f64,
    /// Standard deviation between sessions of the changes in power, dB.
    pub session_sd_db: f64,
    /// Standard deviation between sessions of the change in exponent.
    pub session_sd_exponent: f64,
    /// Standard deviation between sessions of the change in muscle, dB, in both arms alike.
    pub session_sd_muscle_db: f64,
}

/// Sources of a window, as one-sided densities at the electrode where they are strongest.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BrainState {
    /// Background at 10 Hz, µV²/Hz.
    pub background_uv2_hz: f64,
    /// Its aperiodic exponent.
    pub exponent: f64,
    /// Gain of the background at 27–48 Hz, dB.
    pub low_gamma_db: f64,
    /// Gain of the background at 52–93 Hz, dB.
    pub high_gamma_db: f64,
    /// Variance of the occipital alpha rhythm, µV².
    pub alpha_uv2: f64,
    /// Density at 28–47 Hz of the source that reaches F3 and, later, P3, µV²/Hz.
    pub coupled_uv2_hz: f64,
    /// Density of muscle from 20 Hz up at the rim, µV²/Hz.
    pub muscle_uv2_hz: f64,
}

impl Default for SimulationParams {
    fn default() -> Self {
        Self {
            sfreq_hz: 400.0,
            baseline_s: 150.0,
            infusion_s: 60.0,
            post_s: 180.0,
            brain: BrainState {
                background_uv2_hz: 1.5,
                exponent: 1.4,
                low_gamma_db: 0.0,
                high_gamma_db: 0.0,
                alpha_uv2: 60.0,
                coupled_uv2_hz: 0.05,
                muscle_uv2_hz: 0.01,
            },
            low_gamma_db: 1.5,
            high_gamma_db: 1.0,
            alpha_db: -2.5,
            exponent: -0.10,
            coupling_factor: 3.0,
            session_sd_db: 0.4,
            session_sd_exponent: 0.02,
            session_sd_muscle_db: 1.0,
        }
    }
}

impl SimulationParams {
    /// The brain before and after the infusion in one session; the random part is the session's own, by seed.
    #[must_use]
    pub fn states(&self, seed: u64, subject: u64, arm: Arm) -> (BrainState, BrainState) {
        let mut subject_stream = Stream::new(seed, 4 * subject);
        let mut session = Stream::new(seed, 4 * subject + 1 + u64::from(arm == Arm::Placebo));
        let mut pre = self.brain;
        pre.background_uv2_hz *= decibel(1.0 * subject_stream.normal());
        pre.exponent += 0.05 * subject_stream.normal();
        pre.alpha_uv2 *= decibel(2.0 * subject_stream.normal());
        pre.muscle_uv2_hz *= decibel(2.0 * subject_stream.normal());
        let drug = if arm == Arm::Ketamine { 1.0 } else { 0.0 };
        let mut power_db = |planted: f64| drug * planted + self.session_sd_db * session.normal();
        let (low, high, alpha) =
            (power_db(self.low_gamma_db), power_db(self.high_gamma_db), power_db(self.alpha_db));
        let mut post = pre;
        post.low_gamma_db += low;
        post.high_gamma_db += high;
        post.alpha_uv2 *= decibel(alpha);
        post.exponent += drug * self.exponent + self.session_sd_exponent * session.normal();
        post.muscle_uv2_hz *= decibel(self.session_sd_muscle_db * session.normal());
        if arm == Arm::Ketamine {
            post.coupled_uv2_hz *= self.coupling_factor;
        }
        (pre, post)
    }
}

/// The factor on a power that is this many dB.
pub(super) fn decibel(db: f64) -> f64 {
    10.0_f64.powf(db / 10.0)
}

impl BrainState {
    /// Density of the background at `freq_hz`; flat below 0.5 Hz.
    pub(super) fn background(&self, freq_hz: f64) -> f64 {
        let gain = match freq_hz {
            f if (27.0..48.0).contains(&f) => decibel(self.low_gamma_db),
            f if (52.0..93.0).contains(&f) => decibel(self.high_gamma_db),
            _ => 1.0,
        };
        self.background_uv2_hz * (freq_hz.max(0.5) / 10.0).powf(-self.exponent) * gain
    }

    /// Density of the alpha rhythm, a peak of 1 Hz at 10 Hz.
    pub(super) fn alpha(&self, freq_hz: f64) -> f64 {
        self.alpha_uv2 / (2.0 * std::f64::consts::PI).sqrt() * (-0.5 * (freq_hz - 10.0).powi(2)).exp()
    }

    /// Density of the coupled source.
    pub(super) fn coupled(&self, freq_hz: f64) -> f64 {
        if (28.0..47.0).contains(&freq_hz) { self.coupled_uv2_hz } else { 0.0 }
    }

    /// Density of muscle.
    pub(super) fn muscle(&self, freq_hz: f64) -> f64 {
        if freq_hz >= 20.0 { self.muscle_uv2_hz } else { 0.0 }
    }
}

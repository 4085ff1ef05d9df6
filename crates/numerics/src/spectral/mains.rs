//! Frequencies that belong to the mains, not to the brain.

use serde::{Deserialize, Serialize};

/// Frequencies left out of band means: the mains and its harmonics, each with a half-width. They are left out, never
/// interpolated.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct MainsMask {
    /// Mains frequency, Hz (50 or 60); `None` leaves out nothing.
    pub line_hz: Option<f64>,
    /// Half-width around each harmonic, Hz.
    pub half_width_hz: f64,
}

impl MainsMask {
    /// A mask that leaves out nothing.
    pub const NONE: Self = Self { line_hz: None, half_width_hz: 0.0 };

    /// Whether a frequency is left out: `|f − k·line| ≤ half-width` for some harmonic `k ≥ 1`.
    ///
    /// ```
    /// use dosewave_numerics::spectral::MainsMask;
    /// let mask = MainsMask { line_hz: Some(50.0), half_width_hz: 2.0 };
    /// assert!(mask.excludes(48.0) && mask.excludes(101.5) && !mask.excludes(52.5) && !mask.excludes(1.0));
    /// ```
    #[must_use]
    pub fn excludes(&self, freq_hz: f64) -> bool {
        let Some(line) = self.line_hz.filter(|line| *line > 0.0) else { return false };
        let harmonic = (freq_hz / line).round().max(1.0);
        // a bin exactly on the edge must not depend on the last bit
        (freq_hz - harmonic * line).abs() <= self.half_width_hz + 1e-9
    }
}

//! Frequency bands.

use crate::{Error, Hz, Result};
use serde::{Deserialize, Serialize};
use std::fmt;

/// A frequency band `[low, high)` in Hz. Serialises as `[low, high]`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(into = "[f64; 2]", try_from = "[f64; 2]")]
pub struct Band {
    low: Hz,
    high: Hz,
}

impl Band {
    /// 1–4 Hz.
    pub const DELTA: Self = Self::hz(1.0, 4.0);
    /// 4–8 Hz.
    pub const THETA: Self = Self::hz(4.0, 8.0);
    /// 8–13 Hz.
    pub const ALPHA: Self = Self::hz(8.0, 13.0);
    /// 13–30 Hz.
    pub const BETA: Self = Self::hz(13.0, 30.0);
    /// 30–45 Hz.
    pub const LOW_GAMMA: Self = Self::hz(30.0, 45.0);
    /// 55–90 Hz.
    pub const HIGH_GAMMA: Self = Self::hz(55.0, 90.0);
    /// 100–170 Hz.
    pub const HFO: Self = Self::hz(100.0, 170.0);
    /// 1–45 Hz: the total of relative powers and the range of aperiodic fits.
    pub const BROADBAND: Self = Self::hz(1.0, 45.0);
    /// 110–140 Hz: where scalp EEG is mostly muscle.
    pub const MUSCLE: Self = Self::hz(110.0, 140.0);
    /// 51–69 Hz: muscle, where a recording does not reach 140 Hz.
    pub const MUSCLE_FALLBACK: Self = Self::hz(51.0, 69.0);

    /// 20–140 Hz: where brain and muscle are fitted together.
    pub const MUSCLE_FIT: Self = Self::hz(20.0, 140.0);

    const fn hz(low: f64, high: f64) -> Self {
        Self { low: Hz(low), high: Hz(high) }
    }

    /// A band from its edges in Hz: finite, `0 ≤ low < high`.
    ///
    /// # Errors
    /// [`Error::Invalid`] when the edges are not finite, negative or not ascending.
    ///
    /// ```
    /// use dosewave_eeg::{Band, Hz};
    /// assert_eq!(Band::new(Hz(30.0), Hz(45.0)).unwrap(), Band::LOW_GAMMA);
    /// assert!(Band::new(Hz(45.0), Hz(30.0)).is_err());
    /// ```
    pub fn new(low: Hz, high: Hz) -> Result<Self> {
        if low.0.is_finite() && high.0.is_finite() && 0.0 <= low.0 && low.0 < high.0 {
            Ok(Self { low, high })
        } else {
            Err(Error::Invalid {
                parameter: "band",
                value: format!("[{}, {}]", low.0, high.0),
                allowed: "two finite frequencies in Hz, 0 <= low < high".into(),
            })
        }
    }

    /// Lower edge, inside the band.
    #[must_use]
    pub fn low(self) -> Hz {
        self.low
    }

    /// Upper edge, outside the band.
    #[must_use]
    pub fn high(self) -> Hz {
        self.high
    }
}

impl From<Band> for [f64; 2] {
    fn from(band: Band) -> Self {
        [band.low.0, band.high.0]
    }
}

impl TryFrom<[f64; 2]> for Band {
    type Error = Error;
    fn try_from(edges: [f64; 2]) -> Result<Self> {
        Self::new(Hz(edges[0]), Hz(edges[1]))
    }
}

impl fmt::Display for Band {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}–{} Hz", self.low.0, self.high.0)
    }
}

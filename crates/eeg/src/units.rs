//! Scalars that a user can mix up, and the units of results.

use serde::{Deserialize, Serialize};
use std::fmt;

/// A frequency in hertz.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Hz(pub f64);

/// A time or a duration in seconds.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Seconds(pub f64);

impl fmt::Display for Hz {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} Hz", self.0)
    }
}

impl fmt::Display for Seconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} s", self.0)
    }
}

/// The unit of a result; every value in a table carries one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Unit {
    /// Microvolt.
    #[serde(rename = "µV")]
    Microvolt,
    /// Power spectral density, µV²/Hz.
    #[serde(rename = "µV²/Hz")]
    Uv2PerHz,
    /// Decibel: ten times the decimal logarithm of a power ratio.
    #[serde(rename = "dB")]
    Decibel,
    /// Hertz.
    #[serde(rename = "Hz")]
    Hertz,
    /// log10 of µV²/Hz, the unit of an aperiodic offset.
    #[serde(rename = "log10(µV²/Hz)")]
    LogUv2PerHz,
    /// Power spectral density of a surface Laplacian, (µV/cm²)²/Hz.
    #[serde(rename = "(µV/cm²)²/Hz")]
    CsdPerHz,
    /// log10 of (µV/cm²)²/Hz.
    #[serde(rename = "log10((µV/cm²)²/Hz)")]
    LogCsdPerHz,
    /// Per minute, the unit of a heart rate.
    #[serde(rename = "1/min")]
    PerMinute,
    /// Millisecond.
    #[serde(rename = "ms")]
    Millisecond,
    /// A pure number.
    #[serde(rename = "1")]
    One,
}

impl Unit {
    /// The unit as it is printed in tables and on axes.
    ///
    /// ```
    /// assert_eq!(dosewave_eeg::Unit::Uv2PerHz.symbol(), "µV²/Hz");
    /// ```
    #[must_use]
    pub fn symbol(self) -> &'static str {
        match self {
            Self::Microvolt => "µV",
            Self::Uv2PerHz => "µV²/Hz",
            Self::Decibel => "dB",
            Self::Hertz => "Hz",
            Self::LogUv2PerHz => "log10(µV²/Hz)",
            Self::CsdPerHz => "(µV/cm²)²/Hz",
            Self::LogCsdPerHz => "log10((µV/cm²)²/Hz)",
            Self::PerMinute => "1/min",
            Self::Millisecond => "ms",
            Self::One => "1",
        }
    }
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.symbol())
    }
}

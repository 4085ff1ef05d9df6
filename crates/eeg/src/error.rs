//! What can go wrong between recording and connectivity.

use crate::{Band, Hz, Seconds};

/// Result of this crate.
pub type Result<T> = std::result::Result<T, Error>;

/// What can go wrong between recording and connectivity.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A channel that the recording does not have.
    #[error("no channel '{name}'; the recording has {}", known.join(", "))]
    UnknownChannel {
        /// As asked.
        name: String,
        /// Those there are.
        known: Vec<String>,
    },
    /// A band that the rate does not carry.
    #[error("band {band} reaches above {nyquist}, half the sampling frequency; choose a band below it")]
    BandAboveNyquist {
        /// As asked.
        band: Band,
        /// Half the rate.
        nyquist: Hz,
    },
    /// A step threw everything away.
    #[error("{step}: nothing left; {hint}")]
    NothingLeft {
        /// Which step.
        step: &'static str,
        /// Why, and what to do.
        hint: String,
    },
    /// A window with no sample in it.
    #[error("no samples between {from} and {to}; the recording spans {start} to {end}")]
    EmptyWindow {
        /// As asked.
        from: Seconds,
        /// As asked.
        to: Seconds,
        /// Of the recording.
        start: Seconds,
        /// Of the recording.
        end: Seconds,
    },
    /// Sizes that must agree and do not.
    #[error("{what}: expected {expected}, got {got}")]
    Shape {
        /// What was counted.
        what: &'static str,
        /// As it must be.
        expected: String,
        /// As it is.
        got: String,
    },
    /// A parameter outside its range.
    #[error("{parameter} = {value}; allowed: {allowed}")]
    Invalid {
        /// Which.
        parameter: &'static str,
        /// As given.
        value: String,
        /// What would do.
        allowed: String,
    },
    /// NaN or infinity among the samples.
    #[error("channel '{channel}' holds {value} at sample {sample}; remove or interpolate it before analysis")]
    NotFinite {
        /// Where.
        channel: String,
        /// Where.
        sample: usize,
        /// What.
        value: f64,
    },
    /// From the mathematics below.
    #[error(transparent)]
    Kernel(#[from] dosewave_numerics::Error),
}

//! Running sums over epochs per pair and frequency.

use crate::{Channels, Connectivity, Error, Result};
use dosewave_numerics::phase::{Measure, PairSums};
use ndarray::Array1;

/// Running pair sums with labels: everything that phase measures need, mergeable across blocks of epochs.
#[derive(Clone, Debug, PartialEq)]
pub struct CrossSpectra {
    pub(crate) channels: Channels,
    pub(crate) freqs_hz: Array1<f64>,
    pub(crate) sums: PairSums,
}

impl CrossSpectra {
    /// Channels.
    #[must_use]
    pub fn channels(&self) -> &Channels {
        &self.channels
    }

    /// Pairs of channel indices (first, second); `S = X_first · conj(X_second)`.
    #[must_use]
    pub fn pairs(&self) -> &[(usize, usize)] {
        self.sums.pairs()
    }

    /// Frequencies, Hz.
    #[must_use]
    pub fn freqs_hz(&self) -> &Array1<f64> {
        &self.freqs_hz
    }

    /// The sums.
    #[must_use]
    pub fn sums(&self) -> &PairSums {
        &self.sums
    }

    /// Number of epochs in the sums.
    #[must_use]
    pub fn n_epochs(&self) -> usize {
        self.sums.n()
    }

    /// Adds the sums of other epochs of the same channels and frequencies.
    ///
    /// # Errors
    /// [`Error::Shape`] or [`Error::Kernel`] when channels, pairs or frequencies differ.
    pub fn merge(&mut self, other: &Self) -> Result<()> {
        if self.channels != other.channels || self.freqs_hz != other.freqs_hz {
            return Err(Error::Shape {
                what: "channels and frequencies of cross-spectra to merge",
                expected: format!("{} and {}", self.channels.len(), self.freqs_hz.len()),
                got: format!("{} and {}", other.channels.len(), other.freqs_hz.len()),
            });
        }
        Ok(self.sums.merge(&other.sums)?)
    }

    /// A measure per pair and frequency.
    #[must_use]
    pub fn connectivity(&self, measure: Measure) -> Connectivity {
        Connectivity {
            channels: self.channels.clone(),
            pairs: self.sums.pairs().to_vec(),
            freqs_hz: self.freqs_hz.clone(),
            measure,
            values: self.sums.measure(measure),
        }
    }
}

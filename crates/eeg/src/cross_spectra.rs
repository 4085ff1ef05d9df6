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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::noise;
    use crate::{Hz, Seconds, SpectrumParams, Windows};

    fn cross(n_channels: usize, fmax: f64, pairs: &[(usize, usize)]) -> CrossSpectra {
        let epochs = noise(n_channels, 1000, 100.0).epochs(&Windows::fixed(Seconds(2.0))).unwrap();
        epochs.fourier(&SpectrumParams::default(), Hz(8.0), Hz(fmax)).unwrap().cross_spectra(pairs).unwrap()
    }

    #[test]
    fn only_sums_of_the_same_things_merge() {
        let mut sums = cross(3, 13.0, &[(1, 0)]);
        for other in [cross(2, 13.0, &[(1, 0)]), cross(3, 12.0, &[(1, 0)]), cross(3, 13.0, &[(2, 0)])] {
            assert!(sums.merge(&other).is_err());
        }
        assert_eq!(sums, cross(3, 13.0, &[(1, 0)]));
        sums.merge(&cross(3, 13.0, &[(1, 0)])).unwrap();
        assert_eq!(sums.n_epochs(), 10);
    }

    #[test]
    fn a_silent_channel_has_no_value_and_no_nan_in_its_mean() {
        let (header, mut data_uv) = noise(2, 1000, 100.0).into_parts();
        data_uv.row_mut(1).fill(0.0);
        let recording = crate::Recording::from_parts(header, data_uv).unwrap();
        let epochs = recording.epochs(&Windows::fixed(Seconds(2.0))).unwrap();
        let fourier = epochs.fourier(&SpectrumParams::default(), Hz(8.0), Hz(13.0)).unwrap();
        let coh = fourier.cross_spectra(&[(1, 0)]).unwrap().connectivity(Measure::Coh);
        assert_eq!(coh.value(0, 0), None);
        let mask = dosewave_numerics::spectral::MainsMask::NONE;
        assert_eq!(coh.band_mean(crate::Band::ALPHA, &mask).unwrap(), [None]);
    }
}

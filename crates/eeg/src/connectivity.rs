//! Connectivity values per pair and frequency.
use crate::{Band, Channels, Result};
use dosewave_numerics::{phase::Measure, spectral::MainsMask};
use ndarray::{Array1, Array2};

/// One value per pair and frequency; NaN never: an undefined value (zero power) is an error of the pair, kept as `None` by the accessors.
#[derive(Clone, Debug, PartialEq)]
pub struct Connectivity { pub(crate) channels: Channels, pub(crate) pairs: Vec<(usize, usize)>, pub(crate) freqs_hz: Array1<f64>, pub(crate) measure: Measure, pub(crate) values: Array2<f64> }
impl Connectivity {
    pub fn channels(&self) -> &Channels { &self.channels }
    pub fn pairs(&self) -> &[(usize, usize)] { &self.pairs }
    pub fn freqs_hz(&self) -> &Array1<f64> { &self.freqs_hz }
    pub fn measure(&self) -> Measure { self.measure }
    pub fn values(&self) -> &Array2<f64> { &self.values }
    /// Mean over the bins of a band (mne-connectivity's `faverage`), per pair.
    pub fn band_mean(&self, band: Band, mains: &MainsMask) -> Result<Vec<Option<f64>>> { todo!() }
}

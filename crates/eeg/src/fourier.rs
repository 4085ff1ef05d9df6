//! Tapered Fourier coefficients.
use crate::{Channels, CrossSpectra, Result, Seconds};
use ndarray::{Array1, Array4, ArrayView1, ArrayView4};
use num_complex::Complex64;

/// Tapered Fourier coefficients `[epoch, channel, taper, freq]`, with one weight per taper.
#[derive(Clone, Debug, PartialEq)]
pub struct Fourier { pub(crate) channels: Channels, pub(crate) freqs_hz: Array1<f64>, pub(crate) weights: Array1<f64>, pub(crate) coefs: Array4<Complex64>, pub(crate) onsets: Vec<Seconds> }
impl Fourier {
    pub fn freqs_hz(&self) -> ArrayView1<'_, f64> { self.freqs_hz.view() }
    pub fn coefs(&self) -> ArrayView4<'_, Complex64> { self.coefs.view() }
    pub fn weights(&self) -> ArrayView1<'_, f64> { self.weights.view() }
    pub fn channels(&self) -> &Channels { &self.channels }
    pub fn onsets(&self) -> &[Seconds] { &self.onsets }
    /// Running pair sums over all epochs; `pairs` of channel indices.
    pub fn cross_spectra(&self, pairs: &[(usize, usize)]) -> Result<CrossSpectra> { todo!() }
    /// The same, one for each group of epochs (indices into this object's epochs), for resampling by blocks.
    pub fn cross_spectra_blocks(&self, pairs: &[(usize, usize)], blocks: &[Vec<usize>]) -> Result<Vec<CrossSpectra>> { todo!() }
}

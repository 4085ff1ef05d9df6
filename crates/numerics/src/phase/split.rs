//! One epoch's coefficients, laid out for the pair kernel.

use crate::{Error, Result};
use ndarray::ArrayView3;
use num_complex::Complex64;

/// Tapered coefficients of one epoch with the taper weights folded in, real and imaginary parts apart:
/// `w_k·√(2/Σw²)·X_k`, so that `Σ_k X_k·conj(Y_k)` is the one-sided cross-spectrum.
#[derive(Clone, Debug, PartialEq)]
pub struct SplitEpoch {
    pub(crate) n_channels: usize,
    pub(crate) n_tapers: usize,
    pub(crate) n_freqs: usize,
    re: Vec<f64>,
    im: Vec<f64>,
}

impl SplitEpoch {
    /// From coefficients `[channel, taper, freq]` and one weight per taper (the root of its eigenvalue).
    ///
    /// # Errors
    /// [`Error::Shape`] when weights and tapers differ in number.
    pub fn new(coefs: ArrayView3<'_, Complex64>, weights: &[f64]) -> Result<Self> {
        let (n_channels, n_tapers, n_freqs) = coefs.dim();
        if weights.len() != n_tapers {
            return Err(Error::Shape { what: "taper weights", expected: n_tapers, got: weights.len() });
        }
        let total: f64 = weights.iter().map(|w| w * w).sum();
        let mut re = Vec::with_capacity(coefs.len());
        let mut im = Vec::with_capacity(coefs.len());
        for channel in coefs.outer_iter() {
            for (row, w) in channel.outer_iter().zip(weights) {
                let scale = w * (2.0 / total).sqrt();
                re.extend(row.iter().map(|z| scale * z.re));
                im.extend(row.iter().map(|z| scale * z.im));
            }
        }
        Ok(Self { n_channels, n_tapers, n_freqs, re, im })
    }

    /// Real and imaginary parts of one channel and taper.
    pub(crate) fn row(&self, channel: usize, taper: usize) -> (&[f64], &[f64]) {
        let start = (channel * self.n_tapers + taper) * self.n_freqs;
        (&self.re[start..start + self.n_freqs], &self.im[start..start + self.n_freqs])
    }
}

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
    /// Weight of each taper, normalised.
    scales: Vec<f64>,
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
        let mut epoch = Self::zeros(n_channels, weights, n_freqs);
        for (c, channel) in coefs.outer_iter().enumerate() {
            for (k, row) in channel.outer_iter().enumerate() {
                epoch.fill_row(c, k, row.iter());
            }
        }
        Ok(epoch)
    }

    /// Room for one epoch after the other, with one weight per taper (the root of its eigenvalue).
    #[must_use]
    pub fn zeros(n_channels: usize, weights: &[f64], n_freqs: usize) -> Self {
        let n_tapers = weights.len();
        let total: f64 = weights.iter().map(|w| w * w).sum();
        let scales = weights.iter().map(|w| w * (2.0 / total).sqrt()).collect();
        let part = vec![0.0; n_channels * n_tapers * n_freqs];
        Self { n_channels, n_tapers, n_freqs, scales, re: part.clone(), im: part }
    }

    /// The coefficients of one channel and taper.
    ///
    /// # Errors
    /// [`Error::Shape`] for another number of them, [`Error::Invalid`] for a channel or taper that is not there.
    pub fn set_row(&mut self, channel: usize, taper: usize, coefs: &[Complex64]) -> Result<()> {
        if coefs.len() != self.n_freqs {
            return Err(Error::Shape { what: "coefficients", expected: self.n_freqs, got: coefs.len() });
        }
        if channel >= self.n_channels || taper >= self.n_tapers {
            return Err(Error::Invalid {
                parameter: "channel, taper",
                value: format!("{channel}, {taper}"),
                allowed: format!("below {}, {}", self.n_channels, self.n_tapers),
            });
        }
        self.fill_row(channel, taper, coefs.iter());
        Ok(())
    }

    fn fill_row<'a>(&mut self, channel: usize, taper: usize, coefs: impl Iterator<Item = &'a Complex64>) {
        let start = (channel * self.n_tapers + taper) * self.n_freqs;
        let scale = self.scales[taper];
        let (re, im) = (&mut self.re[start..start + self.n_freqs], &mut self.im[start..start + self.n_freqs]);
        for ((re, im), z) in re.iter_mut().zip(im).zip(coefs) {
            (*re, *im) = (scale * z.re, scale * z.im);
        }
    }

    /// Real and imaginary parts of one channel and taper.
    pub(crate) fn row(&self, channel: usize, taper: usize) -> (&[f64], &[f64]) {
        let start = (channel * self.n_tapers + taper) * self.n_freqs;
        (&self.re[start..start + self.n_freqs], &self.im[start..start + self.n_freqs])
    }
}

//! One epoch's coefficients, laid out for the pair kernel.

use super::lanes::{Lanes, WIDTH};
use crate::{Error, Result};
use ndarray::ArrayView3;
use num_complex::Complex64;

/// Tapered coefficients of one epoch with the taper weights folded in: `w_k·√(2/Σw²)·X_k`, so that `Σ_k X_k·conj(Y_k)` is
/// the one-sided cross-spectrum. Real and imaginary parts lie apart, eight frequencies side by side.
#[derive(Clone, Debug, PartialEq)]
pub struct SplitEpoch {
    pub(crate) n_channels: usize,
    pub(crate) n_tapers: usize,
    pub(crate) n_freqs: usize,
    /// Weight of each taper, normalised.
    scales: Vec<f64>,
    /// `[block of frequencies, channel, taper, part]`.
    lanes: Vec<Lanes>,
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
                epoch.fill_row(c, k, &row.to_vec());
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
        let lanes = vec![Lanes::ZERO; Lanes::blocks(n_freqs) * n_channels * n_tapers * 2];
        Self { n_channels, n_tapers, n_freqs, scales, lanes }
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
        self.fill_row(channel, taper, coefs);
        Ok(())
    }

    fn fill_row(&mut self, channel: usize, taper: usize, coefs: &[Complex64]) {
        let scale = self.scales[taper];
        let block_len = self.block_len();
        let start = channel * self.row_len() + 2 * taper;
        for (coefs, block) in coefs.chunks(WIDTH).zip(self.lanes.chunks_exact_mut(block_len)) {
            for (f, z) in coefs.iter().enumerate() {
                block[start].0[f] = scale * z.re;
                block[start + 1].0[f] = scale * z.im;
            }
        }
    }

    /// Lanes of one channel in one block of frequencies.
    #[inline(always)]
    fn row_len(&self) -> usize {
        2 * self.n_tapers
    }

    #[inline(always)]
    fn block_len(&self) -> usize {
        self.n_channels * self.row_len()
    }

    /// Real and imaginary part of one channel in one block of frequencies, taper by taper.
    #[inline(always)]
    pub(crate) fn row(&self, block: usize, channel: usize) -> &[[Lanes; 2]] {
        let start = block * self.block_len() + channel * self.row_len();
        self.lanes[start..start + self.row_len()].as_chunks().0
    }
}

//! Coefficients of all epochs, laid out so that surrogates move short rows.

use super::draw::{Changes, Draw};
use super::tile::LANES;
use crate::{Error, Result};
use ndarray::ArrayView4;
use num_complex::Complex64;

/// Tapered coefficients of all epochs with the taper weights folded in, `[freq, channel, epoch, taper]`, and the summed
/// auto-spectra, which no surrogate changes.
#[derive(Clone, Debug)]
pub struct SurrogateCoefs {
    pub(crate) n_channels: usize,
    pub(crate) n_epochs: usize,
    pub(crate) n_tapers: usize,
    pub(crate) n_freqs: usize,
    coefs: Vec<Complex64>,
    /// `[freq, channel]`.
    auto: Vec<f64>,
}

impl SurrogateCoefs {
    /// From coefficients `[epoch, channel, taper, freq]` and one weight per taper (the root of its eigenvalue).
    ///
    /// # Errors
    /// [`Error::TooShort`] below two epochs, [`Error::Shape`] when weights and tapers differ in number.
    pub fn new(coefs: ArrayView4<'_, Complex64>, weights: &[f64]) -> Result<Self> {
        let (n_epochs, n_channels, n_tapers, n_freqs) = coefs.dim();
        if n_epochs < 2 {
            return Err(Error::TooShort { what: "epochs for surrogates", got: n_epochs, need: 2 });
        }
        if weights.len() != n_tapers {
            return Err(Error::Shape { what: "taper weights", expected: n_tapers, got: weights.len() });
        }
        // the scale of `SplitEpoch`, so that sums are those of `PairSums`
        let total: f64 = weights.iter().map(|w| w * w).sum();
        let scales: Vec<f64> = weights.iter().map(|w| w * (2.0 / total).sqrt()).collect();
        let mut laid_out = vec![Complex64::default(); coefs.len()];
        let mut auto = vec![0.0; n_freqs * n_channels];
        for (e, epoch) in coefs.outer_iter().enumerate() {
            for ((channel, taper, freq), z) in epoch.indexed_iter() {
                let z = z * scales[taper];
                laid_out[((freq * n_channels + channel) * n_epochs + e) * n_tapers + taper] = z;
                auto[freq * n_channels + channel] += z.norm_sqr();
            }
        }
        Ok(Self { n_channels, n_epochs, n_tapers, n_freqs, coefs: laid_out, auto })
    }

    /// Numbers that [`Self::fill`] writes: channels are filled up to whole blocks.
    pub(crate) fn scratch_len(&self) -> usize {
        self.n_channels.div_ceil(LANES) * self.block_len()
    }

    /// Numbers of one block of channels.
    pub(crate) fn block_len(&self) -> usize {
        self.n_epochs * self.n_tapers * 2 * LANES
    }

    /// Summed auto-spectra of the channels at a frequency.
    pub(crate) fn auto(&self, freq: usize) -> &[f64] {
        &self.auto[freq * self.n_channels..(freq + 1) * self.n_channels]
    }

    /// One frequency of a surrogate, or as it was measured: `[block of channels, epoch, taper, re and im, channel of the
    /// block]`.
    pub(crate) fn fill(&self, freq: usize, draw: Option<&Draw>, scratch: &mut [f64]) {
        let row_len = self.n_epochs * self.n_tapers;
        let all = &self.coefs[freq * self.n_channels * row_len..(freq + 1) * self.n_channels * row_len];
        let blocks = all.chunks(LANES * row_len).zip(scratch.chunks_exact_mut(self.block_len()));
        for (block, (rows, out)) in blocks.enumerate() {
            let first = block * LANES;
            match draw.map(|draw| &draw.0) {
                None => self.fill_block(rows, out, |_, epoch, row, k| row[epoch * self.n_tapers + k]),
                Some(Changes::Orders(orders)) => self.fill_block(rows, out, |lane, epoch, row, k| {
                    row[orders[first + lane][epoch] * self.n_tapers + k]
                }),
                Some(Changes::Phases(phases)) => self.fill_block(rows, out, |lane, epoch, row, k| {
                    row[epoch * self.n_tapers + k] * phases[first + lane][epoch]
                }),
            }
        }
    }

    /// `of(channel of the block, epoch, the channel's coefficients, taper)`.
    #[inline(always)]
    fn fill_block(
        &self,
        rows: &[Complex64],
        out: &mut [f64],
        of: impl Fn(usize, usize, &[Complex64], usize) -> Complex64,
    ) {
        let row_len = self.n_epochs * self.n_tapers;
        for (epoch, out) in out.chunks_exact_mut(self.n_tapers * 2 * LANES).enumerate() {
            for (k, out) in out.chunks_exact_mut(2 * LANES).enumerate() {
                let (re, im) = out.split_at_mut(LANES);
                let lanes = rows.chunks_exact(row_len).zip(re).zip(im);
                for (lane, ((row, re), im)) in lanes.enumerate() {
                    let z = of(lane, epoch, row, k);
                    (*re, *im) = (z.re, z.im);
                }
            }
        }
    }
}

//! One epoch's coefficients, laid out for the pair kernel.

use crate::lanes::{ComplexLanes, Lanes, Transpose, WIDTH, inverse_root};
use crate::{Error, Result};
use ndarray::ArrayView3;
use num_complex::Complex64;
use pulp::Simd;

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

    /// The coefficients of eight channels from `first` on, or of those that there are, under one taper, frequency by frequency.
    #[inline(always)]
    pub(crate) fn fill_eight<'a, S: Simd>(
        &mut self,
        simd: S,
        first: usize,
        taper: usize,
        mut coefs: impl Iterator<Item = &'a ComplexLanes>,
    ) {
        let (transpose, scale) = (Transpose::new::<S>(), simd.splat_f64s(self.scales[taper]));
        let (block_len, row_len) = (self.block_len(), self.row_len());
        for block in self.lanes.chunks_exact_mut(block_len) {
            let mut parts = [[Lanes::ZERO; WIDTH]; 2];
            for (f, part) in (0..WIDTH).zip(&mut coefs) {
                (parts[0][f], parts[1][f]) = (part[0], part[1]);
            }
            let (re, im) = (transpose.columns(&parts[0]), transpose.columns(&parts[1]));
            let rows = block[first * row_len..].chunks_exact_mut(row_len);
            for ((row, re), im) in rows.zip(&re).zip(&im) {
                for (out, values) in row[2 * taper..].iter_mut().zip([re, im]) {
                    for (out, value) in out.vectors_mut::<S>().iter_mut().zip(values.vectors::<S>()) {
                        *out = simd.mul_f64s(scale, *value);
                    }
                }
            }
        }
    }

    /// That this is room for so many.
    pub(crate) fn check_shape(&self, n_channels: usize, n_tapers: usize, n_freqs: usize) -> Result<()> {
        if (self.n_channels, self.n_tapers, self.n_freqs) == (n_channels, n_tapers, n_freqs) {
            return Ok(());
        }
        Err(Error::Shape {
            what: "channels × tapers × frequencies of an epoch",
            expected: n_channels * n_tapers * n_freqs,
            got: self.n_channels * self.n_tapers * self.n_freqs,
        })
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

    /// All channels in one block of frequencies.
    #[inline(always)]
    pub(crate) fn rows(&self, block: usize) -> Rows<'_> {
        let lanes = &self.lanes[block * self.block_len()..(block + 1) * self.block_len()];
        Rows { lanes: lanes.as_chunks().0, n_tapers: self.n_tapers }
    }
}

/// Channels of an epoch in one block of frequencies.
#[derive(Clone, Copy)]
pub(crate) struct Rows<'a> {
    /// `[channel, taper]`, real and imaginary part.
    lanes: &'a [[Lanes; 2]],
    pub(crate) n_tapers: usize,
}

impl<'a> Rows<'a> {
    pub(crate) const NONE: Self = Self { lanes: &[], n_tapers: 0 };

    /// Real and imaginary part of one channel, taper by taper.
    #[inline(always)]
    pub(crate) fn of(self, channel: usize) -> &'a [[Lanes; 2]] {
        &self.lanes[channel * self.n_tapers..(channel + 1) * self.n_tapers]
    }

    /// Whether these are the same place in memory.
    pub(crate) fn is_same(self, other: Self) -> bool {
        std::ptr::eq(self.lanes, other.lanes)
    }

    /// Of the only taper.
    #[inline(always)]
    pub(crate) fn single(self, channel: usize) -> &'a [Lanes; 2] {
        &self.lanes[channel]
    }
}

/// The phases `X/|X|` of one taper's coefficients in one block of frequencies, 0 where `X` is: of two channels, their product is
/// `S/|S|`, and there are fewer channels than pairs.
#[derive(Default)]
pub(crate) struct Phases {
    lanes: Vec<[Lanes; 2]>,
}

impl Phases {
    /// Channels that are not wanted are left 0.
    #[inline(always)]
    pub(crate) fn new<S: Simd>(simd: S, rows: Rows<'_>, wanted: &[bool]) -> Self {
        let mut lanes = vec![[Lanes::ZERO; 2]; wanted.len()];
        for (channel, [re, im]) in lanes.iter_mut().enumerate().filter(|(channel, _)| wanted[*channel]) {
            let [x_re, x_im] = rows.single(channel);
            for part in 0..WIDTH / S::F64_LANES {
                let (x_re, x_im) = (x_re.vectors::<S>()[part], x_im.vectors::<S>()[part]);
                let inverse = inverse_root(simd, simd.mul_add_e_f64s(x_re, x_re, simd.mul_f64s(x_im, x_im)));
                re.vectors_mut::<S>()[part] = simd.mul_f64s(x_re, inverse);
                im.vectors_mut::<S>()[part] = simd.mul_f64s(x_im, inverse);
            }
        }
        Self { lanes }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.lanes.is_empty()
    }

    pub(crate) fn rows(&self) -> Rows<'_> {
        Rows { lanes: &self.lanes, n_tapers: 1 }
    }
}

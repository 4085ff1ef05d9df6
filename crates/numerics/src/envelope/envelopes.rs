//! Analytic signals of one stretch of time, laid out for the pair kernel.

use super::EnvelopeScale;
use super::log2::{Constants, Log2, LookUp, WithLog2, with_log2};
use crate::error::check_finite;
use crate::filter::Hilbert;
use crate::lanes::WIDTH;
use crate::{Error, Result};
use ndarray::{ArrayView2, ArrayViewMut1};
use num_complex::Complex64;
use pulp::Simd;
use std::f64::consts::LN_2;

/// Rows are filled up to whole vectors of the widest kind.
pub(super) const LANES: usize = 8;

/// What sums over time are taken around.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Centring {
    /// The mean of each channel: the most accurate, for one stretch by itself.
    Mean,
    /// Zero: sums of several stretches can be added.
    Zero,
}

/// Analytic signals of some channels and their envelopes, over one stretch of time.
#[derive(Clone, Debug, PartialEq)]
pub struct Envelopes {
    pub(super) scale: EnvelopeScale,
    pub(super) n_channels: usize,
    pub(super) n_times: usize,
    /// Values of a row, a multiple of [`LANES`].
    pub(super) stride: usize,
    pub(super) re: Vec<f64>,
    pub(super) im: Vec<f64>,
    /// The envelope − its centre; zero where a row is filled up.
    pub(super) level: Vec<f64>,
    /// 1 over the amplitude or power; empty for log power.
    pub(super) inverse: Vec<f64>,
    pub(super) centres: Vec<f64>,
    /// Σ a and Σ a² of the centred envelope of each channel.
    pub(super) sums: Vec<[f64; 2]>,
}

impl Envelopes {
    /// Room for signals of this size, to be filled again and again: fresh memory costs as much as the work.
    ///
    /// # Errors
    /// [`Error::TooShort`] for fewer than two samples.
    pub fn zeros(n_channels: usize, n_times: usize, scale: EnvelopeScale) -> Result<Self> {
        if n_times < 2 {
            return Err(Error::TooShort { what: "samples of an envelope", got: n_times, need: 2 });
        }
        let stride = n_times.next_multiple_of(LANES);
        let plane = || vec![0.0; n_channels * stride];
        let inverse = if scale == EnvelopeScale::LogPower { Vec::new() } else { plane() };
        let (re, im, level, centres) = (plane(), plane(), plane(), vec![0.0; n_channels]);
        let sums = vec![[0.0; 2]; n_channels];
        Ok(Self { scale, n_channels, n_times, stride, re, im, level, inverse, centres, sums })
    }

    /// From analytic signals `[channel, time]`.
    ///
    /// # Errors
    /// [`Error::TooShort`] for fewer than two samples, [`Error::Value`] for NaN or infinity.
    pub fn new(z: ArrayView2<'_, Complex64>, scale: EnvelopeScale, centring: Centring) -> Result<Self> {
        let mut envelopes = Self::zeros(z.nrows(), z.ncols(), scale)?;
        envelopes.fill(z, centring)?;
        Ok(envelopes)
    }

    /// The same in the memory of other signals of this size.
    ///
    /// # Errors
    /// [`Error::Shape`] for another size, [`Error::Value`] for NaN or infinity.
    pub fn fill(&mut self, z: ArrayView2<'_, Complex64>, centring: Centring) -> Result<()> {
        self.check_size(z.dim())?;
        for (channel, row) in z.outer_iter().enumerate() {
            self.set_row(channel, row.iter());
        }
        self.finish(centring)
    }

    /// From real signals `[channel, time]` by the Hilbert transform of this stretch, planned for its length
    /// ([`analytic_signal`](crate::filter::analytic_signal) with `n_fft` of `None`, eight channels side by side).
    ///
    /// # Errors
    /// As [`Self::fill`]; [`Error::Shape`] for a plan of another length.
    pub fn fill_real(&mut self, x: ArrayView2<'_, f64>, hilbert: &Hilbert, centring: Centring) -> Result<()> {
        self.check_size(x.dim())?;
        if hilbert.len() != self.n_times {
            let (expected, got) = (self.n_times, hilbert.len());
            return Err(Error::Shape { what: "samples of a Hilbert transform", expected, got });
        }
        for (row, x) in self.re.chunks_exact_mut(self.stride).zip(x.outer_iter()) {
            ArrayViewMut1::from(&mut row[..self.n_times]).assign(&x);
        }
        let mut scratch = hilbert.scratch();
        let eights = self.re.chunks(WIDTH * self.stride).zip(self.im.chunks_mut(WIDTH * self.stride));
        for (re, im) in eights {
            hilbert.turn(re, im, self.stride, &mut scratch);
        }
        self.finish(centring)
    }

    fn check_size(&self, (n_channels, n_times): (usize, usize)) -> Result<()> {
        if (n_channels, n_times) == (self.n_channels, self.n_times) {
            return Ok(());
        }
        let (expected, got) = (self.n_channels * self.n_times, n_channels * n_times);
        Err(Error::Shape { what: "channels × samples of envelopes", expected, got })
    }

    fn set_row<'a>(&mut self, channel: usize, z: impl Iterator<Item = &'a Complex64>) {
        let row = channel * self.stride..channel * self.stride + self.n_times;
        for ((re, im), z) in self.re[row.clone()].iter_mut().zip(&mut self.im[row]).zip(z) {
            (*re, *im) = (z.re, z.im);
        }
    }

    /// Envelopes and their centres, once the analytic signals stand.
    fn finish(&mut self, centring: Centring) -> Result<()> {
        self.fill_up();
        for channel in 0..self.n_channels {
            let powers = pulp::Arch::new().dispatch(Levels { envelopes: self, channel });
            let row = channel * self.stride..channel * self.stride + self.n_times;
            if !powers.sum.is_finite() {
                check_finite(self.re[row.clone()].iter().chain(&self.im[row.clone()]), "analytic signal")?;
            }
            let (scale, level) = (self.scale, &mut self.level[row.start..row.start + self.stride]);
            let (samples, filled) = level.split_at_mut(self.n_times);
            if scale == EnvelopeScale::LogPower && powers.least == 0.0 {
                // the logarithm of nothing: the channel has no value
                samples.fill(f64::NAN);
            }
            let centre = match centring {
                Centring::Mean => ndarray::ArrayView1::from(&*samples).sum() / self.n_times as f64,
                Centring::Zero => 0.0,
            };
            samples.iter_mut().for_each(|v| *v -= centre);
            filled.fill(0.0);
            let samples = ndarray::ArrayView1::from(&*samples);
            self.sums[channel] = [samples.sum(), samples.dot(&samples)];
            self.centres[channel] = centre;
        }
        Ok(())
    }

    /// Rows end with values that are at right angles to no other channel's, so that nothing divides by zero there.
    fn fill_up(&mut self) {
        for channel in 0..self.n_channels {
            let end = channel * self.stride + self.n_times..(channel + 1) * self.stride;
            self.re[end.clone()].fill(1.0);
            self.im[end].fill((channel + 1) as f64);
        }
    }

    /// What is correlated.
    #[must_use]
    pub fn scale(&self) -> EnvelopeScale {
        self.scale
    }

    /// Number of channels.
    #[must_use]
    pub fn n_channels(&self) -> usize {
        self.n_channels
    }

    /// Number of samples.
    #[must_use]
    pub fn n_times(&self) -> usize {
        self.n_times
    }
}

/// Envelope of one row.
struct Levels<'a> {
    envelopes: &'a mut Envelopes,
    channel: usize,
}

/// Smallest power of a row, and their sum.
struct Powers {
    least: f64,
    sum: f64,
}

impl pulp::WithSimd for Levels<'_> {
    type Output = Powers;

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> Powers {
        let all = self.envelopes;
        let row = self.channel * all.stride..(self.channel + 1) * all.stride;
        let re = S::as_simd_f64s(&all.re[row.clone()]).0;
        let im = S::as_simd_f64s(&all.im[row.clone()]).0;
        let level = S::as_mut_simd_f64s(&mut all.level[row.clone()]).0;
        let (mut least, mut total) = (simd.splat_f64s(f64::INFINITY), simd.splat_f64s(0.0));
        for ((level, re), im) in level.iter_mut().zip(re).zip(im) {
            *level = simd.mul_add_f64s(*re, *re, simd.mul_f64s(*im, *im));
            least = simd.min_f64s(least, *level);
            total = simd.add_f64s(total, *level);
        }
        let one = simd.splat_f64s(1.0);
        if all.scale == EnvelopeScale::LogPower {
            with_log2(simd, &Constants::new(), 0.0, Naturals(&mut all.level[row]));
        } else {
            let inverse = S::as_mut_simd_f64s(&mut all.inverse[row]).0;
            for (v, out) in level.iter_mut().zip(inverse) {
                if all.scale == EnvelopeScale::Amplitude {
                    *v = simd.sqrt_f64s(*v);
                }
                *out = simd.div_f64s(one, *v);
            }
        }
        // NaN and infinity are in the sum of powers, whichever of them comes first
        Powers { least: simd.reduce_min_f64s(least), sum: simd.reduce_sum_f64s(total) }
    }
}

/// Powers, to become their natural logarithms.
struct Naturals<'a>(&'a mut [f64]);

impl WithLog2 for Naturals<'_> {
    type Output = ();

    #[inline(always)]
    fn with<S: Simd, L: LookUp>(self, simd: S, log2: &Log2<S, L>) {
        let ln_2 = simd.splat_f64s(LN_2);
        for v in S::as_mut_simd_f64s(self.0).0 {
            *v = simd.mul_f64s(ln_2, log2.of(simd, *v));
        }
    }
}

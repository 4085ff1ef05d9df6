//! Analytic signals of one stretch of time, laid out for the pair kernel.

use super::EnvelopeScale;
use super::ln::ln;
use crate::error::check_finite;
use crate::filter::analytic_signal;
use crate::{Error, Result};
use ndarray::{ArrayView2, Axis};
use num_complex::Complex64;
use pulp::Simd;

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
}

impl Envelopes {
    /// From analytic signals `[channel, time]`.
    ///
    /// # Errors
    /// [`Error::TooShort`] for fewer than two samples, [`Error::Value`] for NaN or infinity.
    pub fn new(z: ArrayView2<'_, Complex64>, scale: EnvelopeScale, centring: Centring) -> Result<Self> {
        let mut envelopes = Self::zeros(z.dim(), scale)?;
        for (channel, row) in z.outer_iter().enumerate() {
            envelopes.set_row(channel, row.iter());
        }
        envelopes.finish(centring)
    }

    /// From real signals `[channel, time]` by the Hilbert transform of this stretch
    /// ([`analytic_signal`](crate::filter::analytic_signal) with `n_fft` of `None`).
    ///
    /// # Errors
    /// As [`Self::new`].
    pub fn of_real(x: ArrayView2<'_, f64>, scale: EnvelopeScale, centring: Centring) -> Result<Self> {
        let mut envelopes = Self::zeros(x.dim(), scale)?;
        for (channel, row) in x.axis_iter(Axis(0)).enumerate() {
            let z = analytic_signal(row, None)?;
            envelopes.set_row(channel, z.iter());
        }
        envelopes.finish(centring)
    }

    fn zeros((n_channels, n_times): (usize, usize), scale: EnvelopeScale) -> Result<Self> {
        if n_times < 2 {
            return Err(Error::TooShort { what: "samples of an envelope", got: n_times, need: 2 });
        }
        let stride = n_times.next_multiple_of(LANES);
        let plane = vec![0.0; n_channels * stride];
        let inverse = if scale == EnvelopeScale::LogPower { Vec::new() } else { plane.clone() };
        let (re, im, centres) = (plane.clone(), plane.clone(), vec![0.0; n_channels]);
        Ok(Self { scale, n_channels, n_times, stride, re, im, level: plane, inverse, centres })
    }

    fn set_row<'a>(&mut self, channel: usize, z: impl Iterator<Item = &'a Complex64>) {
        let row = channel * self.stride..channel * self.stride + self.n_times;
        for ((re, im), z) in self.re[row.clone()].iter_mut().zip(&mut self.im[row]).zip(z) {
            (*re, *im) = (z.re, z.im);
        }
    }

    /// Envelopes and their centres, once the analytic signals stand.
    fn finish(mut self, centring: Centring) -> Result<Self> {
        check_finite(self.re.iter().chain(&self.im), "analytic signal")?;
        self.fill_up();
        pulp::Arch::new().dispatch(Levels { envelopes: &mut self });
        for channel in 0..self.n_channels {
            let (n_times, row) = (self.n_times, channel * self.stride..(channel + 1) * self.stride);
            let level = &mut self.level[row.clone()];
            if self.scale == EnvelopeScale::LogPower && is_silent_somewhere(&self.re[row.clone()], &self.im[row]) {
                // the logarithm of nothing: the channel has no value
                level[..n_times].fill(f64::NAN);
            }
            let centre = match centring {
                Centring::Mean => ndarray::ArrayView1::from(&level[..n_times]).sum() / n_times as f64,
                Centring::Zero => 0.0,
            };
            level[..n_times].iter_mut().for_each(|v| *v -= centre);
            level[n_times..].fill(0.0);
            self.centres[channel] = centre;
        }
        Ok(self)
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

    /// Σ a and Σ a² of the centred envelope of a channel.
    pub(super) fn sums(&self, channel: usize) -> [f64; 2] {
        let row = &self.level[channel * self.stride..channel * self.stride + self.n_times];
        let row = ndarray::ArrayView1::from(row);
        [row.sum(), row.dot(&row)]
    }
}

fn is_silent_somewhere(re: &[f64], im: &[f64]) -> bool {
    re.iter().zip(im).any(|(re, im)| re * re + im * im == 0.0)
}

/// Envelopes of all rows.
struct Levels<'a> {
    envelopes: &'a mut Envelopes,
}

impl pulp::WithSimd for Levels<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let all = self.envelopes;
        let (re, im) = (S::as_simd_f64s(&all.re).0, S::as_simd_f64s(&all.im).0);
        let level = S::as_mut_simd_f64s(&mut all.level).0;
        for ((level, re), im) in level.iter_mut().zip(re).zip(im) {
            *level = simd.add_f64s(simd.mul_f64s(*re, *re), simd.mul_f64s(*im, *im));
        }
        let one = simd.splat_f64s(1.0);
        let inverse = S::as_mut_simd_f64s(&mut all.inverse).0;
        match all.scale {
            EnvelopeScale::LogPower => {
                for v in level.iter_mut() {
                    *v = ln(simd, *v);
                }
            }
            EnvelopeScale::Power => {
                for (v, out) in level.iter().zip(inverse) {
                    *out = simd.div_f64s(one, *v);
                }
            }
            EnvelopeScale::Amplitude => {
                for (v, out) in level.iter_mut().zip(inverse) {
                    *v = simd.sqrt_f64s(*v);
                    *out = simd.div_f64s(one, *v);
                }
            }
        }
    }
}

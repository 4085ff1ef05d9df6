//! Welch's method.

use super::{Window, real_fft, rfft_freqs};
use crate::stats::median_in_place;
use crate::{Error, Result};
use ndarray::{Array1, ArrayView1, ArrayViewMut1};
use num_complex::Complex64;
use realfft::RealToComplex;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// How segments are averaged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Average {
    /// Arithmetic mean.
    Mean,
    /// Median, divided by its bias under a χ² with two degrees of freedom.
    Median,
}

/// Settings of Welch's method, in scipy's and MNE's words.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct WelchParams {
    /// Length of the FFT; segments are zero-padded to it.
    pub n_fft: usize,
    /// Length of a segment.
    pub n_per_seg: usize,
    /// Samples that neighbouring segments share.
    pub n_overlap: usize,
    /// Window of a segment (periodic).
    pub window: Window,
    /// How segments are averaged.
    pub average: Average,
    /// Whether the mean of each segment is removed.
    pub detrend: bool,
}

/// Welch's estimator for signals of one rate (Welch 1967, 10.1109/TAU.1967.1161901).
///
/// `P(f) = 2·mean_s |Σ_t w(t) x_s(t) e^{-2πift}|² / (sfreq·Σw²)`, one-sided (DC and Nyquist not doubled).
pub struct Welch {
    params: WelchParams,
    sfreq: f64,
    window: Array1<f64>,
    scale: f64,
    plan: Arc<dyn RealToComplex<f64>>,
}

impl Welch {
    /// A plan for these settings.
    ///
    /// # Errors
    /// [`Error::Invalid`] when a segment is empty, longer than the FFT, or not longer than the overlap, or the rate is
    /// not positive.
    pub fn new(params: WelchParams, sfreq: f64) -> Result<Self> {
        let invalid = |parameter, value: usize, allowed: String| Error::Invalid {
            parameter,
            value: value.to_string(),
            allowed,
        };
        if params.n_per_seg == 0 || params.n_per_seg > params.n_fft {
            return Err(invalid("n_per_seg", params.n_per_seg, format!("1 to n_fft ({})", params.n_fft)));
        }
        if params.n_overlap >= params.n_per_seg {
            return Err(invalid(
                "n_overlap",
                params.n_overlap,
                format!("below n_per_seg ({})", params.n_per_seg),
            ));
        }
        if !(sfreq.is_finite() && sfreq > 0.0) {
            return Err(Error::Invalid {
                parameter: "sfreq",
                value: sfreq.to_string(),
                allowed: "a positive rate".into(),
            });
        }
        let window = params.window.periodic(params.n_per_seg);
        let scale = 1.0 / (sfreq * window.iter().map(|w| w * w).sum::<f64>());
        Ok(Self { params, sfreq, window, scale, plan: real_fft(params.n_fft) })
    }

    /// Frequencies, Hz.
    #[must_use]
    pub fn freqs_hz(&self) -> Array1<f64> {
        rfft_freqs(self.params.n_fft, self.sfreq)
    }

    /// One-sided PSD of `x`, in unit²/Hz, into `psd`.
    ///
    /// # Errors
    /// [`Error::TooShort`] when `x` is shorter than a segment, [`Error::Shape`] when `psd` has another length than
    /// [`Self::freqs_hz`].
    pub fn psd_into(&self, x: ArrayView1<'_, f64>, mut psd: ArrayViewMut1<'_, f64>) -> Result<()> {
        let WelchParams { n_fft, n_per_seg, n_overlap, .. } = self.params;
        let n_freqs = n_fft / 2 + 1;
        if x.len() < n_per_seg {
            return Err(Error::TooShort {
                what: "samples for one Welch segment",
                got: x.len(),
                need: n_per_seg,
            });
        }
        if psd.len() != n_freqs {
            return Err(Error::Shape { what: "PSD bins", expected: n_freqs, got: psd.len() });
        }
        let step = n_per_seg - n_overlap;
        let n_segments = (x.len() - n_overlap) / step;
        let mut buffer = vec![0.0; n_fft];
        let mut spectrum = vec![Complex64::default(); n_freqs];
        let mut scratch = self.plan.make_scratch_vec();
        let keep_all = self.params.average == Average::Median;
        let mut powers = vec![0.0; if keep_all { n_segments * n_freqs } else { 0 }];
        psd.fill(0.0);
        for s in 0..n_segments {
            self.load(x, s * step, &mut buffer);
            self.plan
                .process_with_scratch(&mut buffer, &mut spectrum, &mut scratch)
                .map_err(|_| Error::Shape { what: "FFT buffer", expected: n_fft, got: n_fft })?;
            for (k, z) in spectrum.iter().enumerate() {
                let power = z.norm_sqr() * self.scale * self.one_sided(k);
                if keep_all { powers[k * n_segments + s] = power } else { psd[k] += power }
            }
        }
        if keep_all {
            let bias = median_bias(n_segments);
            for (k, column) in powers.chunks_exact_mut(n_segments).enumerate() {
                psd[k] = median_in_place(column).unwrap_or(0.0) / bias;
            }
        } else {
            psd.mapv_inplace(|p| p / n_segments as f64);
        }
        Ok(())
    }

    fn load(&self, x: ArrayView1<'_, f64>, start: usize, buffer: &mut [f64]) {
        let n = self.params.n_per_seg;
        let segment = x.slice(ndarray::s![start..start + n]);
        let mean = if self.params.detrend { segment.sum() / n as f64 } else { 0.0 };
        for ((out, value), w) in buffer.iter_mut().zip(segment).zip(&self.window) {
            *out = (value - mean) * w;
        }
        buffer[n..].fill(0.0);
    }

    /// Two for frequencies whose negative twin is folded in, one for DC and Nyquist.
    fn one_sided(&self, k: usize) -> f64 {
        if k == 0 || 2 * k == self.params.n_fft { 1.0 } else { 2.0 }
    }
}

/// Expected median of `n` exponential variables of mean one: Σ 1/(2i+1) − 1/(2i) + 1 (Allen et al. 2012,
/// 10.1103/PhysRevD.85.122006, appendix B).
fn median_bias(n: usize) -> f64 {
    1.0 + (1..=(n - 1) / 2).map(|i| 1.0 / (2 * i + 1) as f64 - 1.0 / (2 * i) as f64).sum::<f64>()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PARAMS: WelchParams = WelchParams {
        n_fft: 64,
        n_per_seg: 64,
        n_overlap: 32,
        window: Window::Hann,
        average: Average::Mean,
        detrend: true,
    };

    #[test]
    fn parseval_for_one_boxcar_segment() {
        let x = Array1::from_iter((0..64).map(|t| (0.7 * f64::from(t)).sin() + 0.2 * f64::from(t % 5)));
        let params = WelchParams { window: Window::Boxcar, n_overlap: 0, ..PARAMS };
        let welch = Welch::new(params, 100.0).unwrap();
        let mut psd = Array1::zeros(33);
        welch.psd_into(x.view(), psd.view_mut()).unwrap();
        let variance = x.mapv(|v| (v - x.mean().unwrap()).powi(2)).mean().unwrap();
        assert!((psd.sum() * 100.0 / 64.0 - variance).abs() < 1e-12);
    }

    #[test]
    fn too_short_and_bad_settings_are_named() {
        let welch = Welch::new(PARAMS, 100.0).unwrap();
        let error = welch.psd_into(Array1::zeros(63).view(), Array1::zeros(33).view_mut()).unwrap_err();
        assert_eq!(error, Error::TooShort { what: "samples for one Welch segment", got: 63, need: 64 });
        assert!(Welch::new(WelchParams { n_overlap: 64, ..PARAMS }, 100.0).is_err());
        assert!(Welch::new(WelchParams { n_fft: 32, ..PARAMS }, 100.0).is_err());
        assert!(Welch::new(PARAMS, 0.0).is_err());
    }

    #[test]
    fn median_bias_tends_to_ln_2() {
        assert!((median_bias(1) - 1.0).abs() < 1e-15);
        assert!((median_bias(100_001) - std::f64::consts::LN_2).abs() < 1e-4);
    }
}

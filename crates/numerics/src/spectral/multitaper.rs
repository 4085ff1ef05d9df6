//! Thomson's multitaper method.

use super::{Tapers, Window, dpss, real_fft, rfft_freqs};
use crate::{Error, Result};
use ndarray::{Array1, ArrayView1, ArrayViewMut1, ArrayViewMut2, Zip};
use num_complex::Complex64;
use realfft::RealToComplex;
use std::f64::consts::{FRAC_1_SQRT_2, PI};
use std::sync::Arc;

/// Settings of the multitaper method, in MNE's words; the density is always per Hz.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MultitaperParams {
    /// Full bandwidth of the tapers, Hz; `None` is 8 / duration.
    pub bandwidth_hz: Option<f64>,
    /// Whether only tapers with an eigenvalue above 0.9 are used.
    pub low_bias: bool,
    /// Whether tapers are weighted per frequency (Thomson 1982, section V) instead of by their eigenvalues.
    pub adaptive: bool,
}

/// Multitaper estimator for signals of one length (Thomson 1982, 10.1109/PROC.1982.12433).
///
/// `P(f) = 2·Σ_k λ_k |X_k(f)|² / (sfreq·Σ_k λ_k)`, one-sided, of the mean-free signal; DC and Nyquist not doubled.
pub struct Multitaper {
    n_times: usize,
    sfreq: f64,
    adaptive: bool,
    tapers: Tapers,
    plan: Arc<dyn RealToComplex<f64>>,
}

/// Memory that one transform after the other can use.
pub struct MultitaperScratch {
    tapered: Vec<f64>,
    spectrum: Vec<Complex64>,
    fft: Vec<Complex64>,
}

impl Multitaper {
    /// Slepian tapers for signals of `n_times` samples at `sfreq` Hz.
    ///
    /// # Errors
    /// [`Error::Invalid`] when the bandwidth is too narrow for the length (time–half-bandwidth product below 0.5),
    /// or wider than the spectrum.
    ///
    /// ```
    /// use dosewave_numerics::spectral::{Multitaper, MultitaperParams};
    /// let params = MultitaperParams { bandwidth_hz: Some(4.0), low_bias: true, adaptive: false };
    /// let multitaper = Multitaper::new(500, 250.0, params).unwrap();
    /// assert_eq!(multitaper.tapers().eigenvalues.len(), 7); // 2 s, 4 Hz
    /// ```
    pub fn new(n_times: usize, sfreq: f64, params: MultitaperParams) -> Result<Self> {
        if !(sfreq.is_finite() && sfreq > 0.0) {
            return Err(Error::Invalid {
                parameter: "sfreq",
                value: sfreq.to_string(),
                allowed: "a positive rate".into(),
            });
        }
        let half_nbw =
            params.bandwidth_hz.map_or(4.0, |bandwidth| bandwidth * n_times as f64 / (2.0 * sfreq));
        if half_nbw < 0.5 || half_nbw.is_nan() {
            return Err(Error::Invalid {
                parameter: "bandwidth",
                value: format!("{} Hz", params.bandwidth_hz.unwrap_or(0.0)),
                allowed: format!(
                    "at least {} Hz for {n_times} samples at {sfreq} Hz",
                    sfreq / n_times as f64
                ),
            });
        }
        if let Some(bandwidth) = params.bandwidth_hz.filter(|bandwidth| *bandwidth >= sfreq) {
            return Err(Error::Invalid {
                parameter: "bandwidth",
                value: format!("{bandwidth} Hz"),
                allowed: format!("below {sfreq} Hz, the width of the spectrum"),
            });
        }
        let tapers = dpss(n_times, half_nbw, (2.0 * half_nbw) as usize, params.low_bias)?;
        // fewer than three tapers leave nothing to adapt
        let adaptive = params.adaptive && tapers.eigenvalues.len() >= 3;
        Ok(Self { n_times, sfreq, adaptive, tapers, plan: real_fft(n_times) })
    }

    /// One symmetric Hann window instead of tapers: mne-connectivity's mode `fourier`.
    ///
    /// # Errors
    /// [`Error::TooShort`] below three samples.
    pub fn hann(n_times: usize, sfreq: f64) -> Result<Self> {
        if n_times < 3 {
            return Err(Error::TooShort { what: "samples for a Hann window", got: n_times, need: 3 });
        }
        let tapers = Window::Hann.symmetric(n_times).insert_axis(ndarray::Axis(0));
        let tapers = Tapers { tapers, eigenvalues: Array1::ones(1) };
        Ok(Self { n_times, sfreq, adaptive: false, tapers, plan: real_fft(n_times) })
    }

    /// Frequencies, Hz.
    #[must_use]
    pub fn freqs_hz(&self) -> Array1<f64> {
        rfft_freqs(self.n_times, self.sfreq)
    }

    /// The tapers in use.
    #[must_use]
    pub fn tapers(&self) -> &Tapers {
        &self.tapers
    }

    /// One-sided PSD of `x`, in unit²/Hz, into `psd`.
    ///
    /// # Errors
    /// [`Error::Shape`] when `x` or `psd` has another length than planned.
    pub fn psd_into(&self, x: ArrayView1<'_, f64>, mut psd: ArrayViewMut1<'_, f64>) -> Result<()> {
        let n_freqs = self.n_times / 2 + 1;
        if psd.len() != n_freqs {
            return Err(Error::Shape { what: "PSD bins", expected: n_freqs, got: psd.len() });
        }
        let n_tapers = self.tapers.eigenvalues.len();
        let mut powers = vec![0.0; if self.adaptive { n_tapers * n_freqs } else { 0 }];
        let weights: Vec<f64> = (0..n_tapers).filter_map(|k| self.psd_weight(k)).collect();
        psd.fill(0.0);
        self.each_taper(x, |k, spectrum| {
            if self.adaptive {
                for (out, z) in powers[k * n_freqs..].iter_mut().zip(spectrum) {
                    *out = z.norm_sqr();
                }
            } else {
                let weight = weights[k];
                Zip::from(&mut psd).and(spectrum).for_each(|out, z| *out += weight * z.norm_sqr());
            }
        })?;
        if self.adaptive {
            let estimate = adaptive_psd(&powers, self.tapers.eigenvalues.view());
            for (out, p) in psd.iter_mut().zip(estimate) {
                *out = p / self.sfreq;
            }
        }
        Ok(())
    }

    /// Tapered Fourier coefficients `[taper, freq]` of the mean-free signal (DC and Nyquist ÷ √2, so that sums of
    /// `2·|X|²` are one-sided).
    ///
    /// # Errors
    /// [`Error::Shape`] when `x` or `coefs` has another shape than planned.
    pub fn fourier_into(
        &self,
        x: ArrayView1<'_, f64>,
        mut coefs: ArrayViewMut2<'_, Complex64>,
    ) -> Result<()> {
        let (n_tapers, n_freqs) = (self.tapers.eigenvalues.len(), self.n_times / 2 + 1);
        if coefs.dim() != (n_tapers, n_freqs) {
            return Err(Error::Shape {
                what: "tapers × bins",
                expected: n_tapers * n_freqs,
                got: coefs.len(),
            });
        }
        self.each_taper(x, |k, spectrum| {
            coefs.row_mut(k).assign(&ArrayView1::from(spectrum));
        })
    }

    fn each_taper(
        &self,
        x: ArrayView1<'_, f64>,
        use_spectrum: impl FnMut(usize, &[Complex64]),
    ) -> Result<()> {
        self.each_spectrum(x, &mut self.scratch(), use_spectrum)
    }

    /// Memory for [`Self::each_spectrum`].
    #[must_use]
    pub fn scratch(&self) -> MultitaperScratch {
        MultitaperScratch {
            tapered: vec![0.0; self.n_times],
            spectrum: vec![Complex64::default(); self.n_times / 2 + 1],
            fft: self.plan.make_scratch_vec(),
        }
    }

    /// What a taper's `|X_k|²` counts in the PSD: `2 λ_k / (sfreq Σ λ)`; `None` where weights are adaptive.
    #[must_use]
    pub fn psd_weight(&self, taper: usize) -> Option<f64> {
        let lambda = self.tapers.eigenvalues.get(taper)?;
        (!self.adaptive).then(|| lambda * 2.0 / (self.tapers.eigenvalues.sum() * self.sfreq))
    }

    /// Hands the spectrum of each tapered copy of the mean-free signal (as [`Self::fourier_into`] has it) to
    /// `use_spectrum`: one transform may serve the PSD and every cross-spectrum.
    ///
    /// # Errors
    /// [`Error::Shape`] when `x` has another length than planned.
    pub fn each_spectrum(
        &self,
        x: ArrayView1<'_, f64>,
        scratch: &mut MultitaperScratch,
        mut use_spectrum: impl FnMut(usize, &[Complex64]),
    ) -> Result<()> {
        if x.len() != self.n_times {
            return Err(Error::Shape { what: "samples", expected: self.n_times, got: x.len() });
        }
        let mean = x.sum() / self.n_times as f64;
        let MultitaperScratch { tapered: buffer, spectrum, fft } = scratch;
        for (k, taper) in self.tapers.tapers.rows().into_iter().enumerate() {
            let tapered = ArrayViewMut1::from(buffer.as_mut_slice());
            Zip::from(tapered).and(x).and(taper).for_each(|out, value, w| *out = (value - mean) * w);
            self.plan.process_with_scratch(buffer, spectrum, fft).map_err(|_| Error::Shape {
                what: "FFT buffer",
                expected: self.n_times,
                got: x.len(),
            })?;
            if let Some(z) = spectrum.first_mut() {
                *z *= FRAC_1_SQRT_2;
            }
            if self.n_times.is_multiple_of(2)
                && let Some(z) = spectrum.last_mut()
            {
                *z *= FRAC_1_SQRT_2;
            }
            use_spectrum(k, spectrum);
        }
        Ok(())
    }
}

/// Thomson's adaptive weights (Percival & Walden 1993, section 7.4): `d_k = √λ_k S / (λ_k S + (1 − λ_k) σ²)`, iterated
/// with `S = 2 Σ d_k² |X_k|² / Σ d_k²` until no weight moves by more than 1e-5 (root mean square over tapers).
fn adaptive_psd(powers: &[f64], eigenvalues: ArrayView1<'_, f64>) -> Vec<f64> {
    let n_tapers = eigenvalues.len();
    let n_freqs = powers.len() / n_tapers;
    let weighted = |weights: &dyn Fn(usize, usize) -> f64, tapers: usize| -> Vec<f64> {
        (0..n_freqs)
            .map(|f| {
                let (mut sum, mut total) = (0.0, 0.0);
                for k in 0..tapers {
                    let w = weights(k, f);
                    sum += w * powers[k * n_freqs + f];
                    total += w;
                }
                if total > 0.0 { 2.0 * sum / total } else { 0.0 }
            })
            .collect()
    };
    let fixed = weighted(&|k, _| eigenvalues[k], n_tapers);
    let inner: f64 = fixed.windows(2).map(|w| 0.5 * (w[0] + w[1])).sum();
    let variance = inner * (PI / n_freqs as f64) / (2.0 * PI);
    let mut psd = weighted(&|k, _| eigenvalues[k], 2.min(n_tapers));
    // from zero no weight would ever rise
    psd.iter_mut().zip(&fixed).filter(|(p, _)| **p == 0.0).for_each(|(p, all)| *p = *all);
    let mut previous = vec![0.0; powers.len()];
    for _ in 0..250 {
        let mut weights = vec![0.0; powers.len()];
        let mut largest_move = 0.0_f64;
        for f in 0..n_freqs {
            let mut moved = 0.0;
            for k in 0..n_tapers {
                let lambda = eigenvalues[k];
                // a bin without power has nothing to weight: 0 / 0 must not come out
                let d = if psd[f] > 0.0 {
                    lambda.sqrt() * psd[f] / (lambda * psd[f] + (1.0 - lambda) * variance)
                } else {
                    0.0
                };
                moved += (d - previous[k * n_freqs + f]).powi(2);
                weights[k * n_freqs + f] = d;
            }
            largest_move = largest_move.max(moved / n_tapers as f64);
        }
        if largest_move < 1e-10 {
            break;
        }
        psd = weighted(&|k, f| weights[k * n_freqs + f].powi(2), n_tapers);
        previous = weights;
    }
    psd
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signal(n: usize) -> Array1<f64> {
        Array1::from_iter((0..n).map(|t| (0.31 * t as f64).sin() + ((t * 7919) % 101) as f64 / 101.0))
    }

    #[test]
    fn power_scales_with_the_square_and_ignores_the_mean() {
        let params = MultitaperParams { bandwidth_hz: Some(4.0), low_bias: true, adaptive: false };
        let multitaper = Multitaper::new(400, 200.0, params).unwrap();
        let (mut a, mut b) = (Array1::zeros(201), Array1::zeros(201));
        multitaper.psd_into(signal(400).view(), a.view_mut()).unwrap();
        multitaper.psd_into(signal(400).mapv(|x| 2.0 * x + 5.0).view(), b.view_mut()).unwrap();
        for (x, y) in a.iter().zip(&b).skip(1) {
            assert!((y / x - 4.0).abs() < 1e-9);
        }
    }

    #[test]
    fn coefficients_give_the_same_psd() {
        let params = MultitaperParams { bandwidth_hz: None, low_bias: true, adaptive: false };
        let multitaper = Multitaper::new(301, 100.0, params).unwrap();
        let lambda = multitaper.tapers().eigenvalues.clone();
        let mut coefs = ndarray::Array2::default((lambda.len(), 151));
        let mut psd = Array1::zeros(151);
        multitaper.fourier_into(signal(301).view(), coefs.view_mut()).unwrap();
        multitaper.psd_into(signal(301).view(), psd.view_mut()).unwrap();
        for f in 0..151 {
            let sum: f64 = (0..lambda.len()).map(|k| lambda[k] * coefs[[k, f]].norm_sqr()).sum();
            assert!((2.0 * sum / lambda.sum() / 100.0 / psd[f] - 1.0).abs() < 1e-12);
        }
    }

    #[test]
    fn too_narrow_a_bandwidth_says_what_would_do() {
        let params = MultitaperParams { bandwidth_hz: Some(0.1), low_bias: true, adaptive: false };
        let error = Multitaper::new(500, 250.0, params).err().unwrap().to_string();
        assert!(error.contains("at least 0.5 Hz"), "{error}");
    }

    #[test]
    fn too_wide_a_bandwidth_says_what_would_do() {
        let params = MultitaperParams { bandwidth_hz: Some(250.0), low_bias: true, adaptive: false };
        let error = Multitaper::new(500, 250.0, params).err().unwrap().to_string();
        assert!(error.contains("below 250 Hz"), "{error}");
    }

    #[test]
    fn bins_that_start_without_power_are_weighted_too() {
        // [taper, bin]: the second bin is empty in the two tapers that the iteration starts from, the third in all
        let powers = [4.0, 0.0, 0.0, 3.0, 0.0, 0.0, 5.0, 2.0, 0.0];
        let psd = adaptive_psd(&powers, ndarray::array![0.999, 0.99, 0.95].view());
        assert!(psd[0] > 6.0 && psd[0] < 10.0 && psd[1] > 0.0 && psd[1] < 4.0 && psd[2] == 0.0, "{psd:?}");
    }
}

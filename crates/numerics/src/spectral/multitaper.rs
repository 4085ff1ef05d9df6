//! Thomson's multitaper method.

use super::adaptive::adaptive_psd;
use super::real_transform::RealTransform;
use super::{Tapers, Window, complex_fft, dpss, packed, rfft_freqs};
use crate::{Error, Result};
use ndarray::{Array1, ArrayView1, ArrayViewMut1, ArrayViewMut2};
use num_complex::Complex64;
use rustfft::Fft;
use std::f64::consts::FRAC_1_SQRT_2;
use std::ops::Range;
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
    weighted: Vec<Weighted>,
    pair_plan: Arc<dyn Fft<f64>>,
    single: RealTransform,
}

/// Memory that one transform after the other can use.
pub struct MultitaperScratch {
    /// The signal under one taper, and under two.
    tapered: Vec<f64>,
    packed: Vec<Complex64>,
    /// Their spectra.
    first: Vec<Complex64>,
    second: Vec<Complex64>,
    fft: Vec<Complex64>,
}

/// A taper × the root of what its power counts in the PSD, and what takes that off again.
struct Weighted {
    values: Vec<f64>,
    unweight: f64,
}

/// Weights `2 λ_k / (sfreq Σ λ)` into the tapers; none where they are adaptive.
fn weighted(tapers: &Tapers, adaptive: bool, sfreq: f64) -> Vec<Weighted> {
    let total = tapers.eigenvalues.sum();
    let rows = tapers.tapers.rows().into_iter().zip(&tapers.eigenvalues);
    rows.map(|(row, lambda)| {
        let weight = if adaptive { 1.0 } else { (lambda * 2.0 / (total * sfreq)).sqrt() };
        Weighted { values: row.iter().map(|v| v * weight).collect(), unweight: 1.0 / weight }
    })
    .collect()
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
        Ok(Self::planned(n_times, sfreq, adaptive, tapers))
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
        Ok(Self::planned(n_times, sfreq, false, tapers))
    }

    fn planned(n_times: usize, sfreq: f64, adaptive: bool, tapers: Tapers) -> Self {
        let (pair_plan, single) = (complex_fft(n_times), RealTransform::new(n_times));
        let weighted = weighted(&tapers, adaptive, sfreq);
        Self { n_times, sfreq, adaptive, tapers, weighted, pair_plan, single }
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
    pub fn psd_into(&self, x: ArrayView1<'_, f64>, psd: ArrayViewMut1<'_, f64>) -> Result<()> {
        self.psd_with(x, psd, &mut self.scratch())
    }

    /// The same, in memory that one signal after the other can use.
    ///
    /// # Errors
    /// As [`Self::psd_into`].
    pub fn psd_with(
        &self,
        x: ArrayView1<'_, f64>,
        mut psd: ArrayViewMut1<'_, f64>,
        scratch: &mut MultitaperScratch,
    ) -> Result<()> {
        let n_freqs = self.n_times / 2 + 1;
        if psd.len() != n_freqs {
            return Err(Error::Shape { what: "PSD bins", expected: n_freqs, got: psd.len() });
        }
        if self.adaptive {
            let mut powers = vec![0.0; self.tapers.eigenvalues.len() * n_freqs];
            self.each_spectrum(x, scratch, |k, spectrum| {
                for (out, z) in powers[k * n_freqs..].iter_mut().zip(spectrum) {
                    *out = z.norm_sqr();
                }
            })?;
            let estimate = adaptive_psd(&powers, self.tapers.eigenvalues.view());
            psd.iter_mut().zip(estimate).for_each(|(out, p)| *out = p / self.sfreq);
            return Ok(());
        }
        let none: Option<fn(usize, &[Complex64])> = None;
        if let Some(psd) = psd.as_slice_mut() {
            return self.transform(x, scratch, Some(psd), self.all_bins(), none);
        }
        let mut sum = vec![0.0; n_freqs];
        self.transform(x, scratch, Some(&mut sum), self.all_bins(), none)?;
        psd.iter_mut().zip(sum).for_each(|(out, p)| *out = p);
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
        self.each_spectrum(x, &mut self.scratch(), |k, spectrum| {
            coefs.row_mut(k).assign(&ArrayView1::from(spectrum));
        })
    }

    /// Hands the spectrum of each tapered copy of the mean-free signal (as [`Self::fourier_into`] has it) to
    /// `use_spectrum`.
    ///
    /// # Errors
    /// [`Error::Shape`] when `x` has another length than planned.
    pub fn each_spectrum(
        &self,
        x: ArrayView1<'_, f64>,
        scratch: &mut MultitaperScratch,
        use_spectrum: impl FnMut(usize, &[Complex64]),
    ) -> Result<()> {
        self.transform(x, scratch, None, self.all_bins(), Some(use_spectrum))
    }

    /// The same for some bins only, which takes less time where they are few.
    ///
    /// # Errors
    /// As [`Self::each_spectrum`]; [`Error::Invalid`] for bins that are not there.
    ///
    /// ```
    /// use dosewave_numerics::spectral::Multitaper;
    /// let x = ndarray::Array1::from_shape_fn(100, |t| ((t * t) % 17) as f64);
    /// let hann = Multitaper::hann(100, 100.0).unwrap();
    /// let (mut all, mut some) = (Vec::new(), Vec::new());
    /// hann.each_spectrum(x.view(), &mut hann.scratch(), |_, spectrum| all = spectrum.to_vec()).unwrap();
    /// hann.each_spectrum_at(x.view(), 8..13, &mut hann.scratch(), |_, spectrum| some = spectrum.to_vec()).unwrap();
    /// assert_eq!(some, all[8..13]);
    /// ```
    pub fn each_spectrum_at(
        &self,
        x: ArrayView1<'_, f64>,
        bins: Range<usize>,
        scratch: &mut MultitaperScratch,
        use_spectrum: impl FnMut(usize, &[Complex64]),
    ) -> Result<()> {
        let all = self.all_bins();
        if bins.start > bins.end || bins.end > all.end {
            let (value, allowed) = (format!("{bins:?}"), format!("within {all:?}"));
            return Err(Error::Invalid { parameter: "bins", value, allowed });
        }
        self.transform(x, scratch, None, bins, Some(use_spectrum))
    }

    fn all_bins(&self) -> Range<usize> {
        0..self.n_times / 2 + 1
    }

    /// The PSD of [`Self::psd_into`] and the spectra of [`Self::each_spectrum`] from the same transforms, to the same bits.
    ///
    /// # Errors
    /// [`Error::Shape`] when `x` or `psd` has another length than planned, [`Error::Invalid`] where weights are adaptive:
    /// they follow from all tapers together.
    pub fn psd_and_spectra(
        &self,
        x: ArrayView1<'_, f64>,
        psd: &mut [f64],
        scratch: &mut MultitaperScratch,
        use_spectrum: impl FnMut(usize, &[Complex64]),
    ) -> Result<()> {
        if self.adaptive {
            return Err(Error::Invalid {
                parameter: "adaptive",
                value: "true".into(),
                allowed: "false where spectra and PSD come from one pass".into(),
            });
        }
        if psd.len() != self.n_times / 2 + 1 {
            return Err(Error::Shape { what: "PSD bins", expected: self.n_times / 2 + 1, got: psd.len() });
        }
        self.transform(x, scratch, Some(psd), self.all_bins(), Some(use_spectrum))
    }

    /// Two tapers at a time, as real and imaginary part of one transform. Tapers carry the root of what they count in the
    /// PSD, which is taken off the spectra again. A PSD is that of all bins.
    fn transform(
        &self,
        x: ArrayView1<'_, f64>,
        scratch: &mut MultitaperScratch,
        mut psd: Option<&mut [f64]>,
        bins: Range<usize>,
        mut use_spectrum: Option<impl FnMut(usize, &[Complex64])>,
    ) -> Result<()> {
        if x.len() != self.n_times {
            return Err(self.wrong_length(x.len()));
        }
        let contiguous = x.as_standard_layout();
        let Some(samples) = contiguous.as_slice() else { return Err(self.wrong_length(x.len())) };
        let mean = packed::sum(samples) / self.n_times as f64;
        if let Some(psd) = &mut psd {
            psd.fill(0.0);
        }
        for (pair, tapers) in self.weighted.chunks(2).enumerate() {
            let [a, b] = match tapers {
                [a, b] => [a, b],
                [last] => {
                    let MultitaperScratch { tapered, packed, fft, first, .. } = &mut *scratch;
                    let first = &mut first[..bins.len()];
                    packed::taper(samples, mean, &last.values, tapered);
                    self.single.transform(tapered, bins.clone(), packed, fft, first)?;
                    if let Some(psd) = &mut psd {
                        packed::add_weighted_power(first, 1.0, psd);
                    }
                    if let Some(f) = &mut use_spectrum {
                        first.iter_mut().for_each(|z| *z *= last.unweight);
                        self.halve_ends(&bins, first);
                        f(2 * pair, first);
                    }
                    continue;
                }
                _ => continue,
            };
            let MultitaperScratch { packed: z, fft, first, second, .. } = &mut *scratch;
            let (first, second) = (&mut first[..bins.len()], &mut second[..bins.len()]);
            packed::taper_twice(samples, mean, &a.values, &b.values, z);
            self.pair_plan.process_with_scratch(z, fft);
            if let Some(psd) = &mut psd {
                packed::add_power(z, psd);
            }
            if let Some(f) = &mut use_spectrum {
                packed::separate(z, bins.clone(), [a.unweight, b.unweight], first, second);
                self.halve_ends(&bins, first);
                self.halve_ends(&bins, second);
                f(2 * pair, first);
                f(2 * pair + 1, second);
            }
        }
        if let Some(psd) = psd {
            self.half_power_at_ends(psd);
        }
        Ok(())
    }

    /// Memory for [`Self::psd_with`] and its kin.
    #[must_use]
    pub fn scratch(&self) -> MultitaperScratch {
        let bins = self.n_times / 2 + 1;
        MultitaperScratch {
            tapered: vec![0.0; self.n_times],
            packed: vec![Complex64::default(); self.n_times],
            first: vec![Complex64::default(); bins],
            second: vec![Complex64::default(); bins],
            fft: vec![
                Complex64::default();
                self.single.scratch_len().max(self.pair_plan.get_inplace_scratch_len())
            ],
        }
    }

    /// DC and Nyquist stand for one frequency each, all others for two.
    fn halve_ends(&self, bins: &Range<usize>, spectrum: &mut [Complex64]) {
        let nyquist = self.n_times.is_multiple_of(2).then_some(self.n_times / 2);
        for end in [Some(0), nyquist].into_iter().flatten().filter(|end| bins.contains(end)) {
            spectrum[end - bins.start] *= FRAC_1_SQRT_2;
        }
    }

    fn half_power_at_ends(&self, psd: &mut [f64]) {
        if let Some(p) = psd.first_mut() {
            *p *= 0.5;
        }
        if self.n_times.is_multiple_of(2)
            && let Some(p) = psd.last_mut()
        {
            *p *= 0.5;
        }
    }

    fn wrong_length(&self, got: usize) -> Error {
        Error::Shape { what: "samples", expected: self.n_times, got }
    }
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

//! Welch's method.

use super::{Window, complex_fft, packed, rfft_freqs};
use crate::stats::median_in_place;
use crate::{Error, Result};
use ndarray::{Array1, ArrayView1, ArrayViewMut1};
use num_complex::Complex64;
use rustfft::Fft;
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

/// What is taken from each segment before it is windowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Detrend {
    /// Nothing.
    None,
    /// Its mean.
    Constant,
    /// Its least-squares line.
    Linear,
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
    /// What is taken from each segment first.
    pub detrend: Detrend,
}

impl WelchParams {
    /// One segment that is the whole signal: the periodogram.
    ///
    /// ```
    /// use dosewave_numerics::spectral::{Detrend, Welch, WelchParams, Window};
    /// let params = WelchParams::periodogram(100, Window::Boxcar, Detrend::Constant);
    /// assert_eq!(Welch::new(params, 50.0).unwrap().freqs_hz().len(), 51);
    /// ```
    #[must_use]
    pub fn periodogram(n_times: usize, window: Window, detrend: Detrend) -> Self {
        Self { n_fft: n_times, n_per_seg: n_times, n_overlap: 0, window, average: Average::Mean, detrend }
    }
}

/// Welch's estimator for signals of one rate (Welch 1967, 10.1109/TAU.1967.1161901).
///
/// `P(f) = 2·mean_s |Σ_t w(t) x_s(t) e^{-2πift}|² / (sfreq·Σw²)`, one-sided (DC and Nyquist not doubled).
pub struct Welch {
    params: WelchParams,
    sfreq: f64,
    window: Vec<f64>,
    scale: f64,
    plan: Arc<dyn Fft<f64>>,
}

/// Memory that one signal after the other can use.
pub struct WelchScratch {
    /// Two segments, as real and imaginary part.
    packed: Vec<Complex64>,
    fft: Vec<Complex64>,
    first: Vec<Complex64>,
    second: Vec<Complex64>,
}

/// Powers of segments, summed or kept for the median.
struct Powers {
    /// `[freq]`, or `[freq, segment]` for the median.
    values: Vec<f64>,
    n_segments: usize,
    done: usize,
}

impl Welch {
    /// A plan for these settings.
    ///
    /// # Errors
    /// [`Error::Invalid`] when a segment is empty, longer than the FFT, or not longer than the overlap, or the rate is
    /// not positive.
    pub fn new(params: WelchParams, sfreq: f64) -> Result<Self> {
        Self::with_window(params, &params.window.periodic(params.n_per_seg).to_vec(), sfreq)
    }

    /// A plan with a window of one's own, `n_per_seg` values, in place of the one in `params`.
    ///
    /// # Errors
    /// As [`Self::new`]; [`Error::Shape`] for a window of another length, [`Error::Invalid`] for one without power.
    pub fn with_window(params: WelchParams, window: &[f64], sfreq: f64) -> Result<Self> {
        check(&params, sfreq)?;
        if window.len() != params.n_per_seg {
            return Err(Error::Shape { what: "window", expected: params.n_per_seg, got: window.len() });
        }
        let power: f64 = window.iter().map(|w| w * w).sum();
        if !(power.is_finite() && power > 0.0) {
            return Err(Error::Invalid {
                parameter: "window",
                value: format!("sum of squares {power}"),
                allowed: "finite values that are not all zero".into(),
            });
        }
        let scale = 1.0 / (sfreq * power);
        Ok(Self { params, sfreq, window: window.to_vec(), scale, plan: complex_fft(params.n_fft) })
    }

    /// Frequencies, Hz.
    #[must_use]
    pub fn freqs_hz(&self) -> Array1<f64> {
        rfft_freqs(self.params.n_fft, self.sfreq)
    }

    /// Number of segments in `n_times` samples.
    #[must_use]
    pub fn n_segments(&self, n_times: usize) -> usize {
        let WelchParams { n_per_seg, n_overlap, .. } = self.params;
        if n_times < n_per_seg { 0 } else { (n_times - n_overlap) / (n_per_seg - n_overlap) }
    }

    /// Samples of a signal of `n_times` that lie in some segment.
    #[must_use]
    pub fn n_samples_used(&self, n_times: usize) -> usize {
        let WelchParams { n_per_seg, n_overlap, .. } = self.params;
        match self.n_segments(n_times) {
            0 => 0,
            n => n_per_seg + (n - 1) * (n_per_seg - n_overlap),
        }
    }

    /// Samples of a segment.
    #[must_use]
    pub fn n_per_seg(&self) -> usize {
        self.params.n_per_seg
    }

    /// Memory for [`Self::psd_of_runs`].
    #[must_use]
    pub fn scratch(&self) -> WelchScratch {
        let bins = self.params.n_fft / 2 + 1;
        let median = if self.params.average == Average::Median { bins } else { 0 };
        WelchScratch {
            packed: vec![Complex64::default(); self.params.n_fft],
            fft: vec![Complex64::default(); self.plan.get_inplace_scratch_len()],
            first: vec![Complex64::default(); median],
            second: vec![Complex64::default(); median],
        }
    }

    /// One-sided PSD of `x`, in unit²/Hz, into `psd`.
    ///
    /// # Errors
    /// [`Error::TooShort`] when `x` is shorter than a segment, [`Error::Shape`] when `psd` has another length than
    /// [`Self::freqs_hz`].
    pub fn psd_into(&self, x: ArrayView1<'_, f64>, psd: ArrayViewMut1<'_, f64>) -> Result<()> {
        let n_freqs = self.params.n_fft / 2 + 1;
        if psd.len() != n_freqs {
            return Err(Error::Shape { what: "PSD bins", expected: n_freqs, got: psd.len() });
        }
        self.psd_of_runs(&[x], psd, &mut self.scratch()).map(|_| ())
    }

    /// One PSD of several stretches of a signal: their segments together, none across a gap. Stretches shorter than a
    /// segment give none. A shorter `psd` is given its first bins, for less work where medians are taken. Returns the number
    /// of segments.
    ///
    /// # Errors
    /// [`Error::TooShort`] when no stretch is as long as a segment, [`Error::Shape`] when `psd` is longer than
    /// [`Self::freqs_hz`].
    pub fn psd_of_runs(
        &self,
        runs: &[ArrayView1<'_, f64>],
        mut psd: ArrayViewMut1<'_, f64>,
        scratch: &mut WelchScratch,
    ) -> Result<usize> {
        let (n_freqs, n_segments) =
            (self.params.n_fft / 2 + 1, runs.iter().map(|run| self.n_segments(run.len())).sum::<usize>());
        if n_segments == 0 {
            let got = runs.iter().map(ArrayView1::len).max().unwrap_or(0);
            let need = self.params.n_per_seg;
            return Err(Error::TooShort { what: "samples for one Welch segment", got, need });
        }
        if psd.len() > n_freqs {
            return Err(Error::Shape { what: "PSD bins", expected: n_freqs, got: psd.len() });
        }
        let median = self.params.average == Average::Median;
        let size = if median { n_segments * psd.len() } else { n_freqs };
        let mut powers = Powers { values: vec![0.0; size], n_segments, done: 0 };
        for run in runs {
            let contiguous = run.as_standard_layout();
            if let Some(x) = contiguous.as_slice() {
                self.add_run(x, scratch, &mut powers);
            }
        }
        for (k, out) in psd.iter_mut().enumerate() {
            let scale = self.scale * self.one_sided(k);
            *out = scale
                * if median {
                    let column = &mut powers.values[k * n_segments..(k + 1) * n_segments];
                    median_in_place(column).unwrap_or(0.0) / median_bias(n_segments)
                } else {
                    powers.values[k] / n_segments as f64
                };
        }
        Ok(n_segments)
    }

    /// The segments of one stretch, two at a time.
    fn add_run(&self, x: &[f64], scratch: &mut WelchScratch, powers: &mut Powers) {
        let WelchParams { n_per_seg, n_overlap, average, .. } = self.params;
        let segments: Vec<&[f64]> = x.windows(n_per_seg).step_by(n_per_seg - n_overlap).collect();
        for pair in segments.chunks(2) {
            let (a, b) = (pair[0], pair.get(1).copied());
            self.load(a, b, &mut scratch.packed);
            self.plan.process_with_scratch(&mut scratch.packed, &mut scratch.fft);
            match average {
                Average::Mean => packed::add_power(&scratch.packed, &mut powers.values),
                Average::Median => {
                    let WelchScratch { packed, first, second, .. } = &mut *scratch;
                    packed::separate(packed, 0..first.len(), [1.0, 1.0], first, second);
                    powers.keep(&scratch.first);
                    if b.is_some() {
                        powers.keep(&scratch.second);
                    }
                }
            }
        }
    }

    /// Two windowed segments as real and imaginary part.
    fn load(&self, a: &[f64], b: Option<&[f64]>, packed: &mut [Complex64]) {
        let (mean_a, slope_a) = self.trend(a);
        let n = a.len();
        packed[n..].fill(Complex64::default());
        match b {
            Some(b) => {
                let (mean_b, slope_b) = self.trend(b);
                packed::window_two(
                    packed::Detrended { x: a, mean: mean_a, slope: slope_a },
                    packed::Detrended { x: b, mean: mean_b, slope: slope_b },
                    &self.window,
                    &mut packed[..n],
                );
            }
            None => {
                let middle = (n - 1) as f64 / 2.0;
                for (t, ((out, value), w)) in packed.iter_mut().zip(a).zip(&self.window).enumerate() {
                    let value = value - mean_a - slope_a * (t as f64 - middle);
                    *out = Complex64::new(value * w, 0.0);
                }
            }
        }
    }

    /// Mean and slope (per sample, through the middle) of what is taken from a segment.
    fn trend(&self, x: &[f64]) -> (f64, f64) {
        let n = x.len() as f64;
        let mean = || packed::sum(x) / n;
        match self.params.detrend {
            Detrend::None => (0.0, 0.0),
            Detrend::Constant => (mean(), 0.0),
            Detrend::Linear => {
                let middle = (n - 1.0) / 2.0;
                let covariance: f64 = x.iter().enumerate().map(|(t, v)| (t as f64 - middle) * v).sum();
                let spread = n * (n * n - 1.0) / 12.0;
                (mean(), if spread > 0.0 { covariance / spread } else { 0.0 })
            }
        }
    }

    /// Two for frequencies whose negative twin is folded in, one for DC and Nyquist.
    fn one_sided(&self, k: usize) -> f64 {
        if k == 0 || 2 * k == self.params.n_fft { 1.0 } else { 2.0 }
    }
}

impl Powers {
    /// Powers of one segment beside those of the others.
    fn keep(&mut self, spectrum: &[Complex64]) {
        for (column, z) in self.values.chunks_exact_mut(self.n_segments).zip(spectrum) {
            column[self.done] = z.norm_sqr();
        }
        self.done += 1;
    }
}

fn check(params: &WelchParams, sfreq: f64) -> Result<()> {
    let invalid = |parameter, value: usize, allowed: String| {
        Err(Error::Invalid { parameter, value: value.to_string(), allowed })
    };
    if params.n_per_seg == 0 || params.n_per_seg > params.n_fft {
        return invalid("n_per_seg", params.n_per_seg, format!("1 to n_fft ({})", params.n_fft));
    }
    if params.n_overlap >= params.n_per_seg {
        return invalid("n_overlap", params.n_overlap, format!("below n_per_seg ({})", params.n_per_seg));
    }
    if !(sfreq.is_finite() && sfreq > 0.0) {
        return Err(Error::Invalid {
            parameter: "sfreq",
            value: sfreq.to_string(),
            allowed: "a positive rate".into(),
        });
    }
    Ok(())
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
        detrend: Detrend::Constant,
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

//! Spectra.
use crate::Result;
use ndarray::{Array1, Array2, ArrayView1, ArrayViewMut1, ArrayViewMut2};
use num_complex::Complex64;
use serde::{Deserialize, Serialize};

/// Frequencies left out of band means: `centre ± half_width` and its harmonics. `None` leaves out nothing.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct MainsMask { pub line_hz: Option<f64>, pub half_width_hz: f64 }
impl MainsMask {
    pub fn excludes(&self, freq_hz: f64) -> bool { todo!() }
}
/// Windows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Window { Boxcar, Hann, Hamming, Blackman }
impl Window {
    /// DFT-even, as scipy's `get_window(..., fftbins=True)`.
    pub fn periodic(self, n: usize) -> Array1<f64> { todo!() }
    /// Symmetric, as `np.hanning`.
    pub fn symmetric(self, n: usize) -> Array1<f64> { todo!() }
}
/// How segments are averaged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Average { Mean, Median }
/// Tapers with their eigenvalues.
#[derive(Clone, Debug, PartialEq)]
pub struct Tapers { /// `[taper, time]`, unit energy.
    pub tapers: Array2<f64>, /// Concentration of each.
    pub eigenvalues: Array1<f64> }
/// Slepian tapers as MNE's `dpss_windows(n, half_nbw, k_max, sym=False, low_bias)`.
pub fn dpss(n: usize, half_nbw: f64, k_max: usize, low_bias: bool) -> Result<Tapers> { todo!() }
/// rfft frequencies.
pub fn rfft_freqs(n_fft: usize, sfreq: f64) -> Array1<f64> { todo!() }
/// Welch settings, scipy's and MNE's words.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct WelchParams { pub n_fft: usize, pub n_per_seg: usize, pub n_overlap: usize, pub window: Window, pub average: Average, pub detrend: bool }
/// Reusable Welch estimator for signals of one rate: plan, window and scratch-free.
pub struct Welch;
impl Welch {
    pub fn new(params: WelchParams, sfreq: f64) -> Result<Self> { todo!() }
    pub fn freqs_hz(&self) -> Array1<f64> { todo!() }
    /// One-sided PSD, unit²/Hz, into `psd`.
    pub fn psd_into(&self, x: ArrayView1<'_, f64>, psd: ArrayViewMut1<'_, f64>) -> Result<()> { todo!() }
}
/// Multitaper settings, MNE's words; always per Hz (`normalization="full"`).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MultitaperParams { pub bandwidth_hz: Option<f64>, pub low_bias: bool, pub adaptive: bool }
/// Reusable multitaper estimator for signals of one length.
pub struct Multitaper;
impl Multitaper {
    pub fn new(n_times: usize, sfreq: f64, params: MultitaperParams) -> Result<Self> { todo!() }
    pub fn freqs_hz(&self) -> Array1<f64> { todo!() }
    pub fn tapers(&self) -> &Tapers { todo!() }
    /// One-sided PSD, unit²/Hz, into `psd`. The mean of `x` is removed first, as MNE does.
    pub fn psd_into(&self, x: ArrayView1<'_, f64>, psd: ArrayViewMut1<'_, f64>) -> Result<()> { todo!() }
    /// Tapered coefficients `[taper, freq]` of the mean-free signal, MNE's `_mt_spectra` scaling (DC and Nyquist ÷ √2).
    pub fn fourier_into(&self, x: ArrayView1<'_, f64>, coefs: ArrayViewMut2<'_, Complex64>) -> Result<()> { todo!() }
}
/// Mean of a PSD over the bins of `[low, high)` that the mask keeps (trapezoid integral over kept stretches ÷ their width; one bin: its value).
pub fn band_mean(freqs_hz: ArrayView1<'_, f64>, psd: ArrayView1<'_, f64>, low_hz: f64, high_hz: f64, mains: &MainsMask) -> Result<f64> { todo!() }
/// Bins of `[low, high)` that the mask keeps.
pub fn band_bins(freqs_hz: ArrayView1<'_, f64>, low_hz: f64, high_hz: f64, mains: &MainsMask) -> Result<Vec<usize>> { todo!() }

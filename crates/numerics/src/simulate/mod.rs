//! Signals whose answer is known.
use crate::{Result, stats::Stream};
use ndarray::{Array1, Array2};
/// Gaussian noise whose PSD is exactly (in expectation) `psd_at_1hz · f^-exponent` µV²/Hz above `f_min`, by inverse FFT.
pub fn one_over_f(n_times: usize, sfreq: f64, exponent: f64, psd_at_1hz: f64, stream: &mut Stream) -> Result<Array1<f64>> { todo!() }
/// Narrow-band Gaussian rhythm: noise shaped by a Gaussian of `sd_hz` around `freq_hz`, total power `power_uv2` (variance).
pub fn rhythm(n_times: usize, sfreq: f64, freq_hz: f64, sd_hz: f64, power_uv2: f64, stream: &mut Stream) -> Result<Array1<f64>> { todo!() }
/// Gaussian noise with a flat PSD of `psd` in [low, high) and zero outside (brick wall in the DFT): band-limited source, muscle (20 Hz up).
pub fn flat_band(n_times: usize, sfreq: f64, low_hz: f64, high_hz: f64, psd: f64, stream: &mut Stream) -> Result<Array1<f64>> { todo!() }
/// `x` delayed by `lag_s` (circular, exact in the DFT).
pub fn delayed(x: ndarray::ArrayView1<'_, f64>, sfreq: f64, lag_s: f64) -> Result<Array1<f64>> { todo!() }

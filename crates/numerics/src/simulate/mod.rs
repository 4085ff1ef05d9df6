//! Signals whose answer is known: Gaussian noise of any spectrum, rhythms, lags.

mod expected;
mod saccadic_spike;

pub use expected::expected_multitaper;
pub use saccadic_spike::saccadic_spike_waveform;

use crate::spectral::{inverse_real_fft, real_fft, rfft_freqs};
use crate::stats::Stream;
use crate::{Error, Result};
use ndarray::{Array1, ArrayView1};
use num_complex::Complex64;
use std::f64::consts::PI;

/// Gaussian noise whose one-sided PSD is, in expectation, `psd(f)` at every bin above 0 Hz; its mean is zero.
///
/// Each Fourier coefficient is complex Gaussian with `E|X|² = psd·sfreq·n/2` (Timmer & König 1995).
///
/// # Errors
/// [`Error::TooShort`] below two samples, [`Error::Value`] for a density that is negative or not finite.
///
/// ```
/// use dosewave_numerics::{simulate::shaped_noise, stats::Stream};
/// let x = shaped_noise(10_000, 100.0, |_| 0.02, &mut Stream::new(1, 0)).unwrap();
/// // white noise of 0.02 per Hz up to 50 Hz has a variance of 1
/// assert!((x.mapv(|v| v * v).mean().unwrap() - 1.0).abs() < 0.1);
/// ```
pub fn shaped_noise(
    n_times: usize,
    sfreq: f64,
    psd: impl Fn(f64) -> f64,
    stream: &mut Stream,
) -> Result<Array1<f64>> {
    if n_times < 2 {
        return Err(Error::TooShort { what: "samples to simulate", got: n_times, need: 2 });
    }
    let n = n_times as f64;
    let mut spectrum = vec![Complex64::default(); n_times / 2 + 1];
    for (k, f) in rfft_freqs(n_times, sfreq).iter().enumerate().skip(1) {
        let density = psd(*f);
        if !(density.is_finite() && density >= 0.0) {
            return Err(Error::Value {
                what: "psd",
                index: k,
                value: density,
                allowed: "must be finite and not negative",
            });
        }
        let (a, b) = (stream.normal(), stream.normal());
        spectrum[k] = if 2 * k == n_times {
            Complex64::new(a * (density * sfreq * n).sqrt(), 0.0)
        } else {
            Complex64::new(a, b) * (density * sfreq * n / 4.0).sqrt()
        };
    }
    inverse(&mut spectrum, n_times)
}

/// 1/f noise: one-sided PSD `psd_at_1hz · f^-exponent`, flat below 0.5 Hz.
///
/// # Errors
/// As [`shaped_noise`].
pub fn one_over_f(
    n_times: usize,
    sfreq: f64,
    exponent: f64,
    psd_at_1hz: f64,
    stream: &mut Stream,
) -> Result<Array1<f64>> {
    shaped_noise(n_times, sfreq, |f| psd_at_1hz * f.max(0.5).powf(-exponent), stream)
}

/// A rhythm: Gaussian noise with a Gaussian spectral peak of width `sd_hz` at `freq_hz` and variance `power_uv2`.
///
/// # Errors
/// As [`shaped_noise`]; [`Error::Invalid`] when the width is not positive.
pub fn rhythm(
    n_times: usize,
    sfreq: f64,
    freq_hz: f64,
    sd_hz: f64,
    power_uv2: f64,
    stream: &mut Stream,
) -> Result<Array1<f64>> {
    if sd_hz <= 0.0 || sd_hz.is_nan() {
        return Err(Error::Invalid {
            parameter: "sd_hz",
            value: sd_hz.to_string(),
            allowed: "a positive width".into(),
        });
    }
    let peak = power_uv2 / (sd_hz * (2.0 * PI).sqrt());
    shaped_noise(n_times, sfreq, |f| peak * (-0.5 * ((f - freq_hz) / sd_hz).powi(2)).exp(), stream)
}

/// Gaussian noise with a flat one-sided PSD of `psd` in `[low, high)` and nothing outside: a band-limited source, or
/// muscle (20 Hz and up).
///
/// # Errors
/// As [`shaped_noise`].
pub fn flat_band(
    n_times: usize,
    sfreq: f64,
    low_hz: f64,
    high_hz: f64,
    psd: f64,
    stream: &mut Stream,
) -> Result<Array1<f64>> {
    shaped_noise(n_times, sfreq, |f| if f >= low_hz && f < high_hz { psd } else { 0.0 }, stream)
}

/// `x` delayed by `lag_s` seconds on a circle, exact for any fraction of a sample.
///
/// # Errors
/// [`Error::TooShort`] below two samples.
///
/// ```
/// let x = ndarray::array![1.0, 0.0, 0.0, 0.0];
/// let y = dosewave_numerics::simulate::delayed(x.view(), 100.0, 0.01).unwrap();
/// assert!((y[1] - 1.0).abs() < 1e-12 && y[0].abs() < 1e-12);
/// ```
pub fn delayed(x: ArrayView1<'_, f64>, sfreq: f64, lag_s: f64) -> Result<Array1<f64>> {
    let n = x.len();
    if n < 2 {
        return Err(Error::TooShort { what: "samples to delay", got: n, need: 2 });
    }
    let plan = real_fft(n);
    let mut spectrum = plan.make_output_vec();
    plan.process(&mut x.to_vec(), &mut spectrum).map_err(|_| Error::Shape {
        what: "FFT buffer",
        expected: n,
        got: n,
    })?;
    for (z, f) in spectrum.iter_mut().zip(&rfft_freqs(n, sfreq)) {
        *z *= Complex64::from_polar(1.0, -2.0 * PI * f * lag_s);
    }
    inverse(&mut spectrum, n)
}

fn inverse(spectrum: &mut [Complex64], n: usize) -> Result<Array1<f64>> {
    if let Some(z) = spectrum.first_mut() {
        z.im = 0.0;
    }
    if n.is_multiple_of(2)
        && let Some(z) = spectrum.last_mut()
    {
        z.im = 0.0;
    }
    let mut x = vec![0.0; n];
    inverse_real_fft(n).process(spectrum, &mut x).map_err(|_| Error::Shape {
        what: "FFT buffer",
        expected: n,
        got: n,
    })?;
    Ok(Array1::from(x) / n as f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aperiodic::fit_fixed;
    use crate::spectral::{MainsMask, Multitaper, MultitaperParams, band_mean};

    fn mean_psd(epochs: impl Iterator<Item = Array1<f64>>, sfreq: f64) -> (Array1<f64>, Array1<f64>) {
        let epochs: Vec<_> = epochs.collect();
        let params = MultitaperParams { bandwidth_hz: Some(2.0), low_bias: true, adaptive: false };
        let multitaper = Multitaper::new(epochs[0].len(), sfreq, params).unwrap();
        let freqs = multitaper.freqs_hz();
        let mut sum = Array1::zeros(freqs.len());
        let mut psd = sum.clone();
        for epoch in &epochs {
            multitaper.psd_into(epoch.view(), psd.view_mut()).unwrap();
            sum += &psd;
        }
        (freqs, sum / epochs.len() as f64)
    }

    #[test]
    fn planted_exponent_and_level_come_back() {
        let mut stream = Stream::new(21, 0);
        let (freqs, psd) =
            mean_psd((0..100).map(|_| one_over_f(1000, 250.0, 1.5, 20.0, &mut stream).unwrap()), 250.0);
        let fit = fit_fixed(freqs.slice(ndarray::s![12..180]), psd.slice(ndarray::s![12..180])).unwrap();
        assert!((fit.exponent - 1.5).abs() < 0.02 && (fit.offset - 20.0_f64.log10()).abs() < 0.03, "{fit:?}");
    }

    #[test]
    fn bands_and_rhythms_have_their_power() {
        let mut stream = Stream::new(22, 0);
        let (freqs, psd) =
            mean_psd((0..60).map(|_| flat_band(500, 250.0, 30.0, 60.0, 0.4, &mut stream).unwrap()), 250.0);
        let level = band_mean(freqs.view(), psd.view(), 34.0, 56.0, &MainsMask::NONE).unwrap();
        assert!((level - 0.4).abs() < 0.015, "{level}");
        let variance: f64 = (0..60)
            .map(|_| {
                rhythm(500, 250.0, 10.0, 1.0, 9.0, &mut stream).unwrap().mapv(|v| v * v).mean().unwrap()
                    / 60.0
            })
            .sum();
        assert!((variance - 9.0).abs() < 1.2, "{variance}");
    }

    #[test]
    fn a_sine_is_delayed_by_a_fraction_of_a_sample() {
        let wave = |shift: f64| {
            Array1::from_iter((0..200).map(|t| (2.0 * PI * 10.0 * (f64::from(t) / 200.0 - shift)).sin()))
        };
        let y = delayed(wave(0.0).view(), 200.0, 0.0123).unwrap();
        assert!((y - wave(0.0123)).mapv(f64::abs).sum() < 1e-9);
    }
}

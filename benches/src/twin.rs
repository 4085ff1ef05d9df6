//! The definitions, written out: slow, obvious, for a value or two.

use dosewave::eeg::Fourier;
use num_complex::Complex64;
use std::f64::consts::{PI, TAU};

/// Sample `t` of a zero-phase FIR, far from the edges: `Σ_k h_k·x(t + n/2 − k)`.
#[must_use]
pub fn fir_at(x: &[f64], h: &[f64], t: usize) -> f64 {
    let half = h.len() / 2;
    h.iter().enumerate().map(|(k, h)| h * x[t + half - k]).sum()
}

/// `Σ_t w(t)·(x(t) − mean)·e^{−2πi f t}` with `f` in cycles per sample.
fn fourier_at(x: &[f64], window: impl Fn(usize) -> f64, f: f64) -> Complex64 {
    let mean = x.iter().sum::<f64>() / x.len() as f64;
    x.iter()
        .enumerate()
        .map(|(t, v)| window(t) * (v - mean) * Complex64::from_polar(1.0, -TAU * f * t as f64))
        .sum()
}

/// Welch's PSD at one frequency: Hann segments of `n_per_seg` samples, half overlapping, each mean-free.
#[must_use]
pub fn welch_at(x: &[f64], n_per_seg: usize, sfreq: f64, freq_hz: f64) -> f64 {
    let hann = |t: usize| (PI * t as f64 / n_per_seg as f64).sin().powi(2);
    let energy: f64 = (0..n_per_seg).map(|t| hann(t).powi(2)).sum();
    let segments: Vec<&[f64]> = x.windows(n_per_seg).step_by(n_per_seg / 2).collect();
    let sum: f64 = segments.iter().map(|s| fourier_at(s, hann, freq_hz / sfreq).norm_sqr()).sum();
    2.0 * sum / (segments.len() as f64 * sfreq * energy)
}

/// Multitaper PSD of one epoch at one frequency: `2·Σ_k λ_k |X_k|² / (sfreq·Σ λ_k)`.
#[must_use]
pub fn multitaper_at(
    x: &[f64],
    tapers: &dosewave::numerics::spectral::Tapers,
    sfreq: f64,
    freq_hz: f64,
) -> f64 {
    let weighted = tapers.tapers.outer_iter().zip(&tapers.eigenvalues);
    let sum: f64 =
        weighted.map(|(taper, l)| l * fourier_at(x, |t| taper[t], freq_hz / sfreq).norm_sqr()).sum();
    2.0 * sum / (sfreq * tapers.eigenvalues.sum())
}

/// Coherence of two channels at one bin, from the coefficients: `|E S| / √(E Sxx · E Syy)`.
#[must_use]
pub fn coherence_at(fourier: &Fourier, (a, b): (usize, usize), bin: usize) -> f64 {
    let (mut cross, mut auto_a, mut auto_b) = (Complex64::default(), 0.0, 0.0);
    for epoch in fourier.coefs().outer_iter() {
        for (taper, w) in fourier.weights().iter().enumerate() {
            let (x, y) = (w * epoch[[a, taper, bin]], w * epoch[[b, taper, bin]]);
            cross += x * y.conj();
            auto_a += x.norm_sqr();
            auto_b += y.norm_sqr();
        }
    }
    cross.norm() / (auto_a * auto_b).sqrt()
}

//! Fewer samples for what lies low in the spectrum.

use super::ZeroPhaseFir;
use crate::Result;
use crate::spectral::bessel_i0;
use ndarray::{Array1, ArrayView1};
use std::f64::consts::PI;

/// What the low-pass leaves of frequencies that fold, and how far from 1 its gain lies below them, dB.
const ATTENUATION_DB: f64 = 120.0;
/// Least width of the low-pass's transition, as a share of the highest frequency that is kept.
const LEAST_TRANSITION: f64 = 0.15;

/// Every `factor`-th sample behind a low-pass whose gain is 1 to 1e-6 up to some frequency and 1e-6 wherever what lies
/// there would fold onto it.
pub(crate) struct Thinning {
    factor: usize,
    low_pass: ZeroPhaseFir,
}

impl Thinning {
    /// The strongest that keeps 0 to `top_hz` and whose factor divides `n`; `None` where only 1 does.
    pub(crate) fn new(n: usize, sfreq: f64, top_hz: f64) -> Result<Option<Self>> {
        let most = (sfreq / ((2.0 + LEAST_TRANSITION) * top_hz)) as usize;
        match (2..=most.min(n)).rev().find(|factor| n.is_multiple_of(*factor)) {
            None => Ok(None),
            Some(factor) => {
                let taps = low_pass(sfreq / factor as f64 / 2.0, sfreq / factor as f64 - 2.0 * top_hz, sfreq);
                Ok(Some(Self { factor, low_pass: ZeroPhaseFir::new(taps.view())? }))
            }
        }
    }

    pub(crate) fn factor(&self) -> usize {
        self.factor
    }

    /// Samples 0, factor, 2·factor …
    pub(crate) fn apply(&self, x: ArrayView1<'_, f64>) -> Result<Array1<f64>> {
        let mut y = Array1::zeros(x.len());
        self.low_pass.filter_into(x, y.view_mut())?;
        Ok(y.iter().copied().step_by(self.factor).collect())
    }
}

/// Kaiser-windowed sinc (Kaiser & Schafer 1980, 10.1109/TASSP.1980.1163349): odd length, gain 1 at 0 Hz.
fn low_pass(cutoff_hz: f64, width_hz: f64, sfreq: f64) -> Array1<f64> {
    let beta = 0.1102 * (ATTENUATION_DB - 8.7);
    let half = ((ATTENUATION_DB - 7.95) / (2.285 * 2.0 * PI * width_hz / sfreq) / 2.0).ceil();
    let n = half as usize;
    let tap = |k: usize| {
        let t = k as f64 - half;
        let angle = 2.0 * PI * cutoff_hz / sfreq * t;
        let sinc = if k == n { 1.0 } else { angle.sin() / angle };
        sinc * bessel_i0(beta * (1.0 - (t / half).powi(2)).max(0.0).sqrt())
    };
    let mut h = Array1::from_iter((0..=2 * n).map(tap));
    h /= h.sum();
    h
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_stays_and_what_would_fold_goes() {
        let thinning = Thinning::new(2000, 500.0, 57.0).unwrap().unwrap();
        assert_eq!(thinning.factor(), 4);
        let tone = |hz: f64, t: usize| (2.0 * PI * hz * t as f64 / 500.0).sin();
        for hz in [0.5, 30.0, 57.0] {
            let y = thinning.apply(Array1::from_shape_fn(8000, |t| tone(hz, t)).view()).unwrap();
            assert_eq!(y.len(), 2000);
            assert!((200..1800).all(|t| (y[t] - tone(hz, 4 * t)).abs() < 3e-6), "{hz}");
        }
        for hz in [68.1, 110.0, 182.0, 249.0] {
            let y = thinning.apply(Array1::from_shape_fn(8000, |t| tone(hz, t)).view()).unwrap();
            assert!((200..1800).all(|t| y[t].abs() < 3e-6), "{hz}");
        }
    }

    #[test]
    fn the_factor_divides_the_window_and_leaves_room_for_the_transition() {
        let factor = |n, sfreq, top| Thinning::new(n, sfreq, top).unwrap().map(|t| t.factor());
        assert_eq!(factor(1001, 500.0, 57.0), None); // 7 × 11 × 13
        assert_eq!(factor(2001, 500.0, 57.0), Some(3));
        assert_eq!(factor(1000, 250.0, 57.0), Some(2));
        assert_eq!(factor(400, 100.0, 47.5), None);
    }
}

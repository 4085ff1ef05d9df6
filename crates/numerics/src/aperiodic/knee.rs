//! A power law with a knee through a whole spectrum, plain and with peaks weighted down.

use super::fit::{describe, log_log};
use super::power_law::{Bins, PowerLaw};
use crate::stats::median_in_place;
use crate::{Error, Result};
use ndarray::ArrayView1;

/// A power law with a knee, and how well it fits.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct KneeFit {
    /// The curve.
    pub law: PowerLaw,
    /// Share of the variance of log10 P that it explains, over all bins.
    pub r_squared: f64,
    /// Mean absolute error in log10 units, over all bins.
    pub mae: f64,
}

/// Relative change of the sum of squares at which a fit ends.
const TOLERANCE: f64 = 1e-10;
/// Rounds of reweighting.
const ROUNDS: usize = 60;
/// A curve that no parameter moves by more than this has settled, log10 units at any bin.
const SETTLED: f64 = 1e-7;

/// Least squares of `log10 P = offset − log10(knee + f^exponent)` over all given bins: specparam's knee mode without peaks,
/// carried to the minimum.
///
/// # Errors
/// As [`fit_fixed`](super::fit_fixed); [`Error::NotConverged`] where the search does not settle.
///
/// ```
/// use dosewave_numerics::aperiodic::fit_knee;
/// let freqs = ndarray::Array1::linspace(1.0, 80.0, 159);
/// let psd = freqs.mapv(|f: f64| 1e4 / (100.0 + f * f));
/// let fit = fit_knee(freqs.view(), psd.view()).unwrap();
/// assert!((fit.law.exponent - 2.0).abs() < 1e-6 && (fit.law.knee_hz().unwrap() - 10.0).abs() < 1e-5);
/// ```
pub fn fit_knee(freqs_hz: ArrayView1<'_, f64>, psd: ArrayView1<'_, f64>) -> Result<KneeFit> {
    let (x, y) = log_log(freqs_hz, psd)?;
    let ln_f = natural(&x);
    let weights = vec![1.0; y.len()];
    let law = from_best_start(&Bins { ln_f: &ln_f, y: &y, weights: &weights })?;
    Ok(described(&x, &y, law))
}

/// The same curve with spectral peaks weighted down, as [`fit_fixed_robust`](super::fit_fixed_robust) does it: a bin above the
/// curve by `r` has the bisquare weight `(1 − (r / 4.685 s)²)²`, one below it the weight one, and `s` is the median absolute
/// residual / 0.6745. It does not depend on the order in which peaks are found.
///
/// A broad peak near the knee bends a spectrum as a knee does; no method tells them apart by one spectrum alone.
///
/// # Errors
/// As [`fit_knee`].
///
/// ```
/// use dosewave_numerics::aperiodic::fit_knee_robust;
/// let freqs = ndarray::Array1::linspace(1.0, 80.0, 159);
/// let peak = |f: f64| 10_f64.powf(0.5 * (-(f - 10.0).powi(2) / 2.0).exp());
/// let psd = freqs.mapv(|f: f64| 1e4 / (100.0 + f * f) * peak(f));
/// let fit = fit_knee_robust(freqs.view(), psd.view()).unwrap();
/// assert!((fit.law.exponent - 2.0).abs() < 0.01 && (fit.law.knee_hz().unwrap() - 10.0).abs() < 0.2);
/// ```
pub fn fit_knee_robust(freqs_hz: ArrayView1<'_, f64>, psd: ArrayView1<'_, f64>) -> Result<KneeFit> {
    let (x, y) = log_log(freqs_hz, psd)?;
    let ln_f = natural(&x);
    let mut weights = vec![1.0; y.len()];
    let mut law = from_best_start(&Bins { ln_f: &ln_f, y: &y, weights: &weights })?;
    let mut residuals: Vec<f64> = residuals(&x, &y, &law);
    let mut scale = 1e-3;
    for round in 0..ROUNDS {
        // later the scale stays, so that the curve can settle
        if round < ROUNDS / 2 {
            let mut sizes: Vec<f64> = residuals.iter().map(|r| r.abs()).collect();
            scale = (median_in_place(&mut sizes).unwrap_or(0.0) / 0.6745).max(1e-3);
        }
        for (weight, residual) in weights.iter_mut().zip(&residuals) {
            let r = (residual / (4.685 * scale)).clamp(0.0, 1.0);
            *weight = (1.0 - r * r).powi(2);
        }
        law = Bins { ln_f: &ln_f, y: &y, weights: &weights }.knee(law, TOLERANCE)?;
        let next = self::residuals(&x, &y, &law);
        let moved = next.iter().zip(&residuals).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
        residuals = next;
        if moved < SETTLED {
            return Ok(described(&x, &y, law));
        }
    }
    // a few bins that come and go move the curve by less than anyone could measure
    Ok(described(&x, &y, law))
}

/// From a straight line (knee 0) and from knees within the range; the lowest sum of squares wins.
fn from_best_start(bins: &Bins<'_>) -> Result<PowerLaw> {
    let line = bins.line();
    let last = bins.ln_f.len() - 1;
    let middle = (0.5 * (bins.ln_f[0] + bins.ln_f[last])).exp();
    let mut best: Option<(f64, PowerLaw)> = None;
    for exponent in [line.exponent, 2.0_f64.max(1.5 * line.exponent)] {
        for knee_hz in [None, Some(middle / 2.0), Some(middle)] {
            let knee = knee_hz.map_or(0.0, |hz: f64| hz.powf(exponent));
            let level = bins.y[0] + (knee + (exponent * bins.ln_f[0]).exp()).log10();
            let start = PowerLaw { offset: level, knee: Some(knee), exponent };
            let Ok(found) = bins.knee(start, TOLERANCE) else { continue };
            let cost = bins.cost(&found);
            if best.is_none_or(|(lowest, _)| cost < lowest) {
                best = Some((cost, found));
            }
        }
    }
    best.map(|(_, law)| law).ok_or(Error::NotConverged { what: "aperiodic fit with a knee", iterations: 6 })
}

fn natural(log10_f: &[f64]) -> Vec<f64> {
    log10_f.iter().map(|x| x * std::f64::consts::LN_10).collect()
}

fn residuals(x: &[f64], y: &[f64], law: &PowerLaw) -> Vec<f64> {
    x.iter().zip(y).map(|(x, y)| y - law.log10_power(10_f64.powf(*x))).collect()
}

fn described(x: &[f64], y: &[f64], law: PowerLaw) -> KneeFit {
    let (r_squared, mae) = describe(y, &residuals(x, y, &law));
    KneeFit { law, r_squared, mae }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::Stream;
    use ndarray::Array1;

    #[test]
    fn knees_are_recovered_with_peaks_and_noise() {
        let freqs = Array1::linspace(1.0, 80.0, 159);
        let mut stream = Stream::new(4, 0);
        let mut worst = [0.0_f64; 2];
        for knee_hz in [6.0, 12.0, 25.0] {
            for exponent in [1.5, 2.0, 3.0] {
                let law = PowerLaw { offset: 3.0, knee: Some(f64::powf(knee_hz, exponent)), exponent };
                let psd = freqs.mapv(|f: f64| {
                    let peaks =
                        0.5 * (-0.5 * (f - 10.0).powi(2)).exp() + 0.3 * (-0.125 * (f - 21.0).powi(2)).exp();
                    10_f64.powf(law.log10_power(f) + peaks + 0.02 * stream.normal())
                });
                let found = fit_knee_robust(freqs.view(), psd.view()).unwrap();
                worst[0] = worst[0].max((found.law.exponent / exponent - 1.0).abs());
                worst[1] = worst[1].max((found.law.knee_hz().unwrap() / knee_hz - 1.0).abs());
            }
        }
        assert!(worst[0] < 0.08 && worst[1] < 0.12, "{worst:?}");
    }

    #[test]
    fn a_straight_spectrum_has_no_knee_to_speak_of() {
        let freqs = Array1::linspace(1.0, 45.0, 89);
        let psd = freqs.mapv(|f: f64| 100.0 * f.powf(-1.4));
        let found = fit_knee(freqs.view(), psd.view()).unwrap();
        assert!((found.law.exponent - 1.4).abs() < 1e-4 && found.law.knee.unwrap().abs() < 1e-3, "{found:?}");
    }

    #[test]
    fn scaling_moves_the_offset_alone() {
        let freqs = Array1::linspace(1.0, 80.0, 159);
        let psd = freqs.mapv(|f: f64| 1e3 / (40.0 + f.powf(1.8)) * (1.0 + 0.2 * (3.0 * f).sin()));
        for fit in [fit_knee, fit_knee_robust] {
            let (a, b) =
                (fit(freqs.view(), psd.view()).unwrap(), fit(freqs.view(), (&psd * 100.0).view()).unwrap());
            assert!((b.law.offset - a.law.offset - 2.0).abs() < 1e-4, "{a:?} {b:?}");
            assert!((b.law.exponent - a.law.exponent).abs() < 1e-4);
        }
    }
}

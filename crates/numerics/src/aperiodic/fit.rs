//! A straight line through a spectrum in log–log space.

use crate::stats::median_in_place;
use crate::{Error, Result};
use ndarray::ArrayView1;

/// `log10 P = offset − exponent · log10 f` (Donoghue et al. 2020, 10.1038/s41593-020-00744-x, fixed mode).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AperiodicFit {
    /// log10 of the power at 1 Hz.
    pub offset: f64,
    /// Positive for a falling spectrum; the slope is its negative.
    pub exponent: f64,
    /// Share of the variance of log10 P that the line explains, over all bins.
    pub r_squared: f64,
    /// Mean absolute error in log10 units, over all bins.
    pub mae: f64,
}

/// Fewest bins that a line is fitted to.
const MIN_BINS: usize = 5;

/// Least squares over all given bins: specparam's fixed mode without peaks.
///
/// # Errors
/// [`Error::TooShort`] below five bins, [`Error::Value`] for a frequency or power that is not positive and finite.
///
/// ```
/// use dosewave_numerics::aperiodic::fit_fixed;
/// let freqs = ndarray::Array1::linspace(1.0, 45.0, 89);
/// let psd = freqs.mapv(|f: f64| 10.0 * f.powf(-1.5));
/// let fit = fit_fixed(freqs.view(), psd.view()).unwrap();
/// assert!((fit.exponent - 1.5).abs() < 1e-12 && (fit.offset - 1.0).abs() < 1e-12);
/// ```
pub fn fit_fixed(freqs_hz: ArrayView1<'_, f64>, psd: ArrayView1<'_, f64>) -> Result<AperiodicFit> {
    let (x, y) = log_log(freqs_hz, psd)?;
    let line = weighted_line(&x, &y, &vec![1.0; x.len()])?;
    Ok(described(&x, &y, line))
}

/// The same line with spectral peaks weighted down: iteratively reweighted least squares, in which a bin above the
/// line by `r` has the bisquare weight `(1 − (r / 4.685 s)²)²` and a bin below it the weight one; `s` is the median
/// absolute residual / 0.6745 (Huber & Ronchetti 2009, 10.1002/9780470434697).
///
/// # Errors
/// As [`fit_fixed`]; [`Error::NotConverged`] after 1000 rounds.
///
/// ```
/// use dosewave_numerics::aperiodic::fit_fixed_robust;
/// let freqs = ndarray::Array1::linspace(1.0, 45.0, 89);
/// let peak = |f: f64| 10.0_f64.powf(0.3 * (-(f - 10.0).powi(2) / 2.0).exp());
/// let psd = freqs.mapv(|f: f64| 10.0 * f.powf(-1.5) * peak(f));
/// assert!((fit_fixed_robust(freqs.view(), psd.view()).unwrap().exponent - 1.5).abs() < 0.005);
/// ```
pub fn fit_fixed_robust(freqs_hz: ArrayView1<'_, f64>, psd: ArrayView1<'_, f64>) -> Result<AperiodicFit> {
    const ROUNDS: usize = 1000;
    // later the scale stays: a median that jumps between two residuals would keep the line from settling
    const SCALE_ROUNDS: usize = 50;
    let (x, y) = log_log(freqs_hz, psd)?;
    let mut line = weighted_line(&x, &y, &vec![1.0; x.len()])?;
    let mut deviations = vec![0.0; x.len()];
    let mut weights = vec![1.0; x.len()];
    let mut scale = 1e-3;
    for round in 0..ROUNDS {
        let residual = |i: usize| y[i] - (line.0 + line.1 * x[i]);
        if round < SCALE_ROUNDS {
            for (i, d) in deviations.iter_mut().enumerate() {
                *d = residual(i).abs();
            }
            // a perfect line has no scale; below a thousandth of a log10 unit nothing is a peak
            scale = (median_in_place(&mut deviations).unwrap_or(0.0) / 0.6745).max(1e-3);
        }
        for (i, w) in weights.iter_mut().enumerate() {
            let r = residual(i) / (4.685 * scale);
            *w = if r <= 0.0 {
                1.0
            } else if r < 1.0 {
                (1.0 - r * r).powi(2)
            } else {
                0.0
            };
        }
        let next = weighted_line(&x, &y, &weights)?;
        let moved = (next.0 - line.0).abs().max((next.1 - line.1).abs());
        line = next;
        // the few spectra that creep towards their line need not creep for ever
        if moved < if round < 200 { 1e-9 } else { 1e-6 } {
            return Ok(described(&x, &y, line));
        }
    }
    Err(Error::NotConverged { what: "robust aperiodic fit", iterations: ROUNDS })
}

pub(super) fn log_log(
    freqs_hz: ArrayView1<'_, f64>,
    psd: ArrayView1<'_, f64>,
) -> Result<(Vec<f64>, Vec<f64>)> {
    if freqs_hz.len() != psd.len() {
        return Err(Error::Shape { what: "PSD bins", expected: freqs_hz.len(), got: psd.len() });
    }
    if psd.len() < MIN_BINS {
        return Err(Error::TooShort {
            what: "frequency bins for an aperiodic fit",
            got: psd.len(),
            need: MIN_BINS,
        });
    }
    let positive = |what, values: ArrayView1<'_, f64>| {
        values
            .iter()
            .enumerate()
            .map(|(index, v)| {
                let ok = v.is_finite() && *v > 0.0;
                ok.then(|| v.log10()).ok_or(Error::Value {
                    what,
                    index,
                    value: *v,
                    allowed: "must be positive and finite",
                })
            })
            .collect::<Result<Vec<f64>>>()
    };
    Ok((positive("freqs_hz", freqs_hz)?, positive("psd", psd)?))
}

/// Intercept and slope of the weighted least-squares line.
fn weighted_line(x: &[f64], y: &[f64], weights: &[f64]) -> Result<(f64, f64)> {
    let total: f64 = weights.iter().sum();
    let mean = |v: &[f64]| v.iter().zip(weights).map(|(v, w)| v * w).sum::<f64>() / total;
    let (mean_x, mean_y) = (mean(x), mean(y));
    let (mut sxx, mut sxy) = (0.0, 0.0);
    for ((x, y), w) in x.iter().zip(y).zip(weights) {
        sxx += w * (x - mean_x) * (x - mean_x);
        sxy += w * (x - mean_x) * (y - mean_y);
    }
    if sxx > 0.0 {
        Ok((mean_y - sxy / sxx * mean_x, sxy / sxx))
    } else {
        Err(Error::Invalid {
            parameter: "freqs_hz",
            value: "all the same".into(),
            allowed: "at least two different frequencies".into(),
        })
    }
}

fn described(x: &[f64], y: &[f64], (intercept, slope): (f64, f64)) -> AperiodicFit {
    let residuals: Vec<f64> = x.iter().zip(y).map(|(x, y)| y - (intercept + slope * x)).collect();
    let (r_squared, mae) = describe(y, &residuals);
    AperiodicFit { offset: intercept, exponent: -slope, r_squared, mae }
}

/// R² and mean absolute error of a fit.
pub(super) fn describe(y: &[f64], residuals: &[f64]) -> (f64, f64) {
    let n = y.len() as f64;
    let mean_y = y.iter().sum::<f64>() / n;
    let unexplained: f64 = residuals.iter().map(|r| r * r).sum();
    let total: f64 = y.iter().map(|v| (v - mean_y).powi(2)).sum();
    let r_squared = if total > 0.0 { 1.0 - unexplained / total } else { 1.0 };
    (r_squared, residuals.iter().map(|r| r.abs()).sum::<f64>() / n)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::Array1;

    #[test]
    fn flat_muscle_flattens_the_exponent_as_computed_by_hand() {
        // brain f^-1.5 plus flat muscle of 10 % and 50 % of the brain's PSD at 40 Hz, fitted over 20–90 Hz
        let freqs = Array1::from_iter((0..=140).map(|k| 20.0 + 0.5 * f64::from(k)));
        for (share, expected) in [(0.1, 1.323), (0.5, 0.922)] {
            let psd = freqs.mapv(|f: f64| f.powf(-1.5) + share * 40.0_f64.powf(-1.5));
            let fit = fit_fixed(freqs.view(), psd.view()).unwrap();
            assert!((fit.exponent - expected).abs() < 0.003, "{share}: {}", fit.exponent);
        }
    }

    #[test]
    fn scaling_moves_the_offset_only() {
        let freqs = Array1::linspace(1.0, 45.0, 89);
        let psd = freqs.mapv(|f: f64| 3.0 * f.powf(-1.1) * (1.0 + 0.1 * (f * 3.0).sin()));
        for fit in [fit_fixed, fit_fixed_robust] {
            let a = fit(freqs.view(), psd.view()).unwrap();
            let b = fit(freqs.view(), psd.mapv(|p| p * 100.0).view()).unwrap();
            assert!((b.exponent - a.exponent).abs() < 1e-9 && (b.offset - a.offset - 2.0).abs() < 1e-9);
        }
    }

    #[test]
    fn zero_power_is_named() {
        let freqs = Array1::linspace(1.0, 45.0, 89);
        let mut psd = freqs.mapv(|f: f64| 1.0 / f);
        psd[7] = 0.0;
        let error = fit_fixed(freqs.view(), psd.view()).unwrap_err().to_string();
        assert!(error.contains("psd[7] = 0"), "{error}");
    }

    #[test]
    fn blurred_noisy_spectra_with_a_peak_always_settle() {
        // a scale that follows every round leaves one in fifty of these without a line
        let freqs = Array1::linspace(1.0, 44.5, 88);
        let density = |f: f64| 1.0 / f.abs().max(1.0) + 3.0 * (-0.5 * (f - 10.0).powi(2)).exp();
        let mut stream = crate::stats::Stream::new(5, 0);
        for _ in 0..3000 {
            let psd = freqs.mapv(|f| {
                let blurred = (-4..=4).map(|d| density(f + 0.5 * f64::from(d))).sum::<f64>() / 9.0;
                blurred * 10_f64.powf(0.02 * stream.normal())
            });
            let line = fit_fixed_robust(freqs.view(), psd.view()).unwrap();
            assert!((line.exponent - 1.0).abs() < 0.2, "{}", line.exponent);
        }
    }
}

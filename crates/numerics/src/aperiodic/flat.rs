//! A power law on a flat floor: brain and muscle.

use crate::{Error, Result};
use ndarray::ArrayView1;

/// Exponents that are tried.
const EXPONENTS: (f64, f64) = (0.2, 5.0);
/// Steps of the coarse search, and of the bisection after it.
const COARSE: usize = 24;
const FINE: usize = 45;
/// Frequency at which the power law is anchored, Hz: any does, this one keeps numbers near one.
const ANCHOR_HZ: f64 = 40.0;
const MIN_BINS: usize = 8;

/// `P(f) = power_law_at_40hz · (f / 40 Hz)^−exponent + flat`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FlatFit {
    /// The power law's density at 40 Hz.
    pub power_law_at_40hz: f64,
    /// Its exponent, positive for a falling spectrum.
    pub exponent: f64,
    /// The flat density on which it stands.
    pub flat: f64,
}

impl FlatFit {
    /// The density at a frequency.
    #[must_use]
    pub fn density(&self, freq_hz: f64) -> f64 {
        self.power_law_at_40hz * (freq_hz / ANCHOR_HZ).powf(-self.exponent) + self.flat
    }
}

/// The power law plus a flat part, neither negative, with the least squares of relative errors `(model − P) / P`.
///
/// For a given exponent the two densities are linear; the exponent is searched between 0.2 and 5. Where muscle is taken as
/// spectrally flat and the brain as a power law, `flat` is muscle (with the amplifier's noise).
///
/// # Errors
/// [`Error::TooShort`] below eight bins, [`Error::Shape`] for unequal lengths, [`Error::Value`] for a frequency or power that
/// is not positive and finite, [`Error::NotConverged`] where the best exponent lies at the end of the range: such a
/// spectrum cannot be told apart into the two.
///
/// ```
/// use dosewave_numerics::aperiodic::fit_power_law_plus_flat;
/// let freqs = ndarray::Array1::linspace(20.0, 140.0, 241);
/// let psd = freqs.mapv(|f: f64| (f / 40.0).powf(-1.5) + 0.1);
/// let fit = fit_power_law_plus_flat(freqs.view(), psd.view()).unwrap();
/// assert!((fit.flat - 0.1).abs() < 1e-6 && (fit.exponent - 1.5).abs() < 1e-5);
/// ```
pub fn fit_power_law_plus_flat(freqs_hz: ArrayView1<'_, f64>, psd: ArrayView1<'_, f64>) -> Result<FlatFit> {
    check(freqs_hz, psd)?;
    let log_f: Vec<f64> = freqs_hz.iter().map(|f| (f / ANCHOR_HZ).ln()).collect();
    let at = |exponent: f64| densities(&log_f, psd, exponent);
    let width = (EXPONENTS.1 - EXPONENTS.0) / COARSE as f64;
    let exponents = (0..=COARSE).map(|k| EXPONENTS.0 + k as f64 * width);
    let best = exponents.map(|x| (at(x).2, x)).reduce(|a, b| if b.0 < a.0 { b } else { a });
    let middle = best.map_or(EXPONENTS.0, |(_, x)| x);
    let (mut low, mut high) = ((middle - width).max(EXPONENTS.0), (middle + width).min(EXPONENTS.1));
    for _ in 0..FINE {
        let half = f64::midpoint(low, high);
        if falls(&log_f, psd, half, at(half)) {
            low = half;
        } else {
            high = half;
        }
    }
    let exponent = f64::midpoint(low, high);
    let (power_law_at_40hz, flat, _) = at(exponent);
    let inside = exponent > EXPONENTS.0 + 1e-3 && exponent < EXPONENTS.1 - 1e-3;
    if inside && power_law_at_40hz > 0.0 {
        Ok(FlatFit { power_law_at_40hz, exponent, flat })
    } else {
        Err(Error::NotConverged { what: "power law on a flat floor", iterations: COARSE + FINE })
    }
}

/// Whether the least sum of squares falls with the exponent: the sign of its derivative, at the best densities.
fn falls(log_f: &[f64], psd: ArrayView1<'_, f64>, exponent: f64, (law, flat, _): (f64, f64, f64)) -> bool {
    let slope: f64 = log_f
        .iter()
        .zip(psd)
        .map(|(log_f, p)| {
            let part = law * (-exponent * log_f).exp() / p;
            (part + flat / p - 1.0) * part * log_f
        })
        .sum();
    slope > 0.0
}

/// Power law and flat part for an exponent, and the sum of squared relative errors.
fn densities(log_f: &[f64], psd: ArrayView1<'_, f64>, exponent: f64) -> (f64, f64, f64) {
    // regress 1 on u = f^-χ / P and v = 1 / P
    let (mut uu, mut uv, mut vv, mut u1, mut v1) = (0.0, 0.0, 0.0, 0.0, 0.0);
    for (log_f, p) in log_f.iter().zip(psd) {
        let v = 1.0 / p;
        let u = (-exponent * log_f).exp() * v;
        uu += u * u;
        uv += u * v;
        vv += v * v;
        u1 += u;
        v1 += v;
    }
    let n = log_f.len() as f64;
    let determinant = uu * vv - uv * uv;
    let (mut law, mut flat) = if determinant > 1e-12 * uu * vv {
        ((u1 * vv - v1 * uv) / determinant, (v1 * uu - u1 * uv) / determinant)
    } else {
        (u1 / uu, 0.0)
    };
    if flat < 0.0 {
        (law, flat) = (u1 / uu, 0.0);
    } else if law < 0.0 {
        (law, flat) = (0.0, v1 / vv);
    }
    let error = n - 2.0 * (law * u1 + flat * v1) + law * law * uu + 2.0 * law * flat * uv + flat * flat * vv;
    (law, flat, error)
}

fn check(freqs_hz: ArrayView1<'_, f64>, psd: ArrayView1<'_, f64>) -> Result<()> {
    if freqs_hz.len() != psd.len() {
        return Err(Error::Shape { what: "PSD bins", expected: freqs_hz.len(), got: psd.len() });
    }
    if psd.len() < MIN_BINS {
        return Err(Error::TooShort {
            what: "frequency bins for a power law on a floor",
            got: psd.len(),
            need: MIN_BINS,
        });
    }
    for (what, values) in [("freqs_hz", freqs_hz), ("psd", psd)] {
        if let Some((index, &value)) = values.iter().enumerate().find(|(_, v)| !(v.is_finite() && **v > 0.0))
        {
            return Err(Error::Value { what, index, value, allowed: "must be positive and finite" });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::Stream;
    use ndarray::Array1;

    fn freqs() -> Array1<f64> {
        Array1::linspace(20.0, 140.0, 241)
    }

    #[test]
    fn exact_mixtures_are_taken_apart() {
        for (exponent, flat) in [(1.0, 0.0), (1.5, 0.1), (2.5, 0.5), (1.2, 3.0)] {
            let psd = freqs().mapv(|f| 7.0 * ((f / 40.0).powf(-exponent) + flat));
            let fit = fit_power_law_plus_flat(freqs().view(), psd.view()).unwrap();
            assert!((fit.exponent - exponent).abs() < 1e-3, "{fit:?}");
            assert!((fit.flat / 7.0 - flat).abs() < 1e-4 && (fit.power_law_at_40hz / 7.0 - 1.0).abs() < 1e-3);
            assert!((fit.density(60.0) - psd[80]).abs() < 1e-4 * psd[80]);
        }
    }

    #[test]
    fn noise_of_an_average_over_epochs_moves_the_share_little() {
        let mut stream = Stream::new(4, 0);
        let mut shares = Vec::new();
        for _ in 0..200 {
            let psd = freqs().mapv(|f| ((f / 40.0).powf(-1.5) + 0.2) * (1.0 + 0.03 * stream.normal()));
            let fit = fit_power_law_plus_flat(freqs().view(), psd.view()).unwrap();
            shares.push(fit.flat / fit.density(40.0));
        }
        let (mean, sd) = (crate::stats::mean(&shares).unwrap(), crate::stats::sd(&shares).unwrap());
        assert!((mean - 0.2 / 1.2).abs() < 0.01 && sd < 0.03, "{mean} {sd}");
    }

    #[test]
    fn spectra_that_are_no_such_mixture_are_refused() {
        let rising = freqs().mapv(|f| f / 40.0);
        assert!(matches!(
            fit_power_law_plus_flat(freqs().view(), rising.view()),
            Err(Error::NotConverged { .. })
        ));
        let flat = Array1::ones(241);
        assert!(fit_power_law_plus_flat(freqs().view(), flat.view()).is_err());
        let mut zero = freqs().mapv(|f| 1.0 / f);
        zero[3] = 0.0;
        let error = fit_power_law_plus_flat(freqs().view(), zero.view()).unwrap_err().to_string();
        assert!(error.contains("psd[3] = 0"), "{error}");
        assert!(fit_power_law_plus_flat(freqs().view(), Array1::ones(4).view()).is_err());
    }
}

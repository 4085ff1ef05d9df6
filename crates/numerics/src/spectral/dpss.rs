//! Discrete prolate spheroidal (Slepian) tapers.
//!
//! Slepian 1978, 10.1002/j.1538-7305.1978.tb02104.x: the tapers are eigenvectors of a tridiagonal matrix whose
//! eigenvalues are well apart, so bisection finds the eigenvalues and inverse iteration the vectors.

use super::{inverse_real_fft, real_fft};
use crate::{Error, Result};
use ndarray::{Array1, Array2};
use std::f64::consts::PI;

/// Tapers with the share of their energy that lies inside the bandwidth.
#[derive(Clone, Debug, PartialEq)]
pub struct Tapers {
    /// `[taper, time]`.
    pub tapers: Array2<f64>,
    /// Concentration of each taper, in (0, 1].
    pub eigenvalues: Array1<f64>,
}

/// The first `k_max` Slepian tapers of `n` samples with time–half-bandwidth product `half_nbw`.
///
/// They are the periodic ones (of `n + 1` samples, the last cut), as MNE uses them; even tapers have a positive sum,
/// odd ones start positive. With `low_bias` only tapers with an eigenvalue above 0.9 are kept (at least the best).
///
/// # Errors
/// [`Error::Invalid`] when `half_nbw` is not in (0, n/2) or `k_max` not in 1..=n.
///
/// ```
/// let tapers = dosewave_numerics::spectral::dpss(500, 4.0, 8, true).unwrap();
/// assert_eq!(tapers.eigenvalues.len(), 7);
/// assert!((tapers.eigenvalues[0] - 1.0).abs() < 1e-8);
/// ```
pub fn dpss(n: usize, half_nbw: f64, k_max: usize, low_bias: bool) -> Result<Tapers> {
    if !(half_nbw > 0.0 && half_nbw < n as f64 / 2.0) {
        return Err(Error::Invalid {
            parameter: "half_nbw",
            value: half_nbw.to_string(),
            allowed: format!("above 0 and below half the number of samples ({})", n as f64 / 2.0),
        });
    }
    if k_max == 0 || k_max > n {
        return Err(Error::Invalid {
            parameter: "k_max",
            value: k_max.to_string(),
            allowed: format!("1 to {n}"),
        });
    }
    let m = n + 1;
    let half_bandwidth = half_nbw / m as f64;
    let (diagonal, off_diagonal) = slepian_matrix(m, half_bandwidth);
    let mut kept: Vec<(Vec<f64>, f64)> = Vec::with_capacity(k_max);
    for k in 0..k_max {
        let eigenvalue = kth_largest_eigenvalue(&diagonal, &off_diagonal, k);
        let mut taper = eigenvector(&diagonal, &off_diagonal, eigenvalue);
        fix_sign(&mut taper, k);
        let concentration = concentration(&taper, half_bandwidth)?;
        if low_bias && concentration <= 0.9 && k > 0 {
            break;
        }
        kept.push((taper, concentration));
    }
    let tapers = Array2::from_shape_fn((kept.len(), n), |(k, t)| kept[k].0[t]);
    Ok(Tapers { tapers, eigenvalues: kept.iter().map(|(_, value)| *value).collect() })
}

fn slepian_matrix(m: usize, half_bandwidth: f64) -> (Vec<f64>, Vec<f64>) {
    let cosine = (2.0 * PI * half_bandwidth).cos();
    let diagonal = (0..m).map(|t| (((m - 1) as f64 - 2.0 * t as f64) / 2.0).powi(2) * cosine).collect();
    let off_diagonal = (1..m).map(|t| t as f64 * (m - t) as f64 / 2.0).collect();
    (diagonal, off_diagonal)
}

/// How many eigenvalues lie above `x` (Sturm sequence).
fn count_above(diagonal: &[f64], off_diagonal: &[f64], x: f64) -> usize {
    let mut above = 0;
    let mut pivot = 1.0;
    for (t, d) in diagonal.iter().enumerate() {
        let coupling = if t == 0 { 0.0 } else { off_diagonal[t - 1].powi(2) };
        pivot = d - x - coupling / pivot;
        if pivot == 0.0 {
            pivot = f64::EPSILON * (d.abs() + x.abs() + 1.0);
        }
        above += usize::from(pivot > 0.0);
    }
    above
}

fn kth_largest_eigenvalue(diagonal: &[f64], off_diagonal: &[f64], k: usize) -> f64 {
    // Gershgorin bounds
    let radius = |t: usize| {
        let left = if t == 0 { 0.0 } else { off_diagonal[t - 1] };
        left + off_diagonal.get(t).copied().unwrap_or(0.0)
    };
    let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
    for (t, d) in diagonal.iter().enumerate() {
        low = low.min(d - radius(t));
        high = high.max(d + radius(t));
    }
    for _ in 0..200 {
        let middle = 0.5 * (low + high);
        if middle <= low || middle >= high {
            break;
        }
        if count_above(diagonal, off_diagonal, middle) > k { low = middle } else { high = middle }
    }
    0.5 * (low + high)
}

/// Inverse iteration: solve (T − λ) v = v a few times.
fn eigenvector(diagonal: &[f64], off_diagonal: &[f64], eigenvalue: f64) -> Vec<f64> {
    let m = diagonal.len();
    // a start that is orthogonal to no taper, neither even nor odd
    let mut v: Vec<f64> =
        (0..m).map(|t| 1.0 + 0.5 * (t as f64 / m as f64) + 0.1 * (t as f64).sin()).collect();
    for _ in 0..4 {
        solve_shifted(diagonal, off_diagonal, eigenvalue, &mut v);
        let norm = v.iter().map(|x| x * x).sum::<f64>().sqrt();
        v.iter_mut().for_each(|x| *x /= norm);
    }
    v
}

/// Solves (T − λ) x = b in place by Gaussian elimination with row exchanges.
fn solve_shifted(diagonal: &[f64], off_diagonal: &[f64], eigenvalue: f64, b: &mut [f64]) {
    let m = diagonal.len();
    let tiny = f64::EPSILON * diagonal.iter().fold(1.0_f64, |a, d| a.max(d.abs()));
    let mut d: Vec<f64> = diagonal.iter().map(|x| x - eigenvalue).collect();
    let mut upper: Vec<f64> = off_diagonal.to_vec();
    let mut upper2 = vec![0.0; m.saturating_sub(2)];
    for t in 0..m - 1 {
        let below = off_diagonal[t];
        if d[t].abs() >= below.abs() {
            let pivot = if d[t] == 0.0 { tiny } else { d[t] };
            let factor = below / pivot;
            d[t + 1] -= factor * upper[t];
            b[t + 1] -= factor * b[t];
        } else {
            let factor = d[t] / below;
            d[t] = below;
            let next = d[t + 1];
            d[t + 1] = upper[t] - factor * next;
            upper[t] = next;
            if t + 1 < m - 1 {
                upper2[t] = upper[t + 1];
                upper[t + 1] *= -factor;
            }
            b.swap(t, t + 1);
            b[t + 1] -= factor * b[t];
        }
    }
    for t in (0..m).rev() {
        let mut value = b[t];
        if t + 1 < m {
            value -= upper[t] * b[t + 1];
        }
        if t + 2 < m {
            value -= upper2[t] * b[t + 2];
        }
        b[t] = value / if d[t] == 0.0 { tiny } else { d[t] };
    }
}

/// Even tapers get a positive sum, odd ones a positive first lobe.
fn fix_sign(taper: &mut [f64], k: usize) {
    let negative = if k.is_multiple_of(2) {
        taper.iter().sum::<f64>() < 0.0
    } else {
        let threshold = 1e-7_f64.max(1.0 / taper.len() as f64);
        taper.iter().find(|x| **x * **x > threshold).is_some_and(|x| *x < 0.0)
    };
    if negative {
        taper.iter_mut().for_each(|x| *x = -*x);
    }
}

/// Share of energy inside the half-bandwidth: Σ r(τ)·sin(2πWτ)/(πτ) with the autocorrelation r.
fn concentration(taper: &[f64], half_bandwidth: f64) -> Result<f64> {
    let m = taper.len();
    let n_fft = (2 * m).next_power_of_two();
    let forward = real_fft(n_fft);
    let mut padded = vec![0.0; n_fft];
    padded[..m].copy_from_slice(taper);
    let mut spectrum = forward.make_output_vec();
    let failed = |_| Error::NotConverged { what: "autocorrelation of a taper", iterations: 0 };
    forward.process(&mut padded, &mut spectrum).map_err(failed)?;
    spectrum.iter_mut().for_each(|z| *z = z.norm_sqr().into());
    inverse_real_fft(n_fft).process(&mut spectrum, &mut padded).map_err(failed)?;
    let weight = |lag: usize| {
        if lag == 0 {
            2.0 * half_bandwidth
        } else {
            2.0 * (2.0 * PI * half_bandwidth * lag as f64).sin() / (PI * lag as f64)
        }
    };
    Ok((0..m).map(|lag| padded[lag] / n_fft as f64 * weight(lag)).sum())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tapers_of_the_full_length_are_orthonormal() {
        let n = 300;
        let (diagonal, off_diagonal) = slepian_matrix(n, 3.0 / n as f64);
        let tapers: Vec<Vec<f64>> = (0..5)
            .map(|k| {
                eigenvector(&diagonal, &off_diagonal, kth_largest_eigenvalue(&diagonal, &off_diagonal, k))
            })
            .collect();
        for i in 0..5 {
            for j in 0..5 {
                let product: f64 = tapers[i].iter().zip(&tapers[j]).map(|(a, b)| a * b).sum();
                assert!((product - f64::from(u8::from(i == j))).abs() < 1e-11, "{i} {j}: {product}");
            }
        }
    }

    #[test]
    fn concentrations_fall_and_the_first_is_nearly_one() {
        let tapers = dpss(1000, 4.0, 8, false).unwrap();
        let values = tapers.eigenvalues.to_vec();
        assert!(values[0] > 1.0 - 1e-9 && values[0] <= 1.0 + 1e-12);
        assert!(values.windows(2).all(|w| w[1] < w[0]));
        assert!(values[7] < 0.9 && values[6] > 0.9);
    }

    #[test]
    fn impossible_products_are_refused() {
        assert!(dpss(10, 5.0, 2, true).is_err());
        assert!(dpss(10, 0.0, 2, true).is_err());
        assert!(dpss(10, 2.0, 0, true).is_err());
    }
}

//! Bootstrap and permutation.

use super::Stream;
use crate::{Error, Result};

/// How often each of `n` units is drawn in a bootstrap sample of size `n`.
///
/// ```
/// use dosewave_numerics::stats::{Stream, bootstrap_counts};
/// assert_eq!(bootstrap_counts(10, &mut Stream::new(1, 0)).iter().sum::<u32>(), 10);
/// ```
#[must_use]
pub fn bootstrap_counts(n: usize, stream: &mut Stream) -> Vec<u32> {
    let mut counts = vec![0; n];
    for _ in 0..n {
        counts[stream.below(n)] += 1;
    }
    counts
}

/// Two-sided p-value of an observed statistic among its permutations: `(1 + #{|null| ≥ |observed|}) / (1 + n)`
/// (Phipson & Smyth 2010, 10.2202/1544-6115.1585). Values that differ by rounding only count as equal; NaN among the
/// permutations counts against the effect.
#[must_use]
pub fn permutation_p(observed: f64, null: &[f64]) -> f64 {
    let threshold = observed.abs() * (1.0 - 1e-12);
    let as_large = null.iter().filter(|v| v.is_nan() || v.abs() >= threshold).count();
    (1 + as_large) as f64 / (1 + null.len()) as f64
}

/// Largest number of sign patterns that is enumerated.
const EXACT_LIMIT: u32 = 14;

/// Two-sided permutation test that the values are symmetric about zero, by flipping signs: exact for up to 14 values,
/// otherwise `n_permutations` seeded draws. The smallest exact p is `2/2ⁿ`.
///
/// # Errors
/// [`Error::TooShort`] below two values.
///
/// ```
/// use dosewave_numerics::stats::sign_flip_test;
/// let p = sign_flip_test(&[1.0; 12], 1000, 1).unwrap();
/// assert_eq!(p, 2.0 / 4096.0);
/// ```
pub fn sign_flip_test(values: &[f64], n_permutations: usize, seed: u64) -> Result<f64> {
    let n = values.len();
    if n < 2 {
        return Err(Error::TooShort { what: "values for a sign-flip test", got: n, need: 2 });
    }
    let observed: f64 = values.iter().sum();
    let scale: f64 = values.iter().map(|v| v.abs()).sum();
    let reaches = |sum: f64| sum.abs() >= observed.abs() - 1e-12 * scale;
    if n as u32 <= EXACT_LIMIT {
        let patterns = 1_u32 << n;
        let signed = |pattern: u32| -> f64 {
            values.iter().enumerate().map(|(i, v)| if pattern >> i & 1 == 1 { -v } else { *v }).sum()
        };
        let count = (0..patterns).filter(|pattern| reaches(signed(*pattern))).count();
        return Ok(count as f64 / f64::from(patterns));
    }
    let mut stream = Stream::new(seed, 0);
    let count = (0..n_permutations)
        .filter(|_| reaches(values.iter().map(|v| if stream.below(2) == 1 { -v } else { *v }).sum()))
        .count();
    Ok((1 + count) as f64 / (1 + n_permutations) as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sign_flip_p_is_uniform_under_the_null() {
        let mut stream = Stream::new(11, 0);
        let mut p: Vec<f64> = (0..1000)
            .map(|_| {
                let values: Vec<f64> = (0..10).map(|_| stream.normal()).collect();
                sign_flip_test(&values, 0, 1).unwrap()
            })
            .collect();
        p.sort_unstable_by(f64::total_cmp);
        let ks = p.iter().enumerate().map(|(i, p)| (p - (i + 1) as f64 / 1000.0).abs()).fold(0.0, f64::max);
        assert!(ks < 1.63 / 1000.0_f64.sqrt() + 2.0 / 1024.0, "KS distance {ks}");
    }

    #[test]
    fn drawn_and_exact_tests_agree() {
        let values = [0.9, -0.2, 1.4, 0.3, -0.5, 0.8, 1.1, 0.1, -0.3, 0.6];
        let exact = sign_flip_test(&values, 0, 1).unwrap();
        // the same values and zeros, which no flip changes, beyond the exact limit
        let longer: Vec<f64> = values.iter().copied().chain([0.0; 10]).collect();
        let drawn = sign_flip_test(&longer, 20_000, 1).unwrap();
        assert!((exact - drawn).abs() < 0.01, "{exact} against {drawn}");
    }

    #[test]
    fn permutation_p_counts_the_observed() {
        assert_eq!(permutation_p(2.0, &[0.0, 1.0, -3.0]), 0.5);
        assert_eq!(permutation_p(2.0, &[f64::NAN]), 1.0);
    }
}

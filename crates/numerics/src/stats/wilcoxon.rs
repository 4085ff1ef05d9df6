//! Wilcoxon's signed-rank test.

use crate::error::check_finite;
use crate::{Error, Result};

/// Sums of ranks and the two-sided p of Wilcoxon's signed-rank test.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SignedRank {
    /// Sum of the ranks of the positive differences.
    pub w_plus: f64,
    /// Sum of the ranks of the negative differences.
    pub w_minus: f64,
    /// Two-sided p.
    pub p: f64,
    /// Differences that are not zero.
    pub n: usize,
}

/// Up to so many differences the distribution is counted out; above, the normal is within 0.01 of it.
const MOST_EXACT: usize = 50;

/// Wilcoxon's signed-rank test of differences against a symmetric distribution around zero.
///
/// Differences of zero are left out, equal sizes share their mean rank. For up to 50 differences `p` is exact, ties included: of
/// the 2ⁿ ways to give the ranks their signs it counts those with a sum at least as extreme, `p = min(1, 2·min(P(W ≤ w), P(W ≥ w)))`.
/// Above, the normal approximation with the variance `Σ rank² / 4`, without continuity correction. Wilcoxon 1945,
/// <https://doi.org/10.2307/3001968>. SciPy's `wilcoxon` gives the same `min(w_plus, w_minus)`, and the same `p` without ties.
///
/// # Errors
/// [`Error::Value`] for NaN or infinity, [`Error::TooShort`] where every difference is zero or none is given.
///
/// ```
/// use dosewave_numerics::stats::wilcoxon;
/// // all thirteen rise: 2 of 2¹³ ways
/// let rises: Vec<f64> = (1..=13).map(f64::from).collect();
/// assert_eq!(wilcoxon(&rises).unwrap().p, 2.0 / 8192.0);
/// ```
pub fn wilcoxon(differences: &[f64]) -> Result<SignedRank> {
    check_finite(differences, "differences")?;
    let nonzero: Vec<f64> = differences.iter().copied().filter(|value| *value != 0.0).collect();
    if nonzero.is_empty() {
        return Err(Error::TooShort { what: "differences that are not zero", got: 0, need: 1 });
    }
    let doubled = doubled_ranks(&nonzero);
    let signed = nonzero.iter().zip(&doubled);
    let plus: usize = signed.filter(|(value, _)| **value > 0.0).map(|(_, rank)| rank).sum();
    let total: usize = doubled.iter().sum();
    let (w_plus, w_minus) = (plus as f64 / 2.0, (total - plus) as f64 / 2.0);
    let p = if nonzero.len() <= MOST_EXACT { exact_p(&doubled, plus) } else { normal_p(&doubled, plus) };
    Ok(SignedRank { w_plus, w_minus, p, n: nonzero.len() })
}

/// Twice the mean ranks of the sizes: whole numbers.
fn doubled_ranks(values: &[f64]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|a, b| values[*a].abs().total_cmp(&values[*b].abs()));
    let mut ranks = vec![0; values.len()];
    let mut first = 0;
    while first < order.len() {
        let size = values[order[first]].abs();
        let end = first + order[first..].iter().take_while(|&&i| values[i].abs() == size).count();
        for &i in &order[first..end] {
            ranks[i] = first + 1 + end;
        }
        first = end;
    }
    ranks
}

/// Two-sided p from the number of ways to reach each sum of ranks.
fn exact_p(doubled: &[usize], plus: usize) -> f64 {
    let total: usize = doubled.iter().sum();
    let mut ways = vec![0.0; total + 1];
    ways[0] = 1.0;
    for &rank in doubled {
        for sum in (rank..=total).rev() {
            ways[sum] += ways[sum - rank];
        }
    }
    let all = 2.0_f64.powi(doubled.len() as i32);
    let at_most: f64 = ways[..=plus].iter().sum();
    let at_least: f64 = ways[plus..].iter().sum();
    (2.0 * at_most.min(at_least) / all).min(1.0)
}

/// Two-sided p by the normal approximation.
fn normal_p(doubled: &[usize], plus: usize) -> f64 {
    let mean = doubled.iter().sum::<usize>() as f64 / 2.0;
    let variance = doubled.iter().map(|rank| (*rank as f64).powi(2)).sum::<f64>() / 4.0;
    let z = (plus as f64 - mean) / variance.sqrt();
    statrs::function::erf::erfc(z.abs() / std::f64::consts::SQRT_2)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By going through all signs.
    fn by_enumeration(values: &[f64]) -> f64 {
        let ranks = doubled_ranks(values);
        let sum =
            |signs: usize| (0..ranks.len()).filter(|i| signs >> i & 1 == 1).map(|i| ranks[i]).sum::<usize>();
        let observed = sum((0..values.len()).filter(|&i| values[i] > 0.0).fold(0, |s, i| s | 1 << i));
        let all = 1 << values.len();
        let low = (0..all).filter(|&s| sum(s) <= observed).count() as f64;
        let high = (0..all).filter(|&s| sum(s) >= observed).count() as f64;
        (2.0 * low.min(high) / f64::from(all as u32)).min(1.0)
    }

    #[test]
    fn the_distribution_is_that_of_all_signs() {
        for values in [
            vec![1.5, -0.5, 2.0, 3.0, -4.0, 0.25],
            vec![1.0, -1.0, 2.0, 2.0, -3.0, 3.0, 3.0],
            vec![-1.0],
            vec![0.3, 0.1, 0.2, -0.7, 1.1, 0.9, 2.2, -0.05, 0.4, 0.6],
        ] {
            let found = wilcoxon(&values).unwrap();
            assert!((found.p - by_enumeration(&values)).abs() < 1e-15, "{values:?}: {found:?}");
        }
    }

    #[test]
    fn ranks_are_shared_and_zeros_left_out() {
        let found = wilcoxon(&[0.0, 1.0, -1.0, 2.0, 0.0]).unwrap();
        assert_eq!((found.w_plus, found.w_minus, found.n), (4.5, 1.5, 3));
        assert!(wilcoxon(&[0.0, 0.0]).is_err() && wilcoxon(&[f64::NAN]).is_err() && wilcoxon(&[]).is_err());
    }

    #[test]
    fn a_sign_change_of_all_swaps_the_sums_alone() {
        let values = [0.3, -1.2, 2.2, 0.7, -0.1];
        let turned: Vec<f64> = values.iter().map(|v| -v).collect();
        let (a, b) = (wilcoxon(&values).unwrap(), wilcoxon(&turned).unwrap());
        assert_eq!((a.w_plus, a.w_minus, a.p), (b.w_minus, b.w_plus, b.p));
    }

    #[test]
    fn the_normal_approximation_is_close_where_it_takes_over() {
        for every in [2, 3, 4] {
            let values: Vec<f64> =
                (1..=50).map(|k| if k % every == 0 { -f64::from(k) } else { f64::from(k) }).collect();
            let doubled = doubled_ranks(&values);
            let plus = values.iter().zip(&doubled).filter(|(v, _)| **v > 0.0).map(|(_, rank)| rank).sum();
            let (exact, normal) = (exact_p(&doubled, plus), normal_p(&doubled, plus));
            assert!((exact - normal).abs() < 0.01, "{exact} {normal}");
        }
    }

    #[test]
    fn p_is_uniform_under_the_null() {
        let mut below = [0_u32; 3];
        for trial in 0..2000 {
            let mut stream = crate::stats::Stream::new(9, trial);
            let values: Vec<f64> = (0..45).map(|_| stream.normal()).collect();
            let p = wilcoxon(&values).unwrap().p;
            for (count, limit) in below.iter_mut().zip([0.05, 0.2, 0.5]) {
                *count += u32::from(p <= limit);
            }
        }
        for (count, limit) in below.into_iter().zip([0.05, 0.2, 0.5]) {
            let share = f64::from(count) / 2000.0;
            assert!(
                (share - limit).abs() < 3.5 * (limit * (1.0 - limit) / 2000.0_f64).sqrt(),
                "{limit}: {share}"
            );
        }
    }
}

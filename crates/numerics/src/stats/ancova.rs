//! Slopes of a response on covariates that are measured twice.

use faer::linalg::solvers::Solve;
use ndarray::ArrayView1;

/// A covariate: two measurements of the same thing with errors of their own. Give one twice where it has no error.
#[derive(Clone, Copy, Debug)]
pub struct Covariate<'a> {
    /// First measurement.
    pub first: ArrayView1<'a, f64>,
    /// Second measurement.
    pub second: ArrayView1<'a, f64>,
}

/// Smallest |t| of the correlation between a covariate's two measurements for it to count as varying at all.
const MIN_T: f64 = 3.0;
/// Least share of a covariate's variance that the ones before it must leave unexplained. Our own judgement: below it, an error
/// of one slope is made up by one of the other, each more than four times what it would be alone.
const SMALLEST_PIVOT: f64 = 0.05;

/// Slopes of `y` on the covariates within groups (the analysis of covariance: each group has its own mean).
///
/// A covariate that is measured with error gives too small a slope by least squares. With two measurements `a`, `b` of
/// independent error the variance of what they share is `cov(a, b)`, and the slopes solve
///
/// `Σₖ C_jk βₖ = cov(x_j, y)`, with `C_jj = cov(a_j, b_j)` and `C_jk = cov(x_j, x_k)`, where `x = (a + b) / 2`
///
/// (Fuller 1987, *Measurement Error Models*, 10.1002/9780470316665). A covariate whose two measurements do not correlate
/// (t below 3) has no variation to learn from: its slope is `None` and it is left out. Where less than a twentieth of what a
/// covariate's measurements share is its own, or `C` is no covariance at all (error can make it so), the slopes cannot be
/// told apart and all are `None`. Observations with a value that is not finite are left out.
///
/// ```
/// use dosewave_numerics::stats::{Covariate, slopes_within};
/// use ndarray::Array1;
/// let x = Array1::from_iter((0..40).map(|t| f64::from(t % 7)));
/// let y = &x * 0.5 + 3.0;
/// let group: Vec<usize> = (0..40).map(|t| t / 20).collect();
/// let slopes = slopes_within(y.view(), &[Covariate { first: x.view(), second: x.view() }], &group);
/// assert!((slopes[0].unwrap() - 0.5).abs() < 1e-12);
/// ```
#[must_use]
pub fn slopes_within(
    y: ArrayView1<'_, f64>,
    covariates: &[Covariate<'_>],
    group: &[usize],
) -> Vec<Option<f64>> {
    let usable: Vec<usize> = (0..y.len().min(group.len()))
        .filter(|&i| y[i].is_finite() && covariates.iter().all(|c| finite_at(c, i)))
        .collect();
    let groups: Vec<usize> = usable.iter().map(|&i| group[i]).collect();
    let centred = |values: &ArrayView1<'_, f64>| within(usable.iter().map(|&i| values[i]).collect(), &groups);
    let n_groups = groups.iter().collect::<std::collections::BTreeSet<_>>().len();
    let freedom = usable.len() as f64 - n_groups as f64;
    let response = centred(&y);
    let pairs: Vec<(Vec<f64>, Vec<f64>)> =
        covariates.iter().map(|c| (centred(&c.first), centred(&c.second))).collect();
    let kept: Vec<usize> = (0..pairs.len()).filter(|&k| varies(&pairs[k].0, &pairs[k].1, freedom)).collect();
    let mean = |k: usize| -> Vec<f64> {
        pairs[k].0.iter().zip(&pairs[k].1).map(|(a, b)| f64::midpoint(*a, *b)).collect()
    };
    let means: Vec<Vec<f64>> = kept.iter().map(|&k| mean(k)).collect();
    let entry = |i: usize, j: usize| {
        if i == j { dot(&pairs[kept[i]].0, &pairs[kept[i]].1) } else { dot(&means[i], &means[j]) }
    };
    let system: Vec<Vec<f64>> =
        (0..kept.len()).map(|i| (0..kept.len()).map(|j| entry(i, j)).collect()).collect();
    let right: Vec<f64> = means.iter().map(|x| dot(x, &response)).collect();
    let mut slopes = vec![None; covariates.len()];
    if let Some(solution) = solve(&system, &right) {
        for (k, slope) in kept.iter().zip(solution) {
            slopes[*k] = Some(slope);
        }
    }
    slopes
}

fn finite_at(covariate: &Covariate<'_>, i: usize) -> bool {
    let at = |values: &ArrayView1<'_, f64>| values.get(i).is_some_and(|v| v.is_finite());
    at(&covariate.first) && at(&covariate.second)
}

/// Values minus the mean of their group.
fn within(mut values: Vec<f64>, groups: &[usize]) -> Vec<f64> {
    let n_groups = groups.iter().max().map_or(0, |g| g + 1);
    let (mut sums, mut counts) = (vec![0.0; n_groups], vec![0.0; n_groups]);
    for (value, &group) in values.iter().zip(groups) {
        sums[group] += value;
        counts[group] += 1.0;
    }
    for (value, &group) in values.iter_mut().zip(groups) {
        *value -= sums[group] / counts[group];
    }
    values
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}

/// Whether two measurements share any variation.
fn varies(a: &[f64], b: &[f64], freedom: f64) -> bool {
    let (aa, bb, ab) = (dot(a, a), dot(b, b), dot(a, b));
    if !(freedom > 2.0 && aa > 0.0 && bb > 0.0 && ab > 0.0) {
        return false;
    }
    let r = (ab / (aa * bb).sqrt()).min(1.0);
    r * (freedom - 1.0).sqrt() > MIN_T * (1.0 - r * r).sqrt()
}

/// Solution of a symmetric system in units of its diagonal; `None` where the covariates cannot be told apart.
fn solve(system: &[Vec<f64>], right: &[f64]) -> Option<Vec<f64>> {
    let n = right.len();
    let scales: Vec<f64> = (0..n).map(|i| system[i][i].sqrt()).collect();
    let scaled = faer::Mat::from_fn(n, n, |i, j| system[i][j] / (scales[i] * scales[j]));
    let cholesky = scaled.llt(faer::Side::Lower).ok()?;
    if (0..n).any(|i| cholesky.L()[(i, i)].powi(2) < SMALLEST_PIVOT) {
        return None;
    }
    let solved = cholesky.solve(&faer::Mat::from_fn(n, 1, |i, _| right[i] / scales[i]));
    let slopes: Vec<f64> = (0..n).map(|i| solved[(i, 0)] / scales[i]).collect();
    slopes.iter().all(|slope| slope.is_finite()).then_some(slopes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::Stream;
    use ndarray::Array1;

    const N: usize = 4000;

    fn normals(stream: &mut Stream) -> Array1<f64> {
        (0..N).map(|_| stream.normal()).collect()
    }

    #[test]
    fn error_in_a_covariate_does_not_flatten_the_slope() {
        let mut stream = Stream::new(11, 0);
        let truth = normals(&mut stream);
        let (a, b) = (&truth + &normals(&mut stream), &truth + &normals(&mut stream));
        let other = normals(&mut stream) + &truth * 0.5;
        let group: Vec<usize> = (0..N).map(|i| i % 2).collect();
        let jump = Array1::from_iter(group.iter().map(|g| 10.0 * *g as f64));
        let y = &truth * 0.7 - &other * 0.3 + &jump + normals(&mut stream) * 0.1;
        let both = |x: &Array1<f64>, z: &Array1<f64>| {
            let covariates = [
                Covariate { first: x.view(), second: z.view() },
                Covariate { first: other.view(), second: other.view() },
            ];
            slopes_within(y.view(), &covariates, &group)
        };
        let slopes = both(&a, &b);
        assert!((slopes[0].unwrap() - 0.7).abs() < 0.05, "{slopes:?}");
        assert!((slopes[1].unwrap() + 0.3).abs() < 0.05, "{slopes:?}");
        // one measurement taken twice is the least-squares slope, half of it
        assert!(both(&a, &a)[0].unwrap() < 0.45);
    }

    #[test]
    fn covariates_that_cannot_be_told_apart_have_no_slopes() {
        let mut stream = Stream::new(13, 0);
        let (x, error) = (normals(&mut stream), normals(&mut stream));
        let y = &x + &normals(&mut stream);
        let group = vec![0; N];
        let slopes = |own: f64| {
            // the pivot of the second is own² / (1 + own²), and its scale does not matter
            let second = (&x + &(&error * own)) * 1e-3;
            let covariates = [
                Covariate { first: x.view(), second: x.view() },
                Covariate { first: second.view(), second: second.view() },
            ];
            slopes_within(y.view(), &covariates, &group)
        };
        assert_eq!(slopes(0.2), [None, None]);
        assert_eq!(slopes(0.0), [None, None]);
        let apart = slopes(0.3);
        assert!((apart[0].unwrap() - 1.0).abs() < 0.25, "{apart:?}");
    }

    #[test]
    fn a_corrected_covariance_that_is_none_gives_no_slopes() {
        // the measurements share a tenth of their variance; the other covariate is the error of one of them
        let mut stream = Stream::new(14, 0);
        let (shared, error, rest) = (normals(&mut stream), normals(&mut stream), normals(&mut stream));
        let (a, b) = (&shared * 0.32 + &error, &shared * 0.32 + &rest);
        let first = Covariate { first: a.view(), second: b.view() };
        let second = Covariate { first: error.view(), second: error.view() };
        let y = &shared + &normals(&mut stream);
        let group = vec![0; N];
        assert_eq!(slopes_within(y.view(), &[first, second], &group), [None, None]);
        assert!(slopes_within(y.view(), &[first], &group)[0].is_some());
    }

    #[test]
    fn what_does_not_vary_has_no_slope() {
        let mut stream = Stream::new(12, 0);
        let (a, b, y) = (normals(&mut stream), normals(&mut stream), normals(&mut stream));
        let group = vec![0; N];
        let covariate = Covariate { first: a.view(), second: b.view() };
        assert_eq!(slopes_within(y.view(), &[covariate], &group), [None]);
        let constant = Array1::ones(N);
        let covariate = Covariate { first: constant.view(), second: constant.view() };
        assert_eq!(slopes_within(y.view(), &[covariate], &group), [None]);
        let nothing = Array1::zeros(0);
        let covariate = Covariate { first: nothing.view(), second: nothing.view() };
        assert_eq!(slopes_within(nothing.view(), &[covariate], &[]), [None]);
    }

    #[test]
    fn undefined_observations_are_left_out() {
        let x = Array1::from_iter((0..50).map(|t| f64::from(t * t % 11)));
        let mut y = &x * 2.0;
        y[7] = f64::NAN;
        let group = vec![0; 50];
        let slopes = slopes_within(y.view(), &[Covariate { first: x.view(), second: x.view() }], &group);
        assert!((slopes[0].unwrap() - 2.0).abs() < 1e-12);
    }
}

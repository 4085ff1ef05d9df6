//! A threshold by cross-validation.

use super::{Stream, median_in_place};
use crate::{Error, Result};
use ndarray::{Array1, Array2, ArrayView1, ArrayView2};

/// Folds of a cross-validation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Folds {
    /// Fold of each case.
    of_case: Vec<usize>,
    n_folds: usize,
}

impl Folds {
    /// `n_cases` cases by lot into folds of equal size (± 1).
    ///
    /// # Errors
    /// [`Error::Invalid`] below two folds or with fewer than two cases in a fold.
    ///
    /// ```
    /// use dosewave_numerics::stats::Folds;
    /// let folds = Folds::new(20, 5, 0).unwrap();
    /// assert_eq!(folds.validation(0).len(), 4);
    /// ```
    pub fn new(n_cases: usize, n_folds: usize, seed: u64) -> Result<Self> {
        if n_folds < 2 || n_cases < 2 * n_folds {
            return Err(Error::Invalid {
                parameter: "folds",
                value: format!("{n_folds} of {n_cases} cases"),
                allowed: "2 or more folds with 2 or more cases in each".into(),
            });
        }
        let mut order: Vec<usize> = (0..n_cases).collect();
        Stream::new(seed, 0).shuffle(&mut order);
        let mut of_case = vec![0; n_cases];
        for (place, case) in order.into_iter().enumerate() {
            of_case[case] = place % n_folds;
        }
        Ok(Self { of_case, n_folds })
    }

    /// Number of folds.
    #[must_use]
    pub fn n_folds(&self) -> usize {
        self.n_folds
    }

    /// Cases of a fold, ascending.
    #[must_use]
    pub fn validation(&self, fold: usize) -> Vec<usize> {
        (0..self.of_case.len()).filter(|case| self.of_case[*case] == fold).collect()
    }

    /// Whether a case is in a fold.
    #[must_use]
    pub fn holds(&self, fold: usize, case: usize) -> bool {
        self.of_case.get(case) == Some(&fold)
    }
}

/// A threshold with its error.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LearnedThreshold {
    /// The largest size that is still kept.
    pub threshold: f64,
    /// Root mean squared error there, in units of the data.
    pub error: f64,
}

/// The threshold on `sizes [epoch]` for which the mean of the kept training epochs of `x [epoch, time]` comes nearest to
/// the median of the validation epochs, on average over the folds (Jas et al. 2017, 10.1016/j.neuroimage.2017.06.030).
/// The median does not mind artifacts; the mean does, and gets better with each good epoch.
///
/// All thresholds are tried: with epochs in order of their size, the mean of the `k` smallest is a running sum. No
/// threshold is tried that leaves a fold less than half of its training epochs: a mean of a handful can be near by chance.
/// Epochs of equal size are kept or left together.
///
/// # Errors
/// [`Error::Shape`] when sizes, folds and epochs disagree, [`Error::TooShort`] without a sample.
///
/// ```
/// use dosewave_numerics::stats::{Folds, threshold_cv};
/// // 40 small epochs, two with an artifact
/// let x = ndarray::Array2::from_shape_fn((42, 50), |(e, t)| {
///     let noise = ((e * 50 + t) as f64 * 12.9898).sin();
///     if e % 21 == 20 { 80.0 + noise } else { noise }
/// });
/// let sizes: Vec<f64> = (0..42).map(|e| if e % 21 == 20 { 80.0 } else { 1.0 + 0.001 * e as f64 }).collect();
/// let found = threshold_cv(x.view(), ndarray::ArrayView1::from(&sizes), &Folds::new(42, 10, 0).unwrap()).unwrap();
/// assert!(found.threshold < 2.0);
/// ```
pub fn threshold_cv(
    x: ArrayView2<'_, f64>,
    sizes: ArrayView1<'_, f64>,
    folds: &Folds,
) -> Result<LearnedThreshold> {
    let (n_epochs, n_times) = x.dim();
    if sizes.len() != n_epochs || folds.of_case.len() != n_epochs {
        let got = sizes.len().min(folds.of_case.len());
        return Err(Error::Shape { what: "sizes and folds of epochs", expected: n_epochs, got });
    }
    if n_times == 0 {
        return Err(Error::TooShort { what: "samples of an epoch", got: 0, need: 1 });
    }
    let mut order: Vec<usize> = (0..n_epochs).collect();
    order.sort_by(|a, b| sizes[*a].total_cmp(&sizes[*b]).then(a.cmp(b)));
    let mut errors = Array1::<f64>::zeros(n_epochs);
    for fold in 0..folds.n_folds {
        let target = median_of(x, &folds.validation(fold));
        errors += &errors_in_order(x, &order, folds, fold, target.view());
    }
    // the last epoch of equals stands for all of them
    let is_last = |k: usize| k + 1 == n_epochs || sizes[order[k + 1]] > sizes[order[k]];
    let best = (0..n_epochs)
        .filter(|k| is_last(*k) && errors[*k].is_finite())
        .fold(n_epochs - 1, |best, k| if errors[k] < errors[best] { k } else { best });
    Ok(LearnedThreshold { threshold: sizes[order[best]], error: errors[best] / folds.n_folds as f64 })
}

/// Error of a fold when the epochs up to each place of `order` are kept; infinite where less than half of the training
/// epochs are.
fn errors_in_order(
    x: ArrayView2<'_, f64>,
    order: &[usize],
    folds: &Folds,
    fold: usize,
    target: ArrayView1<'_, f64>,
) -> Array1<f64> {
    let n_training = order.iter().filter(|case| !folds.holds(fold, **case)).count();
    let mut sum = Array1::<f64>::zeros(x.ncols());
    let (mut n, mut last) = (0, f64::INFINITY);
    order
        .iter()
        .map(|&case| {
            if !folds.holds(fold, case) {
                sum += &x.row(case);
                n += 1;
                if 2 * n >= n_training {
                    last = rmse(sum.view(), n as f64, target);
                }
            }
            last
        })
        .collect()
}

fn rmse(sum: ArrayView1<'_, f64>, n: f64, target: ArrayView1<'_, f64>) -> f64 {
    let squares: f64 = sum.iter().zip(&target).map(|(s, t)| (s / n - t) * (s / n - t)).sum();
    (squares / target.len() as f64).sqrt()
}

/// Median over cases at each time.
fn median_of(x: ArrayView2<'_, f64>, cases: &[usize]) -> Array1<f64> {
    let columns: Array2<f64> =
        x.select(ndarray::Axis(0), cases).reversed_axes().as_standard_layout().into_owned();
    columns.rows().into_iter().map(|row| median_in_place(&mut row.to_vec()).unwrap_or(0.0)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn epochs(n: usize, bad: &[usize]) -> (Array2<f64>, Array1<f64>) {
        let mut stream = Stream::new(6, 0);
        let x = Array2::from_shape_fn((n, 80), |(e, t)| {
            stream.normal() + if bad.contains(&e) { 30.0 * (t as f64 / 10.0).sin() } else { 0.0 }
        });
        let sizes = x.rows().into_iter().map(|r| r.iter().fold(0.0_f64, |a, b| a.max(b.abs()))).collect();
        (x, sizes)
    }

    #[test]
    fn folds_are_even_and_hold_every_case_once() {
        let folds = Folds::new(23, 5, 1).unwrap();
        let mut all: Vec<usize> = (0..5).flat_map(|k| folds.validation(k)).collect();
        all.sort_unstable();
        assert_eq!(all, (0..23).collect::<Vec<_>>());
        assert!((0..5).all(|k| (4..=5).contains(&folds.validation(k).len())));
        assert_ne!(folds, Folds::new(23, 5, 2).unwrap());
        assert!(Folds::new(5, 5, 0).is_err() && Folds::new(50, 1, 0).is_err());
    }

    #[test]
    fn the_threshold_parts_artifacts_from_the_rest() {
        let bad = [3, 17, 18, 40];
        let (x, sizes) = epochs(60, &bad);
        let found = threshold_cv(x.view(), sizes.view(), &Folds::new(60, 10, 0).unwrap()).unwrap();
        for (e, size) in sizes.iter().enumerate() {
            assert_eq!(*size > found.threshold, bad.contains(&e), "{e} {size} {found:?}");
        }
        let scaled = threshold_cv((&x * 1e3).view(), (&sizes * 1e3).view(), &Folds::new(60, 10, 0).unwrap());
        assert!((scaled.unwrap().threshold / found.threshold - 1e3).abs() < 1e-9);
    }

    /// Each threshold by itself, from scratch.
    #[test]
    fn the_running_sum_is_the_slow_search() {
        let (x, sizes) = epochs(30, &[4, 9]);
        let folds = Folds::new(30, 5, 3).unwrap();
        let error = |threshold: f64| {
            let mut total = 0.0;
            for fold in 0..5 {
                let training: Vec<usize> = (0..30).filter(|e| !folds.holds(fold, *e)).collect();
                let kept: Vec<usize> = training.iter().copied().filter(|e| sizes[*e] <= threshold).collect();
                if 2 * kept.len() < training.len() {
                    return f64::INFINITY;
                }
                let mean = x.select(ndarray::Axis(0), &kept).mean_axis(ndarray::Axis(0)).unwrap();
                let target = median_of(x.view(), &folds.validation(fold));
                total += (&mean - &target).mapv(|v| v * v).mean().unwrap().sqrt() / 5.0;
            }
            total
        };
        let slow = sizes.iter().map(|s| (error(*s), *s)).min_by(|a, b| a.0.total_cmp(&b.0)).unwrap();
        let found = threshold_cv(x.view(), sizes.view(), &folds).unwrap();
        assert!((found.error - slow.0).abs() < 1e-12 && found.threshold == slow.1);
    }

    #[test]
    fn shapes_must_agree() {
        let (x, sizes) = epochs(30, &[]);
        let folds = Folds::new(30, 5, 3).unwrap();
        assert!(threshold_cv(x.view(), sizes.slice(ndarray::s![..29]), &folds).is_err());
        assert!(threshold_cv(x.slice(ndarray::s![.., ..0]), sizes.view(), &folds).is_err());
    }
}

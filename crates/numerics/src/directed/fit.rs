//! Vector autoregressions from epochs, by least squares.

use super::VarModel;
use super::linear::{cholesky, log_det};
use crate::error::check_finite;
use crate::{Error, Result};
use faer::linalg::solvers::Solve;
use faer::{Mat, Side};
use ndarray::{Array2, Array3, ArrayView3, Axis, s};

/// Lagged signals whose correlations have a smaller pivot are taken for copies of each other.
const SMALLEST_PIVOT: f64 = 1e-13;

/// How a VAR is fitted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct VarParams {
    /// Number of lags.
    pub order: usize,
    /// Weight `λ` of `λ Σ A²` beside the sum of squared errors; 0 is plain least squares.
    pub ridge: f64,
    /// Whether each epoch's mean is taken off first: the model has no constant.
    pub demean: bool,
}

/// A fitted VAR.
#[derive(Clone, Debug, PartialEq)]
pub struct VarFit {
    /// The model; its noise covariance is the sum of squared errors over `n − order × signals`.
    pub model: VarModel,
    /// Number of predicted samples `n`.
    pub n_samples: usize,
}

/// Criteria for the number of lags, each fitted to the same samples: `ln |Σ| + 2 k p / n` and `ln |Σ| + ln(n) k p / n` with
/// `k` signals squared (Lütkepohl 2005, 10.1007/978-3-540-27752-1, section 4.3).
#[derive(Clone, Debug, PartialEq)]
pub struct OrderCriteria {
    /// Akaike's, of 1, 2 … lags.
    pub aic: Vec<f64>,
    /// Schwarz's, of 1, 2 … lags.
    pub bic: Vec<f64>,
}

impl OrderCriteria {
    /// The number of lags with the least AIC.
    #[must_use]
    pub fn aic_order(&self) -> usize {
        least(&self.aic)
    }

    /// The number of lags with the least BIC: fewer, and right in the long run.
    #[must_use]
    pub fn bic_order(&self) -> usize {
        least(&self.bic)
    }
}

fn least(values: &[f64]) -> usize {
    (0..values.len()).min_by(|a, b| values[*a].total_cmp(&values[*b])).map_or(0, |at| at + 1)
}

/// One VAR of all epochs `[epoch, signal, time]` by least squares; no sample is predicted across the edge of an epoch.
///
/// # Errors
/// [`Error::TooShort`] for fewer predicted samples than coefficients, [`Error::Invalid`] for an order of 0 or a negative
/// ridge, [`Error::Value`] for values that are not finite, silent signals, and signals that depend on each other.
///
/// ```
/// use dosewave_numerics::directed::{VarModel, VarParams, fit_var};
/// use dosewave_numerics::stats::Stream;
/// let truth = VarModel::new(ndarray::array![[[0.5, 0.0], [0.4, 0.5]]], ndarray::Array2::eye(2)).unwrap();
/// let data = truth.simulate(5000, 50, &mut Stream::new(1, 0)).unwrap().insert_axis(ndarray::Axis(0));
/// let fit = fit_var(data.view(), &VarParams { order: 1, ridge: 0.0, demean: false }).unwrap();
/// assert!((&fit.model.coefs() - &truth.coefs()).iter().all(|d: &f64| d.abs() < 0.05));
/// ```
pub fn fit_var(data: ArrayView3<'_, f64>, params: &VarParams) -> Result<VarFit> {
    if !(params.ridge.is_finite() && params.ridge >= 0.0) {
        let allowed = "0 or a positive number".into();
        return Err(Error::Invalid { parameter: "ridge", value: params.ridge.to_string(), allowed });
    }
    let products = LagProducts::new(data, params.order, params.demean)?;
    let (n, n_lagged) = (products.n, products.n * params.order);
    let scales = products.scales(params.ridge)?;
    let past = Mat::from_fn(n_lagged, n_lagged, |i, j| {
        let ridge = if i == j { params.ridge } else { 0.0 };
        (products.past(i, j) + ridge) / (scales[i] * scales[j])
    });
    let cholesky = past.llt(Side::Lower).map_err(|_| dependent())?;
    if (0..n_lagged).any(|i| cholesky.L()[(i, i)].powi(2) < SMALLEST_PIVOT) {
        return Err(dependent());
    }
    let right = Mat::from_fn(n_lagged, n, |i, j| products.now_past(j, i) / scales[i]);
    let solved = cholesky.solve(&right);
    let coefs = Array3::from_shape_fn((params.order, n, n), |(lag, i, j)| {
        solved[(lag * n + j, i)] / scales[lag * n + j]
    });
    let errors = products.errors(&coefs);
    let noise = errors / (products.n_samples - n_lagged) as f64;
    Ok(VarFit { model: VarModel::new(coefs, noise)?, n_samples: products.n_samples })
}

/// [`OrderCriteria`] of 1 to `max_order` lags, from one factorisation.
///
/// # Errors
/// As [`fit_var`].
pub fn var_order_criteria(
    data: ArrayView3<'_, f64>,
    max_order: usize,
    demean: bool,
) -> Result<OrderCriteria> {
    let products = LagProducts::new(data, max_order, demean)?;
    let (n, n_lagged) = (products.n, products.n * max_order);
    let scales = products.scales(0.0)?;
    // lag 1, lag 2 … and the present last: what its rows owe to later lags is what fewer lags leave
    let total = Mat::from_fn(n_lagged + n, n_lagged + n, |i, j| match (i < n_lagged, j < n_lagged) {
        (true, true) => products.past(i, j) / (scales[i] * scales[j]),
        (true, false) => products.now_past(j - n_lagged, i) / scales[i],
        (false, true) => products.now_past(i - n_lagged, j) / scales[j],
        (false, false) => products.now(i - n_lagged, j - n_lagged),
    });
    let factor = total.llt(Side::Lower).map_err(|_| dependent())?;
    let rows = |i: usize, col: usize| factor.L()[(n_lagged + i, col)];
    let mut left = Array2::<f64>::zeros((n, n));
    let add = |left: &mut Array2<f64>, columns: std::ops::Range<usize>| {
        for ((i, j), sum) in left.indexed_iter_mut() {
            *sum += columns.clone().map(|col| rows(i, col) * rows(j, col)).sum::<f64>();
        }
    };
    add(&mut left, n_lagged..n_lagged + n);
    let n_samples = products.n_samples as f64;
    let (mut aic, mut bic) = (vec![0.0; max_order], vec![0.0; max_order]);
    for order in (1..=max_order).rev() {
        let flat: Vec<f64> = left.iter().map(|v| v / n_samples).collect();
        let fit = log_det(&cholesky(&flat, n).ok_or_else(dependent)?, n);
        let share = (n * n * order) as f64 / n_samples;
        aic[order - 1] = fit + 2.0 * share;
        bic[order - 1] = fit + n_samples.ln() * share;
        add(&mut left, (order - 1) * n..order * n);
    }
    Ok(OrderCriteria { aic, bic })
}

fn dependent() -> Error {
    Error::Value {
        what: "smallest pivot of the lagged signals' correlations",
        index: 0,
        value: 0.0,
        allowed: "must be above 1e-13: leave out signals that are sums of others (an average reference makes one), take \
                  fewer lags or a lower rate, or a ridge",
    }
}

/// `Σ_t x(t − a) x(t − b)ᵀ` over the predicted samples of all epochs, for lags `0 ≤ a ≤ b ≤ order`.
struct LagProducts {
    n: usize,
    order: usize,
    n_samples: usize,
    blocks: Vec<Array2<f64>>,
}

impl LagProducts {
    fn new(data: ArrayView3<'_, f64>, order: usize, demean: bool) -> Result<Self> {
        let (n_epochs, n, n_times) = data.dim();
        if order == 0 {
            return Err(Error::Invalid {
                parameter: "order",
                value: "0".into(),
                allowed: "1 or more lags".into(),
            });
        }
        let n_samples = n_epochs * n_times.saturating_sub(order);
        if n == 0 || n_samples <= n * order + n {
            let need = n * order + n + 1;
            return Err(Error::TooShort { what: "samples that a VAR predicts", got: n_samples, need });
        }
        check_finite(data, "samples")?;
        let blocks = vec![Array2::zeros((n, n)); (order + 1) * (order + 1)];
        let mut products = Self { n, order, n_samples, blocks };
        for epoch in data.outer_iter() {
            let mut epoch = epoch.to_owned();
            if demean {
                let means = epoch.sum_axis(Axis(1)) / n_times as f64;
                epoch -= &means.insert_axis(Axis(1));
            }
            products.add(&epoch);
        }
        Ok(products)
    }

    /// One epoch `[signal, time]`. Products of equal distance differ by one sample at either end.
    fn add(&mut self, x: &Array2<f64>) {
        let (order, n_times) = (self.order, x.ncols());
        let now = x.slice(s![.., order..]);
        let mut diagonal: Vec<Array2<f64>> =
            (0..=order).map(|b| now.dot(&x.slice(s![.., order - b..n_times - b]).t())).collect();
        for a in 0..=order {
            for b in a..=order {
                let block = &mut diagonal[b - a];
                if a > 0 {
                    add_outer(block, x, (order - a, order - b), 1.0);
                    add_outer(block, x, (n_times - a, n_times - b), -1.0);
                }
                self.blocks[a * (order + 1) + b] += &*block;
            }
        }
    }

    fn at(&self, (a, i): (usize, usize), (b, j): (usize, usize)) -> f64 {
        let (first, second) = if a <= b { ((a, i), (b, j)) } else { ((b, j), (a, i)) };
        self.blocks[first.0 * (self.order + 1) + second.0][[first.1, second.1]]
    }

    /// Lagged signal `i` with lagged signal `j`: lag 1 of all signals, lag 2 …
    fn past(&self, i: usize, j: usize) -> f64 {
        self.at((1 + i / self.n, i % self.n), (1 + j / self.n, j % self.n))
    }

    fn now_past(&self, now: usize, past: usize) -> f64 {
        self.at((0, now), (1 + past / self.n, past % self.n))
    }

    fn now(&self, i: usize, j: usize) -> f64 {
        self.at((0, i), (0, j))
    }

    /// Magnitudes of the lagged signals, so that pivots are those of correlations.
    fn scales(&self, ridge: f64) -> Result<Vec<f64>> {
        let scale = |index: usize| match self.past(index, index) {
            power if power > 0.0 => Ok((power + ridge).sqrt()),
            value => {
                let allowed = "must not be zero: leave out silent signals";
                Err(Error::Value { what: "power of a signal", index: index % self.n, value, allowed })
            }
        };
        (0..self.n * self.order).map(scale).collect()
    }

    /// Sum of squared errors `Σ e eᵀ` under some coefficients.
    fn errors(&self, coefs: &Array3<f64>) -> Array2<f64> {
        let (n, n_lagged) = (self.n, self.n * self.order);
        let flat = Array2::from_shape_fn((n, n_lagged), |(i, at)| coefs[[at / n, i, at % n]]);
        let now_past = Array2::from_shape_fn((n, n_lagged), |(i, at)| self.now_past(i, at));
        let past = Array2::from_shape_fn((n_lagged, n_lagged), |(i, j)| self.past(i, j));
        let now = Array2::from_shape_fn((n, n), |(i, j)| self.now(i, j));
        let cross = now_past.dot(&flat.t());
        let errors = now - &cross - cross.t() + flat.dot(&past).dot(&flat.t());
        (&errors + &errors.t()) / 2.0
    }
}

/// `out += sign · x(a) x(b)ᵀ` of two samples.
fn add_outer(out: &mut Array2<f64>, x: &Array2<f64>, (a, b): (usize, usize), sign: f64) {
    for ((i, j), value) in out.indexed_iter_mut() {
        *value += sign * x[[i, a]] * x[[j, b]];
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decompose::least_squares;
    use crate::directed::var_residuals;
    use crate::stats::Stream;
    use ndarray::array;

    fn truth() -> VarModel {
        let coefs = array![[[0.5, 0.1], [0.4, -0.3]], [[-0.6, 0.0], [0.2, 0.1]]];
        VarModel::new(coefs, array![[1.0, 0.3], [0.3, 2.0]]).unwrap()
    }

    fn epochs(n_epochs: usize, n_times: usize, offset: f64) -> Array3<f64> {
        let mut data = Array3::zeros((n_epochs, 2, n_times));
        for (e, mut epoch) in data.outer_iter_mut().enumerate() {
            let mut stream = Stream::new(3, e as u64);
            epoch.assign(&(truth().simulate(n_times, 50, &mut stream).unwrap() + offset));
        }
        data
    }

    /// The slow twin: one regression per signal on a table of lagged samples.
    #[test]
    fn coefficients_are_those_of_plain_regressions() {
        let data = epochs(3, 60, 0.7);
        for order in [1, 3] {
            let fit = fit_var(data.view(), &VarParams { order, ridge: 0.0, demean: false }).unwrap();
            let n_samples = 3 * (60 - order);
            assert_eq!(fit.n_samples, n_samples);
            let sample = |row: usize, lag: usize, j: usize| {
                data[[row / (60 - order), j, order + row % (60 - order) - lag]]
            };
            let table =
                Array2::from_shape_fn((2 * order, n_samples), |(at, row)| sample(row, 1 + at / 2, at % 2));
            for i in 0..2 {
                let y = ndarray::Array1::from_shape_fn(n_samples, |row| sample(row, 0, i));
                let weights = least_squares(table.view(), y.view()).unwrap();
                for (at, weight) in weights.iter().enumerate() {
                    assert!((fit.model.coefs()[[at / 2, i, at % 2]] - weight).abs() < 1e-12);
                }
                let errors = &y - &weights.dot(&table);
                let variance = errors.dot(&errors) / (n_samples - 2 * order) as f64;
                assert!((fit.model.noise_cov()[[i, i]] - variance).abs() < 1e-11);
            }
        }
    }

    #[test]
    fn the_truth_is_found_with_many_samples() {
        let data = epochs(20, 1000, 0.0);
        let fit = fit_var(data.view(), &VarParams { order: 2, ridge: 0.0, demean: true }).unwrap();
        assert!((&fit.model.coefs() - &truth().coefs()).iter().all(|d: &f64| d.abs() < 0.03));
        assert!((&fit.model.noise_cov() - &truth().noise_cov()).iter().all(|d: &f64| d.abs() < 0.06));
        let criteria = var_order_criteria(data.view(), 8, true).unwrap();
        assert_eq!(criteria.bic_order(), 2, "{criteria:?}");
    }

    /// Criteria from one factorisation are those of fits of each order to the same samples.
    #[test]
    fn criteria_are_those_of_separate_fits() {
        let data = epochs(2, 80, 0.0);
        let criteria = var_order_criteria(data.view(), 4, false).unwrap();
        for order in 1..=4 {
            // every order predicts the samples from the fifth on
            let later = data.slice(s![.., .., 4 - order..]);
            let params = VarParams { order, ridge: 0.0, demean: false };
            let fit = fit_var(later, &params).unwrap();
            let residuals = var_residuals(&fit.model, later, false).unwrap();
            let n_samples = 2.0 * 76.0;
            let sum = |i: usize, j: usize| -> f64 {
                residuals.outer_iter().map(|e| e.row(i).dot(&e.row(j))).sum::<f64>() / n_samples
            };
            let log_det = (sum(0, 0) * sum(1, 1) - sum(0, 1) * sum(1, 0)).ln();
            let share = 4.0 * order as f64 / n_samples;
            assert!((criteria.aic[order - 1] - log_det - 2.0 * share).abs() < 1e-10);
            assert!((criteria.bic[order - 1] - log_det - n_samples.ln() * share).abs() < 1e-10);
        }
    }

    #[test]
    fn an_offset_matters_unless_it_is_taken_off() {
        let (plain, moved) = (epochs(4, 200, 0.0), epochs(4, 200, 50.0));
        let fit = |data: &Array3<f64>, demean| {
            fit_var(data.view(), &VarParams { order: 2, ridge: 0.0, demean }).unwrap().model
        };
        assert!(
            (&fit(&plain, true).coefs() - &fit(&moved, true).coefs()).iter().all(|d: &f64| d.abs() < 1e-9)
        );
        assert!((&fit(&plain, false).coefs() - &fit(&moved, false).coefs()).iter().any(|d| d.abs() > 0.05));
    }

    #[test]
    fn a_ridge_shrinks_and_takes_dependent_signals() {
        let data = epochs(2, 100, 0.0);
        let size = |ridge| {
            let fit = fit_var(data.view(), &VarParams { order: 2, ridge, demean: false }).unwrap();
            fit.model.coefs().iter().map(|a| a * a).sum::<f64>()
        };
        assert!(size(0.0) > size(100.0) && size(100.0) > size(1e4));
        let mut twice = data.clone();
        let first = twice.slice(s![.., 0, ..]).to_owned();
        twice.slice_mut(s![.., 1, ..]).assign(&first);
        let error = fit_var(twice.view(), &VarParams { order: 1, ridge: 0.0, demean: false }).unwrap_err();
        assert!(error.to_string().contains("sums of others"), "{error}");
    }

    #[test]
    fn what_cannot_be_fitted_is_refused() {
        let data = epochs(1, 12, 0.0);
        let fit = |order, ridge| fit_var(data.view(), &VarParams { order, ridge, demean: false });
        assert!(matches!(fit(0, 0.0), Err(Error::Invalid { .. })));
        assert!(matches!(fit(1, -1.0), Err(Error::Invalid { .. })));
        assert!(matches!(fit(4, 0.0), Err(Error::TooShort { need: 11, .. })));
        assert!(matches!(fit(20, 0.0), Err(Error::TooShort { .. })));
        let mut silent = data.clone();
        silent.slice_mut(s![.., 1, ..]).fill(0.0);
        let error = fit_var(silent.view(), &VarParams { order: 1, ridge: 0.0, demean: false }).unwrap_err();
        assert!(error.to_string().contains("silent"), "{error}");
        silent[[0, 0, 3]] = f64::NAN;
        assert!(fit_var(silent.view(), &VarParams { order: 1, ridge: 0.0, demean: false }).is_err());
    }
}

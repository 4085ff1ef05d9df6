//! One channel as a weighted sum of others.

use crate::{Error, Result};
use faer::linalg::solvers::Solve;
use ndarray::{Array1, ArrayView1, ArrayView2};

/// Regressors whose correlation matrix has a smaller pivot are taken for copies of each other.
const SMALLEST_PIVOT: f64 = 1e-10;

/// Weights `w [regressor]` that make `Σ (y − w·x)²` least, `x [regressor, time]`: `(X Xᵀ)⁻¹ X y`. No constant is fitted.
///
/// # Errors
/// [`Error::Shape`] when times differ, [`Error::TooShort`] without a regressor, [`Error::Value`] for values that are not
/// finite or regressors that are zero or depend on each other.
///
/// ```
/// use dosewave_numerics::decompose::least_squares;
/// let x = ndarray::array![[1.0, 0.0, 2.0, 1.0], [0.0, 1.0, 1.0, -1.0]];
/// let y = ndarray::array![3.0, -2.0, 4.0, 5.0]; // 3 x₀ − 2 x₁
/// let weights = least_squares(x.view(), y.view()).unwrap();
/// assert!((weights[0] - 3.0).abs() < 1e-12 && (weights[1] + 2.0).abs() < 1e-12);
/// ```
pub fn least_squares(x: ArrayView2<'_, f64>, y: ArrayView1<'_, f64>) -> Result<Array1<f64>> {
    let n = x.nrows();
    if x.ncols() != y.len() {
        return Err(Error::Shape { what: "samples of the regressors", expected: y.len(), got: x.ncols() });
    }
    if n == 0 {
        return Err(Error::TooShort { what: "regressors", got: 0, need: 1 });
    }
    let scales: Vec<f64> = x.rows().into_iter().map(|row| row.dot(&row).sqrt()).collect();
    if let Some((index, &value)) = scales.iter().enumerate().find(|(_, v)| !(v.is_finite() && **v > 0.0)) {
        let allowed = "must be finite and not zero";
        return Err(Error::Value { what: "magnitude of regressors", index, value, allowed });
    }
    let correlations = faer::Mat::from_fn(n, n, |i, j| x.row(i).dot(&x.row(j)) / (scales[i] * scales[j]));
    let dependent = |value| Error::Value {
        what: "smallest pivot of the regressors' correlations",
        index: 0,
        value,
        allowed: "must be above 1e-10: leave out regressors that are sums of others",
    };
    let cholesky = correlations.llt(faer::Side::Lower).map_err(|_| dependent(0.0))?;
    let pivot = (0..n).map(|i| cholesky.L()[(i, i)].powi(2)).fold(f64::INFINITY, f64::min);
    if pivot < SMALLEST_PIVOT {
        return Err(dependent(pivot));
    }
    let right = faer::Mat::from_fn(n, 1, |i, _| x.row(i).dot(&y) / scales[i]);
    let solved = cholesky.solve(&right);
    let weights: Array1<f64> = (0..n).map(|i| solved[(i, 0)] / scales[i]).collect();
    match weights.iter().enumerate().find(|(_, v)| !v.is_finite()) {
        None => Ok(weights),
        Some((index, &value)) => {
            Err(Error::Value { what: "regression weights", index, value, allowed: "must be finite" })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::Stream;
    use ndarray::Array2;

    #[test]
    fn residuals_are_orthogonal_to_the_regressors_whatever_their_units() {
        let mut stream = Stream::new(1, 0);
        let mut x = Array2::from_shape_fn((3, 500), |_| stream.normal());
        x.row_mut(1).mapv_inplace(|v| v * 1e9);
        let y = Array1::from_shape_fn(500, |_| stream.normal());
        let weights = least_squares(x.view(), y.view()).unwrap();
        let residual = &y - &weights.dot(&x);
        for row in x.rows() {
            assert!((row.dot(&residual) / row.dot(&row).sqrt()).abs() < 1e-10);
        }
    }

    #[test]
    fn dependent_regressors_are_refused() {
        let x = ndarray::array![[1.0, 2.0, 3.0], [2.0, 4.0, 6.0]];
        let y = ndarray::array![1.0, 2.0, 3.0];
        assert!(least_squares(x.view(), y.view()).unwrap_err().to_string().contains("sums of others"));
        assert!(least_squares(Array2::zeros((1, 3)).view(), y.view()).is_err());
        assert!(least_squares(Array2::zeros((0, 3)).view(), y.view()).is_err());
        assert!(least_squares(x.slice(ndarray::s![.., ..2]), y.view()).is_err());
    }
}

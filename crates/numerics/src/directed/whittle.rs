//! From autocovariances to a vector autoregression.

use super::VarModel;
use super::linear::{cholesky, solve_rows, subtract_product, transpose};
use crate::{Error, Result};
use ndarray::{Array2, Array3, ArrayView3};

/// The VAR of order `p` with the autocovariances `Γ(k) = E x(t) x(t − k)ᵀ`, `k = 0 … p`, given as `[lag, signal, signal]`:
/// the multivariate Levinson recursion (Whittle 1963, 10.1093/biomet/50.1-2.129; Wiggins & Robinson 1965).
///
/// The transposed autocovariances are those of the time-reversed process.
///
/// # Errors
/// [`Error::TooShort`] without a lag or signal, [`Error::Shape`] for matrices that are not square, [`Error::Value`] when
/// the residual covariance is not positive definite, as for signals that are sums of others.
///
/// ```
/// use dosewave_numerics::directed::var_from_autocovariance;
/// // x(t) = 0.5 x(t − 1) + e(t) has autocovariances 4/3, 2/3, 1/3
/// let gamma = ndarray::array![[[4.0 / 3.0]], [[2.0 / 3.0]], [[1.0 / 3.0]]];
/// let model = var_from_autocovariance(gamma.view()).unwrap();
/// assert!((model.coefs()[[0, 0, 0]] - 0.5).abs() < 1e-15 && model.coefs()[[1, 0, 0]].abs() < 1e-15);
/// assert!((model.noise_cov()[[0, 0]] - 1.0).abs() < 1e-15);
/// ```
pub fn var_from_autocovariance(gamma: ArrayView3<'_, f64>) -> Result<VarModel> {
    let (n_lags, n, columns) = gamma.dim();
    if n_lags < 2 || n == 0 {
        return Err(Error::TooShort { what: "lags of an autocovariance", got: n_lags, need: 2 });
    }
    if columns != n {
        return Err(Error::Shape { what: "columns of an autocovariance", expected: n, got: columns });
    }
    let gamma: Vec<f64> = gamma.iter().copied().collect();
    let mut recursion = Recursion::new(&gamma, n);
    for order in 0..n_lags - 1 {
        recursion.step(order).ok_or(not_positive(order))?;
    }
    let coefs = Array3::from_shape_vec((n_lags - 1, n, n), recursion.forward);
    let noise = Array2::from_shape_vec((n, n), recursion.forward_cov);
    match (coefs, noise) {
        (Ok(coefs), Ok(noise)) => VarModel::new(coefs, noise),
        _ => Err(Error::Shape { what: "VAR coefficients", expected: n, got: 0 }),
    }
}

fn not_positive(order: usize) -> Error {
    Error::Value {
        what: "residual covariance of the order",
        index: order,
        value: f64::NAN,
        allowed: "must be positive definite: take fewer lags or longer epochs, leave out signals that are sums of others, or \
                  lower the rank",
    }
}

/// Forward and backward coefficients `[lag]` of row-major matrices, and the covariances of what they leave.
struct Recursion<'a> {
    gamma: &'a [f64],
    n: usize,
    forward: Vec<f64>,
    backward: Vec<f64>,
    forward_cov: Vec<f64>,
    backward_cov: Vec<f64>,
    before: Vec<f64>,
}

impl<'a> Recursion<'a> {
    fn new(gamma: &'a [f64], n: usize) -> Self {
        let (size, start) = (n * n, gamma[..n * n].to_vec());
        let zeros = vec![0.0; gamma.len() - size];
        Self {
            gamma,
            n,
            forward: zeros.clone(),
            backward: zeros,
            forward_cov: start.clone(),
            backward_cov: start,
            before: vec![0.0; size],
        }
    }

    /// From `order` lags to one more; `None` where a covariance is not positive definite.
    fn step(&mut self, order: usize) -> Option<()> {
        let (n, size) = (self.n, self.n * self.n);
        // what the lags so far leave of the next autocovariance
        let mut left = self.gamma[(order + 1) * size..][..size].to_vec();
        for lag in 0..order {
            let gamma = &self.gamma[(order - lag) * size..][..size];
            subtract_product(&mut left, &self.forward[lag * size..][..size], gamma, n);
        }
        let mut left_turned = vec![0.0; size];
        transpose(&mut left_turned, &left, n);
        let (mut forward, mut backward) = (left.clone(), left_turned.clone());
        solve_rows(&cholesky(&self.backward_cov, n)?, &mut forward, n);
        solve_rows(&cholesky(&self.forward_cov, n)?, &mut backward, n);
        self.update(order, &forward, &backward);
        subtract_product(&mut self.forward_cov, &forward, &left_turned, n);
        subtract_product(&mut self.backward_cov, &backward, &left, n);
        symmetrise(&mut self.forward_cov, n);
        symmetrise(&mut self.backward_cov, n);
        Some(())
    }

    /// `A_j −= A_new B_(order − j)` and `B_j −= B_new A_(order − j)`, both from the values before the step.
    fn update(&mut self, order: usize, forward: &[f64], backward: &[f64]) {
        let (n, size) = (self.n, self.n * self.n);
        for lag in 0..order {
            let mirror = order - 1 - lag;
            self.before.copy_from_slice(&self.forward[lag * size..][..size]);
            let (a, b) =
                (&mut self.forward[lag * size..][..size], &mut self.backward[mirror * size..][..size]);
            subtract_product(a, forward, b, n);
            subtract_product(b, backward, &self.before, n);
        }
        self.forward[order * size..][..size].copy_from_slice(forward);
        self.backward[order * size..][..size].copy_from_slice(backward);
    }
}

/// Keeps rounding from making a covariance lopsided.
fn symmetrise(a: &mut [f64], n: usize) {
    for i in 0..n {
        for j in 0..i {
            let mean = f64::midpoint(a[i * n + j], a[j * n + i]);
            (a[i * n + j], a[j * n + i]) = (mean, mean);
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use ndarray::{Array2, Axis, array, s};

    /// Autocovariances of a stable VAR by summing its impulse responses.
    pub(in crate::directed) fn autocovariances(model: &VarModel, n_lags: usize) -> Array3<f64> {
        let (n, n_terms) = (model.n_signals(), 600);
        let mut responses: Vec<Array2<f64>> = vec![Array2::eye(n)];
        for t in 1..n_terms + n_lags {
            let mut response = Array2::zeros((n, n));
            for lag in 0..model.order().min(t) {
                response += &model.coefs().index_axis(Axis(0), lag).dot(&responses[t - 1 - lag]);
            }
            responses.push(response);
        }
        let mut gamma = Array3::zeros((n_lags + 1, n, n));
        for lag in 0..=n_lags {
            for t in 0..n_terms {
                let term = responses[t + lag].dot(&model.noise_cov()).dot(&responses[t].t());
                gamma.index_axis_mut(Axis(0), lag).zip_mut_with(&term, |sum, v| *sum += v);
            }
        }
        gamma
    }

    #[test]
    fn a_process_is_found_from_its_autocovariances() {
        let coefs = array![
            [[0.5, 0.1, 0.0], [0.4, -0.3, 0.2], [0.0, 0.1, 0.3]],
            [[-0.6, 0.0, 0.1], [0.2, 0.1, 0.0], [0.1, -0.2, 0.2]]
        ];
        let noise = array![[1.0, 0.3, 0.0], [0.3, 2.0, -0.4], [0.0, -0.4, 0.5]];
        let model = VarModel::new(coefs, noise).unwrap();
        // more lags than the process has: the rest is zero
        let found = var_from_autocovariance(autocovariances(&model, 6).view()).unwrap();
        let gap = &found.coefs().slice(s![..2, .., ..]) - &model.coefs();
        assert!(gap.iter().all(|d| d.abs() < 1e-12));
        assert!(found.coefs().slice(s![2.., .., ..]).iter().all(|a| a.abs() < 1e-12));
        assert!((&found.noise_cov() - &model.noise_cov()).iter().all(|d| d.abs() < 1e-12));
    }

    #[test]
    fn the_equations_of_yule_and_walker_hold() {
        let gamma = array![
            [[3.0, 0.5], [0.5, 2.0]],
            [[1.0, 0.9], [-0.3, 0.4]],
            [[0.2, 0.1], [0.3, -0.2]],
            [[0.1, 0.0], [0.05, 0.1]]
        ];
        let model = var_from_autocovariance(gamma.view()).unwrap();
        for k in 1..4_usize {
            let mut sum = Array2::zeros((2, 2));
            for lag in 1..4_usize {
                let matrix = gamma.index_axis(Axis(0), k.abs_diff(lag));
                let matrix = if k >= lag { matrix } else { matrix.reversed_axes() };
                sum += &model.coefs().index_axis(Axis(0), lag - 1).dot(&matrix);
            }
            assert!((sum - gamma.index_axis(Axis(0), k)).iter().all(|d: &f64| d.abs() < 1e-13), "lag {k}");
        }
    }

    #[test]
    fn signals_that_are_sums_of_others_are_refused() {
        let gamma = array![[[1.0, 1.0], [1.0, 1.0]], [[0.5, 0.5], [0.5, 0.5]]];
        let error = var_from_autocovariance(gamma.view()).unwrap_err().to_string();
        assert!(error.contains("positive definite"), "{error}");
        assert!(var_from_autocovariance(gamma.slice(s![..1, .., ..])).is_err());
        assert!(var_from_autocovariance(gamma.slice(s![.., ..1, ..])).is_err());
    }
}

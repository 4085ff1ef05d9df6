//! Whether a VAR leaves nothing but white noise.

use super::VarModel;
use super::linear::{cholesky, solve_rows};
use crate::error::check_finite;
use crate::{Error, Result};
use ndarray::{Array2, Array3, ArrayView3, Axis, s};
use statrs::distribution::{ChiSquared, ContinuousCDF};

/// What [`portmanteau`] says.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Whiteness {
    /// The statistic.
    pub statistic: f64,
    /// Its degrees of freedom.
    pub df: usize,
    /// Chance of so large a statistic where the residuals are white.
    pub p: f64,
}

/// What a model leaves of epochs `[epoch, signal, time]`, `[epoch, signal, time − order]`.
///
/// # Errors
/// [`Error::Shape`] for another number of signals, [`Error::TooShort`] for epochs without a predicted sample,
/// [`Error::Value`] for values that are not finite.
pub fn var_residuals(model: &VarModel, data: ArrayView3<'_, f64>, demean: bool) -> Result<Array3<f64>> {
    let (n_epochs, n, n_times) = data.dim();
    let order = model.order();
    if n != model.n_signals() {
        return Err(Error::Shape { what: "signals of the epochs", expected: model.n_signals(), got: n });
    }
    if n_times <= order {
        return Err(Error::TooShort { what: "samples of an epoch", got: n_times, need: order + 1 });
    }
    check_finite(data, "samples")?;
    let mut residuals = Array3::zeros((n_epochs, n, n_times - order));
    for (epoch, mut out) in data.outer_iter().zip(residuals.outer_iter_mut()) {
        let mut x = epoch.to_owned();
        if demean {
            let means = x.sum_axis(Axis(1)) / n_times as f64;
            x -= &means.insert_axis(Axis(1));
        }
        out.assign(&x.slice(s![.., order..]));
        for (lag, coefs) in model.coefs().outer_iter().enumerate() {
            out -= &coefs.dot(&x.slice(s![.., order - 1 - lag..n_times - 1 - lag]));
        }
    }
    Ok(residuals)
}

/// Portmanteau test that residuals `[epoch, signal, time]` of a model with `order` lags are white up to lag `n_lags`:
///
/// `Q = n² Σ_h tr(C_hᵀ C_0⁻¹ C_h C_0⁻¹) / n_h`, `h = 1 … n_lags`,
///
/// with the autocovariances `C_h` within epochs, `n` samples and `n_h` products at lag `h`; χ² with
/// `signals² (n_lags − order)` degrees of freedom (Hosking 1980, 10.1080/01621459.1980.10477520; Lütkepohl 2005, section 4.4.3).
///
/// # Errors
/// [`Error::Invalid`] for no more lags than the model has, or more than an epoch; [`Error::Value`] for residuals that
/// depend on each other.
pub fn portmanteau(residuals: ArrayView3<'_, f64>, order: usize, n_lags: usize) -> Result<Whiteness> {
    let (n_epochs, n, n_times) = residuals.dim();
    if n_lags <= order || n_lags >= n_times {
        let allowed = format!("above the model's {order} lags and below the {n_times} samples of an epoch");
        return Err(Error::Invalid { parameter: "n_lags", value: n_lags.to_string(), allowed });
    }
    let n_samples = (n_epochs * n_times) as f64;
    let covariance = lagged(residuals, 0).mapv(|v| v / n_samples);
    let flat: Vec<f64> = covariance.iter().copied().collect();
    let factor = cholesky(&flat, n).ok_or(Error::Value {
        what: "covariance of the residuals",
        index: 0,
        value: f64::NAN,
        allowed: "must be positive definite: leave out signals that are sums of others",
    })?;
    let mut statistic = 0.0;
    for lag in 1..=n_lags {
        let at_lag = lagged(residuals, lag) / n_samples;
        // rows of C C₀⁻¹ and of Cᵀ C₀⁻¹
        let (mut left, mut right): (Vec<f64>, Vec<f64>) =
            (at_lag.t().iter().copied().collect(), at_lag.iter().copied().collect());
        solve_rows(&factor, &mut left, n);
        solve_rows(&factor, &mut right, n);
        let trace: f64 = (0..n * n).map(|at| left[at] * right[(at % n) * n + at / n]).sum();
        statistic += n_samples * n_samples * trace / (n_epochs * (n_times - lag)) as f64;
    }
    let df = n * n * (n_lags - order);
    let chi_squared = ChiSquared::new(df as f64).map_err(|_| Error::Invalid {
        parameter: "degrees of freedom",
        value: df.to_string(),
        allowed: "1 or more".into(),
    })?;
    Ok(Whiteness { statistic, df, p: chi_squared.sf(statistic) })
}

/// `Σ e(t) e(t − lag)ᵀ` within epochs.
fn lagged(residuals: ArrayView3<'_, f64>, lag: usize) -> Array2<f64> {
    let n_times = residuals.dim().2;
    let mut sum = Array2::zeros((residuals.dim().1, residuals.dim().1));
    for epoch in residuals.outer_iter() {
        sum += &epoch.slice(s![.., lag..]).dot(&epoch.slice(s![.., ..n_times - lag]).t());
    }
    sum
}

/// Durbin and Watson's statistic of each signal, `Σ (e(t) − e(t − 1))² / Σ e(t)²` within epochs: about 2 where neighbours are
/// uncorrelated, towards 0 or 4 where they are alike or opposite (1950, 10.1093/biomet/37.3-4.409). NaN of silence.
#[must_use]
pub fn durbin_watson(residuals: ArrayView3<'_, f64>) -> Vec<f64> {
    let signal = |i: usize| {
        let (mut steps, mut squares) = (0.0, 0.0);
        for epoch in residuals.outer_iter() {
            let row = epoch.row(i);
            squares += row.dot(&row);
            steps += row.windows(2).into_iter().map(|two| (two[1] - two[0]).powi(2)).sum::<f64>();
        }
        steps / squares
    };
    (0..residuals.dim().1).map(signal).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::directed::{VarParams, fit_var};
    use crate::stats::Stream;
    use ndarray::array;

    fn truth() -> VarModel {
        let coefs = array![[[0.5, 0.1], [0.4, -0.3]], [[-0.6, 0.0], [0.2, 0.1]]];
        VarModel::new(coefs, array![[1.0, 0.3], [0.3, 2.0]]).unwrap()
    }

    fn simulated(stream: u64) -> Array3<f64> {
        let mut data = Array3::zeros((2, 2, 400));
        let mut stream = Stream::new(5, stream);
        for mut epoch in data.outer_iter_mut() {
            epoch.assign(&truth().simulate(400, 50, &mut stream).unwrap());
        }
        data
    }

    #[test]
    fn residuals_are_what_the_definition_says() {
        let (data, model) = (simulated(0), truth());
        let residuals = var_residuals(&model, data.view(), false).unwrap();
        assert_eq!(residuals.dim(), (2, 2, 398));
        for (e, i, t) in [(0, 0, 2), (1, 1, 57), (0, 1, 399)] {
            let mut expected = data[[e, i, t]];
            for lag in 0..2 {
                for j in 0..2 {
                    expected -= model.coefs()[[lag, i, j]] * data[[e, j, t - 1 - lag]];
                }
            }
            assert!((residuals[[e, i, t - 2]] - expected).abs() < 1e-13);
        }
        assert!(var_residuals(&model, data.slice(s![.., ..1, ..]), false).is_err());
        assert!(var_residuals(&model, data.slice(s![.., .., ..2]), false).is_err());
    }

    /// With the right order, p-values are uniform; with too small an order, they are not.
    #[test]
    fn the_test_holds_its_level_and_sees_a_lag_too_few() {
        let p_values = |order: usize| -> Vec<f64> {
            let p = |stream| {
                let data = simulated(stream);
                let model =
                    fit_var(data.view(), &VarParams { order, ridge: 0.0, demean: false }).unwrap().model;
                let residuals = var_residuals(&model, data.view(), false).unwrap();
                portmanteau(residuals.view(), order, 12).unwrap().p
            };
            (0..150).map(p).collect()
        };
        let mut right = p_values(2);
        right.sort_unstable_by(f64::total_cmp);
        let distance =
            right.iter().enumerate().map(|(i, p)| (p - (i as f64 + 0.5) / 150.0).abs()).fold(0.0, f64::max);
        assert!(distance < 1.63 / 150.0_f64.sqrt(), "KS distance {distance}");
        assert!(p_values(1).iter().all(|p| *p < 1e-3));
    }

    /// One signal: the statistic of Ljung and Box.
    #[test]
    fn one_signal_has_the_statistic_of_ljung_and_box() {
        let e = [0.3, -1.2, 0.7, 0.1, 0.9, -0.4, -0.8, 1.1];
        let residuals = Array3::from_shape_fn((1, 1, 8), |(_, _, t)| e[t]);
        let found = portmanteau(residuals.view(), 0, 2).unwrap();
        let c = |lag: usize| (lag..8).map(|t| e[t] * e[t - lag]).sum::<f64>();
        let expected: f64 = (1..=2).map(|lag| 64.0 * (c(lag) / c(0)).powi(2) / (8 - lag) as f64).sum();
        assert!((found.statistic - expected).abs() < 1e-12 && found.df == 2);
        assert!((found.p - (-expected / 2.0).exp()).abs() < 1e-12, "χ² with two degrees of freedom");
        assert!(portmanteau(residuals.view(), 2, 2).is_err() && portmanteau(residuals.view(), 0, 8).is_err());
    }

    #[test]
    fn durbin_and_watson_see_neighbours() {
        let alternating = Array3::from_shape_fn((1, 2, 100), |(_, i, t)| {
            if i == 0 { [1.0, -1.0][t % 2] } else { 1.0 + 1e-3 * (t % 2) as f64 }
        });
        let found = durbin_watson(alternating.view());
        assert!((found[0] - 4.0 * 99.0 / 100.0).abs() < 1e-12 && found[1] < 1e-5);
        let residuals = var_residuals(&truth(), simulated(1).view(), false).unwrap();
        assert!(durbin_watson(residuals.view()).iter().all(|d| (d - 2.0).abs() < 0.2));
    }
}

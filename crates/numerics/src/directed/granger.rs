//! Granger causality of a vector autoregression, per frequency and over time.

use super::linear::{cholesky, log_det, log_det_hermitian, solve_rows};
use super::riccati::solve_riccati;
use super::var::Transfer;
use super::{VarModel, var_from_autocovariance};
use crate::{Error, Result};
use faer::linalg::solvers::Solve;
use faer::{Mat, MatRef, Side};
use ndarray::ArrayView3;
use num_complex::Complex64;

/// Spectral Granger causality from `seeds` to `targets` at angular frequencies `omegas` (radians per sample), in nats:
///
/// `f(ω) = ln |S_tt| − ln |S_tt − H_ts Σ_ss|t H_tsᴴ|`,
///
/// with the transfer function `H`, the spectral matrix `S = H Σ Hᴴ` and `Σ_ss|t = Σ_ss − Σ_st Σ_tt⁻¹ Σ_ts` (Geweke 1982,
/// 10.1080/01621459.1982.10477803; Barnett & Seth 2015, 10.1103/PhysRevE.91.040101). Never negative. Its mean over all
/// frequencies is the causality over time, [`granger_time`].
///
/// # Errors
/// [`Error::Invalid`] unless each signal of the model is a seed or a target, and there is one of either kind;
/// [`Error::Value`] at a pole of the model.
///
/// ```
/// use dosewave_numerics::directed::{VarModel, spectral_granger};
/// // y(t) = 0.5 x(t − 1) + noise, both white: f(ω) = ln (1 + 0.25) at every frequency, and nothing the other way
/// let model = VarModel::new(ndarray::array![[[0.0, 0.0], [0.5, 0.0]]], ndarray::Array2::eye(2)).unwrap();
/// let there = spectral_granger(&model, &[0], &[1], &[0.3, 1.0]).unwrap();
/// assert!(there.iter().all(|f| (f - 1.25_f64.ln()).abs() < 1e-14));
/// assert_eq!(spectral_granger(&model, &[1], &[0], &[0.3]).unwrap(), [0.0]);
/// ```
pub fn spectral_granger(
    model: &VarModel,
    seeds: &[usize],
    targets: &[usize],
    omegas: &[f64],
) -> Result<Vec<f64>> {
    check_parts(model, seeds, targets)?;
    let noise = Noise::new(model, seeds, targets)?;
    let (n, n_t, n_s) = (model.n_signals(), targets.len(), seeds.len());
    let mut transfer = Transfer::new(model);
    let mut own = vec![Complex64::ZERO; n_t * n_t];
    let mut foreign = vec![Complex64::ZERO; n_t * n_s];
    omegas
        .iter()
        .map(|&omega| {
            let h = transfer.at(omega)?;
            for (row, &t) in targets.iter().enumerate() {
                let to_t = |from: usize| h[t * n + from];
                for (col, &u) in targets.iter().enumerate() {
                    let through: Complex64 = seeds
                        .iter()
                        .enumerate()
                        .map(|(k, &s)| to_t(s) * noise.regression[k * n_t + col])
                        .sum();
                    own[row * n_t + col] = to_t(u) + through;
                }
                seeds.iter().enumerate().for_each(|(col, &s)| foreign[row * n_s + col] = to_t(s));
            }
            noise.causality(&own, &foreign).ok_or(Error::Value {
                what: "angular frequency",
                index: 0,
                value: omega,
                allowed: "must not be one where the targets have no power",
            })
        })
        .collect()
}

/// The noise in what the targets have of their own and what the seeds add.
struct Noise {
    /// `Σ_st Σ_tt⁻¹ [seed, target]`.
    regression: Vec<f64>,
    /// Cholesky factors of `Σ_tt` and `Σ_ss|t`.
    targets: Vec<f64>,
    seeds: Vec<f64>,
    sizes: (usize, usize),
}

impl Noise {
    fn new(model: &VarModel, seeds: &[usize], targets: &[usize]) -> Result<Self> {
        let (n_t, n_s) = (targets.len(), seeds.len());
        let block = |rows: &[usize], cols: &[usize]| -> Vec<f64> {
            rows.iter().flat_map(|&i| cols.iter().map(move |&j| model.noise_cov()[[i, j]])).collect()
        };
        let singular = || Error::Value {
            what: "noise covariance",
            index: 0,
            value: f64::NAN,
            allowed: "must be positive definite: leave out signals that are sums of others, or lower the rank",
        };
        let factor = cholesky(&block(targets, targets), n_t).ok_or_else(singular)?;
        let cross = block(seeds, targets);
        let mut regression = cross.clone();
        solve_rows(&factor, &mut regression, n_t);
        let mut partial = block(seeds, seeds);
        for i in 0..n_s {
            for j in 0..n_s {
                let explained: f64 = (0..n_t).map(|k| regression[i * n_t + k] * cross[j * n_t + k]).sum();
                partial[i * n_s + j] -= explained;
            }
        }
        let partial = cholesky(&partial, n_s).ok_or_else(singular)?;
        Ok(Self { regression, targets: factor, seeds: partial, sizes: (n_t, n_s) })
    }

    /// `ln |own Σ_tt ownᴴ + foreign Σ_ss|t foreignᴴ| − ln |own Σ_tt ownᴴ|`.
    fn causality(&self, own: &[Complex64], foreign: &[Complex64]) -> Option<f64> {
        let (n_t, n_s) = self.sizes;
        let mut intrinsic = vec![Complex64::ZERO; n_t * n_t];
        add_quadratic(&mut intrinsic, own, &self.targets, (n_t, n_t));
        let mut total = intrinsic.clone();
        add_quadratic(&mut total, foreign, &self.seeds, (n_t, n_s));
        if n_t == 1 {
            let share = total[0].re / intrinsic[0].re;
            return (intrinsic[0].re > 0.0 && share.is_finite()).then(|| share.ln().max(0.0));
        }
        Some((log_det_hermitian(&mut total, n_t)? - log_det_hermitian(&mut intrinsic, n_t)?).max(0.0))
    }
}

/// `out += (a L)(a L)ᴴ` of `a [rows, inner]`.
fn add_quadratic(out: &mut [Complex64], a: &[Complex64], lower: &[f64], (rows, inner): (usize, usize)) {
    let mut scaled = vec![Complex64::ZERO; rows * inner];
    for row in 0..rows {
        for col in 0..inner {
            scaled[row * inner + col] =
                (col..inner).map(|k| a[row * inner + k] * lower[k * inner + col]).sum();
        }
    }
    for i in 0..rows {
        for j in 0..rows {
            let products = (0..inner).map(|k| scaled[i * inner + k] * scaled[j * inner + k].conj());
            out[i * rows + j] += products.sum::<Complex64>();
        }
    }
}

/// Spectral Granger causality both ways, and both ways of the signals reversed in time, nats per frequency.
#[derive(Clone, Debug, PartialEq)]
pub struct GrangerSpectra {
    /// From seeds to targets.
    pub there: Vec<f64>,
    /// From targets to seeds.
    pub back: Vec<f64>,
    /// From seeds to targets when time runs backwards.
    pub there_reversed: Vec<f64>,
    /// From targets to seeds when time runs backwards.
    pub back_reversed: Vec<f64>,
}

impl GrangerSpectra {
    /// From autocovariances `[lag, signal, signal]` of which the first `n_seeds` signals are the seeds, at angular
    /// frequencies `omegas`: [`var_from_autocovariance`], then [`spectral_granger`].
    ///
    /// # Errors
    /// As these.
    pub fn new(gamma: ArrayView3<'_, f64>, n_seeds: usize, omegas: &[f64]) -> Result<Self> {
        let (seeds, targets): (Vec<usize>, Vec<usize>) = (0..gamma.dim().1).partition(|i| *i < n_seeds);
        let both = |gamma| -> Result<(Vec<f64>, Vec<f64>)> {
            let model = var_from_autocovariance(gamma)?;
            let there = spectral_granger(&model, &seeds, &targets, omegas)?;
            Ok((there, spectral_granger(&model, &targets, &seeds, omegas)?))
        };
        let (there, back) = both(gamma)?;
        // Γ(−k) = Γ(k)ᵀ
        let (there_reversed, back_reversed) = both(gamma.permuted_axes([0, 2, 1]))?;
        Ok(Self { there, back, there_reversed, back_reversed })
    }

    /// `(there − back) − (there − back, reversed)`: positive where the seeds lead, about 0 for mixtures of sources without
    /// a lead (Winkler, Panknin, Bartz, Müller & Haufe 2016, 10.1109/TSP.2016.2531628).
    #[must_use]
    pub fn net(&self) -> Vec<f64> {
        let plain = self.there.iter().zip(&self.back).map(|(there, back)| there - back);
        let reversed = self.there_reversed.iter().zip(&self.back_reversed).map(|(there, back)| there - back);
        plain.zip(reversed).map(|(plain, reversed)| plain - reversed).collect()
    }
}

/// Granger causality over time from `seeds` to `targets`, given all other signals of the model, in nats:
///
/// `F = ln |Σᴿ_tt| − ln |Σ_tt|`,
///
/// with `Σᴿ` the covariance of what is left of the targets when the seeds' past is not known. It is found in state-space
/// form, by a Riccati equation, not by fitting a second model (Barnett & Seth 2015, 10.1103/PhysRevE.91.040101).
///
/// # Errors
/// [`Error::Invalid`] for signals that are not there, stand twice, or are none; [`Error::NotConverged`] for a model on
/// the edge of stability.
///
/// ```
/// use dosewave_numerics::directed::{VarModel, granger_time};
/// // x(t) = noise, y(t) = c x(t − 1) + noise: without x, y is white with variance 1 + c²
/// let model = VarModel::new(ndarray::array![[[0.0, 0.0], [0.5, 0.0]]], ndarray::Array2::eye(2)).unwrap();
/// assert!((granger_time(&model, &[0], &[1]).unwrap() - 1.25_f64.ln()).abs() < 1e-14);
/// assert_eq!(granger_time(&model, &[1], &[0]).unwrap(), 0.0);
/// ```
pub fn granger_time(model: &VarModel, seeds: &[usize], targets: &[usize]) -> Result<f64> {
    check_disjoint(model, seeds, targets)?;
    let n = model.n_signals();
    // targets first, then the signals that are given
    let mut kept = targets.to_vec();
    kept.extend((0..n).filter(|i| !seeds.contains(i) && !targets.contains(i)));
    let reduced = reduced_noise(model, &kept)?;
    let covariance = |matrix: &dyn Fn(usize, usize) -> f64| -> Result<f64> {
        let n_t = targets.len();
        let flat: Vec<f64> = (0..n_t * n_t).map(|at| matrix(at / n_t, at % n_t)).collect();
        let factor =
            cholesky(&flat, n_t).ok_or(Error::NotConverged { what: "reduced model", iterations: 1 })?;
        Ok(log_det(&factor, n_t))
    };
    let without = covariance(&|i, j| reduced[(i, j)])?;
    let with = covariance(&|i, j| model.noise_cov()[[targets[i], targets[j]]])?;
    Ok((without - with).max(0.0))
}

/// Covariance of the innovations of the `kept` signals when only their own past is known.
fn reduced_noise(model: &VarModel, kept: &[usize]) -> Result<Mat<f64>> {
    let (n, order, noise) = (model.n_signals(), model.order(), model.noise_cov());
    let n_states = n * order;
    if order == 0 {
        return Ok(Mat::from_fn(kept.len(), kept.len(), |i, j| noise[[kept[i], kept[j]]]));
    }
    let coef = |to: usize, state: usize| model.coefs()[[state / n, to, state % n]];
    let a =
        Mat::from_fn(
            n_states,
            n_states,
            |i, j| {
                if i < n { coef(i, j) } else { f64::from(u8::from(i == j + n)) }
            },
        );
    let c = Mat::from_fn(kept.len(), n_states, |i, j| coef(kept[i], j));
    // noise of states and observations is the same noise: take what the observations tell out of the states
    let r = Mat::from_fn(kept.len(), kept.len(), |i, j| noise[[kept[i], kept[j]]]);
    let s = Mat::from_fn(kept.len(), n_states, |i, j| if j < n { noise[[kept[i], j]] } else { 0.0 });
    let q = Mat::from_fn(n_states, n_states, |i, j| if i < n && j < n { noise[[i, j]] } else { 0.0 });
    let llt = r.llt(Side::Lower).map_err(|_| Error::NotConverged { what: "noise factor", iterations: 1 })?;
    let (told, gain) = (llt.solve(&s), llt.solve(&c));
    let turned: Mat<f64> = (a - told.transpose() * &c).transpose().to_owned();
    let left: MatRef<'_, f64> = turned.as_ref();
    let p = solve_riccati(left, c.transpose() * gain, q - s.transpose() * told)?;
    Ok(&c * p * c.transpose() + r)
}

fn check_parts(model: &VarModel, seeds: &[usize], targets: &[usize]) -> Result<()> {
    check_disjoint(model, seeds, targets)?;
    if seeds.len() + targets.len() == model.n_signals() {
        return Ok(());
    }
    Err(Error::Invalid {
        parameter: "seeds, targets",
        value: format!("{seeds:?}, {targets:?}"),
        allowed: format!("each of the model's {} signals as a seed or a target", model.n_signals()),
    })
}

fn check_disjoint(model: &VarModel, seeds: &[usize], targets: &[usize]) -> Result<()> {
    let n = model.n_signals();
    let mut all: Vec<usize> = seeds.iter().chain(targets).copied().collect();
    all.sort_unstable();
    let repeated = all.windows(2).any(|two| two[0] == two[1]);
    if !seeds.is_empty() && !targets.is_empty() && !repeated && all.last().is_some_and(|i| *i < n) {
        return Ok(());
    }
    Err(Error::Invalid {
        parameter: "seeds, targets",
        value: format!("{seeds:?}, {targets:?}"),
        allowed: format!("at least one of each, from 0 to {}, none twice", n.saturating_sub(1)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::{Array2, array};
    use std::f64::consts::PI;

    fn omegas(n: usize) -> Vec<f64> {
        (0..n).map(|k| PI * (k as f64 + 0.5) / n as f64).collect()
    }

    /// `x(t) = a x(t−1) + e`, `y(t) = b y(t−1) + c x(t−1) + u`, unit noise.
    fn driven(a: f64, b: f64, c: f64) -> VarModel {
        VarModel::new(array![[[a, 0.0], [c, b]]], Array2::eye(2)).unwrap()
    }

    #[test]
    fn a_driven_process_has_its_closed_form() {
        let (a, b, c) = (0.6_f64, -0.3, 0.8_f64);
        let model = driven(a, b, c);
        for (omega, found) in
            omegas(7).into_iter().zip(spectral_granger(&model, &[0], &[1], &omegas(7)).unwrap())
        {
            // |1 − a e^{−iω}|²
            let pole = 1.0 + a * a - 2.0 * a * omega.cos();
            assert!((found - (1.0 + c * c / pole).ln()).abs() < 1e-13);
        }
        assert!(spectral_granger(&model, &[1], &[0], &omegas(7)).unwrap().iter().all(|f| f.abs() < 1e-14));
        // |1 − az|² + c² = K |1 − ρz|²: the mean of the logarithm is ln K
        let sum = 1.0 + a * a + c * c;
        let expected = (f64::midpoint(sum, (sum * sum - 4.0 * a * a).sqrt())).ln();
        assert!((granger_time(&model, &[0], &[1]).unwrap() - expected).abs() < 1e-13);
        assert!(granger_time(&model, &[1], &[0]).unwrap().abs() < 1e-13);
    }

    #[test]
    fn the_mean_over_frequencies_is_the_causality_over_time() {
        let coefs = array![
            [[0.4, 0.2, 0.0], [0.3, -0.3, 0.2], [0.1, 0.1, 0.3]],
            [[-0.4, 0.0, 0.1], [0.2, 0.1, 0.0], [0.1, -0.2, 0.2]]
        ];
        let noise = array![[1.0, 0.3, 0.1], [0.3, 2.0, -0.4], [0.1, -0.4, 0.5]];
        let model = VarModel::new(coefs, noise).unwrap();
        for (seeds, targets) in [(vec![0], vec![1, 2]), (vec![2, 0], vec![1]), (vec![1], vec![2, 0])] {
            let spectrum = spectral_granger(&model, &seeds, &targets, &omegas(512)).unwrap();
            let mean = spectrum.iter().sum::<f64>() / 512.0;
            let time = granger_time(&model, &seeds, &targets).unwrap();
            assert!((mean - time).abs() < 1e-12, "{seeds:?} → {targets:?}: {mean} and {time}");
            assert!(time > 1e-3);
        }
    }

    /// `x → y → z`: given `y`, `x` adds nothing about `z`; without it, it does.
    #[test]
    fn what_goes_through_another_signal_is_not_there_given_it() {
        let coefs = array![[[0.5, 0.0, 0.0], [0.7, 0.3, 0.0], [0.0, 0.7, 0.2]]];
        let model = VarModel::new(coefs, Array2::eye(3)).unwrap();
        assert!(granger_time(&model, &[0], &[2]).unwrap() < 1e-13);
        assert!(granger_time(&model, &[1], &[2]).unwrap() > 0.1);
        let gamma = super::super::whittle::tests::autocovariances(&model, 30);
        let pair = gamma.select(ndarray::Axis(1), &[0, 2]).select(ndarray::Axis(2), &[0, 2]);
        let pair = super::super::var_from_autocovariance(pair.view()).unwrap();
        assert!(granger_time(&pair, &[0], &[1]).unwrap() > 0.05);
    }

    #[test]
    fn neither_scale_nor_mixing_within_a_side_changes_anything() {
        let coefs = array![[[0.4, 0.2, 0.0], [0.3, -0.3, 0.2], [0.1, 0.1, 0.3]]];
        let noise = array![[1.0, 0.3, 0.1], [0.3, 2.0, -0.4], [0.1, -0.4, 0.5]];
        let model = VarModel::new(coefs, noise).unwrap();
        // the first is scaled, the others mixed with each other
        let mix = array![[100.0, 0.0, 0.0], [0.0, 1.0, 0.5], [0.0, -0.3, 2.0]];
        let determinant = 2.0 + 0.15;
        let unmix = array![
            [0.01, 0.0, 0.0],
            [0.0, 2.0 / determinant, -0.5 / determinant],
            [0.0, 0.3 / determinant, 1.0 / determinant]
        ];
        let mixed = mix.dot(&model.coefs().index_axis(ndarray::Axis(0), 0)).dot(&unmix);
        let noise = mix.dot(&model.noise_cov()).dot(&mix.t());
        let mixed = VarModel::new(mixed.insert_axis(ndarray::Axis(0)), noise).unwrap();
        let run = |model: &VarModel| spectral_granger(model, &[0], &[1, 2], &omegas(9)).unwrap();
        assert!(run(&model).iter().zip(run(&mixed)).all(|(a, b)| (a - b).abs() < 1e-12));
    }

    /// Two mixtures of independent sources of unequal colour: plain causality sees a direction, the net one does not.
    #[test]
    fn mixing_makes_causality_that_time_reversal_takes_off() {
        let sources = VarModel::new(array![[[0.9, 0.0], [0.0, -0.4]]], Array2::eye(2)).unwrap();
        let gamma = super::super::whittle::tests::autocovariances(&sources, 25);
        let mix = array![[1.0, 0.3], [0.6, 1.0]];
        let mut mixed = gamma.clone();
        for (mut out, lag) in mixed.outer_iter_mut().zip(gamma.outer_iter()) {
            out.assign(&mix.dot(&lag).dot(&mix.t()));
        }
        let found = GrangerSpectra::new(mixed.view(), 1, &omegas(20)).unwrap();
        assert!(found.there.iter().chain(&found.back).any(|f| *f > 0.05), "spurious");
        assert!(found.net().iter().all(|net| net.abs() < 1e-6), "{:?}", found.net());
        let gamma = super::super::whittle::tests::autocovariances(&driven(0.6, -0.3, 0.8), 25);
        let found = GrangerSpectra::new(gamma.view(), 1, &omegas(20)).unwrap();
        let plain = spectral_granger(&driven(0.6, -0.3, 0.8), &[0], &[1], &omegas(20)).unwrap();
        assert!(found.there.iter().zip(plain).all(|(a, b)| (a - b).abs() < 1e-10));
        assert!(found.net().iter().sum::<f64>() > 5.0);
    }

    #[test]
    fn parts_that_are_none_are_refused() {
        let model = driven(0.1, 0.1, 0.1);
        for (seeds, targets) in
            [(vec![], vec![1]), (vec![0], vec![0]), (vec![0], vec![2]), (vec![0, 0], vec![1])]
        {
            assert!(granger_time(&model, &seeds, &targets).is_err());
        }
        let three = VarModel::new(ndarray::Array3::zeros((1, 3, 3)), Array2::eye(3)).unwrap();
        let error = spectral_granger(&three, &[0], &[1], &[0.1]).unwrap_err().to_string();
        assert!(error.contains("3 signals"), "{error}");
        let unit_root = VarModel::new(array![[[1.0, 0.0], [0.5, 0.5]]], Array2::eye(2)).unwrap();
        assert!(spectral_granger(&unit_root, &[0], &[1], &[0.0]).is_err());
    }
}

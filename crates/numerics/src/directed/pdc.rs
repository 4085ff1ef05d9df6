//! Partial directed coherence and the directed transfer function.

use super::VarModel;
use super::var::Transfer;
use crate::Result;
use ndarray::Array3;
use num_complex::Complex64;
use std::f64::consts::PI;

/// A measure per ordered pair and frequency of a vector autoregression, `0 … 1`. With `Ā = I − Σ_k A_k e^{−iωk}`,
/// `H = Ā⁻¹` and the noise's standard deviations `σ`:
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VarMeasure {
    /// Partial directed coherence `|Ā_ij| / √(Σ_k |Ā_kj|²)`: direct influence as a share of what leaves `j`; the squares
    /// of a column sum to 1 (Baccalá & Sameshima 2001, 10.1007/PL00007990). It depends on the signals' units.
    Pdc,
    /// Generalised partial directed coherence `(|Ā_ij|/σ_i) / √(Σ_k |Ā_kj|²/σ_k²)`: the same in units of the noise, so
    /// that scaling a signal changes nothing (Baccalá, Sameshima & Takahashi 2007, 10.1109/ICDSP.2007.4288544).
    Gpdc,
    /// Directed transfer function `|H_ij| / √(Σ_k |H_ik|²)`: direct and passed-on influence as a share of what arrives at
    /// `i`; the squares of a row sum to 1 (Kamiński & Blinowska 1991, 10.1007/BF00198091, whose γ² is the square). It
    /// depends on the signals' units.
    Dtf,
    /// Directed coherence `|H_ij| σ_j / √(Σ_k |H_ik|² σ_k²)`: the same in units of the noise, `σ_j²|H_ij|²/S_ii` where the
    /// noise is uncorrelated (Baccalá & Sameshima 2001, as above, equation 4 and on).
    DirectedCoherence,
}

impl VarMeasure {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Pdc, Self::Gpdc, Self::Dtf, Self::DirectedCoherence];

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Pdc => "pdc",
            Self::Gpdc => "gpdc",
            Self::Dtf => "dtf",
            Self::DirectedCoherence => "dc",
        }
    }
}

/// `measure` of each ordered pair `[to, from, freq]` at `freqs_hz`.
///
/// # Errors
/// As [`VarModel::transfer`].
///
/// ```
/// use dosewave_numerics::directed::{VarMeasure, VarModel, var_connectivity};
/// // y(t) = 0.75 x(t − 1) + noise: Ā's first column is (1, −0.75 e^{−iω}), so PDC is 0.75 / √(1 + 0.75²) = 0.6
/// let model = VarModel::new(ndarray::array![[[0.0, 0.0], [0.75, 0.0]]], ndarray::Array2::eye(2)).unwrap();
/// let pdc = var_connectivity(&model, VarMeasure::Pdc, &[3.0, 20.0], 100.0).unwrap();
/// assert!((pdc[[1, 0, 0]] - 0.6).abs() < 1e-15 && (pdc[[0, 0, 1]] - 0.8).abs() < 1e-15);
/// assert_eq!(pdc[[0, 1, 0]], 0.0);
/// ```
pub fn var_connectivity(
    model: &VarModel,
    measure: VarMeasure,
    freqs_hz: &[f64],
    sfreq: f64,
) -> Result<Array3<f64>> {
    let n = model.n_signals();
    let sigma: Vec<f64> = (0..n).map(|i| model.noise_cov()[[i, i]].sqrt()).collect();
    let mut transfer = Transfer::new(model);
    let mut values = Array3::zeros((n, n, freqs_hz.len()));
    for (k, freq) in freqs_hz.iter().enumerate() {
        let omega = 2.0 * PI * freq / sfreq;
        let matrix = match measure {
            VarMeasure::Pdc | VarMeasure::Gpdc => transfer.polynomial_at(omega),
            VarMeasure::Dtf | VarMeasure::DirectedCoherence => transfer.at(omega)?,
        };
        let power = |i: usize, j: usize| weighted_power(matrix, &sigma, measure, (i, j));
        for i in 0..n {
            for j in 0..n {
                let total: f64 = match measure {
                    VarMeasure::Pdc | VarMeasure::Gpdc => (0..n).map(|to| power(to, j)).sum(),
                    VarMeasure::Dtf | VarMeasure::DirectedCoherence => {
                        (0..n).map(|from| power(i, from)).sum()
                    }
                };
                values[[i, j, k]] = (power(i, j) / total).sqrt();
            }
        }
    }
    Ok(values)
}

fn weighted_power(matrix: &[Complex64], sigma: &[f64], measure: VarMeasure, (i, j): (usize, usize)) -> f64 {
    let weight = match measure {
        VarMeasure::Pdc | VarMeasure::Dtf => 1.0,
        VarMeasure::Gpdc => sigma[i].recip(),
        VarMeasure::DirectedCoherence => sigma[j],
    };
    (matrix[i * sigma.len() + j] * weight).norm_sqr()
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::{Axis, array};

    /// `x(t) = a x(t−1) + e`, `y(t) = b y(t−1) + c x(t−1) + u`, noise of variances 1 and 4.
    fn model() -> VarModel {
        VarModel::new(array![[[0.6, 0.0], [0.8, -0.3]]], array![[1.0, 0.0], [0.0, 4.0]]).unwrap()
    }

    #[test]
    fn a_driven_process_has_its_closed_forms() {
        let (a, b, c) = (0.6_f64, -0.3_f64, 0.8_f64);
        let freqs = [0.0, 4.0, 11.0, 50.0];
        let values: Vec<Array3<f64>> = VarMeasure::ALL
            .iter()
            .map(|measure| var_connectivity(&model(), *measure, &freqs, 100.0).unwrap())
            .collect();
        for (k, freq) in freqs.into_iter().enumerate() {
            let cos = (2.0 * PI * freq / 100.0).cos();
            // |1 − a z|², |1 − b z|²
            let (pole_a, pole_b) = (1.0 + a * a - 2.0 * a * cos, 1.0 + b * b - 2.0 * b * cos);
            let expected = [
                (c * c / (pole_a + c * c)).sqrt(),
                (c * c / 4.0 / (pole_a + c * c / 4.0)).sqrt(),
                // H_yx = c z / ((1 − az)(1 − bz)), H_yy = 1 / (1 − bz)
                (c * c / pole_a / pole_b / (c * c / pole_a / pole_b + 1.0 / pole_b)).sqrt(),
                (c * c / pole_a / (c * c / pole_a + 4.0)).sqrt(),
            ];
            for (found, expected) in values.iter().zip(expected) {
                assert!((found[[1, 0, k]] - expected).abs() < 1e-14);
                assert!(found[[0, 1, k]].abs() < 1e-15, "nothing goes from y to x");
            }
        }
    }

    #[test]
    fn squares_of_columns_or_rows_sum_to_one() {
        let coefs = array![[[0.4, 0.2, 0.0], [0.3, -0.3, 0.2], [0.1, 0.1, 0.3]]];
        let noise = array![[1.0, 0.3, 0.1], [0.3, 2.0, -0.4], [0.1, -0.4, 0.5]];
        let model = VarModel::new(coefs, noise).unwrap();
        for measure in VarMeasure::ALL {
            let squares = var_connectivity(&model, measure, &[1.0, 17.0], 100.0).unwrap().mapv(|v| v * v);
            let is_pdc = matches!(measure, VarMeasure::Pdc | VarMeasure::Gpdc);
            let sums = squares.sum_axis(Axis(usize::from(!is_pdc)));
            assert!(sums.iter().all(|sum| (sum - 1.0).abs() < 1e-14), "{}", measure.name());
        }
    }

    #[test]
    fn units_matter_to_the_plain_measures_only() {
        let model = model();
        // the second signal in units a hundred times smaller
        let coefs = array![[[0.6, 0.0], [80.0, -0.3]]];
        let scaled = VarModel::new(coefs, array![[1.0, 0.0], [0.0, 4e4]]).unwrap();
        for measure in VarMeasure::ALL {
            let run = |model| var_connectivity(model, measure, &[9.0], 100.0).unwrap();
            let gap = (run(&model) - run(&scaled)).iter().fold(0.0_f64, |m, d| m.max(d.abs()));
            let plain = matches!(measure, VarMeasure::Pdc | VarMeasure::Dtf);
            assert_eq!(gap > 0.1, plain, "{}: {gap}", measure.name());
        }
    }
}

//! A vector autoregression, and what it says about spectra.

use super::linear::{cholesky, invert};
use crate::error::check_finite;
use crate::stats::Stream;
use crate::{Error, Result};
use ndarray::{Array2, Array3, ArrayView2, ArrayView3, s};
use num_complex::Complex64;
use std::f64::consts::PI;

/// `x(t) = Σ_k A_k x(t − k) + e(t)`, `k = 1 … p`, with white noise `e` of covariance `Σ`.
///
/// ```
/// use dosewave_numerics::directed::VarModel;
/// // the first drives the second, one sample later
/// let coefs = ndarray::array![[[0.5, 0.0], [0.4, 0.5]]];
/// let model = VarModel::new(coefs, ndarray::Array2::eye(2)).unwrap();
/// assert_eq!((model.order(), model.n_signals()), (1, 2));
/// assert!((model.spectral_radius().unwrap() - 0.5).abs() < 1e-7);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct VarModel {
    coefs: Array3<f64>,
    noise: Array2<f64>,
}

impl VarModel {
    /// From `coefs [lag, to, from]`, lags 1, 2 … p, and the covariance of the noise.
    ///
    /// # Errors
    /// [`Error::Shape`] when sizes disagree, [`Error::TooShort`] without a signal, [`Error::Value`] for values that are
    /// not finite or a covariance that is not positive definite.
    pub fn new(coefs: Array3<f64>, noise: Array2<f64>) -> Result<Self> {
        let n = noise.nrows();
        if n == 0 {
            return Err(Error::TooShort { what: "signals of a VAR", got: 0, need: 1 });
        }
        for (what, got) in [
            ("columns of the noise covariance", noise.ncols()),
            ("rows of VAR coefficients", coefs.dim().1),
            ("columns of VAR coefficients", coefs.dim().2),
        ] {
            if got != n {
                return Err(Error::Shape { what, expected: n, got });
            }
        }
        check_finite(&coefs, "VAR coefficients")?;
        check_finite(&noise, "noise covariance")?;
        let (coefs, noise) =
            (coefs.as_standard_layout().into_owned(), noise.as_standard_layout().into_owned());
        let model = Self { coefs, noise };
        model.noise_factor()?;
        Ok(model)
    }

    /// Coefficients `[lag, to, from]`.
    #[must_use]
    pub fn coefs(&self) -> ArrayView3<'_, f64> {
        self.coefs.view()
    }

    /// Covariance of the noise.
    #[must_use]
    pub fn noise_cov(&self) -> ArrayView2<'_, f64> {
        self.noise.view()
    }

    /// Number of lags.
    #[must_use]
    pub fn order(&self) -> usize {
        self.coefs.dim().0
    }

    /// Number of signals.
    #[must_use]
    pub fn n_signals(&self) -> usize {
        self.noise.nrows()
    }

    /// The lower Cholesky factor of the noise covariance, row-major.
    pub(super) fn noise_factor(&self) -> Result<Vec<f64>> {
        let flat: Vec<f64> = self.noise.iter().copied().collect();
        cholesky(&flat, self.n_signals()).ok_or(Error::Value {
            what: "noise covariance",
            index: 0,
            value: self.noise[[0, 0]],
            allowed: "must be positive definite: leave out signals that are sums of others, or lower the rank",
        })
    }

    /// Largest modulus of an eigenvalue of the companion matrix: the process is stable below 1 (Lütkepohl 2005,
    /// 10.1007/978-3-540-27752-1, section 2.1).
    ///
    /// # Errors
    /// [`Error::NotConverged`] when the eigenvalues do not settle.
    pub fn spectral_radius(&self) -> Result<f64> {
        let (n, order) = (self.n_signals(), self.order());
        if order == 0 {
            return Ok(0.0);
        }
        let companion = faer::Mat::from_fn(n * order, n * order, |row, col| {
            if row < n { self.coefs[[col / n, row, col % n]] } else { f64::from(u8::from(row == col + n)) }
        });
        let failed = Error::NotConverged { what: "eigenvalues of a companion matrix", iterations: 1 };
        let eigenvalues = companion.eigenvalues().map_err(|_| failed)?;
        Ok(eigenvalues.iter().map(|value| value.re.hypot(value.im)).fold(0.0, f64::max))
    }

    /// Transfer function `H(f) = (I − Σ_k A_k e^{−2πi f k / sfreq})⁻¹`, `[freq, to, from]`.
    ///
    /// # Errors
    /// [`Error::Value`] at a frequency where the inverse does not exist (a pole on the unit circle).
    pub fn transfer(&self, freqs_hz: &[f64], sfreq: f64) -> Result<Array3<Complex64>> {
        let n = self.n_signals();
        let mut all = Vec::with_capacity(freqs_hz.len() * n * n);
        let mut transfer = Transfer::new(self);
        for freq in freqs_hz {
            all.extend_from_slice(transfer.at(2.0 * PI * freq / sfreq)?);
        }
        let shape = (freqs_hz.len(), n, n);
        Array3::from_shape_vec(shape, all).map_err(|_| Error::Shape {
            what: "entries of a transfer function",
            expected: freqs_hz.len() * n * n,
            got: 0,
        })
    }

    /// Spectral matrix `S(f) = H Σ Hᴴ / sfreq`, two-sided, unit²/Hz, `[freq, signal, signal]`; `S_ij = E X_i X_j*`. Its
    /// integral from −sfreq/2 to sfreq/2 is the covariance.
    ///
    /// # Errors
    /// As [`Self::transfer`].
    ///
    /// ```
    /// use dosewave_numerics::directed::VarModel;
    /// // white noise of variance 2 at 100 Hz
    /// let model = VarModel::new(ndarray::Array3::zeros((1, 1, 1)), ndarray::array![[2.0]]).unwrap();
    /// assert_eq!(model.spectrum(&[10.0], 100.0).unwrap()[[0, 0, 0]].re, 0.02);
    /// ```
    pub fn spectrum(&self, freqs_hz: &[f64], sfreq: f64) -> Result<Array3<Complex64>> {
        let transfer = self.transfer(freqs_hz, sfreq)?;
        let noise = self.noise.mapv(|v| Complex64::from(v / sfreq));
        let mut spectrum = transfer;
        for mut at in spectrum.outer_iter_mut() {
            let h = at.to_owned();
            at.assign(&h.dot(&noise).dot(&h.t().mapv(|z| z.conj())));
        }
        Ok(spectrum)
    }

    /// `n_times` samples `[signal, time]` with Gaussian noise, after `n_before` samples that are thrown away.
    ///
    /// # Errors
    /// As [`Self::new`].
    pub fn simulate(&self, n_times: usize, n_before: usize, stream: &mut Stream) -> Result<Array2<f64>> {
        let (n, order, total) = (self.n_signals(), self.order(), n_times + n_before);
        let factor = self.noise_factor()?;
        let mut x = Array2::<f64>::zeros((total + order, n));
        let mut white = vec![0.0; n];
        for t in order..total + order {
            white.iter_mut().for_each(|w| *w = stream.normal());
            for i in 0..n {
                let noise: f64 = (0..=i).map(|j| factor[i * n + j] * white[j]).sum();
                let past: f64 =
                    (0..order).map(|lag| self.coefs.slice(s![lag, i, ..]).dot(&x.row(t - 1 - lag))).sum();
                x[[t, i]] = past + noise;
            }
        }
        Ok(x.slice(s![order + n_before.., ..]).t().as_standard_layout().into_owned())
    }
}

/// The transfer function at one frequency after the other, in the same memory.
pub(super) struct Transfer<'a> {
    model: &'a VarModel,
    polynomial: Vec<Complex64>,
    inverse: Vec<Complex64>,
}

impl<'a> Transfer<'a> {
    pub(super) fn new(model: &'a VarModel) -> Self {
        let entries = model.n_signals().pow(2);
        Self { model, polynomial: vec![Complex64::ZERO; entries], inverse: vec![Complex64::ZERO; entries] }
    }

    /// `Ā(ω) = I − Σ_k A_k e^{−iωk}`, row-major.
    pub(super) fn polynomial_at(&mut self, omega: f64) -> &[Complex64] {
        let (n, turn) = (self.model.n_signals(), Complex64::from_polar(1.0, -omega));
        self.polynomial.fill(Complex64::ZERO);
        for lag in self.model.coefs.outer_iter().rev() {
            // Horner: the last lag is turned most often
            self.polynomial.iter_mut().zip(lag).for_each(|(sum, a)| *sum = (*sum - a) * turn);
        }
        (0..n).for_each(|i| self.polynomial[i * n + i] += 1.0);
        &self.polynomial
    }

    /// `H(ω) = Ā(ω)⁻¹`, row-major.
    pub(super) fn at(&mut self, omega: f64) -> Result<&[Complex64]> {
        self.polynomial_at(omega);
        invert(&mut self.polynomial, &mut self.inverse, self.model.n_signals()).ok_or(Error::Value {
            what: "angular frequency of a transfer function",
            index: 0,
            value: omega,
            allowed: "must not be a pole of the model: it is on the edge of stability",
        })?;
        Ok(&self.inverse)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    fn model() -> VarModel {
        let coefs = array![[[0.5, 0.1], [0.4, -0.3]], [[-0.6, 0.0], [0.2, 0.1]]];
        VarModel::new(coefs, array![[1.0, 0.3], [0.3, 2.0]]).unwrap()
    }

    /// `H` by its definition for two signals: adjugate over determinant.
    #[test]
    fn the_transfer_function_is_the_inverse_of_the_polynomial() {
        let model = model();
        let transfer = model.transfer(&[7.0, 31.0], 100.0).unwrap();
        for (k, freq) in [7.0, 31.0].into_iter().enumerate() {
            let z = |lag: usize| Complex64::from_polar(1.0, -2.0 * PI * freq * lag as f64 / 100.0);
            let a = |i: usize, j: usize| {
                f64::from(u8::from(i == j))
                    - z(1) * model.coefs()[[0, i, j]]
                    - z(2) * model.coefs()[[1, i, j]]
            };
            let determinant = a(0, 0) * a(1, 1) - a(0, 1) * a(1, 0);
            let adjugate = [[a(1, 1), -a(0, 1)], [-a(1, 0), a(0, 0)]];
            for (i, row) in adjugate.iter().enumerate() {
                for (j, entry) in row.iter().enumerate() {
                    assert!((transfer[[k, i, j]] - entry / determinant).norm() < 1e-13);
                }
            }
        }
    }

    /// Parseval: the spectrum's integral is the covariance of a long simulation.
    #[test]
    fn the_spectrum_integrates_to_the_covariance() {
        let (model, n) = (model(), 512);
        let freqs: Vec<f64> = (0..n).map(|k| 100.0 * f64::from(k) / f64::from(n)).collect();
        let spectrum = model.spectrum(&freqs, 100.0).unwrap();
        let x = model.simulate(200_000, 100, &mut Stream::new(1, 0)).unwrap();
        for (i, j) in [(0, 0), (0, 1), (1, 1)] {
            let integral: Complex64 =
                spectrum.slice(s![.., i, j]).iter().sum::<Complex64>() * 100.0 / f64::from(n);
            let covariance = x.row(i).dot(&x.row(j)) / 200_000.0;
            assert!(integral.im.abs() < 1e-12);
            assert!((integral.re - covariance).abs() < 0.03, "{integral} against {covariance}");
        }
    }

    #[test]
    fn the_radius_is_that_of_the_roots() {
        // x(t) = 2 r cos θ x(t−1) − r² x(t−2): roots r e^{±iθ}
        let (r, theta) = (0.9, 0.7_f64);
        let coefs = array![[[2.0 * r * theta.cos()]], [[-r * r]]];
        let model = VarModel::new(coefs, array![[1.0]]).unwrap();
        assert!((model.spectral_radius().unwrap() - r).abs() < 1e-12);
        let explosive = VarModel::new(array![[[1.1]]], array![[1.0]]).unwrap();
        assert!(explosive.spectral_radius().unwrap() > 1.0);
    }

    #[test]
    fn what_is_no_model_is_refused() {
        let eye = Array2::<f64>::eye(2);
        assert!(VarModel::new(Array3::zeros((1, 2, 3)), eye.clone()).is_err());
        assert!(VarModel::new(Array3::zeros((1, 3, 2)), eye.clone()).is_err());
        assert!(VarModel::new(Array3::from_elem((1, 2, 2), f64::NAN), eye).is_err());
        assert!(VarModel::new(Array3::zeros((1, 0, 0)), Array2::zeros((0, 0))).is_err());
        let error = VarModel::new(Array3::zeros((1, 2, 2)), Array2::ones((2, 2))).unwrap_err().to_string();
        assert!(error.contains("sums of others"), "{error}");
        let unit_root = VarModel::new(array![[[1.0]]], array![[1.0]]).unwrap();
        assert!(unit_root.transfer(&[0.0], 100.0).is_err(), "a pole at 0 Hz");
    }
}

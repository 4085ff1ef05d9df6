//! Direction of flow from the slope of phase over frequency.

use crate::{Error, Result};
use ndarray::{Array1, ArrayView1, ArrayView2};
use num_complex::Complex64;

/// Phase-slope index, with its spread over epochs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PhaseSlope {
    /// `Im Σ_f c*(f) c(f + δf)`: positive where the first signal leads. NaN where a signal is silent.
    pub psi: f64,
    /// Its standard error by the jackknife over epochs, `√((n − 1)/n Σ (ψ_k − ψ̄)²)` with `ψ_k` without epoch `k`. NaN of one
    /// epoch.
    pub standard_error: f64,
}

impl PhaseSlope {
    /// ψ in its standard errors: above about 2 in modulus, a flow that noise alone would rarely give.
    #[must_use]
    pub fn normalized(&self) -> f64 {
        self.psi / self.standard_error
    }
}

/// Phase-slope index of two signals over neighbouring frequency bins (Nolte et al. 2008,
/// 10.1103/PhysRevLett.100.234101): `ψ = Im Σ_f c*(f) c(f + δf)` with `c` the coherency over all epochs.
///
/// `cross [epoch, freq]` holds `X·conj(Y)` of each epoch, `auto_x` and `auto_y` the auto-spectra. Noise that is independent of
/// the signals, and zero-lag mixtures of independent sources, have no slope.
///
/// # Errors
/// [`Error::TooShort`] for fewer than two bins or no epoch, [`Error::Shape`] when the three differ in size.
///
/// ```
/// use dosewave_numerics::phase::phase_slope;
/// use num_complex::Complex64;
/// // the second lags by 10 ms at 8, 9, 10 Hz: phases of X·conj(Y) rise with frequency
/// let turn = |f: f64| Complex64::from_polar(1.0, std::f64::consts::TAU * f * 0.01);
/// let cross = ndarray::Array2::from_shape_fn((4, 3), |(_, k)| turn(8.0 + k as f64));
/// let ones = ndarray::Array2::ones((4, 3));
/// let slope = phase_slope(cross.view(), ones.view(), ones.view()).unwrap();
/// assert!((slope.psi - 2.0 * (std::f64::consts::TAU * 0.01).sin()).abs() < 1e-12);
/// ```
pub fn phase_slope(
    cross: ArrayView2<'_, Complex64>,
    auto_x: ArrayView2<'_, f64>,
    auto_y: ArrayView2<'_, f64>,
) -> Result<PhaseSlope> {
    let (n_epochs, n_freqs) = cross.dim();
    for auto in [&auto_x, &auto_y] {
        if auto.dim() != cross.dim() {
            return Err(Error::Shape {
                what: "epochs × frequencies",
                expected: cross.len(),
                got: auto.len(),
            });
        }
    }
    if n_freqs < 2 || n_epochs == 0 {
        let (what, got, need) =
            if n_epochs == 0 { ("epochs", 0, 1) } else { ("neighbouring frequency bins", n_freqs, 2) };
        return Err(Error::TooShort { what, got, need });
    }
    let sum = |auto: &ArrayView2<'_, f64>| auto.sum_axis(ndarray::Axis(0));
    let (s, x, y) = (cross.sum_axis(ndarray::Axis(0)), sum(&auto_x), sum(&auto_y));
    let without = |k: usize| {
        slope((&s - &cross.row(k)).view(), (&x - &auto_x.row(k)).view(), (&y - &auto_y.row(k)).view())
    };
    let psi = slope(s.view(), x.view(), y.view());
    let left_out: Array1<f64> = (0..n_epochs).map(without).collect();
    let n = n_epochs as f64;
    let mean = left_out.sum() / n;
    let scatter = left_out.mapv(|v| (v - mean).powi(2)).sum();
    let standard_error = if n_epochs > 1 { ((n - 1.0) / n * scatter).sqrt() } else { f64::NAN };
    Ok(PhaseSlope { psi, standard_error })
}

fn slope(s: ArrayView1<'_, Complex64>, x: ArrayView1<'_, f64>, y: ArrayView1<'_, f64>) -> f64 {
    let c = |f: usize| s[f] / (x[f] * y[f]).sqrt();
    (1..s.len()).map(|f| (c(f - 1).conj() * c(f)).im).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::Stream;
    use ndarray::{Array2, s};

    /// Cross- and auto-spectra of x and y = mix(x, noise, bin).
    fn spectra(
        n_epochs: usize,
        seed: u64,
        mix: impl Fn(Complex64, Complex64, usize) -> (Complex64, Complex64),
    ) -> (Array2<Complex64>, Array2<f64>, Array2<f64>) {
        let mut stream = Stream::new(seed, 0);
        let (mut cross, mut x, mut y) =
            (Array2::default((n_epochs, 9)), Array2::zeros((n_epochs, 9)), Array2::zeros((n_epochs, 9)));
        for at in ndarray::indices((n_epochs, 9)) {
            let mut z = || Complex64::new(stream.normal(), stream.normal());
            let (a, b) = mix(z(), z(), at.1);
            (cross[at], x[at], y[at]) = (a * b.conj(), a.norm_sqr(), b.norm_sqr());
        }
        (cross, x, y)
    }

    #[test]
    fn the_leader_is_found_and_zero_lag_mixtures_lead_nowhere() {
        let delay = |f: usize| Complex64::from_polar(1.0, -std::f64::consts::TAU * f as f64 * 0.02);
        let (cross, x, y) = spectra(200, 1, |a, noise, f| (a, a * delay(f) + 0.5 * noise));
        let leads = phase_slope(cross.view(), x.view(), y.view()).unwrap();
        assert!(leads.psi > 0.0 && leads.normalized() > 5.0, "{leads:?}");
        let turned = phase_slope(cross.mapv(|z| z.conj()).view(), y.view(), x.view()).unwrap();
        assert!(
            (turned.psi + leads.psi).abs() < 1e-14
                && (turned.standard_error - leads.standard_error).abs() < 1e-14
        );
        let (cross, x, y) = spectra(200, 2, |a, b, _| (a + 0.6 * b, b + 0.6 * a));
        let mixed = phase_slope(cross.view(), x.view(), y.view()).unwrap();
        assert!(mixed.normalized().abs() < 3.0, "{mixed:?}");
    }

    /// The jackknife by its definition, and what it is for: the spread over repeats.
    #[test]
    fn the_standard_error_is_the_spread_over_repeats() {
        let delay = |f: usize| Complex64::from_polar(1.0, -0.3 * f as f64);
        let of = |seed| {
            let (cross, x, y) = spectra(60, seed, |a, noise, f| (a, a * delay(f) + noise));
            phase_slope(cross.view(), x.view(), y.view()).unwrap()
        };
        let repeats: Vec<PhaseSlope> = (0..200).map(of).collect();
        let n = repeats.len() as f64;
        let mean = repeats.iter().map(|r| r.psi).sum::<f64>() / n;
        let spread = (repeats.iter().map(|r| (r.psi - mean).powi(2)).sum::<f64>() / (n - 1.0)).sqrt();
        let told = repeats.iter().map(|r| r.standard_error).sum::<f64>() / n;
        assert!((told / spread - 1.0).abs() < 0.2, "{told}, not {spread}");
        let (cross, x, y) = spectra(5, 7, |a, noise, f| (a, a * delay(f) + noise));
        let parts: Vec<f64> = (0..5)
            .map(|k| {
                let kept: Vec<usize> = (0..5).filter(|e| *e != k).collect();
                let pick = |a: &Array2<f64>| a.select(ndarray::Axis(0), &kept);
                let cross = cross.select(ndarray::Axis(0), &kept);
                phase_slope(cross.view(), pick(&x).view(), pick(&y).view()).unwrap().psi
            })
            .collect();
        let mean = parts.iter().sum::<f64>() / 5.0;
        let expected = (0.8 * parts.iter().map(|p| (p - mean).powi(2)).sum::<f64>()).sqrt();
        let found = phase_slope(cross.view(), x.view(), y.view()).unwrap();
        assert!((found.standard_error - expected).abs() < 1e-12);
    }

    #[test]
    fn silence_one_epoch_and_nonsense() {
        let (cross, mut x, y) = spectra(3, 8, |a, b, _| (a, b));
        let one = phase_slope(cross.slice(s![..1, ..]), x.slice(s![..1, ..]), y.slice(s![..1, ..])).unwrap();
        assert!(one.psi.is_finite() && one.standard_error.is_nan());
        x.fill(0.0);
        assert!(phase_slope(Array2::default((3, 9)).view(), x.view(), y.view()).unwrap().psi.is_nan());
        assert!(phase_slope(cross.slice(s![.., ..1]), x.slice(s![.., ..1]), y.slice(s![.., ..1])).is_err());
        assert!(phase_slope(cross.view(), x.slice(s![.., ..8]), y.view()).is_err());
        assert!(phase_slope(cross.slice(s![..0, ..]), x.slice(s![..0, ..]), y.slice(s![..0, ..])).is_err());
    }
}

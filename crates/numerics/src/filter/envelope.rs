//! Amplitude of an oscillation from moment to moment.

use crate::error::check_finite;
use crate::{Error, Result};
use ndarray::{Array1, ArrayView1};
use num_complex::Complex64;
use rustfft::FftPlanner;

/// Magnitude of the analytic signal `x + i·H(x)`, where H is the Hilbert transform (Gabor 1946,
/// 10.1049/ji-3-2.1946.0074): the spectrum without its negative frequencies, the others doubled, and back. The ends see
/// each other, as in any Fourier transform.
///
/// # Errors
/// [`Error::TooShort`] without a sample, [`Error::Value`] for a sample that is not finite.
///
/// ```
/// use dosewave_numerics::filter::envelope;
/// let tone = ndarray::Array1::from_shape_fn(500, |t| 3.0 * (std::f64::consts::TAU * 0.1 * t as f64).sin());
/// assert!(envelope(tone.view()).unwrap().iter().all(|a| (a - 3.0).abs() < 1e-9));
/// ```
pub fn envelope(x: ArrayView1<'_, f64>) -> Result<Array1<f64>> {
    let n = x.len();
    if n == 0 {
        return Err(Error::TooShort { what: "samples of an envelope", got: 0, need: 1 });
    }
    check_finite(x, "samples")?;
    let mut planner = FftPlanner::new();
    let mut spectrum: Vec<Complex64> = x.iter().map(|v| Complex64::new(*v, 0.0)).collect();
    planner.plan_fft_forward(n).process(&mut spectrum);
    let positive = n.div_ceil(2);
    for (k, value) in spectrum.iter_mut().enumerate().skip(1) {
        if k < positive {
            *value *= 2.0;
        } else if 2 * k != n {
            *value = Complex64::ZERO;
        }
    }
    planner.plan_fft_inverse(n).process(&mut spectrum);
    Ok(spectrum.iter().map(|v| v.norm() / n as f64).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The modulation of a carrier that is faster than it, for even and odd lengths.
    #[test]
    fn a_modulated_carrier_gives_its_modulation() {
        for n in [1000, 1001] {
            let turn = |k: f64, t: usize| std::f64::consts::TAU * k * t as f64 / n as f64;
            let modulation = |t: usize| 2.0 + turn(3.0, t).cos();
            let x = Array1::from_shape_fn(n, |t| modulation(t) * turn(200.0, t).cos());
            for (t, a) in envelope(x.view()).unwrap().iter().enumerate() {
                assert!((a - modulation(t)).abs() < 1e-9, "{n} {t}");
            }
        }
    }

    #[test]
    fn nonsense_is_refused() {
        assert!(envelope(ndarray::array![].view()).is_err());
        assert!(envelope(ndarray::array![1.0, f64::NAN].view()).is_err());
    }
}

//! Plans of FFTs, made once per length and shared by all threads.

use ndarray::Array1;
use realfft::{ComplexToReal, RealFftPlanner, RealToComplex};
use rustfft::{Fft, FftPlanner};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

static PLANNER: LazyLock<Mutex<RealFftPlanner<f64>>> = LazyLock::new(|| Mutex::new(RealFftPlanner::new()));
static COMPLEX: LazyLock<Mutex<FftPlanner<f64>>> = LazyLock::new(|| Mutex::new(FftPlanner::new()));

/// The plan of a forward complex FFT of length `n`, not normalised.
#[must_use]
pub fn complex_fft(n: usize) -> Arc<dyn Fft<f64>> {
    COMPLEX.lock().unwrap_or_else(PoisonError::into_inner).plan_fft_forward(n)
}

/// The plan of an inverse complex FFT of length `n`, not normalised (divide by `n`).
#[must_use]
pub fn inverse_complex_fft(n: usize) -> Arc<dyn Fft<f64>> {
    COMPLEX.lock().unwrap_or_else(PoisonError::into_inner).plan_fft_inverse(n)
}

/// The plan of a forward real FFT of length `n`: `n` reals to `n/2 + 1` complex, not normalised.
///
/// ```
/// let plan = dosewave_numerics::spectral::real_fft(4);
/// let (mut x, mut spectrum) = (vec![1.0, 2.0, 3.0, 4.0], plan.make_output_vec());
/// plan.process(&mut x, &mut spectrum).unwrap();
/// assert_eq!(spectrum[0].re, 10.0);
/// ```
#[must_use]
pub fn real_fft(n: usize) -> Arc<dyn RealToComplex<f64>> {
    PLANNER.lock().unwrap_or_else(PoisonError::into_inner).plan_fft_forward(n)
}

/// The plan of an inverse real FFT of length `n`: `n/2 + 1` complex to `n` reals, not normalised (divide by `n`).
#[must_use]
pub fn inverse_real_fft(n: usize) -> Arc<dyn ComplexToReal<f64>> {
    PLANNER.lock().unwrap_or_else(PoisonError::into_inner).plan_fft_inverse(n)
}

/// Frequencies of a real FFT of length `n_fft`, in the unit of `sfreq`.
///
/// ```
/// let freqs = dosewave_numerics::spectral::rfft_freqs(4, 100.0);
/// assert_eq!(freqs.to_vec(), [0.0, 25.0, 50.0]);
/// ```
#[must_use]
pub fn rfft_freqs(n_fft: usize, sfreq: f64) -> Array1<f64> {
    Array1::from_iter((0..=n_fft / 2).map(|k| k as f64 * sfreq / n_fft as f64))
}

#[cfg(test)]
mod tests {
    use super::*;
    use num_complex::Complex64;

    #[test]
    fn equals_the_naive_transform_for_any_length() {
        for n in [1_usize, 2, 7, 16, 97, 250] {
            let x: Vec<f64> = (0..n).map(|t| (0.3 * t as f64).sin() + 0.01 * (t * t % 17) as f64).collect();
            let plan = real_fft(n);
            let mut fast = plan.make_output_vec();
            plan.process(&mut x.clone(), &mut fast).unwrap();
            for (k, value) in fast.iter().enumerate() {
                let slow: Complex64 = (0..n)
                    .map(|t| {
                        let angle = -2.0 * std::f64::consts::PI * (k * t) as f64 / n as f64;
                        x[t] * Complex64::from_polar(1.0, angle)
                    })
                    .sum();
                assert!((value - slow).norm() < 1e-10, "n = {n}, k = {k}: {value} against {slow}");
            }
        }
    }
}

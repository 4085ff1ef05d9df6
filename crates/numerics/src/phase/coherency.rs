//! Cross-spectra and coherency of pairs as complex numbers, and what of coherency has a lag.

use super::measure::Sums;
use super::{Measure, PairSums};
use ndarray::Array2;
use num_complex::Complex64;

impl PairSums {
    /// ΣS over epochs, `[pair, freq]`; zeros where the sums of [`Measure::Coh`] are not kept.
    #[must_use]
    pub fn cross_spectra(&self) -> Array2<Complex64> {
        self.of_sums(|sums| Complex64::new(sums.re, sums.im))
    }

    /// Coherency `E S / √(E Sxx · E Syy)`, `[pair, freq]`: its modulus is [`Measure::Coh`], its imaginary part
    /// [`Measure::Imcoh`]. NaN where a channel is silent, and where the sums of coherence are not kept.
    #[must_use]
    pub fn coherency(&self) -> Array2<Complex64> {
        if self.keeps(Measure::Coh) {
            return self.of_sums(Sums::coherency);
        }
        Array2::from_elem((self.pairs().len(), self.n_freqs()), Complex64::new(f64::NAN, f64::NAN))
    }
}

/// Lagged coherence between two channels, squared, from their coherency `c` (Pascual-Marqui 2007, arXiv:0711.1455;
/// Pascual-Marqui et al. 2011, 10.1098/rsta.2011.0081): the part of the dependence that is not instantaneous,
///
/// `ρ² = (Im c)² / (1 − (Re c)²)`, from 0 to 1.
///
/// `−ln(1 − ρ²)` is the lagged linear connectivity. Not to be taken for the lagged coherence of one channel with itself,
/// [`rhythmicity`](super::rhythmicity). Channels that are one signal at zero lag (`Re c = ±1`) have no lagged part: 0.
///
/// ```
/// use dosewave_numerics::phase::lagged_coherence_squared;
/// use num_complex::Complex64;
/// // a lag of 90° is all lag; zero-lag mixing is none
/// assert_eq!(lagged_coherence_squared(Complex64::new(0.0, 0.6)), 0.36);
/// assert_eq!(lagged_coherence_squared(Complex64::new(0.8, 0.0)), 0.0);
/// ```
#[must_use]
pub fn lagged_coherence_squared(coherency: Complex64) -> f64 {
    let lagged = coherency.im * coherency.im;
    let left = 1.0 - coherency.re * coherency.re;
    if lagged == 0.0 || left <= f64::EPSILON {
        return 0.0;
    }
    (lagged / left).min(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::Stream;
    use ndarray::Array3;

    fn sums(seed: u64, mix: impl Fn(Complex64, Complex64) -> Complex64) -> PairSums {
        let mut stream = Stream::new(seed, 0);
        let mut sums = PairSums::new(2, &[(1, 0)], 3).unwrap();
        for _ in 0..400 {
            let mut epoch = Array3::default((2, 1, 3));
            for f in 0..3 {
                let mut z = || Complex64::new(stream.normal(), stream.normal());
                let (x, noise) = (z(), z());
                epoch[[0, 0, f]] = x;
                epoch[[1, 0, f]] = mix(x, noise);
            }
            sums.add_epoch(epoch.view(), &[1.0]).unwrap();
        }
        sums
    }

    #[test]
    fn modulus_and_imaginary_part_are_the_real_measures() {
        let sums = sums(1, |x, noise| x * Complex64::new(0.7, 0.4) + noise);
        let (coh, imcoh) = (sums.measure(Measure::Coh), sums.measure(Measure::Imcoh));
        for ((c, coh), imcoh) in sums.coherency().iter().zip(&coh).zip(&imcoh) {
            assert!((c.norm() - coh).abs() < 1e-14 && (c.im - imcoh).abs() < 1e-14);
        }
        let cross = sums.cross_spectra();
        assert!(
            (cross[[0, 1]].norm() / 400.0 - 2.0 * 0.65_f64.sqrt() * 2.0).abs() < 0.4,
            "twice for one side"
        );
    }

    /// Closed form: y = (a + ib) x + noise of equal power has c = (a + ib) / √(a² + b² + 1), up to the sign of b.
    #[test]
    fn lagged_coherence_is_that_of_the_mixture() {
        let (a, b) = (0.9_f64, 0.5_f64);
        let size = a * a + b * b + 1.0;
        let expected = (b * b / size) / (1.0 - a * a / size);
        let sums = sums(2, |x, noise| x * Complex64::new(a, b) + noise);
        for c in &sums.coherency() {
            assert!((lagged_coherence_squared(*c) - expected).abs() < 0.07, "{c}");
        }
    }

    #[test]
    fn one_signal_has_no_lag() {
        let sums = sums(3, |x, _| x * -2.0);
        assert!(sums.coherency().iter().all(|c| lagged_coherence_squared(*c) == 0.0));
        let silent = sums_of_silence();
        assert!(silent.coherency()[[0, 0]].re.is_nan());
    }

    fn sums_of_silence() -> PairSums {
        let mut sums = PairSums::new(2, &[(1, 0)], 1).unwrap();
        sums.add_epoch(Array3::default((2, 1, 1)).view(), &[1.0]).unwrap();
        sums
    }
}

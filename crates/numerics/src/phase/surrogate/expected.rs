//! What measures come out as without any coupling.

use crate::phase::Measure;
use statrs::function::gamma::ln_gamma;
use std::f64::consts::PI;

/// Expected value of a measure of two independent signals with complex Gaussian coefficients over `n_epochs` epochs of
/// `n_tapers` equally weighted tapers: what an estimator shows where there is nothing. `N` epochs, `K` tapers:
///
/// | measure | expectation | |
/// |---|---|---|
/// | `coh` | `Γ(3/2)·Γ(NK)/Γ(NK + ½)`, as `coh²` is Beta(1, NK − 1) with mean `1/NK` | exact |
/// | `plv` | `√(π/4N)` | leading order; exact in the limit of many epochs (Rayleigh) |
/// | `ciplv` | `√(1/πN)` | leading order |
/// | `pli` | `C(M, M/2)/2^M`, `M` the even one of `N`, `N − 1`; about `√(2/πN)` | exact |
/// | `wpli` | `√K·Γ(K)/Γ(K + ½)·√(1/N)`, for one taper `2/√(πN)` | leading order |
/// | `imcoh`, `ppc`, `pli2_unbiased`, `wpli2_debiased` | 0 | exact |
/// | `dpli` | ½ | exact |
///
/// The signs of `Im S` of independent signals are fair coins that do not depend on `|Im S|`; `Im S` of one taper is
/// Laplace distributed, of `K` tapers the difference of two Gamma(K) variables. Coherence: Carter, Knapp & Nuttall 1973,
/// 10.1109/TAU.1973.1162496; unbiased measures: Vinck 2010, 10.1016/j.neuroimage.2010.01.073, and 2011,
/// 10.1016/j.neuroimage.2011.01.055.
///
/// ```
/// use dosewave_numerics::phase::{Measure, expected_under_independence};
/// let of = |measure| expected_under_independence(measure, 50, 1);
/// assert!((of(Measure::Plv) - 0.125).abs() < 5e-4 && (of(Measure::Pli) - 0.112).abs() < 5e-4);
/// assert_eq!(of(Measure::Wpli2Debiased), 0.0);
/// ```
#[must_use]
pub fn expected_under_independence(measure: Measure, n_epochs: usize, n_tapers: usize) -> f64 {
    let (n, k) = (n_epochs as f64, n_tapers as f64);
    match measure {
        Measure::Coh => (ln_gamma(1.5) + ln_gamma(n * k) - ln_gamma(n * k + 0.5)).exp(),
        Measure::Plv => (PI / (4.0 * n)).sqrt(),
        Measure::Ciplv => (1.0 / (PI * n)).sqrt(),
        Measure::Pli => central_coin(n_epochs),
        Measure::Wpli => (ln_gamma(k) - ln_gamma(k + 0.5)).exp() * (k / n).sqrt(),
        Measure::Imcoh | Measure::Ppc | Measure::Pli2Unbiased | Measure::Wpli2Debiased => 0.0,
        Measure::Dpli => 0.5,
    }
}

/// `E|mean of n signs|`, `C(m, m/2)/2^m` with `m` the even one of `n` and `n − 1`: a product of `(2j − 1)/(2j)`.
fn central_coin(n: usize) -> f64 {
    (1..=n / 2).map(|j| (2 * j - 1) as f64 / (2 * j) as f64).product()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::phase::PairSums;
    use crate::stats::Stream;
    use ndarray::Array3;
    use num_complex::Complex64;

    /// Mean of a measure of independent Gaussians, many frequencies being as many repetitions.
    fn simulated(n_epochs: usize, n_tapers: usize, measure: Measure) -> f64 {
        const REPEATS: usize = 20_000;
        let mut stream = Stream::new(17, n_tapers as u64);
        let mut sums = PairSums::new(2, &[(1, 0)], REPEATS).unwrap();
        for _ in 0..n_epochs {
            let epoch = Array3::from_shape_simple_fn((2, n_tapers, REPEATS), || {
                Complex64::new(stream.normal(), stream.normal())
            });
            sums.add_epoch(epoch.view(), &vec![1.0; n_tapers]).unwrap();
        }
        sums.measure(measure).mean().unwrap()
    }

    /// Standard errors are below 0.0006; leading orders are off by less than 2 % at 50 epochs.
    #[test]
    fn equals_independent_gaussians() {
        for n_tapers in [1, 3] {
            for measure in Measure::ALL {
                let expected = expected_under_independence(measure, 50, n_tapers);
                let got = simulated(50, n_tapers, measure);
                assert!((got - expected).abs() < 0.003, "{measure:?} of {n_tapers} tapers: {got} {expected}");
            }
        }
    }

    #[test]
    fn coins_by_hand() {
        // two signs: ±2 or 0, half each; three signs: 3, 1, 1, 1 of 3 and their negatives
        assert_eq!(expected_under_independence(Measure::Pli, 1, 1), 1.0);
        assert_eq!(expected_under_independence(Measure::Pli, 2, 1), 0.5);
        assert_eq!(expected_under_independence(Measure::Pli, 3, 1), 0.5);
        assert_eq!(expected_under_independence(Measure::Pli, 4, 1), 0.375);
        assert!((expected_under_independence(Measure::Coh, 1, 1) - 1.0).abs() < 1e-12);
    }
}

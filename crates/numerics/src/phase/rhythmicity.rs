//! How long a rhythm keeps its own phase.

use crate::error::check_finite;
use crate::spectral::Window;
use crate::{Error, Result};
use ndarray::ArrayView1;
use num_complex::Complex64;
use std::f64::consts::TAU;

/// Lagged coherence of a signal with itself at one frequency (Fransen et al. 2015, 10.1016/j.neuroimage.2015.06.003): how
/// well the phase of a stretch of `n_cycles` foretells that of the next; 1 for a rhythm that never slips, near 0 for noise
/// (it falls as one over the root of the number of stretches).
///
/// The signal is cut into stretches of `⌈n_cycles · sfreq / freq⌉` samples under a symmetric Hann window; with `X_k` the
/// coefficient of stretch `k` at the frequency of its transform that is closest to `freq_hz`,
///
/// `λ = |Σ X_k X*_{k+1}| / √(Σ |X_k|² · Σ |X_{k+1}|²)`.
///
/// neurodsp's `compute_lagged_coherence`. Runs between gaps are given one by one: no stretch spans two. NaN for silence. Not to
/// be taken for the lagged coherence between two channels, [`lagged_coherence_squared`](super::lagged_coherence_squared).
///
/// # Errors
/// [`Error::Invalid`] for a frequency that is not in (0, sfreq/2) or no cycle, [`Error::TooShort`] where no run holds two
/// stretches, [`Error::Value`] for NaN.
///
/// ```
/// use dosewave_numerics::phase::rhythmicity;
/// let tone = ndarray::Array1::from_shape_fn(2000, |t| (std::f64::consts::TAU * 10.0 * t as f64 / 250.0).sin());
/// assert!(rhythmicity(&[tone.view()], 250.0, 10.0, 3.0).unwrap() > 0.999);
/// ```
pub fn rhythmicity(runs: &[ArrayView1<'_, f64>], sfreq: f64, freq_hz: f64, n_cycles: f64) -> Result<f64> {
    let n = stretch_length(sfreq, freq_hz, n_cycles)?;
    // the frequency of the transform closest to the one asked, the lower of two
    let bin = (freq_hz * n as f64 / sfreq - 0.5).ceil().max(0.0);
    let window = Window::Hann.symmetric(n);
    let turns: Vec<Complex64> =
        (0..n).map(|t| window[t] * Complex64::from_polar(1.0, -TAU * bin * t as f64 / n as f64)).collect();
    let (mut products, mut before, mut after, mut joints) = (Complex64::ZERO, 0.0, 0.0, 0);
    for run in runs {
        check_finite(run, "samples")?;
        let mut last: Option<Complex64> = None;
        for stretch in run.exact_chunks(n) {
            let z: Complex64 = stretch.iter().zip(&turns).map(|(x, turn)| turn * x).sum();
            if let Some(last) = last {
                products += last * z.conj();
                before += last.norm_sqr();
                after += z.norm_sqr();
                joints += 1;
            }
            last = Some(z);
        }
    }
    if joints == 0 {
        let got = runs.iter().map(ArrayView1::len).max().unwrap_or(0);
        return Err(Error::TooShort { what: "samples of a run, for two stretches", got, need: 2 * n });
    }
    Ok(products.norm() / (before * after).sqrt())
}

fn stretch_length(sfreq: f64, freq_hz: f64, n_cycles: f64) -> Result<usize> {
    let invalid = |parameter, value: f64, allowed: String| Error::Invalid {
        parameter,
        value: value.to_string(),
        allowed,
    };
    if !(sfreq.is_finite() && sfreq > 0.0) {
        return Err(invalid("sfreq", sfreq, "a positive rate".into()));
    }
    if !(freq_hz > 0.0 && freq_hz < sfreq / 2.0) {
        return Err(invalid("freq", freq_hz, format!("above 0 and below {} Hz, half the rate", sfreq / 2.0)));
    }
    if !(n_cycles.is_finite() && n_cycles > 0.0) {
        return Err(invalid("n_cycles", n_cycles, "a positive number".into()));
    }
    let n = (n_cycles * sfreq / freq_hz).ceil() as usize;
    if n < 3 {
        return Err(invalid("n_cycles", n_cycles, "so many that a stretch has three samples".into()));
    }
    Ok(n)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::Stream;
    use ndarray::{Array1, s};

    fn noise(n: usize, seed: u64) -> Array1<f64> {
        let mut stream = Stream::new(seed, 0);
        Array1::from_shape_simple_fn(n, || stream.normal())
    }

    #[test]
    fn noise_falls_with_the_number_of_stretches_and_a_slipping_phase_with_its_slips() {
        let of = |n: usize| {
            (0..20).map(|k| rhythmicity(&[noise(n, k).view()], 250.0, 10.0, 3.0).unwrap()).sum::<f64>() / 20.0
        };
        // the mean of the modulus of a mean of n random phases is √(π / 4n)
        for stretches in [41.0, 401.0] {
            let n = 75 * stretches as usize;
            let expected = (std::f64::consts::PI / 4.0 / (stretches - 1.0)).sqrt();
            assert!((of(n) / expected - 1.0).abs() < 0.35, "{}, not {expected}", of(n));
        }
        let slipping = |step: f64| {
            let mut stream = Stream::new(3, 0);
            let mut phase = 0.0;
            let x = Array1::from_shape_simple_fn(20_000, || {
                phase += TAU * 10.0 / 250.0 + step * stream.normal();
                phase.cos()
            });
            rhythmicity(&[x.view()], 250.0, 10.0, 3.0).unwrap()
        };
        assert!(slipping(0.02) > 0.97 && slipping(0.02) > slipping(0.1) && slipping(0.1) > slipping(0.3));
    }

    #[test]
    fn runs_do_not_meet_over_a_gap() {
        let x = noise(1000, 5);
        let whole = rhythmicity(&[x.view()], 250.0, 10.0, 3.0).unwrap();
        // a gap at the end of a stretch, and less than two stretches after it
        let cut = rhythmicity(&[x.slice(s![..750]), x.slice(s![750..890])], 250.0, 10.0, 3.0).unwrap();
        let first = rhythmicity(&[x.slice(s![..750])], 250.0, 10.0, 3.0).unwrap();
        assert!(cut == first && cut != whole);
        let silent = Array1::zeros(500);
        assert!(rhythmicity(&[silent.view()], 250.0, 10.0, 3.0).unwrap().is_nan());
    }

    #[test]
    fn nonsense_is_refused() {
        let x = noise(149, 6);
        let error = |f, cycles| rhythmicity(&[x.view()], 250.0, f, cycles).unwrap_err().to_string();
        assert!(error(10.0, 3.0).contains("149 given, at least 150 needed"), "{}", error(10.0, 3.0));
        assert!(error(125.0, 3.0).contains("below 125 Hz"));
        assert!(error(10.0, 0.0).contains("n_cycles = 0"));
        assert!(error(100.0, 0.5).contains("three samples"));
    }
}

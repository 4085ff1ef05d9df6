//! What a multitaper estimate of a known process is on average.

use crate::Result;
use crate::spectral::{Multitaper, MultitaperParams, real_fft};
use ndarray::Array1;

/// Points of the frequency grid per bin of the estimate.
const FINE: usize = 16;

/// Expected one-sided multitaper PSD of a process with the one-sided PSD `psd(f)`: the convolution with the tapers'
/// spectral windows, `E P̂(f) = Σ_k λ_k ∫ |V_k(f − f')|² P(f') df' / Σ_k λ_k` (Percival & Walden 1993, section 7.1).
///
/// Returns frequencies in Hz and densities. It is what an estimate must be compared with when the truth is planted in
/// the process: broad tapers move power from where there is much to where there is little.
///
/// # Errors
/// As [`Multitaper::new`].
///
/// ```
/// use dosewave_numerics::{simulate::expected_multitaper, spectral::MultitaperParams};
/// let params = MultitaperParams { bandwidth_hz: Some(4.0), low_bias: true, adaptive: false };
/// let (_, psd) = expected_multitaper(|_| 3.0, 200, 100.0, params).unwrap();
/// assert!((psd[50] - 3.0).abs() < 0.02); // white stays white
/// ```
pub fn expected_multitaper(
    psd: impl Fn(f64) -> f64,
    n_times: usize,
    sfreq: f64,
    params: MultitaperParams,
) -> Result<(Array1<f64>, Array1<f64>)> {
    let multitaper = Multitaper::new(n_times, sfreq, params)?;
    let n_fine = FINE * n_times;
    let window = spectral_window(&multitaper, n_fine);
    // two-sided density on the whole circle
    let density: Vec<f64> =
        (0..n_fine).map(|j| 0.5 * psd(j.min(n_fine - j) as f64 * sfreq / n_fine as f64)).collect();
    let freqs = multitaper.freqs_hz();
    let expected = Array1::from_iter((0..freqs.len()).map(|bin| {
        let centre = bin * FINE;
        let sum: f64 = (0..n_fine).map(|j| window[j] * density[(centre + j) % n_fine]).sum();
        if bin == 0 || 2 * bin == n_times { sum } else { 2.0 * sum }
    }));
    Ok((freqs, expected))
}

/// Weighted mean of the tapers' energy spectra on the circle; sums to one (symmetric in frequency).
fn spectral_window(multitaper: &Multitaper, n_fine: usize) -> Vec<f64> {
    let plan = real_fft(n_fine);
    let tapers = multitaper.tapers();
    let mut window = vec![0.0; n_fine];
    let mut spectrum = plan.make_output_vec();
    for (taper, weight) in tapers.tapers.rows().into_iter().zip(&tapers.eigenvalues) {
        let mut padded = vec![0.0; n_fine];
        padded.iter_mut().zip(taper).for_each(|(out, v)| *out = *v);
        // lengths are the plan's own
        if plan.process(&mut padded, &mut spectrum).is_ok() {
            for (j, out) in window.iter_mut().enumerate() {
                *out += weight * spectrum[j.min(n_fine - j)].norm_sqr();
            }
        }
    }
    let scale = tapers.eigenvalues.sum() * n_fine as f64;
    window.iter_mut().for_each(|w| *w /= scale);
    window
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulate::shaped_noise;
    use crate::stats::Stream;

    #[test]
    fn simulated_noise_has_the_expected_estimate() {
        let shape = |f: f64| f.max(0.5).powf(-1.5) + if (f - 20.0).abs() < 1.0 { 2.0 } else { 0.0 };
        let params = MultitaperParams { bandwidth_hz: Some(4.0), low_bias: true, adaptive: false };
        let (freqs, expected) = expected_multitaper(shape, 200, 100.0, params).unwrap();
        let multitaper = Multitaper::new(200, 100.0, params).unwrap();
        let mut stream = Stream::new(31, 0);
        let x = shaped_noise(400_000, 100.0, shape, &mut stream).unwrap();
        let mut mean = Array1::zeros(freqs.len());
        let mut psd = mean.clone();
        for epoch in x.exact_chunks(200) {
            multitaper.psd_into(epoch, psd.view_mut()).unwrap();
            mean += &psd;
        }
        mean /= 2000.0;
        // from 5 Hz on, where removing each epoch's mean plays no part
        for k in 10..freqs.len() - 1 {
            // beside the peak an estimate rests on a few of its own bins
            let tolerance = if (freqs[k] - 20.0).abs() < 5.0 { 0.15 } else { 0.06 };
            let ratio = mean[k] / expected[k];
            assert!((ratio - 1.0).abs() < tolerance, "{} Hz: {ratio}", freqs[k]);
        }
    }
}

//! Saccadic spike potentials: the burst of the eye muscles at the start of each (micro)saccade.
//!
//! It is biphasic, lasts about 22 ms, fills 20–90 Hz and is largest around the eyes (Keren, Yuval-Greenberg & Deouell 2010,
//! 10.1016/j.neuroimage.2009.10.057). Averaged over trials it looks like induced gamma (Yuval-Greenberg et al. 2008,
//! 10.1016/j.neuron.2008.03.027).

use crate::filter::{FirDesign, fir_zero_phase};
use crate::simulate::saccadic_spike_waveform;
use crate::stats::median_in_place;
use crate::{Error, Result};
use ndarray::{Array1, ArrayView1};

/// Band of the spike, Hz.
const BAND_HZ: [f64; 2] = [20.0, 90.0];
/// Lowest rate that carries it, Hz.
const MIN_SFREQ: f64 = 100.0;
/// Spikes closer than this are one, s.
const MIN_GAP_S: f64 = 0.05;
/// Robust standard deviations of the score above which a spike is counted. Our own judgement: Gaussian noise of any spectrum
/// exceeds it less than once in four minutes.
pub const SPIKE_THRESHOLD: f64 = 4.5;
/// Score below which nothing is counted, µV. Our own judgement: what [`SPIKE_THRESHOLD`] comes to over the loudest background of
/// relaxed EEG, a robust standard deviation of 1.8 µV, so that up to there the limit is the same for every stretch of EEG.
pub const SPIKE_LEAST_UV: f64 = 8.0;

/// How much the signal around each sample looks like a spike, either way up: after a zero-phase FIR of 20–90 Hz (or up to
/// 0.4 × the rate), the modulus of its product with the waveform over the waveform's energy, in the unit of the signal. Edges
/// where the waveform does not fit score 0.
///
/// # Errors
/// [`crate::Error::Invalid`] for a rate below 100 Hz, which does not carry spikes.
pub fn spike_scores(reog: ArrayView1<'_, f64>, sfreq: f64) -> Result<Array1<f64>> {
    let mut scores = Array1::zeros(reog.len());
    let waveform = saccadic_spike_waveform(sfreq);
    if reog.len() < waveform.len() {
        return Ok(scores);
    }
    if !(sfreq.is_finite() && sfreq >= MIN_SFREQ) {
        let (value, allowed) = (sfreq.to_string(), format!("{MIN_SFREQ} Hz or more"));
        return Err(Error::Invalid { parameter: "sfreq", value, allowed });
    }
    let design = FirDesign { high_pass_hz: Some(BAND_HZ[0]), low_pass_hz: Some(BAND_HZ[1].min(0.4 * sfreq)) };
    let filtered = fir_zero_phase(reog, design.coefficients(sfreq)?.view())?;
    let energy = waveform.dot(&waveform);
    let half = waveform.len() / 2;
    for (t, window) in filtered.windows(waveform.len()).into_iter().enumerate() {
        scores[t + half] = (window.dot(&waveform) / energy).abs();
    }
    Ok(scores)
}

/// Robust standard deviation of scores: their median / 0.6745; `None` of nothing.
#[must_use]
pub fn score_scale(scores: ArrayView1<'_, f64>) -> Option<f64> {
    median_in_place(&mut scores.to_vec()).map(|median| median / 0.6745)
}

/// Samples of saccadic spikes: local maxima of `scores` ([`spike_scores`]) above `limit`, at least 50 ms apart.
///
/// [`SPIKE_THRESHOLD`] × the [`score_scale`] of a stretch keeps noise out, but rises and falls with the background of that
/// stretch: counts of two stretches compare only under one limit. [`SPIKE_LEAST_UV`] is one wherever it is the larger of the two.
///
/// ```
/// use dosewave_numerics::events::{SPIKE_THRESHOLD, saccadic_spikes, score_scale, spike_scores};
/// use dosewave_numerics::simulate::saccadic_spike_waveform;
/// let mut x = ndarray::Array1::from_iter((0..2000).map(|t| 0.2 * f64::from((t * 7919) % 13 - 6)));
/// for (t, v) in saccadic_spike_waveform(500.0).iter().enumerate() {
///     x[1000 + t] += 40.0 * v;
/// }
/// let scores = spike_scores(x.view(), 500.0).unwrap();
/// let limit = SPIKE_THRESHOLD * score_scale(scores.view()).unwrap();
/// let found = saccadic_spikes(scores.view(), 500.0, limit);
/// assert_eq!(found.len(), 1);
/// assert!(found[0].abs_diff(1005) <= 1);
/// ```
#[must_use]
pub fn saccadic_spikes(scores: ArrayView1<'_, f64>, sfreq: f64, limit: f64) -> Vec<usize> {
    let gap = (MIN_GAP_S * sfreq).round().max(1.0) as usize;
    let mut found: Vec<usize> = Vec::new();
    for (t, &score) in scores.iter().enumerate().filter(|(_, score)| **score > limit.max(0.0)) {
        match found.last_mut() {
            Some(last) if t - *last < gap => {
                if score > scores[*last] {
                    *last = t;
                }
            }
            _ => found.push(t),
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulate::{one_over_f, shaped_noise};
    use crate::stats::Stream;

    const SFREQ: f64 = 500.0;

    fn with_spikes(background: &Array1<f64>, every: usize, amplitude: f64) -> (Array1<f64>, Vec<usize>) {
        let waveform = saccadic_spike_waveform(SFREQ);
        let mut x = background.clone();
        let mut at = Vec::new();
        for start in (every / 2..x.len() - waveform.len()).step_by(every) {
            // either way up
            let sign = if at.len() % 2 == 0 { 1.0 } else { -1.0 };
            for (t, v) in waveform.iter().enumerate() {
                x[start + t] += sign * amplitude * v;
            }
            at.push(start + waveform.len() / 2);
        }
        (x, at)
    }

    fn spikes(x: &Array1<f64>) -> Vec<usize> {
        let scores = spike_scores(x.view(), SFREQ).unwrap();
        saccadic_spikes(scores.view(), SFREQ, SPIKE_THRESHOLD * score_scale(scores.view()).unwrap())
    }

    fn hits(found: &[usize], truth: &[usize]) -> usize {
        truth.iter().filter(|t| found.iter().any(|f| f.abs_diff(**t) <= 5)).count()
    }

    #[test]
    fn spikes_in_eeg_are_found_and_little_else() {
        let mut stream = Stream::new(5, 0);
        let eeg = one_over_f(60_000, SFREQ, 1.4, 60.0, &mut stream).unwrap();
        let (x, truth) = with_spikes(&eeg, 400, 30.0);
        let found = spikes(&x);
        assert!(hits(&found, &truth) * 10 >= truth.len() * 9, "{} of {}", hits(&found, &truth), truth.len());
        assert!(
            found.len() - hits(&found, &truth) < 12,
            "{} false in 120 s",
            found.len() - hits(&found, &truth)
        );
    }

    #[test]
    fn muscle_and_eeg_alone_hardly_spike() {
        let mut stream = Stream::new(6, 0);
        for exponent in [0.0, 1.0, 2.0] {
            let noise = shaped_noise(120_000, SFREQ, |f| f.max(0.5).powf(-exponent), &mut stream).unwrap();
            let n = spikes(&noise).len();
            assert!(n <= 4, "exponent {exponent}: {n} in 240 s");
        }
    }

    #[test]
    fn scale_and_sign_do_not_matter_and_reversal_mirrors() {
        let mut stream = Stream::new(7, 0);
        let eeg = one_over_f(20_000, SFREQ, 1.2, 40.0, &mut stream).unwrap();
        let (x, _) = with_spikes(&eeg, 700, 20.0);
        let found = spikes(&x);
        assert_eq!(spikes(&(&x * -3.0)), found);
        let mirrored = spikes(&x.slice(ndarray::s![..;-1]).to_owned());
        assert_eq!(mirrored.iter().rev().map(|t| 19_999 - t).collect::<Vec<_>>(), found);
    }

    #[test]
    fn nothing_is_found_in_nothing() {
        assert!(spikes(&Array1::zeros(1000)).is_empty());
        assert_eq!(spike_scores(Array1::zeros(3).view(), SFREQ).unwrap(), Array1::<f64>::zeros(3));
        assert_eq!(score_scale(Array1::zeros(0).view()), None);
        assert!(spike_scores(Array1::zeros(1000).view(), 50.0).unwrap_err().to_string().contains("100 Hz"));
    }
}

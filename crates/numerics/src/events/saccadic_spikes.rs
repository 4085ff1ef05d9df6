//! Saccadic spike potentials, which look like induced gamma
//! (Keren, Yuval-Greenberg & Deouell 2010, 10.1016/j.neuroimage.2009.10.057).

use super::maxima::separated_maxima;
use crate::filter::{FirDesign, fir_zero_phase};
use crate::simulate::saccadic_spike_waveform;
use crate::stats::median;
use crate::{Error, Result};
use ndarray::{Array1, ArrayView1, s};
use serde::{Deserialize, Serialize};

/// The band of the spike, Hz.
const BAND_HZ: [f64; 2] = [20.0, 90.0];
/// Lowest rate that shows the spike, Hz.
const LOWEST_SFREQ: f64 = 200.0;
/// Median absolute deviation of a normal distribution × this = its standard deviation.
const MAD_TO_SD: f64 = 1.482_602_218_505_602;

/// Settings of [`saccadic_spikes`].
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SaccadicSpikeParams {
    /// Threshold, in standard deviations (1.4826 × the median absolute deviation) from the median.
    pub threshold_sd: f64,
    /// Shortest time between two spikes, s.
    pub min_distance_s: f64,
}

impl Default for SaccadicSpikeParams {
    /// 4 standard deviations, which Gaussian noise exceeds once or twice a minute, and 50 ms.
    fn default() -> Self {
        Self { threshold_sd: 4.0, min_distance_s: 0.05 }
    }
}

/// Samples of the middle of saccadic spike potentials, ascending, in the radial EOG (mean of the electrodes around the
/// eyes against a parietal one), µV.
///
/// The channel is filtered to 20–90 Hz and correlated with [`saccadic_spike_waveform`]. A spike is an extremum, of
/// either sign, further from the median than `threshold_sd` robust standard deviations; where two are closer than
/// `min_distance_s`, the larger one. A channel whose median absolute deviation is zero has none.
///
/// What is counted is spikes in the band, whatever made them: with strong bursts of muscle the rate is an upper bound.
///
/// # Errors
/// [`Error::Invalid`] for a rate below 200 Hz and for parameters outside their range, [`Error::TooShort`] below 1 s,
/// [`Error::Value`] for a sample that is not finite.
///
/// ```
/// use dosewave_numerics::{events::saccadic_spikes, simulate::saccadic_spike_waveform, stats::Stream};
/// let mut stream = Stream::new(1, 0);
/// let mut reog = ndarray::Array1::from_shape_simple_fn(5000, || 3.0 * stream.normal());
/// let spike = saccadic_spike_waveform(500.0);
/// let half = spike.len() / 2;
/// reog.slice_mut(ndarray::s![2000 - half..=2000 + half]).scaled_add(30.0, &spike);
/// assert_eq!(saccadic_spikes(reog.view(), 500.0, Default::default()).unwrap(), [2000]);
/// ```
pub fn saccadic_spikes(
    reog: ArrayView1<'_, f64>,
    sfreq: f64,
    params: SaccadicSpikeParams,
) -> Result<Vec<usize>> {
    check(reog, sfreq, params)?;
    let [low, high] = BAND_HZ;
    let design = FirDesign { high_pass_hz: Some(low), low_pass_hz: Some(high) };
    let band = fir_zero_phase(reog, design.coefficients(sfreq)?.view())?;
    // convolution with the mirrored waveform is correlation with it
    let template = saccadic_spike_waveform(sfreq).slice(s![..;-1]).to_owned();
    let matched = fir_zero_phase(band.view(), template.view())?;
    let Some(from_median) = robust_distance(&matched) else { return Ok(vec![]) };
    let distance = (params.min_distance_s * sfreq).ceil() as usize;
    let above = |t: &usize| from_median[*t] > params.threshold_sd;
    Ok(separated_maxima(&from_median, distance).into_iter().filter(above).collect())
}

/// `|x − median| / robust standard deviation`; `None` without spread.
fn robust_distance(x: &Array1<f64>) -> Option<Vec<f64>> {
    let middle = median(&x.to_vec())?;
    let mut distance: Vec<f64> = x.iter().map(|v| (v - middle).abs()).collect();
    let spread = MAD_TO_SD * median(&distance)?;
    distance.iter_mut().for_each(|d| *d /= spread);
    (spread > 0.0).then_some(distance)
}

fn check(reog: ArrayView1<'_, f64>, sfreq: f64, params: SaccadicSpikeParams) -> Result<()> {
    let invalid = |parameter, value: f64, allowed: &str| {
        Err(Error::Invalid { parameter, value: value.to_string(), allowed: allowed.into() })
    };
    if !(sfreq.is_finite() && sfreq >= LOWEST_SFREQ) {
        return invalid("sfreq", sfreq, "200 Hz or more, to see a spike of 22 ms");
    }
    if !(params.threshold_sd.is_finite() && params.threshold_sd > 0.0) {
        return invalid("threshold_sd", params.threshold_sd, "a positive number");
    }
    if !(params.min_distance_s >= 0.0 && params.min_distance_s <= 10.0) {
        return invalid("min_distance_s", params.min_distance_s, "0 to 10 s");
    }
    let need = sfreq.ceil() as usize;
    if reog.len() < need {
        return Err(Error::TooShort { what: "samples of the radial EOG", got: reog.len(), need });
    }
    match reog.iter().position(|value| !value.is_finite()) {
        Some(index) => {
            Err(Error::Value { what: "reog", index, value: reog[index], allowed: "must be finite" })
        }
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulate::{flat_band, one_over_f};
    use crate::stats::Stream;

    const SECONDS: f64 = 120.0;
    /// Spike's peak over the root mean square of the noise in 20–90 Hz.
    const SNR: f64 = 6.0;

    #[derive(Clone, Copy, Debug)]
    enum Noise {
        OneOverF,
        Muscle,
    }

    fn noise(kind: Noise, sfreq: f64, seed: u64) -> Array1<f64> {
        let mut stream = Stream::new(61, seed);
        let n = (SECONDS * sfreq) as usize;
        match kind {
            Noise::OneOverF => one_over_f(n, sfreq, 1.5, 20.0, &mut stream),
            Noise::Muscle => flat_band(n, sfreq, 0.0, sfreq, 0.1, &mut stream),
        }
        .unwrap()
    }

    /// Root mean square in 20–90 Hz of those noises, by their densities.
    fn rms_in_band(kind: Noise) -> f64 {
        match kind {
            // ∫ 20·f^-1.5 = 40·(20^-½ − 90^-½)
            Noise::OneOverF => (40.0 * (20.0_f64.powf(-0.5) - 90.0_f64.powf(-0.5))).sqrt(),
            Noise::Muscle => (0.1_f64 * 70.0).sqrt(),
        }
    }

    /// Spikes 0.25–0.6 s apart, of either sign.
    fn with_spikes(background: &Array1<f64>, sfreq: f64, peak_uv: f64) -> (Array1<f64>, Vec<usize>) {
        let mut stream = Stream::new(62, 0);
        let spike = saccadic_spike_waveform(sfreq);
        let half = spike.len() / 2;
        let (mut x, mut places) = (background.clone(), vec![]);
        let mut at = (0.5 * sfreq) as usize;
        while at + half + 1 < x.len() {
            let sign = if stream.below(2) == 0 { 1.0 } else { -1.0 };
            x.slice_mut(s![at - half..=at + half]).scaled_add(sign * peak_uv, &spike);
            places.push(at);
            at += ((0.25 + 0.35 * stream.uniform()) * sfreq) as usize;
        }
        (x, places)
    }

    #[test]
    fn spikes_are_found_and_noise_is_not() {
        for kind in [Noise::OneOverF, Noise::Muscle] {
            for sfreq in [250.0, 500.0, 1000.0] {
                let background = noise(kind, sfreq, 0);
                let (x, places) = with_spikes(&background, sfreq, SNR * rms_in_band(kind));
                let found = saccadic_spikes(x.view(), sfreq, SaccadicSpikeParams::default()).unwrap();
                let near =
                    |a: &[usize], t: usize| a.iter().any(|other| other.abs_diff(t) as f64 <= 0.005 * sfreq);
                let hits = places.iter().filter(|t| near(&found, **t)).count() as f64;
                let false_alarms = found.iter().filter(|t| !near(&places, **t)).count() as f64;
                let quiet = saccadic_spikes(background.view(), sfreq, SaccadicSpikeParams::default());
                let (rate, quiet) = (hits / places.len() as f64, quiet.unwrap().len() as f64);
                let what = format!("{kind:?} at {sfreq} Hz: {rate} found, {false_alarms} + {quiet} false");
                assert!(rate >= 0.9 && false_alarms < 0.1 * SECONDS && quiet < 0.1 * SECONDS, "{what}");
                assert!(!found.is_empty() && places.len() > 200, "{what}");
            }
        }
    }

    #[test]
    fn weak_spikes_are_lost_and_the_threshold_trades() {
        let background = noise(Noise::Muscle, 500.0, 1);
        let count = |peak: f64, threshold_sd| {
            let (x, _) = with_spikes(&background, 500.0, peak * rms_in_band(Noise::Muscle));
            let params = SaccadicSpikeParams { threshold_sd, ..SaccadicSpikeParams::default() };
            saccadic_spikes(x.view(), 500.0, params).unwrap().len()
        };
        let (weak, strong) = (count(1.0, 4.0), count(6.0, 4.0));
        assert!(weak * 5 < strong, "{weak}, {strong}");
        assert!(count(3.0, 3.0) > count(3.0, 4.0) && count(3.0, 4.0) > count(3.0, 7.0));
    }

    #[test]
    fn unit_sign_drift_and_direction_do_not_matter() {
        let (x, _) = with_spikes(&noise(Noise::OneOverF, 500.0, 2), 500.0, 20.0);
        let run = |x: ArrayView1<'_, f64>| saccadic_spikes(x, 500.0, SaccadicSpikeParams::default()).unwrap();
        let found = run(x.view());
        assert!(found.len() > 200);
        assert_eq!(run((&x * -1e-6).view()), found);
        let slow = Array1::from_shape_fn(x.len(), |t| 200.0 * (0.01 * t as f64).sin());
        assert_eq!(run((&x + &slow).view()), found);
        let mirrored = run(x.slice(s![..;-1]));
        assert_eq!(mirrored.into_iter().rev().map(|t| x.len() - 1 - t).collect::<Vec<_>>(), found);
    }

    #[test]
    fn nonsense_is_refused_by_name() {
        let default = SaccadicSpikeParams::default();
        let mut x = Array1::zeros(1000);
        let run = |x: &Array1<f64>, sfreq, params| saccadic_spikes(x.view(), sfreq, params);
        assert_eq!(run(&x, 500.0, default).unwrap(), [0; 0]);
        let error = |x: &Array1<f64>, sfreq, params| run(x, sfreq, params).unwrap_err().to_string();
        assert!(error(&x, 100.0, default).contains("sfreq = 100"));
        assert!(error(&x, 2000.0, default).contains("1000 given, at least 2000"));
        let negative = SaccadicSpikeParams { threshold_sd: -1.0, ..default };
        assert!(error(&x, 500.0, negative).contains("threshold_sd = -1"));
        let long = SaccadicSpikeParams { min_distance_s: f64::NAN, ..default };
        assert!(error(&x, 500.0, long).contains("min_distance_s = NaN"));
        x[4] = f64::NAN;
        assert!(error(&x, 500.0, default).contains("reog[4] = NaN"));
    }
}

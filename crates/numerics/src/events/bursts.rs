//! Bursts: stretches in which the amplitude of a rhythm stands out.

use crate::stats::{mean, median_in_place};
use crate::{Error, Result};
use ndarray::ArrayView1;
use serde::{Deserialize, Serialize};

/// What counts as a burst.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BurstParams {
    /// Centre of the band, Hz: the length of a cycle.
    pub centre_hz: f64,
    /// Height above the median, in median absolute deviations (not scaled to a standard deviation).
    pub threshold_mads: f64,
    /// Shortest burst, cycles of the centre.
    pub min_cycles: f64,
}

impl BurstParams {
    /// 2.5 median absolute deviations for 3 cycles.
    #[must_use]
    pub fn new(centre_hz: f64) -> Self {
        Self { centre_hz, threshold_mads: 2.5, min_cycles: 3.0 }
    }

    /// Samples of the shortest burst.
    fn min_samples(&self, sfreq: f64) -> Result<usize> {
        let Self { centre_hz, threshold_mads, min_cycles } = *self;
        let numbers = [
            ("sfreq", sfreq),
            ("centre_hz", centre_hz),
            ("threshold_mads", threshold_mads),
            ("min_cycles", min_cycles),
        ];
        if let Some((parameter, value)) = numbers.into_iter().find(|(_, v)| !(v.is_finite() && *v > 0.0)) {
            let allowed = "a positive number".into();
            return Err(Error::Invalid { parameter, value: value.to_string(), allowed });
        }
        // a whole number of samples that rounding put just above itself stays one
        Ok((min_cycles / centre_hz * sfreq - 1e-9).ceil().max(1.0) as usize)
    }
}

/// One burst.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Burst {
    /// The run it is in.
    pub run: usize,
    /// Its first sample in that run.
    pub start: usize,
    /// Its number of samples.
    pub n_times: usize,
}

/// The bursts of a channel and what describes them.
#[derive(Clone, Debug, PartialEq)]
pub struct Bursts {
    /// By run and time.
    pub bursts: Vec<Burst>,
    /// Amplitude above which a burst is, in the envelope's unit.
    pub threshold: f64,
    /// Seconds looked at.
    pub seconds: f64,
    /// Bursts per second.
    pub rate_hz: f64,
    /// Mean length, s; `None` without a burst.
    pub dwell_mean_s: Option<f64>,
    /// Median length, s; `None` without a burst.
    pub dwell_median_s: Option<f64>,
    /// Share of the time inside bursts, 0 to 1.
    pub occupancy: f64,
}

/// Finds stretches of at least `min_cycles / centre_hz` seconds in which an amplitude envelope lies above
/// `median + threshold_mads · MAD` of all runs together, `MAD = median|x − median|`. No burst spans two runs; one that an
/// end of a run cuts counts with what is left of it.
///
/// # Errors
/// [`Error::TooShort`] without a sample, [`Error::Value`] for an amplitude that is negative or not finite,
/// [`Error::Invalid`] for a setting that is not positive.
///
/// ```
/// use dosewave_numerics::events::{BurstParams, bursts};
/// // 40 Hz at 400 Hz: 3 cycles are 30 samples
/// let envelope = ndarray::Array1::from_shape_fn(4000, |t| match t {
///     1000..1100 => 9.0,
///     2000..2029 => 9.0, // one sample too short
///     _ => 1.0 + 0.1 * (t % 3) as f64,
/// });
/// let found = bursts(&[envelope.view()], 400.0, &BurstParams::new(40.0)).unwrap();
/// assert_eq!((found.bursts.len(), found.bursts[0].start), (1, 1000));
/// assert_eq!((found.rate_hz, found.dwell_mean_s, found.occupancy), (0.1, Some(0.25), 0.025));
/// ```
pub fn bursts(runs: &[ArrayView1<'_, f64>], sfreq: f64, params: &BurstParams) -> Result<Bursts> {
    let min_samples = params.min_samples(sfreq)?;
    let threshold = threshold(runs, params.threshold_mads)?;
    let found: Vec<Burst> = runs
        .iter()
        .enumerate()
        .flat_map(|(run, envelope)| above(*envelope, threshold, run))
        .filter(|burst| burst.n_times >= min_samples)
        .collect();
    let seconds = runs.iter().map(ArrayView1::len).sum::<usize>() as f64 / sfreq;
    let mut dwells: Vec<f64> = found.iter().map(|burst| burst.n_times as f64 / sfreq).collect();
    Ok(Bursts {
        threshold,
        seconds,
        rate_hz: found.len() as f64 / seconds,
        dwell_mean_s: mean(&dwells),
        occupancy: dwells.iter().sum::<f64>() / seconds,
        dwell_median_s: median_in_place(&mut dwells),
        bursts: found,
    })
}

fn threshold(runs: &[ArrayView1<'_, f64>], mads: f64) -> Result<f64> {
    let mut values: Vec<f64> = runs.iter().flat_map(|run| run.iter().copied()).collect();
    if let Some((index, &value)) = values.iter().enumerate().find(|(_, v)| !(v.is_finite() && **v >= 0.0)) {
        let allowed = "an amplitude is finite and not negative";
        return Err(Error::Value { what: "envelope", index, value, allowed });
    }
    let none = Error::TooShort { what: "samples of an envelope", got: 0, need: 1 };
    let middle = median_in_place(&mut values).ok_or(none.clone())?;
    values.iter_mut().for_each(|v| *v = (*v - middle).abs());
    Ok(middle + mads * median_in_place(&mut values).ok_or(none)?)
}

/// All stretches above a threshold.
fn above(envelope: ArrayView1<'_, f64>, threshold: f64, run: usize) -> Vec<Burst> {
    let mut found: Vec<Burst> = Vec::new();
    for (t, _) in envelope.iter().enumerate().filter(|(_, v)| **v > threshold) {
        match found.last_mut() {
            Some(burst) if burst.start + burst.n_times == t => burst.n_times += 1,
            _ => found.push(Burst { run, start: t, n_times: 1 }),
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::filter::{FirDesign, envelope, fir_zero_phase};
    use crate::stats::Stream;
    use ndarray::{Array1, s};
    use std::f64::consts::TAU;

    const SFREQ: f64 = 500.0;

    fn band_noise(seconds: usize, seed: u64) -> Array1<f64> {
        let mut stream = Stream::new(seed, 0);
        Array1::from_shape_simple_fn(seconds * SFREQ as usize, || stream.normal())
    }

    fn gamma_envelope(x: &Array1<f64>) -> Array1<f64> {
        let design = FirDesign { high_pass_hz: Some(30.0), low_pass_hz: Some(50.0) };
        let filtered = fir_zero_phase(x.view(), design.coefficients(SFREQ).unwrap().view()).unwrap();
        envelope(filtered.view()).unwrap()
    }

    /// The envelope of Gaussian noise is Rayleigh: median √(2 ln 2), unscaled MAD 0.4485, so the threshold is 2.2986
    /// and exp(−2.2986²/2) = 7.1 % of the time lies above it.
    #[test]
    fn noise_is_above_the_threshold_as_often_as_rayleigh_says() {
        let below = |r: f64| 1.0 - (-r * r / 2.0).exp();
        let middle = (2.0 * 2.0_f64.ln()).sqrt();
        let (mut low, mut high) = (0.0, 1.0);
        for _ in 0..60 {
            let mad = 0.5 * (low + high);
            let inside = below(middle + mad) - below(middle - mad);
            if inside < 0.5 { low = mad } else { high = mad }
        }
        let share = 1.0 - below(middle + 2.5 * low);
        assert!((share - 0.071).abs() < 0.001, "{share}");
        let envelope = gamma_envelope(&band_noise(1000, 3));
        let any = BurstParams { min_cycles: 1e-3, ..BurstParams::new(40.0) };
        let all = bursts(&[envelope.view()], SFREQ, &any).unwrap();
        assert!((all.occupancy / share - 1.0).abs() < 0.05, "{} {share}", all.occupancy);
        // three cycles, 75 ms, are longer than most excursions of a band 20 Hz wide
        let long = bursts(&[envelope.view()], SFREQ, &BurstParams::new(40.0)).unwrap();
        assert!(long.occupancy < 0.1 * all.occupancy, "{}", long.occupancy);
        assert!(long.bursts.iter().all(|burst| burst.n_times >= 38));
    }

    /// Bursts of 300 ms every 2 s, four times as strong as the noise around them.
    #[test]
    fn planted_bursts_come_back_with_their_rate_and_length() {
        let mut x = band_noise(100, 8);
        let noise_rms = gamma_envelope(&x).mapv(|v| v * v).mean().unwrap().sqrt();
        for k in 0..50 {
            for t in 0..150 {
                x[k * 1000 + 400 + t] += 4.0 * noise_rms * (TAU * 40.0 * t as f64 / SFREQ).sin();
            }
        }
        let found = bursts(&[gamma_envelope(&x).view()], SFREQ, &BurstParams::new(40.0)).unwrap();
        for k in 0..50 {
            let middle = k * 1000 + 475;
            let holds = |burst: &Burst| (burst.start..burst.start + burst.n_times).contains(&middle);
            assert!(found.bursts.iter().any(holds), "{k}");
        }
        assert!((0.5..0.56).contains(&found.rate_hz), "{}", found.rate_hz);
        assert!((found.dwell_median_s.unwrap() - 0.3).abs() < 0.03, "{:?}", found.dwell_median_s);
        assert!((found.occupancy - 0.15).abs() < 0.02, "{}", found.occupancy);
        assert_eq!(found.seconds, 100.0);
    }

    #[test]
    fn no_burst_spans_two_runs() {
        let x =
            Array1::from_shape_fn(1000, |t| if (480..520).contains(&t) { 9.0 } else { (t % 7) as f64 * 0.1 });
        let params = BurstParams::new(50.0); // 3 cycles are 30 samples
        assert_eq!(bursts(&[x.view()], SFREQ, &params).unwrap().bursts.len(), 1);
        let (a, b) = (x.slice(s![..500]), x.slice(s![500..]));
        let cut = bursts(&[a, b], SFREQ, &params).unwrap();
        assert_eq!((cut.bursts.len(), cut.seconds, cut.dwell_mean_s), (0, 2.0, None));
        let shorter = bursts(&[a, b], SFREQ, &BurstParams { min_cycles: 2.0, ..params }).unwrap();
        let expected = [Burst { run: 0, start: 480, n_times: 20 }, Burst { run: 1, start: 0, n_times: 20 }];
        assert_eq!(shorter.bursts, expected);
    }

    #[test]
    fn nonsense_is_refused() {
        let x = Array1::ones(10);
        let refused =
            |x: &Array1<f64>, sfreq, params: BurstParams| bursts(&[x.view()], sfreq, &params).is_err();
        assert!(!refused(&x, 100.0, BurstParams::new(10.0)));
        assert!(refused(&x, 0.0, BurstParams::new(10.0)) && refused(&x, 100.0, BurstParams::new(0.0)));
        assert!(
            refused(&-&x, 100.0, BurstParams::new(10.0))
                && refused(&(&x * f64::NAN), 100.0, BurstParams::new(1.0))
        );
        assert!(bursts(&[], 100.0, &BurstParams::new(10.0)).is_err());
    }
}

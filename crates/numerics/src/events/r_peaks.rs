//! R peaks of an electrocardiogram, and the heart rate.

use super::maxima::separated_maxima;
use crate::error::check_finite;
use crate::filter::fir_zero_phase;
use crate::stats::{mean, median_in_place, quantile, sd};
use crate::{Error, Result};
use ndarray::{Array1, ArrayView1};
use serde::{Deserialize, Serialize};

/// Width of the QRS template, s: its response is largest at 15 Hz, where QRS complexes have their power and P and T
/// waves little.
const TEMPLATE_SD_S: f64 = 0.015;
/// Window of the moving root mean square, s.
const SMOOTHING_S: f64 = 0.08;
/// Two beats are at least this far apart, s.
const REFRACTORY_S: f64 = 0.25;
/// A block holds at least one beat at 30 per minute, s.
const BLOCK_S: f64 = 2.5;
/// Blocks to either side that give the level of a block.
const NEIGHBOUR_BLOCKS: usize = 5;
/// A beat rises from the noise to at least this share of the usual beat.
const SHARE: f64 = 0.35;
/// A beat is at least this many times the noise.
const ABOVE_NOISE: f64 = 5.0;
/// In a gap, a beat of half the threshold will do …
const SEARCH_BACK_SHARE: f64 = 0.5;
/// … a gap being this many times the usual interval.
const GAP: f64 = 1.66;
/// Intervals to either side that give the usual one.
const NEIGHBOUR_INTERVALS: usize = 4;
/// How far the extremum of the raw signal may lie from the middle of the complex, s.
const REFINEMENT_S: f64 = 0.06;
/// A block whose largest value is below this share of the upper quartile of all holds no heart: the lead is off.
const LEAD_OFF_SHARE: f64 = 0.01;
/// Blocks below this share of the largest are flat but for rounding (of a power, of which the root was taken).
const ROUNDING_SHARE: f64 = 1e-6;
/// Limits of an interval between beats, s: 200 to 30 per minute.
const INTERVAL_LIMITS_S: [f64; 2] = [0.3, 2.0];
/// A beat was missed, or one is too many, in an interval outside these many times the usual one. Our own judgement, as the
/// next: breathing and early beats stay inside.
const INTERVAL_SHARES: [f64; 2] = [0.6, 1.6];
/// There is a beat too many between two intervals that together are below this many times the usual one.
const ONE_TOO_MANY: f64 = 1.25;

/// Samples of the R peaks, ascending, of an ECG of either polarity and any unit, for 30–200 beats per minute.
///
/// 1. The signal is correlated with the second derivative of a Gaussian of 15 ms, which is blind to an offset, to
///    drift and to the mains and small for P and T waves; its root mean square over 80 ms rises at each QRS complex.
/// 2. Maxima at least 250 ms apart are beats where they rise from the noise (the lower fifth of that curve) by 35 % of
///    the usual beat (median of the maxima of 2.5 s blocks, over 12.5 s to either side) and are five times the noise:
///    a channel without a heart gives no beats. Blocks of a flat line (the lead was off) do not count.
/// 3. Where an interval is 1.66 times the median of its eight neighbours, the largest maximum inside, of at least half
///    the threshold, is a beat too.
/// 4. Each beat is moved to the extremum of the signal itself within 60 ms, in the direction in which the median beat
///    is larger; a beat twice as large in the other direction (an ectopic one) is taken there.
///
/// # Errors
/// [`Error::Invalid`] for a rate below 80 Hz, [`Error::TooShort`] below 2.5 s, [`Error::Value`] for a sample that is
/// not finite.
///
/// ```
/// use dosewave_numerics::events::r_peaks;
/// // one Gaussian of 10 ms a second
/// let ecg = ndarray::Array1::from_shape_fn(2500, |t| {
///     let from_peak_s = (t % 250) as f64 / 250.0 - 0.5;
///     (-0.5 * (from_peak_s / 0.01).powi(2)).exp()
/// });
/// let beats: Vec<usize> = (0..10).map(|beat| 125 + 250 * beat).collect();
/// assert_eq!(r_peaks(ecg.view(), 250.0).unwrap(), beats);
/// ```
pub fn r_peaks(ecg: ArrayView1<'_, f64>, sfreq: f64) -> Result<Vec<usize>> {
    check(ecg, sfreq)?;
    let strength = qrs_strength(ecg, sfreq)?;
    let candidates = separated_maxima(&strength, (REFRACTORY_S * sfreq).ceil() as usize);
    let thresholds = thresholds(&strength, &candidates, sfreq);
    let mut is_beat: Vec<bool> =
        candidates.iter().zip(&thresholds).map(|(t, threshold)| strength[*t] > *threshold).collect();
    search_back(&strength, &candidates, &thresholds, &mut is_beat);
    let middles: Vec<usize> =
        candidates.iter().zip(&is_beat).filter(|(_, beat)| **beat).map(|(t, _)| *t).collect();
    let mut peaks = refined(ecg, &middles, sfreq);
    peaks.dedup();
    Ok(peaks)
}

fn check(ecg: ArrayView1<'_, f64>, sfreq: f64) -> Result<()> {
    if !(sfreq.is_finite() && sfreq >= 80.0) {
        let allowed = "80 Hz or more, to see a QRS complex".into();
        return Err(Error::Invalid { parameter: "sfreq", value: sfreq.to_string(), allowed });
    }
    let need = (BLOCK_S * sfreq).ceil() as usize;
    if ecg.len() < need {
        return Err(Error::TooShort { what: "samples of an ECG", got: ecg.len(), need });
    }
    check_finite(ecg, "ecg")
}

/// Moving root mean square of the correlation with the template.
fn qrs_strength(ecg: ArrayView1<'_, f64>, sfreq: f64) -> Result<Vec<f64>> {
    let sd_samples = TEMPLATE_SD_S * sfreq;
    let half = (5.0 * sd_samples).ceil() as usize;
    let mut template = Array1::from_shape_fn(2 * half + 1, |k| {
        let square = ((k as f64 - half as f64) / sd_samples).powi(2);
        (1.0 - square) * (-0.5 * square).exp()
    });
    // sampling leaves a little of the offset
    let mean = template.sum() / template.len() as f64;
    template -= mean;
    let power = fir_zero_phase(ecg, template.view())?.mapv(|v| v * v);
    let width = 2 * (0.5 * SMOOTHING_S * sfreq).round() as usize + 1;
    let smoothing = Array1::from_elem(width, 1.0 / width as f64);
    Ok(fir_zero_phase(power.view(), smoothing.view())?.iter().map(|p| p.max(0.0).sqrt()).collect())
}

/// The threshold at each candidate, from the usual beat and the noise around it.
fn thresholds(strength: &[f64], candidates: &[usize], sfreq: f64) -> Vec<f64> {
    let block = (BLOCK_S * sfreq).ceil() as usize;
    let n_blocks = strength.len() / block;
    let end = |b: usize| if b + 1 == n_blocks { strength.len() } else { (b + 1) * block };
    let blocks: Vec<&[f64]> = (0..n_blocks).map(|b| &strength[b * block..end(b)]).collect();
    let largest: Vec<f64> = blocks.iter().map(|block| block.iter().copied().fold(0.0, f64::max)).collect();
    let quiet: Vec<f64> = blocks.iter().map(|block| quantile(block, 0.2).unwrap_or(0.0)).collect();
    let is_on = leads_on(&largest);
    let around = |values: &[f64], b: usize| {
        let near = b.saturating_sub(NEIGHBOUR_BLOCKS)..(b + NEIGHBOUR_BLOCKS + 1).min(n_blocks);
        median_in_place(&mut near.filter(|b| is_on[*b]).map(|b| values[b]).collect::<Vec<_>>())
    };
    candidates
        .iter()
        .map(|t| {
            let b = (t / block).min(n_blocks - 1);
            match (around(&largest, b), around(&quiet, b)) {
                (Some(usual), Some(noise)) => (noise + SHARE * (usual - noise)).max(ABOVE_NOISE * noise),
                // nothing but a flat line
                _ => f64::INFINITY,
            }
        })
        .collect()
}

/// Which blocks hold more than a flat line, from their largest values.
fn leads_on(largest: &[f64]) -> Vec<bool> {
    let top = largest.iter().copied().fold(0.0, f64::max);
    let not_flat: Vec<f64> = largest.iter().copied().filter(|v| *v > ROUNDING_SHARE * top).collect();
    // more than half of a run may be without a lead
    let usual = quantile(&not_flat, 0.75).unwrap_or(f64::INFINITY);
    largest.iter().map(|v| *v > LEAD_OFF_SHARE * usual).collect()
}

/// Accepts the best weaker candidate in each gap, until no gap has one.
fn search_back(strength: &[f64], candidates: &[usize], thresholds: &[f64], is_beat: &mut [bool]) {
    loop {
        let beats: Vec<usize> = (0..candidates.len()).filter(|c| is_beat[*c]).collect();
        let intervals: Vec<f64> =
            beats.windows(2).map(|pair| (candidates[pair[1]] - candidates[pair[0]]) as f64).collect();
        let mut found = false;
        for (k, pair) in beats.windows(2).enumerate() {
            let neighbours =
                k.saturating_sub(NEIGHBOUR_INTERVALS)..(k + NEIGHBOUR_INTERVALS + 1).min(intervals.len());
            let usual = median_in_place(&mut intervals[neighbours].to_vec()).unwrap_or(0.0);
            if intervals[k] <= GAP * usual {
                continue;
            }
            let best = (pair[0] + 1..pair[1])
                .filter(|c| strength[candidates[*c]] > SEARCH_BACK_SHARE * thresholds[*c])
                .max_by(|a, b| strength[candidates[*a]].total_cmp(&strength[candidates[*b]]));
            if let Some(best) = best {
                is_beat[best] = true;
                found = true;
            }
        }
        if !found {
            return;
        }
    }
}

/// The extremum of the signal at each beat.
fn refined(ecg: ArrayView1<'_, f64>, middles: &[usize], sfreq: f64) -> Vec<usize> {
    let reach = (REFINEMENT_S * sfreq).round() as usize;
    let extrema: Vec<[(usize, f64); 2]> = middles
        .iter()
        .map(|t| {
            let (start, end) = (t.saturating_sub(reach), (t + reach + 1).min(ecg.len()));
            let wide = t.saturating_sub(2 * reach)..(t + 2 * reach + 1).min(ecg.len());
            let level = median_in_place(&mut wide.map(|k| ecg[k]).collect::<Vec<_>>()).unwrap_or(0.0);
            [1.0, -1.0].map(|sign| {
                let first = (start, f64::NEG_INFINITY);
                (start..end).fold(first, |best, k| {
                    let height = sign * (ecg[k] - level);
                    if height > best.1 { (k, height) } else { best }
                })
            })
        })
        .collect();
    let usual = |direction: usize| {
        median_in_place(&mut extrema.iter().map(|e| e[direction].1).collect::<Vec<_>>()).unwrap_or(0.0)
    };
    let main = usize::from(usual(1) > usual(0));
    let choose =
        |e: &[(usize, f64); 2]| if e[1 - main].1 > 2.0 * e[main].1 { e[1 - main].0 } else { e[main].0 };
    extrema.iter().map(choose).collect()
}

/// Heart rate and its variability.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct HeartRate {
    /// Beats per minute: 60 over the mean interval.
    pub bpm: f64,
    /// Root mean square of the differences between successive intervals, ms.
    pub rmssd_ms: f64,
    /// Standard deviation (`n − 1`) of the intervals, ms.
    pub sdnn_ms: f64,
    /// Number of intervals kept.
    pub n_intervals: usize,
}

/// Heart rate from the samples of R peaks, ascending.
///
/// Intervals outside 300–2000 ms (30–200 per minute) are left out, and those of a beat missed or one too many: outside 0.6–1.6
/// times the median of the nine intervals around, or two that together are below 1.25 times that. A difference counts for
/// `rmssd_ms` when both its intervals were kept and share a beat.
///
/// `None` when the rate is not positive, or when no two successive intervals are kept: below three peaks, all beats
/// faster than 200 or slower than 30 per minute, or every other interval broken.
///
/// ```
/// use dosewave_numerics::events::heart_rate;
/// let rate = heart_rate(&[0, 1000, 1800, 2800], 1000.0).unwrap(); // 1000, 800, 1000 ms
/// assert_eq!((rate.n_intervals, rate.rmssd_ms), (3, 200.0));
/// assert!((rate.bpm - 64.2857).abs() < 1e-4 && (rate.sdnn_ms - 115.4701).abs() < 1e-4);
/// ```
#[must_use]
pub fn heart_rate(peaks: &[usize], sfreq: f64) -> Option<HeartRate> {
    if !(sfreq.is_finite() && sfreq > 0.0) {
        return None;
    }
    let intervals_ms = whole_intervals_ms(peaks, sfreq);
    let squares: Vec<f64> =
        intervals_ms.windows(2).filter_map(|pair| Some((pair[1]? - pair[0]?).powi(2))).collect();
    let kept: Vec<f64> = intervals_ms.into_iter().flatten().collect();
    Some(HeartRate {
        bpm: 60_000.0 / mean(&kept)?,
        rmssd_ms: mean(&squares)?.sqrt(),
        sdnn_ms: sd(&kept)?,
        n_intervals: kept.len(),
    })
}

/// Intervals between peaks; `None` where a beat was missed or one too many found.
fn whole_intervals_ms(peaks: &[usize], sfreq: f64) -> Vec<Option<f64>> {
    let seconds: Vec<f64> = peaks.windows(2).map(|pair| (pair[1] as f64 - pair[0] as f64) / sfreq).collect();
    let ([shortest, longest], [few, many]) = (INTERVAL_LIMITS_S, INTERVAL_SHARES);
    let usual: Vec<f64> = (0..seconds.len())
        .map(|k| {
            let near =
                k.saturating_sub(NEIGHBOUR_INTERVALS)..(k + NEIGHBOUR_INTERVALS + 1).min(seconds.len());
            median_in_place(&mut seconds[near].to_vec()).unwrap_or(f64::NAN)
        })
        .collect();
    let mut is_whole: Vec<bool> = seconds
        .iter()
        .zip(&usual)
        .map(|(s, usual)| (shortest..=longest).contains(s) && (few * usual..=many * usual).contains(s))
        .collect();
    for (k, pair) in seconds.windows(2).enumerate() {
        if pair[0] + pair[1] < ONE_TOO_MANY * usual[k].max(usual[k + 1]) {
            is_whole[k..k + 2].fill(false);
        }
    }
    seconds.iter().zip(is_whole).map(|(s, whole)| whole.then_some(1000.0 * s)).collect()
}

#[cfg(test)]
mod tests;

//! Blinks and saccades in a channel near the eyes.

use super::maxima::separated_maxima;
use crate::{Error, Result};
use ndarray::ArrayView1;

/// Two blinks are further apart than this, s.
const BLINK_APART_S: f64 = 0.25;
/// Stretches before and after a step that are compared, s, and the time that the step itself may take.
const LEVEL_S: f64 = 0.1;
const STEP_S: f64 = 0.04;
/// Two saccades are further apart than this, s.
const SACCADE_APART_S: f64 = 0.2;

/// Peaks `(sample, height)` of a channel without slow drifts (1–10 Hz) that reach `limit` above its median, at least
/// 0.25 s apart.
///
/// # Errors
/// [`Error::Value`] for a limit or rate that is not positive.
///
/// ```
/// use dosewave_numerics::events::peaks_above;
/// let x = ndarray::Array1::from_shape_fn(300, |t| if t == 120 { 90.0 } else { 0.0 });
/// assert_eq!(peaks_above(x.view(), 100.0, 50.0).unwrap(), [(120, 90.0)]);
/// ```
pub fn peaks_above(x: ArrayView1<'_, f64>, sfreq: f64, limit: f64) -> Result<Vec<(usize, f64)>> {
    check(sfreq, limit)?;
    let values = x.to_vec();
    let Some(middle) = crate::stats::median(&values) else { return Ok(Vec::new()) };
    let raised: Vec<f64> = values.iter().map(|v| (v - middle).max(0.0)).collect();
    let maxima = separated_maxima(&raised, (BLINK_APART_S * sfreq).round().max(1.0) as usize);
    Ok(maxima.into_iter().map(|t| (t, raised[t])).filter(|(_, height)| *height >= limit).collect())
}

/// Steps `(sample, size)`: moments where the mean of the next 0.1 s differs from that of the last 0.1 s (with 0.04 s for
/// the step itself) by at least `limit`, the largest of each 0.2 s. Upwards is positive.
///
/// # Errors
/// [`Error::Value`] for a limit or rate that is not positive.
///
/// ```
/// use dosewave_numerics::events::steps;
/// let x = ndarray::Array1::from_shape_fn(300, |t| if t < 150 { 0.0 } else { -40.0 });
/// let found = steps(x.view(), 100.0, 30.0).unwrap();
/// assert_eq!(found.len(), 1);
/// assert!((found[0].1 + 40.0).abs() < 1e-9 && found[0].0.abs_diff(150) <= 2);
/// ```
pub fn steps(x: ArrayView1<'_, f64>, sfreq: f64, limit: f64) -> Result<Vec<(usize, f64)>> {
    check(sfreq, limit)?;
    let level = (LEVEL_S * sfreq).round().max(1.0) as usize;
    let half = (STEP_S * sfreq / 2.0).round() as usize;
    let reach = level + half;
    let mut sums = Vec::with_capacity(x.len() + 1);
    sums.push(0.0);
    for value in x {
        sums.push(sums[sums.len() - 1] + value);
    }
    let mean = |from: usize| (sums[from + level] - sums[from]) / level as f64;
    let size = |t: usize| {
        if t < reach || t + reach > x.len() { 0.0 } else { mean(t + half) - mean(t - reach) }
    };
    let sizes: Vec<f64> = (0..x.len()).map(size).collect();
    let magnitudes: Vec<f64> = sizes.iter().map(|v| v.abs()).collect();
    let maxima = separated_maxima(&magnitudes, (SACCADE_APART_S * sfreq).round().max(1.0) as usize);
    Ok(maxima.into_iter().filter(|t| magnitudes[*t] >= limit).map(|t| (t, sizes[t])).collect())
}

fn check(sfreq: f64, limit: f64) -> Result<()> {
    for (what, value) in [("sampling frequency", sfreq), ("limit", limit)] {
        if !(value.is_finite() && value > 0.0) {
            return Err(Error::Value { what, index: 0, value, allowed: "must be positive" });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::Stream;
    use ndarray::Array1;

    const SFREQ: f64 = 250.0;

    #[test]
    fn blinks_are_counted_once_each_whatever_the_offset() {
        let mut stream = Stream::new(1, 0);
        let blink = |t: usize| {
            let since = (t % 750) as f64 / SFREQ - 1.5;
            120.0 * (-0.5 * (since / 0.07).powi(2)).exp()
        };
        let x = Array1::from_shape_fn(7500, |t| 500.0 + blink(t) + 5.0 * stream.normal());
        let found = peaks_above(x.view(), SFREQ, 60.0).unwrap();
        assert_eq!(found.len(), 10);
        for (k, (t, height)) in found.iter().enumerate() {
            assert!(t.abs_diff(750 * k + 375) < 10 && (height - 120.0).abs() < 20.0);
        }
        assert!(peaks_above(x.view(), SFREQ, 200.0).unwrap().is_empty());
    }

    #[test]
    fn steps_up_and_down_are_found_and_slopes_are_not() {
        let x = Array1::from_shape_fn(2500, |t| match t {
            0..1000 => 0.01 * t as f64,
            1000..1500 => 60.0,
            _ => -20.0,
        });
        let found = steps(x.view(), SFREQ, 30.0).unwrap();
        let at: Vec<usize> = found.iter().map(|f| f.0).collect();
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(at[0].abs_diff(1000) <= 5 && at[1].abs_diff(1500) <= 5, "{at:?}");
        assert!(found[0].1 > 0.0 && (found[1].1 + 80.0).abs() < 1e-9);
    }

    #[test]
    fn short_and_nonsense() {
        assert!(steps(ndarray::array![1.0, 2.0].view(), SFREQ, 30.0).unwrap().is_empty());
        assert!(peaks_above(Array1::<f64>::zeros(0).view(), SFREQ, 30.0).unwrap().is_empty());
        assert!(steps(ndarray::array![1.0].view(), SFREQ, 0.0).is_err());
    }
}

//! Channels that the others do not foretell.

use super::interpolate::{InterpolationParams, weights};
use crate::{Channel, Error, Result, parallel};
use dosewave_numerics::stats::{Stream, correlation, median_in_place};
use ndarray::{Array2, ArrayView1, ArrayView2, Axis, s};
use serde::{Deserialize, Serialize};

/// A sample of fewer electrodes says little about a head. At a quarter of the channels, caps of fewer than 22 are not
/// judged: blinks at their frontal electrodes are foretold by no few of the others.
const SMALLEST_SAMPLE: usize = 6;

/// Random sample consensus (Fischler & Bolles 1981, 10.1145/358669.358692), as PREP uses it on channels: all are foretold
/// from random samples of them by a spherical spline, and the median of the predictions is compared with each. A channel
/// is in some of the samples itself; PREP's limits are for that.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RansacParams {
    /// Number of samples.
    pub n_samples: usize,
    /// Share of the good channels in each.
    pub fraction: f64,
    /// Smallest correlation with the prediction.
    pub correlation: f64,
    /// A channel is bad when it falls below in more than this share of the windows.
    pub bad_share: f64,
    /// Length of a window, s.
    pub window_s: f64,
    /// Seed of the samples.
    pub seed: u64,
}

impl Default for RansacParams {
    fn default() -> Self {
        Self { n_samples: 50, fraction: 0.25, correlation: 0.75, bad_share: 0.4, window_s: 5.0, seed: 0 }
    }
}

/// For each channel of `x [channel, time]` that has a position and is among the good ones, the share of windows in which
/// it is not foretold; or why that cannot be said.
///
/// # Errors
/// [`Error::Invalid`] for settings outside their range.
pub(super) fn unpredicted(
    channels: &[Channel],
    x: ArrayView2<'_, f64>,
    sfreq: f64,
    good: &[usize],
    params: &RansacParams,
) -> Result<std::result::Result<Vec<(usize, f64)>, String>> {
    check(params)?;
    let placed: Vec<usize> = good.iter().copied().filter(|&c| channels[c].position.is_some()).collect();
    let size = (params.fraction * placed.len() as f64).round() as usize;
    if size < SMALLEST_SAMPLE || size + 1 > placed.len() {
        return Ok(Err(format!(
            "RANSAC is left out: {} good channels with a position give samples of {size}; {SMALLEST_SAMPLE} are needed",
            placed.len()
        )));
    }
    let window = (params.window_s * sfreq).round().max(2.0) as usize;
    let n_windows = x.ncols() / window;
    if n_windows == 0 {
        return Ok(Err(format!("RANSAC is left out: no window of {} s", params.window_s)));
    }
    let predictors = predictors(channels, &placed, size, params)?;
    let bad = parallel::try_map(n_windows, |k| {
        let columns = s![.., k * window..(k + 1) * window];
        let part = x.slice(columns).select(Axis(0), &placed);
        Ok(correlations(part.view(), &predictors))
    })?;
    let share = |i: usize| {
        let below = bad.iter().filter(|window| window[i].is_none_or(|r| r < params.correlation)).count();
        below as f64 / n_windows as f64
    };
    Ok(Ok(placed.iter().enumerate().map(|(i, &c)| (c, share(i))).collect()))
}

fn check(params: &RansacParams) -> Result<()> {
    let share = |v: f64| v > 0.0 && v < 1.0;
    let problem = |parameter, value: f64, allowed: &str| {
        Err(Error::Invalid { parameter, value: value.to_string(), allowed: allowed.into() })
    };
    if params.n_samples == 0 || params.n_samples > 10_000 {
        return problem("ransac.n_samples", params.n_samples as f64, "1 to 10000");
    }
    for (parameter, value) in [
        ("ransac.fraction", params.fraction),
        ("ransac.correlation", params.correlation),
        ("ransac.bad_share", params.bad_share),
    ] {
        if !share(value) {
            return problem(parameter, value, "between 0 and 1");
        }
    }
    if !(params.window_s.is_finite() && params.window_s > 0.0) {
        return problem("ransac.window_s", params.window_s, "a positive length");
    }
    Ok(())
}

/// Weights `[channel, channel]` of each sample, from its channels to all.
fn predictors(
    channels: &[Channel],
    placed: &[usize],
    size: usize,
    params: &RansacParams,
) -> Result<Vec<Array2<f64>>> {
    parallel::try_map(params.n_samples, |sample| {
        let mut stream = Stream::new(params.seed, sample as u64);
        let mut order: Vec<usize> = (0..placed.len()).collect();
        stream.shuffle(&mut order);
        let mut from = order[..size].to_vec();
        from.sort_unstable();
        let rows: Vec<usize> = from.iter().map(|&i| placed[i]).collect();
        let found = weights(channels, &rows, placed, &InterpolationParams::default())?;
        let mut matrix = Array2::zeros((placed.len(), placed.len()));
        for (column, &j) in found.columns().into_iter().zip(&from) {
            matrix.column_mut(j).assign(&column);
        }
        Ok(matrix)
    })
}

/// Correlation of each channel with the median of its predictions; `None` for one that is flat.
fn correlations(x: ArrayView2<'_, f64>, predictors: &[Array2<f64>]) -> Vec<Option<f64>> {
    let predictions: Vec<Array2<f64>> = predictors.iter().map(|weights| weights.dot(&x)).collect();
    let mut values = vec![0.0; predictions.len()];
    (0..x.nrows())
        .map(|c| {
            let foretold: Option<Vec<f64>> = (0..x.ncols())
                .map(|t| {
                    values.iter_mut().zip(&predictions).for_each(|(v, all)| *v = all[[c, t]]);
                    median_in_place(&mut values)
                })
                .collect();
            correlation(x.row(c), ArrayView1::from(&foretold?))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_outside_their_range_are_refused_by_name() {
        for (params, name) in [
            (RansacParams { n_samples: 0, ..Default::default() }, "ransac.n_samples = 0"),
            (RansacParams { fraction: 1.0, ..Default::default() }, "ransac.fraction = 1"),
            (RansacParams { window_s: f64::NAN, ..Default::default() }, "ransac.window_s = NaN"),
        ] {
            let error = unpredicted(&[], Array2::zeros((0, 10)).view(), 100.0, &[], &params).unwrap_err();
            assert!(error.to_string().contains(name), "{error}");
        }
    }
}

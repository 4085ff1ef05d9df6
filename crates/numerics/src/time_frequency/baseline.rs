//! Power relative to a stretch before the event.

use crate::{Error, Result};
use ndarray::{ArrayBase, ArrayView1, ArrayViewMut1, Axis, DataMut, RemoveAxis};
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// How values are set against those of a baseline with mean m and standard deviation s (over n, not n − 1): the modes of
/// `mne.baseline.rescale`, and dB.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum BaselineMode {
    /// `x − m`.
    Mean,
    /// `x / m`.
    Ratio,
    /// `log10(x / m)`.
    LogRatio,
    /// `10·log10(x / m)`.
    Db,
    /// `(x − m) / m`: a fraction, as in MNE; × 100 for percent.
    Percent,
    /// `(x − m) / s`.
    ZScore,
    /// `log10(x / m) / sd(log10(baseline / m))`.
    ZLogRatio,
}

/// Sets every row of an array, along its last axis, against its own samples `baseline`.
///
/// # Errors
/// [`Error::Invalid`] for a baseline without a sample or beyond the end; [`Error::Value`], with the row as index, for a
/// baseline mean of zero where it divides, a mean or value that is not positive under a logarithm, a baseline without
/// spread under a z-score, or NaN. The array may then be rescaled in part.
///
/// ```
/// use dosewave_numerics::time_frequency::{BaselineMode, rescale};
/// let mut power = ndarray::array![[1.0, 3.0, 20.0, 0.2]];
/// rescale(&mut power, 0..2, BaselineMode::Db).unwrap();
/// assert!((power[[0, 2]] - 10.0).abs() < 1e-12 && (power[[0, 3]] + 10.0).abs() < 1e-12);
/// ```
pub fn rescale<S, D>(data: &mut ArrayBase<S, D>, baseline: Range<usize>, mode: BaselineMode) -> Result<()>
where
    S: DataMut<Elem = f64>,
    D: RemoveAxis,
{
    let n_axes = data.ndim();
    let n_times = data.len_of(Axis(n_axes - 1));
    if baseline.is_empty() || baseline.end > n_times {
        return Err(Error::Invalid {
            parameter: "baseline",
            value: format!("samples {} to {}", baseline.start, baseline.end),
            allowed: format!("at least one of the samples 0 to {n_times}"),
        });
    }
    for (index, row) in data.lanes_mut(Axis(n_axes - 1)).into_iter().enumerate() {
        one_row(row, baseline.clone(), mode, index)?;
    }
    Ok(())
}

fn one_row(
    mut row: ArrayViewMut1<'_, f64>,
    baseline: Range<usize>,
    mode: BaselineMode,
    index: usize,
) -> Result<()> {
    use BaselineMode::{Db, LogRatio, Mean, Percent, Ratio, ZLogRatio, ZScore};
    let refuse = |what, value, allowed| Err(Error::Value { what, index, value, allowed });
    if let Some(value) = row.iter().copied().find(|v| !v.is_finite()) {
        return refuse("row", value, "must be finite");
    }
    let logarithmic = matches!(mode, LogRatio | Db | ZLogRatio);
    let (mean, spread) = mean_and_sd(row.slice(ndarray::s![baseline.clone()]));
    if logarithmic && let Some(value) = row.iter().copied().find(|v| *v <= 0.0) {
        return refuse("row", value, "a logarithm needs positive values");
    }
    if mean == 0.0 && (logarithmic || matches!(mode, Ratio | Percent)) {
        return refuse("baseline mean", mean, "a baseline to divide by must not be zero");
    }
    match mode {
        Mean => row -= mean,
        Ratio => row /= mean,
        Percent => row.mapv_inplace(|v| (v - mean) / mean),
        LogRatio => row.mapv_inplace(|v| (v / mean).log10()),
        Db => row.mapv_inplace(|v| 10.0 * (v / mean).log10()),
        ZScore if spread > 0.0 => row.mapv_inplace(|v| (v - mean) / spread),
        ZScore => {
            return refuse("baseline standard deviation", spread, "a z-score needs a baseline that varies");
        }
        ZLogRatio => {
            row.mapv_inplace(|v| (v / mean).log10());
            let (_, spread) = mean_and_sd(row.slice(ndarray::s![baseline]));
            if spread <= 0.0 {
                return refuse(
                    "baseline standard deviation",
                    spread,
                    "a z-score needs a baseline that varies",
                );
            }
            row /= spread;
        }
    }
    Ok(())
}

fn mean_and_sd(values: ArrayView1<'_, f64>) -> (f64, f64) {
    let n = values.len() as f64;
    let mean = values.sum() / n;
    (mean, (values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / n).sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;
    use BaselineMode::{Db, LogRatio, Mean, Percent, Ratio, ZLogRatio, ZScore};
    use ndarray::{Array3, array};

    #[test]
    fn each_mode_is_its_formula() {
        let x = [1.0, 3.0, 20.0];
        let log_sd = {
            let (a, b) = (0.5_f64.log10(), 1.5_f64.log10());
            (a - b).abs() / 2.0
        };
        let expected = [
            (Mean, 18.0),
            (Ratio, 10.0),
            (LogRatio, 1.0),
            (Db, 10.0),
            (Percent, 9.0),
            (ZScore, 18.0),
            (ZLogRatio, 1.0 / log_sd),
        ];
        for (mode, value) in expected {
            let mut data = Array3::from_shape_fn((2, 2, 3), |(_, _, t)| x[t]);
            rescale(&mut data, 0..2, mode).unwrap();
            assert!((data[[1, 1, 2]] - value).abs() < 1e-12, "{mode:?}: {}", data[[1, 1, 2]]);
        }
    }

    #[test]
    fn a_baseline_that_cannot_divide_is_named() {
        let refused = |values: [f64; 3], mode| {
            let mut data = array![[1.0, 2.0, 3.0], values];
            rescale(&mut data, 0..2, mode).unwrap_err().to_string()
        };
        for mode in [Ratio, Percent] {
            assert!(refused([0.0, 0.0, 1.0], mode).contains("baseline mean[1] = 0; a baseline to divide by"));
        }
        for mode in [Db, LogRatio, ZLogRatio] {
            assert!(refused([0.0, 1.0, 1.0], mode).contains("positive"));
        }
        for mode in [ZScore, ZLogRatio] {
            assert!(refused([2.0, 2.0, 1.0], mode).contains("varies"));
        }
        assert!(refused([1.0, f64::NAN, 1.0], Mean).contains("finite"));
        let mut data = array![[1.0, 2.0]];
        assert!(rescale(&mut data, 1..1, Mean).is_err() && rescale(&mut data, 0..3, Mean).is_err());
    }
}

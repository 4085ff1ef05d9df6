//! Means of a spectrum over a band.

use super::MainsMask;
use crate::{Error, Result};
use ndarray::ArrayView1;

/// Indices of the bins in `[low, high)` that the mask keeps.
///
/// # Errors
/// [`Error::TooShort`] when no bin is left.
///
/// ```
/// use dosewave_numerics::spectral::{MainsMask, band_bins};
/// let freqs = ndarray::array![0.0, 1.0, 2.0, 3.0, 4.0];
/// assert_eq!(band_bins(freqs.view(), 1.0, 3.0, &MainsMask::NONE).unwrap(), [1, 2]);
/// ```
pub fn band_bins(
    freqs_hz: ArrayView1<'_, f64>,
    low_hz: f64,
    high_hz: f64,
    mains: &MainsMask,
) -> Result<Vec<usize>> {
    // a bin that rounding moved off an edge belongs where it was meant to be
    let slack = 1e-9;
    let bins: Vec<usize> = freqs_hz
        .iter()
        .enumerate()
        .filter(|(_, f)| **f >= low_hz - slack && **f < high_hz - slack && !mains.excludes(**f))
        .map(|(k, _)| k)
        .collect();
    if bins.is_empty() {
        return Err(Error::TooShort { what: "frequency bins in the band", got: 0, need: 1 });
    }
    Ok(bins)
}

/// Mean of a PSD over `[low, high)` without the mains: the trapezoid integral over each contiguous stretch of kept
/// bins, divided by the summed width of the stretches. Where no stretch has two bins it is the plain mean of the bins.
///
/// # Units
/// As `psd`.
///
/// # Errors
/// [`Error::TooShort`] when no bin is left, [`Error::Shape`] when frequencies and PSD differ in length.
///
/// ```
/// use dosewave_numerics::spectral::{MainsMask, band_mean};
/// let (freqs, psd) = (ndarray::array![0.0, 1.0, 2.0, 3.0, 4.0], ndarray::array![9.0, 1.0, 2.0, 3.0, 9.0]);
/// assert_eq!(band_mean(freqs.view(), psd.view(), 1.0, 4.0, &MainsMask::NONE).unwrap(), 2.0);
/// ```
pub fn band_mean(
    freqs_hz: ArrayView1<'_, f64>,
    psd: ArrayView1<'_, f64>,
    low_hz: f64,
    high_hz: f64,
    mains: &MainsMask,
) -> Result<f64> {
    if freqs_hz.len() != psd.len() {
        return Err(Error::Shape { what: "PSD bins", expected: freqs_hz.len(), got: psd.len() });
    }
    let bins = band_bins(freqs_hz, low_hz, high_hz, mains)?;
    let (mut integral, mut width) = (0.0, 0.0);
    for pair in bins.windows(2) {
        if let [a, b] = *pair
            && b == a + 1
        {
            let step = freqs_hz[b] - freqs_hz[a];
            integral += 0.5 * (psd[a] + psd[b]) * step;
            width += step;
        }
    }
    if width > 0.0 {
        Ok(integral / width)
    } else {
        Ok(bins.iter().map(|k| psd[*k]).sum::<f64>() / bins.len() as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::Array1;

    fn decibel(after: f64, before: f64) -> f64 {
        10.0 * (after / before).log10()
    }

    #[test]
    fn mains_bins_are_left_out_not_interpolated() {
        let freqs = Array1::from_iter((0..200).map(|k| 0.5 * f64::from(k)));
        let psd = freqs.mapv(|f| if (f - 50.0).abs() <= 2.0 { 1e6 } else { 3.0 });
        let mask = MainsMask { line_hz: Some(50.0), half_width_hz: 2.0 };
        assert!((band_mean(freqs.view(), psd.view(), 40.0, 60.0, &mask).unwrap() - 3.0).abs() < 1e-12);
        assert!(band_mean(freqs.view(), psd.view(), 49.0, 51.0, &mask).is_err());
    }

    /// Flat muscle of 10 % and 50 % of a f^-1.5 brain's PSD at 40 Hz.
    #[test]
    fn flat_muscle_raises_gamma_as_computed_by_hand() {
        let freqs = Array1::from_iter((0..2000).map(|k| 0.1 * f64::from(k)));
        let brain = freqs.mapv(|f: f64| if f > 0.0 { f.powf(-1.5) } else { 0.0 });
        for (share, low, high) in [(0.1, 0.37, 0.92), (0.5, 1.59, 3.37)] {
            let with = brain.mapv(|p| p + share * 40.0_f64.powf(-1.5));
            for (band, expected) in [((30.0, 45.0), low), ((55.0, 90.0), high)] {
                let mean = |psd: &Array1<f64>| {
                    band_mean(freqs.view(), psd.view(), band.0, band.1, &MainsMask::NONE).unwrap()
                };
                let change = decibel(mean(&with), mean(&brain));
                assert!((change - expected).abs() < 0.011, "{band:?} {share}: {change}");
            }
        }
    }
}

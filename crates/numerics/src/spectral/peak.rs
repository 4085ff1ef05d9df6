//! The highest peak of a curve over frequency.

use crate::error::check_finite;
use crate::{Error, Result};
use ndarray::ArrayView1;

/// A peak between the bins.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SpectralPeak {
    /// Where it is, Hz.
    pub freq_hz: f64,
    /// How high it is, in the unit of the curve.
    pub height: f64,
}

/// The highest peak of `values` (such as dB above a 1/f line) within `[low_hz, high_hz]`, or `None` where there is none.
///
/// At each bin a parabola is fitted by least squares to the bin and `half_width` bins on either side (1: the parabola through
/// three points; more: one that also smooths, as a Savitzky–Golay filter of second order does). A bin is a peak where its
/// fitted value is above that of both neighbours and the parabola opens downwards; place and height are those of the
/// parabola's vertex. A curve that only rises or falls has no peak, nor has one that is highest at a bin whose parabola
/// would reach over a gap between the bins.
///
/// # Errors
/// [`Error::Shape`] when frequencies and values differ in length, [`Error::Invalid`] for a half-width of 0,
/// [`Error::Value`] for a value that is not finite.
///
/// ```
/// use dosewave_numerics::spectral::highest_peak;
/// let freqs = ndarray::Array1::linspace(5.0, 15.0, 21);
/// let hill = freqs.mapv(|f: f64| 6.0 - (f - 10.2) * (f - 10.2));
/// let peak = highest_peak(freqs.view(), hill.view(), (7.0, 13.0), 1).unwrap().unwrap();
/// assert!((peak.freq_hz - 10.2).abs() < 1e-9 && (peak.height - 6.0).abs() < 1e-9);
/// ```
pub fn highest_peak(
    freqs_hz: ArrayView1<'_, f64>,
    values: ArrayView1<'_, f64>,
    (low_hz, high_hz): (f64, f64),
    half_width: usize,
) -> Result<Option<SpectralPeak>> {
    if freqs_hz.len() != values.len() {
        return Err(Error::Shape {
            what: "values over frequency",
            expected: freqs_hz.len(),
            got: values.len(),
        });
    }
    if half_width == 0 {
        let allowed = "at least one bin on either side".into();
        return Err(Error::Invalid { parameter: "half_width", value: "0".into(), allowed });
    }
    check_finite(values, "values")?;
    let parabolas: Vec<Option<Parabola>> =
        (0..values.len()).map(|k| Parabola::at(freqs_hz, values, k, half_width)).collect();
    let height = |k: usize| parabolas.get(k).and_then(|p| p.as_ref()).map(|p| p.middle);
    let mut highest: Option<SpectralPeak> = None;
    for k in 1..values.len() {
        let (Some(before), Some(here), Some(after)) = (height(k - 1), &parabolas[k], height(k + 1)) else {
            continue;
        };
        if here.middle < before || here.middle <= after {
            continue;
        }
        let Some(peak) = here.vertex(freqs_hz[k], freqs_hz[k] - freqs_hz[k - 1]) else { continue };
        let inside = (low_hz..=high_hz).contains(&peak.freq_hz);
        if inside && highest.is_none_or(|highest| peak.height > highest.height) {
            highest = Some(peak);
        }
    }
    Ok(highest)
}

/// `middle + slope·x + bend·x²`, x in bins.
struct Parabola {
    middle: f64,
    slope: f64,
    bend: f64,
}

impl Parabola {
    /// Least squares around bin `k`; `None` at the ends and next to a gap.
    fn at(
        freqs_hz: ArrayView1<'_, f64>,
        values: ArrayView1<'_, f64>,
        k: usize,
        half_width: usize,
    ) -> Option<Self> {
        if k < half_width || k + half_width >= values.len() {
            return None;
        }
        let (first, last) = (k - half_width, k + half_width);
        let step = freqs_hz[k] - freqs_hz[k - 1];
        let is_even = (first..last).all(|i| (freqs_hz[i + 1] - freqs_hz[i] - step).abs() < 1e-6 * step);
        if !is_even {
            return None;
        }
        let (mut n, mut s2, mut s4) = (0.0, 0.0, 0.0);
        let (mut y, mut xy, mut xxy) = (0.0, 0.0, 0.0);
        for i in first..=last {
            let x = i as f64 - k as f64;
            n += 1.0;
            s2 += x * x;
            s4 += x * x * x * x;
            y += values[i];
            xy += x * values[i];
            xxy += x * x * values[i];
        }
        let bend = (n * xxy - s2 * y) / (n * s4 - s2 * s2);
        Some(Self { middle: (y - bend * s2) / n, slope: xy / s2, bend })
    }

    /// Its highest point, if it has one within a bin of the middle.
    fn vertex(&self, freq_hz: f64, step_hz: f64) -> Option<SpectralPeak> {
        let x = -0.5 * self.slope / self.bend;
        let is_peak = self.bend < 0.0 && x.abs() <= 1.0;
        is_peak.then_some(SpectralPeak {
            freq_hz: freq_hz + x * step_hz,
            height: self.middle + 0.5 * self.slope * x,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::Array1;

    const BAND: (f64, f64) = (7.0, 13.0);

    fn peak(half_width: usize, curve: impl Fn(f64) -> f64) -> Option<SpectralPeak> {
        let freqs = Array1::from_iter((4..=60).map(|k| 0.5 * f64::from(k)));
        highest_peak(freqs.view(), freqs.mapv(curve).view(), BAND, half_width).unwrap()
    }

    #[test]
    fn a_parabola_is_found_exactly_with_any_width() {
        for half_width in 1..=4 {
            let found = peak(half_width, |f| 3.0 - 0.7 * (f - 9.37).powi(2)).unwrap();
            assert!((found.freq_hz - 9.37).abs() < 1e-9 && (found.height - 3.0).abs() < 1e-9);
        }
    }

    #[test]
    fn a_bell_is_found_to_a_few_hundredths_of_a_bin() {
        // (half-width, largest error of place in Hz, largest error of height) over places between two bins
        for (half_width, place, height) in [(1, 0.0065, 0.025), (2, 0.022, 0.145)] {
            for tenth in 0..10 {
                let centre = 9.5 + 0.05 * f64::from(tenth);
                let found = peak(half_width, |f| 6.0 * (-0.5 * (f - centre).powi(2)).exp()).unwrap();
                assert!((found.freq_hz - centre).abs() < place, "{half_width}, {centre}: {found:?}");
                assert!((found.height - 6.0).abs() < height, "{half_width}, {centre}: {found:?}");
            }
        }
    }

    #[test]
    fn the_higher_of_two_counts_if_it_lies_inside() {
        let two = |f: f64| 4.0 * (-(f - 8.0).powi(2)).exp() + 6.0 * (-(f - 11.0).powi(2)).exp();
        assert!((peak(1, two).unwrap().freq_hz - 11.0).abs() < 0.02);
        let outside = |f: f64| 4.0 * (-(f - 8.0).powi(2)).exp() + 6.0 * (-(f - 20.0).powi(2)).exp();
        assert!((peak(1, outside).unwrap().freq_hz - 8.0).abs() < 0.02);
    }

    #[test]
    fn slopes_plateaus_and_valleys_are_no_peaks() {
        assert_eq!(peak(1, |f| -f), None);
        assert_eq!(peak(2, |f| f), None);
        assert_eq!(peak(2, |_| 1.0), None);
        assert_eq!(peak(1, |f| (f - 10.0).powi(2)), None);
    }

    #[test]
    fn a_gap_hides_what_lies_beside_it() {
        let freqs = ndarray::array![8.0, 8.5, 9.0, 9.5, 10.5, 11.0, 11.5];
        let values = freqs.mapv(|f: f64| -(f - 9.6).powi(2));
        assert_eq!(highest_peak(freqs.view(), values.view(), BAND, 1).unwrap(), None);
    }

    #[test]
    fn bad_input_is_named() {
        let freqs = ndarray::array![8.0, 8.5, 9.0];
        let at = |values: Array1<f64>, width| highest_peak(freqs.view(), values.view(), BAND, width);
        assert!(
            at(ndarray::array![1.0, f64::NAN, 1.0], 1).unwrap_err().to_string().contains("values[1] = NaN")
        );
        assert!(at(ndarray::array![1.0, 2.0, 1.0], 0).is_err() && at(ndarray::array![1.0], 1).is_err());
    }
}

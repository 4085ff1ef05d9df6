//! What a removal of line noise did to the line and to its neighbours.

use super::line_noise::check_line;
use crate::spectral::{Window, complex_fft, packed};
use crate::stats::mean;
use crate::{Error, Result, first_not_finite};
use ndarray::{ArrayView1, ArrayView2};
use num_complex::Complex64;
use rustfft::Fft;
use serde::{Deserialize, Serialize};
use std::ops::Range;
use std::sync::Arc;

/// Length of a Welch segment, s.
const SEGMENT_S: f64 = 4.0;
/// Most segments that are compared.
const MOST_SEGMENTS: usize = 64;
/// Half-width of the line, Hz.
const LINE_HZ: f64 = 1.0;
/// Where the neighbours begin and end, Hz from the line.
const NEIGHBOURS_HZ: [f64; 2] = [3.0, 8.0];

/// Changes of power, dB, each the mean over channels; 0 is no change.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct LineCheck {
    /// At the line ± 1 Hz.
    pub line_db: f64,
    /// From 8 to 3 Hz below the line.
    pub below_db: f64,
    /// From 3 to 8 Hz above the line, as far as half the rate.
    pub above_db: f64,
}

/// Compares the power of `before` and `after` (`[channel, time]`) at the line and beside it: Welch with Hann windows
/// of 4 s (or the whole stretch), half overlapping, `10·log₁₀(after / before)` per channel, then the mean. Of more than
/// 64 windows, 64 spread evenly over the stretch are compared. Channels without power before or after are left out.
///
/// A good removal lowers `line_db` and leaves the neighbours within a few hundredths of a dB; neighbours that lost are
/// a notch that is too wide, neighbours that gained are ringing.
///
/// # Errors
/// [`Error::Shape`] when sizes differ, [`Error::Invalid`] when the rate is not positive or the bands do not lie between
/// 0 and half the rate,
/// [`Error::TooShort`] below 1 s, [`Error::Value`] for a sample that is not finite or when no channel has power.
///
/// ```
/// use dosewave_numerics::filter::line_check;
/// let x = ndarray::Array2::from_shape_fn((2, 4000), |(c, t)| ((t * t * (c + 3)) % 101) as f64);
/// let check = line_check(x.view(), (&x / 10.0).view(), 500.0, 50.0).unwrap();
/// assert!((check.line_db + 20.0).abs() < 1e-9 && (check.below_db + 20.0).abs() < 1e-9);
/// ```
pub fn line_check(
    before: ArrayView2<'_, f64>,
    after: ArrayView2<'_, f64>,
    sfreq: f64,
    line_hz: f64,
) -> Result<LineCheck> {
    let (expected, got) = (before.nrows(), after.nrows());
    if expected != got {
        return Err(Error::Shape { what: "channels", expected, got });
    }
    let checker = LineChecker::new(before.ncols(), sfreq, line_hz)?;
    let changes: Result<Vec<LineChange>> = before
        .rows()
        .into_iter()
        .zip(after.rows())
        .map(|(before, after)| checker.change(before, after))
        .collect();
    LineCheck::mean(&changes?)
}

/// What a symmetric filter does to a line exactly at its frequency and, in the mean over white noise, to its neighbours,
/// from the filter's response: the same for any signal.
///
/// # Errors
/// [`Error::Invalid`] when the bands do not lie between 0 and half the rate.
///
/// ```
/// use dosewave_numerics::filter::{FirNotch, line_check_of_response};
/// let h = FirNotch::default().coefficients(500.0, 50.0).unwrap();
/// let check = line_check_of_response(h.view(), 500.0, 50.0).unwrap();
/// assert!(check.line_db < -50.0 && check.below_db.abs() < 0.01 && check.above_db.abs() < 0.01);
/// ```
pub fn line_check_of_response(
    coefficients: ArrayView1<'_, f64>,
    sfreq: f64,
    line_hz: f64,
) -> Result<LineCheck> {
    check_bands(sfreq, line_hz)?;
    let [near, far] = NEIGHBOURS_HZ;
    let middle = (coefficients.len() / 2) as f64;
    let power = |hz: f64| {
        let cosine = |t: usize| (std::f64::consts::TAU * hz / sfreq * (t as f64 - middle)).cos();
        coefficients.iter().enumerate().map(|(t, h)| h * cosine(t)).sum::<f64>().powi(2)
    };
    let db = |power: f64| 10.0 * power.max(f64::MIN_POSITIVE).log10();
    let n = ((far - near) * SEGMENT_S) as usize;
    let over = |low: f64| {
        let hz = |k: usize| (low + k as f64 / SEGMENT_S).min(sfreq / 2.0);
        db((0..=n).map(|k| power(hz(k))).sum::<f64>() / (n + 1) as f64)
    };
    Ok(LineCheck {
        line_db: db(power(line_hz)),
        below_db: over(line_hz - far),
        above_db: over(line_hz + near),
    })
}

/// Refuses lines whose neighbours do not lie between 0 and half the rate.
fn check_bands(sfreq: f64, line_hz: f64) -> Result<()> {
    check_line(sfreq, line_hz)?;
    let [near, far] = NEIGHBOURS_HZ;
    if line_hz <= far || line_hz + near + 1.0 > sfreq / 2.0 {
        let allowed = format!("above {far} and up to {} Hz", sfreq / 2.0 - near - 1.0);
        return Err(Error::Invalid { parameter: "line_hz", value: line_hz.to_string(), allowed });
    }
    Ok(())
}

/// Changes of one channel's power at the line, below and above it, dB; `None` where before or after there is none.
pub type LineChange = [Option<f64>; 3];

/// [`line_check`] planned for signals of one length, channel by channel.
pub struct LineChecker {
    n_times: usize,
    window: Vec<f64>,
    plan: Arc<dyn Fft<f64>>,
    /// Bins of the three bands.
    bins: [Range<usize>; 3],
}

impl LineChecker {
    /// A plan for signals of `n_times` samples.
    ///
    /// # Errors
    /// [`Error::Invalid`] and [`Error::TooShort`] as [`line_check`].
    pub fn new(n_times: usize, sfreq: f64, line_hz: f64) -> Result<Self> {
        check_bands(sfreq, line_hz)?;
        let [near, far] = NEIGHBOURS_HZ;
        let need = sfreq.ceil() as usize;
        if n_times < need {
            return Err(Error::TooShort { what: "samples to compare", got: n_times, need });
        }
        let n = n_times.min((SEGMENT_S * sfreq).round() as usize);
        let per_bin = sfreq / n as f64;
        let between = |low: f64, high: f64| {
            let first = ((low - 1e-9) / per_bin).ceil() as usize;
            first..(((high + 1e-9) / per_bin).floor() as usize + 1).min(n / 2 + 1)
        };
        let bins = [
            between(line_hz - LINE_HZ, line_hz + LINE_HZ),
            between(line_hz - far, line_hz - near),
            between(line_hz + near, line_hz + far),
        ];
        Ok(Self { n_times, window: Window::Hann.periodic(n).to_vec(), plan: complex_fft(n), bins })
    }

    /// What changed in one channel.
    ///
    /// # Errors
    /// [`Error::Shape`] for signals of another length, [`Error::Value`] for a sample that is not finite.
    pub fn change(&self, before: ArrayView1<'_, f64>, after: ArrayView1<'_, f64>) -> Result<LineChange> {
        for x in [before, after] {
            if x.len() != self.n_times {
                return Err(Error::Shape { what: "samples", expected: self.n_times, got: x.len() });
            }
            if let Some(index) = first_not_finite(x) {
                let (value, allowed) = (x[index], "must be finite");
                return Err(Error::Value { what: "samples", index, value, allowed });
            }
        }
        let [before, after] = [before.as_standard_layout(), after.as_standard_layout()];
        let (Some(before), Some(after)) = (before.as_slice(), after.as_slice()) else { return Ok([None; 3]) };
        // beside a loud signal, rounding gives a silent one in the same transform some power
        let silent = |x: &[f64]| x.iter().all(|v| *v == x[0]);
        if silent(before) || silent(after) {
            return Ok([None; 3]);
        }
        let powers = self.powers(before, after);
        let change = |[before, after]: [f64; 2]| {
            (before > 0.0 && after > 0.0).then(|| 10.0 * (after / before).log10())
        };
        Ok(powers.map(change))
    }

    /// Power of both signals in each band: a window of each as real and imaginary part of one transform.
    fn powers(&self, before: &[f64], after: &[f64]) -> [[f64; 2]; 3] {
        let n = self.window.len();
        let mut z = vec![Complex64::default(); n];
        let mut scratch = vec![Complex64::default(); self.plan.get_inplace_scratch_len()];
        let mut powers = [[0.0; 2]; 3];
        for start in self.starts() {
            let [a, b] = [before, after].map(|x| {
                let x = &x[start..start + n];
                packed::Detrended { x, mean: packed::sum(x) / n as f64, slope: 0.0 }
            });
            packed::window_two(a, b, &self.window, &mut z);
            self.plan.process_with_scratch(&mut z, &mut scratch);
            for (powers, bins) in powers.iter_mut().zip(&self.bins) {
                for k in bins.clone() {
                    // the bin at half the rate has no negative twin
                    let weight = if 2 * k == n { 0.5 } else { 1.0 };
                    let found = packed::both(&z, k).map(|z| weight * z.norm_sqr());
                    powers.iter_mut().zip(found).for_each(|(sum, power)| *sum += power);
                }
            }
        }
        powers
    }

    /// First samples of the windows that are compared.
    fn starts(&self) -> impl Iterator<Item = usize> {
        let n = self.window.len();
        let step = n - n / 2;
        let n_all = (self.n_times - n) / step + 1;
        let n_used = n_all.min(MOST_SEGMENTS);
        (0..n_used).map(move |k| step * (k * (n_all - 1) / (n_used - 1).max(1)))
    }
}

impl LineCheck {
    /// The mean over channels.
    ///
    /// # Errors
    /// [`Error::Value`] when no channel has power.
    pub fn mean(channels: &[LineChange]) -> Result<Self> {
        let of = |band: usize| {
            let changes: Vec<f64> = channels.iter().filter_map(|change| change[band]).collect();
            let allowed = "before and after must have power";
            mean(&changes).ok_or(Error::Value { what: "power of band", index: band, value: 0.0, allowed })
        };
        Ok(Self { line_db: of(0)?, below_db: of(1)?, above_db: of(2)? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulate::flat_band;
    use crate::stats::Stream;
    use ndarray::Array2;

    /// Two channels of flat noise: 1 at 42–47, `line` at 49–51, `above` at 53–58 Hz.
    fn bands(line: f64, above: f64) -> Array2<f64> {
        let mut x = Array2::zeros((2, 20_000));
        for (channel, mut row) in x.rows_mut().into_iter().enumerate() {
            let mut stream = Stream::new(33, channel as u64);
            for (low, high, psd) in [(41.0, 48.0, 1.0), (48.0, 52.0, line), (52.0, 59.0, above)] {
                row += &flat_band(20_000, 500.0, low, high, psd, &mut stream).unwrap();
            }
        }
        x
    }

    #[test]
    fn planted_changes_are_read_off() {
        let check = line_check(bands(100.0, 1.0).view(), bands(1.0, 0.5).view(), 500.0, 50.0).unwrap();
        assert!((check.line_db + 20.0).abs() < 0.01, "{check:?}");
        assert!(check.below_db.abs() < 0.01 && (check.above_db + 3.0103).abs() < 0.01, "{check:?}");
    }

    #[test]
    fn nonsense_is_refused_by_name() {
        let x = bands(1.0, 1.0);
        let refused = |before: &Array2<f64>, after: &Array2<f64>, sfreq, line_hz| {
            line_check(before.view(), after.view(), sfreq, line_hz).unwrap_err().to_string()
        };
        assert!(refused(&x, &Array2::zeros((1, 20_000)), 500.0, 50.0).contains("channels"));
        assert!(refused(&x, &Array2::zeros((2, 19_000)), 500.0, 50.0).contains("samples"));
        assert!(refused(&x, &x, 100.0, 48.0).contains("line_hz = 48"));
        assert!(refused(&x, &x, 500.0, 5.0).contains("line_hz = 5"));
        assert!(refused(&x, &(&x * 0.0), 500.0, 50.0).contains("must have power"));
        let short = Array2::zeros((2, 400));
        assert!(refused(&short, &short, 500.0, 50.0).contains("400 given, at least 500 needed"));
    }
}

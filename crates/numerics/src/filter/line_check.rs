//! What a removal of line noise did to the line and to its neighbours.

use super::line_noise::check_line;
use crate::error::check_finite;
use crate::spectral::{Average, Detrend, Welch, WelchParams, Window};
use crate::stats::mean;
use crate::{Error, Result};
use ndarray::{Array1, ArrayView1, ArrayView2};
use serde::{Deserialize, Serialize};

/// Length of a Welch segment, s.
const SEGMENT_S: f64 = 4.0;
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
/// of 4 s (or the whole stretch), half overlapping, `10·log₁₀(after / before)` per channel, then the mean. Channels
/// without power before or after are left out.
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
    check_line(sfreq, line_hz)?;
    for (what, axis) in [("channels", 0), ("samples", 1)] {
        let (expected, got) = (before.shape()[axis], after.shape()[axis]);
        if expected != got {
            return Err(Error::Shape { what, expected, got });
        }
    }
    let [near, far] = NEIGHBOURS_HZ;
    if line_hz <= far || line_hz + near + 1.0 > sfreq / 2.0 {
        let allowed = format!("above {far} and up to {} Hz", sfreq / 2.0 - near - 1.0);
        return Err(Error::Invalid { parameter: "line_hz", value: line_hz.to_string(), allowed });
    }
    let welch = segments(before.ncols(), sfreq)?;
    let bands = [
        (line_hz - LINE_HZ, line_hz + LINE_HZ),
        (line_hz - far, line_hz - near),
        (line_hz + near, line_hz + far),
    ];
    let mut changes: [Vec<f64>; 3] = Default::default();
    for (before, after) in before.rows().into_iter().zip(after.rows()) {
        let (before, after) = (powers(&welch, before, bands)?, powers(&welch, after, bands)?);
        for band in 0..3 {
            if before[band] > 0.0 && after[band] > 0.0 {
                changes[band].push(10.0 * (after[band] / before[band]).log10());
            }
        }
    }
    let mean_change = |band: usize| {
        let allowed = "before and after must have power";
        mean(&changes[band]).ok_or(Error::Value { what: "power of band", index: band, value: 0.0, allowed })
    };
    Ok(LineCheck { line_db: mean_change(0)?, below_db: mean_change(1)?, above_db: mean_change(2)? })
}

fn segments(n_times: usize, sfreq: f64) -> Result<Welch> {
    let need = sfreq.ceil() as usize;
    if n_times < need {
        return Err(Error::TooShort { what: "samples to compare", got: n_times, need });
    }
    let n_per_seg = n_times.min((SEGMENT_S * sfreq).round() as usize);
    let params = WelchParams {
        n_fft: n_per_seg,
        n_per_seg,
        n_overlap: n_per_seg / 2,
        window: Window::Hann,
        average: Average::Mean,
        detrend: Detrend::Constant,
    };
    Welch::new(params, sfreq)
}

fn powers(welch: &Welch, x: ArrayView1<'_, f64>, bands: [(f64, f64); 3]) -> Result<[f64; 3]> {
    check_finite(x, "samples")?;
    let freqs = welch.freqs_hz();
    let mut psd = Array1::zeros(freqs.len());
    welch.psd_into(x, psd.view_mut())?;
    Ok(bands.map(|(low, high)| {
        let inside = |f: f64| f >= low - 1e-9 && f <= high + 1e-9;
        freqs.iter().zip(&psd).filter(|(f, _)| inside(**f)).map(|(_, power)| power).sum()
    }))
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

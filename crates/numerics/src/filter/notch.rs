//! A band-stop FIR at the mains and their harmonics, by MNE's design rules.

use super::fir::add_low_pass;
use super::line_noise::check_line;
use crate::{Error, Result};
use ndarray::Array1;
use serde::{Deserialize, Serialize};

/// Stop bands of a zero-phase FIR with a Hamming window around a line and its harmonics; the defaults are those of
/// `mne.filter.notch_filter(method="fir")`.
///
/// Around a line at `f` the gain is 0 within `width / 2`, falls and rises over half of `transition_hz` on either side, and
/// is 1 elsewhere; the length is 3.3 / half of `transition_hz`, odd.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FirNotch {
    /// How many multiples of the line, the line itself being the first; `None` takes all whose band lies below half the
    /// rate, and so does a larger number.
    pub n_harmonics: Option<usize>,
    /// Width of each stop band, Hz; `None` is 1/200 of its frequency.
    pub width_hz: Option<f64>,
    /// Width of the two transitions of a stop band together, Hz.
    pub transition_hz: f64,
}

impl Default for FirNotch {
    fn default() -> Self {
        Self { n_harmonics: None, width_hz: None, transition_hz: 1.0 }
    }
}

impl FirNotch {
    /// The filter's coefficients for a line: odd length, symmetric, for [`super::fir_zero_phase`].
    ///
    /// # Errors
    /// [`Error::Invalid`] for a line whose stop band does not lie between 0 and half the rate, stop bands that overlap, or
    /// settings outside their range.
    ///
    /// ```
    /// use dosewave_numerics::filter::{FirNotch, fir_zero_phase};
    /// let h = FirNotch::default().coefficients(500.0, 50.0).unwrap();
    /// assert_eq!(h.len(), 3301); // 3.3 / 0.5 Hz × 500 Hz, made odd
    /// let sine = |hz: f64| ndarray::Array1::from_shape_fn(9000, |t| (hz * std::f64::consts::TAU * t as f64 / 500.0).sin());
    /// let y = fir_zero_phase((sine(30.0) + sine(50.0)).view(), h.view()).unwrap();
    /// assert!((y[4500] - sine(30.0)[4500]).abs() < 0.01);
    /// ```
    pub fn coefficients(&self, sfreq: f64, line_hz: f64) -> Result<Array1<f64>> {
        check_line(sfreq, line_hz)?;
        let transition = self.checked_transition()?;
        let bands: Vec<(f64, f64)> = (1..=self.n_harmonics.unwrap_or(usize::MAX))
            .map(|k| self.pass_edges(k as f64 * line_hz))
            .take_while(|(_, high)| *high < sfreq / 2.0)
            .collect();
        self.check_bands(&bands, sfreq, line_hz)?;
        let mut n = (super::fir::HAMMING_LENGTH_FACTOR / transition * sfreq).ceil() as usize;
        n += usize::from(n.is_multiple_of(2));
        let mut h = Array1::zeros(n);
        h[n / 2] = 1.0;
        for (low, high) in bands {
            add_low_pass(&mut h, high - transition / 2.0, transition, sfreq, -1.0);
            add_low_pass(&mut h, low + transition / 2.0, transition, sfreq, 1.0);
        }
        Ok(h)
    }

    /// Distance from a line at which the gain is 1 again, Hz.
    #[must_use]
    pub fn half_width_hz(&self, line_hz: f64) -> f64 {
        self.width_hz.unwrap_or(line_hz / 200.0) / 2.0 + self.transition_hz / 2.0
    }

    /// Where that is below and above a line.
    fn pass_edges(&self, hz: f64) -> (f64, f64) {
        let half = self.half_width_hz(hz);
        (hz - half, hz + half)
    }

    fn checked_transition(&self) -> Result<f64> {
        let positive = |v: f64| v.is_finite() && v > 0.0;
        if !positive(self.transition_hz) {
            let (value, allowed) = (self.transition_hz.to_string(), "a positive width".into());
            return Err(Error::Invalid { parameter: "transition_hz", value, allowed });
        }
        if let Some(width) = self.width_hz.filter(|width| !positive(*width)) {
            let (value, allowed) = (width.to_string(), "a positive width".into());
            return Err(Error::Invalid { parameter: "width_hz", value, allowed });
        }
        if self.n_harmonics == Some(0) {
            let (value, allowed) = ("0".into(), "1 or more".into());
            return Err(Error::Invalid { parameter: "n_harmonics", value, allowed });
        }
        Ok(self.transition_hz / 2.0)
    }

    fn check_bands(&self, bands: &[(f64, f64)], sfreq: f64, line_hz: f64) -> Result<()> {
        let overlap = bands.windows(2).any(|pair| pair[0].1 >= pair[1].0);
        let reaches_zero = bands.first().is_none_or(|(low, _)| *low <= 0.0);
        if !(overlap || reaches_zero) {
            return Ok(());
        }
        let (low, high) = self.pass_edges(line_hz);
        let allowed = format!(
            "a line whose stop band and transitions ({low} to {high} Hz) lie between 0 and {} Hz, half the rate, and do not \
             meet those of the next harmonic",
            sfreq / 2.0
        );
        Err(Error::Invalid { parameter: "line_hz", value: line_hz.to_string(), allowed })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::f64::consts::TAU;

    /// Gain of a symmetric filter.
    fn gain(h: &Array1<f64>, hz: f64, sfreq: f64) -> f64 {
        let middle = (h.len() / 2) as f64;
        h.iter().enumerate().map(|(t, c)| c * (TAU * hz / sfreq * (t as f64 - middle)).cos()).sum()
    }

    #[test]
    fn the_lines_are_stopped_and_the_rest_passes() {
        let h = FirNotch::default().coefficients(500.0, 50.0).unwrap();
        for line in [50.0, 100.0, 150.0, 200.0] {
            assert!(gain(&h, line, 500.0).abs() < 0.02, "{line}");
            // half a width of f / 200 and a quarter of a hertz of transition
            for edge in [line - line / 400.0 - 0.25, line + line / 400.0 + 0.25] {
                assert!((gain(&h, edge, 500.0) - 0.5).abs() < 0.02, "{edge}");
            }
            for pass in [line - 2.0, line + 2.0] {
                assert!((gain(&h, pass, 500.0) - 1.0).abs() < 0.005, "{pass}");
            }
        }
        let first = FirNotch { n_harmonics: Some(1), ..FirNotch::default() };
        let first = first.coefficients(500.0, 50.0).unwrap();
        assert!((gain(&first, 100.0, 500.0) - 1.0).abs() < 0.005);
        assert!((0..h.len()).all(|t| (h[t] - h[h.len() - 1 - t]).abs() < 1e-16));
    }

    #[test]
    fn nonsense_is_refused_by_name() {
        let text = |notch: FirNotch, sfreq, line| notch.coefficients(sfreq, line).unwrap_err().to_string();
        let notch = FirNotch::default();
        assert!(text(notch, 100.0, 49.9).contains("line_hz = 49.9"));
        assert!(text(notch, 500.0, 0.4).contains("line_hz = 0.4"));
        assert!(text(FirNotch { width_hz: Some(60.0), ..notch }, 500.0, 50.0).contains("next harmonic"));
        assert!(text(FirNotch { transition_hz: 0.0, ..notch }, 500.0, 50.0).contains("transition_hz = 0"));
        assert!(text(FirNotch { width_hz: Some(-1.0), ..notch }, 500.0, 50.0).contains("width_hz = -1"));
        assert!(text(FirNotch { n_harmonics: Some(0), ..notch }, 500.0, 50.0).contains("n_harmonics = 0"));
    }
}

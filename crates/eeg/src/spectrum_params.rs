//! How spectra are estimated.

use crate::{Error, Hz, Result};
use dosewave_numerics::spectral::{
    Average, Detrend, Multitaper, MultitaperParams, Welch, WelchParams, Window,
};
use ndarray::Array1;
use serde::{Deserialize, Serialize};

/// How a spectrum is estimated; each method's settings live in its variant.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum SpectrumParams {
    /// DPSS multitaper (Thomson 1982, 10.1109/PROC.1982.12433).
    Multitaper {
        /// Full bandwidth of the tapers, Hz.
        #[serde(default = "four")]
        bandwidth: f64,
        /// Whether only tapers with an eigenvalue above 0.9 are used.
        #[serde(default = "yes")]
        low_bias: bool,
        /// Whether tapers are weighted per frequency.
        #[serde(default)]
        adaptive: bool,
    },
    /// Welch (1967, 10.1109/TAU.1967.1161901) within each epoch, or within each run of a recording.
    Welch {
        /// Length of a segment, s.
        window: f64,
        /// Fraction of a segment shared with the next, `[0, 1)`.
        #[serde(default = "half")]
        overlap: f64,
        /// What each segment is multiplied with.
        #[serde(default = "hann")]
        taper: Window,
        /// How segments are averaged.
        #[serde(default = "mean")]
        average: Average,
        /// What is taken from each segment first.
        #[serde(default = "constant")]
        detrend: Detrend,
    },
}

fn four() -> f64 {
    4.0
}

fn yes() -> bool {
    true
}

fn half() -> f64 {
    0.5
}

fn hann() -> Window {
    Window::Hann
}

fn mean() -> Average {
    Average::Mean
}

fn constant() -> Detrend {
    Detrend::Constant
}

impl SpectrumParams {
    /// Welch's method with Hann windows of `window` seconds, the mean over segments and each segment's mean removed.
    ///
    /// ```
    /// use dosewave_eeg::SpectrumParams;
    /// assert!(matches!(SpectrumParams::welch(4.0, 0.5), SpectrumParams::Welch { window: 4.0, .. }));
    /// ```
    #[must_use]
    pub const fn welch(window: f64, overlap: f64) -> Self {
        Self::Welch {
            window,
            overlap,
            taper: Window::Hann,
            average: Average::Mean,
            detrend: Detrend::Constant,
        }
    }
}

impl Default for SpectrumParams {
    fn default() -> Self {
        Self::Multitaper { bandwidth: 4.0, low_bias: true, adaptive: false }
    }
}

/// An estimator planned for epochs of one length.
pub(crate) enum Estimator {
    Multitaper(Multitaper),
    Welch(Welch),
}

impl Estimator {
    pub(crate) fn freqs_hz(&self) -> Array1<f64> {
        match self {
            Self::Multitaper(multitaper) => multitaper.freqs_hz(),
            Self::Welch(welch) => welch.freqs_hz(),
        }
    }
}

impl SpectrumParams {
    pub(crate) fn estimator(&self, n_times: usize, sfreq: Hz) -> Result<Estimator> {
        match *self {
            Self::Multitaper { bandwidth, low_bias, adaptive } => {
                let params = MultitaperParams { bandwidth_hz: Some(bandwidth), low_bias, adaptive };
                Ok(Estimator::Multitaper(Multitaper::new(n_times, sfreq.0, params)?))
            }
            Self::Welch { window, overlap, taper, average, detrend } => {
                let n_per_seg = welch_segment(window, overlap, n_times, sfreq)?;
                let n_overlap = (overlap * n_per_seg as f64).floor() as usize;
                let params =
                    WelchParams { n_fft: n_per_seg, n_per_seg, n_overlap, window: taper, average, detrend };
                Ok(Estimator::Welch(Welch::new(params, sfreq.0)?))
            }
        }
    }

    /// Tapers for Fourier coefficients: Slepian ones, or one Hann window with Welch settings.
    pub(crate) fn fourier_estimator(&self, n_times: usize, sfreq: Hz) -> Result<Multitaper> {
        match *self {
            Self::Multitaper { bandwidth, low_bias, .. } => {
                let params = MultitaperParams { bandwidth_hz: Some(bandwidth), low_bias, adaptive: false };
                Ok(Multitaper::new(n_times, sfreq.0, params)?)
            }
            Self::Welch { .. } => Ok(Multitaper::hann(n_times, sfreq.0)?),
        }
    }
}

/// Samples of a Welch segment.
fn welch_segment(window: f64, overlap: f64, n_times: usize, sfreq: Hz) -> Result<usize> {
    let n = (window * sfreq.0).round();
    if !(n >= 1.0 && n <= n_times as f64) {
        return Err(Error::Invalid {
            parameter: "welch.window",
            value: format!("{window} s"),
            allowed: format!("one sample to the length of an epoch ({} s)", n_times as f64 / sfreq.0),
        });
    }
    if !(0.0..1.0).contains(&overlap) {
        return Err(Error::Invalid {
            parameter: "welch.overlap",
            value: overlap.to_string(),
            allowed: "a fraction of a segment, 0 to below 1".into(),
        });
    }
    Ok(n as usize)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_that_are_left_out_are_the_default_ones() {
        let read = |text| serde_json::from_str::<SpectrumParams>(text);
        assert_eq!(read(r#"{"multitaper": {}}"#).unwrap(), SpectrumParams::default());
        let welch = SpectrumParams::welch(1.0, 0.5);
        assert_eq!(read(r#"{"welch": {"window": 1.0}}"#).unwrap(), welch);
        assert!(read(r#"{"multitaper": {"bandwith": 4.0}}"#).is_err());
        assert!(read(r#"{"welch": {}}"#).is_err());
    }

    #[test]
    fn welch_settings_must_fit_the_epoch() {
        let segment = |window, overlap| welch_segment(window, overlap, 400, Hz(200.0));
        for (window, overlap) in [(2.1, 0.0), (0.0, 0.0), (f64::NAN, 0.0), (1.0, 1.0), (1.0, -0.5)] {
            assert!(matches!(segment(window, overlap), Err(Error::Invalid { .. })), "{window}, {overlap}");
        }
        assert_eq!(segment(2.0, 0.0), Ok(400));
    }
}

//! Windows.

use crate::{Error, Result};
use ndarray::Array1;
use serde::{Deserialize, Serialize};
use std::f64::consts::PI;

/// A window, by its usual name (scipy's names and parameters; Harris 1978, 10.1109/PROC.1978.10837).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Window {
    /// All ones.
    Boxcar,
    /// Triangle that ends at zero.
    Bartlett,
    /// Triangle that ends above zero.
    Triang,
    /// Half a period of a sine.
    Cosine,
    /// Raised cosine.
    Hann,
    /// Raised cosine on a pedestal, 0.54 and 0.46.
    Hamming,
    /// Three cosine terms, 0.42, 0.5 and 0.08.
    Blackman,
    /// Four cosine terms with the lowest side lobes of their kind.
    #[serde(rename = "blackmanharris")]
    BlackmanHarris,
    /// Four cosine terms, after Nuttall.
    Nuttall,
    /// Five cosine terms: amplitudes of tones between bins.
    #[serde(rename = "flattop")]
    FlatTop,
    /// Flat in the middle, half a cosine at each end.
    Tukey {
        /// Share of the window in the cosines, 0 to 1.
        alpha: f64,
    },
    /// Kaiser's window.
    Kaiser {
        /// Its shape, 0 or more.
        beta: f64,
    },
    /// A Gaussian.
    Gaussian {
        /// Its standard deviation in samples.
        std: f64,
    },
}

impl Window {
    /// Names of the windows without a parameter, and of those with one.
    pub const NAMES: [&str; 13] = [
        "boxcar",
        "bartlett",
        "triang",
        "cosine",
        "hann",
        "hamming",
        "blackman",
        "blackmanharris",
        "nuttall",
        "flattop",
        "tukey",
        "kaiser",
        "gaussian",
    ];

    /// `n` values of the periodic (DFT-even) window, scipy's `get_window(name, n)`: the symmetric one of a sample more,
    /// cut.
    ///
    /// ```
    /// use dosewave_numerics::spectral::Window;
    /// assert!((Window::Hann.periodic(4)[1] - 0.5).abs() < 1e-15);
    /// ```
    #[must_use]
    pub fn periodic(self, n: usize) -> Array1<f64> {
        if n < 2 { Array1::ones(n) } else { self.values(n, n + 1) }
    }

    /// `n` values of the symmetric window, numpy's `hanning(n)` and its kin.
    #[must_use]
    pub fn symmetric(self, n: usize) -> Array1<f64> {
        if n < 2 { Array1::ones(n) } else { self.values(n, n) }
    }

    /// The first `n` values of the symmetric window of `m` samples.
    fn values(self, n: usize, m: usize) -> Array1<f64> {
        let (last, middle) = ((m - 1) as f64, (m - 1) as f64 / 2.0);
        let each = |value: &dyn Fn(f64) -> f64| Array1::from_iter((0..n).map(|t| value(t as f64)));
        match self {
            Self::Boxcar => Array1::ones(n),
            Self::Bartlett => each(&|t| 1.0 - (t - middle).abs() / middle),
            Self::Triang => {
                let half = (m + m % 2) as f64 / 2.0;
                each(&|t| 1.0 - (t - middle).abs() / half)
            }
            Self::Cosine => each(&|t| (PI * (t + 0.5) / m as f64).sin()),
            Self::Hann => cosine_sum(n, last, &[0.5, 0.5]),
            Self::Hamming => cosine_sum(n, last, &[0.54, 0.46]),
            Self::Blackman => cosine_sum(n, last, &[0.42, 0.5, 0.08]),
            Self::BlackmanHarris => cosine_sum(n, last, &[0.35875, 0.48829, 0.14128, 0.01168]),
            Self::Nuttall => cosine_sum(n, last, &[0.3635819, 0.4891775, 0.1365995, 0.0106411]),
            Self::FlatTop => {
                cosine_sum(n, last, &[0.21557895, 0.41663158, 0.277263158, 0.083578947, 0.006947368])
            }
            Self::Tukey { alpha } => each(&|t| tukey(t.min(last - t), last, alpha.clamp(0.0, 1.0))),
            Self::Kaiser { beta } => {
                let peak = bessel_i0(beta);
                each(&|t| bessel_i0(beta * (1.0 - ((t - middle) / middle).powi(2)).max(0.0).sqrt()) / peak)
            }
            Self::Gaussian { std } => each(&|t| (-0.5 * ((t - middle) / std).powi(2)).exp()),
        }
    }

    /// The window of this name, with its parameter where it has one.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a name that is none, a parameter that is missing, too much, or out of its range.
    ///
    /// ```
    /// use dosewave_numerics::spectral::Window;
    /// assert_eq!(Window::from_name("hann", None).unwrap(), Window::Hann);
    /// assert_eq!(Window::from_name("kaiser", Some(8.0)).unwrap(), Window::Kaiser { beta: 8.0 });
    /// assert!(Window::from_name("kaiser", None).is_err());
    /// ```
    pub fn from_name(name: &str, parameter: Option<f64>) -> Result<Self> {
        let plain = match name {
            "boxcar" => Some(Self::Boxcar),
            "bartlett" => Some(Self::Bartlett),
            "triang" => Some(Self::Triang),
            "cosine" => Some(Self::Cosine),
            "hann" => Some(Self::Hann),
            "hamming" => Some(Self::Hamming),
            "blackman" => Some(Self::Blackman),
            "blackmanharris" => Some(Self::BlackmanHarris),
            "nuttall" => Some(Self::Nuttall),
            "flattop" => Some(Self::FlatTop),
            _ => None,
        };
        let window = match (name, parameter) {
            (_, None) if plain.is_some() => plain,
            ("tukey", Some(alpha)) if (0.0..=1.0).contains(&alpha) => Some(Self::Tukey { alpha }),
            ("kaiser", Some(beta)) if (0.0..=100.0).contains(&beta) => Some(Self::Kaiser { beta }),
            ("gaussian", Some(std)) if std.is_finite() && std > 0.0 => Some(Self::Gaussian { std }),
            _ => None,
        };
        window.ok_or_else(|| Error::Invalid {
            parameter: "window",
            value: parameter.map_or_else(|| format!("'{name}'"), |p| format!("('{name}', {p})")),
            allowed: format!(
                "{}; 'tukey' with alpha in 0 to 1, 'kaiser' with beta in 0 to 100, 'gaussian' with a positive std, all \
                 others without a parameter",
                Self::NAMES.join(", ")
            ),
        })
    }
}

/// `Σ_j (−1)^j a_j cos(2πjt / last)`.
fn cosine_sum(n: usize, last: f64, terms: &[f64]) -> Array1<f64> {
    Array1::from_iter((0..n).map(|t| {
        let angle = 2.0 * PI * t as f64 / last;
        terms
            .iter()
            .enumerate()
            .map(|(j, a)| if j % 2 == 0 { *a } else { -a } * (j as f64 * angle).cos())
            .sum()
    }))
}

/// Tukey's window at `from_end` samples from its nearer end.
fn tukey(from_end: f64, last: f64, alpha: f64) -> f64 {
    let width = alpha * last / 2.0;
    if from_end < width { 0.5 * (1.0 - (PI * from_end / width).cos()) } else { 1.0 }
}

/// Modified Bessel function of order 0 by its power series: the Kaiser window (Kaiser and Schafer 1980,
/// 10.1109/TASSP.1980.1163349) up to a factor.
pub(crate) fn bessel_i0(x: f64) -> f64 {
    let (mut term, mut sum) = (1.0, 1.0);
    for k in 1..200 {
        term *= (x / (2.0 * f64::from(k))).powi(2);
        sum += term;
        if term < 1e-18 * sum {
            break;
        }
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn symmetric_windows_mirror_and_periodic_ones_extend() {
        for window in [Window::Hann, Window::Blackman, Window::Triang, Window::Tukey { alpha: 0.3 }] {
            let symmetric = window.symmetric(11);
            for t in 0..11 {
                assert!((symmetric[t] - symmetric[10 - t]).abs() < 1e-15);
            }
            // a periodic window is the symmetric one of one more sample, cut
            let longer = window.symmetric(12);
            for (t, value) in window.periodic(11).iter().enumerate() {
                assert!((value - longer[t]).abs() < 1e-15);
            }
        }
    }

    #[test]
    fn peak_values_are_the_published_ones() {
        assert!((Window::Hann.symmetric(5)[2] - 1.0).abs() < 1e-15);
        assert!((Window::Hamming.symmetric(5)[0] - 0.08).abs() < 1e-15);
        assert_eq!(Window::Boxcar.periodic(3).to_vec(), [1.0, 1.0, 1.0]);
    }
}

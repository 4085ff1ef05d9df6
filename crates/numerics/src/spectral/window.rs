//! Windows.

use ndarray::Array1;
use serde::{Deserialize, Serialize};
use std::f64::consts::PI;

/// A window, by its usual name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Window {
    /// All ones.
    Boxcar,
    /// Raised cosine.
    Hann,
    /// Raised cosine on a pedestal, 0.54 and 0.46.
    Hamming,
    /// Three cosine terms, 0.42, 0.5 and 0.08.
    Blackman,
}

impl Window {
    /// `n` values of the periodic (DFT-even) window, scipy's `get_window(name, n)`.
    ///
    /// ```
    /// use dosewave_numerics::spectral::Window;
    /// assert!((Window::Hann.periodic(4)[1] - 0.5).abs() < 1e-15);
    /// ```
    #[must_use]
    pub fn periodic(self, n: usize) -> Array1<f64> {
        if n < 2 { Array1::ones(n) } else { self.cosine_sum(n, n as f64) }
    }

    /// `n` values of the symmetric window, numpy's `hanning(n)` and its kin.
    #[must_use]
    pub fn symmetric(self, n: usize) -> Array1<f64> {
        if n < 2 { Array1::ones(n) } else { self.cosine_sum(n, (n - 1) as f64) }
    }

    fn cosine_sum(self, n: usize, period: f64) -> Array1<f64> {
        let [a, b, c] = match self {
            Self::Boxcar => [1.0, 0.0, 0.0],
            Self::Hann => [0.5, 0.5, 0.0],
            Self::Hamming => [0.54, 0.46, 0.0],
            Self::Blackman => [0.42, 0.5, 0.08],
        };
        Array1::from_iter((0..n).map(|t| {
            let angle = 2.0 * PI * t as f64 / period;
            a - b * angle.cos() + c * (2.0 * angle).cos()
        }))
    }

    /// The window of this name, if there is one.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "boxcar" => Some(Self::Boxcar),
            "hann" => Some(Self::Hann),
            "hamming" => Some(Self::Hamming),
            "blackman" => Some(Self::Blackman),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn symmetric_windows_mirror_and_periodic_ones_extend() {
        for window in [Window::Hann, Window::Hamming, Window::Blackman] {
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

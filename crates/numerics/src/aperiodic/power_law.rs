//! The aperiodic part alone: a power law, with a knee or without.

use crate::Result;
use crate::fit::{LeastSquares, Normal, levenberg_marquardt};
use std::f64::consts::LN_10;

/// `log10 P = offset − log10(knee + f^exponent)`; without a knee the knee is 0.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PowerLaw {
    /// log10 of the power at 1 Hz where there is no knee.
    pub offset: f64,
    /// Where the spectrum bends, in Hz^exponent; `None` for a straight line.
    pub knee: Option<f64>,
    /// Positive for a falling spectrum.
    pub exponent: f64,
}

impl PowerLaw {
    /// log10 of the power at a frequency.
    ///
    /// ```
    /// use dosewave_numerics::aperiodic::PowerLaw;
    /// let law = PowerLaw { offset: 2.0, knee: Some(100.0), exponent: 2.0 };
    /// // at the knee frequency the power is half of what the plateau has
    /// assert!((law.log10_power(10.0) - (2.0 - 200.0_f64.log10())).abs() < 1e-12);
    /// assert_eq!(law.knee_hz(), Some(10.0));
    /// ```
    #[must_use]
    pub fn log10_power(&self, freq_hz: f64) -> f64 {
        match self.knee {
            None => self.offset - self.exponent * freq_hz.log10(),
            Some(knee) => self.offset - (knee + freq_hz.powf(self.exponent)).log10(),
        }
    }

    /// Knee frequency `knee^(1/exponent)`, Hz; `None` without a knee, and where it is not positive (a spectrum that gets
    /// steeper towards low frequencies has no bend there).
    #[must_use]
    pub fn knee_hz(&self) -> Option<f64> {
        let hz = self.knee.filter(|knee| *knee > 0.0)?.powf(1.0 / self.exponent);
        hz.is_finite().then_some(hz)
    }
}

/// Bins of a spectrum in logarithms: `ln f`, `log10 f`, and `log10 P` where it is asked for.
pub(super) struct Bins<'a> {
    pub(super) ln_f: &'a [f64],
    pub(super) y: &'a [f64],
    /// Weight of each bin.
    pub(super) weights: &'a [f64],
}

impl Bins<'_> {
    /// The least-squares straight line.
    pub(super) fn line(&self) -> PowerLaw {
        let total: f64 = self.weights.iter().sum();
        let mean = |v: &[f64]| v.iter().zip(self.weights).map(|(v, w)| v * w).sum::<f64>() / total;
        let (mean_x, mean_y) = (mean(self.ln_f), mean(self.y));
        let (mut sxx, mut sxy) = (0.0, 0.0);
        for ((x, y), w) in self.ln_f.iter().zip(self.y).zip(self.weights) {
            sxx += w * (x - mean_x) * (x - mean_x);
            sxy += w * (x - mean_x) * (y - mean_y);
        }
        let slope = sxy / sxx;
        PowerLaw { offset: mean_y - slope * mean_x, knee: None, exponent: -slope * LN_10 }
    }

    /// The least-squares curve with a knee, from a start.
    pub(super) fn knee(&self, start: PowerLaw, tolerance: f64) -> Result<PowerLaw> {
        let start = [start.offset, start.knee.unwrap_or(0.0), start.exponent];
        let found = levenberg_marquardt(&mut Knee { bins: self }, &start, tolerance)?;
        Ok(PowerLaw { offset: found.params[0], knee: Some(found.params[1]), exponent: found.params[2] })
    }
}

impl Bins<'_> {
    /// The weighted sum of squares of a curve with a knee.
    pub(super) fn cost(&self, law: &PowerLaw) -> f64 {
        Knee { bins: self }.cost(&[law.offset, law.knee.unwrap_or(0.0), law.exponent])
    }
}

struct Knee<'a> {
    bins: &'a Bins<'a>,
}

impl LeastSquares for Knee<'_> {
    fn cost(&mut self, params: &[f64]) -> f64 {
        let (offset, knee, exponent) = (params[0], params[1], params[2]);
        let mut cost = 0.0;
        for ((x, y), w) in self.bins.ln_f.iter().zip(self.bins.y).zip(self.bins.weights) {
            let inner = knee + (exponent * x).exp();
            if !(inner > 0.0 && inner.is_finite()) {
                return f64::INFINITY;
            }
            cost += w * (y - (offset - inner.log10())).powi(2);
        }
        cost
    }

    fn normal(&mut self, params: &[f64], normal: &mut Normal) {
        let (offset, knee, exponent) = (params[0], params[1], params[2]);
        for ((x, y), w) in self.bins.ln_f.iter().zip(self.bins.y).zip(self.bins.weights) {
            let power = (exponent * x).exp();
            let inner = knee + power;
            let residual = y - (offset - inner.log10());
            let slopes = [1.0, -1.0 / (LN_10 * inner), -power * x / (LN_10 * inner)];
            for i in 0..3 {
                normal.gradient[i] += w * slopes[i] * residual;
                for k in 0..3 {
                    normal.matrix[3 * i + k] += w * slopes[i] * slopes[k];
                }
            }
        }
    }
}

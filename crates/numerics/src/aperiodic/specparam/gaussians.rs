//! A sum of Gaussians, fitted together.

use crate::Result;
use crate::fit::{Bounds, LeastSquares, Normal, trust_region_reflective};
use std::ops::Range;

/// `height · exp(−(f − mean)² / (2 sd²))`, in log10 units over the aperiodic part.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Gaussian {
    /// Centre, Hz.
    pub mean_hz: f64,
    /// Height, log10 units.
    pub height: f64,
    /// Standard deviation, Hz.
    pub sd_hz: f64,
}

/// Beyond so many standard deviations a Gaussian is below the rounding of its top.
const REACH: f64 = 8.7;

impl Gaussian {
    /// The bins at which it is not negligible.
    fn bins(&self, freqs_hz: &[f64]) -> Range<usize> {
        let reach = REACH * self.sd_hz;
        let start = freqs_hz.partition_point(|f| *f < self.mean_hz - reach);
        start..freqs_hz.partition_point(|f| *f <= self.mean_hz + reach).max(start)
    }

    /// Its value at a frequency.
    #[must_use]
    pub fn at(&self, freq_hz: f64) -> f64 {
        let t = (freq_hz - self.mean_hz) / self.sd_hz;
        self.height * (-0.5 * t * t).exp()
    }

    /// Subtracts it from a flattened spectrum.
    pub(super) fn subtract_from(&self, freqs_hz: &[f64], flat: &mut [f64]) {
        for bin in self.bins(freqs_hz) {
            flat[bin] -= self.at(freqs_hz[bin]);
        }
    }
}

/// All of them fitted at once within bounds, from a start.
pub(super) fn fit_together(
    freqs_hz: &[f64],
    flat: &[f64],
    start: &[Gaussian],
    bounds: &Bounds,
    tolerance: f64,
) -> Result<Vec<Gaussian>> {
    let params: Vec<f64> = start.iter().flat_map(|g| [g.mean_hz, g.height, g.sd_hz]).collect();
    let mut problem = Sum {
        freqs_hz,
        flat,
        residual: vec![0.0; flat.len()],
        slopes: vec![[0.0; 3]; start.len() * flat.len()],
        reach: vec![0..0; start.len()],
    };
    let found = trust_region_reflective(&mut problem, &params, bounds, tolerance)?;
    Ok(gaussians(&found.params).collect())
}

fn gaussians(params: &[f64]) -> impl Iterator<Item = Gaussian> + '_ {
    params.chunks_exact(3).map(|p| Gaussian { mean_hz: p[0], height: p[1], sd_hz: p[2] })
}

struct Sum<'a> {
    freqs_hz: &'a [f64],
    flat: &'a [f64],
    residual: Vec<f64>,
    /// Derivatives by mean, height and sd, `[gaussian][bin]`.
    slopes: Vec<[f64; 3]>,
    reach: Vec<Range<usize>>,
}

impl LeastSquares for Sum<'_> {
    fn cost(&mut self, params: &[f64]) -> f64 {
        self.residual.copy_from_slice(self.flat);
        for gaussian in gaussians(params) {
            gaussian.subtract_from(self.freqs_hz, &mut self.residual);
        }
        self.residual.iter().map(|r| r * r).sum()
    }

    fn normal(&mut self, params: &[f64], normal: &mut Normal) {
        let (n, n_bins) = (params.len(), self.flat.len());
        self.residual.copy_from_slice(self.flat);
        for (g, gaussian) in gaussians(params).enumerate() {
            self.reach[g] = gaussian.bins(self.freqs_hz);
            for bin in self.reach[g].clone() {
                let t = (self.freqs_hz[bin] - gaussian.mean_hz) / gaussian.sd_hz;
                let bell = (-0.5 * t * t).exp();
                let steep = gaussian.height * bell * t / gaussian.sd_hz;
                self.slopes[g * n_bins + bin] = [steep, bell, steep * t];
                self.residual[bin] -= gaussian.height * bell;
            }
        }
        for first in 0..n / 3 {
            for bin in self.reach[first].clone() {
                for (i, slope) in self.slopes[first * n_bins + bin].iter().enumerate() {
                    normal.gradient[3 * first + i] += slope * self.residual[bin];
                }
            }
            for second in 0..=first {
                let (a, b) = (&self.reach[first], &self.reach[second]);
                let mut block = [[0.0; 3]; 3];
                for bin in a.start.max(b.start)..a.end.min(b.end) {
                    let (row, column) =
                        (self.slopes[first * n_bins + bin], self.slopes[second * n_bins + bin]);
                    for (sums, r) in block.iter_mut().zip(row) {
                        for (sum, c) in sums.iter_mut().zip(column) {
                            *sum += r * c;
                        }
                    }
                }
                for (i, sums) in block.iter().enumerate() {
                    for (k, sum) in sums.iter().enumerate() {
                        normal.matrix[(3 * first + i) * n + 3 * second + k] = *sum;
                        normal.matrix[(3 * second + k) * n + 3 * first + i] = *sum;
                    }
                }
            }
        }
    }
}

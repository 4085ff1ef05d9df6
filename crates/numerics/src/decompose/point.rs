//! A rotation of whitened data, and the slope and curvature of the likelihood there.

use super::blocks::{Averages, WhiteBlocks};
use ndarray::Array2;

/// Where a search stopped.
pub(super) struct Fit {
    pub(super) rotation: Array2<f64>,
    pub(super) n_iter: usize,
    /// [`Point::largest_gradient`] there.
    pub(super) gradient: f64,
}

/// When a search is to stop.
#[derive(Clone, Copy)]
pub(super) struct Stop {
    pub(super) max_iter: usize,
    pub(super) tolerance: f64,
}

/// An orthogonal matrix and what the data say about it. The loss is `Σᵢ sᵢ E ln cosh yᵢ`, `y = rotation · z`; `sᵢ` is 1
/// for a source with a density sharper than the normal one and −1 for one that is flatter.
#[derive(Clone)]
pub(super) struct Point {
    pub(super) rotation: Array2<f64>,
    pub(super) averages: Averages,
    pub(super) signs: Vec<f64>,
    /// `κᵢ = E tanh'(yᵢ) − E tanh(yᵢ) yᵢ`: positive for a source with a density sharper than the normal one.
    curvature: Vec<f64>,
}

impl Point {
    /// `extended`: signs from the data, otherwise all are 1.
    pub(super) fn new(blocks: &WhiteBlocks, stride: usize, rotation: Array2<f64>, extended: bool) -> Self {
        let averages = blocks.averages(&rotation, stride);
        let curvature: Vec<f64> =
            averages.slope.iter().zip(averages.tanh_times_y.diag()).map(|(slope, ty)| slope - ty).collect();
        let sign = |k: &f64| if extended && *k < 0.0 { -1.0 } else { 1.0 };
        let signs = curvature.iter().map(sign).collect();
        Self { rotation, averages, signs, curvature }
    }

    /// The loss, with another point's signs.
    pub(super) fn loss(&self, signs: &[f64]) -> f64 {
        self.averages.log_cosh.iter().zip(signs).map(|(loss, sign)| loss * sign).sum()
    }

    /// Gradient of the loss along antisymmetric `E`, rotation ← exp(E) · rotation: `(S G − (S G)ᵀ) / 2` with
    /// `G = E tanh(y) yᵀ`.
    pub(super) fn gradient(&self) -> Array2<f64> {
        let g = &self.averages.tanh_times_y;
        Array2::from_shape_fn(g.dim(), |(i, j)| 0.5 * (self.signs[i] * g[[i, j]] - self.signs[j] * g[[j, i]]))
    }

    pub(super) fn largest_gradient(&self) -> f64 {
        self.gradient().iter().fold(0.0, |largest: f64, v| largest.max(v.abs()))
    }

    /// Second derivative along each `Eᵢⱼ`, as it would be were the sources independent: `(sᵢκᵢ + sⱼκⱼ) / 2`, not below
    /// `smallest`.
    pub(super) fn hessian(&self, smallest: f64) -> Array2<f64> {
        let k: Vec<f64> = self.curvature.iter().zip(&self.signs).map(|(k, sign)| k * sign).collect();
        Array2::from_shape_fn((k.len(), k.len()), |(i, j)| (0.5 * (k[i] + k[j])).max(smallest))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decompose::whiten;
    use crate::stats::Stream;

    /// Gradient and Hessian against differences of the loss along small rotations of two components.
    #[test]
    fn derivatives_are_those_of_the_loss() {
        let mut stream = Stream::new(11, 0);
        // cubes of normals: sharp; uniform: flat
        let sharp = Array2::from_shape_fn((1, 40_000), |_| stream.normal().powi(3));
        let flat = Array2::from_shape_fn((1, 40_000), |_| stream.uniform());
        let x = ndarray::concatenate![ndarray::Axis(0), sharp, flat];
        let blocks = WhiteBlocks::new(x.view(), &whiten(x.view(), None).unwrap());
        let turned = |angle: f64| {
            let (sin, cos) = angle.sin_cos();
            Point::new(&blocks, 1, ndarray::array![[cos, sin], [-sin, cos]], true)
        };
        for at in [0.0, 0.3] {
            let here = turned(at);
            let step = 1e-3;
            let loss = |angle| turned(angle).loss(&here.signs);
            let slope = (loss(at + step) - loss(at - step)) / (2.0 * step);
            // E has two entries, +angle and −angle
            assert!((slope - 2.0 * here.gradient()[[0, 1]]).abs() < 1e-5, "{slope}");
            let bend = (loss(at + step) - 2.0 * loss(at) + loss(at - step)) / (step * step);
            let expected = 2.0 * here.hessian(0.0)[[0, 1]];
            let close = 0.05 + f64::from(u8::from(at > 0.0)); // exact for independent sources only
            assert!((bend - expected).abs() < close * expected.max(0.1), "{bend} {expected}");
        }
        let sources = turned(0.0);
        assert_eq!(sources.signs.iter().product::<f64>(), -1.0, "one of each kind");
        let plain = Point::new(&blocks, 1, Array2::eye(2), false);
        assert_eq!(plain.signs, [1.0, 1.0]);
    }
}

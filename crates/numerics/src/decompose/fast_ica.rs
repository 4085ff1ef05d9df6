//! FastICA, all components at once, with tanh (Hyvärinen 1999, 10.1109/72.761722).

use super::blocks::WhiteBlocks;
use super::dense::eigen_descending;
use super::point::{Fit, Point, Stop};
use crate::Result;
use ndarray::{Array2, Axis};

/// `W ← E tanh(Wz) zᵀ − diag(E tanh'(Wz)) W`, then the nearest orthogonal matrix, until the gradient is small. Sources of
/// both kinds are found without being told.
pub(super) fn fast_ica(
    blocks: &WhiteBlocks,
    stride: usize,
    mut rotation: Array2<f64>,
    stop: Stop,
) -> Result<Fit> {
    let mut n_iter = 0;
    loop {
        let point = Point::new(blocks, stride, rotation, true);
        let gradient = point.largest_gradient();
        if gradient <= stop.tolerance || n_iter >= stop.max_iter {
            return Ok(Fit { rotation: point.rotation, n_iter, gradient });
        }
        // z = Wᵀy, so that the step in terms of y is (E tanh(y) yᵀ − diag) W
        let mut step = point.averages.tanh_times_y;
        for (entry, slope) in step.diag_mut().iter_mut().zip(&point.averages.slope) {
            *entry -= slope;
        }
        rotation = nearest_orthogonal(&step.dot(&point.rotation))?;
        n_iter += 1;
    }
}

/// `(M Mᵀ)^(−1/2) M`.
pub(super) fn nearest_orthogonal(matrix: &Array2<f64>) -> Result<Array2<f64>> {
    let (values, vectors) = eigen_descending(&matrix.dot(&matrix.t()))?;
    let smallest = values[0].max(f64::MIN_POSITIVE) * f64::EPSILON;
    let scale = values.mapv(|v| 1.0 / v.max(smallest).sqrt()).insert_axis(Axis(1));
    Ok(vectors.t().dot(&(&vectors * &scale)).dot(matrix))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::Stream;

    #[test]
    fn nearest_orthogonal_is_orthogonal_and_keeps_rotations() {
        let mut stream = Stream::new(1, 0);
        let matrix = Array2::from_shape_fn((6, 6), |_| stream.normal());
        let q = nearest_orthogonal(&matrix).unwrap();
        assert!((q.dot(&q.t()) - Array2::<f64>::eye(6)).iter().all(|d| d.abs() < 1e-12));
        let again = nearest_orthogonal(&(&q * 3.0)).unwrap();
        assert!((&again - &q).iter().all(|d| d.abs() < 1e-12));
        // Q is nearest when Qᵀ M is symmetric and positive
        let polar = q.t().dot(&matrix);
        assert!((&polar - &polar.t()).iter().all(|d| d.abs() < 1e-12));
    }
}

//! Row-major arrays as faer's matrices, and the recording in blocks of time that fit the cache.

use crate::error::check_finite;
use crate::{Error, Result};
use faer::linalg::matmul::matmul;
use faer::{Accum, MatMut, MatRef, Par, Side};
use ndarray::{Array1, Array2, ArrayView1, ArrayView2, Axis, s};

/// Samples per block: with 64 channels, a block is 128 KiB.
pub(super) const BLOCK: usize = 256;

/// `out (+)= a · b` of row-major matrices `[rows, inner] · [inner, cols]`.
pub(super) fn multiply(out: &mut [f64], accum: Accum, a: &Array2<f64>, b: &[f64]) {
    let (rows, inner) = a.dim();
    let cols = b.len().checked_div(inner).unwrap_or(0);
    let a = a.as_standard_layout();
    if let Some(a) = a.as_slice() {
        let left = MatRef::from_row_major_slice(a, rows, inner);
        let right = MatRef::from_row_major_slice(b, inner, cols);
        matmul(MatMut::from_row_major_slice_mut(out, rows, cols), accum, left, right, 1.0, Par::Seq);
    }
}

/// `out += a · bᵀ` of row-major blocks `[row, BLOCK]`; `out` is row-major.
pub(super) fn add_products(out: &mut [f64], a: &[f64], b: &[f64]) {
    let (rows, cols) = (a.len() / BLOCK, b.len() / BLOCK);
    let left = MatRef::from_row_major_slice(a, rows, BLOCK);
    let right = MatRef::from_row_major_slice(b, cols, BLOCK).transpose();
    matmul(MatMut::from_row_major_slice_mut(out, rows, cols), Accum::Add, left, right, 1.0, Par::Seq);
}

/// Calls `visit` with one block of `x − mean` after the other, row-major `[channel, BLOCK]`; the last is filled up with
/// zeros.
pub(super) fn centred_blocks(
    x: ArrayView2<'_, f64>,
    mean: ArrayView1<'_, f64>,
    mut visit: impl FnMut(usize, &[f64]),
) {
    let (n_channels, n_times) = x.dim();
    let mut block = vec![0.0; n_channels * BLOCK];
    for start in (0..n_times).step_by(BLOCK) {
        let n = BLOCK.min(n_times - start);
        if n < BLOCK {
            block.fill(0.0);
        }
        let window = x.slice(s![.., start..start + n]);
        for ((row, channel), mean) in block.chunks_exact_mut(BLOCK).zip(window.rows()).zip(mean) {
            for (out, value) in row.iter_mut().zip(channel) {
                *out = value - mean;
            }
        }
        visit(start, &block);
    }
}

/// Mean per channel.
pub(super) fn channel_means(x: ArrayView2<'_, f64>) -> Array1<f64> {
    x.sum_axis(Axis(1)) / x.ncols().max(1) as f64
}

/// Eigenvalues, descending, and their eigenvectors as rows, of a symmetric matrix. The largest entry of each vector is
/// positive.
pub(crate) fn eigen_descending(symmetric: &Array2<f64>) -> Result<(Array1<f64>, Array2<f64>)> {
    let n = symmetric.nrows();
    let matrix = faer::Mat::from_fn(n, n, |i, j| symmetric[[i, j]]);
    let failed = Error::NotConverged { what: "eigenvalues of a covariance", iterations: 1 };
    let eigen = matrix.self_adjoint_eigen(Side::Lower).map_err(|_| failed)?;
    let (values, vectors) = (eigen.S().column_vector(), eigen.U());
    let descending = Array1::from_shape_fn(n, |k| values[n - 1 - k]);
    let mut rows = Array2::from_shape_fn((n, n), |(k, i)| vectors[(i, n - 1 - k)]);
    for mut row in rows.rows_mut() {
        if largest_entry(row.view()) < 0.0 {
            row.map_inplace(|v| *v = -*v);
        }
    }
    Ok((descending, rows))
}

/// The entry of the largest magnitude, with its sign; the first of equals.
pub(crate) fn largest_entry(values: ArrayView1<'_, f64>) -> f64 {
    values.iter().fold(0.0, |largest: f64, v| if v.abs() > largest.abs() { *v } else { largest })
}

/// Refuses what no decomposition can take: fewer than two samples, no channel, values that are not finite.
pub(super) fn check(x: ArrayView2<'_, f64>) -> Result<()> {
    if x.nrows() == 0 {
        return Err(Error::TooShort { what: "channels", got: 0, need: 1 });
    }
    if x.ncols() < 2 {
        return Err(Error::TooShort { what: "samples", got: x.ncols(), need: 2 });
    }
    check_finite(x, "samples")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::Stream;

    #[test]
    fn blocks_are_the_recording_without_its_mean() {
        for n_times in [BLOCK - 1, BLOCK, 2 * BLOCK + 3] {
            let x = Array2::from_shape_fn((3, n_times), |(c, t)| (c * 1000 + t) as f64);
            let mean = channel_means(x.view());
            let mut seen = 0;
            centred_blocks(x.view(), mean.view(), |start, block| {
                assert_eq!(start, seen);
                for (k, value) in block.iter().enumerate() {
                    let (c, t) = (k / BLOCK, start + k % BLOCK);
                    let expected = if t < n_times { x[[c, t]] - mean[c] } else { 0.0 };
                    assert_eq!(*value, expected, "channel {c}, sample {t}");
                }
                seen += BLOCK;
            });
            assert_eq!(seen, n_times.div_ceil(BLOCK) * BLOCK);
        }
    }

    #[test]
    fn products_are_those_of_ndarray() {
        let mut stream = Stream::new(1, 0);
        let a = Array2::from_shape_fn((5, BLOCK), |_| stream.normal());
        let b = Array2::from_shape_fn((3, BLOCK), |_| stream.normal());
        let mut out = Array2::ones((5, 3));
        add_products(out.as_slice_mut().unwrap(), a.as_slice().unwrap(), b.as_slice().unwrap());
        assert!((&out - &(a.dot(&b.t()) + 1.0)).iter().all(|d| d.abs() < 1e-12));
        let small = Array2::from_shape_fn((3, 5), |_| stream.normal());
        let mut out = Array2::ones((3, BLOCK));
        multiply(out.as_slice_mut().unwrap(), Accum::Replace, &small, a.as_slice().unwrap());
        assert!((&out - &small.dot(&a)).iter().all(|d| d.abs() < 1e-12));
        let turned = small.t().to_owned().reversed_axes();
        let mut again = Array2::ones((3, BLOCK));
        multiply(again.as_slice_mut().unwrap(), Accum::Replace, &turned, a.as_slice().unwrap());
        assert_eq!(out, again, "memory order does not matter");
    }

    #[test]
    fn eigenvectors_are_rows_and_signed() {
        let (values, vectors) = eigen_descending(&ndarray::array![[2.0, -1.0], [-1.0, 2.0]]).unwrap();
        let half = 0.5_f64.sqrt();
        let expected = ndarray::array![[half, -half], [half, half]];
        assert!((values[0] - 3.0).abs() < 1e-14 && (values[1] - 1.0).abs() < 1e-14);
        assert!((vectors[[0, 0]] * vectors[[0, 1]] + 0.5).abs() < 1e-14, "(1, -1) up to sign");
        assert!((&vectors.row(1) - &expected.row(1)).iter().all(|d| d.abs() < 1e-14));
        let (_, vectors) = eigen_descending(&ndarray::array![[1.0, 3.0], [3.0, 9.0]]).unwrap();
        assert!(vectors[[0, 1]] > 0.9 && vectors[[1, 0]] > 0.9);
    }
}

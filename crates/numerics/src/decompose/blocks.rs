//! Whitened data in blocks of time, and the averages over time that ICA climbs by.

use super::dense::{BLOCK, add_products, centred_blocks, multiply};
use super::tanh::tanh_row;
use super::whiten::Whitening;
use faer::Accum;
use ndarray::{Array2, ArrayView2};

/// Whitened data, block after block, each row-major `[component, BLOCK]`; the last is filled up with zeros, which add
/// nothing to any average.
pub(super) struct WhiteBlocks {
    n_components: usize,
    n_times: usize,
    values: Vec<f64>,
}

/// Averages over time of the rotated data `y`.
#[derive(Clone)]
pub(super) struct Averages {
    /// `E ln cosh yᵢ`.
    pub(super) log_cosh: Vec<f64>,
    /// `E tanh(yᵢ) yⱼ`.
    pub(super) tanh_times_y: Array2<f64>,
    /// `E tanh'(yᵢ) = 1 − E tanh²(yᵢ)`.
    pub(super) slope: Vec<f64>,
}

impl WhiteBlocks {
    pub(super) fn new(x: ArrayView2<'_, f64>, whitening: &Whitening) -> Self {
        let (n_components, n_times) = (whitening.variances.len(), x.ncols());
        let mut values = vec![0.0; n_components * BLOCK * n_times.div_ceil(BLOCK)];
        centred_blocks(x, whitening.mean.view(), |start, block| {
            let from = start * n_components;
            let out = &mut values[from..from + n_components * BLOCK];
            multiply(out, Accum::Replace, &whitening.whitener, block);
        });
        Self { n_components, n_times, values }
    }

    pub(super) fn n_components(&self) -> usize {
        self.n_components
    }

    pub(super) fn n_times(&self) -> usize {
        self.n_times
    }

    /// Averages of `y = rotation · z` over every `stride`-th block.
    pub(super) fn averages(&self, rotation: &Array2<f64>, stride: usize) -> Averages {
        let n = self.n_components;
        let (mut y, mut tanh) = (vec![0.0; n * BLOCK], vec![0.0; n * BLOCK]);
        let (mut log_cosh, mut tanh_squared) = (vec![0.0; n], vec![0.0; n]);
        let mut products = vec![0.0; n * n];
        let mut n_times = 0;
        for (index, z) in self.values.chunks_exact(n * BLOCK).enumerate().step_by(stride) {
            multiply(&mut y, Accum::Replace, rotation, z);
            let (log_cosh, tanh_squared) = (&mut log_cosh, &mut tanh_squared);
            pulp::Arch::new().dispatch(TanhBlock { y: &y, tanh: &mut tanh, log_cosh, tanh_squared });
            add_products(&mut products, &tanh, &y);
            n_times += BLOCK.min(self.n_times - index * BLOCK);
        }
        let share = 1.0 / n_times as f64;
        Averages {
            log_cosh: log_cosh.iter().map(|sum| sum * share).collect(),
            tanh_times_y: Array2::from_shape_fn((n, n), |(i, j)| products[i * n + j] * share),
            slope: tanh_squared.iter().map(|sum| 1.0 - sum * share).collect(),
        }
    }
}

/// One block's tanh, with the widest vectors that the processor has; sums are in lanes of eight whatever their width.
struct TanhBlock<'a> {
    y: &'a [f64],
    tanh: &'a mut [f64],
    log_cosh: &'a mut [f64],
    tanh_squared: &'a mut [f64],
}

impl pulp::WithSimd for TanhBlock<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, _: S) {
        let (y, _) = self.y.as_chunks::<BLOCK>();
        let (tanh, _) = self.tanh.as_chunks_mut::<BLOCK>();
        for (i, (y, tanh)) in y.iter().zip(tanh).enumerate() {
            let sums = tanh_row(y, tanh);
            self.log_cosh[i] += sums.log_cosh;
            self.tanh_squared[i] += sums.tanh_squared;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decompose::whiten;
    use crate::stats::Stream;
    use ndarray::Axis;

    /// The slow twin: whole arrays and the standard library.
    #[test]
    fn averages_are_those_of_the_definition() {
        let mut stream = Stream::new(2, 0);
        let n_times = 3 * BLOCK + 77;
        let x = Array2::from_shape_fn((5, n_times), |(c, _)| stream.normal() * (c + 1) as f64);
        let whitening = whiten(x.view(), Some(4)).unwrap();
        let blocks = WhiteBlocks::new(x.view(), &whitening);
        let rotation = Array2::from_shape_fn((4, 4), |_| stream.normal());
        let z = whitening.whitener.dot(&(&x - &whitening.mean.clone().insert_axis(Axis(1))));
        let y = rotation.dot(&z);
        let tanh = y.mapv(f64::tanh);
        let found = blocks.averages(&rotation, 1);
        let expected = tanh.dot(&y.t()) / n_times as f64;
        assert!((&found.tanh_times_y - &expected).iter().all(|d| d.abs() < 1e-13));
        for i in 0..4 {
            let log_cosh = y.row(i).mapv(|v| v.cosh().ln()).mean().unwrap();
            let slope = tanh.row(i).mapv(|v| 1.0 - v * v).mean().unwrap();
            assert!((found.log_cosh[i] - log_cosh).abs() < 1e-12);
            assert!((found.slope[i] - slope).abs() < 1e-12);
        }
        // every second block: the first and the third
        let half: Vec<usize> = (0..BLOCK).chain(2 * BLOCK..3 * BLOCK).collect();
        let expected = tanh.select(Axis(1), &half).dot(&y.select(Axis(1), &half).t()) / half.len() as f64;
        let found = blocks.averages(&rotation, 2);
        assert!((&found.tanh_times_y - &expected).iter().all(|d| d.abs() < 1e-13));
        // every third: the first and the last, which is not full
        let ends: Vec<usize> = (0..BLOCK).chain(3 * BLOCK..n_times).collect();
        let expected = tanh.select(Axis(1), &ends).dot(&y.select(Axis(1), &ends).t()) / ends.len() as f64;
        let found = blocks.averages(&rotation, 3);
        assert!((&found.tanh_times_y - &expected).iter().all(|d| d.abs() < 1e-13));
    }
}

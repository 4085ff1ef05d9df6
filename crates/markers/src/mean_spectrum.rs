//! Measures of the mean spectrum over the drawn epochs.

use crate::{BlockStats, Result};
use ndarray::{Array1, Array2, Array3, ArrayView1, ArrayView2, ArrayView3, Axis};

/// `measure` of each channel's mean spectrum over the drawn epochs, `[draw, channel]`; the features of `stats` are its bins.
/// A draw without an epoch gives NaN to `measure`.
pub(crate) fn of_draws(
    stats: &BlockStats,
    counts: ArrayView2<'_, u32>,
    measure: impl Fn(ArrayView1<'_, f64>) -> f64,
) -> Result<Array2<f64>> {
    stats.check_counts(counts)?;
    let (sums, sizes) = block_sums(stats.epoch_values()?.view(), &stats.block_of, stats.n_blocks);
    let weights = counts.mapv(f64::from);
    let n_epochs = weights.dot(&sizes);
    let n_channels = sums.len_of(Axis(1));
    let mut values = Array2::zeros((counts.nrows(), n_channels));
    for channel in 0..n_channels {
        let drawn = weights.dot(&sums.index_axis(Axis(1), channel));
        for (draw, psd_sum) in drawn.rows().into_iter().enumerate() {
            let psd = psd_sum.mapv(|sum| sum / n_epochs[draw]);
            values[[draw, channel]] = measure(psd.view());
        }
    }
    Ok(values)
}

/// `measure` of each channel's spectrum in every single epoch, `[epoch, channel]`.
pub(crate) fn of_epochs(
    stats: &BlockStats,
    measure: impl Fn(ArrayView1<'_, f64>) -> f64,
) -> Result<Array2<f64>> {
    let psd = stats.epoch_values()?;
    let (n_epochs, n_channels, _) = psd.dim();
    let value = |(epoch, channel)| measure(psd.slice(ndarray::s![epoch, channel, ..]));
    Ok(Array2::from_shape_fn((n_epochs, n_channels), value))
}

/// Sum over the epochs of each block `[block, channel, feature]`, and the number of epochs in each.
pub(crate) fn block_sums(
    values: ArrayView3<'_, f64>,
    block_of: &[usize],
    n_blocks: usize,
) -> (Array3<f64>, Array1<f64>) {
    let (_, n_channels, n_features) = values.dim();
    let mut sums = Array3::zeros((n_blocks, n_channels, n_features));
    let mut sizes = Array1::zeros(n_blocks);
    for (epoch, &block) in values.outer_iter().zip(block_of) {
        let mut sum = sums.index_axis_mut(Axis(0), block);
        sum += &epoch;
        sizes[block] += 1.0;
    }
    (sums, sizes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn block_sums_add_the_epochs_of_each_block() {
        let psd = Array3::from_shape_fn((3, 1, 2), |(epoch, _, bin)| (10 * epoch + bin) as f64);
        let (sums, sizes) = block_sums(psd.view(), &[0, 1, 1], 2);
        assert_eq!(sums, array![[[0.0, 1.0]], [[30.0, 32.0]]]);
        assert_eq!(sizes, array![1.0, 2.0]);
    }
}

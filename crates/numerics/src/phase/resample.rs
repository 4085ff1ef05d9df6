//! Measures of resampled epochs from sums of blocks.

use super::measure::{Sum, SumRows};
use super::{Measure, PairSums};
use crate::{Error, Result};
use ndarray::{Array1, Array2, ArrayView2};

/// Measures of one pair for many resamplings of blocks: for each draw the counted sums `Σ_b counts[draw, b]·block_b`
/// at each of `bins`, then the measure per bin, then its mean over the bins where it is defined.
///
/// Returns `[draw, measure]`, NaN where no bin is defined. All draws are one matrix product, over only those sums that
/// the measures are functions of.
///
/// # Errors
/// [`Error::Shape`] when counts and blocks differ in number, [`Error::TooShort`] without a block.
pub fn resample_measure(
    blocks: &[&PairSums],
    pair: usize,
    bins: &[usize],
    counts: ArrayView2<'_, u32>,
    measures: &[Measure],
) -> Result<Array2<f64>> {
    if blocks.is_empty() {
        return Err(Error::TooShort { what: "blocks to resample", got: 0, need: 1 });
    }
    if counts.ncols() != blocks.len() {
        return Err(Error::Shape { what: "block counts", expected: blocks.len(), got: counts.ncols() });
    }
    if bins.is_empty() {
        return Ok(Array2::from_elem((counts.nrows(), measures.len()), f64::NAN));
    }
    let needed: Vec<Sum> =
        Sum::ALL.into_iter().filter(|sum| measures.iter().any(|m| m.needs().contains(sum))).collect();
    let table = block_table(blocks, pair, bins, &needed);
    let counts = counts.mapv(f64::from);
    let n_epochs = counts.dot(&Array1::from_iter(blocks.iter().map(|b| b.n() as f64)));
    let drawn = counts.dot(&table);
    Ok(pulp::Arch::new().dispatch(Draws { drawn, n_epochs, needed: &needed, n_bins: bins.len(), measures }))
}

impl PairSums {
    /// A measure of each pair, averaged over those of `bins` where it is defined, NaN where none is: to the bit what
    /// [`resample_measure`] makes of one block that is taken once, of all pairs in one go. Bins that are not there count as
    /// undefined.
    ///
    /// ```
    /// use dosewave_numerics::phase::{Measure, PairSums};
    /// use num_complex::Complex64;
    /// let mut sums = PairSums::new(2, &[(0, 1)], 2).unwrap();
    /// let coefs = ndarray::array![[[Complex64::I, Complex64::ONE]], [[Complex64::ONE, Complex64::I]]];
    /// sums.add_epoch(coefs.view(), &[1.0]).unwrap();
    /// assert_eq!(sums.mean_over(Measure::Dpli, &[0]).to_vec(), [1.0]);
    /// assert_eq!(sums.mean_over(Measure::Dpli, &[0, 1]).to_vec(), [0.5]);
    /// ```
    #[must_use]
    pub fn mean_over(&self, measure: Measure, bins: &[usize]) -> Array1<f64> {
        let mut means = Array1::from_elem(self.pairs().len(), f64::NAN);
        let mut values = vec![f64::NAN; bins.len()];
        self.each_row(measure, 0..self.pairs().len(), |pair, row| {
            for (value, bin) in values.iter_mut().zip(bins) {
                *value = row.get(*bin).copied().unwrap_or(f64::NAN);
            }
            means[pair] = mean_where_defined(&values);
        });
        means
    }
}

/// Measures of many draws, with the widest vectors that the processor has; these change no bit.
struct Draws<'a> {
    /// Sums `[draw, sum × bin]`.
    drawn: Array2<f64>,
    n_epochs: Array1<f64>,
    needed: &'a [Sum],
    n_bins: usize,
    measures: &'a [Measure],
}

impl pulp::WithSimd for Draws<'_> {
    type Output = Array2<f64>;

    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, _: S) -> Array2<f64> {
        let n_bins = self.n_bins;
        let zeros = vec![0.0; n_bins];
        let mut per_bin = vec![0.0; n_bins];
        let mut values = Array2::from_elem((self.drawn.nrows(), self.measures.len()), f64::NAN);
        for (draw, row) in self.drawn.outer_iter().enumerate() {
            let row = row.to_slice().unwrap_or_default();
            // sums that no measure needs are zeros
            let part = |sum: Sum| -> &[f64] {
                let place = self.needed.iter().position(|n| *n == sum);
                place.and_then(|k| row.get(k * n_bins..(k + 1) * n_bins)).unwrap_or(&zeros)
            };
            let rows = SumRows { n: self.n_epochs[draw], parts: Sum::ALL.map(part) };
            for (m, measure) in self.measures.iter().enumerate() {
                measure.of_rows(&rows, &mut per_bin);
                values[[draw, m]] = mean_where_defined(&per_bin);
            }
        }
        values
    }
}

/// NaN where nothing is defined.
fn mean_where_defined(values: &[f64]) -> f64 {
    let (mut total, mut defined) = (0.0, 0.0);
    for value in values {
        let weight = f64::from(u8::from(value.is_finite()));
        total += if value.is_finite() { *value } else { 0.0 };
        defined += weight;
    }
    total / defined
}

/// `[block, sum × bin]` of one pair.
fn block_table(blocks: &[&PairSums], pair: usize, bins: &[usize], needed: &[Sum]) -> Array2<f64> {
    let mut table = Array2::zeros((blocks.len(), needed.len() * bins.len()));
    for (block, mut row) in blocks.iter().zip(table.outer_iter_mut()) {
        let row = row.as_slice_mut().unwrap_or_default();
        for (sum, part) in needed.iter().zip(row.chunks_exact_mut(bins.len())) {
            block.sums_into(*sum, pair, bins, part);
        }
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::Stream;
    use ndarray::{Array3, array};
    use num_complex::Complex64;

    /// Of pairs that are not worked through in their order, one of them with a silent channel.
    #[test]
    fn one_block_taken_once_is_the_same_to_the_bit() {
        let pairs: Vec<(usize, usize)> = (0..20).flat_map(|x| (0..x).map(move |y| (x, y))).collect();
        let mut stream = Stream::new(10, 0);
        let mut sums = PairSums::new(20, &pairs, 13).unwrap();
        for _ in 0..4 {
            let mut epoch = Array3::from_shape_simple_fn((20, 2, 13), || {
                Complex64::new(stream.normal(), stream.normal())
            });
            epoch.index_axis_mut(ndarray::Axis(0), 3).fill(Complex64::ZERO);
            sums.add_epoch(epoch.view(), &[1.0, 0.8]).unwrap();
        }
        let bins = [0, 3, 4, 9, 12];
        for measure in Measure::ALL {
            let means = sums.mean_over(measure, &bins);
            for pair in 0..pairs.len() {
                let one = resample_measure(&[&sums], pair, &bins, array![[1]].view(), &[measure]).unwrap();
                assert_eq!(means[pair].to_bits(), one[[0, 0]].to_bits(), "{measure:?} {:?}", pairs[pair]);
            }
        }
        assert!(
            sums.mean_over(Measure::Coh, &bins)[3].is_nan() && sums.mean_over(Measure::Coh, &[])[0].is_nan()
        );
    }

    #[test]
    fn equals_combining_the_blocks() {
        let mut stream = Stream::new(9, 0);
        let blocks: Vec<PairSums> = (0..3)
            .map(|_| {
                let mut sums = PairSums::new(3, &[(1, 0), (2, 0), (2, 1)], 5).unwrap();
                for _ in 0..4 {
                    let epoch = Array3::from_shape_simple_fn((3, 2, 5), || {
                        Complex64::new(stream.normal(), stream.normal())
                    });
                    sums.add_epoch(epoch.view(), &[1.0, 0.8]).unwrap();
                }
                sums
            })
            .collect();
        let blocks: Vec<&PairSums> = blocks.iter().collect();
        let counts = array![[1, 1, 1], [0, 3, 0], [2, 0, 1]];
        let bins = [1, 2, 4];
        let got = resample_measure(&blocks, 2, &bins, counts.view(), &Measure::ALL).unwrap();
        for (draw, counts) in counts.outer_iter().enumerate() {
            let combined = PairSums::combine(&blocks, &counts.to_vec()).unwrap();
            for (m, measure) in Measure::ALL.into_iter().enumerate() {
                let values = combined.measure(measure);
                let expected = bins.iter().map(|f| values[[2, *f]]).sum::<f64>() / 3.0;
                assert!((got[[draw, m]] - expected).abs() < 1e-12, "{measure:?}");
            }
        }
    }
}

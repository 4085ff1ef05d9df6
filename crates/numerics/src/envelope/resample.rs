//! Correlations of envelopes of resampled stretches, from sums of blocks.

use super::EnvelopeMoments;
use crate::{Error, Result};
use ndarray::{Array1, Array2, ArrayView2};

/// The correlation of the envelopes of one pair for many resamplings of blocks: for each draw that of the counted sums
/// `Σ_b counts[draw, b]·block_b`; NaN where it is not defined. The blocks must be centred alike.
///
/// # Errors
/// [`Error::Shape`] when counts and blocks differ in number, [`Error::TooShort`] without a block, [`Error::Invalid`] for a
/// pair that is not there.
pub fn resample_envelope_correlation(
    blocks: &[&EnvelopeMoments],
    pair: usize,
    counts: ArrayView2<'_, u32>,
    absolute: bool,
) -> Result<Array1<f64>> {
    let first = blocks.first().ok_or(Error::TooShort { what: "blocks to resample", got: 0, need: 1 })?;
    if counts.ncols() != blocks.len() {
        return Err(Error::Shape { what: "block counts", expected: blocks.len(), got: counts.ncols() });
    }
    let &(x, y) = first.pairs.get(pair).ok_or_else(|| Error::Invalid {
        parameter: "pair",
        value: pair.to_string(),
        allowed: format!("below {}", first.pairs.len()),
    })?;
    if let Some(other) = blocks.iter().find(|block| block.pairs.len() != first.pairs.len()) {
        return Err(Error::Shape {
            what: "pairs of a block",
            expected: first.pairs.len(),
            got: other.pairs.len(),
        });
    }
    let table = Array2::from_shape_fn((blocks.len(), 11), |(b, k)| match k {
        0 => blocks[b].n_times as f64,
        1 | 2 => blocks[b].levels[x][k - 1],
        3 | 4 => blocks[b].levels[y][k - 3],
        _ => blocks[b].crossed[pair][k - 5],
    });
    // blocks where the pair is not defined are NaN, and zero times NaN would be NaN too
    let undefined: Vec<bool> = table.rows().into_iter().map(|row| row.iter().any(|v| v.is_nan())).collect();
    let drawn = counts.mapv(f64::from).dot(&table.mapv(|v| if v.is_nan() { 0.0 } else { v }));
    let formula = first.formula(x, y);
    let value = |(row, counts): (ndarray::ArrayView1<'_, f64>, ndarray::ArrayView1<'_, u32>)| {
        if counts.iter().zip(&undefined).any(|(count, undefined)| *undefined && *count > 0) {
            return f64::NAN;
        }
        let pair = std::array::from_fn(|k| row[5 + k]);
        formula.correlation(row[0], [row[1], row[2]], [row[3], row[4]], pair, absolute)
    };
    Ok(drawn.rows().into_iter().zip(counts.rows()).map(value).collect())
}

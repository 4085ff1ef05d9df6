//! Combining values over epochs and over sites.

use crate::{BlockStats, Members, Result};
use ndarray::{Array1, Array2, ArrayView1, ArrayView2, Axis};
use serde::{Deserialize, Serialize};

/// Median over the drawn epochs of feature 0, `[draw, channel]`; NaN where a draw holds no epoch.
///
/// Epochs in which the value is undefined are left out. The values are sorted once per channel; a draw then walks them
/// with its weights, so its cost is linear in the number of epochs.
pub(crate) fn medians(stats: &BlockStats, counts: ArrayView2<'_, u32>) -> Result<Array2<f64>> {
    stats.check_counts(counts)?;
    let values = stats.epoch_values()?;
    let n_channels = values.len_of(Axis(1));
    let mut medians = Array2::zeros((counts.nrows(), n_channels));
    for (channel, mut column) in medians.columns_mut().into_iter().enumerate() {
        let sorted =
            sorted_with_blocks((0..stats.n_epochs).map(|e| values[[e, channel, 0]]), &stats.block_of);
        for (median, draw) in column.iter_mut().zip(counts.rows()) {
            *median = weighted_median(&sorted, draw);
        }
    }
    Ok(medians)
}

/// How the epochs of a window become one value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EpochAverage {
    /// Median: a few contaminated epochs cannot move it.
    #[default]
    Median,
    /// Arithmetic mean: what most published spectra are.
    Mean,
}

/// Median or mean over the drawn epochs of feature 0, `[draw, channel]`; NaN where a draw holds no epoch.
pub(crate) fn averages(
    stats: &BlockStats,
    counts: ArrayView2<'_, u32>,
    average: EpochAverage,
) -> Result<Array2<f64>> {
    match average {
        EpochAverage::Median => medians(stats, counts),
        EpochAverage::Mean => means(stats, counts),
    }
}

/// Mean over the drawn epochs of feature 0, `[draw, channel]`; epochs in which the value is undefined are left out.
pub(crate) fn means(stats: &BlockStats, counts: ArrayView2<'_, u32>) -> Result<Array2<f64>> {
    stats.check_counts(counts)?;
    let values = stats.epoch_values()?.index_axis(Axis(2), 0);
    let weights = counts.mapv(f64::from);
    let mut means = Array2::zeros((counts.nrows(), values.ncols()));
    for (channel, mut column) in means.columns_mut().into_iter().enumerate() {
        let (mut sums, mut sizes) =
            (Array1::<f64>::zeros(stats.n_blocks), Array1::<f64>::zeros(stats.n_blocks));
        let epochs = values.column(channel);
        for (value, &block) in epochs.iter().zip(&stats.block_of).filter(|(value, _)| value.is_finite()) {
            sums[block] += value;
            sizes[block] += 1.0;
        }
        column.assign(&(weights.dot(&sums) / weights.dot(&sizes)));
    }
    Ok(means)
}

fn sorted_with_blocks(values: impl Iterator<Item = f64>, block_of: &[usize]) -> Vec<(f64, usize)> {
    let mut pairs: Vec<(f64, usize)> =
        values.zip(block_of.iter().copied()).filter(|(value, _)| value.is_finite()).collect();
    pairs.sort_by(|a, b| a.0.total_cmp(&b.0));
    pairs
}

/// Median of sorted values, each present as often as its block is drawn (mean of the two middle ones).
fn weighted_median(sorted: &[(f64, usize)], draw: ArrayView1<'_, u32>) -> f64 {
    let weight = |block: usize| draw[block] as usize;
    let total: usize = sorted.iter().map(|&(_, block)| weight(block)).sum();
    if total == 0 {
        return f64::NAN;
    }
    let (mut seen, mut lower) = (0, None);
    for &(value, block) in sorted {
        seen += weight(block);
        if lower.is_none() && seen > (total - 1) / 2 {
            lower = Some(value);
        }
        if seen > total / 2 {
            return lower.map_or(value, |low| f64::midpoint(low, value));
        }
    }
    f64::NAN
}

/// Values per unit `[draw, unit]` → values per site `[draw, site]`; `mean` is given the defined members of a site.
pub(crate) fn site_values(
    units: ArrayView2<'_, f64>,
    members: &[Members],
    mean: fn(&[f64]) -> f64,
) -> Array2<f64> {
    let mut sites = Array2::zeros((units.nrows(), members.len()));
    let mut inside = Vec::new();
    for (draw, mut row) in units.rows().into_iter().zip(sites.rows_mut()) {
        for (site, member) in row.iter_mut().zip(members) {
            *site = match member {
                Members::One(unit) => draw[*unit],
                Members::Mean(list) => {
                    inside.clear();
                    inside.extend(list.iter().map(|&unit| draw[unit]).filter(|value| value.is_finite()));
                    mean(&inside)
                }
            };
        }
    }
    sites
}

/// Feature 0 of every epoch in dB, mean over the channels of each site, `[epoch, site]`; NaN where there is no power.
pub(crate) fn epoch_decibels(stats: &BlockStats) -> Result<Array2<f64>> {
    let decibels = stats.epoch_values()?.index_axis(Axis(2), 0).mapv(|power| 10.0 * power.log10());
    Ok(site_values(decibels.view(), &stats.members, arithmetic_mean))
}

/// Arithmetic mean; NaN of nothing.
pub(crate) fn arithmetic_mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// Mean of the logarithms, as a power: `exp(mean ln p)`. Powers of zero (a flat channel) have no logarithm and are left out.
pub(crate) fn geometric_mean(powers: &[f64]) -> f64 {
    let positive = powers.iter().filter(|&&p| p > 0.0);
    let (sum, n) = positive.fold((0.0, 0_usize), |(sum, n), p| (sum + p.ln(), n + 1));
    (sum / n as f64).exp()
}

#[cfg(test)]
mod tests {
    use super::*;
    use dosewave_numerics::stats;
    use ndarray::array;

    #[test]
    fn the_walk_equals_the_median_of_the_expanded_list() {
        let values = [4.0, 1.0, 3.0, 9.0, 2.0, 2.0];
        let blocks = [0, 0, 1, 1, 2, 2];
        let sorted = sorted_with_blocks(values.into_iter(), &blocks);
        for draw in [[1, 1, 1], [2, 0, 1], [0, 3, 0], [0, 1, 2], [1, 0, 0], [5, 1, 3]] {
            let mut expanded = Vec::new();
            for (value, block) in values.iter().zip(blocks) {
                expanded.extend(std::iter::repeat_n(*value, draw[block] as usize));
            }
            let weights: Vec<u32> = blocks.iter().map(|&b| draw[b]).collect();
            let median = weighted_median(&sorted, array![draw[0], draw[1], draw[2]].view());
            assert_eq!(Some(median), stats::median(&expanded), "{draw:?}");
            assert_eq!(Some(median), stats::weighted_median(&values, &weights), "{draw:?}");
        }
    }

    #[test]
    fn an_empty_draw_and_undefined_epochs() {
        let sorted = sorted_with_blocks([f64::NAN, 2.0, 5.0].into_iter(), &[0, 1, 2]);
        assert!(weighted_median(&sorted, array![3, 0, 0].view()).is_nan());
        assert_eq!(weighted_median(&sorted, array![1, 1, 1].view()), 3.5);
    }

    #[test]
    fn sites_use_their_defined_members() {
        let units = array![[1.0, 100.0, f64::NAN], [0.0, 4.0, 9.0]];
        let members = [Members::Mean(vec![0, 1, 2]), Members::One(2), Members::Mean(vec![2])];
        let sites = site_values(units.view(), &members, geometric_mean);
        assert!((sites[[0, 0]] - 10.0).abs() < 1e-12 && (sites[[1, 0]] - 6.0).abs() < 1e-12);
        assert!(sites[[0, 1]].is_nan() && sites[[0, 2]].is_nan());
        assert_eq!(sites[[1, 1]], 9.0);
        assert_eq!(site_values(units.view(), &members, arithmetic_mean)[[1, 0]], 13.0 / 3.0);
    }
}

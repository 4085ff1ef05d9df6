//! What all pair measures share: statistics, resampling and sites.

use crate::gate::MUSCLE_FROM;
use crate::needs::bins_of;
use crate::sites::pair_sites;
use crate::{BlockStats, Members, Needs, Result, Segment, plain_counts};
use dosewave_eeg::{Band, CrossSpectra};
use dosewave_numerics::phase::{Measure, PairSums, resample_measure};
use ndarray::{Array2, ArrayView1, ArrayView2, ShapeBuilder};

/// Fewer epochs give no statistics of pairs.
const MIN_EPOCHS: usize = 10;
/// From so many epochs on the values can be trusted; our own judgement. Below, a note says so.
const ADVISED_EPOCHS: usize = 60;

/// Bands of the default configuration.
pub(crate) fn default_bands() -> [(&'static str, Band); 2] {
    [("alpha", Band::ALPHA), ("low_gamma", Band::LOW_GAMMA)]
}

/// Two channels, ten epochs, and a rate that carries the band.
pub(crate) fn needs(band: Band) -> Needs {
    Needs { min_channels: 2, min_epochs: MIN_EPOCHS, ..Needs::of_fast_band(band) }
}

/// The band itself where it reaches into the range of muscle.
pub(crate) fn muscle_band(band: Band) -> Option<Band> {
    (band.high() > MUSCLE_FROM).then_some(band)
}

/// Pair sums of each block, and the bins of `band` that the mains mask keeps.
pub(crate) fn block_stats(segment: &Segment, band: Band, measure: Measure) -> Result<BlockStats> {
    let sums = segment.block_sums(band)?;
    let freqs_hz = sums.first().map(|block| block.freqs_hz().clone()).unwrap_or_default();
    let bins = bins_of(freqs_hz.view(), band, &segment.params().mains, 1, measure.name())?;
    let sites = pair_sites(&segment.eeg_channels());
    let mut stats = BlockStats::of_pairs(segment, sums, bins, sites);
    stats.freqs_hz = freqs_hz.to_vec();
    stats.notes.extend(few_epochs(stats.n_epochs));
    Ok(stats)
}

/// A note where there are fewer epochs than advised.
pub(crate) fn few_epochs(n_epochs: usize) -> Option<String> {
    (n_epochs < ADVISED_EPOCHS).then(|| {
        format!(
            "{n_epochs} epochs; {ADVISED_EPOCHS} or more are advised, and equal numbers before and after where a measure is \
             biased"
        )
    })
}

/// `measure` of each pair for each draw, averaged over the pairs of each site where it is defined.
///
/// A pair's value is the mean over the bins of the band. Signed values (imaginary coherency) enter a mean over pairs by
/// their magnitude, since signs would cancel; a site that is one pair, `F3-P3`, keeps its sign: that of
/// `Im E[X_F3 · conj X_P3]`, positive where the first-named channel leads.
pub(crate) fn evaluate(
    measure: Measure,
    stats: &BlockStats,
    counts: ArrayView2<'_, u32>,
) -> Result<Array2<f64>> {
    stats.check_counts(counts)?;
    let blocks = block_refs(stats)?;
    let mut sites = SiteMeans::new(counts.nrows(), &stats.members, measure == Measure::Imcoh);
    for pair in 0..n_pairs(stats)? {
        let drawn = resample_measure(&blocks, pair, &stats.bins, counts, &[measure])?;
        sites.add(pair, drawn.column(0));
    }
    Ok(sites.finish())
}

/// `measure` of every pair, each block taken once, with mne-connectivity's sign (later channel first).
pub(crate) fn pair_values(measure: Measure, stats: &BlockStats) -> Result<Vec<Option<f64>>> {
    let blocks = block_refs(stats)?;
    let plain = plain_counts(stats.n_blocks);
    let value = |pair| -> Result<Option<f64>> {
        let drawn = resample_measure(&blocks, pair, &stats.bins, plain.view(), &[measure])?;
        Ok(drawn.first().copied().filter(|value| value.is_finite()))
    };
    (0..n_pairs(stats)?).map(value).collect()
}

fn block_refs(stats: &BlockStats) -> Result<Vec<&PairSums>> {
    Ok(stats.pair_sums()?.iter().map(|block| block.sums()).collect())
}

fn n_pairs(stats: &BlockStats) -> Result<usize> {
    Ok(stats.pair_sums()?.first().map_or(0, |block: &std::sync::Arc<CrossSpectra>| block.pairs().len()))
}

/// Means over pairs, filled pair by pair so that `[draw, pair]` never stands in memory.
pub(crate) struct SiteMeans {
    sums: Array2<f64>,
    defined: Array2<u32>,
    /// Sites of each pair, and whether the site is that pair alone.
    sites_of_pair: Vec<Vec<(usize, bool)>>,
    signed: bool,
}

impl SiteMeans {
    pub(crate) fn new(n_draws: usize, members: &[Members], signed: bool) -> Self {
        let mut sites_of_pair: Vec<Vec<(usize, bool)>> = Vec::new();
        let mut note = |pair: usize, site, alone| {
            if sites_of_pair.len() <= pair {
                sites_of_pair.resize(pair + 1, Vec::new());
            }
            sites_of_pair[pair].push((site, alone));
        };
        for (site, member) in members.iter().enumerate() {
            match member {
                Members::One(pair) => note(*pair, site, true),
                Members::Mean(pairs) => pairs.iter().for_each(|&pair| note(pair, site, false)),
            }
        }
        // the draws of a site stand side by side
        let shape = (n_draws, members.len()).f();
        Self { sums: Array2::zeros(shape), defined: Array2::zeros(shape), sites_of_pair, signed }
    }

    pub(crate) fn add(&mut self, pair: usize, drawn: ArrayView1<'_, f64>) {
        for &(site, alone) in self.sites_of_pair.get(pair).into_iter().flatten() {
            let cells = self.sums.column_mut(site).into_iter().zip(self.defined.column_mut(site));
            for ((sum, defined), &value) in cells.zip(drawn).filter(|(_, value)| value.is_finite()) {
                // sums hold (later, earlier); the site's name says earlier-later, so its sign is the other one
                let value = match (self.signed, alone) {
                    (true, true) => -value,
                    (true, false) => value.abs(),
                    (false, _) => value,
                };
                *sum += value;
                *defined += 1;
            }
        }
    }

    /// `[draw, site]`, NaN where no pair was defined.
    pub(crate) fn finish(self) -> Array2<f64> {
        self.sums / self.defined.mapv(f64::from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn means_skip_undefined_pairs_and_stay_missing_without_any() {
        let members = [Members::Mean(vec![0, 1]), Members::One(1)];
        let mut means = SiteMeans::new(2, &members, false);
        means.add(0, array![0.2, 0.4].view());
        means.add(1, array![0.6, f64::NAN].view());
        let sites = means.finish();
        assert!((sites[[0, 0]] - 0.4).abs() < 1e-15 && (sites[[1, 0]] - 0.4).abs() < 1e-15);
        assert!((sites[[0, 1]] - 0.6).abs() < 1e-15 && sites[[1, 1]].is_nan());
    }

    #[test]
    fn signs_do_not_cancel_in_a_mean_and_follow_the_name_at_a_pair() {
        let members = [Members::Mean(vec![0, 1]), Members::One(0)];
        let mut means = SiteMeans::new(1, &members, true);
        means.add(0, array![0.3].view());
        means.add(1, array![-0.3].view());
        assert_eq!(means.finish(), array![[0.3, -0.3]]);
    }
}

//! Envelopes of pairs of channels: sums over blocks, and their correlation for draws of blocks.

use crate::chains::{Chain, Chains};
use crate::connectivity::{SiteMeans, few_epochs};
use crate::sites::{lower_triangle, pair_sites};
use crate::{BlockStats, EnvelopeBlock, Error, Result, Segment, plain_counts};
use dosewave_eeg::coupling::{BlockEnvelopes, Stretch, envelope_blocks};
use dosewave_numerics::envelope::{EnvelopeMoments, resample_envelope_correlation};
use dosewave_numerics::filter::FirDesign;
use ndarray::{Array2, ArrayView2};
use std::ops::Range;
use std::sync::Arc;

/// Shortest piece of a block that has an envelope, samples.
const SHORTEST: usize = 2;

/// Sums of the envelopes of all pairs over each block. Epochs that follow each other without a gap are joined first; what the
/// filter's ends reach is left out.
pub(crate) fn block_stats(segment: &Segment, params: &BlockEnvelopes, kind: &str) -> Result<BlockStats> {
    let sfreq = segment.epochs().sfreq().0;
    let (low, high) = (params.band.low().0, params.band.high().0);
    let design = FirDesign { high_pass_hz: Some(low), low_pass_hz: Some(high) };
    let reach = design.coefficients(sfreq)?.len() / 2;
    let chains = Chains::new(segment);
    let block_of = block_of_epochs(segment);
    let stretches: Vec<Stretch> = chains
        .all
        .iter()
        .filter(|chain| chain.n_times > 2 * reach + SHORTEST)
        .map(|chain| Stretch {
            samples_uv: samples(segment, &chains, chain),
            parts: parts(chain, reach, chains.hop, &block_of),
        })
        .collect();
    if stretches.is_empty() {
        let seconds = (2 * reach + SHORTEST + 1) as f64 / sfreq;
        let what = format!(
            "no {seconds:.2} s of clean epochs without a gap, as long as the filter of {} reaches",
            params.band
        );
        return Err(Error::Needs { marker: kind.to_owned(), what });
    }
    let order: Vec<usize> = (0..segment.eeg().len()).collect();
    let moments = envelope_blocks(stretches, segment.blocks().len(), sfreq, &lower_triangle(&order), params)?;
    let blocks = moments.into_iter().zip(segment.blocks());
    let blocks = blocks.map(|(moments, epochs)| Arc::new(EnvelopeBlock { moments, n_epochs: epochs.len() }));
    let mut stats = BlockStats::of_envelopes(segment, blocks.collect(), pair_sites(&segment.eeg_channels()));
    stats.freqs_hz = vec![low, high];
    stats.notes.extend(few_epochs(stats.n_epochs));
    Ok(stats)
}

/// The correlation of each pair for each draw, averaged over the pairs of each site where it is defined.
pub(crate) fn evaluate(
    stats: &BlockStats,
    counts: ArrayView2<'_, u32>,
    absolute: bool,
) -> Result<Array2<f64>> {
    stats.check_counts(counts)?;
    let blocks = moments(stats)?;
    let mut sites = SiteMeans::plain(counts.nrows(), &stats.members);
    for pair in 0..n_pairs(&blocks) {
        sites.add(pair, resample_envelope_correlation(&blocks, pair, counts, absolute)?.view());
    }
    Ok(sites.finish())
}

/// The correlation of every pair, each block taken once.
pub(crate) fn pair_values(stats: &BlockStats, absolute: bool) -> Result<Vec<Option<f64>>> {
    let blocks = moments(stats)?;
    let plain = plain_counts(stats.n_blocks);
    let value = |pair| -> Result<Option<f64>> {
        let drawn = resample_envelope_correlation(&blocks, pair, plain.view(), absolute)?;
        Ok(drawn.first().copied().filter(|value| value.is_finite()))
    };
    (0..n_pairs(&blocks)).map(value).collect()
}

fn moments(stats: &BlockStats) -> Result<Vec<&EnvelopeMoments>> {
    Ok(stats.envelope_blocks()?.iter().map(|block| &block.moments).collect())
}

fn n_pairs(blocks: &[&EnvelopeMoments]) -> usize {
    blocks.first().map_or(0, |block| block.pairs().len())
}

fn block_of_epochs(segment: &Segment) -> Vec<usize> {
    let mut block_of = vec![0; segment.epochs().n_epochs()];
    for (block, epochs) in segment.blocks().iter().enumerate() {
        for &epoch in epochs {
            block_of[epoch] = block;
        }
    }
    block_of
}

/// `[EEG channel, time]` of a chain.
fn samples(segment: &Segment, chains: &Chains, chain: &Chain) -> Array2<f64> {
    let mut all = Array2::zeros((segment.eeg().len(), chain.n_times));
    for (mut row, &channel) in all.outer_iter_mut().zip(segment.eeg()) {
        row.assign(&chains.samples(segment, chain, channel));
    }
    all
}

/// The samples of each block that are looked at, one range per block.
fn parts(chain: &Chain, reach: usize, hop: usize, block_of: &[usize]) -> Vec<(usize, Range<usize>)> {
    let mut parts: Vec<(usize, Range<usize>)> = Vec::new();
    let mut start = reach;
    for (epoch, n_times) in chain.times_of_epochs(reach, hop) {
        let (block, end) = (block_of[epoch], start + n_times);
        match parts.last_mut().filter(|(last, _)| *last == block) {
            Some((_, range)) => range.end = end,
            None => parts.push((block, start..end)),
        }
        start = end;
    }
    parts.retain(|(_, range)| range.len() >= SHORTEST);
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_block_has_one_range_and_no_sample_is_in_two() {
        let chain = Chain { epochs: 1..6, n_times: 500 };
        // the filter reaches over the first epoch and into the last but one
        let found = parts(&chain, 110, 100, &[0, 0, 0, 1, 1, 2]);
        assert_eq!(found, [(0, 110..200), (1, 200..390)]);
        // overlapping epochs: the last one keeps its tail
        let chain = Chain { epochs: 0..3, n_times: 250 };
        assert_eq!(parts(&chain, 10, 50, &[0, 1, 1]), [(0, 10..50), (1, 50..240)]);
    }
}

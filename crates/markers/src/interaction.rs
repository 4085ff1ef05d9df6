//! What the interaction of regions shares: the regions of the recording, and its statistics.

use crate::connectivity::{self, block_stats_at};
use crate::sites::Sites;
use crate::{BlockStats, Error, Members, Needs, Result, Segment};
use dosewave_eeg::coupling::{GroupPairs, resample_group_interaction};
use dosewave_eeg::{Band, Channel, CrossSpectra, Region};
use dosewave_numerics::phase::Interaction;
use ndarray::{Array2, ArrayView2};

/// Epochs that there must be for each channel of a region; our own judgement. With fewer the weights of the channels
/// follow the noise.
const EPOCHS_PER_CHANNEL: usize = 2;

pub(crate) fn needs(band: Band) -> Needs {
    connectivity::needs(band)
}

/// Pair sums of each block, and the pairs of two different regions.
pub(crate) fn block_stats(segment: &Segment, band: Band, kind: &str) -> Result<BlockStats> {
    let channels = segment.eeg_channels();
    let regions = regions_of(channels.iter().copied().enumerate());
    let missing = |what: String| Err(Error::Needs { marker: kind.to_owned(), what });
    if regions.len() < 2 {
        return missing(format!(
            "channels of {} region(s) of the head, at least 2 needed; name the channels by the 10-05 system",
            regions.len()
        ));
    }
    let n_epochs = segment.epochs().n_epochs();
    if let Some((region, inside)) =
        regions.iter().find(|(_, inside)| n_epochs < EPOCHS_PER_CHANNEL * inside.len())
    {
        return missing(format!(
            "{n_epochs} clean epochs, at least {} needed for the {} channels of the {} region; widen the window or shorten \
             the epochs",
            EPOCHS_PER_CHANNEL * inside.len(),
            inside.len(),
            region.name()
        ));
    }
    let pairs = pairs_of(regions.len());
    let mut sites =
        Sites { names: vec!["global".to_owned()], members: vec![Members::Mean((0..pairs.len()).collect())] };
    for (k, (a, b)) in pairs.into_iter().enumerate() {
        sites.names.push(format!("{}-{}", regions[a].0.name(), regions[b].0.name()));
        sites.members.push(Members::One(k));
    }
    block_stats_at(segment, band, kind, sites)
}

/// The interaction of each pair of regions for each draw, and their mean over the head where they are defined.
pub(crate) fn evaluate(
    wanted: Interaction,
    stats: &BlockStats,
    counts: ArrayView2<'_, u32>,
) -> Result<Array2<f64>> {
    stats.check_counts(counts)?;
    let blocks: Vec<&CrossSpectra> = stats.pair_sums()?.iter().map(AsRef::as_ref).collect();
    let channels = blocks.first().map(|block| block.channels());
    let mut used: Vec<usize> =
        blocks.iter().take(1).flat_map(|block| block.pairs()).flat_map(|(x, y)| [*x, *y]).collect();
    used.sort_unstable();
    used.dedup();
    let regions = regions_of(used.into_iter().filter_map(|i| Some((i, channels?.get(i)?))));
    let connections = GroupPairs {
        pairs: pairs_of(regions.len()),
        groups: regions.into_iter().map(|(_, inside)| inside).collect(),
    };
    let drawn = resample_group_interaction(&blocks, counts, &stats.bins, wanted, &connections)?;
    let mut means = connectivity::SiteMeans::plain(counts.nrows(), &stats.members);
    for (pair, values) in drawn.columns().into_iter().enumerate() {
        means.add(pair, values);
    }
    Ok(means.finish())
}

/// Regions that have a channel, front to back, with the numbers of their channels.
fn regions_of<'a>(channels: impl Iterator<Item = (usize, &'a Channel)> + Clone) -> Vec<(Region, Vec<usize>)> {
    let inside = |region: Region| {
        let of = channels.clone().filter(|(_, channel)| Region::of(channel) == Some(region));
        (region, of.map(|(i, _)| i).collect::<Vec<usize>>())
    };
    Region::ALL.into_iter().map(inside).filter(|(_, inside)| !inside.is_empty()).collect()
}

fn pairs_of(n_regions: usize) -> Vec<(usize, usize)> {
    (0..n_regions).flat_map(|a| (a + 1..n_regions).map(move |b| (a, b))).collect()
}

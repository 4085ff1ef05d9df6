//! What all pair measures share: statistics, resampling and sites.

use crate::gate::MUSCLE_FROM;
use crate::needs::bins_of;
use crate::sites::{Sites, directed_pair_sites, pair_sites};
use crate::{BlockStats, Error, Members, Needs, Result, Segment, plain_counts};
use dosewave_eeg::{Band, Channel, CrossSpectra, Region};
use dosewave_numerics::phase::{Measure, PairSums, resample_measure};
use ndarray::{Array2, ArrayView1, ArrayView2, ShapeBuilder};
use std::sync::Arc;

/// Fewer epochs give no statistics of pairs.
const MIN_EPOCHS: usize = 10;
/// From so many epochs on the values can be trusted; our own judgement. Below, a note says so.
const ADVISED_EPOCHS: usize = 60;

/// Bands of the default configuration.
pub(crate) fn default_bands() -> [(&'static str, Band); 2] {
    [("alpha", Band::ALPHA), ("low_gamma", Band::LOW_GAMMA)]
}

/// Bands in which a measure can be asked for by name.
pub(crate) fn offered_bands() -> [(&'static str, Band); 5] {
    [
        ("theta", Band::THETA),
        ("alpha", Band::ALPHA),
        ("beta", Band::BETA),
        ("low_gamma", Band::LOW_GAMMA),
        ("high_gamma", Band::HIGH_GAMMA),
    ]
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
    let mut stats = labelled(segment, sums, freqs_hz.view(), band, measure)?;
    stats.notes.extend(few_epochs(stats.n_epochs));
    Ok(stats)
}

/// The statistics of one block that is still to be filled in ([`BlockStats::with_sums`]); `None` where the channels give the
/// measure no site.
pub(crate) fn stats_without_sums(
    segment: &Segment,
    band: Band,
    measure: Measure,
) -> Result<Option<BlockStats>> {
    let freqs_hz = segment.pair_freqs_hz(band)?;
    match labelled(segment, Vec::new(), freqs_hz.view(), band, measure) {
        Ok(stats) => Ok(Some(stats)),
        Err(Error::Needs { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

fn labelled(
    segment: &Segment,
    sums: Vec<Arc<CrossSpectra>>,
    freqs_hz: ArrayView1<'_, f64>,
    band: Band,
    measure: Measure,
) -> Result<BlockStats> {
    let channels = segment.eeg_channels();
    let sites = match Direction::of(measure) {
        Direction::Leader => directed_pair_sites(&channels),
        Direction::None | Direction::Sign => pair_sites(&channels),
    };
    if sites.names.is_empty() {
        let what =
            "two regions of the head, or at most eight channels: a direction has no mean inside a region"
                .into();
        return Err(Error::Needs { marker: measure.name().to_owned(), what });
    }
    with_sites(segment, sums, freqs_hz, (band, measure.name()), sites)
}

/// Pair sums with the bins of a band that the mains mask keeps.
fn with_sites(
    segment: &Segment,
    sums: Vec<Arc<CrossSpectra>>,
    freqs_hz: ArrayView1<'_, f64>,
    (band, kind): (Band, &str),
    sites: Sites,
) -> Result<BlockStats> {
    let bins = bins_of(freqs_hz, band, &segment.params().mains, 1, kind)?;
    let mut stats = BlockStats::of_pairs(segment, sums, bins, sites);
    stats.freqs_hz = freqs_hz.to_vec();
    Ok(stats)
}

/// Pair sums of each block for a marker `kind` whose sites are not pairs.
pub(crate) fn block_stats_at(segment: &Segment, band: Band, kind: &str, sites: Sites) -> Result<BlockStats> {
    let sums = segment.block_sums(band)?;
    let freqs_hz = sums.first().map(|block| block.freqs_hz().clone()).unwrap_or_default();
    let mut stats = with_sites(segment, sums, freqs_hz.view(), (band, kind), sites)?;
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
/// A pair's value is the mean over the bins of the band. The directed phase-lag index is turned so that the site's first name
/// is the leader. Signed values (imaginary coherency) enter a mean over pairs by
/// their magnitude, since signs would cancel; a site that is one pair, `F3-P3`, keeps its sign: that of
/// `Im E[X_F3 · conj X_P3]`, positive where the first-named channel leads.
pub(crate) fn evaluate(
    measure: Measure,
    stats: &BlockStats,
    counts: ArrayView2<'_, u32>,
) -> Result<Array2<f64>> {
    stats.check_counts(counts)?;
    let blocks = block_refs(stats)?;
    let mut sites = SiteMeans::new(counts.nrows(), stats, measure)?;
    if let ([block], true) = (&blocks[..], counts == plain_counts(1)) {
        // a window of a time course, of which there are many
        for (pair, value) in block.mean_over(measure, &stats.bins).iter().enumerate() {
            sites.add(pair, ArrayView1::from(std::slice::from_ref(value)));
        }
        return Ok(sites.finish());
    }
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

pub(crate) fn block_refs(stats: &BlockStats) -> Result<Vec<&PairSums>> {
    Ok(stats.pair_sums()?.iter().map(|block| block.sums()).collect())
}

pub(crate) fn n_pairs(stats: &BlockStats) -> Result<usize> {
    Ok(stats.pair_sums()?.first().map_or(0, |block: &Arc<CrossSpectra>| block.pairs().len()))
}

/// What the order of a pair does to a measure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Direction {
    /// Nothing.
    None,
    /// It turns the sign.
    Sign,
    /// It turns `v` into `1 − v`.
    Leader,
}

impl Direction {
    fn of(measure: Measure) -> Self {
        match measure {
            Measure::Imcoh => Self::Sign,
            Measure::Dpli => Self::Leader,
            _ => Self::None,
        }
    }
}

/// How a pair enters a site.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    As,
    Magnitude,
    Turned,
}

/// Means over pairs, filled pair by pair so that `[draw, pair]` never stands in memory.
pub(crate) struct SiteMeans {
    sums: Array2<f64>,
    defined: Array2<u32>,
    /// Sites of each pair, and how it enters them.
    sites_of_pair: Vec<Vec<(usize, Part)>>,
    direction: Direction,
}

impl SiteMeans {
    /// Plain means over the members of each site.
    pub(crate) fn plain(n_draws: usize, members: &[Members]) -> Self {
        let of = |member: &Members| match member {
            Members::One(pair) => vec![*pair],
            Members::Mean(pairs) => pairs.clone(),
        };
        let pairs_of_sites: Vec<Vec<usize>> = members.iter().map(of).collect();
        let n_pairs = pairs_of_sites.iter().flatten().map(|pair| pair + 1).max().unwrap_or(0);
        let mut sites_of_pair: Vec<Vec<(usize, Part)>> = vec![Vec::new(); n_pairs];
        for (site, pairs) in pairs_of_sites.iter().enumerate() {
            for &pair in pairs {
                sites_of_pair[pair].push((site, Part::As));
            }
        }
        // the draws of a site stand side by side
        let shape = (n_draws, members.len()).f();
        let direction = Direction::None;
        Self { sums: Array2::zeros(shape), defined: Array2::zeros(shape), sites_of_pair, direction }
    }

    fn new(n_draws: usize, stats: &BlockStats, measure: Measure) -> Result<Self> {
        let direction = Direction::of(measure);
        let mut sites_of_pair: Vec<Vec<(usize, Part)>> = vec![Vec::new(); n_pairs(stats)?];
        let pairs = stats.pair_sums()?.first().map_or(&[][..], |block| block.pairs());
        for (site, (member, name)) in stats.members.iter().zip(&stats.sites).enumerate() {
            let (pairs_of_site, alone) = match member {
                Members::One(pair) => (std::slice::from_ref(pair), true),
                Members::Mean(pairs) => (&pairs[..], false),
            };
            for &pair in pairs_of_site {
                let first = pairs.get(pair).and_then(|&(later, _)| stats.channels.get(later));
                let part = part(direction, alone, name, first.map_or("", String::as_str));
                if let Some(sites) = sites_of_pair.get_mut(pair) {
                    sites.push((site, part));
                }
            }
        }
        // the draws of a site stand side by side
        let shape = (n_draws, stats.members.len()).f();
        Ok(Self { sums: Array2::zeros(shape), defined: Array2::zeros(shape), sites_of_pair, direction })
    }

    pub(crate) fn add(&mut self, pair: usize, drawn: ArrayView1<'_, f64>) {
        for &(site, part) in self.sites_of_pair.get(pair).into_iter().flatten() {
            let cells = self.sums.column_mut(site).into_iter().zip(self.defined.column_mut(site));
            for ((sum, defined), &value) in cells.zip(drawn).filter(|(_, value)| value.is_finite()) {
                *sum += match (part, self.direction) {
                    (Part::As, _) => value,
                    (Part::Magnitude, _) => value.abs(),
                    (Part::Turned, Direction::Leader) => 1.0 - value,
                    (Part::Turned, _) => -value,
                };
                *defined += 1;
            }
        }
    }

    /// `[draw, site]`, NaN where no pair was defined.
    pub(crate) fn finish(self) -> Array2<f64> {
        self.sums / self.defined.mapv(f64::from)
    }
}

/// How a pair, whose sums hold its later channel `first`, enters a site.
///
/// The name of a single pair says the earlier channel first, so it is turned. A pair of regions is `frontal-parietal`: a
/// pair is turned where its first channel is not in the first region.
fn part(direction: Direction, alone: bool, site: &str, first: &str) -> Part {
    match (direction, alone) {
        (Direction::None, _) => Part::As,
        (Direction::Sign, false) => Part::Magnitude,
        (Direction::Sign | Direction::Leader, true) => Part::Turned,
        (Direction::Leader, false) => {
            let region = Region::of(&Channel::from_name(first)).map_or("", Region::name);
            if site.split('-').next() == Some(region) { Part::As } else { Part::Turned }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    fn means(members: &[Members], parts: &[(usize, usize, Part)], direction: Direction) -> SiteMeans {
        let n_pairs = parts.iter().map(|(pair, ..)| pair + 1).max().unwrap_or(0);
        let mut sites_of_pair = vec![Vec::new(); n_pairs];
        for &(pair, site, part) in parts {
            sites_of_pair[pair].push((site, part));
        }
        let shape = (if direction == Direction::None { 2 } else { 1 }, members.len()).f();
        SiteMeans { sums: Array2::zeros(shape), defined: Array2::zeros(shape), sites_of_pair, direction }
    }

    #[test]
    fn means_skip_undefined_pairs_and_stay_missing_without_any() {
        let members = [Members::Mean(vec![0, 1]), Members::One(1)];
        let parts = [(0, 0, Part::As), (1, 0, Part::As), (1, 1, Part::As)];
        let mut means = means(&members, &parts, Direction::None);
        means.add(0, array![0.2, 0.4].view());
        means.add(1, array![0.6, f64::NAN].view());
        let sites = means.finish();
        assert!((sites[[0, 0]] - 0.4).abs() < 1e-15 && (sites[[1, 0]] - 0.4).abs() < 1e-15);
        assert!((sites[[0, 1]] - 0.6).abs() < 1e-15 && sites[[1, 1]].is_nan());
    }

    #[test]
    fn signs_do_not_cancel_in_a_mean_and_follow_the_name_at_a_pair() {
        assert_eq!(part(Direction::Sign, false, "global", "P3"), Part::Magnitude);
        assert_eq!(part(Direction::Sign, true, "F3-P3", "P3"), Part::Turned);
        let members = [Members::Mean(vec![0, 1]), Members::One(0)];
        let parts = [(0, 0, Part::Magnitude), (1, 0, Part::Magnitude), (0, 1, Part::Turned)];
        let mut means = means(&members, &parts, Direction::Sign);
        means.add(0, array![0.3].view());
        means.add(1, array![-0.3].view());
        assert_eq!(means.finish(), array![[0.3, -0.3]]);
    }

    #[test]
    fn the_leader_is_the_site_s_first_name() {
        assert_eq!(part(Direction::Leader, true, "F3-P3", "P3"), Part::Turned);
        assert_eq!(part(Direction::Leader, false, "frontal-parietal", "P3"), Part::Turned);
        assert_eq!(part(Direction::Leader, false, "frontal-parietal", "EEG F3-REF"), Part::As);
        let parts = [(0, 0, Part::Turned), (1, 0, Part::As)];
        let mut means = means(&[Members::Mean(vec![0, 1])], &parts, Direction::Leader);
        means.add(0, array![0.25].view());
        means.add(1, array![0.25].view());
        assert_eq!(means.finish(), array![[0.5]]);
    }
}

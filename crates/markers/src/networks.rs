//! What all measures of a network share: the network of debiased wPLI, its thresholds, its sites.

use crate::connectivity::{block_refs, block_stats_at, n_pairs};
use crate::sites::{Sites, channel_sites, lower_triangle};
use crate::{BlockStats, Error, Members, Needs, Result, Segment, connectivity, plain_counts};
use dosewave_eeg::{Band, GraphParams, NetworkMeasure, network_sweep};
use dosewave_numerics::phase::{Measure, resample_measure};
use ndarray::{Array2, ArrayView1, ArrayView2, ArrayViewMut1, Axis};

/// Fewer channels make no network worth measuring; our own judgement. At a tenth of their edges 16 have 12.
const MIN_CHANNELS: usize = 16;
/// Most thresholds of a sweep.
const MOST_DENSITIES: usize = 50;
/// Most graphs of the same degrees.
const MOST_NULLS: u32 = 100_000;
/// Edges × draws that are in memory at a time.
const VALUES_AT_ONCE: usize = 1 << 20;

/// Shares of the edges that are kept: 10 to 30 % in steps of 5 %.
pub(crate) const DENSITIES: [f64; 5] = [0.1, 0.15, 0.2, 0.25, 0.3];

/// A measure of the network, and how it is computed.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Sweep {
    pub(crate) measure: NetworkMeasure,
    pub(crate) densities: Vec<f64>,
    /// Of nulls and of the search for communities.
    pub(crate) seed: u64,
    /// Graphs of the same degrees behind a value.
    pub(crate) n_nulls: u32,
    /// The same behind each draw of blocks.
    pub(crate) n_nulls_drawn: u32,
}

impl Sweep {
    pub(crate) fn new(measure: NetworkMeasure, densities: &[f64]) -> Self {
        Self { measure, densities: densities.to_vec(), seed: 0, n_nulls: 0, n_nulls_drawn: 0 }
    }

    /// What is wrong with its parameters.
    pub(crate) fn check(&self) -> std::result::Result<(), String> {
        let densities = &self.densities;
        let ascend = densities.windows(2).all(|pair| pair[0] < pair[1]);
        let inside = densities.iter().all(|density| *density > 0.0 && *density <= 1.0);
        if !(ascend && inside && (1..=MOST_DENSITIES).contains(&densities.len())) {
            return Err(format!(
                "densities = {densities:?}; they must be 1 to {MOST_DENSITIES} shares above 0 and at most 1, ascending"
            ));
        }
        let nulls = [("n_nulls", self.n_nulls), ("n_nulls_drawn", self.n_nulls_drawn)];
        match nulls.into_iter().find(|(_, n)| !(1..=MOST_NULLS).contains(n)) {
            Some((name, n)) if self.measure == NetworkMeasure::SmallWorldness => {
                Err(format!("{name} = {n}; it must be 1 to {MOST_NULLS}"))
            }
            _ => Ok(()),
        }
    }

    pub(crate) fn needs(band: Band) -> Needs {
        Needs { min_channels: MIN_CHANNELS, ..connectivity::needs(band) }
    }

    /// Pair sums of each block. Nodes have sites of their own where the measure has values of nodes.
    pub(crate) fn block_stats(&self, segment: &Segment, band: Band, kind: &str) -> Result<BlockStats> {
        let channels = segment.eeg_channels();
        let sites = if self.measure.has_nodes() {
            channel_sites(&channels)
        } else {
            Sites { names: vec!["global".to_owned()], members: vec![Members::One(0)] }
        };
        let possible = (channels.len() * (channels.len() - 1) / 2) as f64;
        let (lowest, highest) = (self.densities[0], self.densities[self.densities.len() - 1]);
        if (lowest * possible).round() < 1.0 {
            let what = format!(
                "a density of {lowest} keeps no edge of {} channels; raise the lowest density",
                channels.len()
            );
            return Err(Error::Needs { marker: kind.to_owned(), what });
        }
        let mut stats = block_stats_at(segment, band, kind, sites)?;
        let plain = plain_counts(stats.n_blocks);
        let network = networks(&stats, plain.view())?.pop().flatten();
        let there = network.map(|network| network.iter().filter(|weight| **weight > 0.0).count() / 2);
        let asked = (highest * possible).round() as usize;
        if let Some(there) = there.filter(|there| *there < asked) {
            stats.notes.push(format!(
                "{there} pairs have a debiased wPLI above 0, fewer than the {asked} edges of a density of {highest}: the \
                 network is thinner than asked"
            ));
        }
        Ok(stats)
    }

    /// The measure for each draw, averaged over the nodes of each site.
    pub(crate) fn evaluate(&self, stats: &BlockStats, counts: ArrayView2<'_, u32>) -> Result<Array2<f64>> {
        stats.check_counts(counts)?;
        let mut values = Array2::from_elem((counts.nrows(), stats.sites.len()), f64::NAN);
        let at_once = (VALUES_AT_ONCE / n_pairs(stats)?.max(1)).max(1);
        let lots = values.axis_chunks_iter_mut(Axis(0), at_once);
        for (mut values, counts) in lots.zip(counts.axis_chunks_iter(Axis(0), at_once)) {
            let (plain, drawn): (Vec<_>, Vec<_>) = networks(stats, counts)?
                .into_iter()
                .enumerate()
                .filter_map(|(draw, network)| Some((draw, network?)))
                .partition(|(draw, _)| counts.row(*draw).iter().all(|count| *count == 1));
            // draws in which each block stands once are the value itself, and have the most nulls
            for (networks, n_nulls) in [(plain, self.n_nulls), (drawn, self.n_nulls_drawn)] {
                let (draws, networks): (Vec<usize>, Vec<Array2<f64>>) = networks.into_iter().unzip();
                let params = GraphParams { densities: self.densities.clone(), n_nulls, seed: self.seed };
                let found = network_sweep(&networks, self.measure, &params)?;
                for (draw, nodes) in draws.into_iter().zip(found.outer_iter()) {
                    self.fill_sites(stats, nodes, values.row_mut(draw));
                }
            }
        }
        Ok(values)
    }

    fn fill_sites(&self, stats: &BlockStats, nodes: ArrayView1<'_, f64>, mut values: ArrayViewMut1<'_, f64>) {
        let places = places(&stats.channels);
        let at = |channel: &usize| if self.measure.has_nodes() { nodes[places[*channel]] } else { nodes[0] };
        for (value, members) in values.iter_mut().zip(&stats.members) {
            *value = match members {
                Members::One(channel) => at(channel),
                Members::Mean(channels) => channels.iter().map(at).sum::<f64>() / channels.len() as f64,
            };
        }
    }
}

/// The node of each channel. Nodes are in the order of their names: where edges are equal, and in what is drawn by lot, the
/// order of nodes matters, and that of a recording's channels must not.
fn places(channels: &[String]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..channels.len()).collect();
    order.sort_by_key(|&channel| &channels[channel]);
    let mut places = vec![0; channels.len()];
    order.into_iter().enumerate().for_each(|(place, channel)| places[channel] = place);
    places
}

/// The network of each draw `[node, node]`: the debiased wPLI of each pair, 0 where it is below 0 or undefined. `None` where
/// a node has no defined pair: a channel is silent, or nothing was drawn.
fn networks(stats: &BlockStats, counts: ArrayView2<'_, u32>) -> Result<Vec<Option<Array2<f64>>>> {
    let blocks = block_refs(stats)?;
    let n_nodes = stats.channels.len();
    let places = places(&stats.channels);
    let mut networks = vec![Array2::from_elem((n_nodes, n_nodes), f64::NAN); counts.nrows()];
    for (pair, (i, j)) in lower_triangle(&places).into_iter().enumerate() {
        let drawn = resample_measure(&blocks, pair, &stats.bins, counts, &[Measure::Wpli2Debiased])?;
        for (network, value) in networks.iter_mut().zip(drawn.column(0)) {
            network[[i, j]] = *value;
            network[[j, i]] = *value;
        }
    }
    let cut = |mut network: Array2<f64>| {
        let is_silent = network.outer_iter().any(|row| row.iter().all(|weight| !weight.is_finite()));
        network.mapv_inplace(|weight| if weight > 0.0 { weight } else { 0.0 });
        (!is_silent).then_some(network)
    };
    Ok(networks.into_iter().map(cut).collect())
}

//! Symbolic transfer entropy between front and back of the head, window by window.

use crate::aggregate::{arithmetic_mean, means, site_values};
use crate::chains::{Chain, Chains};
use crate::sites::{EVERY_PAIR_UP_TO, Sites};
use crate::{BlockStats, Error, Members, Needs, Result, Segment};
use dosewave_eeg::{Band, Region, Seconds, SymbolicParams, symbolic_transfer_entropy};
use dosewave_numerics::directed::Shuffle;
use ndarray::{Array2, Array3, ArrayView2};

/// Fewer steps from one pattern to the next are left out; our own judgement: there are 216 triples of patterns to count.
const MIN_STEPS: usize = 500;
/// Samples in a pattern, as published.
const DIM: usize = 3;

/// Which way information goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Direction {
    /// Frontal to parietal.
    Feedback,
    /// Parietal to frontal.
    Feedforward,
}

/// How it is estimated.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Nste {
    pub(crate) delay_ms: f64,
    pub(crate) prediction_ms: f64,
    pub(crate) n_shuffles: usize,
    pub(crate) seed: u64,
}

impl Nste {
    pub(crate) fn check(&self) -> std::result::Result<(), String> {
        for (name, value) in [("delay_ms", self.delay_ms), ("prediction_ms", self.prediction_ms)] {
            if !(value.is_finite() && value > 0.0 && value <= 500.0) {
                return Err(format!("{name} = {value}; it must be above 0 and at most 500 ms"));
            }
        }
        if (1..=1000).contains(&self.n_shuffles) {
            return Ok(());
        }
        Err(format!(
            "n_shuffles = {}; it must be 1 to 1000: without shuffles the bias stays in",
            self.n_shuffles
        ))
    }

    pub(crate) fn needs() -> Needs {
        Needs { min_channels: 2, min_duration: Seconds(30.0), ..Needs::of_band(Band::BETA) }
    }

    /// Normalised values `[epoch, pair, 1]`: every epoch has that of its block, NaN where the block is too short.
    pub(crate) fn block_stats(
        &self,
        segment: &Segment,
        direction: Direction,
        kind: &str,
    ) -> Result<BlockStats> {
        let (used, connections) = connections(segment, direction, kind)?;
        let chains = Chains::new(segment);
        let sfreq = segment.epochs().sfreq().0;
        let samples = |ms: f64| ((ms * 1e-3 * sfreq).round() as usize).max(1);
        let (delay, horizon) = (samples(self.delay_ms), samples(self.prediction_ms));
        let reach = (DIM - 1) * delay + horizon;
        let mut windows: Vec<(usize, Vec<Array2<f64>>)> = Vec::new();
        for (block, epochs) in segment.blocks().iter().enumerate() {
            let runs = chains.within(segment, epochs);
            let steps: usize = runs.iter().map(|run| run.n_times.saturating_sub(reach)).sum();
            if steps >= MIN_STEPS {
                windows
                    .push((block, runs.iter().map(|run| samples_of(&chains, segment, run, &used)).collect()));
            }
        }
        if windows.is_empty() {
            let what = format!(
                "no block of clean EEG holds {MIN_STEPS} steps of patterns ({:.1} s); widen the window or the blocks",
                (MIN_STEPS + reach) as f64 / sfreq
            );
            return Err(Error::Needs { marker: kind.to_owned(), what });
        }
        let views: Vec<Vec<ArrayView2<'_, f64>>> =
            windows.iter().map(|(_, runs)| runs.iter().map(|run| run.view()).collect()).collect();
        let params = SymbolicParams {
            dim: DIM,
            delay,
            horizon,
            n_shuffles: self.n_shuffles,
            shuffle: Shuffle::Shift,
            seed: self.seed,
        };
        let found = symbolic_transfer_entropy(&views, &connections, &params)?;
        let mut values = Array3::from_elem((segment.epochs().n_epochs(), connections.len(), 1), f64::NAN);
        for (window, (block, _)) in windows.iter().enumerate() {
            for &epoch in &segment.blocks()[*block] {
                for pair in 0..connections.len() {
                    values[[epoch, pair, 0]] = found[[pair, window]].normalised().unwrap_or(f64::NAN);
                }
            }
        }
        let mut stats = BlockStats::of_epochs(segment, values, sites(segment, &used, &connections));
        let left_out = segment.blocks().len() - windows.len();
        if left_out > 0 {
            stats
                .notes
                .push(format!("{left_out} of {} blocks are too short and left out", segment.blocks().len()));
        }
        Ok(stats)
    }
}

/// Means over the drawn blocks, each counting with its clean epochs, then over pairs.
pub(crate) fn evaluate(stats: &BlockStats, counts: ArrayView2<'_, u32>) -> Result<Array2<f64>> {
    Ok(site_values(means(stats, counts)?.view(), &stats.members, arithmetic_mean))
}

/// Places of channels among those of the scalp, and pairs of places among these.
type Connections = (Vec<usize>, Vec<(usize, usize)>);

/// The frontal and parietal channels, and every pair of one of either as places among these, source first.
fn connections(segment: &Segment, direction: Direction, kind: &str) -> Result<Connections> {
    let channels = segment.eeg_channels();
    let of = |region: Region| -> Result<Vec<usize>> {
        let inside: Vec<usize> =
            (0..channels.len()).filter(|&i| Region::of(channels[i]) == Some(region)).collect();
        if inside.is_empty() {
            let what = format!("no {} electrode; name the channels by the 10-05 system", region.name());
            return Err(Error::Needs { marker: kind.to_owned(), what });
        }
        Ok(inside)
    };
    let (frontal, parietal) = (of(Region::Frontal)?, of(Region::Parietal)?);
    let (front, back) = (0..frontal.len(), frontal.len()..frontal.len() + parietal.len());
    let pairs = front.flat_map(|f| {
        back.clone().map(move |p| match direction {
            Direction::Feedback => (f, p),
            Direction::Feedforward => (p, f),
        })
    });
    Ok(([frontal, parietal].concat(), pairs.collect()))
}

/// Each sample of a run once, `[channel, time]`.
fn samples_of(chains: &Chains, segment: &Segment, run: &Chain, used: &[usize]) -> Array2<f64> {
    let mut samples = Array2::zeros((used.len(), run.n_times));
    for (mut row, &place) in samples.outer_iter_mut().zip(used) {
        row.assign(&chains.samples(segment, run, segment.eeg()[place]));
    }
    samples
}

/// `global`, the mean over all pairs; with few channels each pair too, source first.
fn sites(segment: &Segment, used: &[usize], connections: &[(usize, usize)]) -> Sites {
    let mut names = vec!["global".to_owned()];
    let mut members = vec![Members::Mean((0..connections.len()).collect())];
    if segment.eeg().len() <= EVERY_PAIR_UP_TO {
        let label = |place: usize| &segment.labels()[used[place]];
        names.extend(connections.iter().map(|&(from, to)| format!("{}-{}", label(from), label(to))));
        members.extend((0..connections.len()).map(Members::One));
    }
    Sites { names, members }
}

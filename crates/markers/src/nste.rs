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

/// Writes the marker of one direction: the two differ in their names only.
macro_rules! nste_marker {
    ($marker:ident, $direction:ident, kind: $kind:literal, name: $name:literal, from: $from:literal, to: $to:literal) => {
        #[doc = concat!(
            $name, " connectivity: what the past of ", $from, " electrodes tells about the next of ", $to,
            " ones beyond their own past, as a share of all there is to tell; normalised symbolic transfer entropy (NSTE), a \
             pure number."
        )]
        ///
        /// ```math
        /// \mathrm{NSTE} = \frac{\mathrm{STE} - \langle \mathrm{STE}_\mathrm{shuffled} \rangle}{H(\hat y^+ | \hat y)}, \quad
        /// \mathrm{STE} = \sum p(\hat y^+, \hat y, \hat x) \log_2 \frac{p(\hat y^+ | \hat y, \hat x)}{p(\hat y^+ | \hat y)}
        /// ```
        ///
        /// Symbols are the orders of three samples, `delay_ms` apart; the target's is foretold `prediction_ms` ahead. Each block
        /// (10 s) is a window; the bias is the mean over sources turned round in time by a random amount, which keeps what a
        /// source does by itself. The value is the mean over blocks (by their clean epochs) and over all pairs of a frontal and a
        /// parietal electrode; up to eight channels each pair is a site, source first. A change is `post − baseline`; its
        /// interval is that over blocks.
        ///
        /// The effect of anaesthesia on it is small beside its spread, muscle and mixing by volume conduction move it, and delay
        /// and prediction time (20 ms) are our own judgement. It is costly and therefore not in the default set:
        #[doc = concat!("`[markers.", $kind, "]` asks for it.")]
        /// Lee et al. 2013, <https://doi.org/10.1097/ALN.0b013e31829103f5>; Staniek & Lehnertz 2008,
        /// <https://doi.org/10.1103/PhysRevLett.100.158101>.
        #[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
        #[serde(default, deny_unknown_fields)]
        pub struct $marker {
            /// Time between the samples of a pattern, ms.
            pub delay_ms: f64,
            /// How far ahead the target is foretold, ms.
            pub prediction_ms: f64,
            /// Number of shuffled sources.
            pub n_shuffles: usize,
            /// Their seed.
            pub seed: u64,
        }

        impl Default for $marker {
            fn default() -> Self {
                Self { delay_ms: 20.0, prediction_ms: 20.0, n_shuffles: 20, seed: 0 }
            }
        }

        impl $marker {
            fn nste(&self) -> $crate::nste::Nste {
                $crate::nste::Nste {
                    delay_ms: self.delay_ms,
                    prediction_ms: self.prediction_ms,
                    n_shuffles: self.n_shuffles,
                    seed: self.seed,
                }
            }
        }

        impl $crate::Marker for $marker {
            fn spec() -> $crate::Spec {
                $crate::Spec {
                    kind: $kind,
                    label: concat!($name, " transfer entropy"),
                    description: concat!(
                        "What the past of ", $from, " electrodes tells about ", $to,
                        " ones beyond their own past, in ordinal patterns, bias taken off by shifted sources, as a share of all \
                         there is to tell; mean over 10-s blocks and over all pairs. Small beside its spread; moved by muscle \
                         and volume conduction."
                    ),
                    unit: dosewave_eeg::Unit::One,
                    change: $crate::Change::Difference,
                    contaminable: true,
                    formula: r"\mathrm{NSTE} = \frac{\mathrm{STE} - \langle \mathrm{STE}_\mathrm{shuffled} \rangle}{H(\hat y^+ | \hat y)}",
                    reference: "Lee U, Ku S, Noh G, Baek S, Choi B, Mashour GA (2013). Disruption of frontal-parietal \
                                communication by ketamine, propofol, and sevoflurane. Anesthesiology 118, 1264-1275",
                    doi: "10.1097/ALN.0b013e31829103f5",
                }
            }

            fn defaults(_: $crate::BandPreset) -> Vec<(String, Self)> {
                Vec::new()
            }

            fn check(&self) -> std::result::Result<(), String> {
                self.nste().check()
            }

            fn needs(&self) -> $crate::Needs {
                $crate::nste::Nste::needs()
            }

            fn muscle_band(&self) -> Option<dosewave_eeg::Band> {
                // patterns take in all frequencies; muscle is the larger part at the upper end first
                Some(dosewave_eeg::Band::LOW_GAMMA)
            }

            fn block_stats(&self, segment: &$crate::Segment) -> $crate::Result<$crate::BlockStats> {
                self.nste().block_stats(segment, $crate::nste::Direction::$direction, $kind)
            }

            fn evaluate(
                &self,
                stats: &$crate::BlockStats,
                counts: ndarray::ArrayView2<'_, u32>,
            ) -> $crate::Result<ndarray::Array2<f64>> {
                $crate::nste::evaluate(stats, counts)
            }
        }
    };
}
pub(crate) use nste_marker;

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

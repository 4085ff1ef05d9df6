//! Share of epochs in a stage of vigilance.

use crate::aggregate::means;
use crate::markers::bin_sums;
use crate::{BandPreset, BlockStats, Change, Error, Marker, Needs, Result, Segment, Spec};
use dosewave_eeg::{Band, Hz, Region, Unit};
use ndarray::{Array2, ArrayView2, Axis};
use serde::{Deserialize, Serialize};

const KIND: &str = "vigilance";

/// A stage of vigilance, from relaxed and awake to drowsy.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Alpha dominates, most of it occipital.
    A1,
    /// Alpha dominates and has moved forward, to parietal and temporal electrodes.
    A2,
    /// Alpha dominates and is frontal.
    A3,
    /// Alpha does not dominate, nor do delta and theta: a flat, desynchronised EEG.
    #[default]
    B1,
    /// Delta and theta dominate (B2 and B3 in one).
    B23,
}

/// Vigilance: share of epochs in a stage, 0 to 1. VIGALL-like, with thresholds of our own; a covariate, not an effect.
///
/// Each epoch is given a stage by itself, from sums of its PSD over alpha (8–12 Hz), slow (2–7 Hz) and alpha with fast
/// (8–20 Hz) bins, mean over the channels of a region:
///
/// * alpha dominates (A) where it is at least `dominance` times the slow power in one of the frontal, temporal, parietal or
///   occipital regions. A1: occipital alpha is at least the parietal and the frontal one; else A2: alpha of the temporal and
///   parietal electrodes is at least 1.5 times the frontal one; else A3;
/// * otherwise (B), over all EEG channels, B2/3 where the slow power is at least `slow_dominance` times the power at 8–20 Hz;
///   else B1.
///
/// ```math
/// V_s = \frac{1}{N} \sum_{e=1}^{N} [\,\mathrm{stage}(e) = s\,]
/// ```
///
/// The shares of the five stages sum to 1. Order and topography of the A stages and the factor 1.5 follow Minkwitz et al. 2011,
/// <https://doi.org/10.1186/1744-9081-7-31>, Fig. 1, who take the power of sources (sLORETA) of 1-s segments, tell B1 from B2/3 by
/// an absolute power, and in later versions use eye movements to tell B1 from an alert, flat EEG (stage 0), which are B1 here.
/// Both ratios that stand in for absolute thresholds are our own judgement, so that stages depend neither on the amplifier nor
/// on the other epochs; they compare windows of one recording, not with published shares. All bands lie below muscle.
///
/// Default entries: `vigilance_b1` and `vigilance_a1`. Eyes closed is assumed: open eyes give B1. There is one site, `global`;
/// frontal and occipital electrodes are needed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Vigilance {
    /// `a1`, `a2`, `a3`, `b1` or `b23`.
    pub stage: Stage,
    /// Alpha dominates from this ratio to the slow power on. Our own judgement.
    pub dominance: f64,
    /// The slow power dominates from this ratio to that at 8–20 Hz on. Our own judgement.
    pub slow_dominance: f64,
}

impl Default for Vigilance {
    fn default() -> Self {
        Self { stage: Stage::B1, dominance: 1.0, slow_dominance: 3.0 }
    }
}

/// Frontal alpha times this has moved past the temporal and parietal alpha (Minkwitz et al. 2011).
const FRONTAL_FACTOR: f64 = 1.5;
const ALPHA_HZ: [f64; 2] = [8.0, 12.0];
const SLOW_HZ: [f64; 2] = [2.0, 7.0];
const FAST_HZ: [f64; 2] = [8.0, 20.0];

impl Marker for Vigilance {
    fn spec() -> Spec {
        Spec {
            kind: KIND,
            label: "Vigilance stage",
            description: "Share of epochs in a stage of vigilance, by rules like VIGALL's with thresholds of our own: A1 to A3, alpha \
                          dominates and moves from the back to the front; B1, flat and desynchronised; B2/3, delta and theta \
                          dominate. A covariate for resting markers, not an effect.",
            unit: Unit::One,
            change: Change::Difference,
            contaminable: false,
            formula: r"V_s = \frac{1}{N} \sum_{e=1}^{N} [\,\mathrm{stage}(e) = s\,]",
            reference: "Minkwitz et al. (2011). Prestimulus vigilance predicts response speed in an easy visual discrimination \
                        task. Behavioral and Brain Functions 7, 31",
            doi: "10.1186/1744-9081-7-31",
        }
    }

    fn defaults(_: BandPreset) -> Vec<(String, Self)> {
        [("vigilance_b1", Stage::B1), ("vigilance_a1", Stage::A1)]
            .map(|(name, stage)| (name.to_owned(), Self { stage, ..Self::default() }))
            .to_vec()
    }

    fn check(&self) -> std::result::Result<(), String> {
        let positive = |name: &str, value: f64| {
            let fine = value.is_finite() && value > 0.0;
            if fine { Ok(()) } else { Err(format!("{name} = {value}; it must be a positive number")) }
        };
        positive("dominance", self.dominance)?;
        positive("slow_dominance", self.slow_dominance)
    }

    fn needs(&self) -> Needs {
        let fast = Band::try_from(FAST_HZ).unwrap_or(Band::BETA);
        Needs { min_channels: 2, ..Needs::of_band(fast) }
    }

    fn block_stats(&self, segment: &Segment) -> Result<BlockStats> {
        let powers = Powers::of(segment)?;
        let n_epochs = segment.epochs().n_epochs();
        let in_stage = |(epoch, _)| match powers.stage(epoch, self.dominance, self.slow_dominance) {
            Some(stage) => f64::from(u8::from(stage == self.stage)),
            None => f64::NAN,
        };
        Ok(BlockStats::of_head(segment, Array2::from_shape_fn((n_epochs, 1), in_stage)))
    }

    fn evaluate(&self, stats: &BlockStats, counts: ArrayView2<'_, u32>) -> Result<Array2<f64>> {
        means(stats, counts)
    }

    fn epoch_values(&self, stats: &BlockStats) -> Result<Option<Array2<f64>>> {
        Ok(Some(stats.epoch_values()?.index_axis(Axis(2), 0).to_owned()))
    }
}

/// Power of every epoch and EEG channel in the three bands, and the channels of each region.
struct Powers {
    alpha: Array2<f64>,
    slow: Array2<f64>,
    fast: Array2<f64>,
    regions: [Vec<usize>; 5],
}

impl Powers {
    fn of(segment: &Segment) -> Result<Self> {
        let channels = segment.eeg_channels();
        let inside = |region: Region| -> Vec<usize> {
            (0..channels.len()).filter(|&i| Region::of(channels[i]) == Some(region)).collect()
        };
        let regions = Region::ALL.map(inside);
        let power = |edges: [f64; 2]| -> Result<Array2<f64>> {
            let band = Band::new(Hz(edges[0]), Hz(edges[1]))?;
            Ok(bin_sums(segment, band, KIND)?.index_axis_move(Axis(2), 0))
        };
        let powers = Self { alpha: power(ALPHA_HZ)?, slow: power(SLOW_HZ)?, fast: power(FAST_HZ)?, regions };
        let count = |region| powers.channels(region).len();
        let (n_frontal, n_occipital) = (count(Region::Frontal), count(Region::Occipital));
        if n_frontal == 0 || n_occipital == 0 {
            let what = format!("it needs frontal and occipital electrodes; there are {n_frontal} and {n_occipital}");
            return Err(Error::Needs { marker: KIND.into(), what });
        }
        Ok(powers)
    }

    fn channels(&self, region: Region) -> &[usize] {
        Region::ALL.iter().position(|other| *other == region).map_or(&[], |place| self.regions[place].as_slice())
    }

    /// The stage of an epoch; `None` without power.
    fn stage(&self, epoch: usize, dominance: f64, slow_dominance: f64) -> Option<Stage> {
        let all: Vec<usize> = (0..self.alpha.ncols()).collect();
        let (slow, fast) = (mean(&self.slow, epoch, &all)?, mean(&self.fast, epoch, &all)?);
        if slow + fast <= 0.0 {
            return None;
        }
        let topography = [Region::Frontal, Region::Temporal, Region::Parietal, Region::Occipital];
        let dominates = |region: Region| {
            let inside = self.channels(region);
            let both = mean(&self.alpha, epoch, inside).zip(mean(&self.slow, epoch, inside));
            both.is_some_and(|(alpha, slow)| alpha >= dominance * slow)
        };
        if topography.into_iter().any(dominates) {
            return self.stage_of_alpha(epoch);
        }
        Some(if slow >= slow_dominance * fast { Stage::B23 } else { Stage::B1 })
    }

    /// Where alpha that dominates lies.
    fn stage_of_alpha(&self, epoch: usize) -> Option<Stage> {
        let alpha = |region| mean(&self.alpha, epoch, self.channels(region));
        let (frontal, occipital) = (alpha(Region::Frontal)?, alpha(Region::Occipital)?);
        if occipital >= frontal && alpha(Region::Parietal).is_none_or(|parietal| occipital >= parietal) {
            return Some(Stage::A1);
        }
        let between: Vec<usize> =
            [Region::Temporal, Region::Parietal].into_iter().flat_map(|r| self.channels(r)).copied().collect();
        let moved = mean(&self.alpha, epoch, &between).is_some_and(|between| between >= FRONTAL_FACTOR * frontal);
        Some(if moved { Stage::A2 } else { Stage::A3 })
    }
}

/// Mean power over some channels; `None` without a channel.
fn mean(powers: &Array2<f64>, epoch: usize, channels: &[usize]) -> Option<f64> {
    let sum: f64 = channels.iter().map(|&channel| powers[[epoch, channel]]).sum();
    (!channels.is_empty()).then(|| sum / channels.len() as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One epoch of a frontal, a temporal, a parietal and an occipital channel: alpha of each, slow and fast power of all.
    fn stage(alpha: [f64; 4], slow: f64, fast: f64) -> Option<Stage> {
        let row = |values: [f64; 4]| Array2::from_shape_vec((1, 4), values.to_vec()).unwrap();
        let powers = Powers {
            alpha: row(alpha),
            slow: row([slow; 4]),
            fast: row([fast; 4]),
            regions: [vec![0], vec![], vec![1], vec![2], vec![3]],
        };
        powers.stage(0, 1.0, 3.0)
    }

    #[test]
    fn alpha_is_staged_by_where_it_lies() {
        assert_eq!(stage([1.0, 1.0, 2.0, 3.0], 1.5, 4.0), Some(Stage::A1));
        assert_eq!(stage([2.0, 2.0, 2.0, 2.0], 1.5, 4.0), Some(Stage::A1), "a tie stays occipital");
        assert_eq!(stage([1.0, 1.0, 3.0, 2.0], 1.5, 4.0), Some(Stage::A2), "(1 + 3) / 2 is 1.5 times the frontal 1");
        assert_eq!(stage([2.0, 1.0, 3.0, 2.5], 1.5, 4.0), Some(Stage::A3));
        assert_eq!(stage([3.0, 1.0, 2.0, 1.0], 1.5, 4.0), Some(Stage::A3));
    }

    #[test]
    fn without_alpha_slow_power_decides() {
        let alpha = [0.5, 0.5, 0.5, 0.5];
        assert_eq!(stage(alpha, 2.9, 1.0), Some(Stage::B1));
        assert_eq!(stage(alpha, 3.0, 1.0), Some(Stage::B23));
        assert_eq!(stage([0.0; 4], 0.0, 0.0), None);
    }
}

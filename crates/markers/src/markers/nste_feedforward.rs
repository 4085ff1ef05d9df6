//! Symbolic transfer entropy from parietal to frontal.

use crate::nste::{self, Direction, Nste};
use crate::{BandPreset, BlockStats, Change, Marker, Needs, Result, Segment, Spec};
use dosewave_eeg::{Band, Unit};
use ndarray::{Array2, ArrayView2};
use serde::{Deserialize, Serialize};

const KIND: &str = "nste_feedforward";

/// Feedforward (parietal to frontal) connectivity: what the past of parietal electrodes tells about the next of frontal ones beyond their own past, as a share of
/// all there is to tell; normalised symbolic transfer entropy (NSTE), a pure number.
///
/// ```math
/// \mathrm{NSTE} = \frac{\mathrm{STE} - \langle \mathrm{STE}_\mathrm{shuffled} \rangle}{H(\hat y^+ | \hat y)}, \quad
/// \mathrm{STE} = \sum p(\hat y^+, \hat y, \hat x) \log_2 \frac{p(\hat y^+ | \hat y, \hat x)}{p(\hat y^+ | \hat y)}
/// ```
///
/// Symbols are the orders of three samples, `delay_ms` apart; the target's is foretold `prediction_ms` ahead. Each block
/// (10 s) is a window; the bias is the mean over sources turned round in time by a random amount, which keeps what a source
/// does by itself. The value is the mean over blocks (by their clean epochs) and over all pairs of a frontal and a parietal
/// electrode; up to eight channels each pair is a site, source first. A change is `post − baseline`; its interval is that
/// over blocks.
///
/// The effect of anaesthesia on it is small beside its spread, muscle and mixing by volume conduction move it, and delay and
/// prediction time (20 ms) are our own judgement. It is costly and therefore not in the default set: `[markers.nste_feedforward]` asks
/// for it. Lee et al. 2013, <https://doi.org/10.1097/ALN.0b013e31829103f5>; Staniek & Lehnertz 2008,
/// <https://doi.org/10.1103/PhysRevLett.100.158101>.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NsteFeedforward {
    /// Time between the samples of a pattern, ms.
    pub delay_ms: f64,
    /// How far ahead the target is foretold, ms.
    pub prediction_ms: f64,
    /// Number of shuffled sources.
    pub n_shuffles: usize,
    /// Their seed.
    pub seed: u64,
}

impl Default for NsteFeedforward {
    fn default() -> Self {
        Self { delay_ms: 20.0, prediction_ms: 20.0, n_shuffles: 20, seed: 0 }
    }
}

impl NsteFeedforward {
    fn nste(&self) -> Nste {
        Nste {
            delay_ms: self.delay_ms,
            prediction_ms: self.prediction_ms,
            n_shuffles: self.n_shuffles,
            seed: self.seed,
        }
    }
}

impl Marker for NsteFeedforward {
    fn spec() -> Spec {
        Spec {
            kind: KIND,
            label: "Feedforward (parietal to frontal) transfer entropy",
            description: "What the past of parietal electrodes tells about frontal ones beyond their own past, in ordinal patterns, \
                          bias taken off by shifted sources, as a share of all there is to tell; mean over 10-s blocks and \
                          over all pairs. Small beside its spread; moved by muscle and volume conduction.",
            unit: Unit::One,
            change: Change::Difference,
            contaminable: true,
            formula: r"\mathrm{NSTE} = \frac{\mathrm{STE} - \langle \mathrm{STE}_\mathrm{shuffled} \rangle}{H(\hat y^+ | \hat y)}",
            reference: "Lee U, Ku S, Noh G, Baek S, Choi B, Mashour GA (2013). Disruption of frontal-parietal communication by \
                        ketamine, propofol, and sevoflurane. Anesthesiology 118, 1264-1275",
            doi: "10.1097/ALN.0b013e31829103f5",
        }
    }

    fn defaults(_: BandPreset) -> Vec<(String, Self)> {
        Vec::new()
    }

    fn check(&self) -> std::result::Result<(), String> {
        self.nste().check()
    }

    fn needs(&self) -> Needs {
        Nste::needs()
    }

    fn muscle_band(&self) -> Option<Band> {
        // patterns take in all frequencies; muscle is the larger part at the upper end first
        Some(Band::LOW_GAMMA)
    }

    fn block_stats(&self, segment: &Segment) -> Result<BlockStats> {
        self.nste().block_stats(segment, Direction::Feedforward, KIND)
    }

    fn evaluate(&self, stats: &BlockStats, counts: ArrayView2<'_, u32>) -> Result<Array2<f64>> {
        nste::evaluate(stats, counts)
    }
}

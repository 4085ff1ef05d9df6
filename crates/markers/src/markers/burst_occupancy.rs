//! Bursts of a rhythm: share of the time inside bursts, 0 to 1.

use crate::bursts::Detector;
use crate::{BandPreset, BlockStats, Change, Marker, Needs, Result, Segment, Spec};
use dosewave_eeg::{Band, Unit};
use ndarray::{Array2, ArrayView2};
use serde::{Deserialize, Serialize};

const KIND: &str = "burst_occupancy";

/// Burst occupancy of a band: for what share of the time its amplitude stays high; share of the time inside bursts, 0 to 1.
///
/// The band's envelope (zero-phase FIR, Hilbert) of each channel is in a burst where it lies above
/// `median + threshold_mad · MAD` for at least `min_cycles` cycles of the band's centre, `MAD = median|a − median|`. Of `n`
/// bursts of `d` seconds in `T` seconds:
///
/// ```math
/// \mathrm{occupancy} = \sum_i d_i / T
/// ```
///
/// Epochs that follow each other without a gap are joined first; what the filter's ends reach is not used. Median and MAD are
/// those of the window, so this is burstiness and not power: a signal twice as large has the same bursts. Gaussian noise has
/// bursts too. A burst counts to the epoch in which it starts. Regions and `global` are arithmetic means over channels; a
/// change is `post − baseline`. Muscle is bursty: the value carries gate evidence.
///
/// Default entry: `gamma_burst_occupancy`, 30–45 Hz. The height in MADs and the three cycles are our own judgement; bursts of induced gamma as
/// in Tallon-Baudry & Bertrand 1999, <https://doi.org/10.1016/S1364-6613(99)01299-1>.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BurstOccupancy {
    /// The band, Hz.
    pub band: Band,
    /// Height above the median, in median absolute deviations (not scaled to a standard deviation).
    pub threshold_mad: f64,
    /// Shortest burst, cycles of the band's centre.
    pub min_cycles: f64,
}

impl Default for BurstOccupancy {
    fn default() -> Self {
        Self { band: Band::LOW_GAMMA, threshold_mad: 2.5, min_cycles: 3.0 }
    }
}

impl BurstOccupancy {
    fn detector(&self) -> Detector {
        Detector { band: self.band, threshold_mad: self.threshold_mad, min_cycles: self.min_cycles }
    }
}

impl Marker for BurstOccupancy {
    fn spec() -> Spec {
        Spec {
            kind: KIND,
            label: "Burst occupancy",
            description: "Stretches of at least three cycles in which a band's amplitude stays above median + 2.5 MAD of the window: \
                          share of the time inside bursts; arithmetic mean over the channels of a region and of the whole head. Burstiness, not power.",
            unit: Unit::One,
            change: Change::Difference,
            contaminable: true,
            formula: r"\mathrm{occupancy} = \sum_i d_i / T",
            reference: "Tallon-Baudry C, Bertrand O (1999). Oscillatory gamma activity in humans and its role in object \
                        representation. Trends in Cognitive Sciences 3, 151-162",
            doi: "10.1016/S1364-6613(99)01299-1",
        }
    }

    fn defaults(_: BandPreset) -> Vec<(String, Self)> {
        vec![("gamma_burst_occupancy".to_owned(), Self::default())]
    }

    fn check(&self) -> std::result::Result<(), String> {
        self.detector().check()
    }

    fn needs(&self) -> Needs {
        self.detector().needs()
    }

    fn muscle_band(&self) -> Option<Band> {
        self.detector().muscle_band()
    }

    fn block_stats(&self, segment: &Segment) -> Result<BlockStats> {
        self.detector().block_stats(segment, KIND)
    }

    fn evaluate(&self, stats: &BlockStats, counts: ArrayView2<'_, u32>) -> Result<Array2<f64>> {
        Detector::evaluate(stats, counts, |sums| sums.inside_s / sums.used_s)
    }
}

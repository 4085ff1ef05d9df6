//! Bursts of a rhythm: share of the time inside bursts, 0 to 1.

use crate::burst_marker::burst_marker;
use dosewave_eeg::Unit;

burst_marker! {
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
    BurstOccupancy,
    kind: "burst_occupancy",
    label: "Burst occupancy",
    what: "share of the time inside bursts",
    unit: Unit::One,
    formula: r"\mathrm{occupancy} = \sum_i d_i / T",
    value: |sums| sums.inside_s / sums.used_s,
}

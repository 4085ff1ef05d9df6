//! Bursts of a rhythm: mean length of a burst, ms.

use crate::burst_marker::burst_marker;
use dosewave_eeg::Unit;

burst_marker! {
    /// Burst dwell time of a band: for how long its amplitude stays high; mean length of a burst, ms.
    ///
    /// The band's envelope (zero-phase FIR, Hilbert) of each channel is in a burst where it lies above
    /// `median + threshold_mad · MAD` for at least `min_cycles` cycles of the band's centre, `MAD = median|a − median|`. Of `n`
    /// bursts of `d` seconds in `T` seconds:
    ///
    /// ```math
    /// \mathrm{dwell} = \sum_i d_i / n
    /// ```
    ///
    /// Epochs that follow each other without a gap are joined first; what the filter's ends reach is not used. Median and MAD are
    /// those of the window, so this is burstiness and not power: a signal twice as large has the same bursts. Gaussian noise has
    /// bursts too. A burst counts to the epoch in which it starts. Regions and `global` are arithmetic means over channels; a
    /// change is `post − baseline`. Muscle is bursty: the value carries gate evidence.
    ///
    /// Default entry: `gamma_burst_dwell`, 30–45 Hz. The height in MADs and the three cycles are our own judgement; bursts of induced gamma as
    /// in Tallon-Baudry & Bertrand 1999, <https://doi.org/10.1016/S1364-6613(99)01299-1>.
    BurstDwell,
    kind: "burst_dwell",
    label: "Burst dwell time",
    what: "mean length of a burst",
    unit: Unit::Millisecond,
    formula: r"\mathrm{dwell} = \sum_i d_i / n",
    value: |sums| 1e3 * sums.inside_s / sums.n,
}

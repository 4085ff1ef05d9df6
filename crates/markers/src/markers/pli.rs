//! Phase-lag index of pairs.

use crate::phase_marker::phase_marker;

phase_marker! {
    /// Phase-lag index, 0 to 1: how consistently one channel leads, whatever the size of the lag.
    ///
    /// ```math
    /// \mathrm{PLI} = |\mathrm{E}\,\operatorname{sign}\operatorname{Im} S_{xy}|
    /// ```
    ///
    /// `S` is the cross-spectrum of an epoch, summed over tapers; `E` the mean over epochs. A band's value is the mean over its
    /// bins (mains left out), as mne-connectivity's `faverage`; `global` and pairs of regions are means over their pairs; up
    /// to eight channels every pair is a site.
    ///
    /// Zero-lag mixing does not raise it; small lags beside noise flip its sign from epoch to epoch, which the weighted index
    /// avoids. Chance alone gives `√(2/πN)`, 0.11 at 50 epochs. Stam, Nolte and Daffertshofer 2007,
    /// <https://doi.org/10.1002/hbm.20346>.
    Pli,
    by_default: false,
    label: "Phase-lag index",
    description: "In how many more epochs one channel leads the other than lags it. Blind to zero-lag mixing; biased upwards with \
                  few epochs.",
    formula: r"\mathrm{PLI} = |\mathrm{E}\,\operatorname{sign}\operatorname{Im} S_{xy}|",
    reference: "Stam CJ, Nolte G, Daffertshofer A (2007). Phase lag index: assessment of functional connectivity from multi \
                channel EEG and MEG with diminished bias from common sources. Human Brain Mapping 28, 1178-1193",
    doi: "10.1002/hbm.20346",
}

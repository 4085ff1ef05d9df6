//! Unbiased squared phase-lag index of pairs.

use crate::phase_marker::phase_marker;

phase_marker! {
    /// Unbiased squared phase-lag index: the square of the phase-lag index without the bias of few epochs; about 0, and
    /// sometimes negative, for independent signals.
    ///
    /// ```math
    /// \mathrm{uPLI}^2 = \frac{N\,\mathrm{PLI}^2 - 1}{N - 1}
    /// ```
    ///
    /// `S` is the cross-spectrum of an epoch, summed over tapers; `E` the mean over epochs. A band's value is the mean over its
    /// bins (mains left out), as mne-connectivity's `faverage`; `global` and pairs of regions are means over their pairs; up
    /// to eight channels every pair is a site.
    ///
    /// Vinck et al. 2011, <https://doi.org/10.1016/j.neuroimage.2011.01.055>.
    Pli2Unbiased,
    by_default: false,
    label: "Unbiased squared phase-lag index",
    description: "The phase-lag index squared and freed of the bias of few epochs, so independent signals average zero and values \
                  may be negative. Blind to zero-lag mixing.",
    formula: r"\mathrm{uPLI}^2 = \frac{N\,\mathrm{PLI}^2 - 1}{N - 1}",
    reference: "Vinck M et al. (2011). An improved index of phase-synchronization for electrophysiological data in the presence \
                of volume-conduction, noise and sample-size bias. NeuroImage 55, 1548-1565",
    doi: "10.1016/j.neuroimage.2011.01.055",
}

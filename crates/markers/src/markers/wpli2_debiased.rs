//! Debiased weighted phase-lag index of pairs.

use crate::phase_marker::phase_marker;

phase_marker! {
    /// Debiased weighted phase-lag index (its square), at most 1; about 0, and sometimes negative, for independent signals.
    ///
    /// ```math
    /// \mathrm{dwPLI}^2 = \frac{(\sum \operatorname{Im} S)^2 - \sum (\operatorname{Im} S)^2}
    /// {(\sum |\operatorname{Im} S|)^2 - \sum (\operatorname{Im} S)^2}
    /// ```
    ///
    /// `S` is the cross-spectrum of an epoch, summed over tapers; `E` the mean over epochs. A band's value is the mean over its
    /// bins (mains left out), as mne-connectivity's `faverage`; `global` and pairs of regions are means over their pairs; up
    /// to eight channels every pair is a site. Sums in the
    /// formula run over epochs.
    ///
    /// Zero-lag mixing does not raise it, and its expectation does not depend on the number of epochs. Vinck et al. 2011,
    /// <https://doi.org/10.1016/j.neuroimage.2011.01.055>.
    Wpli2Debiased,
    by_default: true,
    label: "Debiased weighted phase-lag index (squared)",
    description: "How consistently one channel leads or lags the other, epochs weighted by the imaginary part of their cross-spectrum; \
                          squared and free of the bias of few epochs, so independent signals average zero and values may be \
                          negative. Blind to zero-lag mixing.",
    formula: r"\mathrm{dwPLI}^2 = \frac{(\sum \operatorname{Im} S)^2 - \sum (\operatorname{Im} S)^2}{(\sum |\operatorname{Im} S|)^2 - \sum (\operatorname{Im} S)^2}",
    reference: "Vinck M et al. (2011). An improved index of phase-synchronization for electrophysiological data in the presence of \
                        volume-conduction, noise and sample-size bias. NeuroImage 55, 1548-1565",
    doi: "10.1016/j.neuroimage.2011.01.055",
}

//! Pairwise phase consistency of pairs.

use crate::phase_marker::phase_marker;

phase_marker! {
    /// Pairwise phase consistency: the square of phase locking without the bias of few epochs; about 0, and sometimes negative,
    /// for independent signals.
    ///
    /// ```math
    /// \mathrm{PPC} = \frac{|\sum u|^2 - N}{N(N-1)}, \quad u = \frac{S_{xy}}{|S_{xy}|}
    /// ```
    ///
    /// `S` is the cross-spectrum of an epoch, summed over tapers; `E` the mean over epochs. A band's value is the mean over its
    /// bins (mains left out), as mne-connectivity's `faverage`; `global` and pairs of regions are means over their pairs; up
    /// to eight channels every pair is a site.
    ///
    /// Zero-lag mixing counts fully. Vinck et al. 2010, <https://doi.org/10.1016/j.neuroimage.2010.01.073>.
    Ppc,
    by_default: false,
    label: "Pairwise phase consistency",
    description: "Mean cosine between the phase differences of all pairs of epochs: phase locking squared, free of the bias of few \
                  epochs, so independent signals average zero. Volume conduction raises it.",
    formula: r"\mathrm{PPC} = \frac{|\sum u|^2 - N}{N(N-1)}, \quad u = \frac{S_{xy}}{|S_{xy}|}",
    reference: "Vinck M et al. (2010). The pairwise phase consistency: a bias-free measure of rhythmic neuronal synchronization. \
                NeuroImage 51, 112-122",
    doi: "10.1016/j.neuroimage.2010.01.073",
}

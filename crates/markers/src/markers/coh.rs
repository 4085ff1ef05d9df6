//! Coherence of pairs.

use crate::phase_marker::phase_marker;

phase_marker! {
    /// Coherence: magnitude of coherency, 0 to 1.
    ///
    /// ```math
    /// \mathrm{coh} = \frac{|\mathrm{E}\,S_{xy}|}{\sqrt{\mathrm{E}\,S_{xx}\,\mathrm{E}\,S_{yy}}}
    /// ```
    ///
    /// `S` is the cross-spectrum of an epoch, summed over tapers; `E` the mean over epochs. A band's value is the mean over its
    /// bins (mains left out), as mne-connectivity's `faverage`; `global` and pairs of regions are means over their pairs; up
    /// to eight channels every pair is a site.
    ///
    /// Zero-lag mixing (volume conduction, a shared reference) counts fully, and chance alone gives `E coh² = 1/N` for `N`
    /// epochs: compare equal numbers of epochs, and read it beside the measures that ignore zero lag. Coherency as in Nolte
    /// et al. 2004, <https://doi.org/10.1016/j.clinph.2004.04.029>.
    Coh,
    by_default: true,
    label: "Coherence",
    description: "Magnitude of coherency between two channels: linear dependence at one frequency, with any lag. Volume conduction and \
                          a shared reference raise it; with N independent epochs it is about the root of 1/N by chance.",
    formula: r"\mathrm{coh} = \frac{|\mathrm{E}\,S_{xy}|}{\sqrt{\mathrm{E}\,S_{xx}\,\mathrm{E}\,S_{yy}}}",
    reference: "Nolte G et al. (2004). Identifying true brain interaction from EEG data using the imaginary part of coherency. \
                        Clinical Neurophysiology 115, 2292-2307",
    doi: "10.1016/j.clinph.2004.04.029",
}

//! Imaginary coherency of pairs.

use crate::phase_marker::phase_marker;

phase_marker! {
    /// Imaginary coherency, −1 to 1: coherence that zero-lag mixing cannot produce.
    ///
    /// ```math
    /// \mathrm{imcoh} = \frac{\operatorname{Im}\,\mathrm{E}\,S_{xy}}{\sqrt{\mathrm{E}\,S_{xx}\,\mathrm{E}\,S_{yy}}}
    /// ```
    ///
    /// `S` is the cross-spectrum of an epoch, summed over tapers; `E` the mean over epochs. A band's value is the mean over its
    /// bins (mains left out), as mne-connectivity's `faverage`; `global` and pairs of regions are means over their pairs; up
    /// to eight channels every pair is a site.
    ///
    /// It is signed. Over pairs signs would cancel, so `global` and pairs of regions average magnitudes. A single pair, `F3-P3`,
    /// keeps the sign of `Im E[X_F3 · conj X_P3]`: positive where F3 leads by less than half a cycle. The matrix of all pairs
    /// has mne-connectivity's sign, with the later channel first. Nolte et al. 2004,
    /// <https://doi.org/10.1016/j.clinph.2004.04.029>.
    Imcoh,
    by_default: true,
    label: "Imaginary coherency",
    description: "Imaginary part of coherency between two channels: blind to zero-lag mixing. Means over pairs take magnitudes, since \
                          signs would cancel; a single pair keeps its sign, positive where the first-named channel leads.",
    formula: r"\mathrm{imcoh} = \frac{\operatorname{Im}\,\mathrm{E}\,S_{xy}}{\sqrt{\mathrm{E}\,S_{xx}\,\mathrm{E}\,S_{yy}}}",
    reference: "Nolte G et al. (2004). Identifying true brain interaction from EEG data using the imaginary part of coherency. \
                        Clinical Neurophysiology 115, 2292-2307",
    doi: "10.1016/j.clinph.2004.04.029",
}

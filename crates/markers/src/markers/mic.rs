//! Maximised imaginary coherency between regions.

use crate::interaction_marker::interaction_marker;

interaction_marker! {
    /// Maximised imaginary coherency (MIC) between two regions, the largest imaginary coherency that any weighted sum of the
    /// electrodes of one has with any of the other; 0 to 1.
    ///
    /// ```math
    /// \mathrm{MIC} = \max_{\alpha, \beta} \frac{|\alpha^T E \beta|}{\|\alpha\| \|\beta\|}, \quad
    /// E = A^{-1/2} \operatorname{Im} C_{ab} B^{-1/2}
    /// ```
    ///
    /// `C` is the summed cross-spectrum of the electrodes of two regions, `A` and `B` the real parts of its blocks on the
    /// diagonal. Sites are pairs of two different regions (`frontal-parietal`) and `global`, their mean; a band's value is the mean
    /// over its bins (mains left out). Mixing within a region changes nothing, zero-lag mixing between regions adds nothing.
    ///
    /// It is not free of bias: that of noise grows with the electrodes of the regions and falls with the epochs, so that only
    /// equal electrodes and equal numbers of epochs can be compared; two epochs are asked for each electrode of a region. Offered
    /// as `mic.theta`, `.alpha`, `.beta`, `.low_gamma`, `.high_gamma`. Ewald et al. 2012,
    /// <https://doi.org/10.1016/j.neuroimage.2011.11.084>.
    Mic,
    kind: "mic",
    label: "Maximised imaginary coherency of regions",
    description: "The largest imaginary coherency that a weighted sum of the electrodes of one region has with one of another; global: mean \
                  over pairs of regions. Blind to zero-lag mixing. That of noise grows with electrodes and falls with epochs.",
    formula: r"\mathrm{MIC} = \max_{\alpha, \beta} \frac{|\alpha^T E \beta|}{\|\alpha\| \|\beta\|}, \quad E = A^{-1/2} \operatorname{Im} C_{ab} B^{-1/2}",
    reference: "Ewald A, Marzetti L, Zappasodi F, Meinecke FC, Nolte G (2012). Estimating true brain connectivity from EEG/MEG data invariant to \
                linear and static transformations in sensor space. NeuroImage 60, 476-488",
    doi: "10.1016/j.neuroimage.2011.11.084",
}

//! Directed phase-lag index of pairs.

use crate::phase_marker::phase_marker;

phase_marker! {
    /// Directed phase-lag index, 0 to 1: in which part of the epochs the first channel leads; above one half it is the leader.
    ///
    /// ```math
    /// \mathrm{dPLI} = \mathrm{E}\,H(\operatorname{Im} S_{xy})
    /// ```
    ///
    /// `S` is the cross-spectrum of an epoch, summed over tapers; `E` the mean over epochs. A band's value is the mean over its
    /// bins (mains left out), as mne-connectivity's `faverage`.
    ///
    /// A site names the leader first: `F3-P3` above one half says that F3 leads, `frontal-parietal` is the mean over pairs with
    /// the frontal channel first. A direction has no mean over the whole head or inside a region, so there is no such site. The
    /// matrix of all pairs has mne-connectivity's sign, with the later channel first. It tells the sign of a lag below half a
    /// cycle, not a cause. Stam and van Straaten 2012, <https://doi.org/10.1016/j.neuroimage.2012.05.050>.
    Dpli,
    by_default: false,
    label: "Directed phase-lag index",
    description: "Part of the epochs in which the first-named channel or region leads the second in phase: one half where neither \
                  does. Only pairs of channels and of different regions have a value. A phase lead is no proof of a cause.",
    formula: r"\mathrm{dPLI} = \mathrm{E}\,H(\operatorname{Im} S_{xy})",
    reference: "Stam CJ, van Straaten EC (2012). Go with the flow: use of a directed phase lag index (dPLI) to characterize \
                patterns of phase relations in a large-scale model of brain dynamics. NeuroImage 62, 1415-1428",
    doi: "10.1016/j.neuroimage.2012.05.050",
}

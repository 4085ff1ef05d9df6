//! Weighted phase-lag index of pairs.

use crate::phase_marker::phase_marker;

phase_marker! {
    /// Weighted phase-lag index, 0 to 1: how consistently one channel leads, epochs weighted by the imaginary part of their
    /// cross-spectrum.
    ///
    /// ```math
    /// \mathrm{wPLI} = \frac{|\mathrm{E}\,\operatorname{Im} S_{xy}|}{\mathrm{E}\,|\operatorname{Im} S_{xy}|}
    /// ```
    ///
    /// `S` is the cross-spectrum of an epoch, summed over tapers; `E` the mean over epochs. A band's value is the mean over its
    /// bins (mains left out), as mne-connectivity's `faverage`; `global` and pairs of regions are means over their pairs; up
    /// to eight channels every pair is a site.
    ///
    /// Zero-lag mixing does not raise it; few epochs do (0.16 by chance at 50), which the debiased index avoids. Vinck et al.
    /// 2011, <https://doi.org/10.1016/j.neuroimage.2011.01.055>.
    Wpli,
    by_default: false,
    label: "Weighted phase-lag index",
    description: "How consistently one channel leads or lags the other, epochs weighted by the imaginary part of their \
                  cross-spectrum. Blind to zero-lag mixing; biased upwards with few epochs.",
    formula: r"\mathrm{wPLI} = \frac{|\mathrm{E}\,\operatorname{Im} S_{xy}|}{\mathrm{E}\,|\operatorname{Im} S_{xy}|}",
    reference: "Vinck M et al. (2011). An improved index of phase-synchronization for electrophysiological data in the presence \
                of volume-conduction, noise and sample-size bias. NeuroImage 55, 1548-1565",
    doi: "10.1016/j.neuroimage.2011.01.055",
}

//! Corrected imaginary phase locking of pairs.

use crate::phase_marker::phase_marker;

phase_marker! {
    /// Corrected imaginary phase-locking value, 0 to 1: phase locking that zero-lag mixing cannot produce.
    ///
    /// ```math
    /// \mathrm{ciPLV} = \frac{|\mathrm{E}\,\operatorname{Im} u|}{\sqrt{1 - (\mathrm{E}\,\operatorname{Re} u)^2}},
    /// \quad u = \frac{S_{xy}}{|S_{xy}|}
    /// ```
    ///
    /// `S` is the cross-spectrum of an epoch, summed over tapers; `E` the mean over epochs. A band's value is the mean over its
    /// bins (mains left out), as mne-connectivity's `faverage`; `global` and pairs of regions are means over their pairs; up
    /// to eight channels every pair is a site.
    ///
    /// Independent signals give about 0.08 at 50 epochs: compare equal numbers of epochs. Bruña, Maestú and Pereda 2018,
    /// <https://doi.org/10.1088/1741-2552/aacfe4>.
    Ciplv,
    by_default: true,
    label: "Corrected imaginary phase-locking value",
    description: "Phase locking between two channels with its zero-lag part taken out: strength of a constant non-zero phase lag, \
                          whatever the amplitudes. Biased upwards with few epochs.",
    formula: r"\mathrm{ciPLV} = \frac{|\mathrm{E}\,\operatorname{Im} u|}{\sqrt{1 - (\mathrm{E}\,\operatorname{Re} u)^2}}, \quad u = \frac{S_{xy}}{|S_{xy}|}",
    reference: "Bruna R, Maestu F, Pereda E (2018). Phase locking value revisited: teaching new tricks to an old dog. Journal of \
                        Neural Engineering 15, 056011",
    doi: "10.1088/1741-2552/aacfe4",
}

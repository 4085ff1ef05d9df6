//! Phase-locking value of pairs.

use crate::phase_marker::phase_marker;

phase_marker! {
    /// Phase-locking value, 0 to 1: how constant the phase difference is over epochs, whatever the amplitudes.
    ///
    /// ```math
    /// \mathrm{PLV} = |\mathrm{E}\,u|, \quad u = \frac{S_{xy}}{|S_{xy}|}
    /// ```
    ///
    /// `S` is the cross-spectrum of an epoch, summed over tapers; `E` the mean over epochs. A band's value is the mean over its
    /// bins (mains left out), as mne-connectivity's `faverage`; `global` and pairs of regions are means over their pairs; up
    /// to eight channels every pair is a site.
    ///
    /// Zero-lag mixing counts fully, and chance alone gives `√(π/4N)` for `N` epochs, 0.125 at 50: compare equal numbers of
    /// epochs, and read it beside the measures that ignore zero lag. Lachaux et al. 1999,
    /// <https://doi.org/10.1002/(SICI)1097-0193(1999)8:4%3C194::AID-HBM4%3E3.0.CO;2-C>.
    Plv,
    by_default: false,
    label: "Phase-locking value",
    description: "Constancy of the phase difference between two channels over epochs, whatever their amplitudes. Volume conduction \
                  and a shared reference raise it, and few epochs do.",
    formula: r"\mathrm{PLV} = |\mathrm{E}\,u|, \quad u = \frac{S_{xy}}{|S_{xy}|}",
    reference: "Lachaux JP et al. (1999). Measuring phase synchrony in brain signals. Human Brain Mapping 8, 194-208",
    doi: "10.1002/(SICI)1097-0193(1999)8:4<194::AID-HBM4>3.0.CO;2-C",
}

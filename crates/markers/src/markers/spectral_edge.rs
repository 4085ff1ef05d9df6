//! The frequency below which a share of the power lies.

use crate::aggregate::{arithmetic_mean, site_values};
use crate::aperiodic::muscle_band;
use crate::{BandPreset, BlockStats, Change, Marker, Needs, Result, Segment, Spec, fine_spectrum, mean_spectrum};
use dosewave_eeg::{Band, Unit};
use dosewave_numerics::spectral::spectral_edge;
use ndarray::{Array2, ArrayView1, ArrayView2};
use serde::{Deserialize, Serialize};

const KIND: &str = "spectral_edge";

/// Spectral edge: the frequency below which a share of the power of a range lies, Hz.
///
/// ```math
/// \int_{f_1}^{F} \bar S(f)\, df = s \int_{f_1}^{f_2} \bar S(f)\, df
/// ```
///
/// `S̄` is the mean over epochs of a channel's spectra of its own, one Hann window per epoch (bins of 0.5 Hz for 2 s), since
/// tapers of 4 Hz bandwidth would blur a steep spectrum. The default entries are `sef95` (`s = 0.95`) and `median_frequency`
/// (`s = 0.5`) of 1–45 Hz. The spectrum is straight between its bins and its integral exact for that (trapezoids, and the root
/// of a quadratic within the bin). A power law of exponent 0, 1, 1.5, 2 has its 95 % edge at 42.8, 37.20, 27.24, 14.06 Hz and
/// its median at 23, 6.71, 3.03, 1.96 Hz; on fine bins they are found within 0.001 Hz. Bins of 0.5 Hz put the edge up to 0.4 Hz
/// lower and the median up to 0.07 Hz, and the window's blur adds to that: noise of exponent 1 and 1.5 gives 37.0 and 26.2 Hz,
/// 6.46 and 2.75 Hz. The mains lie outside the default range; within a wider one they are left out with their power. Regions
/// and `global` are arithmetic means over channels. A change is `post − baseline` in Hz.
///
/// The median frequency followed ketamine's effect in Schüttler et al. 1987, <https://doi.org/10.1007/BF01066320>. Ketamine
/// slows the EEG and raises gamma at once, so that the 95 % edge can move either way: read it beside the band powers. Muscle
/// raises both.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SpectralEdge {
    /// Share of the power below the edge, 0 to 1.
    pub edge: f64,
    /// Range of the power, Hz.
    pub range: Band,
}

impl Default for SpectralEdge {
    fn default() -> Self {
        Self { edge: 0.95, range: Band::BROADBAND }
    }
}

impl Marker for SpectralEdge {
    fn spec() -> Spec {
        Spec {
            kind: KIND,
            label: "Spectral edge frequency",
            description: "Frequency below which a share of the power at 1-45 Hz lies (95 %: spectral edge; 50 %: median \
                          frequency), of the mean spectrum over epochs; arithmetic mean over the channels of a region and of the \
                          whole head. Slowing lowers it, fast activity and muscle raise it.",
            unit: Unit::Hertz,
            change: Change::Difference,
            contaminable: true,
            formula: r"\int_{f_1}^{F} \bar S(f)\, df = s \int_{f_1}^{f_2} \bar S(f)\, df",
            reference: "Schuttler J et al. (1987). Pharmacodynamic modeling of the EEG effects of ketamine and its enantiomers in \
                        man. Journal of Pharmacokinetics and Biopharmaceutics 15, 241-253",
            doi: "10.1007/BF01066320",
        }
    }

    fn defaults(_: BandPreset) -> Vec<(String, Self)> {
        [("sef95", 0.95), ("median_frequency", 0.5)]
            .map(|(name, edge)| (name.to_owned(), Self { edge, ..Self::default() }))
            .to_vec()
    }

    fn check(&self) -> std::result::Result<(), String> {
        if self.edge > 0.0 && self.edge < 1.0 {
            return Ok(());
        }
        Err(format!("edge = {} is no share; give a number between 0 and 1, such as 0.95", self.edge))
    }

    fn needs(&self) -> Needs {
        Needs::of_band(self.range)
    }

    fn muscle_band(&self) -> Option<Band> {
        muscle_band(self.range)
    }

    fn block_stats(&self, segment: &Segment) -> Result<BlockStats> {
        fine_spectrum::block_stats(segment, self.range, 2, KIND)
    }

    fn evaluate(&self, stats: &BlockStats, counts: ArrayView2<'_, u32>) -> Result<Array2<f64>> {
        let edges = mean_spectrum::of_draws(stats, counts, |psd| self.edge_of(stats, psd))?;
        Ok(site_values(edges.view(), &stats.members, arithmetic_mean))
    }

    fn epoch_values(&self, stats: &BlockStats) -> Result<Option<Array2<f64>>> {
        let edges = mean_spectrum::of_epochs(stats, |psd| self.edge_of(stats, psd))?;
        Ok(Some(site_values(edges.view(), &stats.members, arithmetic_mean)))
    }
}

impl SpectralEdge {
    /// The edge of one spectrum; NaN where there is no power.
    fn edge_of(&self, stats: &BlockStats, psd: ArrayView1<'_, f64>) -> f64 {
        let range = (self.range.low().0, self.range.high().0);
        spectral_edge(ArrayView1::from(&stats.freqs_hz), psd, range, self.edge).unwrap_or(f64::NAN)
    }
}

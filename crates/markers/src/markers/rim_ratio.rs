//! Evidence of muscle from where gamma is.

use crate::aggregate::{arithmetic_mean, medians, site_values};
use crate::markers::band_stats;
use crate::sites::{centre, rim};
use crate::{BlockStats, Change, Error, Marker, Members, Needs, Result, Segment, Spec, View, check_needs};
use dosewave_eeg::{Band, Unit};
use ndarray::{Array2, ArrayView2, Axis, concatenate};
use serde::{Deserialize, Serialize};

/// Rim ratio: gamma at the rim of the cap against gamma of the Laplacian around the vertex, in dB.
///
/// ```math
/// \mathrm{rim} = \frac{1}{|R|}\sum_{c \in R} 10\log_{10} P_c - \frac{1}{|C|}\sum_{c \in C} 10\log_{10} L_c
/// ```
///
/// `P` is power at the electrodes over the muscles of forehead and jaw (µV²/Hz), `L` that of the surface Laplacian at the
/// electrodes around the vertex ((µV/cm²)²/Hz), both the median over epochs; electrodes without power are left out. Its size has no meaning, since the two units
/// differ; its change has: muscle raises the rim far more than the central Laplacian, which it hardly reaches (Fitzgibbon et
/// al. 2013, <https://doi.org/10.1109/TBME.2012.2195662>); a rise of cortical gamma everywhere leaves it where it was.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RimRatio {
    /// The band, `[low, high)` in Hz.
    pub band: Band,
    /// The band where the recording does not carry the first.
    pub fallback: Band,
}

impl Default for RimRatio {
    fn default() -> Self {
        Self { band: Band::HIGH_GAMMA, fallback: Band::LOW_GAMMA }
    }
}

impl Marker for RimRatio {
    fn spec() -> Spec {
        Spec {
            kind: "rim_ratio",
            label: "Rim ratio",
            description: "Gamma power (55-90 Hz, or 30-45 Hz where the recording does not reach that far) over the muscles of \
                          forehead and jaw against that of the surface Laplacian around the vertex, dB. Only its change has a \
                          meaning: muscle raises it, cortical gamma everywhere does not.",
            unit: Unit::Decibel,
            change: Change::Difference,
            contaminable: false,
            formula: r"\frac{1}{|R|}\sum_{c \in R} 10\log_{10} P_c - \frac{1}{|C|}\sum_{c \in C} 10\log_{10} L_c",
            reference: "Fitzgibbon SP et al. (2013). Surface Laplacian of central scalp electrical signals is insensitive to \
                        muscle contamination. IEEE Transactions on Biomedical Engineering 60, 4-9",
            doi: "10.1109/TBME.2012.2195662",
        }
    }

    fn takes_view(_: View) -> std::result::Result<(), &'static str> {
        Err("it compares two views by itself")
    }

    fn needs(&self) -> Needs {
        Needs::of_fast_band(if self.fallback.high() < self.band.high() { self.fallback } else { self.band })
    }

    fn block_stats(&self, segment: &Segment) -> Result<BlockStats> {
        let missing = |what: String| Error::Needs { marker: "rim_ratio".into(), what };
        let problem = check_needs(&Needs::of_fast_band(self.band), &segment.available());
        let band = if problem.is_none() { self.band } else { self.fallback };
        let laplacian = segment.view(View::Laplacian).map_err(missing)?;
        let (rim, centre) = (rim(segment.labels()), centre(laplacian.labels()));
        if rim.is_empty() || centre.is_empty() {
            return Err(missing(format!(
                "it needs electrodes at the frontal or temporal rim and around the vertex; there are {} and {}",
                rim.len(),
                centre.len()
            )));
        }
        let power = |segment: &Segment, channels: &[usize]| -> Result<_> {
            Ok(band_stats(segment, band)?.epoch_values()?.select(Axis(1), channels))
        };
        let (outer, inner) = (power(segment, &rim)?, power(&laplacian, &centre)?);
        let both = concatenate(Axis(1), &[outer.view(), inner.view()]).map_err(|_| Error::Shape {
            what: "epochs of two views",
            expected: outer.dim().0.to_string(),
            got: inner.dim().0.to_string(),
        })?;
        let mut stats = BlockStats::of_head(segment, both.index_axis_move(Axis(2), 0));
        // the first `bins` features are the rim
        stats.bins = (0..rim.len()).collect();
        stats.freqs_hz = <[f64; 2]>::from(band).to_vec();
        stats.notes.extend(problem.map(|why| format!("rim ratio of {band}: {why}")));
        Ok(stats)
    }

    fn evaluate(&self, stats: &BlockStats, counts: ArrayView2<'_, u32>) -> Result<Array2<f64>> {
        let n_rim = stats.bins.len();
        let n_features = stats.epoch_values()?.len_of(Axis(2));
        let mut decibels = Array2::zeros((counts.nrows(), n_features));
        for (feature, mut column) in decibels.columns_mut().into_iter().enumerate() {
            let one = stats.with_feature(feature)?;
            column.assign(&medians(&one, counts)?.column(0).mapv(|power| 10.0 * power.log10()));
        }
        // a flat electrode has no logarithm and is left out
        let sides = [Members::Mean((0..n_rim).collect()), Members::Mean((n_rim..n_features).collect())];
        let means = site_values(decibels.view(), &sides, arithmetic_mean);
        Ok((&means.column(0) - &means.column(1)).insert_axis(Axis(1)))
    }
}

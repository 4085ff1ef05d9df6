//! Absolute power of a band.

use crate::aggregate::{averages, epoch_decibels, geometric_mean, site_values};
use crate::gate::{EVIDENCE_BAND, EVIDENCE_FALLBACK, MUSCLE_FROM, evidence_needs};
use crate::sites::channel_sites;
use crate::{
    BandPreset, BandSource, BlockStats, Change, EpochAverage, Marker, Needs, Result, Segment, Spec, View,
};
use dosewave_eeg::{Band, Unit};
use ndarray::{Array2, ArrayView2, Axis};
use serde::{Deserialize, Serialize};

/// Absolute power of a band: its mean power spectral density, µV²/Hz.
///
/// The PSD of each epoch is averaged over the bins of `[low, high)` without those of the mains; the value of a channel is
/// the median over epochs, which a few contaminated epochs cannot move, or with `average = "mean"` their mean; regions and
/// `global` are means over their channels in log units (geometric means), so that one strong channel does not speak for all.
///
/// The default entries are the bands of a [`BandPreset`], named in `bands`; a band of one's own has `bands = "own"`.
///
/// ```math
/// P_c = \operatorname{median}_e \frac{1}{f_2 - f_1} \int_{f_1}^{f_2} S_{c,e}(f)\, df
/// ```
///
/// Spectra are multitaper by default: Thomson 1982, <https://doi.org/10.1109/PROC.1982.12433>. A change is
/// `10·log10(post / baseline)` dB. Scalp power above 20 Hz is largely muscle where muscles are not relaxed (Whitham 2007,
/// <https://doi.org/10.1016/j.clinph.2007.04.027>): bands that reach above 20 Hz carry gate evidence.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BandPower {
    /// The band, `[low, high)` in Hz.
    pub band: Band,
    /// The set of bands it is from: `dosewave`, `ipeg2012` or `own`.
    pub bands: BandSource,
    /// `median` or `mean` over epochs.
    pub average: EpochAverage,
}

impl Default for BandPower {
    fn default() -> Self {
        Self { band: Band::LOW_GAMMA, bands: BandSource::Own, average: EpochAverage::Median }
    }
}

impl BandPower {
    fn of_preset(bands: BandPreset, band: Band) -> Self {
        Self { band, bands: bands.into(), ..Self::default() }
    }
}

/// Band mean of every epoch and EEG channel as block statistics with the usual sites.
pub(crate) fn band_stats(segment: &Segment, band: Band) -> Result<BlockStats> {
    let power = segment.spectra()?.band_power(band, &segment.params().mains)?;
    let power = power.select(Axis(1), segment.eeg()).insert_axis(Axis(2));
    Ok(BlockStats::of_epochs(segment, power, channel_sites(&segment.eeg_channels())))
}

impl Marker for BandPower {
    fn spec() -> Spec {
        Spec {
            kind: "band_power",
            label: "Band power",
            description: "Mean power spectral density over the band, without the mains and its harmonics; median \
                          (or mean) over epochs per channel, geometric mean over the channels of a region and of the whole head.",
            unit: Unit::Uv2PerHz,
            change: Change::Decibel,
            contaminable: true,
            formula: r"P_c = \operatorname{median}_e \frac{1}{f_2 - f_1} \int_{f_1}^{f_2} S_{c,e}(f)\, df",
            reference: "Thomson DJ (1982). Spectrum estimation and harmonic analysis. Proceedings of the IEEE 70, 1055-1096",
            doi: "10.1109/PROC.1982.12433",
        }
    }

    fn defaults(bands: BandPreset) -> Vec<(String, Self)> {
        let entry = |(name, band): &(&str, Band)| (String::from(*name), Self::of_preset(bands, *band));
        bands.bands().iter().map(entry).collect()
    }

    /// Gamma in all three views: the Laplacian is the primary one for central leads, where muscle reaches least.
    fn defaults_in_views(bands: BandPreset) -> Vec<(String, View, Self)> {
        let gamma = bands.bands().iter().filter(|(_, band)| band.low() >= Band::LOW_GAMMA.low());
        gamma
            .flat_map(|(name, band)| {
                View::ALL.map(|view| (format!("{name}.{}", view.name()), view, Self::of_preset(bands, *band)))
            })
            .collect()
    }

    fn check(&self) -> std::result::Result<(), String> {
        self.bands.check(self.band)
    }

    fn needs(&self) -> Needs {
        if [EVIDENCE_BAND, EVIDENCE_FALLBACK].contains(&self.band) {
            return evidence_needs(self.band);
        }
        Needs::of_fast_band(self.band)
    }

    fn muscle_band(&self) -> Option<Band> {
        (self.band.high() > MUSCLE_FROM).then_some(self.band)
    }

    fn block_stats(&self, segment: &Segment) -> Result<BlockStats> {
        band_stats(segment, self.band)
    }

    fn evaluate(&self, stats: &BlockStats, counts: ArrayView2<'_, u32>) -> Result<Array2<f64>> {
        Ok(site_values(averages(stats, counts, self.average)?.view(), &stats.members, geometric_mean))
    }

    fn epoch_values(&self, stats: &BlockStats) -> Result<Option<Array2<f64>>> {
        epoch_decibels(stats).map(Some)
    }
}

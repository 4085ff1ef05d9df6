//! Share of a band in the total power.

use crate::aggregate::{averages, epoch_decibels, geometric_mean, site_values};
use crate::gate::MUSCLE_FROM;
use crate::needs::bins_of;
use crate::sites::channel_sites;
use crate::{BandPreset, BandSource, BlockStats, Change, EpochAverage, Marker, Needs, Result, Segment, Spec};
use dosewave_eeg::{Band, Unit};
use ndarray::{Array2, Array3, ArrayView2};
use serde::{Deserialize, Serialize};

const KIND: &str = "relative_power";

/// Relative power: the power of a band divided by the power of the total, 1–45 Hz by default; a pure number.
///
/// Powers are sums of the PSD over bins (without those of the mains), so bands that tile the total have shares that sum
/// to 1 in every epoch. The value of a channel is the median over epochs of the epoch's ratio (with `average = "mean"`
/// the mean); regions and `global` are geometric means over channels.
///
/// ```math
/// R_c = \operatorname{median}_e \frac{\sum_{f \in B} S_{c,e}(f)}{\sum_{f \in T} S_{c,e}(f)}
/// ```
///
/// Bands outside the total (high gamma, HFO) are divided by the same 1–45 Hz: the value is then a ratio of powers, not a
/// share, and may exceed 1 in principle. One denominator for all bands keeps their changes comparable.
///
/// A change is `10·log10(post / baseline)` dB. A ratio also changes when the *other* bands do: relative gamma rises whenever
/// alpha falls. Read it beside the absolute power. The band alone decides whether muscle can fake it; muscle in the total
/// (20–45 Hz) lowers the shares of slow bands little, since most of the total lies below 20 Hz.
///
/// Recommended for pharmaco-EEG by Jobert et al. 2012, <https://doi.org/10.1159/000343478>.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RelativePower {
    /// The band, `[low, high)` in Hz.
    pub band: Band,
    /// What it is divided by, `[low, high)` in Hz.
    pub total: Band,
    /// The set of bands it is from: `dosewave`, `ipeg2012` or `own`.
    pub bands: BandSource,
    /// `median` or `mean` over epochs.
    pub average: EpochAverage,
}

impl Default for RelativePower {
    fn default() -> Self {
        Self {
            band: Band::ALPHA,
            total: Band::BROADBAND,
            bands: BandSource::Own,
            average: EpochAverage::Median,
        }
    }
}

impl Marker for RelativePower {
    fn spec() -> Spec {
        Spec {
            kind: KIND,
            label: "Relative band power",
            description: "Power of the band divided by the power of the total (1-45 Hz by default), mains left out; median \
                          (or mean) over epochs per channel, geometric mean over the channels of a region and of the whole head. Bands \
                          outside the total give a ratio that is not a share. It rises when other bands fall.",
            unit: Unit::One,
            change: Change::Decibel,
            contaminable: true,
            formula: r"R_c = \operatorname{median}_e \frac{\sum_{f \in B} S_{c,e}(f)}{\sum_{f \in T} S_{c,e}(f)}",
            reference: "Jobert M et al. (2012). Guidelines for the recording and evaluation of pharmaco-EEG data in man: the \
                        International Pharmaco-EEG Society (IPEG). Neuropsychobiology 66, 201-220",
            doi: "10.1159/000343478",
        }
    }

    fn defaults(bands: BandPreset) -> Vec<(String, Self)> {
        let entry = |(name, band): &(&str, Band)| {
            (format!("rel_{name}"), Self { band: *band, bands: bands.into(), ..Self::default() })
        };
        bands.bands().iter().map(entry).collect()
    }

    fn check(&self) -> std::result::Result<(), String> {
        self.bands.check(self.band)
    }

    fn needs(&self) -> Needs {
        let highest = if self.total.high() > self.band.high() { self.total } else { self.band };
        let band = Needs::of_fast_band(self.band);
        let total = Needs::of_band(highest);
        let min_sfreq = if band.min_sfreq > total.min_sfreq { band.min_sfreq } else { total.min_sfreq };
        Needs { min_sfreq, ..total }
    }

    fn muscle_band(&self) -> Option<Band> {
        (self.band.high() > MUSCLE_FROM).then_some(self.band)
    }

    fn block_stats(&self, segment: &Segment) -> Result<BlockStats> {
        let (band, total) = (bin_sums(segment, self.band, KIND)?, bin_sums(segment, self.total, KIND)?);
        Ok(BlockStats::of_epochs(segment, band / total, channel_sites(&segment.eeg_channels())))
    }

    fn evaluate(&self, stats: &BlockStats, counts: ArrayView2<'_, u32>) -> Result<Array2<f64>> {
        Ok(site_values(averages(stats, counts, self.average)?.view(), &stats.members, geometric_mean))
    }

    fn epoch_values(&self, stats: &BlockStats) -> Result<Option<Array2<f64>>> {
        epoch_decibels(stats).map(Some)
    }
}

/// Sum of the PSD over the bins of `band`, `[epoch, EEG channel, 1]`, for a marker of `kind`.
pub(crate) fn bin_sums(segment: &Segment, band: Band, kind: &str) -> Result<Array3<f64>> {
    let spectra = segment.spectra()?;
    let bins = bins_of(spectra.freqs_hz(), band, &segment.params().mains, 1, kind)?;
    let psd = spectra.psd_uv2_hz();
    let sum = |epoch: usize, channel: usize| bins.iter().map(|&bin| psd[[epoch, channel, bin]]).sum();
    let shape = (spectra.n_epochs(), segment.eeg().len(), 1);
    Ok(Array3::from_shape_fn(shape, |(epoch, channel, _)| sum(epoch, segment.eeg()[channel])))
}

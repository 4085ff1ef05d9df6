//! Posterior low gamma over frontal high beta.

use crate::aggregate::medians;
use crate::gate::MUSCLE_FROM;
use crate::markers::band_stats;
use crate::{BlockStats, Change, Error, Marker, Needs, Result, Segment, Spec};
use dosewave_eeg::{Band, Hz, Region, Unit};
use ndarray::{Array2, ArrayView2, Axis, concatenate};
use serde::{Deserialize, Serialize};

const KIND: &str = "gamma_beta_ratio";

/// Gamma–beta ratio: low gamma over the back of the head divided by high beta over its front, a pure number.
///
/// ```math
/// R = \frac{\exp \frac{1}{|B|}\sum_{c \in B} \ln P_c(30\text{–}45\ \mathrm{Hz})}
///          {\exp \frac{1}{|F|}\sum_{c \in F} \ln P_c(20\text{–}30\ \mathrm{Hz})}
/// ```
///
/// `B` are the parietal and occipital electrodes, `F` the frontal ones; `P` is the band's mean PSD, median over epochs, mains
/// left out. There is one site, `global`; without an electrode on either side the marker is missing. A change is
/// `10·log10(post / baseline)` dB.
///
/// Nottage et al. 2023, <https://doi.org/10.1007/s00213-022-06272-9>, found that perceptual distortion under ketamine went with
/// "the posterior low gamma to frontal high beta ratio"; the edges of both bands and the electrodes are our own reading.
/// Muscle is in both bands and raises the faster one more: the ratio carries gate evidence as low gamma does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct GammaBetaRatio {
    /// The posterior band, `[low, high)` in Hz.
    pub gamma: Band,
    /// The frontal band, `[low, high)` in Hz.
    pub beta: Band,
}

impl Default for GammaBetaRatio {
    fn default() -> Self {
        let beta = Band::new(Hz(20.0), Hz(30.0)).unwrap_or(Band::BETA);
        Self { gamma: Band::LOW_GAMMA, beta }
    }
}

impl Marker for GammaBetaRatio {
    fn spec() -> Spec {
        Spec {
            kind: KIND,
            label: "Posterior gamma to frontal beta ratio",
            description: "Low gamma power (30-45 Hz) over the parietal and occipital electrodes divided by high beta power (20-30 \
                          Hz) over the frontal ones: medians over epochs, geometric means over electrodes. Muscle raises it where \
                          it lies behind, and lowers it where it lies in front.",
            unit: Unit::One,
            change: Change::Decibel,
            contaminable: true,
            formula: r"R = \frac{\exp \operatorname{mean}_{c \in B} \ln P_c(\gamma)}{\exp \operatorname{mean}_{c \in F} \ln P_c(\beta)}",
            reference: "Nottage JF et al. (2023). The effect of ketamine and D-cycloserine on the high frequency resting EEG \
                        spectrum in humans. Psychopharmacology 240, 59-75",
            doi: "10.1007/s00213-022-06272-9",
        }
    }

    fn needs(&self) -> Needs {
        let faster = if self.beta.high() > self.gamma.high() { self.beta } else { self.gamma };
        Needs { min_channels: 2, ..Needs::of_fast_band(faster) }
    }

    fn muscle_band(&self) -> Option<Band> {
        [self.gamma, self.beta].into_iter().find(|band| band.high() > MUSCLE_FROM)
    }

    fn block_stats(&self, segment: &Segment) -> Result<BlockStats> {
        let in_regions = |regions: &[Region]| -> Vec<usize> {
            let channels = segment.eeg_channels();
            let is_in = |&i: &usize| Region::of(channels[i]).is_some_and(|region| regions.contains(&region));
            (0..channels.len()).filter(is_in).collect()
        };
        let behind = in_regions(&[Region::Parietal, Region::Occipital]);
        let front = in_regions(&[Region::Frontal]);
        if behind.is_empty() || front.is_empty() {
            let what = format!(
                "it needs parietal or occipital and frontal electrodes; there are {} and {}",
                behind.len(),
                front.len()
            );
            return Err(Error::Needs { marker: KIND.into(), what });
        }
        let power = |band: Band, channels: &[usize]| -> Result<_> {
            Ok(band_stats(segment, band)?.epoch_values()?.select(Axis(1), channels))
        };
        let (gamma, beta) = (power(self.gamma, &behind)?, power(self.beta, &front)?);
        let both = concatenate(Axis(1), &[gamma.view(), beta.view()]).map_err(|_| Error::Shape {
            what: "epochs of two bands",
            expected: gamma.dim().0.to_string(),
            got: beta.dim().0.to_string(),
        })?;
        let mut stats = BlockStats::of_head(segment, both.index_axis_move(Axis(2), 0));
        // the first `bins` features lie behind
        stats.bins = (0..behind.len()).collect();
        Ok(stats)
    }

    fn evaluate(&self, stats: &BlockStats, counts: ArrayView2<'_, u32>) -> Result<Array2<f64>> {
        let mut log_ratio = Array2::<f64>::zeros((counts.nrows(), 1));
        for (feature, weight) in weights(stats)?.into_iter().enumerate() {
            let one = stats.with_feature(feature)?;
            log_ratio = log_ratio + medians(&one, counts)?.mapv(|power| weight * power.ln());
        }
        Ok(log_ratio.mapv(|log| if log.is_finite() { log.exp() } else { f64::NAN }))
    }

    fn epoch_values(&self, stats: &BlockStats) -> Result<Option<Array2<f64>>> {
        let weights = weights(stats)?;
        let power = stats.epoch_values()?;
        let decibel = |epoch: usize| -> f64 {
            weights.iter().enumerate().map(|(k, weight)| weight * 10.0 * power[[epoch, 0, k]].log10()).sum()
        };
        Ok(Some(Array2::from_shape_fn((stats.n_epochs, 1), |(epoch, _)| decibel(epoch))))
    }
}

/// The weight of each electrode's logarithm: a mean behind minus a mean in front.
fn weights(stats: &BlockStats) -> Result<Vec<f64>> {
    let (n_behind, n_all) = (stats.bins.len(), stats.epoch_values()?.len_of(Axis(2)));
    let weight = |k| if k < n_behind { 1.0 / n_behind as f64 } else { -1.0 / (n_all - n_behind) as f64 };
    Ok((0..n_all).map(weight).collect())
}

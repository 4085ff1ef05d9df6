//! Evidence of eye muscles.

use crate::sites::among;
use crate::{BlockStats, Change, Error, Marker, Needs, Result, Segment, Spec, View};
use dosewave_eeg::{Band, ChannelKind, Hz, Region, Unit};
use dosewave_numerics::events::{
    SPIKE_LEAST_UV, SPIKE_THRESHOLD, saccadic_spikes, score_scale, spike_scores,
};
use ndarray::{Array1, Array2, ArrayView2, Axis};
use serde::{Deserialize, Serialize};

/// Rate of saccadic spike potentials per second: the burst of the eye muscles at the start of each saccade, small ones
/// included.
///
/// The radial electro-oculogram is the mean of the frontopolar electrodes (or of the EOG channels, where there are none)
/// minus that of the parietal ones; in it, biphasic deflections of 22 ms are counted ([`dosewave_numerics::events`]; Keren et
/// al. 2010, <https://doi.org/10.1016/j.neuroimage.2009.10.057>) from `least_uv` on: a fixed size, so that the rate does not
/// fall where the background rises. Where `threshold` robust standard deviations of the background are more than that (loud
/// muscle of the forehead), they are the limit, and a note says so: such a rate is too low, and no change from or to it means
/// much. Steady noise and muscle give less than one in four minutes. Short bursts of muscle do not raise that limit: one of
/// 3 µV (rms at 20–90 Hz) in the frontopolar leads hardly counts, one of 7 µV as some eight spikes a second while it lasts.
///
/// The spikes fill 20–90 Hz and look like gamma (Yuval-Greenberg et al. 2008, <https://doi.org/10.1016/j.neuron.2008.03.027>).
/// Ketamine causes nystagmus: a change of this rate is evidence against a change of frontal gamma, not an effect of its own.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SpRate {
    /// Size from which a spike is counted, µV.
    pub least_uv: f64,
    /// The same in robust standard deviations of the background; the larger of the two holds.
    pub threshold: f64,
}

/// The saccadic spikes of a segment.
///
/// Two segments compare at the larger of their limits ([`SaccadicSpikes::rates_hz`]).
#[derive(Clone, Debug, PartialEq)]
pub struct SaccadicSpikes {
    /// Sizes of the spikes of each epoch, µV, all above `limit_uv`.
    sizes_uv: Vec<Vec<f64>>,
    /// Size from which they were counted, µV.
    pub limit_uv: f64,
    epoch_s: f64,
}

impl SaccadicSpikes {
    /// Spikes per second above `limit_uv` in each epoch. A limit below the segment's own finds no more than that.
    #[must_use]
    pub fn rates_hz(&self, limit_uv: f64) -> Array1<f64> {
        let count = |sizes: &Vec<f64>| sizes.iter().filter(|size| **size > limit_uv).count() as f64;
        self.sizes_uv.iter().map(|sizes| count(sizes) / self.epoch_s).collect()
    }
}

impl Default for SpRate {
    fn default() -> Self {
        Self { least_uv: SPIKE_LEAST_UV, threshold: SPIKE_THRESHOLD }
    }
}

/// Electrodes nearest to the eyes.
const FRONTOPOLAR: [&str; 7] = ["FP1", "FPZ", "FP2", "AF7", "AF8", "AF9", "AF10"];

impl Marker for SpRate {
    fn spec() -> Spec {
        Spec {
            kind: "sp_rate",
            label: "Saccadic spike rate",
            description: "Saccadic spike potentials per second in the radial electro-oculogram (frontopolar minus parietal): \
                          bursts of the eye muscles that look like gamma. Evidence for judging frontal gamma, not an effect of \
                          its own.",
            unit: Unit::Hertz,
            change: Change::Difference,
            contaminable: false,
            formula: r"n(|w \star \mathrm{REOG}| > \max(a_{\min}, \theta\, \hat\sigma)) / T",
            reference: "Keren AS, Yuval-Greenberg S, Deouell LY (2010). Saccadic spike potentials in gamma-band EEG: \
                        characterization, detection and suppression. NeuroImage 49, 2248-2263",
            doi: "10.1016/j.neuroimage.2009.10.057",
        }
    }

    fn check(&self) -> std::result::Result<(), String> {
        for (name, value) in [("least_uv", self.least_uv), ("threshold", self.threshold)] {
            if !(value.is_finite() && value > 0.0) {
                return Err(format!("{name} = {value}; a positive number"));
            }
        }
        Ok(())
    }

    fn takes_view(_: View) -> std::result::Result<(), &'static str> {
        Err("it subtracts parietal electrodes from frontopolar ones by itself")
    }

    fn needs(&self) -> Needs {
        let spike = Band::new(Hz(20.0), Hz(80.0)).unwrap_or(Band::HIGH_GAMMA);
        Needs { min_sfreq: Hz(200.0), ..Needs::of_band(spike) }
    }

    fn block_stats(&self, segment: &Segment) -> Result<BlockStats> {
        let spikes = self.spikes(segment)?;
        let mut stats = BlockStats::of_head(segment, spikes.rates_hz(spikes.limit_uv).insert_axis(Axis(1)));
        if spikes.limit_uv > self.least_uv {
            let (limit, least) = (spikes.limit_uv, self.least_uv);
            stats.notes.push(format!(
                "saccadic spikes counted from {limit:.1} µV on, not {least} µV: the background is loud, and the rate too low"
            ));
        }
        Ok(stats)
    }

    fn evaluate(&self, stats: &BlockStats, counts: ArrayView2<'_, u32>) -> Result<Array2<f64>> {
        stats.check_counts(counts)?;
        let rates = stats.epoch_values()?;
        let mean = |draw: ndarray::ArrayView1<'_, u32>| {
            let weight = |epoch: usize| f64::from(draw[stats.block_of[epoch]]);
            let total: f64 = (0..stats.n_epochs).map(weight).sum();
            (0..stats.n_epochs).map(|epoch| weight(epoch) * rates[[epoch, 0, 0]]).sum::<f64>() / total
        };
        let values: Array1<f64> = counts.rows().into_iter().map(mean).collect();
        Ok(values.insert_axis(Axis(1)))
    }

    fn epoch_values(&self, stats: &BlockStats) -> Result<Option<Array2<f64>>> {
        Ok(Some(stats.epoch_values()?.index_axis(Axis(2), 0).to_owned()))
    }
}

impl SpRate {
    /// The spikes of a segment, with their sizes.
    ///
    /// # Errors
    /// [`Error::Needs`] without electrodes near the eyes or over the parietal cortex, or an error from below.
    pub fn spikes(&self, segment: &Segment) -> Result<SaccadicSpikes> {
        let (eyes, back) = leads(segment).map_err(|what| Error::Needs { marker: "sp_rate".into(), what })?;
        let epochs = segment.epochs();
        let sfreq = epochs.sfreq().0;
        let mut scores = Vec::with_capacity(epochs.n_epochs());
        for epoch in epochs.data_uv().outer_iter() {
            let mean = |rows: &[usize]| -> Array1<f64> {
                rows.iter().fold(Array1::zeros(epoch.ncols()), |sum, &row| sum + epoch.row(row)) / rows.len() as f64
            };
            scores.push(spike_scores((mean(&eyes) - mean(&back)).view(), sfreq)?);
        }
        // one scale for the segment: an epoch full of spikes must not hide them
        let all: Array1<f64> = scores.iter().flatten().copied().collect();
        let limit_uv = self.least_uv.max(self.threshold * score_scale(all.view()).unwrap_or(0.0));
        let sizes_uv = scores.iter().map(|scores| {
            saccadic_spikes(scores.view(), sfreq, limit_uv).into_iter().map(|at| scores[at]).collect()
        });
        Ok(SaccadicSpikes { sizes_uv: sizes_uv.collect(), limit_uv, epoch_s: epochs.length().0 })
    }
}

/// Rows of the epochs around the eyes and over the parietal cortex.
fn leads(segment: &Segment) -> std::result::Result<(Vec<usize>, Vec<usize>), String> {
    let channels = segment.epochs().channels();
    let rows = |positions: Vec<usize>| -> Vec<usize> { positions.iter().map(|&i| segment.eeg()[i]).collect() };
    let mut eyes = rows(among(segment.labels(), &FRONTOPOLAR));
    if eyes.is_empty() {
        let is_eog = |(_, c): &(usize, &dosewave_eeg::Channel)| c.kind == ChannelKind::Eog && c.is_voltage();
        eyes = channels.iter().enumerate().filter(is_eog).map(|(i, _)| i).collect();
    }
    let back: Vec<usize> =
        segment.eeg().iter().copied().filter(|&i| Region::of(&channels[i]) == Some(Region::Parietal)).collect();
    if eyes.is_empty() || back.is_empty() {
        return Err("saccadic spikes need frontopolar electrodes or EOG channels, and parietal electrodes".into());
    }
    Ok((eyes, back))
}

//! Evidence of muscle.

use crate::aggregate::{arithmetic_mean, epoch_decibels, medians, site_values};
use crate::gate::{EVIDENCE_BAND, EVIDENCE_FALLBACK, evidence_needs};
use crate::markers::band_stats;
use crate::sites::rim;
use crate::{BlockStats, Change, Marker, Members, Needs, Result, Segment, Spec, View, check_needs};
use dosewave_eeg::{Band, Unit};
use ndarray::{Array2, ArrayView2};
use serde::{Deserialize, Serialize};

/// Muscle index: power where scalp EEG is mostly muscle, 110–140 Hz at the rim of the cap, in dB re 1 µV²/Hz.
///
/// ```math
/// \mathrm{EMG} = \frac{1}{|R|} \sum_{c \in R} 10 \log_{10} \operatorname{median}_e \overline{S_{c,e}}(110\text{–}140\ \mathrm{Hz})
/// ```
///
/// `global` is the mean in dB over the rim `R`: the frontopolar, lateral frontal and temporal electrodes, over the muscles of
/// forehead and jaw. Where no such electrode was recorded it is the mean over all EEG channels, and a note says so. Every
/// channel also has its own value. Where the rate or the recorded low-pass do not carry 110–140 Hz the fallback of 51–69 Hz
/// is used, and a note says so; the two are not comparable with each other.
///
/// A change is a difference in dB. It is evidence for the gate, not an effect: paralysis lowers scalp power above 20 Hz
/// tenfold to two-hundredfold (Whitham et al. 2007, <https://doi.org/10.1016/j.clinph.2007.04.027>).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct EmgIndex {
    /// The band, `[low, high)` in Hz.
    pub band: Band,
    /// The band where the recording does not carry the first.
    pub fallback: Band,
}

impl Default for EmgIndex {
    fn default() -> Self {
        Self { band: EVIDENCE_BAND, fallback: EVIDENCE_FALLBACK }
    }
}

impl Marker for EmgIndex {
    fn spec() -> Spec {
        Spec {
            kind: "emg_index",
            label: "Muscle index",
            description: "Power at 110-140 Hz (51-69 Hz where the recording does not reach that far), where scalp EEG is mostly \
                          muscle: median over epochs in dB, mean over the electrodes at the frontal and temporal rim. Evidence \
                          for judging gamma, exponent and coupling, not an effect of its own.",
            unit: Unit::Decibel,
            change: Change::Difference,
            contaminable: false,
            formula: r"\mathrm{EMG} = \frac{1}{|R|} \sum_{c \in R} 10 \log_{10} \operatorname{median}_e \overline{S_{c,e}}",
            reference: "Whitham EM et al. (2007). Scalp electrical recording during paralysis: quantitative evidence that EEG \
                        frequencies above 20 Hz are contaminated by EMG. Clinical Neurophysiology 118, 1877-1888",
            doi: "10.1016/j.clinph.2007.04.027",
        }
    }

    fn takes_view(_: View) -> std::result::Result<(), &'static str> {
        Err("muscle is measured in the potentials at the rim, which other views weaken")
    }

    fn needs(&self) -> Needs {
        let lower = if self.fallback.high() < self.band.high() { self.fallback } else { self.band };
        evidence_needs(lower)
    }

    fn block_stats(&self, segment: &Segment) -> Result<BlockStats> {
        let problem = check_needs(&evidence_needs(self.band), &segment.available());
        let problem = problem.filter(|_| self.fallback != self.band);
        let band = if problem.is_none() { self.band } else { self.fallback };
        let mut stats = band_stats(segment, band)?;
        stats.freqs_hz = <[f64; 2]>::from(band).to_vec();
        stats.notes.extend(problem.map(|why| format!("muscle index from {band}: {why}")));
        let (members, note) = rim_members(segment);
        stats.sites = std::iter::once("global".to_owned()).chain(segment.labels().iter().cloned()).collect();
        stats.members = members;
        stats.notes.extend(note);
        Ok(stats)
    }

    fn evaluate(&self, stats: &BlockStats, counts: ArrayView2<'_, u32>) -> Result<Array2<f64>> {
        let decibel = medians(stats, counts)?.mapv(|psd_uv2_hz| 10.0 * psd_uv2_hz.log10());
        Ok(site_values(decibel.view(), &stats.members, arithmetic_mean))
    }

    fn epoch_values(&self, stats: &BlockStats) -> Result<Option<Array2<f64>>> {
        epoch_decibels(stats).map(Some)
    }
}

/// The rim (or all channels, with a note) as `global`, then every channel.
fn rim_members(segment: &Segment) -> (Vec<Members>, Option<String>) {
    let n_channels = segment.eeg().len();
    let rim = rim(segment.labels());
    let note = rim.is_empty().then(|| {
        "no electrode at the frontal or temporal rim: muscle index over all EEG channels".to_owned()
    });
    let global = if rim.is_empty() { (0..n_channels).collect() } else { rim };
    let members = std::iter::once(Members::Mean(global)).chain((0..n_channels).map(Members::One)).collect();
    (members, note)
}

//! Frontal alpha asymmetry.

use crate::aggregate::{EpochAverage, arithmetic_mean, averages, site_values};
use crate::gate::MUSCLE_FROM;
use crate::markers::band_stats;
use crate::sites::{Sites, among};
use crate::{BlockStats, Change, Error, Marker, Members, Needs, Result, Segment, Spec};
use dosewave_eeg::{Band, Unit};
use ndarray::{Array2, ArrayView2, Axis};
use serde::{Deserialize, Serialize};

const KIND: &str = "alpha_asymmetry";
/// Right and left frontal electrodes that mirror each other; the first pair is the one that `global` stands for.
const PAIRS: [(&str, &str); 6] =
    [("F4", "F3"), ("F8", "F7"), ("F2", "F1"), ("F6", "F5"), ("AF4", "AF3"), ("Fp2", "Fp1")];

/// Frontal alpha asymmetry: logarithm of alpha power on the right minus that on the left, a pure number.
///
/// ```math
/// A = \ln P_\alpha(\mathrm{right}) - \ln P_\alpha(\mathrm{left})
/// ```
///
/// `P` is the band's mean PSD, median over epochs (`average = "mean"`: mean). Sites are the pairs of mirrored frontal
/// electrodes that were recorded (`F4-F3`, `F8-F7`, `F2-F1`, `F6-F5`, `AF4-AF3`, `Fp2-Fp1`); `global` is F4-F3, or where one of
/// these is missing the mean over the pairs there are, and a note says so. Without a pair the marker is missing. Positive means
/// more alpha on the right, commonly read as more activity on the left. A change is `post − baseline`.
///
/// It depends on the reference: an average reference of few electrodes or linked mastoids mix in alpha from elsewhere. Allen,
/// Coan & Nazarian 2004, <https://doi.org/10.1016/j.biopsycho.2004.03.007>.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AlphaAsymmetry {
    /// The band, `[low, high)` in Hz.
    pub band: Band,
    /// `median` or `mean` over epochs.
    pub average: EpochAverage,
}

impl Default for AlphaAsymmetry {
    fn default() -> Self {
        Self { band: Band::ALPHA, average: EpochAverage::Median }
    }
}

impl Marker for AlphaAsymmetry {
    fn spec() -> Spec {
        Spec {
            kind: KIND,
            label: "Frontal alpha asymmetry",
            description: "Natural logarithm of alpha power at a right frontal electrode minus that at its left counterpart; over \
                          the whole head F4 minus F3, or the mean over the pairs recorded. Positive means more alpha on the \
                          right. Weak evidence; it depends on the reference.",
            unit: Unit::One,
            change: Change::Difference,
            contaminable: false,
            formula: r"A = \ln P_\alpha(\mathrm{right}) - \ln P_\alpha(\mathrm{left})",
            reference: "Allen JJB, Coan JA, Nazarian M (2004). Issues and assumptions on the road from raw signals to metrics of \
                        frontal EEG asymmetry in emotion. Biological Psychology 67, 183-218",
            doi: "10.1016/j.biopsycho.2004.03.007",
        }
    }

    fn needs(&self) -> Needs {
        Needs { min_channels: 2, ..Needs::of_fast_band(self.band) }
    }

    fn muscle_band(&self) -> Option<Band> {
        (self.band.high() > MUSCLE_FROM).then_some(self.band)
    }

    fn block_stats(&self, segment: &Segment) -> Result<BlockStats> {
        let electrode = |name: &str| among(segment.labels(), &[name]).first().copied();
        let pairs: Vec<(usize, [usize; 2])> = PAIRS
            .iter()
            .enumerate()
            .filter_map(|(pair, (right, left))| Some((pair, [electrode(right)?, electrode(left)?])))
            .collect();
        if pairs.is_empty() {
            let what = "no pair of mirrored frontal electrodes (F4 and F3, F8 and F7, F2 and F1, F6 and F5, AF4 and AF3, Fp2 and \
                        Fp1); name the channels by the 10-05 system";
            return Err(Error::Needs { marker: KIND.into(), what: what.into() });
        }
        let channels: Vec<usize> = pairs.iter().flat_map(|(_, ends)| *ends).collect();
        let power = band_stats(segment, self.band)?.epoch_values()?.select(Axis(1), &channels);
        let names: Vec<usize> = pairs.iter().map(|(pair, _)| *pair).collect();
        let (sites, note) = sites(&names);
        let mut stats = BlockStats::of_epochs(segment, power, sites);
        stats.channels = channels.iter().map(|&channel| segment.labels()[channel].clone()).collect();
        stats.notes.extend(note);
        Ok(stats)
    }

    fn evaluate(&self, stats: &BlockStats, counts: ArrayView2<'_, u32>) -> Result<Array2<f64>> {
        let pairs = differences(averages(stats, counts, self.average)?.view());
        Ok(site_values(pairs.view(), &stats.members, arithmetic_mean))
    }

    fn epoch_values(&self, stats: &BlockStats) -> Result<Option<Array2<f64>>> {
        let pairs = differences(stats.epoch_values()?.index_axis(Axis(2), 0));
        Ok(Some(site_values(pairs.view(), &stats.members, arithmetic_mean)))
    }
}

/// Power of right and left electrodes in turn `[row, 2 × pair]` → `ln right − ln left` `[row, pair]`; NaN without power.
fn differences(power: ArrayView2<'_, f64>) -> Array2<f64> {
    let (n_rows, n_channels) = power.dim();
    Array2::from_shape_fn((n_rows, n_channels / 2), |(row, pair)| {
        let difference = power[[row, 2 * pair]].ln() - power[[row, 2 * pair + 1]].ln();
        if difference.is_finite() { difference } else { f64::NAN }
    })
}

/// `global`, then the pairs there are (indices of [`PAIRS`]); a note where F4-F3 is not one of them.
fn sites(pairs: &[usize]) -> (Sites, Option<String>) {
    let names: Vec<String> = pairs.iter().map(|&p| format!("{}-{}", PAIRS[p].0, PAIRS[p].1)).collect();
    let has_first = pairs.first() == Some(&0);
    let global = if has_first { Members::One(0) } else { Members::Mean((0..pairs.len()).collect()) };
    let note = (!has_first).then(|| format!("no F4 and F3: asymmetry over the head is the mean of {}", names.join(", ")));
    let members = std::iter::once(global).chain((0..pairs.len()).map(Members::One)).collect();
    (Sites { names: std::iter::once("global".to_owned()).chain(names).collect(), members }, note)
}

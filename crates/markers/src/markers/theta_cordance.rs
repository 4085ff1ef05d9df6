//! Theta cordance.

use crate::aggregate::{arithmetic_mean, site_values};
use crate::bipolar::{neighbour_pairs, pair_powers};
use crate::gate::MUSCLE_FROM;
use crate::markers::bin_sums;
use crate::mean_spectrum::block_sums;
use crate::sites::{Sites, among, channel_sites, labels};
use crate::{BlockStats, Change, Error, Marker, Members, Needs, Result, Segment, Spec};
use dosewave_eeg::{Band, Channel, Hz, Unit};
use ndarray::{Array2, Array3, ArrayView2, ArrayViewMut1, Axis, concatenate};
use serde::{Deserialize, Serialize};

const KIND: &str = "theta_cordance";
/// Fewer electrodes give no topography to be unusual in. Our own judgement.
const FEWEST_ELECTRODES: usize = 8;
const EARS: [&str; 4] = ["A1", "A2", "M1", "M2"];
const PREFRONTAL: [&str; 12] =
    ["FP1", "FPZ", "FP2", "AF1", "AF2", "AF3", "AF4", "AF5", "AF6", "AF7", "AF8", "AFZ"];

/// How the power of an electrode is made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CordanceVersion {
    /// Mean power of the bipolar derivations with its neighbours.
    #[default]
    Reattributed,
    /// Power of its own signal.
    Unattributed,
}

/// Theta cordance: how far an electrode's theta stands out from the other electrodes', in absolute and relative power together.
///
/// ```math
/// C_c = z_c\!\left(\sqrt{A}\right) + z_c\!\left(\sqrt{A / T}\right), \qquad
/// A_c = \frac{1}{|N_c|} \sum_{j \in N_c} P_\theta(x_c - x_j)
/// ```
///
/// Version `reattributed` (default): the power `A` of the band and `T` of the total are means over the bipolar derivations of
/// the electrode with its nearest neighbours, `N`: electrodes no further apart (straight distance) than 1.3 times the geometric
/// mean of the distances of each to its nearest one, and that one. Version `unattributed`: power of the electrode's own signal, without the bipolar step. Both are means over
/// epochs, mains left out; `z` is over electrodes, with their mean and sample standard deviation. The formula is ours by
/// these names: published versions differ in neighbours, bands and transformation, and do not compare.
///
/// `global` is about 0 by construction, since `z` has no mean over electrodes; read `prefrontal` (Fp, AF), the regions and
/// the channels. Electrodes without a position and those of ears and mastoids are left out; below eight the marker is
/// missing. The total is 1–20 Hz, below muscle, our own choice. A change is a difference of a pure number, and relative to the
/// head: when one electrode rises the others fall.
///
/// Horacek et al. 2010, <https://doi.org/10.1017/S0033291709991619>, followed ketamine with prefrontal theta cordance.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ThetaCordance {
    /// `reattributed` or `unattributed`.
    pub version: CordanceVersion,
    /// The band, `[low, high)` in Hz.
    pub band: Band,
    /// The total of relative power, `[low, high)` in Hz.
    pub total: Band,
}

impl Default for ThetaCordance {
    fn default() -> Self {
        let total = Band::new(Hz(1.0), Hz(20.0)).unwrap_or(Band::BROADBAND);
        Self { version: CordanceVersion::Reattributed, band: Band::THETA, total }
    }
}

impl Marker for ThetaCordance {
    fn spec() -> Spec {
        Spec {
            kind: KIND,
            label: "Theta cordance",
            description: "How far an electrode's theta stands out over the head: z over electrodes of the root of absolute power \
                          plus z of the root of relative power (4-8 Hz of 1-20 Hz), power being the mean over the bipolar \
                          derivations with the nearest electrodes. About 0 over the whole head by construction; read prefrontal, \
                          regions and channels.",
            unit: Unit::One,
            change: Change::Difference,
            contaminable: false,
            formula: r"C_c = z_c\left(\sqrt{A}\right) + z_c\left(\sqrt{A / T}\right)",
            reference: "Horacek J et al. (2010). Subanesthetic dose of ketamine decreases prefrontal theta cordance in healthy \
                        volunteers: implications for antidepressant effect. Psychological Medicine 40, 1443-1451",
            doi: "10.1017/S0033291709991619",
        }
    }

    fn needs(&self) -> Needs {
        let highest = if self.band.high() > self.total.high() { self.band } else { self.total };
        Needs { min_channels: FEWEST_ELECTRODES, ..Needs::of_band(highest) }
    }

    fn muscle_band(&self) -> Option<Band> {
        [self.band, self.total].into_iter().find(|band| band.high() > MUSCLE_FROM)
    }

    fn block_stats(&self, segment: &Segment) -> Result<BlockStats> {
        let electrodes = Electrodes::of(segment)?;
        let powers = match self.version {
            CordanceVersion::Reattributed => self.reattributed(segment, &electrodes)?,
            CordanceVersion::Unattributed => self.unattributed(segment, &electrodes)?,
        };
        let mut stats = BlockStats::of_epochs(segment, powers, electrodes.sites);
        stats.channels = electrodes.labels;
        let n_left_out = segment.eeg().len() - stats.channels.len();
        stats.notes.extend((n_left_out > 0).then(|| {
            format!("cordance over {} electrodes; {n_left_out} at the ears or without a position", stats.channels.len())
        }));
        Ok(stats)
    }

    fn evaluate(&self, stats: &BlockStats, counts: ArrayView2<'_, u32>) -> Result<Array2<f64>> {
        stats.check_counts(counts)?;
        // counts cancel: both powers are divided by the same number of epochs
        let (sums, _) = block_sums(stats.epoch_values()?.view(), &stats.block_of, stats.n_blocks);
        let weights = counts.mapv(f64::from);
        let drawn = |slot| weights.dot(&sums.index_axis(Axis(2), slot));
        let cordance = cordance(drawn(0).view(), drawn(1).view());
        Ok(site_values(cordance.view(), &stats.members, arithmetic_mean))
    }

    fn epoch_values(&self, stats: &BlockStats) -> Result<Option<Array2<f64>>> {
        let powers = stats.epoch_values()?;
        let cordance = cordance(powers.index_axis(Axis(2), 0), powers.index_axis(Axis(2), 1));
        Ok(Some(site_values(cordance.view(), &stats.members, arithmetic_mean)))
    }
}

impl ThetaCordance {
    /// Power of band and total, `[epoch, electrode, 2]`: mean over the bipolar derivations of each electrode.
    fn reattributed(&self, segment: &Segment, electrodes: &Electrodes) -> Result<Array3<f64>> {
        let pairs = neighbour_pairs(&electrodes.positions);
        let channels: Vec<(usize, usize)> =
            pairs.iter().map(|&(i, j)| (electrodes.channels[i], electrodes.channels[j])).collect();
        let of_pairs = pair_powers(segment, &channels, [self.band, self.total], KIND)?;
        let n_epochs = segment.epochs().n_epochs();
        let mut powers = Array3::zeros((n_epochs, electrodes.channels.len(), 2));
        for electrode in 0..electrodes.channels.len() {
            let own: Vec<usize> =
                (0..pairs.len()).filter(|&p| pairs[p].0 == electrode || pairs[p].1 == electrode).collect();
            for &pair in &own {
                let mut power = powers.index_axis_mut(Axis(1), electrode);
                power.scaled_add(1.0 / own.len() as f64, &of_pairs.index_axis(Axis(1), pair));
            }
        }
        Ok(powers)
    }

    /// Power of band and total, `[epoch, electrode, 2]`, of the signals as they are.
    fn unattributed(&self, segment: &Segment, electrodes: &Electrodes) -> Result<Array3<f64>> {
        let (band, total) = (bin_sums(segment, self.band, KIND)?, bin_sums(segment, self.total, KIND)?);
        let both = concatenate(Axis(2), &[band.view(), total.view()]).map_err(|_| Error::Shape {
            what: "epochs of two bands",
            expected: format!("{:?}", band.dim()),
            got: format!("{:?}", total.dim()),
        })?;
        Ok(both.select(Axis(1), &electrodes.among_eeg))
    }
}

/// The electrodes of the scalp that have a position.
struct Electrodes {
    /// Their places among the EEG channels.
    among_eeg: Vec<usize>,
    /// Their places among all channels.
    channels: Vec<usize>,
    positions: Vec<[f64; 3]>,
    labels: Vec<String>,
    sites: Sites,
}

impl Electrodes {
    fn of(segment: &Segment) -> Result<Self> {
        let eeg = segment.eeg_channels();
        let at_ear = |channel: &Channel| EARS.iter().any(|ear| ear.eq_ignore_ascii_case(channel.label()));
        let among_eeg: Vec<usize> =
            (0..eeg.len()).filter(|&i| eeg[i].position.is_some() && !at_ear(eeg[i])).collect();
        if among_eeg.len() < FEWEST_ELECTRODES {
            let what = format!(
                "{} electrode(s) of the scalp with a position, at least {FEWEST_ELECTRODES} needed; name the channels by the \
                 10-05 system or give their positions",
                among_eeg.len()
            );
            return Err(Error::Needs { marker: KIND.into(), what });
        }
        let inside: Vec<&Channel> = among_eeg.iter().map(|&i| eeg[i]).collect();
        let labels = labels(&inside);
        let mut sites = channel_sites(&inside);
        let prefrontal = among(&labels, &PREFRONTAL);
        if !prefrontal.is_empty() {
            sites.names.insert(1, "prefrontal".to_owned());
            sites.members.insert(1, Members::Mean(prefrontal));
        }
        Ok(Self {
            channels: among_eeg.iter().map(|&i| segment.eeg()[i]).collect(),
            positions: inside.iter().filter_map(|channel| channel.position).collect(),
            among_eeg,
            labels,
            sites,
        })
    }
}

/// Cordance `[row, electrode]` from the power of band and total `[row, electrode]`; NaN where an electrode has no power, and
/// in a row where all are alike.
fn cordance(band: ArrayView2<'_, f64>, total: ArrayView2<'_, f64>) -> Array2<f64> {
    let mut absolute = band.mapv(f64::sqrt);
    let mut relative = (&band / &total).mapv(f64::sqrt);
    absolute.rows_mut().into_iter().chain(relative.rows_mut()).for_each(standardise);
    absolute + relative
}

/// `(x − mean) / SD` over the finite values, with the sample SD.
fn standardise(mut row: ArrayViewMut1<'_, f64>) {
    let finite: Vec<f64> = row.iter().copied().filter(|x| x.is_finite()).collect();
    let n = finite.len() as f64;
    let mean = finite.iter().sum::<f64>() / n;
    let sd = (finite.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / (n - 1.0)).sqrt();
    row.mapv_inplace(|x| if x.is_finite() && sd > 0.0 { (x - mean) / sd } else { f64::NAN });
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn cordance_is_the_sum_of_two_z_scores() {
        // roots of absolute power 1, 2, 3 (z -1, 0, 1), of relative power 3, 2, 1 halves (z 1, 0, -1)
        let cancelled = cordance(array![[1.0, 4.0, 9.0]].view(), array![[4.0 / 9.0, 4.0, 36.0]].view());
        assert!(cancelled.iter().all(|c| c.abs() < 1e-12), "{cancelled}");
        // relative power 1, 2, 3 quarters squared: both z agree
        let doubled = cordance(array![[1.0, 4.0, 9.0]].view(), array![[16.0, 16.0, 16.0]].view());
        assert!((&doubled - &array![[-2.0, 0.0, 2.0]]).iter().all(|d| d.abs() < 1e-12), "{doubled}");
    }

    #[test]
    fn equal_electrodes_and_those_without_power_have_none() {
        assert!(cordance(array![[1.0, 1.0]].view(), array![[2.0, 2.0]].view()).iter().all(|c| c.is_nan()));
        let flat = cordance(array![[0.0, 4.0, 9.0]].view(), array![[0.0, 8.0, 9.0]].view());
        assert!(flat[[0, 0]].is_nan() && flat[[0, 1]].is_finite());
    }
}

//! What the gate's rules are fed with: PSDs of muscle and of a marker's band, at the marker's own sites.
//!
//! For a marker with statistics `stats` on `segment`, the muscle at its sites is
//! `at_sites(&stats, &channel_psd(segment, evidence_band(..)?)?)` and the PSD that it may fake is
//! `at_sites(&stats, &channel_psd(segment, marker.muscle_band()?)?)`.

use super::{EVIDENCE_BAND, EVIDENCE_FALLBACK};
use crate::aggregate::{geometric_mean, medians};
use crate::markers::band_stats;
use crate::sites::lower_triangle;
use crate::{Available, BlockData, BlockStats, Members, Needs, Result, Segment, check_needs, plain_counts};
use dosewave_eeg::Band;

/// The band in which muscle can be measured: [`EVIDENCE_BAND`], else [`EVIDENCE_FALLBACK`], else nothing.
///
/// Compare two windows in the band that both carry: evidence of 51–69 Hz and of 110–140 Hz does not mix.
#[must_use]
pub fn evidence_band(available: &Available) -> Option<Band> {
    let carried = |band: &Band| check_needs(&Needs::of_band(*band), available).is_none();
    [EVIDENCE_BAND, EVIDENCE_FALLBACK].into_iter().find(carried)
}

/// Median over epochs of the mean PSD in `band`, one per EEG channel of the segment, µV²/Hz. NaN where it is undefined.
///
/// # Errors
/// A band that the epochs do not carry.
pub fn channel_psd(segment: &Segment, band: Band) -> Result<Vec<f64>> {
    let stats = band_stats(segment, band)?;
    Ok(medians(&stats, plain_counts(stats.n_blocks).view())?.into_iter().collect())
}

/// A PSD per channel, as a PSD per site of `stats`: the geometric mean over the channels that the site is made of (for pairs,
/// over the channels of its pairs). `None` where no channel has a positive value.
#[must_use]
pub fn at_sites(stats: &BlockStats, channel_psd: &[f64]) -> Vec<Option<f64>> {
    let order: Vec<usize> = (0..stats.channels.len()).collect();
    let pairs = match stats.data {
        BlockData::Pairs(_) => lower_triangle(&order),
        BlockData::Epochs(_) => Vec::new(),
    };
    stats.members.iter().map(|members| at_site(members, &pairs, channel_psd)).collect()
}

fn at_site(members: &Members, pairs: &[(usize, usize)], channel_psd: &[f64]) -> Option<f64> {
    let units = match members {
        Members::One(unit) => std::slice::from_ref(unit),
        Members::Mean(units) => units.as_slice(),
    };
    let mut channels: Vec<usize> =
        units.iter().flat_map(|&unit| pairs.get(unit).map_or([unit, unit], |&(i, j)| [i, j])).collect();
    channels.sort_unstable();
    channels.dedup();
    let defined: Vec<f64> =
        channels.iter().filter_map(|&c| channel_psd.get(c).copied()).filter(|psd| psd.is_finite()).collect();
    Some(geometric_mean(&defined)).filter(|mean| mean.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;
    use dosewave_eeg::{Hz, Seconds};

    #[test]
    fn evidence_falls_back_and_ends() {
        let at = |sfreq, low_pass: Option<f64>| Available {
            sfreq: Hz(sfreq),
            low_pass: low_pass.map(Hz),
            duration: Seconds(60.0),
            n_channels: 4,
            n_epochs: 30,
        };
        let band = |available| evidence_band(&available);
        assert_eq!(band(at(1000.0, None)), Some(EVIDENCE_BAND));
        assert_eq!(band(at(1000.0, Some(100.0))), Some(EVIDENCE_FALLBACK));
        assert_eq!(band(at(1000.0, Some(45.0))), None);
    }

    #[test]
    fn a_site_of_pairs_takes_each_channel_once() {
        let psd = [1.0, 100.0, f64::NAN, 10_000.0];
        let pairs = lower_triangle(&[0, 1, 2, 3]);
        let close =
            |got: Option<f64>, want: f64| assert!((got.unwrap() / want - 1.0).abs() < 1e-12, "{got:?}");
        // pairs (1,0) and (3,1): channels 0, 1, 3
        close(at_site(&Members::Mean(vec![0, 4]), &pairs, &psd), 100.0);
        close(at_site(&Members::One(1), &[], &psd), 100.0);
        assert_eq!(at_site(&Members::One(2), &[], &psd), None);
    }
}

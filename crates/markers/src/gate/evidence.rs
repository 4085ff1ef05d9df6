//! Where muscle is measured.

use super::{EVIDENCE_BAND, EVIDENCE_FALLBACK, Verdict};
use crate::markers::BandPower;
use crate::{Available, Needs, check_needs};
use dosewave_eeg::{Band, Hz};

/// What a measurement of muscle in `band` needs: a rate of 2.5 × its upper end, so that the usual anti-alias filters do not
/// hide the muscle. Our own judgement: 110–140 Hz from 350 Hz on, 51–69 Hz from 172.5 Hz on.
pub(crate) fn evidence_needs(band: Band) -> Needs {
    Needs { min_sfreq: Hz(2.5 * band.high().0), ..Needs::of_band(band) }
}

/// The marker that measures muscle at every site of a power marker (channels, regions, `global`): [`BandPower`] in
/// [`EVIDENCE_BAND`], else in [`EVIDENCE_FALLBACK`], else nothing, where the recording carries neither. Its values are the
/// `e` of this module, µV²/Hz.
///
/// Compare two windows in a band that both carry: evidence of 51–69 Hz and of 110–140 Hz does not mix.
///
/// ```
/// use dosewave_eeg::{Band, Hz, Seconds};
/// use dosewave_markers::{Available, gate::evidence_marker};
/// let at = |sfreq| Available { sfreq: Hz(sfreq), low_pass: None, duration: Seconds(60.0), n_channels: 4, n_epochs: 30 };
/// assert_eq!(evidence_marker(&at(500.0)).unwrap().band, Band::MUSCLE);
/// assert_eq!(evidence_marker(&at(256.0)).unwrap().band, Band::MUSCLE_FALLBACK);
/// assert!(evidence_marker(&at(128.0)).is_none());
/// ```
#[must_use]
pub fn evidence_marker(available: &Available) -> Option<BandPower> {
    let carried = |band: &Band| check_needs(&evidence_needs(*band), available).is_none();
    [EVIDENCE_BAND, EVIDENCE_FALLBACK]
        .into_iter()
        .find(carried)
        .map(|band| BandPower { band, ..BandPower::default() })
}

/// Whether part of the evidence band lies inside the band that is judged: HFO at 110–140 Hz, high gamma at 51–69 Hz.
///
/// ```
/// use dosewave_eeg::Band;
/// use dosewave_markers::gate::{EVIDENCE_BAND, EVIDENCE_FALLBACK, overlaps};
/// assert!(overlaps(Band::HFO, EVIDENCE_BAND) && overlaps(Band::HIGH_GAMMA, EVIDENCE_FALLBACK));
/// assert!(!overlaps(Band::HIGH_GAMMA, EVIDENCE_BAND) && !overlaps(Band::LOW_GAMMA, EVIDENCE_FALLBACK));
/// ```
#[must_use]
pub fn overlaps(judged: Band, evidence: Band) -> bool {
    judged.low() < evidence.high() && evidence.low() < judged.high()
}

/// A verdict that rests on evidence from inside the judged band: the brain's own rise there looks like muscle, so that
/// confounded becomes unknown. What speaks against muscle (evidence that is small, or did not move) still does.
///
/// ```
/// use dosewave_markers::gate::{Verdict, in_own_band};
/// assert_eq!(in_own_band(Verdict::Confounded), Verdict::Unknown);
/// assert_eq!(in_own_band(Verdict::Ok), Verdict::Ok);
/// ```
#[must_use]
pub fn in_own_band(verdict: Verdict) -> Verdict {
    if verdict == Verdict::Confounded { Verdict::Unknown } else { verdict }
}

/// The lower and the upper half of an evidence band: two measurements of the same muscle with errors of their own.
///
/// ```
/// use dosewave_markers::gate::{EVIDENCE_BAND, evidence_halves};
/// let [lower, upper] = evidence_halves(EVIDENCE_BAND).unwrap();
/// assert_eq!((lower.high().0, upper.low().0), (125.0, 125.0));
/// ```
#[must_use]
pub fn evidence_halves(band: Band) -> Option<[Band; 2]> {
    let middle = Hz(f64::midpoint(band.low().0, band.high().0));
    Some([Band::new(band.low(), middle).ok()?, Band::new(middle, band.high()).ok()?])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Marker;
    use dosewave_eeg::Seconds;

    fn at(sfreq: f64, low_pass: Option<f64>) -> Available {
        Available {
            sfreq: Hz(sfreq),
            low_pass: low_pass.map(Hz),
            duration: Seconds(60.0),
            n_channels: 4,
            n_epochs: 30,
        }
    }

    #[test]
    fn evidence_falls_back_and_ends() {
        let band = |available| evidence_marker(&available).map(|marker| marker.band);
        assert_eq!(band(at(1000.0, None)), Some(EVIDENCE_BAND));
        assert_eq!(band(at(1000.0, Some(100.0))), Some(EVIDENCE_FALLBACK));
        assert_eq!(band(at(300.0, None)), Some(EVIDENCE_FALLBACK));
        assert_eq!(band(at(1000.0, Some(45.0))), None);
    }

    #[test]
    fn what_is_offered_can_be_computed() {
        for available in [at(350.0, None), at(250.0, None), at(200.0, Some(100.0))] {
            let marker = evidence_marker(&available).unwrap();
            assert_eq!(check_needs(&marker.needs(), &available), None);
        }
    }
}

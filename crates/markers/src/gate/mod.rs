//! The muscle gate: could muscle explain a value, or a change?
//!
//! The evidence is the PSD at 110–140 Hz ([`EVIDENCE_BAND`]), where scalp EEG is mostly muscle. Muscle is taken as spectrally
//! flat from there downwards, so this PSD, called `e`, is an upper bound of muscle's part in any band above 20 Hz (it also
//! holds amplifier noise and whatever brain signal there is). One rule for values, two for changes:
//!
//! * a value is confounded when `e` is at least half of the band's PSD ([`segment_verdict`]);
//! * a change of power, exponent or offset is confounded when muscle predicts at least half of it, with the same sign
//!   ([`change_verdict`]). There are two predictions, and either is enough: what a flat change of `e` would do
//!   ([`expected_change_db`], [`expected_fit_change`]), and what the epochs teach, the slopes of the value on the muscle index
//!   and on saccadic spikes within the windows times their changes ([`learned_slopes`]; where the muscle index does not vary
//!   enough to teach a slope, the flat change stands in for its part). Where the index over the rim moved, each prediction is
//!   widened by a trifle ([`slack`]), and a change that is itself a trifle is confounded unless the index moved against it. An
//!   exponent or offset without any prediction follows the index alone ([`change_verdict_exponent`]);
//! * any other change is confounded when `e` moved by 1 dB or more ([`change_verdict_other`]).
//!
//! Where the band that is judged holds part of the evidence band ([`overlaps`]), a rise of `e` may be the brain's own: what
//! would be confounded there is unknown ([`in_own_band`]), and muscle cannot be taken out.
//!
//! The thresholds are our own judgement: they are constants here, each with its reason; `benches/` measures how often the
//! verdicts are right where the truth is known. `ok` means that the evidence speaks against muscle as the main cause; it
//! does not prove a cortical source.

mod evidence;
mod learned;

use crate::aperiodic::{Fit, line};
use dosewave_eeg::{Band, Hz};
use ndarray::{ArrayView1, Zip};
use serde::{Deserialize, Serialize};

pub(crate) use evidence::evidence_needs;
pub use evidence::{evidence_halves, evidence_marker, in_own_band, overlaps};
pub use learned::{LearnedSlopes, Observation, learned_slopes};

/// Muscle reaches down to here: paralysis lowers scalp power above 20 Hz tenfold and more (Whitham et al. 2007,
/// <https://doi.org/10.1016/j.clinph.2007.04.027>). Markers that stay below need no evidence.
pub const MUSCLE_FROM: Hz = Hz(20.0);
/// Where muscle is measured: 110–140 Hz.
pub const EVIDENCE_BAND: Band = Band::MUSCLE;
/// Where it is measured when the recording does not carry [`EVIDENCE_BAND`]: 51–69 Hz.
pub const EVIDENCE_FALLBACK: Band = Band::MUSCLE_FALLBACK;
/// Share of muscle in a band's PSD from which a value is confounded. Our own judgement: from one half on, muscle would be
/// the larger part.
pub const MAX_SHARE: f64 = 0.5;
/// Part of an observed change that muscle must predict to confound it. Our own judgement, as above.
pub const MIN_EXPLAINED: f64 = 0.5;
/// Predicted changes of power below this are no threat, dB. Our own judgement: below the retest noise of a band's power.
pub const MIN_EXPECTED_DB: f64 = 0.25;
/// Predicted changes of exponent or offset below this are no threat. Our own judgement: it is what 0.1 dB of muscle at the
/// top of a decade would give.
pub const MIN_EXPECTED_FIT: f64 = 0.01;
/// Change of the muscle index at the rim from which predictions are widened, dB. Set on simulated subjects (seeds from 100000
/// of `benches/honesty`), whose steady muscle wanders by about this much over two minutes.
pub const MIN_MOVED_DB: f64 = 0.25;
/// Change of the muscle index from which a change that cannot be predicted is confounded, dB. Our own judgement: a quarter
/// more muscle.
pub const MIN_DELTA_EMG_DB: f64 = 1.0;

/// The verdict on muscle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The evidence speaks against muscle as the main cause.
    Ok,
    /// Muscle can explain the value or the change.
    Confounded,
    /// There is no evidence either way.
    Unknown,
    /// Muscle cannot fake this marker.
    NotApplicable,
}

impl Verdict {
    /// As it stands in tables.
    ///
    /// ```
    /// assert_eq!(dosewave_markers::gate::Verdict::NotApplicable.name(), "not_applicable");
    /// ```
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Confounded => "confounded",
            Self::Unknown => "unknown",
            Self::NotApplicable => "not_applicable",
        }
    }
}

/// Upper bound of muscle's share in a PSD: `e / psd`, both µV²/Hz; `None` unless both are usable.
///
/// ```
/// assert_eq!(dosewave_markers::gate::muscle_share(0.25, 0.5), Some(0.5));
/// ```
#[must_use]
pub fn muscle_share(e: f64, psd_uv2_hz: f64) -> Option<f64> {
    (e.is_finite() && e >= 0.0 && psd_uv2_hz.is_finite() && psd_uv2_hz > 0.0).then(|| e / psd_uv2_hz)
}

/// Verdict on a value from muscle's share in the PSD of its band ([`crate::Marker::muscle_band`]).
///
/// ```
/// use dosewave_markers::gate::{Verdict, segment_verdict};
/// assert_eq!(segment_verdict(Some(0.2)), Verdict::Ok);
/// assert_eq!(segment_verdict(Some(0.5)), Verdict::Confounded);
/// assert_eq!(segment_verdict(None), Verdict::Unknown);
/// ```
#[must_use]
pub fn segment_verdict(share: Option<f64>) -> Verdict {
    match share {
        Some(share) if share >= MAX_SHARE => Verdict::Confounded,
        Some(share) if share.is_finite() => Verdict::Ok,
        _ => Verdict::Unknown,
    }
}

/// The change of a band's power that muscle alone would make, dB: `10·log10((p_pre + e_post − e_pre) / p_pre)`.
///
/// Where less muscle would leave nothing of `p_pre`, the change is minus infinity. `None` unless all are usable.
///
/// ```
/// use dosewave_markers::gate::expected_change_db;
/// // a tenth of the power is added
/// assert!((expected_change_db(1.0, 0.05, 0.15).unwrap() - 0.4139).abs() < 1e-4);
/// ```
#[must_use]
pub fn expected_change_db(p_pre: f64, e_pre: f64, e_post: f64) -> Option<f64> {
    let usable = p_pre.is_finite() && p_pre > 0.0 && e_pre.is_finite() && e_post.is_finite();
    usable.then(|| 10.0 * (f64::max(p_pre + e_post - e_pre, 0.0) / p_pre).log10())
}

/// Exponent and offset change that muscle alone would make: `e_post − e_pre` added flat to the baseline spectrum above
/// [`MUSCLE_FROM`], fitted again, minus the fit before. `None` where either spectrum has no fit.
#[must_use]
pub fn expected_fit_change(
    freqs_hz: ArrayView1<'_, f64>,
    psd_pre_uv2_hz: ArrayView1<'_, f64>,
    e_pre: f64,
    e_post: f64,
    fit: Fit,
) -> Option<FitChange> {
    let mut psd = psd_pre_uv2_hz.to_owned();
    Zip::from(&mut psd).and(freqs_hz).for_each(|psd, &freq| {
        *psd += if freq >= MUSCLE_FROM.0 { e_post - e_pre } else { 0.0 };
    });
    let (before, after) = (line(freqs_hz, psd_pre_uv2_hz, fit)?, line(freqs_hz, psd.view(), fit)?);
    Some(FitChange { exponent: after.exponent - before.exponent, offset: after.offset - before.offset })
}

/// A change of the aperiodic fit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FitChange {
    /// Of the exponent.
    pub exponent: f64,
    /// Of the offset, log10 µV²/Hz.
    pub offset: f64,
}

/// Verdict on a change of exponent (or offset): `expected` from [`expected_fit_change`] where there is one, else from the
/// change of the muscle index in dB.
///
/// With an expectation the rule is that of power, with [`MIN_EXPECTED_FIT`]. Without one it is confounded when the muscle
/// index moved by [`MIN_DELTA_EMG_DB`] or more in the direction that fakes the change: more muscle lowers exponent and
/// offset.
///
/// ```
/// use dosewave_markers::gate::{Verdict, change_verdict_exponent};
/// assert_eq!(change_verdict_exponent(-0.20, Some(-0.15), None), Verdict::Confounded);
/// assert_eq!(change_verdict_exponent(-0.20, Some(-0.05), None), Verdict::Ok);
/// assert_eq!(change_verdict_exponent(-0.20, None, Some(2.0)), Verdict::Confounded);
/// assert_eq!(change_verdict_exponent(0.20, None, Some(2.0)), Verdict::Ok);
/// ```
#[must_use]
pub fn change_verdict_exponent(observed: f64, expected: Option<f64>, delta_emg_db: Option<f64>) -> Verdict {
    match (expected, delta_emg_db) {
        (Some(expected), _) => explained(observed, expected, MIN_EXPECTED_FIT),
        (None, Some(delta)) if delta.is_finite() && observed.is_finite() => {
            verdict(delta.abs() >= MIN_DELTA_EMG_DB && delta * observed < 0.0)
        }
        _ => Verdict::Unknown,
    }
}

/// Verdict on a change whose dependence on muscle is not known (coupling): confounded when the muscle index moved by
/// [`MIN_DELTA_EMG_DB`] or more, either way.
///
/// ```
/// use dosewave_markers::gate::{Verdict, change_verdict_other};
/// assert_eq!(change_verdict_other(Some(-1.2)), Verdict::Confounded);
/// assert_eq!(change_verdict_other(Some(0.4)), Verdict::Ok);
/// assert_eq!(change_verdict_other(None), Verdict::Unknown);
/// ```
#[must_use]
pub fn change_verdict_other(delta_emg_db: Option<f64>) -> Verdict {
    match delta_emg_db {
        Some(delta) if delta.is_finite() => verdict(delta.abs() >= MIN_DELTA_EMG_DB),
        _ => Verdict::Unknown,
    }
}

/// Verdict on a change from what muscle predicts: by a flat change of its spectrum, and by the slope that the epochs teach.
///
/// No prediction is exact. Where the evidence moved ([`MIN_MOVED_DB`]) each is widened by `slack`, the size of a trifle with
/// the sign that muscle would give ([`slack`]). Confounded when either has the sign of the change, is no trifle, and makes up at
/// least [`MIN_EXPLAINED`] of it; a change that is itself less than a trifle is confounded unless the evidence moved against
/// it, since muscle that hardly reaches the evidence band could make it; unknown without a prediction.
///
/// ```
/// use dosewave_markers::gate::{MIN_EXPECTED_DB, Verdict, change_verdict};
/// let verdict = |flat, learned, slack| change_verdict(1.5, flat, learned, slack, MIN_EXPECTED_DB);
/// assert_eq!(verdict(Some(0.2), Some(1.0), 0.0), Verdict::Confounded);
/// assert_eq!(verdict(Some(0.2), None, 0.0), Verdict::Ok);
/// assert_eq!(verdict(Some(0.55), None, 0.25), Verdict::Confounded);
/// assert_eq!(verdict(None, None, 0.25), Verdict::Unknown);
/// assert_eq!(change_verdict(0.1, Some(0.0), None, 0.0, MIN_EXPECTED_DB), Verdict::Confounded);
/// assert_eq!(change_verdict(0.1, Some(0.0), None, -0.25, MIN_EXPECTED_DB), Verdict::Ok);
/// ```
#[must_use]
pub fn change_verdict(
    observed: f64,
    flat: Option<f64>,
    learned: Option<f64>,
    slack: f64,
    trifle: f64,
) -> Verdict {
    let is_trifle = observed.abs() < trifle && observed * slack >= 0.0;
    let predictions = [flat, learned].into_iter().flatten();
    let verdicts = predictions.map(|expected| match explained(observed, expected + slack, trifle) {
        Verdict::Ok if is_trifle => Verdict::Confounded,
        found => found,
    });
    verdicts.reduce(|a, b| if a == Verdict::Confounded { a } else { b }).unwrap_or(Verdict::Unknown)
}

/// What a prediction is widened by: `trifle` with the sign of the evidence's change, once that is at least [`MIN_MOVED_DB`].
/// Give a negative trifle for what muscle lowers (exponent and offset).
///
/// ```
/// use dosewave_markers::gate::slack;
/// assert_eq!([slack(Some(2.0), 0.25), slack(Some(-2.0), 0.25), slack(Some(0.2), 0.25)], [0.25, -0.25, 0.0]);
/// ```
#[must_use]
pub fn slack(delta_emg_db: Option<f64>, trifle: f64) -> f64 {
    match delta_emg_db {
        Some(delta) if delta.abs() >= MIN_MOVED_DB => trifle * delta.signum(),
        _ => 0.0,
    }
}

/// Whether `expected` has the sign of `observed`, is no trifle, and makes up enough of it.
fn explained(observed: f64, expected: f64, trifle: f64) -> Verdict {
    if observed.is_nan() || expected.is_nan() {
        return Verdict::Unknown;
    }
    let size = expected.abs();
    verdict(
        observed.signum() == expected.signum() && size >= trifle && size >= MIN_EXPLAINED * observed.abs(),
    )
}

fn verdict(confounded: bool) -> Verdict {
    if confounded { Verdict::Confounded } else { Verdict::Ok }
}

#[cfg(test)]
mod tests {
    use super::*;
    use dosewave_numerics::spectral::{MainsMask, band_mean};
    use ndarray::Array1;

    const NO_MAINS: MainsMask = MainsMask { line_hz: None, half_width_hz: 2.0 };

    /// A brain of f^-1.5 and flat muscle of `part` times the brain's PSD at 40 Hz.
    fn spectrum(part: f64) -> (Array1<f64>, Array1<f64>) {
        let freqs_hz = Array1::from_iter((2..=400).map(|bin| 0.5 * f64::from(bin)));
        let psd = freqs_hz.mapv(|f| f.powf(-1.5) + part * 40_f64.powf(-1.5));
        (freqs_hz, psd)
    }

    /// On a change of power by the flat prediction alone, the index over the rim unmoved.
    fn power_verdict(p: [f64; 2], e: [f64; 2]) -> Verdict {
        let observed = 10.0 * (p[1] / p[0]).log10();
        change_verdict(observed, expected_change_db(p[0], e[0], e[1]), None, 0.0, MIN_EXPECTED_DB)
    }

    fn power(part: f64, band: Band) -> f64 {
        let (freqs_hz, psd) = spectrum(part);
        band_mean(freqs_hz.view(), psd.view(), band.low().0, band.high().0, &NO_MAINS).unwrap()
    }

    #[test]
    fn a_tenth_of_muscle_at_40_hz_makes_the_published_gamma_changes_and_is_caught() {
        // brain f^-1.5; (muscle, 30-45 Hz dB, 55-90 Hz dB)
        for (part, low_db, high_db) in [(0.1, 0.37, 0.92), (0.5, 1.59, 3.37)] {
            for (band, db) in [(Band::LOW_GAMMA, low_db), (Band::HIGH_GAMMA, high_db)] {
                let (p_pre, p_post) = (power(0.0, band), power(part, band));
                let (e_pre, e_post) = (power(0.0, EVIDENCE_BAND), power(part, EVIDENCE_BAND));
                let observed = 10.0 * (p_post / p_pre).log10();
                assert!((observed - db).abs() < 0.02, "{band}: {observed} dB");
                assert!((expected_change_db(p_pre, e_pre, e_post).unwrap() - observed).abs() < 1e-9);
                assert_eq!(power_verdict([p_pre, p_post], [e_pre, e_post]), Verdict::Confounded);
                assert_eq!(
                    power_verdict([p_pre, p_post], [e_pre, e_pre]),
                    Verdict::Ok,
                    "same change, no muscle"
                );
            }
        }
    }

    #[test]
    fn muscle_turns_an_exponent_of_1_5_into_1_323_and_is_caught() {
        let (freqs_hz, psd) = spectrum(0.0);
        let inside: Vec<usize> =
            (0..freqs_hz.len()).filter(|&i| (20.0..=90.0).contains(&freqs_hz[i])).collect();
        let (freqs_hz, psd) =
            (freqs_hz.select(ndarray::Axis(0), &inside), psd.select(ndarray::Axis(0), &inside));
        for (part, exponent) in [(0.1, 1.323), (0.5, 0.922)] {
            let (e_pre, e_post) = (power(0.0, EVIDENCE_BAND), power(part, EVIDENCE_BAND));
            let change = expected_fit_change(freqs_hz.view(), psd.view(), e_pre, e_post, Fit::Ols).unwrap();
            assert!((1.5 + change.exponent - exponent).abs() < 0.01, "{}", 1.5 + change.exponent);
            let verdict = change_verdict_exponent(exponent - 1.5, Some(change.exponent), None);
            assert_eq!(verdict, Verdict::Confounded);
            assert!(change.offset < 0.0, "offset falls with the exponent");
        }
    }

    #[test]
    fn a_change_against_the_muscle_is_not_confounded() {
        assert_eq!(power_verdict([1.0, 0.7], [0.1, 0.5]), Verdict::Ok);
        assert_eq!(power_verdict([1.0, 0.7], [0.5, 0.1]), Verdict::Confounded);
        assert_eq!(power_verdict([1.0, 0.7], [2.0, 0.1]), Verdict::Confounded, "all of it was muscle");
    }

    #[test]
    fn trifles_and_halves_are_told_apart() {
        // +2.0 dB observed: muscle that predicts 0.9 dB is less than half of it, 1.1 dB is more
        let db = |x: f64| 10_f64.powf(x / 10.0);
        assert_eq!(power_verdict([1.0, db(2.0)], [0.0, db(0.9) - 1.0]), Verdict::Ok);
        assert_eq!(power_verdict([1.0, db(2.0)], [0.0, db(1.1) - 1.0]), Verdict::Confounded);
        assert_eq!(power_verdict([1.0, db(0.3)], [0.0, db(0.1) - 1.0]), Verdict::Ok, "0.1 dB is no threat");
    }

    #[test]
    fn a_trifle_is_confounded_unless_the_index_moved_against_it() {
        let trifle =
            |observed: f64, slack: f64| change_verdict(observed, Some(0.0), None, slack, MIN_EXPECTED_DB);
        assert_eq!(
            trifle(0.1, 0.0),
            Verdict::Confounded,
            "muscle below the index's resolution could make it"
        );
        assert_eq!(trifle(0.1, 0.25), Verdict::Confounded, "it rose");
        assert_eq!(trifle(0.1, -0.25), Verdict::Ok, "it fell");
        assert_eq!(trifle(-0.1, -0.25), Verdict::Confounded, "both fell");
    }

    #[test]
    fn verdicts_are_spelt_alike_in_tables_and_json() {
        for verdict in [Verdict::Ok, Verdict::Confounded, Verdict::Unknown, Verdict::NotApplicable] {
            assert_eq!(serde_json::to_value(verdict).unwrap(), verdict.name());
        }
    }
}

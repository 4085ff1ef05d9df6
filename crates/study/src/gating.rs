//! Muscle evidence of a window, and the verdicts that stand beside values and changes.
//!
//! The rules are `dosewave_markers::gate`'s; here they are given the right numbers. Evidence at a channel, a region or over the
//! head is the PSD of the evidence band at that same place; a pair has the mean over the electrodes at the rim of the cap.

use crate::Gate;
use crate::plan::PlannedMarker;
use dosewave_eeg::Band;
use dosewave_markers::gate::{self, Verdict};
use dosewave_markers::markers::{BandPower, EmgIndex};
use dosewave_markers::{BlockData, BlockStats, DynMarker, Fit, Members, Segment, values};
use ndarray::{ArrayView1, Axis};

/// PSD by site, µV²/Hz.
#[derive(Clone, Debug, Default)]
struct Powers {
    sites: Vec<String>,
    psd_uv2_hz: Vec<Option<f64>>,
}

impl Powers {
    /// At a site; pairs have the value over the head.
    fn at(&self, site: &str) -> Option<f64> {
        let place = self
            .sites
            .iter()
            .position(|s| s == site)
            .or_else(|| self.sites.iter().position(|s| s == "global"));
        self.psd_uv2_hz.get(place?).copied().flatten()
    }

    fn has(&self, site: &str) -> bool {
        self.sites.iter().any(|s| s == site)
    }
}

/// What a window says about muscle.
#[derive(Clone, Debug, Default)]
pub(crate) struct Evidence {
    /// The band it comes from, where there is one.
    pub(crate) band: Option<Band>,
    muscle: Powers,
    /// Muscle index over the rim of the cap, dB.
    rim_db: Option<f64>,
    /// PSD in the muscle band of each contaminable marker.
    bands: Vec<(Band, Powers)>,
}

impl Evidence {
    /// The evidence of a segment for the markers that muscle can fake.
    pub(crate) fn of(segment: &Segment, markers: &[PlannedMarker]) -> Self {
        let Some(marker) = gate::evidence_marker(&segment.available()) else { return Self::default() };
        let mut evidence =
            Self { band: Some(marker.band), muscle: powers(&marker, segment), ..Self::default() };
        let rim = EmgIndex::default();
        evidence.rim_db = rim
            .block_stats_checked(segment)
            .and_then(|stats| values(&rim, &stats).ok()?.first().copied().flatten());
        for band in markers.iter().filter_map(|planned| planned.marker.muscle_band()) {
            if evidence.bands.iter().all(|(known, _)| *known != band) {
                evidence.bands.push((band, powers(&BandPower { band }, segment)));
            }
        }
        evidence
    }

    /// Muscle's PSD at a site.
    fn muscle_at(&self, site: &str) -> Option<f64> {
        if self.muscle.has(site) {
            return self.muscle.at(site);
        }
        self.rim_db.map(|db| 10_f64.powf(db / 10.0))
    }

    /// The same in dB, for the tables.
    pub(crate) fn emg_index_db(&self, site: &str) -> Option<f64> {
        self.muscle_at(site).filter(|e| *e > 0.0).map(|e| 10.0 * e.log10())
    }

    fn band_at(&self, band: Band, site: &str) -> Option<f64> {
        self.bands.iter().find(|(known, _)| *known == band).and_then(|(_, powers)| powers.at(site))
    }

    /// Verdict on the value of a marker at a site.
    pub(crate) fn on_value(&self, planned: &PlannedMarker, site: &str) -> Gate {
        let Some(band) = planned.marker.muscle_band() else { return Gate::NotApplicable };
        let share = self
            .muscle_at(site)
            .zip(self.band_at(band, site))
            .and_then(|(e, psd)| gate::muscle_share(e, psd));
        from_verdict(gate::segment_verdict(share))
    }
}

trait Checked {
    fn block_stats_checked(&self, segment: &Segment) -> Option<BlockStats>;
}

impl<M: DynMarker> Checked for M {
    /// Statistics, or nothing where the segment cannot carry the marker.
    fn block_stats_checked(&self, segment: &Segment) -> Option<BlockStats> {
        self.block_stats(segment).ok()
    }
}

fn powers(marker: &BandPower, segment: &Segment) -> Powers {
    let Some(stats) = marker.block_stats_checked(segment) else { return Powers::default() };
    let psd_uv2_hz = values(marker, &stats).unwrap_or_default();
    Powers { sites: stats.sites, psd_uv2_hz }
}

/// Verdict on a change, and the change that muscle alone would make where it can be predicted.
pub(crate) fn on_change(
    planned: &PlannedMarker,
    site: &str,
    observed: Option<f64>,
    (before, after): (&Evidence, &Evidence),
    baseline: &BlockStats,
) -> (Gate, Option<f64>) {
    let Some(band) = planned.marker.muscle_band() else { return (Gate::NotApplicable, None) };
    let (Some(observed), true) = (observed, before.band == after.band) else { return (Gate::Unknown, None) };
    let (Some(e_pre), Some(e_post)) = (before.muscle_at(site), after.muscle_at(site)) else {
        return (Gate::Unknown, None);
    };
    let delta_db = before.emg_index_db(site).zip(after.emg_index_db(site)).map(|(b, a)| a - b);
    match planned.spec.kind {
        "band_power" | "relative_power" => {
            let (Some(p_pre), Some(p_post)) = (before.band_at(band, site), after.band_at(band, site)) else {
                return (Gate::Unknown, None);
            };
            let verdict = gate::change_verdict_power(p_pre, p_post, e_pre, e_post);
            let absolute = planned.spec.kind == "band_power";
            let expected = absolute.then(|| gate::expected_change_db(p_pre, e_pre, e_post)).flatten();
            (from_verdict(verdict), expected.filter(|value| value.is_finite()))
        }
        "aperiodic_exponent" | "aperiodic_offset" => {
            let expected = expected_fit(planned, site, (before, after), baseline);
            (from_verdict(gate::change_verdict_exponent(observed, expected, delta_db)), expected)
        }
        _ => (from_verdict(gate::change_verdict_other(delta_db)), None),
    }
}

/// Change of exponent or offset that muscle alone would make: the mean over the channels of the site.
fn expected_fit(
    planned: &PlannedMarker,
    site: &str,
    (before, after): (&Evidence, &Evidence),
    baseline: &BlockStats,
) -> Option<f64> {
    let BlockData::Epochs(psd) = &baseline.data else { return None };
    let fit: Fit = serde_json::from_value(planned.marker.params().get("fit")?.clone()).ok()?;
    let mean = psd.mean_axis(Axis(0))?;
    let freqs_hz = ArrayView1::from(&baseline.freqs_hz);
    let one;
    let members = match baseline.members.get(baseline.sites.iter().position(|s| s == site)?)? {
        Members::One(channel) => {
            one = [*channel];
            one.as_slice()
        }
        Members::Mean(channels) => channels.as_slice(),
    };
    let mut changes = Vec::with_capacity(members.len());
    for &channel in members {
        let name = baseline.channels.get(channel)?;
        let (e_pre, e_post) = (before.muscle_at(name)?, after.muscle_at(name)?);
        let change = gate::expected_fit_change(freqs_hz, mean.row(channel), e_pre, e_post, fit)?;
        changes.push(if planned.spec.kind == "aperiodic_exponent" { change.exponent } else { change.offset });
    }
    dosewave_numerics::stats::mean(&changes).filter(|value| value.is_finite())
}

fn from_verdict(verdict: Verdict) -> Gate {
    match verdict {
        Verdict::Ok => Gate::Ok,
        Verdict::Confounded => Gate::Confounded,
        Verdict::Unknown => Gate::Unknown,
        Verdict::NotApplicable => Gate::NotApplicable,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_take_the_rim_and_channels_their_own_evidence() {
        let muscle =
            Powers { sites: vec!["global".into(), "Fz".into()], psd_uv2_hz: vec![Some(0.5), Some(0.1)] };
        let evidence =
            Evidence { band: Some(gate::EVIDENCE_BAND), muscle, rim_db: Some(10.0), bands: Vec::new() };
        assert!((evidence.emg_index_db("Fz").unwrap() + 10.0).abs() < 1e-12);
        assert!((evidence.emg_index_db("Fz-Cz").unwrap() - 10.0).abs() < 1e-12);
        assert_eq!(Evidence::default().emg_index_db("Fz"), None);
    }
}

//! Verdicts on changes, and changes with the evidence taken out.

use super::{Evidence, ViewEvidence, from_verdict};
use crate::Gate;
use crate::plan::PlannedMarker;
use dosewave_markers::gate::{self, Observation, learned_slopes};
use dosewave_markers::{BlockData, BlockStats, Fit, Members};
use ndarray::{Array1, Array2, ArrayView1, Axis, concatenate};

/// Verdict on a change, and the change without what muscle explains.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct ChangeVerdict {
    pub(crate) gate: Gate,
    pub(crate) adjusted: Option<f64>,
}

/// One marker before and after.
struct Compared<'a> {
    planned: &'a PlannedMarker,
    evidence: (&'a Evidence, &'a Evidence),
    views: (&'a ViewEvidence, &'a ViewEvidence),
    stats: (&'a BlockStats, &'a BlockStats),
    /// Value of every epoch at every site, before and after.
    epochs: Option<(Array2<f64>, Array2<f64>)>,
    window: Vec<usize>,
}

/// Verdicts on the changes of a marker, in the order of its sites.
pub(crate) fn on_change(
    planned: &PlannedMarker,
    changes: &[Option<f64>],
    evidence: (&Evidence, &Evidence),
    stats: (&BlockStats, &BlockStats),
) -> Vec<ChangeVerdict> {
    let alike = |gate| changes.iter().map(|_| ChangeVerdict { gate, adjusted: None }).collect();
    if planned.marker.muscle_band().is_none() {
        return alike(Gate::NotApplicable);
    }
    let view = planned.marker.view();
    let (Some(first), Some(second), true) =
        (evidence.0.view(view), evidence.1.view(view), evidence.0.band == evidence.1.band)
    else {
        return alike(Gate::Unknown);
    };
    let of = |stats| planned.marker.epoch_values(stats).ok().flatten();
    let epochs = of(stats.0).zip(of(stats.1));
    let window = [0, 1].into_iter().zip([stats.0, stats.1]);
    let window = window.flat_map(|(label, stats)| std::iter::repeat_n(label, stats.n_epochs)).collect();
    let compared = Compared { planned, evidence, views: (first, second), stats, epochs, window };
    changes.iter().enumerate().map(|(site, change)| compared.verdict(site, *change)).collect()
}

impl Compared<'_> {
    fn verdict(&self, site: usize, change: Option<f64>) -> ChangeVerdict {
        let unknown = ChangeVerdict { gate: Gate::Unknown, adjusted: None };
        let (Some(observed), Some(name)) = (change, self.stats.0.sites.get(site)) else { return unknown };
        let delta_db =
            self.views.0.emg_index_db(name).zip(self.views.1.emg_index_db(name)).map(|(b, a)| a - b);
        if delta_db.is_none() {
            return unknown;
        }
        let (flat, trifle) = match self.planned.spec.kind {
            "band_power" | "relative_power" => (self.flat_power(name), gate::MIN_EXPECTED_DB),
            "aperiodic_exponent" | "aperiodic_offset" => (self.flat_fit(site), gate::MIN_EXPECTED_FIT),
            _ => {
                let verdict = gate::change_verdict_other(delta_db);
                return ChangeVerdict { gate: from_verdict(verdict), adjusted: None };
            }
        };
        let learned = self.learned(site, delta_db);
        let verdict = match (flat, learned) {
            (None, None) if trifle == gate::MIN_EXPECTED_FIT => {
                gate::change_verdict_exponent(observed, None, delta_db)
            }
            _ => {
                let lowered = trifle == gate::MIN_EXPECTED_FIT;
                let slack =
                    gate::slack(self.rim_delta_db().or(delta_db), if lowered { -trifle } else { trifle });
                gate::change_verdict(observed, flat, learned, slack, trifle)
            }
        };
        let absolute = self.planned.spec.kind != "relative_power";
        let expected = learned.or(flat.filter(|value| absolute && value.is_finite()));
        ChangeVerdict { gate: from_verdict(verdict), adjusted: expected.map(|expected| observed - expected) }
    }

    /// Change of power by a flat change of muscle, dB.
    fn flat_power(&self, site: &str) -> Option<f64> {
        let band = self.planned.marker.muscle_band()?;
        let p_pre = self.views.0.band_at(band, site)?;
        gate::expected_change_db(p_pre, self.views.0.muscle_at(site)?, self.views.1.muscle_at(site)?)
    }

    /// Change of exponent or offset by a flat change of muscle: the mean over the channels of the site.
    fn flat_fit(&self, site: usize) -> Option<f64> {
        let baseline = self.stats.0;
        let BlockData::Epochs(psd) = &baseline.data else { return None };
        let fit: Fit = serde_json::from_value(self.planned.marker.params().get("fit")?.clone()).ok()?;
        let freqs_hz = ArrayView1::from(&baseline.freqs_hz);
        let mut changes = Vec::new();
        for channel in channels(baseline, site)? {
            let name = baseline.channels.get(channel)?;
            let (e_pre, e_post) = (self.views.0.muscle_at(name)?, self.views.1.muscle_at(name)?);
            let mean = psd.index_axis(Axis(1), channel).mean_axis(Axis(0))?;
            let change = gate::expected_fit_change(freqs_hz, mean.view(), e_pre, e_post, fit)?;
            let is_exponent = self.planned.spec.kind == "aperiodic_exponent";
            changes.push(if is_exponent { change.exponent } else { change.offset });
        }
        dosewave_numerics::stats::mean(&changes).filter(|value| value.is_finite())
    }

    /// Change that the evidence predicts by its slope over the epochs of both windows: the muscle index at the site or at the
    /// rim, whichever predicts more.
    fn learned(&self, site: usize, delta_db: Option<f64>) -> Option<f64> {
        let (before, after) = self.epochs.as_ref()?;
        let values = joined(before.column(site), after.column(site))?;
        let (first, second) = self.evidence;
        let at_site = self.site_halves(site).and_then(|halves| self.predicted(&values, &halves, delta_db));
        let at_rim = first.rim_halves_db.as_ref().zip(second.rim_halves_db.as_ref()).and_then(|(b, a)| {
            let halves = [joined(b[0].view(), a[0].view())?, joined(b[1].view(), a[1].view())?];
            self.predicted(&values, &halves, self.rim_delta_db())
        });
        [at_site, at_rim].into_iter().flatten().reduce(|a, b| if b.abs() > a.abs() { b } else { a })
    }

    /// Change of the muscle index over the rim, dB.
    fn rim_delta_db(&self) -> Option<f64> {
        self.evidence.0.rim_db.zip(self.evidence.1.rim_db).map(|(before, after)| after - before)
    }

    fn site_halves(&self, site: usize) -> Option<[Array1<f64>; 2]> {
        let members = channels(self.stats.0, site)?;
        let half = |which: usize| -> Option<Array1<f64>> {
            let mean = |view: &ViewEvidence| {
                view.halves_db.as_ref()?.get(which)?.select(Axis(1), &members).mean_axis(Axis(1))
            };
            joined(mean(self.views.0)?.view(), mean(self.views.1)?.view())
        };
        Some([half(0)?, half(1)?])
    }

    fn predicted(
        &self,
        values: &Array1<f64>,
        halves: &[Array1<f64>; 2],
        delta_db: Option<f64>,
    ) -> Option<f64> {
        let (first, second) = self.evidence;
        let spikes = first.spikes_hz.as_ref().zip(second.spikes_hz.as_ref());
        let spikes = spikes.and_then(|(b, a)| joined(b.view(), a.view()));
        let observation = Observation {
            values: values.view(),
            muscle_db: [halves[0].view(), halves[1].view()],
            spikes_hz: spikes.as_ref().map(|spikes| spikes.view()),
            window: &self.window,
        };
        let is_power = matches!(self.planned.spec.kind, "band_power" | "relative_power");
        let delta_spikes = first.sp_rate_hz.zip(second.sp_rate_hz).map(|(b, a)| a - b);
        learned_slopes(&observation, is_power).expected_change(delta_db, delta_spikes)
    }
}

/// The channels that make up a site.
fn channels(stats: &BlockStats, site: usize) -> Option<Vec<usize>> {
    Some(match stats.members.get(site)? {
        Members::One(channel) => vec![*channel],
        Members::Mean(channels) => channels.clone(),
    })
}

#[allow(clippy::needless_pass_by_value)] // a view is a pointer and a shape
fn joined(before: ArrayView1<'_, f64>, after: ArrayView1<'_, f64>) -> Option<Array1<f64>> {
    concatenate(Axis(0), &[before, after]).ok()
}

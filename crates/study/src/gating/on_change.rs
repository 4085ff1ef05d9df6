//! Verdicts on changes, and changes with the evidence taken out.

use super::{Evidence, ViewEvidence};
use crate::Gate;
use crate::plan::PlannedMarker;
use dosewave_markers::gate::{self, LearnedSlopes, Observation, Verdict, learned_slopes};
use dosewave_markers::{BlockData, BlockStats, Fit, Members};
use ndarray::{Array1, Array2, ArrayView1, Axis, concatenate};

/// Verdict on a change, and the change without what muscle explains.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ChangeVerdict {
    pub(crate) gate: Gate,
    pub(crate) adjusted: Option<f64>,
    /// Why it is unknown, where there is evidence that cannot say.
    pub(crate) note: Option<String>,
}

impl ChangeVerdict {
    /// A verdict without more.
    fn plain(gate: Gate) -> Self {
        Self { gate, adjusted: None, note: None }
    }
}

/// A change that the evidence predicts.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Expected {
    change: f64,
    /// Whether the epochs taught muscle's part; else that is flat muscle's.
    is_learned: bool,
}

/// One marker before and after.
struct Compared<'a> {
    planned: &'a PlannedMarker,
    evidence: (&'a Evidence, &'a Evidence),
    views: (&'a ViewEvidence, &'a ViewEvidence),
    stats: (&'a BlockStats, &'a BlockStats),
    /// Value of every epoch at every site, before and after.
    epochs: Option<(Array2<f64>, Array2<f64>)>,
    /// Saccadic spikes per second of every epoch, before and after, counted from one size.
    spikes_hz: Option<(Array1<f64>, Array1<f64>)>,
    window: Vec<usize>,
}

/// Verdicts on the changes of a marker, in the order of its sites.
pub(crate) fn on_change(
    planned: &PlannedMarker,
    changes: &[Option<f64>],
    evidence: (&Evidence, &Evidence),
    stats: (&BlockStats, &BlockStats),
) -> Vec<ChangeVerdict> {
    let alike = |gate| changes.iter().map(|_| ChangeVerdict::plain(gate)).collect();
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
    let spikes_hz = spikes_from_one_size(evidence);
    let compared = Compared { planned, evidence, views: (first, second), stats, epochs, spikes_hz, window };
    changes.iter().enumerate().map(|(site, change)| compared.verdict(site, *change)).collect()
}

impl Compared<'_> {
    fn verdict(&self, site: usize, change: Option<f64>) -> ChangeVerdict {
        let (Some(observed), Some(name)) = (change, self.stats.0.sites.get(site)) else {
            return ChangeVerdict::plain(Gate::Unknown);
        };
        let before_and_after = self.views.0.emg_index_db(name).zip(self.views.1.emg_index_db(name));
        let (Some(delta_db), Some(band)) =
            (before_and_after.map(|(before, after)| after - before), self.planned.marker.muscle_band())
        else {
            return ChangeVerdict::plain(Gate::Unknown);
        };
        let (verdict, adjusted) = self.judged(site, name, observed, delta_db);
        let (gate, note) = self.evidence.0.outside_band(band, verdict);
        // the brain's own change would be taken out with the evidence
        let adjusted = adjusted.filter(|_| self.evidence.0.own_band(band).is_none());
        ChangeVerdict { gate, adjusted, note }
    }

    /// The verdict, and the change without muscle, of a site whose muscle index moved by `delta_db`.
    fn judged(&self, site: usize, name: &str, observed: f64, delta_db: f64) -> (Verdict, Option<f64>) {
        let (flat, trifle) = match self.planned.spec.kind {
            "band_power" | "relative_power" => (self.flat_power(name), gate::MIN_EXPECTED_DB),
            "aperiodic_exponent" | "aperiodic_offset" => (self.flat_fit(site), gate::MIN_EXPECTED_FIT),
            _ => return (gate::change_verdict_other(Some(delta_db)), None),
        };
        let expected = self.expected(site, delta_db, flat);
        let lowered = trifle == gate::MIN_EXPECTED_FIT;
        let verdict = if lowered && flat.is_none() && expected.is_none() {
            gate::change_verdict_exponent(observed, None, Some(delta_db))
        } else {
            let moved = self.rim_delta_db().or(Some(delta_db));
            let slack = gate::slack(moved, if lowered { -trifle } else { trifle });
            gate::change_verdict(observed, flat, expected.map(|expected| expected.change), slack, trifle)
        };
        // flat muscle is that of a power, not of a share in one
        let is_share = self.planned.spec.kind == "relative_power";
        let taken_out = expected.filter(|expected| expected.is_learned || !is_share);
        (verdict, taken_out.map(|expected| observed - expected.change))
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

    /// Change that the evidence predicts by its slopes over the epochs of both windows: the muscle index at the site or at the
    /// rim, whichever predicts more. Where neither varies enough to have a slope, flat muscle stands in for it.
    fn expected(&self, site: usize, delta_db: f64, flat: Option<f64>) -> Option<Expected> {
        let slopes = [
            (self.slopes(site, self.site_halves(site)), Some(delta_db)),
            (self.slopes(site, self.rim_halves()), self.rim_delta_db()),
        ];
        let is_learned = slopes.iter().any(|(slopes, _)| slopes.per_muscle_db.is_some());
        let change = slopes
            .iter()
            .filter(|(slopes, _)| slopes.per_muscle_db.is_some() == is_learned)
            .filter_map(|(slopes, delta_db)| slopes.expected_change(*delta_db, self.delta_spikes_hz(), flat))
            .reduce(|a, b| if b.abs() > a.abs() { b } else { a })?;
        Some(Expected { change, is_learned })
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

    fn rim_halves(&self) -> Option<[Array1<f64>; 2]> {
        let (before, after) =
            self.evidence.0.rim_halves_db.as_ref().zip(self.evidence.1.rim_halves_db.as_ref())?;
        Some([joined(before[0].view(), after[0].view())?, joined(before[1].view(), after[1].view())?])
    }

    /// Slopes of the value on muscle, from the lower and the upper half of its band, and on spikes; none where they cannot be learnt.
    fn slopes(&self, site: usize, halves: Option<[Array1<f64>; 2]>) -> LearnedSlopes {
        let values = self.epochs.as_ref().and_then(|(b, a)| joined(b.column(site), a.column(site)));
        let Some((values, [lower, upper])) = values.zip(halves) else { return LearnedSlopes::default() };
        let spikes = self.spikes_hz.as_ref().and_then(|(b, a)| joined(b.view(), a.view()));
        let observation = Observation {
            values: values.view(),
            muscle_db: [lower.view(), upper.view()],
            spikes_hz: spikes.as_ref().map(|spikes| spikes.view()),
            window: &self.window,
        };
        learned_slopes(&observation, matches!(self.planned.spec.kind, "band_power" | "relative_power"))
    }

    /// Change of the saccadic spikes per second.
    fn delta_spikes_hz(&self) -> Option<f64> {
        let (before, after) = self.spikes_hz.as_ref()?;
        Some(after.mean()? - before.mean()?)
    }
}

/// Spikes per second of every epoch of two windows, counted from the larger of their limits: what a louder background hides in
/// one must not be counted in the other.
fn spikes_from_one_size((before, after): (&Evidence, &Evidence)) -> Option<(Array1<f64>, Array1<f64>)> {
    let (before, after) = before.spikes.as_ref().zip(after.spikes.as_ref())?;
    let limit_uv = before.limit_uv.max(after.limit_uv);
    Some((before.rates_hz(limit_uv), after.rates_hz(limit_uv)))
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

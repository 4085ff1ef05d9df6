//! Muscle evidence of a window, and the verdicts that stand beside values and changes.
//!
//! The rules are `dosewave_markers::gate`'s; here they are given the right numbers. Evidence at a channel, a region or over the
//! head is the PSD of the evidence band at that same place and in the same spatial view; a pair has the mean over the
//! electrodes at the rim of the cap.

mod on_change;

use crate::Gate;
use crate::plan::PlannedMarker;
use dosewave_eeg::Band;
use dosewave_markers::gate::{self, Verdict};
use dosewave_markers::markers::{BandPower, EmgIndex, RimRatio, SaccadicSpikes, SpRate};
use dosewave_markers::{DynMarker, Marker, Segment, View, check_needs, values};
use ndarray::{Array1, Array2, Axis};

pub(crate) use on_change::on_change;

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

/// What one spatial view of a window says about muscle.
#[derive(Clone, Debug, Default)]
struct ViewEvidence {
    muscle: Powers,
    /// Muscle index over the rim of the cap, dB.
    rim_db: Option<f64>,
    /// PSD in the muscle band of each contaminable marker.
    bands: Vec<(Band, Powers)>,
    /// Muscle index of every epoch and channel in the lower and the upper half of the band, dB.
    halves_db: Option<[Array2<f64>; 2]>,
}

/// What a window says about muscle.
#[derive(Clone, Debug, Default)]
pub(crate) struct Evidence {
    /// The band it comes from, where there is one.
    band: Option<Band>,
    views: Vec<(Option<View>, ViewEvidence)>,
    /// Gamma at the rim against that around the vertex, dB.
    pub(crate) rim_ratio_db: Option<f64>,
    /// Muscle index over the rim, dB, of every epoch in the lower and the upper half of the band.
    rim_halves_db: Option<[Array1<f64>; 2]>,
    /// The same of the window.
    rim_db: Option<f64>,
    /// Saccadic spikes per second.
    pub(crate) sp_rate_hz: Option<f64>,
    /// The spikes themselves: a change is counted from one size in both windows.
    spikes: Option<SaccadicSpikes>,
}

impl Evidence {
    /// The evidence of a segment for the markers that muscle can fake.
    pub(crate) fn of(segment: &Segment, markers: &[PlannedMarker]) -> Self {
        let spikes = saccadic_spikes(segment);
        let mut evidence = Self {
            rim_ratio_db: global(&RimRatio::default(), segment),
            sp_rate_hz: spikes.as_ref().and_then(|spikes| spikes.rates_hz(spikes.limit_uv).mean()),
            spikes,
            ..Self::default()
        };
        let Some(marker) = gate::evidence_marker(&segment.available()) else { return evidence };
        evidence.band = Some(marker.band);
        evidence.rim_db = global(&EmgIndex::default(), segment);
        evidence.rim_halves_db = gate::evidence_halves(marker.band)
            .and_then(|[lower, upper]| Some([rim_decibels(segment, lower)?, rim_decibels(segment, upper)?]));
        for planned in markers.iter().filter(|planned| planned.marker.contaminable()) {
            let view = planned.marker.view();
            if evidence.views.iter().any(|(known, _)| *known == view) {
                continue;
            }
            let alike: Vec<&PlannedMarker> = markers.iter().filter(|m| m.marker.view() == view).collect();
            let of_view = match view {
                None => Some(ViewEvidence::of(segment, &marker, &alike)),
                Some(view) => {
                    segment.view(view).ok().map(|segment| ViewEvidence::of(&segment, &marker, &alike))
                }
            };
            evidence.views.extend(of_view.map(|found| (view, found)));
        }
        evidence
    }

    fn view(&self, view: Option<View>) -> Option<&ViewEvidence> {
        self.views.iter().find(|(known, _)| *known == view).map(|(_, found)| found)
    }

    /// Muscle index at a site in a view, dB, for the tables.
    pub(crate) fn emg_index_db(&self, view: Option<View>, site: &str) -> Option<f64> {
        self.view(view)?.emg_index_db(site)
    }

    /// Verdict on the value of a marker at a site, and why it is unknown where muscle cannot be told from brain.
    pub(crate) fn on_value(&self, planned: &PlannedMarker, site: &str) -> (Gate, Option<String>) {
        let Some(band) = planned.marker.muscle_band() else { return (Gate::NotApplicable, None) };
        let share = self.view(planned.marker.view()).and_then(|view| {
            let (e, psd) = view.muscle_at(site).zip(view.band_at(band, site))?;
            gate::muscle_share(e, psd)
        });
        self.outside_band(band, gate::segment_verdict(share))
    }

    /// The verdict where the evidence lies outside the judged band; inside, what it cannot say, with the reason.
    fn outside_band(&self, judged: Band, verdict: Verdict) -> (Gate, Option<String>) {
        match self.own_band(judged) {
            Some(own) if gate::in_own_band(verdict) != verdict => {
                let why = format!(
                    "muscle is measured at {own}, inside the band itself, where it cannot be told from brain"
                );
                (from_verdict(gate::in_own_band(verdict)), Some(why))
            }
            _ => (from_verdict(verdict), None),
        }
    }

    /// The evidence band, where part of it lies inside the judged one.
    fn own_band(&self, judged: Band) -> Option<Band> {
        self.band.filter(|evidence| gate::overlaps(judged, *evidence))
    }
}

impl ViewEvidence {
    fn of(segment: &Segment, marker: &BandPower, markers: &[&PlannedMarker]) -> Self {
        let mut evidence = Self { muscle: powers(marker, segment), ..Self::default() };
        evidence.rim_db = global(&EmgIndex::default(), segment);
        evidence.halves_db = gate::evidence_halves(marker.band).and_then(|[lower, upper]| {
            Some([epoch_decibels(segment, lower)?, epoch_decibels(segment, upper)?])
        });
        for band in markers.iter().filter_map(|planned| planned.marker.muscle_band()) {
            if evidence.bands.iter().all(|(known, _)| *known != band) {
                evidence.bands.push((band, powers(&BandPower { band, ..BandPower::default() }, segment)));
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

    /// The same in dB.
    fn emg_index_db(&self, site: &str) -> Option<f64> {
        self.muscle_at(site).filter(|e| *e > 0.0).map(|e| 10.0 * e.log10())
    }

    fn band_at(&self, band: Band, site: &str) -> Option<f64> {
        self.bands.iter().find(|(known, _)| *known == band).and_then(|(_, powers)| powers.at(site))
    }
}

/// The value over the head; `None` where the segment cannot carry the marker.
fn global(marker: &dyn DynMarker, segment: &Segment) -> Option<f64> {
    let stats = marker.block_stats(segment).ok()?;
    values(marker, &stats).ok()?.first().copied().flatten()
}

fn powers(marker: &BandPower, segment: &Segment) -> Powers {
    let Ok(stats) = DynMarker::block_stats(marker, segment) else { return Powers::default() };
    let psd_uv2_hz = values(marker, &stats).unwrap_or_default();
    Powers { sites: stats.sites, psd_uv2_hz }
}

/// Power of every epoch and channel, dB.
fn epoch_decibels(segment: &Segment, band: Band) -> Option<Array2<f64>> {
    // the halves of an evidence band are carried where the band is, whatever a gamma band of their own would need
    let power = segment.spectra().ok()?.band_power(band, &segment.params().mains).ok()?;
    Some(power.select(Axis(1), segment.eeg()).mapv(|psd| 10.0 * psd.log10()))
}

/// Muscle index of every epoch over the rim, dB.
fn rim_decibels(segment: &Segment, band: Band) -> Option<Array1<f64>> {
    let marker = EmgIndex { band, fallback: band };
    let stats = Marker::block_stats(&marker, segment).ok()?;
    Some(DynMarker::epoch_values(&marker, &stats).ok()??.column(0).to_owned())
}

/// The saccadic spikes; `None` where the segment cannot carry them.
fn saccadic_spikes(segment: &Segment) -> Option<SaccadicSpikes> {
    let marker = SpRate::default();
    check_needs(&Marker::needs(&marker), &segment.available()).is_none().then_some(())?;
    marker.spikes(segment).ok()
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
mod tests;

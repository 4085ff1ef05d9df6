//! One window, measured: every marker, the evidence of muscle, the spectra.

use crate::clean::Cleaned;
use crate::config::Config;
use crate::gating::Evidence;
use crate::inference::value_intervals;
use crate::plan::PlannedMarker;
use crate::spectra::SiteSpectrum;
use crate::{Result, WindowSummary};
use dosewave_eeg::Heart;
use dosewave_markers::{BlockStats, Segment, values};

/// The kind of markers whose values travel with an interval.
const MUSCLE_SHARE: &str = "muscle_share";

/// One window, measured.
pub(crate) struct Measured {
    pub(crate) summary: WindowSummary,
    /// True onset of each epoch that was kept, s.
    pub(crate) onsets_s: Vec<f64>,
    pub(crate) markers: Vec<MeasuredMarker>,
    pub(crate) evidence: Evidence,
    pub(crate) spectra: Vec<SiteSpectrum>,
    /// The heart, where there is an ECG channel.
    pub(crate) heart: Option<Heart>,
}

/// One marker of a window, or why it is missing.
pub(crate) enum MeasuredMarker {
    Values {
        stats: Box<BlockStats>,
        values: Vec<Option<f64>>,
        pairs: Option<Vec<Option<f64>>>,
        /// The interval of each value in words, where the marker is a share of muscle; empty for all others.
        notes: Vec<Option<String>>,
    },
    Missing(String),
}

/// Every marker of a segment: one after the other, since each spreads its own work over the threads.
pub(crate) fn measure(
    cleaned: Cleaned,
    markers: &[PlannedMarker],
    config: &Config,
    task: &str,
) -> Result<(Segment, Measured)> {
    let segment = cleaned.segment;
    segment.prepare(markers.iter().filter(|m| m.missing.is_none()).map(|m| &*m.marker))?;
    let mut measured = Vec::with_capacity(markers.len());
    for planned in markers {
        measured.push(measure_marker(planned, &segment, config, task)?);
    }
    let evidence = Evidence::of(&segment, markers);
    let onsets_s = segment.epochs().onsets().iter().map(|onset| onset.0).collect();
    let window = Measured {
        summary: cleaned.summary,
        onsets_s,
        markers: measured,
        evidence,
        spectra: Vec::new(),
        heart: cleaned.heart,
    };
    Ok((segment, window))
}

fn measure_marker(
    planned: &PlannedMarker,
    segment: &Segment,
    config: &Config,
    task: &str,
) -> Result<MeasuredMarker> {
    if let Some(reason) = &planned.missing {
        return Ok(MeasuredMarker::Missing(reason.clone()));
    }
    let stats = match planned.marker.block_stats(segment) {
        Ok(stats) => Box::new(stats),
        Err(dosewave_markers::Error::Needs { what, .. }) => return Ok(MeasuredMarker::Missing(what)),
        Err(error) => return Err(error.into()),
    };
    let values = values(&*planned.marker, &stats)?;
    let pairs = planned.marker.pair_values(&stats)?;
    let notes = if planned.spec.kind == MUSCLE_SHARE {
        let task = format!("{task}/{}", planned.name);
        let intervals = value_intervals(&*planned.marker, &stats, &values, config, &task)?;
        intervals.into_iter().map(|interval| interval.map(|interval| in_words(interval, config))).collect()
    } else {
        Vec::new()
    };
    Ok(MeasuredMarker::Values { stats, values, pairs, notes })
}

/// `95 % interval 0.031 to 0.052`; a share of muscle lies between 0 and 1.
fn in_words((low, high): (f64, f64), config: &Config) -> String {
    let confidence = 100.0 * config.inference.confidence;
    format!("{confidence} % interval {:.3} to {:.3}", low.max(0.0), high.min(1.0))
}

/// Labels of the channels of a window, as its sites name them.
pub(crate) fn all_channels(measured: &Measured) -> Vec<String> {
    let stats = measured.markers.iter().find_map(|marker| match marker {
        MeasuredMarker::Values { stats, .. } => Some(stats),
        MeasuredMarker::Missing(_) => None,
    });
    stats.map_or_else(Vec::new, |stats| stats.channels.clone())
}

//! One window, measured: every marker, the evidence of muscle, the spectra.

use crate::clean::Cleaned;
use crate::gating::Evidence;
use crate::plan::PlannedMarker;
use crate::spectra::SiteSpectrum;
use crate::{Result, WindowSummary};
use dosewave_eeg::Heart;
use dosewave_markers::{BlockStats, Segment, values};

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
    Values { stats: Box<BlockStats>, values: Vec<Option<f64>>, pairs: Option<Vec<Option<f64>>> },
    Missing(String),
}

/// Every marker of a segment: one after the other, since each spreads its own work over the threads.
pub(crate) fn measure(cleaned: Cleaned, markers: &[PlannedMarker]) -> Result<(Segment, Measured)> {
    let segment = cleaned.segment;
    segment.prepare(markers.iter().filter(|m| m.missing.is_none()).map(|m| &*m.marker))?;
    let mut measured = Vec::with_capacity(markers.len());
    for planned in markers {
        measured.push(measure_marker(planned, &segment)?);
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

fn measure_marker(planned: &PlannedMarker, segment: &Segment) -> Result<MeasuredMarker> {
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
    Ok(MeasuredMarker::Values { stats, values, pairs })
}

/// Labels of the channels of a window, as its sites name them.
pub(crate) fn all_channels(measured: &Measured) -> Vec<String> {
    let stats = measured.markers.iter().find_map(|marker| match marker {
        MeasuredMarker::Values { stats, .. } => Some(stats),
        MeasuredMarker::Missing(_) => None,
    });
    stats.map_or_else(Vec::new, |stats| stats.channels.clone())
}

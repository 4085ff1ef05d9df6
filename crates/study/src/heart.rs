//! Heart rate and its variability per window: safety covariates, not markers of the EEG.

use crate::contrast::empty;
use crate::measure::Measured;
use crate::session::Task;
use crate::{ContrastRow, Gate, MarkerDefinition, MarkerRow};
use dosewave_eeg::Unit;
use dosewave_markers::Change;
use dosewave_numerics::events::HeartRate;

/// What is reported of the heart: name, label, description, unit, value.
type Entry = (&'static str, &'static str, &'static str, Unit, fn(&HeartRate) -> f64);

const ENTRIES: [Entry; 2] = [
    (
        "heart_rate",
        "Heart rate",
        "Beats per minute from the R peaks of the ECG channel: 60 over the mean interval, intervals outside 0.4-2 s left out. A \
         safety covariate; no alarm.",
        Unit::PerMinute,
        |rate| rate.bpm,
    ),
    (
        "rmssd",
        "Heart rate variability (RMSSD)",
        "Root mean square of the differences between successive intervals of R peaks. A safety covariate; no alarm.",
        Unit::Millisecond,
        |rate| rate.rmssd_ms,
    ),
];

/// Why there is no interval and no p.
const NOTE: &str = "one value per window: no interval and no p within a session";

/// Definitions for the tables, where any session has them.
pub(crate) fn definitions(markers: &[MarkerRow]) -> Vec<MarkerDefinition> {
    let there = |name: &str| markers.iter().any(|row| row.marker == name);
    ENTRIES
        .iter()
        .filter(|(name, ..)| there(name))
        .map(|(name, label, description, unit, _)| MarkerDefinition {
            marker: (*name).into(),
            kind: (*name).into(),
            label: (*label).into(),
            description: (*description).into(),
            unit: *unit,
            change: Change::Difference,
            change_unit: *unit,
            contaminable: false,
            formula: match *name {
                "rmssd" => r"\sqrt{\operatorname{mean}(RR_{i+1} - RR_i)^2}".into(),
                _ => r"60 / \operatorname{mean}(RR)".into(),
            },
            reference: "Task Force of the European Society of Cardiology (1996). Heart rate variability: standards of measurement. \
                        Circulation 93, 1043-1065"
                .into(),
            doi: "10.1161/01.CIR.93.5.1043".into(),
            params: serde_json::json!({}),
        })
        .collect()
}

impl Task<'_> {
    /// The rows of a window; none without an ECG channel.
    pub(crate) fn heart_rows(&self, measured: &Measured) -> Vec<MarkerRow> {
        let Some(heart) = &measured.heart else { return Vec::new() };
        let window = &measured.summary;
        let row = |entry: &Entry| MarkerRow {
            subject: self.subject.to_owned(),
            session: self.session.to_owned(),
            treatment: self.treatment.to_owned(),
            window: window.window.clone(),
            t_start_min: window.t_start_min,
            t_stop_min: window.t_stop_min,
            marker: entry.0.to_owned(),
            site: "global".to_owned(),
            value: heart.rate.as_ref().map(entry.4),
            unit: entry.3,
            n_epochs: window.n_epochs,
            emg_index_db: None,
            rim_ratio_db: None,
            sp_rate_hz: None,
            gate: Gate::NotApplicable,
            note: match &heart.rate {
                Some(rate) => format!("{} intervals in '{}'", rate.n_intervals, heart.channel),
                None => format!("{} beats in '{}' give no rate", heart.peaks.len(), heart.channel),
            },
        };
        ENTRIES.iter().map(row).collect()
    }

    /// The changes of a window after the dose.
    pub(crate) fn heart_changes(&self, before: &Measured, after: &Measured) -> Vec<ContrastRow> {
        let rates = |measured: &Measured| measured.heart.as_ref().and_then(|heart| heart.rate);
        let (Some(first), Some(second)) = (rates(before), rates(after)) else { return Vec::new() };
        let row = |(name, _, _, unit, value): &Entry| ContrastRow {
            subject: self.subject.to_owned(),
            session: self.session.to_owned(),
            treatment: self.treatment.to_owned(),
            baseline: Some(value(&first)),
            post: Some(value(&second)),
            change: Some(value(&second) - value(&first)),
            note: NOTE.into(),
            ..empty(name, "global", &after.summary.window, *unit)
        };
        ENTRIES.iter().map(row).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn definitions_stand_only_where_there_are_rows() {
        assert!(definitions(&[]).is_empty());
        assert!(ENTRIES.iter().all(|(_, _, description, ..)| description.contains("no alarm")));
    }
}

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

    /// The changes of a window after the dose; rows without a change say which window has no rate. None without an ECG
    /// channel.
    pub(crate) fn heart_changes(&self, before: &Measured, after: &Measured) -> Vec<ContrastRow> {
        if before.heart.is_none() && after.heart.is_none() {
            return Vec::new();
        }
        let rates = |measured: &Measured| measured.heart.as_ref().and_then(|heart| heart.rate);
        let (first, second) = (rates(before), rates(after));
        let note = match (first, second) {
            (Some(_), Some(_)) => NOTE.to_owned(),
            (None, Some(_)) => without_rate(before),
            (Some(_), None) => without_rate(after),
            (None, None) => format!("{}; {}", without_rate(before), without_rate(after)),
        };
        let row = |(name, _, _, unit, value): &Entry| ContrastRow {
            subject: self.subject.to_owned(),
            session: self.session.to_owned(),
            treatment: self.treatment.to_owned(),
            baseline: first.as_ref().map(value),
            post: second.as_ref().map(value),
            change: first.zip(second).map(|(first, second)| value(&second) - value(&first)),
            note: note.clone(),
            ..empty(name, "global", &after.summary.window, *unit)
        };
        ENTRIES.iter().map(row).collect()
    }
}

/// Why a window has no heart rate.
fn without_rate(measured: &Measured) -> String {
    let window = &measured.summary.window;
    match &measured.heart {
        Some(heart) => {
            format!("window '{window}': {} beats in '{}' give no rate", heart.peaks.len(), heart.channel)
        }
        None => format!("window '{window}' has no usable ECG channel"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(marker: &str) -> MarkerRow {
        MarkerRow {
            subject: String::new(),
            session: String::new(),
            treatment: String::new(),
            window: "baseline".into(),
            t_start_min: 0.0,
            t_stop_min: 1.0,
            marker: marker.into(),
            site: "global".into(),
            value: None,
            unit: Unit::PerMinute,
            n_epochs: 1,
            emg_index_db: None,
            rim_ratio_db: None,
            sp_rate_hz: None,
            gate: Gate::NotApplicable,
            note: String::new(),
        }
    }

    #[test]
    fn definitions_stand_only_where_there_are_rows() {
        let names = |rows: &[MarkerRow]| -> Vec<String> {
            definitions(rows).into_iter().map(|definition| definition.marker).collect()
        };
        assert!(names(&[]).is_empty());
        assert!(names(&[row("alpha"), row("heart")]).is_empty());
        assert_eq!(names(&[row("alpha"), row("rmssd")]), ["rmssd"]);
        assert_eq!(names(&[row("rmssd"), row("alpha"), row("heart_rate")]), ["heart_rate", "rmssd"]);
    }

    #[test]
    fn the_heart_is_a_covariate_and_no_alarm() {
        assert!(ENTRIES.iter().all(|(_, _, description, ..)| description.contains("no alarm")));
    }
}

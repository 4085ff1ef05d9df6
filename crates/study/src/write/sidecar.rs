//! BIDS-style sidecars that define every column, level and marker of the tables.

use super::tables::{CONTRAST_COLUMNS, MARKER_COLUMNS, RESPONSE_COLUMNS};
use crate::{Gate, MarkerDefinition};
use serde_json::{Map, Value, json};

/// The text of the sidecar of `markers`, `contrasts` or `responses`.
pub(crate) fn sidecar_json(table: &str, definitions: &[MarkerDefinition]) -> String {
    let columns: &[&str] = match table {
        "contrasts" => &CONTRAST_COLUMNS,
        "responses" => &RESPONSE_COLUMNS,
        _ => return markers_json(definitions),
    };
    let described = columns.iter().map(|column| {
        let about = match of_change(column) {
            Some((long, text)) if *column != "note" => json!({ "LongName": long, "Description": text }),
            _ => description(column, definitions),
        };
        ((*column).to_owned(), about)
    });
    format!("{:#}\n", Value::Object(described.collect()))
}

/// Columns of changes and responses that the table of markers does not have, or has with another meaning.
fn of_change(column: &str) -> Option<(&'static str, &'static str)> {
    Some(match column {
        "window" => ("Window", "Window after the dose that is compared with the baseline"),
        "baseline" => ("Baseline", "Value before the dose, in the marker's own unit"),
        "post" => ("Post", "Value after the dose, in the marker's own unit"),
        "change" => ("Change", "From baseline to post: dB for powers, a difference for all else"),
        "unit" => ("Unit", "Unit of the change, or of the feature"),
        "value" => ("Value", "Value of the feature; times in minutes from the start of the dose"),
        "feature" => (
            "Feature",
            "t_onset, t_half_rise, t_peak, peak, t_half_fall, t_offset or auec, the area under the effect curve",
        ),
        "ci_low" => {
            ("Lower end of the interval", "Of the confidence interval whose level the configuration states")
        }
        "ci_high" => {
            ("Upper end of the interval", "Of the confidence interval whose level the configuration states")
        }
        "p" => ("p", "Probability of a change at least as large without an effect"),
        "p_adjusted" => ("Adjusted p", "p corrected for all rows of the same family"),
        "family" => ("Family", "The tests that p_adjusted is corrected for"),
        "change_adjusted" => {
            ("Change without muscle", "The change after the evidence of muscle is regressed out")
        }
        "effect_size" => ("Effect size", "Hedges' g of the group's changes; group rows only"),
        "n" => ("Subjects", "Number of subjects; group rows only"),
        _ => return None,
    })
}

/// The text of `markers.json`.
pub(super) fn markers_json(definitions: &[MarkerDefinition]) -> String {
    let mut columns = Map::new();
    for column in MARKER_COLUMNS {
        columns.insert(column.to_owned(), description(column, definitions));
    }
    format!("{:#}\n", Value::Object(columns))
}

fn description(column: &str, definitions: &[MarkerDefinition]) -> Value {
    let minutes = "min";
    match column {
        "subject" => {
            json!({ "LongName": "Subject", "Description": "Participant; empty for a single analysis" })
        }
        "session" => {
            json!({ "LongName": "Session", "Description": "Session of the participant; empty where there is one only" })
        }
        "treatment" => {
            json!({ "LongName": "Treatment", "Description": "What was given in the session; empty where not stated" })
        }
        "window" => {
            json!({ "LongName": "Window", "Description": "Window around the dose: baseline, post, or its edges" })
        }
        "t_start_min" => {
            json!({ "LongName": "Start of the window", "Description": "From the start of the dose", "Units": minutes })
        }
        "t_stop_min" => {
            json!({ "LongName": "End of the window", "Description": "From the start of the dose", "Units": minutes })
        }
        "marker" => {
            json!({ "LongName": "Marker", "Description": "Name of the measure", "Levels": markers(definitions) })
        }
        "site" => {
            json!({ "LongName": "Site", "Description": "Channel, region, pair of channels or of regions, or global" })
        }
        "value" => {
            json!({ "LongName": "Value", "Description": "Value of the marker in its own unit; empty where it cannot be computed, with the reason in note" })
        }
        "unit" => json!({ "LongName": "Unit", "Description": "Unit of value", "Levels": {
            "µV": "microvolt", "µV²/Hz": "power spectral density", "dB": "decibel", "Hz": "hertz",
            "log10(µV²/Hz)": "decimal logarithm of a power spectral density", "1": "a pure number",
        } }),
        "n_epochs" => {
            json!({ "LongName": "Epochs", "Description": "Number of clean epochs that the value rests on", "Units": "1" })
        }
        "emg_index_db" => {
            json!({ "LongName": "Muscle index", "Description": "10·log10 of the power spectral density at 110-140 Hz (51-69 Hz where the recording does not carry it) at the site; pairs: mean over the rim of the cap. Only for markers that muscle can fake", "Units": "dB re 1 µV²/Hz" })
        }
        "rim_ratio_db" => {
            json!({ "LongName": "Rim ratio", "Description": "Power at 110-140 Hz (51-69 Hz where the recording does not carry it) over the rim of the cap against that of central Laplacian leads. Only for markers that muscle can fake", "Units": "dB" })
        }
        "sp_rate_hz" => {
            json!({ "LongName": "Saccadic spike rate", "Description": "Saccadic spike potentials per second. Only for markers that muscle can fake", "Units": "Hz" })
        }
        "gate" => {
            json!({ "LongName": "Verdict on muscle", "Description": "Whether muscle can explain the value", "Levels": gates() })
        }
        _ => json!({ "LongName": "Note", "Description": "Why a value is missing, or what to know about it" }),
    }
}

fn markers(definitions: &[MarkerDefinition]) -> Value {
    let levels = definitions.iter().map(|d| {
        let about = json!({
            "LongName": d.label,
            "Description": d.description,
            "Units": d.unit.symbol(),
            "Parameters": d.params,
            "Formula": d.formula,
            "TermURL": format!("https://doi.org/{}", d.doi),
        });
        (d.marker.clone(), about)
    });
    Value::Object(levels.collect())
}

fn gates() -> Value {
    let meaning = |gate: Gate| match gate {
        Gate::Ok => "the evidence speaks against muscle",
        Gate::Confounded => "muscle can explain the value",
        Gate::Unknown => "there is no evidence either way",
        Gate::NotApplicable => "muscle cannot fake this marker",
    };
    let all = [Gate::Ok, Gate::Confounded, Gate::Unknown, Gate::NotApplicable];
    Value::Object(all.into_iter().map(|gate| (gate.name().to_owned(), json!(meaning(gate)))).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_column_of_changes_and_responses_is_defined() {
        for (table, columns) in [("contrasts", &CONTRAST_COLUMNS[..]), ("responses", &RESPONSE_COLUMNS[..])] {
            let sidecar: Value = serde_json::from_str(&sidecar_json(table, &[])).unwrap();
            assert_eq!(sidecar.as_object().unwrap().len(), columns.len());
            for column in columns.iter().filter(|column| **column != "note") {
                assert!(sidecar[*column]["Description"].is_string(), "{column}");
                assert_ne!(sidecar[*column]["LongName"], "Note", "{column}");
            }
        }
    }

    #[test]
    fn every_column_is_defined() {
        let sidecar: Value = serde_json::from_str(&markers_json(&[])).unwrap();
        for column in MARKER_COLUMNS {
            let about = &sidecar[column];
            assert!(about["LongName"].is_string() && about["Description"].is_string(), "{column}");
        }
        assert_eq!(sidecar["gate"]["Levels"].as_object().unwrap().len(), 4);
        assert_eq!(sidecar["t_start_min"]["Units"], "min");
        assert_ne!(sidecar["note"]["LongName"], sidecar["sp_rate_hz"]["LongName"]);
    }
}

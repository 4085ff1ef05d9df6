//! `dosewave list`

use crate::args::{List, Listing};
use crate::print;
use anyhow::Result;
use dosewave::numerics::phase::Measure;
use dosewave::{io, markers};
use serde_json::{Value, json};
use std::process::ExitCode;

pub(crate) fn run(args: &List) -> Result<ExitCode> {
    let rows = match args.what {
        Listing::Markers => all_markers()?,
        Listing::Measures => Measure::ALL.iter().map(|m| json!({ "name": m.name() })).collect(),
        Listing::Formats => {
            io::FORMATS.iter().map(|f| json!({ "name": f.name(), "extensions": f.extensions() })).collect()
        }
    };
    if args.json {
        print::json(&rows)?;
    } else {
        print::out(&rows.iter().map(|row| line(row) + "\n").collect::<String>())?;
    }
    Ok(ExitCode::SUCCESS)
}

/// The markers of the default configuration, then those that are computed when asked for.
fn all_markers() -> Result<Vec<Value>> {
    let defaults = markers::default_markers().into_iter().map(|entry| (entry, true));
    let offered =
        markers::offered_markers(markers::BandPreset::Dosewave).into_iter().map(|entry| (entry, false));
    defaults
        .chain(offered)
        .map(|((name, config), by_default)| {
            let spec = markers::marker(&name, &config)?.spec();
            Ok(json!({
                "name": name, "kind": spec.kind, "unit": spec.unit, "label": spec.label, "doi": spec.doi,
                "by_default": by_default,
            }))
        })
        .collect()
}

fn line(row: &Value) -> String {
    let text = |key: &str| row.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    if row.get("kind").is_some() {
        let asked = row.get("by_default") == Some(&Value::Bool(false));
        let mark = if asked { " (when asked for)" } else { "" };
        return format!("{:<28} {:<14} {}{mark}", text("name"), text("unit"), text("label"));
    }
    let endings: Vec<String> = row
        .get("extensions")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(|e| e.as_str().map(|e| format!(".{e}")))
        .collect();
    format!("{:<14} {}", text("name"), endings.join(" ")).trim_end().to_owned()
}

//! Defaults < preset < file < settings, as TOML values.

use super::Config;
use super::suggest::nearest;
use crate::Problem;
use dosewave_markers::{BandPreset, default_markers_for, offered_markers};
use toml::{Table, Value};

/// File and settings as one table, settings last.
pub(super) fn overlay(file: Option<&str>, settings: &[String], problems: &mut Vec<Problem>) -> Table {
    let mut table = file.map_or_else(Table::new, |text| {
        text.parse().unwrap_or_else(|error: toml::de::Error| {
            problems.push(Problem {
                key: "file".into(),
                text: format!("not valid TOML: {}", error.to_string().trim_end()),
            });
            Table::new()
        })
    });
    for setting in settings {
        match setting.split_once('=') {
            Some((key, value)) if !key.trim().is_empty() => {
                put(&mut table, key.trim(), value_from_text(value.trim()), problems);
            }
            _ => problems.push(Problem {
                key: setting.clone(),
                text: "a setting is KEY=VALUE, for example epochs.length=4".into(),
            }),
        }
    }
    table
}

/// A TOML value; what is none (`average`, `0.5 mg/kg`, `14:05:00`) is a text.
fn value_from_text(text: &str) -> Value {
    let parsed = format!("value = {text}").parse::<Table>().ok().and_then(|mut table| table.remove("value"));
    match parsed {
        Some(Value::Datetime(_)) | None => Value::String(text.to_owned()),
        Some(value) => value,
    }
}

/// The parts of a dotted key. A marker's name may hold a dot itself (`markers.wpli2_debiased.low_gamma.band`).
fn parts(key: &str) -> Vec<String> {
    let Some(rest) = key.strip_prefix("markers.") else {
        return key.split('.').map(str::to_owned).collect();
    };
    let known = [BandPreset::Dosewave, BandPreset::Ipeg2012]
        .into_iter()
        .flat_map(|bands| [default_markers_for(bands), offered_markers(bands)].concat())
        .map(|(name, _)| name)
        .filter(|name| rest == *name || rest.starts_with(&format!("{name}.")))
        .max_by_key(String::len);
    let (name, tail) = match known {
        Some(name) => {
            let tail = rest.get(name.len() + 1..).unwrap_or_default();
            (name, tail)
        }
        None => match rest.rsplit_once('.') {
            Some((name, last)) => (name.trim_matches('"').to_owned(), last),
            None => (rest.trim_matches('"').to_owned(), ""),
        },
    };
    let mut all = vec!["markers".to_owned(), name];
    all.extend(tail.split('.').filter(|part| !part.is_empty()).map(str::to_owned));
    all
}

fn put(table: &mut Table, key: &str, value: Value, problems: &mut Vec<Problem>) {
    let parts = parts(key);
    let Some((last, folders)) = parts.split_last() else { return };
    let mut here = table;
    for folder in folders {
        let entry = here.entry(folder.clone()).or_insert_with(|| Value::Table(Table::new()));
        match entry {
            Value::Table(inner) => here = inner,
            _ => {
                problems.push(Problem { key: key.to_owned(), text: format!("'{folder}' is not a table") });
                return;
            }
        }
    }
    here.insert(last.clone(), value);
}

/// The defaults, with the preset that `overlay` names and then `overlay` itself laid over them.
pub(super) fn merged(overlay: &Table, problems: &mut Vec<Problem>) -> Table {
    let mut base = defaults();
    if overlay.get("preset").and_then(Value::as_str) == Some("resting") {
        lay_over(&mut base, &resting());
    }
    if bands_of(overlay) == BandPreset::Ipeg2012 {
        let markers = super::Markers(default_markers_for(BandPreset::Ipeg2012));
        base.insert(
            "markers".into(),
            Table::try_from(markers).map_or_else(|_| Value::Table(Table::new()), Value::Table),
        );
    }
    let mut overlay = overlay.clone();
    let bands = bands_of(&overlay);
    ask_for_offered(&mut overlay, bands);
    // one method at a time: naming another replaces the default's table
    if let Some(Value::Table(spectrum)) = overlay.get("spectrum")
        && spectrum.contains_key("welch")
        && !spectrum.contains_key("multitaper")
    {
        base.insert("spectrum".into(), welch());
    }
    if let Some(Value::Table(markers)) = overlay.get_mut("markers") {
        let only = markers.remove("only");
        if let Some(Value::Table(defaults)) = base.get_mut("markers") {
            forget_other_kinds(defaults, markers);
            forget_presets_of_own_bands(defaults, markers);
        }
        lay_over(&mut base, &overlay);
        if let Some(only) = only {
            keep_only(&mut base, &only, problems);
        }
    } else {
        lay_over(&mut base, &overlay);
    }
    base
}

/// The set of bands that an overlay names.
fn bands_of(overlay: &Table) -> BandPreset {
    let is_ipeg = overlay.get("bands").and_then(Value::as_str) == Some(BandPreset::Ipeg2012.name());
    if is_ipeg { BandPreset::Ipeg2012 } else { BandPreset::Dosewave }
}

/// Writes out the markers that are asked for by name and are no defaults: `markers.NAME = true`, a table of some of their
/// parameters, or a place in `markers.only`.
fn ask_for_offered(overlay: &mut Table, bands: BandPreset) {
    let Some(Value::Table(markers)) = overlay.get_mut("markers") else { return };
    // a default marker is there already
    let defaults = default_markers_for(bands);
    markers.retain(|name, value| {
        *value != Value::Boolean(true) || defaults.iter().all(|(known, _)| known != name)
    });
    let only: Vec<String> = markers
        .get("only")
        .and_then(Value::as_array)
        .map_or_else(Vec::new, |names| names.iter().filter_map(Value::as_str).map(str::to_owned).collect());
    for (name, config) in offered_markers(bands) {
        let Ok(mut table) = Table::try_from(config) else { continue };
        match markers.get(&name) {
            Some(Value::Boolean(true)) => {}
            Some(Value::Table(own)) if !own.contains_key("kind") => lay_over(&mut table, own),
            None if only.contains(&name) => {}
            _ => continue,
        }
        markers.insert(name, Value::Table(table));
    }
}

/// The default configuration as a table.
pub(super) fn defaults() -> Table {
    Table::try_from(Config::default()).unwrap_or_default()
}

/// What `preset = "resting"` sets.
fn resting() -> Table {
    toml::toml! {
        [clean]
        line_removal = "spectrum_interpolation"
        heart_field = true
        bad_channels = "interpolate"
        [ica]
        method = "picard"
        [rejection]
        learned = true
    }
}

/// `[spectrum.welch]` with the settings that a file need not repeat.
pub(super) fn welch() -> Value {
    let mut settings = Table::new();
    settings.insert("window".into(), Value::Float(2.0));
    settings.insert("overlap".into(), Value::Float(0.5));
    for (key, value) in [("taper", "hann"), ("average", "mean"), ("detrend", "constant")] {
        settings.insert(key.into(), Value::String(value.into()));
    }
    let mut table = Table::new();
    table.insert("welch".into(), Value::Table(settings));
    Value::Table(table)
}

fn lay_over(base: &mut Table, overlay: &Table) {
    for (key, value) in overlay {
        match (base.get_mut(key), value) {
            (Some(Value::Table(below)), Value::Table(above)) => lay_over(below, above),
            _ => {
                base.insert(key.clone(), value.clone());
            }
        }
    }
}

/// A table that says another `kind` shares no parameter with the default of that name.
fn forget_other_kinds(defaults: &mut Table, markers: &Table) {
    for (name, table) in markers {
        let new_kind = table.get("kind");
        let other = defaults.get(name).is_some_and(|old| new_kind.is_some() && old.get("kind") != new_kind);
        if other {
            defaults.insert(name.clone(), Value::Table(Table::new()));
        }
    }
}

/// A marker that is given another band is no longer of the set of bands it came from.
fn forget_presets_of_own_bands(defaults: &mut Table, markers: &Table) {
    for (name, table) in markers {
        let own = table.get("band").is_some() && table.get("bands").is_none();
        if let (true, Some(Value::Table(marker))) = (own, defaults.get_mut(name)) {
            marker.remove("bands");
        }
    }
}

fn keep_only(base: &mut Table, only: &Value, problems: &mut Vec<Problem>) {
    let names: Option<Vec<&str>> = only.as_array().and_then(|list| list.iter().map(Value::as_str).collect());
    let bands = bands_of(base);
    let Some(Value::Table(markers)) = base.get_mut("markers") else { return };
    let Some(names) = names else {
        problems
            .push(Problem { key: "markers.only".into(), text: "a list of marker names is wanted".into() });
        return;
    };
    for name in &names {
        if !markers.contains_key(*name) {
            let known = markers.keys().map(String::as_str);
            problems.push(Problem { key: "markers.only".into(), text: unknown_marker(name, known, bands) });
        }
    }
    markers.retain(|name, _| names.contains(&name));
}

/// What to say of a marker that is neither configured nor offered.
pub(crate) fn unknown_marker<'a>(
    name: &str,
    known: impl Iterator<Item = &'a str>,
    bands: BandPreset,
) -> String {
    let configured: Vec<&str> = known.collect();
    let offered: Vec<String> = offered_markers(bands).into_iter().map(|(name, _)| name).collect();
    let all = configured.iter().copied().chain(offered.iter().map(String::as_str));
    let hint = nearest(name, all).map_or_else(String::new, |near| format!(" did you mean '{near}'?"));
    let mut kinds: Vec<&str> = offered.iter().filter_map(|name| name.split('.').next()).collect();
    kinds.dedup();
    format!(
        "no marker '{name}';{hint} known: {}; when asked for also {}, as in 'plv.alpha'",
        configured.join(", "),
        kinds.join(", ")
    )
}

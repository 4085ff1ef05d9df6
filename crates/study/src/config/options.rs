//! The doc line of every option: the printed default, the schema and the methods read it here.

use super::layers::{defaults, welch};
use dosewave_markers::{MarkerConfig, View};
use serde_json::{Map, json};
use std::fmt::Write as _;
use toml::{Table, Value};

/// Every option outside `[markers]` with what it is, in the order of the printed default.
pub const OPTIONS: &[(&str, &str)] = &[
    ("seed", "Seed of every random draw: the same seed and files give the same bytes"),
    (
        "preset",
        "\"resting\" sets for resting EEG around a drug: clean.line_removal = \"spectrum_interpolation\", clean.heart_field = true, clean.bad_channels = \"interpolate\", ica.method = \"picard\", rejection.learned = true; what is set beside it wins; \"none\" sets nothing",
    ),
    (
        "bands",
        "Set of bands of the default power markers: \"dosewave\" (delta 1–4, theta 4–8, alpha 8–13, beta 13–30, low gamma 30–45, high gamma 55–90, HFO 100–170 Hz) or \"ipeg2012\" (delta 1.5–6, theta 6–8.5, alpha1 8.5–10.5, alpha2 10.5–12.5, beta1 12.5–18.5, beta2 18.5–21, beta3 21–30, gamma 30–40 Hz)",
    ),
    ("clean.high_pass", "High-pass edge of the zero-phase FIR, Hz; \"none\" leaves slow drifts in"),
    ("clean.low_pass", "Low-pass edge, Hz; \"none\" because the muscle evidence lives at 110–140 Hz"),
    (
        "clean.line",
        "Mains frequency, Hz (50, or 60 in the Americas); it ± 2 Hz and its harmonics are left out of band means; \"none\" leaves out nothing",
    ),
    (
        "clean.line_removal",
        "Also takes the mains out of the samples: \"none\", \"spectrum_interpolation\" or \"zapline\" (in space); the frequencies stay left out of band means",
    ),
    (
        "clean.heart_field",
        "Whether the heart's field, averaged over the beats of the ECG channel in all windows, is subtracted from the EEG",
    ),
    (
        "clean.bad_channels",
        "\"interpolate\" finds flat, noisy, uncorrelated and unforetold channels (PREP, RANSAC) in all windows and interpolates them in all; \"keep\" does not look for them",
    ),
    (
        "clean.reference",
        "\"average\" or \"median\" of all EEG channels, \"linked_mastoids\", \"rest\" (infinity), \"as_recorded\", or a list of channels such as [\"M1\", \"M2\"]",
    ),
    (
        "ica.method",
        "Independent components, found once in all windows together: \"picard\", \"fast_ica\" or \"none\"",
    ),
    (
        "ica.eye",
        "Score (0 to 1) from which a component is removed as eyes: its correlation with the EOG, or without one how frontal and slow it is; \"none\" leaves it in",
    ),
    (
        "ica.muscle",
        "… as muscle: the share of 20–100 Hz in its power; brain with an exponent of 1 has 0.41, a flat spectrum 0.82",
    ),
    ("ica.heart", "… as heart: how much of it is locked to the heart beat"),
    ("ica.line", "… as mains: the share of the mains in its power"),
    (
        "windows.baseline",
        "Window before the dose, [from, to] in hours or as text with unit ([\"-100 s\", \"0 s\"]); \"auto\" is [-0.5, 0] as far as it was recorded",
    ),
    (
        "windows.post",
        "Windows after the dose, [[from, to], …]; \"auto\" is [[0, 0.5], [0.5, 1], [1, 2], [2, 4], [24, 25]] hours as far as they were recorded",
    ),
    ("epochs.length", "Length of an epoch, seconds"),
    ("epochs.overlap", "Fraction of an epoch shared with the next, 0 up to but not including 1"),
    (
        "epochs.equalize",
        "Which contrasts use the same number of epochs before and after, whole blocks of inference.block by lot, the same for all markers: \"pairs\" (coherence and its kin depend on that number), \"all\" or \"none\"",
    ),
    (
        "rejection.peak_to_peak_uv",
        "An epoch is thrown away when any EEG channel swings more than this, µV; \"none\" keeps all. 300 leaves room for the slow waves of anaesthesia (seen up to 155 µV); waking EEG is often cut at 100–150",
    ),
    (
        "rejection.flat_uv",
        "An epoch is thrown away when any EEG channel swings less than this, µV; \"none\" keeps all",
    ),
    (
        "rejection.gradient_uv_ms",
        "An epoch is thrown away when any EEG channel steps by more than this from one sample to the next, µV per ms; \"none\" keeps all",
    ),
    (
        "rejection.jump_uv",
        "An epoch is thrown away when the means of the 50 ms before and after any moment differ by more than this, µV; \"none\" keeps all",
    ),
    (
        "rejection.muscle_z",
        "An epoch is thrown away when it overlaps with muscle: the z-score of 110–140 Hz within the window, as MNE computes it, is above this (the rate must be above 280 Hz); \"none\" does not look for it",
    ),
    (
        "rejection.learned",
        "Whether each channel also gets a peak-to-peak limit of its own by cross-validation (after autoreject), learnt once from all windows; single bad channels of an epoch are interpolated",
    ),
    ("spectrum.multitaper.bandwidth", "Full bandwidth of the Slepian tapers, Hz; at least 2 / epochs.length"),
    (
        "spectrum.multitaper.low_bias",
        "Whether to keep only tapers with more than 90 % of their energy in the band",
    ),
    ("spectrum.multitaper.adaptive", "Whether to weight the tapers adaptively (slow)"),
    ("spectrum.welch.window", "Welch instead of multitaper: length of a segment within an epoch, seconds"),
    ("spectrum.welch.overlap", "Welch instead of multitaper: fraction of a segment shared with the next"),
    (
        "spectrum.welch.taper",
        "Welch instead of multitaper: \"hann\", \"hamming\", \"blackman\", \"blackmanharris\", \"nuttall\", \"flattop\", \"bartlett\", \"triang\", \"cosine\", \"boxcar\", or with a parameter { tukey = { alpha = 0.25 } }, { kaiser = { beta = 8.0 } }, { gaussian = { std = 50.0 } }",
    ),
    ("spectrum.welch.average", "Welch instead of multitaper: \"mean\" or \"median\" over segments"),
    (
        "spectrum.welch.detrend",
        "Welch instead of multitaper: what is taken from each segment first, \"constant\", \"linear\" or \"none\"",
    ),
    ("time_course.width", "Width of the sliding windows of time courses, seconds; at least five epochs"),
    (
        "time_course.step",
        "From one sliding window to the next, seconds; 1 costs little more than 10 but fills the tables",
    ),
    (
        "time_course.sites",
        "Sites that have a time course: \"global\", regions (\"frontal\", \"central\", \"parietal\", \"occipital\", \"temporal\") or channels",
    ),
    ("inference.n_bootstrap", "Bootstrap draws of whole blocks behind each interval; 0 computes none"),
    ("inference.n_permutations", "Permutations of whole blocks behind each p; 0 computes none"),
    ("inference.confidence", "Confidence of every interval"),
    (
        "inference.block",
        "Length of a resampling block, seconds: longer than the EEG's own memory, at least an epoch",
    ),
    (
        "inference.correction",
        "Among the sites of one marker: \"fdr\" (Benjamini–Hochberg) or \"holm\"; the global values of all markers are always Holm",
    ),
    (
        "dosing.at",
        "When the drug was given, where the command or the table does not say: seconds, mm:ss, hh:mm:ss or an annotation's label",
    ),
    ("dosing.infusion", "Length of the infusion, \"40 min\"; \"none\" takes the annotation's own duration"),
    ("dosing.drug", "The drug, for the methods paragraph"),
    ("dosing.dose", "The dose with its unit, for the methods paragraph"),
    ("dosing.route", "The route, for the methods paragraph"),
];

const MARKERS: &str = "\
# What is measured. Change one parameter: [markers.low_gamma] band = [30, 48], or --set markers.low_gamma.band=[30,48].
# Add one: [markers.sigma] kind = \"band_power\" and its parameters. Take one out: [markers] hfo = false.
# Keep only some: [markers] only = [\"delta\", \"low_gamma\"].
";

/// The default configuration as TOML, each option under its doc line.
pub(super) fn default_toml() -> String {
    let table = defaults();
    let mut text = "# Every option of dosewave with its default. Delete what you do not change.\n".to_owned();
    let mut section = "";
    for (key, doc) in OPTIONS {
        let (here, name) = key.rsplit_once('.').unwrap_or(("", key));
        let value = value_at(&table, key);
        if here != section && (value.is_some() || here.is_empty()) {
            let _ = writeln!(text, "\n[{here}]");
            section = here;
        }
        let _ = match value {
            Some(value) => writeln!(text, "# {doc}\n{name} = {value}"),
            None => writeln!(text, "# {doc}\n# {key} = {}", other_method(key)),
        };
    }
    let _ = write!(text, "\n{MARKERS}");
    if let Some(Value::Table(markers)) = table.get("markers") {
        for (name, marker) in markers {
            let _ = writeln!(text, "\n{}[markers.{}]", label(name, marker), quoted(name));
            for (key, value) in marker.as_table().into_iter().flatten() {
                let _ = writeln!(text, "{key} = {value}");
            }
        }
    }
    text
}

/// The default of an option of the method that is not the default one.
fn other_method(key: &str) -> String {
    let mut table = Table::new();
    table.insert("spectrum".into(), welch());
    value_at(&table, key).map(ToString::to_string).unwrap_or_default()
}

fn value_at<'a>(table: &'a Table, key: &str) -> Option<&'a Value> {
    let mut parts = key.split('.');
    let first = table.get(parts.next()?)?;
    parts.try_fold(first, |value, part| value.as_table()?.get(part))
}

/// A bare key, or a quoted one where the name holds a dot.
fn quoted(name: &str) -> String {
    if name.contains('.') { format!("\"{name}\"") } else { name.to_owned() }
}

fn label(name: &str, marker: &Value) -> String {
    let config: Option<MarkerConfig> = marker.clone().try_into().ok();
    let label = config
        .and_then(|config| dosewave_markers::marker(name, &config).ok())
        .map(|marker| marker.spec().label);
    label.map_or_else(String::new, |label| format!("# {label}\n"))
}

/// JSON schema: sections as objects, options with description and default.
pub(super) fn schema() -> serde_json::Value {
    let table = defaults();
    let mut root = Map::new();
    for (key, doc) in OPTIONS {
        let mut option = Map::new();
        option.insert("description".into(), json!(doc));
        if let Some(value) = value_at(&table, key) {
            option.insert("default".into(), json!(value));
        }
        let parts: Vec<&str> = key.split('.').collect();
        insert(&mut root, &parts, serde_json::Value::Object(option));
    }
    let kinds: Vec<&str> = dosewave_markers::kinds().iter().map(|spec| spec.kind).collect();
    let marker = json!({
        "type": ["object", "boolean"],
        "description": "A marker by its name in the tables; false takes it out",
        "properties": {
            "kind": { "enum": kinds },
            "view": {
                "enum": View::ALL.map(View::name),
                "description": "Measured in this view of the epochs; without it, as referenced",
            },
        },
    });
    let only =
        json!({ "type": "array", "items": { "type": "string" }, "description": "Keep only these markers" });
    root.insert("markers".into(), json!({
        "type": "object", "properties": { "only": only }, "additionalProperties": marker, "default": table.get("markers"),
    }));
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "dosewave configuration",
        "type": "object",
        "additionalProperties": false,
        "properties": root,
    })
}

fn insert(into: &mut Map<String, serde_json::Value>, path: &[&str], option: serde_json::Value) {
    match path {
        [] => {}
        [last] => {
            into.insert((*last).to_owned(), option);
        }
        [first, rest @ ..] => {
            let section = into.entry((*first).to_owned()).or_insert_with(
                || json!({ "type": "object", "additionalProperties": false, "properties": {} }),
            );
            if let Some(properties) = section.get_mut("properties").and_then(serde_json::Value::as_object_mut)
            {
                insert(properties, rest, option);
            }
        }
    }
}

//! Everything that is wrong with a configuration, found together.

use super::layers::{defaults, welch};
use super::options::OPTIONS;
use super::suggest::nearest;
use super::{Baseline, Config, LineStep, PostWindows};
use crate::Problem;
use dosewave_eeg::SpectrumParams;
use serde::Deserialize;
use toml::{Table, Value};

fn problem(key: impl Into<String>, text: impl Into<String>) -> Problem {
    Problem { key: key.into(), text: text.into() }
}

/// Keys that no option has.
pub(super) fn keys(overlay: &Table, problems: &mut Vec<Problem>) {
    for (key, value) in overlay {
        if key == "markers" {
            if !value.is_table() {
                problems.push(problem("markers", "tables [markers.NAME] are wanted"));
            }
            continue;
        }
        walk(key, value, problems);
    }
}

fn walk(path: &str, value: &Value, problems: &mut Vec<Problem>) {
    if OPTIONS.iter().any(|(key, _)| *key == path) {
        return;
    }
    let is_section = OPTIONS.iter().any(|(key, _)| key.starts_with(&format!("{path}.")));
    match value {
        Value::Table(table) if is_section => {
            for (key, inner) in table {
                walk(&format!("{path}.{key}"), inner, problems);
            }
        }
        _ if is_section => {
            problems.push(problem(path, format!("a section; its options are {}", within(path))));
        }
        _ => problems.push(problem(path, unknown(path))),
    }
}

/// The options of a section, or of the same section as an unknown key.
fn within(section: &str) -> String {
    let prefix = format!("{section}.");
    let keys: Vec<&str> =
        OPTIONS.iter().map(|(key, _)| *key).filter(|key| key.starts_with(&prefix)).collect();
    keys.join(", ")
}

fn unknown(path: &str) -> String {
    let hint = nearest(path, OPTIONS.iter().map(|(key, _)| *key))
        .map_or_else(String::new, |near| format!(" did you mean '{near}'?"));
    let neighbours =
        path.rsplit_once('.').map(|(section, _)| within(section)).filter(|keys| !keys.is_empty());
    let known =
        neighbours.unwrap_or_else(|| OPTIONS.iter().map(|(key, _)| *key).collect::<Vec<_>>().join(", "));
    format!("no such option;{hint} known: {known}")
}

/// The configuration; where it does not parse, one problem for each option that is to blame.
pub(super) fn parsed(merged: &Table, overlay: &Table, problems: &mut Vec<Problem>) -> Config {
    if !problems.is_empty() {
        blame(overlay, problems);
        return Config::default();
    }
    match Config::deserialize(Value::Table(merged.clone())) {
        Ok(config) => {
            markers(&config, problems);
            config
        }
        Err(error) => {
            let before = problems.len();
            blame(overlay, problems);
            if problems.len() == before {
                problems.push(problem("configuration", error.message().to_owned()));
            }
            Config::default()
        }
    }
}

/// Each option of `overlay` alone over the defaults: those that do not parse are to blame.
fn blame(overlay: &Table, problems: &mut Vec<Problem>) {
    for (key, _) in OPTIONS {
        let path: Vec<&str> = key.split('.').collect();
        let Some(value) = get(overlay, &path) else { continue };
        let mut alone = defaults();
        if path.get(1) == Some(&"welch") {
            alone.insert("spectrum".into(), welch());
        }
        set(&mut alone, &path, value.clone());
        if let Err(error) = Config::deserialize(Value::Table(alone)) {
            problems.push(problem(*key, error.message().to_owned()));
        }
    }
}

fn get<'a>(table: &'a Table, path: &[&str]) -> Option<&'a Value> {
    let (first, rest) = path.split_first()?;
    let value = table.get(*first)?;
    if rest.is_empty() { Some(value) } else { get(value.as_table()?, rest) }
}

fn set(table: &mut Table, path: &[&str], value: Value) {
    match path {
        [] => {}
        [last] => {
            table.insert((*last).to_owned(), value);
        }
        [first, rest @ ..] => {
            if let Some(Value::Table(inner)) = table.get_mut(*first) {
                set(inner, rest, value);
            }
        }
    }
}

/// Kinds and parameters that the registry does not know.
fn markers(config: &Config, problems: &mut Vec<Problem>) {
    for (name, marker) in &config.markers.0 {
        if let Err(error) = dosewave_markers::marker(name, marker) {
            problems.push(problem(format!("markers.{name}"), error.to_string()));
        }
    }
    if config.markers.0.is_empty() {
        problems.push(problem("markers", "no marker is left; keep at least one"));
    }
}

/// Values that parse but cannot be.
pub(super) fn values(config: &Config, problems: &mut Vec<Problem>) {
    let mut demand = |holds: bool, key: &str, text: String| {
        if !holds {
            problems.push(problem(key, text));
        }
    };
    let clean = &config.clean;
    for (key, edge) in
        [("clean.high_pass", clean.high_pass), ("clean.low_pass", clean.low_pass), ("clean.line", clean.line)]
    {
        if let Some(hz) = edge {
            demand(
                hz.is_finite() && hz > 0.0,
                key,
                format!("{hz}; a positive frequency in Hz or \"none\" is allowed"),
            );
        }
    }
    if let (Some(high), Some(low)) = (clean.high_pass, clean.low_pass) {
        demand(high < low, "clean.low_pass", format!("{low} Hz is not above clean.high_pass = {high} Hz"));
    }
    let epochs = &config.epochs;
    demand(
        epochs.length.is_finite() && epochs.length > 0.0,
        "epochs.length",
        format!("{}; seconds above 0 are allowed", epochs.length),
    );
    demand(
        (0.0..1.0).contains(&epochs.overlap),
        "epochs.overlap",
        format!("{}; 0 ≤ overlap < 1 is allowed", epochs.overlap),
    );
    for (key, seconds) in
        [("time_course.width", config.time_course.width), ("time_course.step", config.time_course.step)]
    {
        demand(seconds.is_finite() && seconds > 0.0, key, format!("{seconds}; seconds above 0 are allowed"));
    }
    let inference = &config.inference;
    demand(
        inference.confidence > 0.0 && inference.confidence < 1.0,
        "inference.confidence",
        format!("{}; 0 < confidence < 1 is allowed, 0.95 is usual", inference.confidence),
    );
    demand(
        inference.block >= epochs.length,
        "inference.block",
        format!(
            "{} s is shorter than an epoch ({} s); a block holds at least one",
            inference.block, epochs.length
        ),
    );
    for (key, n) in [
        ("inference.n_bootstrap", inference.n_bootstrap),
        ("inference.n_permutations", inference.n_permutations),
    ] {
        demand(
            n == 0 || (20..=1_000_000).contains(&n),
            key,
            format!("{n}; 0 (off) or 20 to 1000000 is allowed"),
        );
    }
    for (key, limit) in [
        ("rejection.peak_to_peak_uv", config.rejection.peak_to_peak_uv),
        ("rejection.flat_uv", config.rejection.flat_uv),
        ("rejection.gradient_uv_ms", config.rejection.gradient_uv_ms),
        ("rejection.jump_uv", config.rejection.jump_uv),
        ("rejection.muscle_z", config.rejection.muscle_z),
    ] {
        if let Some(uv) = limit {
            demand(
                uv.is_finite() && uv > 0.0,
                key,
                format!("{uv}; a positive number or \"none\" is allowed"),
            );
        }
    }
    let ica = &config.ica;
    for (key, limit) in
        [("ica.eye", ica.eye), ("ica.muscle", ica.muscle), ("ica.heart", ica.heart), ("ica.line", ica.line)]
    {
        if let Some(score) = limit {
            demand(
                score > 0.0 && score <= 1.0,
                key,
                format!("{score}; a score above 0 and up to 1, or \"none\", is allowed"),
            );
        }
    }
    spectrum(config, &mut demand);
    windows(config, &mut demand);
}

/// A removal of the mains that is asked for where there are said to be none; a preset's does not count.
pub(super) fn line(config: &Config, overlay: &Table, problems: &mut Vec<Problem>) {
    let asked = get(overlay, &["clean", "line_removal"]);
    if let Some(asked) =
        asked.filter(|_| config.clean.line.is_none() && config.clean.line_removal != LineStep::None)
    {
        problems.push(problem(
            "clean.line_removal",
            format!("{asked} takes out nothing with clean.line = \"none\"; give the mains frequency, or leave this out"),
        ));
    }
}

fn spectrum(config: &Config, demand: &mut impl FnMut(bool, &str, String)) {
    match config.spectrum {
        SpectrumParams::Multitaper { bandwidth, .. } => {
            let least = 2.0 / config.epochs.length;
            demand(
                bandwidth >= least,
                "spectrum.multitaper.bandwidth",
                format!(
                    "{bandwidth} Hz is narrower than epochs of {} s allow; at least {least} Hz",
                    config.epochs.length
                ),
            );
        }
        SpectrumParams::Welch { window, overlap, .. } => {
            demand(
                window > 0.0 && window <= config.epochs.length,
                "spectrum.welch.window",
                format!("{window} s; above 0 and at most an epoch ({} s) is allowed", config.epochs.length),
            );
            demand(
                (0.0..1.0).contains(&overlap),
                "spectrum.welch.overlap",
                format!("{overlap}; 0 ≤ overlap < 1 is allowed"),
            );
        }
    }
}

fn windows(config: &Config, demand: &mut impl FnMut(bool, &str, String)) {
    if let Baseline::Fixed([from, to]) = config.windows.baseline {
        demand(
            from < to,
            "windows.baseline",
            format!("{} s to {} s is not a window; the first edge comes first", from.seconds, to.seconds),
        );
        demand(
            to.seconds <= 0.0,
            "windows.baseline",
            format!("ends {} s after the dose; a baseline ends at the dose or before", to.seconds),
        );
    }
    if let PostWindows::Fixed(post) = &config.windows.post {
        for [from, to] in post {
            demand(
                from < to,
                "windows.post",
                format!("{} s to {} s is not a window; the first edge comes first", from.seconds, to.seconds),
            );
            demand(
                from.seconds >= 0.0,
                "windows.post",
                format!(
                    "starts {} s before the dose; post windows start at the dose or later",
                    -from.seconds
                ),
            );
        }
    }
}

//! Every EDF, BDF and BrainVision recording of the shared data against what the established readers say of it.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::print_stderr)]

use dosewave_eeg::Recording;
use dosewave_io::Limits;
use serde_json::Value;
use std::path::{Path, PathBuf};

/// The folder of shared recordings, where it is there.
fn data() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    if folder.is_dir() { Some(folder) } else { None }
}

fn golden_files(folder: &Path, endings: &[&str], found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            golden_files(&path, endings, found);
        } else if endings.iter().any(|e| path.to_string_lossy().ends_with(&format!(".{e}.json"))) {
            found.push(path);
        }
    }
    found.sort();
}

fn each(endings: &[&str], check: impl Fn(&str, &Path, &Value) -> Vec<String>) {
    let Some(folder) = data() else {
        eprintln!("skipped: no folder of shared recordings");
        return;
    };
    let mut files = Vec::new();
    golden_files(&folder.join("golden"), endings, &mut files);
    assert!(files.len() >= 10);
    let mut problems = Vec::new();
    for file in files {
        let golden: Value = serde_json::from_str(&std::fs::read_to_string(&file).unwrap()).unwrap();
        let name = golden["file"].as_str().unwrap().to_owned();
        problems
            .extend(check(&name, &folder.join(&name), &golden).into_iter().map(|p| format!("{name}: {p}")));
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().map(|all| all.iter().filter_map(Value::as_f64).collect()).unwrap_or_default()
}

/// Compares a stretch of samples, relative to the channel's size.
fn close(what: &str, got: &[f64], expected: &[f64], scale: f64, problems: &mut Vec<String>) {
    if got.len() != expected.len() {
        problems.push(format!("{what}: {} values, expected {}", got.len(), expected.len()));
    }
    for (g, e) in got.iter().zip(expected) {
        if (g - e).abs() > 1e-9 * scale.max(1.0) {
            problems.push(format!("{what}: {got:?}, expected {expected:?}"));
            return;
        }
    }
}

fn mean_and_sd(row: &[f64]) -> (f64, f64) {
    let mean = row.iter().sum::<f64>() / row.len() as f64;
    (mean, (row.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / row.len() as f64).sqrt())
}

#[test]
fn brainvision_recordings() {
    each(&["vhdr"], |_, path, golden| {
        let mne = &golden["mne"];
        let rec = match dosewave_io::read(path) {
            Ok(rec) => rec,
            Err(e) => return vec![e.to_string()],
        };
        let mut problems = Vec::new();
        let names: Vec<&str> = mne["ch_names"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
        if rec.header().ch_names() != names {
            problems.push(format!("channels {:?}, expected {names:?}", rec.header().ch_names()));
        }
        if (rec.sfreq().0 - mne["sfreq"].as_f64().unwrap()).abs() > 1e-9
            || rec.header().n_times() != mne["n_samples"].as_u64().unwrap()
        {
            problems.push(format!("{} samples at {}", rec.header().n_times(), rec.sfreq()));
        }
        // MNE gives EEG in µV here, and other voltages in V
        let factor = |c: usize| if mne["unit"][c] == "uV" { 1.0 } else { 1e6 };
        let n = rec.data_uv().ncols();
        for (key, row) in [("first_channel", 0), ("last_channel", rec.channels().len() - 1)] {
            if !rec.channels()[row].is_voltage() {
                continue;
            }
            let golden =
                |end: &str| numbers(&mne[key][end]).iter().map(|v| v * factor(row)).collect::<Vec<f64>>();
            let samples = rec.data_uv().row(row).to_vec();
            let spread = mean_and_sd(&samples).1;
            close(key, &samples[..5], &golden("first5"), spread, &mut problems);
            close(key, &samples[n - 5..], &golden("last5"), spread, &mut problems);
        }
        for (c, (mean, sd)) in
            numbers(&mne["channel_mean"]).iter().zip(numbers(&mne["channel_std"])).enumerate()
        {
            let got = mean_and_sd(&rec.data_uv().row(c).to_vec());
            let (mean, sd) = (mean * factor(c), sd * factor(c));
            if rec.channels()[c].is_voltage()
                && ((got.0 - mean).abs() > 1e-6 * sd.max(1.0) || (got.1 - sd).abs() > 1e-6 * sd.max(1.0))
            {
                problems.push(format!("{}: mean and sd {got:?}, expected ({mean}, {sd})", names[c]));
            }
        }
        annotations(&rec, &mne["annotations"], &mut problems);
        problems
    });
}

fn annotations(rec: &Recording, golden: &Value, problems: &mut Vec<String>) {
    for expected in golden.as_array().unwrap() {
        let (onset, duration, label) =
            (expected[0].as_f64().unwrap(), expected[1].as_f64().unwrap(), expected[2].as_str().unwrap());
        let tolerance = 0.5 / rec.sfreq().0 + 1e-6;
        let found = rec.annotations().iter().any(|a| {
            (a.onset.0 - onset).abs() <= tolerance
                && (a.duration.0 - duration).abs() <= tolerance
                && a.label.trim() == label.trim()
        });
        if !found {
            problems.push(format!(
                "annotation {expected} is not among {:?}",
                rec.annotations().iter().take(4).collect::<Vec<_>>()
            ));
        }
    }
}

#[test]
fn edf_and_bdf_recordings() {
    each(&["edf", "bdf"], |_, path, golden| {
        let mut reader = match dosewave_io::open(path, &Limits::default()) {
            Ok(reader) => reader,
            Err(e) => return vec![e.to_string()],
        };
        let header = reader.header().clone();
        let whole = reader.read(0..header.n_times()).unwrap();
        let mut problems = Vec::new();
        let signals = golden["native"]["signals"].as_array().cloned().unwrap_or_default();
        let (mut at, mut n_other) = (0, 0);
        for (i, signal) in signals.iter().enumerate() {
            let (label, fs) = (signal["label"].as_str().unwrap().trim(), signal["fs"].as_f64().unwrap());
            // MNE numbers doubled names
            let name = golden["mne"]["ch_names"][i].as_str().unwrap_or(label).trim();
            let (part, row) = if (fs - header.sfreq.0).abs() > 1e-9 {
                n_other += 1;
                let Some(other) = header.other_signals.get(n_other - 1) else {
                    problems.push(format!("{label} at {fs} Hz is missing"));
                    continue;
                };
                (reader.read_other(n_other - 1, 0..other.n_samples).unwrap(), 0)
            } else {
                at += 1;
                (whole.clone(), at - 1)
            };
            let Some(channel) = part.channels().get(row) else {
                problems.push(format!("{label} is missing"));
                break;
            };
            if channel.name != name || (part.sfreq().0 - fs).abs() > 1e-9 {
                let found = format!("{} at {}", channel.name, part.sfreq());
                problems.push(format!("channel {found}, expected {name} at {fs}"));
            }
            let row = part.data_uv().row(row).to_vec();
            let scale = if channel.is_voltage() { dimension(signal) } else { 1.0 };
            let spread = mean_and_sd(&row).1;
            for (key, got) in
                [("first5", &row[..5.min(row.len())]), ("last5", &row[row.len().saturating_sub(5)..])]
            {
                let expected: Vec<f64> = numbers(&signal[key]).iter().map(|v| v * scale).collect();
                if !expected.is_empty() {
                    close(&format!("{label} {key}"), got, &expected, spread, &mut problems);
                }
            }
        }
        if at != header.n_channels() || n_other != header.other_signals.len() {
            problems.push(format!("{} channels, expected {at}", header.n_channels()));
        }
        problems.extend(native_annotations(&whole, &golden["native"]["annotations"]));
        problems.extend(truth(&whole, &golden["truth"]));
        problems.extend(triggers(&whole, &golden["mne"]));
        problems
    });
}

/// What holds where the established readers are known to be wrong.
fn truth(rec: &Recording, golden: &Value) -> Vec<String> {
    let mut problems = Vec::new();
    for expected in golden["annotations"].as_array().into_iter().flatten() {
        let (onset, label) = (expected[0].as_f64().unwrap(), expected[1].as_str().unwrap());
        if !rec.annotations().iter().any(|a| (a.onset.0 - onset).abs() < 1e-9 && a.label == label) {
            problems.push(format!("annotation {expected} is missing"));
        }
    }
    let length = golden["record_duration_s"].as_f64().unwrap_or(1.0);
    for (i, onset) in numbers(&golden["record_onsets_s"]).iter().enumerate() {
        let sample = (i as f64 * length * rec.sfreq().0) as u64;
        let got = rec.header().time_of(sample);
        if got.is_none_or(|got| (got.0 - onset).abs() > 1e-9) {
            problems.push(format!("record {i} at {got:?}, expected {onset} s"));
        }
    }
    problems
}

/// Triggers as MNE's `find_events` finds them in the first of its stim channels, with the state at the start as an event. MNE
/// keeps 17 bits of a status word, of which the uppermost says that an epoch is new; 16 are triggers.
fn triggers(rec: &Recording, mne: &Value) -> Vec<String> {
    let types = mne["ch_types"].as_array().into_iter().flatten();
    let Some(stim) = types.clone().position(|t| t == "stim") else { return Vec::new() };
    let name = mne["ch_names"][stim].as_str().unwrap();
    let lines = if rec.header().format.starts_with("BDF") { 0xffff } else { 0x1ffff };
    let expected: Vec<(i64, String)> = mne["stim_events"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|e| (e[0].as_i64().unwrap(), format!("{name}/{}", e[2].as_i64().unwrap() & lines)))
        .collect();
    let prefix = format!("{name}/");
    let events = rec.annotations().iter().filter(|a| a.label.starts_with(&prefix));
    let got: Vec<(i64, String)> =
        events.map(|a| ((a.onset.0 * rec.sfreq().0).round() as i64, a.label.clone())).collect();
    let n = mne["n_stim_events"].as_u64().unwrap() as usize;
    if got.len() != n || got.get(..expected.len()) != Some(&expected[..]) {
        let both = (got.get(..4), expected.get(..4));
        return vec![format!("{} triggers, expected {n}; the first of both: {both:?}", got.len())];
    }
    Vec::new()
}

fn dimension(signal: &Value) -> f64 {
    match signal["dimension"].as_str().unwrap_or("") {
        "mV" => 1e3,
        "V" => 1e6,
        "nV" => 1e-3,
        _ => 1.0,
    }
}

/// Annotations at their true times, from the first sample.
fn native_annotations(rec: &Recording, golden: &Value) -> Vec<String> {
    let mut problems = Vec::new();
    for expected in golden.as_array().into_iter().flatten() {
        let (Some(onset), Some(label)) = (expected[0].as_f64(), expected[2].as_str()) else {
            problems.push(format!("golden annotation {expected} is not understood"));
            continue;
        };
        if !rec.annotations().iter().any(|a| (a.onset.0 - onset).abs() < 1e-3 && a.label == label.trim()) {
            problems.push(format!(
                "annotation {expected} is not among {:?}",
                rec.annotations().iter().take(6).collect::<Vec<_>>()
            ));
        }
    }
    problems
}

#[test]
fn an_annotation_after_a_gap_keeps_its_onset() {
    let Some(folder) = data() else {
        eprintln!("skipped: no folder of shared recordings");
        return;
    };
    let rec = dosewave_io::read(folder.join("edfReader/edfPlusD.edf")).unwrap();
    assert!(rec.runs().len() > 1, "{:?}", rec.runs());
    assert!(rec.header().end().0 > rec.header().recorded().0 + 0.5);
    for pair in rec.runs().windows(2) {
        assert!(pair[1].onset.0 > pair[0].end(rec.sfreq()).0 + 1e-3);
    }
}

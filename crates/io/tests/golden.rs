//! Every EDF, BDF and BrainVision recording of the shared data against what the established readers say of it.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::print_stderr)]

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

fn annotations(rec: &dosewave_eeg::Recording, golden: &Value, problems: &mut Vec<String>) {
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
        let rec = match dosewave_io::read(path) {
            Ok(rec) => rec,
            Err(e) => return vec![e.to_string()],
        };
        let mut problems = Vec::new();
        let signals = golden["native"]["signals"].as_array().cloned().unwrap_or_default();
        let mut at = 0;
        let mut others = rec.header().other_signals.iter();
        for signal in &signals {
            let (label, fs) = (signal["label"].as_str().unwrap().trim(), signal["fs"].as_f64().unwrap());
            if (fs - rec.sfreq().0).abs() > 1e-9 {
                let other = others.next();
                if other.is_none_or(|o| o.name != label || (o.sfreq.0 - fs).abs() > 1e-9) {
                    problems.push(format!("{label} at {fs} Hz, got {other:?}"));
                }
                continue;
            }
            let Some(channel) = rec.channels().get(at) else {
                problems.push(format!("{label} is missing"));
                break;
            };
            if channel.name != label {
                problems.push(format!("channel {}, expected {label}", channel.name));
            }
            let row = rec.data_uv().row(at).to_vec();
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
            at += 1;
        }
        if at != rec.channels().len() {
            problems.push(format!("{} channels, expected {at}", rec.channels().len()));
        }
        problems.extend(native_annotations(&rec, &golden["native"]["annotations"]));
        problems
    });
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
fn native_annotations(rec: &dosewave_eeg::Recording, golden: &Value) -> Vec<String> {
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

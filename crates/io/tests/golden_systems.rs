//! FIF, Neuroscan, XDF and EGI recordings of the shared data against what the established readers say of them.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::print_stderr)]

use dosewave_eeg::Recording;
use serde_json::Value;
use std::path::Path;

/// A shared recording with what is said of it, where it is there.
fn shared(name: &str) -> Option<(Recording, Value)> {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    let Ok(golden) = std::fs::read_to_string(data.join("golden").join(format!("{name}.json"))) else {
        eprintln!("skipped: {name} is not there");
        return None;
    };
    let recording = dosewave_io::read(data.join(name)).unwrap_or_else(|e| panic!("{e}"));
    Some((recording, serde_json::from_str(&golden).unwrap()))
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().map(|all| all.iter().filter_map(Value::as_f64).collect()).unwrap_or_default()
}

fn mean_and_sd(row: &[f64]) -> (f64, f64) {
    let mean = row.iter().sum::<f64>() / row.len() as f64;
    (mean, (row.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / row.len() as f64).sqrt())
}

/// Channels, rate, first and last samples (to `precision`), mean and standard deviation. MNE's channels beyond ours are made by it from
/// events.
fn compare(name: &str, rec: &Recording, mne: &Value, precision: f64) {
    let names: Vec<&str> = mne["ch_names"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    let n_channels = rec.channels().len();
    assert_eq!(rec.header().ch_names(), names[..n_channels], "{name}");
    assert_eq!(rec.sfreq().0, mne["sfreq"].as_f64().unwrap(), "{name}");
    assert_eq!(rec.header().n_times(), mne["n_samples"].as_u64().unwrap(), "{name}");
    let n = rec.data_uv().ncols();
    for (key, row) in [("first_channel", 0), ("last_channel", names.len() - 1)] {
        if row >= n_channels {
            continue;
        }
        let samples = rec.data_uv().row(row).to_vec();
        let scale = mean_and_sd(&samples).1.max(samples[0].abs());
        for (end, got) in [("first5", &samples[..5]), ("last5", &samples[n - 5..])] {
            for (got, expected) in got.iter().zip(numbers(&mne[key][end])) {
                assert!(
                    (got - expected).abs() <= precision * scale,
                    "{name} {key} {end}: {got}, MNE {expected}"
                );
            }
        }
    }
    let (means, sds) = (numbers(&mne["channel_mean"]), numbers(&mne["channel_std"]));
    for c in 0..n_channels {
        let (mean, sd) = mean_and_sd(&rec.data_uv().row(c).to_vec());
        // MNE gives channels that are no EEG in their SI unit
        let factor = if mne["unit"][c] != "uV" && rec.channels()[c].is_voltage() { 1e6 } else { 1.0 };
        let tolerance = 1e-6 * (sds[c] * factor).max(means[c].abs() * factor);
        let close =
            (mean - means[c] * factor).abs() <= tolerance && (sd - sds[c] * factor).abs() <= tolerance;
        assert!(close, "{name} {}: {mean} {sd}, MNE {} {}", names[c], means[c], sds[c]);
    }
}

#[test]
fn fif_recordings() {
    for name in [
        "eeglabio/test_raw.fif",
        "mne-python/brainvision/test_bin_raw.fif",
        "yasa/data_resting_EO_200Hz_raw.fif",
        "Propofol2021/converted/cz_full_propofol_raw.fif",
    ] {
        let Some((rec, golden)) = shared(name) else { continue };
        let mne = &golden["mne"];
        compare(name, &rec, mne, 1e-9);
        let is_event = |label: &str| label.starts_with("STI ");
        let of_annotations = rec.annotations().iter().filter(|a| !is_event(&a.label)).count();
        assert_eq!(of_annotations as u64, mne["n_annotations"].as_u64().unwrap(), "{name}");
        let events: Vec<&dosewave_eeg::Annotation> =
            rec.annotations().iter().filter(|a| is_event(&a.label)).collect();
        let expected = mne["stim_events"].as_array().cloned().unwrap_or_default();
        assert_eq!(events.len(), expected.len(), "{name}");
        // MNE counts samples from the start of the acquisition, here time zero is the first sample
        let sample = |i: usize| (events[i].onset.0 * rec.sfreq().0).round() as i64;
        for (i, event) in expected.iter().enumerate() {
            let value = events[i].label.rsplit('/').next().unwrap();
            assert_eq!(value, event[2].to_string(), "{name} event {i}");
            let apart = event[0].as_i64().unwrap() - expected[0][0].as_i64().unwrap();
            assert_eq!(sample(i) - sample(0), apart, "{name} event {i}");
        }
    }
}

#[test]
fn fif_positions_are_in_the_head_frame() {
    let Some((rec, _)) = shared("eeglabio/test_raw.fif") else { return };
    let position = |name: &str| rec.channels().iter().find(|c| c.name == name).unwrap().position.unwrap();
    for (name, expected) in [
        ("EEG 001", [-0.03737009, 0.10568011, 0.07333875]),
        ("EEG 059", [0.01903442, -0.07699308, 0.08544408]),
    ] {
        for (got, expected) in position(name).iter().zip(expected) {
            assert!((got - expected).abs() < 1e-8, "{name}");
        }
    }
    assert_eq!(rec.header().details.projections.len(), 3);
}

#[test]
fn neuroscan_recording() {
    let name = "licence_not_stated/scan41_short.cnt";
    let Some((rec, golden)) = shared(name) else { return };
    compare(name, &rec, &golden["mne"], 1e-9);
    let expected = golden["mne"]["annotations"].as_array().unwrap();
    assert_eq!(rec.annotations().len(), expected.len());
    for (got, expected) in rec.annotations().iter().zip(expected) {
        // MNE puts events one sample earlier than where their place in the file points
        assert!((got.onset.0 - 1.0 / rec.sfreq().0 - expected[0].as_f64().unwrap()).abs() < 1e-9);
        // what MNE calls 0 is where recording was stopped
        let label = if got.label == "boundary" { "0" } else { got.label.as_str() };
        assert_eq!(label, expected[2].as_str().unwrap());
    }
    let note = rec.header().notes.iter().find(|n| n.text.starts_with("samples have 16 bits")).unwrap();
    assert!(note.text.contains("the section at byte 1556543 says so"), "{note}");
}

#[test]
fn xdf_minimal() {
    let Some((rec, golden)) = shared("xdf-example-files/minimal.xdf") else { return };
    let streams = golden["pyxdf"]["streams"].as_array().unwrap();
    assert_eq!((rec.channels().len(), rec.header().n_times(), rec.sfreq().0), (3, 9, 10.0));
    assert_eq!(rec.data_uv().column(0).to_vec(), numbers(&streams[0]["first_row"]));
    assert_eq!(rec.data_uv().column(8).to_vec(), numbers(&streams[0]["last_row"]));
    let labels: Vec<&str> = rec.annotations().iter().map(|a| a.label.as_str()).collect();
    assert_eq!(labels.len(), 9);
    assert_eq!(labels[1..5], ["Hello", "World", "from", "LSL"]);
    // clock offsets of -0.1 s for the samples, none for the markers
    assert!((rec.annotations()[0].onset.0 - 0.1).abs() < 1e-9, "{:?}", rec.annotations()[0]);
}

#[test]
fn xdf_clock_resets() {
    let Some((rec, golden)) = shared("xdf-example-files/clock_resets.xdf") else { return };
    let streams = golden["pyxdf"]["streams"].as_array().unwrap();
    let eeg = &streams[1];
    assert_eq!(rec.header().n_times(), eeg["n"].as_u64().unwrap());
    let last = rec.data_uv().ncols() - 1;
    assert_eq!(rec.data_uv().column(0).to_vec(), numbers(&eeg["first_row"]));
    assert_eq!(rec.data_uv().column(last).to_vec(), numbers(&eeg["last_row"]));
    // times of the first and last samples, and of the markers
    let first5 = numbers(&eeg["ts_first5"]);
    let zero = first5[0];
    for (i, time) in first5.iter().enumerate() {
        assert!((rec.header().time_of(i as u64).unwrap().0 - (time - zero)).abs() < 2e-3, "{i}");
    }
    let markers = &streams[0];
    assert_eq!(rec.annotations().len() as u64, markers["n"].as_u64().unwrap());
    for (a, time) in rec.annotations().iter().zip(numbers(&markers["ts_first5"])) {
        assert!((a.onset.0 - (time - zero)).abs() < 5e-3 * (time - zero), "{a:?} {}", time - zero);
    }
    // the rate changes by 0.6 % at the reset, for which there is one number here: markers keep to their samples
    let last5 = numbers(&eeg["ts_last5"]);
    let step = (last5[4] - last5[0]) / 4.0;
    for (a, time) in rec.annotations().iter().rev().zip(numbers(&markers["ts_last5"]).iter().rev()) {
        let before_end = (rec.header().time_of(last as u64).unwrap().0 - a.onset.0) * rec.sfreq().0;
        assert!((before_end - (last5[4] - time) / step).abs() < 1.0, "{a:?} {before_end}");
    }
    assert!(rec.header().notes.iter().any(|n| n.text.contains("the rate changes between stretches")));
    assert_eq!(rec.runs().len(), 2, "{:?}", rec.runs());
    let measured = eeg["effective_srate"].as_f64().unwrap();
    assert!((rec.sfreq().0 / measured - 1.0).abs() < 5e-3, "{} {measured}", rec.sfreq());
}

#[test]
fn xdf_empty_streams() {
    let Some((rec, golden)) = shared("xdf-example-files/empty_streams.xdf") else { return };
    let streams = golden["pyxdf"]["streams"].as_array().unwrap();
    assert_eq!(rec.header().ch_names(), ["ch:00"]);
    assert_eq!(rec.data_uv().row(0).to_vec(), (0..10).map(f64::from).collect::<Vec<_>>());
    assert_eq!(rec.annotations()[0].label, streams[2]["first5"][0][0].as_str().unwrap());
    let zero = streams[1]["ts_first5"][0].as_f64().unwrap();
    let marker = streams[2]["ts_first5"][0].as_f64().unwrap();
    assert!((rec.annotations()[0].onset.0 - (marker - zero)).abs() < 1e-3);
    assert_eq!(rec.header().other_signals[0].n_samples, 0);
}

#[test]
fn egi_simple_binary() {
    let Some((rec, golden)) = shared("mne-python/egi/test_egi.raw") else { return };
    let mne = &golden["mne"];
    // MNE leaves out the columns of event codes; the last of its channels is one
    compare("test_egi.raw", &rec, mne, 1e-9);
    let expected = mne["annotations"].as_array().unwrap();
    assert_eq!(rec.annotations().len(), expected.len());
    for (got, expected) in rec.annotations().iter().zip(expected) {
        assert!((got.onset.0 - expected[0].as_f64().unwrap()).abs() < 1e-9);
        assert_eq!(got.label, expected[2].as_str().unwrap());
    }
    // local time, with milliseconds
    assert_eq!(rec.header().start.unwrap().to_string(), "2014-04-08T09:46:44.736");
}

#[test]
fn egi_folders() {
    for name in ["mffpy/example_3.mff", "mffpy/example_4.mff", "mffpy/example_5.mff"] {
        let Some((rec, golden)) = shared(name) else { continue };
        let mut mne = golden["mne"].clone();
        // MNE calls the reference E257 where there are no coordinates; the layout calls it VREF
        mne["ch_names"][256] = "VREF".into();
        // MNE multiplies by gains in single precision
        compare(name, &rec, &mne, 1e-6);
        let events: Vec<_> = rec.annotations().iter().filter(|a| a.label.starts_with("SPK")).collect();
        let expected = mne["annotations"].as_array().unwrap();
        assert_eq!(events.len(), expected.len(), "{name}");
        for (got, expected) in events.iter().zip(expected) {
            assert!((got.onset.0 - expected[0].as_f64().unwrap()).abs() < 1e-9, "{name}");
            assert!(got.label.starts_with(expected[2].as_str().unwrap()), "{name}");
        }
    }
    let Some((rec, _)) = shared("mffpy/example_3.mff") else { return };
    assert_eq!(rec.channels()[0].position, Some([0.06962, 0.05382, -0.02191]));
    let Some((rec, _)) = shared("mffpy/example_4.mff") else { return };
    let labels: Vec<&str> = rec.annotations().iter().map(|a| a.label.as_str()).collect();
    let expected = ["Category A", "SPK1/Spike 1", "Category B", "SPK2/Spike 2", "Category C", "SPK3/Spike 3"];
    assert_eq!((labels, rec.runs().len()), (expected.to_vec(), 3));
}

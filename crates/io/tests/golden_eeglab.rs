//! The shared EEGLAB recordings against what MNE says of them.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::print_stderr)]

use dosewave_eeg::Recording;
use dosewave_io::{Limits, MemorySource, read_source};
use serde_json::Value;
use std::path::{Path, PathBuf};

/// MATLAB v7.3.
const V73: &str = "licence_not_stated/test_raw_h5.set";

fn data() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data")
}

/// A recording and its golden values, where they are there.
fn golden(name: &str) -> Option<(Recording, Value)> {
    let Ok(golden) = std::fs::read_to_string(data().join("golden").join(format!("{name}.json"))) else {
        eprintln!("skipped: {name} is not there");
        return None;
    };
    let golden: Value = serde_json::from_str(&golden).unwrap();
    let recording =
        if name == V73 { with_samples_of_another() } else { dosewave_io::read(data().join(name)).unwrap() };
    Some((recording, golden["mne"].clone()))
}

/// The set of HDF5 names samples that are not there; they are those of another set, under another name.
fn with_samples_of_another() -> Recording {
    let text = dosewave_io::read(data().join(V73)).unwrap_err().to_string();
    assert!(text.contains("its data file 'test_raw.fdt' is missing; copy it beside the set"), "{text}");
    let source = MemorySource::new("test_raw_h5.set", std::fs::read(data().join(V73)).unwrap())
        .with_sibling("test_raw.fdt", std::fs::read(data().join("eeglab/eeglab_data.fdt")).unwrap());
    read_source(Box::new(source), &Limits::default()).unwrap()
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().filter_map(Value::as_f64).collect()
}

fn close(what: &str, found: &[f64], expected: &Value) {
    let expected = numbers(expected);
    assert_eq!(found.len(), expected.len(), "{what}");
    for (f, e) in found.iter().zip(&expected) {
        assert!((f - e).abs() <= 1e-9 * e.abs().max(1.0), "{what}: {f}, expected {e}");
    }
}

fn mean_and_sd(row: &[f64]) -> (f64, f64) {
    let mean = row.iter().sum::<f64>() / row.len() as f64;
    (mean, (row.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / row.len() as f64).sqrt())
}

fn check_channels(name: &str, recording: &Recording, mne: &Value) {
    let names: Vec<&str> = mne["ch_names"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    assert_eq!(recording.header().ch_names(), names, "{name}");
    assert_eq!(recording.sfreq().0, mne["sfreq"].as_f64().unwrap(), "{name}");
    let rows: Vec<(f64, f64)> =
        recording.data_uv().outer_iter().map(|row| mean_and_sd(&row.to_vec())).collect();
    let (means, sds): (Vec<f64>, Vec<f64>) = rows.into_iter().unzip();
    close(&format!("{name}: means"), &means, &mne["channel_mean"]);
    close(&format!("{name}: deviations"), &sds, &mne["channel_std"]);
}

#[test]
fn continuous_recordings() {
    for name in ["eeglab/eeglab_data.set", V73] {
        let Some((recording, mne)) = golden(name) else { continue };
        check_channels(name, &recording, &mne);
        let n = recording.data_uv().ncols();
        assert_eq!(n as u64, mne["n_samples"].as_u64().unwrap(), "{name}");
        for (key, row) in [("first_channel", 0), ("last_channel", recording.channels().len() - 1)] {
            let row = recording.data_uv().row(row).to_vec();
            close(name, &row[..5], &mne[key]["first5"]);
            close(name, &row[n - 5..], &mne[key]["last5"]);
        }
        let annotations = mne["annotations"].as_array().unwrap();
        assert_eq!(recording.annotations().len() as u64, mne["n_annotations"].as_u64().unwrap(), "{name}");
        // MNE's onsets are printed to a microsecond
        for (found, expected) in recording.annotations().iter().zip(annotations) {
            assert!(
                (found.onset.0 - expected[0].as_f64().unwrap()).abs() < 1e-6,
                "{name}: {found:?} {expected}"
            );
            assert_eq!(found.duration.0, expected[1].as_f64().unwrap(), "{name}");
            assert_eq!(found.label, expected[2].as_str().unwrap(), "{name}");
        }
    }
}

#[test]
fn epochs_with_independent_components() {
    let name = "eeglab/eeglab_data_epochs_ica.set";
    let Some((recording, mne)) = golden(name) else { return };
    check_channels(name, &recording, &mne);
    let (n, pnts) = (mne["n_epochs"].as_u64().unwrap(), mne["n_times"].as_u64().unwrap());
    assert_eq!(recording.runs().len() as u64, n);
    assert!(recording.runs().iter().all(|run| run.len() == pnts));
    close(name, &recording.data_uv().row(0).to_vec()[..5], &mne["first_epoch_first_channel_first5"]);
    let last = recording.data_uv().row(recording.channels().len() - 1).to_vec();
    close(name, &last[last.len() - 5..], &mne["last_epoch_last_channel_last5"]);
    // these epochs overlap in the original recording
    let notes = format!("{:?}", recording.header().notes);
    assert!(notes.contains("epoch 2 begins before the one before it ends"), "{notes}");
    let unmixing = recording.header().details.unmixing.as_ref().unwrap();
    assert_eq!((unmixing.channels.len(), unmixing.matrix.len(), unmixing.matrix[0].len()), (32, 32, 32));
    // by numpy: icaweights @ icasphere
    for ((r, c), expected) in [((0, 0), -0.186_209_06), ((0, 1), -0.034_249_95), ((0, 2), -0.132_491_71)] {
        assert!((unmixing.matrix[r][c] - expected).abs() < 5e-9, "{r} {c}");
    }
    assert!((unmixing.matrix[31][31] - 0.009_942_361_149_466_57).abs() < 1e-15);
    // a head of 85 mm; the nose is in front
    let [x, y, z] = recording.channels()[0].position.unwrap();
    assert!(x.abs() < 1e-9 && (y - 0.08498).abs() < 1e-5 && (z + 0.001786).abs() < 1e-6, "{x} {y} {z}");
}

/// The same recording, written by MATLAB as v5 and as v7.3.
#[test]
fn two_ways_of_writing_one_recording_hold_the_same() {
    let (Some((v5, _)), Some((v73, _))) = (golden("eeglab/eeglab_data.set"), golden(V73)) else { return };
    assert_eq!(v5.annotations(), v73.annotations());
    assert_eq!(v5.data_uv(), v73.data_uv());
}

//! FIF files that MNE wrote (`testdata/generate/fif.py`) against what MNE reads of them.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use dosewave_eeg::{ChannelKind, Recording};
use dosewave_io::{Limits, MemorySource, open, read, read_source};
use serde_json::Value;
use std::path::{Path, PathBuf};

fn testdata() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata")
}

fn file(name: &str) -> PathBuf {
    testdata().join("fif").join(name)
}

fn golden(name: &str) -> Value {
    let all: Value =
        serde_json::from_str(&std::fs::read_to_string(testdata().join("golden/fif.json")).unwrap()).unwrap();
    all["files"][name].clone()
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap()
}

/// Every 11th sample; `at` turns MNE's sample into ours, `None` where there is none.
fn compare_samples(name: &str, rec: &Recording, golden: &Value, at: impl Fn(usize) -> Option<usize>) {
    let rows = golden["data"].as_array().unwrap();
    assert_eq!(rows.len(), rec.channels().len(), "{name}");
    for (c, row) in rows.iter().enumerate() {
        for (i, expected) in row.as_array().unwrap().iter().enumerate() {
            let Some(t) = at(11 * i) else { continue };
            let (got, expected) = (rec.data_uv()[[c, t]], number(expected));
            let close = (got - expected).abs() <= 1e-12 * expected.abs().max(100.0);
            assert!(close, "{name}: channel {c} sample {t}: {got}, MNE {expected}");
        }
    }
}

fn compare_header(name: &str, rec: &Recording, golden: &Value) {
    let names: Vec<&str> = golden["ch_names"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    assert_eq!(rec.header().ch_names(), names, "{name}");
    assert_eq!(rec.sfreq().0, number(&golden["sfreq"]), "{name}");
    let kinds: Vec<ChannelKind> = rec.channels().iter().map(|c| c.kind).collect();
    use ChannelKind::{Eeg, Eog, Misc, Trig};
    assert_eq!(kinds, [Eeg, Eeg, Eeg, Eeg, Eog, Trig, Misc], "{name}");
    let units: Vec<&str> = rec.channels().iter().map(|c| c.unit.as_str()).collect();
    assert_eq!(units, ["µV", "µV", "µV", "µV", "µV", "1", "°C"], "{name}");
    assert_eq!(rec.channels()[0].recorded_unit.as_deref(), Some("V"));
}

#[test]
fn every_number_type_reads_as_mne_reads_it() {
    for name in
        ["single", "double", "int", "short", "undated", "proj", "split/split"].map(|n| format!("{n}_raw.fif"))
    {
        let (rec, golden) = (read(file(&name)).unwrap(), golden(&name));
        compare_header(&name, &rec, &golden);
        assert_eq!(rec.header().n_times(), golden["n_times"].as_u64().unwrap(), "{name}");
        compare_samples(&name, &rec, &golden, Some);
        let start = rec.header().start.map(|t| t.to_string());
        assert_eq!(start.as_deref(), golden["start"].as_str(), "{name}");
        assert_eq!(rec.runs().len(), 1, "{name}");
        for (channel, expected) in rec.channels().iter().zip(golden["positions"].as_array().unwrap()) {
            let Some(expected) = expected.as_array() else {
                assert_eq!(channel.position, None, "{name} {}", channel.name);
                continue;
            };
            for (got, expected) in channel.position.unwrap().iter().zip(expected) {
                assert!((got - number(expected)).abs() < 1e-9, "{name} {}", channel.name);
            }
        }
    }
}

#[test]
fn events_and_annotations_are_where_mne_has_them() {
    for name in ["single", "undated", "split/split", "skip"].map(|n| format!("{n}_raw.fif")) {
        let (rec, golden) = (read(file(&name)).unwrap(), golden(&name));
        let mut expected: Vec<(f64, f64, String, Vec<String>)> = Vec::new();
        for annotation in golden["annotations"].as_array().unwrap() {
            let names =
                annotation[3].as_array().unwrap().iter().map(|n| n.as_str().unwrap().into()).collect();
            let label = annotation[2].as_str().unwrap().to_owned();
            expected.push((number(&annotation[0]), number(&annotation[1]), label, names));
        }
        // MNE adds an annotation of its own to the pause, which has one already
        expected.dedup_by(|a, b| a.2 == "BAD_ACQ_SKIP" && b.2 == "BAD_ACQ_SKIP");
        for event in golden["events"].as_array().unwrap() {
            let label = format!("STI 014/{}", event[1]);
            expected.push((number(&event[0]) / 100.0, 0.0, label, Vec::new()));
        }
        assert_eq!(rec.annotations().len(), expected.len(), "{name}: {:?}", rec.annotations());
        for (onset, duration, label, channels) in expected {
            // annotations are written in single precision
            let found = rec.annotations().iter().any(|a| {
                (a.onset.0 - onset).abs() < 1e-6
                    && (a.duration.0 - duration).abs() < 1e-6
                    && a.label == label
                    && a.channels == channels
            });
            assert!(found, "{name}: {label} at {onset}: {:?}", rec.annotations());
        }
    }
}

#[test]
fn what_was_not_recorded_is_a_pause() {
    let (rec, golden) = (read(file("skip_raw.fif")).unwrap(), golden("skip_raw.fif"));
    // MNE fills the pause from 1 s to 3 s with zeros
    assert_eq!(rec.header().n_times() + 200, golden["n_times"].as_u64().unwrap());
    let runs: Vec<_> = rec.runs().iter().map(|r| (r.onset.0, r.samples.clone())).collect();
    assert_eq!(runs, [(0.0, 0..100), (3.0, 100..400)]);
    compare_samples("skip", &rec, &golden, |t| match t {
        0..100 => Some(t),
        100..300 => None,
        _ => Some(t - 200),
    });
    let label = rec.annotations().iter().find(|a| a.label == "STI 014/5").unwrap();
    assert!((label.onset.0 - 4.0).abs() < 1e-9);
}

#[test]
fn epochs_are_runs_at_their_true_times() {
    for name in ["whole-epo.fif", "decimated-epo.fif"] {
        let (rec, golden) = (read(file(name)).unwrap(), golden(name));
        compare_header(name, &rec, &golden);
        compare_samples(name, &rec, &golden, Some);
        let onsets = golden["onsets"].as_array().unwrap();
        assert_eq!(rec.runs().len(), onsets.len(), "{name}");
        for (run, onset) in rec.runs().iter().zip(onsets) {
            assert!((run.onset.0 - number(onset)).abs() < 1e-9, "{name}: {run:?} {onset}");
        }
        for event in golden["events"].as_array().unwrap() {
            let found = rec.annotations().iter().any(|a| {
                (a.onset.0 - number(&event[0])).abs() < 1e-9 && a.label == event[1].as_str().unwrap()
            });
            assert!(found, "{name}: {event} in {:?}", rec.annotations());
        }
        assert!(rec.header().notes.iter().any(|n| n.text.contains("mean from -0.200 to 0.000 s")), "{name}");
        assert!(
            rec.annotations().iter().any(|a| a.label == "dose: 0.5 mg/kg" && (a.onset.0 - 1.37).abs() < 1e-6)
        );
    }
}

#[test]
fn epochs_that_overlap_are_put_one_behind_the_other() {
    let (rec, golden) = (read(file("overlap-epo.fif")).unwrap(), golden("overlap-epo.fif"));
    compare_samples("overlap", &rec, &golden, Some);
    let onsets: Vec<f64> = rec.runs().iter().map(|r| (r.onset.0 * 100.0).round() / 100.0).collect();
    assert_eq!(onsets, [0.0, 1.71, 3.42]);
    let labels: Vec<&str> = rec.annotations().iter().map(|a| a.label.as_str()).collect();
    assert_eq!(labels, ["five", "a:seven", "five"]);
    assert!((rec.annotations()[1].onset.0 - 1.91).abs() < 1e-9);
    assert!(rec.header().notes.iter().any(|n| n.text.contains("epochs overlap")));
}

#[test]
fn projections_and_bad_channels_are_told() {
    let rec = read(file("proj_raw.fif")).unwrap();
    let projection = &rec.header().details.projections[0];
    assert_eq!((projection.name.as_str(), projection.is_applied), ("Average EEG reference", false));
    assert_eq!(projection.channels, ["Fz", "Cz", "a long name of an EEG channel"]);
    assert!(rec.header().notes.iter().any(|n| n.text.contains("marks Pz as bad")));
}

#[test]
fn windows_and_picks_hold_what_the_whole_holds() {
    for name in ["split/split_raw.fif", "skip_raw.fif", "short_raw.fif", "whole-epo.fif"] {
        let whole = read(file(name)).unwrap();
        let n = whole.header().n_times();
        let mut reader = open(file(name), &Limits::default()).unwrap();
        for (from, to) in [(0, n), (0, 1), (n / 2 - 7, n / 2 + 150), (n - 3, n + 9)] {
            let columns = from as usize..to.min(n) as usize;
            let expected = whole.data_uv().slice(ndarray::s![.., columns]).to_owned();
            assert_eq!(reader.read(from..to).unwrap().data_uv(), expected, "{name} {from}..{to}");
            let some = reader.read_picks(from..to, &[4, 0]).unwrap();
            assert_eq!(some.data_uv(), expected.select(ndarray::Axis(0), &[4, 0]), "{name} {from}..{to}");
            assert_eq!(some.header().ch_names(), ["EOG", "Fz"]);
        }
    }
}

fn message(name: &str, source: MemorySource) -> String {
    let error = read_source(Box::new(source), &Limits::default()).err();
    error.unwrap_or_else(|| panic!("{name} was read")).to_string()
}

#[test]
fn what_is_not_read_is_refused_by_name() {
    let bytes = |name: &str| std::fs::read(file(name)).unwrap();
    let of = |name: &str, content: &str| message(name, MemorySource::new(name, bytes(content)));
    let text = of("c_raw.fif", "../bad/complex_raw.fif");
    assert!(text.contains("complex numbers of single precision"), "{text}");
    let text = of("a-ave.fif", "../bad/average-ave.fif");
    assert!(text.contains("averages (evoked responses)"), "{text}");
    let text = of("split_raw.fif", "split/split_raw.fif");
    assert!(text.contains("its next part 'split_raw-1.fif' is missing; copy all parts"), "{text}");
    let renamed = MemorySource::new("new.fif", bytes("split/split_raw.fif"))
        .with_sibling("new-1.fif", bytes("split/split_raw-1.fif"));
    let text = message("renamed", renamed);
    assert!(text.contains("'new-1.fif' stands beside it: give renamed parts their old names"), "{text}");
    let other = MemorySource::new("split_raw.fif", bytes("split/split_raw.fif"))
        .with_sibling("split_raw-1.fif", bytes("../bad/complex_raw.fif"));
    let text = message("other", other);
    assert!(text.contains("split_raw-1.fif") && text.contains("belongs to another recording"), "{text}");
    let circle = MemorySource::new("split_raw.fif", bytes("split/split_raw.fif"))
        .with_sibling("split_raw-1.fif", bytes("split/split_raw.fif"));
    assert!(message("circle", circle).contains("name each other in a circle"));
    let text = message("x", MemorySource::new("x_raw.fif.gz", vec![0x1f, 0x8b, 8, 0]));
    assert!(text.contains("compressed") && text.contains("gunzip"), "{text}");
}

#[test]
fn a_later_part_says_that_it_is_one() {
    let rec = read(file("split/split_raw-1.fif")).unwrap();
    assert!(rec.header().notes.iter().any(|n| n.text.contains("the part before it is 'split_raw.fif'")));
    assert_eq!(rec.header().start.unwrap().to_string(), "2020-01-02T03:04:17.62");
}

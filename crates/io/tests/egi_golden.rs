//! EGI files and folders (`testdata/generate/egi.py`) against what MNE reads of them.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use dosewave_eeg::{ChannelKind, Recording};
use dosewave_io::{Limits, open, read};
use serde_json::Value;
use std::path::{Path, PathBuf};

fn testdata() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata")
}

fn file(name: &str) -> PathBuf {
    testdata().join("egi").join(name)
}

fn golden(name: &str) -> Value {
    let text = std::fs::read_to_string(testdata().join("golden/egi.json")).unwrap();
    serde_json::from_str::<Value>(&text).unwrap()["files"][name].clone()
}

fn row(golden: &Value, c: usize) -> Vec<f64> {
    golden["data"][c].as_array().unwrap().iter().filter_map(Value::as_f64).collect()
}

fn names(golden: &Value) -> Vec<&str> {
    golden["ch_names"].as_array().unwrap().iter().filter_map(Value::as_str).collect()
}

fn labels(rec: &Recording) -> Vec<(f64, f64, &str)> {
    let round = |t: f64| (t * 1e6).round() / 1e6;
    rec.annotations().iter().map(|a| (round(a.onset.0), round(a.duration.0), a.label.as_str())).collect()
}

#[test]
fn simple_binary_files_of_every_version() {
    for name in ["version2.raw", "version4.raw", "version6.raw"] {
        let (rec, golden) = (read(file(name)).unwrap(), golden(name));
        assert_eq!(rec.header().ch_names(), names(&golden), "{name}");
        assert_eq!((rec.sfreq().0, rec.header().n_times()), (100.0, 60), "{name}");
        for c in 0..5 {
            assert_eq!(rec.data_uv().row(c).to_vec(), row(&golden, c), "{name} {c}");
        }
        assert_eq!(rec.channels()[4].kind, ChannelKind::Trig);
        assert_eq!(rec.header().start.unwrap().to_string(), "2021-03-04T05:06:07.25");
        // MNE has an annotation at each sample of an event, here one where it begins
        assert_eq!(labels(&rec), [(0.1, 0.0, "DIN1"), (0.3, 0.0, "DIN1"), (0.45, 0.0, "dose")], "{name}");
    }
}

#[test]
fn segments_are_runs_with_their_categories() {
    let whole = read(file("version2.raw")).unwrap();
    for name in ["version3.raw", "version5.raw", "version7.raw"] {
        let rec = read(file(name)).unwrap();
        assert_eq!(rec.data_uv(), whole.data_uv(), "{name}");
        let runs: Vec<_> = rec.runs().iter().map(|r| (r.onset.0, r.samples.clone())).collect();
        assert_eq!(runs, [(0.0, 0..20), (0.2, 20..40), (1.5, 40..60)], "{name}");
        let expected = [
            (0.0, 0.2, "rest"),
            (0.1, 0.0, "DIN1"),
            (0.2, 0.2, "tasks"),
            (0.3, 0.0, "DIN1"),
            (1.5, 0.2, "rest"),
            (1.55, 0.0, "dose"),
        ];
        assert_eq!(labels(&rec), expected, "{name}");
    }
    let overlap = read(file("overlap.raw")).unwrap();
    assert_eq!(overlap.runs()[2].onset.0, 0.4);
    assert!(overlap.header().notes.iter().any(|n| n.text.contains("segments overlap")));
}

/// The range is in µV by the format; MNE takes it for V.
#[test]
fn bits_and_range_scale_numbers_to_microvolts() {
    let (rec, golden) = (read(file("scaled.raw")).unwrap(), golden("scaled.raw"));
    for c in 0..3 {
        for (got, expected) in rec.data_uv().row(c).iter().zip(row(&golden, c)) {
            assert!((got - expected * 1e-6).abs() < 1e-9, "{got} {expected}");
        }
    }
    assert_eq!(rec.data_uv()[[0, 1]], 20.0 * 5000.0 / 4096.0);
}

#[test]
fn folders_are_read_with_all_that_is_in_them() {
    let (rec, golden) = (read(file("four.mff")).unwrap(), golden("four.mff"));
    assert_eq!(rec.header().ch_names(), names(&golden));
    for c in 0..4 {
        for (got, expected) in rec.data_uv().row(c).iter().zip(row(&golden, c)) {
            // MNE multiplies in single precision
            assert!((got - expected).abs() < 1e-7 * expected.abs().max(1.0), "{c}: {got} {expected}");
        }
    }
    assert_eq!(rec.data_uv().row(4).to_vec()[..149], row(&golden, 4)[..149]);
    // the box recorded millivolts; MNE takes them for volts
    let expected: Vec<f64> = row(&golden, 5).iter().map(|v| v * 1e-3).collect();
    assert_eq!(rec.data_uv().row(5).to_vec()[..149], expected[..149]);
    // the box recorded a sample less, which MNE fills with 0
    assert!(rec.data_uv()[[4, 149]].is_nan() && rec.data_uv()[[5, 149]].is_nan());
    assert!(
        rec.header().notes.iter().any(|n| n.text.contains("NaN") && n.text.contains("ECG (1), Resp (1)"))
    );
    assert_eq!((rec.channels()[4].kind, rec.channels()[5].kind), (ChannelKind::Ecg, ChannelKind::Misc));
    assert_eq!(rec.channels()[0].position, Some([0.015, 0.07, 0.04]));
    assert_eq!(rec.header().low_pass().unwrap().0, 40.0);
}

#[test]
fn body_signals_of_another_rate_are_read_by_themselves() {
    let mut reader = open(file("slow.mff"), &Limits::default()).unwrap();
    assert_eq!(reader.header().n_channels(), 4);
    let listed: Vec<_> = reader
        .header()
        .other_signals
        .iter()
        .map(|s| (s.name.clone(), s.sfreq.0, s.n_samples, s.unit.clone()))
        .collect();
    assert_eq!(listed, ["ECG", "Resp"].map(|name| (name.into(), 50.0, 75, "µV".into())));
    // samples as the generator makes them; the second channel was recorded in millivolts
    let stored = |c: usize, t: usize| (7.0 * (0.2 * (c + 1) as f64 * t as f64 + c as f64).sin()).round();
    for (c, unit) in [(0, 1.0), (1, 1e3)] {
        let whole = reader.read_other(c, 0..1000).unwrap();
        let runs: Vec<_> = whole.runs().iter().map(|r| (r.onset.0, r.samples.clone())).collect();
        assert_eq!(runs, [(0.0, 0..50), (3.0, 50..75)]);
        for (t, value) in whole.data_uv().iter().enumerate() {
            assert_eq!(*value, unit * stored(c, t), "{c} {t}");
        }
        let part = reader.read_other(c, 45..55).unwrap();
        assert_eq!(part.data_uv(), whole.data_uv().slice(ndarray::s![.., 45..55]));
        assert_eq!(part.runs()[0].onset.0, 0.9);
    }
    let error = reader.read_other(2, 0..1).unwrap_err().to_string();
    assert!(error.contains("one of ECG, Resp"), "{error}");
}

#[test]
fn epochs_of_a_folder_are_runs() {
    for name in ["four.mff", "old.mff"] {
        let rec = read(file(name)).unwrap();
        let runs: Vec<_> = rec.runs().iter().map(|r| (r.onset.0, r.samples.clone())).collect();
        assert_eq!(runs, [(0.0, 0..100), (3.0, 100..150)], "{name}");
        let expected = [
            (0.0, 1.0, "rest"),
            (0.5, 0.1, "DIN1"),
            (3.0, 0.5, "rest"),
            (3.0, 0.5, "BAD segment"),
            (3.25, 0.1, "dose/0.5 mg/kg & saline"),
        ];
        assert_eq!(labels(&rec), expected, "{name}");
        assert_eq!(rec.header().start.unwrap().to_string(), "2021-03-04T05:06:07.25", "{name}");
    }
    assert_eq!(
        read(file("old.mff")).unwrap().data_uv().row(0),
        read(file("four.mff")).unwrap().data_uv().row(0)
    );
}

#[test]
fn the_first_file_of_a_folder_opens_it_too() {
    let rec = read(file("four.mff").join("info.xml")).unwrap();
    assert_eq!((rec.channels().len(), rec.header().n_times()), (6, 150));
    let error = dosewave_io::FileSource::new(testdata().join("egi")).unwrap_err().to_string();
    assert!(error.contains("a folder, not a recording"), "{error}");
}

#[test]
fn windows_and_picks_hold_what_the_whole_holds() {
    for (name, n) in [("four.mff", 150), ("old.mff", 150), ("version5.raw", 60)] {
        let whole = read(file(name)).unwrap();
        let mut reader = open(file(name), &Limits::default()).unwrap();
        for (from, to) in [(0, n), (49, 51), (15, 45), (n - 10, n - 2)] {
            let columns = from as usize..to as usize;
            let expected = whole.data_uv().slice(ndarray::s![.., columns]).to_owned();
            let got = reader.read(from..to).unwrap();
            let same = |(a, b): (&f64, &f64)| a.to_bits() == b.to_bits();
            assert!(got.data_uv().iter().zip(&expected).all(same), "{name} {from}..{to}");
            let some = reader.read_picks(from..to, &[4, 0]).unwrap();
            let expected = expected.select(ndarray::Axis(0), &[4, 0]);
            assert!(some.data_uv().iter().zip(&expected).all(same), "{name} {from}..{to}");
        }
    }
}

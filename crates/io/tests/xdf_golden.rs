//! XDF recordings of several streams (`testdata/generate/xdf.py`) against what pyxdf reads of them.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use dosewave_eeg::{ChannelKind, Recording};
use dosewave_io::{Limits, open, read};
use serde_json::Value;
use std::path::{Path, PathBuf};

fn testdata() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata")
}

fn file(name: &str) -> PathBuf {
    testdata().join("xdf").join(name)
}

fn golden(name: &str, stream: &str) -> Value {
    let text = std::fs::read_to_string(testdata().join("golden/xdf.json")).unwrap();
    let all = serde_json::from_str::<Value>(&text).unwrap();
    all["files"][name].as_array().unwrap().iter().find(|s| s["name"] == stream).unwrap().clone()
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().filter_map(Value::as_f64).collect()
}

/// Samples and times of every 25th sample; times relative to the first.
fn compare(name: &str, rec: &Recording, factors: &[f64]) {
    let golden = golden(name, "amp");
    let times = numbers(&golden["times"]);
    for (i, (row, time)) in golden["rows"].as_array().unwrap().iter().zip(&times).enumerate() {
        let t = 25 * i;
        for (c, value) in numbers(row).iter().enumerate() {
            assert_eq!(rec.data_uv()[[c, t]], value * factors[c], "{name}: channel {c} sample {t}");
        }
        // jitter looks like 1.5 parts in 10⁴ of the rate here, which the announced rate leaves out
        let got = rec.header().time_of(t as u64).unwrap().0;
        assert!(
            (got - (time - times[0])).abs() < 1e-3,
            "{name}: sample {t} at {got}, pyxdf {}",
            time - times[0]
        );
    }
}

#[test]
fn samples_and_their_times_are_what_pyxdf_reads() {
    for name in ["streams.xdf", "int8.xdf", "int16.xdf", "int32.xdf", "int64.xdf"] {
        let rec = read(file(name)).unwrap();
        assert_eq!(rec.header().ch_names(), ["Fz", "Cz", "EOG1", "TRIG"], "{name}");
        compare(name, &rec, &[1.0, 1e3, 1.0, 1.0]);
        let units: Vec<&str> = rec.channels().iter().map(|c| c.unit.as_str()).collect();
        assert_eq!(units, ["µV", "µV", "µV", "1"], "{name}");
        assert_eq!(rec.channels()[3].kind, ChannelKind::Trig);
        // 100.002 Hz is the announced rate on another clock
        assert_eq!((rec.sfreq().0, rec.runs().len()), (100.0, 2), "{name}");
        assert_eq!(rec.runs()[1].samples, 350..500, "{name}");
    }
}

#[test]
fn markers_keep_to_the_samples_they_fell_on() {
    let rec = read(file("streams.xdf")).unwrap();
    let onset = |label: &str| rec.annotations().iter().find(|a| a.label == label).unwrap().onset.0;
    let golden = golden("streams.xdf", "keys");
    let first = numbers(&amp_times())[0];
    for (time, row) in numbers(&golden["times"]).iter().zip(golden["rows"].as_array().unwrap()) {
        let label = row[0].as_str().unwrap();
        assert!((onset(label) - (time - first)).abs() < 2e-3, "{label}: {}", onset(label));
    }
    // the markers were put at samples 200 and 400
    let at = |label: &str, sample: u64| (onset(label) - rec.header().time_of(sample).unwrap().0).abs();
    assert!(at("dose: 0.5 mg/kg", 200) < 2e-3 && at("rest", 400) < 2e-3);
    assert_eq!((at("TRIG/4", 100), onset("TRIG/4")), (0.0, 1.0));
    assert!(onset("in the pause") > 5.0 && onset("in the pause") < 6.0);
    assert_eq!(rec.annotations().len(), 6);
    let others: Vec<_> = rec
        .header()
        .other_signals
        .iter()
        .map(|o| (o.name.as_str(), o.sfreq.0, o.n_samples, o.unit.as_str()))
        .collect();
    assert_eq!(others, [("acc/X", 50.0, 40, "g"), ("acc/Y", 50.0, 40, "g")]);
    assert_eq!(rec.header().start.unwrap().to_string(), "2021-03-04T05:06:07");
}

/// The accelerometer sends two samples each quarter of a second, though it announces 50 Hz, and pauses with the EEG. Times of a
/// stretch are put on a line, from which such pairs are 0.053 s away; that the rate is one for both stretches adds 0.018 s.
#[test]
fn other_streams_are_read_at_their_own_rate_on_the_same_clock() {
    let mut reader = open(file("streams.xdf"), &Limits::default()).unwrap();
    for (index, name, values) in [(0, "X", [1.0, 3.0]), (1, "Y", [2.0, 4.0])] {
        let rec = reader.read_other(index, 0..40).unwrap();
        assert_eq!((rec.header().ch_names(), rec.channels()[0].unit.as_str()), (vec![name], "g"));
        assert_eq!(rec.data_uv().row(0).to_vec(), values.repeat(20));
        // a line through pairs is a little less steep than one through their middles: 0.3 % of 28 samples, 1.8 % of 12
        assert!((rec.sfreq().0 - 8.0).abs() < 0.1, "{}", rec.sfreq());
        assert!(rec.header().notes.iter().any(|n| n.text.contains("announced at 50 Hz")));
        for i in 0..40_u64 {
            let pair = (i / 2) as f64 * 25.0 / 100.002 + if i / 2 >= 14 { 7.0 } else { 0.0 };
            let sent = pair + 0.02 * (i % 2) as f64;
            let got = rec.header().time_of(i).unwrap().0;
            assert!((got - sent).abs() < 0.075, "{name} {i}: {got}, sent at {sent}");
        }
        let part = reader.read_other(index, 3..7).unwrap();
        assert_eq!(part.data_uv().row(0).to_vec(), [values[1], values[0], values[1], values[0]]);
        assert_eq!(part.header().time_of(0), rec.header().time_of(3));
    }
    let error = reader.read_other(2, 0..1).unwrap_err().to_string();
    assert!(error.contains("one of acc/X, acc/Y"), "{error}");
}

fn amp_times() -> Value {
    golden("streams.xdf", "amp")["times"].clone()
}

/// pyxdf takes pauses of less than 500 samples for jitter, and stretches all samples over them.
#[test]
fn a_pause_of_four_seconds_is_a_pause() {
    let rec = read(file("short_pause.xdf")).unwrap();
    let runs = rec.runs();
    assert_eq!(runs.len(), 2);
    assert!((runs[1].onset.0 - (3.5 + 4.0)).abs() < 2e-3, "{runs:?}");
    assert_eq!(rec.sfreq().0, 100.0);
}

#[test]
fn a_reset_of_the_clock_keeps_true_times() {
    let rec = read(file("reset.xdf")).unwrap();
    compare("reset.xdf", &rec, &[1.0, 1e3]);
    let runs: Vec<_> =
        rec.runs().iter().map(|r| ((r.onset.0 * 1e3).round() / 1e3, r.samples.clone())).collect();
    assert_eq!(runs, [(0.0, 0..200), (16.0, 200..400)]);
    assert!(rec.header().notes.iter().any(|n| n.text.contains("was reset 1 time(s)")));
}

#[test]
fn damaged_bytes_are_left_out_with_a_note() {
    let (rec, whole) = (read(file("damaged.xdf")).unwrap(), read(file("streams.xdf")).unwrap());
    assert!(rec.header().notes.iter().any(|n| n.text.contains("damaged or cut off at byte")));
    assert_eq!(rec.header().ch_names(), whole.header().ch_names());
    assert_eq!(rec.header().n_times(), 500);
}

#[test]
fn windows_and_picks_hold_what_the_whole_holds() {
    let whole = read(file("streams.xdf")).unwrap();
    let mut reader = open(file("streams.xdf"), &Limits::default()).unwrap();
    for (from, to) in [(0, 500), (24, 26), (25, 50), (330, 371), (499, 900), (600, 700)] {
        let columns = from.min(500) as usize..to.min(500) as usize;
        let expected = whole.data_uv().slice(ndarray::s![.., columns]).to_owned();
        assert_eq!(reader.read(from..to).unwrap().data_uv(), expected, "{from}..{to}");
        let some = reader.read_picks(from..to, &[2, 0]).unwrap();
        assert_eq!(some.data_uv(), expected.select(ndarray::Axis(0), &[2, 0]), "{from}..{to}");
    }
}

//! Markers against mne, mne-connectivity and specparam on the same epochs (`testdata/generate/markers.py`).
#![allow(clippy::unwrap_used, clippy::print_stderr)]

mod common;

use common::{GOLDEN_CHANNELS, by_site, golden_input, make, segment};
use dosewave_markers::Segment;
use serde_json::Value;

fn golden() -> Value {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../testdata/golden/markers_values.json");
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|x| x.as_f64().unwrap()).collect()
}

fn golden_segment() -> Segment {
    segment(&GOLDEN_CHANNELS, 500.0, golden_input())
}

/// Values at the channels, in order, with the largest deviation from `expected` relative to `scale`.
fn assert_channels(kind: &str, params: &str, expected: &Value, tolerance: f64, relative: bool) {
    let values = by_site(&*make(kind, params), &golden_segment());
    let mut largest = 0.0_f64;
    for (channel, want) in GOLDEN_CHANNELS.iter().zip(numbers(expected)) {
        let got = values[*channel];
        let scale = if relative { want.abs() } else { 1.0 };
        largest = largest.max((got - want).abs() / scale);
    }
    eprintln!("{kind} {params}: largest deviation {largest:.2e}");
    assert!(largest <= tolerance, "{kind} {params}: {largest:e} > {tolerance:e}");
}

#[test]
fn the_input_is_the_one_that_the_peers_saw() {
    let (input, golden) = (golden_input(), golden());
    for (c, first) in golden["input"]["first_uv"].as_array().unwrap().iter().enumerate() {
        for (t, want) in numbers(first).into_iter().enumerate() {
            assert!((input[[0, c, t]] - want).abs() < 1e-11);
        }
    }
    for (c, want) in numbers(&golden["input"]["last_uv"]).into_iter().enumerate() {
        assert!((input[[23, c, 999]] - want).abs() < 1e-9);
    }
    let sum: f64 = input.iter().map(|x| x * x).sum();
    assert!((sum / golden["input"]["sum_of_squares"].as_f64().unwrap() - 1.0).abs() < 1e-12);
}

const BANDS: [(&str, &str); 7] = [
    ("delta", "[1, 4]"),
    ("theta", "[4, 8]"),
    ("alpha", "[8, 13]"),
    ("beta", "[13, 30]"),
    ("low_gamma", "[30, 45]"),
    ("high_gamma", "[55, 90]"),
    ("hfo", "[100, 140]"),
];

#[test]
fn absolute_and_relative_power_agree_with_mne() {
    let golden = golden();
    // the peers' HFO band ends at 170 Hz, for which 500 Hz is too slow by our own rule
    for (name, band) in &BANDS[..6] {
        let params = format!(r#"{{"band": {band}}}"#);
        assert_channels("band_power", &params, &golden["band_power"][name], 1e-10, true);
        assert_channels("relative_power", &params, &golden["relative_power"][name], 1e-10, true);
    }
}

#[test]
fn the_line_agrees_with_specparam_without_peaks() {
    let golden = golden();
    for kind in ["aperiodic_exponent", "aperiodic_offset"] {
        assert_channels(kind, r#"{"fit": "ols"}"#, &golden[kind], 1e-6, false);
    }
}

#[test]
fn the_muscle_index_agrees_with_mne() {
    assert_channels("emg_index", "{}", &golden()["emg_index"], 1e-9, false);
    let values = by_site(&*make("emg_index", "{}"), &golden_segment());
    let rim = f64::midpoint(values["Fp1"], values["T7"]);
    assert!((values["global"] - rim).abs() < 1e-12, "Fp1 and T7 are the rim");
}

const PAIR_MEASURES: [&str; 10] =
    ["coh", "imcoh", "ciplv", "wpli2_debiased", "plv", "ppc", "pli", "pli2_unbiased", "dpli", "wpli"];

#[test]
fn pair_measures_agree_with_mne_connectivity() {
    let (golden, segment) = (golden(), golden_segment());
    for (name, band) in [("alpha", "[8, 13]"), ("low_gamma", "[30, 45]"), ("high_gamma", "[55, 90]")] {
        for measure in PAIR_MEASURES {
            // the peers know no mains mask; 50 Hz lies outside these bands
            let marker = make(measure, &format!(r#"{{"band": {band}}}"#));
            let stats = marker.block_stats(&segment).unwrap();
            let pairs = marker.pair_values(&stats).unwrap().unwrap();
            let expected = numbers(&golden["connectivity"][name][measure]);
            assert_eq!(pairs.len(), expected.len());
            let largest = pairs
                .iter()
                .zip(&expected)
                .map(|(got, want)| (got.unwrap() - want).abs())
                .fold(0.0, f64::max);
            eprintln!("{measure}.{name}: largest deviation {largest:.2e}");
            assert!(largest < 1e-10, "{measure}.{name}: {largest:e}");
            assert_sites(measure, &by_site(&*marker, &segment), &expected);
        }
    }
}

/// Pair sites hold the pair's value (turned where its order matters, since the peers' pairs begin with the later channel),
/// `global` their mean, which a direction does not have.
fn assert_sites(measure: &str, sites: &std::collections::BTreeMap<String, f64>, pairs: &[f64]) {
    let turned = |value: f64| match measure {
        "imcoh" => -value,
        "dpli" => 1.0 - value,
        _ => value,
    };
    let (first, second) = (sites["Fp1-F4"], sites["Fp1-C3"]);
    assert!((first - turned(pairs[0])).abs() < 1e-10 && (second - turned(pairs[1])).abs() < 1e-10);
    let mean =
        pairs.iter().map(|x| if measure == "imcoh" { x.abs() } else { *x }).sum::<f64>() / pairs.len() as f64;
    assert_eq!(sites.contains_key("global"), measure != "dpli");
    assert!(sites.get("global").is_none_or(|global| (global - mean).abs() < 1e-10));
}

//! Spectral markers against mne and scipy on the same epochs (`testdata/generate/markers_spectral.py`).
#![allow(clippy::unwrap_used, clippy::print_stderr)]

mod common;

use common::{by_site, golden_input_of, make, segment};
use dosewave_markers::Segment;
use serde_json::Value;

const CHANNELS: [&str; 12] = ["Fp1", "Fp2", "F3", "F4", "T7", "C3", "C4", "T8", "P3", "P4", "O1", "O2"];

fn golden() -> Value {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../testdata/golden/markers_spectral.json");
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn golden_segment() -> Segment {
    segment(&CHANNELS, 500.0, golden_input_of(CHANNELS.len()))
}

/// Values at the channels, in order, with the largest deviation from `expected`, relative to it where it is above one.
fn assert_channels(segment: &Segment, (kind, params): (&str, &str), expected: &Value, tolerance: f64) {
    let values = by_site(&*make(kind, params), segment);
    let expected = expected.as_array().unwrap();
    assert_eq!(expected.len(), CHANNELS.len());
    let deviation = |(channel, want): (&&str, &Value)| {
        let want = want.as_f64().unwrap();
        (values[*channel] - want).abs() / want.abs().max(1.0)
    };
    let largest = CHANNELS.iter().zip(expected).map(deviation).fold(0.0, f64::max);
    eprintln!("{kind} {params}: largest deviation {largest:.2e}");
    assert!(largest <= tolerance, "{kind} {params}: {largest:e} > {tolerance:e}");
}

#[test]
fn the_input_is_the_one_that_the_peers_saw() {
    let sum: f64 = golden_input_of(CHANNELS.len()).iter().map(|x| x * x).sum();
    assert!((sum / golden()["sum_of_squares"].as_f64().unwrap() - 1.0).abs() < 1e-12);
    assert_eq!(serde_json::json!(CHANNELS), golden()["channels"]);
}

#[test]
fn means_over_epochs_and_the_other_bands_agree_with_mne() {
    let (golden, segment) = (golden(), golden_segment());
    let mean = r#"{"band": [4, 8], "average": "mean"}"#;
    assert_channels(&segment, ("band_power", mean), &golden["mean_theta"], 1e-11);
    assert_channels(&segment, ("relative_power", mean), &golden["mean_rel_theta"], 1e-11);
    for (name, band) in dosewave_markers::BandPreset::Ipeg2012.bands() {
        let params = serde_json::json!({"band": band, "bands": "ipeg2012"}).to_string();
        assert_channels(&segment, ("band_power", &params), &golden["ipeg2012"][name], 1e-11);
    }
}

#[test]
fn edges_agree_with_a_root_of_the_integral_of_scipys_spectra() {
    let (golden, segment) = (golden(), golden_segment());
    for (name, edge) in [("sef95", 0.95), ("median_frequency", 0.5)] {
        let params = format!(r#"{{"edge": {edge}}}"#);
        assert_channels(&segment, ("spectral_edge", &params), &golden[name], 1e-11);
    }
}

#[test]
fn the_alpha_frequency_agrees_with_its_plain_twin() {
    let (golden, segment) = (golden(), golden_segment());
    for (name, method) in [("iaf_cog", "centre_of_gravity"), ("iaf_peak", "peak")] {
        let params = format!(r#"{{"method": "{method}"}}"#);
        assert_channels(&segment, ("alpha_frequency", &params), &golden[name], 1e-9);
    }
}

#[test]
fn cordance_agrees_with_mnes_spectra_of_bipolar_leads() {
    let (golden, segment) = (golden(), golden_segment());
    for version in ["reattributed", "unattributed"] {
        let params = format!(r#"{{"version": "{version}"}}"#);
        assert_channels(&segment, ("theta_cordance", &params), &golden["cordance"][version], 1e-10);
    }
}

#[test]
fn ratios_and_stages_agree_with_mnes_spectra() {
    let (golden, segment) = (golden(), golden_segment());
    let asymmetry = by_site(&*make("alpha_asymmetry", "{}"), &segment);
    for (pair, want) in golden["alpha_asymmetry"].as_object().unwrap() {
        assert!((asymmetry[pair] - want.as_f64().unwrap()).abs() < 1e-11, "{pair}");
    }
    let ratio = by_site(&*make("gamma_beta_ratio", "{}"), &segment)["global"];
    assert!((ratio - golden["gamma_beta_ratio"].as_f64().unwrap()).abs() < 1e-11, "{ratio}");
    for (stage, want) in golden["vigilance"].as_object().unwrap() {
        let params = format!(r#"{{"stage": "{stage}"}}"#);
        let share = by_site(&*make("vigilance", &params), &segment)["global"];
        assert!((share - want.as_f64().unwrap()).abs() < 1e-12, "{stage}: {share}");
    }
}

//! FIR design and filtering against MNE-Python.

#![allow(clippy::unwrap_used)] // a test may stop where it is surprised

mod spectral_common;

use dosewave_numerics::filter::{
    ButterworthDesign, FirDesign, Ratio, fir_zero_phase, resample_fft, resample_polyphase, sos_zero_phase,
};
use ndarray::Array1;
use serde_json::Value;
use spectral_common::{count, deviation, hold, numbers, signal};
use std::f64::consts::PI;

fn golden() -> Value {
    serde_json::from_str(include_str!("../../../testdata/golden/spectral_filters.json")).unwrap()
}

fn design(high_pass_hz: Option<f64>, low_pass_hz: Option<f64>) -> FirDesign {
    FirDesign { high_pass_hz, low_pass_hz }
}

#[test]
fn coefficients_are_mne_create_filters() {
    for case in golden()["designs"].as_array().unwrap() {
        let sfreq = case["sfreq"].as_f64().unwrap();
        let edges = design(case["high_pass_hz"].as_f64(), case["low_pass_hz"].as_f64());
        let h = edges.coefficients(sfreq).unwrap();
        assert_eq!(h.len(), count(&case["n"]), "{edges:?} at {sfreq} Hz");
        let from_middle = h.iter().skip(h.len() / 2).step_by(count(&case["stride"]));
        let what = format!("{edges:?} at {sfreq} Hz");
        hold(&what, deviation(from_middle, &numbers(&case["from_middle"])), 1e-12);
        // the coefficients between the stored ones
        let sum_of_squares = h.mapv(|c| c * c).sum();
        hold(
            "sum of squares",
            (sum_of_squares / case["sum_of_squares"].as_f64().unwrap() - 1.0).abs(),
            1e-12,
        );
    }
}

#[test]
fn filtered_signals_are_mne_filter_datas_for_any_length() {
    let h = design(Some(1.0), Some(40.0)).coefficients(100.0).unwrap();
    assert_eq!(h.len(), 331);
    for case in golden()["filtered"].as_array().unwrap() {
        let n = count(&case["n"]);
        let y = fir_zero_phase(signal(n).view(), h.view()).unwrap();
        assert_eq!(y.len(), n);
        let found = deviation(y.iter().step_by(count(&case["stride"])), &numbers(&case["y"]));
        hold(&format!("{n} samples"), found, 1e-12);
    }
}

#[test]
fn a_sine_keeps_its_phase_and_gets_the_designed_gain() {
    let h = design(Some(8.0), Some(13.0)).coefficients(250.0).unwrap();
    let middle = (h.len() / 2) as f64;
    for freq in [2.0, 7.0, 8.0, 10.0, 14.5, 40.0] {
        let angle = |t: f64| 2.0 * PI * freq * t / 250.0;
        let gain: f64 = h.iter().enumerate().map(|(t, c)| c * angle(t as f64 - middle).cos()).sum();
        let x = Array1::from_iter((0..4000).map(|t| angle(f64::from(t)).sin()));
        let y = fir_zero_phase(x.view(), h.view()).unwrap();
        for t in 1000..3000 {
            assert!((y[t] - gain * x[t]).abs() < 1e-11, "{freq} Hz at {t}");
        }
    }
}

#[test]
fn edges_that_cannot_be_are_named_with_what_is_allowed() {
    for (edges, sfreq, words) in [
        (design(None, None), 250.0, "filter = no edge"),
        (design(Some(125.0), None), 250.0, "below 125 Hz"),
        (design(None, Some(130.0)), 250.0, "low_pass = 130 Hz"),
        (design(Some(0.0), None), 250.0, "high_pass = 0 Hz"),
        (design(Some(f64::NAN), None), 250.0, "high_pass = NaN Hz"),
        (design(Some(20.0), Some(20.0)), 250.0, "below the low_pass (20 Hz)"),
        (design(Some(1.0), None), 0.0, "sfreq = 0"),
    ] {
        let error = edges.coefficients(sfreq).unwrap_err().to_string();
        assert!(error.contains(words), "{error}");
    }
    let even = fir_zero_phase(signal(10).view(), Array1::ones(4).view()).unwrap_err().to_string();
    assert!(even.contains("4 of them"), "{even}");
    assert!(fir_zero_phase(Array1::zeros(0).view(), Array1::ones(3).view()).is_err());
}

fn resampled_golden() -> Value {
    serde_json::from_str(include_str!("../../../testdata/golden/spectral_resampled.json")).unwrap()
}

#[test]
fn butterworth_gains_are_scipys_and_filtered_signals_mnes() {
    for case in resampled_golden()["butterworth"].as_array().unwrap() {
        let design = ButterworthDesign {
            order: count(&case["order"]),
            high_pass_hz: case["high_pass_hz"].as_f64(),
            low_pass_hz: case["low_pass_hz"].as_f64(),
        };
        let sfreq = case["sfreq"].as_f64().unwrap();
        let sections = design.sections(sfreq).unwrap();
        let gain: Vec<f64> = numbers(&case["at_hz"])
            .into_iter()
            .map(|f| sections.iter().map(|s| s.response(f, sfreq).norm()).product())
            .collect();
        hold(&format!("{design:?}"), deviation(&gain, &numbers(&case["gain"])), 1e-9);
        for filtered in case["filtered"].as_array().unwrap() {
            let n = count(&filtered["n"]);
            let y = sos_zero_phase(signal(n).view(), &sections).unwrap();
            let found = deviation(y.iter().step_by(count(&filtered["stride"])), &numbers(&filtered["y"]));
            hold(&format!("{design:?}, {n} samples"), found, 1e-9);
        }
    }
}

#[test]
fn resampled_signals_are_mnes_and_scipys() {
    for case in resampled_golden()["resampled"].as_array().unwrap() {
        let (from, to) = (case["from"].as_f64().unwrap(), case["to"].as_f64().unwrap());
        let x = signal(count(&case["n"]));
        let what = format!("{} samples, {from} to {to} Hz", x.len());
        let ratio = Ratio::of_rates(from, to).unwrap();
        let y = match case["method"].as_str().unwrap() {
            "fft" => resample_fft(x.view(), ratio).unwrap(),
            _ => resample_polyphase(x.view(), ratio).unwrap(),
        };
        hold(&format!("{}, {what}", case["method"]), deviation(&y, &numbers(&case["y"])), 1e-11);
    }
}

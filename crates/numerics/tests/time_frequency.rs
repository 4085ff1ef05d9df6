//! Wavelets, time-frequency transforms, baselines and analytic signals against MNE-Python.

#![allow(clippy::unwrap_used)] // a test may stop where it is surprised

#[path = "spectral_common/mod.rs"]
mod spectral_common;

use dosewave_numerics::filter::{FirDesign, analytic_signal, fir_zero_phase};
use dosewave_numerics::time_frequency::{BaselineMode, Tfr, TfrMethod, TfrParams, morlet, rescale};
use ndarray::{Array1, Array2, Axis};
use num_complex::Complex64;
use serde_json::Value;
use spectral_common::{SFREQ, count, deviation, hold, numbers, rows, signal};

const N_TRIALS: usize = 12;
const N_TIMES: usize = 400;

fn transforms() -> Value {
    serde_json::from_str(include_str!("../../../testdata/golden/time_frequency_transforms.json")).unwrap()
}

fn parts() -> Value {
    serde_json::from_str(include_str!("../../../testdata/golden/time_frequency_parts.json")).unwrap()
}

fn cases(of: &Value) -> &Vec<Value> {
    let cases = of.as_array().unwrap();
    assert!(!cases.is_empty());
    cases
}

fn trials() -> Array2<f64> {
    signal(N_TRIALS * N_TIMES).into_shape_with_order((N_TRIALS, N_TIMES)).unwrap()
}

/// One number for all frequencies or one each.
fn cycles(case: &Value) -> Vec<f64> {
    case["n_cycles"].as_f64().map_or_else(|| numbers(&case["n_cycles"]), |all| vec![all])
}

fn params(case: &Value) -> TfrParams {
    let method = case["time_bandwidth"]
        .as_f64()
        .map_or(TfrMethod::Morlet, |time_bandwidth| TfrMethod::Multitaper { time_bandwidth });
    TfrParams {
        freqs_hz: numbers(&case["freqs"]),
        n_cycles: cycles(case),
        method,
        zero_mean: case["zero_mean"].as_bool().unwrap(),
        decim: count(&case["decim"]),
    }
}

/// Largest difference over the largest modulus.
fn complex_deviation<'a>(ours: impl IntoIterator<Item = &'a Complex64>, reference: &Value) -> f64 {
    let (re, im) = (numbers(&reference["re"]), numbers(&reference["im"]));
    let ours: Vec<Complex64> = ours.into_iter().copied().collect();
    assert_eq!((ours.len(), ours.len()), (re.len(), im.len()), "number of values");
    let theirs: Vec<Complex64> = re.iter().zip(&im).map(|(re, im)| Complex64::new(*re, *im)).collect();
    let scale = theirs.iter().map(|z| z.norm()).fold(0.0, f64::max);
    ours.iter().zip(&theirs).map(|(a, b)| (a - b).norm()).fold(0.0, f64::max) / scale
}

#[test]
fn the_input_is_the_one_the_reference_saw() {
    let x = signal(N_TRIALS * N_TIMES);
    let found = deviation(&[x[0], x[1], x[x.len() - 1], x.sum()], &numbers(&transforms()["samples"]));
    hold("samples", found, 1e-13);
}

#[test]
fn wavelets_are_mnes() {
    for case in cases(&parts()["wavelets"]) {
        let zero_mean = case["zero_mean"].as_bool().unwrap();
        let freqs = numbers(&case["freqs"]);
        let ours = morlet(SFREQ, &freqs, &cycles(case), case["sigma"].as_f64(), zero_mean).unwrap();
        for (ours, theirs) in ours.iter().zip(cases(&case["wavelets"])) {
            hold("wavelet", complex_deviation(&ours.values[0], theirs), 1e-13);
        }
        assert_eq!(ours.len(), case["wavelets"].as_array().unwrap().len());
    }
}

#[test]
fn transforms_are_mnes() {
    let golden = transforms();
    for case in cases(&golden["cases"]) {
        let tfr = Tfr::new(N_TIMES, SFREQ, &params(case)).unwrap();
        let trials = trials();
        let what = format!("{} Hz, {} cycles, {}", case["freqs"], case["n_cycles"], case["time_bandwidth"]);
        let first = tfr.coefficients(trials.row(0)).unwrap();
        hold(&format!("{what}, complex"), complex_deviation(&first, &case["complex"]), 1e-12);
        let power = tfr.power(trials.row(0)).unwrap();
        hold(&format!("{what}, power"), deviation(&power, &numbers(&case["power_0"])), 1e-12);
        let average = tfr.average(trials.view()).unwrap();
        let found = deviation(&average.power, &numbers(&case["avg_power"]));
        hold(&format!("{what}, average power"), found, 1e-12);
        hold(&format!("{what}, ITC"), deviation(&average.itpc, &numbers(&case["itc"])), 1e-11);
    }
}

#[test]
fn baselines_are_mnes() {
    let golden = &parts()["baselines"];
    let rows = rows(&golden["power"]);
    let power = Array2::from_shape_fn((rows.len(), rows[0].len()), |(f, t)| rows[f][t]);
    let baseline = count(&golden["from"])..count(&golden["to"]);
    let modes = golden["modes"].as_object().unwrap();
    assert_eq!(modes.len(), 6);
    for (name, values) in modes {
        let mode: BaselineMode = serde_json::from_value(Value::from(name.as_str())).unwrap();
        let mut ours = power.clone();
        rescale(&mut ours, baseline.clone(), mode).unwrap();
        hold(name, deviation(&ours, &numbers(values)), 1e-12);
    }
}

#[test]
fn analytic_signals_of_bands_are_mnes() {
    for case in cases(&parts()["hilbert"]) {
        let edge = |name: &str| case[name].as_f64();
        let design = FirDesign { high_pass_hz: edge("l_freq"), low_pass_hz: edge("h_freq") };
        let filtered = fir_zero_phase(
            signal(count(&case["n_times"])).view(),
            design.coefficients(SFREQ).unwrap().view(),
        )
        .unwrap();
        let n_fft = case["n_fft"].as_u64().map(|n| usize::try_from(n).unwrap());
        let ours: Vec<Complex64> =
            analytic_signal(filtered.view(), n_fft).unwrap().iter().step_by(3).copied().collect();
        hold(&format!("{} Hz", case["l_freq"]), complex_deviation(&ours, case), 1e-11);
    }
}

/// Wavelets of every bin's frequency and one length tile the spectrum: with a fixed width σ the squared responses sum to a
/// constant, so the map's total is the signal's energy × that constant.
#[test]
fn the_maps_total_is_the_signals_energy() {
    let (n, sigma_hz) = (4000_usize, 4.0);
    let mut x = signal(n);
    x -= x.mean().unwrap();
    // silence around it, so that no energy leaves by the ends
    let padded = Array1::from_shape_fn(n, |t| if (1000..3000).contains(&t) { x[t] } else { 0.0 });
    let freqs: Vec<f64> = (1..125).map(f64::from).collect();
    // σ_t = n_cycles / (2π·f): cycles proportional to the frequency keep it fixed
    let n_cycles: Vec<f64> = freqs.iter().map(|f| f / sigma_hz).collect();
    let params = TfrParams { zero_mean: false, ..TfrParams::morlet(&freqs, &n_cycles) };
    let total: f64 = Tfr::new(n, SFREQ, &params).unwrap().power(padded.view()).unwrap().sum();
    // over frequencies 1 Hz apart, Σ_f |W_f(ν)|² is the energy of a wavelet, 2, × the rate; half of x is at ν > 0
    let expected = padded.iter().map(|v| v * v).sum::<f64>() * SFREQ;
    // the wavelets of 1 to 124 Hz leave out what lies near 0 and near half the rate
    assert!((total / expected - 1.0).abs() < 0.03, "{}", total / expected);
}

#[test]
fn a_shift_in_time_moves_the_map() {
    let tfr = Tfr::new(1000, SFREQ, &TfrParams::morlet(&[10.0, 40.0], &[7.0])).unwrap();
    let burst = |t0: usize| Array1::from_shape_fn(1000, |t| if t.abs_diff(t0) < 20 { 5.0 } else { 0.0 });
    let (early, late) = (tfr.power(burst(400).view()).unwrap(), tfr.power(burst(550).view()).unwrap());
    let scale = early.iter().fold(0.0_f64, |a, b| a.max(*b));
    for (a, b) in early.axis_iter(Axis(0)).zip(late.axis_iter(Axis(0))) {
        for t in 0..850 {
            assert!((a[t] - b[t + 150]).abs() < 1e-12 * scale, "{t}");
        }
    }
    assert_eq!(
        early.row(1).iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1)).map(|(t, _)| t.abs_diff(400) < 25),
        Some(true)
    );
}

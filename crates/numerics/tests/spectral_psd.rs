//! Windows, tapers, Welch and multitaper against scipy and MNE-Python.

#![allow(clippy::unwrap_used)] // a test may stop where it is surprised

mod spectral_common;

use dosewave_numerics::spectral::{
    Average, Detrend, Multitaper, MultitaperParams, Welch, WelchParams, Window, dpss,
};
use ndarray::{Array1, Array2, ArrayView1, s};
use serde_json::Value;
use spectral_common::{SFREQ, count, deviation, hold, numbers, relative_deviation, rows, signal};

fn golden() -> Value {
    serde_json::from_str(include_str!("../../../testdata/golden/spectral_psd.json")).unwrap()
}

fn golden_tapers() -> Value {
    serde_json::from_str(include_str!("../../../testdata/golden/spectral_tapers.json")).unwrap()
}

fn cases(of: &Value) -> &Vec<Value> {
    let cases = of.as_array().unwrap();
    assert!(!cases.is_empty());
    cases
}

fn flag(value: &Value) -> bool {
    value.as_bool().unwrap()
}

#[test]
fn the_input_is_the_one_the_reference_saw() {
    let x = signal(4000);
    hold("samples", deviation(&[x[0], x[1], x[3999], x.sum()], &numbers(&golden()["samples"])), 1e-14);
}

#[test]
fn windows_are_scipys() {
    for case in cases(&golden_tapers()["windows"]) {
        let window = Window::from_name(case["name"].as_str().unwrap(), case["parameter"].as_f64()).unwrap();
        let n = count(&case["n"]);
        hold("periodic", deviation(&window.periodic(n), &numbers(&case["periodic"])), 1e-15);
        hold("symmetric", deviation(&window.symmetric(n), &numbers(&case["symmetric"])), 1e-15);
    }
}

#[test]
fn tapers_and_concentrations_are_mnes() {
    for case in cases(&golden_tapers()["tapers"]) {
        let (n, k_max) = (count(&case["n"]), count(&case["k_max"]));
        let half_nbw = case["half_nbw"].as_f64().unwrap();
        let ours = dpss(n, half_nbw, k_max, flag(&case["low_bias"])).unwrap();
        let what = format!("{n} samples, product {half_nbw}");
        hold(
            &format!("{what}, eigenvalues"),
            deviation(&ours.eigenvalues, &numbers(&case["eigenvalues"])),
            1e-12,
        );
        let reference = rows(&case["tapers"]);
        assert_eq!(ours.tapers.dim(), (reference.len(), n), "{what}");
        let stride = count(&case["stride"]);
        let pairs = ours.tapers.rows().into_iter().zip(&reference);
        let largest = pairs.map(|(a, b)| deviation(a.iter().step_by(stride), b)).fold(0.0, f64::max);
        // the matrix grows with n²: from 4096 samples on its rounding moves both implementations by 1e-11
        hold(&format!("{what}, tapers"), largest, if n <= 1000 { 1e-12 } else { 5e-11 });
    }
}

#[test]
fn welch_is_mne_psd_array_welch() {
    for case in cases(&golden()["welch"]) {
        let params = WelchParams {
            n_fft: count(&case["n_fft"]),
            n_per_seg: count(&case["n_per_seg"]),
            n_overlap: count(&case["n_overlap"]),
            window: Window::from_name(case["window"].as_str().unwrap(), None).unwrap(),
            average: if case["average"] == "median" { Average::Median } else { Average::Mean },
            detrend: if flag(&case["detrend"]) { Detrend::Constant } else { Detrend::None },
        };
        let welch = Welch::new(params, SFREQ).unwrap();
        hold("frequencies", deviation(&welch.freqs_hz(), &numbers(&case["freqs_hz"])), 1e-15);
        let mut psd = Array1::from_elem(welch.freqs_hz().len(), 7.0); // what stood there before must not matter
        welch.psd_into(signal(count(&case["n_times"])).view(), psd.view_mut()).unwrap();
        hold(&format!("{params:?}"), deviation(&psd, &numbers(&case["psd"])), 1e-13);
        hold("bin by bin", relative_deviation(&psd, &numbers(&case["psd"])), 1e-10);
    }
}

#[test]
fn welch_with_other_windows_and_lines_removed_is_scipys() {
    for case in cases(&golden()["welch_of_scipy"]) {
        let (n_times, n_per_seg) = (count(&case["n_times"]), count(&case["n_per_seg"]));
        let params = WelchParams {
            n_fft: n_per_seg,
            n_per_seg,
            n_overlap: count(&case["n_overlap"]),
            window: Window::from_name(case["window"].as_str().unwrap(), case["parameter"].as_f64()).unwrap(),
            average: if case["average"] == "median" { Average::Median } else { Average::Mean },
            detrend: if case["detrend"] == "linear" { Detrend::Linear } else { Detrend::Constant },
        };
        let x = signal(n_times) + Array1::from_shape_fn(n_times, |t| 0.05 * t as f64);
        let psd_with = |welch: Welch| {
            let mut psd = Array1::from_elem(n_per_seg / 2 + 1, 7.0);
            welch.psd_into(x.view(), psd.view_mut()).unwrap();
            psd
        };
        let psd = psd_with(Welch::new(params, SFREQ).unwrap());
        hold(&format!("{params:?}"), deviation(&psd, &numbers(&case["psd"])), 1e-13);
        // the same window as values of one's own
        let values = params.window.periodic(n_per_seg).to_vec();
        assert_eq!(psd, psd_with(Welch::with_window(params, &values, SFREQ).unwrap()));
    }
}

#[test]
fn stretches_share_one_estimate_and_nothing_crosses_a_gap() {
    let params = WelchParams {
        n_fft: 100,
        n_per_seg: 100,
        n_overlap: 50,
        window: Window::Hann,
        average: Average::Mean,
        detrend: Detrend::Constant,
    };
    let welch = Welch::new(params, SFREQ).unwrap();
    let x = signal(1000);
    let (a, short, b) = (x.slice(s![..330]), x.slice(s![330..420]), x.slice(s![420..]));
    let (mut together, mut scratch) = (Array1::zeros(51), welch.scratch());
    let n = welch.psd_of_runs(&[a, short, b], together.view_mut(), &mut scratch).unwrap();
    let alone = |x: ArrayView1<'_, f64>| {
        let mut psd = Array1::zeros(51);
        welch.psd_into(x, psd.view_mut()).unwrap();
        psd
    };
    let (n_a, n_b) = (welch.n_segments(330), welch.n_segments(580));
    assert_eq!((n, n_a, n_b, welch.n_segments(90)), (n_a + n_b, 5, 10, 0));
    let expected = (n_a as f64 * alone(a) + n_b as f64 * alone(b)) / (n_a + n_b) as f64;
    hold("runs", deviation(&together, &expected.to_vec()), 1e-14);
    assert!(welch.psd_of_runs(&[short], together.view_mut(), &mut scratch).is_err());
}

#[test]
fn multitaper_is_mne_psd_array_multitaper() {
    for case in cases(&golden()["multitaper"]) {
        let params = MultitaperParams {
            bandwidth_hz: case["bandwidth_hz"].as_f64(),
            low_bias: flag(&case["low_bias"]),
            adaptive: flag(&case["adaptive"]),
        };
        let n_times = count(&case["n_times"]);
        let multitaper = Multitaper::new(n_times, SFREQ, params).unwrap();
        hold("frequencies", deviation(&multitaper.freqs_hz(), &numbers(&case["freqs_hz"])), 1e-15);
        let mut psd = Array1::from_elem(n_times / 2 + 1, 7.0);
        multitaper.psd_into(signal(n_times).view(), psd.view_mut()).unwrap();
        hold(
            &format!("{n_times} samples, {params:?}, bin by bin"),
            relative_deviation(&psd, &numbers(&case["psd"])),
            1e-10,
        );
    }
}

#[test]
fn coefficients_are_those_mne_connectivity_sums() {
    for case in cases(&golden()["fourier"]) {
        let n_times = count(&case["n_times"]);
        let multitaper = if case["kind"] == "hann" {
            Multitaper::hann(n_times, SFREQ).unwrap()
        } else {
            let params = MultitaperParams { bandwidth_hz: None, low_bias: true, adaptive: false };
            Multitaper::new(n_times, SFREQ, params).unwrap()
        };
        let (re, im) = (rows(&case["re"]).concat(), rows(&case["im"]).concat());
        let mut coefs = Array2::default((multitaper.tapers().eigenvalues.len(), n_times / 2 + 1));
        multitaper.fourier_into(signal(n_times).view(), coefs.view_mut()).unwrap();
        let what = format!("{n_times} samples, {}", case["kind"]);
        hold(&format!("{what}, re"), deviation(&coefs.mapv(|z| z.re), &re), 1e-12);
        hold(&format!("{what}, im"), deviation(&coefs.mapv(|z| z.im), &im), 1e-12);
    }
}

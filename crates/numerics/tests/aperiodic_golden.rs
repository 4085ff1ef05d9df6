//! The spectral model beside specparam, IRASA beside YASA: values of `testdata/generate/aperiodic.py`.
#![allow(clippy::unwrap_used, clippy::print_stderr)]

use dosewave_numerics::aperiodic::{AperiodicMode, IrasaParams, Specparam, SpecparamSettings, irasa};
use ndarray::Array1;
use serde::Deserialize;

#[derive(Deserialize)]
struct Golden {
    specparam: Vec<Model>,
    irasa: Vec<Separated>,
}

#[derive(Deserialize)]
struct Model {
    offset: f64,
    exponent: f64,
    knee_hz: f64,
    peaks: Vec<[f64; 3]>,
    noise: f64,
    found: Vec<f64>,
    found_peaks: Vec<[f64; 3]>,
    r_squared: f64,
    mae: f64,
}

#[derive(Deserialize)]
struct Separated {
    sfreq: f64,
    n: usize,
    leak: f64,
    band: [f64; 2],
    exponent: f64,
    freqs: Vec<f64>,
    aperiodic: Vec<f64>,
}

fn golden() -> Golden {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../testdata/golden/aperiodic_models.json");
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// Uniform in [−1, 1), from a linear congruential generator.
fn noise(n: usize, seed: u32) -> Vec<f64> {
    let mut state = seed;
    (0..n)
        .map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            f64::from(state) / 2_f64.powi(31) - 1.0
        })
        .collect()
}

fn spectrum(case: &Model, seed: u32, freqs: &Array1<f64>) -> Array1<f64> {
    let knee = if case.knee_hz > 0.0 { case.knee_hz.powf(case.exponent) } else { 0.0 };
    let noise = noise(freqs.len(), seed);
    let level = |(f, noise): (&f64, f64)| {
        let peaks: f64 =
            case.peaks.iter().map(|[c, h, sd]| h * (-(f - c).powi(2) / (2.0 * sd * sd)).exp()).sum();
        10_f64.powf(case.offset - (knee + f.powf(case.exponent)).log10() + peaks + case.noise * noise)
    };
    freqs.iter().zip(noise).map(level).collect()
}

#[test]
fn the_model_is_that_of_specparam() {
    let freqs = Array1::from_iter((2..=90).map(|k| 0.5 * f64::from(k)));
    let mut worst = [0.0_f64; 6];
    for (k, case) in golden().specparam.iter().enumerate() {
        let aperiodic_mode = if case.knee_hz > 0.0 { AperiodicMode::Knee } else { AperiodicMode::Fixed };
        let model = Specparam::new(
            freqs.view(),
            SpecparamSettings { aperiodic_mode, ..SpecparamSettings::default() },
        );
        let fit = model.unwrap().fit(spectrum(case, 100 + k as u32, &freqs).view()).unwrap();
        let exponent = case.found[case.found.len() - 1];
        assert_eq!(fit.peaks.len(), case.found_peaks.len(), "case {k}");
        worst[0] = worst[0].max((fit.aperiodic.exponent - exponent).abs());
        worst[1] = worst[1].max((fit.aperiodic.offset - case.found[0]).abs());
        worst[2] = worst[2].max((fit.r_squared - case.r_squared).abs());
        worst[3] = worst[3].max((fit.mae - case.mae).abs());
        for (ours, theirs) in fit.peaks.iter().zip(&case.found_peaks) {
            worst[4] = worst[4].max((ours.cf_hz - theirs[0]).abs());
            worst[5] =
                worst[5].max((ours.power - theirs[1]).abs().max((ours.bandwidth_hz - theirs[2]).abs()));
        }
    }
    eprintln!("exponent, offset, r2, mae, centre, power and width: {worst:?}");
    assert!(worst[0] < 1e-3 && worst[1] < 1e-3 && worst[4] < 1e-3, "{worst:?}");
    assert!(worst[2] < 1e-4 && worst[3] < 1e-4 && worst[5] < 5e-3, "{worst:?}");
}

#[test]
fn irasa_is_close_to_yasas() {
    for case in golden().irasa {
        let mut level = 0.0;
        let mut x = Vec::with_capacity(case.n);
        for (t, step) in noise(case.n, 3).into_iter().enumerate() {
            level = case.leak * level + step;
            x.push(level + (2.0 * std::f64::consts::PI * 10.0 * t as f64 / case.sfreq).sin());
        }
        let x = Array1::from(x);
        let params = IrasaParams { band_hz: case.band, ..IrasaParams::default() };
        let found = irasa(&[x.view()], case.sfreq, &params).unwrap();
        let mut apart = Vec::new();
        for (freq, theirs) in case.freqs.iter().zip(&case.aperiodic) {
            let bin = found.freqs_hz.iter().position(|f| (f - freq).abs() < 1e-9).unwrap();
            apart.push((10.0 * (found.aperiodic[bin] / theirs).log10()).abs());
        }
        let mean = apart.iter().sum::<f64>() / apart.len() as f64;
        eprintln!("{} {} mean {mean} dB", found.line.exponent, case.exponent);
        assert!(
            (found.line.exponent - case.exponent).abs() < 0.05,
            "{} {}",
            found.line.exponent,
            case.exponent
        );
        assert!(mean < 0.3, "{mean} dB");
    }
}

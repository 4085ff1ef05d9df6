//! The recording that `testdata/generate/eeg.py` makes, sample by sample.

#![allow(dead_code)] // each test file uses its part

use dosewave_eeg::{Hz, Recording, Run, Seconds};
use ndarray::Array2;
use serde_json::Value;

pub(crate) const N_CHANNELS: usize = 4;
const N_SAMPLES: usize = 6000;
const SFREQ: f64 = 250.0;

pub(crate) fn golden() -> Value {
    serde_json::from_str(include_str!("../../../../testdata/golden/eeg_steps.json")).unwrap()
}

pub(crate) fn numbers(value: &Value) -> Vec<f64> {
    serde_json::from_value(value.clone()).unwrap()
}

/// Numbers in [-0.5, 0.5) of the LCG of Numerical Recipes.
fn uniform_noise(n: usize) -> Vec<f64> {
    let mut state = 7_u32;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        f64::from(state) / 4_294_967_296.0 - 0.5
    };
    (0..n).map(|_| next()).collect()
}

/// 24 s of four channels: a 10 Hz rhythm, own noise, and shared noise that reaches channel c after 2c samples.
pub(crate) fn recording() -> Recording {
    let noise = uniform_noise((N_CHANNELS + 1) * N_SAMPLES + 16);
    let shared = &noise[N_CHANNELS * N_SAMPLES..];
    let data_uv = Array2::from_shape_fn((N_CHANNELS, N_SAMPLES), |(c, t)| {
        let angle = 2.0 * std::f64::consts::PI * 10.0 * t as f64 / SFREQ + 0.3 * c as f64;
        3.0 * angle.sin() + 30.0 * noise[c * N_SAMPLES + t] + 15.0 * shared[16 - 2 * c + t]
    });
    Recording::new(data_uv, Hz(SFREQ), &["Fz", "Cz", "Pz", "Oz"]).unwrap()
}

/// The same samples with a pause of 60 s after sample 2000.
pub(crate) fn recording_with_gap() -> Recording {
    let (mut header, data_uv) = recording().into_parts();
    header.runs = vec![
        Run { onset: Seconds(0.0), samples: 0..2000 },
        Run { onset: Seconds(68.0), samples: 2000..N_SAMPLES as u64 },
    ];
    Recording::from_parts(header, data_uv).unwrap()
}

/// The largest difference relative to the largest reference value.
pub(crate) fn deviation<'a>(ours: impl IntoIterator<Item = &'a f64>, reference: &[f64]) -> f64 {
    let ours: Vec<f64> = ours.into_iter().copied().collect();
    assert_eq!(ours.len(), reference.len());
    let largest = reference.iter().fold(0.0_f64, |m, v| m.max(v.abs()));
    ours.iter().zip(reference).fold(0.0_f64, |m, (a, b)| m.max((a - b).abs())) / largest
}

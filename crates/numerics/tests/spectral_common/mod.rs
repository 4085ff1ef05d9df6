//! The signals that `testdata/generate/spectral.py` makes, sample by sample, and how arrays are compared with its values.

#![allow(dead_code)] // each test file uses its part
#![allow(clippy::print_stderr)] // deviations are there to be read

use ndarray::Array1;
use serde_json::Value;
use std::f64::consts::PI;

pub(crate) const SFREQ: f64 = 250.0;

/// Numbers in [-0.5, 0.5) of the LCG of Numerical Recipes, seed 7.
pub(crate) fn uniform_noise(n: usize) -> Vec<f64> {
    let mut state = 7_u32;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        f64::from(state) / 4_294_967_296.0 - 0.5
    };
    (0..n).map(|_| next()).collect()
}

/// A 10 Hz rhythm of 3 µV on an offset of 20 µV, in noise.
pub(crate) fn signal(n: usize) -> Array1<f64> {
    let noise = uniform_noise(n);
    Array1::from_iter((0..n).map(|t| {
        let angle = 2.0 * PI * 10.0 * t as f64 / SFREQ;
        20.0 + 3.0 * angle.sin() + 30.0 * noise[t]
    }))
}

pub(crate) fn numbers(value: &Value) -> Vec<f64> {
    serde_json::from_value(value.clone()).unwrap()
}

pub(crate) fn rows(value: &Value) -> Vec<Vec<f64>> {
    serde_json::from_value(value.clone()).unwrap()
}

pub(crate) fn count(value: &Value) -> usize {
    usize::try_from(value.as_u64().unwrap()).unwrap()
}

/// Largest difference over the largest reference value; shapes must agree.
pub(crate) fn deviation<'a>(ours: impl IntoIterator<Item = &'a f64>, reference: &[f64]) -> f64 {
    let ours: Vec<f64> = ours.into_iter().copied().collect();
    assert_eq!(ours.len(), reference.len(), "number of values");
    let scale = reference.iter().fold(0.0_f64, |a, x| a.max(x.abs()));
    let largest = ours.iter().zip(reference).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
    assert!(ours.iter().all(|x| x.is_finite()));
    largest / if scale > 0.0 { scale } else { 1.0 }
}

/// Largest difference of a value relative to itself, for values that are all away from zero.
pub(crate) fn relative_deviation<'a>(ours: impl IntoIterator<Item = &'a f64>, reference: &[f64]) -> f64 {
    let ours: Vec<f64> = ours.into_iter().copied().collect();
    assert_eq!(ours.len(), reference.len(), "number of values");
    assert!(ours.iter().all(|x| x.is_finite()));
    ours.iter().zip(reference).map(|(a, b)| ((a - b) / b).abs()).fold(0.0, f64::max)
}

/// Holds a deviation under its tolerance; `cargo test -- --nocapture` shows it.
pub(crate) fn hold(what: &str, found: f64, tolerance: f64) {
    eprintln!("{what}: {found:.1e}");
    assert!(found <= tolerance, "{what}: {found:.1e} is above {tolerance:.0e}");
}

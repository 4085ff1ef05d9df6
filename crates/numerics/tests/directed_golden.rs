//! PDC and DTF beside SCoT: values of `testdata/generate/directed.py`.
#![allow(clippy::unwrap_used)]

use dosewave_numerics::directed::{VarMeasure, VarModel, var_connectivity};
use ndarray::{Array2, Array3};
use serde::Deserialize;
use std::collections::BTreeMap;

#[derive(Deserialize)]
struct Golden {
    coefs: Vec<Vec<Vec<f64>>>,
    noise: Vec<Vec<f64>>,
    sfreq: f64,
    freqs: Vec<f64>,
    /// `[to][from][freq]`.
    measures: BTreeMap<String, Vec<Vec<Vec<f64>>>>,
}

#[test]
fn measures_are_those_of_scot() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../testdata/golden/directed_scot.json");
    let golden: Golden = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let n = golden.noise.len();
    let coefs = Array3::from_shape_fn((golden.coefs.len(), n, n), |(lag, i, j)| golden.coefs[lag][i][j]);
    let model = VarModel::new(coefs, Array2::from_shape_fn((n, n), |(i, j)| golden.noise[i][j])).unwrap();
    assert_eq!(golden.measures.len(), 3);
    for (name, expected) in &golden.measures {
        let measure = VarMeasure::ALL.into_iter().find(|measure| measure.name() == name).unwrap();
        let found = var_connectivity(&model, measure, &golden.freqs, golden.sfreq).unwrap();
        for ((i, j, k), value) in found.indexed_iter() {
            assert!((value - expected[i][j][k]).abs() < 1e-14, "{name} [{i}, {j}] at {k}");
        }
    }
}

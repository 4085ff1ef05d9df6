//! Connectivity beside its null: numpy in, numpy out.

use crate::background;
use crate::connectivity::{measure, mode};
use dosewave::eeg::SurrogateParams;
use dosewave::eeg::arrays::{self, ConnectivityParams};
use dosewave::numerics::phase::{SurrogateKind, expected_under_independence};
use numpy::{IntoPyArray, PyArray1, PyArray2, PyArray3, PyReadonlyArray3};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

/// Values, p, corrected p, mean and sd of the null `(pair, column)`; frequencies; number of tapers; expectation; all
/// surrogates.
type Surrogates<'py> = (
    Vec<Bound<'py, PyArray2<f64>>>,
    Bound<'py, PyArray1<f64>>,
    usize,
    f64,
    Option<Bound<'py, PyArray3<f64>>>,
);

/// A measure of pairs over epochs with its null distribution.
#[pyfunction]
#[allow(clippy::too_many_arguments)] // the Python layer names them
pub(crate) fn connectivity_surrogates<'py>(
    py: Python<'py>,
    data: PyReadonlyArray3<'py, f64>,
    sfreq: f64,
    method: &str,
    kind: &str,
    n_surrogates: u32,
    seed: u64,
    keep: bool,
    estimation: (&str, Option<f64>, bool),
    bands: Vec<(f64, f64)>,
    faverage: bool,
    pairs: Vec<(usize, usize)>,
    threads: Option<usize>,
) -> PyResult<Surrogates<'py>> {
    let Some(kind) = SurrogateKind::from_name(kind) else {
        let known: Vec<String> = SurrogateKind::ALL.iter().map(|kind| format!("'{}'", kind.name())).collect();
        return Err(PyValueError::new_err(format!("kind = '{kind}'; allowed: {}", known.join(", "))));
    };
    let null = SurrogateParams { measure: measure(method)?, kind, n_surrogates, seed, keep };
    let mode = mode(estimation.0, (estimation.1, estimation.2), (Vec::new(), Vec::new()), None)?;
    let (measures, coherency) = (Vec::new(), false);
    let params = ConnectivityParams { mode, measures, coherency, bands, average_bands: faverage, pairs };
    let data = data.as_array();
    let found = background::run_borrowed(py, threads, || {
        Ok(arrays::connectivity_surrogates(data, sfreq, &params, &null)?)
    })?;
    let values = [found.values, found.p, found.p_max, found.null_mean, found.null_sd];
    Ok((
        values.into_iter().map(|values| values.into_pyarray(py)).collect(),
        found.freqs_hz.into_pyarray(py),
        found.n_tapers,
        found.expected,
        found.surrogates.map(|surrogates| surrogates.into_pyarray(py)),
    ))
}

/// Expected value of a measure of independent signals.
#[pyfunction]
pub(crate) fn expected_connectivity(method: &str, n_epochs: usize, n_tapers: usize) -> PyResult<f64> {
    Ok(expected_under_independence(measure(method)?, n_epochs, n_tapers))
}

//! Envelopes, groups of channels, phase slope and lagged coherence: numpy in, numpy out.

use crate::background;
use crate::recording::from_json;
use dosewave::eeg::arrays::ConnectivityMode;
use dosewave::eeg::coupling::{self, EnvelopeParams, GroupParams, LaggedParams, SlopeParams};
use numpy::Complex64;
use numpy::{IntoPyArray, PyArray1, PyArray2, PyReadonlyArray2, PyReadonlyArray3};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

type Pairs = Vec<(usize, usize)>;

/// Correlations `(epoch, pair)` of envelopes of real signals, one array per band; without bands one, of the signals as they
/// are. Settings as JSON.
#[pyfunction]
pub(crate) fn envelope_correlation<'py>(
    py: Python<'py>,
    data: PyReadonlyArray3<'py, f64>,
    pairs: Pairs,
    params: &str,
    bands: Option<(f64, Vec<(f64, f64)>)>,
    threads: Option<usize>,
) -> PyResult<Vec<Bound<'py, PyArray2<f64>>>> {
    let params: EnvelopeParams = from_json(params)?;
    let data = data.as_array();
    let found = background::run_borrowed(py, threads, || match &bands {
        None => Ok(vec![coupling::envelope_correlation(data, &pairs, &params)?]),
        Some((sfreq, bands)) => {
            Ok(coupling::envelope_correlation_of_bands(data, *sfreq, bands, &pairs, &params)?)
        }
    })?;
    Ok(found.into_iter().map(|values| values.into_pyarray(py)).collect())
}

/// The same of analytic signals.
#[pyfunction]
pub(crate) fn envelope_correlation_analytic<'py>(
    py: Python<'py>,
    data: PyReadonlyArray3<'py, Complex64>,
    pairs: Pairs,
    params: &str,
    threads: Option<usize>,
) -> PyResult<Bound<'py, PyArray2<f64>>> {
    let params: EnvelopeParams = from_json(params)?;
    let data = data.as_array();
    let found = background::run_borrowed(py, threads, || {
        Ok(coupling::envelope_correlation_analytic(data, &pairs, &params)?)
    })?;
    Ok(found.into_pyarray(py))
}

/// Mode, bandwidth and low bias of coefficients.
type Mode<'a> = (&'a str, Option<f64>, bool);

fn mode((name, bandwidth_hz, low_bias): Mode<'_>) -> PyResult<ConnectivityMode> {
    match name {
        "multitaper" => Ok(ConnectivityMode::Multitaper { bandwidth_hz, low_bias }),
        "fourier" => Ok(ConnectivityMode::Fourier),
        other => Err(PyValueError::new_err(format!("mode = '{other}'; allowed: 'multitaper', 'fourier'"))),
    }
}

/// Seeds, targets and, where given, ranks of connections of groups.
type Groups = (Vec<(Vec<usize>, Vec<usize>)>, Option<Vec<(usize, usize)>>);
/// MIC, MIM, frequencies, patterns of seeds and targets, ranks, number of tapers.
type Interaction<'py> = (
    Bound<'py, PyArray2<f64>>,
    Bound<'py, PyArray2<f64>>,
    Bound<'py, PyArray1<f64>>,
    Vec<(Bound<'py, PyArray2<f64>>, Bound<'py, PyArray2<f64>>)>,
    Vec<(usize, usize)>,
    usize,
);

/// MIC and MIM of groups of channels, `(connection, freq or band)`.
#[pyfunction]
#[allow(clippy::too_many_arguments)] // the Python layer names them
pub(crate) fn group_interaction<'py>(
    py: Python<'py>,
    data: PyReadonlyArray3<'py, f64>,
    sfreq: f64,
    mode_of: Mode<'_>,
    bands: Vec<(f64, f64)>,
    faverage: bool,
    groups: Groups,
    threads: Option<usize>,
) -> PyResult<Interaction<'py>> {
    let (groups, ranks) = groups;
    let params = GroupParams { mode: mode(mode_of)?, bands, average_bands: faverage, groups, ranks };
    let data = data.as_array();
    let found =
        background::run_borrowed(py, threads, || Ok(coupling::group_interaction(data, sfreq, &params)?))?;
    let patterns =
        found.patterns.into_iter().map(|p| (p.seeds.into_pyarray(py), p.targets.into_pyarray(py))).collect();
    let (mic, mim) = (found.mic.into_pyarray(py), found.mim.into_pyarray(py));
    Ok((mic, mim, found.freqs_hz.into_pyarray(py), patterns, found.ranks, found.n_tapers))
}

type Slopes<'py> = (Bound<'py, PyArray2<f64>>, Bound<'py, PyArray2<f64>>, Bound<'py, PyArray1<f64>>, usize);

/// Phase-slope index and its standard error `(pair, band)`, mean frequencies, number of tapers.
#[pyfunction]
#[allow(clippy::too_many_arguments)] // the Python layer names them
pub(crate) fn phase_slope_index<'py>(
    py: Python<'py>,
    data: PyReadonlyArray3<'py, f64>,
    sfreq: f64,
    mode_of: Mode<'_>,
    bands: Vec<(f64, f64)>,
    pairs: Pairs,
    threads: Option<usize>,
) -> PyResult<Slopes<'py>> {
    let params = SlopeParams { mode: mode(mode_of)?, bands, pairs };
    let data = data.as_array();
    let found =
        background::run_borrowed(py, threads, || Ok(coupling::phase_slope_index(data, sfreq, &params)?))?;
    let (psi, error) = (found.psi.into_pyarray(py), found.standard_error.into_pyarray(py));
    Ok((psi, error, found.freqs_hz.into_pyarray(py), found.n_tapers))
}

type Lagged<'py> = (Bound<'py, PyArray2<f64>>, Bound<'py, PyArray1<f64>>, usize);

/// Squared lagged coherence between channels, or minus the logarithm of what it leaves, `(pair, freq or band)`.
#[pyfunction]
#[allow(clippy::too_many_arguments)] // the Python layer names them
pub(crate) fn lagged_connectivity<'py>(
    py: Python<'py>,
    data: PyReadonlyArray3<'py, f64>,
    sfreq: f64,
    mode_of: Mode<'_>,
    bands: Vec<(f64, f64)>,
    faverage: bool,
    pairs: Pairs,
    logarithm: bool,
    threads: Option<usize>,
) -> PyResult<Lagged<'py>> {
    let params = LaggedParams { mode: mode(mode_of)?, bands, average_bands: faverage, pairs, logarithm };
    let data = data.as_array();
    let found =
        background::run_borrowed(py, threads, || Ok(coupling::lagged_connectivity(data, sfreq, &params)?))?;
    let values = found.values.into_iter().next().unwrap_or_default();
    Ok((values.into_pyarray(py), found.freqs_hz.into_pyarray(py), found.n_tapers))
}

/// Lagged coherence of each row with itself, `(row, freq)`.
#[pyfunction]
pub(crate) fn lagged_coherence<'py>(
    py: Python<'py>,
    x: PyReadonlyArray2<'py, f64>,
    sfreq: f64,
    freqs: Vec<f64>,
    n_cycles: f64,
    threads: Option<usize>,
) -> PyResult<Bound<'py, PyArray2<f64>>> {
    let x = x.as_array();
    let found = background::run_borrowed(py, threads, || {
        Ok(coupling::lagged_coherence(x, sfreq, &freqs, n_cycles)?)
    })?;
    Ok(found.into_pyarray(py))
}

//! Connectivity of pairs: numpy in, numpy out.

use crate::background;
use crate::error::Failure;
use dosewave::eeg::TfrMethod;
use dosewave::eeg::arrays::{
    self, Coefficients, ConnectivityMode, ConnectivityParams, TimeConnectivityParams, TimeTransform,
};
use dosewave::numerics::phase::{Measure, SlidingWindows, SpectralSmoothing};
use dosewave::numerics::time_frequency::TfrParams;
use numpy::{Complex64, IntoPyArray, PyArray1, PyArray2, PyArray3, PyReadonlyArray3};
use pyo3::exceptions::{PyKeyError, PyValueError};
use pyo3::prelude::*;

/// Measures that are asked for by name; coherency is complex and goes its own way.
struct Asked {
    measures: Vec<Measure>,
    coherency: bool,
}

impl Asked {
    fn named(methods: &[String]) -> PyResult<Self> {
        let coherency = methods.iter().any(|name| name == "cohy");
        let real = methods.iter().filter(|name| *name != "cohy");
        Ok(Self { measures: real.map(|name| measure(name)).collect::<PyResult<_>>()?, coherency })
    }
}

pub(crate) fn measure(name: &str) -> PyResult<Measure> {
    Measure::from_name(name).ok_or_else(|| {
        let known: Vec<&str> = Measure::ALL.iter().map(|m| m.name()).collect();
        PyKeyError::new_err(format!("no measure '{name}'; known: {}, cohy", known.join(", ")))
    })
}

/// Frequency bands, pairs and whether bands are averaged: what all have in common.
type Bands = (Vec<f64>, Vec<f64>, bool);

pub(crate) fn mode(
    name: &str,
    (bandwidth_hz, low_bias): (Option<f64>, bool),
    (freqs_hz, n_cycles): (Vec<f64>, Vec<f64>),
    edge_s: Option<f64>,
) -> PyResult<Coefficients> {
    match name {
        "multitaper" => Ok(ConnectivityMode::Multitaper { bandwidth_hz, low_bias }.into()),
        "fourier" => Ok(ConnectivityMode::Fourier.into()),
        "cwt_morlet" => Ok(Coefficients::CwtMorlet { freqs_hz, n_cycles }),
        "hilbert" => Ok(Coefficients::Hilbert { edge_s }),
        other => Err(PyValueError::new_err(format!(
            "mode = '{other}'; allowed: 'multitaper', 'fourier', 'cwt_morlet', 'hilbert'"
        ))),
    }
}

type Connectivity<'py> = (
    Vec<Bound<'py, PyArray2<f64>>>,
    Option<Bound<'py, PyArray2<Complex64>>>,
    Bound<'py, PyArray1<f64>>,
    usize,
    usize,
);

/// Connectivity of pairs over epochs: one array `(pair, freq or band)` per measure that is real, in the order asked, and
/// coherency; frequencies, values per frequency, tapers.
#[pyfunction]
#[allow(clippy::too_many_arguments)] // the Python layer names them
pub(crate) fn spectral_connectivity<'py>(
    py: Python<'py>,
    data: PyReadonlyArray3<'py, f64>,
    sfreq: f64,
    methods: Vec<String>,
    mode: &str,
    bands: Bands,
    pairs: Vec<(usize, usize)>,
    tapers: (Option<f64>, bool),
    wavelets: (Vec<f64>, Vec<f64>),
    edge_s: Option<f64>,
    threads: Option<usize>,
) -> PyResult<Connectivity<'py>> {
    let params = params(&methods, self::mode(mode, tapers, wavelets, edge_s)?, bands, pairs)?;
    let data = data.as_array();
    let found = background::run_borrowed(py, threads, move || {
        Ok(arrays::spectral_connectivity(data, sfreq, &params)?)
    })?;
    let values = found.values.into_iter().map(|v| v.into_pyarray(py)).collect();
    let coherency = found.coherency.map(|v| v.into_pyarray(py));
    Ok((values, coherency, found.freqs_hz.into_pyarray(py), found.n_times, found.n_tapers))
}

fn params(
    methods: &[String],
    mode: Coefficients,
    (fmin, fmax, average_bands): Bands,
    pairs: Vec<(usize, usize)>,
) -> PyResult<ConnectivityParams> {
    let Asked { measures, coherency } = Asked::named(methods)?;
    let bands = fmin.into_iter().zip(fmax).collect();
    Ok(ConnectivityParams { mode, measures, coherency, bands, average_bands, pairs })
}

type Sliding<'py> = (Vec<Bound<'py, PyArray3<f64>>>, Bound<'py, PyArray1<f64>>, Vec<usize>, usize);

/// Connectivity over windows `(length, step)` of epochs: one array `(window, pair, freq or band)` per measure;
/// frequencies, first epochs, tapers.
#[pyfunction]
#[allow(clippy::too_many_arguments)] // the Python layer names them
pub(crate) fn sliding_connectivity<'py>(
    py: Python<'py>,
    data: PyReadonlyArray3<'py, f64>,
    sfreq: f64,
    windows: (usize, usize),
    methods: Vec<String>,
    mode: &str,
    bands: Bands,
    pairs: Vec<(usize, usize)>,
    tapers: (Option<f64>, bool),
    edge_s: Option<f64>,
    threads: Option<usize>,
) -> PyResult<Sliding<'py>> {
    let none = (Vec::new(), Vec::new());
    let params = params(&methods, self::mode(mode, tapers, none, edge_s)?, bands, pairs)?;
    let windows = SlidingWindows { length: windows.0, step: windows.1 };
    let data = data.as_array();
    let found = background::run_borrowed(py, threads, move || {
        Ok(arrays::sliding_connectivity(data, sfreq, windows, &params)?)
    })?;
    let values = found.values.into_iter().map(|v| v.into_pyarray(py)).collect();
    Ok((values, found.freqs_hz.into_pyarray(py), found.first_epochs, found.n_tapers))
}

type OverTime<'py> =
    (Vec<Bound<'py, PyArray3<f64>>>, Option<Bound<'py, PyArray3<Complex64>>>, Bound<'py, PyArray1<f64>>);

/// Connectivity over the samples of each epoch: one array `(epoch, pair, freq or band)` per measure that is real, in the
/// order asked, and coherency; frequencies.
#[pyfunction]
#[allow(clippy::too_many_arguments)] // the Python layer names them
pub(crate) fn spectral_connectivity_time<'py>(
    py: Python<'py>,
    data: PyReadonlyArray3<'py, f64>,
    sfreq: f64,
    methods: Vec<String>,
    wavelets: Option<(Vec<f64>, Vec<f64>, Option<f64>)>,
    bands: Bands,
    pairs: Vec<(usize, usize)>,
    smoothing: (usize, usize, &str),
    padding_s: Option<f64>,
    decim: usize,
    average_epochs: bool,
    threads: Option<usize>,
) -> PyResult<OverTime<'py>> {
    let Asked { measures, coherency } = Asked::named(&methods)?;
    // without wavelets: analytic signals of the bands
    let transform = wavelets.map_or(TimeTransform::Hilbert, |(freqs_hz, n_cycles, time_bandwidth)| {
        let method = time_bandwidth
            .map_or(TfrMethod::Morlet, |time_bandwidth| TfrMethod::Multitaper { time_bandwidth });
        // as mne-connectivity has it: Morlet wavelets with their mean, tapers without
        let zero_mean = time_bandwidth.is_some();
        TimeTransform::Wavelets(TfrParams { freqs_hz, n_cycles, method, zero_mean, decim })
    });
    let smoothing = match smoothing.2 {
        "hanning" => SpectralSmoothing::hanning(smoothing.0, smoothing.1),
        "square" => SpectralSmoothing::square(smoothing.0, smoothing.1),
        other => {
            return Err(PyValueError::new_err(format!(
                "sm_kernel = '{other}'; allowed: 'hanning', 'square'"
            )));
        }
    };
    let smoothing = smoothing.map_err(Failure::from)?;
    let (fmin, fmax, average_bands) = bands;
    let bands = fmin.into_iter().zip(fmax).collect();
    let params = TimeConnectivityParams {
        transform,
        measures,
        coherency,
        bands,
        average_bands,
        smoothing,
        padding_s,
        pairs,
        average_epochs,
    };
    let data = data.as_array();
    let found = background::run_borrowed(py, threads, move || {
        Ok(arrays::spectral_connectivity_time(data, sfreq, &params)?)
    })?;
    let values = found.values.into_iter().map(|v| v.into_pyarray(py)).collect();
    Ok((values, found.coherency.map(|v| v.into_pyarray(py)), found.freqs_hz.into_pyarray(py)))
}

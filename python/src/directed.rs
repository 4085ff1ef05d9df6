//! Granger causality, vector autoregression, symbolic transfer entropy: numpy in, numpy out.

use crate::background;
use crate::error::Failure;
use dosewave::eeg::arrays::ConnectivityMode;
use dosewave::eeg::{
    Channel, Channels, Epochs, GrangerMeasure, GrangerParams, GrangerSpectrum, Hz, Seconds, SymbolicParams,
};
use dosewave::numerics::directed::{
    self, Shuffle, VarMeasure, VarModel, VarParams, mean_and_interval, var_order_criteria,
};
use dosewave::numerics::stats::Stream;
use numpy::ndarray::{Array3, ArrayView2, ArrayView3};
use numpy::{
    IntoPyArray, PyArray1, PyArray2, PyArray3, PyReadonlyArray1, PyReadonlyArray2, PyReadonlyArray3,
};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

fn epochs(data: Array3<f64>, sfreq: f64) -> Result<Epochs, Failure> {
    let (n_epochs, n_channels, _) = data.dim();
    let channels: Channels = (0..n_channels).map(|i| Channel::from_name(&i.to_string())).collect();
    let onsets = (0..n_epochs).map(|epoch| Seconds(epoch as f64)).collect();
    Ok(Epochs::new(channels, Hz(sfreq), data, onsets)?)
}

type Spectra<'py> =
    (Bound<'py, PyArray3<f64>>, Bound<'py, PyArray1<f64>>, Vec<Option<String>>, Vec<(usize, usize)>);

/// Spectral Granger causality `(measure, connection, freq)` in the order gc, gc_tr, gc_net; frequencies; why a connection
/// has no value; ranks. `mode` is a name with bandwidth and low_bias, `band` is fmin, fmax, and whether it is the whole.
#[pyfunction]
#[allow(clippy::too_many_arguments)] // the Python layer names them
pub(crate) fn granger<'py>(
    py: Python<'py>,
    data: PyReadonlyArray3<'py, f64>,
    sfreq: f64,
    connections: Vec<(Vec<usize>, Vec<usize>)>,
    ranks: Option<Vec<(usize, usize)>>,
    n_lags: usize,
    mode: (&str, Option<f64>, bool),
    band: (f64, f64, bool),
    threads: Option<usize>,
) -> PyResult<Spectra<'py>> {
    let mode = match mode {
        ("multitaper", bandwidth_hz, low_bias) => ConnectivityMode::Multitaper { bandwidth_hz, low_bias },
        ("fourier", ..) => ConnectivityMode::Fourier,
        (other, ..) => {
            return Err(PyValueError::new_err(format!("mode = '{other}'; allowed: 'multitaper', 'fourier'")));
        }
    };
    let (fmin, fmax, as_whole) = (Hz(band.0), Hz(band.1), band.2);
    let spectrum = if as_whole { GrangerSpectrum::BandAsWhole } else { GrangerSpectrum::Whole };
    let params = GrangerParams { mode, fmin, fmax, spectrum, n_lags, connections, ranks };
    let data = data.as_array().to_owned();
    let found = background::run(py, threads, move || Ok(epochs(data, sfreq)?.granger(&params)?))?;
    Ok((found.values.into_pyarray(py), found.freqs_hz.into_pyarray(py), found.reasons, found.ranks))
}

/// Names of the measures of [`granger`], in its order.
#[pyfunction]
pub(crate) fn granger_measures() -> Vec<&'static str> {
    GrangerMeasure::ALL.map(GrangerMeasure::name).to_vec()
}

type Var<'py> =
    (Bound<'py, PyArray3<f64>>, Bound<'py, PyArray2<f64>>, Bound<'py, PyArray3<f64>>, usize, f64, Vec<f64>);

/// Coefficients `(lag, to, from)`, noise covariance, residuals, predicted samples, spectral radius, Durbin and Watson.
#[pyfunction]
pub(crate) fn var<'py>(
    py: Python<'py>,
    data: PyReadonlyArray3<'py, f64>,
    order: usize,
    ridge: f64,
    demean: bool,
) -> PyResult<Var<'py>> {
    let data = data.as_array().to_owned();
    let params = VarParams { order, ridge, demean };
    let found = background::run(py, None, move || Ok(epochs(data, 1.0)?.var(&params)?))?;
    Ok((
        found.model.coefs().to_owned().into_pyarray(py),
        found.model.noise_cov().to_owned().into_pyarray(py),
        found.residuals().clone().into_pyarray(py),
        found.n_samples,
        found.spectral_radius,
        found.durbin_watson,
    ))
}

/// AIC and BIC of 1 to `max_order` lags.
#[pyfunction]
pub(crate) fn var_order(
    data: PyReadonlyArray3<'_, f64>,
    max_order: usize,
    demean: bool,
) -> PyResult<(Vec<f64>, Vec<f64>)> {
    let found = var_order_criteria(data.as_array(), max_order, demean).map_err(Failure::from)?;
    Ok((found.aic, found.bic))
}

/// Statistic, degrees of freedom and p of the portmanteau test.
#[pyfunction]
pub(crate) fn portmanteau(
    residuals: PyReadonlyArray3<'_, f64>,
    order: usize,
    n_lags: usize,
) -> PyResult<(f64, usize, f64)> {
    let found = directed::portmanteau(residuals.as_array(), order, n_lags).map_err(Failure::from)?;
    Ok((found.statistic, found.df, found.p))
}

fn model(coefs: ArrayView3<'_, f64>, noise: ArrayView2<'_, f64>) -> PyResult<VarModel> {
    Ok(VarModel::new(coefs.to_owned(), noise.to_owned()).map_err(Failure::from)?)
}

/// A measure of a model, `(to, from, freq)`.
#[pyfunction]
pub(crate) fn var_connectivity<'py>(
    py: Python<'py>,
    coefs: PyReadonlyArray3<'py, f64>,
    noise: PyReadonlyArray2<'py, f64>,
    measure: &str,
    freqs: PyReadonlyArray1<'py, f64>,
    sfreq: f64,
) -> PyResult<Bound<'py, PyArray3<f64>>> {
    let Some(measure) = VarMeasure::ALL.into_iter().find(|known| known.name() == measure) else {
        let known: Vec<&str> = VarMeasure::ALL.iter().map(|known| known.name()).collect();
        return Err(PyValueError::new_err(format!("measure = '{measure}'; allowed: {}", known.join(", "))));
    };
    let model = model(coefs.as_array(), noise.as_array())?;
    let freqs: Vec<f64> = freqs.as_array().to_vec();
    let values = directed::var_connectivity(&model, measure, &freqs, sfreq).map_err(Failure::from)?;
    Ok(values.into_pyarray(py))
}

/// Granger causality over time of a model.
#[pyfunction]
pub(crate) fn granger_time(
    coefs: PyReadonlyArray3<'_, f64>,
    noise: PyReadonlyArray2<'_, f64>,
    seeds: Vec<usize>,
    targets: Vec<usize>,
) -> PyResult<f64> {
    let model = model(coefs.as_array(), noise.as_array())?;
    Ok(directed::granger_time(&model, &seeds, &targets).map_err(Failure::from)?)
}

type Entropies<'py> = (Vec<Bound<'py, PyArray2<f64>>>, Vec<(f64, f64, f64)>);

/// Transfer entropy, its bias, conditional entropy and the normalised value, each `(connection, epoch)`; then mean and
/// interval of the normalised values of each connection, NaN where there is none. `pattern` is dim, delay and horizon,
/// `bias` is the number and kind of shuffles, `interval` its level and number of draws.
#[pyfunction]
#[allow(clippy::too_many_arguments)] // the Python layer names them
pub(crate) fn symbolic_transfer_entropy<'py>(
    py: Python<'py>,
    data: PyReadonlyArray3<'py, f64>,
    connections: Vec<(usize, usize)>,
    pattern: (usize, usize, usize),
    bias: (usize, &str),
    interval: (f64, usize),
    seed: u64,
    threads: Option<usize>,
) -> PyResult<Entropies<'py>> {
    let shuffle = match bias.1 {
        "shift" => Shuffle::Shift,
        "permutation" => Shuffle::Permutation,
        other => {
            return Err(PyValueError::new_err(format!(
                "shuffle = '{other}'; allowed: 'shift', 'permutation'"
            )));
        }
    };
    let (dim, delay, horizon) = pattern;
    let params = SymbolicParams { dim, delay, horizon, n_shuffles: bias.0, shuffle, seed };
    let data = data.as_array().to_owned();
    let found = background::run(py, threads, move || {
        Ok(epochs(data, 1.0)?.symbolic_transfer_entropy(&connections, &params)?)
    })?;
    let normalised = found.mapv(|value| value.normalised().unwrap_or(f64::NAN));
    let mut intervals = Vec::with_capacity(found.nrows());
    for (connection, row) in normalised.outer_iter().enumerate() {
        let known: Vec<f64> = row.iter().copied().filter(|value| value.is_finite()).collect();
        // streams of the shuffles are named by window and source; this one by neither
        let mut stream = Stream::new(seed, u64::MAX - connection as u64);
        intervals.push(if known.is_empty() {
            (f64::NAN, f64::NAN, f64::NAN)
        } else {
            let (mean, ends) =
                mean_and_interval(&known, interval.0, interval.1, &mut stream).map_err(Failure::from)?;
            let (low, high) = ends.unwrap_or((f64::NAN, f64::NAN));
            (mean, low, high)
        });
    }
    let arrays = [
        found.mapv(|value| value.bits),
        found.mapv(|value| value.shuffled_bits),
        found.mapv(|value| value.conditional_entropy_bits),
        normalised,
    ];
    Ok((arrays.into_iter().map(|array| array.into_pyarray(py)).collect(), intervals))
}

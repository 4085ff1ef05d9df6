//! Aperiodic models, time–frequency maps and bursts: numpy in, numpy out.

use crate::background;
use crate::error::Failure;
use crate::recording::from_json;
use dosewave::eeg::{Channel, Channels, Epochs, Hz, Seconds, arrays};
use dosewave::numerics::aperiodic::{IrasaParams, PowerLaw};
use dosewave::numerics::events::{self, BurstParams};
use dosewave::numerics::spectral::{Average, Window};
use numpy::ndarray::ArrayView1;
use numpy::{IntoPyArray, PyArray1, PyArray3, PyReadonlyArray1, PyReadonlyArray2, PyReadonlyArray3};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

/// Offset, knee, exponent, R², MAE, peaks (centre, power, bandwidth), and why there are none of these. The knee is NaN
/// for a straight line, everything where there is a reason.
type Model = (f64, f64, f64, f64, f64, Vec<(f64, f64, f64)>, Option<String>);

fn model(law: &PowerLaw, r_squared: f64, mae: f64, peaks: Vec<(f64, f64, f64)>) -> Model {
    (law.offset, law.knee.unwrap_or(f64::NAN), law.exponent, r_squared, mae, peaks, None)
}

fn failed(reason: String) -> Model {
    (f64::NAN, f64::NAN, f64::NAN, f64::NAN, f64::NAN, Vec::new(), Some(reason))
}

/// A power law with a knee through each row.
#[pyfunction]
pub(crate) fn knee(
    py: Python<'_>,
    freqs: PyReadonlyArray1<'_, f64>,
    psd: PyReadonlyArray2<'_, f64>,
    robust: bool,
) -> PyResult<Vec<Model>> {
    let (freqs, psd) = (freqs.as_array().to_owned(), psd.as_array().to_owned());
    let fits = background::run(py, None, move || Ok(arrays::fit_knee(freqs.view(), psd.view(), robust)))?;
    let shown = fits.into_iter().map(|fit| match fit {
        Ok(fit) => model(&fit.law, fit.r_squared, fit.mae, Vec::new()),
        Err(error) => failed(error.to_string()),
    });
    Ok(shown.collect())
}

/// The spectral model of each row; settings as JSON.
#[pyfunction]
pub(crate) fn specparam(
    py: Python<'_>,
    freqs: PyReadonlyArray1<'_, f64>,
    psd: PyReadonlyArray2<'_, f64>,
    settings: &str,
) -> PyResult<Vec<Model>> {
    let settings = from_json(settings)?;
    let (freqs, psd) = (freqs.as_array().to_owned(), psd.as_array().to_owned());
    let fits = background::run(py, None, move || Ok(arrays::specparam(freqs.view(), psd.view(), settings)?))?;
    let shown = fits.into_iter().map(|fit| match fit {
        Ok(fit) => {
            let peaks = fit.peaks.iter().map(|peak| (peak.cf_hz, peak.power, peak.bandwidth_hz)).collect();
            model(&fit.aperiodic, fit.r_squared, fit.mae, peaks)
        }
        Err(error) => failed(error.to_string()),
    });
    Ok(shown.collect())
}

type Parts<'py> = (Bound<'py, PyArray1<f64>>, Vec<Bound<'py, PyArray1<f64>>>, Vec<(f64, f64, f64)>);

/// IRASA of each row: frequencies; then psd, aperiodic and oscillatory part of one row after the other; offset, exponent, R².
#[pyfunction]
#[allow(clippy::too_many_arguments)] // the Python layer names them
pub(crate) fn irasa<'py>(
    py: Python<'py>,
    x: PyReadonlyArray2<'py, f64>,
    sfreq: f64,
    band: (f64, f64),
    hset: Vec<f64>,
    win_sec: f64,
    window: (&str, Option<f64>),
    average: &str,
    limits: (f64, Option<f64>),
    threads: Option<usize>,
) -> PyResult<Parts<'py>> {
    let average = match average {
        "mean" => Average::Mean,
        "median" => Average::Median,
        other => {
            return Err(PyValueError::new_err(format!("average = '{other}'; allowed: 'mean', 'median'")));
        }
    };
    let params = IrasaParams {
        band_hz: [band.0, band.1],
        hset,
        win_sec,
        window: Window::from_name(window.0, window.1).map_err(Failure::from)?,
        average,
        high_pass_hz: limits.0,
        low_pass_hz: limits.1,
    };
    let x = x.as_array().to_owned();
    let found = background::run(py, threads, move || Ok(arrays::irasa(x.view(), sfreq, &params)?))?;
    let freqs = found.first().map(|first| first.freqs_hz.clone()).unwrap_or_default();
    let lines = found.iter().map(|one| (one.line.offset, one.line.exponent, one.r_squared)).collect();
    let parts = found.into_iter().flat_map(|one| [one.psd, one.aperiodic, one.oscillatory]);
    Ok((freqs.into_pyarray(py), parts.map(|part| part.into_pyarray(py)).collect(), lines))
}

type Maps<'py> = (Vec<Bound<'py, PyArray3<f64>>>, Bound<'py, PyArray1<f64>>, Vec<(usize, usize)>);

/// Power, ITPC, evoked power and (of two epochs or more) PPC `(channel, freq, time)`; times; usable samples per frequency.
#[pyfunction]
pub(crate) fn time_frequency<'py>(
    py: Python<'py>,
    data: PyReadonlyArray3<'py, f64>,
    sfreq: f64,
    params: &str,
    threads: Option<usize>,
) -> PyResult<Maps<'py>> {
    let params = from_json(params)?;
    let data = data.as_array().to_owned();
    let found = background::run(py, threads, move || {
        let (n_epochs, n_channels, _) = data.dim();
        let channels: Channels = (0..n_channels).map(|i| Channel::from_name(&i.to_string())).collect();
        let onsets = (0..n_epochs).map(|epoch| Seconds(epoch as f64)).collect();
        Ok(Epochs::new(channels, Hz(sfreq), data, onsets)?.time_frequency(&params)?)
    })?;
    let mut maps =
        vec![found.power_uv2().to_owned(), found.itpc().to_owned(), found.evoked_power_uv2().to_owned()];
    maps.extend(found.ppc().map(|ppc| ppc.to_owned()));
    let valid = found.valid().iter().map(|range| (range.start, range.end)).collect();
    let times = PyArray1::from_iter(py, found.times_s().iter().copied());
    Ok((maps.into_iter().map(|map| map.into_pyarray(py)).collect(), times, valid))
}

/// Bursts as (run, start, length), threshold, seconds, rate, mean and median length, occupancy.
type Bursts = (Vec<(usize, usize, usize)>, f64, f64, f64, Option<f64>, Option<f64>, f64);

/// Bursts of amplitude envelopes.
#[pyfunction]
pub(crate) fn bursts(
    runs: Vec<PyReadonlyArray1<'_, f64>>,
    sfreq: f64,
    centre_hz: f64,
    threshold_mads: f64,
    min_cycles: f64,
) -> PyResult<Bursts> {
    let runs: Vec<ArrayView1<'_, f64>> = runs.iter().map(|run| run.as_array()).collect();
    let params = BurstParams { centre_hz, threshold_mads, min_cycles };
    let found = events::bursts(&runs, sfreq, &params).map_err(Failure::from)?;
    let list = found.bursts.iter().map(|burst| (burst.run, burst.start, burst.n_times)).collect();
    let (mean, median) = (found.dwell_mean_s, found.dwell_median_s);
    Ok((list, found.threshold, found.seconds, found.rate_hz, mean, median, found.occupancy))
}

//! Aperiodic models, time–frequency maps and bursts: numpy in, numpy out.

use crate::background;
use crate::error::Failure;
use crate::recording::from_json;
use dosewave::eeg::arrays;
use dosewave::numerics::aperiodic::{IrasaParams, PowerLaw};
use dosewave::numerics::events::{self, BurstParams};
use dosewave::numerics::spectral::{Average, Window};
use numpy::ndarray::ArrayView1;
use numpy::{
    IntoPyArray, PyArray1, PyArray2, PyArray3, PyArrayMethods, PyReadonlyArray1, PyReadonlyArray2,
    PyReadonlyArray3,
};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

/// Columns of offset, knee, exponent, R² and MAE; the peaks `(n, 3)` of each spectrum (centre, power, bandwidth); why there
/// are none of these. The knee is NaN for a straight line, everything where there is a reason.
type Models<'py> = (Vec<Bound<'py, PyArray1<f64>>>, Vec<Bound<'py, PyArray2<f64>>>, Vec<Option<String>>);

/// Offset, knee, exponent, R², MAE.
type Numbers = [f64; 5];

fn numbers(law: &PowerLaw, r_squared: f64, mae: f64) -> Numbers {
    [law.offset, law.knee.unwrap_or(f64::NAN), law.exponent, r_squared, mae]
}

/// One array per number.
fn columns<'py>(py: Python<'py>, rows: &[Numbers]) -> Vec<Bound<'py, PyArray1<f64>>> {
    (0..5).map(|k| PyArray1::from_iter(py, rows.iter().map(|row| row[k]))).collect()
}

/// A power law with a knee through each row.
#[pyfunction]
pub(crate) fn knee<'py>(
    py: Python<'py>,
    freqs: PyReadonlyArray1<'py, f64>,
    psd: PyReadonlyArray2<'py, f64>,
    robust: bool,
) -> PyResult<Models<'py>> {
    let freqs = freqs.as_array().to_owned();
    let fits =
        background::run_on(py, None, &psd, move |psd| Ok(arrays::fit_knee(freqs.view(), psd, robust)))?;
    let rows: Vec<Numbers> = fits
        .iter()
        .map(|fit| fit.as_ref().map_or([f64::NAN; 5], |fit| numbers(&fit.law, fit.r_squared, fit.mae)))
        .collect();
    let reasons = fits.into_iter().map(|fit| fit.err().map(|error| error.to_string())).collect();
    Ok((columns(py, &rows), Vec::new(), reasons))
}

/// The spectral model of each row; settings as JSON.
#[pyfunction]
pub(crate) fn specparam<'py>(
    py: Python<'py>,
    freqs: PyReadonlyArray1<'py, f64>,
    psd: PyReadonlyArray2<'py, f64>,
    settings: &str,
) -> PyResult<Models<'py>> {
    let settings = from_json(settings)?;
    let freqs = freqs.as_array().to_owned();
    let fits =
        background::run_on(py, None, &psd, move |psd| Ok(arrays::specparam(freqs.view(), psd, settings)?))?;
    let rows: Vec<Numbers> = fits
        .iter()
        .map(|fit| fit.as_ref().map_or([f64::NAN; 5], |fit| numbers(&fit.aperiodic, fit.r_squared, fit.mae)))
        .collect();
    let peaks = fits
        .iter()
        .map(|fit| {
            let peaks = fit.as_ref().map_or(&[][..], |fit| &fit.peaks);
            let values = peaks.iter().flat_map(|peak| [peak.cf_hz, peak.power, peak.bandwidth_hz]);
            PyArray1::from_iter(py, values).reshape([peaks.len(), 3])
        })
        .collect::<PyResult<_>>()?;
    let reasons = fits.into_iter().map(|fit| fit.err().map(|error| error.to_string())).collect();
    Ok((columns(py, &rows), peaks, reasons))
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
    let found = background::run_on(py, threads, &x, move |x| Ok(arrays::irasa(x, sfreq, &params)?))?;
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
    let found = background::run_on(py, threads, &data, move |data| {
        Ok(arrays::time_frequency(data, sfreq, &params)?)
    })?;
    let valid = found.valid().iter().map(|range| (range.start, range.end)).collect();
    let times = PyArray1::from_iter(py, found.times_s().iter().copied());
    let (power, itpc, evoked, ppc) = found.into_maps();
    let maps = [Some(power), Some(itpc), Some(evoked), ppc].into_iter().flatten();
    Ok((maps.map(|map| map.into_pyarray(py)).collect(), times, valid))
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

//! Array functions: numpy in, numpy out.

use crate::background;
use crate::error::Failure;
use dosewave::eeg::arrays;
use dosewave::numerics::spectral::{
    Average, Detrend, MainsMask, MultitaperParams, WelchParams, Window, band_bins, band_mean,
};
use dosewave::numerics::stats;
use numpy::ndarray::Axis;
use numpy::{IntoPyArray, PyArray1, PyArray2, PyReadonlyArray1, PyReadonlyArray2};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

type Psd<'py> = (Bound<'py, PyArray2<f64>>, Bound<'py, PyArray1<f64>>);

/// Welch's method over rows. `window` is a name with its parameter, or values of one's own.
#[pyfunction]
#[allow(clippy::too_many_arguments)] // the Python layer names them
pub(crate) fn psd_welch<'py>(
    py: Python<'py>,
    x: PyReadonlyArray2<'py, f64>,
    sfreq: f64,
    n_fft: usize,
    n_per_seg: usize,
    n_overlap: usize,
    window: (&str, Option<f64>),
    own_window: Option<Vec<f64>>,
    average: &str,
    detrend: &str,
    threads: Option<usize>,
) -> PyResult<Psd<'py>> {
    let window = Window::from_name(window.0, window.1).map_err(Failure::from)?;
    let average = match average {
        "mean" => Average::Mean,
        "median" => Average::Median,
        other => {
            return Err(PyValueError::new_err(format!("average = '{other}'; allowed: 'mean', 'median'")));
        }
    };
    let detrend = match detrend {
        "none" => Detrend::None,
        "constant" => Detrend::Constant,
        "linear" => Detrend::Linear,
        other => {
            return Err(PyValueError::new_err(format!(
                "detrend = '{other}'; allowed: 'none', 'constant', 'linear'"
            )));
        }
    };
    let params = WelchParams { n_fft, n_per_seg, n_overlap, window, average, detrend };
    let (freqs, psd) = background::run_on(py, threads, &x, move |x| match own_window {
        None => Ok(arrays::psd_welch(x, sfreq, params)?),
        Some(values) => Ok(arrays::psd_welch_with(x, sfreq, params, &values)?),
    })?;
    Ok((psd.into_pyarray(py), freqs.into_pyarray(py)))
}

/// Multitapers over rows.
#[pyfunction]
pub(crate) fn psd_multitaper<'py>(
    py: Python<'py>,
    x: PyReadonlyArray2<'py, f64>,
    sfreq: f64,
    bandwidth: Option<f64>,
    adaptive: bool,
    low_bias: bool,
    threads: Option<usize>,
) -> PyResult<Psd<'py>> {
    let params = MultitaperParams { bandwidth_hz: bandwidth, low_bias, adaptive };
    let (freqs, psd) =
        background::run_on(py, threads, &x, move |x| Ok(arrays::psd_multitaper(x, sfreq, params)?))?;
    Ok((psd.into_pyarray(py), freqs.into_pyarray(py)))
}

/// Mean of each row over a band, without `half_width_hz` around the mains and their harmonics.
#[pyfunction]
pub(crate) fn band_power<'py>(
    py: Python<'py>,
    freqs: PyReadonlyArray1<'py, f64>,
    psd: PyReadonlyArray2<'py, f64>,
    band: (f64, f64),
    line_hz: Option<f64>,
    half_width_hz: f64,
    bins: bool,
) -> PyResult<Bound<'py, PyArray1<f64>>> {
    let mains = MainsMask { line_hz, half_width_hz };
    let (freqs, psd) = (freqs.as_array(), psd.as_array());
    let values: Vec<f64> = if bins {
        let kept = band_bins(freqs, band.0, band.1, &mains).map_err(Failure::from)?;
        psd.select(Axis(1), &kept).mean_axis(Axis(1)).unwrap_or_default().to_vec()
    } else {
        let of = |row| band_mean(freqs, row, band.0, band.1, &mains).map_err(Failure::from);
        psd.rows().into_iter().map(of).collect::<Result<_, _>>()?
    };
    Ok(PyArray1::from_vec(py, values))
}

/// Sums of ranks, p and number of differences of Wilcoxon's signed-rank test.
#[pyfunction]
pub(crate) fn wilcoxon(differences: PyReadonlyArray1<'_, f64>) -> PyResult<(f64, f64, f64, usize)> {
    let found = stats::wilcoxon(&differences.as_array().to_vec()).map_err(Failure::from)?;
    Ok((found.w_plus, found.w_minus, found.p, found.n))
}

/// Exponent, offset, R² and MAE of the aperiodic fit of each row.
#[pyfunction]
pub(crate) fn aperiodic<'py>(
    py: Python<'py>,
    freqs: PyReadonlyArray1<'py, f64>,
    psd: PyReadonlyArray2<'py, f64>,
    robust: bool,
) -> PyResult<Vec<Bound<'py, PyArray1<f64>>>> {
    let (freqs, psd) = (freqs.as_array().to_owned(), psd.as_array().to_owned());
    let fits =
        background::run(py, None, move || Ok(arrays::fit_aperiodic(freqs.view(), psd.view(), robust)?))?;
    let column = |value: fn(&dosewave::numerics::aperiodic::AperiodicFit) -> f64| {
        PyArray1::from_iter(py, fits.iter().map(value))
    };
    Ok(vec![column(|f| f.exponent), column(|f| f.offset), column(|f| f.r_squared), column(|f| f.mae)])
}

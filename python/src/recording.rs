//! `Recording`: samples with their header, as Python sees them.

use crate::background;
use crate::error::Failure;
use dosewave::eeg::{
    self, Annotation, ButterworthDesign, Filter, FilterSteps, FirDesign, Hz, LaplacianParams, Reference,
    Resampling, Seconds, Windows,
};
use dosewave::io::{self, Limits, MemorySource, Selection, Source};
use numpy::{IntoPyArray, PyArray1, PyArray2, PyArray3, PyReadonlyArray2, ToPyArray};
use pyo3::prelude::*;
use std::path::PathBuf;
use std::sync::Arc;

/// `(n_epochs, n_channels, n_times)` and one onset each.
type EpochsAndOnsets<'py> = (Bound<'py, PyArray3<f64>>, Bound<'py, PyArray1<f64>>);

/// A recording: samples in µV with channels, rate, runs and annotations.
#[pyclass(frozen, module = "dosewave._native")]
pub(crate) struct Recording {
    pub(crate) inner: Arc<eeg::Recording>,
    pub(crate) name: String,
}

impl Recording {
    pub(crate) fn step(
        &self,
        py: Python<'_>,
        step: impl FnOnce(&eeg::Recording) -> eeg::Result<eeg::Recording> + Send,
    ) -> PyResult<Self> {
        let inner = py.detach(|| step(&self.inner)).map_err(Failure::from)?;
        Ok(Self { inner: Arc::new(inner), name: self.name.clone() })
    }
}

#[pymethods]
impl Recording {
    #[new]
    #[pyo3(signature = (data_uv, sfreq, ch_names, annotations, name))]
    fn new(
        data_uv: PyReadonlyArray2<'_, f64>,
        sfreq: f64,
        ch_names: Vec<String>,
        annotations: Vec<(f64, f64, String)>,
        name: String,
    ) -> PyResult<Self> {
        let names: Vec<&str> = ch_names.iter().map(String::as_str).collect();
        let recording =
            eeg::Recording::new(data_uv.as_array().to_owned(), Hz(sfreq), &names).map_err(Failure::from)?;
        let annotations = annotations
            .into_iter()
            .map(|(onset, duration, label)| Annotation::new(Seconds(onset), Seconds(duration), label))
            .collect();
        Ok(Self { inner: Arc::new(recording.with_annotations(annotations)), name })
    }

    /// Sampling frequency, Hz.
    #[getter]
    fn sfreq(&self) -> f64 {
        self.inner.sfreq().0
    }

    /// Channel names.
    #[getter]
    fn ch_names(&self) -> Vec<&str> {
        self.inner.header().ch_names()
    }

    /// Name for tables and messages.
    #[getter]
    fn name(&self) -> &str {
        &self.name
    }

    /// A copy of the samples, `(n_channels, n_times)`, µV.
    #[getter]
    fn data<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray2<f64>> {
        // in memory of ours, whose pages are kept for the next array
        self.inner.data_uv().to_owned().into_pyarray(py)
    }

    /// Stretches without a gap: `(onset in seconds, first sample, one past the last sample)`.
    #[getter]
    fn runs(&self) -> Vec<(f64, u64, u64)> {
        self.inner.runs().iter().map(|run| (run.onset.0, run.samples.start, run.samples.end)).collect()
    }

    /// Events: `(onset in seconds, duration in seconds, label)`.
    #[getter]
    fn annotations(&self) -> Vec<(f64, f64, String)> {
        self.inner.annotations().iter().map(|a| (a.onset.0, a.duration.0, a.label.clone())).collect()
    }

    /// Oddities that were tolerated while reading.
    #[getter]
    fn notes(&self) -> Vec<String> {
        self.inner.header().notes.iter().map(ToString::to_string).collect()
    }

    /// The header as JSON text.
    #[getter]
    fn header_json(&self) -> PyResult<String> {
        serde_json::to_string(self.inner.header())
            .map_err(|e| pyo3::exceptions::PyValueError::new_err(e.to_string()))
    }

    /// Zero-phase filter, run by run; `None` leaves a side open. With an `order` it is Butterworth, else FIR.
    #[pyo3(signature = (high_pass, low_pass, order))]
    fn filter(
        &self,
        py: Python<'_>,
        high_pass: Option<f64>,
        low_pass: Option<f64>,
        order: Option<usize>,
    ) -> PyResult<Self> {
        let (high_pass_hz, low_pass_hz) = (high_pass, low_pass);
        let filter = match order {
            None => Filter::Fir(FirDesign { high_pass_hz, low_pass_hz }),
            Some(order) => Filter::Butterworth(ButterworthDesign { order, high_pass_hz, low_pass_hz }),
        };
        self.step(py, |rec| rec.filter(&filter))
    }

    /// Another sampling frequency, run by run: `method` is a JSON string, `"fft"` or `"polyphase"`.
    fn resample(&self, py: Python<'_>, sfreq: f64, method: &str) -> PyResult<Self> {
        let method: Resampling = from_json(method)?;
        self.step(py, |rec| rec.resample(Hz(sfreq), method))
    }

    /// FIR filter, FIR notch and polyphase resampling in one pass; `steps` as JSON.
    fn filter_notch_resample(&self, py: Python<'_>, steps: &str) -> PyResult<Self> {
        let steps: FilterSteps = from_json(steps)?;
        self.step(py, |rec| rec.filter_notch_resample(&steps))
    }

    /// Surface Laplacian, µV/cm²; `params` as JSON.
    fn laplacian(&self, py: Python<'_>, params: &str) -> PyResult<Self> {
        let params: LaplacianParams = from_json(params)?;
        self.step(py, |rec| rec.laplacian(&params))
    }

    /// Re-references the EEG channels; `reference` as JSON.
    fn set_reference(&self, py: Python<'_>, reference: &str) -> PyResult<Self> {
        let reference: Reference = from_json(reference)?;
        self.step(py, |rec| rec.set_reference(&reference))
    }

    /// Only these channels, in this order.
    fn pick(&self, py: Python<'_>, ch_names: Vec<String>) -> PyResult<Self> {
        let indices: Result<Vec<usize>, _> =
            ch_names.iter().map(|name| self.inner.header().channel_index(name)).collect();
        let indices = indices.map_err(Failure::from)?;
        self.step(py, |rec| rec.pick(&indices))
    }

    /// The part in `[from_s, to_s)`, true times.
    fn crop(&self, py: Python<'_>, from_s: f64, to_s: f64) -> PyResult<Self> {
        self.step(py, |rec| rec.crop(Seconds(from_s), Seconds(to_s)))
    }

    /// Fixed-length epochs `(n_epochs, n_channels, n_times)` and their onsets in seconds.
    fn epochs<'py>(&self, py: Python<'py>, length: f64, overlap: f64) -> PyResult<EpochsAndOnsets<'py>> {
        let windows = Windows::Fixed { length: Seconds(length), overlap };
        let epochs = py.detach(|| self.inner.epochs(&windows)).map_err(Failure::from)?;
        let onsets = PyArray1::from_iter(py, epochs.onsets().iter().map(|t| t.0));
        Ok((epochs.data_uv().to_pyarray(py), onsets))
    }

    /// Welch spectrum of the whole recording: frequencies, PSD, channels, seconds used and notes. `params` is JSON.
    #[allow(clippy::type_complexity)] // a tuple for the Python layer to unpack
    fn welch<'py>(
        &self,
        py: Python<'py>,
        params: &str,
    ) -> PyResult<(Bound<'py, PyArray1<f64>>, Bound<'py, PyArray2<f64>>, Vec<String>, Vec<f64>, Vec<String>)>
    {
        let params = from_json(params)?;
        let found = py.detach(|| self.inner.welch(&params)).map_err(Failure::from)?;
        let names = found.channels.iter().map(|channel| channel.name.clone()).collect();
        let notes = found.notes.iter().map(ToString::to_string).collect();
        let (freqs, psd) = (found.freqs_hz.into_pyarray(py), found.psd_uv2_hz.into_pyarray(py));
        Ok((freqs, psd, names, found.seconds_used, notes))
    }

    /// Amplitude, phase, channels and usable ranges of samples of the analytic signal in a band.
    #[allow(clippy::type_complexity)] // a tuple for the Python layer to unpack
    fn band_envelope<'py>(
        &self,
        py: Python<'py>,
        low: f64,
        high: f64,
    ) -> PyResult<(Bound<'py, PyArray2<f64>>, Bound<'py, PyArray2<f64>>, Vec<String>, Vec<(usize, usize)>)>
    {
        let filter = Filter::band_pass(Hz(low), Hz(high));
        let found = py.detach(|| self.inner.band_envelope(&filter)).map_err(Failure::from)?;
        let names = found.channels.iter().map(|channel| channel.name.clone()).collect();
        let valid = found.valid.iter().map(|range| (range.start, range.end)).collect();
        Ok((found.amplitude_uv.into_pyarray(py), found.phase_rad.into_pyarray(py), names, valid))
    }

    /// Writes the recording in the format of the path's ending.
    fn save(&self, py: Python<'_>, path: PathBuf) -> PyResult<()> {
        py.detach(|| io::write(&self.inner, &path)).map_err(|e| Failure::from(e).into())
    }
}

/// Parameters from JSON text.
pub(crate) fn from_json<T: serde::de::DeserializeOwned>(text: &str) -> PyResult<T> {
    serde_json::from_str(text).map_err(|e| pyo3::exceptions::PyValueError::new_err(e.to_string()))
}

/// What of a file is wanted: channels, `(from, to)` in seconds, a signal of another rate.
pub(crate) type Wanted = (Option<Vec<String>>, Option<(f64, f64)>, Option<String>);

pub(crate) fn selection((picks, window, signal): Wanted) -> Selection {
    Selection { picks, window: window.map(|(from, to)| (Seconds(from), Seconds(to))), signal }
}

/// Reads a file of any known format, or part of it.
#[pyfunction]
pub(crate) fn read_path(py: Python<'_>, path: PathBuf, wanted: Wanted) -> PyResult<Recording> {
    let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    let wanted = selection(wanted);
    let read = move || Ok(wanted.read(io::open(&path, &Limits::default())?.as_mut())?);
    let inner = background::run(py, None, read)?;
    Ok(Recording { inner: Arc::new(inner), name })
}

/// Reads a recording from bytes; `siblings` are the files that stand beside it.
#[pyfunction]
pub(crate) fn read_bytes(
    py: Python<'_>,
    name: &str,
    data: Vec<u8>,
    siblings: Vec<(String, Vec<u8>)>,
    wanted: Wanted,
) -> PyResult<Recording> {
    let source = siblings
        .into_iter()
        .fold(MemorySource::new(name, data), |source, (name, bytes)| source.with_sibling(&name, bytes));
    let wanted = selection(wanted);
    let source: Box<dyn Source> = Box::new(source);
    let read = move || Ok(wanted.read(io::open_source(source, &Limits::default())?.as_mut())?);
    let inner = background::run(py, None, read)?;
    Ok(Recording { inner: Arc::new(inner), name: name.to_owned() })
}

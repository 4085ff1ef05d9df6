//! Cleaning steps: settings and findings travel as JSON, samples as arrays.

use crate::error::Failure;
use crate::recording::{Recording, from_json};
use dosewave::eeg::{
    self, ArtifactParams, BadChannelParams, ComponentLimits, FoundComponent, Hz, IcaParams,
    InterpolationParams, LineRemoval, MuscleCcaParams, RestingPreset,
};
use numpy::{PyArray1, PyArray2, PyArray3, ToPyArray};
use pyo3::prelude::*;
use serde_json::json;
use std::sync::Arc;

fn to_json(value: &impl serde::Serialize) -> PyResult<String> {
    serde_json::to_string(value).map_err(|e| pyo3::exceptions::PyValueError::new_err(e.to_string()))
}

/// Bad channels as JSON: `bad`, `bridged`, `not_applied`.
#[pyfunction]
pub(crate) fn bad_channels(py: Python<'_>, recording: &Recording, params: &str) -> PyResult<String> {
    let params: BadChannelParams = from_json(params)?;
    to_json(&py.detach(|| recording.inner.bad_channels(&params)).map_err(Failure::from)?)
}

/// Channels put back from the others.
#[pyfunction]
pub(crate) fn interpolate(
    py: Python<'_>,
    recording: &Recording,
    bad: Vec<String>,
    params: &str,
) -> PyResult<Recording> {
    let params: InterpolationParams = from_json(params)?;
    let bad: Vec<&str> = bad.iter().map(String::as_str).collect();
    recording.step(py, |rec| rec.interpolate(&bad, &params))
}

/// Without the mains; `method` as JSON.
#[pyfunction]
pub(crate) fn remove_line(
    py: Python<'_>,
    recording: &Recording,
    line: f64,
    method: &str,
) -> PyResult<Recording> {
    let method: LineRemoval = from_json(method)?;
    recording.step(py, |rec| rec.remove_line(Hz(line), &method))
}

/// Without what EOG channels carry; no name takes all of them.
#[pyfunction]
pub(crate) fn regress_eog(py: Python<'_>, recording: &Recording, names: Vec<String>) -> PyResult<Recording> {
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    recording.step(py, |rec| rec.regress_eog(&names))
}

/// Without the heart's field.
#[pyfunction]
pub(crate) fn remove_heart_field(py: Python<'_>, recording: &Recording) -> PyResult<Recording> {
    recording.step(py, eeg::Recording::without_heart_field)
}

/// Without muscle, by canonical correlation.
#[pyfunction]
pub(crate) fn remove_muscle_cca(
    py: Python<'_>,
    recording: &Recording,
    params: &str,
    line: Option<f64>,
) -> PyResult<Recording> {
    let params: MuscleCcaParams = from_json(params)?;
    recording.step(py, |rec| rec.remove_muscle_cca(&params, line.map(Hz)))
}

/// Muscle, blinks and saccades as JSON.
#[pyfunction]
pub(crate) fn artifacts(py: Python<'_>, recording: &Recording, params: &str) -> PyResult<String> {
    let params: ArtifactParams = from_json(params)?;
    to_json(&py.detach(|| recording.inner.artifacts(&params)).map_err(Failure::from)?)
}

/// Muscle score of every sample.
#[pyfunction]
pub(crate) fn muscle_z<'py>(
    py: Python<'py>,
    recording: &Recording,
    low: f64,
    high: f64,
) -> PyResult<Bound<'py, PyArray1<f64>>> {
    let z = py.detach(|| recording.inner.muscle_z([low, high])).map_err(Failure::from)?;
    Ok(z.to_pyarray(py))
}

/// R peaks (samples) and rate as JSON, `null` without an ECG channel.
#[pyfunction]
pub(crate) fn heart(py: Python<'_>, recording: &Recording) -> PyResult<String> {
    let heart = py.detach(|| recording.inner.heart()).map_err(Failure::from)?;
    to_json(&heart.map(|heart| json!({ "channel": heart.channel, "peaks": heart.peaks, "rate": heart.rate })))
}

/// Independent components.
#[pyclass(frozen, module = "dosewave._native")]
pub(crate) struct Components {
    inner: Arc<eeg::Components>,
}

#[pymethods]
impl Components {
    /// Maps `(n_channels, n_components)`, µV.
    #[getter]
    fn mixing<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray2<f64>> {
        self.inner.ica.mixing.to_pyarray(py)
    }

    /// Filters `(n_components, n_channels)`.
    #[getter]
    fn unmixing<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray2<f64>> {
        self.inner.ica.unmixing.to_pyarray(py)
    }

    /// Labels of the channels.
    #[getter]
    fn ch_names(&self) -> Vec<String> {
        self.inner.channels.clone()
    }

    /// Scores, shares of variance and how the search ended, as JSON.
    #[getter]
    fn summary_json(&self) -> PyResult<String> {
        let ica = &self.inner.ica;
        to_json(&json!({
            "scores": self.inner.scores,
            "variances": ica.variances.to_vec(),
            "n_iter": ica.n_iter,
            "gradient": ica.gradient,
            "converged": ica.converged,
        }))
    }

    /// Components over the limits, as JSON.
    fn over(&self, limits: &str) -> PyResult<String> {
        let limits: ComponentLimits = from_json(limits)?;
        to_json(&self.inner.over(&limits))
    }
}

/// Independent components of the EEG channels.
#[pyfunction]
pub(crate) fn components(
    py: Python<'_>,
    recording: &Recording,
    params: &str,
    line: Option<f64>,
) -> PyResult<Components> {
    let params: IcaParams = from_json(params)?;
    let found = py.detach(|| eeg::Components::fit(&[&recording.inner], &params, line.map(Hz)));
    Ok(Components { inner: Arc::new(found.map_err(Failure::from)?) })
}

/// Without these components (JSON, as `over` gives them).
#[pyfunction]
pub(crate) fn without_components(
    py: Python<'_>,
    recording: &Recording,
    components: &Components,
    removed: &str,
) -> PyResult<Recording> {
    let removed: Vec<FoundComponent> = from_json(removed)?;
    recording.step(py, |rec| rec.without_components(&components.inner, &removed))
}

/// `(n_epochs, n_channels, n_times)`, onsets, channel names, and what was learnt and done as JSON.
type CleanEpochs<'py> = (Bound<'py, PyArray3<f64>>, Bound<'py, PyArray1<f64>>, Vec<String>, String);

/// The chain for resting EEG.
#[pyfunction]
pub(crate) fn clean_resting<'py>(
    py: Python<'py>,
    recording: &Recording,
    params: &str,
) -> PyResult<CleanEpochs<'py>> {
    let preset: RestingPreset = from_json(params)?;
    let clean = py.detach(|| preset.clean(&recording.inner)).map_err(Failure::from)?;
    let names = clean.epochs.channels().iter().map(|channel| channel.name.clone()).collect();
    let onsets = PyArray1::from_iter(py, clean.epochs.onsets().iter().map(|t| t.0));
    let summary = json!({
        "bad_channels": clean.model.bad_channels,
        "removed": clean.model.removed,
        "limits": clean.limits,
        "interpolated": clean.interpolated,
        "rejected": clean.epochs.rejected(),
        "notes": clean.notes.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "settings": preset,
    });
    Ok((clean.epochs.data_uv().to_pyarray(py), onsets, names, to_json(&summary)?))
}

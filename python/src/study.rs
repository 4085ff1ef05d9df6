//! `compare`, `markers` and their results.

use crate::background;
use crate::error::Failure;
use crate::recording::Recording;
use dosewave::study::{self, Config, Execution, Input};
use dosewave::{markers as registry, report};
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use std::path::PathBuf;

/// What an analysis found.
#[pyclass(frozen, module = "dosewave._native")]
pub(crate) struct Results {
    inner: study::Results,
}

#[pymethods]
impl Results {
    /// The text of `results.json`.
    #[getter]
    fn json(&self) -> PyResult<String> {
        study::results_json(&self.inner).map_err(|e| Failure::from(e).into())
    }

    /// The report, one HTML text.
    #[getter]
    fn html(&self) -> String {
        report::html(&self.inner)
    }

    /// Writes the report.
    fn write_report(&self, path: PathBuf) -> PyResult<()> {
        study::write_text(&path, &report::html(&self.inner)).map_err(|e| Failure::from(e).into())
    }

    /// Writes every result file into a folder.
    fn save(&self, py: Python<'_>, folder: PathBuf) -> PyResult<()> {
        py.detach(|| {
            study::write_results(&self.inner, &folder)?;
            study::write_text(&folder.join("report.html"), &report::html(&self.inner))?;
            for (name, svg) in report::figures(&self.inner) {
                study::write_text(&folder.join("figures").join(format!("{name}.svg")), &svg)?;
            }
            Ok(())
        })
        .map_err(|e: study::Error| Failure::from(e).into())
    }
}

/// A path or a recording.
fn input(source: &Bound<'_, PyAny>) -> PyResult<Input> {
    if let Ok(recording) = source.cast::<Recording>() {
        let recording = recording.get();
        return Ok(Input::Recording { name: recording.name.clone(), recording: (*recording.inner).clone() });
    }
    match source.extract::<PathBuf>() {
        Ok(path) => Ok(Input::Path(path)),
        Err(_) => Err(PyTypeError::new_err("expected a path or a Recording")),
    }
}

/// Defaults < TOML text or JSON text.
fn configuration(toml_text: Option<&str>, json_text: Option<&str>) -> PyResult<Config> {
    let from_json = match json_text {
        None => None,
        Some(text) => {
            let value: toml::Table =
                serde_json::from_str(text).map_err(|e| PyValueError::new_err(format!("config: {e}")))?;
            Some(toml::to_string(&value).map_err(|e| PyValueError::new_err(format!("config: {e}")))?)
        }
    };
    Config::layered(from_json.as_deref().or(toml_text), &[]).map_err(|e| Failure::from(e).into())
}

/// Before and after a dose.
#[pyfunction]
pub(crate) fn compare(
    py: Python<'_>,
    pre: &Bound<'_, PyAny>,
    post: Option<&Bound<'_, PyAny>>,
    dose_at: Option<String>,
    toml_text: Option<&str>,
    json_text: Option<&str>,
    threads: Option<usize>,
) -> PyResult<Results> {
    let config = configuration(toml_text, json_text)?;
    let pre = input(pre)?;
    let post = post.map(input).transpose()?;
    let inner = background::run(py, None, move || {
        let execution = Execution { threads, ..Execution::default() };
        Ok(match post {
            Some(post) => study::compare(pre, post, &config, &execution)?,
            None => study::compare_dose_at(pre, dose_at.as_deref().unwrap_or_default(), &config, &execution)?,
        })
    })?;
    Ok(Results { inner })
}

/// Markers of windows of one recording: `rows` and `notes` as JSON.
#[pyfunction]
pub(crate) fn markers(
    py: Python<'_>,
    recording: &Bound<'_, PyAny>,
    names: Option<Vec<String>>,
    windows: Vec<(f64, f64)>,
    toml_text: Option<&str>,
    json_text: Option<&str>,
    threads: Option<usize>,
) -> PyResult<String> {
    let config = configuration(toml_text, json_text)?;
    let input = input(recording)?;
    let table = background::run(py, None, move || {
        let execution = Execution { threads, ..Execution::default() };
        Ok(study::markers_table(input, &names.unwrap_or_default(), &windows, &config, &execution)?)
    })?;
    as_json(&table)
}

/// Every option with its meaning and default, as TOML.
#[pyfunction]
pub(crate) fn config_default() -> String {
    Config::default_toml()
}

/// Every kind of marker, as JSON rows.
#[pyfunction]
pub(crate) fn marker_kinds() -> PyResult<String> {
    as_json(&registry::kinds())
}

fn as_json<T: serde::Serialize>(rows: &T) -> PyResult<String> {
    serde_json::to_string(rows).map_err(|e| PyValueError::new_err(e.to_string()))
}

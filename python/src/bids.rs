//! Datasets in the Brain Imaging Data Structure.

use crate::background;
use crate::error::Failure;
use crate::recording::{Recording, Wanted, from_json, selection};
use dosewave::io::Limits;
use dosewave::io::bids::{self, Dataset, Entities, Sidecars, Target};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use serde_json::{Map, Value, json};
use std::path::PathBuf;
use std::sync::Arc;

fn record(fields: &[(String, String)]) -> Value {
    Value::Object(fields.iter().map(|(name, value)| (name.clone(), json!(value))).collect())
}

fn labels(entities: &Entities) -> Value {
    Value::Object(entities.iter().map(|(key, label)| (key.to_owned(), json!(label))).collect::<Map<_, _>>())
}

fn sidecar_value(path: &str, entities: &Entities, sidecars: &Sidecars) -> Value {
    json!({
        "path": path,
        "entities": labels(entities),
        "eeg": sidecars.eeg,
        "coordsystem": sidecars.coordsystem,
        "participant": record(&sidecars.participant),
        "session": record(&sidecars.session),
        "scan": record(&sidecars.scan),
        "files": sidecars.files,
    })
}

/// What is in a dataset, as JSON.
#[pyfunction]
pub(crate) fn bids_layout(py: Python<'_>, root: PathBuf) -> PyResult<String> {
    let dataset = background::run(py, None, move || Ok(Dataset::open(root, &Limits::default())?))?;
    let recordings: Vec<Value> = dataset
        .recordings
        .iter()
        .map(|file| {
            let missing: Vec<&str> = dataset.missing(file).iter().map(|d| d.path.as_str()).collect();
            json!({ "path": file.path, "entities": labels(&file.entities), "missing": missing })
        })
        .collect();
    let links =
        dataset.dangling.iter().map(|d| json!({ "path": d.path, "target": d.target, "advice": d.advice }));
    let participants = dataset
        .participants
        .iter()
        .flat_map(|table| (0..table.rows.len()).map(|row| record(&table.record(row))).collect::<Vec<_>>());
    let found = json!({
        "description": dataset.description,
        "recordings": recordings,
        "participants": participants.collect::<Vec<_>>(),
        "dangling": links.collect::<Vec<_>>(),
        "notes": dataset.notes.iter().map(ToString::to_string).collect::<Vec<_>>(),
    });
    Ok(found.to_string())
}

/// Reads the one recording of a dataset with these labels, and what its sidecars say, as JSON.
#[pyfunction]
pub(crate) fn read_bids(
    py: Python<'_>,
    root: PathBuf,
    entities: &str,
    wanted: Wanted,
) -> PyResult<(Recording, String)> {
    let entities: Entities = entities.parse().map_err(PyValueError::new_err)?;
    let wanted = selection(wanted);
    let (recording, name, said) = background::run(py, None, move || {
        let dataset = Dataset::open(root, &Limits::default())?;
        let file = dataset.one(&entities)?;
        let recording = wanted.read(dataset.reader(file)?.as_mut())?;
        let said = sidecar_value(&file.path, &file.entities, &dataset.sidecars(file)?).to_string();
        Ok((recording, file.path.clone(), said))
    })?;
    let name = name.rsplit('/').next().unwrap_or_default().to_owned();
    Ok((Recording { inner: Arc::new(recording), name }, said))
}

/// Writes a recording into a dataset; `target` and what is returned are JSON.
#[pyfunction]
pub(crate) fn write_bids(
    py: Python<'_>,
    recording: &Bound<'_, Recording>,
    root: PathBuf,
    target: &str,
) -> PyResult<String> {
    let target: Target = from_json(target)?;
    let inner = recording.get().inner.clone();
    let written = py.detach(|| bids::write(&inner, &root, &target)).map_err(Failure::from)?;
    let notes: Vec<String> = written.notes.iter().map(ToString::to_string).collect();
    Ok(json!({ "path": written.file.path, "files": written.files, "notes": notes }).to_string())
}

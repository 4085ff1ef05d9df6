//! The one map from our errors to Python's exceptions.

use dosewave::{eeg, io, markers, numerics, study};
use pyo3::exceptions::{
    PyFileNotFoundError, PyKeyError, PyMemoryError, PyOSError, PyRuntimeError, PyValueError,
};
use pyo3::prelude::*;

pyo3::create_exception!(
    _native,
    ReadError,
    PyValueError,
    "A file that cannot be read as a recording. `.path`, `.offset` (byte) and `.field` say where."
);

/// A Rust error on its way to Python.
pub(crate) struct Failure(study::Error);

impl<E: Into<study::Error>> From<E> for Failure {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

impl From<Failure> for PyErr {
    fn from(failure: Failure) -> Self {
        match failure.0 {
            study::Error::Read(error) => from_io(&error),
            study::Error::Eeg(error) => from_eeg(&error),
            study::Error::Marker(error) => from_markers(&error),
            study::Error::Kernel(error) => from_numerics(&error),
            study::Error::Io { path, source } => {
                with_os_error(&source, &format!("{}: {source}", path.display()))
            }
            error => PyValueError::new_err(error.to_string()),
        }
    }
}

fn from_io(error: &io::Error) -> PyErr {
    let text = error.to_string();
    match error {
        io::Error::Io { source, .. } => with_os_error(source, &text),
        io::Error::MissingSibling { .. } => PyFileNotFoundError::new_err(text),
        io::Error::Limit { .. } => PyMemoryError::new_err(text),
        io::Error::Eeg { source, .. } => from_eeg(source),
        io::Error::Malformed { file, offset, field, .. } => {
            read_error(text, Some(file.display().to_string()), Some(*offset), Some(field))
        }
        io::Error::UnknownFormat { file, .. } | io::Error::Unsupported { file, .. } => {
            read_error(text, Some(file.display().to_string()), None, None)
        }
        _ => PyValueError::new_err(text),
    }
}

fn from_eeg(error: &eeg::Error) -> PyErr {
    match error {
        eeg::Error::UnknownChannel { .. } => PyKeyError::new_err(error.to_string()),
        eeg::Error::Kernel(error) => from_numerics(error),
        _ => PyValueError::new_err(error.to_string()),
    }
}

fn from_markers(error: &markers::Error) -> PyErr {
    match error {
        markers::Error::UnknownKind { .. } => PyKeyError::new_err(error.to_string()),
        _ => PyValueError::new_err(error.to_string()),
    }
}

fn from_numerics(error: &numerics::Error) -> PyErr {
    match error {
        numerics::Error::NotConverged { .. } => PyRuntimeError::new_err(error.to_string()),
        _ => PyValueError::new_err(error.to_string()),
    }
}

/// The member of the `OSError` family that the operating system's answer belongs to.
fn with_os_error(source: &std::io::Error, text: &str) -> PyErr {
    match source.kind() {
        std::io::ErrorKind::NotFound => PyFileNotFoundError::new_err(text.to_owned()),
        kind => match PyErr::from(std::io::Error::new(kind, text.to_owned())) {
            error if Python::attach(|py| error.is_instance_of::<PyOSError>(py)) => error,
            _ => PyOSError::new_err(text.to_owned()),
        },
    }
}

fn read_error(text: String, path: Option<String>, offset: Option<u64>, field: Option<&str>) -> PyErr {
    let error = ReadError::new_err(text);
    Python::attach(|py| {
        let value = error.value(py);
        // an exception instance takes attributes; should it ever not, the message still says everything
        let _ = value.setattr("path", path);
        let _ = value.setattr("offset", offset);
        let _ = value.setattr("field", field);
    });
    error
}

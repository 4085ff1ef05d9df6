//! Work away from the interpreter: the GIL is released, Ctrl-C is heard.

use crate::error::Failure;
use numpy::ndarray::{ArrayView, Dimension};
use numpy::{PyArray, PyArrayMethods, PyReadonlyArray};
use pyo3::prelude::*;
use std::sync::{Mutex, PoisonError, mpsc};
use std::time::Duration;

/// As [`run`], with an array that is lent and not copied.
///
/// The thread holds the array for as long as it works, also after Ctrl-C; its samples must not be changed meanwhile, as
/// for any function of NumPy that works without the GIL.
pub(crate) fn run_on<T, D, F>(
    py: Python<'_>,
    threads: Option<usize>,
    x: &PyReadonlyArray<'_, f64, D>,
    work: F,
) -> PyResult<T>
where
    T: Send + 'static,
    D: Dimension + Send + 'static,
    F: FnOnce(ArrayView<'_, f64, D>) -> Result<T, Failure> + Send + 'static,
{
    let array: Py<PyArray<f64, D>> = (**x).clone().unbind();
    run(py, threads, move || {
        Python::attach(|py| {
            let lent = array.bind(py).readonly();
            let view = lent.as_array();
            py.detach(|| work(view))
        })
    })
}

/// Runs `work` on a thread of its own and listens for Ctrl-C meanwhile.
///
/// On Ctrl-C the call returns at once with `KeyboardInterrupt`; the abandoned computation ends by itself and its
/// result is dropped.
pub(crate) fn run<T, F>(py: Python<'_>, threads: Option<usize>, work: F) -> PyResult<T>
where
    T: Send + 'static,
    F: FnOnce() -> Result<T, Failure> + Send + 'static,
{
    let (sender, receiver) = mpsc::channel();
    let worker = std::thread::spawn(move || {
        let result = match threads {
            None => Ok(work()),
            Some(n) => rayon::ThreadPoolBuilder::new().num_threads(n).build().map(|pool| pool.install(work)),
        };
        // nobody listens any more after Ctrl-C
        let _ = sender.send(result);
    });
    // a receiver may move between threads, but not be shared; the lock is never contended
    let receiver = Mutex::new(receiver);
    loop {
        let message = py.detach(|| {
            receiver.lock().unwrap_or_else(PoisonError::into_inner).recv_timeout(Duration::from_millis(50))
        });
        match message {
            Ok(Ok(result)) => return result.map_err(PyErr::from),
            Ok(Err(pool)) => return Err(pyo3::exceptions::PyRuntimeError::new_err(pool.to_string())),
            Err(mpsc::RecvTimeoutError::Timeout) => py.check_signals()?,
            Err(mpsc::RecvTimeoutError::Disconnected) => {
                let text = match worker.join() {
                    Err(panic) => panic.downcast_ref::<&str>().map(ToString::to_string).unwrap_or_default(),
                    Ok(()) => String::new(),
                };
                return Err(pyo3::exceptions::PyRuntimeError::new_err(format!(
                    "an internal error, please report it: {text}"
                )));
            }
        }
    }
}

/// As [`run`], for work that borrows the caller's arrays instead of copies. On Ctrl-C the call ends with
/// `KeyboardInterrupt` once the work is done, since nothing may be freed before.
pub(crate) fn run_borrowed<T, F>(py: Python<'_>, threads: Option<usize>, work: F) -> PyResult<T>
where
    T: Send,
    F: FnOnce() -> Result<T, Failure> + Send,
{
    let in_pool = move || match threads {
        None => Ok(work()),
        Some(n) => rayon::ThreadPoolBuilder::new().num_threads(n).build().map(|pool| pool.install(work)),
    };
    let done = (Mutex::new(false), std::sync::Condvar::new());
    std::thread::scope(|scope| {
        let worker = scope.spawn(|| {
            let result = in_pool();
            *done.0.lock().unwrap_or_else(PoisonError::into_inner) = true;
            done.1.notify_all();
            result
        });
        let mut interrupted = Ok(());
        while !worker.is_finished() {
            py.detach(|| {
                let finished = done.0.lock().unwrap_or_else(PoisonError::into_inner);
                if !*finished {
                    let _ = done.1.wait_timeout(finished, Duration::from_millis(50));
                }
            });
            interrupted = interrupted.and_then(|()| py.check_signals());
        }
        interrupted?;
        match worker.join() {
            Ok(Ok(result)) => result.map_err(PyErr::from),
            Ok(Err(pool)) => Err(pyo3::exceptions::PyRuntimeError::new_err(pool.to_string())),
            Err(panic) => {
                let text = panic.downcast_ref::<&str>().map(ToString::to_string).unwrap_or_default();
                let text = format!("an internal error, please report it: {text}");
                Err(pyo3::exceptions::PyRuntimeError::new_err(text))
            }
        }
    })
}

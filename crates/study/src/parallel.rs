//! The one place of this crate where work is spread over threads: sessions, markers, frequencies.

use crate::{Error, Execution, Result};

/// `f(0), f(1), …` in order, whatever the number of threads.
#[cfg(feature = "parallel")]
pub(crate) fn map<T: Send>(n: usize, f: impl Fn(usize) -> T + Sync + Send) -> Vec<T> {
    use rayon::prelude::*;
    (0..n).into_par_iter().map(f).collect()
}

/// `f(0), f(1), …` in order.
#[cfg(not(feature = "parallel"))]
pub(crate) fn map<T: Send>(n: usize, f: impl Fn(usize) -> T + Sync + Send) -> Vec<T> {
    (0..n).map(f).collect()
}

/// Runs `work` with the number of threads that was asked for.
#[cfg(feature = "parallel")]
pub(crate) fn install<T: Send>(execution: &Execution, work: impl FnOnce() -> Result<T> + Send) -> Result<T> {
    match execution.threads {
        None => work(),
        Some(threads) => {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
            pool.map_err(|e| Error::Design(format!("{threads} threads cannot be started: {e}")))?
                .install(work)
        }
    }
}

/// Runs `work`; this build has one thread.
#[cfg(not(feature = "parallel"))]
pub(crate) fn install<T: Send>(_: &Execution, work: impl FnOnce() -> Result<T> + Send) -> Result<T> {
    work().map_err(|e: Error| e)
}

/// How many threads there are.
pub(crate) fn threads() -> usize {
    #[cfg(feature = "parallel")]
    return rayon::current_num_threads();
    #[cfg(not(feature = "parallel"))]
    1
}

//! The one place of this crate where work is spread over threads.
//!
//! Work is cut by index, never by the number of threads, and results are put in index order: the same bytes for any
//! number of threads.

use crate::Result;
use ndarray::{ArrayViewMut1, ArrayViewMut2, Axis};
#[cfg(feature = "parallel")]
use rayon::prelude::*;

/// `f(0), f(1), … f(n − 1)` in order; the first error by index.
pub fn try_map<T: Send>(n: usize, f: impl Fn(usize) -> Result<T> + Sync + Send) -> Result<Vec<T>> {
    #[cfg(feature = "parallel")]
    let results: Vec<Result<T>> = (0..n).into_par_iter().map(f).collect();
    #[cfg(not(feature = "parallel"))]
    let results: Vec<Result<T>> = (0..n).map(f).collect();
    results.into_iter().collect()
}

/// `f(i, row i)` for each row of `rows`; the first error by index.
///
/// # Errors
/// Those of `f`.
pub fn try_rows(
    mut rows: ArrayViewMut2<'_, f64>,
    f: impl Fn(usize, ArrayViewMut1<'_, f64>) -> Result<()> + Sync + Send,
) -> Result<()> {
    let rows: Vec<ArrayViewMut1<'_, f64>> = rows.axis_iter_mut(Axis(0)).collect();
    #[cfg(feature = "parallel")]
    let results: Vec<Result<()>> = rows.into_par_iter().enumerate().map(|(i, row)| f(i, row)).collect();
    #[cfg(not(feature = "parallel"))]
    let results: Vec<Result<()>> = rows.into_iter().enumerate().map(|(i, row)| f(i, row)).collect();
    results.into_iter().collect()
}

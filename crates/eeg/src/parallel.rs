//! The one place of this crate where work is spread over threads.
//!
//! Work is cut by index, never by the number of threads, and results are put in index order: the same bytes for any
//! number of threads. Readers of files share their work through [`try_each`].

use crate::Result;
use ndarray::{ArrayViewMut, Axis, RemoveAxis};
#[cfg(feature = "parallel")]
use rayon::prelude::*;

/// `f(0), f(1), … f(n − 1)` in order.
pub(crate) fn map<T: Send>(n: usize, f: impl Fn(usize) -> T + Sync + Send) -> Vec<T> {
    map_by(n, 1, f)
}

/// The same for work so small that a thread should take at least `at_least` of it: to wake one costs some ten microseconds.
pub(crate) fn map_by<T: Send>(n: usize, at_least: usize, f: impl Fn(usize) -> T + Sync + Send) -> Vec<T> {
    #[cfg(feature = "parallel")]
    return (0..n).into_par_iter().with_min_len(at_least).map(f).collect();
    #[cfg(not(feature = "parallel"))]
    {
        let _ = at_least;
        (0..n).map(f).collect()
    }
}

/// `f(0), f(1), … f(n − 1)` in order; the first error by index.
pub(crate) fn try_map<T: Send>(n: usize, f: impl Fn(usize) -> Result<T> + Sync + Send) -> Result<Vec<T>> {
    #[cfg(feature = "parallel")]
    let results: Vec<Result<T>> = (0..n).into_par_iter().map(f).collect();
    #[cfg(not(feature = "parallel"))]
    let results: Vec<Result<T>> = (0..n).map(f).collect();
    results.into_iter().collect()
}

/// `f(i, part i)` for each part of an array along its first axis: the rows of a matrix, the epochs of a cube. The first
/// error by index.
///
/// # Errors
/// Those of `f`.
pub(crate) fn try_rows<T, D>(
    mut array: ArrayViewMut<'_, T, D>,
    f: impl Fn(usize, ArrayViewMut<'_, T, D::Smaller>) -> Result<()> + Sync + Send,
) -> Result<()>
where
    T: Send + Sync,
    D: RemoveAxis,
{
    let parts: Vec<_> = array.axis_iter_mut(Axis(0)).enumerate().collect();
    #[cfg(feature = "parallel")]
    let results: Vec<Result<()>> = parts.into_par_iter().map(|(i, part)| f(i, part)).collect();
    #[cfg(not(feature = "parallel"))]
    let results: Vec<Result<()>> = parts.into_iter().map(|(i, part)| f(i, part)).collect();
    results.into_iter().collect()
}

/// As [`try_rows`], for blocks of `size` neighbouring parts: `f(index of the first, block)`.
///
/// # Errors
/// Those of `f`.
pub(crate) fn try_chunks<T, D>(
    mut array: ArrayViewMut<'_, T, D>,
    size: usize,
    f: impl Fn(usize, ArrayViewMut<'_, T, D>) -> Result<()> + Sync + Send,
) -> Result<()>
where
    T: Send + Sync,
    D: RemoveAxis,
{
    let parts: Vec<_> = array.axis_chunks_iter_mut(Axis(0), size).enumerate().collect();
    #[cfg(feature = "parallel")]
    let results: Vec<Result<()>> = parts.into_par_iter().map(|(i, part)| f(size * i, part)).collect();
    #[cfg(not(feature = "parallel"))]
    let results: Vec<Result<()>> = parts.into_iter().map(|(i, part)| f(size * i, part)).collect();
    results.into_iter().collect()
}

/// As [`try_rows`], for work that cannot fail.
pub(crate) fn rows<T, D>(
    mut array: ArrayViewMut<'_, T, D>,
    f: impl Fn(usize, ArrayViewMut<'_, T, D::Smaller>) + Sync + Send,
) where
    T: Send + Sync,
    D: RemoveAxis,
{
    let parts: Vec<_> = array.axis_iter_mut(Axis(0)).enumerate().collect();
    #[cfg(feature = "parallel")]
    parts.into_par_iter().for_each(|(i, part)| f(i, part));
    #[cfg(not(feature = "parallel"))]
    parts.into_iter().for_each(|(i, part)| f(i, part));
}

/// How many threads there are to share work.
#[must_use]
pub fn n_threads() -> usize {
    #[cfg(feature = "parallel")]
    return rayon::current_num_threads();
    #[cfg(not(feature = "parallel"))]
    1
}

/// Does `f` with each of `parts`, side by side; the first error by index.
///
/// # Errors
/// Those of `f`.
pub fn try_each<T: Send, E: Send>(
    parts: Vec<T>,
    f: impl Fn(T) -> std::result::Result<(), E> + Sync + Send,
) -> std::result::Result<(), E> {
    #[cfg(feature = "parallel")]
    let results: Vec<_> = parts.into_par_iter().map(f).collect();
    #[cfg(not(feature = "parallel"))]
    let results: Vec<_> = parts.into_iter().map(f).collect();
    results.into_iter().collect()
}

/// `f(i, item i)` for each item of a slice. The first error by index.
///
/// # Errors
/// Those of `f`.
pub(crate) fn try_items<T: Send>(
    items: &mut [T],
    f: impl Fn(usize, &mut T) -> Result<()> + Sync + Send,
) -> Result<()> {
    try_items_with(items, || (), |i, item, ()| f(i, item))
}

/// `f(i, item i, scratch)` for each item of a slice; one item after the other uses the same memory, which `scratch` makes.
/// The first error by index.
///
/// # Errors
/// Those of `f`.
pub(crate) fn try_items_with<T: Send, W>(
    items: &mut [T],
    scratch: impl Fn() -> W + Sync + Send,
    f: impl Fn(usize, &mut T, &mut W) -> Result<()> + Sync + Send,
) -> Result<()> {
    #[cfg(feature = "parallel")]
    let results: Vec<Result<()>> = items
        .par_iter_mut()
        .enumerate()
        .map_init(scratch, |scratch, (i, item)| f(i, item, scratch))
        .collect();
    #[cfg(not(feature = "parallel"))]
    let results: Vec<Result<()>> = {
        let mut scratch = scratch();
        items.iter_mut().enumerate().map(|(i, item)| f(i, item, &mut scratch)).collect()
    };
    results.into_iter().collect()
}

/// `f(task)` for each of some independent tasks.
pub(crate) fn each<T: Send>(tasks: Vec<T>, f: impl Fn(T) + Sync + Send) {
    #[cfg(feature = "parallel")]
    tasks.into_par_iter().for_each(f);
    #[cfg(not(feature = "parallel"))]
    tasks.into_iter().for_each(f);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Error;
    use ndarray::{Array2, Array3};

    fn refuse(i: usize) -> Error {
        Error::Invalid { parameter: "index", value: i.to_string(), allowed: "even".into() }
    }

    #[test]
    fn results_come_in_order() {
        assert_eq!(try_map(100, |i| Ok(i * i)).unwrap(), (0..100).map(|i| i * i).collect::<Vec<_>>());
    }

    #[test]
    fn the_first_error_by_index_is_the_one_reported() {
        let odd = |i: usize| if i % 2 == 1 { Err(refuse(i)) } else { Ok(()) };
        for _ in 0..20 {
            assert_eq!(try_map(64, odd).unwrap_err(), refuse(1));
            assert_eq!(
                try_rows(Array2::<f64>::zeros((64, 2)).view_mut(), |i, _| odd(i)).unwrap_err(),
                refuse(1)
            );
        }
    }

    #[test]
    fn each_part_is_written_once() {
        let mut cube = Array3::zeros((50, 3, 2));
        try_rows(cube.view_mut(), |i, mut part| {
            part += i as f64;
            Ok(())
        })
        .unwrap();
        assert_eq!(cube, Array3::from_shape_fn((50, 3, 2), |(i, _, _)| i as f64));
    }
}

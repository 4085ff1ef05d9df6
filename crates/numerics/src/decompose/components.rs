//! What every linear decomposition does once it is there.

use super::dense::{BLOCK, centred_blocks, largest_entry, multiply};
use crate::{Error, Result};
use faer::Accum;
use ndarray::{Array1, Array2, ArrayView2, Axis, s};

/// `unmixing · (x − mean)`: `[component, time]`.
pub(super) fn sources(
    x: ArrayView2<'_, f64>,
    mean: &Array1<f64>,
    unmixing: &Array2<f64>,
) -> Result<Array2<f64>> {
    check_channels(x, mean)?;
    let n = unmixing.nrows();
    let mut out = Array2::zeros((n, x.ncols()));
    let mut part = vec![0.0; n * BLOCK];
    centred_blocks(x, mean.view(), |start, block| {
        multiply(&mut part, Accum::Replace, unmixing, block);
        let end = out.ncols().min(start + BLOCK);
        let mut window = out.slice_mut(s![.., start..end]);
        for (mut row, values) in window.rows_mut().into_iter().zip(part.chunks_exact(BLOCK)) {
            row.iter_mut().zip(values).for_each(|(to, from)| *to = *from);
        }
    });
    Ok(out)
}

/// `x − mixing[:, removed] · unmixing[removed, :] · (x − mean)`.
pub(super) fn without(
    x: ArrayView2<'_, f64>,
    mean: &Array1<f64>,
    (unmixing, mixing): (&Array2<f64>, &Array2<f64>),
    removed: &[usize],
) -> Result<Array2<f64>> {
    check_channels(x, mean)?;
    let n = unmixing.nrows();
    let mut removed = removed.to_vec();
    removed.sort_unstable();
    removed.dedup();
    if let Some(index) = removed.iter().find(|index| **index >= n) {
        let allowed = format!("indices of {n} components, 0 to {}", n.saturating_sub(1));
        return Err(Error::Invalid { parameter: "component", value: index.to_string(), allowed });
    }
    let mut cleaned = x.to_owned();
    if removed.is_empty() {
        return Ok(cleaned);
    }
    let projection = -mixing.select(Axis(1), &removed).dot(&unmixing.select(Axis(0), &removed));
    let mut part = vec![0.0; x.nrows() * BLOCK];
    centred_blocks(x, mean.view(), |start, block| {
        multiply(&mut part, Accum::Replace, &projection, block);
        let end = cleaned.ncols().min(start + BLOCK);
        let mut window = cleaned.slice_mut(s![.., start..end]);
        for (mut row, values) in window.rows_mut().into_iter().zip(part.chunks_exact(BLOCK)) {
            row.iter_mut().zip(values).for_each(|(to, change)| *to += change);
        }
    });
    Ok(cleaned)
}

/// Turns maps `[channel, component]` and filters `[component, channel]` so that the largest entry of each map is positive.
pub(super) fn turn_maps_positive(mixing: &mut Array2<f64>, unmixing: &mut Array2<f64>) {
    for (mut map, mut filter) in mixing.columns_mut().into_iter().zip(unmixing.rows_mut()) {
        if largest_entry(map.view()) < 0.0 {
            map.map_inplace(|v| *v = -*v);
            filter.map_inplace(|v| *v = -*v);
        }
    }
}

fn check_channels(x: ArrayView2<'_, f64>, mean: &Array1<f64>) -> Result<()> {
    if x.nrows() == mean.len() {
        return Ok(());
    }
    Err(Error::Shape { what: "channels of the data to decompose", expected: mean.len(), got: x.nrows() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::Stream;

    /// Three channels, two components; the third direction belongs to none.
    fn example() -> (Array2<f64>, Array1<f64>, Array2<f64>, Array2<f64>) {
        let mut stream = Stream::new(4, 0);
        let x = Array2::from_shape_fn((3, 2 * BLOCK + 9), |_| stream.normal());
        let mean = ndarray::array![1.0, -2.0, 0.5];
        let unmixing = ndarray::array![[1.0, 0.0, 1.0], [0.0, 1.0, 0.0]];
        let mixing = ndarray::array![[0.5, 0.0], [0.0, 1.0], [0.5, 0.0]];
        (x, mean, unmixing, mixing)
    }

    #[test]
    fn blocks_give_what_one_product_gives() {
        let (x, mean, unmixing, mixing) = example();
        let centred = &x - &mean.clone().insert_axis(Axis(1));
        let found = sources(x.view(), &mean, &unmixing).unwrap();
        let expected = unmixing.dot(&centred);
        assert!((&found - &expected).iter().all(|d| d.abs() < 1e-12));
        let cleaned = without(x.view(), &mean, (&unmixing, &mixing), &[0, 0]).unwrap();
        let removed = mixing.column(0).insert_axis(Axis(1)).dot(&expected.row(0).insert_axis(Axis(0)));
        assert!((&cleaned - &(&x - &removed)).iter().all(|d| d.abs() < 1e-12));
        let left = sources(cleaned.view(), &mean, &unmixing).unwrap();
        assert!(left.row(0).iter().all(|v| v.abs() < 1e-12), "the component is gone");
        assert!((&left.row(1) - &expected.row(1)).iter().all(|d| d.abs() < 1e-12), "the other one is not");
        assert_eq!(without(x.view(), &mean, (&unmixing, &mixing), &[]).unwrap(), x);
    }

    #[test]
    fn nonsense_is_refused_by_name() {
        let (x, mean, unmixing, mixing) = example();
        let error = without(x.view(), &mean, (&unmixing, &mixing), &[2]).unwrap_err().to_string();
        assert!(error.contains("component = 2; allowed: indices of 2 components, 0 to 1"), "{error}");
        assert!(sources(x.slice(s![..2, ..]), &mean, &unmixing).is_err());
    }
}

//! Arrays `[channel, time]` that are filled from a file, stretches of time side by side.

use dosewave_eeg::parallel;
use ndarray::Array2;
use std::ops::Range;

/// Bytes from which the time of a second thread is well spent.
const SHARED: u64 = 8 << 20;

/// Rows of the channels of one stretch.
pub(crate) type Rows<'a> = [&'a mut [f64]];

/// `n_rows` rows of the samples `wanted`, filled by `fill(stretch, rows of the stretch)`. Stretches begin at multiples of
/// `align` samples of the file. Each value is written by one call, so that the number of threads changes nothing.
///
/// # Errors
/// Those of `fill`, the first in time order.
pub(crate) fn filled<E: Send>(
    n_rows: usize,
    wanted: &Range<u64>,
    align: u64,
    fill: impl Fn(Range<u64>, &mut Rows<'_>) -> Result<(), E> + Sync + Send,
) -> Result<Array2<f64>, E> {
    let n = wanted.end.saturating_sub(wanted.start);
    // fresh memory is zero already and is not touched here
    let mut data = Array2::zeros((n_rows, n as usize));
    let bytes = n.saturating_mul(n_rows as u64).saturating_mul(8);
    let n_parts = if bytes < SHARED { 1 } else { parallel::n_threads().min(8) };
    let mut parts: Vec<(Range<u64>, Vec<&mut [f64]>)> = stretches(wanted, align.max(1), n_parts as u64)
        .into_iter()
        .map(|stretch| (stretch, Vec::with_capacity(n_rows)))
        .collect();
    for row in data.rows_mut() {
        let mut rest = row.into_slice().unwrap_or_default();
        for (stretch, rows) in &mut parts {
            let at = ((stretch.end - stretch.start) as usize).min(rest.len());
            let (head, tail) = rest.split_at_mut(at);
            rows.push(head);
            rest = tail;
        }
    }
    parallel::try_each(parts, |(stretch, mut rows)| fill(stretch, &mut rows))?;
    Ok(data)
}

/// About equal stretches that begin at multiples of `align`.
fn stretches(wanted: &Range<u64>, align: u64, n_parts: u64) -> Vec<Range<u64>> {
    let n = wanted.end.saturating_sub(wanted.start);
    let each = n.div_ceil(n_parts.max(1)).max(1);
    let mut all = Vec::new();
    let mut from = wanted.start;
    while from < wanted.end {
        let to = from.saturating_add(each).div_ceil(align).saturating_mul(align).min(wanted.end);
        all.push(from..to);
        from = to;
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stretches_cover_the_samples_once_and_begin_with_a_record() {
        assert_eq!(stretches(&(3..20), 4, 2), [3..12, 12..20]);
        assert_eq!(stretches(&(0..8), 4, 3), [0..4, 4..8]);
        assert_eq!(stretches(&(5..5), 4, 2), []);
        assert_eq!(stretches(&(7..9), 1, 1).first(), Some(&(7..9)));
    }

    #[test]
    fn every_value_is_written_in_its_place() {
        // large enough to be shared
        let wanted = 10..600_010_u64;
        let data = filled(2, &wanted, 256, |stretch, rows| {
            for (c, row) in rows.iter_mut().enumerate() {
                for (value, t) in row.iter_mut().zip(stretch.clone()) {
                    *value = t as f64 + 0.25 * c as f64;
                }
            }
            Ok::<(), ()>(())
        })
        .unwrap();
        let expected = |(c, t): (usize, usize)| (t as u64 + wanted.start) as f64 + 0.25 * c as f64;
        assert_eq!(data, Array2::from_shape_fn((2, 600_000), expected));
    }
}

//! Eight rows of memory side by side, and back.

use super::{Lanes, Transpose, WIDTH};
use pulp::Simd;

/// Eight rows, less a number each, laid out sample by sample. Rows are at least as long as `samples`.
#[inline(always)]
pub(crate) fn lay_out<S: Simd>(simd: S, rows: [&[f64]; WIDTH], less: [f64; WIDTH], samples: &mut [Lanes]) {
    let transpose = Transpose::new::<S>();
    let whole = samples.len() / WIDTH * WIDTH;
    let (eights, rest) = samples.as_chunks_mut::<WIDTH>();
    for (k, eight) in eights.iter_mut().enumerate() {
        let mut values = [Lanes::ZERO; WIDTH];
        for ((values, row), less) in values.iter_mut().zip(rows).zip(less) {
            let less = simd.splat_f64s(less);
            let x = S::as_simd_f64s(&row[k * WIDTH..(k + 1) * WIDTH]).0;
            for (value, x) in values.vectors_mut::<S>().iter_mut().zip(x) {
                *value = simd.sub_f64s(*x, less);
            }
        }
        *eight = transpose.columns(&values);
    }
    for (t, lanes) in rest.iter_mut().enumerate() {
        for ((value, row), less) in lanes.0.iter_mut().zip(rows).zip(less) {
            *value = row[whole + t] - less;
        }
    }
}

/// Samples of eight signals back into rows of their own, as many as there are rows; they are as long as `samples` at least.
#[inline(always)]
pub(crate) fn gather<S: Simd>(_: S, samples: &[Lanes], rows: &mut [&mut [f64]]) {
    let transpose = Transpose::new::<S>();
    let (eights, rest) = samples.as_chunks::<WIDTH>();
    for (k, eight) in eights.iter().enumerate() {
        for (row, values) in rows.iter_mut().zip(transpose.columns(eight)) {
            row[k * WIDTH..(k + 1) * WIDTH].copy_from_slice(&values.0);
        }
    }
    for (t, lanes) in (eights.len() * WIDTH..).zip(rest) {
        for (row, value) in rows.iter_mut().zip(lanes.0) {
            row[t] = value;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct ThereAndBack<'a>(&'a [Vec<f64>], usize);

    impl pulp::WithSimd for ThereAndBack<'_> {
        type Output = Vec<Vec<f64>>;

        #[inline(always)]
        fn with_simd<S: Simd>(self, simd: S) -> Vec<Vec<f64>> {
            let rows = std::array::from_fn(|k| &self.0[k][..]);
            let mut samples = vec![Lanes::ZERO; self.0[0].len()];
            lay_out(simd, rows, std::array::from_fn(|k| k as f64), &mut samples);
            let mut back = vec![vec![0.0; samples.len()]; self.1];
            gather(simd, &samples, &mut back.iter_mut().map(|row| &mut row[..]).collect::<Vec<_>>());
            back
        }
    }

    #[test]
    fn rows_go_there_and_back() {
        for n in [1, 7, 8, 19] {
            let rows: Vec<Vec<f64>> =
                (0..8).map(|k| (0..n).map(|t| (100 * k + t) as f64).collect()).collect();
            for n_rows in [8, 3] {
                let back = pulp::Arch::new().dispatch(ThereAndBack(&rows, n_rows));
                for (k, (row, back)) in rows.iter().zip(back).enumerate() {
                    assert_eq!(back, row.iter().map(|x| x - k as f64).collect::<Vec<_>>());
                }
            }
        }
    }
}

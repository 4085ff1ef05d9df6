//! Signals extended beyond their ends.

use ndarray::ArrayView1;

/// `left` and `right` samples of point reflection (`2·x₀ − x`, as far as the signal reaches, zeros beyond) around `x`.
///
/// `x` must hold a sample.
pub(super) fn reflect_limited(x: ArrayView1<'_, f64>, left: usize, right: usize) -> Vec<f64> {
    let n = x.len();
    let mut padded = vec![0.0; left + n + right];
    for t in 0..n {
        padded[left + t] = x[t];
    }
    for t in 1..=left.min(n - 1) {
        padded[left - t] = 2.0 * x[0] - x[t];
    }
    for t in 1..=right.min(n - 1) {
        padded[left + n - 1 + t] = 2.0 * x[n - 1] - x[n - 1 - t];
    }
    padded
}

/// One sample of that extension, at `t` from the first sample of `x`.
pub(super) fn extended(x: &[f64], t: isize) -> f64 {
    let last = x.len() as isize - 1;
    match t {
        _ if last < 0 => 0.0,
        0.. if t <= last => x[t as usize],
        0.. if t <= 2 * last => 2.0 * x[last as usize] - x[(2 * last - t) as usize],
        _ if t < 0 && -t <= last => 2.0 * x[0] - x[-t as usize],
        _ => 0.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reflects_through_the_ends_and_then_is_zero() {
        let x = ndarray::array![1.0, 2.0, 4.0];
        assert_eq!(reflect_limited(x.view(), 3, 1), [0.0, -2.0, 0.0, 1.0, 2.0, 4.0, 6.0]);
        assert_eq!(reflect_limited(ndarray::array![5.0].view(), 1, 2), [0.0, 5.0, 0.0, 0.0]);
        for x in [vec![5.0], vec![1.0, 2.0, 4.0, 0.5]] {
            let all = reflect_limited(ArrayView1::from(&x), 6, 7);
            let one_by_one: Vec<f64> = (-6..x.len() as isize + 7).map(|t| extended(&x, t)).collect();
            assert_eq!(all, one_by_one);
        }
    }
}

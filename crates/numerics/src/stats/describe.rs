//! Numbers that describe a sample.

use ndarray::ArrayView1;

/// Arithmetic mean; `None` of nothing.
#[must_use]
pub fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

/// Sample standard deviation (`n − 1`); `None` below two values.
#[must_use]
pub fn sd(values: &[f64]) -> Option<f64> {
    let mean = mean(values)?;
    let squares: f64 = values.iter().map(|v| (v - mean).powi(2)).sum();
    (values.len() > 1).then(|| (squares / (values.len() - 1) as f64).sqrt())
}

/// Median, the mean of the two middle values where there are two; `None` of nothing. Rearranges `values`.
#[must_use]
pub fn median_in_place(values: &mut [f64]) -> Option<f64> {
    let n = values.len();
    if n == 0 {
        return None;
    }
    let (below, middle, _) = values.select_nth_unstable_by(n / 2, f64::total_cmp);
    let middle = *middle;
    if n % 2 == 1 {
        return Some(middle);
    }
    let lower = below.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    Some(0.5 * (lower + middle))
}

/// Median, the mean of the two middle values where there are two; `None` of nothing.
///
/// ```
/// assert_eq!(dosewave_numerics::stats::median(&[3.0, 1.0, 2.0, 10.0]), Some(2.5));
/// ```
#[must_use]
pub fn median(values: &[f64]) -> Option<f64> {
    median_in_place(&mut values.to_vec())
}

/// Median of values that are each present `counts[i]` times; `None` when no count is positive.
///
/// ```
/// use dosewave_numerics::stats::weighted_median;
/// assert_eq!(weighted_median(&[1.0, 5.0, 9.0], &[1, 0, 3]), Some(9.0)); // 1 9 9 9
/// ```
#[must_use]
pub fn weighted_median(values: &[f64], counts: &[u32]) -> Option<f64> {
    let mut sorted: Vec<(f64, u32)> =
        values.iter().copied().zip(counts.iter().copied()).filter(|(_, count)| *count > 0).collect();
    sorted.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
    let total: u64 = sorted.iter().map(|(_, count)| u64::from(*count)).sum();
    let at = |rank: u64| {
        let mut seen = 0;
        sorted.iter().find_map(|(value, count)| {
            seen += u64::from(*count);
            (seen > rank).then_some(*value)
        })
    };
    if total == 0 {
        return None;
    }
    Some(0.5 * (at((total - 1) / 2)? + at(total / 2)?))
}

/// Quantile with linear interpolation between order statistics (type 7 of Hyndman & Fan 1996,
/// 10.1080/00031305.1996.10473566; numpy's default); `None` of nothing or for `q` outside `[0, 1]`.
///
/// ```
/// assert_eq!(dosewave_numerics::stats::quantile(&[1.0, 2.0, 3.0, 4.0], 0.25), Some(1.75));
/// ```
#[must_use]
pub fn quantile(values: &[f64], q: f64) -> Option<f64> {
    if values.is_empty() || !(0.0..=1.0).contains(&q) {
        return None;
    }
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let position = q * (sorted.len() - 1) as f64;
    let (low, high) = (position.floor() as usize, position.ceil() as usize);
    Some(sorted[low] + (position - low as f64) * (sorted[high] - sorted[low]))
}

/// Standardised mean of paired differences with Hedges' small-sample factor: `J·mean/sd`, `J = 1 − 3/(4·df − 1)`
/// (Hedges 1981, 10.3102/10769986006002107). `None` below two values or without spread.
#[must_use]
pub fn hedges_dz(values: &[f64]) -> Option<f64> {
    let spread = sd(values).filter(|s| *s > 0.0)?;
    let df = (values.len() - 1) as f64;
    Some((1.0 - 3.0 / (4.0 * df - 1.0)) * mean(values)? / spread)
}

/// Pearson's correlation; `None` for fewer than two values, another length, or values that do not vary.
///
/// ```
/// use dosewave_numerics::stats::correlation;
/// let a = ndarray::array![1.0, 2.0, 3.0, 4.0];
/// let b = ndarray::array![2.0, 1.0, 4.0, 3.0];
/// assert!((correlation(a.view(), b.view()).unwrap() - 0.6).abs() < 1e-12);
/// ```
#[must_use]
pub fn correlation(a: ArrayView1<'_, f64>, b: ArrayView1<'_, f64>) -> Option<f64> {
    if a.len() != b.len() || a.len() < 2 {
        return None;
    }
    let n = a.len() as f64;
    let (mean_a, mean_b) = (a.sum() / n, b.sum() / n);
    let (mut ab, mut aa, mut bb) = (0.0, 0.0, 0.0);
    for (a, b) in a.iter().zip(&b) {
        let (a, b) = (a - mean_a, b - mean_b);
        ab += a * b;
        aa += a * a;
        bb += b * b;
    }
    (aa > 0.0 && bb > 0.0).then(|| ab / (aa * bb).sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn correlation_minds_neither_offset_nor_scale() {
        let a = ndarray::array![1.0, -2.0, 0.5, 4.0, 3.0];
        let b = ndarray::array![0.3, -1.0, 2.0, 1.5, 0.0];
        let r = correlation(a.view(), b.view()).unwrap();
        let moved = correlation((&a * -7.0 + 1e3).view(), b.view()).unwrap();
        assert!((r + moved).abs() < 1e-12 && r.abs() < 1.0);
        assert!((correlation(a.view(), a.view()).unwrap() - 1.0).abs() < 1e-15);
        assert_eq!(correlation(a.view(), ndarray::Array1::ones(5).view()), None);
        assert_eq!(correlation(a.view(), ndarray::array![1.0, 2.0].view()), None);
    }

    #[test]
    fn weighted_median_is_the_median_of_the_repeated_values() {
        let values = [4.0, 1.0, 7.0, 2.0, 9.0];
        for counts in [[1, 1, 1, 1, 1], [0, 2, 3, 0, 1], [5, 0, 0, 0, 0], [2, 2, 2, 2, 2]] {
            let repeated: Vec<f64> =
                values.iter().zip(counts).flat_map(|(v, c)| std::iter::repeat_n(*v, c as usize)).collect();
            assert_eq!(weighted_median(&values, &counts), median(&repeated));
        }
        assert_eq!(weighted_median(&values, &[0; 5]), None);
    }

    #[test]
    fn hedges_factor_at_19_degrees_of_freedom_is_0_960() {
        let values: Vec<f64> = (0..20).map(f64::from).collect();
        let factor = hedges_dz(&values).unwrap() / (mean(&values).unwrap() / sd(&values).unwrap());
        assert!((factor - 0.960).abs() < 5e-4);
        assert_eq!(hedges_dz(&[1.0, 1.0]), None);
    }
}

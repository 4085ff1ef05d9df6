//! Ordinal patterns.

use crate::error::check_finite;
use crate::{Error, Result};
use ndarray::ArrayView1;

/// Number of patterns of `dim` samples, `dim!`.
#[must_use]
pub fn n_patterns(dim: usize) -> usize {
    (1..=dim).product()
}

/// The ordinal pattern at each sample `t`: the order by size of `x(t), x(t + delay) … x(t + (dim − 1) delay)`, equal values in
/// the order of time (Bandt & Pompe 2002, 10.1103/PhysRevLett.88.174102), as a number below `dim!`: the place of the
/// permutation that sorts them among all in lexicographic order, so that rising is 0 and falling `dim! − 1`.
///
/// There are `(dim − 1) · delay` patterns fewer than samples.
///
/// # Errors
/// [`Error::Invalid`] for a dimension below 2 or above 5, or no delay; [`Error::Value`] for values that are not finite.
///
/// ```
/// use dosewave_numerics::directed::ordinal_patterns;
/// let x = ndarray::array![4.0, 7.0, 9.0, 10.0, 6.0, 11.0, 3.0];
/// // 4 < 7 < 9, 7 < 9 < 10, then 6 (third) < 9 < 10 …
/// assert_eq!(ordinal_patterns(x.view(), 3, 1).unwrap(), [0, 0, 4, 2, 4]);
/// ```
pub fn ordinal_patterns(x: ArrayView1<'_, f64>, dim: usize, delay: usize) -> Result<Vec<u8>> {
    if !(2..=5).contains(&dim) {
        return Err(Error::Invalid { parameter: "dim", value: dim.to_string(), allowed: "2 to 5".into() });
    }
    if delay == 0 {
        return Err(Error::Invalid {
            parameter: "delay",
            value: "0".into(),
            allowed: "1 sample or more".into(),
        });
    }
    check_finite(x, "samples")?;
    let n = x.len().saturating_sub((dim - 1) * delay);
    let mut values = [0.0; 5];
    let pattern = |t: usize| {
        (0..dim).for_each(|k| values[k] = x[t + k * delay]);
        number(&values[..dim])
    };
    Ok((0..n).map(pattern).collect())
}

/// The place of the sorting permutation among all of its length.
fn number(values: &[f64]) -> u8 {
    let dim = values.len();
    let mut order = [0_usize; 5];
    (0..dim).for_each(|k| order[k] = k);
    // by insertion, which leaves equals in the order of time
    for k in 1..dim {
        let mut at = k;
        while at > 0 && values[order[at]] < values[order[at - 1]] {
            order.swap(at, at - 1);
            at -= 1;
        }
    }
    let smaller_after = |k: usize| order[k + 1..dim].iter().filter(|later| **later < order[k]).count();
    (0..dim).fold(0, |place, k| place * (dim - k) as u8 + smaller_after(k) as u8)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn every_order_has_its_own_number() {
        for dim in 2..=5_usize {
            let mut seen = HashSet::new();
            // every sequence of `dim` values out of `dim`, those without a repetition are the permutations
            for code in 0..dim.pow(dim as u32) {
                let values: Vec<f64> = (0..dim).map(|k| (code / dim.pow(k as u32) % dim) as f64).collect();
                let distinct: HashSet<u64> = values.iter().map(|v| v.to_bits()).collect();
                if distinct.len() == dim {
                    assert!(seen.insert(number(&values)));
                }
            }
            assert_eq!(seen.len(), n_patterns(dim));
            assert_eq!(usize::from(*seen.iter().max().unwrap()), n_patterns(dim) - 1);
        }
    }

    #[test]
    fn rising_is_first_falling_last_and_equals_keep_time() {
        assert_eq!([number(&[1.0, 2.0, 3.0]), number(&[3.0, 2.0, 1.0])], [0, 5]);
        assert_eq!(number(&[2.0, 2.0, 2.0]), 0);
        assert_eq!(number(&[2.0, 1.0, 2.0]), number(&[2.0, 1.0, 3.0]));
    }

    #[test]
    fn delays_skip_samples_and_monotone_maps_change_nothing() {
        let x = ndarray::Array1::from_shape_fn(50, |t| ((t * t * 7) % 31) as f64 - 9.0);
        let patterns = ordinal_patterns(x.view(), 4, 3).unwrap();
        assert_eq!(patterns.len(), 50 - 9);
        assert_eq!(patterns[5], number(&[x[5], x[8], x[11], x[14]]));
        let cubed = x.mapv(|v| v.powi(3) * 1e-3);
        assert_eq!(ordinal_patterns(cubed.view(), 4, 3).unwrap(), patterns);
        assert!(ordinal_patterns(x.slice(ndarray::s![..9]), 4, 3).unwrap().is_empty());
        assert!(ordinal_patterns(x.view(), 6, 1).is_err() && ordinal_patterns(x.view(), 3, 0).is_err());
    }
}

//! How far an unmixing matrix is from undoing a known mixing.

use crate::{Error, Result};
use ndarray::{ArrayView1, ArrayView2};

/// Amari's distance between an unmixing matrix `[component, channel]` and the true mixing matrix `[channel, source]`
/// (Amari, Cichocki & Yang 1996, Advances in Neural Information Processing Systems 8): 0 when each component is one
/// source, in any order and scale; 1 when all are mixed alike.
///
/// With `P = unmixing · mixing` of n rows and columns, it is
/// `1 / (2n(n−1)) · [Σᵢ (Σⱼ|pᵢⱼ| / maxⱼ|pᵢⱼ| − 1) + Σⱼ (Σᵢ|pᵢⱼ| / maxᵢ|pᵢⱼ| − 1)]`.
///
/// # Errors
/// [`Error::Shape`] when channels differ or there are not as many components as sources, [`Error::TooShort`] below two
/// of them, [`Error::Value`] when a row or column of P is zero or not finite.
///
/// ```
/// use dosewave_numerics::decompose::amari_distance;
/// let mixing = ndarray::array![[1.0, 1.0], [0.0, 2.0]];
/// let swapped = ndarray::array![[0.0, 0.5], [-3.0, 1.5]]; // the second source, then the first times −3
/// assert!(amari_distance(swapped.view(), mixing.view()).unwrap() < 1e-15);
/// let untouched = ndarray::array![[1.0, 0.0], [0.0, 1.0]]; // P = mixing: (1 + 0 + 0 + 0.5) / 4
/// assert!((amari_distance(untouched.view(), mixing.view()).unwrap() - 0.375).abs() < 1e-15);
/// ```
pub fn amari_distance(unmixing: ArrayView2<'_, f64>, mixing: ArrayView2<'_, f64>) -> Result<f64> {
    let n = unmixing.nrows();
    if unmixing.ncols() != mixing.nrows() {
        let what = "channels of the mixing matrix";
        return Err(Error::Shape { what, expected: unmixing.ncols(), got: mixing.nrows() });
    }
    if mixing.ncols() != n {
        return Err(Error::Shape { what: "sources of the mixing matrix", expected: n, got: mixing.ncols() });
    }
    if n < 2 {
        return Err(Error::TooShort { what: "components", got: n, need: 2 });
    }
    let product = unmixing.dot(&mixing);
    let mut sum = 0.0;
    for (index, values) in product.rows().into_iter().chain(product.columns()).enumerate() {
        sum += excess(values, index)?;
    }
    Ok(sum / (2.0 * n as f64 * (n as f64 - 1.0)))
}

/// Sum of magnitudes over the largest, less one.
fn excess(values: ArrayView1<'_, f64>, index: usize) -> Result<f64> {
    let sum: f64 = values.iter().map(|v| v.abs()).sum();
    let largest = values.iter().fold(0.0_f64, |largest, v| largest.max(v.abs()));
    if sum.is_finite() && largest > 0.0 {
        return Ok(sum / largest - 1.0);
    }
    let (what, allowed) = ("rows and columns of unmixing · mixing", "must be finite and not all zero");
    Err(Error::Value { what, index, value: sum, allowed })
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::Array2;

    #[test]
    fn one_is_the_worst() {
        let all = Array2::ones((5, 5));
        assert!((amari_distance(Array2::eye(5).view(), all.view()).unwrap() - 1.0).abs() < 1e-15);
    }

    #[test]
    fn nonsense_is_refused_by_name() {
        let message =
            |a: Array2<f64>, b: Array2<f64>| amari_distance(a.view(), b.view()).unwrap_err().to_string();
        assert!(message(Array2::eye(3), Array2::eye(2)).contains("channels of the mixing"));
        assert!(message(Array2::ones((2, 3)), Array2::ones((3, 3))).contains("sources of the mixing"));
        assert!(message(Array2::eye(1), Array2::eye(1)).contains("1 given, at least 2"));
        assert!(
            message(Array2::zeros((2, 2)), Array2::eye(2)).contains("= 0; must be finite and not all zero")
        );
        assert!(message(Array2::eye(2) * f64::NAN, Array2::eye(2)).contains("NaN"));
    }
}

//! Principal components of unit variance.

use super::dense::{add_products, centred_blocks, channel_means, check, eigen_descending};
use crate::{Error, Result};
use ndarray::{Array1, Array2, ArrayView1, ArrayView2, Axis};

/// A principal component is kept when its variance is above this share of the largest. An average reference leaves a
/// component of 1e-16 or so, which is rounding.
const SMALLEST_VARIANCE_SHARE: f64 = 1e-7;

/// A linear map that makes channels uncorrelated and of unit variance, and back.
#[derive(Clone, Debug, PartialEq)]
pub struct Whitening {
    /// Mean `[channel]`, subtracted first.
    pub mean: Array1<f64>,
    /// `[component, channel]`.
    pub whitener: Array2<f64>,
    /// `[channel, component]`; `whitener · dewhitener` is the identity.
    pub dewhitener: Array2<f64>,
    /// Variance `[component]` of each principal component, descending, in squared units of the data.
    pub variances: Array1<f64>,
    /// Sum of the variances of all channels, what was left out included.
    pub total_variance: f64,
}

/// Principal component analysis of `x [channel, time]`: eigenvectors of the covariance (over the number of samples),
/// scaled to unit variance.
///
/// Components with no more than 1e-7 of the largest one's variance are left out: what an average reference,
/// interpolation or a flat channel takes from the rank. `n_components` is a cap on the rest. The entry of the largest
/// magnitude in each map is positive.
///
/// # Errors
/// [`Error::TooShort`] without a channel or below two samples, [`Error::Value`] for samples that are not finite or whose
/// variance is 0 or too large for a number, [`Error::Invalid`] for a cap of 0.
///
/// ```
/// use dosewave_numerics::decompose::whiten;
/// // the third channel is minus the sum of the others: rank 2
/// let x = ndarray::array![[3.0, -3.0, 3.0, -3.0], [1.0, 1.0, -1.0, -1.0], [-4.0, 2.0, -2.0, 4.0]];
/// let whitening = whiten(x.view(), None).unwrap();
/// assert_eq!(whitening.variances.len(), 2);
/// assert!((whitening.variances.sum() - (9.0 + 1.0 + 10.0)).abs() < 1e-12);
/// ```
pub fn whiten(x: ArrayView2<'_, f64>, n_components: Option<usize>) -> Result<Whitening> {
    check(x)?;
    if n_components == Some(0) {
        let allowed = "1 or more".to_owned();
        return Err(Error::Invalid { parameter: "n_components", value: "0".into(), allowed });
    }
    let mean = channel_means(x);
    let covariance = covariance(x, mean.view());
    let total_variance = covariance.diag().sum();
    if !(total_variance.is_finite() && total_variance > 0.0) {
        let (what, allowed) = ("variance of all channels", "must be finite and above 0");
        return Err(Error::Value { what, index: 0, value: total_variance, allowed });
    }
    let (variances, vectors) = eigen_descending(&covariance)?;
    let rank = variances.iter().take_while(|v| **v > SMALLEST_VARIANCE_SHARE * variances[0]).count();
    let kept: Vec<usize> = (0..rank.min(n_components.unwrap_or(rank))).collect();
    let variances = variances.select(Axis(0), &kept);
    let vectors = vectors.select(Axis(0), &kept);
    let scale = variances.mapv(f64::sqrt).insert_axis(Axis(1));
    let dewhitener = (&vectors * &scale).t().as_standard_layout().into_owned();
    Ok(Whitening { mean, whitener: vectors / scale, dewhitener, variances, total_variance })
}

fn covariance(x: ArrayView2<'_, f64>, mean: ArrayView1<'_, f64>) -> Array2<f64> {
    let n = x.nrows();
    let mut sums = vec![0.0; n * n];
    centred_blocks(x, mean, |_, block| add_products(&mut sums, block, block));
    let sums = Array2::from_shape_fn((n, n), |(i, j)| sums[i * n + j]);
    // products are summed in one order above the diagonal and may be in another below
    (&sums + &sums.t()) / (2.0 * x.ncols() as f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::Stream;

    fn correlated(n_channels: usize, n_times: usize) -> Array2<f64> {
        let mut stream = Stream::new(9, 0);
        let mixing = Array2::from_shape_fn((n_channels, n_channels), |_| stream.normal());
        mixing.dot(&Array2::from_shape_fn((n_channels, n_times), |_| stream.normal())) + 5.0
    }

    fn is_identity(matrix: &Array2<f64>, tolerance: f64) -> bool {
        matrix.indexed_iter().all(|((i, j), v)| (v - f64::from(u8::from(i == j))).abs() < tolerance)
    }

    #[test]
    fn whitened_data_have_the_identity_as_covariance() {
        let x = correlated(6, 1000);
        let w = whiten(x.view(), None).unwrap();
        let z = w.whitener.dot(&(&x - &w.mean.clone().insert_axis(Axis(1))));
        assert!(is_identity(&(z.dot(&z.t()) / 1000.0), 1e-10));
        assert!(is_identity(&w.whitener.dot(&w.dewhitener), 1e-10));
        assert!((w.variances.sum() - w.total_variance).abs() < 1e-10 * w.total_variance);
        let back = w.dewhitener.dot(&z) + &w.mean.clone().insert_axis(Axis(1));
        assert!((&back - &x).iter().all(|d| d.abs() < 1e-10));
        for column in w.dewhitener.columns() {
            let largest = column.iter().fold(0.0_f64, |a, v| a.max(v.abs()));
            assert!(column.iter().any(|v| *v == largest), "the largest entry is positive");
        }
    }

    #[test]
    fn reference_and_flat_channels_lower_the_rank() {
        let mut x = correlated(6, 700);
        x.row_mut(2).fill(3.0);
        assert_eq!(whiten(x.view(), None).unwrap().variances.len(), 5);
        let average = x.mean_axis(Axis(0)).unwrap();
        x -= &average;
        let w = whiten(x.view(), None).unwrap();
        assert_eq!(w.variances.len(), 5, "the flat channel now carries the average");
        assert!(w.whitener.iter().all(|v| v.is_finite()));
        assert_eq!(whiten(x.view(), Some(3)).unwrap().variances, w.variances.slice(ndarray::s![..3]));
        assert_eq!(whiten(x.view(), Some(30)).unwrap(), w);
    }

    #[test]
    fn nonsense_is_refused_by_name() {
        let mut x = correlated(2, 10);
        let message = |x: &Array2<f64>, n| whiten(x.view(), n).unwrap_err().to_string();
        assert!(message(&x, Some(0)).contains("n_components = 0"));
        x[[1, 3]] = f64::NAN;
        assert!(message(&x, None).contains("samples[13] = NaN"));
        assert!(message(&Array2::ones((3, 9)), None).contains("variance of all channels[0] = 0"));
        assert!(message(&Array2::ones((3, 1)), None).contains("1 given, at least 2"));
        assert!(message(&ndarray::array![[1e200, -1e200]], None).contains("= inf"));
    }
}

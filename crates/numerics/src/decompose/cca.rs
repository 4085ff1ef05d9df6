//! Components sorted by how well a sample foretells the next: muscle comes last.

use super::components;
use super::dense::{BLOCK, add_products, centred_blocks, eigen_descending};
use super::whiten::{Whitening, whiten};
use crate::Result;
use ndarray::{Array1, Array2, ArrayView2};

/// Components that are uncorrelated with each other, at the same time and one sample apart, by descending
/// autocorrelation at a lag of one sample.
#[derive(Clone, Debug, PartialEq)]
pub struct BssCca {
    /// Mean `[channel]` of the data.
    pub mean: Array1<f64>,
    /// `[component, channel]`: data without their mean to sources of unit variance.
    pub unmixing: Array2<f64>,
    /// `[channel, component]`: the maps, in units of the data; the largest entry of each is positive.
    pub mixing: Array2<f64>,
    /// `[component]`: correlation of each source with itself one sample before, descending, from −1 to 1.
    pub autocorrelation: Array1<f64>,
}

/// Blind source separation by canonical correlation of `x(t)` with `x(t − 1)`, `x [channel, time]`: muscle, being nearly
/// white, has the lowest autocorrelation (De Clercq et al. 2006, 10.1109/TBME.2006.879459).
///
/// Both sides are taken to have one covariance and their cross-covariance to be symmetric, as those of a stationary
/// signal are; then the canonical correlations are the eigenvalues of the whitened, symmetrised covariance at lag one.
/// Unlike canonical correlations of a sample, these keep their sign, so that a component that alternates from sample to
/// sample comes last, not first. Rank-deficient data have as many components as their rank (see [`whiten`]).
///
/// # Errors
/// As [`whiten`].
///
/// ```
/// use dosewave_numerics::decompose::bss_cca;
/// // a slow sine and an alternation, mixed
/// let mixing = ndarray::array![[1.0, 1.0], [1.0, -2.0]];
/// let sources = ndarray::Array2::from_shape_fn((2, 4000), |(s, t)| {
///     if s == 0 { (0.1 * t as f64).sin() } else { [1.0, -1.0][t % 2] }
/// });
/// let found = bss_cca(mixing.dot(&sources).view()).unwrap();
/// assert!((found.autocorrelation[0] - 0.1_f64.cos()).abs() < 1e-3);
/// assert!((found.autocorrelation[1] + 1.0).abs() < 1e-3);
/// ```
pub fn bss_cca(x: ArrayView2<'_, f64>) -> Result<BssCca> {
    let whitening = whiten(x, None)?;
    let lagged = whitened_lag_one(x, &whitening);
    let (autocorrelation, rotation) = eigen_descending(&lagged)?;
    let mut unmixing = rotation.dot(&whitening.whitener);
    let mut mixing = whitening.dewhitener.dot(&rotation.t());
    components::turn_maps_positive(&mut mixing, &mut unmixing);
    Ok(BssCca { mean: whitening.mean, unmixing, mixing, autocorrelation })
}

/// Symmetric part of `E z(t) z(t−1)ᵀ` of whitened data. Over the number of samples, not of pairs: so its eigenvalues
/// cannot leave −1 to 1.
fn whitened_lag_one(x: ArrayView2<'_, f64>, whitening: &Whitening) -> Array2<f64> {
    let n = x.nrows();
    let mut sums = vec![0.0; n * n];
    let mut before = vec![0.0; n * BLOCK];
    centred_blocks(x, whitening.mean.view(), |_, block| {
        for (delayed, row) in before.chunks_exact_mut(BLOCK).zip(block.chunks_exact(BLOCK)) {
            // the first is the last of the block before
            delayed.rotate_right(1);
            delayed[1..].copy_from_slice(&row[..BLOCK - 1]);
        }
        add_products(&mut sums, block, &before);
        for (delayed, row) in before.chunks_exact_mut(BLOCK).zip(block.chunks_exact(BLOCK)) {
            delayed[BLOCK - 1] = row[BLOCK - 1];
        }
    });
    let sums = Array2::from_shape_fn((n, n), |(i, j)| (sums[i * n + j] + sums[j * n + i]) * 0.5);
    let whitened = whitening.whitener.dot(&sums).dot(&whitening.whitener.t()) / x.ncols() as f64;
    (&whitened + &whitened.t()) * 0.5
}

impl BssCca {
    /// Time courses `[component, time]` of `x [channel, time]`: `unmixing · (x − mean)`.
    ///
    /// # Errors
    /// [`crate::Error::Shape`] for another number of channels.
    pub fn sources(&self, x: ArrayView2<'_, f64>) -> Result<Array2<f64>> {
        components::sources(x, &self.mean, &self.unmixing)
    }

    /// `x [channel, time]` less the projections of the components `removed`.
    ///
    /// # Errors
    /// [`crate::Error::Shape`] for another number of channels, [`crate::Error::Invalid`] for a component that is not there.
    pub fn without(&self, x: ArrayView2<'_, f64>, removed: &[usize]) -> Result<Array2<f64>> {
        components::without(x, &self.mean, (&self.unmixing, &self.mixing), removed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decompose::amari_distance;
    use crate::stats::Stream;
    use ndarray::{Axis, s};

    const POLES: [f64; 4] = [0.95, 0.7, 0.1, -0.6];

    /// Autoregressive sources `s(t) = a s(t−1) + noise`, whose autocorrelation is a; `mixing` and the mixture.
    fn mixture(n_times: usize) -> (Array2<f64>, Array2<f64>) {
        let mut stream = Stream::new(21, 0);
        let mut sources = Array2::zeros((4, n_times));
        for (mut row, pole) in sources.rows_mut().into_iter().zip(POLES) {
            let mut last = 0.0;
            for value in &mut row {
                last = pole * last + stream.normal();
                *value = last;
            }
        }
        let mixing = Array2::from_shape_fn((4, 4), |_| stream.normal());
        let x = mixing.dot(&sources) + 7.0;
        (mixing, x)
    }

    #[test]
    fn autoregressive_sources_are_found_with_their_autocorrelations() {
        let (mixing, x) = mixture(100_000);
        let found = bss_cca(x.view()).unwrap();
        for (found, pole) in found.autocorrelation.iter().zip(POLES) {
            assert!((found - pole).abs() < 0.01, "{found} for {pole}");
        }
        assert!(amari_distance(found.unmixing.view(), mixing.view()).unwrap() < 0.02);
        let last = found.sources(x.view()).unwrap();
        let last = last.row(3);
        assert!((last.dot(&last) / last.len() as f64 - 1.0).abs() < 1e-10, "unit variance");
    }

    /// Canonical correlation by its definition: eigenvalues of `Caa⁻¹ Cab Cbb⁻¹ Cba` are squared correlations.
    #[test]
    fn squared_autocorrelations_are_those_of_the_definition() {
        let (_, x) = mixture(20_000);
        let centred = &x - &x.mean_axis(Axis(1)).unwrap().insert_axis(Axis(1));
        let (now, before) = (centred.slice(s![.., 1..]), centred.slice(s![.., ..-1]));
        let inverse = |c: Array2<f64>| {
            let (values, vectors) = eigen_descending(&c).unwrap();
            vectors.t().dot(&(&vectors / &values.insert_axis(Axis(1))))
        };
        let cross = now.dot(&before.t());
        let matrix =
            inverse(now.dot(&now.t())).dot(&cross).dot(&inverse(before.dot(&before.t()))).dot(&cross.t());
        let matrix = faer::Mat::from_fn(4, 4, |i, j| matrix[[i, j]]);
        let mut squared: Vec<f64> = matrix.eigenvalues().unwrap().iter().map(|v| v.re).collect();
        squared.sort_by(|a, b| b.total_cmp(a));
        let mut found: Vec<f64> = bss_cca(x.view()).unwrap().autocorrelation.iter().map(|a| a * a).collect();
        found.sort_by(|a, b| b.total_cmp(a));
        for (found, expected) in found.iter().zip(&squared) {
            assert!((found - expected).abs() < 2e-3, "{found} {expected}");
        }
    }

    #[test]
    fn lag_one_is_that_of_the_definition() {
        let (_, x) = mixture(3 * BLOCK + 5);
        let whitening = whiten(x.view(), None).unwrap();
        let z = whitening.whitener.dot(&(&x - &whitening.mean.clone().insert_axis(Axis(1))));
        let products = z.slice(s![.., 1..]).dot(&z.slice(s![.., ..-1]).t()) / x.ncols() as f64;
        let expected = (&products + &products.t()) * 0.5;
        let found = whitened_lag_one(x.view(), &whitening);
        assert!((&found - &expected).iter().all(|d| d.abs() < 1e-12));
    }

    #[test]
    fn removing_all_leaves_the_mean_and_none_leaves_all() {
        let (_, mut x) = mixture(2000);
        let average = x.mean_axis(Axis(0)).unwrap();
        x -= &average;
        let found = bss_cca(x.view()).unwrap();
        assert_eq!(found.autocorrelation.len(), 3, "an average reference takes one");
        let nothing = found.without(x.view(), &[0, 1, 2]).unwrap();
        for (row, mean) in nothing.rows().into_iter().zip(&found.mean) {
            assert!(row.iter().all(|v| (v - mean).abs() < 1e-10));
        }
        let scaled = bss_cca((&x * 1e-6).view()).unwrap();
        assert!((&scaled.autocorrelation - &found.autocorrelation).iter().all(|d| d.abs() < 1e-10));
    }
}

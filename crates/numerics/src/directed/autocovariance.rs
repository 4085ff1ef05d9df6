//! From cross-spectra to autocovariances.

use super::CrossSums;
use crate::decompose::eigen_descending;
use crate::error::check_finite;
use crate::spectral::inverse_real_fft;
use crate::{Error, Result};
use ndarray::{Array2, Array3, ArrayView2, s};
use num_complex::Complex64;
use std::ops::Range;

/// Autocovariances `Γ_ij(k) = E x_i(t) x_j(t − k)` of pairs of signals, up to a common factor (Wiener and Khinchin).
#[derive(Clone, Debug, PartialEq)]
pub struct Autocovariances {
    pairs: Vec<(usize, usize)>,
    n_lags: usize,
    /// Of each pair `(i, j)`: `Γ_ij(0 … n_lags)`, then `Γ_ji(0 … n_lags)`.
    values: Vec<f64>,
    /// Of each pair: the sum of the real parts over its bins, a covariance that orders the directions of signal space.
    covariances: Vec<f64>,
}

impl Autocovariances {
    /// Lags 0 to `n_lags` of all pairs, from those `bins` of the sums, which are taken for 0 Hz to half the rate of a
    /// signal with `period` samples: `2 (bins − 1)` or `2 (bins − 1) + 1`.
    ///
    /// All bins with the length of an epoch as the period give the autocovariances of the epochs. Fewer bins give those
    /// of another signal, one that has nothing outside them and is resampled to twice their width: the estimand of
    /// mne-connectivity where its `fmin` and `fmax` leave bins out.
    ///
    /// # Errors
    /// [`Error::Shape`] for bins that are not there or another period, [`Error::Invalid`] for more lags than the period
    /// holds.
    pub fn new(sums: &CrossSums, bins: Range<usize>, period: usize, n_lags: usize) -> Result<Self> {
        let n_freqs = bins.len();
        if bins.end > sums.n_freqs() || n_freqs < 2 {
            return Err(Error::Shape {
                what: "bins of the cross-spectra",
                expected: sums.n_freqs(),
                got: n_freqs,
            });
        }
        if period / 2 + 1 != n_freqs {
            return Err(Error::Shape { what: "bins for the period", expected: period / 2 + 1, got: n_freqs });
        }
        if n_lags == 0 || n_lags >= period {
            let allowed = format!("1 to {}, fewer than the samples of an epoch", period - 1);
            return Err(Error::Invalid { parameter: "n_lags", value: n_lags.to_string(), allowed });
        }
        let plan = inverse_real_fft(period);
        let (mut spectrum, mut signal) = (vec![Complex64::ZERO; n_freqs], vec![0.0; period]);
        let mut scratch = plan.make_scratch_vec();
        let mut values = Vec::with_capacity(sums.pairs().len() * 2 * (n_lags + 1));
        let mut covariances = Vec::with_capacity(sums.pairs().len());
        for pair in 0..sums.pairs().len() {
            let (re, im) = sums.row(pair);
            let (re, im) = (&re[bins.clone()], &im[bins.clone()]);
            covariances.push(re.iter().sum());
            spectrum
                .iter_mut()
                .zip(re.iter().zip(im))
                .for_each(|(z, (re, im))| *z = Complex64::new(*re, *im));
            // a real signal has nothing imaginary there
            spectrum[0].im = 0.0;
            if period.is_multiple_of(2) {
                spectrum[n_freqs - 1].im = 0.0;
            }
            plan.process_with_scratch(&mut spectrum, &mut signal, &mut scratch).map_err(|_| {
                Error::Shape { what: "samples of a transform", expected: period, got: signal.len() }
            })?;
            let scale = 1.0 / period as f64;
            values.extend(signal[..=n_lags].iter().map(|v| v * scale));
            values.extend((0..=n_lags).map(|lag| signal[(period - lag) % period] * scale));
        }
        Ok(Self { pairs: sums.pairs().to_vec(), n_lags, values, covariances })
    }

    /// `Γ(k)` of some signals, `[lag, signal, signal]`.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a pair of signals that is not among the pairs.
    pub fn of(&self, signals: &[usize]) -> Result<Array3<f64>> {
        let (n, per_pair) = (signals.len(), 2 * (self.n_lags + 1));
        let mut gamma = Array3::zeros((self.n_lags + 1, n, n));
        for (a, &i) in signals.iter().enumerate() {
            for (b, &j) in signals.iter().enumerate() {
                let start = self.place(i, j)? * per_pair + if i <= j { 0 } else { self.n_lags + 1 };
                let lags = &self.values[start..=start + self.n_lags];
                gamma.slice_mut(s![.., a, b]).iter_mut().zip(lags).for_each(|(out, v)| *out = *v);
            }
        }
        Ok(gamma)
    }

    /// The `rank` directions of these signals that hold most of their covariance, as columns `[signal, rank]`.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a rank of 0 or above the number of signals, or signals that are not among the pairs.
    pub fn directions(&self, signals: &[usize], rank: usize) -> Result<Array2<f64>> {
        let n = signals.len();
        if rank == 0 || rank > n {
            let allowed = format!("1 to {n}, the number of signals");
            return Err(Error::Invalid { parameter: "rank", value: rank.to_string(), allowed });
        }
        let mut covariance = Array2::zeros((n, n));
        for (a, &i) in signals.iter().enumerate() {
            for (b, &j) in signals.iter().enumerate() {
                covariance[[a, b]] = self.covariances[self.place(i, j)?];
            }
        }
        let (_, rows) = eigen_descending(&covariance)?;
        Ok(rows.slice(s![..rank, ..]).t().to_owned())
    }

    fn place(&self, i: usize, j: usize) -> Result<usize> {
        self.pairs.binary_search(&(i.min(j), i.max(j))).map_err(|_| Error::Invalid {
            parameter: "signals",
            value: format!("({i}, {j})"),
            allowed: "pairs whose cross-spectra were summed".into(),
        })
    }
}

/// Number of singular values of `x [signal, time]` that are at least `tolerance` times the largest; 0 of silence.
///
/// # Errors
/// [`Error::Value`] for values that are not finite, [`Error::NotConverged`] when the decomposition does not settle.
pub fn numerical_rank(x: ArrayView2<'_, f64>, tolerance: f64) -> Result<usize> {
    check_finite(x, "samples")?;
    // singular values squared
    let (powers, _) = eigen_descending(&x.dot(&x.t()))?;
    let largest = powers.first().copied().unwrap_or(0.0);
    Ok(powers.iter().filter(|power| largest > 0.0 && **power >= largest * tolerance * tolerance).count())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::Stream;
    use std::f64::consts::PI;

    /// The slow twin: circular autocovariances of a signal, from its naive transform.
    #[test]
    fn autocovariances_are_circular_products_of_the_signals() {
        let mut stream = Stream::new(1, 0);
        for n in [16_usize, 15] {
            let x = Array2::from_shape_fn((2, n), |_| stream.normal());
            let coef = |c: usize, k: usize| -> Complex64 {
                let angle = |t: usize| -2.0 * PI * (k * t) as f64 / n as f64;
                (0..n).map(|t| x[[c, t]] * Complex64::from_polar(1.0, angle(t))).sum()
            };
            let n_freqs = n / 2 + 1;
            let coefs = Array3::from_shape_fn((2, 1, n_freqs), |(c, _, k)| coef(c, k));
            let mut sums = CrossSums::new(&[(0, 0), (0, 1), (1, 1)], n_freqs);
            sums.add_epoch(coefs.view(), &[1.0]).unwrap();
            let gamma = Autocovariances::new(&sums, 0..n_freqs, n, 4).unwrap();
            let swapped = gamma.of(&[1, 0]).unwrap();
            let gamma = gamma.of(&[0, 1]).unwrap();
            for lag in 0..5 {
                for (i, j) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
                    let expected: f64 = (0..n).map(|t| x[[i, (t + lag) % n]] * x[[j, t]]).sum();
                    assert!((gamma[[lag, i, j]] - expected).abs() < 1e-12, "n = {n}, lag {lag}, ({i}, {j})");
                    assert_eq!(gamma[[lag, i, j]], swapped[[lag, 1 - i, 1 - j]]);
                }
            }
        }
    }

    #[test]
    fn directions_are_those_of_the_largest_covariance() {
        let mut sums = CrossSums::new(&[(0, 0), (0, 1), (1, 1)], 3);
        // the second signal is twice the first
        let coefs = Array3::from_shape_fn((2, 1, 3), |(c, _, k)| Complex64::new((1 + c) as f64, k as f64));
        sums.add_epoch(coefs.view(), &[1.0]).unwrap();
        let gamma = Autocovariances::new(&sums, 0..3, 4, 2).unwrap();
        let first = gamma.directions(&[0, 1], 1).unwrap();
        assert_eq!(first.dim(), (2, 1));
        assert!((first[[1, 0]].abs() - (first[[0, 0]].abs() + 0.4)).abs() < 0.3);
        assert!(gamma.directions(&[0, 1], 3).is_err() && gamma.directions(&[0, 1], 0).is_err());
        assert!(gamma.of(&[0, 2]).is_err());
        for (bins, period, n_lags) in [(0..4, 6, 2), (0..3, 7, 2), (0..3, 4, 4), (0..3, 4, 0), (2..3, 0, 1)] {
            assert!(Autocovariances::new(&sums, bins, period, n_lags).is_err());
        }
    }
}

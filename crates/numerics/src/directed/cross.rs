//! Sums of cross-spectra over epochs, and nothing else: what autocovariances need.

use crate::{Error, Result};
use ndarray::ArrayView3;
use num_complex::Complex64;

/// `Σ X_i · conj(X_j)` over tapers and epochs per pair and frequency, in memory of pairs × frequencies.
#[derive(Clone, Debug, PartialEq)]
pub struct CrossSums {
    /// Pairs `(i, j)`, `i ≤ j`, ascending.
    pairs: Vec<(usize, usize)>,
    n_freqs: usize,
    /// Real and imaginary parts of one pair after the other.
    re: Vec<f64>,
    im: Vec<f64>,
}

impl CrossSums {
    /// Empty sums for the pairs of channels asked for; order and repetitions do not matter.
    #[must_use]
    pub fn new(pairs: &[(usize, usize)], n_freqs: usize) -> Self {
        let mut pairs: Vec<(usize, usize)> = pairs.iter().map(|&(i, j)| (i.min(j), i.max(j))).collect();
        pairs.sort_unstable();
        pairs.dedup();
        let zeros = vec![0.0; pairs.len() * n_freqs];
        Self { pairs, n_freqs, re: zeros.clone(), im: zeros }
    }

    /// The sums of two signals: their auto-spectra and the parts of `S_01`, one value per frequency.
    ///
    /// # Errors
    /// [`Error::Shape`] when these differ in number.
    pub fn of_two(auto: [&[f64]; 2], cross: [&[f64]; 2]) -> Result<Self> {
        let n_freqs = auto[0].len();
        for other in [auto[1], cross[0], cross[1]] {
            if other.len() != n_freqs {
                return Err(Error::Shape {
                    what: "frequencies of a spectrum",
                    expected: n_freqs,
                    got: other.len(),
                });
            }
        }
        let zeros = vec![0.0; n_freqs];
        let pairs = vec![(0, 0), (0, 1), (1, 1)];
        let (re, im) = ([auto[0], cross[0], auto[1]].concat(), [&zeros, cross[1], &zeros].concat());
        Ok(Self { pairs, n_freqs, re, im })
    }

    /// The pairs, each once, the lower index first.
    #[must_use]
    pub fn pairs(&self) -> &[(usize, usize)] {
        &self.pairs
    }

    /// Number of frequencies.
    #[must_use]
    pub fn n_freqs(&self) -> usize {
        self.n_freqs
    }

    /// Adds one epoch: coefficients `[channel, taper, freq]` with one weight per taper (the root of its eigenvalue).
    ///
    /// # Errors
    /// [`Error::Shape`] for another number of weights or frequencies, or channels that are not there.
    pub fn add_epoch(&mut self, coefs: ArrayView3<'_, Complex64>, weights: &[f64]) -> Result<()> {
        let (n_channels, n_tapers, n_freqs) = coefs.dim();
        let last = self.pairs.iter().map(|pair| pair.1 + 1).max().unwrap_or(0);
        for (what, expected, got) in [
            ("taper weights", n_tapers, weights.len()),
            ("frequencies", self.n_freqs, n_freqs),
            ("channels of an epoch", n_channels.max(last), n_channels),
        ] {
            if expected != got {
                return Err(Error::Shape { what, expected, got });
            }
        }
        let weight = |at: usize| weights[at / n_freqs % n_tapers];
        let re: Vec<f64> = coefs.iter().enumerate().map(|(at, z)| weight(at) * z.re).collect();
        let im: Vec<f64> = coefs.iter().enumerate().map(|(at, z)| weight(at) * z.im).collect();
        pulp::Arch::new().dispatch(AddEpoch { sums: self, re: &re, im: &im, n_tapers });
        Ok(())
    }

    /// Adds the sums of other epochs.
    ///
    /// # Errors
    /// [`Error::Shape`] for other pairs or frequencies.
    pub fn merge(&mut self, other: &Self) -> Result<()> {
        if self.pairs != other.pairs || self.n_freqs != other.n_freqs {
            let (expected, got) = (self.re.len(), other.re.len());
            return Err(Error::Shape { what: "pairs × frequencies to merge", expected, got });
        }
        self.re.iter_mut().zip(&other.re).for_each(|(sum, v)| *sum += v);
        self.im.iter_mut().zip(&other.im).for_each(|(sum, v)| *sum += v);
        Ok(())
    }

    /// Real and imaginary parts of a pair by its place in [`Self::pairs`].
    pub(super) fn row(&self, pair: usize) -> (&[f64], &[f64]) {
        let range = pair * self.n_freqs..(pair + 1) * self.n_freqs;
        (&self.re[range.clone()], &self.im[range])
    }
}

/// One epoch onto the sums, with the widest vectors that the processor has; each sum has its own place, so their width
/// changes no result.
struct AddEpoch<'a> {
    sums: &'a mut CrossSums,
    re: &'a [f64],
    im: &'a [f64],
    n_tapers: usize,
}

impl pulp::WithSimd for AddEpoch<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, _: S) {
        let n_freqs = self.sums.n_freqs;
        if n_freqs == 0 {
            return;
        }
        let rows = self.sums.re.chunks_exact_mut(n_freqs).zip(self.sums.im.chunks_exact_mut(n_freqs));
        for ((sum_re, sum_im), &(i, j)) in rows.zip(&self.sums.pairs) {
            for taper in 0..self.n_tapers {
                let row = |channel: usize| {
                    let start = (channel * self.n_tapers + taper) * n_freqs;
                    (&self.re[start..start + n_freqs], &self.im[start..start + n_freqs])
                };
                let (a_re, a_im) = row(i);
                let (b_re, b_im) = row(j);
                for k in 0..n_freqs {
                    sum_re[k] += a_re[k] * b_re[k] + a_im[k] * b_im[k];
                    sum_im[k] += a_im[k] * b_re[k] - a_re[k] * b_im[k];
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::Stream;
    use ndarray::{Array3, Array4, Axis};

    #[test]
    fn sums_are_those_of_the_definition() {
        let mut stream = Stream::new(1, 0);
        let coefs = Array4::from_shape_fn((3, 4, 2, 7), |_| Complex64::new(stream.normal(), stream.normal()));
        let weights = [1.0, 0.5];
        let mut sums = CrossSums::new(&[(2, 0), (3, 3), (0, 2), (1, 3)], 7);
        assert_eq!(sums.pairs(), [(0, 2), (1, 3), (3, 3)]);
        let mut rest = sums.clone();
        sums.add_epoch(coefs.index_axis(Axis(0), 0), &weights).unwrap();
        rest.add_epoch(coefs.index_axis(Axis(0), 1), &weights).unwrap();
        rest.add_epoch(coefs.index_axis(Axis(0), 2), &weights).unwrap();
        sums.merge(&rest).unwrap();
        for (p, (i, j)) in [(0, 2), (1, 3), (3, 3)].into_iter().enumerate() {
            for k in 0..7 {
                let mut expected = Complex64::ZERO;
                for e in 0..3 {
                    for t in 0..2 {
                        expected += coefs[[e, i, t, k]] * coefs[[e, j, t, k]].conj() * weights[t].powi(2);
                    }
                }
                let (re, im) = sums.row(p);
                assert!((Complex64::new(re[k], im[k]) - expected).norm() < 1e-13);
            }
        }
    }

    #[test]
    fn two_signals_are_made_of_their_spectra() {
        let coefs = Array3::from_shape_fn((2, 1, 3), |(c, _, k)| Complex64::new(1.0 + c as f64, k as f64));
        let mut sums = CrossSums::new(&[(0, 0), (0, 1), (1, 1)], 3);
        sums.add_epoch(coefs.view(), &[1.0]).unwrap();
        let of_two =
            CrossSums::of_two([sums.row(0).0, sums.row(2).0], [sums.row(1).0, sums.row(1).1]).unwrap();
        assert_eq!(of_two, sums);
        assert!(CrossSums::of_two([&[1.0], &[1.0]], [&[1.0], &[]]).is_err());
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let mut sums = CrossSums::new(&[(0, 2)], 5);
        assert!(sums.add_epoch(Array3::zeros((2, 1, 5)).view(), &[1.0]).is_err(), "no third channel");
        assert!(sums.add_epoch(Array3::zeros((3, 1, 4)).view(), &[1.0]).is_err());
        assert!(sums.add_epoch(Array3::zeros((3, 1, 5)).view(), &[1.0, 1.0]).is_err());
        assert!(sums.merge(&CrossSums::new(&[(0, 1)], 5)).is_err());
    }
}

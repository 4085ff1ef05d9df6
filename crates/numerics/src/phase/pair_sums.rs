//! Running sums over epochs per pair and frequency.

use super::{Measure, SplitEpoch};
use crate::{Error, Result};
use ndarray::{Array2, ArrayView3, Axis};
use num_complex::Complex64;
use std::ops::Range;

/// The sums that every phase measure is a function of, per pair and frequency, and the auto-spectra per channel and
/// frequency. With `S = X·conj(Y)` of a pair `(x, y)` in one epoch (tapers summed): ΣS, ΣS/|S|, Σ sign Im S, Σ|Im S|,
/// Σ(Im S)². Memory does not grow with epochs; sums of parts merge into sums of the whole.
///
/// ```
/// use dosewave_numerics::phase::{Measure, PairSums};
/// use num_complex::Complex64;
/// // two channels, one taper, one frequency; the second lags by 90° in every epoch
/// let mut sums = PairSums::new(2, &[(0, 1)], 1).unwrap();
/// for epoch in 1..=5 {
///     let x = Complex64::new(f64::from(epoch), 0.0);
///     let coefs = ndarray::array![[[x]], [[x * Complex64::new(0.0, -1.0)]]];
///     sums.add_epoch(coefs.view(), &[1.0]).unwrap();
/// }
/// assert!((sums.measure(Measure::Dpli)[[0, 0]] - 1.0).abs() < 1e-12); // x leads y
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct PairSums {
    pub(crate) pairs: Vec<(usize, usize)>,
    pub(crate) n: usize,
    pub(crate) re: Array2<f64>,
    pub(crate) im: Array2<f64>,
    pub(crate) unit_re: Array2<f64>,
    pub(crate) unit_im: Array2<f64>,
    pub(crate) sign_im: Array2<f64>,
    pub(crate) abs_im: Array2<f64>,
    pub(crate) im_squared: Array2<f64>,
    /// `[channel, freq]`.
    pub(crate) auto: Array2<f64>,
}

impl PairSums {
    /// Empty sums for `pairs` of channel indices.
    ///
    /// # Errors
    /// [`Error::Invalid`] when a pair names a channel that is not there.
    pub fn new(n_channels: usize, pairs: &[(usize, usize)], n_freqs: usize) -> Result<Self> {
        if let Some((a, b)) = pairs.iter().find(|(a, b)| *a >= n_channels || *b >= n_channels) {
            return Err(Error::Invalid {
                parameter: "pairs",
                value: format!("({a}, {b})"),
                allowed: format!("channel indices below {n_channels}"),
            });
        }
        let zeros = || Array2::zeros((pairs.len(), n_freqs));
        Ok(Self {
            pairs: pairs.to_vec(),
            n: 0,
            re: zeros(),
            im: zeros(),
            unit_re: zeros(),
            unit_im: zeros(),
            sign_im: zeros(),
            abs_im: zeros(),
            im_squared: zeros(),
            auto: Array2::zeros((n_channels, n_freqs)),
        })
    }

    /// Adds one epoch: coefficients `[channel, taper, freq]` and one weight per taper (the root of its eigenvalue).
    ///
    /// # Errors
    /// [`Error::Shape`] when channels, tapers or frequencies differ from what was announced.
    pub fn add_epoch(&mut self, coefs: ArrayView3<'_, Complex64>, weights: &[f64]) -> Result<()> {
        self.add_split(&SplitEpoch::new(coefs, weights)?)
    }

    /// Adds one epoch that is laid out already.
    ///
    /// # Errors
    /// [`Error::Shape`] when channels or frequencies differ from what was announced.
    pub fn add_split(&mut self, epoch: &SplitEpoch) -> Result<()> {
        self.add_epochs(&[epoch])
    }

    /// Adds epochs, in their order: the same as one [`Self::add_split`] after the other, to the same bits. Some pairs at a
    /// time, so that their sums stay in the cache while the epochs pass by.
    ///
    /// # Errors
    /// [`Error::Shape`] when channels or frequencies of an epoch differ from what was announced.
    pub fn add_epochs(&mut self, epochs: &[&SplitEpoch]) -> Result<()> {
        const PAIRS_AT_ONCE: usize = 64;
        for epoch in epochs {
            self.check(epoch)?;
            self.add_auto(epoch);
        }
        self.n += epochs.len();
        let n_pairs = self.pairs.len();
        for start in (0..n_pairs).step_by(PAIRS_AT_ONCE) {
            for epoch in epochs {
                self.add_pairs(epoch, start..(start + PAIRS_AT_ONCE).min(n_pairs));
            }
        }
        Ok(())
    }

    fn add_pairs(&mut self, epoch: &SplitEpoch, pairs: Range<usize>) {
        pulp::Arch::new().dispatch(AddPairs { sums: self, epoch, pairs });
    }

    fn check(&self, epoch: &SplitEpoch) -> Result<()> {
        let (n_channels, n_freqs) = self.auto.dim();
        if (epoch.n_channels, epoch.n_freqs) == (n_channels, n_freqs) {
            return Ok(());
        }
        Err(Error::Shape {
            what: "channels × frequencies of an epoch",
            expected: n_channels * n_freqs,
            got: epoch.n_channels * epoch.n_freqs,
        })
    }

    fn add_auto(&mut self, epoch: &SplitEpoch) {
        for (channel, mut sum) in self.auto.outer_iter_mut().enumerate() {
            for taper in 0..epoch.n_tapers {
                let (re, im) = epoch.row(channel, taper);
                for ((out, a), b) in sum.iter_mut().zip(re).zip(im) {
                    *out += a * a + b * b;
                }
            }
        }
    }

    /// Adds one epoch's cross-spectrum of pair `p` to its sums. Two loops without branches, so that both vectorise.
    #[inline(always)]
    fn add_pair(&mut self, p: usize, s_re: &[f64], s_im: &[f64]) {
        let n = s_re.len();
        let start = p * n;
        let (re, im) = (slice(&mut self.re, start, n), slice(&mut self.im, start, n));
        for f in 0..n {
            re[f] += s_re[f];
            im[f] += s_im[f];
        }
        let (abs_im, im_squared) = (slice(&mut self.abs_im, start, n), slice(&mut self.im_squared, start, n));
        let sign_im = slice(&mut self.sign_im, start, n);
        for f in 0..n {
            let v = s_im[f];
            abs_im[f] += v.abs();
            im_squared[f] += v * v;
            sign_im[f] += f64::from(u8::from(v > 0.0)) - f64::from(u8::from(v < 0.0));
        }
        let (unit_re, unit_im) = (slice(&mut self.unit_re, start, n), slice(&mut self.unit_im, start, n));
        for f in 0..n {
            let modulus = (s_re[f] * s_re[f] + s_im[f] * s_im[f]).sqrt();
            let inverse = if modulus > 0.0 { 1.0 / modulus } else { 0.0 };
            unit_re[f] += s_re[f] * inverse;
            unit_im[f] += s_im[f] * inverse;
        }
    }

    /// Number of epochs added.
    #[must_use]
    pub fn n(&self) -> usize {
        self.n
    }

    /// The pairs.
    #[must_use]
    pub fn pairs(&self) -> &[(usize, usize)] {
        &self.pairs
    }

    /// Number of frequencies.
    #[must_use]
    pub fn n_freqs(&self) -> usize {
        self.auto.ncols()
    }

    /// Summed auto-spectra `[channel, freq]`.
    #[must_use]
    pub fn auto(&self) -> &Array2<f64> {
        &self.auto
    }

    /// Adds the sums of other epochs of the same pairs.
    ///
    /// # Errors
    /// [`Error::Shape`] when pairs, channels or frequencies differ.
    pub fn merge(&mut self, other: &Self) -> Result<()> {
        self.add_scaled(other, 1)
    }

    fn add_scaled(&mut self, other: &Self, count: u32) -> Result<()> {
        if self.pairs != other.pairs || self.auto.dim() != other.auto.dim() {
            return Err(Error::Shape {
                what: "pairs to merge",
                expected: self.pairs.len(),
                got: other.pairs.len(),
            });
        }
        self.n += count as usize * other.n;
        let theirs = other.arrays();
        for (mine, theirs) in self.arrays_mut().into_iter().zip(theirs) {
            mine.scaled_add(f64::from(count), theirs);
        }
        Ok(())
    }

    /// The counted sum of blocks, `Σ_b counts[b]·blocks[b]`: a resampled set of epochs.
    ///
    /// # Errors
    /// [`Error::Shape`] when counts and blocks, or the blocks among themselves, differ; [`Error::TooShort`] for none.
    pub fn combine(blocks: &[&Self], counts: &[u32]) -> Result<Self> {
        let first = blocks.first().ok_or(Error::TooShort { what: "blocks to combine", got: 0, need: 1 })?;
        if counts.len() != blocks.len() {
            return Err(Error::Shape { what: "block counts", expected: blocks.len(), got: counts.len() });
        }
        let mut sum = Self::new(first.auto.nrows(), &first.pairs, first.auto.ncols())?;
        for (block, count) in blocks.iter().zip(counts) {
            sum.add_scaled(block, *count)?;
        }
        Ok(sum)
    }

    /// Puts the pairs of `parts`, which saw the same epochs, one after the other; the auto-spectra are those of the
    /// first part.
    ///
    /// # Errors
    /// [`Error::Shape`] when the parts saw different epochs, channels or frequencies; [`Error::TooShort`] for none.
    pub fn stack(parts: Vec<Self>) -> Result<Self> {
        let mut parts = parts.into_iter();
        let mut whole = parts.next().ok_or(Error::TooShort { what: "parts to stack", got: 0, need: 1 })?;
        for part in parts {
            if part.n != whole.n || part.auto.dim() != whole.auto.dim() {
                return Err(Error::Shape { what: "epochs of the parts", expected: whole.n, got: part.n });
            }
            let theirs = part.pair_arrays();
            for (mine, theirs) in whole.pair_arrays_mut().into_iter().zip(theirs) {
                mine.append(Axis(0), theirs.view()).map_err(|_| Error::Shape {
                    what: "frequencies of the parts",
                    expected: mine.ncols(),
                    got: theirs.ncols(),
                })?;
            }
            whole.pairs.extend_from_slice(&part.pairs);
        }
        Ok(whole)
    }

    /// A measure `[pair, freq]`. A value that is undefined (a silent channel, one epoch where two are needed) is NaN
    /// here and becomes a missing value with a reason one floor up.
    #[must_use]
    pub fn measure(&self, measure: Measure) -> Array2<f64> {
        Array2::from_shape_fn(self.re.dim(), |(p, f)| {
            let (x, y) = self.pairs[p];
            measure.of(&super::measure::Sums {
                n: self.n as f64,
                re: self.re[[p, f]],
                im: self.im[[p, f]],
                unit_re: self.unit_re[[p, f]],
                unit_im: self.unit_im[[p, f]],
                sign_im: self.sign_im[[p, f]],
                abs_im: self.abs_im[[p, f]],
                im_squared: self.im_squared[[p, f]],
                auto_x: self.auto[[x, f]],
                auto_y: self.auto[[y, f]],
            })
        })
    }

    fn pair_arrays(&self) -> [&Array2<f64>; 7] {
        [&self.re, &self.im, &self.unit_re, &self.unit_im, &self.sign_im, &self.abs_im, &self.im_squared]
    }

    fn arrays(&self) -> [&Array2<f64>; 8] {
        let [a, b, c, d, e, f, g] = self.pair_arrays();
        [a, b, c, d, e, f, g, &self.auto]
    }

    fn pair_arrays_mut(&mut self) -> [&mut Array2<f64>; 7] {
        [
            &mut self.re,
            &mut self.im,
            &mut self.unit_re,
            &mut self.unit_im,
            &mut self.sign_im,
            &mut self.abs_im,
            &mut self.im_squared,
        ]
    }

    fn arrays_mut(&mut self) -> [&mut Array2<f64>; 8] {
        [
            &mut self.re,
            &mut self.im,
            &mut self.unit_re,
            &mut self.unit_im,
            &mut self.sign_im,
            &mut self.abs_im,
            &mut self.im_squared,
            &mut self.auto,
        ]
    }
}

/// `n` values from `start` of an array in standard layout, which sums always have.
#[inline(always)]
fn slice(array: &mut Array2<f64>, start: usize, n: usize) -> &mut [f64] {
    array.as_slice_mut().map_or(&mut [], |all| &mut all[start..start + n])
}

/// `S = Σ_tapers X·conj(Y)` of one epoch.
#[inline(always)]
fn cross_spectrum(epoch: &SplitEpoch, (x, y): (usize, usize), s_re: &mut [f64], s_im: &mut [f64]) {
    s_re.fill(0.0);
    s_im.fill(0.0);
    let n = s_re.len();
    for taper in 0..epoch.n_tapers {
        let ((xr, xi), (yr, yi)) = (epoch.row(x, taper), epoch.row(y, taper));
        let (xr, xi, yr, yi, s_im) = (&xr[..n], &xi[..n], &yr[..n], &yi[..n], &mut s_im[..n]);
        for f in 0..n {
            s_re[f] += xr[f] * yr[f] + xi[f] * yi[f];
            s_im[f] += xi[f] * yr[f] - xr[f] * yi[f];
        }
    }
}

/// One epoch's cross-spectra of some pairs, with the widest vectors that the processor has. Wider vectors change no bit:
/// each frequency is computed by itself.
struct AddPairs<'a> {
    sums: &'a mut PairSums,
    epoch: &'a SplitEpoch,
    pairs: Range<usize>,
}

impl pulp::WithSimd for AddPairs<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, _: S) {
        let n_freqs = self.epoch.n_freqs;
        let (mut s_re, mut s_im) = (vec![0.0; n_freqs], vec![0.0; n_freqs]);
        for p in self.pairs {
            cross_spectrum(self.epoch, self.sums.pairs[p], &mut s_re, &mut s_im);
            self.sums.add_pair(p, &s_re, &s_im);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::Stream;
    use ndarray::{Array3, array};

    fn random_epochs(n: usize, seed: u64) -> Vec<Array3<Complex64>> {
        let mut stream = Stream::new(seed, 0);
        (0..n)
            .map(|_| {
                Array3::from_shape_simple_fn((3, 2, 4), || Complex64::new(stream.normal(), stream.normal()))
            })
            .collect()
    }

    fn sums_of<'a>(epochs: impl IntoIterator<Item = &'a Array3<Complex64>>) -> PairSums {
        let mut sums = PairSums::new(3, &[(1, 0), (2, 0), (2, 1)], 4).unwrap();
        for epoch in epochs {
            sums.add_epoch(epoch.view(), &[1.0, 0.9]).unwrap();
        }
        sums
    }

    /// The measures from all cross-spectra at once, straight from their definitions.
    fn slow(epochs: &[Array3<Complex64>], (x, y): (usize, usize), f: usize) -> Vec<(Measure, f64)> {
        let w = [1.0_f64, 0.9];
        let total: f64 = w.iter().map(|v| v * v).sum();
        let cross = |a: usize, b: usize| -> Vec<Complex64> {
            epochs
                .iter()
                .map(|e| {
                    (0..2).map(|k| w[k] * w[k] * e[[a, k, f]] * e[[b, k, f]].conj()).sum::<Complex64>() * 2.0
                        / total
                })
                .collect()
        };
        let s = cross(x, y);
        let n = s.len() as f64;
        let mean = |g: &dyn Fn(&Complex64) -> f64| s.iter().map(g).sum::<f64>() / n;
        let mean_s: Complex64 = s.iter().sum::<Complex64>() / n;
        let auto = |c| cross(c, c).iter().map(|z| z.re).sum::<f64>() / n;
        let coherency = mean_s / (auto(x) * auto(y)).sqrt();
        let u: Complex64 = s.iter().map(|z| z / z.norm()).sum::<Complex64>() / n;
        let pli = mean(&|z| z.im.signum()).abs();
        let (mut numerator, mut denominator, mut phase) = (0.0, 0.0, 0.0);
        for i in 0..s.len() {
            for j in 0..s.len() {
                if i != j {
                    numerator += s[i].im * s[j].im;
                    denominator += (s[i].im * s[j].im).abs();
                    phase += (s[i] / s[i].norm() * (s[j] / s[j].norm()).conj()).re;
                }
            }
        }
        vec![
            (Measure::Coh, coherency.norm()),
            (Measure::Imcoh, coherency.im),
            (Measure::Plv, u.norm()),
            (Measure::Ciplv, u.im.abs() / (1.0 - u.re * u.re).sqrt()),
            (Measure::Ppc, phase / (n * (n - 1.0))),
            (Measure::Pli, pli),
            (Measure::Pli2Unbiased, (n * pli * pli - 1.0) / (n - 1.0)),
            (Measure::Dpli, mean(&|z| if z.im > 0.0 { 1.0 } else { 0.0 })),
            (Measure::Wpli, mean_s.im.abs() / mean(&|z| z.im.abs())),
            (Measure::Wpli2Debiased, numerator / denominator),
        ]
    }

    #[test]
    fn equals_the_definitions() {
        let epochs = random_epochs(9, 4);
        let sums = sums_of(&epochs);
        for (p, pair) in sums.pairs().to_vec().into_iter().enumerate() {
            for f in 0..4 {
                for (measure, expected) in slow(&epochs, pair, f) {
                    let got = sums.measure(measure)[[p, f]];
                    assert!((got - expected).abs() < 1e-12, "{measure:?}: {got} against {expected}");
                }
            }
        }
    }

    #[test]
    fn parts_merge_into_the_whole_and_counts_repeat_epochs() {
        let epochs = random_epochs(6, 5);
        let (mut first, second) = (sums_of(&epochs[..2]), sums_of(&epochs[2..]));
        let repeated = sums_of(epochs[..2].iter().chain(&epochs[..2]).chain(&epochs[2..]));
        let combined = PairSums::combine(&[&first, &second], &[2, 1]).unwrap();
        first.merge(&second).unwrap();
        let whole = sums_of(&epochs);
        for measure in Measure::ALL {
            for (a, b) in [(&first, &whole), (&combined, &repeated)] {
                let gap =
                    (a.measure(measure) - b.measure(measure)).mapv(f64::abs).fold(0.0, |m: f64, v| m.max(*v));
                assert!(gap < 1e-13, "{measure:?}: {gap}");
            }
        }
        assert_eq!(combined.n(), 8);
    }

    #[test]
    fn zero_lag_mixing_gives_nothing_imaginary() {
        let mut stream = Stream::new(6, 0);
        let mut sums = PairSums::new(2, &[(1, 0)], 1).unwrap();
        for _ in 0..50 {
            let x = Complex64::new(stream.normal(), stream.normal());
            sums.add_epoch(array![[[x]], [[x * 0.5]]].view(), &[1.0]).unwrap();
        }
        for measure in [Measure::Imcoh, Measure::Ciplv, Measure::Pli] {
            let value = sums.measure(measure)[[0, 0]];
            assert!(value.is_nan() || value.abs() < 1e-7, "{measure:?}: {value}");
        }
    }

    #[test]
    fn bias_of_independent_signals_is_as_known() {
        let (n, repeats) = (50, 1500);
        let mut stream = Stream::new(8, 0);
        let known = [
            (Measure::Plv, 0.125),
            (Measure::Coh, 0.125),
            (Measure::Pli, 0.112),
            (Measure::Wpli, 0.158),
            (Measure::Ciplv, 0.079),
            (Measure::Ppc, 0.0),
            (Measure::Wpli2Debiased, 0.0),
        ];
        let mut means = [0.0; 7];
        for _ in 0..repeats {
            let mut sums = PairSums::new(2, &[(1, 0)], 1).unwrap();
            for _ in 0..n {
                let mut z = || Complex64::new(stream.normal(), stream.normal());
                sums.add_epoch(array![[[z()]], [[z()]]].view(), &[1.0]).unwrap();
            }
            for (mean, (measure, _)) in means.iter_mut().zip(known) {
                *mean += sums.measure(measure)[[0, 0]] / f64::from(repeats);
            }
        }
        for (mean, (measure, expected)) in means.iter().zip(known) {
            assert!((mean - expected).abs() < 0.008, "{measure:?}: {mean} against {expected}");
        }
    }

    #[test]
    fn silent_channels_are_undefined() {
        let mut sums = PairSums::new(2, &[(1, 0)], 1).unwrap();
        let one = Complex64::new(1.0, 0.5);
        for _ in 0..3 {
            sums.add_epoch(array![[[one]], [[Complex64::default()]]].view(), &[1.0]).unwrap();
        }
        for measure in [Measure::Coh, Measure::Imcoh, Measure::Wpli, Measure::Wpli2Debiased] {
            assert!(sums.measure(measure)[[0, 0]].is_nan(), "{measure:?}");
        }
        assert!(PairSums::new(2, &[(2, 0)], 1).is_err());
    }
}

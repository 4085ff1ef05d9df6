//! Running sums over epochs per pair and frequency.

use super::kernel::in_blocks;
use super::measure::{Sum, Sums};
use super::part::{Add, Part, pairs_of_a_part};
use super::{Measure, SplitEpoch};
use crate::lanes::{Lanes, WIDTH};
use crate::{Error, Result};
use ndarray::{Array2, ArrayView1, ArrayView3};
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
    pairs: Vec<(usize, usize)>,
    /// The pairs in the order in which they are worked through, and where each pair stands there.
    ordered: Vec<(usize, usize)>,
    order: Vec<usize>,
    places: Vec<usize>,
    n: usize,
    n_channels: usize,
    n_freqs: usize,
    kept: Vec<Sum>,
    /// Some pairs at eight frequencies each: the blocks of frequencies of the first pairs, then of the next ones.
    parts: Vec<Part>,
}

/// A piece of the work of adding epochs, of which no other piece has need.
#[must_use = "the sums are complete when every piece has run"]
pub struct AddEpochs<'a>(Add<'a>);

impl AddEpochs<'_> {
    /// Does it.
    pub fn run(self) {
        pulp::Arch::new().dispatch(self.0);
    }
}

impl PairSums {
    /// Empty sums for `pairs` of channel indices, from which every measure follows.
    ///
    /// # Errors
    /// [`Error::Invalid`] when a pair names a channel that is not there.
    pub fn new(n_channels: usize, pairs: &[(usize, usize)], n_freqs: usize) -> Result<Self> {
        Self::keeping(n_channels, pairs, n_freqs, Sum::ALL.to_vec())
    }

    /// The same with only those sums that `measures` are functions of: less memory, and less work where phases alone or
    /// imaginary parts alone are asked for. Coherency is there where [`Measure::Coh`] is among them.
    ///
    /// # Errors
    /// As [`Self::new`].
    ///
    /// ```
    /// use dosewave_numerics::phase::{Measure, PairSums};
    /// let sums = PairSums::for_measures(2, &[(1, 0)], 4, &[Measure::Wpli]).unwrap();
    /// assert!(sums.keeps(Measure::Wpli) && !sums.keeps(Measure::Plv));
    /// ```
    pub fn for_measures(
        n_channels: usize,
        pairs: &[(usize, usize)],
        n_freqs: usize,
        measures: &[Measure],
    ) -> Result<Self> {
        let needed = |sum: &Sum| measures.iter().any(|measure| measure.needs().contains(sum));
        Self::keeping(n_channels, pairs, n_freqs, Sum::ALL.into_iter().filter(needed).collect())
    }

    fn keeping(n_channels: usize, pairs: &[(usize, usize)], n_freqs: usize, kept: Vec<Sum>) -> Result<Self> {
        if let Some((a, b)) = pairs.iter().find(|(a, b)| *a >= n_channels || *b >= n_channels) {
            return Err(Error::Invalid {
                parameter: "pairs",
                value: format!("({a}, {b})"),
                allowed: format!("channel indices below {n_channels}"),
            });
        }
        // without a pair there are still auto-spectra
        let of_a_part = pairs_of_a_part(pairs.len(), Lanes::blocks(n_freqs));
        let starts = (0..pairs.len().max(1)).step_by(of_a_part);
        let parts = starts.flat_map(|start| {
            let range = start..(start + of_a_part).min(pairs.len());
            let kept = &kept;
            (0..Lanes::blocks(n_freqs)).map(move |block| Part::new(range.clone(), block, kept, n_channels))
        });
        let parts = parts.collect();
        let order = in_blocks(pairs);
        let ordered = order.iter().map(|pair| pairs[*pair]).collect();
        let mut places = vec![0; pairs.len()];
        order.iter().enumerate().for_each(|(place, pair)| places[*pair] = place);
        Ok(Self { pairs: pairs.to_vec(), ordered, order, places, n: 0, n_channels, n_freqs, kept, parts })
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

    /// Adds epochs, in their order: the same as one [`Self::add_split`] after the other, to the same bits.
    ///
    /// # Errors
    /// [`Error::Shape`] when channels or frequencies of an epoch differ from what was announced.
    pub fn add_epochs(&mut self, epochs: &[&SplitEpoch]) -> Result<()> {
        self.adding(epochs, epochs)?.into_iter().for_each(AddEpochs::run);
        Ok(())
    }

    /// The work of adding epochs in pieces, for threads to share; the sums are the same to the bit, whoever does which.
    ///
    /// The first channel of a pair is taken from `firsts[e]` and the second from `seconds[e]`: the same epochs, or for
    /// surrogates without coupling the same in another order.
    ///
    /// # Errors
    /// [`Error::Shape`] when channels, tapers or frequencies of an epoch differ from what was announced, or the two lists
    /// in length.
    pub fn adding<'a>(
        &'a mut self,
        firsts: &'a [&'a SplitEpoch],
        seconds: &'a [&'a SplitEpoch],
    ) -> Result<Vec<AddEpochs<'a>>> {
        if firsts.len() != seconds.len() {
            return Err(Error::Shape { what: "second epochs", expected: firsts.len(), got: seconds.len() });
        }
        let n_tapers = firsts.first().map_or(0, |epoch| epoch.n_tapers);
        for epoch in firsts.iter().chain(seconds) {
            self.check(epoch, n_tapers)?;
        }
        self.n += firsts.len();
        let pairs = &self.ordered;
        let add = |part: &'a mut Part| {
            let pairs = &pairs[part.pairs.clone()];
            AddEpochs(Add { part, pairs, firsts, seconds })
        };
        Ok(self.parts.iter_mut().map(add).collect())
    }

    fn check(&self, epoch: &SplitEpoch, n_tapers: usize) -> Result<()> {
        epoch.check_shape(self.n_channels, n_tapers, self.n_freqs)
    }

    /// One frequency in place of the eight or fewer that there are, its sums being theirs together, over `n` epochs.
    pub(crate) fn folded(&self, n: usize) -> Self {
        let mut one = Self { n, n_freqs: self.n_freqs.min(1), ..self.clone() };
        for part in &mut one.parts {
            for lanes in part.kinds.iter_mut().chain([&mut part.auto]).flatten() {
                let total = lanes.0.iter().sum();
                lanes.0 = [0.0; WIDTH];
                lanes.0[0] = total;
            }
        }
        one
    }

    /// Whether a sum is kept.
    pub(crate) fn has(&self, sum: Sum) -> bool {
        self.kept.contains(&sum)
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
        self.n_freqs
    }

    /// Whether the sums of `measure` are kept.
    #[must_use]
    pub fn keeps(&self, measure: Measure) -> bool {
        measure.needs().iter().all(|sum| self.kept.contains(sum))
    }

    /// Summed auto-spectra `[channel, freq]`; zeros where no measure needs them.
    #[must_use]
    pub fn auto(&self) -> Array2<f64> {
        Array2::from_shape_fn((self.n_channels, self.n_freqs), |(channel, f)| self.auto_at(channel, f))
    }

    fn auto_at(&self, channel: usize, f: usize) -> f64 {
        self.auto_lanes(channel, f / WIDTH).0[f % WIDTH]
    }

    fn auto_lanes(&self, channel: usize, block: usize) -> &Lanes {
        self.parts.get(block).and_then(|part| part.auto.get(channel)).unwrap_or(&Lanes::ZERO)
    }

    /// One sum of a pair at one frequency; zero where it is not kept.
    pub(crate) fn sum_at(&self, sum: Sum, pair: usize, f: usize) -> f64 {
        let mut value = [0.0];
        self.sums_into(sum, pair, &[f], &mut value);
        value[0]
    }

    /// One sum of a pair at some frequencies; zero where it is not kept.
    pub(crate) fn sums_into(&self, sum: Sum, pair: usize, bins: &[usize], out: &mut [f64]) {
        let n_blocks = Lanes::blocks(self.n_freqs);
        let (place, of_a_part) = (self.places[pair], pairs_of_a_part(self.pairs.len(), n_blocks));
        let (first, item) = (place / of_a_part * n_blocks, place % of_a_part);
        for (out, f) in out.iter_mut().zip(bins) {
            *out = match sum {
                Sum::AutoX => self.auto_at(self.pairs[pair].0, *f),
                Sum::AutoY => self.auto_at(self.pairs[pair].1, *f),
                _ => {
                    let kind = &self.parts[first + f / WIDTH].kinds[sum as usize];
                    kind.get(item).map_or(0.0, |lanes| lanes.0[f % WIDTH])
                }
            };
        }
    }

    /// Adds the sums of other epochs of the same pairs.
    ///
    /// # Errors
    /// [`Error::Shape`] when pairs, channels or frequencies differ, or the kinds of sums that are kept.
    pub fn merge(&mut self, other: &Self) -> Result<()> {
        self.add_scaled(other, 1)
    }

    fn add_scaled(&mut self, other: &Self, count: u32) -> Result<()> {
        let shape = |sums: &Self| (sums.n_channels, sums.n_freqs);
        if self.pairs != other.pairs || shape(self) != shape(other) || self.kept != other.kept {
            return Err(Error::Shape {
                what: "pairs to merge",
                expected: self.pairs.len(),
                got: other.pairs.len(),
            });
        }
        self.n += count as usize * other.n;
        for (mine, theirs) in self.parts.iter_mut().zip(&other.parts) {
            mine.add_scaled(theirs, f64::from(count));
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
        let mut sum = Self::keeping(first.n_channels, &first.pairs, first.n_freqs, first.kept.clone())?;
        for (block, count) in blocks.iter().zip(counts) {
            sum.add_scaled(block, *count)?;
        }
        Ok(sum)
    }

    /// A measure `[pair, freq]`. A value that is undefined (a silent channel, one epoch where two are needed) is NaN
    /// here and becomes a missing value with a reason one floor up; so is every value of a measure whose sums are not
    /// kept ([`Self::keeps`]).
    #[must_use]
    pub fn measure(&self, measure: Measure) -> Array2<f64> {
        let mut values = Array2::zeros((self.pairs.len(), self.n_freqs));
        self.each_row(measure, 0..self.pairs.len(), |pair, row| {
            values.row_mut(pair).assign(&ArrayView1::from(row));
        });
        values
    }

    /// Hands the values of [`Self::measure`] over all frequencies of some pairs to `use_row(pair, values)`: those at `places`
    /// of an order of all pairs in which they lie in memory, so that threads may share the work.
    ///
    /// ```
    /// use dosewave_numerics::phase::{Measure, PairSums};
    /// let sums = PairSums::new(3, &[(1, 0), (2, 0), (2, 1)], 4).unwrap();
    /// let mut seen = vec![0; 3];
    /// sums.each_row(Measure::Wpli, 0..2, |pair, row| seen[pair] += row.len());
    /// sums.each_row(Measure::Wpli, 2..3, |pair, row| seen[pair] += row.len());
    /// assert_eq!(seen, [4, 4, 4]);
    /// ```
    pub fn each_row(&self, measure: Measure, places: Range<usize>, mut use_row: impl FnMut(usize, &[f64])) {
        let places = places.start..places.end.min(self.pairs.len());
        if self.keeps(measure) {
            pulp::Arch::new().dispatch(Evaluate { sums: self, measure, places, use_row });
        } else {
            let row = vec![f64::NAN; self.n_freqs];
            places.for_each(|place| use_row(self.order[place], &row));
        }
    }

    /// A function of the sums of each pair at each frequency.
    pub(crate) fn of_sums(&self, f: impl Fn(&Sums) -> Complex64) -> Array2<Complex64> {
        Array2::from_shape_fn((self.pairs.len(), self.n_freqs), |(pair, bin)| f(&self.sums_at(pair, bin)))
    }

    fn sums_at(&self, pair: usize, f: usize) -> Sums {
        let at = |sum| self.sum_at(sum, pair, f);
        Sums {
            n: self.n as f64,
            re: at(Sum::Re),
            im: at(Sum::Im),
            unit_re: at(Sum::UnitRe),
            unit_im: at(Sum::UnitIm),
            sign_im: at(Sum::SignIm),
            abs_im: at(Sum::AbsIm),
            im_squared: at(Sum::ImSquared),
            auto_x: at(Sum::AutoX),
            auto_y: at(Sum::AutoY),
        }
    }
}

/// A measure from all sums, with the widest vectors that the processor has; these change no bit.
struct Evaluate<'a, F> {
    sums: &'a PairSums,
    measure: Measure,
    places: Range<usize>,
    use_row: F,
}

impl<F: FnMut(usize, &[f64])> pulp::WithSimd for Evaluate<'_, F> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: pulp::Simd>(mut self, _: S) {
        let sums = self.sums;
        let n_blocks = Lanes::blocks(sums.n_freqs);
        let of_a_part = pairs_of_a_part(sums.pairs.len(), n_blocks);
        let mut row = vec![0.0; n_blocks * WIDTH];
        for place in self.places {
            let ((x, y), parts) = (sums.ordered[place], place / of_a_part * n_blocks);
            for (block, values) in row.chunks_exact_mut(WIDTH).enumerate() {
                let autos = [sums.auto_lanes(x, block), sums.auto_lanes(y, block)];
                let rows = sums.parts[parts + block].rows(place % of_a_part, sums.n as f64, autos);
                self.measure.of_rows(&rows, values);
            }
            (self.use_row)(sums.order[place], &row[..sums.n_freqs]);
        }
    }
}

#[cfg(test)]
mod tests;

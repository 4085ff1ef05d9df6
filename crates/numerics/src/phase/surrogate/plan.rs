//! One measure of chosen pairs and bands, for as many surrogates as are asked for.

use super::family::{Coherency, Family, FamilyOf, Sign, Unit, Weighted};
use super::tile::{LANES, ROWS, TileSums, sum_tile};
use super::{Draw, SurrogateCoefs, SurrogateKind};
use crate::phase::Measure;
use crate::phase::measure::Sums;
use crate::{Error, Result};
use ndarray::Array2;
use pulp::{Simd, WithSimd};
use std::collections::BTreeMap;
use std::marker::PhantomData;
use std::ops::Range;

/// Which values to compute of a surrogate: a measure, pairs of channels, and columns, each the mean over some frequency
/// bins.
///
/// ```
/// use dosewave_numerics::phase::{Draw, Measure, SurrogateCoefs, SurrogateKind, SurrogatePlan};
/// use num_complex::Complex64;
/// // two channels, one taper, one frequency; the second lags by 90° in every epoch, the phase moves on by 1 rad
/// let coefs = ndarray::Array4::from_shape_fn((50, 2, 1, 1), |(epoch, channel, _, _)| {
///     Complex64::cis(epoch as f64 - std::f64::consts::FRAC_PI_2 * channel as f64)
/// });
/// let coefs = SurrogateCoefs::new(coefs.view(), &[1.0]).unwrap();
/// let plan = SurrogatePlan::new(&coefs, &[(0, 1)], &[vec![0]], Measure::Plv).unwrap();
/// assert!((plan.observed()[[0, 0]] - 1.0).abs() < 1e-12);
/// let draw = Draw::new(SurrogateKind::EpochShuffle, 2, 50, 1, 0);
/// assert!(plan.surrogate(draw).unwrap()[[0, 0]] < 0.5);
/// ```
#[derive(Clone, Debug)]
pub struct SurrogatePlan<'a> {
    coefs: &'a SurrogateCoefs,
    pairs: Vec<(usize, usize)>,
    /// Bins of each column.
    columns: Vec<Vec<usize>>,
    /// Frequencies that any column needs, with these columns.
    columns_of_freq: BTreeMap<usize, Vec<usize>>,
    /// By group of first channels and block of second channels: the pairs there.
    tiles: BTreeMap<(usize, usize), Vec<Place>>,
    measure: Measure,
}

/// Where a pair's sums are in a tile.
#[derive(Clone, Copy, Debug)]
struct Place {
    row: usize,
    lane: usize,
    pair: usize,
}

impl<'a> SurrogatePlan<'a> {
    /// `measure` of `pairs` of channel indices; column `c` of the results is the mean over the bins `columns[c]`.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a channel or a bin that is not there, [`Error::TooShort`] for a column without a bin.
    pub fn new(
        coefs: &'a SurrogateCoefs,
        pairs: &[(usize, usize)],
        columns: &[Vec<usize>],
        measure: Measure,
    ) -> Result<Self> {
        check(coefs, pairs, columns)?;
        let mut tiles: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for (pair, (first, second)) in pairs.iter().enumerate() {
            let place = Place { row: first % ROWS, lane: second % LANES, pair };
            tiles.entry((first / ROWS, second / LANES)).or_default().push(place);
        }
        let mut columns_of_freq: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for (column, bins) in columns.iter().enumerate() {
            for bin in bins {
                columns_of_freq.entry(*bin).or_default().push(column);
            }
        }
        let (pairs, columns) = (pairs.to_vec(), columns.to_vec());
        Ok(Self { coefs, pairs, columns, columns_of_freq, tiles, measure })
    }

    /// The measure.
    #[must_use]
    pub fn measure(&self) -> Measure {
        self.measure
    }

    /// Number of epochs.
    #[must_use]
    pub fn n_epochs(&self) -> usize {
        self.coefs.n_epochs
    }

    /// Surrogates number `indices` of `seed`, as [`Self::surrogate`] of their [`Draw`]s. Several together are faster than
    /// one after the other, since the coefficients of a frequency pass by once; about 8 are enough.
    #[must_use]
    pub fn drawn(&self, kind: SurrogateKind, seed: u64, indices: Range<u32>) -> Vec<Array2<f64>> {
        let (n_channels, n_epochs) = (self.coefs.n_channels, self.coefs.n_epochs);
        let draws = indices.map(|index| Some(Draw::new(kind, n_channels, n_epochs, seed, index)));
        self.values(&draws.collect::<Vec<_>>())
    }

    /// Values as measured, `[pair, column]`; NaN where the measure is undefined at any bin of the column.
    #[must_use]
    pub fn observed(&self) -> Array2<f64> {
        self.values(&[None]).pop().unwrap_or_default()
    }

    /// Values of a surrogate, `[pair, column]`.
    ///
    /// # Errors
    /// [`Error::Shape`] for a draw of other channels or epochs.
    pub fn surrogate(&self, draw: Draw) -> Result<Array2<f64>> {
        let sizes = draw.sizes();
        if sizes.len() != self.coefs.n_channels {
            let (expected, got) = (self.coefs.n_channels, sizes.len());
            return Err(Error::Shape { what: "channels of a draw", expected, got });
        }
        if let Some(got) = sizes.into_iter().find(|n| *n != self.coefs.n_epochs) {
            return Err(Error::Shape { what: "epochs of a draw", expected: self.coefs.n_epochs, got });
        }
        Ok(self.values(&[Some(draw)]).pop().unwrap_or_default())
    }

    fn values(&self, draws: &[Option<Draw>]) -> Vec<Array2<f64>> {
        let arch = pulp::Arch::new();
        match FamilyOf::from(self.measure) {
            FamilyOf::Coherency => arch.dispatch(Run::<Coherency>::new(self, draws)),
            FamilyOf::Unit => arch.dispatch(Run::<Unit>::new(self, draws)),
            FamilyOf::Sign => arch.dispatch(Run::<Sign>::new(self, draws)),
            FamilyOf::Weighted => arch.dispatch(Run::<Weighted>::new(self, draws)),
        }
    }

    /// Adds the values of the pairs of a tile at a frequency to their columns.
    #[inline(always)]
    fn add_values<F: Family>(
        &self,
        (freq, columns): (usize, &[usize]),
        places: &[Place],
        sums: &TileSums,
        totals: &mut [f64],
    ) {
        let auto = self.coefs.auto(freq);
        for place in places {
            let (x, y) = self.pairs[place.pair];
            let mut of_pair = empty_sums(self.coefs.n_epochs as f64, auto[x], auto[y]);
            let [a, b, c] = sums;
            let (row, lane) = (place.row, place.lane);
            F::place([a[row][lane], b[row][lane], c[row][lane]], &mut of_pair);
            let value = self.measure.of(&of_pair);
            for column in columns {
                totals[place.pair * self.columns.len() + column] += value;
            }
        }
    }
}

fn empty_sums(n: f64, auto_x: f64, auto_y: f64) -> Sums {
    let (re, im, unit_re, unit_im, sign_im, abs_im, im_squared) = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0);
    Sums { n, re, im, unit_re, unit_im, sign_im, abs_im, im_squared, auto_x, auto_y }
}

fn check(coefs: &SurrogateCoefs, pairs: &[(usize, usize)], columns: &[Vec<usize>]) -> Result<()> {
    let n = coefs.n_channels;
    if let Some((a, b)) = pairs.iter().find(|(a, b)| *a >= n || *b >= n) {
        let (value, allowed) = (format!("({a}, {b})"), format!("channel indices below {n}"));
        return Err(Error::Invalid { parameter: "pairs", value, allowed });
    }
    if columns.iter().any(Vec::is_empty) {
        return Err(Error::TooShort { what: "frequency bins of a column", got: 0, need: 1 });
    }
    if let Some(bin) = columns.iter().flatten().find(|bin| **bin >= coefs.n_freqs) {
        let (value, allowed) = (bin.to_string(), format!("below {}", coefs.n_freqs));
        return Err(Error::Invalid { parameter: "frequency bin", value, allowed });
    }
    Ok(())
}

/// The values of some surrogates, or (without a draw) as measured, with the widest vectors that the processor has.
struct Run<'a, F> {
    plan: &'a SurrogatePlan<'a>,
    draws: &'a [Option<Draw>],
    family: PhantomData<F>,
}

impl<'a, F> Run<'a, F> {
    fn new(plan: &'a SurrogatePlan<'a>, draws: &'a [Option<Draw>]) -> Self {
        Self { plan, draws, family: PhantomData }
    }
}

impl<F: Family> WithSimd for Run<'_, F> {
    type Output = Vec<Array2<f64>>;

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> Vec<Array2<f64>> {
        let (plan, coefs) = (self.plan, self.plan.coefs);
        let shape = (plan.pairs.len(), plan.columns.len());
        let mut scratch = vec![0.0; coefs.scratch_len()];
        let mut sums: TileSums = [[[0.0; LANES]; ROWS]; 3];
        let mut totals = vec![vec![0.0; shape.0 * shape.1]; self.draws.len()];
        let block = |index: usize| index * coefs.block_len()..(index + 1) * coefs.block_len();
        for (freq, columns) in &plan.columns_of_freq {
            for (draw, totals) in self.draws.iter().zip(&mut totals) {
                coefs.fill(*freq, draw.as_ref(), &mut scratch);
                for ((group, second), places) in &plan.tiles {
                    let x = (&scratch[block(group * ROWS / LANES)], group * ROWS % LANES);
                    sum_tile::<S, F>(simd, x, &scratch[block(*second)], coefs.n_tapers, &mut sums);
                    plan.add_values::<F>((*freq, columns), places, &sums, totals);
                }
            }
        }
        let mean = |totals: Vec<f64>| {
            Array2::from_shape_fn(shape, |(pair, column)| {
                totals[pair * shape.1 + column] / plan.columns[column].len() as f64
            })
        };
        totals.into_iter().map(mean).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::draw::Changes;
    use super::*;
    use crate::phase::PairSums;
    use crate::stats::Stream;
    use ndarray::{Array4, Axis};
    use num_complex::Complex64;

    const WEIGHTS: [f64; 2] = [1.0, 0.9];
    const PAIRS: [(usize, usize); 6] = [(1, 0), (8, 0), (0, 9), (4, 4), (9, 3), (5, 8)];

    /// 7 epochs of 10 channels, more than one block, at 4 frequencies.
    fn coefs(n_tapers: usize) -> Array4<Complex64> {
        let mut stream = Stream::new(3, 0);
        Array4::from_shape_simple_fn((7, 10, n_tapers, 4), || {
            Complex64::new(stream.normal(), stream.normal())
        })
    }

    /// The channels of each epoch put together anew and measured as ever.
    fn slow(coefs: &Array4<Complex64>, draw: &Draw, columns: &[Vec<usize>], measure: Measure) -> Array2<f64> {
        let mut moved = coefs.clone();
        for channel in 0..10 {
            for epoch in 0..coefs.dim().0 {
                let of = |e: usize| coefs.index_axis(Axis(0), e).index_axis(Axis(0), channel).to_owned();
                let new = match &draw.0 {
                    Changes::Orders(orders) => of(orders[channel][epoch]),
                    Changes::Phases(phases) => of(epoch).mapv(|z| z * phases[channel][epoch]),
                };
                moved.index_axis_mut(Axis(0), epoch).index_axis_mut(Axis(0), channel).assign(&new);
            }
        }
        let mut sums = PairSums::new(10, &PAIRS, 4).unwrap();
        for epoch in moved.outer_iter() {
            sums.add_epoch(epoch, &WEIGHTS[..coefs.dim().2]).unwrap();
        }
        let per_bin = sums.measure(measure);
        Array2::from_shape_fn((PAIRS.len(), columns.len()), |(pair, column)| {
            columns[column].iter().map(|bin| per_bin[[pair, *bin]]).sum::<f64>()
                / columns[column].len() as f64
        })
    }

    #[test]
    fn equals_measuring_channels_put_together_anew() {
        let columns = [vec![0, 1], vec![3], vec![1, 2, 3]];
        for n_tapers in [1, 2] {
            let coefs = coefs(n_tapers);
            let laid_out = SurrogateCoefs::new(coefs.view(), &WEIGHTS[..n_tapers]).unwrap();
            for (index, measure) in Measure::ALL.into_iter().enumerate() {
                let plan = SurrogatePlan::new(&laid_out, &PAIRS, &columns, measure).unwrap();
                for kind in SurrogateKind::ALL {
                    let draw = Draw::new(kind, 10, 7, 5, index as u32);
                    let expected = slow(&coefs, &draw, &columns, measure);
                    let got = plan.surrogate(draw).unwrap();
                    let bits = |values: &Array2<f64>| values.mapv(f64::to_bits);
                    assert_eq!(bits(&got), bits(&plan.drawn(kind, 5, 0..index as u32 + 1)[index]));
                    for (got, expected) in got.iter().zip(&expected) {
                        let same = (got - expected).abs() < 1e-12 || (got.is_nan() && expected.is_nan());
                        assert!(same, "{measure:?} {kind:?} {n_tapers}: {got} {expected}");
                    }
                }
            }
        }
    }

    #[test]
    fn what_was_measured_is_the_surrogate_that_changes_nothing() {
        let coefs = coefs(2);
        let laid_out = SurrogateCoefs::new(coefs.view(), &WEIGHTS).unwrap();
        let plan = SurrogatePlan::new(&laid_out, &PAIRS, &[vec![2]], Measure::Wpli2Debiased).unwrap();
        let identity = Draw(Changes::Orders(vec![(0..7).collect(); 10]));
        let (observed, again) = (plan.observed(), plan.surrogate(identity).unwrap());
        // a channel with itself has no imaginary part
        assert!(observed[[3, 0]].is_nan() && again[[3, 0]].is_nan());
        for pair in [0, 1, 2, 4, 5] {
            assert_eq!(observed[[pair, 0]].to_bits(), again[[pair, 0]].to_bits());
        }
    }

    #[test]
    fn what_is_not_there_is_refused() {
        let coefs = coefs(1);
        let laid_out = SurrogateCoefs::new(coefs.view(), &[1.0]).unwrap();
        let plan = |pairs: &[(usize, usize)], bins: &[usize]| {
            SurrogatePlan::new(&laid_out, pairs, &[bins.to_vec()], Measure::Coh).map(|plan| plan.n_epochs())
        };
        assert_eq!(plan(&PAIRS, &[0]), Ok(7));
        assert!(plan(&[(1, 10)], &[0]).unwrap_err().to_string().contains("(1, 10)"));
        assert!(plan(&PAIRS, &[4]).unwrap_err().to_string().contains("frequency bin = 4; allowed: below 4"));
        assert!(matches!(plan(&PAIRS, &[]), Err(Error::TooShort { .. })));
        let whole = SurrogatePlan::new(&laid_out, &PAIRS, &[vec![0]], Measure::Coh).unwrap();
        for (n_channels, n_epochs) in [(9, 7), (10, 8)] {
            let draw = Draw::new(SurrogateKind::Phase, n_channels, n_epochs, 0, 0);
            assert!(matches!(whole.surrogate(draw), Err(Error::Shape { .. })));
        }
        let one = coefs.slice(ndarray::s![..1, .., .., ..]);
        assert!(matches!(SurrogateCoefs::new(one, &[1.0]), Err(Error::TooShort { .. })));
    }
}

//! Samples as observations: sums over the samples of epochs at one frequency.

use super::course::Course;
use super::finish::{Finish, WithMeasure, with_measure};
use super::measure::Sum;
use super::{AddEpochs, Measure, PairSums, SlidingWindows, SplitEpoch};
use crate::lanes::{Lanes, WIDTH};
use crate::{Error, Result};
use ndarray::{Array3, ArrayView2, ArrayViewMut3, Axis, s};
use num_complex::Complex64;
use pulp::Simd;

/// Pairs whose windows are summed at a time, in eights: their sums over a long recording stay in the second cache.
const LANES_AT_ONCE: usize = 4;

/// The samples of one epoch, laid out for the pair kernel: eight of them side by side where other epochs have frequencies.
#[derive(Clone, Debug, PartialEq)]
pub struct Samples {
    eights: Vec<SplitEpoch>,
    n: usize,
}

impl Samples {
    /// From an analytic signal `[channel, time]`.
    ///
    /// # Errors
    /// [`Error::TooShort`] without a sample.
    pub fn new(z: ArrayView2<'_, Complex64>) -> Result<Self> {
        let (n_channels, n) = z.dim();
        if n == 0 {
            return Err(Error::TooShort { what: "samples of an epoch", got: 0, need: 1 });
        }
        let mut eights = Vec::with_capacity(n.div_ceil(WIDTH));
        for some in z.axis_chunks_iter(Axis(1), WIDTH) {
            let mut eight = SplitEpoch::zeros(n_channels, &[1.0], WIDTH);
            for (channel, row) in some.outer_iter().enumerate() {
                let mut kept = [Complex64::ZERO; WIDTH];
                // what is missing of the last eight stays 0, and adds nothing to any sum
                kept.iter_mut().zip(row).for_each(|(out, value)| *out = *value);
                eight.set_row(channel, 0, &kept)?;
            }
            eights.push(eight);
        }
        Ok(Self { eights, n })
    }

    /// Eight samples at a time.
    pub fn eights(&self) -> impl Iterator<Item = &SplitEpoch> {
        self.eights.iter()
    }

    /// Number of samples.
    #[must_use]
    pub fn len(&self) -> usize {
        self.n
    }

    /// Never: there is at least one.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.n == 0
    }
}

/// Running pair sums at one frequency in which every sample is an observation: with `S(t)` the cross-spectrum at a sample,
/// what [`PairSums`] are over epochs.
///
/// Samples of a narrow band resemble their neighbours, so their number is no number of observations: debiased measures are
/// not unbiased, and biased ones are larger than their formula for so many epochs says.
///
/// ```
/// use dosewave_numerics::phase::{Measure, SampleSums, Samples, SplitEpoch};
/// use num_complex::Complex64;
/// // a tone, and the same a quarter of a turn later
/// let z = ndarray::Array2::from_shape_fn((2, 100), |(c, t)| Complex64::cis(0.3 * t as f64 - 1.57 * c as f64));
/// let samples = Samples::new(z.view()).unwrap();
/// let mut sums = SampleSums::new(2, &[(0, 1)], &[Measure::Plv, Measure::Dpli]).unwrap();
/// sums.add(&samples).unwrap();
/// let sums = sums.finish();
/// assert!((sums.measure(Measure::Plv)[[0, 0]] - 1.0).abs() < 1e-12 && sums.measure(Measure::Dpli)[[0, 0]] == 1.0);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct SampleSums {
    /// One frequency in eight strands.
    strands: PairSums,
    n: usize,
}

impl SampleSums {
    /// Empty sums of those that `measures` are functions of.
    ///
    /// # Errors
    /// As [`PairSums::for_measures`].
    pub fn new(n_channels: usize, pairs: &[(usize, usize)], measures: &[Measure]) -> Result<Self> {
        Ok(Self { strands: PairSums::for_measures(n_channels, pairs, WIDTH, measures)?, n: 0 })
    }

    /// Adds the samples of an epoch.
    ///
    /// # Errors
    /// [`Error::Shape`] for another number of channels.
    pub fn add(&mut self, samples: &Samples) -> Result<()> {
        let eights: Vec<&SplitEpoch> = samples.eights().collect();
        self.adding(&eights, samples.n)?.into_iter().for_each(AddEpochs::run);
        Ok(())
    }

    /// The work of adding `n_samples` in eights ([`Samples::eights`]), in pieces for threads to share.
    ///
    /// # Errors
    /// As [`Self::add`].
    pub fn adding<'a>(
        &'a mut self,
        eights: &'a [&'a SplitEpoch],
        n_samples: usize,
    ) -> Result<Vec<AddEpochs<'a>>> {
        let work = self.strands.adding(eights, eights)?;
        self.n += n_samples;
        Ok(work)
    }

    /// The sums at the one frequency, with the number of samples for that of epochs.
    #[must_use]
    pub fn finish(&self) -> PairSums {
        self.strands.folded(self.n)
    }

    /// The sums of one epoch, to be added up over windows of epochs.
    #[must_use]
    pub fn of_epoch(&self) -> EpochSums {
        let one = self.finish();
        let pairs = one.pairs().len();
        let row = |sum: Sum| {
            let mut row = vec![Lanes::ZERO; if one.has(sum) { pairs.div_ceil(WIDTH) } else { 0 }];
            if !row.is_empty() {
                (0..pairs).for_each(|pair| row[pair / WIDTH].0[pair % WIDTH] = one.sum_at(sum, pair, 0));
            }
            row
        };
        EpochSums { n: self.n, n_pairs: pairs, sums: Sum::ALL.map(row) }
    }
}

/// Sums over the samples of one epoch, eight pairs side by side.
#[derive(Clone, Debug, PartialEq)]
pub struct EpochSums {
    n: usize,
    n_pairs: usize,
    /// Empty for those that are not kept.
    sums: [Vec<Lanes>; Sum::ALL.len()],
}

/// Measures over windows of epochs that slide, every sample an observation: `[measure, window, pair]`, NaN where a measure is
/// undefined. Each window costs one addition per sum, whatever its length, as in
/// [`sliding_measures`](super::sliding_measures).
///
/// # Errors
/// As [`SlidingWindows::count`]; [`Error::Shape`] for epochs of different pairs or numbers of samples.
pub fn sliding_sample_measures(
    epochs: &[EpochSums],
    windows: SlidingWindows,
    measures: &[Measure],
) -> Result<Array3<f64>> {
    let n_windows = windows.count(epochs.len())?;
    let shape = |epoch: &EpochSums| (epoch.n, epoch.n_pairs, epoch.sums.each_ref().map(Vec::len));
    let Some(first) = epochs.first() else { return Ok(Array3::zeros((measures.len(), 0, 0))) };
    if let Some(other) = epochs.iter().find(|epoch| shape(epoch) != shape(first)) {
        let (expected, got) = (first.n * first.n_pairs, other.n * other.n_pairs);
        return Err(Error::Shape { what: "samples × pairs of an epoch", expected, got });
    }
    let mut values = Array3::zeros((measures.len(), n_windows, first.n_pairs));
    let course = Course { windows, n_windows, kept: Vec::new(), n_channels: 0 };
    let values_view = values.view_mut();
    pulp::Arch::new().dispatch(Slide { course, epochs, measures, values: values_view });
    Ok(values)
}

/// Sums of some pairs in all windows, in the order of [`Sum::ALL`], and a measure of each.
struct Rows<'a> {
    n: f64,
    parts: [&'a [Lanes]; Sum::ALL.len()],
    out: &'a mut [Lanes],
}

impl WithMeasure for Rows<'_> {
    #[inline(always)]
    fn with<S: Simd, F: Finish>(&mut self, simd: S, _: F) {
        for (k, out) in self.out.iter_mut().enumerate() {
            for part in 0..WIDTH / S::F64_LANES {
                let sum = |sum: Sum| self.parts[sum as usize][k].vectors::<S>()[part];
                out.vectors_mut::<S>()[part] = F::of(simd, self.n, sum);
            }
        }
    }
}

/// All windows of all pairs, with the widest vectors that the processor has.
struct Slide<'a> {
    course: Course,
    epochs: &'a [EpochSums],
    measures: &'a [Measure],
    values: ArrayViewMut3<'a, f64>,
}

impl pulp::WithSimd for Slide<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) {
        let Some(first) = self.epochs.first() else { return };
        let (n_pairs, n_lanes) = (first.n_pairs, first.n_pairs.div_ceil(WIDTH));
        let n = (self.course.windows.length * first.n) as f64;
        let (mut starts, mut ends) = (Vec::new(), Vec::new());
        let mut windows: [Vec<Lanes>; Sum::ALL.len()] = Default::default();
        let mut out = Vec::new();
        for from in (0..n_lanes).step_by(LANES_AT_ONCE) {
            let to = (from + LANES_AT_ONCE).min(n_lanes);
            let n_values = self.course.n_windows * (to - from);
            let zeros = vec![Lanes::ZERO; n_values];
            for (sum, windows) in windows.iter_mut().enumerate() {
                self.block_sums(sum, from..to, &mut starts);
                self.course.of_windows(to - from, &mut starts, &mut ends, windows);
            }
            let parts =
                windows.each_ref().map(|windows| if windows.is_empty() { &zeros[..] } else { windows });
            out.resize(n_values, Lanes::ZERO);
            for (measure, mut values) in self.measures.iter().zip(self.values.outer_iter_mut()) {
                with_measure(simd, *measure, &mut Rows { n, parts, out: &mut out });
                let pairs = from * WIDTH..(to * WIDTH).min(n_pairs);
                for (window, lanes) in out.chunks_exact(to - from).enumerate() {
                    let found = lanes.iter().flat_map(|lanes| lanes.0);
                    let row = values.slice_mut(s![window, pairs.clone()]);
                    row.into_iter().zip(found).for_each(|(out, value)| *out = value);
                }
            }
        }
    }
}

impl Slide<'_> {
    /// Sums of some pairs over each block of epochs.
    #[inline(always)]
    fn block_sums(&self, sum: usize, lanes: std::ops::Range<usize>, out: &mut Vec<Lanes>) {
        out.clear();
        if self.epochs.first().is_none_or(|epoch| epoch.sums[sum].is_empty()) {
            return;
        }
        let of_blocks = self.epochs.chunks_exact(self.course.windows.block());
        for epochs in of_blocks.take(self.course.n_blocks()) {
            let at = out.len();
            out.extend_from_slice(&epochs[0].sums[sum][lanes.clone()]);
            for epoch in &epochs[1..] {
                for (total, more) in out[at..].iter_mut().zip(&epoch.sums[sum][lanes.clone()]) {
                    total.0.iter_mut().zip(&more.0).for_each(|(total, more)| *total += more);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::Stream;
    use ndarray::Array2;

    const PAIRS: [(usize, usize); 10] =
        [(1, 0), (2, 0), (2, 1), (3, 0), (3, 1), (3, 2), (0, 3), (1, 3), (0, 2), (0, 1)];

    /// `[channel, time]` of some epochs.
    fn random(n_epochs: usize, n_times: usize) -> Vec<Array2<Complex64>> {
        let mut stream = Stream::new(21, 0);
        let mut z = move || Complex64::new(stream.normal(), stream.normal());
        (0..n_epochs).map(|_| Array2::from_shape_simple_fn((4, n_times), &mut z)).collect()
    }

    /// Every sample as an epoch of one frequency.
    fn one_by_one(epochs: &[Array2<Complex64>]) -> PairSums {
        let mut sums = PairSums::new(4, &PAIRS, 1).unwrap();
        for epoch in epochs {
            for sample in epoch.axis_iter(Axis(1)) {
                let coefs = sample.to_owned().into_shape_with_order((4, 1, 1)).unwrap();
                sums.add_epoch(coefs.view(), &[1.0]).unwrap();
            }
        }
        sums
    }

    #[test]
    fn samples_are_as_epochs() {
        for n_times in [1, 7, 8, 29] {
            let epochs = random(3, n_times);
            let mut sums = SampleSums::new(4, &PAIRS, &Measure::ALL).unwrap();
            epochs.iter().for_each(|epoch| sums.add(&Samples::new(epoch.view()).unwrap()).unwrap());
            let (sums, slow) = (sums.finish(), one_by_one(&epochs));
            assert_eq!((sums.n(), sums.n_freqs()), (3 * n_times, 1));
            for measure in Measure::ALL {
                let gap = sums.measure(measure) - slow.measure(measure);
                assert!(gap.iter().all(|gap| gap.abs() < 1e-12), "{measure:?}: {gap}");
            }
            assert!((sums.coherency() - slow.coherency()).iter().all(|gap| gap.norm() < 1e-12));
        }
    }

    #[test]
    fn every_window_is_as_if_it_were_alone() {
        let epochs = random(14, 13);
        let each: Vec<EpochSums> = epochs
            .iter()
            .map(|epoch| {
                let mut sums = SampleSums::new(4, &PAIRS, &Measure::ALL).unwrap();
                sums.add(&Samples::new(epoch.view()).unwrap()).unwrap();
                sums.of_epoch()
            })
            .collect();
        for (length, step) in [(1, 1), (6, 1), (6, 4), (4, 6), (5, 3), (14, 1)] {
            let windows = SlidingWindows { length, step };
            let values = sliding_sample_measures(&each, windows, &Measure::ALL).unwrap();
            assert_eq!(values.dim(), (Measure::ALL.len(), (14 - length) / step + 1, PAIRS.len()));
            for window in 0..values.dim().1 {
                let alone = one_by_one(&epochs[window * step..window * step + length]);
                for (m, measure) in Measure::ALL.into_iter().enumerate() {
                    let gap = &values.slice(s![m, window, ..]) - &alone.measure(measure).column(0);
                    assert!(gap.iter().all(|gap| gap.abs() < 1e-11), "{measure:?} {length}/{step}: {gap}");
                }
            }
        }
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        assert!(Samples::new(Array2::zeros((4, 0)).view()).is_err());
        let mut sums = SampleSums::new(3, &[(1, 0)], &[Measure::Plv]).unwrap();
        assert!(sums.add(&Samples::new(random(1, 5)[0].view()).unwrap()).is_err());
        assert!(SampleSums::new(3, &[(3, 0)], &[Measure::Plv]).is_err());
        let of = |n_times: usize| {
            let mut sums = SampleSums::new(4, &PAIRS, &[Measure::Plv]).unwrap();
            sums.add(&Samples::new(random(1, n_times)[0].view()).unwrap()).unwrap();
            sums.of_epoch()
        };
        let windows = SlidingWindows { length: 2, step: 1 };
        assert!(sliding_sample_measures(&[of(5), of(6)], windows, &[Measure::Plv]).is_err());
        assert!(sliding_sample_measures(&[of(5)], windows, &[Measure::Plv]).is_err());
        // a measure whose sums were not kept
        let wpli = sliding_sample_measures(&[of(5), of(5)], windows, &[Measure::Wpli]).unwrap();
        assert!(wpli.iter().all(|value| value.is_nan()));
    }
}

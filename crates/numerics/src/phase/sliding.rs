//! Measures over windows of epochs that slide.

use super::finish::{Finish, WithMeasure, with_measure};
use super::kernel::{
    EPOCHS_AT_ONCE, Kinds, NO_CROSSES, TILE, add_crosses, cross_spectra, epochs_at_once, in_blocks, tile_at,
};
use super::lanes::{Lanes, WIDTH};
use super::measure::Sum;
use super::part::add_auto;
use super::split::Rows;
use super::{Measure, SplitEpoch};
use crate::{Error, Result};
use ndarray::{Array4, Array5, ArrayViewMut5, Axis};
use pulp::Simd;

/// Windows of `length` epochs, each `step` epochs after the one before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SlidingWindows {
    /// Epochs of a window.
    pub length: usize,
    /// Epochs from the start of a window to that of the next.
    pub step: usize,
}

impl SlidingWindows {
    /// How many there are in `n_epochs`.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a length or step of 0, [`Error::TooShort`] for fewer epochs than one window has.
    ///
    /// ```
    /// use dosewave_numerics::phase::SlidingWindows;
    /// assert_eq!(SlidingWindows { length: 10, step: 5 }.count(600).unwrap(), 119);
    /// ```
    pub fn count(self, n_epochs: usize) -> Result<usize> {
        for (parameter, value) in [("window length", self.length), ("window step", self.step)] {
            if value == 0 {
                let (value, allowed) = ("0 epochs".into(), "1 or more".into());
                return Err(Error::Invalid { parameter, value, allowed });
            }
        }
        if n_epochs < self.length {
            return Err(Error::TooShort { what: "epochs of a window", got: n_epochs, need: self.length });
        }
        Ok((n_epochs - self.length) / self.step + 1)
    }

    /// The largest number of epochs that every window is a whole number of, from its start on.
    pub(crate) fn block(self) -> usize {
        let (mut a, mut b) = (self.length, self.step);
        while b > 0 {
            (a, b) = (b, a % b);
        }
        a
    }
}

/// Measures over sliding windows of epochs, each averaged over the frequencies of each group (a band, or one bin):
/// `[measure, window, pair, group]`, NaN where a measure is undefined.
///
/// Every cross-spectrum is computed once, however many windows it lies in. Windows are whole numbers of blocks of epochs.
/// Cut into groups of as many blocks as a window has, each window is the end of one group and the start of the next (van
/// Herk 1992, 10.1016/0167-8655(92)90069-C), so it costs one addition per sum, whatever its length. Nothing is subtracted:
/// windows are as accurate as if each had been summed alone, and differ from that by the order of additions and by the last
/// digits of roots and divisions, which are made of multiplications.
///
/// # Errors
/// As [`SlidingWindows::count`]; [`Error::Shape`] when epochs differ in their shape, [`Error::Invalid`] for pairs or
/// frequencies that are not there.
///
/// ```
/// use dosewave_numerics::phase::{Measure, SlidingWindows, SplitEpoch, sliding_measures};
/// use num_complex::Complex64;
/// // the second channel lags in the first three epochs and leads in the last three
/// let epochs: Vec<SplitEpoch> = (0..6)
///     .map(|e| {
///         let turn = Complex64::new(0.0, if e < 3 { -1.0 } else { 1.0 });
///         SplitEpoch::new(ndarray::array![[[Complex64::ONE]], [[turn]]].view(), &[1.0]).unwrap()
///     })
///     .collect();
/// let epochs: Vec<&SplitEpoch> = epochs.iter().collect();
/// let windows = SlidingWindows { length: 3, step: 1 };
/// let dpli = sliding_measures(&epochs, &[(0, 1)], windows, &[Measure::Dpli], &[vec![0]]).unwrap();
/// let course: Vec<f64> = dpli.iter().map(|v| (v * 3.0).round()).collect();
/// assert_eq!(course, [3.0, 2.0, 1.0, 0.0]);
/// ```
pub fn sliding_measures(
    epochs: &[&SplitEpoch],
    pairs: &[(usize, usize)],
    windows: SlidingWindows,
    measures: &[Measure],
    groups: &[Vec<usize>],
) -> Result<Array4<f64>> {
    let mut sums = WindowSums::new(epochs, pairs, windows, measures, groups)?;
    for block in 0..sums.n_blocks() {
        sums.add(epochs, block)?;
    }
    Ok(sums.values())
}

/// [`sliding_measures`] of some pairs in steps of eight frequencies, for who has many pairs: with all pairs worked through
/// before the next frequencies, what is read of the epochs stays in the cache.
///
/// ```
/// use dosewave_numerics::phase::{Measure, SlidingWindows, SplitEpoch, WindowSums, sliding_measures};
/// use num_complex::Complex64;
/// let value = |(c, _, f): (usize, usize, usize)| Complex64::cis((c * (f + 1)) as f64);
/// let epoch = SplitEpoch::new(ndarray::Array3::from_shape_fn((3, 1, 20), value).view(), &[1.0]).unwrap();
/// let (epochs, windows, groups) = ([&epoch; 4], SlidingWindows { length: 2, step: 1 }, [vec![3, 4, 17]]);
/// let whole = sliding_measures(&epochs, &[(1, 0), (2, 0)], windows, &[Measure::Pli], &groups).unwrap();
/// let mut parts = [(1, 0), (2, 0)].map(|pair| {
///     WindowSums::new(&epochs, &[pair], windows, &[Measure::Pli], &groups).unwrap()
/// });
/// for block in 0..parts[0].n_blocks() {
///     parts.iter_mut().for_each(|part| part.add(&epochs, block).unwrap());
/// }
/// for (k, part) in parts.into_iter().enumerate() {
///     assert_eq!(part.values().index_axis(ndarray::Axis(2), 0), whole.index_axis(ndarray::Axis(2), k));
/// }
/// ```
pub struct WindowSums {
    course: Course,
    measures: Vec<Measure>,
    groups: Vec<Vec<usize>>,
    n_freqs: usize,
    /// The pairs in the order in which they are worked through, and where each stood.
    pairs: Vec<(usize, usize)>,
    order: Vec<usize>,
    /// Sums over the bins of each group `[tile, measure, group, window, pair]`.
    totals: Array5<f64>,
}

impl WindowSums {
    /// Nothing added yet. `epochs` are those that will be.
    ///
    /// # Errors
    /// As [`sliding_measures`].
    pub fn new(
        epochs: &[&SplitEpoch],
        pairs: &[(usize, usize)],
        windows: SlidingWindows,
        measures: &[Measure],
        groups: &[Vec<usize>],
    ) -> Result<Self> {
        let n_windows = windows.count(epochs.len())?;
        check(epochs, pairs, groups)?;
        let needed = |sum: &Sum| measures.iter().any(|measure| measure.needs().contains(sum));
        let kept: Vec<Sum> = Sum::ALL.into_iter().filter(needed).collect();
        let (n_channels, n_freqs) = epochs.first().map_or((0, 0), |epoch| (epoch.n_channels, epoch.n_freqs));
        let course = Course { windows, n_windows, kept, n_channels };
        let order = in_blocks(pairs);
        let totals =
            Array5::zeros((pairs.len().div_ceil(TILE), measures.len(), groups.len(), n_windows, TILE));
        let pairs = order.iter().map(|pair| pairs[*pair]).collect();
        let (measures, groups) = (measures.to_vec(), groups.to_vec());
        Ok(Self { course, measures, groups, n_freqs, pairs, order, totals })
    }

    /// Blocks of eight frequencies.
    #[must_use]
    pub fn n_blocks(&self) -> usize {
        Lanes::blocks(self.n_freqs)
    }

    /// Adds one block of frequencies of all epochs; each is to be added once.
    ///
    /// # Errors
    /// [`Error::Shape`] for epochs of another number or shape, [`Error::Invalid`] for a block that is not there.
    pub fn add(&mut self, epochs: &[&SplitEpoch], block: usize) -> Result<()> {
        let Course { windows, n_windows, n_channels, .. } = self.course;
        if windows.count(epochs.len())? != n_windows {
            return Err(Error::Shape {
                what: "windows",
                expected: n_windows,
                got: windows.count(epochs.len())?,
            });
        }
        if let Some(other) = epochs.iter().find(|e| (e.n_channels, e.n_freqs) != (n_channels, self.n_freqs)) {
            let (expected, got) = (n_channels * self.n_freqs, other.n_channels * other.n_freqs);
            return Err(Error::Shape { what: "channels × frequencies of an epoch", expected, got });
        }
        if block >= self.n_blocks() {
            let allowed = format!("below {}", self.n_blocks());
            return Err(Error::Invalid {
                parameter: "block of frequencies",
                value: block.to_string(),
                allowed,
            });
        }
        let Self { course, measures, groups, pairs, totals, .. } = self;
        let totals = totals.view_mut();
        pulp::Arch::new().dispatch(Slide { course, epochs, block, pairs, measures, groups, totals });
        Ok(())
    }

    /// `[measure, window, pair, group]`, NaN where a measure is undefined.
    #[must_use]
    pub fn values(&self) -> Array4<f64> {
        let (n_windows, n_groups) = (self.course.n_windows, self.groups.len());
        let mut values = Array4::zeros((self.measures.len(), n_windows, self.pairs.len(), n_groups));
        for ((tile, m, group, window, item), total) in self.totals.indexed_iter() {
            if let Some(pair) = self.order.get(tile * TILE + item) {
                values[[m, window, *pair, group]] = total / self.groups[group].len() as f64;
            }
        }
        values
    }
}

fn check(epochs: &[&SplitEpoch], pairs: &[(usize, usize)], groups: &[Vec<usize>]) -> Result<()> {
    let shape = |epoch: &SplitEpoch| (epoch.n_channels, epoch.n_tapers, epoch.n_freqs);
    let (n_channels, n_tapers, n_freqs) = epochs.first().map_or((0, 0, 0), |epoch| shape(epoch));
    if let Some(other) = epochs.iter().find(|epoch| shape(epoch) != (n_channels, n_tapers, n_freqs)) {
        return Err(Error::Shape {
            what: "channels × tapers × frequencies of an epoch",
            expected: n_channels * n_tapers * n_freqs,
            got: other.n_channels * other.n_tapers * other.n_freqs,
        });
    }
    if let Some((a, b)) = pairs.iter().find(|(a, b)| *a >= n_channels || *b >= n_channels) {
        let (value, allowed) = (format!("({a}, {b})"), format!("channel indices below {n_channels}"));
        return Err(Error::Invalid { parameter: "pairs", value, allowed });
    }
    if let Some(bins) = groups.iter().find(|bins| bins.is_empty() || bins.iter().any(|f| *f >= n_freqs)) {
        let (value, allowed) = (format!("{bins:?}"), format!("one or more bins below {n_freqs}"));
        return Err(Error::Invalid { parameter: "groups of frequencies", value, allowed });
    }
    Ok(())
}

/// Sums over blocks of epochs, and from them sums over windows.
pub(crate) struct Course {
    pub(crate) windows: SlidingWindows,
    pub(crate) n_windows: usize,
    pub(crate) kept: Vec<Sum>,
    pub(crate) n_channels: usize,
}

impl Course {
    pub(crate) fn n_blocks(&self) -> usize {
        ((self.n_windows - 1) * self.windows.step + self.windows.length) / self.windows.block()
    }

    /// Room for `per_block` values of every sum of a pair that is kept, for each block.
    fn kinds(&self, per_block: usize) -> Kinds {
        let n = self.n_blocks() * per_block;
        Sum::PAIR.map(|sum| vec![Lanes::ZERO; if self.kept.contains(&sum) { n } else { 0 }])
    }

    /// Blocks of a window.
    fn size(&self) -> usize {
        self.windows.length / self.windows.block()
    }

    /// Blocks from a window to the next.
    fn stride(&self) -> usize {
        self.windows.step / self.windows.block()
    }

    /// From sums of blocks `[block][item]`, in `starts`, to sums from the first block of a group of as many as a window has
    /// up to each block; `ends` are those from each block to the last of its group.
    #[inline(always)]
    fn grow(&self, n_items: usize, starts: &mut [Lanes], ends: &mut Vec<Lanes>) {
        ends.resize(starts.len(), Lanes::ZERO);
        let group = (self.size() * n_items).max(1);
        for (starts, ends) in starts.chunks_mut(group).zip(ends.chunks_mut(group)) {
            let last = starts.len() - n_items;
            ends[last..].copy_from_slice(&starts[last..]);
            for at in (0..last).step_by(n_items).rev() {
                let (here, behind) = ends[at..at + 2 * n_items].split_at_mut(n_items);
                for ((end, block), behind) in here.iter_mut().zip(&starts[at..]).zip(behind) {
                    *end = plus(block, behind);
                }
            }
            for at in (0..last).step_by(n_items) {
                let (before, here) = starts[at..at + 2 * n_items].split_at_mut(n_items);
                for (sum, before) in here.iter_mut().zip(before) {
                    *sum = plus(before, sum);
                }
            }
        }
    }

    /// From sums of blocks to sums of windows, `[block or window][item]`. `starts` and `ends` are memory to be used again.
    #[inline(always)]
    pub(crate) fn of_windows(
        &self,
        n_items: usize,
        starts: &mut [Lanes],
        ends: &mut Vec<Lanes>,
        sums: &mut Vec<Lanes>,
    ) {
        sums.clear();
        if starts.is_empty() {
            return;
        }
        self.grow(n_items, starts, ends);
        let size = self.size();
        for first in (0..self.n_windows).map(|window| window * self.stride()) {
            let end = &ends[first * n_items..(first + 1) * n_items];
            if first % size == 0 {
                sums.extend_from_slice(end);
                continue;
            }
            let last = first + size - 1;
            let start = &starts[last * n_items..(last + 1) * n_items];
            for (end, start) in end.iter().zip(start) {
                sums.push(plus(end, start));
            }
        }
    }
}

#[inline(always)]
fn plus(a: &Lanes, b: &Lanes) -> Lanes {
    let mut sum = *a;
    for (sum, value) in sum.0.iter_mut().zip(&b.0) {
        *sum += value;
    }
    sum
}

/// Which of eight neighbouring frequencies belong to a group.
struct Members {
    group: usize,
    /// All bits of a member, none of another: what is undefined there does not matter.
    mask: [u64; WIDTH],
}

impl Members {
    /// Adds the sum over the members of each of `values` to its total, in a fixed order.
    ///
    /// A function of its own, so that it is compiled for every processor: for wider vectors the compiler gathers the values
    /// one by one, which takes several times as long.
    #[inline(never)]
    fn add(&self, values: &[Lanes], totals: &mut [f64]) {
        for (total, values) in totals.iter_mut().zip(values) {
            let mut kept = [0.0; WIDTH];
            for ((kept, value), mask) in kept.iter_mut().zip(&values.0).zip(&self.mask) {
                *kept = f64::from_bits(value.to_bits() & mask);
            }
            let mut halves = [0.0; WIDTH / 2];
            for (k, half) in halves.iter_mut().enumerate() {
                *half = kept[k] + kept[k + WIDTH / 2];
            }
            let [a, b, c, d] = halves;
            *total += (a + c) + (b + d);
        }
    }
}

/// All windows of all pairs at one block of frequencies, with the widest vectors that the processor has.
struct Slide<'a> {
    course: &'a Course,
    epochs: &'a [&'a SplitEpoch],
    block: usize,
    /// In the order in which they are worked through.
    pairs: &'a [(usize, usize)],
    measures: &'a [Measure],
    groups: &'a [Vec<usize>],
    totals: ArrayViewMut5<'a, f64>,
}

impl pulp::WithSimd for Slide<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) {
        let groups = self.groups_in(self.block);
        if groups.is_empty() || self.pairs.is_empty() {
            return;
        }
        let tiles: Vec<_> = (0..self.pairs.len()).step_by(TILE).map(|at| tile_at(self.pairs, at)).collect();
        let mut starts: Vec<Kinds> = tiles.iter().map(|_| self.course.kinds(TILE)).collect();
        let mut ends = Kinds::default();
        let mut values = vec![Lanes::ZERO; self.course.n_windows * TILE];
        let auto = self.auto(simd, self.block);
        self.sum_blocks(simd, self.block, &tiles, &mut starts);
        for ((tile, starts), mut totals) in tiles.iter().zip(&mut starts).zip(self.totals.outer_iter_mut()) {
            for (starts, ends) in starts.iter_mut().zip(&mut ends) {
                self.course.grow(TILE, starts, ends);
            }
            let (course, values) = (self.course, &mut values[..]);
            let mut sums = TileSums { course, tile, starts, ends: &ends, auto: &auto, values };
            for (measure, mut totals) in self.measures.iter().zip(totals.outer_iter_mut()) {
                with_measure(simd, *measure, &mut sums);
                for members in &groups {
                    let mut totals = totals.index_axis_mut(Axis(0), members.group);
                    members.add(sums.values, totals.as_slice_mut().unwrap_or_default());
                }
            }
        }
    }
}

impl Slide<'_> {
    /// Which lanes of a block belong to which group; groups without any are left out.
    fn groups_in(&self, block: usize) -> Vec<Members> {
        let members = |(group, bins): (usize, &Vec<usize>)| {
            let mut mask = [0; WIDTH];
            bins.iter().filter(|f| *f / WIDTH == block).for_each(|f| mask[f % WIDTH] = u64::MAX);
            Members { group, mask }
        };
        let all = self.groups.iter().enumerate().map(members);
        all.filter(|members| members.mask.contains(&u64::MAX)).collect()
    }

    /// Auto-spectra of windows `[window][channel]`; empty where no measure needs them.
    #[inline(always)]
    fn auto<S: Simd>(&self, simd: S, block: usize) -> Vec<Lanes> {
        if !self.course.kept.contains(&Sum::AutoX) {
            return Vec::new();
        }
        let n_channels = self.course.n_channels;
        let mut sums = vec![Lanes::ZERO; self.course.n_blocks() * n_channels];
        let of_blocks = self.epochs.chunks_exact(self.course.windows.block());
        let used: Vec<bool> =
            (0..n_channels).map(|c| self.pairs.iter().any(|(x, y)| *x == c || *y == c)).collect();
        for (epochs, sums) in of_blocks.zip(sums.chunks_exact_mut(n_channels)) {
            add_auto(simd, epochs, block, sums, |channel| used[channel]);
        }
        let mut windows = Vec::new();
        self.course.of_windows(n_channels, &mut sums, &mut Vec::new(), &mut windows);
        windows
    }

    /// Sums of all pairs over each block of epochs. Epochs are the outer loop, so that their rows are in the first cache
    /// while all pairs need them.
    #[inline(always)]
    fn sum_blocks<S: Simd>(
        &self,
        simd: S,
        block: usize,
        tiles: &[[(usize, usize); TILE]],
        sums: &mut [Kinds],
    ) {
        let real = [Sum::Re, Sum::UnitRe].iter().any(|sum| self.course.kept.contains(sum));
        let at_once = epochs_at_once(self.epochs.first().map_or(1, |epoch| epoch.n_tapers));
        let mut crosses = NO_CROSSES;
        let of_blocks = self.epochs.chunks_exact(self.course.windows.block());
        for (b, epochs) in of_blocks.take(self.course.n_blocks()).enumerate() {
            for epochs in epochs.chunks(at_once) {
                let mut rows = [Rows::NONE; EPOCHS_AT_ONCE];
                rows.iter_mut().zip(epochs).for_each(|(rows, epoch)| *rows = epoch.rows(block));
                let rows = &rows[..epochs.len()];
                for (tile, sums) in tiles.iter().zip(&mut *sums) {
                    for (rows, crosses) in rows.iter().zip(&mut crosses) {
                        if real {
                            cross_spectra::<S, true>(simd, (*rows, *rows), tile, crosses);
                        } else {
                            cross_spectra::<S, false>(simd, (*rows, *rows), tile, crosses);
                        }
                    }
                    add_crosses(simd, &crosses[..epochs.len()], None, b * TILE, sums);
                }
            }
        }
    }
}

/// Sums of four pairs at eight frequencies over growing stretches of blocks, of which windows are made.
struct TileSums<'a> {
    course: &'a Course,
    tile: &'a [(usize, usize); TILE],
    /// `[block][pair]`: from the first block of a group up to this one.
    starts: &'a Kinds,
    /// `[block][pair]`: from this block to the last of its group.
    ends: &'a Kinds,
    /// `[window][channel]`.
    auto: &'a [Lanes],
    /// A measure in every window, `[window][pair]`.
    values: &'a mut [Lanes],
}

impl WithMeasure for TileSums<'_> {
    #[inline(always)]
    fn with<S: Simd, F: Finish>(&mut self, simd: S, _: F) {
        let n = self.course.windows.length as f64;
        let (size, stride) = (self.course.size(), self.course.stride());
        let (starts, ends) = (self.starts.each_ref(), self.ends.each_ref());
        let [starts, ends] = [starts, ends].map(|kinds| kinds.map(|kind| kind.as_chunks::<TILE>().0));
        for (window, values) in self.values.as_chunks_mut::<TILE>().0.iter_mut().enumerate() {
            let first = window * stride;
            // a window that is a whole group is the end of it alone
            let last = (first % size > 0).then(|| first + size - 1);
            for (pair, (value, (x, y))) in values.iter_mut().zip(self.tile).enumerate() {
                for part in 0..WIDTH / S::F64_LANES {
                    let auto = |channel: usize| {
                        self.auto[window * self.course.n_channels + channel].vectors::<S>()[part]
                    };
                    let sum = |sum: Sum| match sum {
                        Sum::AutoX => auto(*x),
                        Sum::AutoY => auto(*y),
                        _ => {
                            let end = ends[sum as usize][first][pair].vectors::<S>()[part];
                            let Some(last) = last else { return end };
                            let start = starts[sum as usize][last][pair].vectors::<S>()[part];
                            simd.add_f64s(end, start)
                        }
                    };
                    value.vectors_mut::<S>()[part] = F::of(simd, n, sum);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::phase::PairSums;
    use crate::stats::Stream;
    use ndarray::Array3;
    use num_complex::Complex64;

    const PAIRS: [(usize, usize); 6] = [(1, 0), (2, 0), (2, 1), (3, 0), (3, 1), (0, 3)];

    fn random(n: usize, n_freqs: usize) -> Vec<SplitEpoch> {
        let mut stream = Stream::new(12, 0);
        let mut z = move || Complex64::new(stream.normal(), stream.normal());
        (0..n)
            .map(|_| {
                let coefs = Array3::from_shape_simple_fn((4, 2, n_freqs), &mut z);
                SplitEpoch::new(coefs.view(), &[1.0, 0.8]).unwrap()
            })
            .collect()
    }

    /// Every window alone, for lengths and steps that divide each other, have a common part, or none.
    #[test]
    fn every_window_is_as_if_it_were_alone() {
        let epochs = random(23, 11);
        let epochs: Vec<&SplitEpoch> = epochs.iter().collect();
        let groups = [vec![0], vec![2, 3, 4], vec![6, 7, 8, 9], vec![10, 1]];
        for (length, step) in [(1, 1), (6, 1), (6, 3), (6, 4), (4, 6), (5, 3), (23, 1), (7, 11), (12, 12)] {
            let windows = SlidingWindows { length, step };
            let values = sliding_measures(&epochs, &PAIRS, windows, &Measure::ALL, &groups).unwrap();
            assert_eq!(values.dim(), (Measure::ALL.len(), (23 - length) / step + 1, 6, 4));
            for window in 0..values.dim().1 {
                let mut sums = PairSums::new(4, &PAIRS, 11).unwrap();
                sums.add_epochs(&epochs[window * step..window * step + length]).unwrap();
                for (m, measure) in Measure::ALL.into_iter().enumerate() {
                    let alone = sums.measure(measure);
                    for (group, bins) in groups.iter().enumerate() {
                        for pair in 0..PAIRS.len() {
                            let expected =
                                bins.iter().map(|f| alone[[pair, *f]]).sum::<f64>() / bins.len() as f64;
                            let got = values[[m, window, pair, group]];
                            let same = (got - expected).abs() < 1e-10 || (got.is_nan() && expected.is_nan());
                            assert!(same, "{measure:?} {length}/{step} window {window}: {got} {expected}");
                        }
                    }
                }
            }
        }
    }

    /// What only one measure needs is computed the same as together with all others.
    #[test]
    fn a_measure_alone_is_as_among_all() {
        let epochs = random(9, 5);
        let epochs: Vec<&SplitEpoch> = epochs.iter().collect();
        let (windows, groups) = (SlidingWindows { length: 4, step: 2 }, [vec![0, 1, 2, 3, 4]]);
        let all = sliding_measures(&epochs, &PAIRS, windows, &Measure::ALL, &groups).unwrap();
        for (m, measure) in Measure::ALL.into_iter().enumerate() {
            let one = sliding_measures(&epochs, &PAIRS, windows, &[measure], &groups).unwrap();
            assert_eq!(one.index_axis(ndarray::Axis(0), 0), all.index_axis(ndarray::Axis(0), m));
        }
    }

    #[test]
    fn what_is_not_there_is_refused() {
        let epochs = random(5, 3);
        let epochs: Vec<&SplitEpoch> = epochs.iter().collect();
        let run = |pair, length, bin| {
            let windows = SlidingWindows { length, step: 1 };
            sliding_measures(&epochs, &[pair], windows, &[Measure::Wpli], &[vec![bin]])
                .map_err(|e| e.to_string())
        };
        assert!(run((1, 0), 5, 2).is_ok());
        assert_eq!(run((1, 0), 6, 2).unwrap_err(), "epochs of a window: 5 given, at least 6 needed");
        assert_eq!(run((1, 0), 0, 2).unwrap_err(), "window length = 0 epochs; allowed: 1 or more");
        assert!(run((4, 0), 2, 2).unwrap_err().contains("channel indices below 4"));
        assert!(run((1, 0), 2, 3).unwrap_err().contains("below 3"));
    }
}

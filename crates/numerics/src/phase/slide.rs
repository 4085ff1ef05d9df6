//! The inner loops of measures over sliding windows: sums of all pairs over blocks of epochs, windows of them, means over
//! groups of frequencies.

use super::course::Course;
use super::finish::{Finish, WithMeasure, with_measure};
use super::kernel::{
    EPOCHS_AT_ONCE, Kinds, NO_CROSSES, TILE, add_crosses, cross_spectra, epochs_at_once, tile_at,
};
use super::measure::Sum;
use super::part::add_auto;
use super::split::Rows;
use super::{Measure, SplitEpoch};
use crate::lanes::{Lanes, WIDTH};
use ndarray::{ArrayViewMut5, Axis};
use pulp::Simd;

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
pub(super) struct Slide<'a> {
    pub(super) course: &'a Course,
    pub(super) epochs: &'a [&'a SplitEpoch],
    pub(super) block: usize,
    /// In the order in which they are worked through.
    pub(super) pairs: &'a [(usize, usize)],
    pub(super) measures: &'a [Measure],
    pub(super) groups: &'a [Vec<usize>],
    pub(super) totals: ArrayViewMut5<'a, f64>,
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

//! Sums over windows of epochs out of sums over blocks of them.

use super::SlidingWindows;
use super::kernel::Kinds;
use super::measure::Sum;
use crate::lanes::Lanes;

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
    pub(super) fn kinds(&self, per_block: usize) -> Kinds {
        let n = self.n_blocks() * per_block;
        Sum::PAIR.map(|sum| vec![Lanes::ZERO; if self.kept.contains(&sum) { n } else { 0 }])
    }

    /// Blocks of a window.
    pub(super) fn size(&self) -> usize {
        self.windows.length / self.windows.block()
    }

    /// Blocks from a window to the next.
    pub(super) fn stride(&self) -> usize {
        self.windows.step / self.windows.block()
    }

    /// From sums of blocks `[block][item]`, in `starts`, to sums from the first block of a group of as many as a window has
    /// up to each block; `ends` are those from each block to the last of its group.
    #[inline(always)]
    pub(super) fn grow(&self, n_items: usize, starts: &mut [Lanes], ends: &mut Vec<Lanes>) {
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

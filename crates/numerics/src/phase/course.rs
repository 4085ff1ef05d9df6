//! Sums over windows of epochs out of sums over blocks of them.

use super::SlidingWindows;
use super::measure::Sum;
use crate::lanes::Lanes;
use std::ops::Range;

/// Sums over blocks of epochs, and from them sums over windows.
pub(crate) struct Course {
    pub(crate) windows: SlidingWindows,
    pub(crate) n_windows: usize,
    pub(crate) kept: Vec<Sum>,
    pub(crate) n_channels: usize,
}

/// One window after the other: the end of a group of as many epochs as a window has, and the start of the next group.
pub(super) struct Step {
    /// First epoch of the window: from it to the end of its group.
    pub(super) first: usize,
    /// Whether it begins in another group than the window before.
    pub(super) is_fresh: bool,
    /// Epochs of the next group that it has and the window before did not have.
    pub(super) added: Range<usize>,
}

impl Course {
    /// Epochs that are in any window, and those between them.
    pub(super) fn n_epochs(&self) -> usize {
        (self.n_windows - 1) * self.windows.step + self.windows.length
    }

    pub(crate) fn n_blocks(&self) -> usize {
        self.n_epochs() / self.windows.block()
    }

    /// Every window.
    pub(super) fn steps(&self) -> Vec<Step> {
        let SlidingWindows { length, step } = self.windows;
        let mut end = 0;
        let window = |first: usize| {
            let next_group = (first / length + 1) * length;
            let is_fresh = end <= next_group;
            let from = if is_fresh { next_group } else { end };
            end = first + length;
            Step { first, is_fresh, added: from..end }
        };
        (0..self.n_windows).map(|k| k * step).map(window).collect()
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

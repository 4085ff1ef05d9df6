//! Some pairs' sums at eight frequencies: a piece of the work that needs no other.

use super::SplitEpoch;
use super::kernel::{
    EPOCHS_AT_ONCE, Kinds, NO_CROSSES, TILE, add_crosses, add_imaginary_of_one_taper, cross_spectra,
    epochs_at_once, tile_at,
};
use super::measure::{Sum, SumRows};
use super::split::Rows;
use crate::lanes::{Lanes, WIDTH};
use pulp::Simd;
use std::ops::Range;

/// Most pairs of one part: their sums and the coefficients of a few epochs fit in the second cache.
const MOST_PAIRS: usize = 2048;
const FEWEST_PAIRS: usize = 256;
/// Parts that there should be at least, for threads to share.
const PARTS: usize = 8;

/// Pairs of one part. It depends on the shape of the work only, never on who does it.
pub(crate) fn pairs_of_a_part(n_pairs: usize, n_blocks: usize) -> usize {
    (n_pairs * n_blocks).div_ceil(PARTS).clamp(FEWEST_PAIRS, MOST_PAIRS).next_multiple_of(TILE)
}

/// Sums of some pairs at one block of frequencies.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Part {
    /// Which of the pairs, in the order in which they are worked through.
    pub(crate) pairs: Range<usize>,
    /// Which block of frequencies.
    pub(crate) block: usize,
    /// The lengths that [`Self::kinds`] and [`Self::auto`] have from the first epoch on: the thread that adds it, not the
    /// one that plans, waits for their memory.
    lengths: [usize; Sum::PAIR.len()],
    n_auto: usize,
    pub(crate) kinds: Kinds,
    /// `[channel]`; empty where no auto-spectra are kept, or another part of this block keeps them.
    pub(crate) auto: Vec<Lanes>,
}

impl Part {
    pub(crate) fn new(pairs: Range<usize>, block: usize, kept: &[Sum], n_channels: usize) -> Self {
        // room for whole tiles
        let n = pairs.len().next_multiple_of(TILE);
        let lengths = Sum::PAIR.map(|sum| if kept.contains(&sum) { n } else { 0 });
        let keeps_auto = pairs.start == 0 && kept.contains(&Sum::AutoX);
        let n_auto = if keeps_auto { n_channels } else { 0 };
        Self { pairs, block, lengths, n_auto, kinds: Default::default(), auto: Vec::new() }
    }

    fn make_room(&mut self) {
        for (kind, length) in self.kinds.iter_mut().zip(self.lengths) {
            kind.resize(length, Lanes::ZERO);
        }
        self.auto.resize(self.n_auto, Lanes::ZERO);
    }

    /// Adds `count` times the sums of a part of the same shape.
    pub(crate) fn add_scaled(&mut self, other: &Self, count: f64) {
        self.make_room();
        let mine = self.kinds.iter_mut().chain([&mut self.auto]).flatten();
        let theirs = other.kinds.iter().chain([&other.auto]).flatten();
        for (mine, theirs) in mine.zip(theirs) {
            for (mine, theirs) in mine.0.iter_mut().zip(&theirs.0) {
                *mine += count * theirs;
            }
        }
    }

    /// The sums of one pair (counted from the first of this part) at the eight frequencies; zeros for those not kept.
    pub(crate) fn rows<'a>(&'a self, pair: usize, n: f64, [auto_x, auto_y]: [&'a Lanes; 2]) -> SumRows<'a> {
        let kind = |k: usize| self.kinds[k].get(pair).map_or(&Lanes::ZERO.0[..], |lanes| &lanes.0[..]);
        SumRows {
            n,
            parts: [kind(0), kind(1), kind(2), kind(3), kind(4), kind(5), kind(6), &auto_x.0, &auto_y.0],
        }
    }
}

/// What is to be added to a part: the epochs that the first channel of each pair is taken from, and those of the second.
pub(crate) struct Add<'a> {
    pub(crate) part: &'a mut Part,
    pub(crate) pairs: &'a [(usize, usize)],
    pub(crate) firsts: &'a [&'a SplitEpoch],
    pub(crate) seconds: &'a [&'a SplitEpoch],
}

impl pulp::WithSimd for Add<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { part, pairs, firsts, seconds } = self;
        part.make_room();
        let n_tapers = firsts.first().map_or(1, |epoch| epoch.n_tapers);
        let keeps = |sum: Sum| !part.kinds[sum as usize].is_empty();
        // of one taper, S/|S| is made of the phases of the channels
        let by_channel = n_tapers == 1 && keeps(Sum::UnitRe);
        let real = keeps(Sum::Re) || keeps(Sum::UnitRe) && !by_channel;
        let wanted = if by_channel { channels_of(pairs, firsts) } else { Vec::new() };
        let (mut crosses, mut units) = (NO_CROSSES, NO_CROSSES);
        let at_once = epochs_at_once(n_tapers);
        for (firsts, seconds) in firsts.chunks(at_once).zip(seconds.chunks(at_once)) {
            add_auto(simd, firsts, part.block, &mut part.auto, |_| true);
            let mut phases = Vec::new();
            for (x, y) in firsts.iter().zip(seconds).filter(|_| by_channel) {
                phases.push([x.phases(simd, part.block, &wanted), y.phases(simd, part.block, &wanted)]);
            }
            let (mut rows, mut phase_rows) = ([NO_PAIR; EPOCHS_AT_ONCE], [NO_PAIR; EPOCHS_AT_ONCE]);
            for (rows, epochs) in rows.iter_mut().zip(firsts.iter().zip(seconds)) {
                *rows = (epochs.0.rows(part.block), epochs.1.rows(part.block));
            }
            for (rows, [x, y]) in phase_rows.iter_mut().zip(&phases) {
                *rows = (x.rows(0), y.rows(0));
            }
            let (rows, phase_rows) = (&rows[..firsts.len()], &phase_rows[..phases.len()]);
            for first in (0..pairs.len()).step_by(TILE) {
                let tile = tile_at(pairs, first);
                if n_tapers == 1 && !real && !by_channel {
                    add_imaginary_of_one_taper(simd, rows, &tile, first, &mut part.kinds);
                    continue;
                }
                for (rows, crosses) in rows.iter().zip(&mut crosses) {
                    if real {
                        cross_spectra::<S, true>(simd, *rows, &tile, crosses);
                    } else {
                        cross_spectra::<S, false>(simd, *rows, &tile, crosses);
                    }
                }
                for (rows, units) in phase_rows.iter().zip(&mut units) {
                    cross_spectra::<S, true>(simd, *rows, &tile, units);
                }
                let (crosses, units) = (&crosses[..firsts.len()], &units[..firsts.len()]);
                add_crosses(simd, crosses, by_channel.then_some(units), first, &mut part.kinds);
            }
        }
    }
}

const NO_PAIR: (Rows<'_>, Rows<'_>) = (Rows::NONE, Rows::NONE);

/// Which channels are in any of the pairs.
fn channels_of(pairs: &[(usize, usize)], epochs: &[&SplitEpoch]) -> Vec<bool> {
    let mut wanted = vec![false; epochs.first().map_or(0, |epoch| epoch.n_channels)];
    for (x, y) in pairs {
        wanted[*x] = true;
        wanted[*y] = true;
    }
    wanted
}

/// `Σ_tapers |X|²` of every channel that is wanted.
#[inline(always)]
pub(crate) fn add_auto<S: Simd>(
    simd: S,
    epochs: &[&SplitEpoch],
    block: usize,
    auto: &mut [Lanes],
    wanted: impl Fn(usize) -> bool,
) {
    for epoch in epochs {
        for (channel, sum) in auto.iter_mut().enumerate().filter(|(channel, _)| wanted(*channel)) {
            let row = epoch.rows(block).of(channel);
            for part in 0..WIDTH / S::F64_LANES {
                let mut power = simd.splat_f64s(0.0);
                for lanes in row.as_flattened() {
                    let v = lanes.vectors::<S>()[part];
                    power = simd.mul_add_e_f64s(v, v, power);
                }
                let sum = &mut sum.vectors_mut::<S>()[part];
                *sum = simd.add_f64s(*sum, power);
            }
        }
    }
}

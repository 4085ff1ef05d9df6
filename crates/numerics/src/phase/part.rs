//! Some pairs' sums at eight frequencies: a piece of the work that needs no other.

use super::SplitEpoch;
use super::kernel::{
    EPOCHS_AT_ONCE, Kinds, NO_CROSSES, OfOneTaper, TILE, add_crosses, cross_spectra, epochs_at_once, tile_at,
};
use super::measure::{Sum, SumRows};
use super::split::{Phases, Rows};
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
        let block = part.block;
        let [has_re, has_units] = [Sum::Re, Sum::UnitRe].map(|sum| !part.kinds[sum as usize].is_empty());
        let wanted = if n_tapers == 1 && has_units { channels_of(pairs, firsts) } else { Vec::new() };
        let at_once = epochs_at_once(n_tapers);
        for (firsts, seconds) in firsts.chunks(at_once).zip(seconds.chunks(at_once)) {
            add_auto(simd, firsts, block, 0..part.n_auto, &mut part.auto);
            let mut rows = [NO_PAIR; EPOCHS_AT_ONCE];
            for (rows, (x, y)) in rows.iter_mut().zip(firsts.iter().zip(seconds)) {
                *rows = (x.rows(block), y.rows(block));
            }
            let rows = &rows[..firsts.len()];
            if n_tapers == 1 {
                add_one_taper(simd, rows, &wanted, pairs, &mut part.kinds);
            } else if has_re || has_units {
                add_tapers::<S, true>(simd, rows, pairs, &mut part.kinds);
            } else {
                add_tapers::<S, false>(simd, rows, pairs, &mut part.kinds);
            }
        }
    }
}

/// Adds some epochs of several tapers to the sums of all pairs.
#[inline(always)]
fn add_tapers<S: Simd, const REAL: bool>(
    simd: S,
    rows: &[(Rows<'_>, Rows<'_>)],
    pairs: &[(usize, usize)],
    kinds: &mut Kinds,
) {
    let mut crosses = NO_CROSSES;
    let crosses = &mut crosses[..rows.len()];
    for first in (0..pairs.len()).step_by(TILE) {
        let tile = tile_at(pairs, first);
        for (rows, crosses) in rows.iter().zip(&mut *crosses) {
            cross_spectra::<S, REAL>(simd, *rows, &tile, crosses);
        }
        add_crosses(simd, &*crosses, None, first, kinds);
    }
}

/// Adds some epochs of one taper: `S/|S|` is made of the phases of the channels, of those that are wanted.
#[inline(always)]
fn add_one_taper<S: Simd>(
    simd: S,
    rows: &[(Rows<'_>, Rows<'_>)],
    wanted: &[bool],
    pairs: &[(usize, usize)],
    kinds: &mut Kinds,
) {
    let phases: Vec<[Phases; 2]> = if wanted.is_empty() { Vec::new() } else { phases(simd, rows, wanted) };
    let mut units = [NO_PAIR; EPOCHS_AT_ONCE];
    for (units, [x, y]) in units.iter_mut().zip(&phases) {
        // of surrogates the second channels come from other epochs
        *units = (x.rows(), if y.is_empty() { x.rows() } else { y.rows() });
    }
    let units = &units[..phases.len()];
    for first in (0..pairs.len()).step_by(TILE) {
        let tile = &tile_at(pairs, first);
        if tile.iter().all(|pair| pair.0 == tile[0].0) {
            let units = OfOneTaper::<true> { rows: units, tile };
            add_crosses(simd, &OfOneTaper::<true> { rows, tile }, Some(&units), first, kinds);
        } else {
            let units = OfOneTaper::<false> { rows: units, tile };
            add_crosses(simd, &OfOneTaper::<false> { rows, tile }, Some(&units), first, kinds);
        }
    }
}

/// Phases of the first and the second channels of each epoch; those of the second are empty where they are the first's.
#[inline(always)]
fn phases<S: Simd>(simd: S, rows: &[(Rows<'_>, Rows<'_>)], wanted: &[bool]) -> Vec<[Phases; 2]> {
    let mut all = Vec::with_capacity(rows.len());
    for (x, y) in rows {
        let second = if x.is_same(*y) { Phases::default() } else { Phases::new(simd, *y, wanted) };
        all.push([Phases::new(simd, *x, wanted), second]);
    }
    all
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

/// Adds `Σ_tapers |X|²` of each of `channels`.
#[inline(always)]
pub(crate) fn add_auto<S: Simd>(
    simd: S,
    epochs: &[&SplitEpoch],
    block: usize,
    channels: impl Iterator<Item = usize> + Clone,
    auto: &mut [Lanes],
) {
    for epoch in epochs {
        for (channel, sum) in channels.clone().zip(&mut *auto) {
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

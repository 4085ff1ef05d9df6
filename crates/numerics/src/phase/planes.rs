//! Cross-spectra of some pairs in every epoch, one pair after the other: what sums over windows are made of.

use super::SplitEpoch;
use super::kernel::{
    Crosses, EPOCHS_AT_ONCE, Gain, NO_CROSSES, TILE, Unit, cross_spectra, epochs_at_once, tile_at,
};
use super::measure::Sum;
use super::split::Rows;
use crate::lanes::{Lanes, WIDTH};
use pulp::Simd;

/// Bytes of cross-spectra at a time: what stays in the second cache beside the coefficients of one taper. Those of several
/// tapers are the larger part of what is read, and the more pairs take them at a time, the less often that is.
const BYTES: usize = 384 << 10;
const BYTES_OF_TAPERS: usize = 1536 << 10;

/// A part of a cross-spectrum.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Plane {
    Re,
    Im,
    UnitRe,
    UnitIm,
}

impl Plane {
    const ALL: [Self; 4] = [Self::Re, Self::Im, Self::UnitRe, Self::UnitIm];

    /// The part that a sum of a pair adds up a function of.
    fn of(sum: Sum) -> Option<Self> {
        match sum {
            Sum::Re => Some(Self::Re),
            Sum::Im | Sum::SignIm | Sum::AbsIm | Sum::ImSquared => Some(Self::Im),
            Sum::UnitRe => Some(Self::UnitRe),
            Sum::UnitIm => Some(Self::UnitIm),
            Sum::AutoX | Sum::AutoY => None,
        }
    }
}

/// Real and imaginary part of `S` and of `S/|S|` at eight frequencies, `[pair][epoch]`; those that no sum takes are empty.
pub(super) struct Planes {
    planes: [Vec<Lanes>; 4],
    n_epochs: usize,
    /// From one pair to the next: an odd number of cache lines, so that pairs do not crowd the same sets of the cache.
    stride: usize,
    pairs_at_once: usize,
}

impl Planes {
    pub(super) fn new(kept: &[Sum], n_epochs: usize, n_tapers: usize, n_pairs: usize) -> Self {
        let stride = n_epochs | 1;
        let is_wanted = |plane: &Plane| kept.iter().any(|sum| Plane::of(*sum) == Some(*plane));
        let n_planes = Plane::ALL.iter().filter(|plane| is_wanted(plane)).count().max(1);
        let of_a_tile = n_planes * stride * TILE * size_of::<Lanes>();
        let bytes = if n_tapers == 1 { BYTES } else { BYTES_OF_TAPERS };
        let pairs_at_once = ((bytes / of_a_tile).max(1) * TILE).min(n_pairs.next_multiple_of(TILE));
        let planes = Plane::ALL
            .map(|plane| vec![Lanes::ZERO; if is_wanted(&plane) { pairs_at_once * stride } else { 0 }]);
        Self { planes, n_epochs, stride, pairs_at_once }
    }

    /// Most pairs that [`Self::fill`] takes.
    pub(super) fn pairs_at_once(&self) -> usize {
        self.pairs_at_once
    }

    /// What `sum` adds up a function of, epoch by epoch.
    #[inline(always)]
    pub(super) fn of(&self, sum: Sum, pair: usize) -> &[Lanes] {
        let plane = Plane::of(sum).map_or(&[][..], |plane| &self.planes[plane as usize][..]);
        plane.get(pair * self.stride..pair * self.stride + self.n_epochs).unwrap_or_default()
    }

    fn has(&self, plane: Plane) -> bool {
        !self.planes[plane as usize].is_empty()
    }

    /// The cross-spectra of `pairs` at one block of frequencies. Some epochs are the outer loop, so that their rows are in the
    /// first cache while all pairs need them.
    #[inline(always)]
    pub(super) fn fill<S: Simd>(
        &mut self,
        simd: S,
        epochs: &[&SplitEpoch],
        block: usize,
        pairs: &[(usize, usize)],
    ) {
        let n_tapers = epochs.first().map_or(1, |epoch| epoch.n_tapers);
        let at_once = epochs_at_once(n_tapers);
        let real = self.has(Plane::Re) || self.has(Plane::UnitRe);
        let mut crosses = NO_CROSSES[0];
        for (first, epochs) in (0..).step_by(at_once).zip(epochs.chunks(at_once)) {
            let mut rows = [Rows::NONE; EPOCHS_AT_ONCE];
            rows.iter_mut().zip(epochs).for_each(|(rows, epoch)| *rows = epoch.rows(block));
            for at in (0..pairs.len()).step_by(TILE) {
                let tile = tile_at(pairs, at);
                for (k, rows) in rows[..epochs.len()].iter().enumerate() {
                    if real {
                        cross_spectra::<S, true>(simd, (*rows, *rows), &tile, &mut crosses);
                    } else {
                        cross_spectra::<S, false>(simd, (*rows, *rows), &tile, &mut crosses);
                    }
                    let place = at * self.stride + first + k;
                    self.keep(&crosses, [Plane::Re, Plane::Im], place);
                    if self.has(Plane::UnitRe) {
                        normalise(simd, &mut crosses);
                        self.keep(&crosses, [Plane::UnitRe, Plane::UnitIm], place);
                    }
                }
            }
        }
    }

    /// Puts real and imaginary parts of four pairs in one epoch into their planes, if there are such.
    #[inline(always)]
    fn keep(&mut self, crosses: &Crosses, parts: [Plane; 2], place: usize) {
        for (part, plane) in parts.into_iter().enumerate() {
            let plane = &mut self.planes[plane as usize];
            if !plane.is_empty() {
                for (pair, cross) in crosses.iter().enumerate() {
                    plane[place + pair * self.stride] = cross[part];
                }
            }
        }
    }
}

/// `S/|S|` of each.
#[inline(always)]
fn normalise<S: Simd>(simd: S, crosses: &mut Crosses) {
    let zero = simd.splat_f64s(0.0);
    for [re, im] in crosses {
        for part in 0..WIDTH / S::F64_LANES {
            let (re, im) = (&mut re.vectors_mut::<S>()[part], &mut im.vectors_mut::<S>()[part]);
            [*re, *im] = Unit::add(simd, [zero; 2], *re, *im);
        }
    }
}

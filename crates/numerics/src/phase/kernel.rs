//! The inner loops of pair sums: cross-spectra of four pairs over some epochs, then each kind of sum over them.
//!
//! Only the sums that are kept are computed, each by a loop of its own without branches. Real and imaginary parts lie
//! apart, eight frequencies side by side; between the two loops the cross-spectra stay in the first cache. Every pair and
//! frequency adds its epochs one after the other, so neither the width of the vectors nor the number of threads changes a
//! sum.

use super::measure::Sum;
use super::split::Rows;
use crate::lanes::{Lanes, WIDTH, inverse_root};
use pulp::Simd;

/// Pairs at a time: their sums and the parts of their cross-spectra fit in the registers.
pub(crate) const TILE: usize = 4;
/// Most epochs at a time.
pub(crate) const EPOCHS_AT_ONCE: usize = 8;
/// Channels of a block on either side of its pairs.
const BLOCK: usize = 8;

/// Epochs at a time: so many that the rows of two blocks of channels stay in the first cache.
pub(crate) fn epochs_at_once(n_tapers: usize) -> usize {
    (2 * EPOCHS_AT_ONCE / n_tapers.max(1)).clamp(2, EPOCHS_AT_ONCE)
}

/// The order in which pairs are worked through: those of eight channels with eight others follow each other, so that a row
/// is used eight times while it is in the first cache. Who hands pairs to the kernels some at a time should keep to it.
///
/// ```
/// use dosewave_numerics::phase::in_blocks;
/// // channel 9 belongs to the second eight
/// assert_eq!(in_blocks(&[(0, 9), (1, 0), (1, 9), (2, 0)]), [1, 3, 0, 2]);
/// ```
#[must_use]
pub fn in_blocks(pairs: &[(usize, usize)]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..pairs.len()).collect();
    order.sort_by_key(|k| {
        let (x, y) = pairs[*k];
        (x / BLOCK, y / BLOCK, x, y)
    });
    order
}

/// Real and imaginary part of the cross-spectra of four pairs in one epoch.
pub(crate) type Crosses = [[Lanes; 2]; TILE];

const ZERO: [Lanes; 2] = [Lanes::ZERO; 2];

/// Room for the cross-spectra of some epochs.
pub(crate) const NO_CROSSES: [Crosses; EPOCHS_AT_ONCE] = [[[Lanes::ZERO; 2]; TILE]; EPOCHS_AT_ONCE];

/// Four pairs from `first` on; the last pair repeats where there are fewer.
pub(crate) fn tile_at(pairs: &[(usize, usize)], first: usize) -> [(usize, usize); TILE] {
    std::array::from_fn(|k| pairs[(first + k).min(pairs.len() - 1)])
}

/// `S = Σ_tapers X·conj(Y)` of four pairs at one block of frequencies, `x` taken from one epoch and `y` from another (the
/// same one, but for surrogates). The two products of the imaginary part are summed apart: of a channel with itself they
/// are the same to the bit, and nothing is left.
#[inline(always)]
pub(crate) fn cross_spectra<S: Simd, const REAL: bool>(
    simd: S,
    (first, second): (Rows<'_>, Rows<'_>),
    tile: &[(usize, usize); TILE],
    crosses: &mut Crosses,
) {
    if first.n_tapers == 1 {
        // no loop over tapers, and one check for each row; `array::map` would not be inlined
        let mut rows = [[&ZERO; 2]; TILE];
        for (rows, (x, y)) in rows.iter_mut().zip(tile) {
            *rows = [first.single(*x), second.single(*y)];
        }
        cross_spectra_of::<S, REAL>(simd, 1, |pair, side, _| rows[pair][side], crosses);
    } else {
        let n_tapers = first.n_tapers;
        // one length for all, so that the loop needs no check
        let mut rows: [[&[[Lanes; 2]]; 2]; TILE] = [[&[]; 2]; TILE];
        for (rows, (x, y)) in rows.iter_mut().zip(tile) {
            *rows = [&first.of(*x)[..n_tapers], &second.of(*y)[..n_tapers]];
        }
        cross_spectra_of::<S, REAL>(simd, n_tapers, |pair, side, taper| &rows[pair][side][taper], crosses);
    }
}

/// The same of rows that `row(pair, side, taper)` gives.
#[inline(always)]
fn cross_spectra_of<'a, S: Simd, const REAL: bool>(
    simd: S,
    n_tapers: usize,
    row: impl Fn(usize, usize, usize) -> &'a [Lanes; 2],
    crosses: &mut Crosses,
) {
    for part in 0..WIDTH / S::F64_LANES {
        let zero = simd.splat_f64s(0.0);
        let (mut real, mut plus, mut minus) = ([zero; TILE], [zero; TILE], [zero; TILE]);
        for taper in 0..n_tapers {
            for pair in 0..TILE {
                let ([x_re, x_im], [y_re, y_im]) = (row(pair, 0, taper), row(pair, 1, taper));
                let (x_re, x_im) = (x_re.vectors::<S>()[part], x_im.vectors::<S>()[part]);
                let (y_re, y_im) = (y_re.vectors::<S>()[part], y_im.vectors::<S>()[part]);
                if REAL {
                    real[pair] = simd.mul_add_e_f64s(x_re, y_re, real[pair]);
                    real[pair] = simd.mul_add_e_f64s(x_im, y_im, real[pair]);
                }
                plus[pair] = simd.mul_add_e_f64s(x_im, y_re, plus[pair]);
                minus[pair] = simd.mul_add_e_f64s(x_re, y_im, minus[pair]);
            }
        }
        for pair in 0..TILE {
            if REAL {
                crosses[pair][0].vectors_mut::<S>()[part] = real[pair];
            }
            crosses[pair][1].vectors_mut::<S>()[part] = simd.sub_f64s(plus[pair], minus[pair]);
        }
    }
}

/// What `N` sums that belong together gain from one cross-spectrum.
pub(crate) trait Gain<const N: usize>: Copy {
    /// Whether the real part is looked at.
    const REAL: bool;

    fn add<S: Simd>(simd: S, sums: [S::f64s; N], re: S::f64s, im: S::f64s) -> [S::f64s; N];
}

#[derive(Clone, Copy)]
pub(crate) struct Re;
#[derive(Clone, Copy)]
pub(crate) struct Im;
#[derive(Clone, Copy)]
pub(crate) struct Unit;
#[derive(Clone, Copy)]
pub(crate) struct SignIm;
#[derive(Clone, Copy)]
pub(crate) struct AbsIm;
#[derive(Clone, Copy)]
pub(crate) struct ImSquared;

impl Gain<1> for Re {
    const REAL: bool = true;

    #[inline(always)]
    fn add<S: Simd>(simd: S, [sum]: [S::f64s; 1], re: S::f64s, _: S::f64s) -> [S::f64s; 1] {
        [simd.add_f64s(sum, re)]
    }
}

impl Gain<1> for Im {
    const REAL: bool = false;

    #[inline(always)]
    fn add<S: Simd>(simd: S, [sum]: [S::f64s; 1], _: S::f64s, im: S::f64s) -> [S::f64s; 1] {
        [simd.add_f64s(sum, im)]
    }
}

impl Gain<2> for Unit {
    const REAL: bool = true;

    #[inline(always)]
    fn add<S: Simd>(simd: S, [sum_re, sum_im]: [S::f64s; 2], re: S::f64s, im: S::f64s) -> [S::f64s; 2] {
        let inverse = inverse_root(simd, simd.mul_add_e_f64s(re, re, simd.mul_f64s(im, im)));
        [simd.mul_add_e_f64s(re, inverse, sum_re), simd.mul_add_e_f64s(im, inverse, sum_im)]
    }
}

impl Gain<1> for SignIm {
    const REAL: bool = false;

    #[inline(always)]
    fn add<S: Simd>(simd: S, [sum]: [S::f64s; 1], _: S::f64s, im: S::f64s) -> [S::f64s; 1] {
        let (zero, one) = (simd.splat_f64s(0.0), simd.splat_f64s(1.0));
        let above = simd.select_f64s(simd.greater_than_f64s(im, zero), one, zero);
        let below = simd.select_f64s(simd.greater_than_f64s(zero, im), one, zero);
        [simd.add_f64s(sum, simd.sub_f64s(above, below))]
    }
}

impl Gain<1> for AbsIm {
    const REAL: bool = false;

    #[inline(always)]
    fn add<S: Simd>(simd: S, [sum]: [S::f64s; 1], _: S::f64s, im: S::f64s) -> [S::f64s; 1] {
        [simd.add_f64s(sum, simd.abs_f64s(im))]
    }
}

impl Gain<1> for ImSquared {
    const REAL: bool = false;

    #[inline(always)]
    fn add<S: Simd>(simd: S, [sum]: [S::f64s; 1], _: S::f64s, im: S::f64s) -> [S::f64s; 1] {
        [simd.mul_add_e_f64s(im, im, sum)]
    }
}

/// Several sums, whose cross-spectra are read or computed once for all of them.
#[derive(Clone, Copy)]
pub(crate) struct ReAndIm;
#[derive(Clone, Copy)]
pub(crate) struct ImAndAbs;
#[derive(Clone, Copy)]
pub(crate) struct ImAbsAndSquared;
#[derive(Clone, Copy)]
pub(crate) struct AllFive;

impl Gain<2> for ReAndIm {
    const REAL: bool = true;

    #[inline(always)]
    fn add<S: Simd>(simd: S, [sum_re, sum_im]: [S::f64s; 2], re: S::f64s, im: S::f64s) -> [S::f64s; 2] {
        [simd.add_f64s(sum_re, re), simd.add_f64s(sum_im, im)]
    }
}

impl Gain<2> for ImAndAbs {
    const REAL: bool = false;

    #[inline(always)]
    fn add<S: Simd>(simd: S, [sum, abs]: [S::f64s; 2], re: S::f64s, im: S::f64s) -> [S::f64s; 2] {
        let ([sum], [abs]) = (Im::add(simd, [sum], re, im), AbsIm::add(simd, [abs], re, im));
        [sum, abs]
    }
}

impl Gain<3> for ImAbsAndSquared {
    const REAL: bool = false;

    #[inline(always)]
    fn add<S: Simd>(simd: S, [sum, abs, squared]: [S::f64s; 3], re: S::f64s, im: S::f64s) -> [S::f64s; 3] {
        let ([sum, abs], [squared]) =
            (ImAndAbs::add(simd, [sum, abs], re, im), ImSquared::add(simd, [squared], re, im));
        [sum, abs, squared]
    }
}

impl Gain<5> for AllFive {
    const REAL: bool = true;

    #[inline(always)]
    fn add<S: Simd>(simd: S, sums: [S::f64s; 5], re: S::f64s, im: S::f64s) -> [S::f64s; 5] {
        let [real, imaginary, sign, abs, squared] = sums;
        let [real, imaginary] = ReAndIm::add(simd, [real, imaginary], re, im);
        let ([sign], [abs]) = (SignIm::add(simd, [sign], re, im), AbsIm::add(simd, [abs], re, im));
        let [squared] = ImSquared::add(simd, [squared], re, im);
        [real, imaginary, sign, abs, squared]
    }
}

/// Cross-spectra of four pairs in some epochs.
pub(crate) trait CrossSpectra {
    fn n_epochs(&self) -> usize;

    /// Real (where `G` looks at it) and imaginary part of the four in one epoch.
    fn of_epoch<S: Simd, const REAL: bool>(&self, simd: S, epoch: usize, part: usize)
    -> [[S::f64s; 2]; TILE];
}

/// Known already.
impl CrossSpectra for [Crosses] {
    #[inline(always)]
    fn n_epochs(&self) -> usize {
        self.len()
    }

    #[inline(always)]
    fn of_epoch<S: Simd, const REAL: bool>(
        &self,
        simd: S,
        epoch: usize,
        part: usize,
    ) -> [[S::f64s; 2]; TILE] {
        let mut values = [[simd.splat_f64s(0.0); 2]; TILE];
        for (values, [re, im]) in values.iter_mut().zip(&self[epoch]) {
            if REAL {
                values[0] = re.vectors::<S>()[part];
            }
            values[1] = im.vectors::<S>()[part];
        }
        values
    }
}

/// Of one taper, computed as they are added: cheaper than to store and read them. `SHARED` where all four pairs have the same
/// first channel.
pub(crate) struct OfOneTaper<'a, const SHARED: bool> {
    pub(crate) rows: &'a [(Rows<'a>, Rows<'a>)],
    pub(crate) tile: &'a [(usize, usize); TILE],
}

impl<const SHARED: bool> CrossSpectra for OfOneTaper<'_, SHARED> {
    #[inline(always)]
    fn n_epochs(&self) -> usize {
        self.rows.len()
    }

    #[inline(always)]
    fn of_epoch<S: Simd, const REAL: bool>(
        &self,
        simd: S,
        epoch: usize,
        part: usize,
    ) -> [[S::f64s; 2]; TILE] {
        let (first, second) = &self.rows[epoch];
        let mut values = [[simd.splat_f64s(0.0); 2]; TILE];
        let mut x = first.single(self.tile[0].0);
        for (values, pair) in values.iter_mut().zip(self.tile) {
            if !SHARED {
                x = first.single(pair.0);
            }
            let y = second.single(pair.1);
            let (x_re, x_im) = (x[0].vectors::<S>()[part], x[1].vectors::<S>()[part]);
            let (y_re, y_im) = (y[0].vectors::<S>()[part], y[1].vectors::<S>()[part]);
            if REAL {
                values[0] = simd.mul_add_e_f64s(x_im, y_im, simd.mul_f64s(x_re, y_re));
            }
            // not fused: of a channel with itself nothing is left
            values[1] = simd.sub_f64s(simd.mul_f64s(x_im, y_re), simd.mul_f64s(x_re, y_im));
        }
        values
    }
}

/// Adds the cross-spectra of some epochs to four pairs' sums.
#[inline(always)]
fn accumulate<S: Simd, G: Gain<N>, const N: usize>(
    simd: S,
    _: G,
    crosses: &(impl CrossSpectra + ?Sized),
    mut sums: [&mut [Lanes; TILE]; N],
) {
    for part in 0..WIDTH / S::F64_LANES {
        let mut running = [[simd.splat_f64s(0.0); N]; TILE];
        for (pair, running) in running.iter_mut().enumerate() {
            for (running, sums) in running.iter_mut().zip(&sums) {
                *running = sums[pair].vectors::<S>()[part];
            }
        }
        for epoch in 0..crosses.n_epochs() {
            let values = if G::REAL {
                crosses.of_epoch::<S, true>(simd, epoch, part)
            } else {
                crosses.of_epoch::<S, false>(simd, epoch, part)
            };
            for (running, [re, im]) in running.iter_mut().zip(values) {
                *running = G::add(simd, *running, re, im);
            }
        }
        for (pair, running) in running.iter().enumerate() {
            for (running, sums) in running.iter().zip(&mut sums) {
                sums[pair].vectors_mut::<S>()[part] = *running;
            }
        }
    }
}

/// Where one block of frequencies keeps its sums, `[kind][pair]`, with room for whole tiles; kinds that no measure asks for
/// are empty.
pub(crate) type Kinds = [Vec<Lanes>; Sum::PAIR.len()];

/// What is done with sums that are made together.
pub(crate) trait WithGain {
    /// `sums` are what `gain` adds up, in its order.
    fn with<S: Simd, G: Gain<N>, const N: usize>(&mut self, simd: S, gain: G, sums: [Sum; N]);
}

/// Does it with all sums of cross-spectra that are kept (those of `S/|S|` apart), as many at a time as share what they read.
#[inline(always)]
pub(crate) fn each_gain<S: Simd>(simd: S, is_kept: impl Fn(Sum) -> bool, work: &mut impl WithGain) {
    let all = [Sum::Re, Sum::Im, Sum::SignIm, Sum::AbsIm, Sum::ImSquared];
    let [re, im, sign_im, abs_im, im_squared] =
        [is_kept(all[0]), is_kept(all[1]), is_kept(all[2]), is_kept(all[3]), is_kept(all[4])];
    if re && im && sign_im && abs_im && im_squared {
        work.with(simd, AllFive, all);
        return;
    }
    let both = re && im && !abs_im && !im_squared;
    if both {
        work.with(simd, ReAndIm, [Sum::Re, Sum::Im]);
    } else if re {
        work.with(simd, Re, [Sum::Re]);
    }
    if sign_im {
        work.with(simd, SignIm, [Sum::SignIm]);
    }
    match (im, abs_im, im_squared) {
        (true, true, true) => work.with(simd, ImAbsAndSquared, [Sum::Im, Sum::AbsIm, Sum::ImSquared]),
        (true, true, false) => work.with(simd, ImAndAbs, [Sum::Im, Sum::AbsIm]),
        _ => {
            if im && !both {
                work.with(simd, Im, [Sum::Im]);
            }
            if abs_im {
                work.with(simd, AbsIm, [Sum::AbsIm]);
            }
            if im_squared {
                work.with(simd, ImSquared, [Sum::ImSquared]);
            }
        }
    }
}

/// The cross-spectra of some epochs of four pairs, and where their sums are, from `first` on.
struct Adding<'a, C: ?Sized> {
    crosses: &'a C,
    first: usize,
    kinds: &'a mut Kinds,
}

impl<C: CrossSpectra + ?Sized> WithGain for Adding<'_, C> {
    #[inline(always)]
    fn with<S: Simd, G: Gain<N>, const N: usize>(&mut self, simd: S, gain: G, sums: [Sum; N]) {
        let Ok(kinds) = self.kinds.get_disjoint_mut(sums.map(|sum| sum as usize)) else { return };
        accumulate(simd, gain, self.crosses, kinds.map(|kind| four(kind, self.first)));
    }
}

/// Adds the cross-spectra of some epochs to all sums that are kept of the four pairs from `first`, the first of a tile, on;
/// `S/|S|` are `units`, or follow from the cross-spectra.
#[inline(always)]
pub(crate) fn add_crosses<S: Simd, C: CrossSpectra + ?Sized>(
    simd: S,
    crosses: &C,
    units: Option<&C>,
    first: usize,
    kinds: &mut Kinds,
) {
    let unit = [Sum::UnitRe, Sum::UnitIm];
    if !kinds[Sum::UnitRe as usize].is_empty() {
        match units {
            Some(units) => Adding { crosses: units, first, kinds }.with(simd, ReAndIm, unit),
            None => Adding { crosses, first, kinds }.with(simd, Unit, unit),
        }
    }
    let is_kept: [bool; Sum::PAIR.len()] = std::array::from_fn(|k| !kinds[k].is_empty());
    each_gain(simd, |sum| is_kept[sum as usize], &mut Adding { crosses, first, kinds });
}

/// Four pairs' sums from `first` on.
#[inline(always)]
fn four(kind: &mut [Lanes], first: usize) -> &mut [Lanes; TILE] {
    &mut kind.as_chunks_mut().0[first / TILE]
}

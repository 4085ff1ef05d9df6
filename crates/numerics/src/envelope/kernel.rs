//! The inner loop over pairs: sums over time of two channels, each pair of samples touched once for both directions.
//!
//! Time is cut into stretches whose rows of all channels stay in the second-level cache while every pair passes by. Sums are
//! kept in eight lanes and added up in one order, so that the width of a processor's vectors changes no bit.

// vectors of several arrays are counted by one number
#![allow(clippy::needless_range_loop)]

use super::envelopes::LANES;
use super::log2::{Constants, Log2, LookUp, WithLog2, with_log2};
use super::{EnvelopeScale, Envelopes, PairwiseOrthogonalization};
use pulp::Simd;
use std::ops::Range;

/// Samples of a stretch, a multiple of [`LANES`]: with 64 channels its four planes take 1 MiB.
const STRETCH: usize = 512;

/// Mean square of a centred logarithm, octaves², that no signal comes near; one sample of nothing in a stretch is beyond it.
const WIDE: f64 = 256.0;
/// Where signals are so small (10⁻⁹⁰) that nothing is near them, octaves.
const FAR: f64 = 600.0;

/// The natural logarithm of the power of what has twice the amplitude.
const PER_OCTAVE: f64 = 2.0 * std::f64::consts::LN_2;

/// Sums of a pair `(x, y)` over time. With `a`, `b` the centred envelopes of `x`, `y`; `u` that of `y` at right angles to
/// `x`, `v` that of `x` at right angles to `y`, both centred: Σu, Σu², Σua, Σv, Σv², Σvb. NaN where an envelope is not
/// defined.
pub(super) type PairSums = [f64; 6];

/// Sums of the pairs, in their order; `levels` holds Σa and Σa² of each channel.
pub(super) fn pair_sums(
    envelopes: &Envelopes,
    pairs: &[(usize, usize)],
    orthogonalize: PairwiseOrthogonalization,
    levels: &[[f64; 2]],
) -> Vec<PairSums> {
    let sweep = |step: Step| pulp::Arch::new().dispatch(Sweep { envelopes, pairs, step });
    match (orthogonalize, envelopes.scale) {
        (PairwiseOrthogonalization::None, _) => {
            let of = |(&(x, y), [ab, ..]): (&(usize, usize), [f64; 6])| {
                let ([a, aa], [b, bb]) = (levels[x], levels[y]);
                [b, bb, ab, a, aa, ab]
            };
            pairs.iter().zip(sweep(Step::Levels)).map(of).collect()
        }
        (PairwiseOrthogonalization::Pairwise, EnvelopeScale::LogPower) => {
            // the log power at right angles is L − a and L − b, with L that of Im(x* y)
            let of = |(&(x, y), [l, ll, la, lb, ..]): (&(usize, usize), [f64; 6])| {
                let ([a, aa], [b, bb]) = (levels[x], levels[y]);
                let [l, ll, la, lb] =
                    [PER_OCTAVE * l, PER_OCTAVE * PER_OCTAVE * ll, PER_OCTAVE * la, PER_OCTAVE * lb];
                [l - a, ll - 2.0 * la + aa, la - aa, l - b, ll - 2.0 * lb + bb, lb - bb]
            };
            pairs.iter().zip(sweep(Step::LogPower)).map(of).collect()
        }
        (PairwiseOrthogonalization::Pairwise, EnvelopeScale::Amplitude) => sweep(Step::Amplitude),
        (PairwiseOrthogonalization::Pairwise, EnvelopeScale::Power) => sweep(Step::Power),
    }
}

/// What is summed.
#[derive(Clone, Copy)]
enum Step {
    /// Σab.
    Levels,
    /// With L the centred ln Im(x* y)² over [`PER_OCTAVE`]: ΣL, ΣL², ΣLa, ΣLb.
    LogPower,
    /// [`PairSums`] of |Im(x* y)| / |x| and |Im(x* y)| / |y|.
    Amplitude,
    /// [`PairSums`] of their squares.
    Power,
}

struct Sweep<'a> {
    envelopes: &'a Envelopes,
    pairs: &'a [(usize, usize)],
    step: Step,
}

impl pulp::WithSimd for Sweep<'_> {
    type Output = Vec<PairSums>;

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> Vec<PairSums> {
        let mut sums = vec![[0.0; 6]; self.pairs.len()];
        let (stride, constants) = (self.envelopes.stride, Constants::new());
        for start in (0..stride).step_by(STRETCH) {
            let times = start..(start + STRETCH).min(stride);
            for (&(x, y), sums) in self.pairs.iter().zip(&mut sums) {
                let pair = Pair { all: self.envelopes, x, y, times: times.clone() };
                let part = match self.step {
                    Step::Levels => pair.levels(simd),
                    Step::LogPower => pair.log_power(simd, &constants),
                    Step::Amplitude => pair.orthogonal::<S, false>(simd),
                    Step::Power => pair.orthogonal::<S, true>(simd),
                };
                sums.iter_mut().zip(part).for_each(|(sum, part)| *sum += part);
            }
        }
        sums
    }
}

/// One pair in one stretch.
struct Pair<'a> {
    all: &'a Envelopes,
    x: usize,
    y: usize,
    times: Range<usize>,
}

/// Running sums: for each of the sums eight lanes, in as many vectors as that takes (8 / the vector's width).
struct Lanes<S: Simd, const K: usize> {
    vectors: [[S::f64s; K]; LANES],
}

impl<S: Simd, const K: usize> Lanes<S, K> {
    const VECTORS: usize = LANES / S::F64_LANES;

    #[inline(always)]
    fn new(simd: S) -> Self {
        Self { vectors: [[simd.splat_f64s(0.0); K]; LANES] }
    }

    /// Each sum over its lanes, in one order for all processors.
    #[inline(always)]
    fn totals(&self) -> [f64; K] {
        let mut totals = [0.0; K];
        for (k, total) in totals.iter_mut().enumerate() {
            let mut lanes = [0.0; LANES];
            let vectors = S::as_mut_simd_f64s(&mut lanes).0;
            for v in 0..Self::VECTORS {
                vectors[v] = self.vectors[v][k];
            }
            let [a, b, c, d, e, f, g, h] = lanes;
            *total = ((a + e) + (c + g)) + ((b + f) + (d + h));
        }
        totals
    }
}

/// Rows of both channels in one plane.
type Two<'a, V> = [&'a [V]; 2];

impl<'a> Pair<'a> {
    #[inline(always)]
    fn rows<S: Simd>(&self, plane: &'a [f64]) -> Two<'a, S::f64s> {
        let n = self.times.len() / S::F64_LANES;
        let (x, y) =
            (self.x * self.all.stride + self.times.start, self.y * self.all.stride + self.times.start);
        let x = S::as_simd_f64s(&plane[x..x + self.times.len()]).0;
        let y = S::as_simd_f64s(&plane[y..y + self.times.len()]).0;
        [&x[..n], &y[..n]]
    }

    /// 1 for samples, 0 for what fills up the last vectors of the rows; `None` where nothing is filled up.
    #[inline(always)]
    fn last_mask(&self) -> Option<[f64; LANES]> {
        let filled = self.times.end.saturating_sub(self.all.n_times);
        let mut mask = [1.0; LANES];
        mask.iter_mut().rev().take(filled).for_each(|lane| *lane = 0.0);
        (filled > 0).then_some(mask)
    }

    #[inline(always)]
    fn levels<S: Simd>(&self, simd: S) -> PairSums {
        let [a, b] = self.rows::<S>(&self.all.level);
        let per_group = Lanes::<S, 1>::VECTORS;
        let mut lanes = Lanes::<S, 1>::new(simd);
        for start in (0..a.len()).step_by(per_group) {
            for v in 0..per_group {
                let sum = &mut lanes.vectors[v][0];
                *sum = simd.mul_add_f64s(a[start + v], b[start + v], *sum);
            }
        }
        let [ab] = lanes.totals();
        [ab, 0.0, 0.0, 0.0, 0.0, 0.0]
    }

    #[inline(always)]
    fn log_power<S: Simd>(&self, simd: S, constants: &Constants) -> PairSums {
        let all = self.all;
        let shift = (all.centres[self.x] + all.centres[self.y]) / PER_OCTAVE;
        let [l, ll, la, lb] = with_log2(simd, constants, shift, self);
        // the logarithm of nothing leaves a square that no signal does; where it could hide, all samples are looked at
        let is_clear = ll < WIDE * self.times.len() as f64 && shift.abs() < FAR;
        if is_clear || self.is_apart() { [l, ll, la, lb, 0.0, 0.0] } else { [f64::NAN; 6] }
    }

    /// Whether something is at right angles at every sample: the logarithm of nothing is no number.
    fn is_apart(&self) -> bool {
        let all = self.all;
        let times = self.times.start..self.times.end.min(all.n_times);
        let row = |plane: &'a [f64], channel: usize| {
            &plane[channel * all.stride + times.start..channel * all.stride + times.end]
        };
        let x = row(&all.re, self.x).iter().zip(row(&all.im, self.x));
        let y = row(&all.re, self.y).iter().zip(row(&all.im, self.y));
        x.zip(y).all(|((x_re, x_im), (y_re, y_im))| (x_re * y_im - x_im * y_re).abs() >= f64::MIN_POSITIVE)
    }

    #[inline(always)]
    fn orthogonal<S: Simd, const SQUARED: bool>(&self, simd: S) -> PairSums {
        let all = self.all;
        let rows = Rows {
            re: self.rows::<S>(&all.re),
            im: self.rows::<S>(&all.im),
            level: self.rows::<S>(&all.level),
        };
        let inverse = self.rows::<S>(&all.inverse);
        let factor = all.scale.mean_factor();
        let centres = [self.y, self.x].map(|channel| simd.splat_f64s(factor * all.centres[channel]));
        let mask = self.last_mask();
        let per_group = Lanes::<S, 6>::VECTORS;
        let whole = rows.len() - if mask.is_some() { per_group } else { 0 };
        let mut lanes = Lanes::<S, 6>::new(simd);
        for start in (0..whole).step_by(per_group) {
            for v in 0..per_group {
                let [u, w] = rows.orthogonal::<S, SQUARED>(simd, inverse, centres, start + v);
                rows.add(simd, &mut lanes.vectors[v], [u, w], start + v);
            }
        }
        if let Some(mask) = mask {
            let mask = S::as_simd_f64s(&mask).0;
            for v in 0..per_group {
                let [u, w] = rows.orthogonal::<S, SQUARED>(simd, inverse, centres, whole + v);
                let kept = [simd.mul_f64s(mask[v], u), simd.mul_f64s(mask[v], w)];
                rows.add(simd, &mut lanes.vectors[v], kept, whole + v);
            }
        }
        lanes.totals()
    }
}

/// Sums of logarithms.
impl WithLog2 for &Pair<'_> {
    type Output = [f64; 4];

    #[inline(always)]
    fn with<S: Simd, L: LookUp>(self, simd: S, log2: &Log2<S, L>) -> [f64; 4] {
        let all = self.all;
        let rows = Rows {
            re: self.rows::<S>(&all.re),
            im: self.rows::<S>(&all.im),
            level: self.rows::<S>(&all.level),
        };
        let mask = self.last_mask();
        let per_group = Lanes::<S, 4>::VECTORS;
        let whole = rows.len() - if mask.is_some() { per_group } else { 0 };
        let mut lanes = Lanes::<S, 4>::new(simd);
        for start in (0..whole).step_by(per_group) {
            for v in 0..per_group {
                let l = log2.of(simd, rows.imaginary(simd, start + v));
                rows.add_log(simd, &mut lanes.vectors[v], l, start + v);
            }
        }
        if let Some(mask) = mask {
            let mask = S::as_simd_f64s(&mask).0;
            for v in 0..per_group {
                let l = log2.of(simd, rows.imaginary(simd, whole + v));
                rows.add_log(simd, &mut lanes.vectors[v], simd.mul_f64s(mask[v], l), whole + v);
            }
        }
        lanes.totals()
    }
}

/// Vectors of both channels along time.
struct Rows<'a, V> {
    re: Two<'a, V>,
    im: Two<'a, V>,
    level: Two<'a, V>,
}

impl<V: Copy> Rows<'_, V> {
    #[inline(always)]
    fn len(&self) -> usize {
        self.re[0].len()
    }

    /// Im(x* y).
    #[inline(always)]
    fn imaginary<S: Simd<f64s = V>>(&self, simd: S, i: usize) -> V {
        let ([xr, yr], [xi, yi]) = (self.re, self.im);
        simd.sub_f64s(simd.mul_f64s(xr[i], yi[i]), simd.mul_f64s(xi[i], yr[i]))
    }

    #[inline(always)]
    fn add_log<S: Simd<f64s = V>>(&self, simd: S, sums: &mut [V; 4], l: V, i: usize) {
        let [a, b] = self.level;
        sums[0] = simd.add_f64s(sums[0], l);
        sums[1] = simd.mul_add_f64s(l, l, sums[1]);
        sums[2] = simd.mul_add_f64s(l, a[i], sums[2]);
        sums[3] = simd.mul_add_f64s(l, b[i], sums[3]);
    }

    /// What of `y` is at right angles to `x`, and of `x` to `y`, around their centres.
    #[inline(always)]
    fn orthogonal<S: Simd<f64s = V>, const SQUARED: bool>(
        &self,
        simd: S,
        inverse: Two<'_, V>,
        centres: [V; 2],
        i: usize,
    ) -> [V; 2] {
        let im = self.imaginary(simd, i);
        let size = if SQUARED { simd.mul_f64s(im, im) } else { simd.abs_f64s(im) };
        let [of_x, of_y] = inverse;
        [
            simd.sub_f64s(simd.mul_f64s(size, of_x[i]), centres[0]),
            simd.sub_f64s(simd.mul_f64s(size, of_y[i]), centres[1]),
        ]
    }

    #[inline(always)]
    fn add<S: Simd<f64s = V>>(&self, simd: S, sums: &mut [V; 6], [u, w]: [V; 2], i: usize) {
        let [a, b] = self.level;
        sums[0] = simd.add_f64s(sums[0], u);
        sums[1] = simd.mul_add_f64s(u, u, sums[1]);
        sums[2] = simd.mul_add_f64s(u, a[i], sums[2]);
        sums[3] = simd.add_f64s(sums[3], w);
        sums[4] = simd.mul_add_f64s(w, w, sums[4]);
        sums[5] = simd.mul_add_f64s(w, b[i], sums[5]);
    }
}

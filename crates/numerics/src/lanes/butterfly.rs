//! Discrete Fourier transforms of a few points, written out: `y(k) = Σ_j v(j)·e^(−2πijk/R)`.

use pulp::Simd;
use std::f64::consts::{FRAC_1_SQRT_2, TAU};

/// Real and imaginary part.
pub(super) type Complex<S> = [<S as Simd>::f64s; 2];

/// A transform of `R` points.
pub(super) trait Butterfly<const R: usize>: Copy {
    fn transform<S: Simd>(self, simd: S, v: [Complex<S>; R]) -> [Complex<S>; R];
}

#[derive(Clone, Copy)]
pub(super) struct Two;
#[derive(Clone, Copy)]
pub(super) struct Four;
#[derive(Clone, Copy)]
pub(super) struct Eight;

/// An odd number of points: `cos 2πm/R` and `sin 2πm/R`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Odd<const R: usize> {
    turns: [[f64; 2]; R],
}

impl<const R: usize> Odd<R> {
    pub(super) fn new() -> Self {
        Self {
            turns: std::array::from_fn(|m| {
                [(TAU * m as f64 / R as f64).cos(), (TAU * m as f64 / R as f64).sin()]
            }),
        }
    }
}

#[inline(always)]
fn add<S: Simd>(simd: S, a: Complex<S>, b: Complex<S>) -> Complex<S> {
    [simd.add_f64s(a[0], b[0]), simd.add_f64s(a[1], b[1])]
}

#[inline(always)]
fn sub<S: Simd>(simd: S, a: Complex<S>, b: Complex<S>) -> Complex<S> {
    [simd.sub_f64s(a[0], b[0]), simd.sub_f64s(a[1], b[1])]
}

/// Real and imaginary part of `b`, each × its factor, on top of `a`.
#[inline(always)]
fn add_scaled<S: Simd>(simd: S, a: Complex<S>, b: Complex<S>, factors: [S::f64s; 2]) -> Complex<S> {
    [simd.mul_add_e_f64s(factors[0], b[0], a[0]), simd.mul_add_e_f64s(factors[1], b[1], a[1])]
}

/// `a − i·b` and `a + i·b`.
#[inline(always)]
fn turned<S: Simd>(simd: S, a: Complex<S>, b: Complex<S>) -> [Complex<S>; 2] {
    [
        [simd.add_f64s(a[0], b[1]), simd.sub_f64s(a[1], b[0])],
        [simd.sub_f64s(a[0], b[1]), simd.add_f64s(a[1], b[0])],
    ]
}

impl Butterfly<2> for Two {
    #[inline(always)]
    fn transform<S: Simd>(self, simd: S, [a, b]: [Complex<S>; 2]) -> [Complex<S>; 2] {
        [add(simd, a, b), sub(simd, a, b)]
    }
}

impl Butterfly<4> for Four {
    #[inline(always)]
    fn transform<S: Simd>(self, simd: S, [a, b, c, d]: [Complex<S>; 4]) -> [Complex<S>; 4] {
        let (ac, bd) = (add(simd, a, c), add(simd, b, d));
        let [second, fourth] = turned(simd, sub(simd, a, c), sub(simd, b, d));
        [add(simd, ac, bd), second, sub(simd, ac, bd), fourth]
    }
}

impl Butterfly<8> for Eight {
    #[inline(always)]
    fn transform<S: Simd>(self, simd: S, [a, b, c, d, e, f, g, h]: [Complex<S>; 8]) -> [Complex<S>; 8] {
        let even = Four.transform(simd, [a, c, e, g]);
        let odd = Four.transform(simd, [b, d, f, h]);
        let root = simd.splat_f64s(FRAC_1_SQRT_2);
        let minus_root = simd.splat_f64s(-FRAC_1_SQRT_2);
        // odd(1)·(1 − i) and odd(3)·(−1 − i), the root of a half left out
        let first = [simd.add_f64s(odd[1][0], odd[1][1]), simd.sub_f64s(odd[1][1], odd[1][0])];
        let third = [simd.sub_f64s(odd[3][1], odd[3][0]), simd.add_f64s(odd[3][0], odd[3][1])];
        let [second, sixth] = turned(simd, even[2], odd[2]);
        [
            add(simd, even[0], odd[0]),
            add_scaled(simd, even[1], first, [root, root]),
            second,
            add_scaled(simd, even[3], third, [root, minus_root]),
            sub(simd, even[0], odd[0]),
            add_scaled(simd, even[1], first, [minus_root, minus_root]),
            sixth,
            add_scaled(simd, even[3], third, [minus_root, root]),
        ]
    }
}

impl<const R: usize> Butterfly<R> for Odd<R> {
    /// Points that lie opposite each other share their products: with `s = v(p) + v(R − p)` and `d = v(p) − v(R − p)`,
    /// `y(k), y(R − k) = v(0) + Σ_p s_p·cos ∓ i·Σ_p d_p·sin`.
    #[inline(always)]
    fn transform<S: Simd>(self, simd: S, v: [Complex<S>; R]) -> [Complex<S>; R] {
        let (mut sums, mut differences, mut y) = (v, v, v);
        for p in 1..=R / 2 {
            sums[p] = add(simd, v[p], v[R - p]);
            differences[p] = sub(simd, v[p], v[R - p]);
            y[0] = add(simd, y[0], sums[p]);
        }
        for k in 1..=R / 2 {
            let zero = simd.splat_f64s(0.0);
            let (mut even, mut odd) = (v[0], [zero; 2]);
            for p in 1..=R / 2 {
                let [cos, sin] = self.turns[k * p % R];
                let (cos, sin) = (simd.splat_f64s(cos), simd.splat_f64s(sin));
                for part in 0..2 {
                    even[part] = simd.mul_add_e_f64s(cos, sums[p][part], even[part]);
                    odd[part] = match p {
                        1 => simd.mul_f64s(sin, differences[p][part]),
                        _ => simd.mul_add_e_f64s(sin, differences[p][part], odd[part]),
                    };
                }
            }
            [y[k], y[R - k]] = turned(simd, even, odd);
        }
        y
    }
}

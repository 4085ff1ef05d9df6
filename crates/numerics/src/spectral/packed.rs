//! Two real signals in one complex transform: half the work of two.
//!
//! With `z = a + i·b`, `A(k) = (Z(k) + conj Z(n−k)) / 2` and `B(k) = (Z(k) − conj Z(n−k)) / 2i` (Press et al. 2007,
//! *Numerical Recipes*, section 12.3). The loops are compiled for the widest vectors that the processor has.

use num_complex::Complex64;
use std::ops::Range;

/// `z = a + i·b`, as many samples as `z` has.
pub(crate) fn pack(a: &[f64], b: &[f64], z: &mut [Complex64]) {
    pulp::Arch::new().dispatch(Pack { a, b, z });
}

struct Pack<'a> {
    a: &'a [f64],
    b: &'a [f64],
    z: &'a mut [Complex64],
}

impl pulp::WithSimd for Pack<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, _: S) {
        for ((z, a), b) in self.z.iter_mut().zip(self.a).zip(self.b) {
            *z = Complex64::new(*a, *b);
        }
    }
}

/// Real parts into `a`, imaginary parts into `b`, as many as each has.
pub(crate) fn unpack(z: &[Complex64], a: &mut [f64], b: &mut [f64]) {
    pulp::Arch::new().dispatch(Unpack { z, a, b });
}

struct Unpack<'a> {
    z: &'a [Complex64],
    a: &'a mut [f64],
    b: &'a mut [f64],
}

impl pulp::WithSimd for Unpack<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, _: S) {
        let Self { z, a, b } = self;
        let both = a.len().min(b.len());
        let (a, rest) = a.split_at_mut(both);
        for ((a, b), z) in a.iter_mut().zip(b).zip(z) {
            (*a, *b) = (z.re, z.im);
        }
        rest.iter_mut().zip(&z[both..]).for_each(|(a, z)| *a = z.re);
    }
}

/// Each bin × its real factor.
pub(crate) fn scale(z: &mut [Complex64], factors: &[f64]) {
    pulp::Arch::new().dispatch(Scale { z, factors });
}

struct Scale<'a> {
    z: &'a mut [Complex64],
    factors: &'a [f64],
}

impl pulp::WithSimd for Scale<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, _: S) {
        for (z, factor) in self.z.iter_mut().zip(self.factors) {
            *z *= *factor;
        }
    }
}

/// Each bin × its real factor, then the `parts` parts of the spectrum on top of each other: the spectrum of every
/// `parts`-th sample, × `parts`. The length must be a multiple of `parts`.
pub(crate) fn scale_and_fold<'a>(
    z: &'a mut [Complex64],
    factors: &[f64],
    parts: usize,
) -> &'a mut [Complex64] {
    let n = z.len() / parts;
    let (folded, rest) = z.split_at_mut(n);
    let (first, others) = factors.split_at(n);
    scale(folded, first);
    for (z, factors) in rest.chunks_exact(n).zip(others.chunks_exact(n)) {
        pulp::Arch::new().dispatch(AddScaled { z, factors, sum: folded });
    }
    folded
}

struct AddScaled<'a> {
    z: &'a [Complex64],
    factors: &'a [f64],
    sum: &'a mut [Complex64],
}

impl pulp::WithSimd for AddScaled<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, _: S) {
        for ((sum, z), factor) in self.sum.iter_mut().zip(self.z).zip(self.factors) {
            *sum += *z * *factor;
        }
    }
}

/// Bin `k` (not 0) of the spectra of the real and of the imaginary part of a transform `z`.
pub(crate) fn both(z: &[Complex64], k: usize) -> [Complex64; 2] {
    let (p, q) = (z[k], z[z.len() - k]);
    [
        Complex64::new(0.5 * (p.re + q.re), 0.5 * (p.im - q.im)),
        Complex64::new(0.5 * (p.im + q.im), 0.5 * (q.re - p.re)),
    ]
}

/// Takes the real or the imaginary parts × `weights` from `y`, as far as it reaches.
pub(crate) fn subtract(z: &[Complex64], imaginary: bool, weights: &[f64], y: &mut [f64]) {
    pulp::Arch::new().dispatch(Subtract { z, imaginary, weights, y });
}

struct Subtract<'a> {
    z: &'a [Complex64],
    imaginary: bool,
    weights: &'a [f64],
    y: &'a mut [f64],
}

impl pulp::WithSimd for Subtract<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, _: S) {
        let Self { z, imaginary, weights, y } = self;
        let samples = y.iter_mut().zip(z).zip(weights);
        if imaginary {
            samples.for_each(|((y, z), w)| *y -= z.im * w);
        } else {
            samples.for_each(|((y, z), w)| *y -= z.re * w);
        }
    }
}

/// The spectra of the real and of the imaginary part of a transform `z`, at some bins of 0 to n/2, each × its factor.
pub(crate) fn separate(
    z: &[Complex64],
    bins: Range<usize>,
    factors: [f64; 2],
    first: &mut [Complex64],
    second: &mut [Complex64],
) {
    pulp::Arch::new().dispatch(Separate { z, bins, factors, first, second });
}

struct Separate<'a> {
    z: &'a [Complex64],
    bins: Range<usize>,
    factors: [f64; 2],
    first: &'a mut [Complex64],
    second: &'a mut [Complex64],
}

impl pulp::WithSimd for Separate<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, _: S) {
        let Self { z, bins, factors: [alpha, beta], first: a, second: b } = self;
        if bins.is_empty() {
            return;
        }
        // bin 0 has no mirror image
        let start = bins.start.max(1);
        let ends = start - bins.start;
        if ends == 1 {
            (a[0], b[0]) = (Complex64::new(alpha * z[0].re, 0.0), Complex64::new(beta * z[0].im, 0.0));
        }
        let (a, b) = (&mut a[ends..], &mut b[ends..]);
        let (alpha, beta) = (0.5 * alpha, 0.5 * beta);
        let (up, down) = (&z[start..bins.end], &z[z.len() + 1 - bins.end..z.len() + 1 - start]);
        for (((a, b), p), q) in a.iter_mut().zip(b).zip(up).zip(down.iter().rev()) {
            *a = Complex64::new(alpha * (p.re + q.re), alpha * (p.im - q.im));
            *b = Complex64::new(beta * (p.im + q.im), beta * (q.re - p.re));
        }
    }
}

/// Adds `|A(k)|² + |B(k)|² = (|Z(k)|² + |Z(n−k)|²) / 2` to bins 0 to n/2.
pub(crate) fn add_power(z: &[Complex64], sum: &mut [f64]) {
    pulp::Arch::new().dispatch(AddPower { z, sum });
}

struct AddPower<'a> {
    z: &'a [Complex64],
    sum: &'a mut [f64],
}

impl pulp::WithSimd for AddPower<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, _: S) {
        let (Some((z0, rest)), Some((sum0, sum))) = (self.z.split_first(), self.sum.split_first_mut()) else {
            return;
        };
        *sum0 += z0.norm_sqr();
        for ((sum, p), q) in sum.iter_mut().zip(rest).zip(rest.iter().rev()) {
            *sum += 0.5 * (p.norm_sqr() + q.norm_sqr());
        }
    }
}

/// A segment, and the line to take from it: `mean + slope·(t − middle)`.
pub(crate) struct Detrended<'a> {
    pub(crate) x: &'a [f64],
    pub(crate) mean: f64,
    pub(crate) slope: f64,
}

/// `out = (a + i·b)·window` for two segments without their lines.
pub(crate) fn window_two(a: Detrended<'_>, b: Detrended<'_>, window: &[f64], out: &mut [Complex64]) {
    pulp::Arch::new().dispatch(WindowTwo { a, b, window, out });
}

struct WindowTwo<'a> {
    a: Detrended<'a>,
    b: Detrended<'a>,
    window: &'a [f64],
    out: &'a mut [Complex64],
}

impl pulp::WithSimd for WindowTwo<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, _: S) {
        let Self { a, b, window, out } = self;
        let samples = out.iter_mut().zip(a.x).zip(b.x).zip(window);
        if a.slope == 0.0 && b.slope == 0.0 {
            for (((out, x), y), w) in samples {
                *out = Complex64::new((x - a.mean) * w, (y - b.mean) * w);
            }
            return;
        }
        let middle = (window.len() - 1) as f64 / 2.0;
        for (t, (((out, x), y), w)) in samples.enumerate() {
            let t = t as f64 - middle;
            *out = Complex64::new((x - a.mean - a.slope * t) * w, (y - b.mean - b.slope * t) * w);
        }
    }
}

/// Sum of the samples in sixteen strands, the same on every processor.
pub(crate) fn sum(x: &[f64]) -> f64 {
    pulp::Arch::new().dispatch(Sum(x))
}

struct Sum<'a>(&'a [f64]);

impl pulp::WithSimd for Sum<'_> {
    type Output = f64;

    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, _: S) -> f64 {
        let (blocks, rest) = self.0.as_chunks::<16>();
        let mut strands = [0.0; 16];
        for block in blocks {
            for (strand, value) in strands.iter_mut().zip(block) {
                *strand += value;
            }
        }
        strands.iter().chain(rest).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spectral::{complex_fft, real_fft};

    fn signals(n: usize) -> (Vec<f64>, Vec<f64>) {
        let a = (0..n).map(|t| (0.3 * t as f64).sin() + 0.01 * (t * t % 17) as f64).collect();
        (a, (0..n).map(|t| 3.0 * (1.1 * t as f64).cos() - 0.02 * (t * 31 % 19) as f64).collect())
    }

    #[test]
    fn one_complex_transform_holds_two_real_ones() {
        for n in [1_usize, 2, 3, 8, 9, 250, 251] {
            let (a, b) = signals(n);
            let mut z: Vec<Complex64> = a.iter().zip(&b).map(|(a, b)| Complex64::new(*a, *b)).collect();
            complex_fft(n).process(&mut z);
            let bins = n / 2 + 1;
            let (mut first, mut second) =
                (vec![Complex64::default(); bins], vec![Complex64::default(); bins]);
            let bins = first.len();
            separate(&z, 0..bins, [1.0, 1.0], &mut first, &mut second);
            let mut sum = vec![0.0; bins];
            add_power(&z, &mut sum);
            let alone = |mut x: Vec<f64>| {
                let plan = real_fft(n);
                let mut out = plan.make_output_vec();
                plan.process(&mut x, &mut out).unwrap();
                out
            };
            let (alone_a, alone_b) = (alone(a), alone(b));
            for k in 0..bins {
                assert!(
                    (first[k] - alone_a[k]).norm() < 1e-10 && (second[k] - alone_b[k]).norm() < 1e-10,
                    "{n} {k}"
                );
                assert!((sum[k] - alone_a[k].norm_sqr() - alone_b[k].norm_sqr()).abs() < 1e-9, "{n} {k}");
            }
        }
    }
}

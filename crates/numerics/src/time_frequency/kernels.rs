//! Loops of the transform, compiled for the widest vectors that the processor has. Wider vectors change no bit: each bin
//! and each sample is computed by itself.

use num_complex::Complex64;

/// Spectra, as many bins as asked of 0 to n/2, of the real and of the imaginary part of a signal whose transform is `z`;
/// `second` may be empty.
pub(super) fn separate(z: &[Complex64], first: &mut [Complex64], second: &mut [Complex64]) {
    pulp::Arch::new().dispatch(Separate { z, first, second });
}

struct Separate<'a> {
    z: &'a [Complex64],
    first: &'a mut [Complex64],
    second: &'a mut [Complex64],
}

impl pulp::WithSimd for Separate<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, _: S) {
        let Self { z, first, second } = self;
        let Some((z0, rest)) = z.split_first() else { return };
        if let Some((a0, a)) = first.split_first_mut() {
            *a0 = Complex64::new(z0.re, 0.0);
            for ((a, p), q) in a.iter_mut().zip(rest).zip(rest.iter().rev()) {
                *a = Complex64::new(0.5 * (p.re + q.re), 0.5 * (p.im - q.im));
            }
        }
        if let Some((b0, b)) = second.split_first_mut() {
            *b0 = Complex64::new(z0.im, 0.0);
            for ((b, p), q) in b.iter_mut().zip(rest).zip(rest.iter().rev()) {
                *b = Complex64::new(0.5 * (p.im + q.im), 0.5 * (q.re - p.re));
            }
        }
    }
}

/// `out = x · response` for the spectrum `x` of a real signal, given up to bin n/2: the rest is its mirror image.
pub(super) fn multiply<R: Factor>(x: &[Complex64], response: &[R], out: &mut [Complex64]) {
    pulp::Arch::new().dispatch(Multiply { x, response, out });
}

/// A bin of a response: real or complex.
pub(super) trait Factor: Copy {
    fn times(self, x: Complex64) -> Complex64;
}

impl Factor for f64 {
    #[inline(always)]
    fn times(self, x: Complex64) -> Complex64 {
        Complex64::new(x.re * self, x.im * self)
    }
}

impl Factor for Complex64 {
    #[inline(always)]
    fn times(self, x: Complex64) -> Complex64 {
        x * self
    }
}

struct Multiply<'a, R> {
    x: &'a [Complex64],
    response: &'a [R],
    out: &'a mut [Complex64],
}

impl<R: Factor> pulp::WithSimd for Multiply<'_, R> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, _: S) {
        let Self { x, response, out } = self;
        let (low, high) = out.split_at_mut(x.len());
        let (low_response, high_response) = response.split_at(x.len());
        for ((out, x), r) in low.iter_mut().zip(x).zip(low_response) {
            *out = r.times(*x);
        }
        let mirrored = x[..=high.len()].iter().skip(1).rev();
        for ((out, x), r) in high.iter_mut().zip(mirrored).zip(high_response) {
            *out = r.times(x.conj());
        }
    }
}

/// Adds the bins that fall onto each other when only every `x.len() / out.len()`-th sample is kept.
pub(super) fn fold(x: &[Complex64], out: &mut [Complex64]) {
    pulp::Arch::new().dispatch(Fold { x, out });
}

struct Fold<'a> {
    x: &'a [Complex64],
    out: &'a mut [Complex64],
}

impl pulp::WithSimd for Fold<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, _: S) {
        let n = self.out.len();
        self.out.fill(Complex64::ZERO);
        for part in self.x.chunks_exact(n) {
            for (out, x) in self.out.iter_mut().zip(part) {
                *out += x;
            }
        }
    }
}

/// Running sums of one wavelet over trials, per sample.
pub(super) struct Sums<'a> {
    pub(super) power: &'a mut [f64],
    pub(super) unit_re: &'a mut [f64],
    pub(super) unit_im: &'a mut [f64],
}

/// Adds `weight·|z|²` and `z/|z|` (0 where z is 0).
pub(super) fn add(z: &[Complex64], weight: f64, sums: Sums<'_>) {
    pulp::Arch::new().dispatch(Add { z, weight, sums });
}

struct Add<'a> {
    z: &'a [Complex64],
    weight: f64,
    sums: Sums<'a>,
}

impl pulp::WithSimd for Add<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, _: S) {
        let Self { z, weight, sums: Sums { power, unit_re, unit_im } } = self;
        for (((z, power), re), im) in z.iter().zip(power).zip(unit_re).zip(unit_im) {
            let squared = z.re.mul_add(z.re, z.im * z.im);
            let inverse = inverse_root(squared);
            *power = squared.mul_add(weight, *power);
            *re = z.re.mul_add(inverse, *re);
            *im = z.im.mul_add(inverse, *im);
        }
    }
}

/// `1/√x` to the last bits, of products and sums only: a division and a root take longer than the rest of the loop.
/// From a guess off by 3.4 % at most (halve and negate the exponent; Lomont 2003, *Fast inverse square root*), two steps
/// of Newton leave 5e-6, a third of one order more 3e-16. Finite for 0.
///
/// Fused products and sums round the same everywhere, in hardware or not.
#[inline(always)]
fn inverse_root(x: f64) -> f64 {
    let half = 0.5 * x;
    let mut y = f64::from_bits(0x5fe6_eb50_c7b5_37a9_u64.wrapping_sub(x.to_bits() >> 1));
    y *= (half * y).mul_add(-y, 1.5);
    y *= (half * y).mul_add(-y, 1.5);
    let error = (x * y).mul_add(-y, 1.0);
    (y * error).mul_add(error.mul_add(0.375, 0.5), y)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inverse_roots_are_exact_over_the_whole_range() {
        let mut x = 1e-300;
        while x < 1e300 {
            let error = inverse_root(x) * x.sqrt() - 1.0;
            assert!(error.abs() < 1e-15, "{x}: {error}");
            x *= 1.37;
        }
        assert!(inverse_root(0.0).is_finite());
    }

    #[test]
    fn a_silent_sample_has_no_phase() {
        let (mut power, mut re, mut im) = ([1.0], [2.0], [3.0]);
        let sums = Sums { power: &mut power, unit_re: &mut re, unit_im: &mut im };
        add(&[Complex64::ZERO], 1.0, sums);
        assert_eq!((power, re, im), ([1.0], [2.0], [3.0]));
    }
}

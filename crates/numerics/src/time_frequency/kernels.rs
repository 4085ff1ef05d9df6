//! Loops of the transform of one signal, compiled for the widest vectors that the processor has. Wider vectors change no bit:
//! each bin is computed by itself.

use num_complex::Complex64;

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

//! A reciprocal root without a division.

use pulp::Simd;

/// `1/√x`, and 0 where `x` is 0 or too small to be normal. A first guess from half the exponent and four steps of Newton's
/// (each squares the relative error, 3.4 % at first) end within two units of the last place, in a third of the time of a
/// root and a division.
#[inline(always)]
pub(crate) fn inverse_root<S: Simd>(simd: S, x: S::f64s) -> S::f64s {
    let mut y = guess(simd, x);
    let (minus_half, three_halves) = (simd.mul_f64s(x, simd.splat_f64s(-0.5)), simd.splat_f64s(1.5));
    for _ in 0..4 {
        let step = simd.mul_add_e_f64s(simd.mul_f64s(minus_half, y), y, three_halves);
        y = simd.mul_f64s(y, step);
    }
    let normal = simd.greater_than_or_equal_f64s(x, simd.splat_f64s(f64::MIN_POSITIVE));
    simd.select_f64s(normal, y, simd.splat_f64s(0.0))
}

/// Half the exponent turned round, and a mantissa that is as right: the halves of each word by themselves.
#[inline(always)]
fn guess<S: Simd>(simd: S, mut x: S::f64s) -> S::f64s {
    const START: u32 = 0x5FE6_EB50;
    if size_of::<S::u32s>() == size_of::<S::f64s>() {
        let bits: S::u32s = pulp::bytemuck::cast(x);
        let start: S::u32s = pulp::bytemuck::cast(simd.splat_u64s(u64::from(START) << 32));
        let shifted = simd.wrapping_dyn_shr_u32s(bits, simd.splat_u32s(1));
        return pulp::bytemuck::cast(simd.sub_u32s(start, shifted));
    }
    // a processor without vectors of a kind that is known
    let words: &mut [u64] = pulp::bytemuck::cast_slice_mut(std::slice::from_mut(&mut x));
    for word in words {
        let (high, low) = ((*word >> 32) as u32, *word as u32);
        let (high, low) = (START.wrapping_sub(high >> 1), 0_u32.wrapping_sub(low >> 1));
        *word = u64::from(high) << 32 | u64::from(low);
    }
    x
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inverse_roots_are_exact_over_the_whole_range() {
        let mut x = 1e-300;
        while x < 1e300 {
            let error = inverse_root(pulp::Scalar, x) * x.sqrt() - 1.0;
            assert!(error.abs() < 1e-15, "{x}: {error}");
            x *= 1.37;
        }
        assert_eq!(inverse_root(pulp::Scalar, 0.0), 0.0);
        assert_eq!(inverse_root(pulp::Scalar, 1e-310), 0.0, "too small to be normal");
    }
}

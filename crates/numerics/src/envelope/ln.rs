//! A logarithm of many numbers at once.

use pulp::Simd;
use std::f64::consts::LN_2;

/// Bits of √½: mantissas are taken from √½ to √2, so that their logarithm is small.
const SQRT_HALF: u64 = 0x3FE6_A09E_667F_3BCD;
const ONE: u64 = 0x3FF0_0000_0000_0000;
/// 2²⁰, whose mantissa counts in units of 2⁻³²: the upper half of a word under it is a number in floating point.
const TWO_20: u64 = 0x4130_0000_0000_0000;

/// `ln(1 + r) ≈ Σ c_k r^k` for √½ − 1 ≤ r ≤ √2 − 1, k from 1 on: the polynomial of degree 13 whose largest error is least
/// (Remez exchange), 5.4e-12.
const COEFFICIENTS: [f64; 13] = [
    0.999_999_999_793_418_5,
    -0.499_999_999_952_921_8,
    0.333_333_384_749_948_5,
    -0.250_000_035_100_143_9,
    0.199_996_341_440_870_6,
    -0.166_662_538_914_664_23,
    0.142_968_069_122_833_9,
    -0.125_173_639_308_055_45,
    0.109_517_727_422_973_72,
    -0.096_776_429_072_954_45,
    0.100_915_533_482_466_8,
    -0.109_844_577_146_416_39,
    0.064_315_280_104_580_49,
];

/// `ln v` of positive normal numbers to 6e-12, absolute: the thousandth part of what correlations are compared to. Zero,
/// negative numbers and NaN give a number without meaning: the caller looks out for them.
///
/// The same bits on every processor: each step is one exact rounding, whatever the width of its vectors.
#[inline(always)]
pub(super) fn ln<S: Simd>(simd: S, v: S::f64s) -> S::f64s {
    let shifted = simd.add_u64s(simd.transmute_u64s_f64s(v), simd.splat_u64s(ONE - SQRT_HALF));
    // the exponent, 12 bits from the top, as a floating-point number
    let top = down_by_20(simd, shifted);
    let counted =
        simd.or_u64s(simd.and_u64s(top, simd.splat_u64s(0x0000_0FFF_0000_0000)), simd.splat_u64s(TWO_20));
    let exponent = simd.sub_f64s(simd.transmute_f64s_u64s(counted), simd.splat_f64s(1_048_576.0 + 1023.0));
    let mantissa = simd.and_u64s(shifted, simd.splat_u64s(0x000F_FFFF_FFFF_FFFF));
    let mantissa = simd.transmute_f64s_u64s(simd.add_u64s(mantissa, simd.splat_u64s(SQRT_HALF)));
    let r = simd.sub_f64s(mantissa, simd.splat_f64s(1.0));
    simd.mul_add_f64s(exponent, simd.splat_f64s(LN_2), polynomial(simd, r))
}

/// The upper half of each word moved down by 20 bits; the lower half is of no use after that. There is no shift of whole
/// words for all processors.
#[inline(always)]
fn down_by_20<S: Simd>(simd: S, mut words: S::u64s) -> S::u64s {
    if size_of::<S::u32s>() == size_of::<S::u64s>() {
        let halves: S::u32s = pulp::bytemuck::cast(words);
        return pulp::bytemuck::cast(simd.wrapping_dyn_shr_u32s(halves, simd.splat_u32s(20)));
    }
    let each: &mut [u64] = pulp::bytemuck::cast_slice_mut(std::slice::from_mut(&mut words));
    each.iter_mut().for_each(|word| *word >>= 20);
    words
}

/// Odd and even powers apart: two short chains instead of a long one.
#[inline(always)]
fn polynomial<S: Simd>(simd: S, r: S::f64s) -> S::f64s {
    let r2 = simd.mul_f64s(r, r);
    let (mut odd, mut even) = (simd.splat_f64s(COEFFICIENTS[12]), simd.splat_f64s(COEFFICIENTS[11]));
    for k in (0..5).rev() {
        odd = simd.mul_add_f64s(odd, r2, simd.splat_f64s(COEFFICIENTS[2 * k + 2]));
        even = simd.mul_add_f64s(even, r2, simd.splat_f64s(COEFFICIENTS[2 * k + 1]));
    }
    odd = simd.mul_add_f64s(odd, r2, simd.splat_f64s(COEFFICIENTS[0]));
    simd.mul_add_f64s(odd, r, simd.mul_f64s(even, r2))
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Logarithms<'a>(&'a mut [f64]);

    impl pulp::WithSimd for Logarithms<'_> {
        type Output = ();

        #[inline(always)]
        fn with_simd<S: Simd>(self, simd: S) {
            let (head, tail) = S::as_mut_simd_f64s(self.0);
            assert!(tail.is_empty());
            head.iter_mut().for_each(|v| *v = ln(simd, *v));
        }
    }

    fn logarithms(values: &[f64]) -> Vec<f64> {
        let mut found = values.to_vec();
        pulp::Arch::new().dispatch(Logarithms(&mut found));
        found
    }

    #[test]
    fn is_the_logarithm_to_a_few_parts_in_a_million_million() {
        let mut values = Vec::new();
        for exponent in [-1022, -400, -52, -2, -1, 0, 1, 2, 30, 400, 1023] {
            values.extend((0..4096).map(|k| 2_f64.powi(exponent) * (1.0 + f64::from(k) / 4096.0)));
        }
        // around √½ and √2, where one polynomial ends and the next begins
        for edge in [0.5_f64.sqrt(), 2_f64.sqrt()] {
            values.extend((0..16).map(|k| f64::from_bits(edge.to_bits() + k - 8)));
        }
        values.extend([
            f64::MIN_POSITIVE,
            f64::MAX,
            1.0,
            1.0 + f64::EPSILON,
            1.0 - f64::EPSILON,
            7.0,
            7.0,
            7.0,
        ]);
        let found = logarithms(&values);
        for (v, found) in values.iter().zip(found) {
            let tolerance = 6e-12 + 2.0 * f64::EPSILON * v.ln().abs();
            assert!((found - v.ln()).abs() < tolerance, "ln {v} = {}, not {found}", v.ln());
        }
        assert_eq!(logarithms(&[1.0; 8]), [0.0; 8]);
    }

    /// What a processor without vectors would give.
    #[test]
    fn the_width_of_vectors_changes_no_bit() {
        let values: Vec<f64> = (1..=800).map(|k| f64::from(k * k) * 1.7e-3).collect();
        let narrow: Vec<f64> = values.iter().map(|v| ln(pulp::Scalar, *v)).collect();
        assert_eq!(logarithms(&values), narrow);
    }
}

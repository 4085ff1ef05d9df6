//! A logarithm of many numbers at once.

use pulp::Simd;
use std::f64::consts::LN_2;

const ONE: u64 = 0x3FF0_0000_0000_0000;
const MANTISSA: u64 = 0x000F_FFFF_FFFF_FFFF;
/// 2²⁰, whose mantissa counts in units of 2⁻³²: the upper half of a word under it is a number in floating point.
const TWO_20: u64 = 0x4130_0000_0000_0000;

/// Sixteenths of the mantissas from 1 to 2.
const PIECES: usize = 16;

/// 1 / the middle of each piece.
const INVERSES: [f64; PIECES] = {
    let mut all = [0.0; PIECES];
    let mut k = 0;
    while k < PIECES {
        all[k] = 1.0 / (1.0 + (k as f64 + 0.5) / PIECES as f64);
        k += 1;
    }
    all
};

/// −ln of these.
const LOGARITHMS: [f64; PIECES] = [
    0.030_771_658_666_753_66,
    0.089_612_158_689_687_17,
    0.145_182_009_844_497_83,
    0.197_825_743_329_919_92,
    0.247_836_163_904_581_2,
    0.295_464_212_893_835_9,
    0.340_926_586_970_593_2,
    0.384_411_698_910_332_06,
    0.426_084_395_310_900_14,
    0.466_089_729_924_599_24,
    0.504_556_010_752_395_3,
    0.541_597_282_432_744_4,
    0.577_315_365_034_823_6,
    0.611_801_541_105_992_9,
    0.645_137_961_373_584_7,
    0.677_398_823_591_806_1,
];

/// `ln(1 + r) ≈ Σ c_k r^k` for |r| ≤ 1/33, k from 1 on: the polynomial of degree 5 whose largest error is least, 5.0e-12.
const COEFFICIENTS: [f64; 5] = [
    1.000_000_000_015_906_8,
    -0.499_999_939_394_586_37,
    0.333_333_204_060_029_36,
    -0.250_213_253_420_625_7,
    0.200_253_188_894_249_6,
];

/// `ln v` of positive normal numbers to 6e-12, absolute: the thousandth part of what correlations are compared to. Zero,
/// negative numbers and NaN give a number without meaning: the caller looks out for them.
///
/// The mantissa is taken to within 3 % of 1 by a factor out of a table (Tang 1990, 10.1145/98267.98294), so that a short
/// polynomial does. The same bits on every processor: each step is one exact rounding, whatever the width of its vectors.
#[derive(Clone, Copy)]
pub(super) struct Ln {
    #[cfg(target_arch = "x86_64")]
    wide: Option<pulp::x86::V4>,
}

impl Ln {
    /// For kernels that work on vectors of `S`; looks at the processor, so it is made once.
    #[inline(always)]
    pub(super) fn new<S: Simd>() -> Self {
        Self {
            #[cfg(target_arch = "x86_64")]
            wide: crate::lanes::avx512::<S>(),
        }
    }

    #[inline(always)]
    pub(super) fn of<S: Simd>(self, simd: S, v: S::f64s) -> S::f64s {
        let bits = simd.transmute_u64s_f64s(v);
        // the exponent, 12 bits from the top, as a floating-point number
        let top = simd.and_u64s(down_by_20(simd, bits), simd.splat_u64s(0x0000_0FFF_0000_0000));
        let counted = simd.transmute_f64s_u64s(simd.or_u64s(top, simd.splat_u64s(TWO_20)));
        let exponent = simd.sub_f64s(counted, simd.splat_f64s(1_048_576.0 + 1023.0));
        let mantissa = simd.or_u64s(simd.and_u64s(bits, simd.splat_u64s(MANTISSA)), simd.splat_u64s(ONE));
        let [inverse, logarithm] = self.look_up::<S>(bits);
        let r = simd.mul_add_f64s(simd.transmute_f64s_u64s(mantissa), inverse, simd.splat_f64s(-1.0));
        let rest = simd.mul_add_f64s(exponent, simd.splat_f64s(LN_2), logarithm);
        simd.mul_add_f64s(polynomial(simd, r), r, rest)
    }

    /// The inverse and the logarithm of the piece that the first four bits of each mantissa say.
    #[inline(always)]
    fn look_up<S: Simd>(self, bits: S::u64s) -> [S::f64s; 2] {
        #[cfg(target_arch = "x86_64")]
        if let Some(simd) = self.wide {
            use pulp::bytemuck::cast;
            let avx = simd.avx512f;
            // only the lowest four bits of an index count; all these vectors are 64 bytes long
            let index = avx._mm512_srli_epi64::<48>(cast(bits));
            let [inverses, logarithms]: [[[f64; 8]; 2]; 2] = [cast(INVERSES), cast(LOGARITHMS)];
            let inverse = avx._mm512_permutex2var_pd(cast(inverses[0]), index, cast(inverses[1]));
            let logarithm = avx._mm512_permutex2var_pd(cast(logarithms[0]), index, cast(logarithms[1]));
            return [cast(inverse), cast(logarithm)];
        }
        let (mut inverse, mut logarithm): (S::f64s, S::f64s) =
            (pulp::bytemuck::Zeroable::zeroed(), pulp::bytemuck::Zeroable::zeroed());
        let words: &[u64] = pulp::bytemuck::cast_slice(std::slice::from_ref(&bits));
        let inverses: &mut [f64] = pulp::bytemuck::cast_slice_mut(std::slice::from_mut(&mut inverse));
        let logarithms: &mut [f64] = pulp::bytemuck::cast_slice_mut(std::slice::from_mut(&mut logarithm));
        for ((word, inverse), logarithm) in words.iter().zip(inverses).zip(logarithms) {
            let piece = (word >> 48) as usize % PIECES;
            (*inverse, *logarithm) = (INVERSES[piece], LOGARITHMS[piece]);
        }
        [inverse, logarithm]
    }
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

/// `Σ c_k r^(k − 1)`.
#[inline(always)]
fn polynomial<S: Simd>(simd: S, r: S::f64s) -> S::f64s {
    let mut sum = simd.splat_f64s(COEFFICIENTS[4]);
    for k in (0..4).rev() {
        sum = simd.mul_add_f64s(sum, r, simd.splat_f64s(COEFFICIENTS[k]));
    }
    sum
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
            head.iter_mut().for_each(|v| *v = Ln::new::<S>().of(simd, *v));
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
        // around the edges of the pieces
        for edge in (0..=PIECES).map(|k| 1.0 + k as f64 / PIECES as f64) {
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
    }

    /// What a processor without vectors would give.
    #[test]
    fn the_width_of_vectors_changes_no_bit() {
        let values: Vec<f64> = (1..=800).map(|k| f64::from(k * k) * 1.7e-3).collect();
        let narrow: Vec<f64> =
            values.iter().map(|v| Ln::new::<pulp::Scalar>().of(pulp::Scalar, *v)).collect();
        assert_eq!(logarithms(&values), narrow);
    }
}

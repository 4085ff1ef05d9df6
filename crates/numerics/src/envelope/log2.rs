//! A logarithm of many numbers at once.

use pulp::Simd;

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

/// log₂ of the middles.
const LOGARITHMS: [f64; PIECES] = [
    0.044_394_119_358_453_436,
    0.129_283_016_944_966_47,
    0.209_453_365_628_949_78,
    0.285_402_218_862_248_37,
    0.357_552_004_618_083_7,
    0.426_264_754_702_097_96,
    0.491_853_096_329_674_7,
    0.554_588_851_677_637_4,
    0.614_709_844_115_208_2,
    0.672_425_341_971_495_6,
    0.727_920_454_563_199_2,
    0.781_359_713_524_659_6,
    0.832_890_014_164_741_6,
    0.882_643_049_361_841_2,
    0.930_737_337_562_886_2,
    0.977_279_923_499_916_5,
];

/// `log₂(1 + r) ≈ Σ c_k r^k` for |r| ≤ 1/33: the polynomial of degree 5 whose largest error is least, 5.8e-12.
const COEFFICIENTS: [f64; 6] = [
    -5.825_252_976_855_563e-12,
    1.442_695_040_918_932,
    -0.721_347_406_273_388_1,
    0.480_898_140_305_834_17,
    -0.361_005_223_947_531_3,
    0.288_917_908_276_753_7,
];

/// `log₂ |v| − shift` of normal numbers to 6e-12, absolute: the thousandth part of what correlations are compared to. Numbers that are 0, too small to be normal or no numbers give a value without meaning, below −1000
/// less the shift or none: the caller looks out for them.
///
/// The mantissa is taken to within 3 % of 1 by a factor out of a table (Tang 1990, 10.1145/98267.98294), so that a short
/// polynomial does. The same bits on every processor: each step is one exact rounding, whatever the width of its vectors.
pub(super) struct Log2<S: Simd, L> {
    look_up: L,
    coefficients: [S::f64s; 5],
    minus_one: S::f64s,
    bias: S::f64s,
    exponent: S::u64s,
    two_20: S::u64s,
    mantissa: S::u64s,
    one: S::u64s,
}

/// Numbers that every step takes.
pub(super) struct Constants {
    inverses: [f64; PIECES],
    logarithms: [f64; PIECES],
    coefficients: [f64; 5],
    minus_one: f64,
    bias: f64,
    exponent: u64,
    two_20: u64,
    mantissa: u64,
    one: u64,
}

impl Constants {
    /// Of unknown value to the compiler: it would write constants into the steps of a loop, each a load from memory, and there
    /// are more of them than a step has time for. Numbers that it does not know it keeps in registers.
    pub(super) fn new() -> Self {
        let [first, coefficients @ ..] = COEFFICIENTS;
        std::hint::black_box(Self {
            inverses: INVERSES,
            logarithms: LOGARITHMS.map(|value| value + first),
            coefficients,
            minus_one: -1.0,
            bias: 1_048_576.0 + 1023.0,
            exponent: 0x0000_07FF_0000_0000,
            two_20: TWO_20,
            mantissa: MANTISSA,
            one: ONE,
        })
    }
}

/// What is done with a logarithm that suits the processor.
pub(super) trait WithLog2 {
    type Output;

    fn with<S: Simd, L: LookUp>(self, simd: S, log2: &Log2<S, L>) -> Self::Output;
}

/// Does it, in a function of its own, and with the processor looked at here: what else stands in a function, such as the way
/// that is not taken, costs the loop registers.
#[inline(always)]
pub(super) fn with_log2<S: Simd, W: WithLog2>(
    simd: S,
    constants: &Constants,
    shift: f64,
    work: W,
) -> W::Output {
    let mut logarithms = constants.logarithms;
    for value in &mut logarithms {
        *value -= shift;
    }
    #[cfg(target_arch = "x86_64")]
    if let Some(wide) = crate::lanes::avx512::<S>() {
        return apart(simd, InRegisters { simd, wide, constants, logarithms: &logarithms, work });
    }
    let look_up = OneByOne { tables: [constants.inverses, logarithms] };
    work.with(simd, &Log2::new(simd, constants, look_up))
}

/// Not part of who calls it, whatever the compiler thinks.
#[cfg(target_arch = "x86_64")]
#[inline(never)]
fn apart<S: Simd, W: pulp::NullaryFnOnce>(simd: S, work: W) -> W::Output {
    simd.vectorize(work)
}

#[cfg(target_arch = "x86_64")]
struct InRegisters<'a, S, W> {
    simd: S,
    wide: pulp::x86::V4,
    constants: &'a Constants,
    logarithms: &'a [f64; PIECES],
    work: W,
}

#[cfg(target_arch = "x86_64")]
impl<S: Simd, W: WithLog2> pulp::NullaryFnOnce for InRegisters<'_, S, W> {
    type Output = W::Output;

    #[inline(always)]
    fn call(self) -> W::Output {
        let Self { simd, wide, constants, logarithms, work } = self;
        work.with(simd, &Log2::new(simd, constants, Wide::new(wide, &constants.inverses, logarithms)))
    }
}

impl<S: Simd, L: LookUp> Log2<S, L> {
    #[inline(always)]
    fn new(simd: S, constants: &Constants, look_up: L) -> Self {
        let [a, b, c, d, e] = constants.coefficients;
        Self {
            look_up,
            coefficients: [
                simd.splat_f64s(a),
                simd.splat_f64s(b),
                simd.splat_f64s(c),
                simd.splat_f64s(d),
                simd.splat_f64s(e),
            ],
            minus_one: simd.splat_f64s(constants.minus_one),
            bias: simd.splat_f64s(constants.bias),
            exponent: simd.splat_u64s(constants.exponent),
            two_20: simd.splat_u64s(constants.two_20),
            mantissa: simd.splat_u64s(constants.mantissa),
            one: simd.splat_u64s(constants.one),
        }
    }

    #[inline(always)]
    pub(super) fn of(&self, simd: S, v: S::f64s) -> S::f64s {
        let bits = simd.transmute_u64s_f64s(v);
        // the exponent, 11 bits below the sign, as a floating-point number
        let top = simd.and_u64s(down_by_20(simd, bits), self.exponent);
        let counted = simd.transmute_f64s_u64s(simd.or_u64s(top, self.two_20));
        let exponent = simd.sub_f64s(counted, self.bias);
        let mantissa = simd.or_u64s(simd.and_u64s(bits, self.mantissa), self.one);
        let [inverse, logarithm] = self.look_up.pieces::<S>(bits);
        let r = simd.mul_add_f64s(simd.transmute_f64s_u64s(mantissa), inverse, self.minus_one);
        // Σ c_k r^(k − 1), k from 1 on
        let [lower @ .., mut sum] = self.coefficients;
        for coefficient in lower.into_iter().rev() {
            sum = simd.mul_add_f64s(sum, r, coefficient);
        }
        simd.mul_add_f64s(sum, r, simd.add_f64s(exponent, logarithm))
    }
}

/// Looks the inverse and the logarithm up by the first four bits of mantissas.
pub(super) trait LookUp {
    fn pieces<S: Simd>(&self, bits: S::u64s) -> [S::f64s; 2];
}

/// Both tables in registers.
#[cfg(target_arch = "x86_64")]
struct Wide {
    avx: pulp::core_arch::x86::Avx512f,
    tables: [[std::arch::x86_64::__m512d; 2]; 2],
}

#[cfg(target_arch = "x86_64")]
impl Wide {
    #[inline(always)]
    fn new(simd: pulp::x86::V4, inverses: &[f64; PIECES], logarithms: &[f64; PIECES]) -> Self {
        use pulp::bytemuck::cast;
        Self { avx: simd.avx512f, tables: [cast(*inverses), cast(*logarithms)] }
    }
}

#[cfg(target_arch = "x86_64")]
impl LookUp for Wide {
    #[inline(always)]
    fn pieces<S: Simd>(&self, bits: S::u64s) -> [S::f64s; 2] {
        use pulp::bytemuck::cast;
        // only the lowest four bits of an index count; all these vectors are 64 bytes long
        let index = self.avx._mm512_srli_epi64::<48>(cast(bits));
        let [[a, b], [c, d]] = self.tables;
        [
            cast(self.avx._mm512_permutex2var_pd(a, index, b)),
            cast(self.avx._mm512_permutex2var_pd(c, index, d)),
        ]
    }
}

struct OneByOne {
    tables: [[f64; PIECES]; 2],
}

impl LookUp for OneByOne {
    #[inline(always)]
    fn pieces<S: Simd>(&self, bits: S::u64s) -> [S::f64s; 2] {
        let mut found: [S::f64s; 2] = [pulp::bytemuck::Zeroable::zeroed(); 2];
        let words: &[u64] = pulp::bytemuck::cast_slice(std::slice::from_ref(&bits));
        for (found, table) in found.iter_mut().zip(&self.tables) {
            let found: &mut [f64] = pulp::bytemuck::cast_slice_mut(std::slice::from_mut(found));
            for (word, found) in words.iter().zip(found) {
                *found = table[(word >> 48) as usize % PIECES];
            }
        }
        found
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

#[cfg(test)]
mod tests {
    use super::*;

    const SHIFT: f64 = -39.25;

    struct Logarithms<'a>(&'a mut [f64]);

    impl WithLog2 for Logarithms<'_> {
        type Output = ();

        #[inline(always)]
        fn with<S: Simd, L: LookUp>(self, simd: S, log2: &Log2<S, L>) {
            let (head, tail) = S::as_mut_simd_f64s(self.0);
            assert!(tail.is_empty());
            head.iter_mut().for_each(|v| *v = log2.of(simd, *v));
        }
    }

    impl pulp::WithSimd for Logarithms<'_> {
        type Output = ();

        #[inline(always)]
        fn with_simd<S: Simd>(self, simd: S) {
            with_log2(simd, &Constants::new(), SHIFT, self);
        }
    }

    /// What a processor without vectors gives.
    fn narrow(values: &[f64]) -> Vec<f64> {
        let mut found = values.to_vec();
        pulp::WithSimd::with_simd(Logarithms(&mut found), pulp::Scalar);
        found
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
        let mut largest = 0.0_f64;
        for (v, found) in values.iter().zip(found) {
            let expected = v.log2() - SHIFT;
            let error = (found - expected).abs() - 2.0 * f64::EPSILON * expected.abs();
            assert!(error < 5.9e-12, "log2 {v} = {expected}, not {found}");
            largest = largest.max(error);
        }
        assert!(largest > 5.7e-12, "{largest}: the bound is not sharp");
        let (up, down) = (logarithms(&[1.7; 8]), logarithms(&[-1.7; 8]));
        assert_eq!(up, down);
    }

    /// Nothing, and what is too small to be a normal number, cannot be overlooked.
    #[test]
    fn the_logarithm_of_nothing_is_far_below_all_others() {
        for v in [0.0, -0.0, 1e-310] {
            for found in logarithms(&[v; 8]) {
                assert!(found < -1000.0 - SHIFT, "{v}: {found}");
            }
            assert!(narrow(&[v])[0] < -1000.0 - SHIFT, "{v}");
        }
    }

    #[test]
    fn the_width_of_vectors_changes_no_bit() {
        let values: Vec<f64> = (1..=800).map(|k| f64::from(k * k) * 1.7e-3).collect();
        assert_eq!(logarithms(&values), narrow(&values));
    }
}

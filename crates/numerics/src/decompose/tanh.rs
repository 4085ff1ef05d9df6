//! Hyperbolic tangent and the logarithm of the hyperbolic cosine of a whole block, without branches or calls, so that the
//! loops become vector instructions.

use super::dense::BLOCK;
use std::f64::consts::{LN_2, LOG2_E};

/// Adding this to a small number leaves the number's nearest integer in the lowest bits.
const ROUNDER: f64 = 6_755_399_441_055_744.0; // 1.5 · 2⁵²
/// ln 2 as a number with 21 trailing zero bits and the rest: `k · LN_2_HIGH` is exact for |k| below 2²¹.
const LN_2_HIGH: f64 = 6.931_471_803_691_238e-1;
const LN_2_LOW: f64 = 1.908_214_929_270_587_7e-10;
/// From here on tanh is one.
const LARGEST: f64 = 20.0;

/// 1/2!, 1/3!, … 1/14!
const TAYLOR: [f64; 13] = [
    1.0 / 2.0,
    1.0 / 6.0,
    1.0 / 24.0,
    1.0 / 120.0,
    1.0 / 720.0,
    1.0 / 5_040.0,
    1.0 / 40_320.0,
    1.0 / 362_880.0,
    1.0 / 3_628_800.0,
    1.0 / 39_916_800.0,
    1.0 / 479_001_600.0,
    1.0 / 6_227_020_800.0,
    1.0 / 87_178_291_200.0,
];

/// What one row of a block adds to the sums over time.
pub(super) struct RowSums {
    /// Σ ln cosh y.
    pub(super) log_cosh: f64,
    /// Σ tanh² y.
    pub(super) tanh_squared: f64,
}

/// Writes `tanh(y)` of one row of a block; y must be finite.
///
/// With `e = exp(−2|y|)`: `tanh|y| = (1 − e)/(1 + e)` and `ln cosh y = |y| + ln(1 + e) − ln 2`. The logarithms are one
/// logarithm of a product, which stays below `2^BLOCK`.
#[inline(always)]
pub(super) fn tanh_row(y: &[f64; BLOCK], tanh: &mut [f64; BLOCK]) -> RowSums {
    let mut one_plus_e = [0.0; BLOCK];
    for i in 0..BLOCK {
        let e_minus_1 = exp_m1(-2.0 * y[i].abs().min(LARGEST));
        one_plus_e[i] = 2.0 + e_minus_1;
        tanh[i] = (-e_minus_1 / one_plus_e[i]).copysign(y[i]);
    }
    let (mut magnitude, mut squared, mut product) = ([0.0; 8], [0.0; 8], [1.0; 8]);
    for ((y, tanh), one_plus_e) in y.chunks_exact(8).zip(tanh.chunks_exact(8)).zip(one_plus_e.chunks_exact(8))
    {
        for lane in 0..8 {
            magnitude[lane] += y[lane].abs();
            squared[lane] += tanh[lane] * tanh[lane];
            product[lane] *= one_plus_e[lane];
        }
    }
    let logarithms = product.iter().product::<f64>().ln() - BLOCK as f64 * LN_2;
    RowSums { log_cosh: magnitude.iter().sum::<f64>() + logarithms, tanh_squared: squared.iter().sum() }
}

/// `exp(x) − 1` for −40 ≤ x ≤ 0, to two or three units in the last place: `x = k ln 2 + r` with |r| ≤ ln 2 / 2, a Taylor
/// polynomial in r, and `2ᵏ(exp(r) − 1) + (2ᵏ − 1)`.
#[inline(always)]
fn exp_m1(x: f64) -> f64 {
    let rounded = x * LOG2_E + ROUNDER;
    let k = rounded - ROUNDER;
    let r = (x - k * LN_2_HIGH) - k * LN_2_LOW;
    let mut series = TAYLOR[12];
    for j in (0..12).rev() {
        series = series * r + TAYLOR[j];
    }
    let exp_r_minus_1 = r + r * r * series;
    // k + 1023 as the exponent's bits; what the rounder has above them is shifted out
    let power = f64::from_bits((rounded.to_bits() << 52).wrapping_add(1023 << 52));
    power * exp_r_minus_1 + (power - 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_split_of_ln_2_is_exact() {
        assert_eq!(LN_2_HIGH.to_bits() & 0x1f_ffff, 0);
        assert_eq!(LN_2_HIGH + LN_2_LOW, LN_2);
    }

    /// Against the standard library over small, usual and large values, both signs.
    #[test]
    fn tanh_and_log_cosh_are_the_standard_librarys() {
        let mut tanh = [0.0; BLOCK];
        for scale in [1e-300, 1e-12, 1e-3, 0.1, 0.35, 1.0, 3.0, 20.0, 1e5] {
            let y: [f64; BLOCK] = std::array::from_fn(|i| scale * (i as f64 - 100.3) / 128.0);
            let sums = tanh_row(&y, &mut tanh);
            let (mut log_cosh, mut squared) = (0.0, 0.0);
            for (y, found) in y.iter().zip(&tanh) {
                let expected = y.tanh();
                assert!((found - expected).abs() <= 1e-15 * expected.abs(), "tanh({y}) = {found}");
                log_cosh += y.abs() + (-2.0 * y.abs()).exp().ln_1p() - LN_2;
                squared += expected * expected;
            }
            assert!((sums.log_cosh - log_cosh).abs() <= 1e-12 + 1e-14 * log_cosh, "scale {scale}");
            assert!((sums.tanh_squared - squared).abs() <= 1e-14 * squared, "scale {scale}");
        }
    }

    #[test]
    fn zeros_add_nothing() {
        let mut tanh = [1.0; BLOCK];
        let sums = tanh_row(&[0.0; BLOCK], &mut tanh);
        assert!(sums.log_cosh.abs() < 1e-13 && sums.tanh_squared == 0.0 && tanh == [0.0; BLOCK]);
    }
}

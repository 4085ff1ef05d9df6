//! Measures by the sums that they are functions of.

use crate::phase::Measure;
use crate::phase::measure::Sums;
use pulp::Simd;

/// Up to three sums over epochs of a function of the cross-spectrum, for several pairs at once.
pub(crate) trait Family {
    /// Adds one epoch's cross-spectra.
    fn add<S: Simd>(simd: S, sums: &mut [S::f64s; 3], re: S::f64s, im: S::f64s);
    /// Puts the sums of one pair in their places.
    fn place(found: [f64; 3], sums: &mut Sums);
}

/// ΣS.
pub(crate) struct Coherency;
/// ΣS/|S|.
pub(crate) struct Unit;
/// Σ sign Im S.
pub(crate) struct Sign;
/// Σ Im S, Σ |Im S|, Σ (Im S)².
pub(crate) struct Weighted;

impl Family for Coherency {
    #[inline(always)]
    fn add<S: Simd>(simd: S, sums: &mut [S::f64s; 3], re: S::f64s, im: S::f64s) {
        sums[0] = simd.add_f64s(sums[0], re);
        sums[1] = simd.add_f64s(sums[1], im);
    }

    #[inline(always)]
    fn place(found: [f64; 3], sums: &mut Sums) {
        (sums.re, sums.im) = (found[0], found[1]);
    }
}

impl Family for Unit {
    #[inline(always)]
    fn add<S: Simd>(simd: S, sums: &mut [S::f64s; 3], re: S::f64s, im: S::f64s) {
        let (zero, one) = (simd.splat_f64s(0.0), simd.splat_f64s(1.0));
        let modulus = simd.sqrt_f64s(simd.add_f64s(simd.mul_f64s(re, re), simd.mul_f64s(im, im)));
        let there = simd.greater_than_f64s(modulus, zero);
        // without a cross-spectrum there is no direction to add
        let inverse = simd.select_f64s(there, simd.div_f64s(one, modulus), zero);
        sums[0] = simd.add_f64s(sums[0], simd.mul_f64s(re, inverse));
        sums[1] = simd.add_f64s(sums[1], simd.mul_f64s(im, inverse));
    }

    #[inline(always)]
    fn place(found: [f64; 3], sums: &mut Sums) {
        (sums.unit_re, sums.unit_im) = (found[0], found[1]);
    }
}

impl Family for Sign {
    #[inline(always)]
    fn add<S: Simd>(simd: S, sums: &mut [S::f64s; 3], _: S::f64s, im: S::f64s) {
        let (zero, one) = (simd.splat_f64s(0.0), simd.splat_f64s(1.0));
        let above = simd.select_f64s(simd.greater_than_f64s(im, zero), one, zero);
        let below = simd.select_f64s(simd.less_than_f64s(im, zero), one, zero);
        sums[0] = simd.add_f64s(sums[0], simd.sub_f64s(above, below));
    }

    #[inline(always)]
    fn place(found: [f64; 3], sums: &mut Sums) {
        sums.sign_im = found[0];
    }
}

impl Family for Weighted {
    #[inline(always)]
    fn add<S: Simd>(simd: S, sums: &mut [S::f64s; 3], _: S::f64s, im: S::f64s) {
        sums[0] = simd.add_f64s(sums[0], im);
        sums[1] = simd.add_f64s(sums[1], simd.abs_f64s(im));
        sums[2] = simd.add_f64s(sums[2], simd.mul_f64s(im, im));
    }

    #[inline(always)]
    fn place(found: [f64; 3], sums: &mut Sums) {
        (sums.im, sums.abs_im, sums.im_squared) = (found[0], found[1], found[2]);
    }
}

/// Which sums a measure needs.
#[derive(Clone, Copy)]
pub(crate) enum FamilyOf {
    Coherency,
    Unit,
    Sign,
    Weighted,
}

impl From<Measure> for FamilyOf {
    fn from(measure: Measure) -> Self {
        match measure {
            Measure::Coh | Measure::Imcoh => Self::Coherency,
            Measure::Plv | Measure::Ciplv | Measure::Ppc => Self::Unit,
            Measure::Pli | Measure::Pli2Unbiased | Measure::Dpli => Self::Sign,
            Measure::Wpli | Measure::Wpli2Debiased => Self::Weighted,
        }
    }
}

//! Measures from sums, with the widest vectors that the processor has.
//!
//! The formulas are those of [`Measure::of`](super::measure), a loop of which the compiler does not always vectorise. Here
//! roots are made of multiplications; they end within a few units of the last place, and the width of the vectors changes no
//! bit.

use super::Measure;
use super::measure::Sum;
use crate::lanes::inverse_root;
use pulp::Simd;

/// A measure of the sums of `n` epochs, which `sum` gives.
pub(crate) trait Finish: Copy {
    fn of<S: Simd>(simd: S, n: f64, sum: impl Fn(Sum) -> S::f64s) -> S::f64s;
}

/// What is done with the formula of a measure.
pub(crate) trait WithMeasure {
    fn with<S: Simd, F: Finish>(&mut self, simd: S, measure: F);
}

/// Does it with the formula of `measure`: each has a loop of its own.
#[inline(always)]
pub(crate) fn with_measure<S: Simd>(simd: S, measure: Measure, work: &mut impl WithMeasure) {
    match measure {
        Measure::Coh => work.with(simd, Coh),
        Measure::Imcoh => work.with(simd, Imcoh),
        Measure::Plv => work.with(simd, Plv),
        Measure::Ciplv => work.with(simd, Ciplv),
        Measure::Ppc => work.with(simd, Ppc),
        Measure::Pli => work.with(simd, Pli),
        Measure::Pli2Unbiased => work.with(simd, Pli2Unbiased),
        Measure::Dpli => work.with(simd, Dpli),
        Measure::Wpli => work.with(simd, Wpli),
        Measure::Wpli2Debiased => work.with(simd, Wpli2Debiased),
    }
}

macro_rules! measures {
    ($($measure:ident: |$simd:ident, $n:ident, $sum:ident| $value:expr;)+) => {
        $(
            #[derive(Clone, Copy)]
            struct $measure;

            impl Finish for $measure {
                #[inline(always)]
                fn of<S: Simd>($simd: S, $n: f64, $sum: impl Fn(Sum) -> S::f64s) -> S::f64s {
                    $value
                }
            }
        )+
    };
}

measures! {
    Coh: |simd, _n, sum| {
        let (re, im) = (sum(Sum::Re), sum(Sum::Im));
        let power = simd.mul_f64s(sum(Sum::AutoX), sum(Sum::AutoY));
        // one root of both would be 0 where the product of four amplitudes is too small
        let size = root(simd, squares(simd, re, im));
        where_positive(simd, power, simd.mul_f64s(size, inverse_root(simd, power)))
    };
    Imcoh: |simd, _n, sum| {
        let power = simd.mul_f64s(sum(Sum::AutoX), sum(Sum::AutoY));
        where_positive(simd, power, simd.mul_f64s(sum(Sum::Im), inverse_root(simd, power)))
    };
    Plv: |simd, n, sum| {
        let size = root(simd, squares(simd, sum(Sum::UnitRe), sum(Sum::UnitIm)));
        simd.mul_f64s(size, simd.splat_f64s(one_by(n)))
    };
    Ciplv: |simd, n, sum| {
        let (one, by_n) = (simd.splat_f64s(1.0), simd.splat_f64s(one_by(n)));
        let in_phase = simd.mul_f64s(sum(Sum::UnitRe), by_n);
        let lagged = simd.abs_f64s(simd.mul_f64s(sum(Sum::UnitIm), by_n));
        let left = simd.sub_f64s(one, simd.mul_f64s(in_phase, in_phase));
        let value = simd.mul_f64s(lagged, inverse_root(simd, left));
        // phases that are all 0 or all 180° have no imaginary part to correct
        let apart = simd.greater_than_f64s(one, simd.abs_f64s(in_phase));
        simd.select_f64s(apart, value, simd.splat_f64s(0.0))
    };
    Ppc: |simd, n, sum| {
        let squared = squares(simd, sum(Sum::UnitRe), sum(Sum::UnitIm));
        simd.mul_f64s(simd.sub_f64s(squared, simd.splat_f64s(n)), simd.splat_f64s(one_by(n * (n - 1.0))))
    };
    Pli: |simd, n, sum| simd.mul_f64s(simd.abs_f64s(sum(Sum::SignIm)), simd.splat_f64s(one_by(n)));
    Pli2Unbiased: |simd, n, sum| {
        let pli = simd.mul_f64s(sum(Sum::SignIm), simd.splat_f64s(one_by(n)));
        let scaled = simd.mul_f64s(simd.splat_f64s(n), simd.mul_f64s(pli, pli));
        simd.mul_f64s(simd.sub_f64s(scaled, simd.splat_f64s(1.0)), simd.splat_f64s(one_by(n - 1.0)))
    };
    Dpli: |simd, n, sum| {
        let half = simd.splat_f64s(0.5);
        let pli = simd.mul_f64s(sum(Sum::SignIm), simd.splat_f64s(one_by(n)));
        simd.add_f64s(half, simd.mul_f64s(half, pli))
    };
    Wpli: |simd, _n, sum| {
        let all = sum(Sum::AbsIm);
        where_positive(simd, all, simd.div_f64s(simd.abs_f64s(sum(Sum::Im)), all))
    };
    Wpli2Debiased: |simd, _n, sum| {
        let (im, all, squared) = (sum(Sum::Im), sum(Sum::AbsIm), sum(Sum::ImSquared));
        // products are rounded before they are subtracted, so that one epoch leaves nothing
        let numerator = simd.sub_f64s(simd.mul_f64s(im, im), squared);
        let denominator = simd.sub_f64s(simd.mul_f64s(all, all), squared);
        where_positive(simd, denominator, simd.div_f64s(numerator, denominator))
    };
}

/// `1/x` of a number of epochs; NaN where the measure has no value for so few.
fn one_by(x: f64) -> f64 {
    if x > 0.0 { 1.0 / x } else { f64::NAN }
}

#[inline(always)]
fn squares<S: Simd>(simd: S, a: S::f64s, b: S::f64s) -> S::f64s {
    simd.add_f64s(simd.mul_f64s(a, a), simd.mul_f64s(b, b))
}

/// `√x`, and 0 where `x` is too small to be normal.
#[inline(always)]
fn root<S: Simd>(simd: S, x: S::f64s) -> S::f64s {
    simd.mul_f64s(x, inverse_root(simd, x))
}

/// `value` where `x` is above 0, NaN elsewhere.
#[inline(always)]
fn where_positive<S: Simd>(simd: S, x: S::f64s, value: S::f64s) -> S::f64s {
    let is_positive = simd.greater_than_f64s(x, simd.splat_f64s(0.0));
    simd.select_f64s(is_positive, value, simd.splat_f64s(f64::NAN))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lanes::{Lanes, WIDTH};
    use crate::phase::measure::Sums;
    use crate::stats::Stream;

    struct Of {
        measure: Measure,
        n: f64,
        sums: [Lanes; 9],
        out: Lanes,
    }

    impl WithMeasure for Of {
        #[inline(always)]
        fn with<S: Simd, F: Finish>(&mut self, simd: S, _: F) {
            for part in 0..WIDTH / S::F64_LANES {
                let sum = |sum: Sum| self.sums[sum as usize].vectors::<S>()[part];
                self.out.vectors_mut::<S>()[part] = F::of(simd, self.n, sum);
            }
        }
    }

    impl pulp::WithSimd for Of {
        type Output = [f64; WIDTH];

        #[inline(always)]
        fn with_simd<S: Simd>(mut self, simd: S) -> [f64; WIDTH] {
            with_measure(simd, self.measure, &mut self);
            self.out.0
        }
    }

    /// Sums of epochs of any size, of a silent channel, of one epoch: as the formula written out.
    #[test]
    fn equals_the_formula_one_by_one() {
        let mut stream = Stream::new(31, 0);
        for trial in 0..2000 {
            let n = [1.0, 2.0, 10.0, 300.0][trial % 4];
            let scale = 10_f64.powf(30.0 * (stream.uniform() - 0.5));
            let mut parts = [Lanes::ZERO; 9];
            for lane in 0..WIDTH - 1 {
                let mut add = |sum: Sum, value: f64| parts[sum as usize].0[lane] += value;
                for _ in 0..n as usize {
                    let [re, im] = [stream.normal() * scale, stream.normal() * scale];
                    let size = re.hypot(im);
                    add(Sum::Re, re);
                    add(Sum::Im, im);
                    add(Sum::UnitRe, re / size);
                    add(Sum::UnitIm, im / size);
                    add(Sum::SignIm, im.signum());
                    add(Sum::AbsIm, im.abs());
                    add(Sum::ImSquared, im * im);
                    add(Sum::AutoX, 1.5 * size);
                    add(Sum::AutoY, 2.5 * size);
                }
            }
            for measure in Measure::ALL {
                let found = pulp::Arch::new().dispatch(Of { measure, n, sums: parts, out: Lanes::ZERO });
                for (lane, found) in found.into_iter().enumerate() {
                    let [re, im, unit_re, unit_im, sign_im, abs_im, im_squared, auto_x, auto_y] =
                        parts.map(|part| part.0[lane]);
                    let sums =
                        Sums { n, re, im, unit_re, unit_im, sign_im, abs_im, im_squared, auto_x, auto_y };
                    let expected = measure.of(&sums);
                    // one epoch has phases in line up to rounding, which the corrected measure divides by
                    let close = (found - expected).abs() <= 4e-15 * expected.abs().max(1.0)
                        || (measure == Measure::Ciplv && n == 1.0);
                    assert!(
                        close || found.is_nan() && expected.is_nan(),
                        "{measure:?} {n}: {found} {expected}"
                    );
                }
            }
        }
    }
}

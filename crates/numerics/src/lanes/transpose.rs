//! Rows into columns.

use super::{Lanes, WIDTH};
use pulp::Simd;

/// Turns eight rows of eight values into eight columns. Made once for many of them, since it looks at the processor.
#[derive(Clone, Copy)]
pub(crate) struct Transpose {
    #[cfg(target_arch = "x86_64")]
    wide: Option<pulp::x86::V4>,
}

impl Transpose {
    /// For kernels that work on vectors of `S`.
    #[inline(always)]
    pub(crate) fn new<S: Simd>() -> Self {
        Self {
            #[cfg(target_arch = "x86_64")]
            wide: super::avx512::<S>(),
        }
    }

    #[inline(always)]
    pub(crate) fn columns(self, rows: &[Lanes; WIDTH]) -> [Lanes; WIDTH] {
        #[cfg(target_arch = "x86_64")]
        if let Some(simd) = self.wide {
            return wide_columns(simd, rows);
        }
        let mut columns = [Lanes::ZERO; WIDTH];
        for (i, row) in rows.iter().enumerate() {
            for (column, value) in columns.iter_mut().zip(row.0) {
                column.0[i] = value;
            }
        }
        columns
    }
}

/// The same by shuffles of whole vectors: left to itself the compiler gathers the values one by one.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
fn wide_columns(simd: pulp::x86::V4, [a, b, c, d, e, f, g, h]: &[Lanes; WIDTH]) -> [Lanes; WIDTH] {
    let (ab, cd, ef, gh) =
        (wide_pair(simd, a, b), wide_pair(simd, c, d), wide_pair(simd, e, f), wide_pair(simd, g, h));
    let [c0, c2, c4, c6] = wide_quarters(simd, [ab[0], cd[0], ef[0], gh[0]]);
    let [c1, c3, c5, c7] = wide_quarters(simd, [ab[1], cd[1], ef[1], gh[1]]);
    [c0, c1, c2, c3, c4, c5, c6, c7]
}

/// The even columns of two rows, two values of each side by side, and the odd ones.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
fn wide_pair(simd: pulp::x86::V4, a: &Lanes, b: &Lanes) -> [std::arch::x86_64::__m512d; 2] {
    let (a, b) = (pulp::bytemuck::cast(a.0), pulp::bytemuck::cast(b.0));
    [simd.avx512f._mm512_unpacklo_pd(a, b), simd.avx512f._mm512_unpackhi_pd(a, b)]
}

/// Quarter `k` of four vectors after each other.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
fn wide_quarters(simd: pulp::x86::V4, [a, b, c, d]: [std::arch::x86_64::__m512d; 4]) -> [Lanes; 4] {
    let avx = simd.avx512f;
    // the first and third quarter of each, the second and fourth of each
    let (first, second) = (avx._mm512_shuffle_f64x2::<0x88>(a, b), avx._mm512_shuffle_f64x2::<0x88>(c, d));
    let (third, fourth) = (avx._mm512_shuffle_f64x2::<0xDD>(a, b), avx._mm512_shuffle_f64x2::<0xDD>(c, d));
    [
        Lanes(pulp::bytemuck::cast(avx._mm512_shuffle_f64x2::<0x88>(first, second))),
        Lanes(pulp::bytemuck::cast(avx._mm512_shuffle_f64x2::<0x88>(third, fourth))),
        Lanes(pulp::bytemuck::cast(avx._mm512_shuffle_f64x2::<0xDD>(first, second))),
        Lanes(pulp::bytemuck::cast(avx._mm512_shuffle_f64x2::<0xDD>(third, fourth))),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Run([Lanes; WIDTH]);

    impl pulp::WithSimd for Run {
        type Output = [Lanes; WIDTH];

        #[inline(always)]
        fn with_simd<S: Simd>(self, _: S) -> [Lanes; WIDTH] {
            Transpose::new::<S>().columns(&self.0)
        }
    }

    #[test]
    fn rows_become_columns() {
        let rows: [Lanes; WIDTH] =
            std::array::from_fn(|i| Lanes(std::array::from_fn(|j| (10 * i + j) as f64)));
        let wide = pulp::Arch::new().dispatch(Run(rows));
        let narrow = Transpose::new::<pulp::Scalar>().columns(&rows);
        for j in 0..WIDTH {
            let expected = Lanes(std::array::from_fn(|i| (10 * i + j) as f64));
            assert_eq!((wide[j], narrow[j]), (expected, expected));
        }
    }
}

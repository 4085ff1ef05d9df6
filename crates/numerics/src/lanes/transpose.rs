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

    /// Whether whole vectors are shuffled; else values are moved one by one.
    #[inline(always)]
    pub(crate) fn is_wide(self) -> bool {
        #[cfg(target_arch = "x86_64")]
        return self.wide.is_some();
        #[cfg(not(target_arch = "x86_64"))]
        false
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

    /// The sum of each of eight rows, neighbours first.
    #[inline(always)]
    pub(crate) fn row_sums(self, rows: &[Lanes; WIDTH]) -> Lanes {
        #[cfg(target_arch = "x86_64")]
        if let Some(simd) = self.wide {
            return wide_row_sums(simd, rows);
        }
        let mut sums = Lanes::ZERO;
        for (sum, row) in sums.0.iter_mut().zip(rows) {
            *sum = row_sum(row);
        }
        sums
    }
}

/// The sum of a row, in the order of [`Transpose::row_sums`].
#[inline(always)]
pub(crate) fn row_sum(Lanes([a, b, c, d, e, f, g, h]): &Lanes) -> f64 {
    ((a + b) + (c + d)) + ((e + f) + (g + h))
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

#[cfg(target_arch = "x86_64")]
#[inline(always)]
fn wide_row_sums(simd: pulp::x86::V4, [a, b, c, d, e, f, g, h]: &[Lanes; WIDTH]) -> Lanes {
    let avx = simd.avx512f;
    let two = |[even, odd]: [std::arch::x86_64::__m512d; 2]| avx._mm512_add_pd(even, odd);
    let four = |a, b| two([avx._mm512_shuffle_f64x2::<0x88>(a, b), avx._mm512_shuffle_f64x2::<0xDD>(a, b)]);
    let (ab, cd) = (two(wide_pair(simd, a, b)), two(wide_pair(simd, c, d)));
    let (ef, gh) = (two(wide_pair(simd, e, f)), two(wide_pair(simd, g, h)));
    Lanes(pulp::bytemuck::cast(four(four(ab, cd), four(ef, gh))))
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

    struct Sums([Lanes; WIDTH]);

    impl pulp::WithSimd for Sums {
        type Output = Lanes;

        #[inline(always)]
        fn with_simd<S: Simd>(self, _: S) -> Lanes {
            Transpose::new::<S>().row_sums(&self.0)
        }
    }

    #[test]
    fn sums_of_rows_have_the_same_bits_however_they_are_made() {
        let rows: [Lanes; WIDTH] =
            std::array::from_fn(|i| Lanes(std::array::from_fn(|j| 1.0 / (1.0 + (10 * i + j * j) as f64))));
        let wide = pulp::Arch::new().dispatch(Sums(rows));
        assert_eq!(wide, Transpose::new::<pulp::Scalar>().row_sums(&rows));
        assert!((wide.0[7] - rows[7].0.iter().sum::<f64>()).abs() < 1e-15);
    }
}

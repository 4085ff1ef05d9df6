//! Eight values side by side: what the kernels work on that would otherwise move values about in a vector.

mod butterfly;
mod fft;
mod hilbert;
mod real;
mod root;
mod rows;
mod transpose;

pub(crate) use fft::{ComplexLanes, LaneFft, Source, n_steps};
pub(crate) use hilbert::LaneHilbert;
use pulp::Simd;
pub(crate) use real::{LaneRealFft, Tapered};
pub(crate) use root::inverse_root;
pub(crate) use rows::{gather, lay_out};
pub(crate) use transpose::{Transpose, row_sum};

/// Values side by side.
pub(crate) const WIDTH: usize = 8;

/// Eight values, such as one at each of eight neighbouring frequencies, in one line of the cache. The widest vector of any
/// processor holds all of them; narrower ones take them in turn, each value by itself.
#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(C, align(64))]
pub(crate) struct Lanes(pub(crate) [f64; WIDTH]);

impl Lanes {
    pub(crate) const ZERO: Self = Self([0.0; WIDTH]);

    /// How many blocks hold `n` values; the last is filled up with zeros.
    pub(crate) fn blocks(n: usize) -> usize {
        n.div_ceil(WIDTH)
    }

    #[inline(always)]
    pub(crate) fn vectors<S: Simd>(&self) -> &[S::f64s] {
        S::as_simd_f64s(&self.0).0
    }

    #[inline(always)]
    pub(crate) fn vectors_mut<S: Simd>(&mut self) -> &mut [S::f64s] {
        S::as_mut_simd_f64s(&mut self.0).0
    }
}

/// What AVX-512 can do where vectors of `S` are as wide as it has them: shuffles that no vector type of all processors has.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
pub(crate) fn avx512<S: Simd>() -> Option<pulp::x86::V4> {
    if size_of::<S::f64s>() == size_of::<Lanes>() { pulp::x86::V4::try_new() } else { None }
}

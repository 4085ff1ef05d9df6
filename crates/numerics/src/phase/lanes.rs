//! Eight neighbouring frequencies: what the pair kernels work on.

use pulp::Simd;

/// Frequencies side by side.
pub(crate) const WIDTH: usize = 8;

/// One value at each of eight neighbouring frequencies, in one line of the cache. The widest vector of any processor holds
/// all of them; narrower ones take them in turn, each frequency by itself.
#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(C, align(64))]
pub(crate) struct Lanes(pub(crate) [f64; WIDTH]);

impl Lanes {
    pub(crate) const ZERO: Self = Self([0.0; WIDTH]);

    /// How many blocks hold `n_freqs`; the last is filled up with zeros.
    pub(crate) fn blocks(n_freqs: usize) -> usize {
        n_freqs.div_ceil(WIDTH)
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

//! Filters.

mod fir;

pub use fir::{FirDesign, fir_zero_phase};

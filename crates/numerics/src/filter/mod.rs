//! Filters.

mod fir;
mod line_check;
mod line_noise;
mod zapline;

pub use fir::{FirDesign, fir_zero_phase};
pub use line_check::{LineCheck, line_check};
pub use line_noise::{SpectrumInterpolationParams, spectrum_interpolation};
pub use zapline::{ZapLine, zapline};

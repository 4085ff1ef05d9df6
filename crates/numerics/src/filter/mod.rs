//! Filters and resampling.

mod butterworth;
mod extend;
mod fir;
mod resample;
mod sos;

pub use butterworth::ButterworthDesign;
pub use fir::{FirDesign, fir_zero_phase};
pub use resample::{Ratio, resample_fft, resample_polyphase};
pub use sos::{Section, ringing, sos_zero_phase};

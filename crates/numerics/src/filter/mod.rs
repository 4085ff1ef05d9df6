//! Filters, line noise, resampling.

mod butterworth;
mod envelope;
mod extend;
mod fir;
mod line_check;
mod line_noise;
mod resample;
mod sos;
mod zapline;

pub use butterworth::ButterworthDesign;
pub use envelope::{analytic_signal, envelope};
pub use fir::{FirDesign, fir_zero_phase, fir_zero_phase_rows};
pub use line_check::{LineCheck, line_check};
pub use line_noise::{SpectrumInterpolationParams, spectrum_interpolation};
pub use resample::{Ratio, resample_fft, resample_polyphase};
pub use sos::{Section, ringing, sos_zero_phase};
pub use zapline::{ZapLine, zapline};

//! Filters, line noise, resampling.

mod butterworth;
mod cascade;
mod envelope;
mod extend;
mod fir;
mod line_check;
mod line_noise;
mod notch;
mod resample;
mod sos;
mod thin;
mod zapline;

pub use butterworth::ButterworthDesign;
pub use cascade::Cascade;
pub use envelope::{Hilbert, analytic_signal, envelope};
pub use fir::{FirDesign, ZeroPhaseFir, fir_zero_phase, fir_zero_phase_rows};
pub use line_check::{LineChange, LineCheck, LineChecker, line_check, line_check_of_response};
pub use line_noise::{SpectrumInterpolation, SpectrumInterpolationParams, spectrum_interpolation};
pub use notch::FirNotch;
pub use resample::{Ratio, resample_fft, resample_polyphase, resample_polyphase_into};
pub use sos::{Section, ringing, sos_zero_phase};
pub(crate) use thin::Thinning;
pub use zapline::{ZapLine, zapline};

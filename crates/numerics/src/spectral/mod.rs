//! Spectra: real FFT plans, windows, Slepian tapers, Welch, multitaper, band means, edges and peaks.

mod adaptive;
mod band;
mod dpss;
mod edge;
mod eights;
mod fft;
mod mains;
mod multitaper;
pub(crate) mod packed;
mod peak;
mod welch;
mod window;

pub use band::{band_bins, band_mean};
pub use dpss::{Tapers, dpss};
pub use edge::spectral_edge;
pub use fft::{complex_fft, inverse_complex_fft, inverse_real_fft, real_fft, rfft_freqs};
pub use mains::MainsMask;
pub use multitaper::{BinsInto, Multitaper, MultitaperParams, MultitaperScratch};
pub use peak::{SpectralPeak, highest_peak};
pub use welch::{Average, Detrend, Welch, WelchParams};
pub use window::Window;
pub(crate) use window::bessel_i0;

//! Power and phase over time and frequency: Morlet wavelets, multitaper, averages over trials, baselines.

mod average;
mod baseline;
mod convolve;
mod kernels;
mod transform;
mod trials;
mod wavelets;

pub use average::{TfrAverage, TfrSums};
pub use baseline::{BaselineMode, rescale};
pub use transform::{Tfr, TfrMethod, TfrParams, TfrScratch};
pub use wavelets::{Wavelets, morlet, multitaper_wavelets};

//! EEG with labels and units, and the steps between its forms:
//! [`Recording`] → [`Epochs`] → [`EpochSpectra`] / [`Fourier`] → [`CrossSpectra`] → [`Connectivity`].
//!
//! This crate knows channels, rates, runs and units. It knows no file, no dose and no subject.
//! Voltages are microvolts everywhere; axes are always `[epoch, channel(, taper), freq | time]`.

mod annotation;
mod band;
mod channel;
mod connectivity;
mod cross_spectra;
mod epochs;
mod error;
mod fourier;
mod header;
pub mod montage;
mod note;
mod parallel;
mod recording;
mod reference;
mod region;
mod spectrum;
mod units;

pub use annotation::Annotation;
pub use band::Band;
pub use channel::{Channel, ChannelKind, Channels};
pub use connectivity::Connectivity;
pub use cross_spectra::CrossSpectra;
pub use epochs::{Epochs, RejectedEpoch, Rejection, Windows};
pub use error::{Error, Result};
pub use fourier::Fourier;
pub use header::{Header, OtherSignal, Run, Timestamp};
pub use note::{Note, NoteLevel};
pub use recording::Recording;
pub use reference::Reference;
pub use region::Region;
pub use spectrum::{EpochSpectra, Spectrum, SpectrumParams};
pub use units::{Hz, Seconds, Unit};

//! Who foretells whom, between channels or groups of channels.

mod granger;
mod symbolic;
mod var;

pub use granger::{Granger, GrangerMeasure, GrangerParams, GrangerSpectrum};
pub use symbolic::{SymbolicParams, symbolic_transfer_entropy};
pub use var::EpochsVar;

//! Spectral parameterisation: a power law and Gaussian peaks on it (Donoghue et al. 2020, 10.1038/s41593-020-00744-x).

mod gaussians;
mod model;
mod peaks;
mod settings;

pub use gaussians::Gaussian;
pub use model::{Specparam, SpecparamFit, SpecparamPeak};
pub use settings::{AperiodicMode, SpecparamSettings};

//! The 1/f background.

mod fit;
mod flat;
mod power_law;
mod specparam;

pub use fit::{AperiodicFit, fit_fixed, fit_fixed_robust};
pub use flat::{FlatFit, fit_power_law_plus_flat};
pub use power_law::PowerLaw;
pub use specparam::{AperiodicMode, Gaussian, Specparam, SpecparamFit, SpecparamPeak, SpecparamSettings};

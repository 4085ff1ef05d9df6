//! The 1/f background.

mod fit;
mod flat;

pub use fit::{AperiodicFit, fit_fixed, fit_fixed_robust};
pub use flat::{FlatFit, fit_power_law_plus_flat};

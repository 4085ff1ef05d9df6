//! The 1/f background.

mod fit;

pub use fit::{AperiodicFit, fit_fixed, fit_fixed_robust};

//! The 1/f background.

mod adjusted;
mod fit;
mod flat;
mod irasa;
mod knee;
mod power_law;
mod specparam;

pub use adjusted::power_above;
pub use fit::{AperiodicFit, fit_fixed, fit_fixed_robust};
pub use flat::{FlatFit, fit_power_law_plus_flat};
pub use irasa::{Irasa, IrasaParams, irasa};
pub use knee::{KneeFit, fit_knee, fit_knee_robust};
pub use power_law::PowerLaw;
pub use specparam::{AperiodicMode, Gaussian, Specparam, SpecparamFit, SpecparamPeak, SpecparamSettings};

//! Who foretells whom: vector autoregression, Granger causality, PDC and DTF, symbolic transfer entropy.
//!
//! Direction is always "from → to", and matrices are `[to, from]`: the entry `[i, j]` is what `j` does to `i`.

mod autocovariance;
mod cross;
mod fit;
mod granger;
mod linear;
mod pdc;
mod riccati;
mod symbols;
mod transfer_entropy;
mod var;
mod whiteness;
mod whittle;

pub use autocovariance::{Autocovariances, numerical_rank};
pub use cross::CrossSums;
pub use fit::{OrderCriteria, VarFit, VarParams, fit_var, var_order_criteria};
pub use granger::{GrangerSpectra, granger_time, spectral_granger};
pub use pdc::{VarMeasure, var_connectivity};
pub use symbols::{n_patterns, ordinal_patterns};
pub use transfer_entropy::{Shuffle, SteParams, SteSource, SteTarget, TransferEntropy, mean_and_interval};
pub use var::VarModel;
pub use whiteness::{Whiteness, durbin_watson, portmanteau, var_residuals};
pub use whittle::var_from_autocovariance;

//! Least squares of small nonlinear problems.

mod cholesky;
mod levenberg_marquardt;
mod problem;
mod reflective;

pub use levenberg_marquardt::levenberg_marquardt;
pub use problem::{Bounds, LeastSquares, Minimum, Normal};
pub use reflective::trust_region_reflective;

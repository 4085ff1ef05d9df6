//! Filters.
mod fir;
pub use fir::FirDesign;

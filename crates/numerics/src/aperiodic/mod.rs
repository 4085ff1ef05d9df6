//! The 1/f background.
use crate::Result;
use ndarray::ArrayView1;
/// log10 P = offset − exponent · log10 f.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AperiodicFit { pub offset: f64, pub exponent: f64, pub r_squared: f64, pub mae: f64 }
/// Least squares in log–log over all given bins (specparam's fixed mode without peaks).
pub fn fit_fixed(freqs_hz: ArrayView1<'_, f64>, psd: ArrayView1<'_, f64>) -> Result<AperiodicFit> { todo!() }
/// The same line, with peaks weighted down: iteratively reweighted one-sided bisquare.
pub fn fit_fixed_robust(freqs_hz: ArrayView1<'_, f64>, psd: ArrayView1<'_, f64>) -> Result<AperiodicFit> { todo!() }

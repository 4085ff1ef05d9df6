//! Zero-phase FIR filtering (MNE's `firwin` design rules).
use crate::Result;
use ndarray::{Array1, ArrayView1};
use serde::{Deserialize, Serialize};
/// Pass band of a zero-phase FIR; transition bandwidths and length follow MNE's `auto` rules.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct FirDesign { pub high_pass_hz: Option<f64>, pub low_pass_hz: Option<f64> }
impl FirDesign {
    /// Coefficients for a rate; odd length, symmetric.
    pub fn coefficients(&self, sfreq: f64) -> Result<Array1<f64>> { todo!() }
}
/// Zero-phase FIR with `reflect_limited` padding, by overlap-add FFT.
pub fn fir_zero_phase(x: ArrayView1<'_, f64>, coefficients: ArrayView1<'_, f64>) -> Result<Array1<f64>> { todo!() }

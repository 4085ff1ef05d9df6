//! Phase relations.
use crate::Result;
use ndarray::{Array1, Array2, ArrayView2, ArrayView3, ArrayView4};
use num_complex::Complex64;
use serde::{Deserialize, Serialize};
/// Bivariate measures, mne-connectivity's names (coh cohy imcoh plv ciplv ppc pli pli2_unbiased dpli wpli wpli2_debiased).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Measure { Coh, Imcoh, Plv, Ciplv, Ppc, Pli, #[serde(rename = "pli2_unbiased")] Pli2Unbiased, Dpli, Wpli, #[serde(rename = "wpli2_debiased")] Wpli2Debiased }
impl Measure {
    pub const ALL: [Self; 10] = [Self::Coh, Self::Imcoh, Self::Plv, Self::Ciplv, Self::Ppc, Self::Pli, Self::Pli2Unbiased, Self::Dpli, Self::Wpli, Self::Wpli2Debiased];
    pub fn name(self) -> &'static str { todo!() }
    pub fn from_name(name: &str) -> Option<Self> { todo!() }
}
/// Running sums over epochs, per pair and frequency `[pair, freq]`, plus auto-spectra `[channel, freq]`.
#[derive(Clone, Debug, PartialEq)]
pub struct PairSums { }
impl PairSums {
    /// Empty sums.
    pub fn new(n_channels: usize, pairs: &[(usize, usize)], n_freqs: usize) -> Result<Self> { todo!() }
    /// Adds one epoch: `coefs [channel, taper, freq]`, one weight per taper (mne: tapers are summed into one cross-spectrum per epoch first).
    pub fn add_epoch(&mut self, coefs: ArrayView3<'_, Complex64>, weights: &[f64]) -> Result<()> { todo!() }
    /// Number of epochs added.
    pub fn n(&self) -> usize { todo!() }
    pub fn merge(&mut self, other: &Self) -> Result<()> { todo!() }
    /// A weighted sum of blocks, for resampling: `Σ counts[b]·blocks[b]`.
    pub fn combine(blocks: &[&Self], counts: &[u32]) -> Result<Self> { todo!() }
    /// `[pair, freq]`; a value that is undefined (zero denominator) is NaN here and `None` one floor up.
    pub fn measure(&self, measure: Measure) -> Array2<f64> { todo!() }
    pub fn pairs(&self) -> &[(usize, usize)] { todo!() }
}

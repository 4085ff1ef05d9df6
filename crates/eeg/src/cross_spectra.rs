//! Running sums over epochs per pair and frequency.
use crate::{Channels, Connectivity, Result};
use dosewave_numerics::phase::{Measure, PairSums};
use ndarray::Array1;

/// Running pair sums: everything that phase measures need, mergeable across blocks.
#[derive(Clone, Debug, PartialEq)]
pub struct CrossSpectra { pub(crate) channels: Channels, pub(crate) pairs: Vec<(usize, usize)>, pub(crate) freqs_hz: Array1<f64>, pub(crate) sums: PairSums }
impl CrossSpectra {
    pub fn channels(&self) -> &Channels { &self.channels }
    pub fn pairs(&self) -> &[(usize, usize)] { &self.pairs }
    pub fn freqs_hz(&self) -> &Array1<f64> { &self.freqs_hz }
    pub fn sums(&self) -> &PairSums { &self.sums }
    pub fn n_epochs(&self) -> usize { self.sums.n() }
    pub fn merge(&mut self, other: &Self) -> Result<()> { todo!() }
    pub fn connectivity(&self, measure: Measure) -> Connectivity { todo!() }
}

//! The clean epochs of one window, with everything derived from them computed once.
use crate::Result;
use dosewave_eeg::{Band, CrossSpectra, EpochSpectra, Epochs, Hz, Seconds, SpectrumParams};
use dosewave_numerics::spectral::MainsMask;
use std::sync::Arc;
/// Settings shared by all markers of a segment.
#[derive(Clone, Debug, PartialEq)]
pub struct SegmentParams { pub spectrum: SpectrumParams, pub mains: MainsMask, /// Length of a resampling block.
    pub block: Seconds, /// Lowest low-pass that the recording reports.
    pub low_pass: Option<Hz> }
/// The clean epochs of one window.
pub struct Segment { epochs: Epochs, params: SegmentParams }
impl Segment {
    pub fn new(epochs: Epochs, params: SegmentParams) -> Result<Self> { todo!() }
    pub fn epochs(&self) -> &Epochs { &self.epochs }
    pub fn params(&self) -> &SegmentParams { &self.params }
    /// PSD of every epoch; computed once.
    pub fn spectra(&self) -> Result<&EpochSpectra> { todo!() }
    /// Epoch indices of each block: consecutive kept epochs whose onsets lie in the same stretch of `block` seconds.
    pub fn blocks(&self) -> &[Vec<usize>] { todo!() }
    /// Pair sums of each block over all EEG pairs, bins of `band` (mains included; measures mask later); computed once per band.
    pub fn block_sums(&self, band: Band) -> Result<Vec<Arc<CrossSpectra>>> { todo!() }
}

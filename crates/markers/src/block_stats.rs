//! Sufficient statistics per block of epochs: what resampling needs of a segment.
use crate::Result;
use dosewave_eeg::CrossSpectra;
use ndarray::Array3;
use std::sync::Arc;

/// Statistics of one segment for one marker, per block of consecutive epochs.
#[derive(Clone, Debug)]
pub struct BlockStats {
    /// Names of the values that `evaluate` returns: channels, regions, region pairs, `global`.
    pub sites: Vec<String>,
    /// The statistics.
    pub data: BlockData,
    /// Block of each unit (epoch) of `BlockData::Epochs`; for `Pairs`, 0..n.
    pub block_of: Vec<usize>,
    /// Number of blocks.
    pub n_blocks: usize,
    /// Number of epochs.
    pub n_epochs: usize,
}
/// The statistics themselves.
#[derive(Clone, Debug)]
pub enum BlockData {
    /// `[epoch, channel, feature]`.
    Epochs(Array3<f64>),
    /// Pair sums of each block.
    Pairs(Vec<Arc<CrossSpectra>>),
}
impl BlockStats {
    /// Two segments as one pool (blocks of `self`, then of `other`), for permutation; sites must agree.
    pub fn concat(&self, other: &Self) -> Result<Self> { todo!() }
}

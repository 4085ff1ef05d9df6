//! Sufficient statistics per block of epochs: what resampling needs of a segment.

use crate::sites::Sites;
use crate::{Error, Members, Result, Segment};
use dosewave_eeg::CrossSpectra;
use dosewave_numerics::envelope::EnvelopeMoments;
use ndarray::{Array2, Array3, ArrayView2, ArrayView3, Axis, concatenate};
use std::sync::Arc;

/// Statistics of one segment for one marker, per block of consecutive epochs.
#[derive(Clone, Debug)]
pub struct BlockStats {
    /// Names of the values that `evaluate` returns: `global`, regions or pairs of regions, channels or pairs.
    pub sites: Vec<String>,
    /// The statistics.
    pub data: BlockData,
    /// Block of each unit (epoch) of `BlockData::Epochs`; for `Pairs` and `Envelopes`, 0..n.
    pub block_of: Vec<usize>,
    /// Number of blocks.
    pub n_blocks: usize,
    /// Number of epochs.
    pub n_epochs: usize,
    /// What each site is made of: channels of `BlockData::Epochs`, or pairs.
    pub members: Vec<Members>,
    /// Labels of the EEG channels, in order.
    pub channels: Vec<String>,
    /// Frequencies of the features in Hz where these are a spectrum, or the edges of the band that was used.
    pub freqs_hz: Vec<f64>,
    /// For `Pairs`: the frequency bins of the band that the mains mask keeps.
    pub bins: Vec<usize>,
    /// What to know about the values: a fallback that was taken, a poor fit.
    pub notes: Vec<String>,
}

/// The statistics themselves.
#[derive(Clone, Debug)]
pub enum BlockData {
    /// `[epoch, channel, feature]`.
    Epochs(Array3<f64>),
    /// Pair sums of each block.
    Pairs(Vec<Arc<CrossSpectra>>),
    /// Sums of the envelopes of pairs over each block.
    Envelopes(Vec<Arc<EnvelopeBlock>>),
}

/// Sums of the envelopes of pairs over one block.
#[derive(Clone, Debug, PartialEq)]
pub struct EnvelopeBlock {
    /// The sums.
    pub moments: EnvelopeMoments,
    /// Number of epochs of the block.
    pub n_epochs: usize,
}

/// Every block taken once, `[1, block]`: the counts whose draw is the value itself.
///
/// ```
/// assert_eq!(dosewave_markers::plain_counts(3), ndarray::array![[1, 1, 1]]);
/// ```
#[must_use]
pub fn plain_counts(n_blocks: usize) -> Array2<u32> {
    Array2::ones((1, n_blocks))
}

impl BlockStats {
    /// Statistics per epoch: `values [epoch, channel, feature]` over the EEG channels of `segment`.
    pub(crate) fn of_epochs(segment: &Segment, values: Array3<f64>, sites: Sites) -> Self {
        let mut block_of = vec![0; segment.epochs().n_epochs()];
        for (block, epochs) in segment.blocks().iter().enumerate() {
            for &epoch in epochs {
                block_of[epoch] = block;
            }
        }
        Self::new(segment, BlockData::Epochs(values), block_of, sites)
    }

    /// Statistics per block: pair sums with the `bins` to use.
    pub(crate) fn of_pairs(
        segment: &Segment,
        sums: Vec<Arc<CrossSpectra>>,
        bins: Vec<usize>,
        sites: Sites,
    ) -> Self {
        let block_of = (0..sums.len()).collect();
        Self { bins, ..Self::new(segment, BlockData::Pairs(sums), block_of, sites) }
    }

    /// The same of one block with these sums.
    pub(crate) fn with_sums(&self, sums: Arc<CrossSpectra>) -> Self {
        let n_epochs = sums.n_epochs();
        let data = BlockData::Pairs(vec![sums]);
        Self { data, block_of: vec![0], n_blocks: 1, n_epochs, ..self.clone_labels() }
    }

    /// Statistics per block: sums of the envelopes of pairs.
    pub(crate) fn of_envelopes(segment: &Segment, blocks: Vec<Arc<EnvelopeBlock>>, sites: Sites) -> Self {
        let block_of = (0..blocks.len()).collect();
        Self::new(segment, BlockData::Envelopes(blocks), block_of, sites)
    }

    /// Statistics per epoch of one site, `global`: `values [epoch, feature]`.
    pub(crate) fn of_head(segment: &Segment, values: Array2<f64>) -> Self {
        let sites = Sites { names: vec!["global".to_owned()], members: vec![Members::One(0)] };
        Self::of_epochs(segment, values.insert_axis(Axis(1)), sites)
    }

    fn new(segment: &Segment, data: BlockData, block_of: Vec<usize>, sites: Sites) -> Self {
        Self {
            sites: sites.names,
            data,
            block_of,
            n_blocks: segment.blocks().len(),
            n_epochs: segment.epochs().n_epochs(),
            members: sites.members,
            channels: segment.labels().to_vec(),
            freqs_hz: Vec::new(),
            bins: Vec::new(),
            notes: Vec::new(),
        }
    }

    /// Two segments as one pool (blocks of `self`, then of `other`), for permutation; sites must agree.
    ///
    /// # Errors
    /// [`Error::Shape`] when the two are of different sites, frequencies or kinds.
    pub fn concat(&self, other: &Self) -> Result<Self> {
        self.check_alike(other)?;
        let data = match (&self.data, &other.data) {
            (BlockData::Epochs(a), BlockData::Epochs(b)) => BlockData::Epochs(join(a.view(), b.view())?),
            (BlockData::Pairs(a), BlockData::Pairs(b)) => {
                BlockData::Pairs(a.iter().chain(b).cloned().collect())
            }
            (BlockData::Envelopes(a), BlockData::Envelopes(b)) => {
                BlockData::Envelopes(a.iter().chain(b).cloned().collect())
            }
            _ => return Err(self.another_kind()),
        };
        let mut pool = Self { data, ..self.clone_labels() };
        pool.block_of.extend(other.block_of.iter().map(|block| block + self.n_blocks));
        pool.n_blocks += other.n_blocks;
        pool.n_epochs += other.n_epochs;
        pool.notes.extend(other.notes.iter().filter(|note| !self.notes.contains(note)).cloned());
        Ok(pool)
    }

    /// Number of epochs in each block.
    #[must_use]
    pub fn epochs_of_blocks(&self) -> Vec<usize> {
        match &self.data {
            BlockData::Epochs(_) => {
                let mut counts = vec![0; self.n_blocks];
                for &block in &self.block_of {
                    counts[block] += 1;
                }
                counts
            }
            BlockData::Pairs(sums) => sums.iter().map(|sums| sums.n_epochs()).collect(),
            BlockData::Envelopes(blocks) => blocks.iter().map(|block| block.n_epochs).collect(),
        }
    }

    /// Only these blocks, in ascending order.
    #[must_use]
    pub fn with_blocks(&self, blocks: &[usize]) -> Self {
        let place = |block: usize| blocks.iter().position(|kept| *kept == block);
        let counts = self.epochs_of_blocks();
        let (data, block_of) = match &self.data {
            BlockData::Epochs(values) => {
                let kept: Vec<usize> =
                    (0..self.block_of.len()).filter(|&e| place(self.block_of[e]).is_some()).collect();
                let block_of = kept.iter().filter_map(|&e| place(self.block_of[e])).collect();
                (BlockData::Epochs(values.select(Axis(0), &kept)), block_of)
            }
            BlockData::Pairs(sums) => {
                let kept = blocks.iter().filter_map(|&block| sums.get(block).cloned()).collect();
                (BlockData::Pairs(kept), (0..blocks.len()).collect())
            }
            BlockData::Envelopes(sums) => {
                let kept = blocks.iter().filter_map(|&block| sums.get(block).cloned()).collect();
                (BlockData::Envelopes(kept), (0..blocks.len()).collect())
            }
        };
        let n_epochs = blocks.iter().filter_map(|&block| counts.get(block)).sum();
        Self { data, block_of, n_blocks: blocks.len(), n_epochs, ..self.clone_labels() }
    }

    /// Some consecutive epochs, each a block of its own: what sliding windows need.
    ///
    /// # Errors
    /// [`Error::Shape`] for statistics of pairs, which are sums over the epochs of a block, and for epochs that are not there.
    pub fn epochs(&self, range: std::ops::Range<usize>) -> Result<Self> {
        let values = self.epoch_values()?;
        if range.start > range.end || range.end > values.len_of(Axis(0)) {
            return Err(Error::Shape {
                what: "epochs",
                expected: format!("a range within 0..{}", values.len_of(Axis(0))),
                got: format!("{range:?}"),
            });
        }
        let n_epochs = range.len();
        let data = BlockData::Epochs(values.slice(ndarray::s![range, .., ..]).to_owned());
        Ok(Self {
            data,
            block_of: (0..n_epochs).collect(),
            n_blocks: n_epochs,
            n_epochs,
            ..self.clone_labels()
        })
    }

    /// The same with one feature only.
    pub(crate) fn with_feature(&self, feature: usize) -> Result<Self> {
        let one = self.epoch_values()?.slice(ndarray::s![.., .., feature..=feature]).to_owned();
        Ok(Self { data: BlockData::Epochs(one), ..self.clone_labels() })
    }

    /// The per-epoch statistics.
    pub(crate) fn epoch_values(&self) -> Result<&Array3<f64>> {
        match &self.data {
            BlockData::Epochs(values) => Ok(values),
            BlockData::Pairs(_) | BlockData::Envelopes(_) => Err(self.another_kind()),
        }
    }

    /// The sums of envelopes of each block.
    pub(crate) fn envelope_blocks(&self) -> Result<&[Arc<EnvelopeBlock>]> {
        match &self.data {
            BlockData::Envelopes(blocks) => Ok(blocks),
            BlockData::Epochs(_) | BlockData::Pairs(_) => Err(self.another_kind()),
        }
    }

    /// The pair sums of each block.
    pub(crate) fn pair_sums(&self) -> Result<&[Arc<CrossSpectra>]> {
        match &self.data {
            BlockData::Pairs(sums) => Ok(sums),
            BlockData::Epochs(_) | BlockData::Envelopes(_) => Err(self.another_kind()),
        }
    }

    /// Refuses counts of another number of blocks.
    pub(crate) fn check_counts(&self, counts: ArrayView2<'_, u32>) -> Result<()> {
        if counts.ncols() == self.n_blocks {
            return Ok(());
        }
        Err(Error::Shape {
            what: "columns of counts [draw, block]",
            expected: format!("{} blocks", self.n_blocks),
            got: counts.ncols().to_string(),
        })
    }

    fn check_alike(&self, other: &Self) -> Result<()> {
        let shape = |what, expected: String, got: String| Err(Error::Shape { what, expected, got });
        if self.sites != other.sites || self.members != other.members || self.channels != other.channels {
            return shape("sites of two segments", self.sites.join(", "), other.sites.join(", "));
        }
        if self.freqs_hz != other.freqs_hz || self.bins != other.bins {
            let show = |s: &Self| {
                format!("{} frequencies {:?} Hz, {} bins", s.freqs_hz.len(), ends(&s.freqs_hz), s.bins.len())
            };
            return shape("frequencies of two segments", show(self), show(other));
        }
        Ok(())
    }

    /// Everything but the statistics, which may be large.
    fn clone_labels(&self) -> Self {
        Self {
            sites: self.sites.clone(),
            data: BlockData::Pairs(Vec::new()),
            block_of: self.block_of.clone(),
            n_blocks: self.n_blocks,
            n_epochs: self.n_epochs,
            members: self.members.clone(),
            channels: self.channels.clone(),
            freqs_hz: self.freqs_hz.clone(),
            bins: self.bins.clone(),
            notes: self.notes.clone(),
        }
    }

    fn another_kind(&self) -> Error {
        Error::Shape {
            what: "block statistics",
            expected: "those of this marker".into(),
            got: "those of another kind of marker".into(),
        }
    }
}

fn ends(freqs_hz: &[f64]) -> Option<(f64, f64)> {
    Some((*freqs_hz.first()?, *freqs_hz.last()?))
}

fn join(a: ArrayView3<'_, f64>, b: ArrayView3<'_, f64>) -> Result<Array3<f64>> {
    concatenate(Axis(0), &[a, b]).map_err(|_| Error::Shape {
        what: "per-epoch statistics [epoch, channel, feature] of two segments",
        expected: format!("{:?}", a.shape()),
        got: format!("{:?}", b.shape()),
    })
}

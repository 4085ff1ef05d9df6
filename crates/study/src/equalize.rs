//! The same number of epochs before and after.

use crate::Result;
use crate::config::{Config, Equalize};
use crate::contrast::Side;
use crate::inference::task_id;
use dosewave_markers::{BlockData, BlockStats, DynMarker, values};
use dosewave_numerics::stats::Stream;

/// One side of a contrast, cut down by lot.
pub(crate) struct Cut {
    stats: BlockStats,
    values: Vec<Option<f64>>,
}

impl Cut {
    pub(crate) fn side(&self) -> Side<'_> {
        Side { stats: &self.stats, values: &self.values }
    }
}

/// The side with more epochs cut to the number of the other, whole blocks by lot; `None` where nothing is to be cut.
///
/// Coherence and its kin grow as epochs get fewer, so that a longer window would look less coupled. Medians and means over
/// epochs do not: unless the configuration says `all`, they keep every epoch.
pub(crate) fn equalized(
    marker: &dyn DynMarker,
    stats: &BlockStats,
    other: &BlockStats,
    config: &Config,
    task: &str,
) -> Result<Option<Cut>> {
    let asked = match config.epochs.equalize {
        Equalize::All => true,
        Equalize::Pairs => matches!(stats.data, BlockData::Pairs(_)),
        Equalize::None => false,
    };
    if !asked || stats.n_epochs <= other.n_epochs {
        return Ok(None);
    }
    let mut stream = Stream::new(config.seed, task_id(&format!("{task}/equalize")));
    let kept = drawn(&stats.epochs_of_blocks(), other.n_epochs, &mut stream);
    if kept.is_empty() || kept.len() == stats.n_blocks {
        return Ok(None);
    }
    let stats = stats.with_blocks(&kept);
    let values = values(marker, &stats)?;
    Ok(Some(Cut { stats, values }))
}

/// Blocks by lot that together hold at most `target` epochs, ascending.
fn drawn(epochs_of_blocks: &[usize], target: usize, stream: &mut Stream) -> Vec<usize> {
    let mut order: Vec<usize> = (0..epochs_of_blocks.len()).collect();
    stream.shuffle(&mut order);
    let mut left = target;
    let mut kept = Vec::new();
    for block in order {
        if let Some(rest) = epochs_of_blocks.get(block).and_then(|n| left.checked_sub(*n)) {
            left = rest;
            kept.push(block);
        }
    }
    kept.sort_unstable();
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lot_fills_the_target_with_whole_blocks() {
        let blocks = [5, 5, 3, 5, 2, 5, 5];
        for seed in 0..50 {
            let kept = drawn(&blocks, 17, &mut Stream::new(seed, 0));
            let sum: usize = kept.iter().map(|&b| blocks[b]).sum();
            assert!((15..=17).contains(&sum), "{kept:?}");
            assert!(kept.windows(2).all(|pair| pair[0] < pair[1]));
        }
        let a = drawn(&blocks, 17, &mut Stream::new(1, 0));
        assert_eq!(a, drawn(&blocks, 17, &mut Stream::new(1, 0)));
        assert!((2..20).any(|seed| drawn(&blocks, 17, &mut Stream::new(seed, 0)) != a));
        assert!(drawn(&blocks, 1, &mut Stream::new(1, 0)).is_empty());
    }
}

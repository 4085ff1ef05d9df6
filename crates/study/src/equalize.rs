//! The same number of epochs before and after.

use crate::Result;
use crate::config::{Config, Equalize};
use crate::contrast::Side;
use crate::inference::task_id;
use dosewave_markers::{BlockData, BlockStats, DynMarker, values};
use dosewave_numerics::stats::Stream;

/// One side of a contrast after equalising.
#[derive(Default)]
pub(crate) struct Equalized {
    cut: Option<(BlockStats, Vec<Option<f64>>)>,
    /// What was cut, or why nothing could be.
    pub(crate) note: Option<String>,
}

impl Equalized {
    /// What to compare: the cut side, or the whole one where nothing was cut.
    pub(crate) fn side<'a>(&'a self, whole: Side<'a>) -> Side<'a> {
        match &self.cut {
            Some((stats, values)) => Side { stats, values },
            None => whole,
        }
    }
}

/// The side with more epochs cut to the number of the other, whole blocks by lot.
///
/// Coherence and its kin grow as epochs get fewer, so that a longer window would look less coupled. Medians and means over
/// epochs do not: unless the configuration says `all`, they keep every epoch. The lot depends on the session, the window
/// and the `side` ("before" or "after") alone, so that all markers and views compare the same epochs.
pub(crate) fn equalized(
    marker: &dyn DynMarker,
    (stats, other): (&BlockStats, &BlockStats),
    side: &str,
    config: &Config,
    window: &str,
) -> Result<Equalized> {
    let asked = match config.epochs.equalize {
        Equalize::All => true,
        Equalize::Pairs => matches!(stats.data, BlockData::Pairs(_) | BlockData::Envelopes(_)),
        Equalize::None => false,
    };
    if !asked || stats.n_epochs <= other.n_epochs {
        return Ok(Equalized::default());
    }
    let mut stream = Stream::new(config.seed, task_id(&format!("{window}/{side}/equalize")));
    let kept = drawn(&stats.epochs_of_blocks(), other.n_epochs, &mut stream);
    if kept.is_empty() {
        let note = format!(
            "not cut to the {} epochs of the other side: no block of the {} epochs {side} is that short",
            other.n_epochs, stats.n_epochs
        );
        return Ok(Equalized { cut: None, note: Some(note) });
    }
    let cut = stats.with_blocks(&kept);
    let values = values(marker, &cut)?;
    let note = format!("{} of {} epochs {side}, by lot", cut.n_epochs, stats.n_epochs);
    Ok(Equalized { cut: Some((cut, values)), note: Some(note) })
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

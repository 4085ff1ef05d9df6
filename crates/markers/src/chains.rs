//! Epochs joined to the stretches of signal that they were cut from, for markers that filter.

use crate::Segment;
use ndarray::{Array1, s};
use std::ops::Range;

/// Epochs that follow each other without a gap.
pub(crate) struct Chain {
    pub(crate) epochs: Range<usize>,
    pub(crate) n_times: usize,
}

impl Chain {
    /// The epoch in which a sample lies, counted from the first that is looked at: `reach` samples are not.
    pub(crate) fn epoch_of(&self, sample: usize, reach: usize, hop: usize) -> usize {
        (self.epochs.start + (sample + reach) / hop).min(self.epochs.end - 1)
    }

    /// Each epoch with the number of samples that are looked at and start in it.
    pub(crate) fn times_of_epochs(
        &self,
        reach: usize,
        hop: usize,
    ) -> impl Iterator<Item = (usize, usize)> + '_ {
        let looked_at = reach..self.n_times - reach;
        self.epochs.clone().map(move |epoch| {
            let start = (epoch - self.epochs.start) * hop;
            let end = if epoch + 1 == self.epochs.end { self.n_times } else { start + hop };
            (epoch, end.min(looked_at.end).saturating_sub(start.max(looked_at.start)))
        })
    }
}

/// All of a segment.
pub(crate) struct Chains {
    /// Samples from the onset of an epoch to that of the next.
    pub(crate) hop: usize,
    pub(crate) all: Vec<Chain>,
}

impl Chains {
    pub(crate) fn new(segment: &Segment) -> Self {
        let epochs = segment.epochs();
        let (n, sfreq) = (epochs.n_times(), epochs.sfreq().0);
        let onsets: Vec<f64> = epochs.onsets().iter().map(|onset| onset.0 * sfreq).collect();
        let step = |i: usize| onsets[i] - onsets[i - 1];
        // overlapping epochs share samples: the shortest step is the hop
        let shortest = (1..onsets.len()).map(step).fold(n as f64, f64::min);
        let hop = (shortest.round() as usize).clamp(1, n);
        let mut all: Vec<Chain> = Vec::new();
        for epoch in 0..onsets.len() {
            let joins = epoch > 0 && (step(epoch) - hop as f64).abs() < 0.5;
            match all.last_mut().filter(|_| joins) {
                Some(chain) => chain.epochs.end = epoch + 1,
                None => all.push(Chain { epochs: epoch..epoch + 1, n_times: 0 }),
            }
        }
        for chain in &mut all {
            chain.n_times = (chain.epochs.len() - 1) * hop + n;
        }
        Self { hop, all }
    }

    /// The parts of chains that some consecutive epochs make.
    pub(crate) fn within(&self, segment: &Segment, epochs: &[usize]) -> Vec<Chain> {
        let (Some(&first), Some(&last)) = (epochs.first(), epochs.last()) else { return Vec::new() };
        let part = |chain: &Chain| {
            let epochs = chain.epochs.start.max(first)..chain.epochs.end.min(last + 1);
            let n_times = epochs.len().saturating_sub(1) * self.hop + segment.epochs().n_times();
            (!epochs.is_empty()).then_some(Chain { epochs, n_times })
        };
        self.all.iter().filter_map(part).collect()
    }

    /// Each sample of a chain once.
    pub(crate) fn samples(&self, segment: &Segment, chain: &Chain, channel: usize) -> Array1<f64> {
        let data_uv = segment.epochs().data_uv();
        let mut samples = Array1::zeros(chain.n_times);
        for epoch in chain.epochs.clone() {
            let start = (epoch - chain.epochs.start) * self.hop;
            let row = data_uv.slice(s![epoch, channel, ..]);
            samples.slice_mut(s![start..start + row.len()]).assign(&row);
        }
        samples
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sample_that_is_looked_at_counts_once() {
        let chain = Chain { epochs: 3..7, n_times: 3 * 80 + 100 };
        let times: Vec<(usize, usize)> = chain.times_of_epochs(90, 80).collect();
        assert_eq!(times, [(3, 0), (4, 70), (5, 80), (6, 10)]);
        assert_eq!(times.iter().map(|(_, n)| n).sum::<usize>(), chain.n_times - 180);
        assert_eq!(chain.epoch_of(0, 90, 80), 4);
        assert_eq!(chain.epoch_of(159, 90, 80), 6);
    }
}

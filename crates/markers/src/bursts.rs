//! Finding the bursts of a band, for the markers that count, time and add them up.

use crate::aggregate::{arithmetic_mean, site_values};
use crate::mean_spectrum::block_sums;
use crate::sites::channel_sites;
use crate::{BlockStats, Error, Needs, Result, Segment};
use dosewave_eeg::Band;
use dosewave_numerics::events::{self, Burst, BurstParams};
use dosewave_numerics::filter::{FirDesign, envelope, fir_zero_phase};
use ndarray::{Array1, Array2, Array3, ArrayView1, ArrayView2, Axis, s};
use std::ops::Range;

/// What a burst is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Detector {
    pub(crate) band: Band,
    /// Height above the median, in median absolute deviations (not scaled to a standard deviation).
    pub(crate) threshold_mad: f64,
    /// Shortest burst, cycles of the band's centre.
    pub(crate) min_cycles: f64,
}

/// Sums over the drawn epochs of a channel.
pub(crate) struct Sums {
    /// Number of bursts.
    pub(crate) n: f64,
    /// Seconds inside them.
    pub(crate) inside_s: f64,
    /// Seconds looked at.
    pub(crate) used_s: f64,
}

impl Detector {
    pub(crate) fn check(&self) -> std::result::Result<(), String> {
        for (name, value) in [("threshold_mad", self.threshold_mad), ("min_cycles", self.min_cycles)] {
            if !(value.is_finite() && value > 0.0) {
                return Err(format!("{name} = {value}; it must be a positive number"));
            }
        }
        if self.band.low().0 > 0.0 { Ok(()) } else { Err("a band of bursts starts above 0 Hz".to_owned()) }
    }

    pub(crate) fn needs(&self) -> Needs {
        Needs::of_fast_band(self.band)
    }

    pub(crate) fn muscle_band(&self) -> Option<Band> {
        (self.band.high() > crate::gate::MUSCLE_FROM).then_some(self.band)
    }

    pub(crate) fn block_stats(&self, segment: &Segment, kind: &str) -> Result<BlockStats> {
        let values = self.per_epoch(segment, kind)?;
        Ok(BlockStats::of_epochs(segment, values, channel_sites(&segment.eeg_channels())))
    }

    /// `measure` of the sums over the drawn epochs, mean over the channels of a site; NaN of nothing.
    pub(crate) fn evaluate(
        stats: &BlockStats,
        counts: ArrayView2<'_, u32>,
        measure: impl Fn(&Sums) -> f64,
    ) -> Result<Array2<f64>> {
        stats.check_counts(counts)?;
        let (sums, _) = block_sums(stats.epoch_values()?.view(), &stats.block_of, stats.n_blocks);
        let weights = counts.mapv(f64::from);
        let n_channels = sums.len_of(Axis(1));
        let mut channels = Array2::zeros((counts.nrows(), n_channels));
        for (channel, mut column) in channels.columns_mut().into_iter().enumerate() {
            let drawn = weights.dot(&sums.index_axis(Axis(1), channel));
            for (value, row) in column.iter_mut().zip(drawn.rows()) {
                *value = measure(&Sums { n: row[0], inside_s: row[1], used_s: row[2] });
            }
        }
        Ok(site_values(channels.view(), &stats.members, arithmetic_mean))
    }
}

impl Detector {
    pub(crate) fn centre_hz(&self) -> f64 {
        f64::midpoint(self.band.low().0, self.band.high().0)
    }

    /// Number of bursts, seconds inside bursts, seconds looked at, `[epoch, channel, feature]`.
    fn per_epoch(&self, segment: &Segment, kind: &str) -> Result<Array3<f64>> {
        let epochs = segment.epochs();
        let sfreq = epochs.sfreq().0;
        let (low, high) = (self.band.low().0, self.band.high().0);
        let design = FirDesign { high_pass_hz: Some(low), low_pass_hz: Some(high) };
        let taps = design.coefficients(sfreq)?;
        let reach = taps.len() / 2;
        let chains = Chains::new(segment);
        let usable: Vec<&Chain> = chains.all.iter().filter(|chain| chain.n_times > 2 * reach + 1).collect();
        if usable.is_empty() {
            let seconds = (2 * reach + 2) as f64 / sfreq;
            let what = format!(
                "no {seconds:.2} s of clean epochs without a gap, as long as the filter of {} reaches",
                self.band
            );
            return Err(Error::Needs { marker: kind.to_owned(), what });
        }
        let mut values = Array3::zeros((epochs.n_epochs(), segment.eeg().len(), 3));
        for (place, &channel) in segment.eeg().iter().enumerate() {
            let mut amplitudes: Vec<Array1<f64>> = Vec::with_capacity(usable.len());
            for chain in &usable {
                let band = fir_zero_phase(chains.samples(segment, chain, channel).view(), taps.view())?;
                amplitudes.push(envelope(band.view())?);
            }
            let inside: Vec<ArrayView1<'_, f64>> =
                amplitudes.iter().map(|a| a.slice(s![reach..a.len() - reach])).collect();
            let params = BurstParams {
                centre_hz: self.centre_hz(),
                threshold_mads: self.threshold_mad,
                min_cycles: self.min_cycles,
            };
            let found = events::bursts(&inside, sfreq, &params)?;
            for burst in &found.bursts {
                let epoch = usable[burst.run].epoch_of(burst, reach, chains.hop);
                values[[epoch, place, 0]] += 1.0;
                values[[epoch, place, 1]] += burst.n_times as f64 / sfreq;
            }
            for chain in &usable {
                for (epoch, n_times) in chain.times_of_epochs(reach, chains.hop) {
                    values[[epoch, place, 2]] += n_times as f64 / sfreq;
                }
            }
        }
        Ok(values)
    }
}

/// Epochs that follow each other without a gap.
pub(crate) struct Chain {
    epochs: Range<usize>,
    n_times: usize,
}

impl Chain {
    /// Number of samples.
    pub(crate) fn n_times(&self) -> usize {
        self.n_times
    }

    /// The epoch in which a burst starts; the first `reach` samples of a chain are not looked at.
    fn epoch_of(&self, burst: &Burst, reach: usize, hop: usize) -> usize {
        (self.epochs.start + (burst.start + reach) / hop).min(self.epochs.end - 1)
    }

    /// Each epoch with the number of samples that are looked at and start in it.
    fn times_of_epochs(&self, reach: usize, hop: usize) -> impl Iterator<Item = (usize, usize)> + '_ {
        let looked_at = reach..self.n_times - reach;
        self.epochs.clone().map(move |epoch| {
            let start = (epoch - self.epochs.start) * hop;
            let end = if epoch + 1 == self.epochs.end { self.n_times } else { start + hop };
            (epoch, end.min(looked_at.end).saturating_sub(start.max(looked_at.start)))
        })
    }
}

pub(crate) struct Chains {
    /// Samples from the onset of an epoch to that of the next.
    hop: usize,
    all: Vec<Chain>,
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
        let at = |start| Burst { run: 0, start, n_times: 5 };
        assert_eq!(chain.epoch_of(&at(0), 90, 80), 4);
        assert_eq!(chain.epoch_of(&at(159), 90, 80), 6);
    }
}

//! Finding the bursts of a band, for the markers that count, time and add them up.

use crate::aggregate::{arithmetic_mean, site_values};
use crate::chains::{Chain, Chains};
use crate::mean_spectrum::block_sums;
use crate::sites::channel_sites;
use crate::{BlockStats, Error, Needs, Result, Segment};
use dosewave_eeg::Band;
use dosewave_numerics::events::{self, BurstParams};
use dosewave_numerics::filter::{FirDesign, envelope, fir_zero_phase};
use ndarray::{Array1, Array2, Array3, ArrayView1, ArrayView2, Axis, s};

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
                let epoch = usable[burst.run].epoch_of(burst.start, reach, chains.hop);
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

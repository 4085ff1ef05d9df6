//! Numbers from a time-frequency map: baselines, means of a band and a stretch of time.

use super::TimeFrequency;
use crate::{Band, Error, Result, Seconds};
use dosewave_numerics::time_frequency::{BaselineMode, rescale};
use ndarray::{Array1, Array3, Axis, s};
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// Which values of a [`TimeFrequency`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TfrValue {
    /// Mean power.
    Power,
    /// Power of the mean.
    EvokedPower,
    /// Power that is not phase-locked.
    InducedPower,
    /// Inter-trial phase coherence.
    Itpc,
    /// Pairwise phase consistency.
    Ppc,
}

impl TimeFrequency {
    /// The values `[channel, freq, time]`.
    ///
    /// # Errors
    /// [`Error::NothingLeft`] for the PPC of one epoch.
    pub fn values(&self, which: TfrValue) -> Result<Array3<f64>> {
        Ok(match which {
            TfrValue::Power => self.power_uv2.clone(),
            TfrValue::EvokedPower => self.evoked_power_uv2.clone(),
            TfrValue::InducedPower => self.induced_power_uv2(),
            TfrValue::Itpc => self.itpc.clone(),
            TfrValue::Ppc => self.ppc.clone().ok_or_else(|| Error::NothingLeft {
                step: "ppc",
                hint: "one epoch has no pairs; it takes two".into(),
            })?,
        })
    }

    /// Power `[channel, freq, time]` set against its own baseline `from..=to` (from an epoch's first sample), of which
    /// only valid samples count. Values outside [`Self::valid`] are there and mean as little as before.
    ///
    /// # Errors
    /// [`Error::Invalid`] when the baseline holds no valid sample of a frequency, [`Error::Kernel`] for a baseline of zero
    /// power or, for z-scores, without spread.
    ///
    /// ```
    /// use dosewave_eeg::{BaselineMode, Hz, Recording, Seconds, TfrParams, Windows};
    /// let data_uv = ndarray::Array2::from_shape_fn((1, 2000), |(_, t)| {
    ///     let amplitude = if t % 1000 < 500 { 1.0 } else { 10.0 };
    ///     amplitude * (std::f64::consts::TAU * 0.08 * t as f64).sin()
    /// });
    /// let recording = Recording::new(data_uv, Hz(500.0), &["Cz"]).unwrap();
    /// let epochs = recording.epochs(&Windows::fixed(Seconds(2.0))).unwrap();
    /// let tfr = epochs.time_frequency(&TfrParams::morlet(&[40.0], &[7.0])).unwrap();
    /// let db = tfr.rescaled(Seconds(0.2), Seconds(0.6), BaselineMode::Db).unwrap();
    /// assert!((db[[0, 0, 750]] - 20.0).abs() < 1e-6); // ten times the amplitude
    /// ```
    pub fn rescaled(&self, from: Seconds, to: Seconds, mode: BaselineMode) -> Result<Array3<f64>> {
        let mut power = self.power_uv2.clone();
        for freq in 0..self.freqs_hz.len() {
            let baseline = self.valid_between(freq, from, to)?;
            rescale(&mut power.slice_mut(s![.., freq, ..]), baseline, mode)?;
        }
        Ok(power)
    }

    /// Mean per channel over the frequencies in `band` (both ends included) and the valid samples in `from..=to`: the
    /// 40-Hz steady-state response is the mean over 38–42 Hz and 0.2–0.5 s after the onset. Frequencies weigh the same.
    ///
    /// # Errors
    /// [`Error::Invalid`] when no frequency lies in the band or a frequency has no valid sample in the stretch,
    /// [`Error::NothingLeft`] for the PPC of one epoch.
    pub fn mean_in(&self, which: TfrValue, band: Band, from: Seconds, to: Seconds) -> Result<Array1<f64>> {
        let values = self.values(which)?;
        let inside = |f: f64| f >= band.low().0 && f <= band.high().0;
        let freqs: Vec<usize> = (0..self.freqs_hz.len()).filter(|&k| inside(self.freqs_hz[k])).collect();
        if freqs.is_empty() {
            let (first, last) = (self.freqs_hz[0], self.freqs_hz[self.freqs_hz.len() - 1]);
            return Err(Error::Invalid {
                parameter: "band",
                value: band.to_string(),
                allowed: format!(
                    "a band with one of the {} frequencies {first} to {last} Hz",
                    self.freqs_hz.len()
                ),
            });
        }
        let mut sum = Array1::zeros(values.len_of(Axis(0)));
        for &freq in &freqs {
            let times = self.valid_between(freq, from, to)?;
            let n = times.len() as f64;
            sum += &(values.slice(s![.., freq, times]).sum_axis(Axis(1)) / n);
        }
        Ok(sum / freqs.len() as f64)
    }

    /// Valid samples of a frequency in `from..=to`.
    fn valid_between(&self, freq: usize, from: Seconds, to: Seconds) -> Result<Range<usize>> {
        let valid = self.valid[freq].clone();
        // a sample that rounding moved off an edge belongs where it was meant to be
        let slack = 1e-9;
        let inside = |k: &usize| self.times_s[*k] >= from.0 - slack && self.times_s[*k] <= to.0 + slack;
        let start = valid.clone().find(inside);
        let end = valid.clone().rev().find(inside);
        match (start, end) {
            (Some(start), Some(end)) => Ok(start..end + 1),
            _ => Err(Error::Invalid {
                parameter: "from, to",
                value: format!("{from} to {to} at {} Hz", self.freqs_hz[freq]),
                allowed: match (self.times_s.get(valid.start), valid.end.checked_sub(1)) {
                    (Some(first), Some(last)) if valid.start <= last => {
                        format!(
                            "a stretch of {first} to {} s, half a wavelet from the ends",
                            self.times_s[last]
                        )
                    }
                    _ => "longer epochs or fewer cycles: the wavelet is as long as the epoch".into(),
                },
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::noise;
    use crate::{Hz, TfrParams, Windows};

    fn map() -> TimeFrequency {
        let epochs = noise(2, 4000, 200.0).epochs(&Windows::fixed(Seconds(2.0))).unwrap();
        epochs.time_frequency(&TfrParams::morlet(&[10.0, 12.0, 30.0], &[5.0])).unwrap()
    }

    #[test]
    fn means_are_over_valid_samples_only() {
        let map = map();
        let band = Band::new(Hz(9.0), Hz(12.0)).unwrap();
        let all = map.mean_in(TfrValue::Itpc, band, Seconds(0.0), Seconds(9.0)).unwrap();
        let of = |freq: usize| {
            let valid = map.valid()[freq].clone();
            map.itpc().slice(s![1, freq, valid]).mean().unwrap()
        };
        assert!((all[1] - 0.5 * (of(0) + of(1))).abs() < 1e-12);
        let part = map.mean_in(TfrValue::Ppc, band, Seconds(1.0), Seconds(1.0)).unwrap();
        let ppc = map.ppc().unwrap();
        assert!((part[0] - 0.5 * (ppc[[0, 0, 200]] + ppc[[0, 1, 200]])).abs() < 1e-12);
    }

    #[test]
    fn stretches_at_the_ends_are_refused_with_what_is_there() {
        let map = map();
        let band = Band::new(Hz(9.0), Hz(11.0)).unwrap();
        let error = map.mean_in(TfrValue::Power, band, Seconds(0.0), Seconds(0.1)).unwrap_err().to_string();
        assert!(error.contains("at 10 Hz") && error.contains("0.395 to 1.6"), "{error}");
        let none = Band::new(Hz(14.0), Hz(20.0)).unwrap();
        let error = map.mean_in(TfrValue::Power, none, Seconds(0.0), Seconds(2.0)).unwrap_err().to_string();
        assert!(error.contains("3 frequencies 10 to 30 Hz"), "{error}");
        assert!(map.rescaled(Seconds(0.0), Seconds(0.2), BaselineMode::Db).is_err());
    }

    #[test]
    fn a_baseline_becomes_one_in_ratio() {
        let map = map();
        let ratio = map.rescaled(Seconds(0.5), Seconds(1.0), BaselineMode::Ratio).unwrap();
        let baseline = ratio.slice(s![.., .., 100..=200]);
        assert!(baseline.mean_axis(Axis(2)).unwrap().iter().all(|v| (v - 1.0).abs() < 1e-12));
    }
}

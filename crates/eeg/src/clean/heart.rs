//! The heart: its beats and its rate.

use crate::{ChannelKind, Recording, Result, Run};
use dosewave_numerics::events::{HeartRate, heart_rate, r_peaks};
use ndarray::s;

/// Beats are not seen at lower rates, Hz.
pub const BEATS_FROM_HZ: f64 = 80.0;

/// The beats of a recording.
#[derive(Clone, Debug, PartialEq)]
pub struct Heart {
    /// The channel they were found in.
    pub channel: String,
    /// Samples of the R peaks, ascending, as columns of the recording.
    pub peaks: Vec<u64>,
    /// Rate and variability; no interval spans a gap. `None` where fewer than three beats follow each other regularly.
    pub rate: Option<HeartRate>,
}

impl Recording {
    /// The beats in the first ECG channel, run by run; `None` without one.
    ///
    /// # Errors
    /// [`crate::Error::Kernel`] for a rate below 80 Hz, [`crate::Error::NotFinite`] for NaN or infinity in the channel.
    ///
    /// ```
    /// use dosewave_eeg::{Hz, Recording};
    /// // one beat a second
    /// let beat = |t: usize| (-0.5 * (((t % 250) as f64 / 250.0 - 0.5) / 0.01).powi(2)).exp();
    /// let data_uv = ndarray::Array2::from_shape_fn((1, 5000), |(_, t)| 1000.0 * beat(t));
    /// let recording = Recording::new(data_uv, Hz(250.0), &["ECG"]).unwrap();
    /// let heart = recording.heart().unwrap().unwrap();
    /// assert!((heart.rate.unwrap().bpm - 60.0).abs() < 1e-9);
    /// ```
    pub fn heart(&self) -> Result<Option<Heart>> {
        let Some(row) = self.channels().iter().position(|c| c.kind == ChannelKind::Ecg) else {
            return Ok(None);
        };
        self.check_rows_finite([row])?;
        let mut peaks = Vec::new();
        // beats of one run after those of another, with a break that no interval spans
        let mut clock = Vec::new();
        let mut offset = 0;
        for run in self.runs() {
            let found = self.beats(row, run)?;
            clock.extend(found.iter().map(|beat| offset + beat));
            peaks.extend(found.iter().map(|beat| run.samples.start + *beat as u64));
            offset += run.len() as usize + (10.0 * self.sfreq().0) as usize;
        }
        let rate = heart_rate(&clock, self.sfreq().0);
        Ok(Some(Heart { channel: self.channels()[row].name.clone(), peaks, rate }))
    }

    fn beats(&self, row: usize, run: &Run) -> Result<Vec<usize>> {
        let ecg = self.data_uv();
        let ecg = ecg.slice(s![row, run.samples.start as usize..run.samples.end as usize]);
        match r_peaks(ecg, self.sfreq().0) {
            Err(dosewave_numerics::Error::TooShort { .. }) => Ok(Vec::new()),
            found => Ok(found?),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::noise;
    use crate::{Hz, Seconds};

    const SFREQ: f64 = 250.0;

    fn beat(t: usize) -> f64 {
        (-0.5 * (((t % 240) as f64 / SFREQ - 0.48) / 0.012).powi(2)).exp()
    }

    /// Noise of about 1 µV with the heart at 30 µV in one channel, and an ECG.
    fn recording(n: usize) -> Recording {
        let (_, mut data_uv) = noise(3, n, SFREQ).into_parts();
        for t in 0..n {
            data_uv[[1, t]] += 30.0 * beat(t);
            data_uv[[2, t]] = 1000.0 * beat(t) + 2.0 * data_uv[[2, t]];
        }
        Recording::new(data_uv, Hz(SFREQ), &["Fz", "Cz", "ECG"]).unwrap()
    }

    #[test]
    fn the_rate_is_that_of_the_beats_and_gaps_make_no_interval() {
        let heart = recording(30_000).heart().unwrap().unwrap();
        let rate = heart.rate.unwrap();
        assert!((rate.bpm - 62.5).abs() < 0.1 && rate.rmssd_ms < 5.0, "{rate:?}");
        assert_eq!(heart.peaks.len(), 125);
        let (header, data_uv) = recording(30_000).into_parts();
        let runs = vec![
            Run { onset: Seconds(0.0), samples: 0..10_100 },
            Run { onset: Seconds(500.0), samples: 10_100..30_000 },
        ];
        let paused = Recording::from_parts(crate::Header { runs, ..header }, data_uv).unwrap();
        let rate = paused.heart().unwrap().unwrap().rate.unwrap();
        assert!((rate.bpm - 62.5).abs() < 0.1, "{rate:?}");
    }
}

//! The heart: its beats, its rate, its field in the EEG.

use crate::{ChannelKind, Note, Recording, Result, Run, channel, parallel};
use dosewave_numerics::events::{HeartRate, heart_rate, r_peaks};
use ndarray::{Array1, s};

/// The heart's field is averaged from so long before each R peak to so long after, s: P wave to the end of the T wave.
const FIELD_S: [f64; 2] = [-0.25, 0.45];
/// The averaged field is faded in and out over this, s, so that its removal leaves no step.
const FADE_S: f64 = 0.05;
/// Fewer beats than this do not give a field.
const FEWEST_BEATS: usize = 20;

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

    /// The recording without the heart's field in its EEG channels: the average over beats, from 0.25 s before to 0.45 s
    /// after the R peak, is subtracted at each beat. A note says how much it was; without an ECG channel, or with fewer than
    /// 20 beats, nothing is done and a note says so.
    ///
    /// # Errors
    /// As [`Recording::heart`].
    pub fn without_heart_field(&self) -> Result<Self> {
        let Some(heart) = self.heart()? else {
            return Ok(self
                .clone()
                .with_note(Note::info("heart", "no ECG channel: the heart's field stays")));
        };
        if heart.peaks.len() < FEWEST_BEATS {
            let text = format!(
                "{} beats in '{}' give no field of the heart: it stays",
                heart.peaks.len(),
                heart.channel
            );
            return Ok(self.clone().with_note(Note::warning("heart", text)));
        }
        let eeg = channel::eeg_indices(self.channels());
        self.check_rows_finite(eeg.iter().copied())?;
        let windows = self.beat_windows(&heart.peaks);
        let (header, mut data_uv) = self.clone().into_parts();
        let is_eeg = |row: usize| eeg.contains(&row);
        let before = self.data_uv();
        parallel::rows(data_uv.view_mut(), |row, mut samples| {
            if is_eeg(row) {
                let field = average(before.row(row), &windows, self.sfreq().0);
                for &start in &windows {
                    let mut stretch = samples.slice_mut(s![start..start + field.len()]);
                    stretch -= &field;
                }
            }
        });
        let text = format!(
            "the heart's field, averaged over {} beats of '{}', was subtracted from the EEG channels",
            windows.len(),
            heart.channel
        );
        Ok(Self::derived(header, data_uv).with_note(Note::info("heart", text)))
    }

    /// First samples of the windows around beats that lie within a run.
    fn beat_windows(&self, peaks: &[u64]) -> Vec<usize> {
        let samples = |s: f64| (s.abs() * self.sfreq().0).round() as u64;
        let (left, right) = (samples(FIELD_S[0]), samples(FIELD_S[1]));
        let inside = |peak: &&u64| {
            self.runs()
                .iter()
                .any(|run| **peak >= run.samples.start + left && **peak + right < run.samples.end)
        };
        peaks.iter().filter(inside).map(|peak| (peak - left) as usize).collect()
    }
}

/// The mean over the windows without its own mean, faded at both ends.
fn average(x: ndarray::ArrayView1<'_, f64>, windows: &[usize], sfreq: f64) -> Array1<f64> {
    let n = ((FIELD_S[1] - FIELD_S[0]) * sfreq).round() as usize + 1;
    let mut field = Array1::zeros(n);
    for &start in windows.iter().filter(|start| **start + n <= x.len()) {
        field += &x.slice(s![start..start + n]);
    }
    field /= windows.len().max(1) as f64;
    let mean = field.sum() / n as f64;
    let fade = (FADE_S * sfreq).round().max(1.0);
    for (t, value) in field.iter_mut().enumerate() {
        let edge = (t.min(n - 1 - t) as f64 / fade).min(1.0);
        *value = (*value - mean) * (0.5 - 0.5 * (std::f64::consts::PI * edge).cos());
    }
    field
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

    #[test]
    fn the_field_goes_where_it_is_and_nothing_else_does() {
        let before = recording(60_000);
        let clean = before.without_heart_field().unwrap();
        let locked = |r: &Recording, row: usize| {
            let peaks = before.heart().unwrap().unwrap().peaks;
            peaks.iter().map(|&p| r.data_uv()[[row, p as usize]]).sum::<f64>() / peaks.len() as f64
        };
        assert!(locked(&before, 1) > 25.0 && locked(&clean, 1).abs() < 2.0, "{}", locked(&clean, 1));
        let removed = &before.data_uv().row(0) - &clean.data_uv().row(0);
        let share = removed.mapv(|v| v * v).sum() / before.data_uv().row(0).mapv(|v| v * v).sum();
        assert!(share < 0.02, "{share} of a channel without the heart's field");
        assert_eq!(clean.data_uv().row(2), before.data_uv().row(2));
        assert!(clean.header().notes[0].text.contains("'ECG'"));
    }

    #[test]
    fn without_an_ecg_or_with_few_beats_it_says_so() {
        let none = recording(5000).pick(&[0, 1]).unwrap().without_heart_field().unwrap();
        assert!(none.header().notes[0].text.contains("no ECG channel"));
        let few = recording(1000).without_heart_field().unwrap();
        assert!(few.header().notes[0].text.contains("beats in 'ECG' give no field"));
        assert_eq!(few.data_uv(), recording(1000).data_uv());
    }
}

//! Another sampling frequency, run by run.

use crate::{Channel, ChannelKind, Header, Hz, Note, Recording, Result, Run, parallel};
use dosewave_numerics::filter::{Ratio, resample_fft, resample_polyphase_into};
use ndarray::{Array1, Array2, ArrayView1, s};
use serde::{Deserialize, Serialize};

/// How [`Recording::resample`] limits the band.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Resampling {
    /// By cutting the spectrum: sharp, and it rings at steps.
    Fft,
    /// By a Kaiser-windowed sinc: short, and soft at the edge of the band.
    #[default]
    Polyphase,
}

/// Share of half the new rate up to which the polyphase filter passes at least 99 %.
const POLYPHASE_PASS: f64 = 0.9;

impl Recording {
    /// The recording at another sampling frequency, run by run: no sample knows of the other side of a gap, and each run
    /// keeps its true onset. Channels record the low-pass that the new rate means. Trigger channels take the nearest
    /// earlier sample, so that their codes stay codes.
    ///
    /// # Errors
    /// [`crate::Error::Kernel`] when the two rates are not in a ratio of whole numbers, [`crate::Error::NotFinite`] for NaN or
    /// infinity.
    ///
    /// ```
    /// use dosewave_eeg::{Hz, Recording, Resampling};
    /// let sine = |t: usize| (2.0 * std::f64::consts::PI * 10.0 * t as f64 / 500.0).sin();
    /// let data_uv = ndarray::Array2::from_shape_fn((1, 1000), |(_, t)| sine(t));
    /// let half = Recording::new(data_uv, Hz(500.0), &["Cz"]).unwrap().resample(Hz(250.0), Resampling::Fft).unwrap();
    /// assert_eq!(half.data_uv().ncols(), 500);
    /// assert!((half.data_uv()[[0, 250]] - sine(500)).abs() < 1e-3);
    /// ```
    pub fn resample(&self, sfreq: Hz, method: Resampling) -> Result<Self> {
        let ratio = Ratio::of_rates(self.sfreq().0, sfreq.0)?;
        let is_trigger = |row: usize| self.channels()[row].kind == ChannelKind::Trig;
        self.check_rows_finite((0..self.channels().len()).filter(|row| !is_trigger(*row)))?;
        let header = resampled_header(self.header(), ratio, sfreq, method);
        let old: &[Run] = self.runs();
        let mut data_uv = Array2::zeros((self.channels().len(), header.n_times() as usize));
        parallel::try_rows(data_uv.view_mut(), |row, mut samples| {
            for (from, to) in old.iter().zip(&header.runs) {
                let stretch = self.data_uv();
                let stretch = stretch.slice(s![row, from.samples.start as usize..from.samples.end as usize]);
                let mut new = samples.slice_mut(s![to.samples.start as usize..to.samples.end as usize]);
                match method {
                    _ if is_trigger(row) => new.assign(&nearest_earlier(stretch, ratio)),
                    Resampling::Fft => new.assign(&resample_fft(stretch, ratio)?),
                    Resampling::Polyphase => resample_polyphase_into(stretch, ratio, new)?,
                }
            }
            Ok(())
        })?;
        Ok(Self::derived(header, data_uv))
    }
}

pub(super) fn nearest_earlier(x: ArrayView1<'_, f64>, ratio: Ratio) -> Array1<f64> {
    (0..ratio.n_out(x.len())).map(|t| x[t * ratio.down / ratio.up]).collect()
}

/// The header at the new rate: runs keep their onsets, channels the lower low-pass.
pub(super) fn resampled_header(old: &Header, ratio: Ratio, sfreq: Hz, method: Resampling) -> Header {
    let mut header = old.clone();
    let mut start = 0;
    header.runs = old
        .runs
        .iter()
        .map(|run| {
            let n = ratio.n_out(run.len() as usize) as u64;
            let samples = start..start + n;
            start += n;
            Run { onset: run.onset, samples }
        })
        .collect();
    header.sfreq = sfreq;
    let pass = Hz(sfreq.0 / 2.0 * if method == Resampling::Polyphase { POLYPHASE_PASS } else { 1.0 });
    if sfreq < old.sfreq {
        let limited = |channel: &Channel| Channel {
            low_pass: Some(channel.low_pass.filter(|old| *old < pass).unwrap_or(pass)),
            ..channel.clone()
        };
        header.channels = old.channels.iter().map(limited).collect();
    }
    header.notes.push(Note::info(
        "resample",
        format!("resampled from {} to {sfreq} ({}/{})", old.sfreq, ratio.up, ratio.down),
    ));
    header
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{noise, with_gap};
    use crate::{Error, Seconds};

    #[test]
    fn each_run_is_resampled_as_if_it_stood_alone_and_keeps_its_onset() {
        for method in [Resampling::Fft, Resampling::Polyphase] {
            let new = with_gap().resample(Hz(40.0), method).unwrap();
            assert_eq!((new.runs()[1].onset, new.header().end()), (Seconds(14.0), Seconds(20.0)));
            for (from, to) in [(0.0, 4.0), (14.0, 20.0)] {
                let alone =
                    with_gap().crop(Seconds(from), Seconds(to)).unwrap().resample(Hz(40.0), method).unwrap();
                let together = new.crop(Seconds(from), Seconds(to)).unwrap();
                assert_eq!(alone.data_uv(), together.data_uv());
            }
        }
    }

    #[test]
    fn the_new_low_pass_is_known_and_an_older_lower_one_stays() {
        let new = noise(1, 400, 100.0).resample(Hz(50.0), Resampling::Fft).unwrap();
        assert_eq!(new.channels()[0].low_pass, Some(Hz(25.0)));
        let again = new.resample(Hz(200.0), Resampling::Fft).unwrap();
        assert_eq!(again.channels()[0].low_pass, Some(Hz(25.0)), "a higher rate brings nothing back");
    }

    #[test]
    fn trigger_codes_stay_codes() {
        let data_uv = ndarray::array![[0.0, 0.0, 3.0, 3.0, 3.0, 3.0, 0.0, 0.0]];
        let recording = Recording::new(data_uv, Hz(100.0), &["Status"]).unwrap();
        let half = recording.resample(Hz(50.0), Resampling::Polyphase).unwrap();
        assert_eq!(half.data_uv(), ndarray::array![[0.0, 3.0, 3.0, 0.0]]);
    }

    #[test]
    fn rates_without_a_ratio_are_refused() {
        let error =
            noise(1, 400, 100.0).resample(Hz(100.0 / std::f64::consts::PI), Resampling::Fft).unwrap_err();
        assert!(matches!(error, Error::Kernel(_)), "{error}");
    }
}

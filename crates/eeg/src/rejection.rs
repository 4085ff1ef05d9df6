//! Which epochs are thrown away, and why.

use crate::{Epochs, Error, Result, Seconds, channel};
use ndarray::{ArrayView1, ArrayView2};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// When an epoch is thrown away.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Rejection {
    /// Largest peak-to-peak amplitude allowed in any EEG channel, µV; `None` keeps all.
    pub peak_to_peak_uv: Option<f64>,
    /// Smallest peak-to-peak amplitude allowed (flat channels), µV; `None` keeps all.
    pub flat_uv: Option<f64>,
}

impl Default for Rejection {
    fn default() -> Self {
        Self { peak_to_peak_uv: Some(300.0), flat_uv: Some(0.1) }
    }
}

/// An epoch that was thrown away.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RejectedEpoch {
    /// True time of its first sample.
    pub onset: Seconds,
    /// The channel that was furthest over the limit, or else the flattest.
    pub channel: String,
    /// Its peak-to-peak amplitude, µV.
    pub peak_to_peak_uv: f64,
    /// `peak_to_peak` or `flat`.
    pub reason: String,
}

const PEAK_TO_PEAK: &str = "peak_to_peak";
const FLAT: &str = "flat";

impl Epochs {
    /// Throws away epochs in which an EEG channel exceeds the peak-to-peak limit or falls below the flat one, and keeps
    /// the list of them ([`Epochs::rejected`]).
    ///
    /// # Errors
    /// [`Error::NothingLeft`] when no epoch stays, naming the channel that cost most and what to do;
    /// [`Error::Invalid`] for a limit that is negative or not finite.
    ///
    /// ```
    /// use dosewave_eeg::{Hz, Recording, Rejection, Seconds, Windows};
    /// let mut data_uv = ndarray::Array2::from_shape_fn((1, 600), |(_, t)| (t as f64).sin());
    /// data_uv[[0, 250]] = 500.0; // a movement in the second of three epochs
    /// let recording = Recording::new(data_uv, Hz(100.0), &["Cz"]).unwrap();
    /// let epochs = recording.epochs(&Windows::fixed(Seconds(2.0))).unwrap();
    /// let clean = epochs.reject(&Rejection::default()).unwrap();
    /// assert_eq!((clean.n_epochs(), clean.rejected()[0].onset), (2, Seconds(2.0)));
    /// ```
    pub fn reject(&self, rejection: &Rejection) -> Result<Self> {
        self.clone().into_rejected(rejection)
    }

    /// As [`Self::reject`]; where nothing is thrown away, in the memory of these epochs.
    ///
    /// # Errors
    /// As [`Self::reject`].
    pub fn into_rejected(self, rejection: &Rejection) -> Result<Self> {
        check_limit("peak_to_peak_uv", rejection.peak_to_peak_uv)?;
        check_limit("flat_uv", rejection.flat_uv)?;
        let eeg = channel::eeg_indices(self.channels());
        let (mut kept, mut rejected) = (Vec::new(), Vec::new());
        for (epoch, (samples, onset)) in self.data_uv().outer_iter().zip(self.onsets()).enumerate() {
            match worst(samples, &eeg, rejection) {
                None => kept.push(epoch),
                Some((row, peak_to_peak_uv, reason)) => rejected.push(RejectedEpoch {
                    onset: *onset,
                    channel: self.channels()[row].name.clone(),
                    peak_to_peak_uv,
                    reason: reason.to_owned(),
                }),
            }
        }
        if kept.is_empty() && !rejected.is_empty() {
            return Err(Error::NothingLeft { step: "reject", hint: remedy(&rejected, rejection) });
        }
        if rejected.is_empty() {
            return Ok(self);
        }
        Ok(self.select(&kept)?.with_rejected(rejected))
    }
}

fn check_limit(parameter: &'static str, limit: Option<f64>) -> Result<()> {
    match limit.filter(|uv| !(uv.is_finite() && *uv >= 0.0)) {
        None => Ok(()),
        Some(uv) => Err(Error::Invalid {
            parameter,
            value: format!("{uv} µV"),
            allowed: "a finite amplitude that is not negative, or none".into(),
        }),
    }
}

/// The channel of an epoch that is furthest over the limit, or else the flattest under the other one.
fn worst(
    samples: ArrayView2<'_, f64>,
    eeg: &[usize],
    rejection: &Rejection,
) -> Option<(usize, f64, &'static str)> {
    let amplitudes: Vec<(usize, f64)> =
        eeg.iter().map(|&row| (row, peak_to_peak(samples.row(row)))).collect();
    let largest = amplitudes.iter().copied().reduce(|a, b| if b.1 > a.1 { b } else { a })?;
    let smallest = amplitudes.iter().copied().reduce(|a, b| if b.1 < a.1 { b } else { a })?;
    if rejection.peak_to_peak_uv.is_some_and(|limit| largest.1 > limit) {
        Some((largest.0, largest.1, PEAK_TO_PEAK))
    } else if rejection.flat_uv.is_some_and(|limit| smallest.1 < limit) {
        Some((smallest.0, smallest.1, FLAT))
    } else {
        None
    }
}

fn peak_to_peak(samples: ArrayView1<'_, f64>) -> f64 {
    let (low, high) =
        samples.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), &v| (low.min(v), high.max(v)));
    high - low
}

/// Which channel cost most epochs, and what can be done about it.
fn remedy(rejected: &[RejectedEpoch], rejection: &Rejection) -> String {
    let mut cost: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for epoch in rejected {
        *cost.entry((epoch.channel.as_str(), epoch.reason.as_str())).or_default() += 1;
    }
    let most = cost.into_iter().reduce(|a, b| if b.1 > a.1 { b } else { a });
    let ((channel, reason), n) = most.unwrap_or((("", PEAK_TO_PEAK), 0));
    let total = rejected.len();
    if reason == FLAT {
        let limit = rejection.flat_uv.unwrap_or(0.0);
        format!(
            "all {total} epochs were rejected, {n} of them because channel '{channel}' stays below {limit} µV \
             (flat_uv): leave this channel out, or check that its unit is right"
        )
    } else {
        let limit = rejection.peak_to_peak_uv.unwrap_or(0.0);
        format!(
            "all {total} epochs were rejected, {n} of them because channel '{channel}' exceeds {limit} µV \
             (peak_to_peak_uv): leave this channel out, remove slow drifts with a high-pass, or raise the limit"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::noise;
    use crate::{Hz, Recording, Windows};

    /// Four epochs of 1 s; the third channel is an EOG.
    fn epochs(change: impl Fn(&mut ndarray::Array2<f64>)) -> Epochs {
        let (_, mut data_uv) = noise(3, 400, 100.0).into_parts();
        change(&mut data_uv);
        let recording = Recording::new(data_uv, Hz(100.0), &["Fz", "Cz", "EOG"]).unwrap();
        recording.epochs(&Windows::fixed(Seconds(1.0))).unwrap()
    }

    fn causes(epochs: &Epochs) -> Vec<(f64, &str, &str)> {
        epochs.rejected().iter().map(|r| (r.onset.0, r.channel.as_str(), r.reason.as_str())).collect()
    }

    #[test]
    fn each_rejected_epoch_names_its_channel_and_reason() {
        let epochs = epochs(|data| {
            data[[0, 150]] = 400.0;
            data[[1, 160]] = 900.0;
            data[[2, 10]] = 5000.0; // an eye movement is not the EEG's fault
            data.row_mut(1).slice_mut(ndarray::s![300..400]).fill(7.0);
        });
        let clean = epochs.reject(&Rejection::default()).unwrap();
        assert_eq!(causes(&clean), [(1.0, "Cz", "peak_to_peak"), (3.0, "Cz", "flat")]);
        assert!(clean.rejected()[0].peak_to_peak_uv > 890.0 && clean.rejected()[1].peak_to_peak_uv == 0.0);
        assert_eq!(clean.onsets(), [Seconds(0.0), Seconds(2.0)]);
        // rejecting again finds nothing and forgets nothing
        assert_eq!(clean.reject(&Rejection::default()).unwrap(), clean);
    }

    #[test]
    fn no_limits_keep_everything() {
        let epochs = epochs(|data| data[[0, 150]] = 4e6);
        assert_eq!(epochs.reject(&Rejection { peak_to_peak_uv: None, flat_uv: None }).unwrap(), epochs);
    }

    #[test]
    fn nothing_left_names_the_costliest_channel_and_the_remedy() {
        let rejection = Rejection { peak_to_peak_uv: Some(200.0), ..Rejection::default() };
        let drifting = epochs(|data| {
            for t in 0..400 {
                data[[1, t]] += 300.0 * t as f64;
            }
        });
        let error = drifting.reject(&rejection).unwrap_err().to_string();
        assert!(
            error.contains("all 4 epochs were rejected, 4 of them because channel 'Cz' exceeds 200 µV"),
            "{error}"
        );
        let dead = epochs(|data| data.row_mut(0).fill(0.0));
        let error = dead.reject(&rejection).unwrap_err().to_string();
        assert!(error.contains("channel 'Fz' stays below 0.1 µV"), "{error}");
    }

    #[test]
    fn limits_are_amplitudes() {
        for limit in [-1.0, f64::NAN, f64::INFINITY] {
            let rejection = Rejection { peak_to_peak_uv: Some(limit), flat_uv: None };
            assert!(matches!(epochs(|_| ()).reject(&rejection), Err(Error::Invalid { .. })));
        }
    }
}

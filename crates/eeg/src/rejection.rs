//! Which epochs are thrown away, and why.

use crate::{Epochs, Error, Hz, Result, Seconds, channel};
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
    /// Largest difference between neighbouring samples allowed, µV per millisecond; `None` keeps all.
    pub gradient_uv_ms: Option<f64>,
    /// Largest jump allowed: the difference between the means of the 50 ms before and after any moment, µV; `None` keeps
    /// all.
    pub jump_uv: Option<f64>,
}

impl Default for Rejection {
    fn default() -> Self {
        Self { peak_to_peak_uv: Some(300.0), flat_uv: Some(0.1), gradient_uv_ms: None, jump_uv: None }
    }
}

impl Rejection {
    /// Keeps every epoch.
    pub const NONE: Self = Self { peak_to_peak_uv: None, flat_uv: None, gradient_uv_ms: None, jump_uv: None };
}

/// An epoch that was thrown away.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RejectedEpoch {
    /// True time of its first sample.
    pub onset: Seconds,
    /// The channel that was furthest over the limit, or where an artifact was seen.
    pub channel: String,
    /// What was found there: µV for `peak_to_peak`, `flat`, `jump`, `blink` and `saccade`, µV/ms for `gradient`, a z-score
    /// for `muscle`, a number of channels for `channels`.
    pub value: f64,
    /// What is allowed.
    pub limit: f64,
    /// `peak_to_peak`, `flat`, `gradient`, `jump`, `muscle`, `blink`, `saccade`, or `channels` (too many bad ones).
    pub reason: String,
}

const PEAK_TO_PEAK: &str = "peak_to_peak";
const FLAT: &str = "flat";
const GRADIENT: &str = "gradient";
const JUMP: &str = "jump";
/// Stretch before and after a moment whose means are compared for a jump, s.
const JUMP_S: f64 = 0.05;

impl Epochs {
    /// Throws away epochs in which an EEG channel swings, steps or jumps more than allowed or is flat, and keeps the list
    /// of them ([`Epochs::rejected`]).
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
        rejection.check()?;
        let eeg = channel::eeg_indices(self.channels());
        let (mut kept, mut rejected) = (Vec::new(), Vec::new());
        for (epoch, (samples, onset)) in self.data_uv().outer_iter().zip(self.onsets()).enumerate() {
            match rejection.worst(samples, &eeg, self.sfreq()) {
                None => kept.push(epoch),
                Some(fault) => rejected.push(RejectedEpoch {
                    onset: *onset,
                    channel: self.channels()[fault.row].name.clone(),
                    value: fault.value,
                    limit: fault.limit,
                    reason: fault.reason.to_owned(),
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

/// The fault that an epoch is thrown away for.
struct Fault {
    row: usize,
    value: f64,
    limit: f64,
    reason: &'static str,
}

impl Rejection {
    fn check(&self) -> Result<()> {
        for (parameter, limit) in [
            ("peak_to_peak_uv", self.peak_to_peak_uv),
            ("flat_uv", self.flat_uv),
            ("gradient_uv_ms", self.gradient_uv_ms),
            ("jump_uv", self.jump_uv),
        ] {
            if let Some(limit) = limit.filter(|uv| !(uv.is_finite() && *uv >= 0.0)) {
                return Err(Error::Invalid {
                    parameter,
                    value: format!("{limit} {}", if parameter == "gradient_uv_ms" { "µV/ms" } else { "µV" }),
                    allowed: "a finite amplitude that is not negative, or none".into(),
                });
            }
        }
        Ok(())
    }

    /// The first criterion of swing, jump, step and flatness that an epoch does not meet, with the channel that is
    /// furthest off.
    fn worst(&self, samples: ArrayView2<'_, f64>, eeg: &[usize], sfreq: Hz) -> Option<Fault> {
        let over = |limit: Option<f64>, reason, measure: &dyn Fn(ArrayView1<'_, f64>) -> f64| {
            let limit = limit?;
            let found = eeg.iter().map(|&row| (row, measure(samples.row(row))));
            let (row, value) = found.reduce(|a, b| if b.1 > a.1 { b } else { a })?;
            (value > limit).then_some(Fault { row, value, limit, reason })
        };
        let flattest = || {
            let limit = self.flat_uv?;
            let found = eeg.iter().map(|&row| (row, peak_to_peak(samples.row(row))));
            let (row, value) = found.reduce(|a, b| if b.1 < a.1 { b } else { a })?;
            (value < limit).then_some(Fault { row, value, limit, reason: FLAT })
        };
        over(self.peak_to_peak_uv, PEAK_TO_PEAK, &peak_to_peak)
            .or_else(|| over(self.jump_uv, JUMP, &|x| largest_jump(x, sfreq)))
            .or_else(|| over(self.gradient_uv_ms, GRADIENT, &|x| largest_step(x) * sfreq.0 / 1000.0))
            .or_else(flattest)
    }
}

/// Largest difference between neighbouring samples.
fn largest_step(x: ArrayView1<'_, f64>) -> f64 {
    x.iter().zip(x.iter().skip(1)).fold(0.0, |largest: f64, (a, b)| largest.max((b - a).abs()))
}

/// Largest difference between the means of the 50 ms before and after a sample.
fn largest_jump(x: ArrayView1<'_, f64>, sfreq: Hz) -> f64 {
    let n = (JUMP_S * sfreq.0).round().max(1.0) as usize;
    let mut sums = Vec::with_capacity(x.len() + 1);
    sums.push(0.0);
    for value in x {
        sums.push(sums[sums.len() - 1] + value);
    }
    let jump = |t: usize| (sums[t + n] - 2.0 * sums[t] + sums[t - n]).abs() / n as f64;
    (n..=x.len().saturating_sub(n)).map(jump).fold(0.0, f64::max)
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
    let (limit, advice) = match reason {
        FLAT => (
            format!("stays below {} µV (flat_uv)", rejection.flat_uv.unwrap_or(0.0)),
            "leave this channel out, or check that its unit is right",
        ),
        GRADIENT => (
            format!("steps by more than {} µV/ms (gradient_uv_ms)", rejection.gradient_uv_ms.unwrap_or(0.0)),
            "leave this channel out, take line noise out, or raise the limit",
        ),
        JUMP => (
            format!("jumps by more than {} µV (jump_uv)", rejection.jump_uv.unwrap_or(0.0)),
            "leave this channel out, or raise the limit",
        ),
        _ => (
            format!("exceeds {} µV (peak_to_peak_uv)", rejection.peak_to_peak_uv.unwrap_or(0.0)),
            "leave this channel out, remove slow drifts with a high-pass, or raise the limit",
        ),
    };
    format!("all {total} epochs were rejected, {n} of them because channel '{channel}' {limit}: {advice}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::noise;
    use crate::{Recording, Windows};

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
        assert!(clean.rejected()[0].value > 890.0 && clean.rejected()[1].value == 0.0);
        assert_eq!(clean.onsets(), [Seconds(0.0), Seconds(2.0)]);
        // rejecting again finds nothing and forgets nothing
        assert_eq!(clean.reject(&Rejection::default()).unwrap(), clean);
    }

    #[test]
    fn steps_and_jumps_are_limited_too() {
        let epochs = epochs(|data| {
            data.mapv_inplace(|v| v * 0.1);
            data[[0, 120]] += 60.0; // one sample: a step, and no jump
            for t in 250..300 {
                data[[1, t]] += 40.0; // a jump of 40 µV, smaller as a step
            }
        });
        let steps = Rejection { gradient_uv_ms: Some(5.0), ..Rejection::NONE };
        assert_eq!(causes(&epochs.reject(&steps).unwrap()), [(1.0, "Fz", "gradient")]);
        let jumps = Rejection { jump_uv: Some(30.0), ..Rejection::NONE };
        let clean = epochs.reject(&jumps).unwrap();
        assert_eq!(causes(&clean), [(2.0, "Cz", "jump")]);
        assert!((clean.rejected()[0].value - 40.0).abs() < 3.0);
    }

    #[test]
    fn no_limits_keep_everything() {
        let epochs = epochs(|data| data[[0, 150]] = 4e6);
        assert_eq!(epochs.reject(&Rejection::NONE).unwrap(), epochs);
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
            let rejection = Rejection { peak_to_peak_uv: Some(limit), ..Rejection::NONE };
            assert!(matches!(epochs(|_| ()).reject(&rejection), Err(Error::Invalid { .. })));
        }
    }
}

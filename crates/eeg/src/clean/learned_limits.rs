//! Limits on the swing of each channel, learnt from the epochs themselves.

use super::interpolate::{FEWEST_GOOD, InterpolationParams, interpolation_operator};
use crate::{Epochs, Error, RejectedEpoch, Result, channel, parallel};
use dosewave_numerics::stats::{Folds, median_in_place, threshold_cv};
use ndarray::{Array1, Array2, Array3, ArrayView2, Axis};
use serde::{Deserialize, Serialize};

/// Settings of [`LearnedLimits::learn`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LearnedLimitsParams {
    /// Folds of the cross-validation.
    pub n_folds: usize,
    /// Shares of bad channels from which an epoch is thrown away, to choose from.
    pub consensus: Vec<f64>,
    /// Numbers of channels that are interpolated at most in an epoch, to choose from.
    pub n_interpolate: Vec<usize>,
    /// Seed of the folds.
    pub seed: u64,
}

impl Default for LearnedLimitsParams {
    fn default() -> Self {
        let consensus = (1..=10).map(|tenth| f64::from(tenth) / 10.0).collect();
        Self { n_folds: 10, consensus, n_interpolate: vec![1, 4, 32], seed: 0 }
    }
}

/// What was learnt.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LearnedLimits {
    /// Labels of the EEG channels, in the order of the epochs.
    pub channels: Vec<String>,
    /// Largest peak-to-peak amplitude allowed in each, µV.
    pub peak_to_peak_uv: Vec<f64>,
    /// Share of bad channels from which an epoch is thrown away.
    pub consensus: f64,
    /// Number of channels that are interpolated at most in an epoch that stays.
    pub n_interpolate: usize,
    /// Root mean squared distance of the mean of clean training epochs from the median of validation epochs, µV.
    pub error_uv: f64,
}

/// Epochs after [`LearnedLimits::apply`].
#[derive(Clone, Debug, PartialEq)]
pub struct Repaired {
    /// The epochs that stay.
    pub epochs: Epochs,
    /// Channels that were interpolated, with the number of epochs, in the order of the recording.
    pub interpolated: Vec<(String, usize)>,
}

/// EEG channels of epochs with their swings.
struct Swings {
    eeg: Vec<usize>,
    /// Peak-to-peak amplitude `[epoch, EEG channel]`.
    sizes: Array2<f64>,
}

impl LearnedLimits {
    /// Learns a limit for each channel, the share of bad channels from which an epoch is thrown away, and how many
    /// channels are interpolated at most, all by cross-validation: the mean of what would be kept is to be near the
    /// median of epochs that were set aside (autoreject: Jas et al. 2017, 10.1016/j.neuroimage.2017.06.030). All limits
    /// are tried, not a random choice of them, so the result depends on the epochs and the seed of the folds alone.
    ///
    /// Learn once from all epochs that will be compared: limits of their own before and after a drug would treat the two
    /// differently.
    ///
    /// # Errors
    /// [`Error::NothingLeft`] without EEG channels, [`Error::Invalid`] for empty choices or shares outside 0–1,
    /// [`Error::Kernel`] with fewer than two epochs a fold.
    ///
    /// ```
    /// use dosewave_eeg::{Hz, LearnedLimits, LearnedLimitsParams, Recording, Seconds, Windows};
    /// let names = ["Fz", "F3", "F4", "C3", "Cz", "C4", "P3", "Pz", "P4"];
    /// let wave = |c: usize, t: usize| ((t * (c + 3) * 37) as f64).sin();
    /// let data_uv = ndarray::Array2::from_shape_fn((9, 6000), |(c, t)| {
    ///     if c == 4 && (1000..1100).contains(&t) { 400.0 } else { wave(c, t) }
    /// });
    /// let recording = Recording::new(data_uv, Hz(100.0), &names).unwrap();
    /// let epochs = recording.epochs(&Windows::fixed(Seconds(2.0))).unwrap();
    /// let limits = LearnedLimits::learn(&epochs, &LearnedLimitsParams::default()).unwrap();
    /// assert!(limits.peak_to_peak_uv[4] < 400.0);
    /// let repaired = limits.apply(&epochs).unwrap();
    /// assert!(repaired.epochs.data_uv().iter().all(|v| v.abs() < 100.0));
    /// ```
    pub fn learn(epochs: &Epochs, params: &LearnedLimitsParams) -> Result<Self> {
        check(params)?;
        let swings = Swings::new(epochs)?;
        let folds = Folds::new(epochs.n_epochs(), params.n_folds, params.seed)?;
        let learned = parallel::try_map(swings.eeg.len(), |i| {
            let samples = epochs.data_uv();
            let samples = samples.index_axis(Axis(1), swings.eeg[i]);
            Ok(threshold_cv(samples, swings.sizes.column(i), &folds)?.threshold)
        })?;
        let mut limits = Self {
            channels: swings.eeg.iter().map(|&row| epochs.channels()[row].label().to_owned()).collect(),
            peak_to_peak_uv: learned,
            consensus: 1.0,
            n_interpolate: 0,
            error_uv: f64::INFINITY,
        };
        let bad = swings.over(&limits.peak_to_peak_uv);
        let targets = targets(epochs, &swings.eeg, &folds)?;
        let mut choices: Vec<usize> =
            params.n_interpolate.iter().map(|n| (*n).min(swings.most_repairable())).collect();
        choices.sort_unstable();
        choices.dedup();
        for n_interpolate in choices {
            let (repaired, _) = repaired(epochs, &swings, &bad, n_interpolate)?;
            for (consensus, error) in
                errors(&repaired, &swings.eeg, &bad, &folds, &targets, &params.consensus)?
            {
                if error < limits.error_uv {
                    limits = Self { consensus, n_interpolate, error_uv: error, ..limits };
                }
            }
        }
        Ok(limits)
    }

    /// Throws away epochs in which too many channels swing too far, and interpolates the worst channels of the others.
    ///
    /// # Errors
    /// [`Error::Shape`] for epochs with other EEG channels, [`Error::NothingLeft`] when no epoch stays.
    pub fn apply(&self, epochs: &Epochs) -> Result<Repaired> {
        let swings = Swings::new(epochs)?;
        let names: Vec<&str> = swings.eeg.iter().map(|&row| epochs.channels()[row].label()).collect();
        if names != self.channels {
            return Err(Error::Shape {
                what: "EEG channels that limits were learnt for",
                expected: self.channels.join(", "),
                got: names.join(", "),
            });
        }
        let bad = swings.over(&self.peak_to_peak_uv);
        let allowed = self.allowed();
        let (mut kept, mut rejected) = (Vec::new(), Vec::new());
        for (epoch, bad) in bad.iter().enumerate() {
            match bad.first() {
                Some(&worst) if bad.len() > allowed => rejected.push(RejectedEpoch {
                    onset: epochs.onsets()[epoch],
                    channel: self.channels[worst].clone(),
                    value: bad.len() as f64,
                    limit: allowed as f64,
                    reason: "channels".into(),
                }),
                _ => kept.push(epoch),
            }
        }
        if kept.is_empty() && !rejected.is_empty() {
            let hint = format!(
                "in all {} epochs more than {allowed} channels swing further than was learnt; learn the limits from these epochs",
                rejected.len()
            );
            return Err(Error::NothingLeft { step: "learned limits", hint });
        }
        let (data, replaced) = repaired(epochs, &swings, &bad, self.n_interpolate)?;
        let counts = self.repaired_channels(&replaced, &kept);
        let all = Epochs::derived(epochs.channels().clone(), epochs.sfreq(), data, epochs.onsets().to_vec())
            .with_rejected(epochs.rejected().to_vec());
        Ok(Repaired { epochs: all.select(&kept)?.with_rejected(rejected), interpolated: counts })
    }

    /// What was learnt and done, for the report.
    #[must_use]
    pub fn note(&self, interpolated: &[(String, usize)]) -> crate::Note {
        let mut sorted = self.peak_to_peak_uv.clone();
        sorted.sort_by(f64::total_cmp);
        let at = |share: f64| sorted[(share * (sorted.len() - 1) as f64).round() as usize];
        let repaired: Vec<String> = interpolated.iter().map(|(name, n)| format!("{name} in {n}")).collect();
        let text = format!(
            "peak-to-peak limits learnt by cross-validation: {:.0} to {:.0} µV, median {:.0}; an epoch goes with more than \
             {} of {} channels over theirs, else up to {} are interpolated ({})",
            at(0.0),
            at(1.0),
            at(0.5),
            self.allowed(),
            self.channels.len(),
            self.n_interpolate,
            if repaired.is_empty() {
                "none was".to_owned()
            } else {
                format!("epochs: {}", repaired.join(", "))
            }
        );
        crate::Note::info("rejection", text)
    }

    /// Bad channels that an epoch may have.
    fn allowed(&self) -> usize {
        allowed(self.consensus, self.channels.len())
    }

    fn repaired_channels(&self, replaced: &[Vec<usize>], kept: &[usize]) -> Vec<(String, usize)> {
        let mut counts = vec![0; self.channels.len()];
        for &epoch in kept {
            replaced[epoch].iter().for_each(|&i| counts[i] += 1);
        }
        let named = self.channels.iter().cloned().zip(counts);
        named.filter(|(_, n)| *n > 0).collect()
    }
}

/// Bad channels that an epoch of `n` channels may have.
fn allowed(consensus: f64, n: usize) -> usize {
    (consensus * n as f64).floor() as usize
}

fn check(params: &LearnedLimitsParams) -> Result<()> {
    let invalid = |parameter, value: String, allowed: &str| {
        Err(Error::Invalid { parameter, value, allowed: allowed.into() })
    };
    if params.consensus.is_empty() || params.consensus.iter().any(|c| !(0.0..=1.0).contains(c)) {
        return invalid("consensus", format!("{:?}", params.consensus), "one or more shares from 0 to 1");
    }
    if params.n_interpolate.is_empty() {
        return invalid("n_interpolate", "[]".into(), "one or more numbers");
    }
    Ok(())
}

impl Swings {
    fn new(epochs: &Epochs) -> Result<Self> {
        let eeg = channel::eeg_indices(epochs.channels());
        if eeg.is_empty() {
            let hint = "no EEG channel in µV".to_owned();
            return Err(Error::NothingLeft { step: "learned limits", hint });
        }
        let mut sizes = Array2::zeros((epochs.n_epochs(), eeg.len()));
        parallel::rows(sizes.view_mut(), |epoch, mut row| {
            for (size, &channel) in row.iter_mut().zip(&eeg) {
                let samples = epochs.data_uv();
                let (low, high) = samples
                    .slice(ndarray::s![epoch, channel, ..])
                    .iter()
                    .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), &v| (low.min(v), high.max(v)));
                *size = high - low;
            }
        });
        Ok(Self { eeg, sizes })
    }

    /// Channels of each epoch over their limits, those furthest over (in units of the limit) first.
    fn over(&self, limits: &[f64]) -> Vec<Vec<usize>> {
        let excess =
            |sizes: &ndarray::ArrayView1<'_, f64>, i: usize| sizes[i] / limits[i].max(f64::MIN_POSITIVE);
        self.sizes
            .rows()
            .into_iter()
            .map(|sizes| {
                let mut bad: Vec<usize> = (0..limits.len()).filter(|&i| sizes[i] > limits[i]).collect();
                bad.sort_by(|&a, &b| excess(&sizes, b).total_cmp(&excess(&sizes, a)).then(a.cmp(&b)));
                bad
            })
            .collect()
    }

    /// An interpolation needs most of the head.
    fn most_repairable(&self) -> usize {
        self.eeg.len() / 2
    }
}

/// The epochs with up to `n_interpolate` of their bad channels put back from the others, and which these are; channels
/// without a position, and epochs with too few good channels, stay as they are.
fn repaired(
    epochs: &Epochs,
    swings: &Swings,
    bad: &[Vec<usize>],
    n_interpolate: usize,
) -> Result<(Array3<f64>, Vec<Vec<usize>>)> {
    let mut data = epochs.data_uv().to_owned();
    let channels = epochs.channels();
    let has_place = |i: &usize| channels[swings.eeg[*i]].position.is_some();
    let n_placed = (0..swings.eeg.len()).filter(has_place).count();
    // all bad channels are left out of the interpolation; the worst are replaced
    let placed: Vec<Vec<usize>> =
        bad.iter().map(|bad| bad.iter().copied().filter(has_place).collect()).collect();
    let worst = |placed: &Vec<usize>| {
        let n = if n_placed - placed.len() >= FEWEST_GOOD { n_interpolate } else { 0 };
        placed.iter().take(n).copied().collect()
    };
    let replaced: Vec<Vec<usize>> = placed.iter().map(worst).collect();
    parallel::try_rows(data.view_mut(), |epoch, mut samples| {
        if replaced[epoch].is_empty() {
            return Ok(());
        }
        let rows: Vec<usize> = placed[epoch].iter().map(|&i| swings.eeg[i]).collect();
        let operator = interpolation_operator(channels, &rows, &InterpolationParams::default())?;
        let before = samples.to_owned();
        for &i in &replaced[epoch] {
            let row = swings.eeg[i];
            samples.row_mut(row).assign(&operator.matrix.row(row).dot(&before));
        }
        Ok(())
    })?;
    Ok((data, replaced))
}

/// Medians `[channel, time]` of the validation epochs of each fold, as recorded.
fn targets(epochs: &Epochs, eeg: &[usize], folds: &Folds) -> Result<Vec<Array2<f64>>> {
    parallel::try_map(folds.n_folds(), |fold| {
        let cases = folds.validation(fold);
        let mut values = vec![0.0; cases.len()];
        Ok(Array2::from_shape_fn((eeg.len(), epochs.n_times()), |(i, t)| {
            let samples = epochs.data_uv();
            values.iter_mut().zip(&cases).for_each(|(v, case)| *v = samples[[*case, eeg[i], t]]);
            median_in_place(&mut values).unwrap_or(0.0)
        }))
    })
}

/// Mean error over folds for each share of bad channels: the epochs come in order of their number of bad channels, so
/// that the mean of those below each share is a running sum. Shares that leave a fold less than half of its training
/// epochs are no choice.
fn errors(
    data: &Array3<f64>,
    eeg: &[usize],
    bad: &[Vec<usize>],
    folds: &Folds,
    targets: &[Array2<f64>],
    consensus: &[f64],
) -> Result<Vec<(f64, f64)>> {
    let mut order: Vec<usize> = (0..bad.len()).collect();
    order.sort_by_key(|&epoch| (bad[epoch].len(), epoch));
    let mut shares = consensus.to_vec();
    shares.sort_by(f64::total_cmp);
    let by_fold = parallel::try_map(targets.len(), |fold| {
        let training: Vec<usize> = order.iter().copied().filter(|&e| !folds.holds(fold, e)).collect();
        let mut sum = Array2::<f64>::zeros(targets[fold].dim());
        let mut n = 0;
        let errors = shares.iter().map(|share| {
            let limit = allowed(*share, eeg.len());
            while n < training.len() && bad[training[n]].len() <= limit {
                let epoch = data.index_axis(Axis(0), training[n]);
                for (mut sum, &row) in sum.rows_mut().into_iter().zip(eeg) {
                    sum += &epoch.row(row);
                }
                n += 1;
            }
            if 2 * n < training.len() { f64::INFINITY } else { rmse(sum.view(), n, targets[fold].view()) }
        });
        Ok(errors.collect::<Vec<f64>>())
    })?;
    let mut total = Array1::<f64>::zeros(shares.len());
    for errors in &by_fold {
        total += &Array1::from(errors.clone());
    }
    Ok(shares.into_iter().zip(total.iter().map(|e| e / targets.len() as f64)).collect())
}

fn rmse(sum: ArrayView2<'_, f64>, n: usize, target: ArrayView2<'_, f64>) -> f64 {
    let squares: f64 = sum.iter().zip(&target).map(|(s, t)| (s / n as f64 - t) * (s / n as f64 - t)).sum();
    (squares / target.len() as f64).sqrt()
}

#[cfg(test)]
mod tests;

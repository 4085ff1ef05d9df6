//! Stretches of equal length.

use crate::{
    Channels, EpochSpectra, Error, Fourier, Hz, RejectedEpoch, Result, Seconds, SpectrumParams, invariants,
    parallel,
};
use dosewave_numerics::first_not_finite;
use ndarray::{Array1, Array3, ArrayView3, Axis, concatenate};
use std::ops::Range;

/// Equal stretches of a recording, `[epoch, channel, time]`, µV. None spans a gap.
#[derive(Clone, Debug, PartialEq)]
pub struct Epochs {
    channels: Channels,
    sfreq: Hz,
    data_uv: Array3<f64>,
    onsets: Vec<Seconds>,
    rejected: Vec<RejectedEpoch>,
}

impl Epochs {
    /// Epochs from an array `[epoch, channel, time]` in µV and the true time of each epoch's first sample.
    ///
    /// # Errors
    /// [`Error::Shape`] when channels, onsets and array disagree or epochs have no sample, [`Error::Invalid`] for a rate
    /// that is not positive or an onset that is no time, [`Error::NotFinite`] for NaN or infinity.
    ///
    /// ```
    /// use dosewave_eeg::{Channel, Epochs, Hz, Seconds};
    /// let data_uv = ndarray::Array3::zeros((2, 1, 500));
    /// let onsets = vec![Seconds(0.0), Seconds(2.0)];
    /// let epochs = Epochs::new([Channel::from_name("Cz")].into(), Hz(250.0), data_uv, onsets).unwrap();
    /// assert_eq!((epochs.n_epochs(), epochs.length()), (2, Seconds(2.0)));
    /// ```
    pub fn new(channels: Channels, sfreq: Hz, data_uv: Array3<f64>, onsets: Vec<Seconds>) -> Result<Self> {
        invariants::check_sfreq(sfreq)?;
        let (n_epochs, n_channels, n_times) = data_uv.dim();
        check_count("channels for the epochs", n_channels, channels.len())?;
        check_count("onsets for the epochs", n_epochs, onsets.len())?;
        if n_times == 0 {
            return Err(Error::Shape {
                what: "samples of an epoch",
                expected: "at least 1".into(),
                got: "0".into(),
            });
        }
        if let Some(onset) = onsets.iter().find(|onset| !onset.0.is_finite()) {
            return Err(Error::Invalid {
                parameter: "onset",
                value: onset.to_string(),
                allowed: "a finite time".into(),
            });
        }
        check_epochs_finite(&channels, data_uv.view())?;
        let data_uv =
            if data_uv.is_standard_layout() { data_uv } else { data_uv.as_standard_layout().into_owned() };
        Ok(Self { channels, sfreq, data_uv, onsets, rejected: Vec::new() })
    }

    /// Epochs from parts that keep the invariants, because they were derived from a recording that does.
    pub(crate) fn derived(channels: Channels, sfreq: Hz, data_uv: Array3<f64>, onsets: Vec<Seconds>) -> Self {
        Self { channels, sfreq, data_uv, onsets, rejected: Vec::new() }
    }

    /// Samples `[epoch, channel, time]`, µV for voltages.
    #[must_use]
    pub fn data_uv(&self) -> ArrayView3<'_, f64> {
        self.data_uv.view()
    }

    /// True time of the first sample of each epoch.
    #[must_use]
    pub fn onsets(&self) -> &[Seconds] {
        &self.onsets
    }

    /// Channels.
    #[must_use]
    pub fn channels(&self) -> &Channels {
        &self.channels
    }

    /// Sampling frequency.
    #[must_use]
    pub fn sfreq(&self) -> Hz {
        self.sfreq
    }

    /// Number of epochs kept.
    #[must_use]
    pub fn n_epochs(&self) -> usize {
        self.onsets.len()
    }

    /// Samples per epoch.
    #[must_use]
    pub fn n_times(&self) -> usize {
        self.data_uv.len_of(Axis(2))
    }

    /// Length of one epoch.
    #[must_use]
    pub fn length(&self) -> Seconds {
        Seconds(self.n_times() as f64 / self.sfreq.0)
    }

    /// Epochs thrown away so far, by [`Epochs::reject`].
    #[must_use]
    pub fn rejected(&self) -> &[RejectedEpoch] {
        &self.rejected
    }

    /// Only these epochs, in this order; an index may come twice.
    ///
    /// # Errors
    /// [`Error::Invalid`] for an index that is not there.
    pub fn select(&self, epochs: &[usize]) -> Result<Self> {
        check_indices(epochs, self.n_epochs())?;
        Ok(Self {
            channels: self.channels.clone(),
            sfreq: self.sfreq,
            data_uv: self.data_uv.select(Axis(0), epochs),
            onsets: epochs.iter().map(|&epoch| self.onsets[epoch]).collect(),
            rejected: self.rejected.clone(),
        })
    }

    /// These epochs and then those of another part of the session, with the same electrodes, rate and length.
    ///
    /// # Errors
    /// [`Error::Shape`] for other channels (by their labels), another rate or length.
    ///
    /// ```
    /// use dosewave_eeg::{Hz, Recording, Seconds, Windows};
    /// let recording = Recording::new(ndarray::Array2::zeros((1, 600)), Hz(100.0), &["Cz"]).unwrap();
    /// let epochs = recording.epochs(&Windows::fixed(Seconds(2.0))).unwrap();
    /// assert_eq!(epochs.joined(&epochs).unwrap().n_epochs(), 6);
    /// ```
    pub fn joined(&self, more: &Self) -> Result<Self> {
        let describe = |epochs: &Self| {
            let labels: Vec<&str> = epochs.channels.iter().map(crate::Channel::label).collect();
            format!("{} samples of {} at {}", epochs.n_times(), labels.join(", "), epochs.sfreq)
        };
        let (expected, got) = (describe(self), describe(more));
        let data_uv = concatenate(Axis(0), &[self.data_uv.view(), more.data_uv.view()]);
        match data_uv {
            Ok(data_uv) if expected == got => Ok(Self {
                channels: self.channels.clone(),
                sfreq: self.sfreq,
                data_uv,
                onsets: self.onsets.iter().chain(&more.onsets).copied().collect(),
                rejected: self.rejected.iter().chain(&more.rejected).cloned().collect(),
            }),
            _ => Err(Error::Shape { what: "epochs to join", expected, got }),
        }
    }

    /// Adds to the list of epochs that were thrown away.
    pub(crate) fn with_rejected(mut self, rejected: Vec<RejectedEpoch>) -> Self {
        self.rejected.extend(rejected);
        self
    }

    /// One-sided PSD of every epoch and channel `[epoch, channel, freq]`, µV²/Hz. Each epoch's mean is removed.
    ///
    /// # Errors
    /// [`Error::NothingLeft`] without an epoch, [`Error::Invalid`] or [`Error::Kernel`] when the settings do not fit the
    /// length of an epoch.
    ///
    /// ```
    /// use dosewave_eeg::{Band, Hz, Recording, Seconds, SpectrumParams, Windows};
    /// use dosewave_numerics::spectral::MainsMask;
    /// let sine = |t: usize| (2.0 * std::f64::consts::PI * 10.0 * t as f64 / 100.0).sin();
    /// let recording =
    ///     Recording::new(ndarray::Array2::from_shape_fn((1, 1000), |(_, t)| sine(t)), Hz(100.0), &["Cz"]).unwrap();
    /// let epochs = recording.epochs(&Windows::fixed(Seconds(2.0))).unwrap();
    /// let spectra = epochs.spectrum(&SpectrumParams::default()).unwrap();
    /// // all the power of a sine of amplitude 1, 1/2, is in the alpha band of 5 Hz, as far as the tapers let it
    /// let alpha = spectra.band_power(Band::ALPHA, &MainsMask::NONE).unwrap();
    /// assert!((alpha[[0, 0]] * 5.0 - 0.5).abs() < 0.06);
    /// ```
    pub fn spectrum(&self, params: &SpectrumParams) -> Result<EpochSpectra> {
        self.check_not_empty("spectrum")?;
        EpochSpectra::from_epochs(self, params)
    }

    /// Tapered Fourier coefficients of the bins in `[fmin, fmax]`, both ends included, scaled as mne-connectivity does.
    /// Each epoch's mean is removed. Welch settings give one Hann window over the whole epoch.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a range without a bin, [`Error::NothingLeft`] without an epoch,
    /// [`Error::Kernel`] when the bandwidth does not fit the length of an epoch.
    pub fn fourier(&self, params: &SpectrumParams, fmin: Hz, fmax: Hz) -> Result<Fourier> {
        self.check_not_empty("fourier")?;
        let multitaper = params.fourier_estimator(self.n_times(), self.sfreq)?;
        let bins = bins_between(&multitaper.freqs_hz(), fmin, fmax)?;
        Fourier::from_epochs(self, &multitaper, bins)
    }

    /// Refuses to compute with nothing.
    pub(crate) fn check_not_empty(&self, step: &'static str) -> Result<()> {
        check_not_empty(step, self.n_epochs(), self.channels.len())
    }
}

/// Refuses arrays without an epoch or channel.
pub(crate) fn check_not_empty(step: &'static str, n_epochs: usize, n_channels: usize) -> Result<()> {
    if n_epochs > 0 && n_channels > 0 {
        return Ok(());
    }
    Err(Error::NothingLeft { step, hint: format!("{n_epochs} epochs of {n_channels} channels were given") })
}

/// Refuses NaN and infinity in an array `[epoch, channel, time]`.
pub(crate) fn check_epochs_finite(channels: &Channels, data_uv: ArrayView3<'_, f64>) -> Result<()> {
    let check = |epoch: usize| {
        for (channel, x) in channels.iter().zip(data_uv.index_axis(Axis(0), epoch).outer_iter()) {
            if let Some(sample) = first_not_finite(x) {
                let channel = format!("{} in epoch {epoch}", channel.name);
                return Err(Error::NotFinite { channel, sample, value: x[sample] });
            }
        }
        Ok(())
    };
    parallel::try_map(data_uv.len_of(Axis(0)), check).map(drop)
}

/// Indices of the bins in `[fmin, fmax]`.
pub(crate) fn bins_between(freqs_hz: &Array1<f64>, fmin: Hz, fmax: Hz) -> Result<Range<usize>> {
    // a bin that rounding moved off an edge belongs where it was meant to be
    let slack = 1e-9;
    let inside: Vec<usize> = (0..freqs_hz.len())
        .filter(|&k| freqs_hz[k] >= fmin.0 - slack && freqs_hz[k] <= fmax.0 + slack)
        .collect();
    match (inside.first(), inside.last()) {
        (Some(&first), Some(&last)) => Ok(first..last + 1),
        _ => Err(Error::Invalid {
            parameter: "fmin, fmax",
            value: format!("{fmin} to {fmax}"),
            allowed: format!(
                "a range that holds one of the {} bins from 0 Hz to {} Hz",
                freqs_hz.len(),
                freqs_hz.last().copied().unwrap_or(0.0)
            ),
        }),
    }
}

fn check_count(what: &'static str, expected: usize, got: usize) -> Result<()> {
    if expected == got {
        Ok(())
    } else {
        Err(Error::Shape { what, expected: expected.to_string(), got: got.to_string() })
    }
}

/// Refuses epochs that are not there.
pub(crate) fn check_indices(epochs: &[usize], n_epochs: usize) -> Result<()> {
    match epochs.iter().find(|epoch| **epoch >= n_epochs) {
        None => Ok(()),
        Some(epoch) => Err(Error::Invalid {
            parameter: "epoch",
            value: epoch.to_string(),
            allowed: format!("indices below the number of epochs ({n_epochs})"),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::noise;
    use crate::{Channel, Windows};

    fn channels(n: usize) -> Channels {
        (0..n).map(|i| Channel::from_name(&format!("ch{i}"))).collect()
    }

    #[test]
    fn sizes_must_agree() {
        let new = |n_channels, n_onsets, n_times| {
            Epochs::new(
                channels(n_channels),
                Hz(100.0),
                Array3::zeros((3, 2, n_times)),
                vec![Seconds(0.0); n_onsets],
            )
        };
        assert!(new(2, 3, 10).is_ok());
        for (n_channels, n_onsets, n_times) in [(1, 3, 10), (2, 2, 10), (2, 3, 0)] {
            assert!(matches!(new(n_channels, n_onsets, n_times), Err(Error::Shape { .. })));
        }
    }

    #[test]
    fn nan_is_named_with_its_epoch() {
        let mut data = Array3::zeros((2, 2, 10));
        data[[1, 0, 4]] = f64::NEG_INFINITY;
        let error = Epochs::new(channels(2), Hz(100.0), data, vec![Seconds(0.0); 2]).unwrap_err();
        assert!(error.to_string().starts_with("channel 'ch0 in epoch 1' holds -inf at sample 4"), "{error}");
    }

    #[test]
    fn a_selection_keeps_order_and_onsets() {
        let epochs = noise(2, 1000, 100.0).epochs(&Windows::fixed(Seconds(2.0))).unwrap();
        let picked = epochs.select(&[3, 1, 3]).unwrap();
        assert_eq!(picked.onsets(), [Seconds(6.0), Seconds(2.0), Seconds(6.0)]);
        assert_eq!(picked.data_uv().index_axis(Axis(0), 1), epochs.data_uv().index_axis(Axis(0), 1));
        assert!(epochs.select(&[5]).unwrap_err().to_string().contains("below the number of epochs (5)"));
    }

    #[test]
    fn nothing_is_computed_from_nothing() {
        let none = noise(2, 1000, 100.0).epochs(&Windows::fixed(Seconds(2.0))).unwrap().select(&[]).unwrap();
        assert!(matches!(none.spectrum(&SpectrumParams::default()), Err(Error::NothingLeft { .. })));
        assert!(matches!(
            none.fourier(&SpectrumParams::default(), Hz(8.0), Hz(13.0)),
            Err(Error::NothingLeft { .. })
        ));
    }
}

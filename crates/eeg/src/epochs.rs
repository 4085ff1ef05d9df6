//! Stretches of equal length.

use crate::{Channels, EpochSpectra, Fourier, Hz, Result, Seconds, SpectrumParams};
use ndarray::{Array3, ArrayView3};
use serde::{Deserialize, Serialize};

/// How a recording is cut.
#[derive(Clone, Debug, PartialEq)]
pub enum Windows {
    /// Epochs of `length`, each starting `length × (1 − overlap)` after the one before, from the start of each run.
    Fixed {
        /// Length.
        length: Seconds,
        /// Fraction of an epoch shared with the next, `[0, 1)`.
        overlap: f64,
    },
    /// Epochs around annotations whose label equals `label`.
    Events {
        /// Annotation label.
        label: String,
        /// Start relative to the onset.
        tmin: Seconds,
        /// End relative to the onset.
        tmax: Seconds,
    },
}

impl Windows {
    /// Fixed-length epochs without overlap.
    #[must_use]
    pub fn fixed(length: Seconds) -> Self {
        Self::Fixed { length, overlap: 0.0 }
    }
}

/// When an epoch is thrown away, and why.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Rejection {
    /// Largest peak-to-peak amplitude allowed in any EEG channel, µV; `None` keeps all.
    pub peak_to_peak_uv: Option<f64>,
    /// Smallest peak-to-peak amplitude allowed (flat channels), µV; `None` keeps all.
    pub flat_uv: Option<f64>,
}

impl Default for Rejection {
    fn default() -> Self { Self { peak_to_peak_uv: Some(300.0), flat_uv: Some(0.1) } }
}

/// An epoch that was thrown away.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RejectedEpoch {
    /// True time of its first sample.
    pub onset: Seconds,
    /// The channel that was over or under the limit.
    pub channel: String,
    /// Its peak-to-peak amplitude, µV.
    pub peak_to_peak_uv: f64,
    /// `peak_to_peak` or `flat`.
    pub reason: String,
}

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
    /// Checked constructor.
    pub fn new(channels: Channels, sfreq: Hz, data_uv: Array3<f64>, onsets: Vec<Seconds>) -> Result<Self> { todo!() }
    /// Samples.
    pub fn data_uv(&self) -> ArrayView3<'_, f64> { self.data_uv.view() }
    /// True onset of each epoch.
    pub fn onsets(&self) -> &[Seconds] { &self.onsets }
    /// Channels.
    pub fn channels(&self) -> &Channels { &self.channels }
    /// Rate.
    pub fn sfreq(&self) -> Hz { self.sfreq }
    /// Number kept.
    pub fn n_epochs(&self) -> usize { self.data_uv.shape()[0] }
    /// Samples per epoch.
    pub fn n_times(&self) -> usize { self.data_uv.shape()[2] }
    /// Length of one.
    pub fn length(&self) -> Seconds { Seconds(self.n_times() as f64 / self.sfreq.0) }
    /// Those thrown away so far.
    pub fn rejected(&self) -> &[RejectedEpoch] { &self.rejected }
    /// Throws away; counts kept. Errors with NothingLeft when none stays, naming the channel that cost most.
    pub fn reject(&self, rejection: &Rejection) -> Result<Self> { todo!() }
    /// Only these epochs, in this order.
    pub fn select(&self, epochs: &[usize]) -> Result<Self> { todo!() }
    /// One-sided PSD of every epoch.
    pub fn spectra(&self, params: &SpectrumParams) -> Result<EpochSpectra> { todo!() }
    /// Tapered Fourier coefficients in `[fmin, fmax]` (multitaper; scaled as mne-connectivity does).
    pub fn fourier(&self, params: &SpectrumParams, fmin: Hz, fmax: Hz) -> Result<Fourier> { todo!() }
}

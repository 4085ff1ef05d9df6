//! Power spectral densities with labels.
use crate::{Band, Channels, Hz, Result, Seconds};
use dosewave_numerics::spectral::MainsMask;
use ndarray::{Array1, Array2, Array3, ArrayView1, ArrayView3};
use serde::{Deserialize, Serialize};

/// How a spectrum is estimated; each method's settings live in its variant.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum SpectrumParams {
    /// DPSS multitaper (Thomson 1982, 10.1109/PROC.1982.12433).
    Multitaper { bandwidth: f64, low_bias: bool, adaptive: bool },
    /// Welch (1967, 10.1109/TAU.1967.1161901) within each epoch.
    Welch { window: f64, overlap: f64 },
}
impl Default for SpectrumParams {
    fn default() -> Self { Self::Multitaper { bandwidth: 4.0, low_bias: true, adaptive: false } }
}

/// One PSD per epoch and channel, `[epoch, channel, freq]`, µV²/Hz.
#[derive(Clone, Debug, PartialEq)]
pub struct EpochSpectra { channels: Channels, freqs_hz: Array1<f64>, psd_uv2_hz: Array3<f64>, onsets: Vec<Seconds> }
impl EpochSpectra {
    pub fn new(channels: Channels, freqs_hz: Array1<f64>, psd_uv2_hz: Array3<f64>, onsets: Vec<Seconds>) -> Result<Self> { todo!() }
    pub fn freqs_hz(&self) -> ArrayView1<'_, f64> { self.freqs_hz.view() }
    pub fn psd_uv2_hz(&self) -> ArrayView3<'_, f64> { self.psd_uv2_hz.view() }
    pub fn channels(&self) -> &Channels { &self.channels }
    pub fn onsets(&self) -> &[Seconds] { &self.onsets }
    pub fn n_epochs(&self) -> usize { self.onsets.len() }
    /// Mean over epochs.
    pub fn mean(&self) -> Spectrum { todo!() }
    /// Median over epochs.
    pub fn median(&self) -> Spectrum { todo!() }
    /// Band mean of every epoch and channel `[epoch, channel]`, µV²/Hz.
    pub fn band_power(&self, band: Band, mains: &MainsMask) -> Result<Array2<f64>> { todo!() }
}

/// One PSD per channel, `[channel, freq]`, µV²/Hz.
#[derive(Clone, Debug, PartialEq)]
pub struct Spectrum { pub channels: Channels, pub freqs_hz: Array1<f64>, pub psd_uv2_hz: Array2<f64> }

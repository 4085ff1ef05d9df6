//! Power spectral densities with labels.

use crate::{Band, Channels, Epochs, Error, Hz, Result, Seconds, parallel};
use dosewave_numerics::spectral::{
    Average, MainsMask, Multitaper, MultitaperParams, Welch, WelchParams, Window, band_mean,
};
use dosewave_numerics::stats::median_in_place;
use ndarray::{Array1, Array2, Array3, ArrayView1, ArrayView3, Axis};
use serde::{Deserialize, Serialize};

/// How a spectrum is estimated; each method's settings live in its variant.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum SpectrumParams {
    /// DPSS multitaper (Thomson 1982, 10.1109/PROC.1982.12433).
    Multitaper {
        /// Full bandwidth of the tapers, Hz.
        bandwidth: f64,
        /// Whether only tapers with an eigenvalue above 0.9 are used.
        low_bias: bool,
        /// Whether tapers are weighted per frequency.
        adaptive: bool,
    },
    /// Welch (1967, 10.1109/TAU.1967.1161901) with Hann windows within each epoch.
    Welch {
        /// Length of a segment, s.
        window: f64,
        /// Fraction of a segment shared with the next, `[0, 1)`.
        overlap: f64,
    },
}

impl Default for SpectrumParams {
    fn default() -> Self {
        Self::Multitaper { bandwidth: 4.0, low_bias: true, adaptive: false }
    }
}

enum Estimator {
    Multitaper(Multitaper),
    Welch(Welch),
}

impl Estimator {
    fn freqs_hz(&self) -> Array1<f64> {
        match self {
            Self::Multitaper(multitaper) => multitaper.freqs_hz(),
            Self::Welch(welch) => welch.freqs_hz(),
        }
    }
}

impl SpectrumParams {
    fn estimator(&self, n_times: usize, sfreq: Hz) -> Result<Estimator> {
        match *self {
            Self::Multitaper { bandwidth, low_bias, adaptive } => {
                let params = MultitaperParams { bandwidth_hz: Some(bandwidth), low_bias, adaptive };
                Ok(Estimator::Multitaper(Multitaper::new(n_times, sfreq.0, params)?))
            }
            Self::Welch { window, overlap } => {
                let n_per_seg = ((window * sfreq.0).round() as usize).min(n_times);
                let params = WelchParams {
                    n_fft: n_per_seg,
                    n_per_seg,
                    n_overlap: (overlap * n_per_seg as f64).floor() as usize,
                    window: Window::Hann,
                    average: Average::Mean,
                    detrend: true,
                };
                Ok(Estimator::Welch(Welch::new(params, sfreq.0)?))
            }
        }
    }

    /// Tapers for Fourier coefficients: Slepian ones, or one Hann window with Welch settings.
    pub(crate) fn fourier_estimator(&self, n_times: usize, sfreq: Hz) -> Result<Multitaper> {
        match *self {
            Self::Multitaper { bandwidth, low_bias, .. } => {
                let params = MultitaperParams { bandwidth_hz: Some(bandwidth), low_bias, adaptive: false };
                Ok(Multitaper::new(n_times, sfreq.0, params)?)
            }
            Self::Welch { .. } => Ok(Multitaper::hann(n_times, sfreq.0)?),
        }
    }
}

/// One PSD per epoch and channel, `[epoch, channel, freq]`, µV²/Hz.
#[derive(Clone, Debug, PartialEq)]
pub struct EpochSpectra {
    channels: Channels,
    freqs_hz: Array1<f64>,
    psd_uv2_hz: Array3<f64>,
    onsets: Vec<Seconds>,
}

impl EpochSpectra {
    /// Spectra from their parts.
    ///
    /// # Errors
    /// [`Error::Shape`] when they disagree.
    pub fn new(
        channels: Channels,
        freqs_hz: Array1<f64>,
        psd_uv2_hz: Array3<f64>,
        onsets: Vec<Seconds>,
    ) -> Result<Self> {
        let expected = (onsets.len(), channels.len(), freqs_hz.len());
        if psd_uv2_hz.dim() == expected {
            return Ok(Self { channels, freqs_hz, psd_uv2_hz, onsets });
        }
        Err(Error::Shape {
            what: "epochs × channels × frequencies of the spectra",
            expected: format!("{expected:?}"),
            got: format!("{:?}", psd_uv2_hz.dim()),
        })
    }

    pub(crate) fn from_epochs(epochs: &Epochs, params: &SpectrumParams) -> Result<Self> {
        let estimator = params.estimator(epochs.n_times(), epochs.sfreq())?;
        let freqs_hz = estimator.freqs_hz();
        let (n_epochs, n_channels, n_freqs) = (epochs.n_epochs(), epochs.channels().len(), freqs_hz.len());
        let mut psd = Array2::zeros((n_epochs * n_channels, n_freqs));
        let data_uv = epochs.data_uv();
        parallel::try_rows(psd.view_mut(), |row, out| {
            let x = data_uv.index_axis(Axis(0), row / n_channels);
            let x = x.index_axis(Axis(0), row % n_channels);
            match &estimator {
                Estimator::Multitaper(multitaper) => multitaper.psd_into(x, out)?,
                Estimator::Welch(welch) => welch.psd_into(x, out)?,
            }
            Ok(())
        })?;
        let shape = |_| Error::Shape {
            what: "spectra",
            expected: n_epochs.to_string(),
            got: psd_len(n_epochs, n_channels),
        };
        let psd = psd.into_shape_with_order((n_epochs, n_channels, n_freqs)).map_err(shape)?;
        Self::new(epochs.channels().clone(), freqs_hz, psd, epochs.onsets().to_vec())
    }

    /// Frequencies, Hz.
    #[must_use]
    pub fn freqs_hz(&self) -> ArrayView1<'_, f64> {
        self.freqs_hz.view()
    }

    /// Densities `[epoch, channel, freq]`, µV²/Hz.
    #[must_use]
    pub fn psd_uv2_hz(&self) -> ArrayView3<'_, f64> {
        self.psd_uv2_hz.view()
    }

    /// Channels.
    #[must_use]
    pub fn channels(&self) -> &Channels {
        &self.channels
    }

    /// True onset of each epoch.
    #[must_use]
    pub fn onsets(&self) -> &[Seconds] {
        &self.onsets
    }

    /// Number of epochs.
    #[must_use]
    pub fn n_epochs(&self) -> usize {
        self.onsets.len()
    }

    /// Mean over epochs.
    #[must_use]
    pub fn mean(&self) -> Spectrum {
        self.reduce(|values| values.iter().sum::<f64>() / values.len() as f64)
    }

    /// Median over epochs.
    #[must_use]
    pub fn median(&self) -> Spectrum {
        self.reduce(|values| median_in_place(values).unwrap_or(0.0))
    }

    fn reduce(&self, statistic: impl Fn(&mut [f64]) -> f64) -> Spectrum {
        let (n_epochs, n_channels, n_freqs) = self.psd_uv2_hz.dim();
        let mut values = vec![0.0; n_epochs];
        let psd_uv2_hz = Array2::from_shape_fn((n_channels, n_freqs), |(c, f)| {
            for (e, value) in values.iter_mut().enumerate() {
                *value = self.psd_uv2_hz[[e, c, f]];
            }
            statistic(&mut values)
        });
        Spectrum { channels: self.channels.clone(), freqs_hz: self.freqs_hz.clone(), psd_uv2_hz }
    }

    /// Band mean of every epoch and channel `[epoch, channel]`, µV²/Hz, mains left out.
    ///
    /// # Errors
    /// [`Error::BandAboveNyquist`] for a band that the rate does not carry, [`Error::Kernel`] when no bin is left.
    pub fn band_power(&self, band: Band, mains: &MainsMask) -> Result<Array2<f64>> {
        let nyquist = self.freqs_hz.last().copied().unwrap_or(0.0);
        if band.high().0 > nyquist + 1e-9 {
            return Err(Error::BandAboveNyquist { band, nyquist: Hz(nyquist) });
        }
        let (n_epochs, n_channels, _) = self.psd_uv2_hz.dim();
        let mut power = Array2::zeros((n_epochs, n_channels));
        for (mut row, epoch) in power.outer_iter_mut().zip(self.psd_uv2_hz.outer_iter()) {
            for (value, psd) in row.iter_mut().zip(epoch.outer_iter()) {
                *value = band_mean(self.freqs_hz.view(), psd, band.low().0, band.high().0, mains)?;
            }
        }
        Ok(power)
    }
}

fn psd_len(n_epochs: usize, n_channels: usize) -> String {
    (n_epochs * n_channels).to_string()
}

/// One PSD per channel, `[channel, freq]`, µV²/Hz.
#[derive(Clone, Debug, PartialEq)]
pub struct Spectrum {
    /// Channels, in the order of the rows.
    pub channels: Channels,
    /// Frequencies, Hz.
    pub freqs_hz: Array1<f64>,
    /// Densities, µV²/Hz.
    pub psd_uv2_hz: Array2<f64>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Recording, Windows};

    fn epochs() -> Epochs {
        let data = Array2::from_shape_fn((2, 2000), |(c, t)| {
            (c + 1) as f64 * (t as f64 * 0.4).sin() + (t % 7) as f64
        });
        let rec = Recording::new(data, Hz(200.0), &["Fz", "Cz"]).unwrap();
        rec.epochs(&Windows::fixed(Seconds(2.0))).unwrap()
    }

    #[test]
    fn doubling_the_signal_quadruples_the_power() {
        let a = epochs();
        let b =
            Epochs::new(a.channels().clone(), a.sfreq(), a.data_uv().mapv(|v| 2.0 * v), a.onsets().to_vec())
                .unwrap();
        for params in [SpectrumParams::default(), SpectrumParams::Welch { window: 1.0, overlap: 0.5 }] {
            let power =
                |e: &Epochs| e.spectra(&params).unwrap().band_power(Band::ALPHA, &MainsMask::NONE).unwrap();
            assert!((power(&b) / power(&a)).iter().all(|r| (r - 4.0).abs() < 1e-9));
        }
    }

    #[test]
    fn bands_above_nyquist_are_named() {
        let spectra = epochs().spectra(&SpectrumParams::default()).unwrap();
        let error = spectra.band_power(Band::HFO, &MainsMask::NONE).unwrap_err().to_string();
        assert!(error.contains("100–170 Hz") && error.contains("100 Hz, half"), "{error}");
    }

    #[test]
    fn median_and_mean_of_one_epoch_are_that_epoch() {
        let one = epochs().select(&[3]).unwrap().spectra(&SpectrumParams::default()).unwrap();
        assert_eq!(one.mean().psd_uv2_hz, one.median().psd_uv2_hz);
        assert_eq!(one.mean().psd_uv2_hz, one.psd_uv2_hz().index_axis(Axis(0), 0));
    }
}

//! Power spectral densities with labels.

use crate::spectrum_params::Estimator;
use crate::{Band, Channels, Epochs, Error, Hz, Result, Seconds, SpectrumParams, parallel};
use dosewave_numerics::spectral::{MainsMask, band_bins, band_mean};
use dosewave_numerics::stats::median_in_place;
use ndarray::{Array1, Array2, Array3, ArrayView1, ArrayView3, Axis, Slice};

/// One PSD per epoch and channel, `[epoch, channel, freq]`, µV²/Hz.
#[derive(Clone, Debug, PartialEq)]
pub struct EpochSpectra {
    channels: Channels,
    freqs_hz: Array1<f64>,
    psd_uv2_hz: Array3<f64>,
    onsets: Vec<Seconds>,
    nyquist: Hz,
}

impl EpochSpectra {
    /// Spectra from their parts; the last frequency counts as half the sampling frequency.
    ///
    /// # Errors
    /// [`Error::Shape`] when they disagree or there is no epoch, [`Error::Invalid`] for frequencies that do not ascend,
    /// [`Error::NotFinite`] for NaN or infinity.
    pub fn new(
        channels: Channels,
        freqs_hz: Array1<f64>,
        psd_uv2_hz: Array3<f64>,
        onsets: Vec<Seconds>,
    ) -> Result<Self> {
        let expected = (onsets.len().max(1), channels.len(), freqs_hz.len().max(1));
        if psd_uv2_hz.dim() != expected || onsets.is_empty() {
            return Err(Error::Shape {
                what: "epochs × channels × frequencies of the spectra",
                expected: format!("{expected:?}"),
                got: format!("{:?}", psd_uv2_hz.dim()),
            });
        }
        if !freqs_hz.iter().all(|f| f.is_finite()) || freqs_hz.windows(2).into_iter().any(|w| w[1] <= w[0]) {
            return Err(Error::Invalid {
                parameter: "freqs_hz",
                value: "frequencies out of order".into(),
                allowed: "finite frequencies that ascend".into(),
            });
        }
        if let Some(((epoch, row, bin), &value)) = psd_uv2_hz.indexed_iter().find(|(_, p)| !p.is_finite()) {
            let channel = format!("{} in the spectrum of epoch {epoch}", channels[row].name);
            return Err(Error::NotFinite { channel, sample: bin, value });
        }
        let nyquist = Hz(freqs_hz[freqs_hz.len() - 1]);
        Ok(Self { channels, freqs_hz, psd_uv2_hz, onsets, nyquist })
    }

    pub(crate) fn from_epochs(epochs: &Epochs, params: &SpectrumParams) -> Result<Self> {
        let estimator = params.estimator(epochs.n_times(), epochs.sfreq())?;
        let freqs_hz = estimator.freqs_hz();
        let (n_epochs, n_channels, n_freqs) = (epochs.n_epochs(), epochs.channels().len(), freqs_hz.len());
        let data_uv = epochs.data_uv();
        let mut psd = Array3::zeros((n_epochs, n_channels, n_freqs));
        parallel::try_rows(psd.view_mut(), |epoch, mut spectra| {
            let channels = data_uv.index_axis(Axis(0), epoch);
            match &estimator {
                Estimator::Multitaper(multitaper) => {
                    multitaper.psds_into(channels, spectra, &mut multitaper.scratch())?;
                }
                Estimator::Welch(welch) => {
                    let mut rows = channels.outer_iter().zip(spectra.outer_iter_mut());
                    rows.try_for_each(|(x, out)| welch.psd_into(x, out))?;
                }
            }
            Ok(())
        })?;
        Self::of_densities(epochs, freqs_hz, psd)
    }

    /// Densities that were computed from `epochs`.
    pub(crate) fn of_densities(epochs: &Epochs, freqs_hz: Array1<f64>, psd: Array3<f64>) -> Result<Self> {
        let spectra = Self::new(epochs.channels().clone(), freqs_hz, psd, epochs.onsets().to_vec())?;
        // an odd number of samples has no bin at half the rate
        Ok(Self { nyquist: Hz(epochs.sfreq().0 / 2.0), ..spectra })
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

    /// A statistic over epochs at each channel and frequency.
    fn reduce(&self, statistic: impl Fn(&mut [f64]) -> f64 + Sync + Send) -> Spectrum {
        let (n_epochs, n_channels, n_freqs) = self.psd_uv2_hz.dim();
        let mut psd_uv2_hz = Array2::zeros((n_channels, n_freqs));
        parallel::rows(psd_uv2_hz.view_mut(), |channel, mut out| {
            // turned to [freq, epoch], so that the statistic sees its values side by side
            let mut by_freq = vec![0.0; n_freqs * n_epochs];
            for (e, spectrum) in self.psd_uv2_hz.index_axis(Axis(1), channel).outer_iter().enumerate() {
                for (value, p) in by_freq.iter_mut().skip(e).step_by(n_epochs).zip(spectrum) {
                    *value = *p;
                }
            }
            for (out, values) in out.iter_mut().zip(by_freq.chunks_exact_mut(n_epochs)) {
                *out = statistic(values);
            }
        });
        Spectrum { channels: self.channels.clone(), freqs_hz: self.freqs_hz.clone(), psd_uv2_hz }
    }

    /// Band mean of every epoch and channel `[epoch, channel]`, µV²/Hz, mains left out.
    ///
    /// # Errors
    /// [`Error::BandAboveNyquist`] for a band that the rate does not carry, [`Error::NothingLeft`] when the band holds no
    /// bin outside the mains.
    pub fn band_power(&self, band: Band, mains: &MainsMask) -> Result<Array2<f64>> {
        let (low, high) = (band.low().0, band.high().0);
        if high > self.nyquist.0 + 1e-9 {
            return Err(Error::BandAboveNyquist { band, nyquist: self.nyquist });
        }
        let bins = band_bins(self.freqs_hz.view(), low, high, mains).map_err(|_| Error::NothingLeft {
            step: "band_power",
            hint: format!(
                "no frequency bin of {band} outside the mains; widen the band or use longer epochs"
            ),
        })?;
        let span = Slice::from(bins[0]..bins[bins.len() - 1] + 1);
        let freqs_hz = self.freqs_hz.slice_axis(Axis(0), span);
        let mut power = Array2::zeros((self.n_epochs(), self.channels.len()));
        parallel::try_rows(power.view_mut(), |epoch, mut row| {
            let spectra = self.psd_uv2_hz.index_axis(Axis(0), epoch);
            for (value, psd) in row.iter_mut().zip(spectra.outer_iter()) {
                *value = band_mean(freqs_hz, psd.slice_axis(Axis(0), span), low, high, mains)?;
            }
            Ok(())
        })?;
        Ok(power)
    }
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
    use crate::{Channel, Recording, Windows};

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
        for params in [SpectrumParams::default(), SpectrumParams::welch(1.0, 0.5)] {
            let power =
                |e: &Epochs| e.spectrum(&params).unwrap().band_power(Band::ALPHA, &MainsMask::NONE).unwrap();
            assert!((power(&b) / power(&a)).iter().all(|r| (r - 4.0).abs() < 1e-9));
        }
    }

    #[test]
    fn bands_above_nyquist_are_named() {
        let spectra = epochs().spectrum(&SpectrumParams::default()).unwrap();
        let error = spectra.band_power(Band::HFO, &MainsMask::NONE).unwrap_err().to_string();
        assert!(error.contains("100–170 Hz") && error.contains("100 Hz, half"), "{error}");
    }

    #[test]
    fn an_odd_epoch_reaches_half_the_rate_too() {
        let data = Array2::from_shape_fn((1, 401), |(_, t)| (t * t % 11) as f64);
        let epochs = Recording::new(data, Hz(200.0), &["Fz"]).unwrap();
        let epochs = epochs.epochs(&Windows::fixed(Seconds(401.0 / 200.0))).unwrap();
        let spectra = epochs.spectrum(&SpectrumParams::default()).unwrap();
        assert!(spectra.freqs_hz()[200] < 100.0);
        let to = |high| spectra.band_power(Band::new(Hz(55.0), Hz(high)).unwrap(), &MainsMask::NONE);
        assert!(to(100.0).is_ok());
        assert!(matches!(to(100.1), Err(Error::BandAboveNyquist { .. })));
    }

    #[test]
    fn a_band_lost_to_the_mains_says_so() {
        let spectra = epochs().spectrum(&SpectrumParams::default()).unwrap();
        let mains = MainsMask { line_hz: Some(50.0), half_width_hz: 2.0 };
        let error =
            spectra.band_power(Band::new(Hz(49.0), Hz(51.0)).unwrap(), &mains).unwrap_err().to_string();
        assert!(error.contains("no frequency bin of 49–51 Hz outside the mains"), "{error}");
    }

    #[test]
    fn mean_and_median_over_epochs_by_hand() {
        let psd = ndarray::array![[[1.0, 10.0]], [[2.0, 40.0]], [[6.0, 10.0]], [[3.0, 20.0]]];
        let spectra = |psd| {
            EpochSpectra::new(
                [Channel::from_name("Cz")].into(),
                ndarray::array![1.0, 2.0],
                psd,
                vec![Seconds(0.0); 4],
            )
        };
        let good = spectra(psd.clone()).unwrap();
        assert_eq!(good.mean().psd_uv2_hz, ndarray::array![[3.0, 20.0]]);
        assert_eq!(good.median().psd_uv2_hz, ndarray::array![[2.5, 15.0]]);
        assert!(spectra(psd.mapv(|p| p / 0.0)).is_err());
    }

    #[test]
    fn spectra_of_nothing_are_refused() {
        let none = EpochSpectra::new([].into(), Array1::zeros(3), Array3::zeros((0, 0, 3)), Vec::new());
        assert!(matches!(none, Err(Error::Shape { .. })));
        let order = ndarray::array![1.0, 1.0];
        let equal = EpochSpectra::new([].into(), order, Array3::zeros((1, 0, 2)), vec![Seconds(0.0)]);
        assert!(matches!(equal, Err(Error::Invalid { .. })));
    }

    #[test]
    fn median_and_mean_of_one_epoch_are_that_epoch() {
        let one = epochs().select(&[3]).unwrap().spectrum(&SpectrumParams::default()).unwrap();
        assert_eq!(one.mean().psd_uv2_hz, one.median().psd_uv2_hz);
        assert_eq!(one.mean().psd_uv2_hz, one.psd_uv2_hz().index_axis(Axis(0), 0));
    }
}

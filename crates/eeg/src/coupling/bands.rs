//! Coefficients of epochs at the bins of bands, with the conventions of mne-connectivity.

use crate::arrays::ConnectivityMode;
use crate::{Channel, Channels, Epochs, Error, Fourier, Hz, Result, Seconds};
use dosewave_numerics::spectral::{Multitaper, MultitaperParams};
use ndarray::{Array1, Array2, ArrayView3};

/// Coefficients from the first to the last bin that is asked for.
pub(super) struct BandCoefficients {
    pub(super) fourier: Fourier,
    /// For each column of a result its bins, counted from the first one of `fourier`.
    pub(super) columns: Vec<Vec<usize>>,
    pub(super) n_tapers: usize,
}

impl BandCoefficients {
    /// Of epochs `[epoch, channel, time]`: a column for each band where `average`, otherwise for each bin of any band.
    pub(super) fn new(
        data: ArrayView3<'_, f64>,
        sfreq: f64,
        mode: ConnectivityMode,
        bands: &[(f64, f64)],
        average: bool,
    ) -> Result<Self> {
        let (n_epochs, n_channels, n_times) = data.dim();
        let multitaper = match mode {
            ConnectivityMode::Multitaper { bandwidth_hz, low_bias } => {
                Multitaper::new(n_times, sfreq, MultitaperParams { bandwidth_hz, low_bias, adaptive: false })?
            }
            ConnectivityMode::Fourier => Multitaper::hann(n_times, sfreq)?,
        };
        let freqs = multitaper.freqs_hz();
        let mut columns: Vec<Vec<usize>> =
            bands.iter().map(|band| bins_of(&freqs, *band)).collect::<Result<_>>()?;
        let first = columns.iter().flatten().min().copied().unwrap_or(0);
        let last = columns.iter().flatten().max().copied().unwrap_or(0);
        if !average {
            let mut all = columns.concat();
            all.sort_unstable();
            all.dedup();
            columns = all.into_iter().map(|bin| vec![bin]).collect();
        }
        columns.iter_mut().flatten().for_each(|bin| *bin -= first);
        let names: Channels = (0..n_channels).map(|c| Channel::from_name(&format!("ch{c}"))).collect();
        let epochs = Epochs::new(names, Hz(sfreq), data.to_owned(), vec![Seconds(0.0); n_epochs])?;
        let fourier = Fourier::from_epochs(&epochs, &multitaper, first..last + 1)?;
        Ok(Self { fourier, columns, n_tapers: multitaper.tapers().eigenvalues.len() })
    }

    /// Mean frequency of each column, Hz.
    pub(super) fn freqs_hz(&self) -> Array1<f64> {
        let freqs = self.fourier.freqs_hz();
        let mean = |bins: &Vec<usize>| bins.iter().map(|&bin| freqs[bin]).sum::<f64>() / bins.len() as f64;
        self.columns.iter().map(mean).collect()
    }

    /// Means over the bins of each column of values `[row, bin]`.
    pub(super) fn means(&self, values: &Array2<f64>) -> Array2<f64> {
        Array2::from_shape_fn((values.nrows(), self.columns.len()), |(row, column)| {
            let bins = &self.columns[column];
            bins.iter().map(|&bin| values[[row, bin]]).sum::<f64>() / bins.len() as f64
        })
    }
}

fn bins_of(freqs: &Array1<f64>, (low, high): (f64, f64)) -> Result<Vec<usize>> {
    let bins: Vec<usize> = (0..freqs.len()).filter(|&k| freqs[k] >= low && freqs[k] <= high).collect();
    if !bins.is_empty() {
        return Ok(bins);
    }
    Err(Error::Invalid {
        parameter: "fmin, fmax",
        value: format!("{low} to {high} Hz"),
        allowed: format!("a band that holds at least one of the bins 0 to {} Hz", freqs[freqs.len() - 1]),
    })
}

/// Refuses channels that are not there.
pub(super) fn check_channels(channels: impl IntoIterator<Item = usize>, n_channels: usize) -> Result<()> {
    match channels.into_iter().find(|&channel| channel >= n_channels) {
        None => Ok(()),
        Some(channel) => Err(Error::Invalid {
            parameter: "indices",
            value: channel.to_string(),
            allowed: format!("channel numbers 0 to {}", n_channels.saturating_sub(1)),
        }),
    }
}

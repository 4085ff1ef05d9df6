//! Connectivity of arrays beside its null.

use super::connectivity::{Coefficients, ConnectivityParams, check_pairs, wanted_bins};
use crate::{Channel, Channels, Epochs, Error, Fourier, Hz, Result, Seconds, SurrogateParams, SurrogateTest};
use ndarray::ArrayView3;

/// [`Fourier::surrogates`] of epochs `[epoch, channel, time]`, with the bands, pairs and conventions of
/// [`super::spectral_connectivity`]; the measure is that of `null`, and `params.measures` is not looked at.
///
/// # Errors
/// As there, and as [`Fourier::surrogates`].
///
/// ```
/// use dosewave_eeg::SurrogateParams;
/// use dosewave_eeg::arrays::{ConnectivityMode, ConnectivityParams, connectivity_surrogates};
/// use dosewave_numerics::{phase::Measure, stats::Stream};
/// let mut stream = Stream::new(1, 0);
/// let data = ndarray::Array3::from_shape_simple_fn((30, 2, 200), || stream.normal());
/// let params = ConnectivityParams {
///     mode: ConnectivityMode::Fourier.into(),
///     measures: Vec::new(),
///     coherency: false,
///     bands: vec![(8.0, 13.0)],
///     average_bands: true,
///     pairs: vec![(1, 0)],
/// };
/// let null = SurrogateParams { n_surrogates: 99, ..SurrogateParams::of(Measure::Plv) };
/// let test = connectivity_surrogates(data.view(), 100.0, &params, &null).unwrap();
/// // noise has a phase-locking value all the same
/// assert!((test.null_mean[[0, 0]] - test.expected).abs() < 0.01 && test.p[[0, 0]] > 0.05);
/// ```
pub fn connectivity_surrogates(
    data: ArrayView3<'_, f64>,
    sfreq: f64,
    params: &ConnectivityParams,
    null: &SurrogateParams,
) -> Result<SurrogateTest> {
    let (fourier, columns) = fourier_of(data, sfreq, params)?;
    fourier.surrogates(&params.pairs, &columns, null)
}

/// Coefficients of the frequencies that `params` asks for, and the bins of each column of the result among them: those of
/// a band, or one.
fn fourier_of(
    data: ArrayView3<'_, f64>,
    sfreq: f64,
    params: &ConnectivityParams,
) -> Result<(Fourier, Vec<Vec<usize>>)> {
    let (n_epochs, n_channels, n_times) = data.dim();
    check_pairs(&params.pairs, n_channels)?;
    let Coefficients::Tapers(mode) = &params.mode else {
        let value = match params.mode {
            Coefficients::Hilbert { .. } => "hilbert",
            _ => "cwt_morlet",
        };
        let allowed = "multitaper, fourier: surrogates of coefficients of each sample are not made".into();
        return Err(Error::Invalid { parameter: "mode", value: value.into(), allowed });
    };
    let multitaper = mode.estimator(n_times, sfreq)?;
    let mut columns = wanted_bins(&multitaper.freqs_hz(), &params.bands, params.average_bands)?;
    let first = columns.iter().flatten().min().copied().unwrap_or(0);
    let last = columns.iter().flatten().max().copied().unwrap_or(0);
    columns.iter_mut().flatten().for_each(|bin| *bin -= first);
    let names =
        Channels::from((0..n_channels).map(|c| Channel::from_name(&format!("ch{c}"))).collect::<Vec<_>>());
    let onsets = vec![Seconds(0.0); n_epochs];
    let epochs = Epochs::new(names, Hz(sfreq), data.to_owned(), onsets)?;
    Ok((Fourier::from_epochs(&epochs, &multitaper, first..last + 1)?, columns))
}

//! Array functions: the kernels over rows, for people who bring their own arrays.
//!
//! Each spreads its rows (or pairs) over threads; the result does not depend on their number.

use crate::epochs::{check_epochs_finite, check_not_empty};
use crate::parallel;
use crate::time_frequency::{TfrParams, TimeFrequency, averaged};
use crate::{Channel, Channels, Epochs, Error, Fourier, Hz, Result, Seconds, SurrogateParams, SurrogateTest};
use dosewave_numerics::aperiodic::{
    self, AperiodicFit, Irasa, IrasaParams, KneeFit, Specparam, SpecparamFit, SpecparamSettings,
};
use dosewave_numerics::first_not_finite;
use dosewave_numerics::phase::Measure;
use dosewave_numerics::spectral::{Multitaper, MultitaperParams, Welch, WelchParams};
use ndarray::{Array1, Array2, ArrayView1, ArrayView2, ArrayView3, ArrayViewMut2, Axis};

/// One-sided PSD of each row by Welch's method: frequencies in Hz and `[row, freq]` in unit²/Hz.
///
/// # Errors
/// Bad settings, a signal shorter than a segment, NaN or infinity.
///
/// ```
/// use dosewave_eeg::arrays::psd_welch;
/// use dosewave_numerics::spectral::{Average, Detrend, WelchParams, Window};
/// let x = ndarray::Array2::from_shape_fn((1, 1000), |(_, t)| (0.2 * std::f64::consts::PI * t as f64).sin());
/// let params = WelchParams {
///     n_fft: 200, n_per_seg: 200, n_overlap: 100, window: Window::Hann, average: Average::Mean, detrend: Detrend::Constant,
/// };
/// let (freqs_hz, psd) = psd_welch(x.view(), 100.0, params).unwrap();
/// // a sine of amplitude 1 at 10 Hz holds a power of 1/2
/// let power: f64 = psd.row(0).sum() * (freqs_hz[1] - freqs_hz[0]);
/// assert!((power - 0.5).abs() < 1e-9);
/// ```
pub fn psd_welch(
    x: ArrayView2<'_, f64>,
    sfreq: f64,
    params: WelchParams,
) -> Result<(Array1<f64>, Array2<f64>)> {
    welch_rows(x, &Welch::new(params, sfreq)?)
}

/// The same with a window of one's own, `n_per_seg` values, in place of the one in `params`.
///
/// # Errors
/// As [`psd_welch`]; a window of another length or without power.
pub fn psd_welch_with(
    x: ArrayView2<'_, f64>,
    sfreq: f64,
    params: WelchParams,
    window: &[f64],
) -> Result<(Array1<f64>, Array2<f64>)> {
    welch_rows(x, &Welch::with_window(params, window, sfreq)?)
}

fn welch_rows(x: ArrayView2<'_, f64>, welch: &Welch) -> Result<(Array1<f64>, Array2<f64>)> {
    let freqs_hz = welch.freqs_hz();
    let mut psd = Array2::zeros((x.nrows(), freqs_hz.len()));
    parallel::try_rows(psd.view_mut(), |row, out| {
        check_finite(row, x.row(row))?;
        Ok(welch.psd_into(x.row(row), out)?)
    })?;
    Ok((freqs_hz, psd))
}

/// One-sided PSD of each row by DPSS multitapers, per Hz: frequencies in Hz and `[row, freq]` in unit²/Hz.
///
/// # Errors
/// Bad settings, a signal too short for one taper, NaN or infinity.
pub fn psd_multitaper(
    x: ArrayView2<'_, f64>,
    sfreq: f64,
    params: MultitaperParams,
) -> Result<(Array1<f64>, Array2<f64>)> {
    let multitaper = Multitaper::new(x.ncols(), sfreq, params)?;
    let freqs_hz = multitaper.freqs_hz();
    let mut psd = Array2::zeros((x.nrows(), freqs_hz.len()));
    multitaper_rows(x, &multitaper, psd.view_mut())?;
    Ok((freqs_hz, psd))
}

/// Rows that share a scratch memory: enough to make it cheap, few enough to spread.
const ROWS_AT_ONCE: usize = 16;

fn multitaper_rows(
    x: ArrayView2<'_, f64>,
    multitaper: &Multitaper,
    psd: ArrayViewMut2<'_, f64>,
) -> Result<()> {
    parallel::try_chunks(psd, ROWS_AT_ONCE, |first, mut rows| {
        let mut scratch = multitaper.scratch();
        for (k, out) in rows.outer_iter_mut().enumerate() {
            check_finite(first + k, x.row(first + k))?;
            multitaper.psd_with(x.row(first + k), out, &mut scratch)?;
        }
        Ok(())
    })
}

/// The aperiodic fit of each row of `psd` (unit²/Hz) at `freqs_hz`, peaks weighted down when `robust`.
///
/// # Errors
/// A power or frequency that is not positive, or fewer bins than a line needs.
pub fn fit_aperiodic(
    freqs_hz: ArrayView1<'_, f64>,
    psd: ArrayView2<'_, f64>,
    robust: bool,
) -> Result<Vec<AperiodicFit>> {
    parallel::try_map(psd.nrows(), |row| {
        let fit = if robust { aperiodic::fit_fixed_robust } else { aperiodic::fit_fixed };
        Ok(fit(freqs_hz, psd.row(row))?)
    })
}

/// A power law with a knee through each row, peaks weighted down when `robust`. A row that cannot be fitted has its reason.
///
/// # Errors
/// None of its own: rows fail by themselves.
pub fn fit_knee(
    freqs_hz: ArrayView1<'_, f64>,
    psd: ArrayView2<'_, f64>,
    robust: bool,
) -> Vec<Result<KneeFit>> {
    let fit = if robust { aperiodic::fit_knee_robust } else { aperiodic::fit_knee };
    parallel::map(psd.nrows(), |row| Ok(fit(freqs_hz, psd.row(row))?))
}

/// The spectral model of each row (see [`Specparam`]). A row that cannot be fitted has its reason.
///
/// # Errors
/// Settings that cannot be, or frequencies that are not positive and ascending.
pub fn specparam(
    freqs_hz: ArrayView1<'_, f64>,
    psd: ArrayView2<'_, f64>,
    settings: SpecparamSettings,
) -> Result<Vec<Result<SpecparamFit>>> {
    let model = Specparam::new(freqs_hz, settings)?;
    Ok(parallel::map(psd.nrows(), |row| Ok(model.fit(psd.row(row))?)))
}

/// [`irasa`](aperiodic::irasa) of each row, a gapless signal.
///
/// # Errors
/// As there; NaN or infinity.
pub fn irasa(x: ArrayView2<'_, f64>, sfreq: f64, params: &IrasaParams) -> Result<Vec<Irasa>> {
    parallel::try_map(x.nrows(), |row| {
        check_finite(row, x.row(row))?;
        Ok(aperiodic::irasa(&[x.row(row)], sfreq, params)?)
    })
}

/// Averages over epochs `[epoch, channel, time]` of power and phase over time and frequency; channels are named by their
/// number. See [`Epochs::time_frequency`].
///
/// # Errors
/// As there; NaN or infinity.
pub fn time_frequency(data: ArrayView3<'_, f64>, sfreq: f64, params: &TfrParams) -> Result<TimeFrequency> {
    let (n_epochs, n_channels, _) = data.dim();
    check_not_empty("time_frequency", n_epochs, n_channels)?;
    let channels: Channels = (0..n_channels).map(|i| Channel::from_name(&i.to_string())).collect();
    check_epochs_finite(&channels, data)?;
    averaged(data, channels, Hz(sfreq), params)
}

/// How Fourier coefficients are estimated for [`spectral_connectivity`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum ConnectivityMode {
    /// DPSS tapers; `bandwidth_hz` of `None` is 8 / duration.
    Multitaper {
        /// Full bandwidth of the tapers, Hz.
        bandwidth_hz: Option<f64>,
        /// Whether only tapers with an eigenvalue above 0.9 are used.
        low_bias: bool,
    },
    /// One symmetric Hann window.
    Fourier,
}

/// What [`spectral_connectivity`] computes.
#[derive(Clone, Debug, PartialEq)]
pub struct ConnectivityParams {
    /// How coefficients are estimated.
    pub mode: ConnectivityMode,
    /// Measures, all from one pass.
    pub measures: Vec<Measure>,
    /// Frequency bands `(low, high)` in Hz, both ends included, as mne-connectivity has them.
    pub bands: Vec<(f64, f64)>,
    /// Whether values are averaged over the bins of each band; if not, there is one value for each bin that lies in any
    /// of the bands, in the order of the frequencies.
    pub average_bands: bool,
    /// Pairs `(seed, target)` of channel indices.
    pub pairs: Vec<(usize, usize)>,
}

/// Connectivity of pairs, as [`spectral_connectivity`] returns it.
#[derive(Clone, Debug, PartialEq)]
pub struct ArrayConnectivity {
    /// Frequencies of the columns, Hz: bins, or the mean frequency of each band.
    pub freqs_hz: Array1<f64>,
    /// One array `[pair, freq]` per measure, in the order asked; NaN where a measure is undefined (a silent channel).
    pub values: Vec<Array2<f64>>,
    /// Number of tapers.
    pub n_tapers: usize,
}

/// Connectivity over epochs `[epoch, channel, time]` with the conventions of mne-connectivity: each epoch's mean is
/// removed, its tapers are summed into one cross-spectrum, a band's value is the mean over its bins.
///
/// # Errors
/// Bands without a bin, pairs of channels that are not there, settings that do not fit the length.
///
/// ```
/// use dosewave_eeg::arrays::{ConnectivityMode, ConnectivityParams, spectral_connectivity};
/// use dosewave_numerics::phase::Measure;
/// // the second channel is minus the first
/// let data = ndarray::Array3::from_shape_fn((5, 2, 200), |(e, c, t)| {
///     (1.0 - 2.0 * c as f64) * ((t * t * 31 + e * 17) % 997) as f64
/// });
/// let params = ConnectivityParams {
///     mode: ConnectivityMode::Fourier,
///     measures: vec![Measure::Coh, Measure::Imcoh],
///     bands: vec![(8.0, 13.0)],
///     average_bands: true,
///     pairs: vec![(1, 0)],
/// };
/// let connectivity = spectral_connectivity(data.view(), 100.0, &params).unwrap();
/// assert!((connectivity.values[0][[0, 0]] - 1.0).abs() < 1e-12);
/// assert!(connectivity.values[1][[0, 0]].abs() < 1e-12); // no lag
/// assert_eq!(connectivity.freqs_hz[0], 10.5);
/// ```
pub fn spectral_connectivity(
    data: ArrayView3<'_, f64>,
    sfreq: f64,
    params: &ConnectivityParams,
) -> Result<ArrayConnectivity> {
    let (fourier, bands) = fourier_of(data, sfreq, params)?;
    let sums = fourier.cross_spectra(&params.pairs)?;
    let columns = |values: &Array2<f64>| -> Array2<f64> {
        let mut found = Array2::zeros((values.nrows(), bands.len()));
        for (mut column, bins) in found.columns_mut().into_iter().zip(&bands) {
            bins.iter().for_each(|bin| column += &values.column(*bin));
            column /= bins.len() as f64;
        }
        found
    };
    let freqs_hz = columns(&fourier.freqs_hz().to_owned().insert_axis(Axis(0))).row(0).to_owned();
    let values = params.measures.iter().map(|m| columns(&sums.sums().measure(*m))).collect();
    Ok(ArrayConnectivity { freqs_hz, values, n_tapers: fourier.weights().len() })
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
    let multitaper = match params.mode {
        ConnectivityMode::Multitaper { bandwidth_hz, low_bias } => {
            Multitaper::new(n_times, sfreq, MultitaperParams { bandwidth_hz, low_bias, adaptive: false })?
        }
        ConnectivityMode::Fourier => Multitaper::hann(n_times, sfreq)?,
    };
    let mut columns = wanted_bins(&multitaper.freqs_hz(), params)?;
    let first = columns.iter().flatten().min().copied().unwrap_or(0);
    let last = columns.iter().flatten().max().copied().unwrap_or(0);
    columns.iter_mut().flatten().for_each(|bin| *bin -= first);
    let names =
        Channels::from((0..n_channels).map(|c| Channel::from_name(&format!("ch{c}"))).collect::<Vec<_>>());
    let onsets = vec![Seconds(0.0); n_epochs];
    let epochs = Epochs::new(names, Hz(sfreq), data.to_owned(), onsets)?;
    Ok((Fourier::from_epochs(&epochs, &multitaper, first..last + 1)?, columns))
}

/// [`Fourier::surrogates`] of epochs `[epoch, channel, time]`, with the bands, pairs and conventions of
/// [`spectral_connectivity`]; the measure is that of `null`, and `params.measures` is not looked at.
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
///     mode: ConnectivityMode::Fourier,
///     measures: Vec::new(),
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

/// Refuses NaN and infinity in a row.
fn check_finite(row: usize, x: ArrayView1<'_, f64>) -> Result<()> {
    match first_not_finite(x) {
        None => Ok(()),
        Some(sample) => Err(Error::NotFinite { channel: format!("row {row}"), sample, value: x[sample] }),
    }
}

fn check_pairs(pairs: &[(usize, usize)], n_channels: usize) -> Result<()> {
    match pairs.iter().find(|(a, b)| *a >= n_channels || *b >= n_channels) {
        None => Ok(()),
        Some((a, b)) => Err(Error::Invalid {
            parameter: "indices",
            value: format!("({a}, {b})"),
            allowed: format!("channel numbers 0 to {}", n_channels.saturating_sub(1)),
        }),
    }
}

/// The bins of each column: of each band, or, where bands are not averaged, each bin of any band once.
fn wanted_bins(freqs: &Array1<f64>, params: &ConnectivityParams) -> Result<Vec<Vec<usize>>> {
    let bands: Vec<Vec<usize>> =
        params.bands.iter().map(|band| band_bins(freqs, *band)).collect::<Result<_>>()?;
    if params.average_bands {
        return Ok(bands);
    }
    let mut all = bands.concat();
    all.sort_unstable();
    all.dedup();
    Ok(all.into_iter().map(|bin| vec![bin]).collect())
}

fn band_bins(freqs: &Array1<f64>, (low, high): (f64, f64)) -> Result<Vec<usize>> {
    let bins: Vec<usize> = (0..freqs.len()).filter(|k| freqs[*k] >= low && freqs[*k] <= high).collect();
    if bins.is_empty() {
        return Err(Error::Invalid {
            parameter: "fmin, fmax",
            value: format!("{low} to {high} Hz"),
            allowed: format!("a band that holds at least one of the bins 0 to {} Hz", freqs[freqs.len() - 1]),
        });
    }
    Ok(bins)
}

#[cfg(test)]
mod tests {
    use super::*;
    use dosewave_numerics::spectral::{Average, Detrend, Window};

    const PARAMS: MultitaperParams = MultitaperParams { bandwidth_hz: None, low_bias: true, adaptive: false };

    #[test]
    fn nan_is_refused_by_row() {
        let mut x = Array2::ones((3, 64));
        x[[2, 5]] = f64::NAN;
        let error = psd_multitaper(x.view(), 100.0, PARAMS).unwrap_err();
        assert!(error.to_string().starts_with("channel 'row 2' holds NaN at sample 5"), "{error}");
        let (n_fft, window, average) = (32, Window::Hann, Average::Mean);
        let params =
            WelchParams { n_fft, n_per_seg: 32, n_overlap: 0, window, average, detrend: Detrend::Constant };
        assert!(matches!(psd_welch(x.view(), 100.0, params), Err(Error::NotFinite { .. })));
    }

    #[test]
    fn pairs_and_bands_that_are_not_there_are_named() {
        let data = ndarray::Array3::from_shape_fn((3, 2, 100), |(e, c, t)| ((e + c + t * t) % 13) as f64);
        let params = |pairs, bands| ConnectivityParams {
            mode: ConnectivityMode::Multitaper { bandwidth_hz: None, low_bias: true },
            measures: vec![Measure::Coh],
            bands,
            average_bands: false,
            pairs,
        };
        let run = |pairs, bands| spectral_connectivity(data.view(), 100.0, &params(pairs, bands));
        let error = run(vec![(1, 2)], vec![(8.0, 13.0)]).unwrap_err().to_string();
        assert_eq!(error, "indices = (1, 2); allowed: channel numbers 0 to 1");
        let error = run(vec![(1, 0)], vec![(60.0, 90.0)]).unwrap_err().to_string();
        assert!(error.contains("at least one of the bins 0 to 50 Hz"), "{error}");
        // two bands that overlap, one value per bin in the order of the frequencies
        let both = run(vec![(1, 0)], vec![(20.0, 22.0), (8.0, 9.0), (21.0, 23.0)]).unwrap();
        assert_eq!(both.freqs_hz.to_vec(), [8.0, 9.0, 20.0, 21.0, 22.0, 23.0]);
        let alone = run(vec![(1, 0)], vec![(20.0, 20.0)]).unwrap();
        assert_eq!(both.values[0][[0, 2]], alone.values[0][[0, 0]]);
    }

    #[test]
    fn a_power_law_is_fitted_row_by_row() {
        let freqs_hz: Array1<f64> = Array1::linspace(1.0, 45.0, 89);
        let psd = Array2::from_shape_fn((2, 89), |(row, k)| 10.0 * freqs_hz[k].powf(-1.0 - row as f64));
        let fits = fit_aperiodic(freqs_hz.view(), psd.view(), false).unwrap();
        assert!((fits[0].exponent - 1.0).abs() < 1e-12 && (fits[1].exponent - 2.0).abs() < 1e-12);
    }
}

//! Array functions: the kernels over rows, for people who bring their own arrays.
//!
//! Each spreads its rows (or pairs) over threads; the result does not depend on their number.

mod connectivity;
mod hilbert;
mod sliding;
mod surrogates;
mod time;
mod transform;

use crate::epochs::{check_epochs_finite, check_not_empty};
use crate::parallel;
use crate::time_frequency::{TfrParams, TimeFrequency, averaged};
use crate::{Channel, Channels, Error, Hz, Result};
pub use connectivity::{
    ArrayConnectivity, Coefficients, ConnectivityMode, ConnectivityParams, spectral_connectivity,
};
use dosewave_numerics::aperiodic::{
    self, AperiodicFit, Irasa, IrasaParams, KneeFit, Specparam, SpecparamFit, SpecparamSettings,
};
use dosewave_numerics::first_not_finite;
use dosewave_numerics::spectral::{Multitaper, MultitaperParams, Welch, WelchParams};
use ndarray::{Array1, Array2, ArrayView1, ArrayView2, ArrayView3, ArrayViewMut2, s};
pub use sliding::{SlidingConnectivity, sliding_connectivity};
pub use surrogates::connectivity_surrogates;
pub use time::{TimeConnectivity, TimeConnectivityParams, TimeTransform, spectral_connectivity_time};

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
    parallel::try_chunks(psd, ROWS_AT_ONCE, |first, rows| {
        let signals = x.slice(s![first..first + rows.nrows(), ..]);
        signals.outer_iter().enumerate().try_for_each(|(k, x)| check_finite(first + k, x))?;
        Ok(multitaper.psds_into(signals, rows, &mut multitaper.scratch())?)
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
    // without peaks a fit takes some microseconds
    let at_least = if settings.max_n_peaks == Some(0) { 1024 } else { 1 };
    Ok(parallel::map_by(psd.nrows(), at_least, |row| Ok(model.fit(psd.row(row))?)))
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
/// number. See [`crate::Epochs::time_frequency`].
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

/// Refuses NaN and infinity in a row.
fn check_finite(row: usize, x: ArrayView1<'_, f64>) -> Result<()> {
    match first_not_finite(x) {
        None => Ok(()),
        Some(sample) => Err(Error::NotFinite { channel: format!("row {row}"), sample, value: x[sample] }),
    }
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
    fn a_power_law_is_fitted_row_by_row() {
        let freqs_hz: Array1<f64> = Array1::linspace(1.0, 45.0, 89);
        let psd = Array2::from_shape_fn((2, 89), |(row, k)| 10.0 * freqs_hz[k].powf(-1.0 - row as f64));
        let fits = fit_aperiodic(freqs_hz.view(), psd.view(), false).unwrap();
        assert!((fits[0].exponent - 1.0).abs() < 1e-12 && (fits[1].exponent - 2.0).abs() < 1e-12);
    }
}

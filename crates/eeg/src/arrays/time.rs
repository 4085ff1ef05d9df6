//! Connectivity over the samples of each epoch.

use super::connectivity::{Columns, check_pairs, wanted_bins};
use super::hilbert::{BandSignal, middles};
use super::transform::check_finite;
use crate::{Error, Result, parallel};
use dosewave_numerics::phase::{Measure, SpectralSmoothing, SplitEpoch, measures_over_time};
use dosewave_numerics::time_frequency::{Tfr, TfrParams};
use ndarray::{Array1, Array2, Array3, ArrayView2, ArrayView3, Axis, s};
use num_complex::Complex64;
use std::ops::{Add, Range};

/// Pairs of one task.
const PAIRS_AT_ONCE: usize = 64;

/// What gives every sample a coefficient.
#[derive(Clone, Debug, PartialEq)]
pub enum TimeTransform {
    /// Wavelets of these frequencies.
    Wavelets(TfrParams),
    /// Analytic signals of the bands: a zero-phase FIR by MNE's rules, then the Hilbert transform of each epoch. A band has one
    /// value.
    Hilbert,
}

/// What [`spectral_connectivity_time`] computes.
#[derive(Clone, Debug, PartialEq)]
pub struct TimeConnectivityParams {
    /// Frequencies and wavelets, or bands.
    pub transform: TimeTransform,
    /// Measures.
    pub measures: Vec<Measure>,
    /// Whether coherency, which is complex, is computed too.
    pub coherency: bool,
    /// Frequency bands `(low, high)` in Hz, both ends included.
    pub bands: Vec<(f64, f64)>,
    /// Whether values are averaged over the frequencies of each band.
    pub average_bands: bool,
    /// Smoothing of the cross-spectra.
    pub smoothing: SpectralSmoothing,
    /// What is cut off at both ends of an epoch after the transform, s; `None` is nothing of wavelets, and half the length of
    /// a band's filter.
    pub padding_s: Option<f64>,
    /// Pairs `(seed, target)` of channel indices.
    pub pairs: Vec<(usize, usize)>,
    /// Whether values are averaged over epochs.
    pub average_epochs: bool,
}

/// Connectivity over time, as [`spectral_connectivity_time`] returns it.
#[derive(Clone, Debug, PartialEq)]
pub struct TimeConnectivity {
    /// Frequencies, Hz, or the mean frequency of each band (its middle with analytic signals).
    pub freqs_hz: Array1<f64>,
    /// One array `[epoch, pair, freq]` per measure, in the order asked; one epoch where they are averaged. NaN where a
    /// measure is undefined (a silent channel).
    pub values: Vec<Array3<f64>>,
    /// Coherency, if asked for.
    pub coherency: Option<Array3<Complex64>>,
}

/// Connectivity over the samples of each epoch of `data` `[epoch, channel, time]`, from wavelets or the analytic signals of
/// bands: another estimand than
/// [`super::spectral_connectivity`], which asks how constant a relation is from epoch to epoch. Equal to mne-connectivity's
/// `spectral_connectivity_time`; see [`measures_over_time`]. One epoch's transform is in memory at a time.
///
/// Bands hold the frequencies from `low` to `high`, both included. (In mne-connectivity 0.9.0 a band that is not a single
/// frequency ends at twice the index of its last one, so that averages over bands differ.)
///
/// # Errors
/// Wavelets longer than an epoch, bands without a frequency, pairs of channels that are not there, padding of half an
/// epoch or more, NaN or infinity.
///
/// ```
/// use dosewave_eeg::arrays::{TimeConnectivityParams, TimeTransform, spectral_connectivity_time};
/// use dosewave_eeg::TfrParams;
/// use dosewave_numerics::phase::{Measure, SpectralSmoothing};
/// // a tone of 10 Hz that the second channel has 10 ms later, with a phase that differs from epoch to epoch
/// let data = ndarray::Array3::from_shape_fn((3, 2, 400), |(e, c, t)| {
///     (std::f64::consts::TAU * 10.0 * (t as f64 / 200.0 - 0.01 * c as f64) + e as f64).sin()
/// });
/// let params = TimeConnectivityParams {
///     transform: TimeTransform::Wavelets(TfrParams { zero_mean: false, ..TfrParams::morlet(&[10.0], &[7.0]) }),
///     measures: vec![Measure::Plv, Measure::Dpli],
///     coherency: false,
///     bands: vec![(10.0, 10.0)],
///     average_bands: false,
///     smoothing: SpectralSmoothing::none(),
///     padding_s: Some(0.5),
///     pairs: vec![(0, 1)],
///     average_epochs: false,
/// };
/// let found = spectral_connectivity_time(data.view(), 200.0, &params).unwrap();
/// assert!(found.values[0].iter().all(|plv| *plv > 0.999) && found.values[1].iter().all(|dpli| *dpli == 1.0));
/// ```
pub fn spectral_connectivity_time(
    data: ArrayView3<'_, f64>,
    sfreq: f64,
    params: &TimeConnectivityParams,
) -> Result<TimeConnectivity> {
    let (n_epochs, n_channels, n_times) = data.dim();
    check_pairs(&params.pairs, n_channels)?;
    let transform = Transform::new(n_times, sfreq, params)?;
    let columns = Columns { groups: &transform.groups, n_times: 1 };
    let n_columns = columns.len();
    let n_out = if params.average_epochs { n_epochs.min(1) } else { n_epochs };
    let dim = (n_out, params.pairs.len(), n_columns);
    let mut values = vec![Array3::zeros(dim); params.measures.len()];
    let mut coherency = params.coherency.then(|| Array3::zeros(dim));
    for (e, epoch) in data.outer_iter().enumerate() {
        check_finite(epoch, e)?;
        let (of_measures, cohy) = one_epoch(epoch, &transform, params)?;
        let out = if params.average_epochs { 0 } else { e };
        for (values, one) in values.iter_mut().zip(of_measures.outer_iter()) {
            add(values, out, &columns.of(one, |n| n as f64));
        }
        if let (Some(sum), Some(one)) = (&mut coherency, &cohy) {
            add(sum, out, &columns.of(one.view(), |n| Complex64::new(n as f64, 0.0)));
        }
    }
    if params.average_epochs {
        values.iter_mut().for_each(|values| values.mapv_inplace(|sum| sum / n_epochs as f64));
        coherency.iter_mut().for_each(|values| values.mapv_inplace(|sum| sum / n_epochs as f64));
    }
    let freqs_row = columns.of(transform.freqs_hz.view().insert_axis(Axis(0)), |n| n as f64);
    Ok(TimeConnectivity { freqs_hz: freqs_row.row(0).to_owned(), values, coherency })
}

fn add<T: Copy + Add<Output = T>>(sums: &mut Array3<T>, epoch: usize, values: &Array2<T>) {
    let mut row = sums.index_axis_mut(Axis(0), epoch);
    row.zip_mut_with(values, |sum, value| *sum = *sum + *value);
}

struct Transform {
    method: Method,
    freqs_hz: Array1<f64>,
    /// The frequencies of each column.
    groups: Vec<Vec<usize>>,
}

enum Method {
    /// With the samples that are left of what comes out.
    Wavelets(Tfr, Range<usize>),
    /// One for each frequency, which is the middle of a band.
    Bands(Vec<BandSignal>),
}

impl Transform {
    fn new(n_times: usize, sfreq: f64, params: &TimeConnectivityParams) -> Result<Self> {
        match &params.transform {
            TimeTransform::Wavelets(tfr) => {
                let freqs_hz = Array1::from(tfr.freqs_hz.clone());
                let groups = wanted_bins(&freqs_hz, &params.bands, params.average_bands)?;
                let kept = kept(n_times, sfreq, tfr.decim, params.padding_s.unwrap_or(0.0))?;
                let method = Method::Wavelets(Tfr::new(n_times, sfreq, tfr)?, kept);
                Ok(Self { method, freqs_hz, groups })
            }
            TimeTransform::Hilbert => {
                let n_freqs = params.smoothing.n_freqs();
                if n_freqs > 1 {
                    let (value, allowed) = (n_freqs.to_string(), "1: bands are not neighbours".into());
                    return Err(Error::Invalid { parameter: "smoothing over frequencies", value, allowed });
                }
                let signal = |band: &(f64, f64)| BandSignal::new(*band, params.padding_s, n_times, sfreq);
                let method = Method::Bands(params.bands.iter().map(signal).collect::<Result<_>>()?);
                let groups = (0..params.bands.len()).map(|band| vec![band]).collect();
                Ok(Self { method, freqs_hz: middles(&params.bands), groups })
            }
        }
    }
}

/// What padding leaves of an epoch.
fn kept(n_times: usize, sfreq: f64, decim: usize, padding_s: f64) -> Result<Range<usize>> {
    let (n_out, decim) = (n_times.div_ceil(decim.max(1)), decim.max(1) as f64);
    let half_s = n_times as f64 / sfreq / 2.0;
    if !(padding_s >= 0.0 && padding_s < half_s) {
        return Err(Error::Invalid {
            parameter: "padding",
            value: format!("{padding_s} s"),
            allowed: format!("0 or more, and below {half_s} s, half an epoch"),
        });
    }
    let cut = (padding_s * sfreq / decim).floor() as usize;
    if 2 * cut >= n_out {
        let (value, allowed) = (format!("{padding_s} s"), "less, so that a sample is left".into());
        return Err(Error::Invalid { parameter: "padding", value, allowed });
    }
    Ok(cut..n_out - cut)
}

/// `[measure, pair, freq]` of one epoch `[channel, time]`.
fn one_epoch(
    epoch: ArrayView2<'_, f64>,
    transform: &Transform,
    params: &TimeConnectivityParams,
) -> Result<(Array3<f64>, Option<Array2<Complex64>>)> {
    let (n_measures, n_freqs) = (params.measures.len(), transform.freqs_hz.len());
    let mut values = Array3::zeros((n_measures, params.pairs.len(), n_freqs));
    let mut coherency = params.coherency.then(|| Array2::zeros((params.pairs.len(), n_freqs)));
    let chunks: Vec<&[(usize, usize)]> = params.pairs.chunks(PAIRS_AT_ONCE).collect();
    // bands whose ends are cut by different lengths have different numbers of samples
    for (freqs, split) in by_frequency(epoch, transform)? {
        let found = parallel::try_map(chunks.len(), |chunk| {
            let TimeConnectivityParams { smoothing, measures, coherency, .. } = params;
            Ok(measures_over_time(&split, chunks[chunk], smoothing, measures, *coherency)?)
        })?;
        for (chunk, (of_measures, cohy)) in found.iter().enumerate() {
            let pairs = chunk * PAIRS_AT_ONCE..chunk * PAIRS_AT_ONCE + of_measures.dim().1;
            values.slice_mut(s![.., pairs.clone(), freqs.clone()]).assign(of_measures);
            if let (Some(all), Some(some)) = (&mut coherency, cohy) {
                all.slice_mut(s![pairs, freqs.clone()]).assign(some);
            }
        }
    }
    Ok((values, coherency))
}

/// Coefficients of one epoch: some frequencies that have as many samples, one frequency after the other.
fn by_frequency(
    epoch: ArrayView2<'_, f64>,
    transform: &Transform,
) -> Result<Vec<(Range<usize>, Vec<SplitEpoch>)>> {
    match &transform.method {
        Method::Wavelets(tfr, kept) => Ok(vec![(0..tfr.n_freqs(), of_wavelets(epoch, tfr, kept)?)]),
        Method::Bands(signals) => parallel::try_map(signals.len(), |band| {
            let z = signals[band].of_epoch(epoch)?.insert_axis(Axis(1));
            Ok((band..band + 1, vec![SplitEpoch::new(z.view(), &[1.0])?]))
        }),
    }
}

fn of_wavelets(epoch: ArrayView2<'_, f64>, tfr: &Tfr, kept: &Range<usize>) -> Result<Vec<SplitEpoch>> {
    let n_channels = epoch.nrows();
    let coefs = parallel::try_map(n_channels, |channel| Ok(tfr.coefficients(epoch.row(channel))?))?;
    parallel::try_map(tfr.n_freqs(), |f| {
        let roots: Vec<f64> = tfr.weights()[f].iter().map(|weight| weight.sqrt()).collect();
        let mut split = SplitEpoch::zeros(n_channels, &roots, kept.len());
        for (channel, coefs) in coefs.iter().enumerate() {
            for taper in 0..tfr.n_tapers() {
                let row = coefs.slice(s![taper, f, kept.clone()]);
                split.set_row(channel, taper, &row.to_vec())?;
            }
        }
        Ok(split)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn params() -> TimeConnectivityParams {
        TimeConnectivityParams {
            transform: TimeTransform::Wavelets(TfrParams::morlet(&[8.0, 10.0, 12.0, 20.0], &[3.0])),
            measures: vec![Measure::Coh, Measure::Wpli],
            coherency: true,
            bands: vec![(8.0, 13.0), (13.0, 30.0)],
            average_bands: true,
            smoothing: SpectralSmoothing::none(),
            padding_s: None,
            pairs: vec![(1, 0), (2, 1)],
            average_epochs: false,
        }
    }

    fn data() -> Array3<f64> {
        let noise = crate::testing::noise(3, 600, 100.0);
        Array3::from_shape_fn((3, 3, 200), |(e, c, t)| noise.data_uv()[[c, e * 200 + t]])
    }

    #[test]
    fn bands_and_epochs_are_means_of_what_they_hold() {
        let data = data();
        let all = TimeConnectivityParams { average_bands: false, ..params() };
        let each = spectral_connectivity_time(data.view(), 100.0, &all).unwrap();
        assert_eq!((each.values[0].dim(), each.freqs_hz.to_vec()), ((3, 2, 4), vec![8.0, 10.0, 12.0, 20.0]));
        let bands = spectral_connectivity_time(data.view(), 100.0, &params()).unwrap();
        assert_eq!(bands.freqs_hz.to_vec(), [10.0, 20.0]);
        let averaged = TimeConnectivityParams { average_epochs: true, ..params() };
        let averaged = spectral_connectivity_time(data.view(), 100.0, &averaged).unwrap();
        for (m, each) in each.values.iter().enumerate() {
            let alpha = each.slice(s![.., .., ..3]).mean_axis(Axis(2)).unwrap();
            let gap = &bands.values[m].slice(s![.., .., 0]) - &alpha;
            assert!(gap.iter().all(|v| v.abs() < 1e-14));
            let gap = &averaged.values[m].slice(s![0, .., 0]) - &alpha.mean_axis(Axis(0)).unwrap();
            assert!(gap.iter().all(|v| v.abs() < 1e-14));
        }
        let (one, mean) = (bands.coherency.unwrap(), averaged.coherency.unwrap());
        let gap = &one.mean_axis(Axis(0)).unwrap() - &mean.index_axis(Axis(0), 0);
        assert!(gap.iter().all(|z| z.norm() < 1e-14));
    }

    #[test]
    fn padding_cuts_both_ends() {
        assert_eq!(kept(200, 100.0, 1, 0.257).unwrap(), 25..175);
        assert_eq!(kept(200, 100.0, 3, 0.2).unwrap(), 6..61);
        for padding_s in [-0.1, 1.0, f64::NAN] {
            assert!(kept(200, 100.0, 1, padding_s).is_err());
        }
        let two = SpectralSmoothing::square(1, 2).unwrap();
        let bands = TimeConnectivityParams { transform: TimeTransform::Hilbert, smoothing: two, ..params() };
        assert!(spectral_connectivity_time(data().view(), 100.0, &bands).is_err());
    }

    #[cfg(feature = "parallel")]
    #[test]
    fn the_same_bytes_for_any_number_of_threads() {
        let with = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| spectral_connectivity_time(data().view(), 100.0, &params()).unwrap())
        };
        let one = with(1);
        assert!(one == with(2) && one == with(16));
    }
}

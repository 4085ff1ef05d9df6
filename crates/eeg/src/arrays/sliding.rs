//! Connectivity over windows of epochs that slide.

use super::connectivity::{check_pairs, wanted_bins};
use super::transform::{EpochTransform, Split};
use super::{Coefficients, ConnectivityParams, hilbert};
use crate::{Error, Result, parallel};
use dosewave_numerics::phase::{SlidingWindows, SplitEpoch, WindowSums, in_blocks};
use ndarray::{Array1, Array3, ArrayView3, Axis, s};
use std::collections::VecDeque;

/// Pairs of one task.
const PAIRS_AT_ONCE: usize = 64;
/// Windows whose values one task puts in their places.
const WINDOWS_AT_ONCE: usize = 8;
/// Epochs whose coefficients are in memory at a time, if that is more than a few windows.
const EPOCHS_AT_ONCE: usize = 64;
/// Bytes of coefficients in memory at a time, if that is more.
const BYTES_AT_ONCE: usize = 64 << 20;

/// Connectivity over sliding windows, as [`sliding_connectivity`] returns it.
#[derive(Clone, Debug, PartialEq)]
pub struct SlidingConnectivity {
    /// Frequencies, Hz: bins, or the mean frequency of each band.
    pub freqs_hz: Array1<f64>,
    /// One array `[window, pair, freq]` per measure, in the order asked; NaN where a measure is undefined.
    pub values: Vec<Array3<f64>>,
    /// First epoch of each window.
    pub first_epochs: Vec<usize>,
    /// Number of tapers.
    pub n_tapers: usize,
}

/// The measures of [`super::spectral_connectivity`] over windows of epochs that slide along `data`
/// `[epoch, channel, time]`.
///
/// Every epoch is transformed once, and every cross-spectrum computed once, however many windows it lies in; see
/// [`sliding_measures`](dosewave_numerics::phase::sliding_measures). Coefficients of a few windows are in memory at a time,
/// and the values that are returned.
///
/// # Errors
/// As [`super::spectral_connectivity`]; windows longer than `data`, or of no epoch; wavelets and coherency, which have no
/// time course here.
///
/// ```
/// use dosewave_eeg::arrays::{ConnectivityMode, ConnectivityParams, sliding_connectivity};
/// use dosewave_numerics::phase::{Measure, SlidingWindows};
/// let data = ndarray::Array3::from_shape_fn((20, 2, 200), |(e, c, t)| {
///     ((t * t * 31 + e * 17 + c * (e / 10) * t * 7) % 997) as f64 // alike in the first half, apart in the second
/// });
/// let params = ConnectivityParams {
///     mode: ConnectivityMode::Fourier.into(),
///     measures: vec![Measure::Coh],
///     coherency: false,
///     bands: vec![(8.0, 13.0)],
///     average_bands: true,
///     pairs: vec![(1, 0)],
/// };
/// let windows = SlidingWindows { length: 5, step: 5 };
/// let course = sliding_connectivity(data.view(), 100.0, windows, &params).unwrap();
/// assert_eq!(course.first_epochs, [0, 5, 10, 15]);
/// let coh = course.values[0].slice(ndarray::s![.., 0, 0]).to_vec();
/// assert!((coh[0] - 1.0).abs() < 1e-9 && coh[3] < 0.9);
/// ```
pub fn sliding_connectivity(
    data: ArrayView3<'_, f64>,
    sfreq: f64,
    windows: SlidingWindows,
    params: &ConnectivityParams,
) -> Result<SlidingConnectivity> {
    let (n_epochs, n_channels, n_times) = data.dim();
    check_pairs(&params.pairs, n_channels)?;
    let refuse = |parameter, value: &str, allowed: &str| {
        Err(Error::Invalid { parameter, value: value.into(), allowed: allowed.into() })
    };
    if matches!(params.mode, Coefficients::CwtMorlet { .. }) {
        return refuse("mode", "cwt_morlet", "multitaper, fourier, hilbert");
    }
    if params.coherency {
        return refuse("method", "cohy", "measures that are real: coh, imcoh …");
    }
    if let Coefficients::Hilbert { edge_s } = params.mode {
        return hilbert::over_windows(data, sfreq, windows, params, edge_s);
    }
    let n_windows = windows.count(n_epochs)?;
    let transform = EpochTransform::new(&params.mode, n_times, sfreq, &params.bands)?;
    let freqs = transform.freqs_hz();
    let groups = wanted_bins(freqs, &params.bands, params.average_bands)?;
    let freqs_hz = groups.iter().map(|bins| bins.iter().map(|k| freqs[*k]).sum::<f64>() / bins.len() as f64);
    let mut values =
        vec![Array3::zeros((n_windows, params.pairs.len(), groups.len())); params.measures.len()];
    let mut ahead = Ahead::new(data, &transform, n_channels);
    let order = in_blocks(&params.pairs);
    let pairs: Vec<(usize, usize)> = order.iter().map(|pair| params.pairs[*pair]).collect();
    let at_once = windows_at_once(windows, transform.bytes(n_channels));
    for first in (0..n_windows).step_by(at_once) {
        let last = (first + at_once).min(n_windows) - 1;
        let epochs = ahead.epochs(first * windows.step, last * windows.step + windows.length)?;
        let chunks: Vec<&[(usize, usize)]> = pairs.chunks(PAIRS_AT_ONCE).collect();
        let mut sums: Vec<WindowSums> = parallel::try_map(chunks.len(), |chunk| {
            Ok(WindowSums::new(&epochs, chunks[chunk], windows, &params.measures, &groups)?)
        })?;
        for block in 0..sums.first().map_or(0, WindowSums::n_blocks) {
            parallel::try_items(&mut sums, |_, sums| Ok(sums.add(&epochs, block)?))?;
        }
        let places: Vec<&[usize]> = order.chunks(PAIRS_AT_ONCE).collect();
        for (measure, values) in values.iter_mut().enumerate() {
            let mut values = values.slice_mut(s![first..=last, .., ..]);
            let mut lots: Vec<_> = values.axis_chunks_iter_mut(Axis(0), WINDOWS_AT_ONCE).collect();
            parallel::try_items(&mut lots, |lot, values| {
                let start = lot * WINDOWS_AT_ONCE;
                for (sums, places) in sums.iter().zip(&places) {
                    let windows = start..start + values.len_of(Axis(0));
                    sums.each_value(measure, windows, |[window, pair, group], value| {
                        values[[window - start, places[pair], group]] = value;
                    });
                }
                Ok(())
            })?;
        }
    }
    Ok(SlidingConnectivity {
        freqs_hz: freqs_hz.collect(),
        values,
        first_epochs: (0..n_windows).map(|window| window * windows.step).collect(),
        n_tapers: transform.n_tapers(),
    })
}

/// Enough windows that the cross-spectra of epochs which two lots share are a small part of the work: a third, or a seventh
/// where epochs are small.
fn windows_at_once(windows: SlidingWindows, bytes_of_an_epoch: usize) -> usize {
    let in_memory = (BYTES_AT_ONCE / bytes_of_an_epoch).min(8 * windows.length);
    let n_epochs = EPOCHS_AT_ONCE.max(4 * windows.length).max(in_memory);
    (n_epochs - windows.length) / windows.step + 1
}

/// Coefficients of the epochs that are needed, each transformed once.
struct Ahead<'a> {
    data: ArrayView3<'a, f64>,
    transform: &'a EpochTransform,
    n_channels: usize,
    first: usize,
    epochs: VecDeque<SplitEpoch>,
}

impl<'a> Ahead<'a> {
    fn new(data: ArrayView3<'a, f64>, transform: &'a EpochTransform, n_channels: usize) -> Self {
        Self { data, transform, n_channels, first: 0, epochs: VecDeque::new() }
    }

    /// Those from `from` to `to`, which may not lie before those of the last call.
    fn epochs(&mut self, from: usize, to: usize) -> Result<Vec<&SplitEpoch>> {
        self.epochs.drain(..(from - self.first).min(self.epochs.len()));
        self.first = from;
        let next = from + self.epochs.len();
        if next < to {
            let mut split = Split::exactly(self.transform, self.n_channels, to - next);
            split.transform(self.data.slice_axis(Axis(0), (next..to).into()), next)?;
            self.epochs.extend(split.into_epochs());
        }
        Ok(self.epochs.iter().take(to - from).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arrays::{ConnectivityMode, spectral_connectivity};
    use dosewave_numerics::phase::Measure;

    fn params(mode: ConnectivityMode, average_bands: bool) -> ConnectivityParams {
        ConnectivityParams {
            mode: mode.into(),
            measures: vec![Measure::Wpli2Debiased, Measure::Coh, Measure::Ciplv],
            coherency: false,
            bands: vec![(4.0, 8.0), (8.0, 13.0)],
            average_bands,
            pairs: vec![(1, 0), (2, 0), (2, 1)],
        }
    }

    fn data(n_epochs: usize) -> Array3<f64> {
        let noise = crate::testing::noise(3, n_epochs * 100, 100.0);
        Array3::from_shape_fn((n_epochs, 3, 100), |(e, c, t)| noise.data_uv()[[c, e * 100 + t]])
    }

    #[test]
    fn every_window_is_the_connectivity_of_its_epochs() {
        let data = data(17);
        let multitaper = ConnectivityMode::Multitaper { bandwidth_hz: Some(4.0), low_bias: true };
        for (mode, average) in [(multitaper, true), (ConnectivityMode::Fourier, false)] {
            let params = params(mode, average);
            let windows = SlidingWindows { length: 6, step: 2 };
            let course = sliding_connectivity(data.view(), 100.0, windows, &params).unwrap();
            assert_eq!(course.first_epochs, [0, 2, 4, 6, 8, 10]);
            for (window, first) in course.first_epochs.iter().enumerate() {
                let alone = data.slice(s![*first..first + 6, .., ..]);
                let alone = spectral_connectivity(alone, 100.0, &params).unwrap();
                assert_eq!(alone.freqs_hz, course.freqs_hz);
                for (course, alone) in course.values.iter().zip(&alone.values) {
                    let gap = &course.index_axis(Axis(0), window) - alone;
                    assert!(gap.iter().all(|v| v.abs() < 1e-12), "{gap}");
                }
            }
        }
    }

    /// More windows than are in memory at a time: the lots meet without a seam.
    #[test]
    fn lots_of_windows_meet_without_a_seam() {
        let data = data(30);
        let params = params(ConnectivityMode::Fourier, true);
        let transform = EpochTransform::new(&params.mode, 100, 100.0, &params.bands).unwrap();
        let mut ahead = Ahead::new(data.view(), &transform, 3);
        for (from, to) in [(0, 10), (7, 20), (20, 21), (25, 30)] {
            let mut all = Ahead::new(data.view(), &transform, 3);
            let whole: Vec<SplitEpoch> =
                all.epochs(0, 30).unwrap().into_iter().skip(from).take(to - from).cloned().collect();
            let lot: Vec<SplitEpoch> = ahead.epochs(from, to).unwrap().into_iter().cloned().collect();
            assert_eq!(lot, whole);
        }
        let windows = SlidingWindows { length: 20, step: 3 };
        assert_eq!((windows_at_once(windows, 1 << 20), windows_at_once(windows, 1 << 10)), (21, 47));
    }

    #[test]
    fn what_has_no_time_course_is_refused() {
        let data = data(5);
        let windows = SlidingWindows { length: 6, step: 1 };
        let fourier = params(ConnectivityMode::Fourier, true);
        let run = |windows, params: &ConnectivityParams| {
            sliding_connectivity(data.view(), 100.0, windows, params).map(|_| ()).unwrap_err().to_string()
        };
        assert!(run(windows, &fourier).contains("at least 6 needed"));
        let windows = SlidingWindows { length: 2, step: 1 };
        assert!(run(windows, &ConnectivityParams { coherency: true, ..fourier.clone() }).contains("cohy"));
        let mode = Coefficients::CwtMorlet { freqs_hz: vec![10.0], n_cycles: vec![3.0] };
        assert!(run(windows, &ConnectivityParams { mode, ..fourier }).contains("cwt_morlet"));
    }
}

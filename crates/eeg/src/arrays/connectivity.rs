//! Connectivity of pairs over epochs, as mne-connectivity's `spectral_connectivity_epochs` has it.

use super::hilbert;
use super::transform::{EpochTransform, Split};
use crate::{Error, Result, parallel};
use dosewave_numerics::phase::{AddEpochs, Measure, PairSums, SplitEpoch};
use dosewave_numerics::spectral::{Multitaper, MultitaperParams};
use ndarray::{Array1, Array2, ArrayView1, ArrayView2, ArrayView3, Axis};
use num_complex::Complex64;
use std::ops::{Add, Div};

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

impl ConnectivityMode {
    /// The estimator for epochs of `n_times` samples.
    pub(super) fn estimator(self, n_times: usize, sfreq: f64) -> Result<Multitaper> {
        Ok(match self {
            Self::Multitaper { bandwidth_hz, low_bias } => {
                Multitaper::new(n_times, sfreq, MultitaperParams { bandwidth_hz, low_bias, adaptive: false })?
            }
            Self::Fourier => Multitaper::hann(n_times, sfreq)?,
        })
    }
}

/// Coefficients of a whole epoch, or of each of its samples.
#[derive(Clone, Debug, PartialEq)]
pub enum Coefficients {
    /// One value per frequency and taper.
    Tapers(ConnectivityMode),
    /// Morlet wavelets: one value per frequency and sample.
    CwtMorlet {
        /// Frequencies, Hz, ascending.
        freqs_hz: Vec<f64>,
        /// Length of the wavelets in cycles: one number for all frequencies or one for each.
        n_cycles: Vec<f64>,
    },
    /// Analytic signals of the bands (zero-phase FIR by MNE's rules, then the Hilbert transform of each epoch): every sample of
    /// every epoch is an observation, and a band has one value.
    Hilbert {
        /// What is cut off at both ends of an epoch, s; `None` is half the length of the filter, as far as the ends reach.
        edge_s: Option<f64>,
    },
}

impl From<ConnectivityMode> for Coefficients {
    fn from(mode: ConnectivityMode) -> Self {
        Self::Tapers(mode)
    }
}

/// What [`spectral_connectivity`] computes.
#[derive(Clone, Debug, PartialEq)]
pub struct ConnectivityParams {
    /// How coefficients are estimated.
    pub mode: Coefficients,
    /// Measures, all from one pass. Only the sums that they are functions of are computed.
    pub measures: Vec<Measure>,
    /// Whether coherency, which is complex, is computed too.
    pub coherency: bool,
    /// Frequency bands `(low, high)` in Hz, both ends included, as mne-connectivity has them.
    pub bands: Vec<(f64, f64)>,
    /// Whether values are averaged over the bins of each band; if not, there is one value for each bin that lies in any
    /// of the bands, in the order of the frequencies.
    pub average_bands: bool,
    /// Pairs `(seed, target)` of channel indices.
    pub pairs: Vec<(usize, usize)>,
}

impl ConnectivityParams {
    /// The measures, and coherence where coherency needs its sums.
    pub(super) fn summed(&self) -> Vec<Measure> {
        let coherence = self.coherency.then_some(Measure::Coh);
        self.measures.iter().copied().chain(coherence).collect()
    }
}

/// Connectivity of pairs, as [`spectral_connectivity`] returns it.
#[derive(Clone, Debug, PartialEq)]
pub struct ArrayConnectivity {
    /// Frequencies, Hz: bins, or the mean frequency of each band (its middle with analytic signals).
    pub freqs_hz: Array1<f64>,
    /// One array `[pair, freq]` per measure, in the order asked; NaN where a measure is undefined (a silent channel).
    /// With wavelets `[pair, freq × time]`, time running fastest.
    pub values: Vec<Array2<f64>>,
    /// Coherency, if asked for.
    pub coherency: Option<Array2<Complex64>>,
    /// Values per frequency: 1, or the samples of an epoch with wavelets.
    pub n_times: usize,
    /// Number of tapers.
    pub n_tapers: usize,
}

/// Connectivity over epochs `[epoch, channel, time]` with the conventions of mne-connectivity: each epoch's mean is
/// removed (but for wavelets, which have none), its tapers are summed into one cross-spectrum, a band's value is the mean
/// over its bins.
///
/// With analytic signals ([`Coefficients::Hilbert`]) the samples of all epochs together take the place of epochs. They resemble
/// their neighbours, so that biased measures are larger than their formula says for so many; compare as many epochs of the
/// same length.
///
/// Epochs are transformed some at a time, so memory is that of the sums: pairs × frequencies, whatever the epochs.
///
/// # Errors
/// Bands without a bin, pairs of channels that are not there, settings that do not fit the length, NaN or infinity.
///
/// ```
/// use dosewave_eeg::arrays::{ConnectivityMode, ConnectivityParams, spectral_connectivity};
/// use dosewave_numerics::phase::Measure;
/// // the second channel is minus the first
/// let data = ndarray::Array3::from_shape_fn((5, 2, 200), |(e, c, t)| {
///     (1.0 - 2.0 * c as f64) * ((t * t * 31 + e * 17) % 997) as f64
/// });
/// let params = ConnectivityParams {
///     mode: ConnectivityMode::Fourier.into(),
///     measures: vec![Measure::Coh, Measure::Imcoh],
///     coherency: false,
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
    let (_, n_channels, n_times) = data.dim();
    check_pairs(&params.pairs, n_channels)?;
    if let Coefficients::Hilbert { edge_s } = params.mode {
        return hilbert::over_epochs(data, sfreq, params, edge_s);
    }
    let transform = EpochTransform::new(&params.mode, n_times, sfreq, &params.bands)?;
    let freqs = transform.freqs_hz().to_owned();
    let groups = wanted_bins(&freqs, &params.bands, params.average_bands)?;
    let mut sums = PairSums::for_measures(n_channels, &params.pairs, transform.n_values(), &params.summed())?;
    let mut split = Split::new(&transform, n_channels, data.dim().0);
    let at_once = split.at_once().max(1);
    for (lot, epochs) in data.axis_chunks_iter(Axis(0), at_once).enumerate() {
        let epochs: Vec<&SplitEpoch> = split.transform(epochs, lot * at_once)?.iter().collect();
        parallel::each(sums.adding(&epochs, &epochs)?, AddEpochs::run);
    }
    let columns = Columns { groups: &groups, n_times: transform.n_times() };
    Ok(ArrayConnectivity {
        freqs_hz: Columns { n_times: 1, ..columns }
            .of(freqs.view().insert_axis(Axis(0)), |n| n as f64)
            .row(0)
            .to_owned(),
        values: params.measures.iter().map(|measure| columns.of_measure(&sums, *measure)).collect(),
        coherency: params
            .coherency
            .then(|| columns.of(sums.coherency().view(), |n| Complex64::new(n as f64, 0.0))),
        n_times: transform.n_times(),
        n_tapers: transform.n_tapers(),
    })
}

/// Pairs whose means are computed by one thread: their sums at all frequencies are some megabytes.
const PAIRS_AT_ONCE: usize = 512;

/// Which columns of `[pair, freq × time]` are wanted.
#[derive(Clone, Copy)]
pub(super) struct Columns<'a> {
    /// The bins of each: those of a band, or one.
    pub(super) groups: &'a [Vec<usize>],
    pub(super) n_times: usize,
}

impl Columns<'_> {
    /// How many.
    pub(super) fn len(self) -> usize {
        self.groups.len() * self.n_times
    }

    /// The mean over the bins of each.
    pub(super) fn of<T>(self, values: ArrayView2<'_, T>, count: impl Fn(usize) -> T) -> Array2<T>
    where
        T: Copy + Add<Output = T> + Div<Output = T>,
    {
        let mut out = Vec::with_capacity(values.nrows() * self.len());
        for row in values.outer_iter() {
            self.push_row(|at| row[at], &count, &mut out);
        }
        Array2::from_shape_fn((values.nrows(), self.len()), |(pair, column)| out[pair * self.len() + column])
    }

    /// The mean of a measure over the bins of each.
    fn of_measure(self, sums: &PairSums, measure: Measure) -> Array2<f64> {
        let n_pairs = sums.pairs().len();
        let some = parallel::map(n_pairs.div_ceil(PAIRS_AT_ONCE), |k| {
            let (mut pairs, mut out) = (Vec::with_capacity(PAIRS_AT_ONCE), Vec::new());
            sums.each_row(measure, k * PAIRS_AT_ONCE..(k + 1) * PAIRS_AT_ONCE, |pair, row| {
                pairs.push(pair);
                self.push_row(|at| row[at], &|n| n as f64, &mut out);
            });
            (pairs, out)
        });
        let mut values = Array2::zeros((n_pairs, self.len()));
        for (pairs, means) in &some {
            for (pair, means) in pairs.iter().zip(means.chunks_exact(self.len().max(1))) {
                values.row_mut(*pair).assign(&ArrayView1::from(means));
            }
        }
        values
    }

    /// The means of one pair, whose value at a place is `at(place)`.
    fn push_row<T>(self, at: impl Fn(usize) -> T, count: &impl Fn(usize) -> T, out: &mut Vec<T>)
    where
        T: Copy + Add<Output = T> + Div<Output = T>,
    {
        for bins in self.groups {
            for t in 0..self.n_times {
                let value = |bin: &usize| at(bin * self.n_times + t);
                let sum = bins[1..].iter().fold(value(&bins[0]), |sum, bin| sum + value(bin));
                out.push(sum / count(bins.len()));
            }
        }
    }
}

pub(super) fn check_pairs(pairs: &[(usize, usize)], n_channels: usize) -> Result<()> {
    match pairs.iter().find(|(a, b)| *a >= n_channels || *b >= n_channels) {
        None => Ok(()),
        Some((a, b)) => Err(Error::Invalid {
            parameter: "indices",
            value: format!("({a}, {b})"),
            allowed: format!("channel numbers 0 to {}", n_channels.saturating_sub(1)),
        }),
    }
}

/// Each band must hold a bin.
pub(super) fn check_bands(freqs: &Array1<f64>, bands: &[(f64, f64)]) -> Result<()> {
    bands.iter().try_for_each(|band| band_bins(freqs, *band).map(|_| ()))
}

/// The bins of each column: of each band, or, where bands are not averaged, each bin of any band once.
pub(super) fn wanted_bins(
    freqs: &Array1<f64>,
    bands: &[(f64, f64)],
    average: bool,
) -> Result<Vec<Vec<usize>>> {
    let bands: Vec<Vec<usize>> = bands.iter().map(|band| band_bins(freqs, *band)).collect::<Result<_>>()?;
    if average {
        return Ok(bands);
    }
    let mut all = bands.concat();
    all.sort_unstable();
    all.dedup();
    Ok(all.into_iter().map(|bin| vec![bin]).collect())
}

fn band_bins(freqs: &Array1<f64>, (low, high): (f64, f64)) -> Result<Vec<usize>> {
    let bins: Vec<usize> = (0..freqs.len()).filter(|k| freqs[*k] >= low && freqs[*k] <= high).collect();
    match (bins.is_empty(), freqs.first(), freqs.last()) {
        (false, ..) => Ok(bins),
        (true, Some(first), Some(last)) => Err(Error::Invalid {
            parameter: "fmin, fmax",
            value: format!("{low} to {high} Hz"),
            allowed: format!("a band that holds at least one of the bins {first} to {last} Hz"),
        }),
        (true, ..) => Err(Error::Invalid {
            parameter: "frequencies",
            value: "none".into(),
            allowed: "at least one".into(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_and_bands_that_are_not_there_are_named() {
        let data = ndarray::Array3::from_shape_fn((3, 2, 100), |(e, c, t)| ((e + c + t * t) % 13) as f64);
        let params = |pairs, bands| ConnectivityParams {
            mode: ConnectivityMode::Multitaper { bandwidth_hz: None, low_bias: true }.into(),
            measures: vec![Measure::Coh],
            coherency: false,
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
}

//! Correlations of amplitude envelopes.

use super::bands::check_channels;
use crate::{Channels, Epochs, Error, Filter, Result, parallel};
use dosewave_numerics::envelope::{
    Centring, EnvelopeScale, Envelopes, PairwiseOrthogonalization, SymmetricOrthogonalization,
    symmetric_orthogonalization,
};
use dosewave_numerics::filter::{FirDesign, Hilbert, fir_zero_phase_rows};
use ndarray::{Array1, Array2, ArrayView2, ArrayView3, Axis};
use num_complex::Complex64;
use serde::{Deserialize, Serialize};

/// Pairs of one task: enough work to be worth one.
const PAIRS_AT_ONCE: usize = 512;
/// Epochs that one task takes after each other in the same memory.
const EPOCHS_AT_ONCE: usize = 4;

/// How what channels share at zero lag is taken out before envelopes are correlated.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Orthogonalize {
    /// Not at all.
    None,
    /// Of each pair, sample by sample (Hipp et al. 2012, 10.1038/nn.3101).
    Pairwise,
    /// All channels of an epoch together (Colclough et al. 2015, 10.1016/j.neuroimage.2015.04.047).
    Symmetric(SymmetricOrthogonalization),
}

/// How envelopes are correlated; the default is mne-connectivity's.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct EnvelopeParams {
    /// What is done against mixing at zero lag.
    pub orthogonalize: Orthogonalize,
    /// What of the analytic signal is correlated.
    pub scale: EnvelopeScale,
    /// Whether moduli of correlations are taken (of both directions, before these are averaged).
    pub absolute: bool,
    /// Whether correlations are divided by what pairwise orthogonalisation leaves of equal envelopes,
    /// [`EnvelopeScale::attenuation`]; values may then exceed 1.
    pub correct_attenuation: bool,
}

impl Default for EnvelopeParams {
    fn default() -> Self {
        Self {
            orthogonalize: Orthogonalize::Pairwise,
            scale: EnvelopeScale::Amplitude,
            absolute: true,
            correct_attenuation: false,
        }
    }
}

impl EnvelopeParams {
    fn check(&self) -> Result<()> {
        if !self.correct_attenuation || self.orthogonalize == Orthogonalize::Pairwise {
            return Ok(());
        }
        Err(Error::Invalid {
            parameter: "correct_attenuation",
            value: "true".into(),
            allowed:
                "false, unless signals are orthogonalised pairwise: nothing else attenuates by a known amount"
                    .into(),
        })
    }
}

/// Correlations `[epoch, pair]` of the envelopes of real signals `[epoch, channel, time]`: each epoch by itself, its
/// analytic signal by the Hilbert transform, as long as the epoch. mne-connectivity's `envelope_correlation` on real data (which
/// pads to the next fast length), after `symmetric_orth` where orthogonalisation is symmetric.
///
/// NaN where a correlation is not defined: see
/// [`EnvelopeMoments::correlation`](dosewave_numerics::envelope::EnvelopeMoments::correlation).
///
/// # Errors
/// Pairs of channels that are not there, epochs shorter than two samples, NaN; for symmetric orthogonalisation channels that
/// depend on each other.
///
/// ```
/// use dosewave_eeg::coupling::{EnvelopeParams, envelope_correlation};
/// // two carriers with one modulation
/// let turn = |hz: f64, t: usize| std::f64::consts::TAU * hz * t as f64 / 200.0;
/// let data = ndarray::Array3::from_shape_fn((1, 2, 2000), |(_, c, t)| {
///     (2.0 + turn(0.5, t).cos()) * turn([10.0, 13.0][c], t).cos()
/// });
/// let found = envelope_correlation(data.view(), &[(1, 0)], &EnvelopeParams::default()).unwrap();
/// assert!((0.5..0.9).contains(&found[[0, 0]]));
/// ```
pub fn envelope_correlation(
    data: ArrayView3<'_, f64>,
    pairs: &[(usize, usize)],
    params: &EnvelopeParams,
) -> Result<Array2<f64>> {
    check_pairs(pairs, data.len_of(Axis(1)))?;
    let hilbert = Hilbert::new(data.len_of(Axis(2)));
    per_epoch(data.dim(), pairs, params, |epoch, envelopes| {
        fill_real(envelopes, data.index_axis(Axis(0), epoch), &hilbert, params)
    })
}

/// The same from analytic signals `[epoch, channel, time]`.
///
/// # Errors
/// As [`envelope_correlation`]; [`Error::Invalid`] for symmetric orthogonalisation, which takes real signals.
pub fn envelope_correlation_analytic(
    data: ArrayView3<'_, Complex64>,
    pairs: &[(usize, usize)],
    params: &EnvelopeParams,
) -> Result<Array2<f64>> {
    check_pairs(pairs, data.len_of(Axis(1)))?;
    if matches!(params.orthogonalize, Orthogonalize::Symmetric(_)) {
        return Err(Error::Invalid {
            parameter: "orthogonalize",
            value: "symmetric".into(),
            allowed: "pairwise or none of analytic signals; give the real signals".into(),
        });
    }
    per_epoch(data.dim(), pairs, params, |epoch, envelopes| {
        Ok(envelopes.fill(data.index_axis(Axis(0), epoch), Centring::Mean)?)
    })
}

/// Real signals `[epoch, channel, time]`, of which each epoch is filtered to each of `bands` (low, high) in Hz with MNE's FIR
/// first: one array `[epoch, pair]` per band. Ends of epochs are extended by reflection, which gives all channels one phase at
/// the first and last sample: under a logarithm these two weigh heavily, so filter the recording before it is cut where it
/// is at hand.
///
/// # Errors
/// As [`envelope_correlation`]; edges that the rate does not carry.
pub fn envelope_correlation_of_bands(
    data: ArrayView3<'_, f64>,
    sfreq: f64,
    bands: &[(f64, f64)],
    pairs: &[(usize, usize)],
    params: &EnvelopeParams,
) -> Result<Vec<Array2<f64>>> {
    check_pairs(pairs, data.len_of(Axis(1)))?;
    let hilbert = Hilbert::new(data.len_of(Axis(2)));
    let of_band = |&(low, high): &(f64, f64)| {
        let design = FirDesign { high_pass_hz: Some(low), low_pass_hz: Some(high) };
        let coefficients = design.coefficients(sfreq)?;
        per_epoch(data.dim(), pairs, params, |epoch, envelopes| {
            let filtered = fir_zero_phase_rows(data.index_axis(Axis(0), epoch), coefficients.view())?;
            fill_real(envelopes, filtered.view(), &hilbert, params)
        })
    };
    bands.iter().map(of_band).collect()
}

fn fill_real(
    envelopes: &mut Envelopes,
    x: ArrayView2<'_, f64>,
    hilbert: &Hilbert,
    params: &EnvelopeParams,
) -> Result<()> {
    match params.orthogonalize {
        Orthogonalize::Symmetric(settings) => {
            let orthogonal = symmetric_orthogonalization(x, settings)?;
            Ok(envelopes.fill_real(orthogonal.view(), hilbert, Centring::Mean)?)
        }
        Orthogonalize::None | Orthogonalize::Pairwise => {
            Ok(envelopes.fill_real(x, hilbert, Centring::Mean)?)
        }
    }
}

/// A few epochs at a time, and the pairs of each, spread over threads; `fill` makes the envelopes of an epoch in memory that
/// the next one uses again.
fn per_epoch(
    (n_epochs, n_channels, n_times): (usize, usize, usize),
    pairs: &[(usize, usize)],
    params: &EnvelopeParams,
    fill: impl Fn(usize, &mut Envelopes) -> Result<()> + Sync + Send,
) -> Result<Array2<f64>> {
    params.check()?;
    let orthogonalize = match params.orthogonalize {
        Orthogonalize::Pairwise => PairwiseOrthogonalization::Pairwise,
        Orthogonalize::None | Orthogonalize::Symmetric(_) => PairwiseOrthogonalization::None,
    };
    let parts: Vec<&[(usize, usize)]> = pairs.chunks(PAIRS_AT_ONCE).collect();
    let starts: Vec<usize> = (0..n_epochs).step_by(EPOCHS_AT_ONCE).collect();
    let rows = parallel::try_map(starts.len(), |task| {
        let mut envelopes = Envelopes::zeros(n_channels, n_times, params.scale)?;
        let mut rows: Vec<Array1<f64>> = Vec::new();
        for epoch in starts[task]..(starts[task] + EPOCHS_AT_ONCE).min(n_epochs) {
            fill(epoch, &mut envelopes)?;
            rows.extend(parallel::try_map(parts.len(), |part| {
                Ok(envelopes.moments(parts[part], orthogonalize)?.correlation(params.absolute))
            })?);
        }
        Ok(rows)
    })?;
    let values: Vec<f64> = rows.iter().flatten().flatten().copied().collect();
    let mut values = Array2::from_shape_vec((n_epochs, pairs.len()), values).map_err(|_| Error::Shape {
        what: "correlations of envelopes",
        expected: (n_epochs * pairs.len()).to_string(),
        got: "another number".into(),
    })?;
    if params.correct_attenuation {
        values /= params.scale.attenuation();
    }
    Ok(values)
}

fn check_pairs(pairs: &[(usize, usize)], n_channels: usize) -> Result<()> {
    check_channels(pairs.iter().flat_map(|&(x, y)| [x, y]), n_channels)
}

/// Correlations of envelopes, with labels.
#[derive(Clone, Debug, PartialEq)]
pub struct EnvelopeCorrelation {
    channels: Channels,
    pairs: Vec<(usize, usize)>,
    params: EnvelopeParams,
    values: Array2<f64>,
}

impl EnvelopeCorrelation {
    /// Channels.
    #[must_use]
    pub fn channels(&self) -> &Channels {
        &self.channels
    }

    /// Pairs of channel indices.
    #[must_use]
    pub fn pairs(&self) -> &[(usize, usize)] {
        &self.pairs
    }

    /// How envelopes were correlated.
    #[must_use]
    pub fn params(&self) -> &EnvelopeParams {
        &self.params
    }

    /// Correlations `[epoch, pair]`, NaN where undefined; [`Self::value`] and [`Self::mean`] have `None` there.
    #[must_use]
    pub fn values(&self) -> &Array2<f64> {
        &self.values
    }

    /// The correlation of a pair in an epoch; `None` where it is not defined (a flat channel, two channels that are one
    /// signal) or there is no such pair or epoch.
    #[must_use]
    pub fn value(&self, epoch: usize, pair: usize) -> Option<f64> {
        self.values.get((epoch, pair)).copied().filter(|value| value.is_finite())
    }

    /// Mean of a pair over the epochs where it is defined.
    #[must_use]
    pub fn mean(&self, pair: usize) -> Option<f64> {
        let defined: Array1<f64> =
            (0..self.values.nrows()).filter_map(|epoch| self.value(epoch, pair)).collect();
        defined.mean()
    }
}

impl Epochs {
    /// Correlations of the envelopes of `pairs` of channels, of each epoch by itself, after `filter` where one is given
    /// (each epoch by itself; where the recording is at hand, filter it before it is cut).
    ///
    /// # Errors
    /// As [`envelope_correlation`]; [`Error::NothingLeft`] without an epoch.
    ///
    /// ```
    /// use dosewave_eeg::coupling::EnvelopeParams;
    /// use dosewave_eeg::{Filter, Hz, Recording, Seconds, Windows};
    /// let noise = |c: usize, t: usize| ((t * t * 31 + 7 * t + 13 * c * t) % 997) as f64;
    /// let data_uv = ndarray::Array2::from_shape_fn((2, 4000), |(c, t)| noise(c, t));
    /// let recording = Recording::new(data_uv, Hz(200.0), &["Fz", "Pz"]).unwrap();
    /// let epochs = recording.epochs(&Windows::fixed(Seconds(10.0))).unwrap();
    /// let alpha = Filter::band_pass(Hz(8.0), Hz(13.0));
    /// let found = epochs.envelope_correlation(Some(&alpha), &[(1, 0)], &EnvelopeParams::default()).unwrap();
    /// assert!(found.mean(0).unwrap() < 0.6);
    /// ```
    pub fn envelope_correlation(
        &self,
        filter: Option<&Filter>,
        pairs: &[(usize, usize)],
        params: &EnvelopeParams,
    ) -> Result<EnvelopeCorrelation> {
        self.check_not_empty("envelope_correlation")?;
        check_pairs(pairs, self.channels().len())?;
        let designed = filter.map(|filter| filter.designed(self.sfreq())).transpose()?;
        let data_uv = self.data_uv();
        let hilbert = Hilbert::new(data_uv.len_of(Axis(2)));
        let values = per_epoch(data_uv.dim(), pairs, params, |epoch, envelopes| {
            let samples = data_uv.index_axis(Axis(0), epoch);
            let Some(designed) = &designed else { return fill_real(envelopes, samples, &hilbert, params) };
            let mut filtered = Array2::zeros(samples.dim());
            for (mut out, x) in filtered.outer_iter_mut().zip(samples.outer_iter()) {
                out.assign(&designed.zero_phase(x)?);
            }
            fill_real(envelopes, filtered.view(), &hilbert, params)
        })?;
        Ok(EnvelopeCorrelation {
            channels: self.channels().clone(),
            pairs: pairs.to_vec(),
            params: *params,
            values,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::noise;
    use crate::{Hz, Seconds, Windows};

    const PAIRS: [(usize, usize); 3] = [(1, 0), (2, 0), (2, 1)];

    fn epochs() -> Epochs {
        noise(3, 3000, 100.0).epochs(&Windows::fixed(Seconds(10.0))).unwrap()
    }

    fn alpha() -> Filter {
        Filter::band_pass(Hz(8.0), Hz(13.0))
    }

    #[test]
    fn labelled_and_bare_arrays_give_the_same() {
        let (epochs, params) = (epochs(), EnvelopeParams::default());
        let labelled = epochs.envelope_correlation(Some(&alpha()), &PAIRS, &params).unwrap();
        let bands = [(8.0, 13.0), (15.0, 25.0)];
        let bare = envelope_correlation_of_bands(epochs.data_uv(), 100.0, &bands, &PAIRS, &params).unwrap();
        assert_eq!(*labelled.values(), bare[0]);
        assert!(bare[0] != bare[1]);
        let whole = epochs.envelope_correlation(None, &PAIRS, &params).unwrap();
        assert_eq!(*whole.values(), envelope_correlation(epochs.data_uv(), &PAIRS, &params).unwrap());
    }

    /// The analytic signal of an epoch, given as such.
    #[test]
    fn analytic_signals_are_those_of_the_real_ones() {
        let epochs = epochs();
        let analytic = {
            let mut z = ndarray::Array3::default((epochs.n_epochs(), 3, epochs.n_times()));
            for ((e, c), mut row) in ndarray::indices((epochs.n_epochs(), 3)).into_iter().zip(z.rows_mut()) {
                let x = epochs.data_uv().slice_move(ndarray::s![e, c, ..]);
                row.assign(&dosewave_numerics::filter::analytic_signal(x, None).unwrap());
            }
            z
        };
        for scale in EnvelopeScale::ALL {
            let params = EnvelopeParams { scale, ..EnvelopeParams::default() };
            let real = envelope_correlation(epochs.data_uv(), &PAIRS, &params).unwrap();
            let given = envelope_correlation_analytic(analytic.view(), &PAIRS, &params).unwrap();
            // made by another transform
            assert!((&real - &given).iter().all(|gap| gap.abs() < 1e-11), "{scale:?}: {}", &real - &given);
        }
        let symmetric = Orthogonalize::Symmetric(SymmetricOrthogonalization::default());
        let params = EnvelopeParams { orthogonalize: symmetric, ..EnvelopeParams::default() };
        assert!(envelope_correlation_analytic(analytic.view(), &PAIRS, &params).is_err());
    }

    #[test]
    fn attenuation_is_corrected_on_request_only_and_by_the_scale() {
        let epochs = epochs();
        for scale in EnvelopeScale::ALL {
            let plain = EnvelopeParams { scale, ..EnvelopeParams::default() };
            let corrected = EnvelopeParams { correct_attenuation: true, ..plain };
            let of = |params| envelope_correlation(epochs.data_uv(), &PAIRS, params).unwrap();
            let ratio = of(&plain) / of(&corrected);
            assert!(ratio.iter().all(|r| (r - scale.attenuation()).abs() < 1e-12));
            let refused = EnvelopeParams { orthogonalize: Orthogonalize::None, ..corrected };
            assert!(envelope_correlation(epochs.data_uv(), &PAIRS, &refused).is_err());
        }
    }

    #[test]
    fn undefined_values_are_missing_and_left_out_of_the_mean() {
        let epochs = epochs();
        let mut data_uv = epochs.data_uv().to_owned();
        // one signal in two channels in the first epoch, a flat channel in all
        let copy = data_uv.slice(ndarray::s![0, 0, ..]).mapv(|v| -3.0 * v);
        data_uv.slice_mut(ndarray::s![0, 1, ..]).assign(&copy);
        data_uv.slice_mut(ndarray::s![.., 2, ..]).fill(0.0);
        let epochs =
            Epochs::new(epochs.channels().clone(), epochs.sfreq(), data_uv, epochs.onsets().to_vec())
                .unwrap();
        let found = epochs.envelope_correlation(Some(&alpha()), &PAIRS, &EnvelopeParams::default()).unwrap();
        assert_eq!(found.value(0, 0), None);
        assert_eq!((found.mean(1), found.mean(2)), (None, None));
        let rest = f64::midpoint(found.value(1, 0).unwrap(), found.value(2, 0).unwrap());
        assert!((found.mean(0).unwrap() - rest).abs() < 1e-15);
        assert_eq!(found.value(0, 3), None);
    }

    #[cfg(feature = "parallel")]
    #[test]
    fn the_same_bytes_for_any_number_of_threads() {
        let with = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            let symmetric = Orthogonalize::Symmetric(SymmetricOrthogonalization::default());
            pool.install(|| {
                [Orthogonalize::Pairwise, symmetric].map(|orthogonalize| {
                    let params = EnvelopeParams {
                        orthogonalize,
                        scale: EnvelopeScale::LogPower,
                        ..EnvelopeParams::default()
                    };
                    epochs().envelope_correlation(Some(&alpha()), &PAIRS, &params).unwrap()
                })
            })
        };
        assert_eq!(with(1), with(4));
    }
}

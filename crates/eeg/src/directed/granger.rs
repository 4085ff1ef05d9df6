//! Spectral Granger causality from cross-spectra.

use crate::arrays::ConnectivityMode;
use crate::epochs::bins_between;
use crate::{Channels, Epochs, Error, Hz, Result, parallel};
use dosewave_numerics::directed::{Autocovariances, CrossSums, GrangerSpectra, numerical_rank};
use dosewave_numerics::spectral::{Multitaper, MultitaperParams};
use ndarray::{Array1, Array2, Array3, ArrayView1, ArrayView3, Axis, s};
use std::f64::consts::PI;
use std::ops::Range;

/// Tasks to cut the epochs into; each has sums of its own.
const TASKS: usize = 8;
/// Singular values below this share of the largest count as none, as in mne-connectivity.
const RANK_TOLERANCE: f64 = 1e-4;

/// What is computed of each connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GrangerMeasure {
    /// From seeds to targets, nats.
    Gc,
    /// The same of the signals reversed in time, nats: what mixing and unequal noise alone would give, a true influence
    /// turns round (Winkler et al. 2016, below).
    GcTr,
    /// Net and time-reversed: `(seeds → targets − targets → seeds)` less the same of the reversed signals. Positive where
    /// the seeds lead (Winkler, Panknin, Bartz, Müller & Haufe 2016, 10.1109/TSP.2016.2531628).
    Net,
}

impl GrangerMeasure {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Gc, Self::GcTr, Self::Net];

    /// Its name: mne-connectivity's where it has one.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Gc => "gc",
            Self::GcTr => "gc_tr",
            Self::Net => "gc_net",
        }
    }
}

/// Which frequencies the autocovariances are made of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum GrangerSpectrum {
    /// All of them; `fmin` and `fmax` only choose which values are returned.
    #[default]
    Whole,
    /// Those between `fmin` and `fmax`, taken for 0 Hz to half the rate: the numbers of mne-connectivity 0.9, which are
    /// those of another signal unless the range is the whole spectrum.
    BandAsWhole,
}

/// Settings of [`Epochs::granger`].
#[derive(Clone, Debug, PartialEq)]
pub struct GrangerParams {
    /// How cross-spectra are estimated.
    pub mode: ConnectivityMode,
    /// Frequencies returned, both ends included.
    pub fmin: Hz,
    /// The upper end.
    pub fmax: Hz,
    /// What autocovariances are made of.
    pub spectrum: GrangerSpectrum,
    /// Number of lags of the autoregression.
    pub n_lags: usize,
    /// `(seeds, targets)` of each connection, channel indices.
    pub connections: Vec<(Vec<usize>, Vec<usize>)>,
    /// Rank of seeds and targets of each connection; estimated from the data where it is `None`.
    pub ranks: Option<Vec<(usize, usize)>>,
}

/// Granger causality per connection and frequency.
#[derive(Clone, Debug, PartialEq)]
pub struct Granger {
    /// Channels.
    pub channels: Channels,
    /// Frequencies, Hz.
    pub freqs_hz: Array1<f64>,
    /// `[measure, connection, freq]` in the order of [`GrangerMeasure::ALL`], nats; NaN where there is a reason.
    pub values: Array3<f64>,
    /// Why a connection has no value.
    pub reasons: Vec<Option<String>>,
    /// Ranks of seeds and targets that were used.
    pub ranks: Vec<(usize, usize)>,
    /// Number of epochs.
    pub n_epochs: usize,
}

impl Granger {
    /// Values `[connection, freq]` of a measure.
    #[must_use]
    pub fn measure(&self, measure: GrangerMeasure) -> Array2<f64> {
        let at = GrangerMeasure::ALL.iter().position(|other| *other == measure).unwrap_or(0);
        self.values.index_axis(Axis(0), at).to_owned()
    }
}

impl Epochs {
    /// Spectral Granger causality between channels or groups of channels, in nats: cross-spectra → autocovariances → a
    /// vector autoregression of `n_lags` lags by the recursion of Whittle → Geweke's measure per frequency (Barnett & Seth
    /// 2015, 10.1103/PhysRevE.91.040101), also of the signals reversed in time. Each epoch's mean is removed. Seeds or
    /// targets of a rank below their number are projected to that rank, which does not change a causality.
    ///
    /// A connection that cannot be computed (a silent channel, channels that are sums of others) has NaN and its reason.
    ///
    /// # Errors
    /// [`Error::NothingLeft`] without an epoch, [`Error::Invalid`] for channels that are not there or on both sides, ranks
    /// that cannot be, a range without two bins, [`Error::Kernel`] for more lags than an epoch holds.
    ///
    /// ```
    /// use dosewave_eeg::{GrangerMeasure, GrangerParams, GrangerSpectrum, Hz, Recording, Seconds, Windows};
    /// use dosewave_eeg::arrays::ConnectivityMode;
    /// use dosewave_numerics::{directed::VarModel, stats::Stream};
    /// // Fz drives Pz, one sample later
    /// let model = VarModel::new(ndarray::array![[[0.5, 0.0], [0.5, 0.3]]], ndarray::Array2::eye(2)).unwrap();
    /// let data_uv = model.simulate(20_000, 100, &mut Stream::new(1, 0)).unwrap();
    /// let recording = Recording::new(data_uv, Hz(200.0), &["Fz", "Pz"]).unwrap();
    /// let params = GrangerParams {
    ///     mode: ConnectivityMode::Multitaper { bandwidth_hz: None, low_bias: true },
    ///     fmin: Hz(8.0), fmax: Hz(13.0), spectrum: GrangerSpectrum::Whole, n_lags: 10,
    ///     connections: vec![(vec![0], vec![1])], ranks: None,
    /// };
    /// let granger = recording.epochs(&Windows::fixed(Seconds(2.0))).unwrap().granger(&params).unwrap();
    /// // c² / |1 − a e^{−iω}|² of its closed form, ω = 2π·10/200
    /// let expected = (1.0 + 0.25 / (1.25 - (0.1 * std::f64::consts::PI).cos())).ln();
    /// assert!((granger.measure(GrangerMeasure::Gc)[[0, 4]] / expected - 1.0).abs() < 0.1);
    /// assert!(granger.measure(GrangerMeasure::Net)[[0, 4]] > 0.5);
    /// ```
    pub fn granger(&self, params: &GrangerParams) -> Result<Granger> {
        self.check_not_empty("granger")?;
        check_connections(params, self.channels().len())?;
        let multitaper = multitaper(params.mode, self.n_times(), self.sfreq().0)?;
        let freqs = multitaper.freqs_hz();
        let bins = bins_between(&freqs, params.fmin, params.fmax)?;
        let sums = cross_sums(self.data_uv(), &multitaper, &params.connections)?;
        let (used, period, omegas) = grid(params.spectrum, &bins, self.n_times());
        let gamma = Autocovariances::new(&sums, used, period, params.n_lags)?;
        let ranks = ranks(self.data_uv(), params)?;
        let found = parallel::map(params.connections.len(), |at| {
            connection(&gamma, &params.connections[at], ranks[at], &omegas)
        });
        let mut values = Array3::from_elem((3, found.len(), bins.len()), f64::NAN);
        let mut reasons = vec![None; found.len()];
        for (at, result) in found.into_iter().enumerate() {
            match result {
                Ok(rows) => values.slice_mut(s![.., at, ..]).assign(&rows),
                Err(error) => reasons[at] = Some(error.to_string()),
            }
        }
        let (channels, freqs_hz) = (self.channels().clone(), freqs.slice(s![bins]).to_owned());
        Ok(Granger { channels, freqs_hz, values, reasons, ranks, n_epochs: self.n_epochs() })
    }
}

/// The bins that autocovariances are made of, the number of samples these stand for, and the angular frequency of each bin
/// that is returned.
fn grid(spectrum: GrangerSpectrum, bins: &Range<usize>, n_times: usize) -> (Range<usize>, usize, Vec<f64>) {
    match spectrum {
        GrangerSpectrum::Whole => {
            let omegas = bins.clone().map(|k| 2.0 * PI * k as f64 / n_times as f64).collect();
            (0..n_times / 2 + 1, n_times, omegas)
        }
        GrangerSpectrum::BandAsWhole => {
            let last = bins.len().saturating_sub(1).max(1);
            let omegas = (0..bins.len()).map(|k| PI * k as f64 / last as f64).collect();
            (bins.clone(), 2 * last, omegas)
        }
    }
}

fn multitaper(mode: ConnectivityMode, n_times: usize, sfreq: f64) -> Result<Multitaper> {
    Ok(match mode {
        ConnectivityMode::Multitaper { bandwidth_hz, low_bias } => {
            Multitaper::new(n_times, sfreq, MultitaperParams { bandwidth_hz, low_bias, adaptive: false })?
        }
        ConnectivityMode::Fourier => Multitaper::hann(n_times, sfreq)?,
    })
}

/// Cross-spectra of all pairs that occur within a connection. Epochs are cut into a fixed number of parts, so that sums do
/// not depend on the number of threads.
fn cross_sums(
    data: ArrayView3<'_, f64>,
    multitaper: &Multitaper,
    connections: &[(Vec<usize>, Vec<usize>)],
) -> Result<CrossSums> {
    let mut pairs = Vec::new();
    for (seeds, targets) in connections {
        let all: Vec<usize> = seeds.iter().chain(targets).copied().collect();
        pairs.extend(all.iter().flat_map(|&i| all.iter().map(move |&j| (i, j))));
    }
    let weights = multitaper.tapers().eigenvalues.mapv(f64::sqrt).to_vec();
    let (n_epochs, n_channels, n_times) = data.dim();
    let n_freqs = n_times / 2 + 1;
    let empty = CrossSums::new(&pairs, n_freqs);
    let used: Vec<usize> =
        (0..n_channels).filter(|c| empty.pairs().binary_search(&(*c, *c)).is_ok()).collect();
    let per_task = n_epochs.div_ceil(TASKS);
    let parts = parallel::try_map(n_epochs.div_ceil(per_task), |task| {
        let mut sums = empty.clone();
        let mut coefs = Array3::default((n_channels, weights.len(), n_freqs));
        let mut scratch = multitaper.scratch();
        for epoch in (task * per_task)..((task + 1) * per_task).min(n_epochs) {
            let signals = data.index_axis(Axis(0), epoch).select(Axis(0), &used);
            multitaper.each_spectrum(signals.view(), 0..n_freqs, &mut scratch, |k, taper, z| {
                coefs.slice_mut(s![used[k], taper, ..]).assign(&ArrayView1::from(z));
            })?;
            sums.add_epoch(coefs.view(), &weights)?;
        }
        Ok(sums)
    })?;
    parts.into_iter().try_fold(empty, |mut total, part| {
        total.merge(&part)?;
        Ok(total)
    })
}

/// The ranks as given, or the least over epochs for groups of several channels.
fn ranks(data: ArrayView3<'_, f64>, params: &GrangerParams) -> Result<Vec<(usize, usize)>> {
    if let Some(ranks) = &params.ranks {
        return Ok(ranks.clone());
    }
    let rank = |channels: &[usize]| -> Result<usize> {
        if channels.len() == 1 {
            return Ok(1);
        }
        let of_epochs = data.outer_iter().map(|epoch| {
            numerical_rank(epoch.select(Axis(0), channels).view(), RANK_TOLERANCE).map_err(Error::from)
        });
        of_epochs.collect::<Result<Vec<usize>>>().map(|all| all.into_iter().min().unwrap_or(0).max(1))
    };
    parallel::try_map(params.connections.len(), |at| {
        let (seeds, targets) = &params.connections[at];
        Ok((rank(seeds)?, rank(targets)?))
    })
}

/// The three measures `[measure, freq]` of one connection.
fn connection(
    gamma: &Autocovariances,
    (seeds, targets): &(Vec<usize>, Vec<usize>),
    (seed_rank, target_rank): (usize, usize),
    omegas: &[f64],
) -> Result<Array2<f64>> {
    let all: Vec<usize> = seeds.iter().chain(targets).copied().collect();
    let mut lags = gamma.of(&all)?;
    if seed_rank < seeds.len() || target_rank < targets.len() {
        let mut onto = Array2::zeros((all.len(), seed_rank + target_rank));
        onto.slice_mut(s![..seeds.len(), ..seed_rank]).assign(&gamma.directions(seeds, seed_rank)?);
        onto.slice_mut(s![seeds.len().., seed_rank..]).assign(&gamma.directions(targets, target_rank)?);
        let mut projected = Array3::zeros((lags.dim().0, onto.ncols(), onto.ncols()));
        for (mut out, lag) in projected.outer_iter_mut().zip(lags.outer_iter()) {
            out.assign(&onto.t().dot(&lag).dot(&onto));
        }
        lags = projected;
    }
    let spectra = GrangerSpectra::new(lags.view(), seed_rank, omegas)?;
    let net = Array1::from_vec(spectra.net());
    let (there, reversed) = (Array1::from_vec(spectra.there), Array1::from_vec(spectra.there_reversed));
    Ok(ndarray::stack![Axis(0), there, reversed, net])
}

fn check_connections(params: &GrangerParams, n_channels: usize) -> Result<()> {
    let invalid = |parameter, value, allowed| Err(Error::Invalid { parameter, value, allowed });
    for (at, (seeds, targets)) in params.connections.iter().enumerate() {
        let mut all: Vec<usize> = seeds.iter().chain(targets).copied().collect();
        all.sort_unstable();
        let twice = all.windows(2).any(|two| two[0] == two[1]);
        if seeds.is_empty() || targets.is_empty() || twice || all.last().is_some_and(|c| *c >= n_channels) {
            let allowed = format!(
                "at least one seed and one target, channel numbers 0 to {}, none twice",
                n_channels.saturating_sub(1)
            );
            return invalid("indices", format!("{seeds:?} to {targets:?} (connection {at})"), allowed);
        }
        let Some(ranks) = &params.ranks else { continue };
        let rank = ranks.get(at).copied().unwrap_or((0, 0));
        if !(1..=seeds.len()).contains(&rank.0) || !(1..=targets.len()).contains(&rank.1) {
            let allowed =
                format!("1 to {} and 1 to {}, one pair for each connection", seeds.len(), targets.len());
            return invalid("rank", format!("{rank:?} (connection {at})"), allowed);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Recording, Seconds, Windows};
    use dosewave_numerics::directed::VarModel;
    use dosewave_numerics::stats::Stream;
    use ndarray::array;

    fn driven() -> VarModel {
        // 0 drives 1, which drives 2
        let coefs = array![[[0.5, 0.0, 0.0], [0.6, 0.3, 0.0], [0.0, 0.5, 0.2]]];
        VarModel::new(coefs, Array2::eye(3)).unwrap()
    }

    fn epochs(n_times: usize) -> Epochs {
        let data_uv = driven().simulate(n_times * 60, 100, &mut Stream::new(2, 0)).unwrap();
        let recording = Recording::new(data_uv, Hz(200.0), &["Fz", "Cz", "Pz"]).unwrap();
        recording.epochs(&Windows::fixed(Seconds(n_times as f64 / 200.0))).unwrap()
    }

    fn params(connections: &[(&[usize], &[usize])]) -> GrangerParams {
        GrangerParams {
            mode: ConnectivityMode::Multitaper { bandwidth_hz: None, low_bias: true },
            fmin: Hz(0.0),
            fmax: Hz(100.0),
            spectrum: GrangerSpectrum::Whole,
            n_lags: 12,
            connections: connections.iter().map(|(s, t)| (s.to_vec(), t.to_vec())).collect(),
            ranks: None,
        }
    }

    #[test]
    fn the_direction_that_was_put_in_is_found_and_turns_round_in_time() {
        for n_times in [400, 401] {
            let found =
                epochs(n_times).granger(&params(&[(&[0], &[1]), (&[1], &[0]), (&[1, 2], &[0])])).unwrap();
            let mean = |measure, at: usize| found.measure(measure).row(at).mean().unwrap();
            let expected = {
                let sum = 1.0_f64 + 0.25 + 0.36;
                f64::midpoint(sum, (sum * sum - 1.0).sqrt()).ln()
            };
            let gc = mean(GrangerMeasure::Gc, 0);
            assert!((gc / expected - 1.0).abs() < 0.1, "{gc} against {expected}");
            assert!(mean(GrangerMeasure::Gc, 1) < 0.01 && mean(GrangerMeasure::Gc, 2) < 0.02);
            assert!(mean(GrangerMeasure::GcTr, 1) > 10.0 * mean(GrangerMeasure::GcTr, 0).min(0.01));
            assert!(mean(GrangerMeasure::Net, 0) > 0.5 * expected);
            assert!((mean(GrangerMeasure::Net, 0) + mean(GrangerMeasure::Net, 1)).abs() < 1e-12);
        }
    }

    /// Closed form at every frequency, whatever range is asked for.
    #[test]
    fn a_range_chooses_bins_and_changes_no_value() {
        let epochs = epochs(400);
        let whole = epochs.granger(&params(&[(&[0], &[1])])).unwrap();
        let ranged = GrangerParams { fmin: Hz(8.0), fmax: Hz(13.0), ..params(&[(&[0], &[1])]) };
        let some = epochs.granger(&ranged).unwrap();
        assert_eq!(some.freqs_hz.to_vec(), (16..=26).map(|k| f64::from(k) / 2.0).collect::<Vec<_>>());
        assert_eq!(some.values, whole.values.slice(s![.., .., 16..=26]));
        let as_whole = GrangerParams { spectrum: GrangerSpectrum::BandAsWhole, ..ranged };
        assert_ne!(epochs.granger(&as_whole).unwrap().values, some.values);
        let all = GrangerParams { spectrum: GrangerSpectrum::BandAsWhole, ..params(&[(&[0], &[1])]) };
        let gap = epochs.granger(&all).unwrap().values - &whole.values;
        assert!(gap.iter().all(|d| d.abs() < 1e-12));
    }

    #[test]
    fn channels_that_are_sums_of_others_lower_the_rank() {
        let epochs = epochs(400);
        let data = epochs.data_uv();
        let sum = (&data.slice(s![.., 0, ..]) * 2.0 + data.slice(s![.., 1, ..])).insert_axis(Axis(1));
        let four = ndarray::concatenate![Axis(1), data, sum];
        let names = ["Fz", "Cz", "Pz", "Oz"].map(crate::Channel::from_name).into();
        let four = Epochs::new(names, Hz(200.0), four, epochs.onsets().to_vec()).unwrap();
        let found = four.granger(&params(&[(&[0, 1, 3], &[2]), (&[0, 1], &[2]), (&[0, 3], &[2])])).unwrap();
        assert_eq!(found.ranks, [(2, 1), (2, 1), (2, 1)]);
        let gap = &found.values.slice(s![.., 0, ..]) - &found.values.slice(s![.., 1, ..]);
        assert!(gap.iter().all(|d| d.abs() < 1e-9), "the same two dimensions");
        let forced = GrangerParams { ranks: Some(vec![(3, 1)]), ..params(&[(&[0, 1, 3], &[2])]) };
        let refused = four.granger(&forced).unwrap();
        assert!(refused.reasons[0].as_ref().unwrap().contains("lower the rank"), "{:?}", refused.reasons);
        assert!(refused.values.iter().all(|v| v.is_nan()));
    }

    #[test]
    fn what_cannot_be_asked_is_refused_by_its_connection() {
        let epochs = epochs(100);
        for connection in [(vec![0], vec![0]), (vec![], vec![1]), (vec![0], vec![3])] {
            let asked = GrangerParams { connections: vec![(vec![0], vec![1]), connection], ..params(&[]) };
            let error = epochs.granger(&asked).unwrap_err().to_string();
            assert!(error.contains("(connection 1)"), "{error}");
        }
        let ranks = GrangerParams { ranks: Some(vec![(2, 1)]), ..params(&[(&[0], &[1])]) };
        assert!(epochs.granger(&ranks).unwrap_err().to_string().starts_with("rank = (2, 1)"));
        let lags = GrangerParams { n_lags: 100, ..params(&[(&[0], &[1])]) };
        assert!(matches!(epochs.granger(&lags), Err(Error::Kernel(_))));
    }

    #[cfg(feature = "parallel")]
    #[test]
    fn the_same_bytes_for_any_number_of_threads() {
        let with = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| epochs(100).granger(&params(&[(&[0], &[1]), (&[0, 1], &[2])])).unwrap())
        };
        assert_eq!(with(1), with(2));
        assert_eq!(with(1), with(16));
    }
}

//! Interaction of groups of channels.

use super::bands::{BandCoefficients, check_channels};
use crate::arrays::ConnectivityMode;
use crate::{CrossSpectra, Error, Result, parallel};
use dosewave_numerics::phase::{Multivariate, cross_spectral_rank, multivariate_interaction};
use ndarray::{Array1, Array2, ArrayView3};
use num_complex::Complex64;
use std::collections::{BTreeSet, HashMap};

/// What [`group_interaction`] computes.
#[derive(Clone, Debug, PartialEq)]
pub struct GroupParams {
    /// How coefficients are estimated.
    pub mode: ConnectivityMode,
    /// Frequency bands `(low, high)` in Hz, both ends included.
    pub bands: Vec<(f64, f64)>,
    /// Whether values are averaged over the bins of each band; if not, there is one value for each bin of any band.
    pub average_bands: bool,
    /// Groups of channels: seeds and targets of each connection.
    pub groups: Vec<(Vec<usize>, Vec<usize>)>,
    /// Ranks that seeds and targets of each connection are projected to; `None` is the lowest that their cross-spectra have
    /// at any of the bins.
    pub ranks: Option<Vec<(usize, usize)>>,
}

/// Interaction of groups, as [`group_interaction`] returns it.
#[derive(Clone, Debug, PartialEq)]
pub struct GroupInteraction {
    /// Frequencies of the columns, Hz: bins, or the mean frequency of each band.
    pub freqs_hz: Array1<f64>,
    /// Maximised imaginary coherency `[connection, freq]`, 0 to 1.
    pub mic: Array2<f64>,
    /// Multivariate interaction measure `[connection, freq]`; for a group with itself half of it (global interaction).
    pub mim: Array2<f64>,
    /// Of each connection; empty where bands are averaged, since the sign of a pattern is its own at each bin.
    pub patterns: Vec<Patterns>,
    /// Ranks of seeds and targets that were used.
    pub ranks: Vec<(usize, usize)>,
    /// Number of tapers.
    pub n_tapers: usize,
}

/// Over seeds and targets, what the sums that reach `mic` look like at the electrodes: `[channel, freq]`.
#[derive(Clone, Debug, PartialEq)]
pub struct Patterns {
    /// Over the seeds, the largest entry at each frequency positive.
    pub seeds: Array2<f64>,
    /// Over the targets.
    pub targets: Array2<f64>,
}

/// Interaction of groups of channels over epochs `[epoch, channel, time]` (Ewald et al. 2012,
/// 10.1016/j.neuroimage.2011.11.084), from their cross-spectra over all epochs; see
/// [`multivariate_interaction`]. mne-connectivity's `mic` and `mim`, the first without its sign.
///
/// # Errors
/// Bands without a bin, channels that are not there, empty groups, ranks that the channels do not have.
///
/// ```
/// use dosewave_eeg::arrays::ConnectivityMode;
/// use dosewave_eeg::coupling::{GroupParams, group_interaction};
/// // the second pair of channels is the first, 10 ms later
/// let noise = |e: usize, c: usize, t: usize| ((t * t * 31 + e * 17 + c * 101 * t) % 997) as f64;
/// let data = ndarray::Array3::from_shape_fn((20, 4, 200), |(e, c, t)| noise(e, c % 2, 1 + t - c / 2));
/// let params = GroupParams {
///     mode: ConnectivityMode::Fourier,
///     bands: vec![(20.0, 30.0)],
///     average_bands: true,
///     groups: vec![(vec![0, 1], vec![2, 3])],
///     ranks: None,
/// };
/// let found = group_interaction(data.view(), 100.0, &params).unwrap();
/// assert!(found.mic[[0, 0]] > 0.9 && found.mim[[0, 0]] > 1.6);
/// ```
pub fn group_interaction(
    data: ArrayView3<'_, f64>,
    sfreq: f64,
    params: &GroupParams,
) -> Result<GroupInteraction> {
    check_groups(params, data.dim().1)?;
    let bands = BandCoefficients::new(data, sfreq, params.mode, &params.bands, params.average_bands)?;
    let used: BTreeSet<usize> = params.groups.iter().flat_map(|(a, b)| a.iter().chain(b)).copied().collect();
    let used: Vec<usize> = used.into_iter().collect();
    let pairs: Vec<(usize, usize)> =
        used.iter().enumerate().flat_map(|(n, &x)| used[..n].iter().map(move |&y| (x, y))).collect();
    let spectra = Spectra::new(&bands.fourier.cross_spectra(&pairs)?);
    let found = parallel::try_map(params.groups.len(), |c| {
        let ranks = match &params.ranks {
            Some(ranks) => ranks[c],
            None => spectra.ranks(&params.groups[c], &bands)?,
        };
        spectra.connection(&params.groups[c], ranks, &bands).map(|found| (ranks, found))
    })?;
    let rows = |of: fn(&Multivariate) -> f64| {
        let per_bin = Array2::from_shape_fn((found.len(), bands.fourier.freqs_hz().len()), |(c, bin)| {
            found[c].1.get(&bin).map_or(f64::NAN, of)
        });
        bands.means(&per_bin)
    };
    let patterns = if params.average_bands {
        Vec::new()
    } else {
        found.iter().map(|(_, f)| patterns(f, &bands)).collect()
    };
    Ok(GroupInteraction {
        freqs_hz: bands.freqs_hz(),
        mic: rows(|found| found.mic),
        mim: rows(|found| found.mim),
        patterns,
        ranks: found.iter().map(|(ranks, _)| *ranks).collect(),
        n_tapers: bands.n_tapers,
    })
}

fn patterns(found: &HashMap<usize, Multivariate>, bands: &BandCoefficients) -> Patterns {
    let of = |pattern: fn(&Multivariate) -> &Array1<f64>| {
        let columns: Vec<&Array1<f64>> =
            bands.columns.iter().flatten().filter_map(|bin| found.get(bin).map(pattern)).collect();
        let n_channels = columns.first().map_or(0, |column| column.len());
        Array2::from_shape_fn((n_channels, columns.len()), |(channel, k)| columns[k][channel])
    };
    Patterns { seeds: of(|f| &f.pattern_seeds), targets: of(|f| &f.pattern_targets) }
}

/// Summed cross-spectra of all pairs, by channel.
struct Spectra {
    cross: Array2<Complex64>,
    auto: Array2<f64>,
    place: HashMap<(usize, usize), usize>,
}

impl Spectra {
    fn new(sums: &CrossSpectra) -> Self {
        Self {
            cross: sums.sums().cross_spectra(),
            auto: sums.sums().auto(),
            place: sums.pairs().iter().enumerate().map(|(p, pair)| (*pair, p)).collect(),
        }
    }

    /// `[channel, channel]` at a bin.
    fn matrix(&self, channels: &[usize], bin: usize) -> Array2<Complex64> {
        Array2::from_shape_fn((channels.len(), channels.len()), |(i, j)| {
            let (x, y) = (channels[i], channels[j]);
            match (self.place.get(&(x, y)), self.place.get(&(y, x))) {
                (Some(&pair), _) => self.cross[[pair, bin]],
                (_, Some(&pair)) => self.cross[[pair, bin]].conj(),
                _ => Complex64::from(self.auto[[x, bin]]),
            }
        })
    }

    fn ranks(
        &self,
        (seeds, targets): &(Vec<usize>, Vec<usize>),
        bands: &BandCoefficients,
    ) -> Result<(usize, usize)> {
        let lowest = |channels: &[usize]| -> Result<usize> {
            let mut rank = channels.len();
            for &bin in bands.columns.iter().flatten() {
                rank = rank.min(cross_spectral_rank(self.matrix(channels, bin).view())?);
            }
            Ok(rank)
        };
        Ok((lowest(seeds)?, lowest(targets)?))
    }

    /// The interaction at each bin that is asked for.
    fn connection(
        &self,
        (seeds, targets): &(Vec<usize>, Vec<usize>),
        ranks: (usize, usize),
        bands: &BandCoefficients,
    ) -> Result<HashMap<usize, Multivariate>> {
        let all: Vec<usize> = seeds.iter().chain(targets).copied().collect();
        let sorted = |group: &[usize]| group.iter().copied().collect::<BTreeSet<usize>>();
        let same = sorted(seeds) == sorted(targets);
        let mut found = HashMap::new();
        for &bin in bands.columns.iter().flatten() {
            let matrix = self.matrix(&all, bin);
            found.insert(bin, multivariate_interaction(matrix.view(), seeds.len(), ranks, same)?);
        }
        Ok(found)
    }
}

fn check_groups(params: &GroupParams, n_channels: usize) -> Result<()> {
    check_channels(params.groups.iter().flat_map(|(a, b)| a.iter().chain(b)).copied(), n_channels)?;
    let invalid = |value: String, allowed: &str| Error::Invalid {
        parameter: "indices",
        value,
        allowed: allowed.into(),
    };
    for (n, (seeds, targets)) in params.groups.iter().enumerate() {
        for (name, group) in [("seeds", seeds), ("targets", targets)] {
            let distinct: BTreeSet<usize> = group.iter().copied().collect();
            if group.is_empty() || distinct.len() < group.len() {
                let value = format!("{group:?} as {name} of connection {n}");
                return Err(invalid(value, "at least one channel, each once"));
            }
        }
    }
    match &params.ranks {
        Some(ranks) if ranks.len() != params.groups.len() => Err(Error::Invalid {
            parameter: "rank",
            value: format!("{} pairs of ranks", ranks.len()),
            allowed: format!("{}, one for each connection", params.groups.len()),
        }),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arrays::{ConnectivityParams, spectral_connectivity};
    use crate::testing::noise;
    use crate::{Seconds, Windows};
    use dosewave_numerics::phase::Measure;
    use ndarray::s;

    fn data() -> ndarray::Array3<f64> {
        let epochs = noise(5, 2000, 100.0).epochs(&Windows::fixed(Seconds(1.0))).unwrap();
        epochs.data_uv().to_owned()
    }

    fn params(groups: Vec<(Vec<usize>, Vec<usize>)>) -> GroupParams {
        GroupParams {
            mode: ConnectivityMode::Multitaper { bandwidth_hz: None, low_bias: true },
            bands: vec![(8.0, 12.0), (20.0, 24.0)],
            average_bands: true,
            groups,
            ranks: None,
        }
    }

    /// Between single channels `mic` is the modulus of the imaginary coherency, and `mim` its square.
    #[test]
    fn single_channels_have_their_imaginary_coherency() {
        let mut params = params(vec![(vec![0], vec![3]), (vec![4], vec![1])]);
        params.average_bands = false;
        let found = group_interaction(data().view(), 100.0, &params).unwrap();
        let plain = ConnectivityParams {
            mode: params.mode.into(),
            measures: vec![Measure::Imcoh],
            coherency: false,
            bands: params.bands.clone(),
            average_bands: false,
            pairs: vec![(0, 3), (4, 1)],
        };
        let imcoh = &spectral_connectivity(data().view(), 100.0, &plain).unwrap().values[0];
        assert_eq!(found.mic.dim(), imcoh.dim());
        for ((mic, mim), imcoh) in found.mic.iter().zip(&found.mim).zip(imcoh) {
            assert!((mic - imcoh.abs()).abs() < 1e-12 && (mim - imcoh * imcoh).abs() < 1e-12);
        }
        assert_eq!(found.patterns[0].seeds.dim(), (1, imcoh.ncols()));
        assert_eq!(found.ranks, [(1, 1), (1, 1)]);
    }

    #[test]
    fn bands_are_means_over_their_bins_and_groups_do_not_see_each_other() {
        let groups = vec![(vec![0, 2], vec![3, 4]), (vec![4, 1, 0], vec![2])];
        let averaged = group_interaction(data().view(), 100.0, &params(groups.clone())).unwrap();
        let mut per_bin = params(groups.clone());
        per_bin.average_bands = false;
        let bins = group_interaction(data().view(), 100.0, &per_bin).unwrap();
        let mean = bins.mim.slice(s![.., ..5]).mean_axis(ndarray::Axis(1)).unwrap();
        assert!((&averaged.mim.column(0) - &mean).iter().all(|d| d.abs() < 1e-13));
        assert_eq!(averaged.freqs_hz.to_vec(), [10.0, 22.0]);
        let alone = group_interaction(data().view(), 100.0, &params(groups[1..].to_vec())).unwrap();
        assert_eq!(alone.mic.row(0), averaged.mic.row(1));
    }

    #[test]
    fn dependent_channels_are_projected_or_named() {
        let mut data = data();
        let sum = &data.slice(s![.., 0, ..]) + &data.slice(s![.., 1, ..]);
        data.slice_mut(s![.., 2, ..]).assign(&sum);
        let groups = vec![(vec![0, 1, 2], vec![3, 4])];
        let found = group_interaction(data.view(), 100.0, &params(groups.clone())).unwrap();
        assert_eq!(found.ranks, [(2, 2)]);
        let two = group_interaction(data.view(), 100.0, &params(vec![(vec![0, 1], vec![3, 4])])).unwrap();
        assert!((&found.mic - &two.mic).iter().all(|d| d.abs() < 1e-9));
        let mut forced = params(groups);
        forced.ranks = Some(vec![(3, 2)]);
        let error = group_interaction(data.view(), 100.0, &forced).unwrap_err().to_string();
        assert!(error.contains("rank of the seeds = 3; allowed: at most 2"), "{error}");
    }

    #[test]
    fn nonsense_is_refused() {
        let refused =
            |groups| group_interaction(data().view(), 100.0, &params(groups)).unwrap_err().to_string();
        assert!(refused(vec![(vec![0], vec![5])]).contains("channel numbers 0 to 4"));
        assert!(refused(vec![(vec![0], vec![])]).contains("targets of connection 0"));
        assert!(refused(vec![(vec![0, 0], vec![1])]).contains("each once"));
        let mut short = params(vec![(vec![0], vec![1])]);
        short.ranks = Some(vec![]);
        assert!(group_interaction(data().view(), 100.0, &short).is_err());
    }
}

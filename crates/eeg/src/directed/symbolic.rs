//! Symbolic transfer entropy in windows.

use crate::{Epochs, Error, Result, parallel};
use dosewave_numerics::directed::{
    Shuffle, SteParams, SteSource, SteTarget, TransferEntropy, n_patterns, ordinal_patterns,
};
use dosewave_numerics::stats::Stream;
use ndarray::{Array2, ArrayView2, Axis};

/// Settings of symbolic transfer entropy.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SymbolicParams {
    /// Samples in an ordinal pattern, 2 to 5.
    pub dim: usize,
    /// Samples between those of a pattern.
    pub delay: usize,
    /// How far ahead the target is foretold, samples.
    pub horizon: usize,
    /// Number of shuffled sources that the bias is learnt from.
    pub n_shuffles: usize,
    /// How they are shuffled.
    pub shuffle: Shuffle,
    /// Seed of the shuffles; each window and source has a stream of its own.
    pub seed: u64,
}

/// Symbolic transfer entropy `[connection, window]` of `connections` `(source, target)` in windows that are lists of runs
/// `[channel, time]`, stretches without a gap between them (Staniek & Lehnertz 2008, 10.1103/PhysRevLett.100.158101;
/// normalised: Lee et al. 2013, 10.1097/ALN.0b013e31829103f5).
///
/// # Errors
/// [`Error::Invalid`] for channels that are not there, [`Error::Kernel`] for settings that cannot be or windows too short for
/// them.
///
/// ```
/// use dosewave_eeg::{SymbolicParams, symbolic_transfer_entropy};
/// use dosewave_numerics::{directed::Shuffle, stats::Stream};
/// // the second channel is the first, three samples later
/// let mut stream = Stream::new(1, 0);
/// let noise: Vec<f64> = (0..2003).map(|_| stream.normal()).collect();
/// let run = ndarray::Array2::from_shape_fn((2, 2000), |(c, t)| noise[t + 3 - 3 * c]);
/// let params = SymbolicParams { dim: 3, delay: 1, horizon: 3, n_shuffles: 20, shuffle: Shuffle::Shift, seed: 1 };
/// let found = symbolic_transfer_entropy(&[vec![run.view()]], &[(0, 1), (1, 0)], &params).unwrap();
/// assert!((found[[0, 0]].normalised().unwrap() - 1.0).abs() < 0.05); // all there is to tell
/// assert!(found[[1, 0]].normalised().unwrap().abs() < 0.01);
/// ```
pub fn symbolic_transfer_entropy(
    windows: &[Vec<ArrayView2<'_, f64>>],
    connections: &[(usize, usize)],
    params: &SymbolicParams,
) -> Result<Array2<TransferEntropy>> {
    check(windows, connections)?;
    let kernel = SteParams {
        n_symbols: n_patterns(params.dim.min(5)),
        horizon: params.horizon,
        n_shuffles: params.n_shuffles,
        shuffle: params.shuffle,
    };
    let patterns = |window: usize, channel: usize| -> Result<Vec<Vec<u8>>> {
        let runs = windows[window].iter();
        runs.map(|run| Ok(ordinal_patterns(run.row(channel), params.dim, params.delay)?)).collect()
    };
    let (sources, targets) =
        (distinct(connections.iter().map(|c| c.0)), distinct(connections.iter().map(|c| c.1)));
    let made = parallel::try_map(windows.len() * targets.len(), |task| {
        let (window, target) = (task / targets.len(), targets[task % targets.len()]);
        Ok(SteTarget::new(&patterns(window, target)?, &kernel)?)
    })?;
    let found = parallel::try_map(windows.len() * sources.len(), |task| {
        let (window, source) = (task / sources.len(), sources[task % sources.len()]);
        // named by window and channel, so that other connections draw the same
        let mut stream = Stream::new(params.seed, ((window as u64) << 32) | source as u64);
        let from = SteSource::new(&patterns(window, source)?, &kernel, &mut stream)?;
        let to = connections.iter().enumerate().filter(|(_, connection)| connection.0 == source);
        to.map(|(at, connection)| {
            let target = targets.binary_search(&connection.1).unwrap_or(0);
            Ok((at, window, made[window * targets.len() + target].from(&from)?))
        })
        .collect::<Result<Vec<_>>>()
    })?;
    let none = TransferEntropy {
        bits: f64::NAN,
        shuffled_bits: f64::NAN,
        conditional_entropy_bits: 0.0,
        source_entropy_bits: 0.0,
        n: 0,
    };
    let mut values = Array2::from_elem((connections.len(), windows.len()), none);
    for (at, window, value) in found.into_iter().flatten() {
        values[[at, window]] = value;
    }
    Ok(values)
}

impl Epochs {
    /// [`symbolic_transfer_entropy`] with each epoch as a window, `[connection, epoch]`.
    ///
    /// # Errors
    /// As there.
    pub fn symbolic_transfer_entropy(
        &self,
        connections: &[(usize, usize)],
        params: &SymbolicParams,
    ) -> Result<Array2<TransferEntropy>> {
        let data = self.data_uv();
        let windows: Vec<Vec<ArrayView2<'_, f64>>> =
            (0..self.n_epochs()).map(|e| vec![data.index_axis_move(Axis(0), e)]).collect();
        symbolic_transfer_entropy(&windows, connections, params)
    }
}

fn distinct(channels: impl Iterator<Item = usize>) -> Vec<usize> {
    let mut channels: Vec<usize> = channels.collect();
    channels.sort_unstable();
    channels.dedup();
    channels
}

fn check(windows: &[Vec<ArrayView2<'_, f64>>], connections: &[(usize, usize)]) -> Result<()> {
    let n_channels = windows.iter().flatten().map(ArrayView2::nrows).min().unwrap_or(0);
    match connections
        .iter()
        .find(|(source, target)| *source >= n_channels || *target >= n_channels || source == target)
    {
        None => Ok(()),
        Some((source, target)) => Err(Error::Invalid {
            parameter: "indices",
            value: format!("({source}, {target})"),
            allowed: format!("two different channels, 0 to {}", n_channels.saturating_sub(1)),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::noise;
    use crate::{Seconds, Windows};

    const PARAMS: SymbolicParams =
        SymbolicParams { dim: 3, delay: 2, horizon: 2, n_shuffles: 5, shuffle: Shuffle::Shift, seed: 3 };

    fn epochs() -> Epochs {
        noise(4, 4000, 100.0).epochs(&Windows::fixed(Seconds(10.0))).unwrap()
    }

    #[test]
    fn each_connection_and_window_is_as_if_it_were_alone() {
        let epochs = epochs();
        let connections = [(0, 1), (2, 1), (1, 0), (0, 3), (0, 1)];
        let together = epochs.symbolic_transfer_entropy(&connections, &PARAMS).unwrap();
        assert_eq!(together.dim(), (5, 4));
        for (at, connection) in connections.iter().enumerate() {
            let alone = epochs.symbolic_transfer_entropy(&[*connection], &PARAMS).unwrap();
            assert_eq!(alone.row(0), together.row(at));
        }
        assert!(together.iter().all(|value| value.normalised().unwrap().abs() < 0.02));
    }

    #[test]
    fn no_step_leads_over_a_gap() {
        let epochs = epochs();
        let whole = epochs.data_uv().index_axis_move(Axis(0), 0);
        let halves = vec![whole.slice(ndarray::s![.., ..400]), whole.slice(ndarray::s![.., 400..])];
        let found = symbolic_transfer_entropy(&[halves], &[(0, 1)], &PARAMS).unwrap();
        // each run has lost a pattern's reach and the horizon
        assert_eq!(found[[0, 0]].n, 1000 - 2 * (4 + 2));
    }

    #[test]
    fn what_is_not_there_is_refused() {
        let epochs = epochs();
        for connections in [[(0, 4)], [(1, 1)]] {
            let error = epochs.symbolic_transfer_entropy(&connections, &PARAMS).unwrap_err().to_string();
            assert!(error.contains("two different channels, 0 to 3"), "{error}");
        }
        let long = SymbolicParams { horizon: 1000, ..PARAMS };
        assert!(matches!(epochs.symbolic_transfer_entropy(&[(0, 1)], &long), Err(Error::Kernel(_))));
        let wide = SymbolicParams { dim: 9, ..PARAMS };
        assert!(epochs.symbolic_transfer_entropy(&[(0, 1)], &wide).is_err());
    }

    #[cfg(feature = "parallel")]
    #[test]
    fn the_same_bytes_for_any_number_of_threads() {
        let with = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| epochs().symbolic_transfer_entropy(&[(0, 1), (2, 3)], &PARAMS).unwrap())
        };
        assert_eq!(with(1), with(16));
    }
}

//! Phase measures beside what they come out as without coupling.

use crate::{Channels, Error, Fourier, Result, parallel};
use dosewave_numerics::phase::{
    Measure, NullTally, SurrogateCoefs, SurrogateKind, SurrogatePlan, expected_under_independence,
};
use ndarray::{Array1, Array2, Array3, Axis};
use serde::{Deserialize, Serialize};

/// Surrogates that one thread makes together, and that are made before they are counted. Constants, so that results do
/// not depend on threads.
const TOGETHER: u32 = 8;
const BATCH: u32 = 256;

/// Which surrogates to make, and of which measure.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SurrogateParams {
    /// The measure.
    pub measure: Measure,
    /// How channels are decoupled.
    pub kind: SurrogateKind,
    /// How many. The smallest p-value is `1 / (1 + n)`.
    pub n_surrogates: u32,
    /// Of the random numbers.
    pub seed: u64,
    /// Whether the value of every surrogate is kept: `n_surrogates × pairs × columns` numbers.
    pub keep: bool,
}

impl SurrogateParams {
    /// 1000 epoch shuffles of `measure`, seed 0, counted and not kept.
    #[must_use]
    pub fn of(measure: Measure) -> Self {
        Self { measure, kind: SurrogateKind::default(), n_surrogates: 1000, seed: 0, keep: false }
    }
}

/// Values of a measure, each beside its null. Arrays are `[pair, column]`, a column being a band or a frequency, and
/// NaN where the measure is undefined (a silent channel).
///
/// p-values are one-sided for measures of strength, and two-sided where the sign is a direction: `imcoh` by its modulus,
/// `dpli` by its distance from ½. `p_max` holds the chance of a false finding over all pairs of one column at its level,
/// provided that all pairs are uncoupled (the surrogates decouple all of them at once); columns are not corrected for.
#[derive(Clone, Debug, PartialEq)]
pub struct SurrogateTest {
    /// Channels.
    pub channels: Channels,
    /// Pairs of channel indices.
    pub pairs: Vec<(usize, usize)>,
    /// Mean frequency of each column, Hz.
    pub freqs_hz: Array1<f64>,
    /// What was asked for.
    pub params: SurrogateParams,
    /// Number of epochs, on which bias and p-values hang.
    pub n_epochs: usize,
    /// Number of tapers.
    pub n_tapers: usize,
    /// Values as measured.
    pub values: Array2<f64>,
    /// `(1 + #{surrogates at least as strong}) / (1 + n)` per pair.
    pub p: Array2<f64>,
    /// The same against the strongest pair of each surrogate.
    pub p_max: Array2<f64>,
    /// Mean over surrogates: the value that bias alone gives.
    pub null_mean: Array2<f64>,
    /// Standard deviation over surrogates.
    pub null_sd: Array2<f64>,
    /// [`expected_under_independence`], for comparison with `null_mean`.
    pub expected: f64,
    /// Values of all surrogates `[surrogate, pair, column]`, where they were to be kept.
    pub surrogates: Option<Array3<f64>>,
}

impl Fourier {
    /// A measure of `pairs` with its null distribution over surrogates, which reuse these coefficients. Column `c` of
    /// the results is the mean over the frequency bins `columns[c]` (see [`Self::freqs_hz`]).
    ///
    /// # Errors
    /// [`Error::Invalid`] without a surrogate; [`Error::Kernel`] below two epochs, for a channel or bin that is not
    /// there, for a column without a bin.
    ///
    /// ```
    /// use dosewave_eeg::{Hz, Recording, Seconds, SpectrumParams, SurrogateParams, Windows};
    /// use dosewave_numerics::{phase::Measure, stats::Stream};
    /// // noise that reaches the second channel two samples later, and a third channel of its own
    /// let mut stream = Stream::new(1, 0);
    /// let noise: Vec<[f64; 2]> = (0..8002).map(|_| [stream.normal(), stream.normal()]).collect();
    /// let data_uv = ndarray::Array2::from_shape_fn((3, 8000), |(c, t)| [noise[t + 2][0], noise[t][0], noise[t][1]][c]);
    /// let recording = Recording::new(data_uv, Hz(200.0), &["Fz", "Pz", "T7"]).unwrap();
    /// let epochs = recording.epochs(&Windows::fixed(Seconds(2.0))).unwrap();
    /// let fourier = epochs.fourier(&SpectrumParams::default(), Hz(8.0), Hz(13.0)).unwrap();
    /// let alpha = vec![(0..fourier.freqs_hz().len()).collect()];
    /// let params = SurrogateParams { n_surrogates: 199, ..SurrogateParams::of(Measure::Wpli2Debiased) };
    /// let test = fourier.surrogates(&[(1, 0), (2, 0)], &alpha, &params).unwrap();
    /// assert_eq!((test.n_epochs, test.p[[0, 0]], test.p_max[[0, 0]]), (20, 0.005, 0.005));
    /// assert!(test.values[[0, 0]] > 0.9 && test.null_mean[[0, 0]].abs() < 0.05 && test.p[[1, 0]] > 0.05);
    /// ```
    pub fn surrogates(
        &self,
        pairs: &[(usize, usize)],
        columns: &[Vec<usize>],
        params: &SurrogateParams,
    ) -> Result<SurrogateTest> {
        if params.n_surrogates == 0 {
            let (value, allowed) = ("0".into(), "at least 1".into());
            return Err(Error::Invalid { parameter: "n_surrogates", value, allowed });
        }
        let coefs = SurrogateCoefs::new(self.coefs(), &self.weights().to_vec())?;
        let plan = SurrogatePlan::new(&coefs, pairs, columns, params.measure)?;
        let values = plan.observed();
        let (tally, surrogates) = count(&plan, &values, params)?;
        let null = tally.finish();
        let freqs_hz = self.freqs_hz();
        let centre =
            |bins: &Vec<usize>| bins.iter().map(|bin| freqs_hz[*bin]).sum::<f64>() / bins.len() as f64;
        let (n_epochs, n_tapers) = (self.onsets().len(), self.weights().len());
        Ok(SurrogateTest {
            channels: self.channels().clone(),
            pairs: pairs.to_vec(),
            freqs_hz: columns.iter().map(centre).collect(),
            params: *params,
            n_epochs,
            n_tapers,
            values,
            p: null.p,
            p_max: null.p_max,
            null_mean: null.mean,
            null_sd: null.sd,
            expected: expected_under_independence(params.measure, n_epochs, n_tapers),
            surrogates,
        })
    }
}

/// Counts all surrogates, in their order, and keeps their values if that was asked for.
fn count(
    plan: &SurrogatePlan<'_>,
    values: &Array2<f64>,
    params: &SurrogateParams,
) -> Result<(NullTally, Option<Array3<f64>>)> {
    let n = params.n_surrogates;
    let mut tally = NullTally::new(params.measure, values);
    let (n_pairs, n_columns) = values.dim();
    let mut kept = params.keep.then(|| Array3::zeros((n as usize, n_pairs, n_columns)));
    for start in (0..n).step_by(BATCH as usize) {
        let end = (start + BATCH).min(n);
        let batch = parallel::map((end - start).div_ceil(TOGETHER) as usize, |task| {
            let first = start + task as u32 * TOGETHER;
            plan.drawn(params.kind, params.seed, first..(first + TOGETHER).min(end))
        });
        for (surrogate, index) in batch.into_iter().flatten().zip(start as usize..) {
            tally.add(&surrogate)?;
            if let Some(kept) = &mut kept {
                kept.index_axis_mut(Axis(0), index).assign(&surrogate);
            }
        }
    }
    Ok((tally, kept))
}

#[cfg(all(test, feature = "parallel"))]
mod tests {
    use super::*;
    use crate::{Hz, Seconds, SpectrumParams, Windows};

    #[test]
    fn the_same_bytes_for_any_number_of_threads() {
        let epochs = crate::testing::noise(5, 2000, 100.0).epochs(&Windows::fixed(Seconds(1.0))).unwrap();
        let fourier = epochs.fourier(&SpectrumParams::default(), Hz(8.0), Hz(13.0)).unwrap();
        let params = SurrogateParams { n_surrogates: 300, keep: true, ..SurrogateParams::of(Measure::Wpli) };
        let with = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| fourier.surrogates(&[(1, 0), (4, 2)], &[vec![0, 1], vec![3]], &params).unwrap())
        };
        assert_eq!(with(1), with(4));
    }
}

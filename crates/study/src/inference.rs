//! Intervals and p-values of a change, by resampling whole blocks of epochs.

use crate::Result;
use crate::config::Config;
use crate::contrast::change;
use dosewave_markers::{BlockStats, Change, DynMarker};
use dosewave_numerics::stats::{Stream, bootstrap_counts, quantile};
use ndarray::{Array2, ArrayView1};

/// Fewest blocks on either side for an interval or a p.
pub(crate) const FEWEST_BLOCKS: usize = 4;
/// Draws behind the interval of a value, which is evidence and no result.
const MOST_VALUE_DRAWS: usize = 200;
/// Share of draws in which a value must be defined.
const DEFINED_SHARE: f64 = 0.9;

/// What resampling says about the change at one site.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Spread {
    pub(crate) ci: Option<(f64, f64)>,
    pub(crate) p: Option<f64>,
}

/// A stable number for a task, from its name: FNV-1a. The numbers a task draws depend on nothing else.
pub(crate) fn task_id(name: &str) -> u64 {
    name.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

/// `[draw, block]`: how often each block is drawn with replacement (Künsch 1989, 10.1214/aos/1176347265).
pub(crate) fn bootstrap(n_draws: usize, n_blocks: usize, stream: &mut Stream) -> Array2<u32> {
    let mut counts = Array2::zeros((n_draws, n_blocks));
    for mut row in counts.rows_mut() {
        for (cell, count) in row.iter_mut().zip(bootstrap_counts(n_blocks, stream)) {
            *cell = count;
        }
    }
    counts
}

/// `[draw, block]` twice: `n_first` blocks of the pool by lot, and the others.
fn relabelled(
    n_draws: usize,
    n_first: usize,
    n_blocks: usize,
    stream: &mut Stream,
) -> (Array2<u32>, Array2<u32>) {
    let mut first = Array2::zeros((n_draws, n_blocks));
    let mut order: Vec<usize> = (0..n_blocks).collect();
    for mut row in first.rows_mut() {
        stream.shuffle(&mut order);
        for &block in order.iter().take(n_first) {
            if let Some(cell) = row.get_mut(block) {
                *cell = 1;
            }
        }
    }
    let second = first.mapv(|count| 1 - count);
    (first, second)
}

/// Percentiles of the draws, moved so that their mean lies on the estimate: `θ̂ + q − mean`.
///
/// A block drawn twice counts as two, which biases estimators that debias by the number of epochs (the debiased wPLI);
/// the shift takes that bias out. `None` where too few draws are defined.
pub(crate) fn recentred_interval(estimate: f64, draws: &[f64], confidence: f64) -> Option<(f64, f64)> {
    let mut defined: Vec<f64> = draws.iter().copied().filter(|value| value.is_finite()).collect();
    if defined.is_empty() || (defined.len() as f64) < DEFINED_SHARE * draws.len() as f64 {
        return None;
    }
    let mean = dosewave_numerics::stats::mean(&defined)?;
    // sorted once for both ends
    defined.sort_unstable_by(f64::total_cmp);
    let tail = (1.0 - confidence) / 2.0;
    let end = |q: f64| quantile(&defined, q).map(|value| estimate + value - mean);
    Some((end(tail)?, end(1.0 - tail)?))
}

/// Two-sided permutation p, the observed labelling included: `(1 + #{|change*| ≥ |change|}) / (1 + N)`.
fn permutation_p(estimate: f64, draws: &[f64]) -> Option<f64> {
    let defined = draws.iter().filter(|value| value.is_finite());
    let n = defined.clone().count();
    if n == 0 || (n as f64) < DEFINED_SHARE * draws.len() as f64 {
        return None;
    }
    // a hair of slack, so that a relabelling that is the observed one counts
    let observed = estimate.abs() * (1.0 - 1e-12);
    let as_large = defined.filter(|value| value.abs() >= observed).count();
    Some((1 + as_large) as f64 / (1 + n) as f64)
}

/// The interval of each value of one window, by resampling its blocks; nothing where none is asked for or too few blocks are
/// there.
pub(crate) fn value_intervals(
    marker: &dyn DynMarker,
    stats: &BlockStats,
    values: &[Option<f64>],
    config: &Config,
    task: &str,
) -> Result<Vec<Option<(f64, f64)>>> {
    if stats.n_blocks < FEWEST_BLOCKS || config.inference.n_bootstrap == 0 {
        return Ok(vec![None; values.len()]);
    }
    let mut stream = Stream::new(config.seed, task_id(&format!("{task}/value")));
    let n_draws = config.inference.n_bootstrap.min(MOST_VALUE_DRAWS);
    let drawn = marker.evaluate(stats, bootstrap(n_draws, stats.n_blocks, &mut stream).view())?;
    let interval = |site: usize, value: f64| {
        recentred_interval(value, &drawn.column(site).to_vec(), config.inference.confidence)
    };
    Ok(values.iter().enumerate().map(|(site, value)| interval(site, (*value)?)).collect())
}

/// The spread of the change at each site; `estimates` as [`change`] gives them.
pub(crate) fn spread(
    marker: &dyn DynMarker,
    (before, after): (&BlockStats, &BlockStats),
    estimates: &[Option<f64>],
    config: &Config,
    task: &str,
) -> Result<Vec<Spread>> {
    let kind = marker.spec().change;
    let mut spreads = vec![Spread::default(); estimates.len()];
    if before.n_blocks < FEWEST_BLOCKS || after.n_blocks < FEWEST_BLOCKS {
        return Ok(spreads);
    }
    let settings = &config.inference;
    if settings.n_bootstrap > 0 {
        let draw = |stats: &BlockStats, side: &str| {
            let mut stream = Stream::new(config.seed, task_id(&format!("{task}/bootstrap/{side}")));
            marker.evaluate(stats, bootstrap(settings.n_bootstrap, stats.n_blocks, &mut stream).view())
        };
        let (first, second) = (draw(before, "before")?, draw(after, "after")?);
        for_each_site(&mut spreads, estimates, (&first, &second), kind, |spread, estimate, draws| {
            spread.ci = recentred_interval(estimate, draws, settings.confidence);
        });
    }
    if settings.n_permutations > 0 {
        let pool = before.concat(after)?;
        let mut stream = Stream::new(config.seed, task_id(&format!("{task}/permutation")));
        let (first, second) =
            relabelled(settings.n_permutations, before.n_blocks, pool.n_blocks, &mut stream);
        let drawn = (marker.evaluate(&pool, first.view())?, marker.evaluate(&pool, second.view())?);
        for_each_site(&mut spreads, estimates, (&drawn.0, &drawn.1), kind, |spread, estimate, draws| {
            spread.p = permutation_p(estimate, draws);
        });
    }
    Ok(spreads)
}

/// Calls `set` for each site that has an estimate, with the changes of all draws.
fn for_each_site(
    spreads: &mut [Spread],
    estimates: &[Option<f64>],
    (before, after): (&Array2<f64>, &Array2<f64>),
    kind: Change,
    set: impl Fn(&mut Spread, f64, &[f64]),
) {
    let columns = before.columns().into_iter().zip(after.columns());
    for ((spread, estimate), (first, second)) in spreads.iter_mut().zip(estimates).zip(columns) {
        if let Some(estimate) = estimate {
            set(spread, *estimate, &changes(&first, &second, kind));
        }
    }
}

fn changes(before: &ArrayView1<'_, f64>, after: &ArrayView1<'_, f64>, kind: Change) -> Vec<f64> {
    before.iter().zip(after).map(|(&b, &a)| change(kind, Some(b), Some(a)).unwrap_or(f64::NAN)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn task_ids_are_those_of_fnv() {
        assert_eq!(task_id(""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(task_id("a"), 0xaf63_dc4c_8601_ec8c);
    }

    #[test]
    fn the_interval_sits_on_the_estimate() {
        // draws 0..=100 with mean 50, estimate 10: everything moves by −40
        let draws: Vec<f64> = (0..=100).map(f64::from).collect();
        let (low, high) = recentred_interval(10.0, &draws, 0.9).unwrap();
        assert!((low + 35.0).abs() < 1e-9 && (high - 55.0).abs() < 1e-9, "{low} {high}");
    }

    #[test]
    fn undefined_draws_take_the_interval_away() {
        let mut draws = vec![1.0; 10];
        draws[0] = f64::NAN;
        assert!(recentred_interval(1.0, &draws, 0.95).is_some());
        draws[1] = f64::NAN;
        assert_eq!(recentred_interval(1.0, &draws, 0.95), None);
    }

    #[test]
    fn p_counts_the_observed_labelling() {
        assert_eq!(permutation_p(2.0, &[0.0, 1.0, -2.0, 3.0]), Some(3.0 / 5.0));
        assert_eq!(permutation_p(9.0, &[0.0, 1.0, -2.0, 3.0]), Some(1.0 / 5.0));
        assert_eq!(permutation_p(1.0, &[]), None);
    }

    #[test]
    fn relabelling_takes_each_block_once() {
        let (first, second) = relabelled(50, 3, 8, &mut Stream::new(1, 2));
        for (a, b) in first.rows().into_iter().zip(second.rows()) {
            assert_eq!(a.sum(), 3);
            assert!(a.iter().zip(b).all(|(x, y)| x + y == 1));
        }
        // every block gets its turn
        assert!(first.columns().into_iter().all(|c| c.sum() > 0));
    }
}

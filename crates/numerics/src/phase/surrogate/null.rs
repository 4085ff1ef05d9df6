//! What many surrogates say about the values that were observed.

use crate::phase::Measure;
use crate::{Error, Result};
use ndarray::{Array1, Array2, Axis, Zip};

/// Counts over surrogates; their values need not be kept.
#[derive(Clone, Debug)]
pub struct NullTally {
    measure: Measure,
    /// Strength of what was observed, `[pair, column]`.
    observed: Array2<f64>,
    n: u32,
    reached: Array2<u32>,
    reached_by_largest: Array2<u32>,
    n_defined: Array2<f64>,
    mean: Array2<f64>,
    squares: Array2<f64>,
}

/// What [`NullTally`] found, `[pair, column]` each; NaN where the observed value is undefined.
#[derive(Clone, Debug, PartialEq)]
pub struct Null {
    /// Number of surrogates.
    pub n_surrogates: u32,
    /// `(1 + #{surrogates at least as strong}) / (1 + n)`; a surrogate whose value is undefined counts as strong.
    pub p: Array2<f64>,
    /// The same against the strongest pair of each surrogate and column: corrected for the number of pairs.
    pub p_max: Array2<f64>,
    /// Mean over surrogates: the bias of the measure with this number of epochs.
    pub mean: Array2<f64>,
    /// Standard deviation over surrogates (`n − 1`).
    pub sd: Array2<f64>,
}

/// How far a value is from "no coupling": its modulus where the sign is a direction, its distance from ½ for `dpli`.
fn strength(measure: Measure, value: f64) -> f64 {
    match measure {
        Measure::Imcoh => value.abs(),
        Measure::Dpli => (value - 0.5).abs(),
        _ => value,
    }
}

impl NullTally {
    /// For values `[pair, column]` of `measure`.
    #[must_use]
    pub fn new(measure: Measure, observed: &Array2<f64>) -> Self {
        let zeros = || Array2::zeros(observed.dim());
        Self {
            measure,
            observed: observed.mapv(|value| strength(measure, value)),
            n: 0,
            reached: Array2::zeros(observed.dim()),
            reached_by_largest: Array2::zeros(observed.dim()),
            n_defined: zeros(),
            mean: zeros(),
            squares: zeros(),
        }
    }

    /// Counts one surrogate in.
    ///
    /// # Errors
    /// [`Error::Shape`] for other pairs or columns than were observed.
    pub fn add(&mut self, surrogate: &Array2<f64>) -> Result<()> {
        if surrogate.dim() != self.observed.dim() {
            let (expected, got) = (self.observed.len(), surrogate.len());
            return Err(Error::Shape { what: "values of a surrogate", expected, got });
        }
        self.n += 1;
        let strengths = self.strengths(surrogate);
        let largest: Array1<f64> = strengths.fold_axis(Axis(0), f64::NEG_INFINITY, |a, b| a.max(*b));
        Zip::indexed(&mut self.reached_by_largest).and(&self.observed).for_each(
            |(_, column), count, observed| {
                *count += u32::from(reaches(largest[column], *observed));
            },
        );
        Zip::from(&mut self.reached).and(&strengths).and(&self.observed).for_each(
            |count, value, observed| {
                *count += u32::from(reaches(*value, *observed));
            },
        );
        Zip::from(&mut self.mean).and(&mut self.squares).and(&mut self.n_defined).and(surrogate).for_each(
            |mean, squares, n, value| {
                if value.is_finite() {
                    *n += 1.0;
                    let from_old = value - *mean;
                    *mean += from_old / *n;
                    *squares += from_old * (value - *mean);
                }
            },
        );
        Ok(())
    }

    /// Strength of each value. One that is undefined where something was observed counts against the effect; a pair
    /// without an observed value counts for nothing.
    fn strengths(&self, surrogate: &Array2<f64>) -> Array2<f64> {
        Zip::from(surrogate).and(&self.observed).map_collect(|value, observed| {
            match strength(self.measure, *value) {
                _ if observed.is_nan() => f64::NEG_INFINITY,
                found if found.is_nan() => f64::INFINITY,
                found => found,
            }
        })
    }

    /// p-values, means and standard deviations.
    #[must_use]
    pub fn finish(self) -> Null {
        let total = f64::from(1 + self.n);
        let p = |counts: &Array2<u32>| {
            let mut p = counts.mapv(|count| f64::from(1 + count) / total);
            p.zip_mut_with(&self.observed, |p, observed| *p = if observed.is_nan() { f64::NAN } else { *p });
            p
        };
        let with_enough = |values: &Array2<f64>, need: f64, of: fn(f64, f64) -> f64| {
            let mut out = values.clone();
            out.zip_mut_with(&self.n_defined, |v, n| *v = if *n >= need { of(*v, *n) } else { f64::NAN });
            out
        };
        Null {
            n_surrogates: self.n,
            p: p(&self.reached),
            p_max: p(&self.reached_by_largest),
            mean: with_enough(&self.mean, 1.0, |mean, _| mean),
            sd: with_enough(&self.squares, 2.0, |squares, n| (squares / (n - 1.0)).sqrt()),
        }
    }
}

/// Values that differ by rounding only count as equal.
fn reaches(value: f64, observed: f64) -> bool {
    value >= observed - 1e-12 * observed.abs()
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    fn tally(measure: Measure, observed: Array2<f64>, surrogates: &[Array2<f64>]) -> Null {
        let mut tally = NullTally::new(measure, &observed);
        surrogates.iter().for_each(|values| tally.add(values).unwrap());
        tally.finish()
    }

    #[test]
    fn counts_means_and_the_largest_pair_by_hand() {
        let surrogates = [array![[0.1], [0.5]], array![[0.4], [0.2]], array![[0.3], [0.1]]];
        let null = tally(Measure::Plv, array![[0.3], [0.45]], &surrogates);
        assert_eq!(null.p, array![[3.0 / 4.0], [2.0 / 4.0]]);
        // the largest are 0.5, 0.4 and 0.3
        assert_eq!(null.p_max, array![[4.0 / 4.0], [2.0 / 4.0]]);
        assert!((null.mean[[0, 0]] - 0.8 / 3.0).abs() < 1e-15);
        assert!((null.sd[[0, 0]] - (0.07_f64 / 3.0).sqrt()).abs() < 1e-15, "{}", null.sd[[0, 0]]);
    }

    #[test]
    fn a_direction_counts_on_both_sides() {
        let surrogates = [array![[-0.4]], array![[0.1]]];
        assert_eq!(tally(Measure::Imcoh, array![[0.3]], &surrogates).p, array![[2.0 / 3.0]]);
        let surrogates = [array![[0.1]], array![[0.6]]];
        assert_eq!(tally(Measure::Dpli, array![[0.2]], &surrogates).p, array![[2.0 / 3.0]]);
        // a debiased value far below zero is no coupling
        assert_eq!(tally(Measure::Ppc, array![[-0.3]], &[array![[0.0]]]).p, array![[1.0]]);
    }

    #[test]
    fn what_is_undefined_counts_against_the_effect_and_is_no_mean() {
        let nan = f64::NAN;
        let surrogates = [array![[nan], [0.2]], array![[0.1], [0.1]]];
        let null = tally(Measure::Plv, array![[0.5], [nan]], &surrogates);
        assert_eq!((null.p[[0, 0]], null.p_max[[0, 0]]), (2.0 / 3.0, 2.0 / 3.0));
        assert_eq!(null.mean[[0, 0]], 0.1);
        assert!(null.p[[1, 0]].is_nan() && null.p_max[[1, 0]].is_nan() && null.sd[[0, 0]].is_nan());
    }

    #[test]
    fn other_shapes_are_refused() {
        let mut tally = NullTally::new(Measure::Plv, &array![[0.5]]);
        assert!(matches!(tally.add(&array![[0.5, 0.1]]), Err(Error::Shape { .. })));
    }
}

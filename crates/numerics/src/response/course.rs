//! A course of overlapping windows, split at the dose and at pauses.

use crate::{Error, Result};

/// The defined points of one side of the dose.
pub(super) struct Side {
    pub(super) times: Vec<f64>,
    pub(super) values: Vec<f64>,
    /// Number of the run that each point lies in; runs are parted by pauses.
    pub(super) run_of: Vec<usize>,
}

/// A course with the dose at time 0; times are centres of windows of `width`.
pub(super) struct Course {
    pub(super) pre: Side,
    pub(super) post: Side,
    pub(super) width: f64,
    /// Steps in a width: windows that far apart share no data.
    pub(super) n_apart: usize,
    /// Slack of comparisons between times.
    pub(super) slack: f64,
}

/// Steps longer than this many shortest ones are pauses.
const PAUSE_STEPS: f64 = 1.5;

impl Course {
    /// Drops missing points (NaN) and windows that straddle the dose.
    pub(super) fn new(times: &[f64], values: &[f64], width: f64) -> Result<Self> {
        check(times, values, width)?;
        let steps = times.windows(2).map(|pair| pair[1] - pair[0]);
        let step = steps.fold(f64::INFINITY, f64::min).min(width);
        let slack = 1e-6 * step;
        let longest = PAUSE_STEPS * step;
        let side = |belongs: &dyn Fn(f64) -> bool| {
            let points = times.iter().zip(values).filter(|(t, v)| v.is_finite() && belongs(**t));
            Side::new(points.map(|(t, v)| (*t, *v)), longest)
        };
        Ok(Self {
            pre: side(&|time| time + width / 2.0 <= slack),
            post: side(&|time| time - width / 2.0 >= -slack),
            width,
            n_apart: ((width / step).round() as usize).max(1),
            slack,
        })
    }
}

impl Side {
    fn new(points: impl Iterator<Item = (f64, f64)>, longest_step: f64) -> Self {
        let mut side = Self { times: Vec::new(), values: Vec::new(), run_of: Vec::new() };
        let mut run = 0;
        for (time, value) in points {
            if side.times.last().is_some_and(|before| time - before > longest_step) {
                run += 1;
            }
            side.times.push(time);
            side.values.push(value);
            side.run_of.push(run);
        }
        side
    }

    pub(super) fn len(&self) -> usize {
        self.times.len()
    }

    /// The ends of each run, `start..end`.
    pub(super) fn runs(&self) -> Vec<std::ops::Range<usize>> {
        let mut runs: Vec<std::ops::Range<usize>> = Vec::new();
        for (i, run) in self.run_of.iter().enumerate() {
            match runs.get_mut(*run) {
                Some(range) => range.end = i + 1,
                None => runs.push(i..i + 1),
            }
        }
        runs
    }

    /// Mean of `values` over the points of the same run at most `reach` away.
    pub(super) fn smoothed(&self, values: &[f64], reach: f64) -> Vec<f64> {
        let mut smooth = vec![0.0; values.len()];
        for run in self.runs() {
            let (mut from, mut to, mut sum) = (run.start, run.start, 0.0);
            for i in run.clone() {
                while to < run.end && self.times[to] <= self.times[i] + reach {
                    sum += values[to];
                    to += 1;
                }
                while self.times[from] < self.times[i] - reach {
                    sum -= values[from];
                    from += 1;
                }
                smooth[i] = sum / (to - from) as f64;
            }
        }
        smooth
    }
}

fn check(times: &[f64], values: &[f64], width: f64) -> Result<()> {
    if times.len() != values.len() {
        return Err(Error::Shape { what: "values of a course", expected: times.len(), got: values.len() });
    }
    if !(width.is_finite() && width > 0.0) {
        return Err(Error::Invalid {
            parameter: "width",
            value: width.to_string(),
            allowed: "a positive length of time".into(),
        });
    }
    let wrong = (0..times.len()).find(|&i| !times[i].is_finite() || (i > 0 && times[i] <= times[i - 1]));
    match wrong {
        Some(index) => Err(Error::Value {
            what: "times",
            index,
            value: times[index],
            allowed: "finite times that ascend are allowed",
        }),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_course_is_split_at_the_dose_and_at_pauses() {
        let times: Vec<f64> = (-6..=8).map(|k| f64::from(k) * 0.5).filter(|t| *t != 2.5).collect();
        let mut values = vec![1.0; times.len()];
        values[0] = f64::NAN;
        let course = Course::new(&times, &values, 1.0).unwrap();
        assert_eq!(course.pre.times, [-2.5, -2.0, -1.5, -1.0, -0.5]);
        assert_eq!(course.post.times, [0.5, 1.0, 1.5, 2.0, 3.0, 3.5, 4.0]);
        assert_eq!(course.post.run_of, [0, 0, 0, 0, 1, 1, 1]);
        assert_eq!(course.n_apart, 2);
    }

    #[test]
    fn smoothing_stays_within_a_run() {
        let side = Side { times: vec![0.0, 1.0, 2.0, 5.0, 6.0], values: vec![], run_of: vec![0, 0, 0, 1, 1] };
        assert_eq!(side.smoothed(&[3.0, 6.0, 9.0, 1.0, 5.0], 1.0), [4.5, 6.0, 7.5, 3.0, 3.0]);
    }

    #[test]
    fn bad_courses_are_refused() {
        assert!(Course::new(&[0.0, 1.0], &[1.0], 1.0).is_err());
        assert!(Course::new(&[0.0, 0.0], &[1.0, 1.0], 1.0).is_err());
        assert!(Course::new(&[0.0, 1.0], &[1.0, 1.0], 0.0).is_err());
    }
}

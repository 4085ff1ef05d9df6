//! Mean time courses of a group, and what they say, with intervals over subjects.

use super::rows::{FEWEST_SUBJECTS, GROUP, treatments};
use super::shapes::by_subject;
use crate::config::Config;
use crate::inference::task_id;
use crate::results::gravest;
use crate::time_course::{MOST_DRAWS, response_rows, thinned};
use crate::{ContrastRow, Gate, ResponseRow, Result, Results, TimeCourse, parallel};
use dosewave_numerics::response::{Feature, response};
use dosewave_numerics::stats::{Stream, bootstrap_counts, mean, quantile};
use std::collections::BTreeMap;

/// Share of draws in which a feature must have a value.
const DEFINED_SHARE: f64 = 0.9;

/// Adds the mean course of every treatment, marker and site, and its features.
pub(crate) fn add(results: &mut Results, config: &Config) -> Result<()> {
    let mut groups: Vec<GroupCourse> = Vec::new();
    for treatment in treatments(results) {
        let own: Vec<&TimeCourse> =
            results.time_courses.iter().filter(|c| c.treatment == treatment).collect();
        let mut cells: Vec<(&str, &str)> = Vec::new();
        for course in &own {
            let cell = (course.marker.as_str(), course.site.as_str());
            if !cells.contains(&cell) {
                cells.push(cell);
            }
        }
        for (marker, site) in cells {
            let of = own.iter().copied().filter(|c| (c.marker.as_str(), c.site.as_str()) == (marker, site));
            groups.extend(GroupCourse::new(&of.collect::<Vec<_>>()));
        }
    }
    let rows = parallel::map(groups.len(), |i| groups[i].responses(&results.contrasts, config));
    results.responses.extend(rows.into_iter().collect::<Result<Vec<_>>>()?.concat());
    results.time_courses.extend(groups.into_iter().map(|group| group.mean));
    Ok(())
}

/// The courses of the subjects at common times.
struct GroupCourse {
    mean: TimeCourse,
    /// `[subject][time]`, NaN where missing; sessions of a subject are averaged.
    subjects: Vec<Vec<f64>>,
}

impl GroupCourse {
    /// `None` for fewer than three subjects.
    fn new(of: &[&TimeCourse]) -> Option<Self> {
        let first = of.first()?;
        let alike = of.iter().filter(|c| (c.width_s, c.step_s) == (first.width_s, first.step_s));
        let sessions = by_subject(alike.map(|c| (c.subject.clone(), *c)));
        if sessions.len() < FEWEST_SUBJECTS {
            return None;
        }
        // hundredths of a second tell the windows apart
        let key = |minutes: f64| (minutes * 6000.0).round() as i64;
        let mut times: BTreeMap<i64, f64> = BTreeMap::new();
        for (time, _) in sessions.values().flatten().flat_map(|course| defined(course)) {
            times.entry(key(time)).or_insert(time);
        }
        let place: BTreeMap<i64, usize> = times.keys().enumerate().map(|(i, key)| (*key, i)).collect();
        let mut subjects = Vec::with_capacity(sessions.len());
        for own in sessions.values() {
            let mut values: Vec<Vec<f64>> = vec![Vec::new(); times.len()];
            for (time, change) in own.iter().flat_map(|course| defined(course)) {
                values[place[&key(time)]].push(change);
            }
            subjects.push(values.iter().map(|values| mean(values).unwrap_or(f64::NAN)).collect());
        }
        let mean = TimeCourse {
            subject: GROUP.into(),
            session: String::new(),
            t_from_dose_min: times.into_values().collect(),
            change: Vec::new(),
            ..(*first).clone()
        };
        let mut group = Self { mean, subjects };
        group.mean.change = group.drawn_mean(&vec![1; group.subjects.len()]);
        Some(group)
    }

    /// Mean over subjects, each as often as drawn, at the times at which at least half of them, and three, have a value.
    fn drawn_mean(&self, counts: &[u32]) -> Vec<Option<f64>> {
        let enough = FEWEST_SUBJECTS.max(self.subjects.len().div_ceil(2)) as f64;
        let at = |time: usize| {
            let (mut sum, mut n) = (0.0, 0.0);
            for (values, count) in self.subjects.iter().zip(counts) {
                if values[time].is_finite() {
                    sum += f64::from(*count) * values[time];
                    n += f64::from(*count);
                }
            }
            (n >= enough).then(|| sum / n)
        };
        (0..self.mean.t_from_dose_min.len()).map(at).collect()
    }

    /// The features of the mean course, with percentiles over draws of subjects.
    fn responses(&self, contrasts: &[ContrastRow], config: &Config) -> Result<Vec<ResponseRow>> {
        let mean = &self.mean;
        let width_min = mean.width_s / 60.0;
        let (times, values) = thinned(mean);
        let found = response(&times, &values, width_min)?;
        let task = format!("group/response/{}/{}/{}", mean.treatment, mean.marker, mean.site);
        let mut stream = Stream::new(config.seed, task_id(&task));
        let n_draws = config.inference.n_bootstrap.min(MOST_DRAWS);
        let mut drawn: [Vec<f64>; 7] = Default::default();
        for _ in 0..n_draws {
            let counts = bootstrap_counts(self.subjects.len(), &mut stream);
            let course = TimeCourse { change: self.drawn_mean(&counts), ..mean.clone() };
            let (times, values) = thinned(&course);
            for (draws, value) in drawn.iter_mut().zip(response(&times, &values, width_min)?.values) {
                draws.extend(value.ok());
            }
        }
        let mut intervals = [None; 7];
        for ((interval, feature), draws) in intervals.iter_mut().zip(Feature::ALL).zip(&mut drawn) {
            let enough = !draws.is_empty() && draws.len() as f64 >= DEFINED_SHARE * n_draws as f64;
            if enough && found.get(feature).is_ok() {
                *interval = ends(draws, config.inference.confidence);
            }
        }
        let own = contrasts.iter().filter(|row| {
            row.subject == GROUP
                && (&row.treatment, &row.marker, &row.site) == (&mean.treatment, &mean.marker, &mean.site)
        });
        let gate = gravest(own.map(|row| row.gate)).unwrap_or(Gate::NotApplicable);
        Ok(response_rows(mean, found.values, intervals, gate))
    }
}

/// The points of a course that have a value.
fn defined(course: &TimeCourse) -> impl Iterator<Item = (f64, f64)> + '_ {
    course.t_from_dose_min.iter().zip(&course.change).filter_map(|(time, change)| Some((*time, (*change)?)))
}

fn ends(draws: &mut [f64], confidence: f64) -> Option<(f64, f64)> {
    draws.sort_unstable_by(f64::total_cmp);
    let tail = (1.0 - confidence) / 2.0;
    Some((quantile(draws, tail)?, quantile(draws, 1.0 - tail)?))
}

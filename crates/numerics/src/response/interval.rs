//! How sure the features of a response are.

use super::course::{Course, Side};
use super::features::{Feature, of_course};
use crate::Result;
use crate::stats::{Stream, quantile};

/// Share of draws in which a feature must have a value.
const DEFINED_SHARE: f64 = 0.9;
/// What is smoother than the mean over the windows within so many widths is the course, the rest is scatter.
const COURSE_WIDTHS: f64 = 2.0;
/// Fewest scatters of one side that are drawn from alone; else those of both sides are.
const FEWEST_SCATTERS: usize = 8;

/// Intervals of the features of [`response`](super::response), in the order of [`Feature::ALL`], from `n_draws` courses that
/// could have been recorded as well.
///
/// A drawn course is the smoothed one (the mean of the baseline before the dose) with new scatter: how far windows lie from
/// the mean of the two next to them that share no data with them, `(y_k − (y_{k−1} + y_{k+1}) / 2) / √(3/2)`, drawn with
/// replacement and random signs for each side of the dose, and spread over windows that overlap as real ones do. All
/// changes of a draw share the error of its baseline. What varies more slowly than five windows counts as the course itself,
/// so the intervals say how well this course was measured, not how the next session would turn out.
///
/// The ends are percentiles of the draws, at the estimate or beyond it; times are known to half a width at best and are given
/// that on either side. `None` where the feature is missing, or missing in more than one draw of ten. A wild bootstrap: Wu
/// 1986, <https://doi.org/10.1214/aos/1176350142>.
///
/// # Errors
/// As [`response`](super::response).
///
/// ```
/// use dosewave_numerics::{response::response_intervals, stats::Stream};
/// let times: Vec<f64> = (-20..=40).filter(|k| *k != 0).map(f64::from).collect();
/// let values: Vec<f64> = times.iter().map(|t| 0.3 * (7.0 * t).sin() + if *t > 8.0 { 5.0 } else { 0.0 }).collect();
/// let [onset, .., auec] = response_intervals(&times, &values, 1.0, 200, 0.95, &mut Stream::new(1, 0)).unwrap();
/// assert!(onset.is_some_and(|(low, high)| low < 9.0 && 9.0 <= high));
/// assert!(auec.is_some_and(|(low, high)| low < 160.0 && 160.0 < high));
/// ```
pub fn response_intervals(
    times: &[f64],
    values: &[f64],
    width: f64,
    n_draws: usize,
    confidence: f64,
    stream: &mut Stream,
) -> Result<[Option<(f64, f64)>; 7]> {
    let course = Course::new(times, values, width)?;
    let found = of_course(&course, &course.pre.values, &course.post.values);
    let source = Scatter::new(&course);
    let mut drawn: [Vec<f64>; 7] = Default::default();
    if source.can_draw() {
        for _ in 0..n_draws {
            let (pre, post) = source.draw(&course, stream);
            for (draws, value) in drawn.iter_mut().zip(of_course(&course, &pre, &post).values) {
                draws.extend(value.ok());
            }
        }
    }
    let mut intervals = [None; 7];
    for ((interval, feature), mut draws) in intervals.iter_mut().zip(Feature::ALL).zip(drawn) {
        let enough = !draws.is_empty() && draws.len() as f64 >= DEFINED_SHARE * n_draws as f64;
        if let (true, Ok(estimate)) = (enough, found.get(feature)) {
            let slack = if feature.is_time() { width / 2.0 } else { 0.0 };
            *interval = ends(estimate, &mut draws, confidence).map(|(low, high)| (low - slack, high + slack));
        }
    }
    Ok(intervals)
}

fn ends(estimate: f64, draws: &mut [f64], confidence: f64) -> Option<(f64, f64)> {
    draws.sort_unstable_by(f64::total_cmp);
    let tail = (1.0 - confidence) / 2.0;
    Some((quantile(draws, tail)?.min(estimate), quantile(draws, 1.0 - tail)?.max(estimate)))
}

/// What draws are made of.
struct Scatter {
    baseline: f64,
    smooth: Vec<f64>,
    pre: Vec<f64>,
    post: Vec<f64>,
}

impl Scatter {
    fn new(course: &Course) -> Self {
        let mut pre = scatters(&course.pre, course.n_apart);
        let mut post = scatters(&course.post, course.n_apart);
        if pre.len() < FEWEST_SCATTERS || post.len() < FEWEST_SCATTERS {
            pre.extend(&post);
            post.clone_from(&pre);
        }
        Self {
            baseline: course.pre.values.iter().sum::<f64>() / course.pre.len().max(1) as f64,
            smooth: course.post.smoothed(&course.post.values, COURSE_WIDTHS * course.width + course.slack),
            pre,
            post,
        }
    }

    fn can_draw(&self) -> bool {
        self.pre.len() >= FEWEST_SCATTERS
    }

    /// Values before and after the dose of one draw.
    fn draw(&self, course: &Course, stream: &mut Stream) -> (Vec<f64>, Vec<f64>) {
        let pre = noise(&course.pre, course.n_apart, &self.pre, stream);
        let post = noise(&course.post, course.n_apart, &self.post, stream);
        let error = pre.iter().sum::<f64>() / pre.len().max(1) as f64;
        (
            pre.iter().map(|noise| self.baseline + noise - error).collect(),
            self.smooth.iter().zip(&post).map(|(smooth, noise)| smooth + noise - error).collect(),
        )
    }
}

/// How far windows lie from the mean of their neighbours, on the scale of one window's own scatter.
fn scatters(side: &Side, n_apart: usize) -> Vec<f64> {
    let mut found = Vec::new();
    for run in side.runs() {
        let values = &side.values[run];
        for i in n_apart..values.len().saturating_sub(n_apart) {
            let between = f64::midpoint(values[i - n_apart], values[i + n_apart]);
            found.push((values[i] - between) / 1.5_f64.sqrt());
        }
    }
    found
}

/// Scatter at every point of a side; each is the mean of as many independent draws as windows overlap.
fn noise(side: &Side, n_apart: usize, scatters: &[f64], stream: &mut Stream) -> Vec<f64> {
    let scale = 1.0 / (n_apart as f64).sqrt();
    let mut all = Vec::with_capacity(side.len());
    for run in side.runs() {
        let drawn: Vec<f64> = (0..run.len() + n_apart - 1)
            .map(|_| {
                let scatter = scatters[stream.below(scatters.len())];
                if stream.uniform() < 0.5 { scatter } else { -scatter }
            })
            .collect();
        all.extend(drawn.windows(n_apart).map(|own| scale * own.iter().sum::<f64>()));
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A response that rises to height 6 at `peak` min and falls more slowly.
    fn truth(peak: f64, t: f64) -> f64 {
        if t <= 0.0 { 0.0 } else { 6.0 * (t / peak) * (1.0 - t / peak).exp() }
    }

    /// Windows of 0.5 min every 10 s from 10 min before to 50 min after the dose, as changes from the mean before.
    fn course(trial: u64, peak: f64, sd: f64) -> (Vec<f64>, Vec<f64>) {
        let times: Vec<f64> = (-60..=300).map(|k| f64::from(k) / 6.0).collect();
        let mut stream = Stream::new(21, trial);
        let raw: Vec<f64> = (0..times.len() + 2).map(|_| stream.normal()).collect();
        let noise = raw.windows(3).map(|w| sd * w.iter().sum::<f64>() / 3.0_f64.sqrt());
        let values: Vec<f64> = times.iter().zip(noise).map(|(t, noise)| truth(peak, *t) + noise).collect();
        let pre: Vec<f64> =
            times.iter().zip(&values).filter(|(t, _)| **t <= -0.25).map(|(_, v)| *v).collect();
        let baseline = pre.iter().sum::<f64>() / pre.len() as f64;
        (times, values.into_iter().map(|v| v - baseline).collect())
    }

    #[test]
    fn intervals_cover_the_truth() {
        // half of the peak is at 0.2320 and 2.6783 times the time of the peak
        for (peak, sd) in [(10.0, 0.4), (10.0, 0.8), (10.0, 1.5), (5.0, 0.8)] {
            let windows: Vec<f64> = (2..=300).map(|k| f64::from(k) / 6.0).collect();
            let area = windows.windows(2).map(|t| 0.5 * (truth(peak, t[0]) + truth(peak, t[1])) / 6.0).sum();
            let truths =
                [None, Some(0.2320 * peak), Some(peak), Some(6.0), Some(2.6783 * peak), None, Some(area)];
            let (mut covered, mut given) = ([0_u32; 7], [0_u32; 7]);
            for trial in 0..200 {
                let (times, values) = course(trial, peak, sd);
                let mut stream = Stream::new(5, trial);
                let found = response_intervals(&times, &values, 0.5, 200, 0.95, &mut stream).unwrap();
                for (k, truth) in truths.iter().enumerate() {
                    if let (Some((low, high)), Some(truth)) = (found[k], truth) {
                        given[k] += 1;
                        covered[k] += u32::from(low <= *truth && *truth <= high);
                    }
                }
            }
            for (k, feature) in Feature::ALL.iter().enumerate().filter(|(k, _)| truths[*k].is_some()) {
                let share = f64::from(covered[k]) / f64::from(given[k]);
                // half of the fast response's peak comes too soon after the dose to be told from the start in all draws
                assert!(
                    given[k] >= 60 && share >= 0.9,
                    "{feature:?} at {peak}, {sd}: {share} of {}",
                    given[k]
                );
            }
        }
    }

    #[test]
    fn more_noise_is_a_wider_interval_and_the_seed_is_all() {
        let width = |sd: f64| {
            let (times, values) = course(3, 10.0, sd);
            let found = response_intervals(&times, &values, 0.5, 200, 0.95, &mut Stream::new(1, 1)).unwrap();
            let (low, high) = found[Feature::Auec as usize].unwrap();
            high - low
        };
        assert_eq!(width(0.5), width(0.5));
        let ratio = width(1.0) / width(0.5);
        assert!((1.9..2.1).contains(&ratio), "{ratio}");
    }
}

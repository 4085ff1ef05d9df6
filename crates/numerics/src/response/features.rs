//! Onset, peak, half-times, end and area of a response.

use super::course::{Course, Side};
use crate::Result;
use std::fmt;

/// What is read off a course.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Feature {
    /// Centre of the first window from which the change stays beyond the baseline's mean ± 2 SD for two windows' length.
    Onset,
    /// When the smoothed change first reaches half of its peak.
    HalfRise,
    /// When the smoothed change is largest.
    PeakTime,
    /// The smoothed change at that time.
    Peak,
    /// When the smoothed change is back at half of its peak.
    HalfFall,
    /// Centre of the first window after the peak from which the change stays within the baseline's mean ± 2 SD.
    Offset,
    /// Area under the change from the dose to the end, over what was recorded.
    Auec,
}

impl Feature {
    /// All of them, in the order of [`Response::values`].
    pub const ALL: [Self; 7] =
        [Self::Onset, Self::HalfRise, Self::PeakTime, Self::Peak, Self::HalfFall, Self::Offset, Self::Auec];

    /// As it stands in tables.
    ///
    /// ```
    /// assert_eq!(dosewave_numerics::response::Feature::HalfFall.name(), "t_half_fall");
    /// ```
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Onset => "t_onset",
            Self::HalfRise => "t_half_rise",
            Self::PeakTime => "t_peak",
            Self::Peak => "peak",
            Self::HalfFall => "t_half_fall",
            Self::Offset => "t_offset",
            Self::Auec => "auec",
        }
    }

    /// Whether it is a time (then it is in the unit of the times).
    #[must_use]
    pub fn is_time(self) -> bool {
        !matches!(self, Self::Peak | Self::Auec)
    }
}

/// Why a feature has no value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Missing {
    /// Fewer than four windows before the dose that share no data.
    ShortBaseline,
    /// Fewer than two windows after the dose.
    NothingAfter,
    /// The change never stays beyond the baseline.
    NoResponse,
    /// The first window after the dose is already above half of the peak.
    FromTheStart,
    /// It happened in a pause.
    InPause,
    /// It did not happen before the end.
    NotYet,
}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ShortBaseline => "fewer than 4 separate windows before the dose",
            Self::NothingAfter => "fewer than 2 windows after the dose",
            Self::NoResponse => {
                "no response: the change never stays beyond the baseline's mean ± 2 SD for two windows' length"
            }
            Self::FromTheStart => "the first window after the dose is already above half of the peak",
            Self::InPause => "it fell into a pause",
            Self::NotYet => "not before the end of the recording",
        })
    }
}

/// The features of a course.
#[derive(Clone, Debug, PartialEq)]
pub struct Response {
    /// One for each of [`Feature::ALL`]; times from the dose, in the unit of the course's times.
    pub values: [std::result::Result<f64, Missing>; 7],
}

impl Response {
    /// One of them.
    ///
    /// # Errors
    /// Why it has no value.
    pub fn get(&self, feature: Feature) -> std::result::Result<f64, Missing> {
        self.values[feature as usize]
    }
}

/// SDs of the baseline beyond which a change is a response.
const LIMIT_SD: f64 = 2.0;
/// Widths for which it stays there: three windows that share no data, and those between. With 5 min
/// of baseline in windows of 30 s, noise alone has an onset in 4 % of courses; with one width it had in 20 %.
const LASTING_WIDTHS: f64 = 2.0;
/// The peak lies where the mean over the windows within so many widths is largest.
const LOCATING_WIDTHS: f64 = 3.0;
/// Height and half-times are read off the mean over the windows within so many widths.
const READING_WIDTHS: f64 = 1.0;
/// Windows before the dose, none sharing data, that a standard deviation takes.
const FEWEST_BASELINE: usize = 4;

/// When a response begins, peaks and ends, from a course of windows of `width` around a dose at time 0.
///
/// `times` are the centres of the windows, ascending; `values` their changes from baseline, NaN where missing. Windows that
/// straddle the dose are left out.
///
/// * The baseline's SD is that of windows which share no data, all such choices of windows pooled.
/// * `Onset`: the first window after the dose from which on every window up to two widths later lies beyond mean ± 2 SD of the
///   baseline, on the side of the peak: three windows that share no data, and those between. `Offset`: the first one from the
///   peak on from which all are back within for as long.
/// * The peak lies where the mean over the windows within three widths on either side is largest, so that noise does not pick
///   it; its height is the mean over the windows within one width there. Half-times are read off the same means: the time that
///   best parts points below half of the peak from points above, which a single stray point does not move. A response shorter
///   than a few widths is flattened, and no time is known better than half a width.
/// * `Auec`, the area under the effect curve: trapezoids between neighbouring windows; pauses add nothing.
///
/// Without an onset there is no peak and there are no times, since the largest of many noisy values is not a response; the
/// area remains.
///
/// # Errors
/// [`Error::Shape`](crate::Error::Shape), [`Error::Value`](crate::Error::Value) or
/// [`Error::Invalid`](crate::Error::Invalid) for times and values of different lengths, times that do not ascend, a width
/// that is not positive.
///
/// ```
/// use dosewave_numerics::response::{Feature, response};
/// let times: Vec<f64> = (-10..=30).filter(|k| *k != 0).map(f64::from).collect();
/// // nothing before the dose but a ripple, then a triangle that peaks at 10 and ends at 20
/// let course = |t: f64| if t < 0.0 { 0.1 * (3.0 * t).sin() } else { (10.0 - (t - 10.0).abs()).max(0.0) };
/// let values: Vec<f64> = times.iter().map(|t| course(*t)).collect();
/// let found = response(&times, &values, 1.0).unwrap();
/// assert_eq!(found.get(Feature::PeakTime), Ok(10.0));
/// assert!((found.get(Feature::HalfFall).unwrap() - 15.0).abs() < 0.5);
/// assert!((found.get(Feature::Auec).unwrap() - 100.0).abs() < 0.6);
/// ```
pub fn response(times: &[f64], values: &[f64], width: f64) -> Result<Response> {
    let course = Course::new(times, values, width)?;
    Ok(of_course(&course, &course.pre.values, &course.post.values))
}

/// The features of a course with other values at its points.
pub(super) fn of_course(course: &Course, pre: &[f64], post: &[f64]) -> Response {
    let side = &course.post;
    if side.len() < 2 {
        return Response { values: [Err(Missing::NothingAfter); 7] };
    }
    let mut values = [Err(Missing::ShortBaseline); 7];
    values[Feature::Auec as usize] = Ok(area(side, post));
    let Some((mean, sd)) = baseline(pre, course.n_apart) else { return Response { values } };
    let at_peak = place_of_peak(course, post, mean);
    let smooth = side.smoothed(post, READING_WIDTHS * course.width + course.slack);
    let sign = (smooth[at_peak] - mean).signum();
    let beyond: Vec<bool> = post.iter().map(|value| sign * (value - mean) > LIMIT_SD * sd).collect();
    let Some(onset) = first_lasting(course, &beyond, true, 0) else {
        values.iter_mut().filter(|value| value.is_err()).for_each(|value| *value = Err(Missing::NoResponse));
        return Response { values };
    };
    values[Feature::Onset as usize] = Ok(side.times[onset]);
    values[Feature::PeakTime as usize] = Ok(side.times[at_peak]);
    values[Feature::Peak as usize] = Ok(smooth[at_peak]);
    let above: Vec<f64> = smooth.iter().map(|value| value / smooth[at_peak] - 0.5).collect();
    values[Feature::HalfRise as usize] = half_rise(side, &above, at_peak);
    values[Feature::HalfFall as usize] = half_fall(side, &above, at_peak);
    let offset = first_lasting(course, &beyond, false, at_peak);
    values[Feature::Offset as usize] = offset.map(|i| side.times[i]).ok_or(Missing::NotYet);
    Response { values }
}

/// The point at which the widely smoothed course is farthest from the baseline.
fn place_of_peak(course: &Course, post: &[f64], mean: f64) -> usize {
    let wide = course.post.smoothed(post, LOCATING_WIDTHS * course.width + course.slack);
    let far = |i: usize| (wide[i] - mean).abs();
    (0..wide.len()).fold(0, |best, i| if far(i) > far(best) { i } else { best })
}

/// Mean and SD of the baseline's windows; the SD from windows that share no data, every such choice pooled.
fn baseline(pre: &[f64], n_apart: usize) -> Option<(f64, f64)> {
    if pre.len() < FEWEST_BASELINE * n_apart {
        return None;
    }
    let mean = pre.iter().sum::<f64>() / pre.len() as f64;
    let (mut squares, mut freedom) = (0.0, 0.0);
    for first in 0..n_apart {
        let chosen: Vec<f64> = pre.iter().skip(first).step_by(n_apart).copied().collect();
        let own = chosen.iter().sum::<f64>() / chosen.len() as f64;
        squares += chosen.iter().map(|value| (value - own).powi(2)).sum::<f64>();
        freedom += chosen.len() as f64 - 1.0;
    }
    Some((mean, (squares / freedom).sqrt()))
}

/// The first point from `from` on at which the state is `wanted` and stays so for two widths, without a pause.
fn first_lasting(course: &Course, state: &[bool], wanted: bool, from: usize) -> Option<usize> {
    let side = &course.post;
    (from..side.len()).find(|&i| {
        let until = side.times[i] + LASTING_WIDTHS * course.width;
        let lasting = (i..side.len())
            .take_while(|&j| side.run_of[j] == side.run_of[i] && side.times[j] <= until + course.slack);
        let mut last = None;
        for j in lasting {
            if state[j] != wanted {
                return false;
            }
            last = Some(side.times[j]);
        }
        last.is_some_and(|time| time >= until - course.slack)
    })
}

fn half_rise(side: &Side, above: &[f64], at_peak: usize) -> std::result::Result<f64, Missing> {
    let backwards: Vec<bool> = above[..=at_peak].iter().rev().map(|value| *value >= 0.0).collect();
    let first = at_peak + 1 - best_split(&backwards);
    if first == 0 { Err(Missing::FromTheStart) } else { crossing(side, above, first) }
}

fn half_fall(side: &Side, above: &[f64], at_peak: usize) -> std::result::Result<f64, Missing> {
    let onwards: Vec<bool> = above[at_peak..].iter().map(|value| *value >= 0.0).collect();
    let first = at_peak + best_split(&onwards);
    if first == side.len() { Err(Missing::NotYet) } else { crossing(side, above, first) }
}

/// The number of first points to call `true`, the others `false`, so that fewest are called wrong; the smallest of equals.
fn best_split(states: &[bool]) -> usize {
    let mut right = states.iter().filter(|state| !**state).count();
    let (mut best, mut most) = (0, right);
    for (i, &state) in states.iter().enumerate() {
        right = if state { right + 1 } else { right - 1 };
        if right > most {
            (best, most) = (i + 1, right);
        }
    }
    best
}

/// Where the line from the point before `at` to it crosses zero, which the two lie on either side of.
fn crossing(side: &Side, above: &[f64], at: usize) -> std::result::Result<f64, Missing> {
    if side.run_of[at] != side.run_of[at - 1] {
        return Err(Missing::InPause);
    }
    let share = above[at - 1] / (above[at - 1] - above[at]);
    Ok(side.times[at - 1] + share * (side.times[at] - side.times[at - 1]))
}

fn area(side: &Side, values: &[f64]) -> f64 {
    let neighbours = (1..side.len()).filter(|&i| side.run_of[i] == side.run_of[i - 1]);
    neighbours.map(|i| 0.5 * (values[i] + values[i - 1]) * (side.times[i] - side.times[i - 1])).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::Stream;

    /// Windows of 0.5 min every 10 s, 5 min before and 40 min after the dose.
    fn grid() -> Vec<f64> {
        (-30..=240).map(|k| f64::from(k) / 6.0).collect()
    }

    /// A trapezium: up from 4 to 8 min, level 6 until 20, down to 30 min.
    fn trapezium(t: f64) -> f64 {
        6.0 * ((t - 4.0) / 4.0).min((30.0 - t) / 10.0).clamp(0.0, 1.0)
    }

    fn ripple(t: f64) -> f64 {
        0.2 * (40.0 * t).sin()
    }

    #[test]
    fn a_trapezium_is_read_off() {
        let times = grid();
        for sign in [1.0, -1.0] {
            let values: Vec<f64> = times.iter().map(|t| sign * (trapezium(*t) + ripple(*t))).collect();
            let found = response(&times, &values, 0.5).unwrap();
            let get = |feature| found.get(feature).unwrap();
            assert!((get(Feature::Onset) - 4.3).abs() < 0.4, "{found:?}");
            assert!((get(Feature::HalfRise) - 6.0).abs() < 0.15, "{found:?}");
            assert!((8.0..=20.0).contains(&get(Feature::PeakTime)), "{found:?}");
            assert!((get(Feature::Peak) - sign * 6.0).abs() < 0.2, "{found:?}");
            assert!((get(Feature::HalfFall) - 25.0).abs() < 0.5, "{found:?}");
            assert!((get(Feature::Offset) - 29.5).abs() < 0.6, "{found:?}");
            // rise, plateau and fall: 6 × (2 + 12 + 5)
            assert!((get(Feature::Auec) - sign * 114.0).abs() < 0.5, "{found:?}");
        }
    }

    #[test]
    fn scaling_the_change_scales_peak_and_area_alone() {
        let times = grid();
        let values: Vec<f64> = times.iter().map(|t| trapezium(*t) + ripple(*t)).collect();
        let doubled: Vec<f64> = values.iter().map(|v| 2.0 * v).collect();
        let (one, two) = (response(&times, &values, 0.5).unwrap(), response(&times, &doubled, 0.5).unwrap());
        for feature in Feature::ALL {
            let factor = if feature.is_time() { 1.0 } else { 2.0 };
            let (a, b) = (one.get(feature).unwrap(), two.get(feature).unwrap());
            assert!((b - factor * a).abs() < 1e-9, "{feature:?}: {a} {b}");
        }
    }

    #[test]
    fn what_did_not_happen_is_missing_with_its_reason() {
        let times = grid();
        let of = |course: &dyn Fn(f64) -> f64| {
            let values: Vec<f64> = times.iter().map(|t| course(*t) + ripple(*t)).collect();
            response(&times, &values, 0.5).unwrap()
        };
        let none = of(&|_| 0.0);
        assert_eq!(none.get(Feature::Onset), Err(Missing::NoResponse));
        assert_eq!(none.get(Feature::Peak), Err(Missing::NoResponse));
        assert!(none.get(Feature::Auec).unwrap().abs() < 1.0);
        let stays = of(&|t| if t > 10.0 { 3.0 } else { 0.0 });
        assert_eq!(stays.get(Feature::HalfFall), Err(Missing::NotYet));
        assert_eq!(stays.get(Feature::Offset), Err(Missing::NotYet));
        let at_once = of(&|t| if (0.0..15.0).contains(&t) { 3.0 } else { 0.0 });
        assert_eq!(at_once.get(Feature::HalfRise), Err(Missing::FromTheStart));
        let short: Vec<usize> = (25..times.len()).collect();
        let found = response(
            &short.iter().map(|&i| times[i]).collect::<Vec<_>>(),
            &short.iter().map(|&i| trapezium(times[i])).collect::<Vec<_>>(),
            0.5,
        );
        let found = found.unwrap();
        assert_eq!(found.get(Feature::Onset), Err(Missing::ShortBaseline));
        assert!((found.get(Feature::Auec).unwrap() - 114.0).abs() < 0.5);
        let before = response(&[-2.0, -1.0], &[0.0, 0.1], 0.5).unwrap();
        assert_eq!(before.get(Feature::Auec), Err(Missing::NothingAfter));
    }

    #[test]
    fn a_stray_point_moves_no_half_time() {
        let states = |text: &str| text.chars().map(|c| c == '1').collect::<Vec<_>>();
        assert_eq!(best_split(&states("1111000")), 4);
        assert_eq!(best_split(&states("1101111000010")), 7);
        assert_eq!(best_split(&states("000")), 0);
        assert_eq!(best_split(&states("111")), 3);
    }

    #[test]
    fn pauses_are_not_bridged() {
        let times = grid();
        let inside = |t: f64| (5.0..7.0).contains(&t);
        let values: Vec<f64> =
            times.iter().map(|t| if inside(*t) { f64::NAN } else { trapezium(*t) + ripple(*t) }).collect();
        let found = response(&times, &values, 0.5).unwrap();
        assert_eq!(found.get(Feature::HalfRise), Err(Missing::InPause));
        // the pause took 6 × (1/4 + 3/4) / 2 × 2 min
        assert!((found.get(Feature::Auec).unwrap() - (114.0 - 6.0)).abs() < 0.9, "{found:?}");
    }

    #[test]
    fn noise_alone_rarely_responds() {
        let times = grid();
        let mut found = 0;
        for trial in 0..300 {
            let mut stream = Stream::new(11, trial);
            let raw: Vec<f64> = (0..times.len() + 2).map(|_| stream.normal()).collect();
            let values: Vec<f64> = raw.windows(3).map(|w| w.iter().sum::<f64>() / 3.0_f64.sqrt()).collect();
            found += u32::from(response(&times, &values, 0.5).unwrap().get(Feature::Onset).is_ok());
        }
        assert!(found <= 21, "{found} of 300");
    }
}

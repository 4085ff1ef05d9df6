//! Changes in minutes since the dose.

use super::axis::{Axis, Frame, padded, range};
use super::color::Style;
use super::legend::lines;
use super::line::{line, thinned};
use super::{Anchor, num, segment, text};
use dosewave_study::TimeCourse;
use maud::{Markup, html};

/// A course with its looks.
pub(crate) struct Trace<'a> {
    pub(crate) course: &'a TimeCourse,
    pub(crate) style: Style,
    /// Name in the legend; thin lines have none.
    pub(crate) name: Option<String>,
}

/// What happened when, in minutes from dose.
#[derive(Default)]
pub(crate) struct Clock {
    /// Length of the infusion, where it has one.
    pub(crate) infusion_min: Option<f64>,
    /// Windows with their edges.
    pub(crate) windows: Vec<(String, [f64; 2])>,
}

/// Points of a thin line.
const THIN_POINTS: usize = 240;
/// Points of a thick line: two for each point of the drawing's width.
const THICK_POINTS: usize = 1800;
const SIZE: [f64; 2] = [900.0, 330.0];

/// The drawing; `None` where there is nothing to draw.
pub(crate) fn time_course(traces: &[Trace<'_>], clock: &Clock, y_title: &str) -> Option<([f64; 2], Markup)> {
    let times = traces.iter().flat_map(|t| t.course.t_from_dose_min.iter().copied());
    let edges = clock.windows.iter().flat_map(|(_, edges)| edges.iter().copied());
    let (first, last) = range(times.chain(edges).chain([0.0]))?;
    let changes = range(traces.iter().flat_map(|t| t.course.change.iter().flatten().copied()))?;
    let changes = (changes.0.min(0.0), changes.1.max(0.0));
    let frame = Frame {
        x: Axis::linear((first, last), [62.0, SIZE[0] - 14.0]),
        y: Axis::linear(padded(changes, 0.06), [SIZE[1] - 40.0, 46.0]),
    };
    let legend: Vec<_> = traces.iter().filter_map(|t| Some((t.style, t.name.clone()?))).collect();
    let [left, right, top, bottom] = frame.edges();
    let zero = frame.y.at(0.0);
    let body = html! {
        @if let Some(minutes) = clock.infusion_min {
            rect x=(num(frame.x.at(0.0))) y=(num(top)) width=(num(frame.x.clamped(minutes) - frame.x.at(0.0))) height=(num(bottom - top)) fill="#ececec" {}
            (text([frame.x.at(0.0) + 4.0, top + 12.0], Anchor::Start, 9.0, "infusion"))
        }
        (frame.draw("Time since dose (min)", y_title))
        (segment([left, zero], [right, zero], "#888", 1.0))
        (segment([frame.x.at(0.0), top], [frame.x.at(0.0), bottom], "#333", 1.2))
        @for (i, (name, edges)) in clock.windows.iter().enumerate() { (window(&frame, name, *edges, i)) }
        @for trace in traces.iter().filter(|t| t.name.is_none()) { (draw(&frame, trace, THIN_POINTS, 0.8, 0.25)) }
        @for trace in traces.iter().filter(|t| t.name.is_some()) { (draw(&frame, trace, THICK_POINTS, 2.2, 1.0)) }
        @if legend.len() > 1 { (lines(&legend, [right - 190.0, top + 10.0])) }
    };
    Some((SIZE, body))
}

/// A window as a bar above the frame.
fn window(frame: &Frame, name: &str, [from, to]: [f64; 2], index: usize) -> Markup {
    let [_, _, top, _] = frame.edges();
    let (from, to) = (frame.x.clamped(from), frame.x.clamped(to));
    let fits = to - from > 5.2 * name.chars().count() as f64;
    let color = if index.is_multiple_of(2) { "#444" } else { "#888" };
    html! {
        (segment([from + 0.5, top - 8.0], [to - 0.5, top - 8.0], color, 4.0))
        @if fits { (text([f64::midpoint(from, to), top - 15.0], Anchor::Middle, 10.0, name)) }
    }
}

fn draw(frame: &Frame, trace: &Trace<'_>, most: usize, width: f64, opacity: f64) -> Markup {
    let style = if trace.name.is_some() { trace.style } else { Style { dash: "", ..trace.style } };
    line(points(frame, trace.course, most).into_iter(), style, width, opacity)
}

/// Points, broken where a value is missing and over pauses: steps of more than five times the shortest.
fn points(frame: &Frame, course: &TimeCourse, most: usize) -> Vec<Option<[f64; 2]>> {
    let times = &course.t_from_dose_min;
    let steps = times.windows(2).map(|pair| pair[1] - pair[0]);
    let shortest = steps.filter(|step| *step > 0.0).fold(f64::INFINITY, f64::min);
    let every = times.len().div_ceil(most.max(1)).max(1) as f64;
    let mut points = Vec::new();
    let mut before: Option<f64> = None;
    for i in thinned(times.len(), most) {
        let (Some(time), Some(change)) = (times.get(i), course.change.get(i)) else { continue };
        if before.is_some_and(|b| time - b > 5.0 * every * shortest) {
            points.push(None);
        }
        points.push(change.filter(|v| v.is_finite()).map(|v| frame.point(*time, v)));
        before = Some(*time);
    }
    points
}

#[cfg(test)]
mod tests {
    use super::super::color::style;
    use super::super::line::path;
    use super::*;
    use dosewave_eeg::Unit;

    fn course(times: &[f64], change: &[Option<f64>]) -> TimeCourse {
        TimeCourse {
            subject: "01".into(),
            session: String::new(),
            treatment: String::new(),
            marker: "low_gamma".into(),
            site: "global".into(),
            t_from_dose_min: times.to_vec(),
            change: change.to_vec(),
            unit: Unit::Decibel,
            width_s: 30.0,
            step_s: 10.0,
        }
    }

    #[test]
    fn pauses_break_the_line() {
        let frame =
            Frame { x: Axis::linear((0.0, 100.0), [0.0, 100.0]), y: Axis::linear((0.0, 10.0), [10.0, 0.0]) };
        let one = course(
            &[0.0, 1.0, 2.0, 50.0, 51.0, 52.0],
            &[Some(1.0), Some(2.0), Some(3.0), Some(4.0), None, Some(5.0)],
        );
        assert_eq!(path(points(&frame, &one, 100).into_iter()), "M0 9L1 8L2 7M50 6M52 5");
    }

    #[test]
    fn nothing_but_missing_values_is_no_drawing() {
        let one = course(&[0.0, 1.0], &[None, None]);
        let trace = Trace { course: &one, style: style(0), name: None };
        assert!(time_course(&[trace], &Clock::default(), "Change (dB)").is_none());
    }

    #[test]
    fn the_infusion_is_shaded_from_the_dose_to_its_end() {
        let one = course(&[-10.0, 50.0], &[Some(-1.0), Some(1.0)]);
        let trace = Trace { course: &one, style: style(0), name: Some("one".into()) };
        let clock = Clock { infusion_min: Some(40.0), windows: vec![("post".into(), [0.0, 50.0])] };
        let body = time_course(&[trace], &clock, "Change (dB)").unwrap().1.into_string();
        // 824 px for 60 min, from 62 px
        assert!(
            body.contains(r##"<rect x="199.3" y="46" width="549.3" height="244" fill="#ececec">"##),
            "{body}"
        );
        assert!(body.contains(">infusion<") && body.contains(">post<"));
    }
}

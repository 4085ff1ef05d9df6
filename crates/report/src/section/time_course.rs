//! Markers on the dose clock.

use super::{gamma_hint, responses};
use crate::figure::{Figure, gallery};
use crate::svg::time_course::{Clock, Trace, time_course};
use crate::text;
use crate::view::{GLOBAL, GROUP, View, firsts, session_label};
use dosewave_study::TimeCourse;
use maud::{Markup, html};

/// The marker that is shown at once.
const FIRST: &str = "low_gamma";

pub(crate) fn body(view: &View<'_>, figures: &[Figure]) -> Markup {
    html! {
        @if !figures.is_empty() {
            (gallery(figures, "Time courses of the other markers"))
            (responses::tables(view))
            (gamma_hint(view))
        }
    }
}

pub(crate) fn figures(view: &View<'_>) -> Vec<Figure> {
    let markers =
        firsts(view.results.time_courses.iter().filter(|c| c.site == GLOBAL).map(|c| c.marker.as_str()));
    let Some(first) =
        markers.iter().copied().find(|marker| *marker == FIRST).or_else(|| markers.first().copied())
    else {
        return Vec::new();
    };
    let rest = markers.iter().copied().filter(|marker| *marker != first);
    figure(view, first, true)
        .into_iter()
        .chain(rest.filter_map(|marker| figure(view, marker, false)))
        .collect()
}

fn figure(view: &View<'_>, marker: &str, open: bool) -> Option<Figure> {
    let courses: Vec<&TimeCourse> =
        view.results.time_courses.iter().filter(|c| c.site == GLOBAL && c.marker == marker).collect();
    let unit = courses.first()?.unit.symbol();
    // thin lines of all sessions in the first figure only: the page would grow with the number of markers
    let traces: Vec<Trace<'_>> = courses.iter().filter_map(|course| trace(view, course, open)).collect();
    let y_title =
        if unit == "1" { format!("Change of {marker}") } else { format!("Change of {marker} ({unit})") };
    let (size, body) = time_course(&traces, &clock(view), &y_title)?;
    let title = format!("{marker} in minutes since the dose");
    Some(Figure {
        open,
        ..Figure::new(
            format!("time_course_{}", text::stem(marker)),
            title,
            caption(view, &traces),
            size,
            body,
        )
    })
}

fn trace<'a>(view: &View<'_>, course: &'a TimeCourse, with_sessions: bool) -> Option<Trace<'a>> {
    let is_group = course.subject == GROUP;
    if view.has_group() {
        let style = view.treatment_style(&course.treatment);
        let label = if course.treatment.is_empty() {
            "group".to_owned()
        } else {
            format!("{}, mean", course.treatment)
        };
        return (is_group || with_sessions).then_some(Trace {
            course,
            style,
            name: is_group.then_some(label),
        });
    }
    let index = view
        .shown
        .iter()
        .position(|shown| shown.owns(&course.subject, &course.session, &course.treatment))?;
    let name = session_label(&course.subject, &course.session, &course.treatment);
    Some(Trace { course, style: view.shown_style(index), name: Some(name) })
}

/// Infusion and windows of the first session that has them.
fn clock(view: &View<'_>) -> Clock {
    let mut infusions =
        view.analysed().filter_map(|session| session.dose.as_ref()).map(|dose| dose.duration_min);
    let infusion_min = infusions.find(|minutes| *minutes > 0.0);
    let windows =
        view.analysed().find(|session| !session.windows.is_empty()).map_or_else(Vec::new, |session| {
            session.windows.iter().map(|w| (w.window.clone(), [w.t_start_min, w.t_stop_min])).collect()
        });
    Clock { infusion_min, windows }
}

fn caption(view: &View<'_>, traces: &[Trace<'_>]) -> String {
    let mut caption = format!("Change from the baseline window at site {GLOBAL}, in sliding windows.");
    if clock(view).infusion_min.is_some() {
        caption += " Grey: infusion.";
    }
    caption += " Bars on top: the windows that are compared";
    caption += if view.analysed().nth(1).is_some() { " (first session)." } else { "." };
    if traces.iter().any(|trace| trace.name.is_none()) {
        caption += " Thick lines: mean over subjects; thin lines: single sessions, thinned to 240 points.";
    }
    caption + " Lines are broken where nothing was recorded or no epoch was kept."
}

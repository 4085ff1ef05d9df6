//! What was found: the change of every marker over the whole head.

use super::gamma_remark;
use crate::figure::Figure;
use crate::table::{Line, changes, marker_name};
use crate::text;
use crate::view::{GLOBAL, GROUP, Shown, View};
use dosewave_study::MarkerDefinition;
use maud::{Markup, html};

pub(crate) fn body(view: &View<'_>, _: &[Figure]) -> Markup {
    html! {
        (failures(view))
        @if view.shown.iter().all(|shown| shown.rows.is_empty()) {
            p.empty { "There is no change from baseline to show: no session has a value both before and after the dose. The notes and the quality table say why." }
        }
        @for shown in view.shown.iter().filter(|shown| !shown.rows.is_empty()) { (one(view, shown)) }
        (others(view))
        (gamma_remark(view))
    }
}

fn failures(view: &View<'_>) -> Markup {
    let failed: Vec<_> = view.results.sessions.iter().filter(|s| s.failure.is_some()).collect();
    html! {
        @if !failed.is_empty() {
            p.warning { strong { "⚠ " (text::count(failed.len(), "session")) " of " (view.results.sessions.len()) " could not be analysed" }
                ": see " a href="#quality" { "Recordings and quality" } "." }
        }
    }
}

/// A table for each window, the other markers folded away.
fn one(view: &View<'_>, shown: &Shown<'_>) -> Markup {
    html! {
        @if view.shown.len() > 1 { h3 { (shown.label()) } }
        @for window in shown.windows() {
            @let caption = caption(view, shown, window);
            @let (primary, others): (Vec<_>, Vec<_>) = view.results.definitions.iter().partition(|d| View::is_primary(d));
            (changes(&caption, "Marker", &lines(view, shown, window, &primary)))
            @if !others.is_empty() {
                details {
                    summary { "Other markers (" (others.len()) ")" }
                    (changes(&caption, "Marker", &lines(view, shown, window, &others)))
                }
            }
        }
    }
}

fn caption(view: &View<'_>, shown: &Shown<'_>, window: &str) -> String {
    let what = match (shown.is_group(), shown.is_difference()) {
        (true, true) => "Difference of the changes between treatments, mean over subjects",
        (true, false) => "Change from baseline, mean over subjects",
        _ => "Change from baseline",
    };
    format!("{what}; {}; site {GLOBAL}.", view.window_label(window))
}

fn lines<'a>(
    view: &View<'a>,
    shown: &Shown<'a>,
    window: &str,
    definitions: &[&'a MarkerDefinition],
) -> Vec<Line<'a>> {
    let line = |definition: &&'a MarkerDefinition| Line {
        name: marker_name(definition),
        row: shown.row(window, &definition.marker, GLOBAL),
        unit: definition.unit.symbol(),
        reason: view.reason(&definition.marker),
    };
    definitions.iter().map(line).collect()
}

/// Where the sessions are that have no table of their own.
fn others(view: &View<'_>) -> Markup {
    let analysed = view.analysed().count();
    html! {
        p.hint {
            @if view.has_group() {
                "The changes of the " (text::count(analysed, "session")) " stand in " code { "contrasts.tsv" } ", their values in " code { "markers.tsv" } "."
            } @else if analysed > view.shown.len() {
                "Shown are the first " (view.shown.len()) " of " (analysed) " sessions; all are in " code { "contrasts.tsv" }
                ". Rows of the " (GROUP) " need at least three subjects."
            } @else {
                "Every value is in " code { "markers.tsv" } ", every change in " code { "contrasts.tsv" } "."
            }
            " A quantity without unit is a pure number; " i { "p" } " is adjusted within the family named in " code { "contrasts.tsv" } "."
        }
    }
}

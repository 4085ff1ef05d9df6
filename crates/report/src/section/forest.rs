//! Changes of all markers beside each other.

use crate::figure::Figure;
use crate::svg::forest::{Estimate, Panel, Row, forest};
use crate::text;
use crate::view::{GLOBAL, GROUP, View, firsts};
use dosewave_study::{ContrastRow, Gate, MarkerDefinition};
use maud::{Markup, html};

pub(crate) fn body(_: &View<'_>, figures: &[Figure]) -> Markup {
    html! { @if !figures.is_empty() { (crate::figure::gallery(figures, "Other markers")) } }
}

/// One figure for each window: primary markers, then the others.
pub(crate) fn figures(view: &View<'_>) -> Vec<Figure> {
    let windows =
        firsts(view.shown.iter().flat_map(|shown| shown.rows.iter().map(|row| row.window.as_str())));
    let mut figures = Vec::new();
    for primary in [true, false] {
        figures.extend(windows.iter().filter_map(|window| figure(view, window, primary)));
    }
    figures
}

fn figure(view: &View<'_>, window: &str, primary: bool) -> Option<Figure> {
    let panels = panels(view, window, primary);
    if panels.is_empty() {
        return None;
    }
    let series: Vec<_> =
        view.shown.iter().enumerate().map(|(i, shown)| (view.shown_style(i), shown.label())).collect();
    let (size, body) = forest(&panels, &series);
    let stem = format!("changes{}_{}", if primary { "" } else { "_other" }, text::stem(window));
    let title = format!("Change from baseline, {}", view.window_label(window));
    let dots = if view.has_group() { " Pale dots are single subjects." } else { "" };
    let caption = format!(
        "Change at site {GLOBAL} with its 95 % interval; the printed numbers are change [interval].{dots} Hollow symbols: muscle can explain the change."
    );
    Some(Figure { open: primary, ..Figure::new(stem, title, caption, size, body) })
}

/// Markers of one kind and unit share an axis.
fn panels(view: &View<'_>, window: &str, primary: bool) -> Vec<Panel> {
    let mut panels: Vec<(&str, Panel)> = Vec::new();
    for definition in view.results.definitions.iter().filter(|d| View::is_primary(d) == primary) {
        let estimates = estimates(view, window, definition);
        if estimates.is_empty() {
            continue;
        }
        let row = Row { label: definition.marker.clone(), estimates };
        let unit = definition.change_unit.symbol();
        match panels.iter_mut().find(|(kind, panel)| *kind == definition.kind && panel.unit == unit) {
            Some((_, panel)) => panel.rows.push(row),
            None => panels.push((
                &definition.kind,
                Panel { title: definition.label.clone(), unit: unit.into(), rows: vec![row] },
            )),
        }
    }
    panels.into_iter().map(|(_, panel)| panel).collect()
}

fn estimates(view: &View<'_>, window: &str, definition: &MarkerDefinition) -> Vec<Estimate> {
    let rows = view
        .shown
        .iter()
        .enumerate()
        .filter_map(|(i, shown)| Some((i, shown, shown.row(window, &definition.marker, GLOBAL)?)));
    rows.filter_map(|(series, shown, row)| {
        let dots = if shown.is_group() && !shown.is_difference() { subjects(view, row) } else { Vec::new() };
        Some(Estimate {
            series,
            value: row.change.filter(|v| v.is_finite())?,
            interval: row.ci_low.zip(row.ci_high).map(|(low, high)| [low, high]),
            dots,
            truth: None,
            hollow: row.gate == Gate::Confounded,
        })
    })
    .collect()
}

/// Changes of single sessions under the same treatment.
fn subjects(view: &View<'_>, group: &ContrastRow) -> Vec<f64> {
    let alike = |row: &&ContrastRow| {
        row.subject != GROUP
            && row.site == group.site
            && row.marker == group.marker
            && row.window == group.window
            && row.treatment == group.treatment
    };
    view.results.contrasts.iter().filter(alike).filter_map(|row| row.change).collect()
}

//! Changes on the scalp.

use super::gamma_hint;
use crate::figure::{Figure, gallery};
use crate::svg::axis::range;
use crate::svg::color::ColorScale;
use crate::svg::moved;
use crate::svg::topomap::{Electrode, Map, Mark, maps, marks, project};
use crate::table::band;
use crate::text;
use crate::view::{Shown, View};
use dosewave_study::{ContrastRow, Gate, MarkerDefinition};
use maud::{Markup, html};

/// Fewest electrodes of a map.
const FEWEST: usize = 4;

pub(crate) fn body(view: &View<'_>, figures: &[Figure]) -> Markup {
    html! {
        @if !figures.is_empty() {
            p { "Seen from above, nose up. Colours between electrodes are interpolated for the eye (thin-plate spline); only the values at the electrodes were measured. "
                "The scale of a marker is the same in all of its maps." }
            (gallery(figures, "Other markers"))
            (gamma_hint(view))
        } @else if view.analysed().next().is_some() {
            p.empty { "No maps: fewer than " (FEWEST) " channels have both a position and a change." }
        }
    }
}

pub(crate) fn figures(view: &View<'_>) -> Vec<Figure> {
    view.results.definitions.iter().filter_map(|definition| figure(view, definition)).collect()
}

fn figure(view: &View<'_>, definition: &MarkerDefinition) -> Option<Figure> {
    let windows = crate::view::firsts(view.shown.iter().flat_map(Shown::windows));
    let rows: Vec<Vec<Map>> = windows
        .iter()
        .map(|window| {
            view.shown.iter().map(|shown| map(view, shown, window, definition, windows.len())).collect()
        })
        .collect();
    let rows: Vec<Vec<Map>> = rows
        .into_iter()
        .filter(|row: &Vec<Map>| row.iter().any(|map| map.electrodes.len() >= FEWEST))
        .collect();
    let (low, high) = range(rows.iter().flatten().flat_map(|map| map.electrodes.iter().map(|e| e.value)))?;
    let stem = format!("topomap_{}", text::stem(&definition.marker));
    let unit = definition.change_unit.symbol();
    let (size, drawn) = maps(&rows, ColorScale::symmetric(low, high), unit, &stem);
    let size = [size[0].max(330.0), size[1] + 22.0];
    let body = html! { (drawn) (moved([0.0, size[1] - 12.0], &marks(0.0))) };
    let title = format!("Change of {} on the scalp", definition.marker);
    let band = band(definition).map_or_else(String::new, |band| format!(", {band}"));
    let unit = if unit == "1" { String::new() } else { format!(", change in {unit}") };
    let caption = format!("{}{band}{unit}.", definition.label);
    Some(Figure { open: View::is_primary(definition), ..Figure::new(stem, title, caption, size, body) })
}

fn map(
    view: &View<'_>,
    shown: &Shown<'_>,
    window: &str,
    definition: &MarkerDefinition,
    n_windows: usize,
) -> Map {
    let rows = shown.rows.iter().filter(|row| row.marker == definition.marker && row.window == window);
    let electrodes = rows.filter_map(|row| electrode(view, row)).collect();
    let title = match (view.shown.len(), n_windows) {
        (1, _) => window.to_owned(),
        (_, 1) => shown.label(),
        _ => format!("{}, {window}", shown.label()),
    };
    Map { title, electrodes }
}

fn electrode(view: &View<'_>, row: &ContrastRow) -> Option<Electrode> {
    let position = *view.positions.get(row.site.as_str())?;
    let value = row.change.filter(|change| change.is_finite())?;
    project(position)?;
    let mark = match (row.gate, row.p_adjusted) {
        (Gate::Confounded, _) => Mark::Confounded,
        (_, Some(p)) if p < 0.05 => Mark::Clear,
        _ => Mark::Plain,
    };
    Some(Electrode { position, value, mark })
}

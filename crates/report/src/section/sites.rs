//! Changes at every channel and region, folded away.

use crate::figure::Figure;
use crate::table::{Line, changes, marker_name};
use crate::view::{GLOBAL, Shown, View};
use dosewave_study::{ContrastRow, MarkerDefinition};
use maud::{Markup, html};

/// Rows that the page holds; the rest is in `contrasts.tsv`.
const MOST_ROWS: usize = 2500;

/// Tables of one shown, and whether some were left out.
struct Tables<'a> {
    label: String,
    tables: Vec<(&'a MarkerDefinition, Vec<&'a ContrastRow>)>,
}

pub(crate) fn body(view: &View<'_>, _: &[Figure]) -> Markup {
    let (all, left_out) = choose(view);
    html! {
        @if !all.is_empty() {
            p {
                "Changes at single channels and regions."
                @if !view.results.connectivity.is_empty() {
                    " Pairs of channels are drawn under " a href="#connectivity" { "Connectivity" } " and stand in " code { "contrasts.tsv" } "."
                }
            }
            @for one in &all {
                details {
                    summary { (one.label) }
                    @for (definition, rows) in &one.tables { (table(definition, rows)) }
                }
            }
            @if left_out > 0 { p.hint { (left_out) " more rows are in " code { "contrasts.tsv" } " only." } }
        }
    }
}

fn choose<'a>(view: &View<'a>) -> (Vec<Tables<'a>>, usize) {
    let (mut all, mut room, mut left_out) = (Vec::new(), MOST_ROWS, 0);
    for shown in &view.shown {
        let mut tables = Vec::new();
        for definition in &view.results.definitions {
            let rows = rows(view, shown, definition);
            if rows.len() > room {
                left_out += rows.len();
            } else if !rows.is_empty() {
                room -= rows.len();
                tables.push((definition, rows));
            }
        }
        if !tables.is_empty() {
            all.push(Tables { label: shown.label(), tables });
        }
    }
    (all, left_out)
}

fn rows<'a>(view: &View<'a>, shown: &Shown<'a>, definition: &MarkerDefinition) -> Vec<&'a ContrastRow> {
    let of_marker = shown.rows.iter().copied().filter(|row| row.marker == definition.marker);
    of_marker.filter(|row| row.site != GLOBAL && !view.is_pair(&row.site)).collect()
}

fn table(definition: &MarkerDefinition, rows: &[&ContrastRow]) -> Markup {
    let several = rows.iter().any(|row| Some(&row.window) != rows.first().map(|first| &first.window));
    let lines: Vec<Line<'_>> = rows
        .iter()
        .map(|row| Line {
            name: html! { (row.site) @if several { " " small { (row.window) } } },
            row: Some(row),
            unit: definition.unit.symbol(),
            reason: "",
        })
        .collect();
    html! {
        details { summary { (marker_name(definition)) } (changes(&format!("{}, by site.", definition.marker), "Site", &lines)) }
    }
}

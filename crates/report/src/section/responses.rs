//! What the time courses say: when a response begins, peaks and ends.

use crate::table::{badge, missing};
use crate::text;
use crate::view::{GLOBAL, Shown, View};
use dosewave_study::{MarkerDefinition, ResponseRow};
use maud::{Markup, html};

/// Features with the heading of their column.
const COLUMNS: [(&str, &str); 7] = [
    ("t_onset", "Onset (min)"),
    ("t_half_rise", "Half of the peak (min)"),
    ("t_peak", "Peak (min)"),
    ("peak", "Height of the peak"),
    ("t_half_fall", "Back to half (min)"),
    ("t_offset", "End (min)"),
    ("auec", "Area under the change"),
];

/// A table for each session or group that has courses; markers that are not primary are folded away.
pub(crate) fn tables(view: &View<'_>) -> Markup {
    html! {
        @for shown in &view.shown {
            @let (primary, others): (Vec<_>, Vec<_>) = with_rows(view, shown).into_iter().partition(|(d, _)| View::is_primary(d));
            @if !primary.is_empty() || !others.is_empty() {
                @if view.shown.len() > 1 { h3 { (shown.label()) } }
                @if !primary.is_empty() { (table(&primary)) }
                @if !others.is_empty() {
                    details { summary { "Other markers (" (others.len()) ")" } (table(&others)) }
                }
            }
        }
    }
}

type Rows<'a> = (&'a MarkerDefinition, Vec<&'a ResponseRow>);

fn with_rows<'a>(view: &View<'a>, shown: &Shown<'a>) -> Vec<Rows<'a>> {
    let of = |definition: &'a MarkerDefinition| {
        let rows: Vec<&ResponseRow> = view
            .results
            .responses
            .iter()
            .filter(|r| r.marker == definition.marker && r.site == GLOBAL)
            .filter(|r| shown.owns(&r.subject, &r.session, &r.treatment))
            .collect();
        (!rows.is_empty()).then_some((definition, rows))
    };
    view.results.definitions.iter().filter_map(of).collect()
}

fn table(lines: &[Rows<'_>]) -> Markup {
    let caption = "Responses at site global, with 95 % intervals; minutes since the dose.";
    html! {
        div.scroll role="region" aria-label=(caption) tabindex="0" {
            table {
                caption { (caption) }
                thead { tr {
                    th scope="col" { "Marker" }
                    @for (_, heading) in COLUMNS { th.num scope="col" { (heading) } }
                    th scope="col" { "Muscle" }
                } }
                tbody { @for (definition, rows) in lines { tr {
                    th scope="row" { code { (definition.marker) } }
                    (cells(rows))
                    td { @if let Some(row) = rows.first() { (badge(row.gate)) } }
                } } }
            }
        }
    }
}

fn cells(rows: &[&ResponseRow]) -> Markup {
    let of = |feature: &str| rows.iter().find(|row| row.feature == feature);
    // one reason for the whole line is said once
    if let Some(row) = of("t_onset").filter(|row| row.value.is_none()) {
        return html! {
            td.none colspan=(COLUMNS.len() - 1) { (crate::text::MISSING) " " small { (row.note) } }
            td.num { (cell(of("auec").copied())) }
        };
    }
    html! { @for (feature, _) in COLUMNS { td.num { (cell(of(feature).copied())) } } }
}

fn cell(row: Option<&ResponseRow>) -> Markup {
    let Some(row) = row else { return missing("") };
    let Some(value) = row.value else { return missing(&row.note) };
    let unit = if row.feature.starts_with("t_") || row.unit == "1" { "" } else { row.unit.as_str() };
    html! {
        (text::number(value)) @if !unit.is_empty() { span.unit { " " (unit) } }
        @if let (Some(low), Some(high)) = (row.ci_low, row.ci_high) {
            br; small { "[" (text::number(low)) ", " (text::number(high)) "]" }
        }
    }
}

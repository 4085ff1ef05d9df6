//! Tables of changes from baseline.

use crate::text::{self, MISSING};
use dosewave_study::{ContrastRow, Gate, MarkerDefinition};
use maud::{Markup, html};

/// A line of a table of changes: the row, or why there is none.
pub(crate) struct Line<'a> {
    /// First cell.
    pub(crate) name: Markup,
    /// Its row.
    pub(crate) row: Option<&'a ContrastRow>,
    /// Unit of the marker's values (`1` or nothing for a pure number).
    pub(crate) unit: &'a str,
    /// Why a value is missing.
    pub(crate) reason: &'a str,
}

/// A value with its unit; a pure number has none.
pub(crate) fn quantity(value: Option<f64>, unit: &str, shown: fn(f64) -> String, reason: &str) -> Markup {
    match value.filter(|v| v.is_finite()) {
        Some(value) => html! {
            (shown(value)) @if !unit.is_empty() && unit != "1" { span.unit { " " (unit) } }
        },
        None => missing(reason),
    }
}

/// A dash that says why.
pub(crate) fn missing(reason: &str) -> Markup {
    html! { span.missing title=[(!reason.is_empty()).then_some(reason)] { (MISSING) } }
}

/// A p-value; a bounded one carries its exact value.
pub(crate) fn p_value(p: Option<f64>, reason: &str) -> Markup {
    match p.filter(|p| p.is_finite()) {
        Some(p) if p < 0.001 => html! { abbr title={"p = " (text::number(p))} { (text::p_value(p)) } },
        Some(p) => html! { (text::p_value(p)) },
        None => missing(reason),
    }
}

/// The verdict on muscle in words, with a sign and a colour.
pub(crate) fn badge(gate: Gate) -> Markup {
    let (class, text) = match gate {
        Gate::Ok => ("ok", "✓ ok"),
        Gate::Confounded => ("confounded", "✕ confounded"),
        Gate::Unknown => ("unknown", "? unknown"),
        Gate::NotApplicable => ("na", "not applicable"),
    };
    html! { span class={"gate gate-" (class)} { (text) } }
}

/// Columns that some line fills.
struct Columns {
    sides: bool,
    group: bool,
    adjusted: bool,
}

impl Columns {
    fn of(lines: &[Line<'_>]) -> Self {
        let any = |test: fn(&ContrastRow) -> bool| lines.iter().filter_map(|line| line.row).any(test);
        Self {
            sides: any(|r| r.baseline.is_some() || r.post.is_some())
                || lines.iter().all(|line| line.row.is_none()),
            group: any(|r| r.n.is_some() || r.effect_size.is_some()),
            adjusted: any(|r| r.change_adjusted.is_some()),
        }
    }
}

/// A table of changes. `first` heads the first column.
pub(crate) fn changes(caption: &str, first: &str, lines: &[Line<'_>]) -> Markup {
    let columns = Columns::of(lines);
    html! {
        div.scroll role="region" aria-label=(caption) tabindex="0" {
            table {
                caption { (caption) }
                thead { tr {
                    th scope="col" { (first) }
                    @if columns.sides { th.num scope="col" { "Baseline" } th.num scope="col" { "Post" } }
                    th.num scope="col" { "Change" }
                    th.num scope="col" { "95 % interval" }
                    th.num scope="col" { i { "p" } }
                    th.num scope="col" { i { "p" } " adjusted" }
                    @if columns.group { th.num scope="col" { i { "d" } sub { "z" } } th.num scope="col" { i { "n" } } }
                    @if columns.adjusted { th.num scope="col" { "Change, muscle taken out" } }
                    th scope="col" { "Muscle" }
                } }
                tbody { @for line in lines { tr { th scope="row" { (line.name) } (cells(line, &columns)) } } }
            }
        }
    }
}

fn cells(line: &Line<'_>, columns: &Columns) -> Markup {
    // everything between the name and the verdict
    let span =
        4 + 2 * usize::from(columns.sides) + 2 * usize::from(columns.group) + usize::from(columns.adjusted);
    let none = |reason: &str| html! { td.none colspan=(span) { (MISSING) " " small { (reason) } } };
    let Some(row) = line.row else { return html! { (none(line.reason)) td {} } };
    let reason = if row.note.is_empty() { line.reason } else { &row.note };
    if [row.baseline, row.post, row.change].iter().all(Option::is_none) {
        return html! { (none(reason)) td { (badge(row.gate)) } };
    }
    let unit = row.unit.symbol();
    html! {
        @if columns.sides {
            td.num { (quantity(row.baseline, line.unit, text::number, reason)) }
            td.num { (quantity(row.post, line.unit, text::number, reason)) }
        }
        td.num { b { (quantity(row.change, unit, text::signed, reason)) } @if row.change.is_none() { br; small.reason { (reason) } } }
        td.num { (interval(row.ci_low, row.ci_high, reason)) }
        td.num { (p_value(row.p, reason)) }
        td.num { (p_value(row.p_adjusted, reason)) }
        @if columns.group {
            td.num { (quantity(row.effect_size, "", text::signed, reason)) }
            td.num { @if let Some(n) = row.n { (n) } @else { (missing(reason)) } }
        }
        @if columns.adjusted { td.num { (quantity(row.change_adjusted, unit, text::signed, "no muscle evidence to take out")) } }
        td { (badge(row.gate)) }
    }
}

/// `[+0.5, +1.5]`.
pub(crate) fn interval(low: Option<f64>, high: Option<f64>, reason: &str) -> Markup {
    match (low.filter(|v| v.is_finite()), high.filter(|v| v.is_finite())) {
        (Some(low), Some(high)) => html! { "[" (text::signed(low)) ", " (text::signed(high)) "]" },
        _ => missing(reason),
    }
}

/// A marker's name in the tables and for people, with its band.
pub(crate) fn marker_name(definition: &MarkerDefinition) -> Markup {
    html! { code { (definition.marker) } " " small { (definition.label) @if let Some(band) = band(definition) { ", " span.together { (band) } } } }
}

/// The band that a marker is about, where it has one: `30–45 Hz`.
pub(crate) fn band(definition: &MarkerDefinition) -> Option<String> {
    let [low, high] = edges(definition)?;
    Some(format!("{}–{} Hz", text::short(low), text::short(high)))
}

/// Edges of a marker's band, Hz.
pub(crate) fn edges(definition: &MarkerDefinition) -> Option<[f64; 2]> {
    let edges = definition.params.get("band")?.as_array()?;
    Some([edges.first()?.as_f64()?, edges.get(1)?.as_f64()?])
}

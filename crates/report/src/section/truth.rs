//! Simulated data: what was planted beside what was found.

use crate::figure::Figure;
use crate::svg::color::style;
use crate::svg::forest::{Estimate, Panel, Row, forest};
use crate::table::{interval, quantity};
use crate::text;
use crate::view::View;
use dosewave_study::TruthRow;
use maud::{Markup, html};

pub(crate) fn body(view: &View<'_>, figures: &[Figure]) -> Markup {
    let rows = &view.results.truth;
    html! {
        @if !rows.is_empty() {
            p { "The recordings were simulated, so the answer is known. A 95 % interval misses it in one of twenty cases on average." }
            (table(rows))
            (crate::figure::gallery(figures, "More"))
        }
    }
}

fn table(rows: &[TruthRow]) -> Markup {
    html! {
        div.scroll role="region" aria-label="Truth and estimate" tabindex="0" {
            table {
                caption { "Planted change and its estimate." }
                thead { tr {
                    th scope="col" { "What" } th scope="col" { "Marker" }
                    th.num scope="col" { "Planted" } th.num scope="col" { "Estimated" } th.num scope="col" { "95 % interval" }
                    th scope="col" { "Interval holds the truth" }
                } }
                tbody { @for row in rows { tr {
                    th scope="row" { (text::treatment(&row.what)) } td { code { (row.marker) } }
                    td.num { (quantity(Some(row.truth), row.unit.symbol(), text::signed, "")) }
                    td.num { b { (quantity(Some(row.estimate), row.unit.symbol(), text::signed, "")) } }
                    td.num { (interval(Some(row.ci_low), Some(row.ci_high), "")) }
                    td { @if row.covered { span.gate.gate-ok { "✓ yes" } } @else { span.gate.gate-confounded { "✕ no" } } }
                } } }
            }
        }
    }
}

pub(crate) fn figures(view: &View<'_>) -> Vec<Figure> {
    // markers of one kind share an axis: the sizes of others do not compare
    let mut panels: Vec<(&str, Panel)> = Vec::new();
    for row in view.results.truth.iter().filter(|row| row.truth.is_finite() && row.estimate.is_finite()) {
        let estimate = Estimate {
            value: row.estimate,
            interval: Some([row.ci_low, row.ci_high]),
            truth: Some(row.truth),
            ..Estimate::default()
        };
        let label = row.what.split(',').next().unwrap_or_default().to_owned();
        let drawn = Row { label, estimates: vec![estimate] };
        let (kind, title) = view
            .definition(&row.marker)
            .map_or((row.marker.as_str(), row.marker.as_str()), |d| (&d.kind, &d.label));
        match panels.iter_mut().find(|(known, _)| *known == kind) {
            Some((_, panel)) => panel.rows.push(drawn),
            None => panels.push((
                kind,
                Panel { title: title.into(), unit: row.unit.symbol().into(), rows: vec![drawn] },
            )),
        }
    }
    let panels: Vec<Panel> = panels.into_iter().map(|(_, panel)| panel).collect();
    if panels.is_empty() {
        return Vec::new();
    }
    let (size, body) = forest(&panels, &[(style(0), "estimate".into())]);
    let caption =
        "Symbols are estimates with their 95 % intervals; black bars are the planted changes.".into();
    vec![Figure::new("truth".into(), "Planted truth beside the estimate".into(), caption, size, body)]
}

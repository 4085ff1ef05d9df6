//! Estimates with their intervals, one below the other.

use super::axis::{Axis, padded, range};
use super::color::Style;
use super::{Anchor, heading, num, segment, text};
use crate::text::signed;
use maud::{Markup, html};

/// An estimate with what is drawn around it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Estimate {
    /// Which of the series it belongs to.
    pub(crate) series: usize,
    pub(crate) value: f64,
    pub(crate) interval: Option<[f64; 2]>,
    /// Single subjects.
    pub(crate) dots: Vec<f64>,
    /// Planted truth.
    pub(crate) truth: Option<f64>,
    /// Drawn hollow: muscle can explain it.
    pub(crate) hollow: bool,
}

/// Estimates under one label.
pub(crate) struct Row {
    pub(crate) label: String,
    pub(crate) estimates: Vec<Estimate>,
}

/// Rows that share an axis.
pub(crate) struct Panel {
    pub(crate) title: String,
    pub(crate) unit: String,
    pub(crate) rows: Vec<Row>,
}

const WIDTH: f64 = 960.0;
const LABELS: f64 = 240.0;
const VALUES: f64 = 200.0;
const LANE: f64 = 15.0;

/// Panels one below the other with a legend of the series.
pub(crate) fn forest(panels: &[Panel], series: &[(Style, String)]) -> ([f64; 2], Markup) {
    let mut y = 8.0;
    let mut parts = Vec::new();
    if series.len() > 1 {
        for (i, (style, name)) in series.iter().enumerate() {
            let x = LABELS + 150.0 * i as f64;
            parts.push(html! { (symbol(i, [x, y + 4.0], *style, false)) (text([x + 10.0, y + 7.5], Anchor::Start, 10.0, name)) });
        }
        y += 20.0;
    }
    for panel in panels {
        let (height, drawn) = draw(panel, series, y);
        parts.push(drawn);
        y += height;
    }
    ([WIDTH, y], html! { @for part in &parts { (part) } })
}

fn draw(panel: &Panel, series: &[(Style, String)], top: f64) -> (f64, Markup) {
    let height: f64 = panel.rows.iter().map(row_height).sum();
    let estimates = panel.rows.iter().flat_map(|row| &row.estimates);
    let drawn = estimates.flat_map(|e| {
        e.interval.into_iter().flatten().chain([e.value]).chain(e.truth).chain(e.dots.iter().copied())
    });
    let (low, high) = range(drawn).unwrap_or((-1.0, 1.0));
    let axis = Axis::linear(padded((low.min(0.0), high.max(0.0)), 0.06), [LABELS, WIDTH - VALUES]);
    let (first, last) = (top + 24.0, top + 24.0 + height);
    let tops = panel.rows.iter().scan(first, |y, row| Some(std::mem::replace(y, *y + row_height(row))));
    let placed: Vec<(f64, &Row)> = tops.zip(&panel.rows).collect();
    let body = html! {
        (heading([0.0, top + 14.0], &panel.title))
        @for tick in axis.ticks(9) {
            (segment([axis.at(tick), first], [axis.at(tick), last], "#e3e3e3", 1.0))
            (text([axis.at(tick), last + 13.0], Anchor::Middle, 10.0, &super::axis::tick_label(tick)))
        }
        (text([WIDTH - VALUES + 10.0, last + 13.0], Anchor::Start, 10.0, &axis_title(&panel.unit)))
        (segment([axis.at(0.0), first], [axis.at(0.0), last], "#333", 1.2))
        @for (y, row) in &placed {
            (text([LABELS - 10.0, y + row_height(row) / 2.0 + 3.5], Anchor::End, label_size(&row.label), &row.label))
            @for (lane, estimate) in row.estimates.iter().enumerate() {
                (one(estimate, &axis, y + 3.0 + LANE * (lane as f64 + 0.5), series))
            }
        }
    };
    (height + 48.0, body)
}

/// Long labels are written smaller, so that they fit.
fn label_size(label: &str) -> f64 {
    (LABELS / 0.56 / label.chars().count().max(1) as f64).clamp(6.0, 11.0)
}

fn row_height(row: &Row) -> f64 {
    LANE * row.estimates.len().max(1) as f64 + 6.0
}

fn axis_title(unit: &str) -> String {
    if unit.is_empty() || unit == "1" { "change".into() } else { format!("change ({unit})") }
}

fn one(estimate: &Estimate, axis: &Axis, y: f64, series: &[(Style, String)]) -> Markup {
    let style = series.get(estimate.series).map_or(super::color::style(0), |(style, _)| *style);
    html! {
        @for dot in estimate.dots.iter().filter(|v| v.is_finite()) {
            circle cx=(num(axis.at(*dot))) cy=(num(y)) r="2" fill=(style.color) fill-opacity="0.28" {}
        }
        @if let Some([low, high]) = estimate.interval { (segment([axis.at(low), y], [axis.at(high), y], style.color, 2.0)) }
        @if let Some(truth) = estimate.truth { (segment([axis.at(truth), y - 6.0], [axis.at(truth), y + 6.0], "#111", 2.4)) }
        (symbol(estimate.series, [axis.at(estimate.value), y], style, estimate.hollow))
        (text([WIDTH - VALUES + 10.0, y + 3.5], Anchor::Start, 9.5, &printed(estimate)))
    }
}

fn printed(estimate: &Estimate) -> String {
    match estimate.interval {
        Some([low, high]) => format!("{} [{}, {}]", signed(estimate.value), signed(low), signed(high)),
        None => signed(estimate.value),
    }
}

/// Diamond, square, circle, triangle: series differ by shape too.
fn symbol(series: usize, [x, y]: [f64; 2], style: Style, hollow: bool) -> Markup {
    let shapes: [&[[f64; 2]]; 3] = [
        &[[0.0, -5.5], [5.5, 0.0], [0.0, 5.5], [-5.5, 0.0]],
        &[[-4.0, -4.0], [4.0, -4.0], [4.0, 4.0], [-4.0, 4.0]],
        &[[0.0, -5.0], [5.0, 4.0], [-5.0, 4.0]],
    ];
    let fill = if hollow { "#fff" } else { style.color };
    html! {
        @if let Some(shape) = shapes.get(series) {
            path d={(super::line::path(shape.iter().map(|p| Some([x + p[0], y + p[1]])))) "Z"} fill=(fill) stroke=(style.color) stroke-width="1.4" {}
        } @else {
            circle cx=(num(x)) cy=(num(y)) r="4" fill=(fill) stroke=(style.color) stroke-width="1.4" {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::color::style;
    use super::*;

    #[test]
    fn an_estimate_stands_on_its_interval() {
        let estimate =
            Estimate { value: 1.0, interval: Some([0.0, 2.0]), truth: Some(1.5), ..Estimate::default() };
        let axis = Axis::linear((0.0, 2.0), [0.0, 200.0]);
        let drawn = one(&estimate, &axis, 10.0, &[(style(1), "a".into())]).into_string();
        assert!(drawn.contains(r#"x1="0" y1="10" x2="200" y2="10""#));
        assert!(drawn.contains(r#"x1="150" y1="4" x2="150" y2="16""#));
        assert!(drawn.contains("M100 4.5L105.5 10L100 15.5L94.5 10Z"));
        assert!(drawn.contains("+1.00 [0, +2.00]"));
    }

    #[test]
    fn rows_do_not_overlap() {
        let row = |n: usize| Row { label: "r".into(), estimates: vec![Estimate::default(); n] };
        let panel = Panel { title: "t".into(), unit: "dB".into(), rows: vec![row(3), row(1)] };
        let (size, _) = forest(&[panel], &[]);
        assert_eq!(size, [960.0, 8.0 + 4.0 * 15.0 + 12.0 + 48.0]);
    }
}

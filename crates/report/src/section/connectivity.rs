//! Channel × channel matrices before and after.

use crate::figure::{Figure, gallery};
use crate::svg::axis::range;
use crate::svg::color::ColorScale;
use crate::svg::legend::color_bar;
use crate::svg::matrix::{CELL, matrix};
use crate::svg::{heading, moved};
use crate::text;
use crate::view::{BASELINE, Shown, View, firsts};
use dosewave_study::ConnectivityMatrix;
use maud::{Markup, html};
use std::collections::HashMap;

/// Room of a colour bar beside a matrix, px.
const BAR: f64 = 70.0;

pub(crate) fn body(_: &View<'_>, figures: &[Figure]) -> Markup {
    html! {
        @if !figures.is_empty() {
            p { "Each cell is a pair of channels; the values are in " code { "results.json" } ", the changes in " code { "contrasts.tsv" } ". Grey: undefined." }
            (gallery(figures, "Other measures and bands"))
        }
    }
}

/// A figure for each marker: a row for each treatment or session, its windows, then its changes.
pub(crate) fn figures(view: &View<'_>) -> Vec<Figure> {
    let markers = firsts(view.results.connectivity.iter().map(|m| m.marker.as_str()));
    markers.into_iter().filter_map(|marker| figure(view, marker)).collect()
}

/// A matrix to draw.
struct Cells<'a> {
    title: String,
    channels: &'a [String],
    values: Vec<Option<f64>>,
}

/// The matrices of one treatment or session.
struct Line<'a> {
    label: String,
    levels: Vec<Cells<'a>>,
    changes: Vec<Cells<'a>>,
}

fn figure(view: &View<'_>, marker: &str) -> Option<Figure> {
    let of_marker: Vec<&ConnectivityMatrix> =
        view.results.connectivity.iter().filter(|m| m.marker == marker).collect();
    let lines: Vec<Line<'_>> = view.shown.iter().filter_map(|shown| line(view, shown, &of_marker)).collect();
    let levels = ColorScale::holding(values(lines.iter().flat_map(|line| &line.levels)))?;
    let changes = range(values(lines.iter().flat_map(|line| &line.changes)))
        .map(|(low, high)| ColorScale::symmetric(low, high));
    let (size, body) = draw(&lines, levels, changes);
    let definition = view.definition(marker);
    let label = definition.map_or(marker, |d| d.label.as_str());
    let mean = if view.has_group() { ", mean over subjects" } else { "" };
    let caption = format!("{label}{mean}; lower triangle, one scale for all levels and one for all changes.");
    let stem = format!("connectivity_{}", text::stem(marker));
    let open = definition.is_some_and(View::is_primary);
    Some(Figure {
        open,
        ..Figure::new(stem, format!("{marker} before and after the dose"), caption, size, body)
    })
}

fn values<'a>(all: impl Iterator<Item = &'a Cells<'a>>) -> impl Iterator<Item = f64> {
    all.flat_map(|cells| cells.values.iter().flatten().copied())
}

fn line<'a>(view: &View<'a>, shown: &Shown<'_>, of_marker: &[&'a ConnectivityMatrix]) -> Option<Line<'a>> {
    let own: Vec<&ConnectivityMatrix> =
        of_marker.iter().copied().filter(|m| shown.owns(&m.subject, &m.session, &m.treatment)).collect();
    let first = own.first().or(of_marker.first())?;
    let levels: Vec<Cells<'_>> = own
        .iter()
        .map(|m| Cells {
            title: view.window_label(&m.window),
            channels: &m.channels,
            values: m.values.clone(),
        })
        .collect();
    let windows = shown.windows();
    let changes: Vec<Cells<'_>> = windows
        .iter()
        .filter(|w| **w != BASELINE)
        .filter_map(|window| changes(shown, first, window))
        .collect();
    (!levels.is_empty() || !changes.is_empty()).then(|| Line { label: shown.label(), levels, changes })
}

/// The changes of pairs, in the order of a matrix.
fn changes<'a>(shown: &Shown<'_>, like: &'a ConnectivityMatrix, window: &str) -> Option<Cells<'a>> {
    let rows = shown.rows.iter().filter(|row| row.marker == like.marker && row.window == window);
    let by_site: HashMap<&str, f64> = rows.filter_map(|row| Some((row.site.as_str(), row.change?))).collect();
    let n = like.channels.len();
    let pairs = (1..n).flat_map(|row| (0..row).map(move |column| (row, column)));
    let name = |a: usize, b: usize| Some(format!("{}-{}", like.channels.get(a)?, like.channels.get(b)?));
    let value = |(row, column)| {
        let either = name(row, column).and_then(|pair| by_site.get(pair.as_str()).copied());
        either.or_else(|| name(column, row).and_then(|pair| by_site.get(pair.as_str()).copied()))
    };
    let values: Vec<Option<f64>> = pairs.map(value).collect();
    let title = format!("change, {window}");
    values.iter().any(Option::is_some).then_some(Cells { title, channels: &like.channels, values })
}

fn draw(lines: &[Line<'_>], levels: ColorScale, changes: Option<ColorScale>) -> ([f64; 2], Markup) {
    let most_levels = lines.iter().map(|line| line.levels.len()).max().unwrap_or(0);
    let most_changes = lines.iter().map(|line| line.changes.len()).max().unwrap_or(0);
    let level_bar = CELL[0] * most_levels as f64;
    let first_change = level_bar + if most_levels > 0 { BAR } else { 0.0 };
    let change_bar = first_change + CELL[0] * most_changes as f64;
    let height = CELL[1] + 22.0;
    let top = |i: usize| height * i as f64;
    let body = html! {
        @for (i, line) in lines.iter().enumerate() {
            @if lines.len() > 1 { (heading([0.0, top(i) + 13.0], &line.label)) }
            @for (k, cells) in line.levels.iter().enumerate() {
                (moved([CELL[0] * k as f64, top(i) + 18.0], &matrix(&cells.title, cells.channels, &cells.values, levels)))
            }
            @if !line.levels.is_empty() { (color_bar(levels, "", [level_bar, top(i) + 62.0], 150.0)) }
            @if let Some(scale) = changes {
                @for (k, cells) in line.changes.iter().enumerate() {
                    (moved([first_change + CELL[0] * k as f64, top(i) + 18.0], &matrix(&cells.title, cells.channels, &cells.values, scale)))
                }
                @if !line.changes.is_empty() { (color_bar(scale, "", [change_bar, top(i) + 62.0], 150.0)) }
            }
        }
    };
    let width = change_bar + if changes.is_some() { BAR } else { 0.0 };
    ([width, height * lines.len() as f64], body)
}

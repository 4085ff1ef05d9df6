//! Spectra before and after the dose.

use crate::figure::{Figure, gallery};
use crate::svg::color::Style;
use crate::svg::moved;
use crate::svg::spectrum::{Curve, Limits, NamedBand, panel, small};
use crate::table::edges;
use crate::view::{GLOBAL, GROUP, Shown, View, firsts, session_label};
use dosewave_study::SpectrumResult;
use maud::{Markup, html};

/// Small panels of one figure.
const MOST_SMALL: usize = 64;
const SMALL: [f64; 2] = [150.0, 110.0];
const COLUMNS: usize = 6;

pub(crate) fn body(_: &View<'_>, figures: &[Figure]) -> Markup {
    html! {
        @if !figures.is_empty() {
            (gallery(figures, "Single sessions and channels"))
            p.hint { "Spectra at full resolution are in " code { "results.json" } " and " code { "results.h5" } "." }
        }
    }
}

pub(crate) fn figures(view: &View<'_>) -> Vec<Figure> {
    main_figure(view).into_iter().chain(by_session(view)).chain(by_channel(view)).collect()
}

/// The spectra of the group's treatments, or of the shown sessions.
fn main_figure(view: &View<'_>) -> Option<Figure> {
    let owners: Vec<&Shown<'_>> = view.shown.iter().filter(|shown| !shown.is_difference()).collect();
    let of = |shown: &Shown<'_>| {
        global(view).filter(|s| shown.owns(&s.subject, &s.session, &s.treatment)).collect::<Vec<_>>()
    };
    let panels: Vec<(String, Vec<&SpectrumResult>)> =
        owners.iter().map(|s| (s.label(), of(s))).filter(|(_, all)| !all.is_empty()).collect();
    let limits = Limits::holding(panels.iter().flat_map(|(_, all)| all.iter().copied()))?;
    let bands = bands(view);
    let columns = panels.len().min(2);
    let size = if columns == 1 { [820.0, 400.0] } else { [450.0, 360.0] };
    let place = |i: usize| [size[0] * (i % columns) as f64, size[1] * (i / columns) as f64];
    let body = html! {
        @for (i, (label, spectra)) in panels.iter().enumerate() {
            (moved(place(i), &panel(if panels.len() > 1 { label } else { "" }, &curves(view, spectra), limits, &bands, size)))
        }
    };
    let whole = [size[0] * columns as f64, size[1] * panels.len().div_ceil(columns) as f64];
    Some(Figure::new(
        "spectra".into(),
        "Power spectra before and after the dose".into(),
        caption(view, &panels),
        whole,
        body,
    ))
}

fn caption(view: &View<'_>, panels: &[(String, Vec<&SpectrumResult>)]) -> String {
    let what = if view.has_group() {
        "Mean over subjects in dB of the median over epochs"
    } else {
        "Median over epochs"
    };
    let bands = panels.iter().flat_map(|(_, all)| all).any(|s| !s.ci_low.is_empty());
    let interval = if bands { ", with 95 % interval" } else { "" };
    format!("{what}{interval}; site {GLOBAL}: mean of the channels in dB. Both axes are logarithmic.")
}

/// A small panel for each session of a group.
fn by_session(view: &View<'_>) -> Option<Figure> {
    if !view.has_group() {
        return None;
    }
    let own = |s: &&SpectrumResult| s.subject != GROUP;
    let label = |s: &SpectrumResult| session_label(&s.subject, &s.session, &s.treatment);
    let all: Vec<(String, &SpectrumResult)> = global(view).filter(own).map(|s| (label(s), s)).collect();
    let caption =
        "One panel for each session; lines at 10 and 40 Hz, all panels on the same logarithmic axes.";
    grid(view, &all, "spectra_sessions", "Spectra of single sessions", caption)
}

/// A small panel for each channel of a single session.
fn by_channel(view: &View<'_>) -> Option<Figure> {
    let [only] = view.shown.as_slice() else { return None };
    let own = |s: &&SpectrumResult| s.site != GLOBAL && only.owns(&s.subject, &s.session, &s.treatment);
    let all: Vec<(String, &SpectrumResult)> =
        view.results.spectra.iter().filter(own).map(|s| (s.site.clone(), s)).collect();
    let channels = firsts(all.iter().map(|(name, _)| name.as_str())).len();
    if channels < 2 {
        return None;
    }
    let caption =
        "One panel for each channel; lines at 10 and 40 Hz, all panels on the same logarithmic axes.";
    grid(view, &all, "spectra_channels", "Spectra of single channels", caption)
}

fn grid(
    view: &View<'_>,
    all: &[(String, &SpectrumResult)],
    stem: &str,
    title: &str,
    caption: &str,
) -> Option<Figure> {
    let mut names = firsts(all.iter().map(|(name, _)| name.as_str()));
    let left_out = names.len().saturating_sub(MOST_SMALL);
    names.truncate(MOST_SMALL);
    let of = |name: &str| all.iter().filter(|(own, _)| own == name).map(|(_, s)| *s).collect::<Vec<_>>();
    let limits = Limits::holding(names.iter().flat_map(|name| of(name)).collect::<Vec<_>>().iter().copied())?;
    let place = |i: usize| [SMALL[0] * (i % COLUMNS) as f64, SMALL[1] * (i / COLUMNS) as f64 + 20.0];
    let body = html! {
        (crate::svg::legend::row(&windows(view), [4.0, 8.0]))
        @for (i, name) in names.iter().enumerate() { (moved(place(i), &small(name, &curves(view, &of(name)), limits, SMALL))) }
    };
    let more = if left_out > 0 { format!(" {left_out} more are in results.h5.") } else { String::new() };
    let size = [SMALL[0] * COLUMNS as f64, SMALL[1] * names.len().div_ceil(COLUMNS) as f64 + 24.0];
    Some(Figure {
        open: false,
        ..Figure::new(stem.into(), title.into(), format!("{caption}{more}"), size, body)
    })
}

fn windows(view: &View<'_>) -> Vec<(Style, String)> {
    view.windows().into_iter().map(|window| (view.window_style(window), window.to_owned())).collect()
}

fn global<'a>(view: &View<'a>) -> impl Iterator<Item = &'a SpectrumResult> {
    view.results.spectra.iter().filter(|s| s.site == GLOBAL)
}

fn curves<'a>(view: &View<'_>, spectra: &[&'a SpectrumResult]) -> Vec<Curve<'a>> {
    spectra
        .iter()
        .map(|s| Curve {
            spectrum: s,
            style: view.window_style(&s.window),
            name: view.window_label(&s.window),
        })
        .collect()
}

/// The bands of the markers that are powers of a band.
fn bands(view: &View<'_>) -> Vec<NamedBand> {
    let powers = view.results.definitions.iter().filter(|definition| definition.kind == "band_power");
    powers.filter_map(|definition| Some((definition.marker.replace('_', " "), edges(definition)?))).collect()
}

//! The page around the sections.

use crate::section::{Chapter, chapters};
use crate::text;
use crate::view::{View, firsts};
use dosewave_study::Results;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use std::collections::BTreeSet;

const STYLE: &str = include_str!("style.css");
/// Drawings that the page holds, bytes; the rest is in `figures/`.
const MOST_SVG_BYTES: usize = 3_000_000;

/// The whole page.
pub(crate) fn page(view: &View<'_>) -> Markup {
    let mut chapters = chapters(view);
    fit(&mut chapters, MOST_SVG_BYTES);
    let bodies: Vec<(&Chapter, Markup)> =
        chapters.iter().map(|chapter| (chapter, (chapter.section.body)(view, &chapter.figures))).collect();
    let filled: Vec<&(&Chapter, Markup)> = bodies.iter().filter(|(_, body)| !body.0.is_empty()).collect();
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="generator" content={(view.results.provenance.software) " " (view.results.provenance.version)};
                title { (view.results.title) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                (header(view.results))
                nav aria-label="Sections" {
                    @for (chapter, _) in &filled { a href={"#" (chapter.section.id)} { (chapter.section.title) } " " }
                }
                main {
                    @for (chapter, body) in &filled {
                        section id=(chapter.section.id) aria-labelledby={"h-" (chapter.section.id)} {
                            h2 id={"h-" (chapter.section.id)} { (chapter.section.title) }
                            (body)
                        }
                    }
                }
                footer { p { "Every number on this page stands in " code { "results.json" } "; the page computes nothing and loads nothing." } }
            }
        }
    }
}

/// Keeps drawings while they fit: first those shown at once, then the folded ones.
fn fit(chapters: &mut [Chapter], most_bytes: usize) {
    let mut total = 0;
    for open in [true, false] {
        for figure in
            chapters.iter_mut().flat_map(|chapter| &mut chapter.figures).filter(|figure| figure.open == open)
        {
            figure.fits = total + figure.bytes() <= most_bytes;
            if figure.fits {
                total += figure.bytes();
            }
        }
    }
}

fn header(results: &Results) -> Markup {
    let subjects: BTreeSet<&str> = results.sessions.iter().map(|session| session.subject.as_str()).collect();
    let failed = results.sessions.iter().filter(|session| session.failure.is_some()).count();
    let treatments: Vec<&str> =
        firsts(results.sessions.iter().map(|s| s.treatment.as_str()).filter(|t| !t.is_empty()));
    html! {
        header {
            p.kicker { "EEG before and after dosing" }
            h1 { (results.title) }
            p.facts {
                (text::count(subjects.len(), "subject")) " · " (text::count(results.sessions.len(), "session"))
                @if failed > 0 { " · " strong { (failed) " failed" } }
                @if !treatments.is_empty() { " · " (treatments.join(", ")) }
                " · " (results.provenance.software) " " (results.provenance.version)
            }
            p.facts { (dose_line(results)) }
        }
    }
}

/// What time zero is: each way of dosing once.
fn dose_line(results: &Results) -> String {
    let said: Vec<String> = results
        .sessions
        .iter()
        .filter_map(|session| session.dose.as_ref())
        .map(|dose| {
            let length = if dose.duration_min > 0.0 {
                format!("infusion of {} min", text::short(dose.duration_min))
            } else {
                "no length given".into()
            };
            format!("{}, {length}", dose.label)
        })
        .collect();
    let mut each = firsts(said.iter().map(String::as_str));
    if each.is_empty() {
        return "Time zero: no time of dosing was given; the recording after the dose starts at zero.".into();
    }
    let more = each.len().saturating_sub(4);
    each.truncate(4);
    let tail = if more > 0 { format!("; {more} more in the quality table") } else { String::new() };
    format!("Time zero: start of the dose ({}{tail}).", each.join("; "))
}

//! Oddities, decisions, missing values: warnings first, the same text once.

use crate::figure::Figure;
use crate::view::{View, session_label};
use dosewave_study::SessionNote;
use maud::{Markup, html};
use std::cmp::Reverse;

/// Sessions named beside a note.
const MOST_NAMES: usize = 8;

/// Notes of the same text.
struct Same<'a> {
    first: &'a SessionNote,
    sessions: Vec<String>,
    count: usize,
}

pub(crate) fn body(view: &View<'_>, _: &[Figure]) -> Markup {
    let notes = grouped(&view.results.notes);
    html! {
        @if notes.is_empty() { p.empty { "Nothing to note." } } @else {
            ul.notes { @for note in &notes { (item(note)) } }
        }
    }
}

fn grouped(notes: &[SessionNote]) -> Vec<Same<'_>> {
    let mut all: Vec<Same<'_>> = Vec::new();
    for note in notes {
        let place = match all.iter().position(|same| same.first.note == note.note) {
            Some(place) => place,
            None => {
                all.push(Same { first: note, sessions: Vec::new(), count: 0 });
                all.len() - 1
            }
        };
        let Some(same) = all.get_mut(place) else { continue };
        same.count += 1;
        let name = session_label(&note.subject, &note.session, "");
        if !note.subject.is_empty() && !same.sessions.contains(&name) {
            same.sessions.push(name);
        }
    }
    all.sort_by_key(|same| Reverse(same.first.note.level));
    all
}

fn item(same: &Same<'_>) -> Markup {
    let note = &same.first.note;
    let level = format!("{:?}", note.level).to_lowercase();
    let named = same.sessions.len().min(MOST_NAMES);
    let more = same.sessions.len() - named;
    html! {
        li class={"note-" (level)} {
            span.level { @if level == "warning" { "⚠ warning" } @else { (level) } } " "
            code { (note.topic) } " " (note.text)
            @if same.count > 1 { " " b { "(" (same.count) " times)" } }
            @if named > 0 { " " small { (same.sessions[..named].join(", ")) @if more > 0 { " and " (more) " more" } } }
        }
    }
}

//! What was recorded and what was kept.

use crate::figure::Figure;
use crate::table::missing;
use crate::text;
use crate::view::{View, session_label};
use dosewave_study::{DoseSummary, SessionSummary, WindowSummary};
use maud::{Markup, html};

/// Sessions whose tables are not folded away.
const MOST_OPEN: usize = 6;

pub(crate) fn body(view: &View<'_>, _: &[Figure]) -> Markup {
    let sessions = &view.results.sessions;
    html! {
        @if sessions.is_empty() { p.empty { "No session." } } @else {
            (failures(sessions))
            @if sessions.len() > MOST_OPEN {
                details { summary { "Recordings and epochs of " (text::count(sessions.len(), "session")) } (recordings(sessions)) (windows(sessions)) }
            } @else {
                (recordings(sessions))
                (windows(sessions))
            }
        }
    }
}

fn label(session: &SessionSummary) -> String {
    session_label(&session.subject, &session.session, &session.treatment)
}

fn failures(sessions: &[SessionSummary]) -> Markup {
    let failed: Vec<(&SessionSummary, &String)> =
        sessions.iter().filter_map(|s| Some((s, s.failure.as_ref()?))).collect();
    html! {
        @if !failed.is_empty() {
            h3 { "Failed sessions" }
            ul.failures { @for (session, failure) in failed { li { strong { "⚠ " (label(session)) } ": " (failure) } } }
        }
    }
}

fn recordings(sessions: &[SessionSummary]) -> Markup {
    html! {
        div.scroll role="region" aria-label="Recordings" tabindex="0" {
            table {
                caption { "Recordings." }
                thead { tr {
                    th scope="col" { "Session" } th scope="col" { "Files" } th scope="col" { "Format" }
                    th.num scope="col" { "Sampling" } th.num scope="col" { "Low-pass" } th.num scope="col" { "EEG channels" } th scope="col" { "Dose" }
                } }
                tbody { @for session in sessions { tr {
                    th scope="row" { (label(session)) }
                    td { @for (i, file) in session.files.iter().enumerate() { @if i > 0 { ", " } (file) } }
                    td { (session.format) }
                    td.num { @if session.sfreq_hz > 0.0 { (text::short(session.sfreq_hz)) " Hz" } @else { (missing("the recording could not be read")) } }
                    td.num { @if let Some(hz) = session.low_pass_hz { (text::short(hz)) " Hz" } @else { (missing("not stated in the recording")) } }
                    td.num { (session.channels.len()) }
                    td { (dose(session.dose.as_ref())) }
                } } }
            }
        }
    }
}

fn dose(dose: Option<&DoseSummary>) -> Markup {
    html! {
        @match dose {
            Some(dose) => {
                (dose.label) " at " (text::short(dose.onset_s)) " s"
                @if dose.duration_min > 0.0 { ", " (text::short(dose.duration_min)) " min" }
            },
            None => { (missing("no time of dosing")) " " small { "before/after recordings or not stated" } },
        }
    }
}

fn windows(sessions: &[SessionSummary]) -> Markup {
    let any = sessions.iter().any(|session| !session.windows.is_empty());
    html! {
        @if any {
            div.scroll role="region" aria-label="Windows" tabindex="0" {
                table {
                    caption { "Epochs kept in each window." }
                    thead { tr {
                        th scope="col" { "Session" } th scope="col" { "Window" } th.num scope="col" { "Minutes from dose" } th.num scope="col" { "Recorded" }
                        th.num scope="col" { "Epochs kept" } th.num scope="col" { "Rejected" } th.num scope="col" { "Blocks" } th scope="col" { "Channel that cost most" }
                    } }
                    tbody { @for session in sessions { @for window in &session.windows { tr {
                        th scope="row" { (label(session)) }
                        (window_cells(window))
                    } } } }
                }
            }
        }
    }
}

fn window_cells(window: &WindowSummary) -> Markup {
    let many = window.n_rejected > window.n_epochs;
    html! {
        td { (window.window) }
        td.num { (text::minutes(window.t_start_min, window.t_stop_min)) }
        td.num { (text::short(window.recorded_s)) " s" }
        td.num { (window.n_epochs) }
        td.num { @if many { strong { "⚠ " (window.n_rejected) } } @else { (window.n_rejected) } }
        td.num { (window.n_blocks) }
        td { @if let Some((channel, n)) = &window.worst_channel { (channel) " (" (text::count(*n, "epoch")) ")" } @else { (missing("no epoch was rejected for a channel")) } }
    }
}

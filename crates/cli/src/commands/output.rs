//! The folder that `compare`, `run`, `bids` and `demo` write, and tables for the terminal.

use anyhow::{Result, bail};
use dosewave::report;
use dosewave::study::{ContrastRow, Gate, Results, SessionSummary, write_results, write_text};
use std::fmt::Write as _;
use std::path::Path;
use std::process::ExitCode;

/// Refuses, before anything is computed, a place where no folder can be.
pub(crate) fn check_folder(folder: &Path) -> Result<()> {
    let there = folder.ancestors().find(|place| place.exists());
    match there.filter(|place| !place.is_dir()) {
        Some(file) => bail!("--out {}: {} is a file, not a folder", folder.display(), file.display()),
        None => Ok(()),
    }
}

/// Writes every result file, the report and its figures into `folder`; each file appears whole or not at all.
pub(crate) fn write_all(results: &Results, folder: &Path) -> Result<()> {
    write_results(results, folder)?;
    write_text(&folder.join("report.html"), &report::html(results))?;
    for (name, svg) in report::figures(results) {
        write_text(&folder.join("figures").join(format!("{name}.svg")), &svg)?;
    }
    Ok(())
}

/// The contrasts at site `global` of one subject or of the group, as a table for the terminal.
pub(crate) fn summary(results: &Results) -> String {
    let group = results.contrasts.iter().any(|row| row.subject == "group");
    let rows: Vec<&ContrastRow> = results
        .contrasts
        .iter()
        .filter(|row| row.site == "global" && (row.subject == "group") == group)
        .collect();
    let mut text = String::new();
    let mut heading = String::new();
    for row in &rows {
        let place = [row.treatment.as_str(), row.window.as_str()].join(" ").trim().to_owned();
        if place != heading {
            let _ = writeln!(text, "{}{place}", if heading.is_empty() { "" } else { "\n" });
            let _ = writeln!(
                text,
                "  {:<28} {:>10} {:>22}  {:>8}  gate",
                "marker", "change", "95 % interval", "p adj."
            );
            heading = place;
        }
        if row.change.is_some() {
            let _ = writeln!(text, "{}", line(row));
        }
    }
    let missing = missing(&rows);
    if !missing.is_empty() {
        let _ =
            writeln!(text, "\nmissing, with the reason in the tables and the report: {}", missing.join(", "));
    }
    text
}

/// Markers without a change in any row.
fn missing<'a>(rows: &[&'a ContrastRow]) -> Vec<&'a str> {
    let mut names: Vec<&str> = Vec::new();
    for row in rows {
        let known = names.contains(&row.marker.as_str());
        if !known && rows.iter().all(|other| other.marker != row.marker || other.change.is_none()) {
            names.push(&row.marker);
        }
    }
    names
}

fn line(row: &ContrastRow) -> String {
    let change = row.change.map_or_else(|| "–".into(), |v| format!("{v:+.3}"));
    let interval = match (row.ci_low, row.ci_high) {
        (Some(low), Some(high)) => format!("[{low:+.3}, {high:+.3}]"),
        _ => "–".into(),
    };
    let p = row.p_adjusted.or(row.p).map_or_else(|| "–".into(), |p| format!("{p:.4}"));
    let unit = match row.unit {
        dosewave::eeg::Unit::One => String::new(),
        unit => format!(" {unit}"),
    };
    let gate = if row.gate == Gate::NotApplicable { "" } else { row.gate.name() };
    let text = format!("  {:<28} {:>10} {interval:>22}  {p:>8}  {gate:<10}{unit}", row.marker, change);
    text.trim_end().to_owned()
}

/// Success, or how much failed, each failure named on stderr.
pub(crate) fn exit_code(sessions: &[SessionSummary]) -> ExitCode {
    let mut code = ExitCode::SUCCESS;
    for session in sessions {
        if let Some(failure) = &session.failure {
            eprintln!("dosewave: {} {}: {failure}", session.subject, session.session);
            code = ExitCode::from(crate::exit::SOME_FAILED);
        }
    }
    if !sessions.is_empty() && sessions.iter().all(|session| session.failure.is_some()) {
        eprintln!("dosewave: no session could be analysed");
        code = ExitCode::from(crate::exit::UNREADABLE);
    }
    code
}

//! `dosewave markers`

use super::{configuration, execution, say};
use crate::args::{Markers, Shared};
use crate::print;
use anyhow::{Context, Result, bail};
use dosewave::eeg::NoteLevel;
use dosewave::study::{self, Input, write_text};
use std::process::ExitCode;

pub(crate) fn run(args: &Markers, shared: &Shared) -> Result<ExitCode> {
    let config = configuration(shared)?;
    let windows: Result<Vec<(f64, f64)>> = args.window.iter().map(|text| window(text)).collect();
    let input = Input::Path(args.file.clone());
    let study::MarkersTable { rows, notes } =
        study::markers_table(input, &args.marker, &windows?, &config, &execution(shared))?;
    // no file of results holds them; what a value is missing for stands in its row
    for note in notes.iter().filter(|note| note.level == NoteLevel::Warning || shared.verbose) {
        say(shared, &format!("note: {note}"));
    }
    let text =
        if args.json { serde_json::to_string_pretty(&rows)? + "\n" } else { study::markers_tsv(&rows) };
    match &args.out {
        Some(path) => {
            write_text(path, &text)?;
            say(shared, &format!("wrote {}", path.display()));
        }
        None => print::out(&text)?,
    }
    Ok(ExitCode::SUCCESS)
}

/// `A:B` in seconds; an empty side is open.
fn window(text: &str) -> Result<(f64, f64)> {
    let Some((from, to)) = text.split_once(':') else {
        bail!(
            "--window {text}: expected A:B, two times in seconds from the start of the recording, e.g. 0:300"
        );
    };
    let edge = |text: &str, open: f64| -> Result<f64> {
        if text.trim().is_empty() {
            return Ok(open);
        }
        text.trim().parse().with_context(|| format!("--window: '{text}' is not a time in seconds"))
    };
    let (from, to) = (edge(from, 0.0)?, edge(to, f64::INFINITY)?);
    if from < to { Ok((from, to)) } else { bail!("--window {text}: the start must come before the end") }
}

#[cfg(test)]
mod tests {
    use super::window;

    #[test]
    fn windows_are_seconds_and_may_be_open() {
        assert_eq!(window("0:300").unwrap(), (0.0, 300.0));
        assert_eq!(window("10.5:").unwrap(), (10.5, f64::INFINITY));
        for bad in ["300", "5:5", "9:3", "a:b", "NaN:3"] {
            assert!(window(bad).is_err(), "{bad}");
        }
    }
}

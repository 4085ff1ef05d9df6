//! `dosewave convert`

use super::say;
use crate::args::{Convert, Shared};
use crate::print;
use anyhow::{Result, bail};
use dosewave::io::{self, Identifier, Limits, Removed};
use serde_json::json;
use std::path::Path;
use std::process::ExitCode;

pub(crate) fn run(args: &Convert, shared: &Shared) -> Result<ExitCode> {
    if is_same(&args.input, &args.output) {
        bail!("{}: input and output are the same file; choose another name", args.input.display());
    }
    let mut reader = io::open(&args.input, &Limits::default())?;
    let identity = reader.identity();
    let n_times = reader.header().n_times();
    let recording = reader.read(0..n_times)?;
    let notes: Vec<String> = recording.header().notes.iter().map(ToString::to_string).collect();
    let (recording, removed) = if args.anonymize {
        let (recording, removed) = io::anonymize(recording, &identity)?;
        (recording, Some(removed))
    } else {
        (recording, None)
    };
    io::write(&recording, &args.output)?;
    for note in &notes {
        say(shared, note);
    }
    for line in removed.iter().flat_map(Removed::lines) {
        say(shared, &line);
    }
    if args.anonymize && names_a_person(&args.output, &identity) {
        say(
            shared,
            "the name of the new file repeats a name from the old one; rename it before you share it",
        );
    }
    say(shared, &format!("wrote {}", args.output.display()));
    if args.json {
        print::json(
            &json!({ "output": args.output.display().to_string(), "notes": notes, "removed": removed }),
        )?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Whether both names lead to one file that is there.
fn is_same(a: &Path, b: &Path) -> bool {
    a.canonicalize().ok().zip(b.canonicalize().ok()).is_some_and(|(a, b)| a == b)
}

/// Whether the output's name holds a word that the file's fields hold.
fn names_a_person(output: &Path, identity: &[Identifier]) -> bool {
    let name = output.file_stem().unwrap_or_default().to_string_lossy().to_lowercase();
    let words = identity.iter().flat_map(|found| found.value.split(|c: char| !c.is_alphanumeric()));
    words.filter(|word| word.chars().count() > 3).any(|word| name.contains(&word.to_lowercase()))
}

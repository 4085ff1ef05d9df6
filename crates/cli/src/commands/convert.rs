//! `dosewave convert`

use super::say;
use crate::args::{Convert, ConvertBids, Shared};
use crate::print;
use anyhow::{Result, bail};
use dosewave::io::bids::{self, Dataset, Target};
use dosewave::io::{self, Identifier, Limits, Removed};
use serde_json::json;
use std::path::Path;
use std::process::ExitCode;

pub(crate) fn run(args: &Convert, shared: &Shared) -> Result<ExitCode> {
    if args.bids.bids {
        return into_dataset(args, shared);
    }
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

/// Puts the recording into a dataset; one that comes from a dataset brings what its sidecars say.
fn into_dataset(args: &Convert, shared: &Shared) -> Result<ExitCode> {
    let mut reader = match Dataset::containing(&args.input, &Limits::default())? {
        Some((dataset, file)) => dataset.reader(&file)?,
        None => io::open(&args.input, &Limits::default())?,
    };
    let identity = reader.identity();
    let n_times = reader.header().n_times();
    let mut recording = reader.read(0..n_times)?;
    let mut said: Vec<String> = recording.header().notes.iter().map(ToString::to_string).collect();
    let mut target = target(&args.bids)?;
    let mut removed = None;
    if args.anonymize {
        let (anonymous, what) = io::anonymize(recording, &identity)?;
        (recording, removed) = (anonymous, Some(what));
        for column in bids::anonymize_target(&mut target, &identity) {
            said.push(format!("removed: the value of the column {column}"));
        }
    }
    let written = bids::write(&recording, &args.output, &target)?;
    said.extend(written.notes.iter().map(ToString::to_string));
    said.iter()
        .chain(&removed.iter().flat_map(Removed::lines).collect::<Vec<_>>())
        .for_each(|line| say(shared, line));
    if args.anonymize && names_a_person(Path::new(&target.entities()?.to_string()), &identity) {
        say(
            shared,
            "a label of the new name repeats a name from the old file; choose another before you share it",
        );
    }
    say(shared, &format!("wrote {}", args.output.join(&written.file.path).display()));
    if args.json {
        print::json(
            &json!({ "output": written.file.path, "files": written.files, "notes": said, "removed": removed }),
        )?;
    }
    Ok(ExitCode::SUCCESS)
}

fn target(args: &ConvertBids) -> Result<Target> {
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    let columns = |pairs: &[String], option: &str| {
        let pair = |pair: &String| match pair.split_once('=') {
            Some((name, value)) => Ok((name.trim().to_owned(), value.trim().to_owned())),
            None => bail!("{option} {pair}: write NAME=VALUE"),
        };
        pairs.iter().map(pair).collect::<Result<Vec<_>>>()
    };
    Ok(Target {
        subject: text(&args.subject),
        session: text(&args.session),
        task: text(&args.task),
        acquisition: text(&args.acquisition),
        run: text(&args.run),
        format: text(&args.data_format),
        line_hz: args.line,
        reference: text(&args.reference),
        columns: columns(&args.column, "--column")?,
        participant: columns(&args.participant_column, "--participant-column")?,
        overwrite: args.overwrite,
        ..Target::default()
    })
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

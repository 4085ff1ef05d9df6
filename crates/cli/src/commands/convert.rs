//! `dosewave convert`

use super::say;
use crate::args::{Convert, Shared};
use anyhow::{Result, bail};
use dosewave::io;
use std::path::Path;
use std::process::ExitCode;

pub(crate) fn run(args: &Convert, shared: &Shared) -> Result<ExitCode> {
    if is_same(&args.input, &args.output) {
        bail!("{}: input and output are the same file; choose another name", args.input.display());
    }
    let recording = io::read(&args.input)?;
    io::write(&recording, &args.output)?;
    for note in &recording.header().notes {
        say(shared, &note.to_string());
    }
    say(shared, &format!("wrote {}", args.output.display()));
    Ok(ExitCode::SUCCESS)
}

/// Whether both names lead to one file that is there.
fn is_same(a: &Path, b: &Path) -> bool {
    a.canonicalize().ok().zip(b.canonicalize().ok()).is_some_and(|(a, b)| a == b)
}

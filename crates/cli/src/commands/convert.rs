//! `dosewave convert`

use super::say;
use crate::args::{Convert, Shared};
use anyhow::{Result, bail};
use dosewave::io;
use std::process::ExitCode;

pub(crate) fn run(args: &Convert, shared: &Shared) -> Result<ExitCode> {
    if args.input == args.output {
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

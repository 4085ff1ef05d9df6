//! `dosewave report`

use super::say;
use crate::args::{Report, Shared};
use anyhow::{Context, Result};
use dosewave::report;
use dosewave::study::{Results, write_text};
use std::process::ExitCode;

pub(crate) fn run(args: &Report, shared: &Shared) -> Result<ExitCode> {
    let file = if args.results.is_dir() { args.results.join("results.json") } else { args.results.clone() };
    let text =
        std::fs::read_to_string(&file).with_context(|| format!("{}: cannot read results", file.display()))?;
    let results: Results = serde_json::from_str(&text)
        .with_context(|| format!("{}: not a results.json of this version of dosewave", file.display()))?;
    write_text(&args.out, &report::html(&results))?;
    say(shared, &format!("report: {}", args.out.display()));
    Ok(ExitCode::SUCCESS)
}

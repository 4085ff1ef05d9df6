//! One file per command. A command parses, calls the library, and prints.

mod bids;
mod compare;
mod config;
mod convert;
mod demo;
mod info;
mod list;
mod markers;
mod output;
mod report;
mod run;
mod simulate;

use crate::args::{Cli, Command, Shared};
use anyhow::{Context, Result};
use dosewave::study::{Config, Execution, Results};
use std::path::Path;
use std::process::ExitCode;

/// Runs the command that was asked for.
pub(crate) fn run(cli: &Cli) -> Result<ExitCode> {
    let shared = &cli.shared;
    match &cli.command {
        Command::Demo(args) => demo::run(args, shared),
        Command::Info(args) => info::run(args),
        Command::Compare(args) => compare::run(args, shared),
        Command::Markers(args) => markers::run(args, shared),
        Command::Run(args) => run::run(args, shared),
        Command::Bids(args) => bids::run(args, shared),
        Command::Report(args) => report::run(args, shared),
        Command::Simulate(args) => simulate::run(args, shared),
        Command::Convert(args) => convert::run(args, shared),
        Command::Config(args) => config::run(args, shared),
        Command::List(args) => list::run(args),
    }
}

/// The configuration: defaults < file < `--set`.
fn configuration(shared: &Shared) -> Result<Config> {
    match &shared.config {
        Some(path) => from_file(path, &shared.set),
        None => Ok(Config::layered(None, &shared.set)?),
    }
}

fn from_file(path: &Path, settings: &[String]) -> Result<Config> {
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("{}: cannot read the configuration", path.display()))?;
    Config::layered(Some(&text), settings).with_context(|| path.display().to_string())
}

fn execution(shared: &Shared) -> Execution {
    crate::progress::execution(shared)
}

/// The notes of an analysis to stderr, for people who want to hear more.
fn say_notes(shared: &Shared, results: &Results) {
    if shared.verbose {
        for row in &results.notes {
            let session = format!("{} {} ", row.subject, row.session);
            eprintln!("note: {}{}", session.trim_start(), row.note);
        }
    }
}

/// A message for people: to stderr, unless they asked for quiet.
fn say(shared: &Shared, text: &str) {
    if !shared.quiet {
        eprintln!("{text}");
    }
}

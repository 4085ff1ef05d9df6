//! The command `dosewave`: arguments in, one call to the library, results to files or stdout, messages to stderr.
#![allow(clippy::print_stderr)]

mod args;
mod commands;
mod exit;
mod print;
mod progress;

use clap::Parser;
use std::process::ExitCode;

/// Keeps the pages of arrays that are freed for the next ones; asking the system for them anew costs as much as a filter.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let cli = args::Cli::parse();
    match commands::run(&cli) {
        Ok(code) => code,
        Err(error) if exit::is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("dosewave: {}", exit::chain(&error));
            ExitCode::from(exit::code(&error))
        }
    }
}

//! `dosewave run`

use super::{execution, output, say, say_notes};
use crate::args::{Run, Shared};
use crate::print;
use anyhow::{Result, bail};
use dosewave::study::{self, Study};
use std::process::ExitCode;

pub(crate) fn run(args: &Run, shared: &Shared) -> Result<ExitCode> {
    if shared.config.is_some() {
        bail!("--config does not go with run: {} is the configuration", args.study.display());
    }
    output::check_folder(&args.out)?;
    let mut study = Study::from_toml(&args.study, &shared.set)?;
    if !args.only.is_empty() {
        if let Some(unknown) =
            args.only.iter().find(|name| study.sessions.iter().all(|s| &s.subject != *name))
        {
            bail!("--only {unknown}: no such subject in the study");
        }
        study.sessions.retain(|session| args.only.contains(&session.subject));
    }
    let results = study::run(&study.sessions, &study.config, &execution(shared))?;
    output::write_all(&results, &args.out)?;
    say_notes(shared, &results);
    if !shared.quiet {
        print::out(&output::summary(&results))?;
    }
    say(shared, &format!("report: {}", args.out.join("report.html").display()));
    Ok(output::exit_code(&results.sessions))
}

//! `dosewave config`

use super::from_file;
use crate::args::{Config as Args, Shared};
use crate::print;
use anyhow::Result;
use dosewave::study::Config;
use std::process::ExitCode;

pub(crate) fn run(args: &Args, shared: &Shared) -> Result<ExitCode> {
    if args.schema {
        print::json(&Config::schema())?;
    } else if let Some(path) = &args.check {
        print::out(&toml::to_string_pretty(&from_file(path, &shared.set)?)?)?;
    } else {
        print::out(&Config::default_toml())?;
    }
    Ok(ExitCode::SUCCESS)
}

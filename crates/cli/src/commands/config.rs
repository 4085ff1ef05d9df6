//! `dosewave config`

use crate::args::{Config as Args, Shared};
use anyhow::{Context, Result};
use dosewave::study::Config;
use std::process::ExitCode;

pub(crate) fn run(args: &Args, shared: &Shared) -> Result<ExitCode> {
    if args.schema {
        println!("{}", serde_json::to_string_pretty(&Config::schema())?);
    } else if let Some(path) = &args.check {
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("{}: cannot read the configuration", path.display()))?;
        let config = Config::layered(Some(&text), &shared.set).with_context(|| path.display().to_string())?;
        print!("{}", toml::to_string_pretty(&config)?);
    } else {
        print!("{}", Config::default_toml());
    }
    Ok(ExitCode::SUCCESS)
}

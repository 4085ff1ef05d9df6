//! `dosewave compare`

use super::{configuration, execution, output, say, say_notes};
use crate::args::{Compare, Shared};
use crate::print;
use anyhow::Result;
use dosewave::study::{self, Input};
use std::process::ExitCode;

pub(crate) fn run(args: &Compare, shared: &Shared) -> Result<ExitCode> {
    output::check_folder(&args.out)?;
    let config = configuration(shared)?;
    let execution = execution(shared);
    let pre = Input::Path(args.pre.clone());
    let results = match (&args.post, &args.dose_at) {
        (Some(post), _) => study::compare(pre, Input::Path(post.clone()), &config, &execution)?,
        (None, dose_at) => {
            study::compare_dose_at(pre, dose_at.as_deref().unwrap_or_default(), &config, &execution)?
        }
    };
    output::write_all(&results, &args.out)?;
    say_notes(shared, &results);
    if args.json {
        print::json(&results.contrasts)?;
    } else if !shared.quiet {
        print::out(&output::summary(&results))?;
    }
    say(shared, &format!("report: {}", args.out.join("report.html").display()));
    Ok(ExitCode::SUCCESS)
}

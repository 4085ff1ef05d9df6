//! `dosewave bids`

use super::{configuration, execution, output, say};
use crate::args::{Bids, BidsLevel, Shared};
use crate::print;
use anyhow::{Result, anyhow, bail};
use dosewave::eeg::NoteLevel;
use dosewave::io::{Limits, bids::Dataset};
use dosewave::report;
use dosewave::study::{
    self, BidsDesign, BidsStudy, Config, Derivative, Results, SessionSpec, bids_study, write_text,
};
use std::process::ExitCode;
use std::sync::Arc;

pub(crate) fn run(args: &Bids, shared: &Shared) -> Result<ExitCode> {
    output::check_folder(&args.out_dir)?;
    let config = configuration(shared)?;
    let dataset = Arc::new(Dataset::open(&args.bids_dir, &Limits::default())?);
    let study = bids_study(&dataset, &design(args)?, &config)?;
    for note in study.notes.iter().filter(|note| shared.verbose || note.level == NoteLevel::Warning) {
        say(shared, &format!("{}: {}", note.topic, note.text));
    }
    let derivative = Derivative::at(&args.out_dir)?;
    match args.level {
        BidsLevel::Participant => {
            derivative.describe(&dataset)?;
            participants(&study, &derivative, &config, shared)
        }
        BidsLevel::Group => group(args, &study, &derivative, &config, shared),
    }
}

fn design(args: &Bids) -> Result<BidsDesign> {
    let entities = |option: &str, text: &Option<String>| {
        let parsed = text.as_deref().unwrap_or_default().parse();
        parsed.map_err(|error: String| anyhow!("{option}: {error}"))
    };
    Ok(BidsDesign {
        participants: args.participant_label.clone(),
        only: entities("--only", &args.only)?,
        before: entities("--before", &args.before)?,
        after: entities("--after", &args.after)?,
        dose_at: args.dose_at.clone().unwrap_or_default(),
        treatment: args.treatment.clone().unwrap_or_default(),
    })
}

/// Each participant by itself, written as soon as it is done.
fn participants(
    study: &BidsStudy,
    derivative: &Derivative,
    config: &Config,
    shared: &Shared,
) -> Result<ExitCode> {
    let mut all = Vec::new();
    for subject in study.subjects() {
        let sessions: Vec<SessionSpec> =
            study.sessions.iter().filter(|s| s.spec.subject == subject).map(|s| s.spec.clone()).collect();
        let results = study::run(&sessions, config, &execution(shared))?;
        write_text(&derivative.root().join(format!("{subject}.html")), &report::html(&results))?;
        derivative.write_participant(&subject, study, &results)?;
        super::say_notes(shared, &results);
        say(shared, &format!("{subject}: {}", derivative.results_path(&subject).display()));
        all.extend(results.sessions);
    }
    Ok(output::exit_code(&all))
}

/// All participants that were analysed.
fn group(
    args: &Bids,
    study: &BidsStudy,
    derivative: &Derivative,
    config: &Config,
    shared: &Shared,
) -> Result<ExitCode> {
    let (mut there, mut missing) = (study.subjects(), Vec::new());
    if args.participant_label.is_empty() {
        (there, missing) = there.into_iter().partition(|subject| derivative.results_path(subject).is_file());
    }
    if there.is_empty() {
        bail!("{}: no participant was analysed; run the level participant first", args.out_dir.display());
    }
    if !missing.is_empty() {
        say(shared, &format!("not analysed, left out: {}", missing.join(", ")));
    }
    let results: Results = study::merge(derivative.participants(&there)?, config, &execution(shared))?;
    let folder = args.out_dir.join("group");
    output::write_all(&results, &folder)?;
    if !shared.quiet {
        print::out(&output::summary(&results))?;
    }
    say(shared, &format!("report: {}", folder.join("report.html").display()));
    Ok(output::exit_code(&results.sessions))
}

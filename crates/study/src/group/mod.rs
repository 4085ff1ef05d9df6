//! Many sessions: each by itself, then the group.

mod courses;
mod rows;
mod shapes;
mod table;

pub(crate) use rows::GROUP;
pub use table::Study;

use crate::compare::assemble;
use crate::load::Input;
use crate::plan::markers_of;
use crate::session::{SessionResults, Task};
use crate::{Config, Error, Execution, Result, Results, SessionSummary, parallel};
use dosewave_eeg::Note;
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};

/// What was recorded in a session.
#[allow(clippy::large_enum_variant)] // a handful live at a time; the samples are on the heap anyway
#[derive(Clone, Debug)]
pub enum SessionInput {
    /// One recording with the dose in it.
    DoseAt {
        /// The recording.
        input: Input,
        /// As for [`crate::compare_dose_at`]; empty takes `dosing.at` of the configuration.
        dose_at: String,
    },
    /// Before and after the dose.
    PrePost {
        /// Before.
        pre: Input,
        /// After.
        post: Input,
    },
}

/// One session of a study.
#[derive(Clone, Debug)]
pub struct SessionSpec {
    /// Subject.
    pub subject: String,
    /// Session; empty where the subject has one only.
    pub session: String,
    /// What was given: `ketamine`, `placebo` …; empty where not stated.
    pub treatment: String,
    /// Its recordings.
    pub input: SessionInput,
}

impl SessionSpec {
    fn task(&self) -> Task<'_> {
        let (inputs, dose_at) = match &self.input {
            SessionInput::DoseAt { input, dose_at } => (vec![input], Some(dose_at.as_str())),
            SessionInput::PrePost { pre, post } => (vec![pre, post], None),
        };
        Task {
            subject: &self.subject,
            session: &self.session,
            treatment: &self.treatment,
            inputs,
            dose_at,
            of_many: true,
        }
    }

    /// A message with the names of its files in place of their paths, which differ from machine to machine.
    fn without_folders(&self, message: &str) -> String {
        let inputs = self.task().inputs;
        inputs.into_iter().fold(message.to_owned(), |text, input| match input {
            Input::Path(path) => text.replace(&path.display().to_string(), &input.name()),
            // messages about a dataset name its files from its root on
            Input::Bids { dataset, .. } => text.replace(&format!("{}/", dataset.name()), ""),
            Input::Recording { .. } => text,
        })
    }

    /// The session in the results where it failed.
    fn failed(&self, error: &Error) -> SessionResults {
        let reason = self.without_folders(&error.to_string());
        let summary = SessionSummary {
            subject: self.subject.clone(),
            session: self.session.clone(),
            treatment: self.treatment.clone(),
            files: self.task().inputs.iter().map(|input| input.name()).collect(),
            format: String::new(),
            sfreq_hz: 0.0,
            low_pass_hz: None,
            channels: Vec::new(),
            dose: None,
            windows: Vec::new(),
            failure: Some(reason.clone()),
        };
        SessionResults {
            summary,
            markers: Vec::new(),
            contrasts: Vec::new(),
            spectra: Vec::new(),
            time_courses: Vec::new(),
            responses: Vec::new(),
            connectivity: Vec::new(),
            notes: vec![Note::warning("session", format!("not analysed: {reason}"))],
            files: Vec::new(),
        }
    }
}

/// Runs all sessions, then the group. A session that fails is recorded in its summary (`failure`), and the others go on.
///
/// Group rows have `subject` = `group`: the mean change for each treatment, and the difference of treatments within subjects
/// (`ketamine - placebo`), for three subjects or more.
///
/// # Errors
/// No sessions, two of the same name, or a configuration that no recording could carry.
pub fn run(sessions: &[SessionSpec], config: &Config, execution: &Execution) -> Result<Results> {
    check(sessions)?;
    markers_of(config)?;
    let done = AtomicUsize::new(0);
    let one = |spec: &SessionSpec| {
        let result = spec.task().run(config).unwrap_or_else(|error| spec.failed(&error));
        if let Some(progress) = &execution.progress {
            progress(
                done.fetch_add(1, Ordering::Relaxed) + 1,
                sessions.len(),
                &format!("{} {}", spec.subject, spec.session),
            );
        }
        result
    };
    let all = parallel::install(execution, || {
        // a few at a time: a thread that waits inside one session must not open all the others
        let at_once = parallel::threads();
        let groups = sessions.chunks(at_once.max(1));
        Ok(groups
            .flat_map(|group| parallel::map(group.len(), |i| group.get(i).map(one)))
            .flatten()
            .collect::<Vec<_>>())
    })?;
    let mut results = assemble(title(sessions.iter().map(|s| s.subject.as_str())), all, config)?;
    add_group(&mut results, config)?;
    Ok(results)
}

/// The title of a study, from the subject of each session.
pub(crate) fn title<'a>(subjects: impl Iterator<Item = &'a str>) -> String {
    let all: Vec<&str> = subjects.collect();
    format!("{} sessions of {} subjects", all.len(), all.iter().collect::<BTreeSet<_>>().len())
}

/// Group rows, spectra, matrices and courses.
pub(crate) fn add_group(results: &mut Results, config: &Config) -> Result<()> {
    rows::add(results, config)?;
    shapes::add(results, config)?;
    courses::add(results, config)
}

fn check(sessions: &[SessionSpec]) -> Result<()> {
    if sessions.is_empty() {
        return Err(Error::Design("no sessions; the study needs at least one".into()));
    }
    let mut seen = BTreeSet::new();
    for spec in sessions {
        if spec.subject.is_empty() || spec.subject == rows::GROUP {
            return Err(Error::Design(format!(
                "'{}' is no name for a subject; give every session a subject",
                spec.subject
            )));
        }
        if !seen.insert((&spec.subject, &spec.session)) {
            return Err(Error::Design(format!(
                "subject '{}', session '{}' stands twice; give its sessions different names",
                spec.subject, spec.session
            )));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;

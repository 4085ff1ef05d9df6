//! Results of several analyses, put together as if they had been one.

use crate::compare::definitions;
use crate::group::{GROUP, add_group, title};
use crate::methods::methods;
use crate::{Config, Error, Execution, Result, Results, parallel};
use std::collections::BTreeSet;

/// The sessions of several results with a group anew: the same bytes as one [`crate::run`] over all sessions in this order gives.
/// Group rows of the parts are left out.
///
/// # Errors
/// No results, results of another configuration or version, a session that stands twice.
///
/// ```no_run
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use dosewave_study::{Config, Execution, Results, merge};
/// let parts: Vec<Results> = ["a/results.json", "b/results.json"]
///     .iter()
///     .map(|path| Ok::<_, Box<dyn std::error::Error>>(serde_json::from_str(&std::fs::read_to_string(path)?)?))
///     .collect::<Result<_, _>>()?;
/// let all = merge(parts, &Config::default(), &Execution::default())?;
/// # Ok(()) }
/// ```
pub fn merge(parts: Vec<Results>, config: &Config, execution: &Execution) -> Result<Results> {
    let mut parts = parts.into_iter();
    let Some(mut all) = parts.next() else {
        return Err(Error::Design("no results to put together; analyse subjects first".into()));
    };
    check(&all, config)?;
    for part in parts {
        check(&part, config)?;
        all.sessions.extend(part.sessions);
        all.markers.extend(part.markers);
        all.contrasts.extend(part.contrasts);
        all.spectra.extend(part.spectra);
        all.time_courses.extend(part.time_courses);
        all.responses.extend(part.responses);
        all.connectivity.extend(part.connectivity);
        all.notes.extend(part.notes);
        all.provenance.inputs.extend(part.provenance.inputs);
    }
    let mut seen = BTreeSet::new();
    if let Some(twice) = all.sessions.iter().find(|s| !seen.insert((s.subject.clone(), s.session.clone()))) {
        let (subject, session) = (&twice.subject, &twice.session);
        return Err(Error::Design(format!(
            "subject '{subject}', session '{session}' stands in two of the results"
        )));
    }
    all.markers.retain(|row| row.subject != GROUP);
    all.contrasts.retain(|row| row.subject != GROUP);
    all.spectra.retain(|row| row.subject != GROUP);
    all.time_courses.retain(|row| row.subject != GROUP);
    all.responses.retain(|row| row.subject != GROUP);
    all.connectivity.retain(|row| row.subject != GROUP);
    all.title = title(all.sessions.iter().map(|s| s.subject.as_str()));
    all.definitions = definitions(config)?;
    all.definitions.extend(crate::heart::definitions(&all.markers));
    all.methods = methods(&all, config);
    parallel::install(execution, || add_group(&mut all, config))?;
    Ok(all)
}

fn check(results: &Results, config: &Config) -> Result<()> {
    let (version, ours) = (&results.provenance.version, env!("CARGO_PKG_VERSION"));
    if version != ours {
        return Err(Error::Design(format!(
            "'{}' was computed by version {version}, this is {ours}; analyse it again",
            results.title
        )));
    }
    if results.provenance.config != config.to_json() {
        return Err(Error::Design(format!(
            "'{}' was computed with another configuration; analyse it again, or give the same options",
            results.title
        )));
    }
    Ok(())
}

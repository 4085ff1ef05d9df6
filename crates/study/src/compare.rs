//! Before and after, one or two recordings.

use crate::load::Input;
use crate::methods::methods;
use crate::plan::markers_of;
use crate::session::{SessionResults, Task};
use crate::{
    Config, Execution, MarkerDefinition, Provenance, Result, Results, SessionNote, contrast::change_unit,
    parallel,
};

/// Two recordings: before and after the dose. Each is used whole; channels are matched by their label.
///
/// # Errors
/// Files that cannot be read, recordings that do not go together, a configuration that they cannot carry: everything that can
/// be known before computing is reported together.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use dosewave_eeg::{Hz, Recording};
/// use dosewave_study::{Config, Execution, Input, compare};
/// // a 10 Hz rhythm with a little noise, twice as strong after the dose: +6.02 dB
/// let recording = |amplitude: f64| {
///     let noise = |t: usize| ((t * 7919 % 1013) as f64 / 1013.0 - 0.5) * 0.2;
///     let sample = |(_, t): (usize, usize)| amplitude * ((std::f64::consts::TAU * 10.0 * t as f64 / 250.0).sin() + noise(t));
///     Recording::new(ndarray::Array2::from_shape_fn((1, 15_000), sample), Hz(250.0), &["Pz"])
/// };
/// let input = |name: &str, amplitude| Ok::<_, dosewave_eeg::Error>(Input::Recording { name: name.into(), recording: recording(amplitude)? });
/// let config = Config::layered(None, &["markers.only=[\"alpha\"]".into()])?;
/// let results = compare(input("pre", 10.0)?, input("post", 20.0)?, &config, &Execution::default())?;
/// let alpha = results.contrasts.iter().find(|row| row.marker == "alpha" && row.site == "global").unwrap();
/// assert!((alpha.change.unwrap() - 6.02).abs() < 0.05);
/// # Ok(()) }
/// ```
#[allow(clippy::needless_pass_by_value)] // the front-ends hand their inputs over
pub fn compare(pre: Input, post: Input, config: &Config, execution: &Execution) -> Result<Results> {
    one_session(vec![&pre, &post], None, config, execution)
}

/// One recording with a dose in it: seconds | mm:ss | hh:mm:ss | an annotation's label.
///
/// `clock 14:05:00` and `elapsed 0:05:00` say which of the two is meant. The windows are `config.windows`, fitted to the
/// recording; time zero of every table is the start of the dose.
///
/// # Errors
/// As [`compare`]; also a dose outside the recording, an unknown or ambiguous label, no baseline before the dose.
#[allow(clippy::needless_pass_by_value)] // the front-ends hand their inputs over
pub fn compare_dose_at(
    input: Input,
    dose_at: &str,
    config: &Config,
    execution: &Execution,
) -> Result<Results> {
    one_session(vec![&input], Some(dose_at), config, execution)
}

fn one_session(
    inputs: Vec<&Input>,
    dose_at: Option<&str>,
    config: &Config,
    execution: &Execution,
) -> Result<Results> {
    let tell = |done: usize, what: &str| {
        if let Some(progress) = &execution.progress {
            progress(done, 1, what);
        }
    };
    tell(0, "reading and comparing");
    let task = Task { subject: "", session: "", treatment: "", inputs, dose_at, of_many: false };
    let session = parallel::install(execution, || task.run(config))?;
    let title = session.summary.files.join(" → ");
    let results = assemble(title, vec![session], config)?;
    tell(1, "done");
    Ok(results)
}

/// Sessions, one after the other, as results without a group.
pub(crate) fn assemble(title: String, sessions: Vec<SessionResults>, config: &Config) -> Result<Results> {
    let mut results = Results {
        title,
        definitions: definitions(config)?,
        sessions: Vec::new(),
        markers: Vec::new(),
        contrasts: Vec::new(),
        spectra: Vec::new(),
        time_courses: Vec::new(),
        responses: Vec::new(),
        connectivity: Vec::new(),
        truth: Vec::new(),
        methods: String::new(),
        notes: Vec::new(),
        provenance: Provenance {
            software: "dosewave".into(),
            version: env!("CARGO_PKG_VERSION").into(),
            seed: config.seed,
            config: config.to_json(),
            inputs: Vec::new(),
        },
    };
    for session in sessions {
        let (subject, name) = (session.summary.subject.clone(), session.summary.session.clone());
        let noted = |note| SessionNote { subject: subject.clone(), session: name.clone(), note };
        results.notes.extend(session.notes.into_iter().map(noted));
        results.sessions.push(session.summary);
        results.markers.extend(session.markers);
        results.contrasts.extend(session.contrasts);
        results.spectra.extend(session.spectra);
        results.time_courses.extend(session.time_courses);
        results.responses.extend(session.responses);
        results.connectivity.extend(session.connectivity);
        results.provenance.inputs.extend(session.files);
    }
    results.definitions.extend(crate::heart::definitions(&results.markers));
    results.methods = methods(&results, config);
    Ok(results)
}

/// What each configured marker is.
pub(crate) fn definitions(config: &Config) -> Result<Vec<MarkerDefinition>> {
    let planned = markers_of(config)?;
    let defined = planned.into_iter().map(|planned| MarkerDefinition {
        marker: planned.name,
        kind: planned.spec.kind.to_owned(),
        label: planned.spec.label.to_owned(),
        description: planned.spec.description.to_owned(),
        unit: planned.spec.unit,
        change: planned.spec.change,
        change_unit: change_unit(planned.spec.change, planned.spec.unit),
        contaminable: planned.marker.contaminable(),
        formula: planned.spec.formula.to_owned(),
        reference: planned.spec.reference.to_owned(),
        doi: planned.spec.doi.to_owned(),
        params: planned.marker.params(),
    });
    Ok(defined.collect())
}

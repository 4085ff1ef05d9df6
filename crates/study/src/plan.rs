//! Everything that can be wrong with an analysis before anything is computed, found together.

use crate::config::{Config, Markers, Preset};
use crate::dosing::dose_clock;
use crate::load::Source;
use crate::windows::{Window, around_dose, of_pair};
use crate::{DoseSummary, Error, Problem, Result};
use dosewave_eeg::{ArtifactParams, BEATS_FROM_HZ, ChannelKind, Header, Hz, Note, Reference, Seconds};
use dosewave_markers::{Available, DynMarker, Spec, check_needs, marker};

/// Average reference of fewer channels than this is noted: it is far from the mean of the scalp.
const FEW_FOR_AVERAGE: usize = 16;

/// A marker, ready to compute, or the reason why this recording cannot carry it.
pub(crate) struct PlannedMarker {
    pub(crate) name: String,
    pub(crate) marker: Box<dyn DynMarker>,
    pub(crate) spec: Spec,
    pub(crate) missing: Option<String>,
}

/// A checked analysis of one session. Only a plan can run.
pub(crate) struct Plan {
    pub(crate) markers: Vec<PlannedMarker>,
    pub(crate) windows: Vec<Window>,
    pub(crate) dose: Option<DoseSummary>,
    /// Channels to read, for each recording: the same electrodes in the same order, then those of eyes and heart.
    pub(crate) picks: Vec<Vec<usize>>,
    /// How many of them are EEG.
    pub(crate) n_eeg: usize,
    pub(crate) reference: Reference,
    pub(crate) low_pass: Option<Hz>,
    pub(crate) notes: Vec<Note>,
}

/// The markers of a configuration, in table order.
///
/// # Errors
/// Unknown kinds and parameters, together.
pub(crate) fn markers_of(config: &Config) -> Result<Vec<PlannedMarker>> {
    let mut problems = Vec::new();
    let mut planned = Vec::new();
    for (name, table) in &config.markers.0 {
        match marker(name, table) {
            Ok(marker) => {
                let spec = marker.spec();
                planned.push(PlannedMarker { name: name.clone(), marker, spec, missing: None });
            }
            Err(error) => problems.push(Problem { key: format!("markers.{name}"), text: error.to_string() }),
        }
    }
    if problems.is_empty() { Ok(planned) } else { Err(Error::Config { problems }) }
}

impl Plan {
    /// One recording with a dose in it, or two recordings.
    pub(crate) fn new(config: &Config, sources: &[Source<'_>], dose_at: Option<&str>) -> Result<Self> {
        let (mut problems, mut notes) = (Vec::new(), Vec::new());
        let (windows, dose) = match sources {
            [one] => one_recording(config, &one.header, dose_at, &mut problems, &mut notes),
            [pre, post] => {
                (two_recordings(config, &pre.header, &post.header, &mut problems, &mut notes), None)
            }
            _ => return Err(Error::Design(format!("{} recordings; one or two are wanted", sources.len()))),
        };
        Self::with_windows(config, sources, windows, dose, problems, notes)
    }

    /// Windows that are already chosen.
    pub(crate) fn with_windows(
        config: &Config,
        sources: &[Source<'_>],
        windows: Vec<Window>,
        dose: Option<DoseSummary>,
        mut problems: Vec<Problem>,
        mut notes: Vec<Note>,
    ) -> Result<Self> {
        let mut picks = matched_channels(sources, &mut problems, &mut notes);
        let n_eeg = picks.first().map_or(0, Vec::len);
        let reference = reference(config, n_eeg, &mut notes);
        let low_pass = low_pass(config, sources, &picks);
        add_companions(config, sources, &mut picks, &mut problems, &mut notes);
        let mut markers = markers_of(config)?;
        for source in sources {
            check_bands(&mut markers, config, source.header.sfreq, low_pass, &mut problems, &mut notes);
            check_muscle(config, source.header.sfreq, low_pass, &mut problems);
        }
        if problems.is_empty() {
            Ok(Self { markers, windows, dose, picks, n_eeg, reference, low_pass, notes })
        } else {
            Err(Error::Config { problems })
        }
    }
}

fn one_recording(
    config: &Config,
    header: &Header,
    dose_at: Option<&str>,
    problems: &mut Vec<Problem>,
    notes: &mut Vec<Note>,
) -> (Vec<Window>, Option<DoseSummary>) {
    let at = dose_at.filter(|at| !at.trim().is_empty()).unwrap_or(&config.dosing.at);
    match dose_clock(at, config.dosing.infusion, header) {
        Ok(dose) => (around_dose(config, header, &dose, problems, notes), Some(dose)),
        Err(error) => {
            problems.push(Problem { key: "dosing.at".into(), text: error.to_string() });
            (Vec::new(), None)
        }
    }
}

fn two_recordings(
    config: &Config,
    pre: &Header,
    post: &Header,
    problems: &mut Vec<Problem>,
    notes: &mut Vec<Note>,
) -> Vec<Window> {
    if (pre.sfreq.0 - post.sfreq.0).abs() > 1e-9 * pre.sfreq.0 {
        problems.push(Problem {
            key: "recordings".into(),
            text: format!(
                "sampling frequencies differ: {} before and {} after the dose; resample one so that both are the same",
                pre.sfreq, post.sfreq
            ),
        });
    }
    if config.windows != crate::config::WindowsConfig::default() {
        notes.push(Note::warning(
            "windows",
            "the configured windows are not used: of two recordings each is used whole",
        ));
    }
    notes.push(Note::info(
        "windows",
        "two recordings: the time between them and the dose is not known, so the one before ends at 0 min and the one after starts at 0 min",
    ));
    for (header, which) in [(pre, "before"), (post, "after")] {
        if header.recorded().0 < config.epochs.length {
            problems.push(Problem {
                key: "recordings".into(),
                text: format!(
                    "the recording {which} the dose holds {} s, less than one epoch of {} s",
                    header.recorded().0,
                    config.epochs.length
                ),
            });
        }
    }
    of_pair(pre, post)
}

/// Labels of a recording's EEG channels; full names where two share a label.
fn labels(header: &Header, picks: &[usize]) -> Vec<String> {
    let channels: Vec<_> = picks.iter().filter_map(|&i| header.channels.get(i)).collect();
    let shared = |label: &str| channels.iter().filter(|c| c.label() == label).count() > 1;
    let any_shared = channels.iter().any(|c| shared(c.label()));
    channels.iter().map(|c| if any_shared { c.name.clone() } else { c.label().to_owned() }).collect()
}

/// The EEG channels that all recordings have, in the order of the first.
fn matched_channels(
    sources: &[Source<'_>],
    problems: &mut Vec<Problem>,
    notes: &mut Vec<Note>,
) -> Vec<Vec<usize>> {
    let eeg: Vec<Vec<usize>> = sources.iter().map(Source::eeg).collect();
    let names: Vec<Vec<String>> =
        sources.iter().zip(&eeg).map(|(source, picks)| labels(&source.header, picks)).collect();
    for (source, picks) in sources.iter().zip(&eeg) {
        if picks.is_empty() {
            let known = source.header.ch_names().join(", ");
            problems.push(Problem {
                key: "recordings".into(),
                text: format!("{}: no EEG channel in µV; its channels are {known}", source.name),
            });
        }
    }
    let ([pre, post], [pre_names, post_names]) = (eeg.as_slice(), names.as_slice()) else { return eeg };
    let place = |name: &String| post_names.iter().position(|other| other.eq_ignore_ascii_case(name));
    let (mut before, mut after, mut left) = (Vec::new(), Vec::new(), Vec::new());
    for (&i, name) in pre.iter().zip(pre_names) {
        match place(name).and_then(|k| post.get(k)) {
            Some(&j) => {
                before.push(i);
                after.push(j);
            }
            None => left.push(name.clone()),
        }
    }
    left.extend(
        post_names
            .iter()
            .filter(|name| !pre_names.iter().any(|other| other.eq_ignore_ascii_case(name)))
            .cloned(),
    );
    if before.is_empty() && !pre.is_empty() && !post.is_empty() {
        problems.push(Problem {
            key: "recordings".into(),
            text: format!(
                "the two recordings share no EEG channel: {} before, {} after",
                pre_names.join(", "),
                post_names.join(", ")
            ),
        });
    } else if !left.is_empty() {
        notes.push(Note::warning(
            "channels",
            format!("only in one of the two recordings, left out: {}", left.join(", ")),
        ));
    }
    vec![before, after]
}

/// Adds the channels of eyes and heart that every recording has under the same name; no heart at a rate that shows no beats.
fn add_companions(
    config: &Config,
    sources: &[Source<'_>],
    picks: &mut [Vec<usize>],
    problems: &mut Vec<Problem>,
    notes: &mut Vec<Note>,
) {
    let Some(first) = sources.first() else { return };
    let sfreq = first.header.sfreq;
    for row in first.companions() {
        let Some(channel) = first.header.channels.get(row) else { continue };
        let name = channel.name.as_str();
        if channel.kind == ChannelKind::Ecg && sfreq.0 < BEATS_FROM_HZ {
            let text =
                format!("'{name}' is left out: no beats are seen at {sfreq}, below {BEATS_FROM_HZ} Hz");
            if config.clean.heart_field && config.preset == Preset::None {
                let key = "clean.heart_field".into();
                problems.push(Problem { key, text: format!("{text}; set it to false") });
            } else {
                notes.push(Note::warning("heart", text));
            }
            continue;
        }
        let find = |source: &Source<'_>| {
            let named = |row: &usize| source.header.channels.get(*row).is_some_and(|c| c.name == name);
            source.companions().into_iter().find(named)
        };
        if let Some(rows) = sources.iter().map(find).collect::<Option<Vec<usize>>>() {
            picks.iter_mut().zip(rows).for_each(|(picks, row)| picks.push(row));
        }
    }
}

fn reference(config: &Config, n_channels: usize, notes: &mut Vec<Note>) -> Reference {
    if !matches!(config.clean.reference, Reference::Average | Reference::Median | Reference::Rest) {
        return config.clean.reference.clone();
    }
    match n_channels {
        0 | 1 => {
            notes.push(Note::info(
                "reference",
                "one EEG channel has no average reference; it is kept as recorded",
            ));
            Reference::AsRecorded
        }
        n if n < FEW_FOR_AVERAGE && config.clean.reference == Reference::Average => {
            notes.push(Note::info(
                "reference",
                format!("the average reference is the mean of {n} channels only"),
            ));
            Reference::Average
        }
        _ => config.clean.reference.clone(),
    }
}

/// The lowest low-pass that any analysed channel reports or that cleaning applies.
fn low_pass(config: &Config, sources: &[Source<'_>], picks: &[Vec<usize>]) -> Option<Hz> {
    let recorded = sources
        .iter()
        .zip(picks)
        .flat_map(|(source, picks)| picks.iter().filter_map(|&i| source.header.channels.get(i)?.low_pass));
    recorded.chain(config.clean.low_pass.map(Hz)).min_by(|a, b| a.0.total_cmp(&b.0))
}

/// Muscle that was asked for at a rate or below a low-pass that does not carry its band.
fn check_muscle(config: &Config, sfreq: Hz, low_pass: Option<Hz>, problems: &mut Vec<Problem>) {
    if config.rejection.muscle_z.is_none() {
        return;
    }
    let [low, high] = ArtifactParams::default().muscle_band_hz;
    let advice = "set it to \"none\"";
    let text = match low_pass {
        _ if high >= sfreq.0 / 2.0 => format!(
            "muscle is looked for at {low}–{high} Hz, and {sfreq} carries up to {} Hz only; {advice}, or use a recording with \
             a rate above {} Hz",
            sfreq.0 / 2.0,
            2.0 * high
        ),
        Some(edge) if edge.0 <= low => format!(
            "muscle is looked for at {low}–{high} Hz, and nothing above {edge} was left by the low-pass; {advice}"
        ),
        _ => return,
    };
    let problem = Problem { key: "rejection.muscle_z".into(), text };
    if !problems.contains(&problem) {
        problems.push(problem);
    }
}

/// Markers whose band this recording does not carry: an error where the user asked for that band, missing otherwise.
fn check_bands(
    markers: &mut [PlannedMarker],
    config: &Config,
    sfreq: Hz,
    low_pass: Option<Hz>,
    problems: &mut Vec<Problem>,
    notes: &mut Vec<Note>,
) {
    let defaults = Markers::default();
    // amounts are judged later, when the clean epochs are counted
    let carrier = Available {
        sfreq,
        low_pass,
        duration: Seconds(f64::MAX),
        n_channels: usize::MAX,
        n_epochs: usize::MAX,
    };
    for planned in markers.iter_mut().filter(|planned| planned.missing.is_none()) {
        let Some(reason) = check_needs(&planned.marker.needs(), &carrier) else { continue };
        let own = config.markers.0.iter().find(|(name, _)| *name == planned.name);
        if own.is_some_and(|entry| defaults.0.contains(entry)) {
            notes.push(Note::info(planned.name.clone(), format!("missing: {reason}")));
            planned.missing = Some(reason);
        } else {
            problems.push(Problem { key: format!("markers.{}", planned.name), text: reason });
        }
    }
}

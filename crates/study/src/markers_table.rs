//! Markers of any windows of one recording, without a dose.

use crate::clean::Cleaning;
use crate::config::{Config, Markers, unknown_marker};
use crate::learn::{Learned, Session};
use crate::load::{Input, Source};
use crate::measure::measure;
use crate::plan::Plan;
use crate::session::{Task, add_new, marker_notes};
use crate::windows::Window;
use crate::{Error, Execution, MarkerRow, Problem, Result, parallel};
use dosewave_eeg::Note;
use dosewave_markers::{MarkerConfig, offered_markers};
use serde::Serialize;

/// Markers of windows of one recording.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct MarkersTable {
    /// One row per window, marker and site.
    pub rows: Vec<MarkerRow>,
    /// What the file, the plan, the cleaning and the markers have to say, each once.
    pub notes: Vec<Note>,
}

/// One row per window, marker and site, and the notes; times are minutes from the recording's start.
///
/// `names` chooses markers of the configuration, empty takes all; `windows` are `[from, to)` in seconds from the recording's
/// start (an infinite end is the recording's), empty takes the whole recording.
///
/// # Errors
/// Unknown names (with those there are), windows outside the recording, a file that cannot be read, a window of which no epoch
/// is left.
#[allow(clippy::needless_pass_by_value)] // the front-ends hand their inputs over
pub fn markers_table(
    input: Input,
    names: &[String],
    windows: &[(f64, f64)],
    config: &Config,
    execution: &Execution,
) -> Result<MarkersTable> {
    let config = chosen(config, names)?;
    let mut source = Source::open(&input)?;
    let end_s = source.header.end().0;
    let asked = if windows.is_empty() { vec![(0.0, end_s)] } else { windows.to_vec() };
    let windows = in_recording(&asked, end_s)?;
    let plan =
        Plan::with_windows(&config, std::slice::from_ref(&source), windows, None, Vec::new(), Vec::new())?;
    let mut cleaning = Cleaning {
        config: &config,
        low_pass: plan.low_pass,
        reference: plan.reference.clone(),
        learned: Learned::default(),
    };
    let task =
        Task { subject: "", session: "", treatment: "", inputs: Vec::new(), dose_at: None, of_many: true };
    let picks = plan.picks.first().cloned().unwrap_or_default();
    parallel::install(execution, || {
        let session = Session {
            sources: std::slice::from_mut(&mut source),
            windows: &plan.windows,
            picks: &plan.picks,
        };
        let learned = Learned::from_all(&mut cleaning, session)?;
        let mut notes = task.opened(&plan, std::slice::from_ref(&source)).notes;
        notes.extend(learned);
        let mut rows = Vec::new();
        for (done, window) in plan.windows.iter().enumerate() {
            if let Some(progress) = &execution.progress {
                progress(done, plan.windows.len(), &window.name);
            }
            let cleaned = cleaning.segment(&mut source, window, &picks).map_err(|error| match error {
                Error::Eeg(error) => Error::Design(format!("window {} s: {error}", window.name)),
                other => other,
            })?;
            add_new(&mut notes, &cleaned.notes);
            let (_, measured) = measure(cleaned, &plan.markers, &config, &window.name)?;
            add_new(&mut notes, &marker_notes(&plan, &measured));
            rows.extend(task.marker_rows(&plan.markers, &measured));
        }
        if let Some(progress) = &execution.progress {
            progress(plan.windows.len(), plan.windows.len(), "done");
        }
        Ok(MarkersTable { rows, notes })
    })
}

/// The configuration with the named markers only; those that are offered but not configured have their defaults.
fn chosen(config: &Config, names: &[String]) -> Result<Config> {
    if names.is_empty() {
        return Ok(config.clone());
    }
    let offered = offered_markers(config.bands);
    let all: Vec<&(String, MarkerConfig)> = {
        let unset = offered.iter().filter(|(name, _)| config.markers.names().all(|known| known != name));
        config.markers.0.iter().chain(unset).collect()
    };
    let unknown = names.iter().filter(|name| all.iter().all(|(known, _)| known != *name));
    let problems: Vec<Problem> = unknown
        .map(|name| Problem {
            key: "marker".into(),
            text: unknown_marker(name, config.markers.names(), config.bands),
        })
        .collect();
    if !problems.is_empty() {
        return Err(Error::Config { problems });
    }
    let kept = all.into_iter().filter(|(name, _)| names.contains(name)).cloned().collect();
    Ok(Config { markers: Markers(kept), ..config.clone() })
}

fn in_recording(asked: &[(f64, f64)], end_s: f64) -> Result<Vec<Window>> {
    let mut windows = Vec::new();
    for &(from_s, to_s) in asked {
        let to_s = if to_s.is_infinite() { end_s } else { to_s };
        if !(from_s >= 0.0 && from_s < to_s && to_s <= end_s + 1e-6) {
            return Err(Error::Design(format!(
                "window {from_s}:{to_s} s does not lie inside the recording, which spans 0 to {end_s} s"
            )));
        }
        windows.push(Window { name: format!("{from_s}:{to_s}"), file: 0, from_s, to_s, shift_s: 0.0 });
    }
    Ok(windows)
}

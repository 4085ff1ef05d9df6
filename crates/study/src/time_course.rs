//! Markers in sliding windows on the dose clock.

use crate::clean::Cleaning;
use crate::contrast::{change, change_unit};
use crate::load::Source;
use crate::plan::{Plan, PlannedMarker};
use crate::windows::Window;
use crate::{Error, Result, TimeCourse};
use dosewave_markers::Segment;
use ndarray::Array2;

/// Width of a sliding window, seconds; at least [`FEWEST_EPOCHS`] epochs.
pub(crate) const WIDTH_S: f64 = 30.0;
const FEWEST_EPOCHS: f64 = 5.0;
/// Steps in a window's width: windows follow each other at a third of it.
const STEPS: f64 = 3.0;
/// Most windows of a course; longer recordings get wider ones.
const MOST_WINDOWS: f64 = 1500.0;
/// Longest stretch read at once, seconds.
const CHUNK_S: f64 = 600.0;

/// A stretch of a recording that a course runs over.
struct Stretch {
    file: usize,
    from_s: f64,
    to_s: f64,
    shift_s: f64,
}

/// The baseline value that changes are taken against, of one marker.
pub(crate) struct Reference<'a> {
    pub(crate) planned: &'a PlannedMarker,
    /// Value of `global` in the baseline window.
    pub(crate) baseline: f64,
}

/// Changes from the baseline window's value, at site `global`, in windows of 30 s that follow each other at 10 s.
///
/// A window that straddles the dose is left out; one that holds less than half of its epochs is missing.
pub(crate) fn courses(
    plan: &Plan,
    cleaning: &Cleaning<'_>,
    sources: &mut [Source<'_>],
    references: &[Reference<'_>],
) -> Result<Vec<TimeCourse>> {
    let stretches = stretches(&plan.windows);
    let recorded: f64 = stretches.iter().map(|s| s.to_s - s.from_s).sum();
    let width_s =
        WIDTH_S.max(FEWEST_EPOCHS * cleaning.config.epochs.length).max(STEPS * recorded / MOST_WINDOWS);
    let mut times = Vec::new();
    let mut changes: Vec<Vec<Option<f64>>> = vec![Vec::new(); references.len()];
    for stretch in &stretches {
        for starts in chunks(&window_starts(stretch, width_s), width_s) {
            let values = chunk(plan, cleaning, sources, references, stretch, &starts, width_s)?;
            times.extend(starts.iter().map(|start| (start + width_s / 2.0 + stretch.shift_s) / 60.0));
            for (all, new) in changes.iter_mut().zip(values) {
                all.extend(new);
            }
        }
    }
    Ok(references
        .iter()
        .zip(changes)
        .map(|(reference, changes)| course(reference, &times, changes))
        .collect())
}

fn course(reference: &Reference<'_>, times: &[f64], changes: Vec<Option<f64>>) -> TimeCourse {
    let spec = &reference.planned.spec;
    let (mut t_from_dose_min, mut change): (Vec<f64>, Vec<Option<f64>>) = (Vec::new(), Vec::new());
    for (time, value) in times.iter().zip(changes) {
        // one missing point is enough to break the line over a pause
        if value.is_some() || change.last().is_some_and(Option::is_some) {
            t_from_dose_min.push(*time);
            change.push(value);
        }
    }
    TimeCourse {
        subject: String::new(),
        session: String::new(),
        treatment: String::new(),
        marker: reference.planned.name.clone(),
        site: "global".into(),
        t_from_dose_min,
        change,
        unit: change_unit(spec.change, spec.unit),
    }
}

/// From the first window's start to the last one's end, for each recording.
fn stretches(windows: &[Window]) -> Vec<Stretch> {
    let mut found: Vec<Stretch> = Vec::new();
    for window in windows {
        match found.iter_mut().find(|stretch| stretch.file == window.file) {
            Some(stretch) => {
                stretch.from_s = stretch.from_s.min(window.from_s);
                stretch.to_s = stretch.to_s.max(window.to_s);
            }
            None => found.push(Stretch {
                file: window.file,
                from_s: window.from_s,
                to_s: window.to_s,
                shift_s: window.shift_s,
            }),
        }
    }
    found
}

/// Starts of the sliding windows: on a grid through the dose, none straddling it.
fn window_starts(stretch: &Stretch, width_s: f64) -> Vec<f64> {
    let step_s = width_s / STEPS;
    let slack = 1e-6;
    let dose_s = -stretch.shift_s;
    let first = ((stretch.from_s - dose_s - slack) / step_s).ceil();
    (0..)
        .map(|k| dose_s + (first + f64::from(k)) * step_s)
        .take_while(|start| start + width_s <= stretch.to_s + slack)
        .filter(|start| start + width_s <= dose_s + slack || *start >= dose_s - slack)
        .collect()
}

/// Consecutive starts whose windows fit into one read.
fn chunks(starts: &[f64], width_s: f64) -> Vec<Vec<f64>> {
    let mut chunks: Vec<Vec<f64>> = Vec::new();
    for &start in starts {
        match chunks.last_mut() {
            Some(chunk)
                if chunk
                    .first()
                    .is_some_and(|first| start + width_s - first <= CHUNK_S.max(2.0 * width_s)) =>
            {
                chunk.push(start);
            }
            _ => chunks.push(vec![start]),
        }
    }
    chunks
}

/// Changes of each marker in the windows that begin at `starts`.
fn chunk(
    plan: &Plan,
    cleaning: &Cleaning<'_>,
    sources: &mut [Source<'_>],
    references: &[Reference<'_>],
    stretch: &Stretch,
    starts: &[f64],
    width_s: f64,
) -> Result<Vec<Vec<Option<f64>>>> {
    let missing = || vec![vec![None; starts.len()]; references.len()];
    let (Some(first), Some(last)) = (starts.first(), starts.last()) else { return Ok(missing()) };
    let span = Window {
        name: String::new(),
        file: stretch.file,
        from_s: *first,
        to_s: last + width_s,
        shift_s: stretch.shift_s,
    };
    let (Some(source), Some(picks)) = (sources.get_mut(stretch.file), plan.picks.get(stretch.file)) else {
        return Ok(missing());
    };
    let epochs = match cleaning.epochs(source, &span, picks) {
        Ok((epochs, _)) => epochs,
        Err(Error::Eeg(
            dosewave_eeg::Error::NothingLeft { .. } | dosewave_eeg::Error::EmptyWindow { .. },
        )) => return Ok(missing()),
        Err(error) => return Err(error),
    };
    let config = &cleaning.config.epochs;
    let hop_s = config.length * (1.0 - config.overlap);
    // half a hop: every epoch is a block of its own
    let segment = cleaning.sliding(epochs, hop_s / 2.0)?;
    let counts = window_counts(&segment, starts, width_s);
    let enough = (width_s / hop_s / 2.0).floor().max(1.0) as u32;
    let mut all = Vec::with_capacity(references.len());
    for reference in references {
        all.push(changes(reference, &segment, &counts, enough)?);
    }
    Ok(all)
}

/// `[window, block]`: 1 where the block's epochs lie inside the window.
fn window_counts(segment: &Segment, starts: &[f64], width_s: f64) -> Array2<u32> {
    let epochs = segment.epochs();
    let (onsets, length_s) = (epochs.onsets(), epochs.length().0);
    Array2::from_shape_fn((starts.len(), segment.blocks().len()), |(window, block)| {
        let (Some(start), Some(members)) = (starts.get(window), segment.blocks().get(block)) else {
            return 0;
        };
        let inside = |&epoch: &usize| {
            onsets
                .get(epoch)
                .is_some_and(|onset| onset.0 >= start - 1e-6 && onset.0 + length_s <= start + width_s + 1e-6)
        };
        u32::from(members.iter().all(inside))
    })
}

fn changes(
    reference: &Reference<'_>,
    segment: &Segment,
    counts: &Array2<u32>,
    enough: u32,
) -> Result<Vec<Option<f64>>> {
    let marker = &reference.planned.marker;
    let stats = match marker.block_stats(segment) {
        Ok(stats) => stats,
        Err(dosewave_markers::Error::Needs { .. }) => return Ok(vec![None; counts.nrows()]),
        Err(error) => return Err(error.into()),
    };
    let Some(global) = stats.sites.iter().position(|site| site == "global") else {
        return Ok(vec![None; counts.nrows()]);
    };
    let values = marker.evaluate(&stats, counts.view())?;
    let kind = reference.planned.spec.change;
    let windows = values.column(global).to_vec().into_iter().zip(counts.rows());
    Ok(windows
        .map(
            |(value, row)| {
                if row.sum() >= enough { change(kind, Some(reference.baseline), Some(value)) } else { None }
            },
        )
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stretch(from_s: f64, to_s: f64, shift_s: f64) -> Stretch {
        Stretch { file: 0, from_s, to_s, shift_s }
    }

    #[test]
    fn windows_lie_on_the_dose_clock_and_none_straddles_the_dose() {
        let starts = window_starts(&stretch(0.0, 200.0, -95.0), 30.0);
        assert_eq!(
            starts,
            [5.0, 15.0, 25.0, 35.0, 45.0, 55.0, 65.0, 95.0, 105.0, 115.0, 125.0, 135.0, 145.0, 155.0, 165.0]
        );
    }

    #[test]
    fn a_read_never_spans_more_than_a_chunk() {
        let starts: Vec<f64> = (0..200).map(|k| 10.0 * f64::from(k)).collect();
        let chunks = chunks(&starts, 30.0);
        assert_eq!(chunks.iter().map(Vec::len).sum::<usize>(), 200);
        assert!(chunks.iter().all(|c| c.last().unwrap() + 30.0 - c[0] <= CHUNK_S));
        assert_eq!(chunks[0].len(), 58);
    }

    #[test]
    fn both_recordings_of_a_pair_have_a_stretch() {
        let window =
            |file, from_s, to_s, shift_s| Window { name: String::new(), file, from_s, to_s, shift_s };
        let found = stretches(&[window(0, 0.0, 90.0, -90.0), window(1, 0.0, 50.0, 0.0)]);
        assert_eq!(
            found.iter().map(|s| (s.file, s.to_s, s.shift_s)).collect::<Vec<_>>(),
            [(0, 90.0, -90.0), (1, 50.0, 0.0)]
        );
        let found = stretches(&[window(0, 0.0, 90.0, -90.0), window(0, 100.0, 150.0, -90.0)]);
        assert_eq!((found.len(), found[0].to_s), (1, 150.0));
    }
}

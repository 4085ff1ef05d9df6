//! Markers in sliding windows on the dose clock.

mod changes;
mod responses;

pub(crate) use responses::{MOST_DRAWS, response_rows, responses, thinned};

use crate::clean::Cleaning;
use crate::config::{Config, TimeCourseConfig};
use crate::contrast::change_unit;
use crate::load::Source;
use crate::measure::{Measured, MeasuredMarker};
use crate::plan::{Plan, PlannedMarker};
use crate::windows::Window;
use crate::{Error, Result, TimeCourse, parallel};
use changes::{changes, epochs_of_windows, pair_changes};
use dosewave_eeg::Note;
use dosewave_markers::{BlockData, BlockStats, Segment};
use std::ops::Range;

/// Epochs that a window holds at least.
const FEWEST_EPOCHS: f64 = 5.0;
/// Most windows of a course; longer recordings get longer steps.
const MOST_WINDOWS: f64 = 20_000.0;
/// Longest stretch read at once, seconds.
const CHUNK_S: f64 = 600.0;

/// A stretch of a recording that a course runs over.
struct Stretch {
    file: usize,
    from_s: f64,
    to_s: f64,
    shift_s: f64,
}

/// The baseline values that changes are taken against, of one marker.
pub(crate) struct Reference<'a> {
    /// Position of the marker in the plan.
    index: usize,
    planned: &'a PlannedMarker,
    /// Sites that have a course, with their value in the baseline window.
    sites: Vec<(String, f64)>,
}

impl Reference<'_> {
    /// Whether its values are phase measures of pairs.
    fn of_pairs(&self) -> bool {
        self.planned.marker.pair_measure().is_some()
    }
}

/// The markers that have a course: those that rest on epochs, or are phase measures of pairs, and have a baseline.
pub(crate) fn references<'a>(plan: &'a Plan, baseline: &Measured, config: &Config) -> Vec<Reference<'a>> {
    let mut found = Vec::new();
    for (index, (planned, marker)) in plan.markers.iter().zip(&baseline.markers).enumerate() {
        let MeasuredMarker::Values { stats, values, .. } = marker else { continue };
        let on_epochs = matches!(stats.data, BlockData::Epochs(_));
        if !on_epochs && planned.marker.pair_measure().is_none() {
            continue;
        }
        let wanted =
            stats.sites.iter().zip(values).filter(|(site, _)| config.time_course.sites.contains(site));
        let sites: Vec<(String, f64)> =
            wanted.filter_map(|(site, value)| Some((site.clone(), (*value)?))).collect();
        if !sites.is_empty() {
            found.push(Reference { index, planned, sites });
        }
    }
    found
}

/// Changes in some windows, `[marker][window][site]`.
type Changes = Vec<Vec<Vec<Option<f64>>>>;

/// One sliding window, with the changes of each marker at its sites once they are known.
struct Slot {
    stretch: usize,
    start_s: f64,
    changes: Option<Vec<Vec<Option<f64>>>>,
}

/// Width and step of the sliding windows of a session.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Sliding {
    width_s: f64,
    step_s: f64,
}

impl Sliding {
    /// As configured, wide enough for a few epochs and with no more windows than a table can hold.
    fn new(config: &TimeCourseConfig, epoch_s: f64, recorded_s: f64) -> Self {
        Self {
            width_s: config.width.max(FEWEST_EPOCHS * epoch_s),
            step_s: config.step.max((recorded_s / MOST_WINDOWS).ceil()),
        }
    }

    fn note(self, config: &TimeCourseConfig) -> Option<Note> {
        let Self { width_s, step_s } = self;
        let asked = (config.width, config.step);
        let text = format!(
            "sliding windows of {width_s} s at steps of {step_s} s, not of {} s at {} s: a window holds at least \
             {FEWEST_EPOCHS} epochs, a course at most {MOST_WINDOWS} windows",
            asked.0, asked.1
        );
        ((width_s, step_s) != asked).then(|| Note::info("time_course", text))
    }
}

/// Changes from the baseline window's value in sliding windows.
///
/// A window that straddles the dose is left out; one that holds less than half of its epochs is missing. Sliding windows
/// inside a window that is compared use what was measured there; only what lies between is read again.
pub(crate) struct Timeline {
    stretches: Vec<Stretch>,
    sliding: Sliding,
    /// Epochs that a sliding window needs.
    enough: usize,
    slots: Vec<Slot>,
}

impl Timeline {
    pub(crate) fn new(windows: &[Window], config: &Config) -> Self {
        let stretches = stretches(windows);
        let recorded: f64 = stretches.iter().map(|s| s.to_s - s.from_s).sum();
        let epochs = &config.epochs;
        let sliding = Sliding::new(&config.time_course, epochs.length, recorded);
        let hop_s = epochs.length * (1.0 - epochs.overlap);
        let enough = (sliding.width_s / hop_s / 2.0).floor().max(1.0) as usize;
        let mut slots = Vec::new();
        for (stretch, of) in stretches.iter().enumerate() {
            let starts = window_starts(of, sliding);
            slots.extend(starts.into_iter().map(|start_s| Slot { stretch, start_s, changes: None }));
        }
        Self { stretches, sliding, enough, slots }
    }

    /// What to know where the windows are not those that were asked for.
    pub(crate) fn note(&self, config: &Config) -> Option<Note> {
        self.sliding.note(&config.time_course)
    }

    /// Fills the sliding windows that lie inside a measured window.
    pub(crate) fn add(
        &mut self,
        window: &Window,
        (segment, measured): (&Segment, &Measured),
        references: &[Reference<'_>],
    ) -> Result<()> {
        let length_s = segment.epochs().length().0;
        let slack = 1e-6;
        let width_s = self.sliding.width_s;
        let inside: Vec<usize> = (0..self.slots.len())
            .filter(|&slot| {
                let Slot { stretch, start_s, changes } = &self.slots[slot];
                changes.is_none()
                    && self.stretches[*stretch].file == window.file
                    && *start_s >= window.from_s - slack
                    && start_s + width_s <= window.to_s + slack
            })
            .collect();
        let starts: Vec<f64> = inside.iter().map(|&slot| self.slots[slot].start_s).collect();
        let epochs = epochs_of_windows(&measured.onsets_s, length_s, &starts, width_s);
        let stats = |i: usize| match measured.markers.get(references[i].index) {
            Some(MeasuredMarker::Values { stats, .. }) => Some(&**stats),
            _ => None,
        };
        let per_marker = self.changes_of(references, segment, &epochs, stats)?;
        self.fill(&inside, &per_marker);
        Ok(())
    }

    /// Changes of each marker in windows of a segment's epochs; `stats` are those of the markers that rest on epochs.
    fn changes_of<'s>(
        &self,
        references: &[Reference<'_>],
        segment: &Segment,
        windows: &[Range<usize>],
        stats: impl Fn(usize) -> Option<&'s BlockStats> + Sync,
    ) -> Result<Changes> {
        let pairs = pair_changes(references, segment, windows, self.enough)?;
        let per_marker = parallel::map(references.len(), |i| match (&pairs[i], stats(i)) {
            (Some(changes), _) => Ok(changes.clone()),
            (None, Some(stats)) if !references[i].of_pairs() => {
                changes(&references[i], stats, windows, self.enough)
            }
            _ => Ok(nothing(&references[i], windows.len())),
        });
        per_marker.into_iter().collect()
    }

    fn fill(&mut self, slots: &[usize], per_marker: &Changes) {
        for (k, &slot) in slots.iter().enumerate() {
            self.slots[slot].changes = Some(per_marker.iter().map(|windows| windows[k].clone()).collect());
        }
    }

    /// Reads and measures what no window covered, and gives the courses.
    pub(crate) fn finish(
        mut self,
        plan: &Plan,
        cleaning: &Cleaning<'_>,
        sources: &mut [Source<'_>],
        references: &[Reference<'_>],
    ) -> Result<Vec<TimeCourse>> {
        for slots in self.gaps() {
            let per_marker = self.read(&slots, plan, cleaning, sources, references)?;
            self.fill(&slots, &per_marker);
        }
        let half_s = self.sliding.width_s / 2.0;
        let minutes = |slot: &Slot| (slot.start_s + half_s + self.stretches[slot.stretch].shift_s) / 60.0;
        let times: Vec<f64> = self.slots.iter().map(minutes).collect();
        let mut courses = Vec::new();
        for (i, reference) in references.iter().enumerate() {
            for (k, (site, _)) in reference.sites.iter().enumerate() {
                let value = |slot: &Slot| slot.changes.as_ref().and_then(|changes| changes[i][k]);
                let changes = self.slots.iter().map(value).collect();
                courses.push(course(reference, site, self.sliding, (&times, changes)));
            }
        }
        Ok(courses)
    }

    /// Neighbouring slots that are still empty, as many as fit into one read.
    fn gaps(&self) -> Vec<Vec<usize>> {
        let width_s = self.sliding.width_s;
        let longest_s = CHUNK_S.max(2.0 * width_s);
        let mut gaps: Vec<Vec<usize>> = Vec::new();
        for (i, slot) in self.slots.iter().enumerate().filter(|(_, slot)| slot.changes.is_none()) {
            let joins = |gap: &Vec<usize>| {
                let (Some(&first), Some(&last)) = (gap.first(), gap.last()) else { return false };
                last + 1 == i
                    && self.slots[first].stretch == slot.stretch
                    && slot.start_s + width_s - self.slots[first].start_s <= longest_s
            };
            match gaps.last_mut().filter(|gap| joins(gap)) {
                Some(gap) => gap.push(i),
                None => gaps.push(vec![i]),
            }
        }
        gaps
    }

    /// Changes of each marker in some slots, from their own stretch of the recording.
    fn read(
        &self,
        slots: &[usize],
        plan: &Plan,
        cleaning: &Cleaning<'_>,
        sources: &mut [Source<'_>],
        references: &[Reference<'_>],
    ) -> Result<Changes> {
        let missing = || references.iter().map(|reference| nothing(reference, slots.len())).collect();
        let starts: Vec<f64> = slots.iter().map(|&slot| self.slots[slot].start_s).collect();
        let (Some(&first), Some(&last), Some(&slot)) = (starts.first(), starts.last(), slots.first()) else {
            return Ok(missing());
        };
        let stretch = &self.stretches[self.slots[slot].stretch];
        let span = Window {
            name: String::new(),
            file: stretch.file,
            from_s: first,
            to_s: last + self.sliding.width_s,
            shift_s: stretch.shift_s,
        };
        let (Some(source), Some(picks)) = (sources.get_mut(stretch.file), plan.picks.get(stretch.file))
        else {
            return Ok(missing());
        };
        let segment = match cleaning.segment(source, &span, picks) {
            Ok(cleaned) => cleaned.segment,
            Err(Error::Eeg(
                dosewave_eeg::Error::NothingLeft { .. } | dosewave_eeg::Error::EmptyWindow { .. },
            )) => return Ok(missing()),
            Err(error) => return Err(error),
        };
        let onsets_s: Vec<f64> = segment.epochs().onsets().iter().map(|onset| onset.0).collect();
        let length_s = segment.epochs().length().0;
        let epochs = epochs_of_windows(&onsets_s, length_s, &starts, self.sliding.width_s);
        // one after the other: each spreads its own work over the threads
        let of = |reference: &Reference<'_>| match reference.planned.marker.block_stats(&segment) {
            Ok(stats) => Ok(Some(stats)),
            Err(dosewave_markers::Error::Needs { .. }) => Ok(None),
            Err(error) => Err(Error::from(error)),
        };
        // pairs are summed window by window
        let of = |reference: &Reference<'_>| if reference.of_pairs() { Ok(None) } else { of(reference) };
        let stats = references.iter().map(of).collect::<Result<Vec<_>>>()?;
        self.changes_of(references, &segment, &epochs, |i| stats[i].as_ref())
    }
}

/// No change in any window.
fn nothing(reference: &Reference<'_>, n_windows: usize) -> Vec<Vec<Option<f64>>> {
    vec![vec![None; reference.sites.len()]; n_windows]
}

fn course(
    reference: &Reference<'_>,
    site: &str,
    sliding: Sliding,
    (times, changes): (&[f64], Vec<Option<f64>>),
) -> TimeCourse {
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
        site: site.to_owned(),
        t_from_dose_min,
        change,
        unit: change_unit(spec.change, spec.unit),
        width_s: sliding.width_s,
        step_s: sliding.step_s,
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
fn window_starts(stretch: &Stretch, Sliding { width_s, step_s }: Sliding) -> Vec<f64> {
    let slack = 1e-6;
    let dose_s = -stretch.shift_s;
    let first = ((stretch.from_s - dose_s - slack) / step_s).ceil();
    (0..)
        .map(|k| dose_s + (first + f64::from(k)) * step_s)
        .take_while(|start| start + width_s <= stretch.to_s + slack)
        .filter(|start| start + width_s <= dose_s + slack || *start >= dose_s - slack)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stretch(from_s: f64, to_s: f64, shift_s: f64) -> Stretch {
        Stretch { file: 0, from_s, to_s, shift_s }
    }

    #[test]
    fn windows_lie_on_the_dose_clock_and_none_straddles_the_dose() {
        let starts = window_starts(&stretch(0.0, 200.0, -95.0), Sliding { width_s: 30.0, step_s: 10.0 });
        assert_eq!(
            starts,
            [5.0, 15.0, 25.0, 35.0, 45.0, 55.0, 65.0, 95.0, 105.0, 115.0, 125.0, 135.0, 145.0, 155.0, 165.0]
        );
    }

    #[test]
    fn a_read_never_spans_more_than_a_chunk() {
        let window = Window { name: String::new(), file: 0, from_s: 0.0, to_s: 2020.0, shift_s: 0.0 };
        let timeline = Timeline::new(&[window], &Config::default());
        assert_eq!(timeline.slots.len(), 200);
        let gaps = timeline.gaps();
        assert_eq!(gaps.concat(), (0..200).collect::<Vec<_>>());
        assert_eq!(gaps[0].len(), 58);
        let span = |gap: &Vec<usize>| {
            timeline.slots[gap[gap.len() - 1]].start_s + 30.0 - timeline.slots[gap[0]].start_s
        };
        assert!(gaps.iter().all(|gap| span(gap) <= CHUNK_S));
    }

    #[test]
    fn only_what_no_window_covers_is_read() {
        let window = |from_s, to_s| Window { name: String::new(), file: 0, from_s, to_s, shift_s: -100.0 };
        let mut timeline = Timeline::new(&[window(0.0, 100.0), window(160.0, 300.0)], &Config::default());
        for slot in &mut timeline.slots {
            let inside = |from: f64, to: f64| slot.start_s >= from && slot.start_s + 30.0 <= to;
            slot.changes = (inside(0.0, 100.0) || inside(160.0, 300.0)).then(Vec::new);
        }
        let left: Vec<f64> =
            timeline.gaps().concat().iter().map(|&slot| timeline.slots[slot].start_s).collect();
        assert_eq!(left, [100.0, 110.0, 120.0, 130.0, 140.0, 150.0]);
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

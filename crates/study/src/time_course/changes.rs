//! From epochs to the changes of sliding windows.

use super::Reference;
use crate::Result;
use crate::contrast::change;
use dosewave_markers::{BlockStats, DynMarker, PairCourse, Segment, pair_courses};
use ndarray::{Array2, ArrayView1};
use std::ops::Range;

/// The epochs that lie inside each window; epochs ascend, and so do windows.
pub(super) fn epochs_of_windows(
    onsets_s: &[f64],
    length_s: f64,
    starts: &[f64],
    width_s: f64,
) -> Vec<Range<usize>> {
    let slack = 1e-6;
    let inside = |start: &f64| {
        let first = onsets_s.partition_point(|onset| *onset < start - slack);
        let end = onsets_s.partition_point(|onset| onset + length_s <= start + width_s + slack);
        first..end.max(first)
    };
    starts.iter().map(inside).collect()
}

/// The change at each site of `reference` in each window, `[window][site]`; missing where fewer than `enough` epochs lie inside.
///
/// Windows that overlap are taken together, and a marker is given their epochs alone: the cost is that of the windows, not
/// that of the windows times the recording.
pub(super) fn changes(
    reference: &Reference<'_>,
    stats: &BlockStats,
    windows: &[Range<usize>],
    enough: usize,
) -> Result<Vec<Vec<Option<f64>>>> {
    let place = |site: &String| stats.sites.iter().position(|other| other == site);
    let sites: Vec<Option<usize>> = reference.sites.iter().map(|(site, _)| place(site)).collect();
    let kind = reference.planned.spec.change;
    let mut all = Vec::with_capacity(windows.len());
    for together in overlapping(windows) {
        let group = &windows[together];
        let epochs = group.first().map_or(0, |w| w.start)..group.last().map_or(0, |w| w.end);
        if epochs.is_empty() {
            all.extend(group.iter().map(|_| vec![None; sites.len()]));
            continue;
        }
        let counts = Array2::from_shape_fn((group.len(), epochs.len()), |(window, epoch)| {
            u32::from(group[window].contains(&(epochs.start + epoch)))
        });
        let values = reference.planned.marker.evaluate(&stats.epochs(epochs)?, counts.view())?;
        for (window, row) in group.iter().zip(values.rows()) {
            let of = |(site, (_, baseline)): (&Option<usize>, &(String, f64))| {
                let value = row.get((*site)?).copied().filter(|_| window.len() >= enough)?;
                change(kind, Some(*baseline), Some(value))
            };
            all.push(sites.iter().zip(&reference.sites).map(of).collect());
        }
    }
    Ok(all)
}

/// The changes of one marker in each window, `[window][site]`.
type OfMarker = Vec<Vec<Option<f64>>>;

/// The same of the phase measures of pairs, all of them in one pass over the epochs; `None` for other markers.
pub(super) fn pair_changes(
    references: &[Reference<'_>],
    segment: &Segment,
    windows: &[Range<usize>],
    enough: usize,
) -> Result<Vec<Option<OfMarker>>> {
    let markers: Vec<&dyn DynMarker> =
        references.iter().map(|reference| &*reference.planned.marker).collect();
    let full: Vec<usize> = (0..windows.len()).filter(|&window| windows[window].len() >= enough).collect();
    let epochs: Vec<Range<usize>> = full.iter().map(|&window| windows[window].clone()).collect();
    let courses = pair_courses(segment, &markers, &epochs)?;
    let of = |(reference, course): (&Reference<'_>, Option<PairCourse>)| {
        let course = course?;
        let mut all = vec![vec![None; reference.sites.len()]; windows.len()];
        for (row, &window) in course.values.rows().into_iter().zip(&full) {
            all[window] = pair_changes_of_window(reference, &course.sites, &row);
        }
        Some(all)
    };
    Ok(references.iter().zip(courses).map(of).collect())
}

fn pair_changes_of_window(
    reference: &Reference<'_>,
    sites: &[String],
    values: &ArrayView1<'_, f64>,
) -> Vec<Option<f64>> {
    let kind = reference.planned.spec.change;
    let of = |(site, baseline): &(String, f64)| {
        let place = sites.iter().position(|other| other == site)?;
        let value = values.get(place).copied().filter(|value| value.is_finite())?;
        change(kind, Some(*baseline), Some(value))
    };
    reference.sites.iter().map(of).collect()
}

/// Groups of neighbouring windows that span at most twice the epochs of the first.
fn overlapping(windows: &[Range<usize>]) -> Vec<Range<usize>> {
    let mut groups: Vec<Range<usize>> = Vec::new();
    for (i, window) in windows.iter().enumerate() {
        let joins = |group: &Range<usize>| {
            let first = &windows[group.start];
            window.end <= first.start + 2 * first.len().max(1)
        };
        match groups.last_mut().filter(|group| joins(group)) {
            Some(group) => group.end = i + 1,
            None => groups.push(i..i + 1),
        }
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_holds_the_epochs_that_lie_whole_inside() {
        let onsets: Vec<f64> = (0..10).map(|k| 2.0 * f64::from(k)).collect();
        let found = epochs_of_windows(&onsets, 2.0, &[0.0, 1.0, 4.0, 15.0, 30.0], 6.0);
        assert_eq!(found, [0..3, 1..3, 2..5, 8..10, 10..10]);
    }

    #[test]
    fn groups_hold_every_window_once_and_stay_short() {
        let windows: Vec<Range<usize>> = (0..100).map(|k| k..k + 15).collect();
        let groups = overlapping(&windows);
        assert_eq!(groups.iter().cloned().flatten().collect::<Vec<_>>(), (0..100).collect::<Vec<_>>());
        assert!(groups.iter().all(|group| group.len() <= 16), "{groups:?}");
        assert_eq!(overlapping(&[0..0, 0..0, 5..9]).len(), 2);
    }
}

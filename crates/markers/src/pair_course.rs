//! Phase measures in windows of epochs that slide over a segment.

use crate::connectivity;
use crate::{DynMarker, Result, Segment, plain_counts};
use dosewave_eeg::Band;
use ndarray::Array2;
use std::ops::Range;
use std::sync::Arc;

/// A marker of pairs in windows of epochs.
#[derive(Clone, Debug, PartialEq)]
pub struct PairCourse {
    /// Names of its sites, those of the marker's statistics.
    pub sites: Vec<String>,
    /// `[window, site]`; NaN in a window without an epoch, and where the measure is undefined.
    pub values: Array2<f64>,
}

/// The phase measures among `markers` in windows of the segment's epochs; `None` for other markers, and for those that the
/// segment cannot carry.
///
/// Every cross-spectrum of a band is computed once, for all its measures and all windows it lies in
/// ([`dosewave_eeg::Fourier::sliding_sums`]).
///
/// # Errors
/// Windows that do not ascend, epochs too short for the tapers.
pub fn pair_courses(
    segment: &Segment,
    markers: &[&dyn DynMarker],
    windows: &[Range<usize>],
) -> Result<Vec<Option<PairCourse>>> {
    let mut courses: Vec<Option<PairCourse>> = vec![None; markers.len()];
    let mut bands: Vec<Band> = Vec::new();
    for marker in markers.iter().filter(|marker| marker.pair_measure().is_some()) {
        bands.extend(marker.pair_band().filter(|band| !bands.contains(band)));
    }
    for band in bands {
        let of_band: Vec<usize> =
            (0..markers.len()).filter(|&i| markers[i].pair_band() == Some(band)).collect();
        for (i, course) in of_band.iter().zip(courses_of_band(segment, band, &of_band, markers, windows)?) {
            courses[*i] = course;
        }
    }
    Ok(courses)
}

fn courses_of_band(
    segment: &Segment,
    band: Band,
    of_band: &[usize],
    markers: &[&dyn DynMarker],
    windows: &[Range<usize>],
) -> Result<Vec<Option<PairCourse>>> {
    let mut stats = Vec::with_capacity(of_band.len());
    for &i in of_band {
        let able = crate::check_needs(&markers[i].needs(), &segment.available()).is_none();
        stats.push(match markers[i].pair_measure().filter(|_| able) {
            Some(measure) => connectivity::stats_without_sums(segment, band, measure)?,
            None => None,
        });
    }
    let mut courses: Vec<Option<PairCourse>> = stats
        .iter()
        .map(|stats| {
            let sites = stats.as_ref()?.sites.clone();
            let values = Array2::from_elem((windows.len(), sites.len()), f64::NAN);
            Some(PairCourse { sites, values })
        })
        .collect();
    if courses.iter().all(Option::is_none) {
        return Ok(courses);
    }
    let one = plain_counts(1);
    segment.sliding_sums(band, windows, |window, sums| {
        let sums = Arc::new(sums.clone());
        for ((i, stats), course) in of_band.iter().zip(&stats).zip(&mut courses) {
            if let (Some(stats), Some(course)) = (stats, course) {
                let values = markers[*i].evaluate(&stats.with_sums(sums.clone()), one.view())?;
                course.values.row_mut(window).assign(&values.row(0));
            }
        }
        Ok(())
    })?;
    Ok(courses)
}

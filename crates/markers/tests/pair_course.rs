//! Phase measures in windows that slide, against the marker of each window alone.
#![allow(clippy::unwrap_used)]

mod common;

use common::{HEAD, by_site, epochs, head, make, params, segment};
use dosewave_markers::{DynMarker, Segment, pair_courses};
use ndarray::{Axis, Slice};

#[test]
fn each_window_is_the_marker_of_its_epochs() {
    let data_uv = head(5);
    let whole = segment(&HEAD, 700.0, data_uv.clone());
    let made = [
        make("coh", r#"{"band": [8, 13]}"#),
        make("band_power", r#"{"band": [8, 13]}"#),
        make("wpli2_debiased", r#"{"band": [8, 13]}"#),
        make("dpli", r#"{"band": [30, 45]}"#),
    ];
    let markers: Vec<&dyn DynMarker> = made.iter().map(|marker| &**marker).collect();
    let windows = [0..12, 3..15, 6..18, 12..24];
    let courses = pair_courses(&whole, &markers, &windows).unwrap();
    assert!(courses[1].is_none(), "a power has its course from its epochs");
    for (marker, course) in markers.iter().zip(&courses) {
        let Some(course) = course else { continue };
        for (row, window) in course.values.rows().into_iter().zip(&windows) {
            let part = data_uv.slice_axis(Axis(0), Slice::from(window.clone())).to_owned();
            let alone = by_site(*marker, &Segment::new(epochs(&HEAD, 700.0, part), params()).unwrap());
            assert_eq!(alone.len(), course.sites.len());
            for (site, value) in course.sites.iter().zip(row) {
                assert!((value - alone[site]).abs() < 1e-11, "{marker:?} at {site} in {window:?}");
            }
        }
    }
}

#[test]
fn what_the_segment_cannot_carry_has_no_course() {
    let slow = segment(&["F3", "P3"], 64.0, common::noise(2, 12, 64.0, 3, |_| 1.0));
    let (able, unable) = (make("coh", r#"{"band": [8, 13]}"#), make("coh", r#"{"band": [30, 45]}"#));
    let window = 0..10;
    let courses = pair_courses(&slow, &[&*able, &*unable], std::slice::from_ref(&window)).unwrap();
    assert!(courses[0].is_some() && courses[1].is_none());
}

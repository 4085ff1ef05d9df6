use super::*;
use crate::{Channel, Components, IcaParams};
use dosewave_numerics::stats::Stream;

const NAMES: [&str; 16] =
    ["Fp1", "Fp2", "F7", "F3", "Fz", "F4", "F8", "T7", "C3", "Cz", "C4", "T8", "P3", "Pz", "P4", "Oz"];
const SFREQ: f64 = 250.0;
const N: usize = 60 * 250;

fn place(name: &str) -> [f64; 3] {
    Channel::from_name(name).position.unwrap()
}

/// How a source at a place is seen: by a Gaussian of the distance.
fn seen(at: [f64; 3], width: f64) -> Vec<f64> {
    let distance = |p: [f64; 3]| at.iter().zip(p).map(|(a, b)| (a - b) * (a - b)).sum::<f64>();
    NAMES.iter().map(|name| (-0.5 * distance(place(name)) / (width * width)).exp()).collect()
}

fn autoregressive(stream: &mut Stream, pole: f64) -> Vec<f64> {
    let mut last = 0.0;
    (0..N)
        .map(|_| {
            last = pole * last + stream.normal() * (1.0 - pole * pole).sqrt();
            last * (1.0 + 0.5 * last.abs())
        })
        .collect()
}

/// Brain (eight places), blinks, temporal muscle, heart and mains; the time courses of the last four.
fn head() -> (Recording, [Vec<f64>; 4]) {
    let mut stream = Stream::new(12, 0);
    let mut data_uv = Array2::from_shape_fn((16, N), |_| 0.3 * stream.normal());
    let mut add = |course: &[f64], map: &[f64], uv: f64| {
        for (mut row, weight) in data_uv.rows_mut().into_iter().zip(map) {
            row.iter_mut().zip(course).for_each(|(v, s)| *v += uv * weight * s);
        }
    };
    let mut stream = Stream::new(13, 0);
    for name in ["F3", "F4", "C3", "C4", "P3", "P4", "Oz", "Fz"] {
        add(&autoregressive(&mut stream, 0.97), &seen(place(name), 0.06), 10.0);
    }
    let blink = |t: usize| (-0.5 * (((t % 900) as f64 - 450.0) / (0.07 * SFREQ)).powi(2)).exp();
    let eye: Vec<f64> = (0..N).map(blink).collect();
    let muscle: Vec<f64> = (0..N).map(|t| stream.normal() * (1.5 + (t as f64 / 700.0).sin())).collect();
    // no whole number of mains cycles to a beat
    let beat = |t: usize| (-0.5 * (((t % 211) as f64 - 100.0) / (0.012 * SFREQ)).powi(2)).exp();
    let heart: Vec<f64> = (0..N).map(beat).collect();
    let line: Vec<f64> = (0..N).map(|t| (std::f64::consts::TAU * 50.0 * t as f64 / SFREQ).sin()).collect();
    add(&eye, &seen([0.0, 0.1, -0.02], 0.04), 300.0);
    add(&muscle, &seen([-0.1, 0.01, -0.02], 0.03), 20.0);
    add(&heart, &NAMES.map(|name| 0.5 + 4.0 * place(name)[0] - 3.0 * place(name)[2]), 30.0);
    add(&line, &NAMES.map(|name| 1.0 + 3.0 * place(name)[1]), 8.0);
    (Recording::new(data_uv, Hz(SFREQ), &NAMES).unwrap(), [eye, muscle, heart, line])
}

/// The component that follows a course best, with its correlation.
fn following(found: &Components, recording: &Recording, course: &[f64]) -> (usize, f64) {
    let sources = found.ica.sources(recording.data_uv()).unwrap();
    let r = |k: usize| correlation(sources.row(k), ArrayView1::from(course)).unwrap().abs();
    let best = (0..sources.nrows()).max_by(|a, b| r(*a).total_cmp(&r(*b))).unwrap();
    (best, r(best))
}

#[test]
fn each_artifact_is_found_for_what_it_is_and_the_brain_is_left_alone() {
    let (recording, courses) = head();
    let found = Components::fit(&[&recording], &IcaParams::default(), Some(Hz(50.0))).unwrap();
    let over = found.over(&ComponentLimits::default());
    let kinds =
        [ComponentSource::Eye, ComponentSource::Muscle, ComponentSource::Heart, ComponentSource::Line];
    for (kind, course) in kinds.into_iter().zip(&courses) {
        let (component, r) = following(&found, &recording, course);
        assert!(r > 0.9, "{kind} {r}");
        let judged = over.iter().find(|f| f.component == component);
        assert_eq!(judged.map(|f| f.source), Some(kind), "{:?}", found.scores[component]);
    }
    let clean = recording.without_components(&found, &over).unwrap();
    let before = following(&found, &recording, &courses[0]).0;
    let left = found.ica.sources(clean.data_uv()).unwrap();
    assert!(left.row(before).iter().all(|v| v.abs() < 1e-6));
    assert!(clean.header().notes.last().unwrap().text.contains("(eye, score"));
    // brain: at most the sensors' white noise counts as muscle
    let brain = over.iter().filter(|f| f.variance > 0.02).count();
    assert!(brain <= 4, "{over:?}");
}

#[test]
fn eye_and_heart_channels_are_used_where_they_are() {
    let (recording, courses) = head();
    let mut names: Vec<&str> = NAMES.to_vec();
    names.extend(["VEOG", "ECG"]);
    let mut stream = Stream::new(3, 0);
    let mut data_uv = Array2::zeros((18, N));
    data_uv.slice_mut(s![..16, ..]).assign(&recording.data_uv());
    for (row, course, uv) in [(16, &courses[0], 300.0), (17, &courses[2], 900.0)] {
        data_uv
            .row_mut(row)
            .assign(&course.iter().map(|v| uv * v + 5.0 * stream.normal()).collect::<Array1<f64>>());
    }
    let with = Recording::new(data_uv, Hz(SFREQ), &names).unwrap();
    let found = Components::fit(&[&with], &IcaParams::default(), Some(Hz(50.0))).unwrap();
    assert_eq!(found.channels.len(), 16);
    let eye = following(&found, &recording, &courses[0]).0;
    let heart = following(&found, &recording, &courses[2]).0;
    assert!(found.scores[eye].eye > 0.9, "{:?}", found.scores[eye]);
    assert!(found.scores[heart].heart > 0.6, "{:?}", found.scores[heart]);
    let others = |score: fn(&ComponentScores) -> f64, but: usize| {
        let all = found.scores.iter().enumerate().filter(move |(k, _)| *k != but);
        all.map(|(_, s)| score(s)).fold(0.0, f64::max)
    };
    let (eyes, hearts) = (others(|s| s.eye, eye), others(|s| s.heart, heart));
    assert!(eyes < 0.4 && hearts < 0.4, "{eyes} {hearts}");
}

#[test]
fn parts_are_decomposed_together_and_must_agree() {
    let (recording, _) = head();
    let cut = |from, to| recording.crop(crate::Seconds(from), crate::Seconds(to)).unwrap();
    let (first, last) = (cut(0.0, 30.0), cut(30.0, 60.0));
    let found = Components::fit(&[&first, &last], &IcaParams::default(), None).unwrap();
    let over = found.over(&ComponentLimits::default());
    assert!(last.without_components(&found, &over).is_ok());
    assert!(over.iter().all(|f| f.source != ComponentSource::Line), "no line was named");
    let fewer = last.pick(&[0, 1, 2]).unwrap();
    assert!(Components::fit(&[&first, &fewer], &IcaParams::default(), None).is_err());
    assert!(fewer.without_components(&found, &over).is_err());
    assert!(Components::fit(&[], &IcaParams::default(), None).is_err());
}

/// The shares that the documentation promises.
#[test]
fn fast_shares_of_power_laws_are_those_of_the_integral() {
    for (exponent, expected) in [(0.0, 0.82), (1.0, 0.41), (1.5, 0.20)] {
        let freqs_hz = Array1::from_shape_fn(2000, |k| 0.1 * k as f64);
        let power = freqs_hz.mapv(|f: f64| f.max(0.1).powf(-exponent));
        let spectrum = Spectrum { freqs_hz, power, line_hz: None, highest_hz: 150.0 };
        assert!((spectrum.share(FAST_HZ, JUDGED_BY_FAST_HZ) - expected).abs() < 0.01);
    }
}

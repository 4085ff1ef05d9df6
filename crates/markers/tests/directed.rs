//! Direction between front and back of the head, where it is known.
#![allow(clippy::unwrap_used)]

mod common;

use common::{by_site, cut, make, noise, segment};
use dosewave_markers::{Segment, plain_counts, values};
use dosewave_numerics::directed::{GrangerSpectra, VarModel, var_from_autocovariance};
use dosewave_numerics::simulate::shaped_noise;
use dosewave_numerics::stats::Stream;
use ndarray::{Array1, Array2, Array3, Axis, array, s};
use std::f64::consts::PI;

const SFREQ: f64 = 250.0;
const N_TIMES: usize = 500;

/// Alpha on 1/f.
fn density(f: f64) -> f64 {
    20.0 * f.max(0.5).powf(-1.3) + 8.0 * (-0.5 * ((f - 10.0) / 1.5).powi(2)).exp()
}

/// 60 epochs; a source reaches the second half of the channels `lag` samples after the first half.
fn led(names: &[&str], lag: usize) -> Segment {
    let (n, half) = (60 * N_TIMES, names.len() / 2);
    let source = shaped_noise(n + lag, SFREQ, density, &mut Stream::new(1, 99)).unwrap();
    let signals: Vec<Array1<f64>> = (0..names.len())
        .map(|c| {
            let own = shaped_noise(n, SFREQ, density, &mut Stream::new(2, c as u64)).unwrap();
            let start = if c < half { lag } else { 0 };
            own * 0.5 + source.slice(s![start..start + n])
        })
        .collect();
    segment(names, SFREQ, cut(&signals, N_TIMES))
}

#[test]
fn transfer_entropy_has_the_direction_that_was_put_in() {
    let front_leads = led(&["F3", "F4", "P3", "P4"], 5);
    let (there, back) = (make("nste_feedback", "{}"), make("nste_feedforward", "{}"));
    let (feedback, feedforward) = (by_site(&*there, &front_leads), by_site(&*back, &front_leads));
    assert!(feedback["global"] > 0.02, "{feedback:?}");
    assert!(feedback["global"] > 2.0 * feedforward["global"], "{feedback:?} {feedforward:?}");
    let names: Vec<&str> = feedback.keys().map(String::as_str).collect();
    assert_eq!(names, ["F3-P3", "F3-P4", "F4-P3", "F4-P4", "global"]);
    assert!(feedforward.contains_key("P4-F3"), "source first");
    let mean = ["F3-P3", "F3-P4", "F4-P3", "F4-P4"].iter().map(|pair| feedback[*pair]).sum::<f64>() / 4.0;
    assert!((mean - feedback["global"]).abs() < 1e-12);
    // the same signals with front and back exchanged
    let back_leads = led(&["P3", "P4", "F3", "F4"], 5);
    // each channel has shifts of its own, by its place
    assert!((by_site(&*back, &back_leads)["P3-F3"] - feedback["F3-P3"]).abs() < 0.002);
}

#[test]
fn independent_channels_tell_nothing_of_each_other() {
    let segment = segment(&["F3", "F4", "P3", "P4"], SFREQ, noise(4, 60, SFREQ, 5, density));
    for kind in ["nste_feedback", "nste_feedforward"] {
        let value = by_site(&*make(kind, "{}"), &segment)["global"];
        assert!(value.abs() < 0.003, "{kind}: {value}");
    }
    let net = by_site(&*make("granger_net", "{}"), &segment)["global"];
    assert!(net.abs() < 0.03, "{net}");
}

/// Front drives back; the truth is that of the process itself.
#[test]
fn net_causality_is_that_of_the_process() {
    let coefs = array![[[1.6, 0.0], [0.4, 0.5]], [[-0.8, 0.0], [0.0, -0.2]]];
    let model = VarModel::new(coefs, Array2::eye(2)).unwrap();
    let x = model.simulate(60 * N_TIMES, 200, &mut Stream::new(4, 0)).unwrap();
    let signals: Vec<Array1<f64>> = x.outer_iter().map(|row| row.to_owned()).collect();
    let omegas: Vec<f64> = (16..26).map(|k| 2.0 * PI * 0.5 * f64::from(k) / SFREQ).collect();
    let spectrum = model.spectrum(&(0..2000).map(|k| f64::from(k) / 8.0).collect::<Vec<_>>(), 250.0).unwrap();
    let gamma = Array3::from_shape_fn((41, 2, 2), |(lag, i, j)| {
        let term = |k: usize| {
            let (sin, cos) = (2.0 * PI * (k * lag) as f64 / 2000.0).sin_cos();
            spectrum[[k, i, j]].re * cos - spectrum[[k, i, j]].im * sin
        };
        (0..2000).map(term).sum::<f64>() / 8.0
    });
    let truth = GrangerSpectra::new(gamma.view(), 1, &omegas).unwrap().net();
    let truth = truth.iter().sum::<f64>() / truth.len() as f64;
    let marker = make("granger_net", r#"{"band": [8, 13]}"#);
    let front = by_site(&*marker, &segment(&["Fz", "Pz"], SFREQ, cut(&signals, N_TIMES)))["global"];
    assert!((front / truth - 1.0).abs() < 0.2, "{front} against {truth}");
    let turned = [signals[1].clone(), signals[0].clone()];
    let back = by_site(&*marker, &segment(&["Fz", "Pz"], SFREQ, cut(&turned, N_TIMES)))["global"];
    assert!((front + back).abs() < 1e-9 * front.abs(), "the sign is that of the direction");
    assert!(var_from_autocovariance(gamma.view()).unwrap().spectral_radius().unwrap() < 1.0);
}

/// Volume conduction: two sources without a lead, mixed into both regions.
#[test]
fn mixing_without_a_lead_is_not_taken_for_one() {
    let one = shaped_noise(60 * N_TIMES, SFREQ, density, &mut Stream::new(6, 0)).unwrap();
    let two = shaped_noise(60 * N_TIMES, SFREQ, |f| 5.0 / f.max(1.0), &mut Stream::new(6, 1)).unwrap();
    let mixed = [&one + &(&two * 0.4), &one * 0.6 + &two];
    let segment = segment(&["Fz", "Pz"], SFREQ, cut(&mixed, N_TIMES));
    let net = by_site(&*make("granger_net", "{}"), &segment)["global"];
    let led = by_site(&*make("granger_net", "{}"), &led(&["Fz", "Pz"], 3))["global"];
    assert!(net.abs() < 0.2 * led, "{net} beside {led}");
}

#[test]
fn drawing_blocks_is_recording_them_that_often() {
    let names = ["Fz", "F3", "P3", "Pz"];
    let data = noise(4, 30, SFREQ, 7, density);
    let (whole, first) = (
        segment(&names, SFREQ, data.clone()),
        segment(&names, SFREQ, data.slice(s![..15, .., ..]).to_owned()),
    );
    for (kind, params) in [("granger_net", r#"{"n_lags": 20}"#), ("nste_feedback", "{}")] {
        let marker = make(kind, params);
        let (stats, half) = (marker.block_stats(&whole).unwrap(), marker.block_stats(&first).unwrap());
        let mut counts = plain_counts(stats.n_blocks);
        counts.slice_mut(s![0, half.n_blocks..]).fill(0);
        let drawn = marker.evaluate(&stats, counts.view()).unwrap();
        for (a, b) in drawn.iter().zip(values(&*marker, &half).unwrap()) {
            assert!((a - b.unwrap()).abs() < 1e-10, "{kind}");
        }
        counts.fill(0);
        assert!(
            marker.evaluate(&stats, counts.view()).unwrap().iter().all(|v| v.is_nan()),
            "{kind} of nothing"
        );
    }
}

#[test]
fn what_cannot_be_computed_is_missing_with_its_reason() {
    let data = noise(3, 20, SFREQ, 8, density);
    let reason = |kind: &str, names: &[&str], data: &Array3<f64>| {
        make(kind, "{}").block_stats(&segment(names, SFREQ, data.clone())).unwrap_err().to_string()
    };
    for kind in ["nste_feedback", "nste_feedforward", "granger_net"] {
        assert!(reason(kind, &["Fz", "Cz", "Oz"], &data).contains("no parietal electrode"), "{kind}");
        assert!(reason(kind, &["Cz", "Pz", "Oz"], &data).contains("no frontal electrode"), "{kind}");
        let short = data.slice(s![..10, .., ..]).to_owned();
        assert!(reason(kind, &["Fz", "Cz", "Pz"], &short).contains("at least 30 s"), "{kind}");
        // a parietal electrode that recorded nothing
        let mut silent = data.clone();
        silent.index_axis_mut(Axis(1), 2).fill(0.0);
        let segment = segment(&["Fz", "Cz", "Pz"], SFREQ, silent);
        let marker = make(kind, "{}");
        let found = values(&*marker, &marker.block_stats(&segment).unwrap()).unwrap();
        assert_eq!(found[0], None, "{kind}");
    }
    let far = make("nste_feedback", r#"{"delay_ms": 500, "prediction_ms": 500}"#);
    let tall = noise(2, 40, 100.0, 8, density);
    let error = far.block_stats(&segment(&["Fz", "Pz"], 100.0, tall)).unwrap_err().to_string();
    assert!(error.contains("500 steps"), "{error}");
}

#[test]
fn a_short_block_is_left_out_and_said() {
    // 100 s of blocks of 6 s: the last holds 4 s
    let segment = segment(&["Fz", "Pz"], 150.0, noise(2, 50, 150.0, 9, density));
    let stats = make("nste_feedback", "{}").block_stats(&segment).unwrap();
    assert_eq!(stats.n_blocks, 17);
    assert!(stats.notes.is_empty(), "{:?}", stats.notes);
    let sparse = dosewave_markers::Segment::new(
        segment.epochs().select(&(0..46).collect::<Vec<_>>()).unwrap(),
        common::params(),
    )
    .unwrap();
    let stats = make("nste_feedback", "{}").block_stats(&sparse).unwrap();
    assert_eq!(stats.notes, ["1 of 16 blocks are too short and left out"]);
}

//! Networks and regions whose coupling is known.
#![allow(clippy::unwrap_used)]

mod common;

use common::{by_site, cut, make, noise, segment};
use dosewave_eeg::{GraphParams, graph_measures};
use dosewave_markers::{DynMarker, Segment, plain_counts, values};
use dosewave_numerics::simulate::shaped_noise;
use dosewave_numerics::stats::Stream;
use ndarray::{Array1, Array2, Array3, Axis, s};

const SFREQ: f64 = 250.0;
const N_TIMES: usize = 500;
const N_EPOCHS: usize = 40;
const NODES: [&str; 16] =
    ["Fp1", "Fp2", "F3", "Fz", "F4", "F7", "F8", "FC1", "P3", "Pz", "P4", "P7", "P8", "O1", "O2", "Oz"];

const KINDS: [&str; 6] = [
    "net_strength",
    "net_clustering",
    "net_efficiency",
    "net_path_length",
    "net_modularity",
    "net_small_world",
];

fn density(f: f64) -> f64 {
    20.0 * f.max(0.5).powf(-1.3)
}

fn own(seed: u64, channel: usize, n: usize) -> Array1<f64> {
    shaped_noise(n, SFREQ, density, &mut Stream::new(seed, channel as u64)).unwrap()
}

/// Two groups of eight channels; each group hears a source of its own, every channel at a lag of its own.
fn two_groups() -> Segment {
    let n = N_EPOCHS * N_TIMES;
    let sources: Vec<Array1<f64>> = (0..2).map(|k| own(1, k, n + 40)).collect();
    let signals: Vec<Array1<f64>> = (0..16)
        .map(|c| {
            let start = 40 - 3 * (c % 8);
            own(2, c, n) * 0.3 + sources[c / 8].slice(s![start..start + n])
        })
        .collect();
    segment(&NODES, SFREQ, cut(&signals, N_TIMES))
}

fn with_densities(kind: &str, densities: &str) -> Box<dyn DynMarker> {
    make(kind, &format!(r#"{{"band": [8, 13], "densities": {densities}}}"#))
}

/// Every measure is that of the matrix of the debiased wPLI, as `graph_measures` has it, over the range of the densities.
#[test]
fn measures_are_those_of_the_matrix() {
    let segment = segment(&NODES, SFREQ, noise(16, N_EPOCHS, SFREQ, 3, density));
    let wpli = make("wpli2_debiased", r#"{"band": [8, 13]}"#);
    let pairs = wpli.pair_values(&wpli.block_stats(&segment).unwrap()).unwrap().unwrap();
    // nodes in the order of their names
    let mut order: Vec<usize> = (0..16).collect();
    order.sort_by_key(|&c| NODES[c]);
    let weights = Array2::from_shape_fn((16, 16), |(i, j)| {
        let (a, b) = (order[i].max(order[j]), order[i].min(order[j]));
        if a == b { 0.0 } else { pairs[a * (a - 1) / 2 + b].unwrap().max(0.0) }
    });
    let graph = GraphParams { densities: vec![0.1, 0.15, 0.2, 0.25, 0.3], n_nulls: 1000, seed: 0 };
    let expected = graph_measures(weights.view(), &graph).unwrap();
    let names = [
        "strength",
        "clustering",
        "global_efficiency",
        "harmonic_path_length",
        "modularity",
        "small_worldness",
    ];
    for (kind, name) in KINDS.into_iter().zip(names) {
        let found = by_site(&*make(kind, r#"{"band": [8, 13]}"#), &segment);
        let place = expected.values.iter().position(|(known, _)| *known == name).unwrap();
        let expected = expected.area[place].unwrap() / 0.2;
        assert!(
            (found["global"] - expected).abs() < 1e-10 * expected,
            "{kind}: {} {expected}",
            found["global"]
        );
        let nodal = ["net_strength", "net_clustering", "net_efficiency"].contains(&kind);
        // global, frontal, parietal, occipital, central, and the channels
        assert_eq!(found.len(), if nodal { 1 + 4 + 16 } else { 1 }, "{kind}: {:?}", found.keys());
        if nodal {
            let mean = NODES.iter().map(|node| found[*node]).sum::<f64>() / 16.0;
            assert!((mean - found["global"]).abs() < 1e-12);
            let frontal = NODES[..7].iter().map(|node| found[*node]).sum::<f64>() / 7.0;
            assert!((frontal - found["frontal"]).abs() < 1e-12);
        }
    }
}

/// Two groups that do not talk to each other: all strong edges lie within.
#[test]
fn two_groups_are_two_communities() {
    let segment = two_groups();
    // 56 of 120 edges are within the groups
    let value = |kind, densities| by_site(&*with_densities(kind, densities), &segment)["global"];
    assert!((value("net_modularity", "[0.2, 0.3, 0.4]") - 0.5).abs() < 0.02);
    assert!(value("net_clustering", "[0.4, 0.46]") > 0.6);
    let shuffled = common::segment(&NODES, SFREQ, noise(16, N_EPOCHS, SFREQ, 4, density));
    let of_noise = by_site(&*with_densities("net_strength", "[0.2, 0.3, 0.4]"), &shuffled)["global"];
    assert!(value("net_strength", "[0.2, 0.3, 0.4]") > 5.0 * of_noise);
}

/// Half of the channels, all of them from one source without a lag: Im S is rounding, and its sign a matter of chance.
#[test]
fn zero_lag_mixing_makes_no_network() {
    let n = N_EPOCHS * N_TIMES;
    let sources: Vec<Array1<f64>> = (0..16).map(|k| own(5, k, n)).collect();
    let mixed: Vec<Array1<f64>> = (0..16)
        .map(|c| (0..16).fold(Array1::zeros(n), |sum, k| sum + &sources[k] * if k == c { 1.0 } else { 0.4 }))
        .collect();
    let strength = |signals: &[Array1<f64>]| {
        by_site(
            &*make("net_strength", r#"{"band": [8, 13]}"#),
            &segment(&NODES, SFREQ, cut(signals, N_TIMES)),
        )["global"]
    };
    let (mixed, apart, coupled) = (
        strength(&mixed),
        strength(&sources),
        by_site(&*make("net_strength", r#"{"band": [8, 13]}"#), &two_groups())["global"],
    );
    assert!(mixed < 2.0 * apart && mixed < 0.2 * coupled, "{mixed}, {apart} apart, {coupled} coupled");
}

#[test]
fn drawing_blocks_is_recording_them_that_often() {
    let data = noise(16, 30, SFREQ, 7, density);
    let whole = segment(&NODES, SFREQ, data.clone());
    let first = segment(&NODES, SFREQ, data.slice(s![..15, .., ..]).to_owned());
    for kind in KINDS.into_iter().chain(["mic", "mim"]) {
        // as many nulls behind a draw as behind a value
        let nulls = if kind == "net_small_world" { r#", "n_nulls": 50, "n_nulls_drawn": 50"# } else { "" };
        let marker = make(kind, &format!(r#"{{"band": [8, 13]{nulls}}}"#));
        let (stats, half) = (marker.block_stats(&whole).unwrap(), marker.block_stats(&first));
        let mut counts = plain_counts(stats.n_blocks);
        // regions of seven channels ask for fourteen epochs, which the half has
        let half = half.unwrap();
        counts.slice_mut(s![0, half.n_blocks..]).fill(0);
        let drawn = marker.evaluate(&stats, counts.view()).unwrap();
        for (a, b) in drawn.iter().zip(values(&*marker, &half).unwrap()) {
            assert!((a - b.unwrap()).abs() < 1e-9, "{kind}: {a} {b:?}");
        }
        counts.fill(0);
        let none = marker.evaluate(&stats, counts.view()).unwrap();
        assert!(none.iter().all(|v| v.is_nan()), "{kind} of nothing");
    }
}

/// A frontal and a parietal source at a lag of 5 ms, each mixed over the electrodes of its region.
fn lagged(lag: usize) -> Segment {
    let names = ["F3", "Fz", "F4", "P3", "Pz", "P4", "O1", "Oz", "O2"];
    let n = N_EPOCHS * N_TIMES;
    let source = own(11, 0, n + lag);
    let signals: Vec<Array1<f64>> = (0..9)
        .map(|c| {
            let start = if c < 3 { lag } else { 0 };
            let gain = if c < 6 { [1.0, 0.6, 0.3][c % 3] } else { 0.0 };
            own(12, c, n) * 0.7 + &source.slice(s![start..start + n]) * gain
        })
        .collect();
    segment(&names, SFREQ, cut(&signals, N_TIMES))
}

#[test]
fn a_lag_between_two_regions_is_found_between_them() {
    let band = r#"{"band": [8, 13]}"#;
    let (lag, none) = (lagged(4), lagged(0));
    for kind in ["mic", "mim"] {
        let (found, without) = (by_site(&*make(kind, band), &lag), by_site(&*make(kind, band), &none));
        let names: Vec<&str> = found.keys().map(String::as_str).collect();
        assert_eq!(names, ["frontal-occipital", "frontal-parietal", "global", "parietal-occipital"]);
        let there = found["frontal-parietal"];
        assert!(there > 3.0 * found["frontal-occipital"], "{kind}: {found:?}");
        assert!(there > 3.0 * without["frontal-parietal"], "{kind}: {without:?}");
        let mean = (found["frontal-occipital"] + there + found["parietal-occipital"]) / 3.0;
        assert!((mean - found["global"]).abs() < 1e-12);
    }
    let mic = by_site(&*make("mic", band), &lag);
    // no single pair of electrodes reaches what the regions do
    let imcoh = make("imcoh", band);
    let pairs = imcoh.pair_values(&imcoh.block_stats(&lag).unwrap()).unwrap().unwrap();
    let largest = pairs.iter().flatten().fold(0.0_f64, |largest, v| largest.max(v.abs()));
    assert!((largest..=1.0).contains(&mic["frontal-parietal"]), "{largest} {mic:?}");
}

/// Every electrode hears every source at once: nothing is left but rounding and the noise of few epochs.
#[test]
fn zero_lag_mixing_of_one_source_is_no_interaction() {
    let source = own(13, 0, N_EPOCHS * N_TIMES);
    let signals = [1.0, 0.5, 0.8, 0.2].map(|gain| &source * gain);
    let segment = segment(&["Fz", "F4", "Pz", "P4"], SFREQ, cut(&signals, N_TIMES));
    for kind in ["mic", "mim"] {
        let found = by_site(&*make(kind, r#"{"band": [8, 13]}"#), &segment);
        assert!(found["frontal-parietal"].abs() < 1e-9, "{kind}: {found:?}");
    }
}

#[test]
fn what_cannot_be_computed_is_missing_with_its_reason() {
    let reason = |kind: &str, params: &str, names: &[&str], n_epochs: usize| {
        let data = noise(names.len(), n_epochs, SFREQ, 8, density);
        make(kind, params).block_stats(&segment(names, SFREQ, data)).unwrap_err().to_string()
    };
    for kind in KINDS {
        let few = reason(kind, "{}", &NODES[..15], 20);
        assert!(few.contains("15 EEG channel(s), at least 16 needed"), "{few}");
        assert!(reason(kind, "{}", &NODES, 9).contains("9 clean epochs, at least 10 needed"));
        assert!(reason(kind, r#"{"densities": [0.001, 0.1]}"#, &NODES, 20).contains("keeps no edge"));
    }
    for kind in ["mic", "mim"] {
        let one = reason(kind, r#"{"band": [8, 13]}"#, &["F3", "Fz", "F4"], 20);
        assert!(one.contains("channels of 1 region(s) of the head"), "{one}");
        let few = reason(kind, r#"{"band": [8, 13]}"#, &NODES, 12);
        assert!(few.contains("at least 14 needed for the 7 channels of the frontal region"), "{few}");
    }
    // a channel that recorded nothing
    let mut data: Array3<f64> = noise(16, 20, SFREQ, 8, density);
    data.index_axis_mut(Axis(1), 2).fill(0.0);
    let silent = segment(&NODES, SFREQ, data);
    for kind in KINDS {
        let marker = make(kind, "{}");
        let found = values(&*marker, &marker.block_stats(&silent).unwrap()).unwrap();
        assert!(found.iter().all(Option::is_none), "{kind}");
    }
}

#[test]
fn a_network_that_is_thinner_than_asked_is_said_and_bad_parameters_are_refused() {
    let segment = segment(&NODES, SFREQ, noise(16, 20, SFREQ, 9, density));
    let stats = with_densities("net_strength", "[0.5, 1.0]").block_stats(&segment).unwrap();
    assert!(stats.notes.iter().any(|note| note.contains("fewer than the 120 edges")), "{:?}", stats.notes);
    let refused = |kind: &str, params: &str| {
        let mut config: dosewave_markers::MarkerConfig = serde_json::from_str(params).unwrap();
        config.kind = Some(kind.to_owned());
        dosewave_markers::marker("m", &config).unwrap_err().to_string()
    };
    for densities in ["[]", "[0.2, 0.2]", "[0.0, 0.1]", "[0.5, 1.5]"] {
        let text = refused("net_strength", &format!(r#"{{"densities": {densities}}}"#));
        assert!(text.contains("shares above 0"), "{text}");
    }
    assert!(refused("net_small_world", r#"{"n_nulls": 0}"#).contains("n_nulls = 0"));
    assert!(refused("net_strength", r#"{"n_nulls": 5}"#).contains("unknown field"));
}

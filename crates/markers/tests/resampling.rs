//! Draws of blocks mean what they say: the marker of the drawn epochs, for every marker.
#![allow(clippy::unwrap_used, clippy::print_stderr)]

mod common;

use common::{HEAD, epochs, head, params, segment};
use dosewave_eeg::{Epochs, Seconds};
use dosewave_markers::{BlockData, Registry, Segment, default_markers, plain_counts, values};
use ndarray::{Array2, Axis, array};

fn assert_close(name: &str, got: &[f64], want: &[Option<f64>]) {
    let mut largest = 0.0_f64;
    for (got, want) in got.iter().zip(want) {
        // without a burst there is no length of one
        let Some(want) = *want else {
            assert!(name.starts_with("gamma_burst_dwell") && got.is_nan(), "{name}: {got}");
            continue;
        };
        largest = largest.max((got - want).abs() / want.abs().max(1.0));
        assert!((got - want).abs() < 1e-9 * want.abs().max(1.0), "{name}: {got}, not {want}");
    }
    eprintln!("{name}: largest deviation {largest:.1e}");
}

/// The epochs of `order`, as if they had been recorded one after the other.
fn recorded(all: &Epochs, order: &[usize]) -> Segment {
    let data_uv = all.data_uv().select(Axis(0), order);
    let names: Vec<&str> = all.channels().iter().map(|c| c.name.as_str()).collect();
    segment(&names, all.sfreq().0, data_uv)
}

#[test]
fn a_block_drawn_twice_equals_its_epochs_recorded_twice() {
    let all = epochs(&HEAD, 700.0, head(11));
    let whole = Segment::new(all.clone(), params()).unwrap();
    // blocks hold three epochs each; the last draw takes every block once
    let counts = array![[2, 1, 0, 1, 0, 3, 0, 1], [0, 0, 1, 1, 1, 0, 2, 0], [1, 1, 1, 1, 1, 1, 1, 1]];
    // bursts and envelopes run through epochs that follow each other, so other neighbours are another signal
    let through = |kind: &str| kind.starts_with("burst_") || kind == "aec";
    let entries = Registry::new(&default_markers()).unwrap().entries;
    for (name, marker) in entries.into_iter().filter(|(_, marker)| !through(marker.spec().kind)) {
        let stats = marker.block_stats(&whole).unwrap();
        let drawn = marker.evaluate(&stats, counts.view()).unwrap();
        for (draw, row) in counts.rows().into_iter().enumerate() {
            let order: Vec<usize> =
                (0..24).flat_map(|e| std::iter::repeat_n(e, row[e / 3] as usize)).collect();
            let twin = recorded(&all, &order);
            let expected = values(&*marker, &marker.block_stats(&twin).unwrap()).unwrap();
            assert_close(&format!("{name}, draw {draw}"), &drawn.row(draw).to_vec(), &expected);
        }
    }
}

#[test]
fn a_pool_drawn_from_one_segment_is_that_segment() {
    let (a, b) = (segment(&HEAD, 700.0, head(12)), segment(&HEAD, 700.0, 3.0 * head(13)));
    let counts = array![
        [1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0],
        [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1]
    ];
    for (name, marker) in Registry::new(&default_markers()).unwrap().entries {
        let (first, second) = (marker.block_stats(&a).unwrap(), marker.block_stats(&b).unwrap());
        let pool = first.concat(&second).unwrap();
        assert_eq!((pool.n_blocks, pool.n_epochs, pool.block_of.iter().max()), (16, 48, Some(&15)), "{name}");
        let drawn = marker.evaluate(&pool, counts.view()).unwrap();
        assert_close(&name, &drawn.row(0).to_vec(), &values(&*marker, &first).unwrap());
        assert_close(&name, &drawn.row(1).to_vec(), &values(&*marker, &second).unwrap());
    }
}

#[test]
fn an_empty_draw_is_undefined_and_wrong_counts_are_refused() {
    let whole = segment(&HEAD, 700.0, head(14));
    for (name, marker) in Registry::new(&default_markers()).unwrap().entries {
        let stats = marker.block_stats(&whole).unwrap();
        let none = marker.evaluate(&stats, Array2::zeros((1, 8)).view()).unwrap();
        assert!(none.iter().all(|value| value.is_nan()), "{name}");
        let error = marker.evaluate(&stats, plain_counts(7).view()).unwrap_err().to_string();
        assert!(error.contains("expected 8 blocks, got 7"), "{name}: {error}");
    }
}

#[test]
fn statistics_of_other_sites_or_markers_are_refused() {
    let (ten, two) = (
        segment(&HEAD, 700.0, head(15)),
        segment(&HEAD[..2], 700.0, common::noise(2, 24, 700.0, 5, |_| 1.0)),
    );
    let registry = Registry::new(&default_markers()).unwrap();
    let by_name = |name: &str| &registry.entries.iter().find(|(entry, _)| entry == name).unwrap().1;
    let (power, coh) = (by_name("delta"), by_name("coh.alpha"));
    let stats = power.block_stats(&ten).unwrap();
    let error = stats.concat(&power.block_stats(&two).unwrap()).unwrap_err().to_string();
    assert!(error.contains("sites of two segments") && error.contains("O2"), "{error}");
    let pairs = coh.block_stats(&ten).unwrap();
    assert!(matches!(pairs.data, BlockData::Pairs(_)), "coherence rests on pairs");
    assert!(power.evaluate(&pairs, plain_counts(8).view()).unwrap_err().to_string().contains("another kind"));
    assert!(coh.evaluate(&stats, plain_counts(8).view()).unwrap_err().to_string().contains("another kind"));
    let aec = by_name("aec.alpha");
    assert!(aec.evaluate(&pairs, plain_counts(8).view()).unwrap_err().to_string().contains("another kind"));
}

#[test]
fn statistics_are_computed_once_and_shared() {
    let whole = segment(&HEAD, 700.0, head(16));
    assert!(std::ptr::eq(whole.spectra().unwrap(), whole.spectra().unwrap()));
    let band = dosewave_eeg::Band::ALPHA;
    let (first, again) = (whole.block_sums(band).unwrap(), whole.block_sums(band).unwrap());
    assert!(first.iter().zip(&again).all(|(a, b)| std::sync::Arc::ptr_eq(a, b)));
    assert_eq!(first.iter().map(|block| block.n_epochs()).sum::<usize>(), 24);
}

#[test]
fn a_pause_makes_blocks_of_its_own() {
    let all = epochs(&HEAD, 700.0, head(17));
    let late = |e: usize| Seconds(if e < 4 { 2.0 * e as f64 } else { 300.0 + 2.0 * e as f64 });
    let onsets = (0..24).map(late).collect();
    let paused = Epochs::new(all.channels().clone(), all.sfreq(), all.data_uv().to_owned(), onsets).unwrap();
    let paused = Segment::new(paused, params()).unwrap();
    let sizes: Vec<usize> = paused.blocks().iter().map(Vec::len).collect();
    assert_eq!(sizes[..3], [3, 1, 2], "308 s lies in the stretch of 306-312 s");
    let spans = |block: &Vec<usize>| block.iter().any(|&e| e < 4) && block.iter().any(|&e| e >= 4);
    assert!(!paused.blocks().iter().any(spans));
}

//! The same number of epochs before and after, inside a session.

use dosewave_eeg::{Hz, Recording};
use dosewave_numerics::stats::Stream;
use dosewave_study::{Config, ContrastRow, Execution, Input, Results, compare};
use ndarray::Array2;

const SFREQ: f64 = 250.0;
const CHANNELS: [&str; 4] = ["Fz", "Cz", "Pz", "Oz"];

fn input(name: &str, seed: u64, length_s: f64) -> Input {
    let mut stream = Stream::new(seed, 0);
    let n = (length_s * SFREQ) as usize;
    let data = Array2::from_shape_fn((CHANNELS.len(), n), |_| 10.0 * stream.normal());
    Input::Recording {
        name: name.into(),
        recording: Recording::new(data, Hz(SFREQ), &CHANNELS).expect("recording"),
    }
}

fn results(post_s: f64, settings: &[&str]) -> Results {
    let all = ["clean.reference=as_recorded", "markers.only=[\"alpha\", \"beta\", \"coh.alpha\"]"];
    let settings: Vec<String> = all.iter().chain(settings).map(ToString::to_string).collect();
    let config = Config::layered(None, &settings).expect("configuration");
    let execution = Execution { threads: Some(2), progress: None };
    compare(input("pre", 1, 120.0), input("post", 2, post_s), &config, &execution).expect("compare")
}

fn global<'a>(results: &'a Results, marker: &str) -> &'a ContrastRow {
    results.contrasts.iter().find(|row| row.marker == marker && row.site == "global").expect("row")
}

#[test]
fn the_estimate_is_the_same_whether_or_not_an_interval_is_asked_for() {
    let with = results(50.0, &["inference.n_bootstrap=50", "inference.n_permutations=50"]);
    let without = results(50.0, &["inference.n_bootstrap=0", "inference.n_permutations=0"]);
    for (a, b) in with.contrasts.iter().zip(&without.contrasts) {
        assert_eq!((a.baseline, a.post, a.change), (b.baseline, b.post, b.change), "{} {}", a.marker, a.site);
    }
    for found in [&with, &without] {
        let note = &global(found, "coh.alpha").note;
        assert!(note.contains("25 of 60 epochs before, by lot"), "{note}");
    }
    // the whole window has another value: the cut is real
    let whole = with.markers.iter().find(|row| row.marker == "coh.alpha" && row.window == "baseline");
    assert_ne!(global(&with, "coh.alpha").baseline, whole.expect("row").value);
    assert_eq!(global(&with, "alpha").note, "", "medians keep every epoch");
}

#[test]
fn all_markers_compare_the_same_epochs() {
    let twice = results(
        50.0,
        &[
            "epochs.equalize=all",
            "inference.n_bootstrap=0",
            "inference.n_permutations=0",
            "markers.only=[\"alpha\", \"twin\"]",
            "markers.twin.kind=band_power",
            "markers.twin.band=[8, 13]",
        ],
    );
    let (alpha, twin) = (global(&twice, "alpha"), global(&twice, "twin"));
    assert_eq!(alpha.baseline, twin.baseline, "one lot for both");
    assert!(alpha.note.contains("25 of 60 epochs before, by lot"), "{}", alpha.note);
    let whole = twice.markers.iter().find(|row| row.marker == "alpha" && row.window == "baseline");
    assert_ne!(alpha.baseline, whole.expect("row").value);
}

#[test]
fn a_side_shorter_than_a_block_is_said_to_be_uncut() {
    let off = ["inference.n_bootstrap=0", "inference.n_permutations=0", "inference.block=60"];
    let note = global(&results(30.0, &off), "coh.alpha").note.clone();
    assert!(note.contains("not cut to the 15 epochs of the other side"), "{note}");
}

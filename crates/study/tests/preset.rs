//! The preset for resting EEG, on a recording with a bad channel and blinks.

use dosewave_eeg::{Channel, Hz, Recording};
use dosewave_numerics::stats::Stream;
use dosewave_study::{Config, Execution, Input, Results, compare, results_json};
use ndarray::Array2;

const SFREQ: f64 = 250.0;
const NAMES: [&str; 20] = [
    "Fp1", "Fp2", "F7", "F3", "Fz", "F4", "F8", "T7", "C3", "Cz", "C4", "T8", "P7", "P3", "Pz", "P4", "P8",
    "O1", "Oz", "O2",
];

fn near(name: &str, at: [f64; 3], width: f64) -> f64 {
    let place = Channel::from_name(name).position.expect("10-20 name");
    let distance: f64 = place.iter().zip(at).map(|(a, b)| (a - b) * (a - b)).sum();
    (-0.5 * distance / (width * width)).exp()
}

/// Two minutes: alpha sources at every second electrode, blinks of `blink_uv` every 3 s, and, where `broken`, Cz is noise.
fn recording(seed: u64, blink_uv: f64, broken: bool) -> Recording {
    let n = (120.0 * SFREQ) as usize;
    let mut stream = Stream::new(seed, 0);
    let mut data = Array2::from_shape_fn((NAMES.len(), n), |_| 0.5 * stream.normal());
    for source in NAMES.iter().step_by(2) {
        let at = Channel::from_name(source).position.expect("10-20 name");
        let weights = NAMES.map(|name| 4.0 * near(name, at, 0.05));
        let (mut last, mut before) = (0.0, 0.0);
        for t in 0..n {
            // sharper than normal
            let new = 1.85 * last - 0.92 * before + stream.normal();
            (before, last) = (last, new);
            let value = 0.2 * new * (1.0 + 0.1 * new.abs());
            data.column_mut(t).iter_mut().zip(&weights).for_each(|(v, w)| *v += w * value);
        }
    }
    for (name, mut row) in NAMES.iter().zip(data.rows_mut()) {
        let weight = blink_uv * near(name, [0.0, 0.1, -0.02], 0.05);
        for (t, value) in row.iter_mut().enumerate() {
            let since = (t % 750) as f64 / SFREQ - 1.5;
            *value += weight * (-0.5 * (since / 0.07).powi(2)).exp();
        }
    }
    if broken {
        data.row_mut(9).mapv_inplace(|_| 400.0 * stream.normal());
    }
    Recording::new(data, Hz(SFREQ), &NAMES).expect("recording")
}

fn run(settings: &[&str], threads: usize) -> Results {
    let all =
        ["inference.n_bootstrap=50", "inference.n_permutations=50", "markers.only=[\"delta\", \"alpha\"]"];
    let settings: Vec<String> = all.iter().chain(settings).map(ToString::to_string).collect();
    let config = Config::layered(None, &settings).expect("configuration");
    // twice as many microvolts of blinks after as before: without cleaning, frontal delta rises
    let input = |name: &str, recording| Input::Recording { name: name.into(), recording };
    let (pre, post) = (recording(1, 100.0, false), recording(2, 200.0, true));
    let execution = Execution { threads: Some(threads), progress: None };
    compare(input("pre", pre), input("post", post), &config, &execution).expect("compare")
}

fn frontal_delta(results: &Results) -> f64 {
    let row = results.contrasts.iter().find(|row| row.marker == "delta" && row.site == "Fp1").expect("row");
    row.change.expect("change")
}

#[test]
fn blinks_do_not_become_delta_and_the_bad_channel_is_interpolated_on_both_sides() {
    let plain = run(&["rejection.peak_to_peak_uv=none"], 2);

    assert!(frontal_delta(&plain) > 3.0, "{}", frontal_delta(&plain));
    let clean = run(&["preset=resting"], 2);
    assert!(frontal_delta(&clean).abs() < 1.0, "{}", frontal_delta(&clean));
    let notes: Vec<&str> = clean.notes.iter().map(|note| note.note.text.as_str()).collect();
    let says = |text: &str| notes.iter().any(|note| note.contains(text));
    assert!(
        says("'Cz' is a bad channel") && says("interpolated from the other EEG channels: Cz"),
        "{notes:?}"
    );
    assert!(says("(eye, score") && says("limits learnt by cross-validation"), "{notes:?}");
    for parameter in
        ["PREP", "RANSAC: 50 samples", "Picard", "eyes 0.6", "10-fold cross-validation", "preset"]
    {
        assert!(clean.methods.contains(parameter), "{parameter} in {}", clean.methods);
    }
}

#[test]
fn the_same_seed_gives_the_same_bytes_with_any_number_of_threads() {
    let bytes = |threads| results_json(&run(&["preset=resting"], threads)).expect("json");
    let one = bytes(1);
    assert_eq!(one, bytes(2));
    assert_eq!(one, bytes(5));
}

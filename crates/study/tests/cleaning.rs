//! Steps of cleaning inside a session: heart, mains, muscle, and what a recording does not carry.

use dosewave_eeg::{Hz, Recording};
use dosewave_numerics::stats::Stream;
use dosewave_study::{Config, ContrastRow, Error, Execution, Input, Results, compare, markers_table};
use ndarray::Array2;
use std::f64::consts::TAU;

const NAMES: [&str; 5] = ["Fz", "Cz", "Pz", "Oz", "ECG"];
const LENGTH_S: f64 = 60.0;

/// A minute of noise of 10 µV, with `add(channel, time in s)`.
fn recording(seed: u64, sfreq: f64, add: impl Fn(usize, f64) -> f64) -> Recording {
    let mut stream = Stream::new(seed, 0);
    let data = Array2::from_shape_fn((NAMES.len(), (LENGTH_S * sfreq) as usize), |(c, t)| {
        let noise = if c == 4 { 1.0 } else { 10.0 } * stream.normal();
        noise + add(c, t as f64 / sfreq)
    });
    Recording::new(data, Hz(sfreq), &NAMES).expect("recording")
}

/// A beat every `interval_s`: 1 mV in the ECG, `field_uv` in the EEG.
fn heart(interval_s: f64, field_uv: f64) -> impl Fn(usize, f64) -> f64 {
    move |channel, at_s| {
        let since = at_s % interval_s - interval_s / 2.0;
        let strength = if channel == 4 { 1000.0 } else { field_uv };
        strength * (-0.5 * (since / 0.012).powi(2)).exp()
    }
}

fn config(settings: &[&str]) -> Config {
    let all = [
        "inference.n_bootstrap=0",
        "inference.n_permutations=0",
        "clean.reference=as_recorded",
        "markers.only=[\"alpha\", \"beta\"]",
    ];
    let settings: Vec<String> = all.iter().chain(settings).map(ToString::to_string).collect();
    Config::layered(None, &settings).expect("configuration")
}

fn input(recording: Recording) -> Input {
    Input::Recording { name: "sim".into(), recording }
}

fn compared(pre: Recording, post: Recording, settings: &[&str]) -> Result<Results, Error> {
    let execution = Execution { threads: Some(2), progress: None };
    compare(input(pre), input(post), &config(settings), &execution)
}

fn problem(result: Result<Results, Error>) -> (String, String) {
    match result {
        Err(Error::Config { problems }) => (problems[0].key.clone(), problems[0].text.clone()),
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("no problem"),
    }
}

fn says(results: &Results, text: &str) -> bool {
    results.notes.iter().any(|note| note.note.text.contains(text))
}

fn global<'a>(results: &'a Results, marker: &str) -> &'a ContrastRow {
    results.contrasts.iter().find(|row| row.marker == marker && row.site == "global").expect("row")
}

#[test]
fn the_heart_has_rows_and_changes_and_its_field_goes_from_both_windows() {
    let pre = recording(1, 250.0, heart(1.0, 60.0));
    let post = recording(2, 250.0, heart(0.75, 60.0));
    let kept = compared(pre.clone(), post.clone(), &[]).expect("compare");
    let rate = global(&kept, "heart_rate");
    assert!((rate.baseline.expect("rate") - 60.0).abs() < 0.1, "{rate:?}");
    assert!((rate.change.expect("change") - 20.0).abs() < 0.1, "{rate:?}");
    assert!(global(&kept, "rmssd").change.expect("change").abs() < 5.0);
    assert_eq!(kept.markers.iter().filter(|row| row.marker == "heart_rate").count(), 2);
    assert!(kept.definitions.iter().any(|definition| definition.marker == "rmssd"));
    assert!(kept.sessions[0].channels.iter().all(|channel| channel.name != "ECG"), "the ECG is no EEG");
    // more beats, more beta: unless the field is taken out
    assert!(global(&kept, "beta").change.expect("change") > 0.4, "{:?}", global(&kept, "beta"));
    let cleaned = compared(pre, post, &["clean.heart_field=true"]).expect("compare");
    assert!(global(&cleaned, "beta").change.expect("change").abs() < 0.25, "{:?}", global(&cleaned, "beta"));
    assert!(says(&cleaned, "averaged over 140 beats of 'ECG'"), "{:?}", cleaned.notes);
    assert!(cleaned.methods.contains("the heart's field"));
}

#[test]
fn an_ecg_with_nan_or_without_beats_costs_the_heart_and_nothing_else() {
    let (header, mut data) = recording(2, 250.0, heart(0.75, 0.0)).into_parts();
    data[[4, 100]] = f64::NAN;
    let broken = Recording::from_parts(header, data).expect("recording");
    let pre = recording(1, 250.0, heart(1.0, 0.0));
    for settings in [&[][..], &["clean.heart_field=true"]] {
        let results = compared(pre.clone(), broken.clone(), settings).expect("compare");
        assert!(global(&results, "beta").change.expect("change").abs() < 0.5);
        let rate = global(&results, "heart_rate");
        assert!((rate.baseline.expect("rate") - 60.0).abs() < 0.1 && rate.change.is_none(), "{rate:?}");
        assert_eq!(rate.note, "window 'post' has no usable ECG channel");
        assert!(says(&results, "holds NaN or infinity and is left out: ECG"), "{:?}", results.notes);
    }
    let quiet = recording(2, 250.0, |c, at_s| if c == 4 { 50.0 * (TAU * at_s / 20.0).sin() } else { 0.0 });
    let results = compared(pre, quiet, &[]).expect("compare");
    let rate = global(&results, "heart_rate");
    assert!(rate.change.is_none() && rate.note.contains("give no rate"), "{rate:?}");
}

#[test]
fn a_rate_too_low_for_beats_is_a_note_unless_the_field_was_asked_for() {
    let slow = |seed| recording(seed, 70.0, heart(1.0, 0.0));
    let results = compared(slow(1), slow(2), &[]).expect("compare");
    assert!(says(&results, "'ECG' is left out: no beats are seen at 70 Hz"), "{:?}", results.notes);
    assert!(results.contrasts.iter().all(|row| row.marker != "heart_rate"));
    let (key, text) = problem(compared(slow(1), slow(2), &["clean.heart_field=true"]));
    assert!(key == "clean.heart_field" && text.contains("below 80 Hz"), "{text}");
    let by_preset = ["preset=resting", "clean.bad_channels=keep", "ica.method=none"];
    let results = compared(slow(1), slow(2), &by_preset).expect("a preset asks for what can be had");
    assert!(says(&results, "mains of 50 Hz are not taken out: 70 Hz"), "{:?}", results.notes);
}

#[test]
fn mains_at_half_the_rate_are_a_note() {
    for (sfreq, carried) in [(100.0, false), (101.0, false), (105.0, true)] {
        let of = |seed| recording(seed, sfreq, heart(1.0, 0.0));
        let results = compared(of(1), of(2), &["preset=resting", "ica.method=none"]).expect("compare");
        assert_eq!(says(&results, "mains of 50 Hz are not taken out"), !carried, "{:?}", results.notes);
    }
}

#[test]
fn zapline_takes_the_mains_out_in_a_session() {
    let with_line = |seed| {
        recording(
            seed,
            250.0,
            |c, at_s| if c < 4 { (10.0 + c as f64) * (TAU * 50.0 * at_s).sin() } else { 0.0 },
        )
    };
    let at_line = |results: &Results| {
        let spectrum =
            results.spectra.iter().find(|s| s.site == "Cz" && s.window == "post").expect("spectrum");
        let bin = spectrum.freqs_hz.iter().position(|f| (f - 50.0).abs() < 0.1).expect("50 Hz");
        spectrum.psd_uv2_hz[bin]
    };
    let plain = compared(with_line(1), with_line(2), &[]).expect("compare");
    let clean = compared(with_line(1), with_line(2), &["clean.line_removal=zapline"]).expect("compare");
    assert!(at_line(&clean) < 0.1 * at_line(&plain), "{} of {}", at_line(&clean), at_line(&plain));
    assert!(says(&clean, "components removed in each run: 1"), "{:?}", clean.notes);
    assert!(clean.methods.contains("ZapLine"));
}

#[test]
fn muscle_is_looked_for_where_the_rate_carries_it_and_refused_where_not() {
    let burst = |seed, sfreq| {
        recording(seed, sfreq, |c, at_s| {
            let on = c < 4 && (20.0..21.0).contains(&at_s);
            if on { 60.0 * (TAU * 125.0 * at_s + 8.0 * (TAU * 9.0 * at_s).sin()).sin() } else { 0.0 }
        })
    };
    let asked = ["rejection.muscle_z=4", "rejection.peak_to_peak_uv=none"];
    let (key, text) = problem(compared(burst(1, 250.0), burst(2, 250.0), &asked));
    assert_eq!(key, "rejection.muscle_z");
    assert!(text.contains("250 Hz carries up to 125 Hz") && text.contains("above 280 Hz"), "{text}");
    let low_pass = [asked[0], "clean.low_pass=70"];
    let (key, text) = problem(compared(burst(1, 500.0), burst(2, 500.0), &low_pass));
    assert!(key == "rejection.muscle_z" && text.contains("nothing above 70 Hz"), "{text}");
    let results = compared(burst(1, 500.0), burst(2, 500.0), &asked).expect("compare");
    for window in &results.sessions[0].windows {
        assert!((1..=3).contains(&window.n_rejected), "{window:?}");
        assert_eq!(window.worst_channel.as_ref().map(|(name, _)| name.as_str()), Some("EEG"));
    }
    assert!(results.methods.contains("z-score of the amplitude at 110–140 Hz above 4"));
}

#[test]
fn the_table_of_markers_comes_with_its_notes() {
    let execution = Execution { threads: Some(1), progress: None };
    let of = |settings: &[&str]| {
        let recording = recording(1, 250.0, heart(1.0, 20.0));
        markers_table(input(recording), &[], &[(0.0, 30.0), (30.0, 60.0)], &config(settings), &execution)
            .expect("table")
    };
    let table = of(&["clean.heart_field=true", "rejection.learned=true", "clean.reference=average"]);
    let says = |text: &str| table.notes.iter().filter(|note| note.text.contains(text)).count();
    assert_eq!(says("averaged over 60 beats of 'ECG'"), 1, "{:?}", table.notes);
    assert_eq!(says("limits learnt by cross-validation"), 2, "{:?}", table.notes);
    assert_eq!(says("the average reference is the mean of 4 channels only"), 1, "{:?}", table.notes);
}

//! Comparisons whose answer is known, on recordings made by a formula.

use dosewave_eeg::{Annotation, Hz, Recording, Seconds};
use dosewave_numerics::stats::Stream;
use dosewave_study::{
    Config, Error, Execution, Input, Results, SessionInput, SessionSpec, compare, compare_dose_at,
    markers_table, markers_tsv, results_json, run, write_results,
};
use ndarray::Array2;

const SFREQ: f64 = 250.0;
const CHANNELS: [&str; 4] = ["Fz", "Cz", "Pz", "Oz"];

/// White noise of 1 µV²/Hz, `gain` times as strong (amplitude) from `dose_s` on.
fn recording(seed: u64, length_s: f64, dose_s: f64, gain: f64) -> Recording {
    let n = (length_s * SFREQ) as usize;
    let sd = (SFREQ / 2.0).sqrt();
    let mut data = Array2::zeros((CHANNELS.len(), n));
    for (channel, mut row) in data.rows_mut().into_iter().enumerate() {
        let mut stream = Stream::new(seed, channel as u64);
        for (t, sample) in row.iter_mut().enumerate() {
            let strength = if t as f64 / SFREQ < dose_s { 1.0 } else { gain };
            *sample = strength * sd * stream.normal();
        }
    }
    Recording::new(data, Hz(SFREQ), &CHANNELS).expect("recording").with_annotations(vec![Annotation::new(
        Seconds(dose_s),
        Seconds(30.0),
        "ketamine",
    )])
}

fn input(seed: u64, length_s: f64, dose_s: f64, gain: f64) -> Input {
    Input::Recording { name: format!("sim-{seed}"), recording: recording(seed, length_s, dose_s, gain) }
}

fn config(settings: &[&str]) -> Config {
    let all = ["inference.n_bootstrap=100", "inference.n_permutations=100", "clean.reference=as_recorded"];
    let settings: Vec<String> = all.iter().chain(settings).map(ToString::to_string).collect();
    Config::layered(None, &settings).expect("configuration")
}

fn threads(n: usize) -> Execution {
    Execution { threads: Some(n), progress: None }
}

fn at_dose(gain: f64, config: &Config) -> Results {
    compare_dose_at(input(1, 240.0, 120.0, gain), "ketamine", config, &threads(2)).expect("compare")
}

#[test]
fn a_gain_of_two_is_six_decibel_at_every_site_and_inside_its_interval() {
    let results = at_dose(2.0, &config(&["markers.only=[\"alpha\", \"beta\", \"low_gamma\"]"]));
    let expected = 20.0 * 2.0_f64.log10();
    for row in &results.contrasts {
        let change = row.change.expect("change");
        assert!((change - expected).abs() < 1.0, "{} {}: {change}", row.marker, row.site);
        assert!(row.p.is_some_and(|p| p < 0.05) && row.p_adjusted >= row.p);
    }
    let global: Vec<_> = results.contrasts.iter().filter(|row| row.site == "global").collect();
    assert_eq!(global.len(), 3);
    for row in global {
        assert!(row.ci_low.expect("ci") < expected + 0.3 && row.ci_high.expect("ci") > expected - 0.3);
        assert!(row.family.contains("Holm"));
    }
    // one-sided PSD of 1 µV²/Hz, the median of a chi-square a little below its mean
    let before =
        results.markers.iter().find(|row| row.marker == "beta" && row.site == "global").expect("row");
    assert!((before.value.expect("value") - 1.0).abs() < 0.05);
    assert_eq!((before.window.as_str(), before.t_start_min, before.t_stop_min), ("baseline", -2.0, 0.0));
}

#[test]
fn without_a_change_p_is_not_small_and_the_interval_holds_zero() {
    let results = at_dose(1.0, &config(&["markers.only=[\"beta\", \"low_gamma\"]"]));
    for row in results.contrasts.iter().filter(|row| row.site == "global") {
        assert!(row.p.expect("p") > 0.05, "{}: {:?}", row.marker, row.p);
        assert!(row.ci_low.expect("ci") < 0.0 && row.ci_high.expect("ci") > 0.0, "{row:?}");
    }
}

#[test]
fn the_bytes_do_not_depend_on_threads_or_repetition() {
    let config = config(&[]);
    let json = |n: usize| {
        let results =
            compare_dose_at(input(3, 200.0, 100.0, 1.5), "ketamine", &config, &threads(n)).expect("compare");
        results_json(&results).expect("json")
    };
    let one = json(1);
    assert_eq!(one, json(2));
    assert_eq!(one, json(1));
    let back: Results = serde_json::from_str(&one).expect("results.json reads back");
    assert_eq!(results_json(&back).expect("json"), one);
    assert!(!one.contains("NaN") && !one.contains("/work") && !one.contains("/tmp"));
}

#[test]
fn another_seed_moves_intervals_and_nothing_else() {
    let run = |seed: &str| at_dose(1.5, &config(&[seed, "markers.only=[\"beta\"]"]));
    let (a, b) = (run("seed=1"), run("seed=2"));
    assert_eq!(a.contrasts[0].change, b.contrasts[0].change);
    assert_ne!(a.contrasts[0].ci_low, b.contrasts[0].ci_low);
}

#[test]
fn the_time_course_steps_at_the_dose() {
    let results = at_dose(2.0, &config(&["markers.only=[\"beta\"]"]));
    let course = &results.time_courses[0];
    assert_eq!((course.marker.as_str(), course.site.as_str()), ("beta", "global"));
    for (time, change) in course.t_from_dose_min.iter().zip(&course.change) {
        let expected = if *time < 0.0 { 0.0 } else { 6.02 };
        assert!((change.expect("no pause") - expected).abs() < 0.7, "{time} min: {change:?}");
    }
    assert_eq!(course.t_from_dose_min[0], -1.75);
    assert!(course.t_from_dose_min.iter().all(|t| t.abs() >= 0.25 - 1e-9), "no window straddles the dose");
}

#[test]
fn spectra_have_intervals_over_the_head_and_channels_beside_it() {
    let results = at_dose(2.0, &config(&["markers.only=[\"beta\"]"]));
    let of = |window: &str, site: &str| {
        results.spectra.iter().find(|s| s.window == window && s.site == site).expect("spectrum").clone()
    };
    let (before, after) = (of("baseline", "global"), of("post", "global"));
    assert_eq!(before.freqs_hz, after.freqs_hz);
    assert_eq!(before.ci_low.len(), before.freqs_hz.len());
    let at = before.freqs_hz.iter().position(|f| (*f - 20.0).abs() < 1e-9).expect("20 Hz");
    assert!(before.ci_high[at] < after.ci_low[at]);
    assert!(before.ci_low[at] < before.psd_uv2_hz[at] && before.psd_uv2_hz[at] < before.ci_high[at]);
    assert_eq!(results.spectra.iter().filter(|s| s.window == "post").count(), 1 + CHANNELS.len());
    assert!(of("post", "Pz").ci_low.is_empty());
}

#[test]
fn two_recordings_are_matched_by_channel() {
    let pre = recording(1, 60.0, 60.0, 1.0);
    let post = recording(2, 60.0, 0.0, 2.0).pick(&[3, 1, 0]).expect("pick");
    let of = |name: &str, recording: Recording| Input::Recording { name: name.into(), recording };
    let config = config(&["markers.only=[\"beta\"]"]);
    let results = compare(of("pre", pre), of("post", post), &config, &threads(1)).expect("compare");
    let channels: Vec<&str> = results.sessions[0].channels.iter().map(|c| c.name.as_str()).collect();
    assert_eq!(channels, ["Fz", "Cz", "Oz"]);
    assert!(results.notes.iter().any(|n| n.note.text.contains("left out: Pz")));
    assert!(results.notes.iter().any(|n| n.note.text.contains("time between them")));
    let windows: Vec<(f64, f64)> =
        results.sessions[0].windows.iter().map(|w| (w.t_start_min, w.t_stop_min)).collect();
    assert_eq!(windows, [(-1.0, 0.0), (0.0, 1.0)]);
    for row in &results.contrasts {
        assert!((row.change.expect("change") - 6.02).abs() < 1.0, "{}: {:?}", row.site, row.change);
    }
}

#[test]
fn rates_that_differ_are_refused_with_advice() {
    let other = Recording::new(Array2::from_elem((1, 5000), 1.0), Hz(500.0), &["Fz"]).expect("recording");
    let post = Input::Recording { name: "post".into(), recording: other };
    let error = compare(input(1, 60.0, 60.0, 1.0), post, &config(&[]), &threads(1)).expect_err("rates");
    let text = error.to_string();
    assert!(text.contains("250 Hz before and 500 Hz after") && text.contains("resample"), "{text}");
}

#[test]
fn all_design_problems_come_together() {
    let config =
        config(&["windows.post=[[1, 2]]", "markers.mine.kind=band_power", "markers.mine.band=[100, 200]"]);
    let error = compare_dose_at(input(1, 60.0, 30.0, 1.0), "3", &config, &threads(1)).expect_err("problems");
    let Error::Config { problems } = error else { panic!("{error}") };
    let keys: Vec<&str> = problems.iter().map(|p| p.key.as_str()).collect();
    assert_eq!(keys, ["windows.baseline", "windows.post", "markers.mine"]);
    assert!(problems[2].text.contains("125 Hz"), "{}", problems[2].text);
}

#[test]
fn a_default_marker_that_the_rate_does_not_carry_is_missing_with_its_reason() {
    let results = at_dose(1.0, &config(&["markers.only=[\"hfo\", \"beta\"]"]));
    let hfo = results.markers.iter().find(|row| row.marker == "hfo").expect("row");
    assert!(hfo.value.is_none() && hfo.note.contains("125 Hz"), "{}", hfo.note);
    let contrast = results.contrasts.iter().find(|row| row.marker == "hfo").expect("row");
    assert!(contrast.change.is_none() && contrast.note.contains("125 Hz"));
}

#[test]
fn all_epochs_rejected_names_the_window_and_the_channel() {
    let config = config(&["rejection.peak_to_peak_uv=1"]);
    let error = compare_dose_at(input(1, 60.0, 30.0, 1.0), "30", &config, &threads(1)).expect_err("rejected");
    let text = error.to_string();
    assert!(text.contains("baseline") && CHANNELS.iter().any(|c| text.contains(c)), "{text}");
}

#[test]
fn the_table_of_markers_has_a_row_for_each_window_marker_and_site() {
    let names = vec!["beta".to_owned()];
    let windows = [(0.0, 60.0), (120.0, f64::INFINITY)];
    let table = markers_table(input(1, 240.0, 120.0, 2.0), &names, &windows, &config(&[]), &threads(1))
        .expect("rows");
    let rows = table.rows;
    let sites: Vec<&str> = rows.iter().filter(|r| r.window == "0:60").map(|r| r.site.as_str()).collect();
    assert_eq!(sites[0], "global");
    assert!(CHANNELS.iter().all(|c| sites.contains(c)));
    assert_eq!(rows.len(), 2 * sites.len());
    assert_eq!(rows.last().map(|r| (r.t_start_min, r.t_stop_min)), Some((2.0, 4.0)));
    assert!(markers_tsv(&rows).lines().count() == rows.len() + 1);
    let unknown =
        markers_table(input(1, 60.0, 30.0, 1.0), &["betta".to_owned()], &[], &config(&[]), &threads(1));
    assert!(unknown.expect_err("unknown").to_string().contains("known: delta"));
    let outside = markers_table(input(1, 60.0, 30.0, 1.0), &[], &[(0.0, 90.0)], &config(&[]), &threads(1));
    assert!(outside.expect_err("outside").to_string().contains("spans 0 to 60 s"));
}

#[test]
fn a_crossover_finds_the_difference_between_treatments() {
    let mut sessions = Vec::new();
    for (i, gain) in [1.9, 2.0, 2.1, 2.2].into_iter().enumerate() {
        for (k, (treatment, gain)) in [("ketamine", gain), ("placebo", 1.0)].into_iter().enumerate() {
            sessions.push(SessionSpec {
                subject: format!("s{i}"),
                session: treatment.into(),
                treatment: treatment.into(),
                input: SessionInput::DoseAt {
                    input: input((10 * i + k) as u64, 120.0, 60.0, gain),
                    dose_at: "60".into(),
                },
            });
        }
    }
    let config = config(&["markers.only=[\"beta\", \"wpli2_debiased.alpha\"]", "inference.n_bootstrap=0"]);
    let results = run(&sessions, &config, &threads(2)).expect("run");
    assert!(results.sessions.iter().all(|s| s.failure.is_none()));
    let group = |treatment: &str| {
        let row = results.contrasts.iter().find(|r| {
            r.subject == "group" && r.treatment == treatment && r.marker == "beta" && r.site == "global"
        });
        row.unwrap_or_else(|| panic!("no group row for {treatment}")).clone()
    };
    let expected = [1.9_f64, 2.0, 2.1, 2.2].iter().map(|g| 20.0 * g.log10()).sum::<f64>() / 4.0;
    let difference = group("ketamine - placebo");
    assert!((difference.change.expect("change") - expected).abs() < 0.4, "{difference:?}");
    assert_eq!((difference.n, difference.p), (Some(4), Some(2.0 / 16.0)));
    assert!(group("placebo").change.expect("change").abs() < 0.4);
    assert!(
        results
            .spectra
            .iter()
            .any(|s| s.subject == "group" && s.treatment == "ketamine" && s.ci_low.len() == s.freqs_hz.len())
    );
    assert!(results.time_courses.iter().any(|c| c.subject == "group" && c.marker == "beta"));
    let one_thread = run(&sessions, &config, &threads(1)).expect("run");
    assert_eq!(results_json(&results).expect("json"), results_json(&one_thread).expect("json"));
}

#[test]
fn every_result_file_is_written_and_agrees_with_results() {
    let folder = tempfile::tempdir().expect("folder");
    let results = at_dose(2.0, &config(&["markers.only=[\"beta\", \"coh.alpha\"]"]));
    write_results(&results, folder.path()).expect("written");
    let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).expect(name);
    assert_eq!(read("results.json"), results_json(&results).expect("json"));
    assert_eq!(read("markers.tsv").lines().count(), results.markers.len() + 1);
    assert_eq!(read("contrasts.tsv").lines().count(), results.contrasts.len() + 1);
    let methods = read("methods.md");
    for part in [
        "2 s",
        "4 Hz full bandwidth",
        "300 µV",
        "seed 1",
        "10.1214/aos/1176347265",
        "10.1109/PROC.1982.12433",
    ] {
        assert!(methods.contains(part), "{part} in {methods}");
    }
    assert!(read("markers.json").contains("\"beta\""));
    assert!(
        std::fs::read_dir(folder.path()).expect("folder").all(|e| !e
            .expect("entry")
            .file_name()
            .to_string_lossy()
            .ends_with(".part"))
    );
    assert_eq!(folder.path().join("results.h5").exists(), cfg!(feature = "hdf5"));
}

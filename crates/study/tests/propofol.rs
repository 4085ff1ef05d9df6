//! A real recording: Cz before and after loss of consciousness under propofol (CC BY 4.0).
//!
//! The expected changes are MNE's: multitaper of 2-s epochs with 4 Hz bandwidth, median over epochs.

#![allow(clippy::print_stderr)] // a skipped test says so

use dosewave_study::{Config, Execution, Gate, Input, Results, compare, compare_dose_at};
use std::path::PathBuf;

/// Changes in dB by MNE, made by `testdata/generate/study.py`.
fn golden(key: &str) -> Vec<(String, f64)> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../testdata/golden/study_propofol.json");
    let text = std::fs::read_to_string(path).expect("golden file");
    let all: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let values = all[key].as_object().expect("object");
    values.iter().map(|(marker, db)| (marker.clone(), db.as_f64().expect("number"))).collect()
}

fn data(name: &str) -> Option<PathBuf> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../../../shared/data/Propofol2021/converted")
        .join(name);
    if path.exists() {
        return Some(path);
    }
    eprintln!("skipped: {name} is not beside the workspace");
    None
}

fn change(results: &Results, marker: &str) -> f64 {
    let row =
        results.contrasts.iter().find(|row| row.marker == marker && row.site == "global").expect(marker);
    row.change.unwrap_or_else(|| panic!("{marker}: {}", row.note))
}

fn config(settings: &[&str]) -> Config {
    let settings: Vec<String> = settings.iter().map(ToString::to_string).collect();
    Config::layered(None, &settings).expect("configuration")
}

fn assert_golden(results: &Results, key: &str, tolerance_db: f64) {
    for (marker, expected) in golden(key) {
        let found = change(results, &marker);
        eprintln!("{key} {marker}: {found:+.3} dB, MNE {expected:+.3} dB");
        assert!(
            (found - expected).abs() <= tolerance_db,
            "{key} {marker}: {found:+.3} dB, MNE {expected:+.3} dB"
        );
    }
}

#[test]
fn two_recordings_show_the_changes_that_mne_finds() {
    let (Some(pre), Some(post)) = (data("cz_pre.edf"), data("cz_post.edf")) else { return };
    let results =
        compare(Input::Path(pre), Input::Path(post), &config(&[]), &Execution::default()).expect("compare");
    assert_golden(&results, "same_settings_db", 1e-8);
    // another order of median and mean, and no high-pass
    assert_golden(&results, "plain_db", 0.5);
    let session = &results.sessions[0];
    assert_eq!(
        (session.windows[0].n_epochs, session.windows[1].n_epochs),
        (46, 27),
        "no epoch is lost to the slow waves"
    );
    let delta =
        results.contrasts.iter().find(|row| row.marker == "delta" && row.site == "global").expect("delta");
    assert!(delta.ci_low.expect("ci") < 13.0 && delta.ci_high.expect("ci") > 12.5);
    assert!(delta.p.expect("p") < 0.01);
    assert_eq!(delta.gate, Gate::NotApplicable);
    // one channel has no pair: coupling is missing, with its reason
    let coupling = results.markers.iter().find(|row| row.marker == "wpli2_debiased.low_gamma").expect("row");
    assert!(coupling.value.is_none() && coupling.note.contains("channel"), "{}", coupling.note);
}

#[test]
fn one_recording_with_its_infusion_annotated_agrees() {
    let Some(full) = data("cz_full_propofol.edf") else { return };
    let config = config(&[
        "windows.post=[[\"200 s\", \"252 s\"]]",
        "inference.n_permutations=200",
        "inference.n_bootstrap=200",
    ]);
    let results = compare_dose_at(Input::Path(full), "propofol infusion", &config, &Execution::default())
        .expect("compare");
    assert_golden(&results, "plain_db", 0.5);
    let dose = results.sessions[0].dose.clone().expect("dose");
    // the annotation stands one sample before 100 s
    assert!(dose.label == "propofol infusion" && (dose.onset_s - 100.0).abs() < 1.5 / 1024.0, "{dose:?}");
    assert!((dose.duration_min - 200.0 / 60.0).abs() < 0.1, "{}", dose.duration_min);
    assert_eq!(results.sessions[0].windows[0].window, "baseline");
    let course = results.time_courses.iter().find(|course| course.marker == "low_gamma").expect("course");
    assert!(
        course.t_from_dose_min.first().is_some_and(|t| *t < -1.0)
            && course.t_from_dose_min.last().is_some_and(|t| *t > 3.5)
    );
    let last = course.change.last().copied().flatten().expect("last window");
    assert!(last < -2.0, "low gamma at the end of the infusion: {last}");
}

#[test]
fn brainvision_and_edf_agree_to_the_quantisation() {
    let (Some(edf), Some(vhdr)) = (data("cz_full_propofol.edf"), data("cz_full_propofol.vhdr")) else {
        return;
    };
    let config = config(&[
        "windows.post=[[\"200 s\", \"252 s\"]]",
        "inference.n_permutations=0",
        "inference.n_bootstrap=0",
        "markers.only=[\"delta\", \"low_gamma\", \"high_gamma\"]",
    ]);
    let run =
        |path| compare_dose_at(Input::Path(path), "100", &config, &Execution::default()).expect("compare");
    let (from_edf, from_vhdr) = (run(edf), run(vhdr));
    for marker in ["delta", "low_gamma", "high_gamma"] {
        let difference = (change(&from_edf, marker) - change(&from_vhdr, marker)).abs();
        // dosed at a time, not at the annotation: the twin's stands one sample earlier, which moves every epoch;
        // a step of 0.0033 µV is white noise of 2e-9 µV²/Hz
        assert!(difference < 1e-3, "{marker}: {difference} dB");
    }
}

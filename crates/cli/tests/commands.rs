//! The commands one after the other, as a newcomer types them.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

mod common;

use common::{FAST, Said, dosewave, names, one_with_dose, pair};
use serde_json::Value;
use std::path::Path;

fn ok(folder: &Path, arguments: &[&str]) -> Said {
    let said = dosewave(folder, arguments);
    assert_eq!(said.code, 0, "{arguments:?}: {}", said.err);
    said
}

fn fast(folder: &Path, arguments: &[&str]) -> Said {
    ok(folder, &arguments.iter().chain(&FAST).copied().collect::<Vec<_>>())
}

fn json(path: &Path) -> Value {
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// The change of a marker at site `global`.
fn change(results: &Value, marker: &str) -> f64 {
    let rows = results["contrasts"].as_array().unwrap();
    let row = rows.iter().find(|row| row["marker"] == marker && row["site"] == "global").unwrap();
    row["change"].as_f64().unwrap_or_else(|| panic!("{row}"))
}

#[test]
fn compare_writes_every_file_and_finds_the_change() {
    let folder = pair();
    let path = folder.path();
    let said = fast(path, &["compare", "pre.edf", "post.edf", "-o", "out"]);
    assert!(said.out.contains("low_gamma") && said.err.contains("report: out/report.html"), "{said:?}");
    assert_eq!(
        names(&path.join("out")),
        [
            "contrasts.tsv",
            "figures",
            "markers.json",
            "markers.tsv",
            "methods.md",
            "report.html",
            "responses.tsv",
            "results.h5",
            "results.json"
        ]
    );
    assert!(names(&path.join("out/figures")).iter().any(|name| name == "spectra.svg"));
    let results = json(&path.join("out/results.json"));
    for marker in ["delta", "alpha", "beta", "low_gamma"] {
        assert!((change(&results, marker) - 6.02).abs() < 0.6, "{marker}: {}", change(&results, marker));
    }
    let table = std::fs::read_to_string(path.join("out/contrasts.tsv")).unwrap();
    assert!(
        table.starts_with("subject\tsession\ttreatment\twindow\tmarker\tsite\tbaseline\tpost\tchange\tunit")
    );
    let table = std::fs::read_to_string(path.join("out/markers.tsv")).unwrap();
    assert!(table.starts_with("subject\tsession\ttreatment\twindow\tt_start_min\tt_stop_min\tmarker\tsite\tvalue\tunit\tn_epochs\temg_index_db\trim_ratio_db\tsp_rate_hz\tgate\tnote\n"));
}

#[test]
fn quiet_is_silent_and_json_is_json() {
    let folder = pair();
    let quiet = fast(folder.path(), &["compare", "pre.edf", "post.edf", "-o", "out", "-q"]);
    assert_eq!((quiet.out.as_str(), quiet.err.as_str()), ("", ""));
    let verbose = fast(folder.path(), &["compare", "pre.edf", "post.edf", "-o", "out", "-v"]);
    assert!(
        verbose.err.contains("0/1 reading and comparing") && verbose.err.contains("note: reference: "),
        "{verbose:?}"
    );
    // 250 Hz carry no high gamma: one line says so, no row is empty
    assert!(
        verbose.out.contains("missing, with the reason in the tables and the report: high_gamma, hfo,"),
        "{}",
        verbose.out
    );
    assert!(!verbose.out.contains("\n  high_gamma"), "{}", verbose.out);
    let machine = fast(folder.path(), &["compare", "pre.edf", "post.edf", "-o", "out", "--json"]);
    let contrasts: Value = serde_json::from_str(&machine.out).unwrap();
    assert_eq!(contrasts, json(&folder.path().join("out/results.json"))["contrasts"]);
}

#[test]
fn threads_change_no_byte_of_any_file() {
    let folder = pair();
    let path = folder.path();
    for threads in ["1", "2", "5"] {
        fast(path, &["compare", "pre.edf", "post.edf", "-o", threads, "-q", "-j", threads]);
    }
    for name in names(&path.join("1")).iter().filter(|name| *name != "figures" && *name != "results.h5") {
        let one = std::fs::read(path.join("1").join(name)).unwrap();
        for threads in ["2", "5"] {
            assert!(
                std::fs::read(path.join(threads).join(name)).unwrap() == one,
                "{name}, {threads} threads"
            );
        }
    }
}

#[test]
fn a_dose_may_be_told_in_every_way() {
    let folder = pair();
    let path = folder.path();
    one_with_dose(path);
    for at in ["30", "0:30", "elapsed 00:00:30", "ketamine infusion", "KETAMINE INFUSION", "ketamine"] {
        fast(path, &["compare", "one.edf", "--dose-at", at, "-o", at, "-q"]);
        let (got, expected) =
            (json(&path.join(at).join("results.json")), json(&path.join("30/results.json")));
        let changes = |results: &Value| {
            let rows = results["contrasts"].as_array().unwrap().iter();
            rows.map(|row| (row["marker"].clone(), row["site"].clone(), row["change"].clone()))
                .collect::<Vec<_>>()
        };
        assert_eq!(changes(&got), changes(&expected), "{at}");
    }
}

#[test]
fn a_report_can_be_made_again() {
    let folder = pair();
    let path = folder.path();
    fast(path, &["compare", "pre.edf", "post.edf", "-o", "out", "-q"]);
    for results in ["out", "out/results.json"] {
        ok(path, &["report", results, "-o", "again.html"]);
        let same = std::fs::read(path.join("again.html")).unwrap()
            == std::fs::read(path.join("out/report.html")).unwrap();
        assert!(same, "{results}");
    }
}

#[test]
fn markers_are_a_tidy_table() {
    let folder = pair();
    let said = ok(
        folder.path(),
        &["markers", "pre.edf", "-m", "alpha", "-m", "low_gamma", "--window", "0:20", "--window", "20:"],
    );
    let rows: Vec<Vec<&str>> = said.out.lines().map(|line| line.split('\t').collect()).collect();
    let column = |name: &str| rows[0].iter().position(|c| *c == name).unwrap();
    assert!(rows.iter().all(|row| row.len() == rows[0].len()));
    let mut seen: Vec<(&str, &str)> =
        rows[1..].iter().map(|r| (r[column("marker")], r[column("window")])).collect();
    seen.sort_unstable();
    seen.dedup();
    assert_eq!(seen.len(), 4, "two markers in two windows: {seen:?}");
    let white =
        rows[1..].iter().find(|r| r[column("marker")] == "alpha" && r[column("site")] == "Fz").unwrap();
    // average reference of two channels halves the variance: 12.5 µV² over 125 Hz
    let density: f64 = white[column("value")].parse().unwrap();
    assert!((density - 0.1).abs() < 0.02, "{density}");
    let as_json = ok(folder.path(), &["markers", "pre.edf", "-m", "alpha", "--json"]);
    assert!(serde_json::from_str::<Value>(&as_json.out).unwrap().is_array());
    ok(folder.path(), &["markers", "pre.edf", "-m", "alpha", "-o", "table.tsv"]);
    assert!(std::fs::read_to_string(folder.path().join("table.tsv")).unwrap().starts_with("subject\t"));
}

#[test]
fn a_simulated_recording_is_described_converted_and_read_back() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    ok(path, &["simulate", "-o", "rec.edf"]);
    assert_eq!(names(path), ["rec.edf", "rec.truth.json"]);
    assert!(json(&path.join("rec.truth.json"))["expected_changes"]["low_gamma_db"].as_f64().unwrap() > 1.0);
    let text = ok(path, &["info", "rec.edf"]).out;
    assert!(text.contains("32 at 400 Hz") && text.contains("ketamine infusion"), "{text}");
    let whole = dosewave::io::read(path.join("rec.edf")).unwrap();
    for name in ["rec.vhdr", "rec.h5", "again.edf"] {
        ok(path, &["convert", "rec.edf", name]);
        let copy = dosewave::io::read(path.join(name)).unwrap();
        let step = whole.data_uv().iter().zip(copy.data_uv()).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
        // 32-bit float, every bit, 16 bits of the largest channel's range
        let largest = whole.data_uv().iter().fold(0.0, |max: f64, v| max.max(v.abs()));
        let allowed = match name {
            "rec.vhdr" => 6e-8 * largest,
            "rec.h5" => 0.0,
            _ => 0.5 * 2.0 * largest / 65_535.0,
        };
        assert!(step <= allowed, "{name}: {step}");
        let described: Value = serde_json::from_str(&ok(path, &["info", name, "--json"]).out).unwrap();
        let described = &described[0];
        assert_eq!(described["n_times"].as_u64(), Some(whole.header().n_times()), "{name}");
        assert_eq!(described["channels"].as_array().map(Vec::len), Some(32), "{name}");
        assert_eq!(described["sfreq"].as_f64(), Some(400.0), "{name}");
    }
}

#[test]
fn info_goes_on_after_a_file_that_cannot_be_read() {
    let folder = pair();
    let said = dosewave(folder.path(), &["info", "nowhere.edf", "pre.edf"]);
    assert_eq!(said.code, 1);
    assert!(said.out.contains("pre.edf") && said.err.contains("nowhere.edf: no such file"), "{said:?}");
}

#[test]
fn the_demo_finds_what_was_planted() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let said = fast(path, &["demo", "-o", "demo", "--subjects", "3"]);
    assert!(said.out.contains("report: demo/report.html") && said.out.contains("truth"), "{}", said.out);
    let results = json(&path.join("demo/results.json"));
    let truth = results["truth"].as_array().unwrap();
    assert_eq!(truth.len(), 5);
    let covered = truth.iter().filter(|row| row["covered"] == true).count();
    // an interval misses one truth in twenty
    assert!(covered >= 4, "{}", said.out);
    for row in truth {
        let (planted, estimate) = (row["truth"].as_f64().unwrap(), row["estimate"].as_f64().unwrap());
        assert!(estimate * planted > 0.0 && estimate.abs() > 0.5 * planted.abs(), "{row}");
    }
    // the study can be run again by itself
    fast(path, &["run", "demo/study.toml", "-o", "again", "-q"]);
    assert_eq!(json(&path.join("again/results.json"))["contrasts"], results["contrasts"]);
}

#[test]
fn markers_say_their_warnings_on_stderr() {
    let folder = pair();
    // the filter is longer than the minute that was recorded
    let slow = ["markers", "pre.edf", "-m", "alpha", "--set", "clean.high_pass=0.05"];
    let said = dosewave(folder.path(), &slow);
    assert_eq!(said.code, 0, "{}", said.err);
    assert!(said.err.contains("note: filter: 1 of 1 runs are shorter than the filter"), "{}", said.err);
    assert!(!said.err.contains("average reference is the mean of 2"), "only good to know: {}", said.err);
    let verbose = dosewave(folder.path(), &[&slow[..], &["--verbose"]].concat());
    assert!(verbose.err.contains("the average reference is the mean of 2 channels only"), "{}", verbose.err);
    assert_eq!(dosewave(folder.path(), &[&slow[..], &["--quiet"]].concat()).err, "");
}

//! `convert --bids` and `bids`: a dataset that we write, and its derivatives.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

mod common;

use common::{FAST, dosewave, names, noise};
use dosewave::eeg::{Annotation, Seconds};
use serde_json::Value;
use std::path::Path;

/// Two subjects with ketamine and placebo, a dose at 30 s of 60 s, put into `study` by the command.
fn study(folder: &Path) {
    for (subject, seed) in [("01", 1), ("02", 2), ("03", 3)] {
        for (session, treatment) in [("a", "ketamine"), ("b", "placebo")] {
            let dose = Annotation::new(Seconds(30.0), Seconds(5.0), "infusion start");
            let recording = noise(5.0, seed * 10 + u64::from(session == "b")).with_annotations(vec![dose]);
            dosewave::io::write(&recording, folder.join("one.edf")).unwrap();
            let column = format!("treatment={treatment}");
            let arguments = [
                "convert",
                "one.edf",
                "study",
                "--bids",
                "--subject",
                subject,
                "--session",
                session,
                "--task",
                "rest",
                "--line",
                "50",
                "--reference",
                "Cz",
                "--column",
                &column,
                "--participant-column",
                "weight=70",
            ];
            let said = dosewave(folder, &arguments);
            assert_eq!(said.code, 0, "{}", said.err);
            assert!(
                said.err.contains(&format!("sub-{subject}_ses-{session}_task-rest_eeg.edf")),
                "{}",
                said.err
            );
        }
    }
}

fn bids(folder: &Path, more: &[&str]) -> common::Said {
    let windows =
        ["--set", "windows.baseline=[\"-30 s\", \"0 s\"]", "--set", "windows.post=[[\"0 s\", \"30 s\"]]"];
    let arguments: Vec<&str> =
        ["bids", "study", "out"].iter().chain(more).chain(&FAST).chain(&windows).copied().collect();
    dosewave(folder, &arguments)
}

#[test]
fn participants_then_the_group() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    study(path);
    let early = bids(path, &["group"]);
    assert!(early.code == 2 && early.err.contains("run the level participant first"), "{}", early.err);
    assert!(!path.join("out").exists());
    let said = bids(path, &["participant", "--participant-label", "01", "sub-02"]);
    assert_eq!(said.code, 0, "{}", said.err);
    let out = path.join("out");
    assert_eq!(
        names(&out),
        [
            ".bidsignore",
            "README",
            "dataset_description.json",
            "sub-01",
            "sub-01.html",
            "sub-02",
            "sub-02.html"
        ]
    );
    let eeg = out.join("sub-01/ses-a/eeg");
    let stem = "sub-01_ses-a_task-rest_desc-dosewave";
    let expected: Vec<String> =
        ["contrasts.json", "contrasts.tsv", "markers.json", "markers.tsv", "responses.json", "responses.tsv"]
            .iter()
            .map(|name| format!("{stem}_{name}"))
            .collect();
    assert_eq!(names(&eeg), expected);
    let table = std::fs::read_to_string(eeg.join(format!("{stem}_markers.tsv"))).unwrap();
    let row = table.lines().nth(1).unwrap();
    assert!(
        row.starts_with("sub-01\tses-a\tketamine\tbaseline\t-0.5\t0\t") && !table.contains("\t\t"),
        "{row}"
    );
    assert!(bids(path, &["participant", "--participant-label", "03"]).code == 0);
    let said = bids(path, &["group"]);
    assert_eq!(said.code, 0, "{}", said.err);
    let results: Value =
        serde_json::from_str(&std::fs::read_to_string(out.join("group/results.json")).unwrap()).unwrap();
    let rows = results["contrasts"].as_array().unwrap();
    assert!(rows.iter().any(|r| r["subject"] == "group" && r["treatment"] == "ketamine - placebo"));
    let inputs: Vec<&str> = results["provenance"]["inputs"]
        .as_array()
        .unwrap()
        .iter()
        .map(|i| i["name"].as_str().unwrap())
        .collect();
    assert!(inputs.contains(&"sub-01/ses-a/eeg/sub-01_ses-a_task-rest_events.tsv"), "{inputs:?}");
    let said = bids(path, &["group", "--set", "seed=99"]);
    assert!(said.code == 2 && said.err.contains("another configuration"), "{}", said.err);
}

/// The group of participants that were analysed one by one is that of a study of all of them.
#[test]
fn the_group_is_that_of_one_run() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    study(path);
    assert_eq!(bids(path, &["participant"]).code, 0);
    assert_eq!(bids(path, &["group"]).code, 0);
    use dosewave::io::{Limits, bids::Dataset};
    use dosewave::study::{BidsDesign, Config, Execution, bids_study, results_json, run};
    let settings = [
        "inference.n_bootstrap=20",
        "inference.n_permutations=20",
        "windows.baseline=[\"-30 s\", \"0 s\"]",
        "windows.post=[[\"0 s\", \"30 s\"]]",
    ];
    let config = Config::layered(None, &settings.map(String::from)).unwrap();
    let dataset = std::sync::Arc::new(Dataset::open(path.join("study"), &Limits::default()).unwrap());
    let found = bids_study(&dataset, &BidsDesign::default(), &config).unwrap();
    let specs: Vec<_> = found.sessions.into_iter().map(|s| s.spec).collect();
    let whole = results_json(&run(&specs, &config, &Execution::default()).unwrap()).unwrap();
    let merged = std::fs::read_to_string(path.join("out/group/results.json")).unwrap();
    assert!(whole == merged, "the merged results differ");
}

#[test]
fn what_does_not_fit_is_refused_before_anything_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    study(path);
    for (arguments, words) in [
        (&["participant", "--participant-label", "09"][..], "there are 01, 02, 03"),
        (&["participant", "--only", "task-odd"], "no EEG recording with task-odd"),
        (&["participant", "--only", "task"], "'task' is not key-label"),
        (&["participant", "--before", "ses-a"], "--after"),
        (&["nonsense"], "participant, group"),
    ] {
        let said = bids(path, arguments);
        assert!(said.code == 2 && said.err.contains(words), "{arguments:?}: {}", said.err);
        assert!(!path.join("out").exists(), "{arguments:?}");
    }
    let said = dosewave(path, &["bids", "study", "study", "participant"]);
    assert!(said.code == 2 && said.err.contains("another dataset is there"), "{}", said.err);
    std::fs::create_dir(path.join("empty")).unwrap();
    let said = dosewave(path, &["bids", "empty", "out", "participant"]);
    assert!(said.code == 3 && said.err.contains("no dataset_description.json"), "{}", said.err);
    let said = dosewave(path, &["convert", "one.edf", "x.edf", "--subject", "01"]);
    assert!(said.code == 2 && said.err.contains("--bids"), "{}", said.err);
    let said = dosewave(
        path,
        &["convert", "one.edf", "study", "--bids", "--subject", "01", "--session", "a", "--task", "rest"],
    );
    assert!(said.code == 2 && said.err.contains("there already"), "{}", said.err);
}

#[test]
fn a_recording_of_a_dataset_brings_its_sidecars_along_and_can_lose_names() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    study(path);
    let eeg = "study/sub-01/ses-a/eeg/sub-01_ses-a_task-rest";
    std::fs::write(
        path.join(format!("{eeg}_events.tsv")),
        "onset\tduration\ttrial_type\n30\t5\tdose\n40\t0\tDr. House came\n",
    )
    .unwrap();
    let said = dosewave(
        path,
        &[
            "convert",
            &format!("{eeg}_eeg.edf"),
            "shared",
            "--bids",
            "--subject",
            "X1",
            "--task",
            "rest",
            "--anonymize",
            "--column",
            "visit=2.5.2021",
        ],
    );
    assert_eq!(said.code, 0, "{}", said.err);
    assert!(said.err.contains("the value of the column visit"), "{}", said.err);
    let events = std::fs::read_to_string(path.join("shared/sub-X1/eeg/sub-X1_task-rest_events.tsv")).unwrap();
    assert!(
        events.contains("30\t5\tdose") && events.contains("removed") && !events.contains("House"),
        "{events}"
    );
}

#[cfg(unix)]
#[test]
fn a_session_whose_content_is_not_here_fails_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    study(path);
    let file = path.join("study/sub-01/ses-b/eeg/sub-01_ses-b_task-rest_eeg.edf");
    std::fs::remove_file(&file).unwrap();
    std::os::unix::fs::symlink("../../../.git/annex/objects/x", &file).unwrap();
    let said = bids(path, &["participant", "--participant-label", "01"]);
    assert_eq!(said.code, 1, "{}", said.err);
    assert!(said.err.contains("datalad get") && said.err.contains("sub-01 ses-b"), "{}", said.err);
    assert!(path.join("out/sub-01/ses-a/eeg/sub-01_ses-a_task-rest_desc-dosewave_markers.tsv").is_file());
}

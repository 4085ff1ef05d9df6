//! What `info` and `convert` say of the small recordings of `testdata`.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

mod common;

use common::{Said, dosewave};
use serde_json::Value;
use std::path::{Path, PathBuf};

fn testdata(name: &str) -> String {
    let path: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata").join(name);
    path.canonicalize().unwrap().display().to_string()
}

fn ok(folder: &Path, arguments: &[&str]) -> Said {
    let said = dosewave(folder, arguments);
    assert_eq!(said.code, 0, "{arguments:?}: {}", said.err);
    said
}

#[test]
fn info_tells_a_newcomer_of_triggers_units_impedances_and_other_rates() {
    let folder = tempfile::tempdir().unwrap();
    let info = |name: &str| ok(folder.path(), &["info", &testdata(name)]).out;
    let status = info("edf/status.bdf");
    for expected in [
        "BDF",
        "A1 Status",
        "Status       TRIG, Boolean",
        "0.250 s  Status/255",
        "battery was low from 1.250 s",
    ] {
        assert!(status.contains(expected), "{expected}: {status}");
    }
    let mixed = info("edf/mixed_rates.edf");
    assert!(mixed.contains("other rate   SpO2 at 0.25 Hz (2 samples, %)"), "{mixed}");
    let brainvision = info("brainvision/int16.vhdr");
    for expected in [
        "impedances   1 recorded, the highest 4 kΩ at Fz",
        "C,z          EEG, µV, recorded in nV",
        "GSR          MISC, µS",
        "2 with pauses between them",
        "Stimulus/S  1",
    ] {
        assert!(brainvision.contains(expected), "{expected}: {brainvision}");
    }
}

#[test]
fn info_as_json_has_all_of_it() {
    let folder = tempfile::tempdir().unwrap();
    let out = ok(
        folder.path(),
        &["info", "--json", &testdata("edf/gaps.edf"), &testdata("brainvision/int16.vhdr")],
    )
    .out;
    let found: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(found[0]["format"], "EDF+D");
    assert_eq!(found[0]["runs"][1]["onset"], 60.0);
    assert_eq!(found[0]["annotations"][0]["label"], "dose");
    assert_eq!(found[1]["channels"][1]["recorded_unit"], "nV");
    assert_eq!(found[1]["channels"][0]["impedance_kohm"], 4.0);
    assert!(found[1]["notes"].is_array() && found[1]["duration_s"].as_f64().unwrap() > 60.0);
}

#[test]
fn info_warns_of_volts_taken_for_microvolts() {
    let folder = tempfile::tempdir().unwrap();
    dosewave::io::write(&common::noise(1e-5, 1), folder.path().join("volts.h5")).unwrap();
    let text = ok(folder.path(), &["info", "volts.h5"]).out;
    assert!(text.contains("2 of 2 EEG channels (Fz, Pz) cannot be EEG"), "{text}");
    assert!(text.contains("10^6 times too small (volts taken for µV?)"), "{text}");
}

/// Everything that names the person or the day in `latin1_with_names.edf`.
const PLANTED: [&str; 9] =
    ["0234567", "harry", "jürgen", "müller", "1951", "emg561", "sony", "0301234567", "2021"];

#[test]
fn convert_takes_out_what_names_a_person_and_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let input = testdata("edf/latin1_with_names.edf");
    for name in ["a.edf", "a.bdf", "a.vhdr", "a.h5"] {
        let said = ok(folder.path(), &["convert", "--anonymize", "--json", &input, name]);
        let told: Value = serde_json::from_str(&said.out).unwrap();
        assert_eq!(told["removed"]["fields"], serde_json::json!(["patient", "recording"]), "{name}");
        assert_eq!(told["removed"]["labels_kept"], serde_json::json!(["dose ketamine"]), "{name}");
        assert!(said.err.contains("removed: patient") && said.err.contains("1985-01-01"), "{}", said.err);
        assert!(said.err.contains("the text of 2 annotation(s), at 0.750 s, 0.800 s"), "{}", said.err);
        for planted in PLANTED {
            assert!(
                !said.out.to_lowercase().contains(planted) && !said.err.to_lowercase().contains(planted),
                "{planted}"
            );
        }
    }
    for entry in std::fs::read_dir(folder.path()).unwrap() {
        let path = entry.unwrap().path();
        let bytes = std::fs::read(&path).unwrap();
        let texts = [
            String::from_utf8_lossy(&bytes).to_lowercase(),
            bytes.iter().map(|b| char::from(*b)).collect::<String>().to_lowercase(),
        ];
        for planted in PLANTED {
            assert!(texts.iter().all(|text| !text.contains(planted)), "{planted} in {}", path.display());
        }
    }
    let said = ok(folder.path(), &["convert", "--anonymize", &input, "mueller_emg561.edf"]);
    assert!(said.err.contains("rename it before you share it"), "{}", said.err);
}

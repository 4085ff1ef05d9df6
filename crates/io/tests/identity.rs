//! What files of each format say of persons, dates and devices, and that none of it is in the recording.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use dosewave_io::{Identifier, Limits, Source, anonymize, open, open_source};
use std::path::{Path, PathBuf};

fn testdata(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata").join(name)
}

fn identity(name: &str) -> Vec<(String, String)> {
    let found = open(testdata(name), &Limits::default()).unwrap().identity();
    found.into_iter().map(|Identifier { field, value }| (field, value)).collect()
}

fn assert_identity(name: &str, expected: &[(&str, &str)]) {
    let expected: Vec<(String, String)> =
        expected.iter().map(|(f, v)| (f.to_string(), v.to_string())).collect();
    assert_eq!(identity(name), expected, "{name}");
}

#[test]
fn fif() {
    assert_identity(
        "fif/persons_raw.fif",
        &[
            ("subject: id", "234567"),
            ("subject: first name", "Harry"),
            ("subject: last name", "Haagse"),
            ("subject: birthday", ""),
            ("subject: sex", ""),
            ("subject: hand", ""),
            ("subject: id in the hospital", "MCH-0234567"),
            ("experimenter", "Doe"),
            ("description", ""),
            ("date of the recording", ""),
            ("project: id", "77"),
            ("project: name", ""),
            ("device: type", ""),
            ("device: model", ""),
            ("device: serial number", "SN-4711"),
            ("device: site", "Utrecht"),
            ("file id: computer and date", ""),
        ],
    );
    assert_identity("fif/undated_raw.fif", &[("file id: computer and date", "")]);
    let split = identity("fif/split/split_raw.fif");
    assert!(split.contains(&("file name in the header".into(), "split_raw-1".into())), "{split:?}");
}

#[test]
fn words_of_a_name_are_taken_out_of_labels_and_no_byte_of_it_is_kept() {
    let mut reader = open(testdata("fif/persons_raw.fif"), &Limits::default()).unwrap();
    let identity = reader.identity();
    let (clean, removed) = anonymize(reader.read(0..60).unwrap(), &identity).unwrap();
    assert_eq!(removed.labels_kept, ["dose"]);
    assert_eq!(removed.annotations_at_s.len(), 1);
    let text = serde_json::to_string(clean.header()).unwrap().to_lowercase();
    for planted in ["harry", "haagse", "0234567", "4711", "utrecht", "tuin", "second dose", "2020"] {
        assert!(!text.contains(planted), "{planted}: {text}");
    }
}

#[test]
fn neuroscan() {
    // the generator writes no more than when it was recorded
    assert_identity("neuroscan/int16_events1.cnt", &[("date", "")]);
    let mut bytes = std::fs::read(testdata("neuroscan/int16_events1.cnt")).unwrap();
    for (at, text) in [(21, "MCH-0234567"), (61, "Dr. Roe"), (121, "Haagse")] {
        bytes[at..at + text.len()].copy_from_slice(text.as_bytes());
    }
    let source = dosewave_io::MemorySource::new("a.cnt", bytes);
    assert_eq!(source.name(), "a.cnt");
    let found = open_source(Box::new(source), &Limits::default()).unwrap().identity();
    let expected = [("id", "MCH-0234567"), ("doctor", "Dr. Roe"), ("patient", "Haagse"), ("date", "")];
    assert_eq!(found, expected.map(|(field, value)| Identifier::new(field, value)));
}

#[test]
fn xdf() {
    assert_identity("xdf/streams.xdf", &[("datetime of the file", "")]);
}

#[test]
fn egi() {
    assert_identity("egi/version2.raw", &[("date and time of the recording", "")]);
    assert_identity("egi/four.mff", &[("info.xml: recordTime", "")]);
}

#[test]
fn eeglab() {
    for name in ["one_file_v6.set", "one_file_v7.set", "flat_v7.set"] {
        assert_identity(&format!("eeglab/{name}"), &[("EEG.setname", ""), ("EEG.comments", "")]);
    }
    let v73 = identity("eeglab/one_file_v73.set");
    assert_eq!(v73.last().unwrap().0, "date in the first bytes of the file");
    let with_fdt = identity("eeglab/with_fdt.set");
    assert!(with_fdt.contains(&("file name in the header (EEG.datfile)".into(), "with_fdt".into())));
}

#[test]
fn nwb() {
    assert_identity(
        "nwb/persons.nwb",
        &[
            ("identifier", ""),
            ("session_description", ""),
            ("session_start_time", ""),
            ("timestamps_reference_time", ""),
            ("file_create_date", ""),
            ("general/experimenter", "Doe, Jane"),
            ("general/experimenter", "Roe"),
            ("general/institution", "Clinic"),
            ("general/session_id", ""),
            ("general/notes", ""),
            ("general/subject/date_of_birth", ""),
            ("general/subject/description", ""),
            ("general/subject/sex", ""),
            ("general/subject/subject_id", "MCH-0234567"),
            ("general/devices/amplifier: serial_number", "SN-4711"),
            ("general/devices/amplifier: description", ""),
        ],
    );
}

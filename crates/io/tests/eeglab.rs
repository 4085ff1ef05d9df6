//! EEGLAB's sets in every way of writing them (`testdata/generate/eeglab_sets.py`): the values put in come out.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use dosewave_eeg::{ChannelKind, Recording};
use dosewave_io::{Limits, MemorySource, open, open_source};
use std::path::PathBuf;

const N_TIMES: usize = 300;
const ONE_FILE: [&str; 6] = [
    "one_file_v6.set",
    "one_file_v7.set",
    "double_v7.set",
    "flat_v7.set",
    "one_file_v73.set",
    "flat_v73.set",
];

fn path(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../testdata/eeglab").join(name)
}

fn read(name: &str) -> Recording {
    dosewave_io::read(path(name)).unwrap_or_else(|e| panic!("{name}: {e}"))
}

/// The sample that the generator wrote.
fn sample(channel: usize, time: usize) -> f64 {
    10.0 * (channel + 1) as f64 + ((7919 * time + 31 * channel) % 1000) as f64 / 8.0 - 62.5
}

fn check_samples(name: &str, recording: &Recording, channels: &[usize], first: usize, factor: f64) {
    assert_eq!(recording.data_uv().nrows(), channels.len(), "{name}");
    for ((row, t), value) in recording.data_uv().indexed_iter() {
        assert_eq!(*value, factor * sample(channels[row], first + t), "{name}: channel {row}, time {t}");
    }
}

fn events(recording: &Recording) -> Vec<(f64, f64, &str)> {
    recording.annotations().iter().map(|a| (a.onset.0, a.duration.0, a.label.as_str())).collect()
}

fn runs(recording: &Recording) -> Vec<(f64, u64)> {
    recording.runs().iter().map(|run| (run.onset.0, run.samples.start)).collect()
}

#[test]
fn sets_in_one_file_of_every_version() {
    for name in ONE_FILE {
        let recording = read(name);
        check_samples(name, &recording, &[0, 1, 2, 3], 0, 1.0);
        assert_eq!(recording.data_uv().ncols(), N_TIMES);
        assert_eq!((recording.sfreq().0, recording.header().format.as_str()), (100.0, "EEGLAB"), "{name}");
        assert_eq!(recording.header().ch_names(), ["Fz", "C3", "Pz", "EOG1"], "{name}");
        assert_eq!(recording.channels()[3].kind, ChannelKind::Eog, "{name}");
        let expected = [(0.5, 0.0, "square"), (0.7925, 0.2, "rt"), (2.005, 0.0, "dose µg")];
        assert_eq!(events(&recording), expected, "{name}");
        let notes: Vec<&str> = recording.header().notes.iter().map(|n| n.text.as_str()).collect();
        assert_eq!(notes, ["the reference is recorded as 'common'"], "{name}");
        // a sphere of radius 1 gets 95 mm, one of 85 keeps its millimetres; the left stays left
        let radius = if name == "double_v7.set" { 0.085 } else { 0.095 };
        let [x, y, z] = recording.channels()[1].position.unwrap();
        assert!(
            (x + 0.8 * radius).abs() < 1e-9 && y.abs() < 1e-9 && (z - 0.6 * radius).abs() < 1e-9,
            "{name}"
        );
        let [x, y, _] = recording.channels()[0].position.unwrap();
        assert!(x.abs() < 1e-9 && (y - 0.6 * radius).abs() < 1e-9, "{name}");
    }
}

#[test]
fn integers_are_numbers_too() {
    check_samples("int16_v6.set", &read("int16_v6.set"), &[0, 1, 2, 3], 0, 8.0);
}

#[test]
fn samples_beside_the_set_in_both_orders() {
    for name in ["with_fdt.set", "with_dat.set"] {
        check_samples(name, &read(name), &[0, 1, 2, 3], 0, 1.0);
    }
    assert_eq!(events(&read("with_dat.set")), []);
    // numbers as types; one event without any
    let expected = [(0.0, 0.0, "1"), (0.99, 0.0, "2.5"), (2.99, 0.0, "event")];
    assert_eq!(events(&read("with_fdt.set")), expected);
}

#[test]
fn windows_and_picks_are_parts_of_the_whole() {
    for name in [&ONE_FILE[..], &["with_fdt.set", "with_dat.set", "epochs_v73.set"]].concat() {
        let mut reader = open(path(name), &Limits::default()).unwrap();
        // forwards, on the spot, and back again
        for (from, to) in [(10, 20), (20, 120), (95, 205), (3, 4), (290, 400), (0, 0), (500, 600)] {
            let part = reader.read_picks(from..to, &[3, 1]).unwrap();
            check_samples(name, &part, &[3, 1], from as usize, 1.0);
            let n = to.min(300).saturating_sub(from);
            assert_eq!(part.data_uv().ncols() as u64, n, "{name} {from}..{to}");
            assert_eq!(part.header().ch_names(), ["EOG1", "C3"]);
        }
        let error = reader.read_picks(0..1, &[4]).unwrap_err().to_string();
        assert!(error.contains("channel index = 4") && error.contains(name), "{error}");
    }
}

#[test]
fn a_set_that_mne_exports() {
    let recording = read("eeglabio.set");
    for ((channel, time), value) in recording.data_uv().indexed_iter() {
        // 32-bit floats of volts
        let expected = sample(channel, time);
        assert!((value - expected).abs() <= 2e-7 * expected.abs(), "{channel} {time}: {value} {expected}");
    }
    assert_eq!(events(&recording), [(0.5, 0.0, "dose"), (1.25, 0.5, "eyes/open")]);
    assert_eq!(recording.header().ch_names(), ["Fz", "C3", "Pz", "EOG1"]);
    let [x, y, z] = recording.channels()[1].position.unwrap();
    assert!((x + 0.07).abs() < 1e-12 && y.abs() < 1e-12 && (z - 0.06).abs() < 1e-12, "{x} {y} {z}");
}

#[test]
fn boundaries_are_pauses() {
    let recording = read("boundaries.set");
    check_samples("boundaries.set", &recording, &[0, 1, 2, 3], 0, 1.0);
    // 250 samples were cut out after the hundredth, an unknown number after the two hundredth
    assert_eq!(runs(&recording), [(0.0, 0), (3.5, 100), (4.5, 200)]);
    let expected = [
        (0.0, 0.0, "boundary"),
        (0.49, 0.0, "a"),
        (0.995, 2.5, "boundary"),
        (3.99, 0.0, "b"),
        (4.495, 0.0, "boundary"),
        (4.99, 0.0, "c"),
    ];
    for (found, expected) in events(&recording).iter().zip(expected) {
        assert!(
            (found.0 - expected.0).abs() < 1e-12 && found.1 == expected.1 && found.2 == expected.2,
            "{found:?}"
        );
    }
    let notes = format!("{:?}", recording.header().notes);
    assert!(
        notes.contains("0.100 s were cut off") && notes.contains("1 boundary event(s) do not say"),
        "{notes}"
    );
}

#[test]
fn epochs_are_runs_at_their_true_times_where_these_are_known() {
    for name in ["epochs.set", "epochs_v73.set"] {
        let recording = read(name);
        check_samples(name, &recording, &[0, 1, 2, 3], 0, 1.0);
        assert_eq!(runs(&recording), [(0.5, 0), (3.5, 100), (7.0, 200)], "{name}");
        let expected = [(0.7, "square"), (0.905, "rt"), (3.7, "square"), (7.2, "square")];
        for (found, expected) in events(&recording).iter().zip(expected) {
            assert!((found.0 - expected.0).abs() < 1e-12 && found.2 == expected.1, "{name} {found:?}");
        }
        assert_eq!(recording.annotations().len(), 4);
        let unmixing = recording.header().details.unmixing.as_ref().unwrap();
        assert_eq!(unmixing.channels, ["C3", "EOG1"], "{name}");
        // [[1, 2], [3, 4], [5, 6]] · [[2, 0.5], [0, 1]]
        assert_eq!(unmixing.matrix, [[2.0, 2.5], [6.0, 5.5], [10.0, 8.5]], "{name}");
    }
    let recording = read("epochs_overlapping.set");
    assert_eq!(runs(&recording), [(0.0, 0), (1.0, 100), (2.0, 200)]);
    let notes = format!("{:?}", recording.header().notes);
    assert!(notes.contains("epoch 2 begins before the one before it ends"), "{notes}");
    assert!(notes.contains("0.2 s after the epoch's start"), "{notes}");
}

/// As a source in memory, with the bytes of a sibling under a name of choice.
fn in_memory(name: &str, sibling: Option<(&str, &str)>) -> Result<Recording, String> {
    let mut source = MemorySource::new(name, std::fs::read(path(name)).unwrap());
    if let Some((file, called)) = sibling {
        source = source.with_sibling(called, std::fs::read(path(file)).unwrap());
    }
    let mut reader = open_source(Box::new(source), &Limits::default()).map_err(|e| e.to_string())?;
    reader.read(0..N_TIMES as u64).map_err(|e| e.to_string())
}

#[test]
fn bytes_in_memory_are_read_as_files_are() {
    for name in ONE_FILE {
        assert_eq!(in_memory(name, None).unwrap(), read(name), "{name}");
    }
    let sibling = Some(("with_fdt.fdt", "with_fdt.fdt"));
    assert_eq!(in_memory("with_fdt.set", sibling).unwrap(), read("with_fdt.set"));
}

#[test]
fn a_set_without_its_samples_says_what_is_missing() {
    let text = in_memory("with_fdt.set", None).unwrap_err();
    assert_eq!(text, "with_fdt.set: its data file 'with_fdt.fdt' is missing; copy it beside the set");
    // another case of letters is the same file
    let sibling = Some(("with_fdt.fdt", "With_FDT.fdt"));
    assert_eq!(in_memory("with_fdt.set", sibling).unwrap().data_uv(), read("with_fdt.set").data_uv());
    // of the wrong size
    let text = in_memory("with_dat.set", Some(("with_fdt.set", "with_dat.dat"))).unwrap_err();
    assert!(text.contains("with_dat.dat") && text.contains("300 samples, as the set says"), "{text}");
    let cut = in_memory("with_fdt.set", Some(("with_fdt.set", "with_fdt.fdt"))).unwrap();
    assert!(cut.header().notes.iter().any(|n| n.text.contains("the set claims 300 samples")));
    let text = dosewave_io::read(path("with_fdt.fdt")).unwrap_err().to_string();
    assert!(text.contains("open the set 'with_fdt.set' instead"), "{text}");
}

#[test]
fn a_renamed_set_finds_samples_of_its_own_new_name() {
    let set = std::fs::read(path("with_fdt.set")).unwrap();
    let samples = std::fs::read(path("with_fdt.fdt")).unwrap();
    let source = MemorySource::new("sub-01_eeg.set", set).with_sibling("sub-01_eeg.fdt", samples);
    let mut reader = open_source(Box::new(source), &Limits::default()).unwrap();
    check_samples("renamed", &reader.read(0..300).unwrap(), &[0, 1, 2, 3], 0, 1.0);
    let notes = format!("{:?}", reader.header().notes);
    assert!(notes.contains("'with_fdt.fdt' is missing; 'sub-01_eeg.fdt' is read"), "{notes}");
}

#[test]
fn limits_are_kept() {
    let limits = Limits { max_channels: 3, ..Limits::default() };
    let error = open(path("one_file_v7.set"), &limits).err().unwrap().to_string();
    assert!(error.contains("the number of channels is 4, the limit is 3"), "{error}");
    let limits = Limits { max_annotations: 2, ..Limits::default() };
    for name in ["one_file_v6.set", "one_file_v73.set"] {
        let error = open(path(name), &limits).err().unwrap().to_string();
        assert!(error.contains("the number of annotations is 3, the limit is 2"), "{error}");
    }
    let limits = Limits { max_alloc: 1000, ..Limits::default() };
    let error = open(path("one_file_v6.set"), &limits).unwrap().read(0..300).unwrap_err().to_string();
    assert!(error.contains("300 samples of 4 channels (bytes) is 9600, the limit is 1000"), "{error}");
}

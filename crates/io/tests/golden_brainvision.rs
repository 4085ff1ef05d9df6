//! Filters, number of annotations and windows of the shared BrainVision recordings against MNE's.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::print_stderr)]

use dosewave_io::{Limits, open};
use serde_json::Value;
use std::path::{Path, PathBuf};

const FILES: [&str; 16] = [
    "Propofol2021/converted/cz_full_propofol.vhdr",
    "eeglab/testbva.vhdr",
    "mne-bids/tiny_bids/sub-01/ses-eeg/eeg/sub-01_ses-eeg_task-rest_eeg.vhdr",
    "mne-python/brainvision/test.vhdr",
    "mne-python/brainvision/test_highpass.vhdr",
    "mne-python/brainvision/test_highpass_hz.vhdr",
    "mne-python/brainvision/test_lowpass_s.vhdr",
    "mne-python/brainvision/test_mixed_highpass.vhdr",
    "mne-python/brainvision/test_mixed_highpass_hz.vhdr",
    "mne-python/brainvision/test_mixed_lowpass.vhdr",
    "mne-python/brainvision/test_mixed_lowpass_s.vhdr",
    "mne-python/brainvision/test_old_layout_latin1_software_filter.vhdr",
    "mne-python/brainvision/test_old_layout_latin1_software_filter_longname.vhdr",
    "mne-python/brainvision/test_partially_disabled_hw_filter.vhdr",
    "mne-python/brainvision/test_units.vhdr",
    "mne-python/brainvision/testv2.vhdr",
];

/// The shared recordings that are there, each with its golden values.
fn each(check: impl Fn(&str, &Path, &Value)) {
    let data: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    for name in FILES {
        let Ok(golden) = std::fs::read_to_string(data.join("golden").join(format!("{name}.json"))) else {
            eprintln!("skipped: {name} is not there");
            continue;
        };
        let golden: Value = serde_json::from_str(&golden).unwrap();
        check(name, &data.join(name), &golden["mne"]);
    }
}

/// MNE has one pair of edges for a recording, the widest of all channels (0 and Nyquist where a channel has none); here
/// each channel has its own.
#[test]
fn the_widest_of_our_edges_are_the_reference_s() {
    each(|name, path, golden| {
        let reader = open(path, &Limits::default()).unwrap();
        let header = reader.header();
        let nyquist = header.sfreq.0 / 2.0;
        let high_pass =
            header.channels.iter().map(|c| c.high_pass.map_or(0.0, |f| f.0)).fold(f64::INFINITY, f64::min);
        let low_pass = header
            .channels
            .iter()
            .map(|c| c.low_pass.map_or(nyquist, |f| f.0.min(nyquist)))
            .fold(0.0, f64::max);
        for (what, got) in [("highpass", high_pass), ("lowpass", low_pass)] {
            let expected = golden[what].as_f64().unwrap();
            assert!((got - expected).abs() <= 1e-12 * expected.abs(), "{name}: {what} {got}, MNE {expected}");
        }
    });
}

/// MNE leaves out markers behind the last sample, which are kept here.
#[test]
fn there_are_as_many_annotations_and_the_same_start() {
    each(|name, path, golden| {
        let reader = open(path, &Limits::default()).unwrap();
        let header = reader.header();
        let within = header.annotations.iter().filter(|a| a.onset.0 < header.end().0).count();
        assert_eq!(within as u64, golden["n_annotations"].as_u64().unwrap(), "{name}");
        let start = header.start.map_or("None".to_owned(), |t| t.to_string().replace('T', " ") + "+00:00");
        assert_eq!(start, golden["meas_date"].as_str().unwrap(), "{name}");
    });
}

#[test]
fn windows_of_real_recordings_hold_what_the_whole_holds() {
    each(|name, path, _| {
        let whole = dosewave_io::read(path).unwrap();
        let n = whole.header().n_times();
        let mut reader = open(path, &Limits::default()).unwrap();
        for (from, to) in [(0, 7), (n / 3, n / 3 + 50), (n - 5, n)] {
            let part = reader.read(from..to).unwrap();
            let columns = from as usize..to as usize;
            assert_eq!(
                part.data_uv(),
                whole.data_uv().slice(ndarray::s![.., columns]),
                "{name} {from}..{to}"
            );
        }
    });
}

/// Written by us and read again: what MNE reads of the original is what we read of the copy, to 32-bit float.
#[test]
fn real_recordings_written_again_keep_their_values() {
    let folder = tempfile::tempdir().unwrap();
    each(|name, path, _| {
        let whole = dosewave_io::read(path).unwrap();
        let copy = folder.path().join("copy.vhdr");
        dosewave_io::write(&whole, &copy).unwrap();
        let back = dosewave_io::read(&copy).unwrap();
        assert_eq!(back.header().ch_names(), whole.header().ch_names(), "{name}");
        assert_eq!(back.sfreq(), whole.sfreq(), "{name}");
        for (got, expected) in back.data_uv().iter().zip(whole.data_uv()) {
            assert!((got - expected).abs() <= 6e-8 * expected.abs(), "{name}: {got} {expected}");
        }
        assert_eq!(back.header().low_pass(), whole.header().low_pass(), "{name}");
        for expected in whole.annotations().iter().filter(|a| !a.label.starts_with("New Segment")) {
            let same = |a: &&dosewave_eeg::Annotation| (a.onset.0 - expected.onset.0).abs() < 1e-9;
            let found = back.annotations().iter().filter(same).any(|a| a.label == expected.label);
            assert!(found, "{name}: {expected:?}");
        }
    });
}

/// As MNE's `raw.impedances` has them, where it has a number.
#[test]
fn impedances_are_those_that_the_recorder_wrote() {
    each(|name, path, _| {
        let reader = open(path, &Limits::default()).unwrap();
        let known: Vec<(&str, f64)> = reader
            .header()
            .channels
            .iter()
            .filter_map(|c| Some((c.name.as_str(), c.impedance_kohm?)))
            .collect();
        if name.contains("old_layout_latin1") {
            assert_eq!(known.len(), 29, "{name}");
            assert_eq!((known[0], known[2].1, known[3]), (("F7", 0.0), 2.0, ("F4", 1.0)), "{name}");
        } else if name.contains("tiny_bids") {
            assert_eq!((known.len(), known[0], known[2]), (64, ("Fp1", 5.0), ("F7", 4.0)), "{name}");
        } else if name.ends_with("test_mixed_lowpass.vhdr") {
            assert_eq!(known, [("ReRef", 0.0)], "{name}");
        } else {
            assert_eq!(known, [], "{name}");
        }
    });
}

//! Damaged FIF, Neuroscan, XDF and EGI recordings: any cut, any flipped bit and any replaced number is an error or a
//! recording that keeps what recordings keep, in bounded memory.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use dosewave_eeg::Recording;
use dosewave_io::{Limits, MemorySource, open_source};
use proptest::prelude::*;
use std::path::Path;
use std::sync::OnceLock;

/// Files that belong together, the one that is opened first.
type Files = Vec<(&'static str, Vec<u8>)>;

const LIMITS: Limits = Limits { max_alloc: 1 << 20, max_channels: 64, max_annotations: 1000 };

fn load(folder: &str, names: &[&'static str]) -> Files {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata").join(folder);
    names.iter().map(|name| (*name, std::fs::read(folder.join(name)).unwrap())).collect()
}

/// A folder: the file that is read first bears its name.
fn folder(name: &'static str) -> Files {
    let mut files = vec![(name, load(&format!("egi/{name}"), &["info.xml"]).remove(0).1)];
    let others = [
        "info1.xml",
        "info2.xml",
        "epochs.xml",
        "sensorLayout.xml",
        "coordinates.xml",
        "pnsSet.xml",
        "Events_ECI.xml",
        "categories.xml",
        "signal1.bin",
        "signal2.bin",
    ];
    files.extend(load(&format!("egi/{name}"), &others));
    files
}

/// One small recording of each dialect.
fn all() -> &'static [Files] {
    static ALL: OnceLock<Vec<Files>> = OnceLock::new();
    ALL.get_or_init(|| {
        vec![
            load("fif", &["undated_raw.fif"]),
            load("fif", &["skip_raw.fif"]),
            load("fif", &["proj_raw.fif"]),
            load("fif", &["whole-epo.fif"]),
            load("neuroscan", &["int16_events1.cnt"]),
            load("neuroscan", &["int16_blocks.cnt"]),
            load("neuroscan", &["int16_boundary.cnt"]),
            load("neuroscan", &["int32_events2.cnt"]),
            load("xdf", &["int8.xdf"]),
            load("xdf", &["reset.xdf"]),
            load("xdf", &["damaged.xdf"]),
            load("egi", &["version2.raw"]),
            load("egi", &["version5.raw"]),
            load("egi", &["version6.raw"]),
            folder("four.mff"),
            folder("old.mff"),
            folder("slow.mff"),
        ]
    })
}

fn read(files: &[(&'static str, Vec<u8>)]) -> Result<Recording, String> {
    let (first, siblings) = files.split_first().unwrap();
    let source = MemorySource::new(first.0, first.1.clone());
    let source =
        siblings.iter().fold(source, |source, (name, bytes)| source.with_sibling(name, bytes.clone()));
    let mut reader = open_source(Box::new(source), &LIMITS).map_err(|e| e.to_string())?;
    for (index, signal) in reader.header().other_signals.clone().iter().enumerate() {
        if let Ok(other) = reader.read_other(index, 0..signal.n_samples) {
            is_sound(&other, files);
        }
    }
    let n_times = reader.header().n_times();
    reader.read(0..n_times).map_err(|e| e.to_string())
}

/// What holds of any recording that is read.
fn is_sound(recording: &Recording, files: &[(&'static str, Vec<u8>)]) {
    let n_bytes: usize = files.iter().map(|(_, bytes)| bytes.len()).sum();
    assert!(recording.data_uv().len() <= n_bytes, "more samples than the files have bytes");
    assert!(recording.annotations().iter().all(|a| a.onset.0.is_finite() && a.duration.0 >= 0.0));
    assert!(recording.runs().iter().all(|run| run.onset.0.is_finite()));
    assert!(recording.channels().iter().all(|c| c.position.is_none_or(|p| p.iter().all(|v| v.is_finite()))));
    serde_json::to_string(recording.header()).unwrap();
}

#[test]
fn the_whole_files_are_read() {
    for files in all() {
        let recording = read(files).unwrap_or_else(|e| panic!("{e}"));
        assert!(recording.data_uv().ncols() > 0);
        is_sound(&recording, files);
    }
}

#[test]
fn every_cut_is_an_error_or_a_sound_recording() {
    for whole in all() {
        for file in 0..whole.len() {
            let (name, n_bytes) = (whole[file].0, whole[file].1.len());
            // headers byte by byte, what follows in steps that meet every place of a frame
            let cuts = (0..n_bytes.min(6000)).chain((6000..n_bytes).step_by(13));
            let mut errors = 0;
            for n in cuts {
                let mut files = whole.clone();
                files[file].1.truncate(n);
                match read(&files) {
                    Ok(recording) => is_sound(&recording, &files),
                    Err(text) => {
                        assert!(
                            text.contains(name) || text.contains(whole[0].0),
                            "{name} cut at {n}: {text}"
                        );
                        errors += 1;
                    }
                }
            }
            // lists of positions and the like can be missing, but not be half there
            assert!(errors > 0, "{name}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bits_may_flip(
        which in any::<prop::sample::Index>(),
        flips in prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>(), 0..8), 1..4),
    ) {
        let mut files = which.get(all()).clone();
        for (file, at, bit) in flips {
            let file = file.index(files.len());
            let at = at.index(files[file].1.len());
            files[file].1[at] ^= 1_u8 << bit;
        }
        if let Ok(recording) = read(&files) {
            is_sound(&recording, &files);
        }
    }

    #[test]
    fn any_number_may_be_replaced(
        which in any::<prop::sample::Index>(),
        at in any::<prop::sample::Index>(),
        number in prop_oneof![
            Just(0_u32), Just(1), Just(u32::MAX), Just(0x7fff_ffff), Just(0x8000_0000), Just(0x7fc0_0000),
            Just(0x0000_c07f), any::<u32>()
        ],
        big_endian in any::<bool>(),
    ) {
        let mut files = which.get(all()).clone();
        // mostly in headers
        let n = files[0].1.len().saturating_sub(4).min(4000);
        let at = at.index(n);
        let number = if big_endian { number.to_be_bytes() } else { number.to_le_bytes() };
        files[0].1[at..at + 4].copy_from_slice(&number);
        if let Ok(recording) = read(&files) {
            is_sound(&recording, &files);
        }
    }
}

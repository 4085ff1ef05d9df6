//! Damaged sets: any cut and any flipped bit is an error or a recording, in bounded memory and time.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use dosewave_eeg::Recording;
use dosewave_io::{Limits, MemorySource, read_source};
use proptest::prelude::*;

const FILES: [&str; 5] = ["one_file_v6.set", "epochs.set", "flat_v7.set", "with_fdt.set", "epochs_v73.set"];

fn bytes(name: &str) -> Vec<u8> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../testdata/eeglab/");
    std::fs::read(format!("{folder}{name}")).unwrap()
}

fn read(name: &str, bytes: Vec<u8>, samples: &[u8]) -> Result<Recording, String> {
    let source = MemorySource::new(name, bytes).with_sibling("with_fdt.fdt", samples.to_vec());
    let limits = Limits { max_alloc: 1 << 20, max_channels: 64, max_annotations: 100 };
    read_source(Box::new(source), &limits).map_err(|e| e.to_string())
}

/// What holds of any recording that is read.
fn is_sound(recording: &Recording) {
    assert!(recording.data_uv().len() <= 1 << 17, "more than the limit allows");
    assert!(recording.annotations().iter().all(|a| a.onset.0.is_finite() && a.duration.0 >= 0.0));
    assert!(recording.sfreq().0.is_finite() && recording.sfreq().0 > 0.0);
}

#[test]
fn every_cut_is_an_error_that_names_the_file_or_a_sound_recording() {
    let samples = bytes("with_fdt.fdt");
    for name in FILES {
        let whole = bytes(name);
        let expected = read(name, whole.clone(), &samples).unwrap();
        // of the large file of HDF5 every seventh
        for n in (0..whole.len()).step_by(if whole.len() > 20_000 { 7 } else { 1 }) {
            match read(name, whole[..n].to_vec(), &samples) {
                // only padding is lost at the very end; variables at the top of a file may end between two of them
                Ok(recording) if name == "flat_v7.set" => {
                    assert_eq!(recording.data_uv(), expected.data_uv(), "{name} cut at {n}");
                }
                Ok(recording) => assert!(n + 8 > whole.len() && recording == expected, "{name} cut at {n}"),
                Err(text) => {
                    assert!(text.contains(name) && !text.contains("limit"), "{name} cut at {n}: {text}");
                }
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bits_may_flip(
        file in 0..FILES.len(),
        flips in prop::collection::vec((any::<prop::sample::Index>(), 0..8), 1..4),
    ) {
        let mut damaged = bytes(FILES[file]);
        for (at, bit) in flips {
            let at = at.index(damaged.len());
            damaged[at] ^= 1u8 << bit;
        }
        if let Ok(recording) = read(FILES[file], damaged, &bytes("with_fdt.fdt")) {
            is_sound(&recording);
        }
    }

    #[test]
    fn any_word_may_be_replaced(file in 0..FILES.len(), at in any::<prop::sample::Index>(), word in any::<u32>()) {
        let mut damaged = bytes(FILES[file]);
        let at = at.index(damaged.len() / 4) * 4;
        damaged[at..at + 4].copy_from_slice(&word.to_le_bytes());
        if let Ok(recording) = read(FILES[file], damaged, &bytes("with_fdt.fdt")) {
            is_sound(&recording);
        }
    }
}

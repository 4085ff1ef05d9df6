//! Neuroscan recordings of every dialect (`testdata/generate/neuroscan.py`) against what MNE reads of them.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use dosewave_io::{Limits, MemorySource, open, read, read_source};
use serde_json::Value;
use std::path::{Path, PathBuf};

fn testdata() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata")
}

fn file(name: &str) -> PathBuf {
    testdata().join("neuroscan").join(name)
}

fn golden(name: &str) -> Value {
    let text = std::fs::read_to_string(testdata().join("golden/neuroscan.json")).unwrap();
    serde_json::from_str::<Value>(&text).unwrap()["files"][name].clone()
}

fn bytes(name: &str) -> Vec<u8> {
    std::fs::read(file(name)).unwrap()
}

const ALL: [&str; 4] = ["int16_events1.cnt", "int16_events3.cnt", "int16_blocks.cnt", "int32_events2.cnt"];

#[test]
fn samples_are_what_mne_reads() {
    for name in ALL {
        let (rec, golden) = (read(file(name)).unwrap(), golden(name));
        let names: Vec<&str> =
            golden["ch_names"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
        assert_eq!(rec.header().ch_names(), names, "{name}");
        assert_eq!(rec.sfreq().0, golden["sfreq"].as_f64().unwrap(), "{name}");
        assert_eq!(rec.header().start.unwrap().to_string(), golden["start"].as_str().unwrap(), "{name}");
        for (c, row) in golden["data"].as_array().unwrap().iter().enumerate() {
            let row: Vec<f64> = row.as_array().unwrap().iter().filter_map(Value::as_f64).collect();
            assert_eq!(row.len() as u64, rec.header().n_times(), "{name}");
            for (got, expected) in rec.data_uv().row(c).iter().zip(row) {
                assert!(
                    (got - expected).abs() <= 1e-9 * expected.abs().max(1.0),
                    "{name} {c}: {got} {expected}"
                );
            }
        }
    }
}

/// An event's place is that of its sample; MNE puts it one sample earlier, and takes the header off where places count
/// samples.
#[test]
fn events_are_at_their_samples() {
    for name in ALL {
        let rec = read(file(name)).unwrap();
        let got: Vec<(f64, &str)> =
            rec.annotations().iter().map(|a| (a.onset.0 * 250.0, a.label.as_str())).collect();
        assert_eq!(got, [(10.0, "7"), (99.0, "109"), (150.0, "KeyPad Response 5"), (200.0, "7")], "{name}");
        if name == "int16_events3.cnt" {
            continue;
        }
        for ((at, _), expected) in got.iter().zip(golden(name)["annotations"].as_array().unwrap()) {
            assert!((at / 250.0 - 1.0 / 250.0 - expected[0].as_f64().unwrap()).abs() < 1e-9, "{name}");
        }
    }
}

#[test]
fn the_width_is_decided_from_evidence_and_said() {
    for (name, bits, reason) in [
        ("int16_events1.cnt", 16, "1440 bytes are the stated 240 samples of 3 channels"),
        ("int32_events2.cnt", 32, "2880 bytes are the stated 240 samples of 3 channels"),
        ("int16_unstated.cnt", 16, "1 events begin in the middle of what would be 32-bit samples"),
    ] {
        let rec = read(file(name)).unwrap();
        let note = rec.header().notes.iter().find(|n| n.text.starts_with("samples have")).unwrap();
        assert!(
            note.text.starts_with(&format!("samples have {bits} bits: ")) && note.text.contains(reason),
            "{note}"
        );
    }
}

fn message(content: Vec<u8>) -> String {
    let error = read_source(Box::new(MemorySource::new("a.cnt", content)), &Limits::default()).err();
    error.map_or("it was read".to_owned(), |e| e.to_string())
}

#[test]
fn without_evidence_or_with_two_the_file_is_refused() {
    let mut unstated = bytes("int16_unstated.cnt");
    // without its table of events nothing tells
    unstated[886..890].fill(0);
    unstated.truncate(1125 + 1440);
    let text = message(unstated.clone());
    assert!(
        text.contains("nothing in the file speaks for either") && text.contains("export it as EDF"),
        "{text}"
    );
    // stated as 120 samples of 32 bits, while an event lies in the middle of one
    let mut twofold = bytes("int16_events1.cnt");
    twofold[864..868].copy_from_slice(&120_u32.to_le_bytes());
    let text = message(twofold);
    assert!(
        text.contains("for 16: 1 events") && text.contains("for 32: 1440 bytes are the stated 120"),
        "{text}"
    );
    // a section behind the events that says 16
    let at = unstated.len() as u32;
    unstated[12..16].copy_from_slice(&at.to_le_bytes());
    unstated.extend(b"NSI TFF\0");
    unstated.resize(at as usize + 60, 0);
    let rec = read_source(Box::new(MemorySource::new("a.cnt", unstated)), &Limits::default()).unwrap();
    assert!(rec.header().notes.iter().any(|n| n.text.contains("the section at byte 2565 says so")));
}

#[test]
fn an_interruption_ends_a_run() {
    let rec = read(file("int16_boundary.cnt")).unwrap();
    let runs: Vec<_> = rec.runs().iter().map(|r| r.samples.clone()).collect();
    assert_eq!(runs, [0..120, 120..240]);
    assert!(rec.header().notes.iter().any(|n| n.text.contains("interrupted 1 time(s)")));
    assert_eq!(rec.annotations().iter().filter(|a| a.label == "boundary").count(), 2);
}

#[test]
fn windows_and_picks_hold_what_the_whole_holds() {
    for name in ["int16_blocks.cnt", "int32_events2.cnt"] {
        let whole = read(file(name)).unwrap();
        let mut reader = open(file(name), &Limits::default()).unwrap();
        for (from, to) in [(0, 240), (39, 41), (100, 239), (230, 500)] {
            let columns = from as usize..to.min(240) as usize;
            let expected = whole.data_uv().slice(ndarray::s![.., columns]).to_owned();
            assert_eq!(reader.read(from..to).unwrap().data_uv(), expected, "{name} {from}..{to}");
            let some = reader.read_picks(from..to, &[2, 0]).unwrap();
            assert_eq!(some.data_uv(), expected.select(ndarray::Axis(0), &[2, 0]), "{name} {from}..{to}");
        }
    }
}

#[test]
fn files_of_other_systems_are_named() {
    let text = message([b"RIFF\0\0\0\0CNT ".to_vec(), vec![0; 2000]].concat());
    assert!(
        text.contains("of ANT Neuro (libeep, a RIFF file)") && text.contains("export it as EDF"),
        "{text}"
    );
    let text = message([b"EEP V2.0".to_vec(), vec![0; 2000]].concat());
    assert!(text.contains("of ANT Neuro (EEP 2.0)"), "{text}");
}

#[test]
fn cut_off_recordings_say_so() {
    let whole = bytes("int16_events1.cnt");
    assert!(message(whole[..500].to_vec()).contains("cut off after 500 of 900 bytes"));
    // the table of events is gone, and with it every reason but the width of the numbers
    let mut cut = whole[..2005].to_vec();
    cut[864..868].copy_from_slice(&146_u32.to_le_bytes());
    cut.truncate(1125 + 146 * 6);
    let rec = read_source(Box::new(MemorySource::new("a.cnt", cut)), &Limits::default()).unwrap();
    assert_eq!(rec.header().n_times(), 146);
    assert!(rec.header().notes.iter().any(|n| n.text.contains("beyond the end: the file is truncated")));
}

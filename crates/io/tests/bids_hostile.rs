//! Damaged datasets: any sidecar cut anywhere, any bits flipped, any text in its place: an error with the file's name, or a sound
//! recording, in bounded memory.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

use dosewave_eeg::{Hz, Recording};
use dosewave_io::bids::Dataset;
use dosewave_io::{Limits, MemoryTree};
use peak_alloc::PeakAlloc;

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

const LIMITS: Limits = Limits { max_alloc: 1 << 22, max_channels: 64, max_annotations: 1000 };
const PEAK: usize = 96 << 20;

const EEG: &str = "sub-01/ses-a/eeg/sub-01_ses-a_task-rest_eeg.edf";

fn edf() -> Vec<u8> {
    let data = ndarray::Array2::from_shape_fn((3, 500), |(c, t)| ((t * (c + 2)) % 17) as f64);
    let recording = Recording::new(data, Hz(250.0), &["Fz", "Cz", "EOG"]).unwrap();
    let mut bytes = Vec::new();
    dosewave_io::edf::write(&recording, &mut bytes, std::path::Path::new("a.edf")).unwrap();
    bytes
}

/// A dataset with every kind of sidecar.
fn files() -> Vec<(&'static str, Vec<u8>)> {
    let text = |text: &str| text.as_bytes().to_vec();
    vec![
        (EEG, edf()),
        ("dataset_description.json", text("{\"Name\": \"x\", \"BIDSVersion\": \"1.10.0\"}")),
        (".bidsignore", text("*_extra.tsv\n/group/\n!a\n")),
        ("participants.tsv", text("\u{feff}participant_id\tage\r\nsub-01\t30\r\n")),
        ("task-rest_eeg.json", text("{\"PowerLineFrequency\": 50, \"EEGReference\": \"Cz\"}")),
        ("sub-01/sub-01_sessions.tsv", text("session_id\tdose\nses-a\t0.5 mg/kg\n")),
        (
            "sub-01/ses-a/sub-01_ses-a_scans.tsv",
            text("filename\tacq_time\neeg/sub-01_ses-a_task-rest_eeg.edf\t2020-01-02T03:04:05.678\n"),
        ),
        (
            "sub-01/ses-a/eeg/sub-01_ses-a_task-rest_eeg.json",
            text("{\"SamplingFrequency\": 250.0, \"RecordingDuration\": 2, \"EEGChannelCount\": 2}"),
        ),
        (
            "sub-01/ses-a/eeg/sub-01_ses-a_task-rest_channels.tsv",
            text(
                "name\ttype\tunits\tlow_cutoff\thigh_cutoff\tstatus\tstatus_description\nFz\tEEG\tµV\t0.1\t100\tgood\tn/a\nCz\tEEG\tµV\tn/a\tInf\tbad\tloose\nEOG\tEOG\tµV\t0\t70\tgood\tn/a\n",
            ),
        ),
        (
            "sub-01/ses-a/eeg/sub-01_ses-a_task-rest_events.tsv",
            text(
                "onset\tduration\ttrial_type\tvalue\tsample\n0.5\t1.0\tdose\t1\t125\n1.5\tn/a\tend\t2\t375\n",
            ),
        ),
        (
            "sub-01/ses-a/eeg/sub-01_ses-a_electrodes.tsv",
            text("name\tx\ty\tz\nFz\t0\t0.05\t0.08\nCz\t0\t0\t0.1\nEOG\tn/a\tn/a\tn/a\n"),
        ),
        (
            "sub-01/ses-a/eeg/sub-01_ses-a_coordsystem.json",
            text("{\"EEGCoordinateSystem\": \"CapTrak\", \"EEGCoordinateUnits\": \"m\"}"),
        ),
    ]
}

/// Reads the dataset; what holds of any recording that is read.
fn read(files: &[(&str, Vec<u8>)]) -> Result<Recording, String> {
    MEMORY.reset_peak_usage();
    let before = MEMORY.current_usage();
    let tree =
        files.iter().fold(MemoryTree::default(), |tree, (path, bytes)| tree.with_file(path, bytes.clone()));
    let result = Dataset::of(tree, &LIMITS).map_err(|e| e.to_string()).and_then(|dataset| {
        for note in &dataset.notes {
            assert!(note.text.len() < 20_000);
        }
        let Some(file) = dataset.recordings.first() else { return Err("no recording: none".into()) };
        dataset.recording(file).map_err(|e| e.to_string())
    });
    let peak = MEMORY.peak_usage().saturating_sub(before);
    assert!(peak < PEAK, "{peak} bytes");
    match &result {
        Ok(recording) => {
            assert!(recording.annotations().iter().all(|a| a.onset.0.is_finite() && a.duration.0 >= 0.0));
            assert!(
                recording
                    .channels()
                    .iter()
                    .all(|c| c.position.is_none_or(|p| p.iter().all(|v| v.is_finite())))
            );
            assert!(
                recording.channels().iter().all(|c| c.low_pass.is_none_or(|f| f.0.is_finite() && f.0 > 0.0))
            );
            let names: std::collections::HashSet<&str> = recording.header().ch_names().into_iter().collect();
            assert_eq!(names.len(), 3, "{names:?}");
            serde_json::to_string(recording.header()).unwrap();
        }
        Err(text) => assert!(text.contains(": "), "an error without its file: {text}"),
    }
    result
}

struct Random(u64);

impl Random {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % n.max(1)
    }
}

// one test: memory is counted for the whole process
#[test]
fn damaged_datasets_are_refused_or_read_in_bounded_memory() {
    let whole = files();
    let sound = read(&whole).unwrap();
    assert_eq!((sound.annotations().len(), sound.header().details.bads.len()), (2, 1));
    for i in 1..whole.len() {
        for n in 0..whole[i].1.len() {
            let mut files = whole.clone();
            files[i].1.truncate(n);
            let _ = read(&files);
        }
    }
    let mut random = Random(7);
    for _ in 0..20_000 {
        let mut files = whole.clone();
        for _ in 0..=random.below(3) {
            let i = 1 + random.below(files.len() - 1);
            let at = random.below(files[i].1.len());
            files[i].1[at] ^= 1 << random.below(8);
        }
        let _ = read(&files);
    }
    bombs(&whole);
}

/// Texts that ask for much.
fn bombs(whole: &[(&'static str, Vec<u8>)]) {
    let wide = vec![b'\t'; 1_000_000];
    let deep = b"[".repeat(1_000_000);
    let deep_object = b"{\"a\":".repeat(200_000);
    let long = [b"onset\tduration\n".to_vec(), b"1\t0\n".repeat(300_000)].concat();
    let numbers = b"onset\tduration\tsample\tx\ty\tz\tname\tlow_cutoff\n1e308\t-1e308\t1e308\t1e300\t1e300\t1e300\tFz\t1e-320\nnan\tinf\t-inf\tnan\tnan\tnan\tCz\tnan\n".to_vec();
    let nulls = vec![0_u8; 100_000];
    let star = b"*a".repeat(5_000);
    for bomb in [wide, deep, deep_object, long, numbers, nulls, star] {
        for i in 1..whole.len() {
            let mut files = whole.to_vec();
            files[i].1.clone_from(&bomb);
            let _ = read(&files);
        }
    }
    let name = |n: usize| "x".repeat(n);
    let channels = format!("name\ttype\n{}", (0..20_000).map(|i| format!("c{i}\tEEG\n")).collect::<String>());
    let mut files = whole.to_vec();
    files[8].1 = channels.into_bytes();
    let said = read(&files).unwrap();
    assert!(said.header().notes.iter().all(|n| n.text.len() < 5_000));
    files[8].1 = format!("name\ttype\n{}\t{}\n", name(100_000), name(100_000)).into_bytes();
    let _ = read(&files);
}

//! Every file of `testdata`, cut at any byte and with any bits flipped, given to every format: an error or a sound recording, in
//! bounded memory.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use dosewave_eeg::Recording;
use dosewave_io::{FORMATS, Limits, MemorySource, open_source};
use peak_alloc::PeakAlloc;
use std::path::{Path, PathBuf};

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// What a file may ask for, and what reading it may take beyond that for headers, buffers and copies.
const LIMITS: Limits = Limits { max_alloc: 1 << 20, max_channels: 64, max_annotations: 1000 };
const PEAK: usize = 16 << 20;
/// Files longer than this are cut at this many places.
const CUTS: usize = 2000;
const FLIPS: usize = 1500;

/// A file with those of the same stem beside it.
struct Input {
    path: PathBuf,
    files: Vec<(String, Vec<u8>)>,
}

fn testdata() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata")
}

/// The files of a folder that a format claims by name.
fn inputs(folder: &Path) -> Vec<Input> {
    let ending = |path: &Path| path.extension().unwrap_or_default().to_string_lossy().to_lowercase();
    let claimed = |path: &Path| FORMATS.iter().any(|f| f.extensions().contains(&ending(path).as_str()));
    let mut all: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    all.retain(|path| path.is_file());
    all.sort();
    let load = |path: &PathBuf| {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        (name, std::fs::read(path).unwrap())
    };
    all.iter()
        .filter(|path| claimed(path))
        .map(|path| {
            let beside = all.iter().filter(|other| *other != path && other.file_stem() == path.file_stem());
            Input { path: path.clone(), files: std::iter::once(path).chain(beside).map(load).collect() }
        })
        .collect()
}

/// Folders of recordings: all but golden values and programs.
fn folders() -> Vec<PathBuf> {
    let all = std::fs::read_dir(testdata()).unwrap().map(|e| e.unwrap().path());
    let mut found: Vec<PathBuf> =
        all.filter(|p| p.is_dir() && !p.ends_with("golden") && !p.ends_with("generate")).collect();
    found.sort();
    found
}

fn read(files: &[(String, Vec<u8>)]) -> Result<Recording, String> {
    let [(name, bytes), siblings @ ..] = files else { panic!("no file") };
    let source = siblings.iter().fold(MemorySource::new(name, bytes.clone()), |source, (name, bytes)| {
        source.with_sibling(name, bytes.clone())
    });
    let mut reader = open_source(Box::new(source), &LIMITS).map_err(|e| e.to_string())?;
    let n_times = reader.header().n_times();
    for index in 0..reader.header().other_signals.len() {
        let n = reader.header().other_signals[index].n_samples;
        let _ = reader.read_other(index, 0..n.min(100));
    }
    // a window of its own: it may be sound where the whole is not
    let _ = reader.read(n_times / 2..n_times / 2 + 3);
    reader.read(0..n_times).map_err(|e| e.to_string())
}

/// Reads damaged files; returns whether there was a recording.
fn survives(what: &str, files: &[(String, Vec<u8>)]) -> bool {
    MEMORY.reset_peak_usage();
    let before = MEMORY.current_usage();
    let result = read(files);
    let peak = MEMORY.peak_usage().saturating_sub(before);
    assert!(peak < PEAK, "{what}: {peak} bytes");
    match result {
        Ok(recording) => {
            assert!(recording.annotations().iter().all(|a| a.onset.0.is_finite()), "{what}");
            assert!(recording.sfreq().0 > 0.0, "{what}");
            true
        }
        Err(text) => {
            assert!(text.contains(": "), "{what}: an error without its file: {text}");
            false
        }
    }
}

/// Numbers that look random and are the same each time.
struct Random(u64);

impl Random {
    fn below(&mut self, n: usize) -> usize {
        // Knuth's MMIX generator; its upper bits are good enough for bits to flip
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % n.max(1)
    }
}

// one test: memory is counted for the whole process
#[test]
fn damaged_files_are_refused_or_read_in_bounded_memory() {
    let mut n_files = 0;
    for folder in folders() {
        let is_bad = folder.ends_with("bad");
        let mut n_read = 0;
        for input in inputs(&folder) {
            n_files += 1;
            let name = input.path.display().to_string();
            let whole = read(&input.files);
            if is_bad {
                let text = whole.as_ref().err().unwrap_or_else(|| panic!("{name} was read"));
                assert!(text.len() > 30, "{name}: {text}");
            } else if folder.ends_with("edf") || folder.ends_with("brainvision") {
                assert!(whole.is_ok(), "{name}: {whole:?}");
            }
            // other folders also hold files that their own tests want refused
            n_read += usize::from(whole.is_ok());
            cuts(&name, &input);
            flips(&name, &input);
            detection(&input);
        }
        // `hdf5` holds what HDF5 can hold, none of it a recording
        let may_be_none = ["bad", "regression", "hdf5"].iter().any(|name| folder.ends_with(name));
        let may_be_none = may_be_none || inputs(&folder).is_empty();
        assert!(may_be_none || n_read > 0, "{}: no file of it was read", folder.display());
    }
    assert!(n_files >= 25, "{n_files} files: python testdata/generate/recordings.py writes them");
}

fn cuts(name: &str, input: &Input) {
    for file in 0..input.files.len() {
        let length = input.files[file].1.len();
        for n in (0..length).step_by((length / CUTS).max(1)) {
            let mut files = input.files.clone();
            files[file].1.truncate(n);
            survives(&format!("{name}: {} cut at {n}", files[file].0), &files);
        }
    }
}

fn flips(name: &str, input: &Input) {
    let mut random = Random(n_bytes(input) as u64);
    for round in 0..FLIPS {
        let mut files = input.files.clone();
        for _ in 0..=random.below(4) {
            let file = random.below(files.len());
            let length = files[file].1.len();
            // headers stand at the beginning
            let reach = if random.below(2) == 0 { length } else { length.min(512) };
            let at = random.below(reach);
            if let Some(byte) = files[file].1.get_mut(at) {
                *byte ^= 1 << random.below(8);
            }
        }
        survives(&format!("{name}: flips {round}"), &files);
    }
}

/// No format trips over another's bytes.
fn detection(input: &Input) {
    for (name, bytes) in &input.files {
        for format in FORMATS {
            for n in [0, 1, 7, 8, 9, 64, 512] {
                let _ = format.sniff(name, &bytes[..n.min(bytes.len())]);
            }
            let source = MemorySource::new(name, bytes.clone());
            if let Ok(mut reader) = format.open(Box::new(source), &LIMITS) {
                let _ = reader.read(0..10);
            }
        }
    }
}

fn n_bytes(input: &Input) -> usize {
    input.files.iter().map(|(_, bytes)| bytes.len()).sum()
}

//! Files of many gigabytes are read in windows, in memory that has nothing to do with their length.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use dosewave_eeg::{Hz, Recording};
use dosewave_io::{Limits, open};
use peak_alloc::PeakAlloc;
use std::fs::OpenOptions;

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

const N_CHANNELS: usize = 64;
const SFREQ: u64 = 512;
const LENGTH: u64 = 10_000_000_000;
/// Windows of a minute of 64 channels are 15 MB.
const PEAK: usize = 64 << 20;

/// The header and first records of a small file, made longer by a hole: the number of records says "unknown".
fn sparse(folder: &std::path::Path, ending: &str) -> std::path::PathBuf {
    let path = folder.join(format!("long.{ending}"));
    let data = ndarray::Array2::from_shape_fn((N_CHANNELS, 10 * SFREQ as usize), |(c, t)| {
        (t as f64 * 0.1 + c as f64).sin() * 50.0
    });
    let names: Vec<String> = (0..N_CHANNELS).map(|i| format!("E{i}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    dosewave_io::write(&Recording::new(data, Hz(SFREQ as f64), &names).unwrap(), &path).unwrap();
    let long = if ending == "vhdr" {
        let text = std::fs::read_to_string(&path).unwrap();
        let text: Vec<&str> = text.lines().filter(|line| !line.starts_with("DataPoints")).collect();
        std::fs::write(&path, text.join("\r\n")).unwrap();
        path.with_extension("eeg")
    } else {
        let mut bytes = std::fs::read(&path).unwrap();
        bytes[236..244].copy_from_slice(b"-1      ");
        std::fs::write(&path, bytes).unwrap();
        path.clone()
    };
    OpenOptions::new().write(true).open(long).unwrap().set_len(LENGTH).unwrap();
    path
}

// one test: memory is counted for the whole process
#[test]
fn ten_gigabytes_are_read_in_windows() {
    let folder = tempfile::tempdir().unwrap();
    for (ending, width) in [("edf", 2), ("bdf", 3), ("vhdr", 4)] {
        let path = sparse(folder.path(), ending);
        MEMORY.reset_peak_usage();
        let before = MEMORY.current_usage();
        let mut reader = open(&path, &Limits::default()).unwrap();
        let n_times = reader.header().n_times();
        let expected = LENGTH / (N_CHANNELS as u64 * width);
        assert!(n_times > expected / 100 * 98 && n_times <= expected, "{ending}: {n_times} of {expected}");
        let minute = 60 * SFREQ;
        for from in [0, n_times / 3, n_times / 2 + 7, n_times - minute] {
            let part = reader.read(from..from + minute).unwrap();
            assert_eq!(part.data_uv().dim(), (N_CHANNELS, minute as usize), "{ending}");
            if from == 0 {
                assert!((part.data_uv()[[3, 0]] - 3_f64.sin() * 50.0).abs() < 0.002, "{ending}");
            }
        }
        let picked = reader.read_picks(0..minute, &[5, 60]).unwrap();
        assert_eq!(picked.header().ch_names(), ["E5", "E60"]);
        let peak = MEMORY.peak_usage().saturating_sub(before);
        // records without a gap between them still have an onset each: 8 bytes
        assert!(peak < PEAK, "{ending}: {peak} bytes");
        std::fs::remove_file(path).unwrap();
    }
}

//! What every target does: open, read a window, read all.

use dosewave_io::{Limits, MemorySource, open_source};

/// Small enough that a file that asks for much is told from one that gets it.
pub const LIMITS: Limits = Limits { max_alloc: 1 << 22, max_channels: 256, max_annotations: 10_000 };

/// Opens bytes under a name and reads what can be read.
pub fn read(name: &str, bytes: &[u8]) {
    all(MemorySource::new(name, bytes.to_vec()));
}

/// Opens a source and reads what can be read.
pub fn all(source: MemorySource) {
    let Ok(mut reader) = open_source(Box::new(source), &LIMITS) else { return };
    let n_times = reader.header().n_times();
    let _ = reader.read(n_times / 2..n_times / 2 + 7);
    let _ = reader.read_picks(0..5, &[0]);
    let _ = reader.read_other(0, 0..5);
    let _ = reader.identity();
    if let Ok(recording) = reader.read(0..n_times) {
        assert_eq!(recording.data_uv().nrows(), recording.channels().len());
        assert!(recording.annotations().iter().all(|a| a.onset.0.is_finite()));
    }
}

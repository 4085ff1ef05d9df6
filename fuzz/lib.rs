//! What every target does: open, read a window, some channels, other signals and all, and hold them against each other.

use dosewave_io::{Limits, MemorySource, Reader, open_source};

/// Small enough that a file that asks for much is told from one that gets it.
pub const LIMITS: Limits = Limits { max_alloc: 1 << 22, max_channels: 256, max_annotations: 10_000 };

/// Opens bytes under a name and reads what can be read.
pub fn read(name: &str, bytes: &[u8]) {
    all(MemorySource::new(name, bytes.to_vec()));
}

/// Opens a source and reads what can be read.
pub fn all(source: MemorySource) {
    let mut reader = match open_source(Box::new(source), &LIMITS) {
        Ok(reader) => reader,
        Err(error) => return assert!(error.to_string().contains(": "), "an error without its file: {error}"),
    };
    let n_times = reader.header().n_times();
    let window = n_times / 2..n_times.min(n_times / 2 + 7);
    let part = reader.read(window.clone());
    let picked = reader.read_picks(window.clone(), &[0]);
    let _ = reader.identity();
    others(reader.as_mut());
    let Ok(whole) = reader.read(0..n_times) else { return };
    let data = whole.data_uv();
    assert_eq!((data.nrows(), data.ncols() as u64), (whole.channels().len(), n_times));
    assert!(whole.annotations().iter().all(|a| a.onset.0.is_finite()));
    assert!(whole.runs().iter().all(|run| run.onset.0.is_finite()));
    let (from, to) = (window.start as usize, window.end as usize);
    let bits = |rows: ndarray::ArrayView2<'_, f64>| rows.iter().map(|v| v.to_bits()).collect::<Vec<_>>();
    let part = part.expect("a window of what can be read whole");
    assert!(bits(part.data_uv()) == bits(data.slice(ndarray::s![.., from..to])), "a window differs from the whole");
    if data.nrows() > 0 {
        let picked = picked.expect("a channel of what can be read whole");
        assert!(bits(picked.data_uv()) == bits(data.slice(ndarray::s![..1, from..to])), "a channel differs from the whole");
    }
}

/// Signals of other rates.
fn others(reader: &mut dyn Reader) {
    for index in 0..reader.header().other_signals.len().min(8) {
        let n = reader.header().other_signals[index].n_samples;
        let _ = reader.read_other(index, n / 2..n / 2 + 5);
    }
}

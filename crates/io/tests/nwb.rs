//! NWB files written by pynwb (`testdata/generate/nwb_files.py`): the values put in come out.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use dosewave_eeg::Recording;
use dosewave_io::{Limits, MemorySource, open, read_source};
use proptest::prelude::*;
use std::path::PathBuf;

fn path(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../testdata/nwb").join(name)
}

/// The number that the generator stored.
fn stored(channel: usize, time: usize) -> f64 {
    ((7919 * time + 31 * channel) % 1000) as f64 - 500.0
}

/// Of `rate.nwb`: 10⁻⁷ V per step, an offset of 2 µV, and a factor per channel.
fn microvolts(channel: usize, time: usize) -> f64 {
    stored(channel, time) * [0.1, 0.2, 0.05][channel] + 2.0
}

fn check(recording: &Recording, channels: &[usize], first: usize) {
    for ((row, t), value) in recording.data_uv().indexed_iter() {
        let expected = microvolts(channels[row], first + t);
        assert!(
            (value - expected).abs() < 1e-12 * expected.abs().max(1.0),
            "channel {row}, time {t}: {value}"
        );
    }
}

#[test]
fn a_series_with_a_rate() {
    let recording = dosewave_io::read(path("rate.nwb")).unwrap();
    let header = recording.header();
    assert_eq!((header.format.as_str(), header.sfreq.0, header.n_times()), ("NWB", 100.0, 1000));
    check(&recording, &[0, 1, 2], 0);
    // the series names the table's rows in another order
    assert_eq!(header.ch_names(), ["EOG1", "Fz", "C3"]);
    let close = |found: Option<[f64; 3]>, expected: [f64; 3]| {
        found.unwrap().iter().zip(expected).all(|(f, e)| (f - e).abs() < 1e-12)
    };
    assert!(close(header.channels[1].position, [0.0, 0.057, 0.076]), "{:?}", header.channels[1]);
    assert!(close(header.channels[2].position, [-0.076, 0.0, 0.057]), "{:?}", header.channels[2]);
    assert_eq!(header.channels[0].impedance_kohm, Some(5.0));
    assert_eq!(header.channels[0].recorded_unit.as_deref(), Some("volts"));
    assert_eq!(header.runs[0].onset.0, 2.0);
    assert_eq!(header.start.unwrap().to_string(), "2024-03-05T14:07:09.25");
    let events: Vec<_> =
        header.annotations.iter().map(|a| (a.onset.0, a.duration.0, a.label.as_str())).collect();
    let expected = [
        (3.0, 0.5, "square"),
        (4.0, 0.0, "reports"),
        (5.0, 0.25, "circle µ"),
        (6.0, 5.0, "infusion"),
        (6.125, 0.0, "dose"),
        (7.0, 0.0, "eyes open"),
        (8.0, 1.0, "BAD_invalid_times"),
        (10.5, 0.5, "floating"),
    ];
    assert_eq!(events, expected);
    let other = &header.other_signals[0];
    assert_eq!(
        (other.name.as_str(), other.sfreq.0, other.n_samples),
        ("processing/ecephys/LFP/slow", 20.0, 200)
    );
}

#[test]
fn windows_and_picks_are_parts_of_the_whole() {
    let mut reader = open(path("rate.nwb"), &Limits::default()).unwrap();
    for (from, to) in [(60, 70), (0, 1000), (999, 2000), (63, 65)] {
        let part = reader.read_picks(from..to, &[2, 0]).unwrap();
        assert_eq!(part.data_uv().ncols() as u64, to.min(1000) - from);
        assert_eq!(part.header().ch_names(), ["C3", "EOG1"]);
        check(&part, &[2, 0], from as usize);
        assert!((part.runs()[0].onset.0 - (2.0 + from as f64 / 100.0)).abs() < 1e-12);
    }
}

#[test]
fn a_series_of_another_rate_is_read_by_itself() {
    let mut reader = open(path("rate.nwb"), &Limits::default()).unwrap();
    let whole = reader.read_other(0, 0..1000).unwrap();
    assert_eq!((whole.sfreq().0, whole.data_uv().dim()), (20.0, (1, 200)));
    assert_eq!((whole.header().ch_names(), whole.channels()[0].unit.as_str()), (vec!["Fz"], "µV"));
    assert_eq!(whole.runs()[0].onset.0, 2.0);
    for (t, value) in whole.data_uv().iter().enumerate() {
        assert_eq!(*value, stored(0, t) * 1e6);
    }
    let part = reader.read_other(0, 30..40).unwrap();
    assert_eq!(part.data_uv(), whole.data_uv().slice(ndarray::s![.., 30..40]));
    assert_eq!(part.runs()[0].onset.0, 3.5);
    let error = reader.read_other(1, 0..1).unwrap_err().to_string();
    assert!(error.contains("one of processing/ecephys/LFP/slow"), "{error}");
}

#[test]
fn two_series_with_timestamps_and_a_pause() {
    let recording = dosewave_io::read(path("timestamps.nwb")).unwrap();
    let header = recording.header();
    assert_eq!((header.sfreq.0, header.n_times()), (128.0, 400));
    let runs: Vec<_> = header.runs.iter().map(|run| (run.onset.0, run.samples.clone())).collect();
    assert_eq!(runs, [(0.0, 0..150), (150.0 / 128.0 + 10.0, 150..400)]);
    // Cz stands in both series
    assert_eq!(header.ch_names(), ["a/Fz", "a/Cz", "b/Cz"]);
    for (row, channel) in [(0, 0), (1, 1), (2, 0)] {
        for (t, value) in recording.data_uv().row(row).iter().enumerate() {
            assert_eq!(*value, stored(channel, t) * 1e6, "{row} {t}");
        }
    }
    assert!(
        header.notes.iter().any(|n| n.text.contains("128 Hz, follows from its timestamps")),
        "{:?}",
        header.notes
    );
}

#[test]
fn a_file_without_series_says_what_it_holds() {
    let text = dosewave_io::read(path("no_series.nwb")).unwrap_err().to_string();
    assert!(
        text.contains("no_series.nwb: NWB: it holds no ElectricalSeries with samples, but TimeSeries"),
        "{text}"
    );
}

fn read_bytes(bytes: Vec<u8>) -> Result<Recording, String> {
    let limits = Limits { max_alloc: 1 << 20, max_channels: 64, max_annotations: 100 };
    read_source(Box::new(MemorySource::new("a.nwb", bytes)), &limits).map_err(|e| e.to_string())
}

#[test]
fn bytes_in_memory_are_read_as_files_are_and_cuts_are_named() {
    let whole = std::fs::read(path("rate.nwb")).unwrap();
    assert_eq!(read_bytes(whole.clone()).unwrap(), dosewave_io::read(path("rate.nwb")).unwrap());
    for n in (0..whole.len()).step_by(97) {
        // what lies at the very end may be nothing that is read
        match read_bytes(whole[..n].to_vec()) {
            Ok(recording) => check(&recording, &[0, 1, 2], 0),
            Err(text) => assert!(text.contains("a.nwb"), "{text}"),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bits_may_flip(flips in prop::collection::vec((any::<prop::sample::Index>(), 0..8), 1..6)) {
        let mut damaged = std::fs::read(path("timestamps.nwb")).unwrap();
        for (at, bit) in flips {
            let at = at.index(damaged.len());
            damaged[at] ^= 1u8 << bit;
        }
        if let Ok(recording) = read_bytes(damaged) {
            prop_assert!(recording.data_uv().len() <= 1 << 17);
            prop_assert!(recording.annotations().iter().all(|a| a.onset.0.is_finite()));
        }
    }
}

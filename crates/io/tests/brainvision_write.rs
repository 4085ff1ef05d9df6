//! What is written as BrainVision reads back.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use dosewave_eeg::{Annotation, Hz, Recording, Run, Seconds, Timestamp};
use dosewave_io::{read, write};
use ndarray::Array2;
use std::path::PathBuf;

/// Two runs with a pause of 30 s, values that 32-bit float holds exactly.
fn recording() -> Recording {
    let data = Array2::from_shape_fn((3, 1000), |(c, t)| (t as f64 - 500.0) * 0.125 * (c as f64 + 1.0));
    let (mut header, data) = Recording::new(data, Hz(256.0), &["Fz", "C,z", "RESP"]).unwrap().into_parts();
    header.runs =
        vec![Run { onset: Seconds(0.0), samples: 0..512 }, Run { onset: Seconds(32.0), samples: 512..1000 }];
    header.start = Some(Timestamp {
        year: 2020,
        month: 2,
        day: 28,
        hour: 23,
        minute: 59,
        second: 45,
        nanosecond: 5_000,
    });
    let mut channels = header.channels.to_vec();
    channels[0].high_pass = Some(Hz(0.1));
    channels[0].low_pass = Some(Hz(100.0));
    channels[1].position = Some([-0.057, -0.038, 0.066]);
    channels[2].unit = "a.u.".into();
    header.channels = channels.into();
    let mut one = Annotation::new(Seconds(33.0), Seconds(0.5), "Comment/dose, 0.5 mg/kg");
    one.channels = vec!["C,z".into()];
    header.annotations = vec![
        Annotation::new(Seconds(1.0), Seconds(0.0), "Stimulus/S  1"),
        Annotation::new(Seconds(32.0), Seconds(1.0 / 256.0), "New Segment/"),
        one,
    ];
    Recording::from_parts(header, data).unwrap()
}

fn there_and_back(recording: &Recording) -> Recording {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sub-01.run 2.vhdr");
    write(recording, &path).unwrap();
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 3);
    read(path).unwrap()
}

#[test]
fn samples_runs_annotations_and_filters_come_back() {
    let (rec, back) = (recording(), there_and_back(&recording()));
    assert_eq!(back.data_uv(), rec.data_uv());
    assert_eq!((back.sfreq(), back.header().start), (rec.sfreq(), rec.header().start));
    assert_eq!(back.runs().len(), 2);
    assert!((back.runs()[1].onset.0 - 32.0).abs() < 1e-9 && back.runs()[1].samples == (512..1000));
    assert_eq!(back.annotations().len(), 3);
    for (got, expected) in back.annotations().iter().zip(rec.annotations()) {
        assert!((got.onset.0 - expected.onset.0).abs() < 1e-9, "{got:?}");
        assert_eq!(
            (got.duration, &got.label, &got.channels),
            (expected.duration, &expected.label, &expected.channels)
        );
    }
    for (got, expected) in back.channels().iter().zip(rec.channels().iter()) {
        assert_eq!((&got.name, &got.unit), (&expected.name, &expected.unit));
        assert_eq!((got.high_pass, got.low_pass), (expected.high_pass, expected.low_pass));
    }
    // directions are kept, on the built-in sphere
    let direction = |p: [f64; 3]| p.map(|v| v / p.iter().map(|v| v * v).sum::<f64>().sqrt());
    for c in 0..2 {
        let (got, expected) = (back.channels()[c].position.unwrap(), rec.channels()[c].position.unwrap());
        for (g, e) in direction(got).iter().zip(direction(expected)) {
            assert!((g - e).abs() < 1e-12, "{got:?} {expected:?}");
        }
    }
}

#[test]
fn written_twice_is_written_alike() {
    let once = there_and_back(&recording());
    assert_eq!(there_and_back(&once), once);
}

#[test]
fn rates_come_back_to_the_last_bit() {
    for sfreq in
        [1.0, 100.0, 128.0, 200.0, 250.0, 256.0, 300.0, 500.0, 512.0, 1000.0, 1024.0, 2048.0, 4999.7, 5000.0]
    {
        let rec = Recording::new(Array2::zeros((1, 4)), Hz(sfreq), &["Cz"]).unwrap();
        assert_eq!(there_and_back(&rec).sfreq(), Hz(sfreq));
    }
}

#[test]
fn annotations_without_a_type_become_comments_at_the_nearest_sample() {
    let rec = Recording::new(Array2::zeros((1, 100)), Hz(100.0), &["Cz"]).unwrap();
    let at = |onset: f64, label: &str| Annotation::new(Seconds(onset), Seconds(0.0), label);
    let rec = rec.with_annotations(vec![at(0.104, "dose\nnow"), at(0.9999, "end"), at(1.5, "behind")]);
    let back = there_and_back(&rec);
    let got: Vec<_> = back.annotations().iter().map(|a| (a.onset.0, a.label.as_str())).collect();
    assert_eq!(got, [(0.1, "Comment/dose now"), (0.99, "Comment/end"), (1.5, "Comment/behind")]);
    assert!(back.header().notes.iter().any(|n| n.text.contains("1 marker(s) lie behind")));
}

fn refused(recording: &Recording) -> String {
    let folder = tempfile::tempdir().unwrap();
    let text = write(recording, folder.path().join("a.vhdr")).unwrap_err().to_string();
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "something was left behind");
    text
}

#[test]
fn what_the_format_cannot_say_is_refused_and_nothing_is_written() {
    let (mut header, data) = recording().into_parts();
    header.annotations = vec![Annotation::new(Seconds(10.0), Seconds(0.0), "dose")];
    let text = refused(&Recording::from_parts(header.clone(), data.clone()).unwrap());
    assert!(text.contains("'dose' at 10") && text.contains("in a pause"), "{text}");
    header.annotations.clear();
    header.start = None;
    let text = refused(&Recording::from_parts(header.clone(), data.clone()).unwrap());
    assert!(text.contains("no start date") && text.contains(".edf or .h5"), "{text}");
    header.start = recording().header().start;
    for (value, expected) in [(f64::NAN, "NaN"), (1e39, "beyond 32-bit float")] {
        let mut data = data.clone();
        data[[1, 7]] = value;
        let text = refused(&Recording::from_parts(header.clone(), data).unwrap());
        assert!(text.contains(expected) && text.contains("C,z"), "{text}");
    }
}

#[test]
fn a_folder_that_is_not_there_is_named() {
    let path = PathBuf::from("no/such/folder/a.vhdr");
    let text = write(&recording(), &path).unwrap_err().to_string();
    assert!(text.contains("no/such/folder/a.vhdr"), "{text}");
}

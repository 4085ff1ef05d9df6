//! The small files of `testdata`, whose content is known byte by byte.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use dosewave_eeg::{ChannelKind, Header, Recording};
use dosewave_io::{Identifier, Limits, Reader, anonymize, open, read};
use std::path::{Path, PathBuf};

fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata").join(name)
}

fn opened(name: &str) -> Box<dyn Reader> {
    open(path(name), &Limits::default()).unwrap()
}

fn labels(header: &Header) -> Vec<(f64, &str)> {
    header.annotations.iter().map(|a| (a.onset.0, a.label.as_str())).collect()
}

fn notes(header: &Header) -> String {
    header.notes.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

#[test]
fn units_are_kept_beside_the_microvolts() {
    let rec = read(path("edf/plus.edf")).unwrap();
    let [fz, cz] = &rec.channels()[..] else { panic!("two channels") };
    assert_eq!((fz.recorded_unit.as_deref(), cz.recorded_unit.as_deref()), (None, Some("mV")));
    assert_eq!((cz.unit.as_str(), cz.quantization.unwrap().physical), ("µV", (-1.0, 1.0)));
    let expected = [(0.5, "dose"), (1.25, "eyes closed"), (1.25, "Augen zu ä")];
    assert_eq!(labels(rec.header()), expected);
}

#[test]
fn pauses_are_runs_whether_the_header_says_so_or_not() {
    let gaps = opened("edf/gaps.edf");
    let runs: Vec<_> = gaps.header().runs.iter().map(|r| (r.onset.0, r.samples.clone())).collect();
    assert_eq!(runs, [(0.0, 0..16), (60.0, 16..32)]);
    assert_eq!(labels(gaps.header()), [(60.5, "dose")]);
    let late = opened("edf/gaps_not_declared.edf");
    let runs: Vec<_> = late.header().runs.iter().map(|r| (r.onset.0, r.samples.clone())).collect();
    assert_eq!(runs, [(0.0, 0..8), (30.0, 8..16)]);
    assert!(notes(late.header()).contains("no gaps, the times of its records have 1"));
}

#[test]
fn signals_of_another_rate_are_read_by_themselves() {
    let mut reader = opened("edf/mixed_rates.edf");
    let header = reader.header().clone();
    assert_eq!((header.ch_names(), header.sfreq.0), (vec!["Fz", "Cz"], 2.5));
    let found: Vec<(&str, f64, u64)> =
        header.other_signals.iter().map(|o| (o.name.as_str(), o.sfreq.0, o.n_samples)).collect();
    assert_eq!(found, [("SpO2", 0.25, 2), ("Resp", 1.25, 10)]);
    let resp = reader.read_other(1, 3..8).unwrap();
    assert_eq!((resp.header().ch_names(), resp.sfreq().0), (vec!["Resp"], 1.25));
    assert_eq!(resp.runs()[0].onset.0, 2.4);
    let step = 200.0 / 65_535.0;
    let digital: Vec<f64> = resp.data_uv().iter().map(|v| ((v + 100.0) / step - 32_768.0).round()).collect();
    assert_eq!(digital, [12.0, 16.0, 0.0, 8.0, 16.0]);
    let spo2 = reader.read_other(0, 0..2).unwrap();
    assert_eq!((spo2.channels()[0].kind, spo2.channels()[0].unit.as_str()), (ChannelKind::Misc, "%"));
    let error = reader.read_other(2, 0..2).unwrap_err().to_string();
    assert!(error.contains("one of SpO2, Resp"), "{error}");
    let error = opened("edf/plus.edf").read_other(0, 0..2).unwrap_err().to_string();
    assert!(error.contains("all signals have the rate of the recording"), "{error}");
}

#[test]
fn picks_are_the_rows_of_the_whole() {
    for name in
        ["edf/plus.edf", "edf/status.bdf", "brainvision/int16.vhdr", "brainvision/float_vectorized.vhdr"]
    {
        let mut reader = opened(name);
        let whole = reader.read(0..1000).unwrap();
        let last = whole.channels().len() - 1;
        let part = reader.read_picks(3..9, &[last, 0]).unwrap();
        let window = reader.read(3..9).unwrap();
        assert_eq!(part, window.pick(&[last, 0]).unwrap(), "{name}");
        let error = reader.read_picks(0..2, &[99]).unwrap_err().to_string();
        assert!(error.contains("channel index = 99") || error.contains("99"), "{error}");
        assert!(reader.read_picks(0..2, &[]).is_err());
    }
}

#[test]
fn doubled_labels_get_numbers_and_a_note() {
    let reader = opened("edf/doubled_labels.edf");
    assert_eq!(reader.header().ch_names(), ["Cz-0", "Pz", "Cz-1"]);
    assert!(reader.header().channels[2].position.is_some(), "it is Cz all the same");
    assert!(notes(reader.header()).contains("more than one channel is called 'Cz'"));
}

#[test]
fn starts_lengths_and_lists_of_every_kind() {
    let early = opened("edf/subsecond.edf");
    assert_eq!(early.header().start.unwrap().to_string(), "2021-03-02T10:20:30.25");
    assert_eq!(labels(early.header()), [(0.75, "dose")]);
    assert_eq!(opened("edf/unknown_length.edf").header().n_times(), 16);
    let cut = opened("edf/truncated.edf");
    assert_eq!(cut.header().n_times(), 8);
    assert!(notes(cut.header()).contains("the last record is incomplete (11 of 16 bytes)"));
    let only = read(path("edf/annotations_only.edf")).unwrap();
    assert_eq!((only.channels().len(), only.data_uv().len()), (0, 0));
    assert_eq!(labels(only.header()), [(0.0, "Sleep stage W"), (30.0, "Sleep stage 1")]);
    let two = opened("edf/two_annotation_signals.edf");
    assert_eq!(labels(two.header()), [(0.1, "a"), (0.2, "b"), (1.5, "c")]);
    assert_eq!(opened("edf/plus.bdf").header().format, "BDF+C");
}

#[test]
fn triggers_are_events_and_the_amplifier_speaks_in_notes() {
    let trigger = opened("edf/trigger.edf");
    assert_eq!(labels(trigger.header()), [(0.25, "TRIG/5"), (0.75, "TRIG/9"), (1.625, "TRIG/5")]);
    let status = opened("edf/status.bdf");
    assert_eq!(labels(status.header()), [(0.25, "Status/255"), (1.25, "Status/4"), (1.625, "Status/6")]);
    let notes = notes(status.header());
    assert!(notes.contains("out of range for 0.250 s, first at 1.000 s"), "{notes}");
    assert!(notes.contains("battery was low from 1.250 s on"), "{notes}");
}

#[test]
fn events_of_a_trigger_channel_are_not_doubled_when_written_and_read_again() {
    let folder = tempfile::tempdir().unwrap();
    for (from, to) in [("edf/status.bdf", "a.bdf"), ("edf/trigger.edf", "a.edf"), ("edf/status.bdf", "b.edf")]
    {
        let rec = read(path(from)).unwrap();
        dosewave_io::write(&rec, folder.path().join(to)).unwrap();
        let back = read(folder.path().join(to)).unwrap();
        assert_eq!(labels(back.header()), labels(rec.header()), "{to}");
    }
}

#[test]
fn dialects_of_brainvision_say_the_same() {
    let first = read(path("brainvision/int16.vhdr")).unwrap();
    assert_eq!(first.header().ch_names(), ["Fz", "C,z", "GSR"]);
    assert_eq!(first.channels()[0].impedance_kohm, Some(4.0));
    assert_eq!(first.channels()[1].impedance_kohm, None);
    assert_eq!(first.channels()[1].recorded_unit.as_deref(), Some("nV"));
    let runs: Vec<_> = first.runs().iter().map(|r| (r.onset.0, r.samples.clone())).collect();
    assert_eq!(runs, [(0.0, 0..8), (60.5, 8..12)]);
    let events = [
        (0.008, "Stimulus/S  1"),
        (0.016, "Comment/dose, 0.5 mg/kg"),
        (60.5, "New Segment/"),
        (60.504, "Response/R  2"),
    ];
    assert_eq!(labels(first.header()), events);
    for name in ["int32_dat", "float_vectorized", "latin1_seg", "version2"] {
        let other = read(path(&format!("brainvision/{name}.vhdr"))).unwrap();
        assert_eq!(other.data_uv(), first.data_uv(), "{name}");
        assert_eq!(other.annotations(), first.annotations(), "{name}");
        assert_eq!(other.channels()[1].high_pass, first.channels()[1].high_pass, "{name}");
    }
}

/// Samples of the same integers: nothing is lost, in whatever format that holds integers.
#[test]
fn what_came_from_integers_is_written_by_the_same_integers() {
    let folder = tempfile::tempdir().unwrap();
    for (from, to) in [
        ("edf/plus.edf", "a.edf"),
        ("edf/plus.edf", "a.bdf"),
        ("edf/plus.bdf", "b.bdf"),
        ("edf/status.bdf", "c.bdf"),
        ("brainvision/int16.vhdr", "d.vhdr"),
    ] {
        let rec = read(path(from)).unwrap();
        dosewave_io::write(&rec, folder.path().join(to)).unwrap();
        let back = read(folder.path().join(to)).unwrap();
        let n = rec.data_uv().ncols();
        assert_eq!(back.data_uv().slice(ndarray::s![.., ..n]), rec.data_uv(), "{from} {to}");
    }
}

/// Floats are stored as floats; what is read of them again is what was stored, to the last bit.
#[test]
fn floats_of_brainvision_come_back() {
    let folder = tempfile::tempdir().unwrap();
    let rec = read(path("brainvision/float_vectorized.vhdr")).unwrap();
    let copies = ["a.vhdr", "b.vhdr"].map(|name| folder.path().join(name));
    dosewave_io::write(&rec, &copies[0]).unwrap();
    let first = read(&copies[0]).unwrap();
    for (got, expected) in first.data_uv().iter().zip(rec.data_uv()) {
        assert!((got - expected).abs() <= 6e-8 * expected.abs());
    }
    dosewave_io::write(&first, &copies[1]).unwrap();
    assert_eq!(read(&copies[1]).unwrap().data_uv(), first.data_uv());
}

#[test]
fn twenty_four_bits_are_off_by_half_a_step() {
    let folder = tempfile::tempdir().unwrap();
    let data = ndarray::Array2::from_shape_fn((2, 500), |(c, t)| (t as f64 * 0.37).sin() * 80.0 + c as f64);
    let rec = Recording::new(data, dosewave_eeg::Hz(250.0), &["Fz", "Cz"]).unwrap();
    let out = folder.path().join("a.bdf");
    dosewave_io::write(&rec, &out).unwrap();
    let back = read(&out).unwrap();
    assert_eq!(back.header().format, "BDF+C");
    let worst = (&back.data_uv() - &rec.data_uv()).fold(0.0_f64, |a, b| a.max(b.abs()));
    let half_step = 161.0 / 16_777_215.0 / 2.0;
    assert!(worst <= half_step && worst > half_step / 10.0, "{worst} of {half_step}");
}

#[test]
fn names_that_are_the_same_once_cut_are_refused() {
    let names = ["a rather long name, left", "a rather long name, right"];
    let rec = Recording::new(ndarray::Array2::zeros((2, 250)), dosewave_eeg::Hz(250.0), &names).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let error = dosewave_io::write(&rec, folder.path().join("a.edf")).unwrap_err().to_string();
    assert!(
        error.contains("16 ASCII characters") && error.contains("left") | error.contains("right"),
        "{error}"
    );
}

#[test]
fn no_trace_of_a_person_is_left_in_any_format() {
    let folder = tempfile::tempdir().unwrap();
    let mut reader = opened("edf/latin1_with_names.edf");
    let identity: Vec<Identifier> = reader.identity();
    let whole = reader.read(0..100).unwrap();
    let (clean, removed) = anonymize(whole.clone(), &identity).unwrap();
    assert_eq!(removed.fields, ["patient", "recording"]);
    assert_eq!(removed.labels_kept, ["dose ketamine"]);
    assert_eq!(removed.annotations_at_s, [0.75, 0.8]);
    let mut outputs = vec!["out.edf", "out.bdf", "out.vhdr"];
    if cfg!(feature = "hdf5") {
        outputs.push("out.h5");
    }
    for name in outputs {
        dosewave_io::write(&clean, folder.path().join(name)).unwrap();
        let back = read(folder.path().join(name)).unwrap();
        assert_eq!(back.header().start.unwrap().to_string(), "1985-01-01T10:20:30", "{name}");
        assert!(
            labels(back.header()).iter().any(|(t, l)| *t == 0.5 && l.ends_with("dose ketamine")),
            "{name}"
        );
    }
    for entry in std::fs::read_dir(folder.path()).unwrap() {
        let file = entry.unwrap().path();
        let text: String =
            std::fs::read(&file).unwrap().iter().map(|b| char::from(*b)).collect::<String>().to_lowercase();
        for planted in [
            "0234567",
            "harry",
            "rgen",
            "ller",
            "1951",
            "emg561",
            "sony",
            "0301234567",
            "2021",
            "02-mar",
            "02.03.21",
        ] {
            assert!(!text.contains(planted), "{planted} in {}", file.display());
        }
    }
}

//! Datasets: real ones where they are at hand, those that we write, and recordings read with their sidecars.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, clippy::print_stderr)]

use dosewave_eeg::{Annotation, Channel, ChannelKind, Hz, MarkedBad, Recording, Run, Seconds, Timestamp};
use dosewave_io::bids::{self, Dataset, Target};
use dosewave_io::{Identifier, Limits};
use serde_json::Value;
use std::path::{Path, PathBuf};

/// A folder of shared recordings, where it is there.
fn shared(name: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data").join(name);
    if !path.exists() {
        eprintln!("skipped: no {name} among the shared recordings");
    }
    path.exists().then_some(path)
}

fn open(root: &Path) -> Dataset {
    Dataset::open(root, &Limits::default()).unwrap()
}

fn notes(recording: &Recording) -> Vec<String> {
    recording.header().notes.iter().map(ToString::to_string).collect()
}

/// A recording of every kind of channel, with measured places, a bad channel, events and a date.
fn recording() -> Recording {
    let names = ["Fz", "Cz", "Pz", "EOG", "ECG", "EMG", "Resp"];
    let data = ndarray::Array2::from_shape_fn((7, 2500), |(c, t)| {
        f64::from(((t * (c + 3)) % 200) as i32 - 100) * 0.5
    });
    let recording = Recording::new(data, Hz(250.0), &names).unwrap();
    let (mut header, data) = recording.into_parts();
    let mut channels: Vec<Channel> = header.channels.to_vec();
    for (i, channel) in channels.iter_mut().take(3).enumerate() {
        channel.position = Some([0.001 * i as f64, 0.05 - 0.03 * i as f64, 0.09]);
        (channel.high_pass, channel.low_pass) = (Some(Hz(0.1)), Some(Hz(100.0)));
    }
    channels[6].unit = "mmHg".into();
    header.channels = channels.into();
    header.start = Some(Timestamp {
        year: 2021,
        month: 3,
        day: 4,
        hour: 5,
        minute: 6,
        second: 7,
        nanosecond: 250_000_000,
    });
    header.details.bads = vec![MarkedBad { channel: "Pz".into(), reason: "loose".into() }];
    let at = |t: f64, d: f64, label: &str| Annotation::new(Seconds(t), Seconds(d), label);
    header.annotations = vec![at(1.0, 0.0, "eyes\tclosed"), at(4.004, 2.5, "infusion")];
    Recording::from_parts(header, data).unwrap()
}

fn target(subject: &str, session: &str) -> Target {
    Target { subject: subject.into(), session: session.into(), task: "rest".into(), ..Target::default() }
}

#[test]
fn a_recording_comes_back_with_all_that_was_known_of_it() {
    for format in ["edf", "bdf", "vhdr"] {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("study");
        let known = Target {
            format: format.into(),
            line_hz: Some(50.0),
            reference: "FCz".into(),
            coordinate_system: "CapTrak".into(),
            columns: vec![("treatment".into(), "ketamine".into()), ("dose_at".into(), "infusion".into())],
            participant: vec![("weight".into(), "70".into())],
            ..target("01", "ket")
        };
        let written = bids::write(&recording(), &root, &known).unwrap();
        assert_eq!(written.notes, []);
        let dataset = open(&root);
        assert_eq!(dataset.notes, [], "{format}");
        assert_eq!(dataset.recordings, [written.file]);
        let read = dataset.recording(&dataset.recordings[0]).unwrap();
        let (before, after) = (recording(), read);
        let (a, b) = (before.header(), after.header());
        assert_eq!(a.ch_names(), b.ch_names());
        for (a, b) in a.channels.iter().zip(b.channels.iter()) {
            assert_eq!((a.kind, &a.unit, a.position), (b.kind, &b.unit, b.position), "{format} {}", a.name);
            assert_eq!((a.high_pass, a.low_pass), (b.high_pass, b.low_pass), "{format} {}", a.name);
        }
        assert_eq!((a.start, &a.details.bads), (b.start, &b.details.bads), "{format}");
        let events: Vec<(f64, f64, &str)> = b
            .annotations
            .iter()
            .map(|a| (a.onset.0, a.duration.0, a.label.as_str()))
            .filter(|a| a.2 != "padding")
            .collect();
        let events: Vec<_> = events.into_iter().filter(|a| !a.2.starts_with("New Segment")).collect();
        assert_eq!(events, [(1.0, 0.0, "eyes closed"), (4.004, 2.5, "infusion")], "{format}");
        let difference = &before.data_uv() - &after.data_uv();
        assert!(difference.iter().all(|d| d.abs() < 2e-3), "{format}");
        let said = notes(&after);
        assert!(said.iter().any(|n| n.contains("EEGReference 'FCz', PowerLineFrequency 50")), "{said:?}");
        assert!(said.iter().any(|n| n.contains("treatment ketamine, dose_at infusion")), "{said:?}");
        let warnings: Vec<&String> =
            said.iter().filter(|n| n.contains("not those") || n.contains("not agree")).collect();
        assert_eq!(warnings, Vec::<&String>::new());
        let sidecars = dataset.sidecars(&dataset.recordings[0]).unwrap();
        assert_eq!((sidecars.column("weight"), sidecars.column("treatment")), (Some("70"), Some("ketamine")));
        assert_eq!(sidecars.eeg["EEGChannelCount"], 3);
    }
}

#[test]
fn rows_of_other_recordings_stay_and_a_recording_is_not_replaced_unasked() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let with = |target: Target, name: &str, value: &str| Target {
        columns: vec![(name.into(), value.into())],
        ..target
    };
    bids::write(&recording(), root, &with(target("01", "a"), "treatment", "ketamine")).unwrap();
    bids::write(&recording(), root, &with(target("01", "b"), "dose", "0.5 mg/kg")).unwrap();
    bids::write(&recording(), root, &target("02", "a")).unwrap();
    let text = |path: &str| std::fs::read_to_string(root.join(path)).unwrap();
    assert_eq!(
        text("sub-01/sub-01_sessions.tsv"),
        "session_id\ttreatment\tdose\nses-a\tketamine\tn/a\nses-b\tn/a\t0.5 mg/kg\n"
    );
    assert_eq!(text("participants.tsv"), "participant_id\nsub-01\nsub-02\n");
    assert!(
        text("sub-01/ses-a/sub-01_ses-a_scans.tsv")
            .contains("eeg/sub-01_ses-a_task-rest_eeg.vhdr\t2021-03-04T05:06:07.25")
    );
    let error = bids::write(&recording(), root, &target("01", "a")).unwrap_err().to_string();
    assert!(error.contains("there already") && error.contains("overwrite"), "{error}");
    let again = Target { overwrite: true, format: "edf".into(), ..target("01", "a") };
    bids::write(&recording(), root, &again).unwrap();
    let dataset = open(root);
    assert_eq!(dataset.recordings.len(), 3);
    assert!(
        dataset.recordings[0].path.ends_with("_eeg.edf")
            && !root.join("sub-01/ses-a/eeg/sub-01_ses-a_task-rest_eeg.eeg").exists()
    );
}

#[test]
fn labels_and_columns_that_the_standard_does_not_have_are_refused_before_anything_is_written() {
    let folder = tempfile::tempdir().unwrap();
    for (bad, words) in [
        (target("0 1", ""), "letters and digits"),
        (target("", ""), "of sub"),
        (Target { run: "two".into(), ..target("01", "") }, "digits alone"),
        (Target { format: "fif".into(), ..target("01", "") }, "use edf, bdf or vhdr"),
        (
            Target { columns: vec![("session_id".into(), "x".into())], ..target("01", "a") },
            "none of participant_id",
        ),
    ] {
        let error = bids::write(&recording(), folder.path(), &bad).unwrap_err().to_string();
        assert!(error.contains(words), "{error}");
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn pauses_keep_their_true_times() {
    let (mut header, data) = recording().into_parts();
    header.runs = vec![
        Run { onset: Seconds(0.0), samples: 0..1250 },
        Run { onset: Seconds(60.0), samples: 1250..2500 },
    ];
    header.annotations = vec![
        Annotation::new(Seconds(30.0), Seconds(0.0), "dose"),
        Annotation::new(Seconds(61.0), Seconds(0.0), "asleep"),
    ];
    let paused = Recording::from_parts(header, data).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let written = bids::write(&paused, folder.path(), &target("01", "")).unwrap();
    assert!(written.file.path.ends_with(".bdf"), "an array with a pause");
    let dataset = open(folder.path());
    let read = dataset.recording(&dataset.recordings[0]).unwrap();
    assert_eq!((read.runs().len(), read.runs()[1].onset), (2, Seconds(60.0)));
    let events: Vec<(f64, &str)> = read.annotations().iter().map(|a| (a.onset.0, a.label.as_str())).collect();
    assert_eq!(events, [(30.0, "dose"), (61.0, "asleep")]);
    let text = std::fs::read_to_string(folder.path().join("sub-01/eeg/sub-01_task-rest_events.tsv")).unwrap();
    assert_eq!(text, "onset\tduration\ttrial_type\tsample\n30\t0\tdose\tn/a\n61\t0\tasleep\t1500\n");
}

#[test]
fn a_window_and_some_channels_are_those_of_the_whole() {
    let folder = tempfile::tempdir().unwrap();
    bids::write(&recording(), folder.path(), &target("01", "")).unwrap();
    let dataset = open(folder.path());
    let mut reader = dataset.reader(&dataset.recordings[0]).unwrap();
    let part = reader.read_picks(100..200, &[2, 0]).unwrap();
    let whole = reader.read(0..2500).unwrap();
    assert_eq!(part.header().ch_names(), ["Pz", "Fz"]);
    assert_eq!(part.channels()[1], whole.channels()[0]);
    assert_eq!(part.data_uv().row(1), whole.data_uv().slice(ndarray::s![0, 100..200]));
    assert_eq!(part.annotations(), whole.annotations());
}

#[test]
fn nothing_of_a_person_gets_into_an_anonymous_dataset() {
    let identity = [Identifier::new("patient", "MCH-0234567 F 02-MAY-1951 Haagse_Harry")];
    let (mut header, data) = recording().into_parts();
    header.annotations[0].label = "Harry moves".into();
    header.details.bads[0].reason = "Harry pulled it off".into();
    let (anonymous, _) =
        dosewave_io::anonymize(Recording::from_parts(header, data).unwrap(), &identity).unwrap();
    let pairs = |all: &[(&str, &str)]| {
        all.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect::<Vec<_>>()
    };
    let mut where_to = Target {
        columns: pairs(&[("treatment", "ketamine"), ("remark", "Harry was tired"), ("visit", "2.5.2021")]),
        participant: pairs(&[
            ("weight", "70"),
            ("birth_date", "1951"),
            ("initials", "HH"),
            ("id", "0234567"),
        ]),
        reference: "as Dr. House has it".into(),
        ..target("01", "a")
    };
    let emptied = bids::anonymize_target(&mut where_to, &identity);
    assert_eq!(emptied, ["birth_date", "initials", "id", "remark", "visit", "EEGReference"]);
    let folder = tempfile::tempdir().unwrap();
    bids::write(&anonymous, folder.path(), &where_to).unwrap();
    let mut all = String::new();
    let mut folders = vec![folder.path().to_owned()];
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                all += &String::from_utf8_lossy(&std::fs::read(path).unwrap());
            }
        }
    }
    for word in ["Harry", "0234567", "1951", "2021", "House", "HH"] {
        assert!(!all.contains(word), "{word}");
    }
    assert!(all.contains("1985-01-01T05:06:07") && all.contains("ketamine") && all.contains("infusion"));
}

#[test]
fn the_dataset_of_a_file_is_found() {
    let folder = tempfile::tempdir().unwrap();
    bids::write(&recording(), folder.path(), &target("01", "a")).unwrap();
    let path = folder.path().join("sub-01/ses-a/eeg/sub-01_ses-a_task-rest_eeg.vhdr");
    let (_, file) = Dataset::containing(&path, &Limits::default()).unwrap().unwrap();
    assert_eq!(file.session(), "a");
    assert!(Dataset::containing(folder.path().join("other.edf"), &Limits::default()).unwrap().is_none());
}

/// BrainVision with places, two spaces of electrodes, byte-order marks; its golden values are those of MNE-Python.
#[test]
fn the_tiny_dataset_of_mne_bids_is_read_as_it_says() {
    let (Some(root), Some(golden)) = (
        shared("mne-bids/tiny_bids"),
        shared("golden/mne-bids/tiny_bids/sub-01/ses-eeg/eeg/sub-01_ses-eeg_task-rest_eeg.vhdr.json"),
    ) else {
        return;
    };
    let golden: Value = serde_json::from_str(&std::fs::read_to_string(golden).unwrap()).unwrap();
    let dataset = open(&root);
    assert_eq!((dataset.recordings.len(), dataset.dangling.len()), (1, 0));
    let recording = dataset.recording(&dataset.recordings[0]).unwrap();
    let header = recording.header();
    let names: Vec<&str> =
        golden["mne"]["ch_names"].as_array().unwrap().iter().map(|n| n.as_str().unwrap()).collect();
    assert_eq!(header.ch_names(), names);
    assert_eq!((header.sfreq.0, header.n_times()), (5000.0, golden["mne"]["n_samples"].as_u64().unwrap()));
    for (row, key) in [(0, "first_channel"), (header.n_channels() - 1, "last_channel")] {
        let first = golden["mne"][key]["first5"].as_array().unwrap();
        for (t, expected) in first.iter().enumerate() {
            assert!((recording.data_uv()[[row, t]] - expected.as_f64().unwrap()).abs() < 1e-6, "{key} {t}");
        }
    }
    let kind = |name: &str| header.channels[header.channel_index(name).unwrap()].kind;
    assert_eq!(
        (kind("HEOG"), kind("VEOG"), kind("ECG"), kind("GSR")),
        (ChannelKind::Eog, ChannelKind::Eog, ChannelKind::Ecg, ChannelKind::Misc)
    );
    let fp1 = header.channels[0].position.unwrap();
    for (found, expected) in
        fp1.iter().zip([-0.037_412_700_384_376_44, 0.111_021_381_458_856_07, 0.049_870_886_094_744_66])
    {
        assert!((found - expected).abs() < 1e-15);
    }
    let events: Vec<(f64, &str)> = header
        .annotations
        .iter()
        .filter(|a| !a.label.starts_with("New Segment"))
        .map(|a| (a.onset.0, a.label.as_str()))
        .collect();
    assert_eq!(events, [(0.0, "start_experiment"), (0.2, "show_stimulus")]);
    let said = notes(&recording);
    assert!(said.iter().any(|n| n.contains("space-CapTrak_electrodes.tsv; there are also")), "{said:?}");
    let sidecars = dataset.sidecars(&dataset.recordings[0]).unwrap();
    assert_eq!(
        (sidecars.column("pathology"), sidecars.column("age")),
        (Some("Parkinson's disease"), Some("29"))
    );
}

/// A published dataset of propofol whose data are annexed and not here, with ids of participants that are not those of its folders.
#[test]
fn a_dataset_without_its_content_is_listed_and_says_what_is_missing() {
    let Some(archive) = shared("OpenNeuro_ds005620/ds005620_git-skeleton.tar.gz") else { return };
    let folder = tempfile::tempdir().unwrap();
    let done = std::process::Command::new("tar")
        .args(["xzf", archive.to_str().unwrap(), "-C", folder.path().to_str().unwrap(), "--exclude=.git/*"])
        .status();
    if !done.is_ok_and(|status| status.success()) {
        return;
    }
    let dataset = open(&folder.path().join("ds005620"));
    let eeg = |path: &str| path.ends_with("_eeg.vhdr");
    assert_eq!(dataset.recordings.len(), dataset.dangling.iter().filter(|d| eeg(&d.path)).count());
    assert!(dataset.recordings.len() > 100 && dataset.subjects().contains(&"1010"));
    let said: Vec<&str> = dataset.notes.iter().map(|n| n.text.as_str()).collect();
    for words in
        ["datalad get", "without a row in participants.tsv: sub-1010", "without a recording: sub-SD_1010"]
    {
        assert!(said.iter().any(|n| n.contains(words)), "{words}: {said:?}");
    }
    let file = dataset.one(&"sub-1010_task-awake_acq-EC".parse().unwrap()).unwrap();
    let sidecars = dataset.sidecars(file).unwrap();
    assert_eq!((sidecars.channels.unwrap().rows.len(), sidecars.events.unwrap().rows.len()), (65, 1));
    assert_eq!(sidecars.scan[0].1, "2019-11-18T13:01:11.170389Z");
    let error = dataset.reader(file).err().unwrap().to_string();
    assert!(
        error.contains("its content")
            && error.contains(".git/annex/objects")
            && error.contains("datalad get"),
        "{error}"
    );
}

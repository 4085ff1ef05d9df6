//! EDF, EDF+ and BDF by the paragraphs of their specification, on files built byte by byte; and what is wrong is named.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::expect_used)]

use dosewave_eeg::{Annotation, Hz, Recording, Run, Seconds};
use dosewave_io::{Limits, MemorySource, open_source, read_source};

/// A file of two channels (Cz with 4, Pz with 4 samples per record of 1 s) and an annotation signal of 30 bytes.
struct File {
    version: &'static str,
    reserved: &'static str,
    n_records: String,
    duration: &'static str,
    n_signals: String,
    digital: (&'static str, &'static str),
    label: &'static str,
    pz_per_record: usize,
    tals: Vec<&'static [u8]>,
}

impl Default for File {
    fn default() -> Self {
        Self {
            version: "0",
            reserved: "EDF+C",
            n_records: "2".into(),
            duration: "1",
            n_signals: "3".into(),
            digital: ("-100", "100"),
            label: "Cz",
            pz_per_record: 4,
            tals: vec![b"+0\x14\x14\0+0.5\x151.5\x14dose\x14\0", b"+1\x14\x14\0"],
        }
    }
}

impl File {
    fn bytes(&self) -> Vec<u8> {
        let mut header = Vec::new();
        let mut put = |text: &str, width: usize| {
            let mut field = text.as_bytes().to_vec();
            field.resize(width, b' ');
            header.extend(field);
        };
        for (text, width) in [
            (self.version, 8),
            ("X X X X", 80),
            ("Startdate 02-MAR-2021 X X X", 80),
            ("02.03.21", 8),
            ("10.20.30", 8),
            ("1024", 8),
            (self.reserved, 44),
        ] {
            put(text, width);
        }
        put(&self.n_records, 8);
        put(self.duration, 8);
        put(&self.n_signals, 4);
        let annotation = if self.version == "0" { "EDF Annotations" } else { "BDF Annotations" };
        let width = if self.version == "0" { 2 } else { 3 };
        let pz = self.pz_per_record.to_string();
        let list = (30 / width).to_string();
        for (values, width) in [
            ([self.label, "Pz", annotation], 16),
            (["", "", ""], 80),
            (["uV", "mV", ""], 8),
            (["-50", "-1", "-1"], 8),
            (["50", "1", "1"], 8),
            ([self.digital.0, "-100", "-32768"], 8),
            ([self.digital.1, "100", "32767"], 8),
            (["HP:0.5Hz LP:70Hz", "", ""], 80),
            (["4", &pz, &list], 8),
            (["", "", ""], 32),
        ] {
            for value in values {
                put(value, width);
            }
        }
        if self.version != "0" {
            header.splice(0..8, *b"\xffBIOSEMI");
        }
        for (record, tal) in self.tals.iter().enumerate() {
            for channel in 0..2 {
                for t in 0..(if channel == 0 { 4 } else { self.pz_per_record }) {
                    let digital = (10 * record + t) as i32 * if channel == 0 { 1 } else { -1 };
                    header.extend(&digital.to_le_bytes()[..width]);
                }
            }
            let mut list = tal.to_vec();
            list.resize(30, 0);
            header.extend(list);
        }
        header
    }
}

fn read(bytes: Vec<u8>) -> Recording {
    read_source(Box::new(MemorySource::new("a.edf", bytes)), &Limits::default()).unwrap()
}

fn message(bytes: Vec<u8>) -> String {
    read_source(Box::new(MemorySource::new("a.edf", bytes)), &Limits::default())
        .err()
        .map(|e| e.to_string())
        .unwrap_or_default()
}

#[test]
fn samples_are_calibrated_for_16_and_24_bits() {
    for version in ["0", "B"] {
        let rec = read(File { version, ..File::default() }.bytes());
        assert_eq!((rec.sfreq(), rec.header().ch_names()), (Hz(4.0), vec!["Cz", "Pz"]));
        for t in 0..8 {
            let digital = (10 * (t / 4) + t % 4) as f64;
            assert!((rec.data_uv()[[0, t]] - digital * 0.5).abs() < 1e-12);
            assert!((rec.data_uv()[[1, t]] + digital * 10.0).abs() < 1e-9, "mV become µV");
        }
        assert_eq!(
            (rec.channels()[0].high_pass, rec.channels()[0].low_pass),
            (Some(Hz(0.5)), Some(Hz(70.0)))
        );
    }
}

#[test]
fn annotations_have_their_duration_and_the_start_its_date() {
    let rec = read(File::default().bytes());
    assert_eq!(rec.annotations(), [Annotation::new(Seconds(0.5), Seconds(1.5), "dose")]);
    assert_eq!(rec.header().start.unwrap().to_string(), "2021-03-02T10:20:30");
}

#[test]
fn a_sub_second_start_moves_the_clock_and_not_the_annotations() {
    let tals = vec![&b"+0.25\x14\x14\0+1\x14dose\x14\0"[..], b"+1.25\x14\x14\0"];
    let rec = read(File { tals, ..File::default() }.bytes());
    assert_eq!(rec.header().start.unwrap().to_string(), "2021-03-02T10:20:30.25");
    assert_eq!(rec.annotations()[0].onset, Seconds(0.75));
}

#[test]
fn a_discontinuous_file_is_runs_with_true_onsets() {
    let tals = vec![&b"+0\x14\x14\0"[..], b"+60\x14\x14\0+60.5\x14dose\x14\0"];
    let rec = read(File { reserved: "EDF+D", tals, ..File::default() }.bytes());
    let runs: Vec<(f64, std::ops::Range<u64>)> =
        rec.runs().iter().map(|r| (r.onset.0, r.samples.clone())).collect();
    assert_eq!(runs, [(0.0, 0..4), (60.0, 4..8)]);
    assert_eq!(rec.annotations()[0].onset, Seconds(60.5));
}

#[test]
fn windows_read_what_the_whole_has() {
    let bytes = File::default().bytes();
    let whole = read(bytes.clone());
    let mut reader = open_source(Box::new(MemorySource::new("a.edf", bytes)), &Limits::default()).unwrap();
    for (from, to) in [(0, 8), (3, 5), (4, 8), (7, 8), (2, 2), (6, 99)] {
        let part = reader.read(from..to).unwrap();
        let end = to.min(8) as usize;
        assert_eq!(
            part.data_uv(),
            whole.data_uv().slice(ndarray::s![.., from as usize..end]),
            "{from}..{to}"
        );
    }
}

#[test]
fn wrong_record_counts_are_read_as_far_as_they_go_and_noted() {
    for (n_records, note) in [
        ("-1", "unknown (-1)"),
        ("99999999", "claims 99999999 records, the file holds 2"),
        ("1", "holds 2 records, the header claims 1"),
    ] {
        let rec = read(File { n_records: n_records.into(), ..File::default() }.bytes());
        let notes: Vec<String> = rec.header().notes.iter().map(ToString::to_string).collect();
        assert!(notes.iter().any(|n| n.contains(note)), "{notes:?}");
        assert_eq!(rec.data_uv().ncols(), if n_records == "1" { 4 } else { 8 });
    }
    let mut cut = File::default().bytes();
    cut.truncate(cut.len() - 5);
    let rec = read(cut);
    assert_eq!(rec.data_uv().ncols(), 4);
    assert!(rec.header().notes.iter().any(|n| n.text.contains("last record is incomplete")));
}

#[test]
fn signals_of_another_rate_stay_in_the_header() {
    let rec = read(File { pz_per_record: 1, ..File::default() }.bytes());
    assert_eq!(rec.header().ch_names(), ["Cz"]);
    let other = &rec.header().other_signals[0];
    assert_eq!((other.name.as_str(), other.sfreq, other.n_samples), ("Pz", Hz(1.0), 2));
}

#[test]
fn what_is_wrong_is_named_with_its_place() {
    for (file, expected) in [
        (File { digital: ("5", "5"), ..File::default() }, "digital minimum and maximum of 'Cz'"),
        (
            File { n_signals: "0".into(), ..File::default() },
            "number of signals at byte 252 is 0; at least one",
        ),
        (File { n_signals: "1e9".into(), ..File::default() }, "number of signals at byte 252 is '1e9'"),
        (
            File { n_signals: "9999".into(), ..File::default() },
            "the number of channels is 9999, the limit is 4096",
        ),
        (File { duration: "0", ..File::default() }, "record duration at byte 244 is 0; more than 0 s"),
        (File { duration: "-2", ..File::default() }, "record duration at byte 244 is -2"),
        (File { n_records: "two".into(), ..File::default() }, "number of records at byte 236 is 'two'"),
    ] {
        let text = message(file.bytes());
        assert!(text.contains(expected), "{text}");
    }
    let mut huge = File::default().bytes();
    let at = 256 + 3 * (16 + 80 + 8 + 8 + 8 + 8 + 8 + 80);
    huge.splice(at..at + 8, *b"99999999");
    let limits = Limits { max_alloc: 1 << 20, ..Limits::default() };
    let error = read_source(Box::new(MemorySource::new("a.edf", huge)), &limits).unwrap_err().to_string();
    assert!(error.contains("one data record") && error.contains("the limit is 1048576"), "{error}");
}

#[test]
fn the_header_cut_at_any_byte_says_which_field_is_missing() {
    let whole = File::default().bytes();
    for n in 8..1024 {
        let text = message(whole[..n].to_vec());
        assert!(text.contains("the header is incomplete") || text.contains("is ''"), "{n}: {text}");
    }
}

#[test]
fn any_bit_may_flip() {
    let whole = File::default().bytes();
    let limits = Limits { max_alloc: 1 << 20, ..Limits::default() };
    let (mut read, mut refused) = (0, 0);
    for byte in 0..whole.len() {
        for bit in 0..8 {
            let mut bytes = whole.clone();
            bytes[byte] ^= 1 << bit;
            match read_source(Box::new(MemorySource::new("a.edf", bytes)), &limits) {
                Ok(rec) => {
                    assert!(rec.data_uv().len() * 8 <= 1 << 20);
                    read += 1;
                }
                Err(error) => {
                    assert!(error.to_string().contains("a.edf"));
                    refused += 1;
                }
            }
        }
    }
    assert!(read > 1000 && refused > 100, "{read} read, {refused} refused");
}

fn paused() -> Recording {
    let data =
        ndarray::Array2::from_shape_fn((2, 1250), |(c, t)| (t as f64 * 0.1).sin() * 40.0 * (c + 1) as f64);
    let (mut header, data) = Recording::new(data, Hz(250.0), &["Fz", "Cz"]).unwrap().into_parts();
    header.runs =
        vec![Run { onset: Seconds(0.0), samples: 0..500 }, Run { onset: Seconds(7.25), samples: 500..1250 }];
    header.annotations = vec![Annotation::new(Seconds(7.5), Seconds(2.0), "infusion µ")];
    Recording::from_parts(header, data).unwrap()
}

#[test]
fn what_is_written_reads_back_within_half_a_step() {
    let mut bytes = Vec::new();
    dosewave_io::edf::write(&paused(), &mut bytes, std::path::Path::new("a.edf")).unwrap();
    let back = read(bytes);
    assert_eq!(back.header().format, "EDF+D");
    assert_eq!(back.runs(), paused().runs());
    assert_eq!(back.annotations(), paused().annotations());
    for (c, half_step) in [(0, 80.0 / 65535.0 / 2.0), (1, 160.0 / 65535.0 / 2.0)] {
        let worst = (&back.data_uv().row(c) - &paused().data_uv().row(c))
            .mapv(f64::abs)
            .fold(0.0, |a: f64, b| a.max(*b));
        assert!(worst <= half_step * 1.001 && worst > half_step * 0.5, "{worst} of {half_step}");
    }
}

#[test]
fn files_on_disk_appear_whole_or_not_at_all() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("out.edf");
    dosewave_io::write(&paused(), &path).unwrap();
    assert_eq!(dosewave_io::read(&path).unwrap().runs().len(), 2);
    let (header, mut data) = paused().into_parts();
    data[[1, 3]] = f64::NAN;
    let bad = Recording::from_parts(header, data).unwrap();
    let error = dosewave_io::write(&bad, folder.path().join("bad.edf")).unwrap_err().to_string();
    assert!(error.contains("'Cz' holds NaN at sample 3"), "{error}");
    assert!(
        dosewave_io::write(&paused(), folder.path().join("x.xyz"))
            .unwrap_err()
            .to_string()
            .contains("unknown ending '.xyz'")
    );
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}

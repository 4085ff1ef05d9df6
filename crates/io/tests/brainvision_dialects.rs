//! What headers and markers in the wild look like: old and new versions, code pages, orders, odd units, lies.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use dosewave_eeg::{ChannelKind, Recording};
use dosewave_io::{Limits, MemorySource, open_source, read_source};

const HEADER: &str = "Brain Vision Data Exchange Header File Version 1.0
[Common Infos]
DataFile=a.eeg
MarkerFile=a.vmrk
NumberOfChannels=2
SamplingInterval=10000
[Binary Infos]
BinaryFormat=INT_16
[Channel Infos]
Ch1=Cz,,0.5,µV
Ch2=Pz,,2,µV
";
const MARKERS: &str = "Brain Vision Data Exchange Marker File, Version 1.0\n[Marker Infos]\n";

/// Channel 1 counts 0, 1, 2 …, channel 2 counts 100, 101 …, `n` samples one after the other.
fn samples(n: i16) -> Vec<u8> {
    (0..n).flat_map(|t| [t, 100 + t]).flat_map(i16::to_le_bytes).collect()
}

fn trio(header: impl Into<Vec<u8>>, markers: impl Into<Vec<u8>>, data: Vec<u8>) -> Box<MemorySource> {
    let source = MemorySource::new("a.vhdr", header.into());
    Box::new(source.with_sibling("a.vmrk", markers.into()).with_sibling("a.eeg", data))
}

fn recording(header: &str, markers: &str) -> Recording {
    read_source(trio(header, markers, samples(20)), &Limits::default()).unwrap()
}

fn message(source: Box<MemorySource>) -> String {
    open_source(source, &Limits::default()).err().map(|e| e.to_string()).unwrap_or_default()
}

fn notes(recording: &Recording) -> String {
    recording.header().notes.iter().map(|n| n.text.as_str()).collect::<Vec<_>>().join("; ")
}

#[test]
fn versions_line_ends_and_code_pages_read_the_same() {
    let plain = recording(HEADER, MARKERS);
    assert_eq!((plain.data_uv()[[0, 3]], plain.data_uv()[[1, 3]], plain.sfreq().0), (1.5, 206.0, 100.0));
    let dialects: [Vec<u8>; 6] = [
        HEADER.replace("Version 1.0", "Version 2.0\n; a remark\n").into(),
        HEADER.replace("Brain Vision", "BrainVision").into(),
        HEADER.replace('\n', "\r\n").into(),
        format!("\u{feff}{HEADER}").into(),
        HEADER.chars().map(|c| u8::try_from(c).unwrap()).collect(), // Latin-1
        HEADER.replace("NumberOfChannels=2", "numberofchannels = 2").replace("=a.", "=$b.").into(),
    ];
    for (i, header) in dialects.into_iter().enumerate() {
        let got = read_source(trio(header, MARKERS, samples(20)), &Limits::default()).unwrap();
        assert_eq!(got, plain, "dialect {i}");
    }
}

#[test]
fn sections_may_stand_in_any_order() {
    let (common, rest) = HEADER.split_at(HEADER.find("[Binary").unwrap());
    let (first, common) = common.split_at(common.find("[Common").unwrap());
    let shuffled = format!("{first}[Comment]\nNumberOfChannels=9\n[no section]\n{rest}{common}");
    assert_eq!(recording(&shuffled, MARKERS), recording(HEADER, MARKERS));
}

#[test]
fn file_names_of_another_machine_and_another_case_are_found() {
    let header = HEADER.replace("=a.eeg", "=C:\\data\\A.EEG").replace("=a.vmrk", "=/home/me/A.VMRK");
    assert_eq!(recording(&header, MARKERS), recording(HEADER, MARKERS));
}

#[test]
fn units_resolutions_and_names_follow_the_entry() {
    let header = HEADER
        .replace("Ch1=Cz,,0.5,µV", "Ch1=C\\1z,Ref,,mV,future")
        .replace("Ch2=Pz,,2,µV", "Ch2=GSR one,,0.1,µS");
    let rec = recording(&header, MARKERS);
    let [first, second] = &rec.channels()[..] else { panic!("two channels") };
    assert_eq!((first.name.as_str(), first.unit.as_str()), ("C,z", "µV"));
    assert_eq!((second.unit.as_str(), second.kind), ("µS", ChannelKind::Misc));
    assert_eq!(rec.data_uv()[[0, 3]], 3000.0);
    assert!((rec.data_uv()[[1, 3]] - 10.3).abs() < 1e-12);
    let rec = recording(&HEADER.replace("Cz,,0.5", "Cz,,0"), MARKERS);
    assert!(notes(&rec).contains("the resolution of 'Cz' is 0"), "{}", notes(&rec));
    let text = message(trio(HEADER.replace("Cz,,0.5", "Cz,,half"), MARKERS, samples(20)));
    assert!(text.contains("resolution of 'Cz' at byte") && text.contains("'half'"), "{text}");
}

#[test]
fn markers_keep_commas_lengths_and_channels_and_bad_ones_are_counted() {
    let markers = format!(
        "{MARKERS}; Mk0=Comment,remark,1,1,0\nMk1=New Segment,,1,1,0\nMk2=Stimulus,S  1,5,0,0\n\
         Mk3=Comment,a\\1b,6,10,2\nMk4=Comment,no position,x,1,0\nMk5=Response,late,21,1,0\n"
    );
    let rec = recording(HEADER, &markers);
    let got: Vec<_> = rec
        .annotations()
        .iter()
        .map(|a| (a.onset.0, a.duration.0, a.label.as_str(), a.channels.len()))
        .collect();
    assert_eq!(
        got,
        [(0.04, 0.0, "Stimulus/S  1", 0), (0.05, 0.1, "Comment/a,b", 1), (0.2, 0.01, "Response/late", 0)]
    );
    let notes = notes(&rec);
    assert!(notes.contains("1 marker(s) of 'a.vmrk'") && notes.contains("1 marker(s) lie behind"), "{notes}");
}

#[test]
fn segments_of_equal_length_without_markers_are_joints() {
    let header = HEADER
        .replace("SamplingInterval", "SegmentationType=MARKERBASED\nSegmentDataPoints=8\nSamplingInterval");
    let rec = recording(&header, MARKERS);
    let runs: Vec<_> = rec.runs().iter().map(|r| r.samples.clone()).collect();
    assert_eq!(runs, [0..8, 8..16, 16..20]);
    assert!(notes(&rec).contains("2 segment(s) have no date, the first at sample 8"), "{}", notes(&rec));
    let whole = header.replace("MARKERBASED", "NOTSEGMENTED");
    assert_eq!(recording(&whole, MARKERS).runs().len(), 1);
    // as many joints as samples are asked for: refused before they are made
    let limits = Limits { max_annotations: 10, ..Limits::default() };
    let many = trio(header.replace("=8", "=1"), MARKERS, samples(20));
    let text = open_source(many, &limits).err().map(|e| e.to_string()).unwrap_or_default();
    assert!(text.contains("the number of annotations is 20"), "{text}");
}

#[test]
fn a_pause_is_as_long_as_the_dates_say_over_midnight() {
    let markers = format!(
        "{MARKERS}Mk1=New Segment,,1,1,0,20191231235959000000\nMk2=New Segment,,11,1,0,20200101000000100000\n\
         Mk3=Comment,dose,12,1,0\nMk4=New Segment,,16,1,0,20191231235959150000\n"
    );
    let rec = recording(HEADER, &markers);
    let onsets: Vec<f64> = rec.runs().iter().map(|r| r.onset.0).collect();
    // the third is dated into the second: it cannot begin before the second ends
    for (got, expected) in onsets.iter().zip([0.0, 1.1, 1.15]) {
        assert!((got - expected).abs() < 1e-9, "{onsets:?}");
    }
    let dose = rec.annotations().iter().find(|a| a.label == "Comment/dose").unwrap();
    assert!((dose.onset.0 - 1.11).abs() < 1e-9);
}

#[test]
fn what_is_not_a_recording_of_samples_is_refused_with_advice() {
    for (extra, expected) in [
        ("DataFormat=ASCII", "DataFormat=ASCII is not read; export the recording as binary"),
        ("DataType=FREQUENCYDOMAIN", "DataType=FREQUENCYDOMAIN is not read; export the samples"),
    ] {
        let header = HEADER.replace("SamplingInterval", &format!("{extra}\nSamplingInterval"));
        let text = message(trio(header, MARKERS, samples(20)));
        assert!(text.contains(expected), "{text}");
    }
    let averaged = HEADER.replace("SamplingInterval", "Averaged=YES\nSamplingInterval");
    assert!(notes(&recording(&averaged, MARKERS)).contains("averages over segments"));
}

#[test]
fn a_data_file_of_another_size_is_noted_or_refused() {
    let claims = HEADER.replace("SamplingInterval", "DataPoints=25\nSamplingInterval");
    let mut data = samples(20);
    data.push(0);
    let rec = read_source(trio(claims.clone(), MARKERS, data.clone()), &Limits::default()).unwrap();
    assert_eq!(rec.header().n_times(), 20);
    let text = notes(&rec);
    assert!(
        text.contains("(1 of 4 bytes)") && text.contains("claims 25 samples, the data file holds 20"),
        "{text}"
    );
    // channel after channel, another size moves every channel but the first
    let vectorized = claims.replace("SamplingInterval", "DataOrientation=VECTORIZED\nSamplingInterval");
    for data in [data, samples(20)] {
        let text = message(trio(vectorized.clone(), MARKERS, data));
        assert!(text.contains("where the header claims 25 samples") && text.contains("a.eeg"), "{text}");
    }
    for data in [vec![], vec![0; 3]] {
        let text = message(trio(HEADER, MARKERS, data));
        assert!(text.contains("the data file is empty"), "{text}");
    }
}

#[test]
fn a_channel_count_that_disagrees_is_named() {
    for n in ["0", "1", "3", "-1", "two", "99999999999999999999"] {
        let text =
            message(trio(HEADER.replace("Channels=2", &format!("Channels={n}")), MARKERS, samples(20)));
        assert!(text.contains("NumberOfChannels at byte 99") && text.contains(n), "{n}: {text}");
    }
}

#[test]
fn windows_hold_what_the_whole_holds() {
    for orientation in ["MULTIPLEXED", "VECTORIZED"] {
        let header =
            HEADER.replace("SamplingInterval", &format!("DataOrientation={orientation}\nSamplingInterval"));
        let whole = recording(&header, MARKERS);
        let mut reader = open_source(trio(header, MARKERS, samples(20)), &Limits::default()).unwrap();
        for (from, to) in [(0, 20), (3, 7), (19, 20), (5, 5), (15, 99), (30, 40)] {
            let part = reader.read(from..to).unwrap();
            let columns = (from.min(20) as usize)..(to.min(20) as usize);
            assert_eq!(part.data_uv(), whole.data_uv().slice(ndarray::s![.., columns]), "{from}..{to}");
        }
    }
}

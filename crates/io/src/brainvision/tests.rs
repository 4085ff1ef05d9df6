//! Whole recordings in memory.

use crate::{Limits, MemorySource, open_source, read_source};

const VMRK: &str = "Brain Vision Data Exchange Marker File, Version 1.0\n[Marker Infos]\n\
Mk1=New Segment,,1,1,0,20200101120000000000\nMk2=Stimulus,S  1,3,2,0\nMk3=New Segment,,5,1,0,20200101120030000000\n\
Mk4=Comment,dose,6,0,2\n";

fn vhdr(extra: &str, format: &str) -> String {
    format!(
        "Brain Vision Data Exchange Header File Version 1.0\n[Common Infos]\nDataFile=a.eeg\nMarkerFile=a.vmrk\n\
         DataFormat=BINARY\nNumberOfChannels=2\nSamplingInterval=10000\n{extra}\n[Binary Infos]\nBinaryFormat={format}\n\
         [Channel Infos]\nCh1=Cz,,0.5,µV\nCh2=Pz,,2,nV\n"
    )
}

fn source(vhdr: String, data: Vec<u8>) -> Box<MemorySource> {
    let source = MemorySource::new("a.vhdr", vhdr.into_bytes());
    Box::new(source.with_sibling("a.vmrk", VMRK.into()).with_sibling("a.eeg", data))
}

/// Channel 1 counts 0, 1, 2 …, channel 2 counts 100, 101 …
fn value(channel: usize, t: usize) -> f64 {
    (t + 100 * channel) as f64
}

fn frames(multiplexed: bool, encode: impl Fn(f64) -> Vec<u8>) -> Vec<u8> {
    let pairs: Vec<(usize, usize)> = if multiplexed {
        (0..8).flat_map(|t| [(0, t), (1, t)]).collect()
    } else {
        (0..2).flat_map(|c| (0..8).map(move |t| (c, t))).collect()
    };
    pairs.into_iter().flat_map(|(c, t)| encode(value(c, t))).collect()
}

fn message(source: Box<MemorySource>) -> String {
    read_source(source, &Limits::default()).err().map(|e| e.to_string()).unwrap_or_default()
}

#[test]
fn every_number_type_and_orientation_reads_the_same() {
    type Encode = fn(f64) -> Vec<u8>;
    let types: [(&str, &str, Encode); 6] = [
        ("INT_16", "", |v| (v as i16).to_le_bytes().into()),
        ("UINT_16", "", |v| (v as u16).to_le_bytes().into()),
        ("INT_32", "", |v| (v as i32).to_le_bytes().into()),
        ("INT_16", "UseBigEndianOrder=YES", |v| (v as i16).to_be_bytes().into()),
        ("IEEE_FLOAT_32", "", |v| (v as f32).to_le_bytes().into()),
        ("IEEE_FLOAT_64", "", |v| v.to_le_bytes().into()),
    ];
    for (format, extra, encode) in types {
        for (orientation, multiplexed) in [("MULTIPLEXED", true), ("VECTORIZED", false)] {
            let header = vhdr(&format!("DataOrientation={orientation}\n{extra}"), format);
            let rec = read_source(source(header, frames(multiplexed, encode)), &Limits::default()).unwrap();
            for t in 0..8 {
                assert_eq!(rec.data_uv()[[0, t]], 0.5 * value(0, t), "{format} {orientation}");
                assert!((rec.data_uv()[[1, t]] - 0.002 * value(1, t)).abs() < 1e-12);
            }
        }
    }
}

#[test]
fn a_new_segment_with_a_later_date_is_a_pause() {
    let mut reader = open_source(
        source(vhdr("", "INT_16"), frames(true, |v| (v as i16).to_le_bytes().into())),
        &Limits::default(),
    )
    .unwrap();
    let header = reader.header().clone();
    assert_eq!(
        header.runs.iter().map(|r| (r.onset.0, r.samples.clone())).collect::<Vec<_>>(),
        [(0.0, 0..4), (30.0, 4..8)]
    );
    assert_eq!(header.start.unwrap().to_string(), "2020-01-01T12:00:00");
    let dose = header.annotations.iter().find(|a| a.label == "Comment/dose").unwrap();
    assert_eq!((dose.onset.0, dose.channels.as_slice()), (30.01, &["Pz".to_owned()][..]));
    let part = reader.read(3..6).unwrap();
    assert_eq!(
        part.runs().iter().map(|r| (r.onset.0, r.samples.clone())).collect::<Vec<_>>(),
        [(0.03, 0..1), (30.0, 1..3)]
    );
    assert_eq!(part.data_uv()[[0, 1]], 2.0);
}

#[test]
fn what_is_wrong_is_named() {
    let nan = frames(true, |v| if v == 102.0 { f32::NAN } else { v as f32 }.to_le_bytes().into());
    let text = message(source(vhdr("", "IEEE_FLOAT_32"), nan));
    assert!(text.contains("sample 2 of channel 'Pz' at byte 20 is NaN"), "{text}");
    let alone = Box::new(MemorySource::new("a.vhdr", vhdr("", "INT_16").into_bytes()));
    assert!(message(alone).contains("its data file 'a.eeg' is missing; copy it beside the header"));
    let no_markers = MemorySource::new("b.vhdr", vhdr("", "INT_16").into_bytes())
        .with_sibling("a.eeg", vec![0; 32])
        .with_sibling("b.vmrk", vec![]);
    let text = message(Box::new(no_markers));
    assert!(text.contains("its marker file 'a.vmrk' is missing; 'b.vmrk' stands beside"), "{text}");
    let text = message(source(vhdr("", "INT_17"), vec![]));
    assert!(text.contains("BinaryFormat") && text.contains("'INT_17'; INT_16"), "{text}");
    let text = message(source(
        vhdr("", "INT_16").replace("NumberOfChannels=2", "NumberOfChannels=1000000000"),
        vec![],
    ));
    assert!(text.contains("the number of channels is 1000000000"), "{text}");
    let text = message(source(vhdr("", "INT_16").replace("=10000", "=0"), vec![]));
    assert!(text.contains("SamplingInterval"), "{text}");
    let data = MemorySource::new("a.eeg", vec![1, 2, 3]).with_sibling("a.vhdr", vec![]);
    assert!(message(Box::new(data)).contains("open its header 'a.vhdr' instead"));
}

#[test]
fn every_prefix_of_the_header_is_an_error_or_a_recording() {
    let whole = vhdr("DataOrientation=VECTORIZED", "INT_16").into_bytes();
    let mut errors = 0;
    for n in 0..whole.len() {
        let prefix = MemorySource::new("a.vhdr", whole[..n].to_vec());
        let prefix = prefix.with_sibling("a.vmrk", VMRK.into()).with_sibling("a.eeg", vec![0; 32]);
        errors += usize::from(read_source(Box::new(prefix), &Limits::default()).is_err());
    }
    assert!(errors > whole.len() - 20, "{errors} of {}", whole.len());
}

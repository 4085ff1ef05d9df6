//! Damaged recordings: any cut and any flipped bit is an error or a recording, in bounded memory.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use dosewave_eeg::Recording;
use dosewave_io::{Limits, MemorySource, read_source};
use proptest::prelude::*;

const FILES: [&str; 3] = ["a.vhdr", "a.vmrk", "a.eeg"];

/// Three small files with all that the reader looks at.
fn trio() -> [Vec<u8>; 3] {
    let header = "Brain Vision Data Exchange Header File Version 1.0\r\n[Common Infos]\r\nDataFile=a.eeg\r\n\
        MarkerFile=a.vmrk\r\nDataFormat=BINARY\r\nDataOrientation=VECTORIZED\r\nDataPoints=8\r\nNumberOfChannels=2\r\n\
        SamplingInterval=10000\r\n[Binary Infos]\r\nBinaryFormat=IEEE_FLOAT_32\r\n[Channel Infos]\r\n\
        Ch1=Cz,,0.5,\u{b5}V\r\nCh2=Pz,,2,nV\r\n[Coordinates]\r\nCh1=1,0,0\r\nCh2=1,-46,68\r\n[Comment]\r\n\
        #     Name      Phys. Chn.    Resolution / Unit   Low Cutoff [s]   High Cutoff [Hz]\r\n\
        1     Cz          1                0.5 \u{b5}V             10              250\r\n";
    let markers = "Brain Vision Data Exchange Marker File, Version 1.0\r\n[Marker Infos]\r\n\
        Mk1=New Segment,,1,1,0,20200101120000000000\r\nMk2=Stimulus,S  1,3,2,0\r\n\
        Mk3=New Segment,,5,1,0,20200101120030000000\r\nMk4=Comment,dose,6,0,2\r\n";
    let data = (0..16_u8).flat_map(|i| f32::from(i).to_le_bytes()).collect();
    [header.into(), markers.into(), data]
}

fn read(files: [Vec<u8>; 3]) -> Result<Recording, String> {
    let [header, markers, data] = files;
    let source =
        MemorySource::new(FILES[0], header).with_sibling(FILES[1], markers).with_sibling(FILES[2], data);
    let limits = Limits { max_alloc: 1 << 20, max_channels: 64, max_annotations: 100 };
    read_source(Box::new(source), &limits).map_err(|e| e.to_string())
}

/// What holds of any recording that is read.
fn is_sound(recording: &Recording) {
    assert!(recording.data_uv().iter().all(|v| v.is_finite()));
    assert!(recording.data_uv().len() <= 64, "more samples than the file has bytes");
    assert!(recording.annotations().iter().all(|a| a.onset.0.is_finite() && a.duration.0 >= 0.0));
    let json = serde_json::to_string(recording.header()).unwrap();
    assert!(!json.contains("null,null"), "{json}");
}

#[test]
fn the_whole_trio_is_read() {
    let recording = read(trio()).unwrap();
    assert_eq!((recording.data_uv().dim(), recording.runs().len()), ((2, 8), 2));
    is_sound(&recording);
}

#[test]
fn every_cut_of_every_file_is_an_error_or_a_sound_recording() {
    for (file, name) in FILES.iter().enumerate() {
        let whole = trio();
        for n in 0..whole[file].len() {
            let mut files = trio();
            files[file].truncate(n);
            match read(files) {
                Ok(recording) => is_sound(&recording),
                Err(text) => {
                    assert!(text.contains("a.vhdr") || text.contains(name), "{name} cut at {n}: {text}");
                }
            }
        }
    }
    // the samples are channel after channel: no cut of them can be read
    for n in 0..64 {
        let mut files = trio();
        files[2].truncate(n);
        assert!(read(files).is_err(), "data cut at {n}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bits_may_flip(flips in prop::collection::vec((0..3_usize, any::<prop::sample::Index>(), 0..8), 1..4)) {
        let mut files = trio();
        for (file, at, bit) in flips {
            let at = at.index(files[file].len());
            files[file][at] ^= 1u8 << bit;
        }
        if let Ok(recording) = read(files) {
            is_sound(&recording);
        }
    }

    #[test]
    fn any_number_may_be_replaced(which in any::<prop::sample::Index>(), number in "-?[0-9]{1,24}(\\.[0-9]{1,3})?(e[0-9]{1,3})?") {
        let mut files = trio();
        let text: String = files[0].iter().map(|b| char::from(*b)).collect();
        let starts: Vec<usize> = text.match_indices('=').map(|(at, _)| at + 1).collect();
        let at = starts[which.index(starts.len())];
        let end = at + text[at..].find('\r').unwrap();
        files[0].splice(at..end, number.bytes());
        if let Ok(recording) = read(files) {
            is_sound(&recording);
        }
    }
}

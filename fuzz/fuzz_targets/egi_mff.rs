#![no_main]

use dosewave_io::MemorySource;

// the signal file behind its texts, divided by the byte 0x1e that none of the texts holds
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let mut parts = bytes.splitn(7, |byte| *byte == 0x1e).map(<[u8]>::to_vec);
    let mut next = || parts.next().unwrap_or_default();
    let source = MemorySource::new("a.mff", next());
    let names =
        ["info1.xml", "epochs.xml", "coordinates.xml", "Events_ECI.xml", "categories.xml", "signal1.bin"];
    dosewave_fuzz::all(names.iter().fold(source, |source, name| source.with_sibling(name, next())));
});

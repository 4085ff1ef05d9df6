#![no_main]

use dosewave_io::MemorySource;

// header, markers and samples, divided by the byte 0xff that none of the texts holds
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let mut parts = bytes.splitn(3, |byte| *byte == 0xff).map(<[u8]>::to_vec);
    let mut next = || parts.next().unwrap_or_default();
    let source = MemorySource::new("a.vhdr", next()).with_sibling("a.vmrk", next()).with_sibling("a.eeg", next());
    dosewave_fuzz::all(source);
});

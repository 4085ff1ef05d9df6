#![no_main]

use dosewave_io::MemorySource;

// the first two bytes say how long the file of samples is; what it holds is no matter, so it is the set's bytes over again
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let Some((n, set)) = bytes.split_first_chunk::<2>() else { return };
    let samples: Vec<u8> = set.iter().copied().cycle().take(usize::from(u16::from_le_bytes(*n))).collect();
    let source = MemorySource::new("a.set", set.to_vec());
    dosewave_fuzz::all(source.with_sibling("a.fdt", samples.clone()).with_sibling("a.dat", samples));
});

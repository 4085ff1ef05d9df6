#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| dosewave_fuzz::read("a.nwb", bytes));

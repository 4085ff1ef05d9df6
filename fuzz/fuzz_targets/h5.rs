#![no_main]

// all objects of a file, whatever they mean
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let _ = dosewave_io::walk_hdf5("a.h5", bytes.to_vec(), dosewave_fuzz::LIMITS);
});

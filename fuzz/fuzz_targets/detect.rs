#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    // the first byte chooses an ending
    let endings: Vec<&str> = dosewave_io::FORMATS.iter().flat_map(|f| f.extensions()).copied().collect();
    let Some((first, bytes)) = bytes.split_first() else { return };
    dosewave_fuzz::read(&format!("a.{}", endings[usize::from(*first) % endings.len()]), bytes);
});

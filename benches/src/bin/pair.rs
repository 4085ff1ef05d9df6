//! Writes `pre.edf` and `post.edf`, 64 channels at 500 Hz, into a folder: `pair FOLDER MINUTES`.

use std::path::Path;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [folder, minutes] = arguments.as_slice() else { return Err("usage: pair FOLDER MINUTES".into()) };
    let seconds = 60.0 * minutes.parse::<f64>()?;
    for (name, gamma, seed) in [("pre.edf", 1.0, 1), ("post.edf", 2.0, 2)] {
        let recording = dosewave_benches::recording(seconds, 500.0, gamma, seed)?;
        dosewave::io::write(&recording, Path::new(folder).join(name))?;
    }
    Ok(())
}

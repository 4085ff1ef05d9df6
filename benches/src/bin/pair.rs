//! Writes `pre.edf` and `post.edf`, 64 channels at 500 Hz, into a folder: `pair FOLDER MINUTES`.

use dosewave_benches::{Failure, Part, recording};
use std::path::Path;

fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [folder, minutes] = arguments.as_slice() else { return Err("usage: pair FOLDER MINUTES".into()) };
    let seconds = 60.0 * minutes.parse::<f64>()?;
    for (name, part) in [("pre.edf", Part::Before), ("post.edf", Part::After)] {
        dosewave::io::write(&recording(seconds, 500.0, part)?, Path::new(folder).join(name))?;
    }
    Ok(())
}

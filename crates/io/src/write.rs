//! Writing by file ending.

use crate::source::write_aside;
use crate::{Error, Result};
use dosewave_eeg::Recording;
use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::Path;

/// Writes a recording in the format of the path's ending: `.edf` (EDF+, 16 bits), `.bdf` (BDF+, 24 bits), `.vhdr` (BrainVision, 32-bit float)
/// or, with the feature `hdf5`, `.h5` (every bit). The file appears whole or not at all.
///
/// # Errors
/// [`Error::Write`] when the recording does not fit the format, [`Error::Io`] from the disk.
///
/// ```no_run
/// let recording = dosewave_io::read("pre.vhdr")?;
/// dosewave_io::write(&recording, "pre.edf")?;
/// # Ok::<(), dosewave_io::Error>(())
/// ```
pub fn write(recording: &Recording, path: impl AsRef<Path>) -> Result<()> {
    let path = path.as_ref();
    let ending = path.extension().map(|e| e.to_string_lossy().to_ascii_lowercase()).unwrap_or_default();
    match ending.as_str() {
        "edf" | "bdf" => write_aside(path, |aside| {
            let failed = |source| Error::Io { file: path.to_owned(), source };
            let mut out = BufWriter::new(File::create(aside).map_err(failed)?);
            if ending == "edf" {
                crate::edf::write(recording, &mut out, path)?;
            } else {
                crate::edf::write_bdf(recording, &mut out, path)?;
            }
            out.flush().map_err(failed)
        }),
        "vhdr" => crate::brainvision::write(recording, path),
        #[cfg(feature = "hdf5")]
        "h5" | "hdf5" => crate::store::write_recording(recording, path),
        _ => Err(Error::Write {
            file: path.to_owned(),
            format: "a recording",
            what: format!(
                "unknown ending '.{ending}'; use .edf, .bdf{}",
                if cfg!(feature = "hdf5") { ", .vhdr or .h5" } else { " or .vhdr" }
            ),
        }),
    }
}

//! Writing the three files.

mod header;
mod markers;
mod resolution;

use crate::source::write_aside;
use crate::{Error, Result};
use dosewave_eeg::Recording;
use std::fs::{self, File};
use std::io::{BufWriter, Write as _};
use std::path::Path;

/// Writes a recording as BrainVision: the header at `path`, data (32-bit float, multiplexed) and markers beside it as
/// `.eeg` and `.vmrk` of the same name. Each file appears whole or not at all, the header last.
///
/// Samples keep 24 bits (an error of at most 6e-8 of their size); those that came from 32-bit floats or from integers without an
/// offset, as BrainVision has them, keep every bit. Annotations stand at the nearest sample; one without
/// a type (`Stimulus/S  1` has one) becomes a `Comment/…`. Time zero is the first sample. Pauses are `New Segment`
/// markers with their dates, to the microsecond. Positions keep their direction, filters their edges; kinds of
/// channels follow from their names when the file is read.
///
/// # Errors
/// [`Error::Write`] for NaN, infinity and values beyond 32-bit float, for an annotation within a pause or before the
/// first sample (the format has no place for it), and for a pause without a start date; [`Error::Io`] from the disk.
///
/// ```
/// use dosewave_eeg::{Hz, Recording};
/// let folder = std::env::temp_dir().join(format!("dosewave-doc-bv-{}", std::process::id()));
/// std::fs::create_dir_all(&folder).unwrap();
/// let recording = Recording::new(ndarray::arr2(&[[1.5, -2.25]]), Hz(250.0), &["Cz"]).unwrap();
/// dosewave_io::brainvision::write(&recording, &folder.join("a.vhdr"))?;
/// assert_eq!(dosewave_io::read(folder.join("a.vhdr"))?.data_uv(), recording.data_uv());
/// # std::fs::remove_dir_all(folder).unwrap();
/// # Ok::<(), dosewave_io::Error>(())
/// ```
pub fn write(recording: &Recording, path: &Path) -> Result<()> {
    let failed = |what: String| Error::Write { file: path.to_owned(), format: "BrainVision", what };
    let Some(stem) = path.file_stem().and_then(|stem| stem.to_str()) else {
        return Err(failed("the file needs a name in Unicode".into()));
    };
    check_samples(recording).map_err(failed)?;
    let resolutions = resolution::all(recording);
    let header = header::text(recording, stem, &resolutions);
    let markers = markers::text(recording, stem).map_err(failed)?;
    write_aside(path, |aside| {
        put(aside, path, &header)?;
        let path = path.with_extension("vmrk");
        write_aside(&path, |aside| {
            put(aside, &path, &markers)?;
            let path = path.with_extension("eeg");
            write_aside(&path, |aside| {
                write_samples(recording, &resolutions, aside)
                    .map_err(|source| Error::Io { file: path.clone(), source })
            })
        })
    })
}

fn put(aside: &Path, path: &Path, text: &str) -> Result<()> {
    fs::write(aside, text).map_err(|source| Error::Io { file: path.to_owned(), source })
}

fn check_samples(recording: &Recording) -> std::result::Result<(), String> {
    recording.check_finite().map_err(|e| e.to_string())?;
    for (channel, row) in recording.channels().iter().zip(recording.data_uv().outer_iter()) {
        if let Some((sample, value)) = row.iter().enumerate().find(|(_, v)| !(**v as f32).is_finite()) {
            return Err(format!(
                "sample {sample} of channel '{}' is {value}, beyond 32-bit float; write .h5",
                channel.name
            ));
        }
    }
    Ok(())
}

fn write_samples(recording: &Recording, resolutions: &[f64], aside: &Path) -> std::io::Result<()> {
    let mut out = BufWriter::with_capacity(1 << 20, File::create(aside)?);
    for frame in recording.data_uv().columns() {
        for (value, resolution) in frame.iter().zip(resolutions) {
            out.write_all(&resolution::stored(*value, *resolution).to_le_bytes())?;
        }
    }
    out.flush()
}

/// One field of a line: no line breaks, commas as `\1`.
fn field(text: &str) -> String {
    text.replace(|c: char| c.is_control(), " ").replace(',', "\\1")
}

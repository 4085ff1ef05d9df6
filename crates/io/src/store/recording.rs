//! Recordings in HDF5, to the last bit.

use super::dataset::{text_attribute, text_dataset, unicode};
use super::{FORMAT, OURS};
use crate::source::write_aside;
use crate::{Error, Result};
use dosewave_eeg::Recording;
use std::path::Path;

/// Writes a recording: samples as the dataset `data_uv` `[channel, time]` (gzip), channel names as `ch_names`, and the
/// whole header as JSON in the attribute-like dataset `header`. The file appears whole or not at all.
///
/// # Errors
/// [`Error::Write`] with HDF5's reason, [`Error::Io`] from the disk.
///
/// ```
/// use dosewave_eeg::{Hz, Recording};
/// let path = std::env::temp_dir().join(format!("dosewave-doc-{}.h5", std::process::id()));
/// let recording = Recording::new(ndarray::arr2(&[[1.5, -2.25]]), Hz(250.0), &["Cz"]).unwrap();
/// dosewave_io::store::write_recording(&recording, &path)?;
/// assert_eq!(dosewave_io::read(&path)?, recording);
/// # std::fs::remove_file(path).unwrap();
/// # Ok::<(), dosewave_io::Error>(())
/// ```
pub fn write_recording(recording: &Recording, path: &Path) -> Result<()> {
    let failed = |what: String| Error::Write { file: path.to_owned(), format: FORMAT, what };
    let header = serde_json::to_string(recording.header()).map_err(|e| failed(e.to_string()))?;
    let fill = |aside: &Path| -> hdf5::Result<()> {
        let file = hdf5::FileBuilder::new().with_fapl(|fapl| fapl.libver_v18()).create(aside)?;
        text_attribute(&file, "format", OURS)?;
        text_attribute(&file, "sfreq_hz", &recording.sfreq().0.to_string())?;
        let names: Vec<String> = recording.channels().iter().map(|c| c.name.clone()).collect();
        text_dataset(&file, "ch_names", &names)?;
        let json = ndarray::arr1(&[unicode(&header)]);
        file.new_dataset_builder().with_data(&json).create("header")?;
        let data_uv = recording.data_uv();
        let (n_channels, n_times) = data_uv.dim();
        let builder = file.new_dataset_builder().with_data(data_uv);
        let written = if data_uv.is_empty() {
            builder.create("data_uv")?
        } else {
            builder.chunk((n_channels.min(8), n_times.min(16_384))).shuffle().deflate(4).create("data_uv")?
        };
        text_attribute(&written, "unit", "µV")?;
        text_attribute(&written, "axes", "channel,time")?;
        drop(written);
        file.flush()?;
        file.close()
    };
    write_aside(path, |aside| fill(aside).map_err(|e| failed(e.to_string())))
}

#[cfg(test)]
mod tests {
    use crate::{Limits, open, read, write};
    use dosewave_eeg::{Annotation, Hz, Recording, Run, Seconds};

    fn recording() -> Recording {
        let data =
            ndarray::Array2::from_shape_fn((3, 1000), |(c, t)| ((c * 1000 + t) as f64).sin() * 1e3 / 7.0);
        let (mut header, data) = Recording::new(data, Hz(256.0), &["Fz", "Cz", "ECG"]).unwrap().into_parts();
        header.runs = vec![
            Run { onset: Seconds(0.0), samples: 0..400 },
            Run { onset: Seconds(12.3), samples: 400..1000 },
        ];
        header.annotations = vec![Annotation::new(Seconds(12.5), Seconds(0.1), "dose µg")];
        Recording::from_parts(header, data).unwrap()
    }

    #[test]
    fn every_bit_comes_back_whole_and_in_windows() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("r.h5");
        write(&recording(), &path).unwrap();
        assert_eq!(read(&path).unwrap(), recording());
        let part = open(&path, &Limits::default()).unwrap().read(390..410).unwrap();
        assert_eq!(part.data_uv(), recording().data_uv().slice(ndarray::s![.., 390..410]));
        assert_eq!(part.runs()[1].onset, Seconds(12.3));
        let picked = open(&path, &Limits::default()).unwrap().read_picks(390..410, &[2, 0]).unwrap();
        assert_eq!(picked, part.pick(&[2, 0]).unwrap());
        let source = crate::MemorySource::new("r.h5", std::fs::read(&path).unwrap());
        assert_eq!(crate::read_source(Box::new(source), &Limits::default()).unwrap(), recording());
    }

    #[test]
    fn foreign_and_cut_files_say_so() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("other.h5");
        hdf5::File::create(&path).unwrap().create_group("acquisition").unwrap();
        let text = read(&path).unwrap_err().to_string();
        assert!(text.contains("not a recording written by dosewave (it holds acquisition)"), "{text}");
        let whole = folder.path().join("r.h5");
        write(&recording(), &whole).unwrap();
        let bytes = std::fs::read(&whole).unwrap();
        let cut = folder.path().join("cut.h5");
        std::fs::write(&cut, &bytes[..bytes.len() / 2]).unwrap();
        let text = read(&cut).unwrap_err().to_string();
        assert!(text.contains("cut.h5") && text.contains("damaged"), "{text}");
    }
}

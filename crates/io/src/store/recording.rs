//! Recordings in HDF5, to the last bit.

use super::dataset::{text_attribute, text_dataset, unicode};
use crate::source::write_aside;
use crate::{Error, Format, Limits, Reader, Result, Source, runs};
use dosewave_eeg::{Header, Recording};
use hdf5::types::VarLenUnicode;
use ndarray::{Array2, Ix2, s};
use std::collections::BTreeMap;
use std::ops::Range;
use std::path::Path;

const FORMAT: &str = "HDF5";
/// What the root attribute `format` says.
const OURS: &str = "dosewave recording 1";
/// Channels and samples that are compressed together.
const BLOCK_CHANNELS: usize = 8;
const PIECE: usize = 16_384;
/// Largest header, bytes of JSON.
const MAX_HEADER: usize = 64 << 20;

/// Recordings in dosewave's own HDF5.
#[derive(Clone, Copy, Debug)]
pub struct Hdf5;

impl Format for Hdf5 {
    fn name(&self) -> &'static str {
        FORMAT
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["h5", "hdf5"]
    }

    fn sniff(&self, _name: &str, head: &[u8]) -> bool {
        head.starts_with(b"\x89HDF\r\n\x1a\n")
    }

    fn open(&self, source: Box<dyn Source>, limits: &Limits) -> Result<Box<dyn Reader>> {
        let name = source.name().to_owned();
        let Some(path) = source.path() else {
            let what = "is read from a file on disk only; save the bytes to a file first".into();
            return Err(Error::Unsupported { file: name.into(), format: FORMAT, what });
        };
        Ok(Box::new(StoreReader::open(name, path, *limits)?))
    }
}

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
            builder
                .chunk((n_channels.min(BLOCK_CHANNELS), n_times.min(PIECE)))
                .shuffle()
                .deflate(4)
                .create("data_uv")?
        };
        text_attribute(&written, "unit", "µV")?;
        text_attribute(&written, "axes", "channel,time")?;
        drop(written);
        file.flush()?;
        file.close()
    };
    write_aside(path, |aside| fill(aside).map_err(|e| failed(e.to_string())))
}

struct StoreReader {
    name: String,
    file: hdf5::File,
    header: Header,
    limits: Limits,
}

impl StoreReader {
    fn open(name: String, path: &Path, limits: Limits) -> Result<Self> {
        let malformed = |field: &str, found: String, allowed: &str| Error::Malformed {
            file: (&name).into(),
            format: FORMAT,
            field: field.into(),
            offset: 0,
            found,
            allowed: allowed.into(),
        };
        let file = hdf5::File::open(path)
            .map_err(|e| malformed("file", e.to_string(), "it is damaged or cut off"))?;
        let format =
            file.attr("format").and_then(|a| a.read_scalar::<VarLenUnicode>()).map(|t| t.to_string());
        if format.as_deref().ok() != Some(OURS) {
            let keys =
                file.member_names().unwrap_or_default().into_iter().take(8).collect::<Vec<_>>().join(", ");
            let what = format!("an HDF5 file, but not a recording written by dosewave (it holds {keys})");
            return Err(Error::Unsupported { file: name.into(), format: FORMAT, what });
        }
        let broken = "the header that dosewave wrote; the file is damaged";
        let json = file
            .dataset("header")
            .and_then(
                |d| if d.size() == 1 { d.read_1d::<VarLenUnicode>() } else { Err("not one text".into()) },
            )
            .map_err(|e| malformed("header", e.to_string(), broken))?;
        let json = json.iter().next().map(VarLenUnicode::as_str).unwrap_or_default();
        if json.len() > MAX_HEADER {
            let what = "the size of the header (bytes)".into();
            return Err(Error::Limit {
                file: (&name).into(),
                what,
                asked: json.len() as u64,
                allowed: MAX_HEADER as u64,
            });
        }
        let header: Header =
            serde_json::from_str(json).map_err(|e| malformed("header", e.to_string(), broken))?;
        limits.check_channels(&name, header.channels.len() as u64)?;
        limits.check_annotations(&name, header.annotations.len())?;
        let shape = file
            .dataset("data_uv")
            .map(|d| d.shape())
            .map_err(|e| malformed("data_uv", e.to_string(), broken))?;
        let expected = [header.channels.len(), header.n_times() as usize];
        if shape != expected {
            return Err(malformed(
                "data_uv",
                format!("{shape:?}"),
                &format!("{expected:?}, as the header says"),
            ));
        }
        Ok(Self { name, file, header, limits })
    }
}

impl StoreReader {
    fn wanted(&self, samples: &Range<u64>, n_channels: usize) -> Result<Range<u64>> {
        let n_times = self.header.n_times();
        let from = samples.start.min(n_times);
        let wanted = from..samples.end.min(n_times).max(from);
        self.limits.check_samples(&self.name, n_channels as u64, wanted.end - wanted.start)?;
        Ok(wanted)
    }

    fn rows(&self, rows: Range<usize>, columns: Range<usize>) -> Result<Array2<f64>> {
        if rows.is_empty() || columns.is_empty() {
            return Ok(Array2::zeros((rows.len(), columns.len())));
        }
        let data = self.file.dataset("data_uv");
        data.and_then(|d| d.read_slice::<f64, _, Ix2>(s![rows, columns])).map_err(|e| Error::Malformed {
            file: (&self.name).into(),
            format: FORMAT,
            field: "data_uv".into(),
            offset: 0,
            found: e.to_string(),
            allowed: "samples that HDF5 can decode; the file is damaged".into(),
        })
    }
}

impl Reader for StoreReader {
    fn header(&self) -> &Header {
        &self.header
    }

    fn read(&mut self, samples: Range<u64>) -> Result<Recording> {
        let wanted = self.wanted(&samples, self.header.n_channels())?;
        let columns = wanted.start as usize..wanted.end as usize;
        let data_uv = self.rows(0..self.header.n_channels(), columns)?;
        runs::recording(&self.name, &self.header, &wanted, data_uv)
    }

    fn read_picks(&mut self, samples: Range<u64>, picks: &[usize]) -> Result<Recording> {
        let header = runs::picked(&self.name, &self.header, picks)?;
        let wanted = self.wanted(&samples, picks.len())?;
        let mut data_uv = Array2::zeros((picks.len(), (wanted.end - wanted.start) as usize));
        // channels of a block are compressed together: each block is taken apart once, piece by piece
        let mut blocks: BTreeMap<usize, Vec<(usize, usize)>> = BTreeMap::new();
        for (row, pick) in picks.iter().enumerate() {
            blocks.entry(pick / BLOCK_CHANNELS).or_default().push((row, *pick));
        }
        for from in (wanted.start..wanted.end).step_by(PIECE) {
            let to = wanted.end.min(from + PIECE as u64);
            let columns = (from - wanted.start) as usize..(to - wanted.start) as usize;
            for block in blocks.values() {
                let first = block.iter().map(|(_, pick)| *pick).min().unwrap_or(0);
                let last = block.iter().map(|(_, pick)| *pick).max().unwrap_or(0);
                let piece = self.rows(first..last + 1, from as usize..to as usize)?;
                for (row, pick) in block {
                    data_uv.slice_mut(s![*row, columns.clone()]).assign(&piece.row(pick - first));
                }
            }
        }
        runs::recording(&self.name, &header, &wanted, data_uv)
    }
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
        assert!(text.contains("damaged or cut off"), "{text}");
    }
}

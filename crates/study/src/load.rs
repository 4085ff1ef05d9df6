//! Recordings, read window by window.

use crate::{InputFile, Result};
use dosewave_eeg::{ChannelKind, Header, Recording, Seconds};
use dosewave_io::{Limits, Reader};
use sha2::{Digest, Sha256};
use std::borrow::Cow;
use std::path::PathBuf;

/// Where a recording comes from.
#[allow(clippy::large_enum_variant)] // a handful live at a time; the samples are on the heap anyway
#[derive(Clone, Debug)]
pub enum Input {
    /// A file, read window by window.
    Path(PathBuf),
    /// Samples in memory.
    Recording {
        /// Name for the tables.
        name: String,
        /// The samples with their header.
        recording: Recording,
    },
}

impl Input {
    /// The file's name without its folder, or the name that was given.
    pub(crate) fn name(&self) -> String {
        match self {
            Self::Path(path) => {
                path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned())
            }
            Self::Recording { name, .. } => name.clone(),
        }
    }
}

impl From<PathBuf> for Input {
    fn from(path: PathBuf) -> Self {
        Self::Path(path)
    }
}

impl From<&std::path::Path> for Input {
    fn from(path: &std::path::Path) -> Self {
        Self::Path(path.to_owned())
    }
}

/// An open recording.
pub(crate) struct Source<'a> {
    pub(crate) header: Header,
    pub(crate) file: InputFile,
    samples: Samples<'a>,
}

enum Samples<'a> {
    File(Box<dyn Reader>),
    Memory(&'a Recording),
}

impl<'a> Source<'a> {
    /// Opens an input: reads its header, hashes its bytes.
    pub(crate) fn open(input: &'a Input) -> Result<Self> {
        match input {
            Input::Path(path) => {
                let reader = dosewave_io::open(path, &Limits::default())?;
                let (sha256, bytes) = dosewave_io::sha256(path)?;
                let name = input.name();
                let header = reader.header().clone();
                Ok(Self { header, file: InputFile { name, bytes, sha256 }, samples: Samples::File(reader) })
            }
            Input::Recording { name, recording } => Ok(Self {
                header: recording.header().clone(),
                file: array_file(name, recording),
                samples: Samples::Memory(recording),
            }),
        }
    }

    /// Indices of the scalp EEG channels.
    pub(crate) fn eeg(&self) -> Vec<usize> {
        let channels = self.header.channels.iter().enumerate();
        channels.filter(|(_, c)| c.kind == ChannelKind::Eeg && c.is_voltage()).map(|(i, _)| i).collect()
    }

    /// The channels at `picks` between two true times, widened by `pad_s` on both sides; `None` where nothing was recorded.
    pub(crate) fn read(
        &mut self,
        from_s: f64,
        to_s: f64,
        pad_s: f64,
        picks: &[usize],
    ) -> Result<Option<Recording>> {
        let (from, to) = (Seconds(from_s - pad_s), Seconds(to_s + pad_s));
        let ranges = self.header.samples_between(from, to);
        let (Some(first), Some(last)) = (ranges.first(), ranges.last()) else { return Ok(None) };
        let part = match &mut self.samples {
            Samples::File(reader) => Cow::Owned(reader.read(first.start..last.end)?),
            Samples::Memory(recording) => Cow::Borrowed(*recording),
        };
        let picked = part.pick(picks)?;
        Ok(Some(match part {
            Cow::Borrowed(_) => picked.crop(from, to)?,
            Cow::Owned(_) => picked,
        }))
    }
}

/// Size and hash of samples in memory: shape and rate, then the samples row by row as little-endian doubles.
fn array_file(name: &str, recording: &Recording) -> InputFile {
    let data = recording.data_uv();
    let mut hash = Sha256::new();
    hash.update((data.nrows() as u64).to_le_bytes());
    hash.update((data.ncols() as u64).to_le_bytes());
    hash.update(recording.sfreq().0.to_le_bytes());
    for row in data.rows() {
        for value in row {
            hash.update(value.to_le_bytes());
        }
    }
    let hex = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    InputFile { name: name.to_owned(), bytes: 8 * data.len() as u64, sha256: hex }
}

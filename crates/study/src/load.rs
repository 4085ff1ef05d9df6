//! Recordings, read window by window.

use crate::{InputFile, Result};
use dosewave_eeg::{AmplitudeCheck, Channel, ChannelKind, Header, Note, Recording, Seconds};
use dosewave_io::bids::{BidsFile, Dataset};
use dosewave_io::{Limits, Reader};
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Where a recording comes from.
#[allow(clippy::large_enum_variant)] // a handful live at a time; the samples are on the heap anyway
#[derive(Clone, Debug)]
pub enum Input {
    /// A file, read window by window.
    Path(PathBuf),
    /// A recording of a dataset, read window by window with its sidecars applied.
    Bids {
        /// The dataset.
        dataset: Arc<Dataset>,
        /// The recording.
        file: BidsFile,
    },
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
            Self::Bids { file, .. } => file.path.clone(),
            Self::Recording { name, .. } => name.clone(),
        }
    }
}

impl From<PathBuf> for Input {
    fn from(path: PathBuf) -> Self {
        Self::Path(path)
    }
}

impl From<&Path> for Input {
    fn from(path: &Path) -> Self {
        Self::Path(path.to_owned())
    }
}

/// An open recording.
pub(crate) struct Source<'a> {
    pub(crate) header: Header,
    /// The file, or the name of the samples in memory.
    pub(crate) name: String,
    /// The file and those that belong to it.
    pub(crate) files: Vec<InputFile>,
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
                let header = reader.header().clone();
                Ok(Self { header, name: input.name(), files: files(path)?, samples: Samples::File(reader) })
            }
            Input::Bids { dataset, file } => {
                let reader = dataset.reader(file)?;
                let mut header = reader.header().clone();
                header.notes.extend(left_out(&header));
                let hashed = dataset.hashes(file)?.into_iter();
                let files = hashed.map(|(name, sha256, bytes)| InputFile { name, bytes, sha256 }).collect();
                Ok(Self { header, name: input.name(), files, samples: Samples::File(reader) })
            }
            Input::Recording { name, recording } => {
                let mut header = recording.header().clone();
                // a file was asked when it was opened
                let mut notes = AmplitudeCheck::of(recording);
                notes.retain(|note| !header.notes.contains(note));
                header.notes.extend(notes);
                let files = vec![array_file(name, recording)];
                Ok(Self { header, name: name.clone(), files, samples: Samples::Memory(recording) })
            }
        }
    }

    /// Indices of the scalp EEG channels, without those that the dataset calls bad.
    pub(crate) fn eeg(&self) -> Vec<usize> {
        let channels = self.header.channels.iter().enumerate();
        let is_bad = |c: &Channel| self.header.details.bads.iter().any(|bad| bad.channel == c.name);
        let is_used = |c: &Channel| c.kind == ChannelKind::Eeg && c.is_voltage() && !is_bad(c);
        channels.filter(|(_, c)| is_used(c)).map(|(i, _)| i).collect()
    }

    /// Indices of the channels that are no EEG but tell something about it: eyes and heart.
    pub(crate) fn companions(&self) -> Vec<usize> {
        let channels = self.header.channels.iter().enumerate();
        let tells = |kind| matches!(kind, ChannelKind::Eog | ChannelKind::Ecg);
        channels.filter(|(_, c)| tells(c.kind) && c.is_voltage()).map(|(i, _)| i).collect()
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
        let samples = first.start..last.end;
        let is_all = picks.iter().copied().eq(0..self.header.n_channels());
        Ok(Some(match &mut self.samples {
            Samples::Memory(recording) => recording.pick(picks)?.into_cropped(from, to)?,
            Samples::File(reader) if is_all => reader.read(samples)?,
            Samples::File(reader) => reader.read_picks(samples, picks)?,
        }))
    }
}

/// EEG channels that are not analysed because the dataset calls them bad.
fn left_out(header: &Header) -> Option<Note> {
    let bads = header.details.bads.iter().map(|bad| bad.channel.as_str());
    let is_eeg = |name: &&str| header.channels.iter().any(|c| c.name == *name && c.kind == ChannelKind::Eeg);
    let names: Vec<&str> = bads.filter(is_eeg).collect();
    let text = || format!("left out, because the dataset calls them bad: {}", names.join(", "));
    (!names.is_empty()).then(|| Note::warning("channels", text()))
}

/// Size and hash of a recording's file and, for BrainVision, of the files that its header names.
fn files(path: &Path) -> Result<Vec<InputFile>> {
    let mut paths = vec![path.to_owned()];
    if path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("vhdr")) {
        let header =
            std::fs::read(path).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default();
        paths.extend(named_siblings(&header, path));
    }
    let mut files = Vec::new();
    for path in paths {
        let (sha256, bytes) = dosewave_io::sha256(&path)?;
        files.push(InputFile { name: file_name(&path), bytes, sha256 });
    }
    Ok(files)
}

/// The data and marker files of a BrainVision header, where they stand beside it under that name.
fn named_siblings(header: &str, path: &Path) -> Vec<PathBuf> {
    let stem = path.file_stem().map_or_else(String::new, |stem| stem.to_string_lossy().into_owned());
    let value = |key: &str| {
        header.lines().find_map(|line| line.trim().strip_prefix(key)?.trim_start().strip_prefix('='))
    };
    let names = ["DataFile", "MarkerFile"].into_iter().filter_map(value);
    names
        .map(|name| path.with_file_name(name.trim().replace("$b", &stem)))
        .filter(|sibling| sibling.is_file())
        .collect()
}

fn file_name(path: &Path) -> String {
    path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned())
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_files_of_a_brainvision_header_are_hashed_with_it() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        std::fs::write(at("a.vhdr"), "[Common Infos]\r\nDataFile=$b.eeg\r\nMarkerFile = other.vmrk\r\n")
            .unwrap();
        std::fs::write(at("a.eeg"), "abc").unwrap();
        std::fs::write(at("other.vmrk"), "").unwrap();
        let files = files(&at("a.vhdr")).unwrap();
        let names: Vec<&str> = files.iter().map(|file| file.name.as_str()).collect();
        assert_eq!(names, ["a.vhdr", "a.eeg", "other.vmrk"]);
        assert_eq!(files[1].sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }

    #[test]
    fn samples_in_memory_have_a_hash_of_their_own() {
        let recording = |value: f64| {
            Recording::new(ndarray::Array2::from_elem((1, 4), value), dosewave_eeg::Hz(4.0), &["Cz"]).unwrap()
        };
        let hash = |value: f64| array_file("x", &recording(value)).sha256;
        assert_eq!(hash(1.0), hash(1.0));
        assert_ne!(hash(1.0), hash(2.0));
    }
}

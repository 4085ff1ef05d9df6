//! Formats, listed once.

use crate::{Error, FileSource, Identifier, Limits, Result, Source, plausible, runs};
use dosewave_eeg::{Header, Note, Recording};
use std::io::Read;
use std::ops::Range;
use std::path::Path;

/// One file format.
pub trait Format: Sync {
    /// `EDF`, `BDF`, `BrainVision`, `EEGLAB`, `NWB`, `HDF5`.
    fn name(&self) -> &'static str;
    /// File name endings, lower case, without dot.
    fn extensions(&self) -> &'static [&'static str];
    /// Whether the first bytes (and, second, the name) are of this format.
    fn sniff(&self, name: &str, head: &[u8]) -> bool;
    /// For content that several formats share (HDF5): whether what stands in it is of this one.
    fn holds(&self, _source: &dyn Source, _limits: &Limits) -> bool {
        true
    }
    /// Parses the header; no samples are loaded.
    ///
    /// # Errors
    /// See [`Error`].
    fn open(&self, source: Box<dyn Source>, limits: &Limits) -> Result<Box<dyn Reader>>;
}

/// An open recording.
pub trait Reader: Send {
    /// What is in it.
    fn header(&self) -> &Header;
    /// The samples of `samples` (columns over all runs), all channels of the header; runs keep their true onsets,
    /// annotations are all kept.
    ///
    /// # Errors
    /// See [`Error`].
    fn read(&mut self, samples: Range<u64>) -> Result<Recording>;
    /// The same of the channels `picks` alone (indices into the header's), in that order. Readers of formats in which
    /// channels can be told apart decode no other.
    ///
    /// # Errors
    /// See [`Error`]; [`Error::Eeg`] for a channel that is not there.
    fn read_picks(&mut self, samples: Range<u64>, picks: &[usize]) -> Result<Recording> {
        let recording = self.read(samples)?;
        let file = self.header().format.clone();
        recording.pick(picks).map_err(|source| Error::Eeg { file: file.into(), source })
    }
    /// A signal of another rate: the one at `index` of the header's `other_signals`, samples counted at its own rate, as a
    /// recording of one channel.
    ///
    /// # Errors
    /// See [`Error`]; [`Error::Eeg`] for a signal that is not there.
    fn read_other(&mut self, index: usize, _samples: Range<u64>) -> Result<Recording> {
        Err(runs::no_other(&self.header().format, self.header(), index))
    }
    /// What the file says of the person who was recorded and of those who recorded; nothing of it is in [`Self::header`].
    fn identity(&self) -> Vec<Identifier> {
        Vec::new()
    }
}

/// Every format we read. A new one is a folder and a line here.
pub const FORMATS: &[&dyn Format] = &[
    &crate::edf::Edf,
    &crate::edf::Bdf,
    &crate::fif::Fif,
    &crate::neuroscan::Neuroscan,
    &crate::xdf::Xdf,
    &crate::egi::EgiRaw,
    &crate::egi::EgiMff,
    &crate::brainvision::BrainVision,
    &crate::eeglab::Eeglab,
    &crate::nwb::Nwb,
    &crate::store::Hdf5,
];

/// Bytes that are enough to tell any format.
const HEAD: u64 = 1024;

/// Opens a file of any known format: by its content first, by its name second.
///
/// # Errors
/// See [`Error`].
///
/// ```no_run
/// let reader = dosewave_io::open("pre.edf", &dosewave_io::Limits::default())?;
/// println!("{} channels", reader.header().n_channels());
/// # Ok::<(), dosewave_io::Error>(())
/// ```
pub fn open(path: impl AsRef<Path>, limits: &Limits) -> Result<Box<dyn Reader>> {
    let path = path.as_ref();
    open_source(Box::new(FileSource::new(path)?), limits).map_err(|error| with_path(error, path))
}

/// Opens any source: by its content first, by its name second.
///
/// # Errors
/// See [`Error`].
pub fn open_source(source: Box<dyn Source>, limits: &Limits) -> Result<Box<dyn Reader>> {
    let name = source.name().to_owned();
    let mut head = Vec::new();
    source
        .open()?
        .take(HEAD)
        .read_to_end(&mut head)
        .map_err(|e| Error::Io { file: (&name).into(), source: e })?;
    let ending = name.rsplit_once('.').map_or(String::new(), |(_, ending)| ending.to_ascii_lowercase());
    let candidates: Vec<&dyn Format> = FORMATS.iter().copied().filter(|f| f.sniff(&name, &head)).collect();
    let of_content = candidates.iter().find(|format| format.holds(source.as_ref(), limits));
    // what none of them holds is damaged: its name says what it was
    let of_name = || candidates.iter().find(|format| format.extensions().contains(&ending.as_str()));
    let Some(format) = of_content.or_else(of_name).or(candidates.last()) else {
        return Err(unknown(&name, &ending, &head));
    };
    let mut reader = format.open(source, limits)?;
    let mut notes = Vec::new();
    if !format.extensions().contains(&ending.as_str()) {
        let text =
            format!("the name ends in '.{ending}', the content is {}; read by its content", format.name());
        notes.push(Note::info("format", text));
    }
    notes.extend(plausible::notes(reader.as_mut()));
    // a file that we wrote may carry them already
    notes.retain(|note| !reader.header().notes.contains(note));
    Ok(if notes.is_empty() { reader } else { Box::new(Noted::new(reader, notes)) })
}

/// Reads a whole file with the default limits.
///
/// # Errors
/// See [`Error`].
pub fn read(path: impl AsRef<Path>) -> Result<Recording> {
    let path = path.as_ref();
    let mut reader = open(path, &Limits::default())?;
    let all = 0..reader.header().n_times();
    reader.read(all).map_err(|error| with_path(error, path))
}

/// Reads a whole source.
///
/// # Errors
/// See [`Error`].
pub fn read_source(source: Box<dyn Source>, limits: &Limits) -> Result<Recording> {
    let mut reader = open_source(source, limits)?;
    let all = 0..reader.header().n_times();
    reader.read(all)
}

/// A reader whose header carries more notes.
struct Noted {
    inner: Box<dyn Reader>,
    header: Header,
    notes: Vec<Note>,
}

impl Noted {
    fn new(inner: Box<dyn Reader>, notes: Vec<Note>) -> Self {
        let mut header = inner.header().clone();
        header.notes.extend(notes.iter().cloned());
        Self { inner, header, notes }
    }

    fn noted(&self, recording: Recording) -> Recording {
        self.notes.iter().cloned().fold(recording, Recording::with_note)
    }
}

impl Reader for Noted {
    fn header(&self) -> &Header {
        &self.header
    }

    fn read(&mut self, samples: Range<u64>) -> Result<Recording> {
        let recording = self.inner.read(samples)?;
        Ok(self.noted(recording))
    }

    fn read_picks(&mut self, samples: Range<u64>, picks: &[usize]) -> Result<Recording> {
        let recording = self.inner.read_picks(samples, picks)?;
        Ok(self.noted(recording))
    }

    fn read_other(&mut self, index: usize, samples: Range<u64>) -> Result<Recording> {
        let recording = self.inner.read_other(index, samples)?;
        Ok(self.noted(recording))
    }

    fn identity(&self) -> Vec<Identifier> {
        self.inner.identity()
    }
}

fn unknown(name: &str, ending: &str, head: &[u8]) -> Error {
    let known: Vec<String> = FORMATS
        .iter()
        .map(|f| {
            format!(
                "{} ({})",
                f.name(),
                f.extensions().iter().map(|e| format!(".{e}")).collect::<Vec<_>>().join(" ")
            )
        })
        .collect();
    let meant = FORMATS.iter().find(|f| f.extensions().contains(&ending));
    let found = match (head.is_empty(), meant) {
        (true, _) => "the file is empty".to_owned(),
        (false, Some(format)) => {
            format!(
                "the name says {}, but the content does not begin as one: {}",
                format.name(),
                looks_like(head)
            )
        }
        (false, None) => format!("its first bytes are {}", looks_like(head)),
    };
    Error::UnknownFormat { file: name.into(), found, known: known.join(", ") }
}

fn looks_like(head: &[u8]) -> String {
    let start: Vec<u8> = head.iter().take(16).copied().collect();
    format!("\"{}\"", start.escape_ascii())
}

/// Sources know file names; users want the path they gave.
fn with_path(error: Error, path: &Path) -> Error {
    let whole = |file: std::path::PathBuf| {
        if path.file_name() == Some(file.as_os_str()) { path.to_owned() } else { file }
    };
    match error {
        Error::Io { file, source } => Error::Io { file: whole(file), source },
        Error::UnknownFormat { file, found, known } => {
            Error::UnknownFormat { file: whole(file), found, known }
        }
        Error::Malformed { file, format, field, offset, found, allowed } => {
            Error::Malformed { file: whole(file), format, field, offset, found, allowed }
        }
        Error::Unsupported { file, format, what } => Error::Unsupported { file: whole(file), format, what },
        Error::Limit { file, what, asked, allowed } => {
            Error::Limit { file: whole(file), what, asked, allowed }
        }
        Error::MissingSibling { file, role, sibling, advice } => {
            Error::MissingSibling { file: whole(file), role, sibling, advice }
        }
        Error::Write { file, format, what } => Error::Write { file: whole(file), format, what },
        Error::Eeg { file, source } => Error::Eeg { file: whole(file), source },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::MemorySource;

    fn message(name: &str, bytes: &[u8]) -> String {
        let source = Box::new(MemorySource::new(name, bytes.to_vec()));
        open_source(source, &Limits::default()).err().map(|e| e.to_string()).unwrap_or_default()
    }

    #[test]
    fn empty_unknown_and_misnamed_files_have_their_own_message() {
        assert!(message("a.edf", b"").contains("the file is empty"));
        let text = message("a.png", b"\x89PNG\r\n");
        assert!(text.contains("\\x89PNG") && text.contains("EDF (.edf .rec)"), "{text}");
        let text = message("a.edf", b"hello there");
        assert!(
            text.contains("the name says EDF, but the content does not begin as one: \"hello there\""),
            "{text}"
        );
    }
}

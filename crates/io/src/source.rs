//! With `tree.rs` the only place that touches the disk.

use crate::{Error, Result};
use sha2::{Digest, Sha256};
use std::fs::{self, File};
use std::io::{BufReader, Cursor, Read, Seek};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What parsers read from.
pub trait ReadSeek: Read + Seek + Send {}
impl<T: Read + Seek + Send> ReadSeek for T {}

/// Reads at any place of a file. Unlike a cursor it has no state, so that threads can share it.
pub trait ReadAt: Send + Sync {
    /// Number of bytes.
    fn size(&self) -> u64;
    /// Fills `buffer` from byte `position` on.
    ///
    /// # Errors
    /// The operating system's, and `UnexpectedEof` where the file ends before.
    fn read_exact_at(&self, buffer: &mut [u8], position: u64) -> std::io::Result<()>;
}

/// A recording's bytes and those of its siblings (`.vmrk`, `.eeg`).
pub trait Source: Send + Sync {
    /// The file's name, for messages and for detection by ending.
    fn name(&self) -> &str;
    /// Opens the file itself.
    ///
    /// # Errors
    /// [`Error::Io`] with the operating system's reason.
    fn open(&self) -> Result<Box<dyn ReadSeek>>;
    /// Opens a file beside it, by plain file name.
    ///
    /// # Errors
    /// [`Error::Io`] with the operating system's reason.
    fn open_sibling(&self, name: &str) -> Result<Box<dyn ReadSeek>>;
    /// Opens the file itself or one beside it, by plain file name, for reading at any place.
    ///
    /// # Errors
    /// [`Error::Io`] with the operating system's reason.
    fn open_at(&self, name: &str) -> Result<Box<dyn ReadAt>>;
    /// Names of the files beside it, itself included; may be empty.
    fn siblings(&self) -> Vec<String>;
    /// The path, where there is one (HDF5 opens files itself).
    fn path(&self) -> Option<&Path>;
}

/// A file on disk; or a folder that is a recording (`.mff`), whose files are its siblings.
#[derive(Clone, Debug)]
pub struct FileSource {
    path: PathBuf,
    name: String,
    is_folder: bool,
}

/// Folders that are recordings: their ending, and the file in them that is read first.
const FOLDERS: &[(&str, &str)] = &[("mff", "info.xml")];

/// The file that is read first in a folder that is a recording.
fn first_file(folder: &Path) -> Option<&'static str> {
    let ending = folder.extension()?;
    FOLDERS.iter().find(|(known, _)| ending.eq_ignore_ascii_case(known)).map(|(_, first)| *first)
}

impl FileSource {
    /// A source for the file at `path`.
    ///
    /// # Errors
    /// [`Error::Io`] when there is no file, or a folder that is no recording.
    pub fn new(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let metadata = fs::metadata(path).map_err(|source| Error::Io { file: path.to_owned(), source })?;
        let is_folder = metadata.is_dir();
        if is_folder && first_file(path).is_none() {
            let source = std::io::Error::new(
                std::io::ErrorKind::IsADirectory,
                "a folder, not a recording; name a file in it",
            );
            return Err(Error::Io { file: path.to_owned(), source });
        }
        let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        Ok(Self { path: path.to_owned(), name, is_folder })
    }

    /// A file that belongs to the recording.
    fn sibling(&self, name: &str) -> PathBuf {
        if self.is_folder { self.path.join(name) } else { self.path.with_file_name(name) }
    }

    fn open_path(path: &Path) -> Result<Box<dyn ReadSeek>> {
        let file = File::open(path).map_err(|source| Error::Io { file: path.to_owned(), source })?;
        Ok(Box::new(BufReader::with_capacity(1 << 16, file)))
    }
}

/// A file on disk, read without a buffer between.
struct FileAt {
    size: u64,
    #[cfg(unix)]
    file: File,
    #[cfg(not(unix))]
    file: std::sync::Mutex<File>,
}

impl FileAt {
    fn open(path: &Path) -> std::io::Result<Self> {
        let file = File::open(path)?;
        let size = file.metadata()?.len();
        #[cfg(not(unix))]
        let file = std::sync::Mutex::new(file);
        Ok(Self { size, file })
    }
}

impl ReadAt for FileAt {
    fn size(&self) -> u64 {
        self.size
    }

    #[cfg(unix)]
    fn read_exact_at(&self, buffer: &mut [u8], position: u64) -> std::io::Result<()> {
        std::os::unix::fs::FileExt::read_exact_at(&self.file, buffer, position)
    }

    #[cfg(not(unix))]
    fn read_exact_at(&self, buffer: &mut [u8], position: u64) -> std::io::Result<()> {
        let mut file = self.file.lock().map_err(|e| std::io::Error::other(e.to_string()))?;
        file.seek(std::io::SeekFrom::Start(position))?;
        file.read_exact(buffer)
    }
}

impl Source for FileSource {
    fn name(&self) -> &str {
        &self.name
    }

    fn open(&self) -> Result<Box<dyn ReadSeek>> {
        match first_file(&self.path).filter(|_| self.is_folder) {
            Some(first) => Self::open_path(&self.path.join(first)),
            None => Self::open_path(&self.path),
        }
    }

    fn open_sibling(&self, name: &str) -> Result<Box<dyn ReadSeek>> {
        Self::open_path(&self.sibling(name))
    }

    fn open_at(&self, name: &str) -> Result<Box<dyn ReadAt>> {
        let path = if name == self.name { self.path.clone() } else { self.path.with_file_name(name) };
        match FileAt::open(&path) {
            Ok(file) => Ok(Box::new(file)),
            Err(source) => Err(Error::Io { file: path, source }),
        }
    }

    fn siblings(&self) -> Vec<String> {
        let folder = match self.path.parent() {
            _ if self.is_folder => self.path.as_path(),
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        };
        let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
        let mut names: Vec<String> =
            entries.flatten().map(|e| e.file_name().to_string_lossy().into_owned()).collect();
        names.sort_unstable();
        names
    }

    fn path(&self) -> Option<&Path> {
        Some(&self.path)
    }
}

/// Bytes in memory, with named siblings.
///
/// ```
/// use dosewave_io::{MemorySource, Source};
/// let source = MemorySource::new("a.vhdr", vec![]).with_sibling("a.eeg", vec![1, 2]);
/// assert_eq!(source.siblings(), ["a.eeg", "a.vhdr"]);
/// ```
#[derive(Clone, Debug)]
pub struct MemorySource {
    name: String,
    files: Vec<(String, Arc<[u8]>)>,
}

impl MemorySource {
    /// A source of these bytes.
    #[must_use]
    pub fn new(name: &str, bytes: Vec<u8>) -> Self {
        Self { name: name.to_owned(), files: vec![(name.to_owned(), bytes.into())] }
    }

    /// The same with another file beside it.
    #[must_use]
    pub fn with_sibling(mut self, name: &str, bytes: Vec<u8>) -> Self {
        self.files.push((name.to_owned(), bytes.into()));
        self
    }
}

impl MemorySource {
    fn bytes(&self, name: &str) -> Result<Arc<[u8]>> {
        let found = self.files.iter().find(|(known, _)| known == name);
        found.map(|(_, bytes)| bytes.clone()).ok_or_else(|| {
            let source = std::io::Error::new(std::io::ErrorKind::NotFound, "no such file in memory");
            Error::Io { file: name.into(), source }
        })
    }
}

impl ReadAt for Arc<[u8]> {
    fn size(&self) -> u64 {
        self.len() as u64
    }

    fn read_exact_at(&self, buffer: &mut [u8], position: u64) -> std::io::Result<()> {
        let from = usize::try_from(position).unwrap_or(usize::MAX);
        let there = from.checked_add(buffer.len()).and_then(|to| self.get(from..to));
        let bytes = there.ok_or(std::io::ErrorKind::UnexpectedEof)?;
        buffer.copy_from_slice(bytes);
        Ok(())
    }
}

impl Source for MemorySource {
    fn name(&self) -> &str {
        &self.name
    }

    fn open(&self) -> Result<Box<dyn ReadSeek>> {
        self.open_sibling(&self.name)
    }

    fn open_sibling(&self, name: &str) -> Result<Box<dyn ReadSeek>> {
        Ok(Box::new(Cursor::new(self.bytes(name)?)))
    }

    fn open_at(&self, name: &str) -> Result<Box<dyn ReadAt>> {
        Ok(Box::new(self.bytes(name)?))
    }

    fn siblings(&self) -> Vec<String> {
        let mut names: Vec<String> = self.files.iter().map(|(name, _)| name.clone()).collect();
        names.sort_unstable();
        names
    }

    fn path(&self) -> Option<&Path> {
        None
    }
}

/// A file beside a recording: by its exact name, else in another case.
pub(crate) fn find(source: &dyn Source, name: &str) -> Option<String> {
    let siblings = source.siblings();
    siblings
        .iter()
        .find(|sibling| *sibling == name)
        .or_else(|| siblings.iter().find(|sibling| sibling.eq_ignore_ascii_case(name)))
        .cloned()
}

/// SHA-256 of a file, lower-case hex, and its size in bytes; read in blocks. Of a folder that is a recording, that of the
/// names and contents of its files, one after the other in order of their names.
///
/// # Errors
/// [`Error::Io`] with the operating system's reason.
pub fn sha256(path: impl AsRef<Path>) -> Result<(String, u64)> {
    let path = path.as_ref();
    let mut hasher = Sha256::new();
    let mut size = 0_u64;
    if path.is_dir() && first_file(path).is_some() {
        let folder = FileSource::new(path)?;
        for name in folder.siblings() {
            let file = folder.sibling(&name);
            if file.is_file() {
                hasher.update(name.as_bytes());
                size += hash_file(&file, &mut hasher)?;
            }
        }
    } else {
        size = hash_file(path, &mut hasher)?;
    }
    Ok((hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect(), size))
}

/// The same of bytes in memory.
pub(crate) fn sha256_of(bytes: &[u8]) -> (String, u64) {
    let hash = Sha256::digest(bytes);
    (hash.iter().map(|byte| format!("{byte:02x}")).collect(), bytes.len() as u64)
}

/// Adds the bytes of a file, and gives their number.
fn hash_file(path: &Path, hasher: &mut Sha256) -> Result<u64> {
    let failed = |source| Error::Io { file: path.to_owned(), source };
    let mut file = File::open(path).map_err(failed)?;
    let mut block = vec![0_u8; 1 << 20];
    let mut size = 0_u64;
    loop {
        let n = file.read(&mut block).map_err(failed)?;
        let Some(bytes) = block.get(..n).filter(|bytes| !bytes.is_empty()) else { return Ok(size) };
        hasher.update(bytes);
        size += n as u64;
    }
}

/// Lets `fill` write a file aside and renames it into place: it appears whole or not at all.
///
/// # Errors
/// Those of `fill`, and [`Error::Io`]; the partial file is removed.
pub(crate) fn write_aside(path: &Path, fill: impl FnOnce(&Path) -> Result<()>) -> Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    if let Some(folder) = folder.filter(|folder| !folder.is_dir()) {
        let what = format!("there is no folder '{}'; make it first", folder.display());
        return Err(Error::Write { file: path.to_owned(), format: "a file", what });
    }
    let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    let aside = path.with_file_name(format!(".{name}.partial-{}", std::process::id()));
    let result = fill(&aside).and_then(|()| {
        fs::rename(&aside, path).map_err(|source| Error::Io { file: path.to_owned(), source })
    });
    if result.is_err() {
        // the error that matters is the one above
        let _ = fs::remove_file(&aside);
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_file_and_a_folder_say_so() {
        let error = FileSource::new("no/such/file.edf").unwrap_err().to_string();
        assert!(error.contains("no/such/file.edf") && error.contains("no such file"), "{error}");
        let error = FileSource::new(std::env::temp_dir()).unwrap_err().to_string();
        assert!(error.contains("a folder, not a recording"), "{error}");
    }

    #[test]
    fn sha256_of_a_known_text() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("abc");
        std::fs::write(&path, "abc").unwrap();
        let (hash, size) = sha256(&path).unwrap();
        assert_eq!((size, &hash[..16]), (3, "ba7816bf8f01cfea"));
    }

    #[test]
    fn a_folder_that_is_a_recording_has_its_files_for_siblings() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.mff");
        std::fs::create_dir(&path).unwrap();
        for (name, content) in [("info.xml", "one"), ("signal1.bin", "two")] {
            std::fs::write(path.join(name), content).unwrap();
        }
        let source = FileSource::new(&path).unwrap();
        assert_eq!(
            (source.name(), source.siblings()),
            ("a.mff", vec!["info.xml".to_owned(), "signal1.bin".into()])
        );
        let mut text = String::new();
        source.open().unwrap().read_to_string(&mut text).unwrap();
        source.open_sibling("signal1.bin").unwrap().read_to_string(&mut text).unwrap();
        assert_eq!(text, "onetwo");
        let (hash, size) = sha256(&path).unwrap();
        let (other, _) = sha256(path.join("info.xml")).unwrap();
        assert!(size == 6 && hash.len() == 64 && hash != other);
    }

    #[test]
    fn a_failed_write_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.edf");
        let result = write_aside(&path, |aside| {
            std::fs::write(aside, "half").unwrap();
            Err(Error::Write { file: "x.edf".into(), format: "EDF+", what: "a test".into() })
        });
        assert!(result.is_err());
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}

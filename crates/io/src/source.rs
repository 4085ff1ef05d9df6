//! The only place that touches the disk.
use crate::Result;
use std::io::{Read, Seek};
use std::path::Path;

/// What parsers read from.
pub trait ReadSeek: Read + Seek + Send {}
impl<T: Read + Seek + Send> ReadSeek for T {}

/// A recording's bytes and those of its siblings (`.vmrk`, `.eeg`).
pub trait Source: Send + Sync {
    /// The file's name, for messages and for detection by ending.
    fn name(&self) -> &str;
    /// Opens the file itself.
    fn open(&self) -> Result<Box<dyn ReadSeek>>;
    /// Opens a file beside it, by plain file name.
    fn open_sibling(&self, name: &str) -> Result<Box<dyn ReadSeek>>;
    /// Names of the files beside it (for a helpful message and case-insensitive matching); may be empty.
    fn siblings(&self) -> Vec<String>;
    /// The path, where there is one (HDF5 opens files itself).
    fn path(&self) -> Option<&Path>;
}
/// A file on disk.
pub struct FileSource;
impl Source for FileSource { fn name(&self) -> &str { todo!() } fn open(&self) -> Result<Box<dyn ReadSeek>> { todo!() } fn open_sibling(&self, _: &str) -> Result<Box<dyn ReadSeek>> { todo!() } fn siblings(&self) -> Vec<String> { todo!() } fn path(&self) -> Option<&Path> { todo!() } }
impl FileSource { pub fn new(path: impl AsRef<Path>) -> Result<Self> { todo!() } }
/// Bytes in memory, with named siblings.
pub struct MemorySource;
impl Source for MemorySource { fn name(&self) -> &str { todo!() } fn open(&self) -> Result<Box<dyn ReadSeek>> { todo!() } fn open_sibling(&self, _: &str) -> Result<Box<dyn ReadSeek>> { todo!() } fn siblings(&self) -> Vec<String> { todo!() } fn path(&self) -> Option<&Path> { todo!() } }
impl MemorySource { pub fn new(name: &str, bytes: Vec<u8>) -> Self { todo!() } pub fn with_sibling(self, name: &str, bytes: Vec<u8>) -> Self { todo!() } }
/// SHA-256 of a file, lower-case hex, and its size in bytes; read in blocks.
pub fn sha256(path: impl AsRef<Path>) -> Result<(String, u64)> { todo!() }

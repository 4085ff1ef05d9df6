//! Formats, listed once.
use crate::{Limits, Result, Source};
use dosewave_eeg::{Header, Recording};
use std::ops::Range;
use std::path::Path;

/// One file format.
pub trait Format: Sync {
    /// `EDF`, `BDF`, `BrainVision`, `HDF5`.
    fn name(&self) -> &'static str;
    /// File name endings, lower case, without dot.
    fn extensions(&self) -> &'static [&'static str];
    /// Whether the first bytes (and, second, the name) are of this format.
    fn sniff(&self, name: &str, head: &[u8]) -> bool;
    /// Parses the header; no samples are loaded.
    fn open(&self, source: Box<dyn Source>, limits: &Limits) -> Result<Box<dyn Reader>>;
}
/// An open recording.
pub trait Reader: Send {
    /// What is in it.
    fn header(&self) -> &Header;
    /// The samples of `samples` (columns over all runs), all channels of the header; runs keep their true onsets, annotations are all kept.
    fn read(&mut self, samples: Range<u64>) -> Result<Recording>;
}
/// Every format we read. A new one is a folder and a line here.
pub const FORMATS: &[&dyn Format] = &[];
/// Opens a file of any known format.
pub fn open(path: impl AsRef<Path>, limits: &Limits) -> Result<Box<dyn Reader>> { todo!() }
/// Opens any source: by content first, by name second.
pub fn open_source(source: Box<dyn Source>, limits: &Limits) -> Result<Box<dyn Reader>> { todo!() }
/// Reads a whole file with the default limits.
pub fn read(path: impl AsRef<Path>) -> Result<Recording> { todo!() }
/// Reads a whole source.
pub fn read_source(source: Box<dyn Source>, limits: &Limits) -> Result<Recording> { todo!() }

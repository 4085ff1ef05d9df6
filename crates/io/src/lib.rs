//! Bytes become a [`Recording`](dosewave_eeg::Recording): readers for EDF, EDF+, BDF, BDF+, BrainVision, EEGLAB, FIF, Neuroscan,
//! XDF, EGI, NWB and our HDF5; writers for EDF+, BDF+, BrainVision and HDF5.
//!
//! Datasets of many recordings (BIDS) are in [`bids`].
//!
//! Parsers never open a path: they get a [`Source`] or a [`Tree`]. Only `source.rs` and `tree.rs` touch the disk.
#![deny(clippy::indexing_slicing, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod anonymize;
pub mod bids;
pub mod brainvision;
mod bytes;
pub mod edf;
pub mod eeglab;
pub mod egi;
mod error;
pub mod fif;
mod fill;
mod format;
mod frames;
mod h5;
mod identity;
mod limits;
mod names;
pub mod neuroscan;
pub mod nwb;
mod pieces;
mod plausible;
mod runs;
mod select;
mod source;
mod storage;
pub mod store;
mod tree;
mod triggers;
mod write;
pub mod xdf;
mod xml;

pub use anonymize::{Removed, anonymize};
pub use error::{Error, Result};
pub use format::{FORMATS, Format, Reader, open, open_source, read, read_source};
pub use identity::Identifier;
pub use limits::Limits;
pub use select::Selection;
pub use source::{FileSource, MemorySource, ReadAt, ReadSeek, Source, sha256};
pub use tree::{Dangling, FolderTree, Listing, MemoryTree, Tree};
pub use write::write;

/// For the fuzzer: reads all that a file of HDF5 holds, whatever it means, and gives the number of datasets that were read.
///
/// # Errors
/// See [`Error`].
#[cfg(fuzzing)]
pub fn walk_hdf5(name: &str, bytes: Vec<u8>, limits: Limits) -> Result<usize> {
    h5::walk(name, bytes, limits)
}

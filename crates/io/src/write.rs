//! Writing by file ending.
use crate::Result;
use dosewave_eeg::Recording;
use std::path::Path;
/// Writes a recording in the format of the path's ending (`.edf` EDF+, `.h5` HDF5), whole or not at all.
pub fn write(recording: &Recording, path: impl AsRef<Path>) -> Result<()> { todo!() }

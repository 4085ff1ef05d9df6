//! Result files, whole or not at all.
use crate::{Result, Results};
use std::path::Path;
/// Writes `results.json`, `markers.tsv`, `markers.json`, `contrasts.tsv`, `methods.md` and (feature `hdf5`) `results.h5` into a folder.
pub fn write_results(results: &Results, folder: &Path) -> Result<()> { todo!() }

//! Result files, whole or not at all.
use crate::{MarkerRow, Result, Results};
use std::path::Path;
/// Writes `results.json`, `markers.tsv`, `markers.json`, `contrasts.tsv`, `methods.md` and (feature `hdf5`) `results.h5` into a folder.
pub fn write_results(results: &Results, folder: &Path) -> Result<()> { todo!() }
/// Writes a text whole or not at all (aside, then renamed); folders are made.
pub fn write_text(path: &Path, text: &str) -> Result<()> { todo!() }
/// Rows as the text of `markers.tsv`.
pub fn markers_tsv(rows: &[MarkerRow]) -> String { todo!() }

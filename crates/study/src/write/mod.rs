//! Result files, whole or not at all.

mod sidecar;
#[cfg(feature = "hdf5")]
mod store;
mod tables;

pub(crate) use sidecar::sidecar_json;
pub(crate) use tables::with_missing;
pub use tables::{contrasts_tsv, markers_tsv, responses_tsv};

use crate::{Error, Result, Results};
use std::path::{Path, PathBuf};

/// Writes `results.json`, `markers.tsv`, `markers.json`, `contrasts.tsv`, `responses.tsv`, `methods.md` and (feature `hdf5`) `results.h5` into a folder.
///
/// Each file appears whole or not at all: it is written aside and renamed. The folder is made where there is none.
///
/// # Errors
/// What the operating system says, with the path.
pub fn write_results(results: &Results, folder: &Path) -> Result<()> {
    write_text(&folder.join("results.json"), &results_json(results)?)?;
    write_text(&folder.join("markers.tsv"), &markers_tsv(&results.markers))?;
    write_text(&folder.join("markers.json"), &sidecar::markers_json(&results.definitions))?;
    write_text(&folder.join("contrasts.tsv"), &contrasts_tsv(&results.contrasts))?;
    write_text(&folder.join("responses.tsv"), &responses_tsv(&results.responses))?;
    write_text(&folder.join("methods.md"), &format!("# Methods\n\n{}", results.methods))?;
    #[cfg(feature = "hdf5")]
    store::write(results, &folder.join("results.h5"))?;
    Ok(())
}

/// The text of `results.json`: fields in the order of [`Results`], floats that read back to the same bits.
///
/// # Errors
/// None that data can cause: every number in results is finite.
pub fn results_json(results: &Results) -> Result<String> {
    let text = serde_json::to_string_pretty(results)
        .map_err(|error| Error::Design(format!("results.json cannot be written: {error}")))?;
    Ok(text + "\n")
}

/// Writes a text whole or not at all (aside, then renamed); folders are made.
///
/// # Errors
/// What the operating system says, with the path.
///
/// ```
/// let folder = std::env::temp_dir().join(format!("dosewave-doc-{}", std::process::id()));
/// let path = folder.join("figures").join("a.svg");
/// dosewave_study::write_text(&path, "<svg/>").unwrap();
/// assert_eq!(std::fs::read_to_string(&path).unwrap(), "<svg/>");
/// std::fs::remove_dir_all(folder).unwrap();
/// ```
pub fn write_text(path: &Path, text: &str) -> Result<()> {
    let failed = |source| Error::Io { path: path.to_owned(), source };
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder).map_err(failed)?;
    }
    let aside = aside(path);
    std::fs::write(&aside, text).and_then(|()| std::fs::rename(&aside, path)).map_err(|source| {
        // the message is about the write; a leftover that cannot be removed changes nothing
        let _ = std::fs::remove_file(&aside);
        failed(source)
    })
}

/// A name beside `path` that no reader takes for a result.
fn aside(path: &Path) -> PathBuf {
    let name = path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    path.with_file_name(format!(".{name}.{}.part", std::process::id()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_write_leaves_nothing_behind() {
        let folder = tempfile::tempdir().unwrap();
        // the target is a folder: the rename fails
        let target = folder.path().join("results.json");
        std::fs::create_dir_all(target.join("x")).unwrap();
        let error = write_text(&target, "text").unwrap_err();
        assert!(error.to_string().contains("results.json"));
        let left: Vec<_> = std::fs::read_dir(folder.path()).unwrap().collect();
        assert_eq!(left.len(), 1);
    }

    #[test]
    fn an_existing_file_is_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a").join("b.txt");
        write_text(&path, "one").unwrap();
        write_text(&path, "two").unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "two");
    }
}

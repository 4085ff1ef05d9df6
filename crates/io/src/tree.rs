//! Folders of files that belong together: a dataset on disk or in memory. Beside `source.rs`, this is what touches the disk.

use crate::{Error, FileSource, MemorySource, Result, Source};
use dosewave_eeg::Note;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;
use std::fs;
use std::io::Read as _;
use std::path::{Component, Path, PathBuf};

/// Files of a tree beyond which it is not listed.
const MAX_FILES: usize = 2_000_000;
/// Folders within folders; a dataset has four.
const MAX_DEPTH: usize = 12;

/// A file that is named but not there: a link that leads nowhere (git-annex), or one that may not be followed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dangling {
    /// Path from the tree's root, with `/`.
    pub path: String,
    /// Where it leads.
    pub target: String,
    /// Why it is not followed, and what to do.
    pub advice: String,
}

/// What is in a tree.
#[derive(Clone, Debug, Default)]
pub struct Listing {
    /// Files, paths from the root with `/`, sorted.
    pub files: Vec<String>,
    /// Folders of the root that were not looked into.
    pub other_folders: Vec<String>,
    /// Links that lead to no file of the tree, sorted.
    pub dangling: Vec<Dangling>,
    /// What else is odd.
    pub notes: Vec<Note>,
}

/// A folder of files.
pub trait Tree: Debug + Send + Sync {
    /// For messages: the path of the root.
    fn name(&self) -> String;
    /// Files of the root and of those of its folders whose names `wanted` accepts, at any depth.
    ///
    /// # Errors
    /// [`Error::Io`] where the root cannot be listed, [`Error::Limit`] for too many files.
    fn list(&self, wanted: &dyn Fn(&str) -> bool) -> Result<Listing>;
    /// The bytes of a file.
    ///
    /// # Errors
    /// [`Error::Io`]; [`Error::Limit`] for more than `max_bytes`.
    fn read(&self, path: &str, max_bytes: u64) -> Result<Vec<u8>>;
    /// A recording and the files beside it.
    ///
    /// # Errors
    /// [`Error::Io`].
    fn source(&self, path: &str) -> Result<Box<dyn Source>>;
    /// The path of a file on disk, where there is one.
    fn path(&self, path: &str) -> Option<PathBuf>;
}

/// Refuses a file of more than `max_bytes`.
fn check_size(file: &Path, size: u64, max_bytes: u64) -> Result<()> {
    if size <= max_bytes {
        return Ok(());
    }
    let what = "the size of the file (bytes)".into();
    Err(Error::Limit { file: file.to_owned(), what, asked: size, allowed: max_bytes })
}

/// A folder on disk.
#[derive(Clone, Debug)]
pub struct FolderTree {
    root: PathBuf,
    canonical: PathBuf,
}

impl FolderTree {
    /// The tree below `root`.
    ///
    /// # Errors
    /// [`Error::Io`] when there is no folder.
    pub fn new(root: impl AsRef<Path>) -> Result<Self> {
        let root = root.as_ref().to_owned();
        let failed = |source| Error::Io { file: root.clone(), source };
        let canonical = root.canonicalize().map_err(failed)?;
        if !canonical.is_dir() {
            let source =
                std::io::Error::new(std::io::ErrorKind::NotADirectory, "a file; name the dataset's folder");
            return Err(failed(source));
        }
        Ok(Self { root, canonical })
    }

    /// Whether a link may be followed: inside the tree, or into the store of git-annex, which a dataset within a dataset keeps
    /// with the outer one.
    fn holds(&self, canonical: &Path) -> bool {
        let names: Vec<Component<'_>> = canonical.components().collect();
        let is_annex = |pair: &[Component<'_>]| matches!(pair, [a, b] if a.as_os_str() == "annex" && b.as_os_str() == "objects");
        canonical.starts_with(&self.canonical) || names.windows(2).any(is_annex)
    }

    /// The place of a path, refused where it leads out of the tree.
    fn place(&self, path: &str) -> Result<PathBuf> {
        let place = self.root.join(path);
        let failed = |source| Error::Io { file: place.clone(), source };
        let plain = Path::new(path).components().all(|part| matches!(part, Component::Normal(_)));
        let canonical = place.canonicalize().map_err(failed)?;
        if plain && self.holds(&canonical) {
            return Ok(place);
        }
        let text = format!("leads out of the dataset, to {}; copy it in", canonical.display());
        Err(failed(std::io::Error::new(std::io::ErrorKind::PermissionDenied, text)))
    }

    /// What a folder entry is.
    fn visit(&self, entry: &fs::DirEntry, path: &str, seen: &BTreeSet<PathBuf>) -> Found {
        let Ok(kind) = entry.file_type() else { return Found::Nothing };
        if !kind.is_symlink() {
            return match (kind.is_dir(), kind.is_file()) {
                (true, _) => Found::Folder,
                (_, true) => Found::File,
                _ => Found::Nothing,
            };
        }
        let target = fs::read_link(entry.path()).map(|t| t.display().to_string()).unwrap_or_default();
        let dangling = |advice: &str| {
            Found::Dangling(Dangling {
                path: path.to_owned(),
                target: target.clone(),
                advice: advice.to_owned(),
            })
        };
        match entry.path().canonicalize() {
            Err(_) => dangling("its content is not here; fetch it with `datalad get` or `git annex get`"),
            Ok(canonical) if !self.holds(&canonical) => dangling("it leads out of the dataset; copy it in"),
            Ok(canonical) if canonical.is_dir() && seen.contains(&canonical) => {
                dangling("it leads to a folder that holds it, or that was listed already; remove the link")
            }
            Ok(canonical) if canonical.is_dir() => Found::Folder,
            Ok(_) => Found::File,
        }
    }

    fn walk(&self, folder: &str, depth: usize, walk: &mut Walk<'_>) -> Result<()> {
        let place = if folder.is_empty() { self.root.clone() } else { self.root.join(folder) };
        let failed = |source| Error::Io { file: place.clone(), source };
        if let Ok(canonical) = place.canonicalize() {
            walk.seen.insert(canonical);
        }
        let mut entries: Vec<fs::DirEntry> = match fs::read_dir(&place) {
            Ok(entries) => entries.flatten().collect(),
            Err(source) if folder.is_empty() => return Err(failed(source)),
            Err(source) => {
                walk.listing
                    .notes
                    .push(Note::warning("BIDS", format!("{folder}: cannot be listed ({source})")));
                return Ok(());
            }
        };
        entries.sort_by_key(fs::DirEntry::file_name);
        for entry in entries {
            let Ok(name) = entry.file_name().into_string() else {
                let name = entry.file_name().to_string_lossy().into_owned();
                let text = format!("{folder}/{name}: a name that is not Unicode; left out");
                walk.listing.notes.push(Note::warning("BIDS", text));
                continue;
            };
            let path = if folder.is_empty() { name.clone() } else { format!("{folder}/{name}") };
            match self.visit(&entry, &path, &walk.seen) {
                Found::Nothing => {}
                Found::File => walk.add(path, &self.root)?,
                Found::Dangling(dangling) => walk.listing.dangling.push(dangling),
                Found::Folder if folder.is_empty() && !(walk.wanted)(&name) => {
                    walk.listing.other_folders.push(name);
                }
                Found::Folder if depth >= MAX_DEPTH => {
                    let text = format!("{path}: more than {MAX_DEPTH} folders deep; not looked into");
                    walk.listing.notes.push(Note::warning("BIDS", text));
                }
                Found::Folder => self.walk(&path, depth + 1, walk)?,
            }
        }
        Ok(())
    }
}

/// What a folder entry is.
enum Found {
    File,
    Folder,
    Dangling(Dangling),
    /// A socket, a device.
    Nothing,
}

struct Walk<'a> {
    wanted: &'a dyn Fn(&str) -> bool,
    /// Folders that were entered, as they are without links.
    seen: BTreeSet<PathBuf>,
    listing: Listing,
}

impl Walk<'_> {
    fn add(&mut self, path: String, root: &Path) -> Result<()> {
        if self.listing.files.len() >= MAX_FILES {
            let what = "the number of files".into();
            let (asked, allowed) = (MAX_FILES as u64 + 1, MAX_FILES as u64);
            return Err(Error::Limit { file: root.to_owned(), what, asked, allowed });
        }
        self.listing.files.push(path);
        Ok(())
    }
}

impl Tree for FolderTree {
    fn name(&self) -> String {
        self.root.display().to_string()
    }

    fn list(&self, wanted: &dyn Fn(&str) -> bool) -> Result<Listing> {
        let mut walk = Walk { wanted, seen: BTreeSet::new(), listing: Listing::default() };
        self.walk("", 0, &mut walk)?;
        walk.listing.files.sort_unstable();
        Ok(walk.listing)
    }

    fn read(&self, path: &str, max_bytes: u64) -> Result<Vec<u8>> {
        let place = self.place(path)?;
        let failed = |source| Error::Io { file: place.clone(), source };
        let file = fs::File::open(&place).map_err(failed)?;
        check_size(&place, file.metadata().map_err(failed)?.len(), max_bytes)?;
        let mut bytes = Vec::new();
        // a file may grow, or have no size
        file.take(max_bytes.saturating_add(1)).read_to_end(&mut bytes).map_err(failed)?;
        check_size(&place, bytes.len() as u64, max_bytes)?;
        Ok(bytes)
    }

    fn source(&self, path: &str) -> Result<Box<dyn Source>> {
        Ok(Box::new(FileSource::new(self.place(path)?)?))
    }

    fn path(&self, path: &str) -> Option<PathBuf> {
        Some(self.root.join(path))
    }
}

/// Files in memory.
///
/// ```
/// use dosewave_io::{MemoryTree, Tree};
/// let tree = MemoryTree::default().with_file("sub-01/eeg/a.tsv", "name\n").with_file("README", "x");
/// assert_eq!(tree.list(&|_| true).unwrap().files, ["README", "sub-01/eeg/a.tsv"]);
/// ```
#[derive(Clone, Debug, Default)]
pub struct MemoryTree {
    files: BTreeMap<String, Vec<u8>>,
}

impl MemoryTree {
    /// The same with another file, or with another content of one.
    #[must_use]
    pub fn with_file(mut self, path: &str, bytes: impl Into<Vec<u8>>) -> Self {
        self.files.insert(path.to_owned(), bytes.into());
        self
    }

    fn bytes(&self, path: &str) -> Result<&Vec<u8>> {
        self.files.get(path).ok_or_else(|| {
            let source = std::io::Error::new(std::io::ErrorKind::NotFound, "no such file in memory");
            Error::Io { file: path.into(), source }
        })
    }
}

impl Tree for MemoryTree {
    fn name(&self) -> String {
        "memory".into()
    }

    fn list(&self, wanted: &dyn Fn(&str) -> bool) -> Result<Listing> {
        let mut listing = Listing::default();
        for path in self.files.keys() {
            match path.split_once('/') {
                Some((folder, _)) if !wanted(folder) => {
                    if listing.other_folders.last().is_none_or(|last| last != folder) {
                        listing.other_folders.push(folder.to_owned());
                    }
                }
                _ => listing.files.push(path.clone()),
            }
        }
        Ok(listing)
    }

    fn read(&self, path: &str, max_bytes: u64) -> Result<Vec<u8>> {
        let bytes = self.bytes(path)?;
        check_size(Path::new(path), bytes.len() as u64, max_bytes)?;
        Ok(bytes.clone())
    }

    fn source(&self, path: &str) -> Result<Box<dyn Source>> {
        let folder =
            |path: &str| path.rsplit_once('/').map_or(String::new(), |(folder, _)| folder.to_owned());
        let name = |path: &str| path.rsplit_once('/').map_or(path.to_owned(), |(_, name)| name.to_owned());
        let source = MemorySource::new(&name(path), self.bytes(path)?.clone());
        let beside = self.files.iter().filter(|(other, _)| *other != path && folder(other) == folder(path));
        Ok(Box::new(beside.fold(source, |s, (other, bytes)| s.with_sibling(&name(other), bytes.clone()))))
    }

    fn path(&self, _path: &str) -> Option<PathBuf> {
        None
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    #[test]
    fn links_that_lead_nowhere_out_or_around_are_named_and_not_followed() {
        let outside = tempfile::tempdir().unwrap();
        fs::write(outside.path().join("secret.tsv"), "a\n").unwrap();
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::create_dir_all(at("sub-01/eeg")).unwrap();
        fs::create_dir_all(at(".git/annex/objects/x")).unwrap();
        fs::create_dir_all(at("code")).unwrap();
        fs::write(at("README"), "r").unwrap();
        fs::write(at(".git/annex/objects/x/there"), "t").unwrap();
        symlink("../../.git/annex/objects/x/there", at("sub-01/eeg/there.edf")).unwrap();
        symlink("../../.git/annex/objects/x/gone", at("sub-01/eeg/gone.edf")).unwrap();
        symlink(outside.path().join("secret.tsv"), at("sub-01/eeg/out.tsv")).unwrap();
        symlink("..", at("sub-01/eeg/around")).unwrap();
        symlink("self", at("sub-01/eeg/self")).unwrap();
        let tree = FolderTree::new(folder.path()).unwrap();
        let listing = tree.list(&|name| name.starts_with("sub-")).unwrap();
        assert_eq!(listing.files, ["README", "sub-01/eeg/there.edf"]);
        assert_eq!(listing.other_folders, [".git", "code"]);
        let said: Vec<(&str, &str)> =
            listing.dangling.iter().map(|d| (d.path.as_str(), d.advice.as_str())).collect();
        assert_eq!(said.len(), 4);
        assert!(said[0].0.ends_with("around") && said[0].1.contains("a folder that holds it"), "{said:?}");
        assert!(said[1].0.ends_with("gone.edf") && said[1].1.contains("datalad get"), "{said:?}");
        assert!(said[2].0.ends_with("out.tsv") && said[2].1.contains("out of the dataset"), "{said:?}");
        assert!(said[3].0.ends_with("self"), "{said:?}");
        assert!(tree.read("sub-01/eeg/out.tsv", 100).unwrap_err().to_string().contains("may not be read"));
        assert!(tree.read("../x", 100).is_err());
        assert_eq!(tree.read("sub-01/eeg/there.edf", 100).unwrap(), b"t");
        assert!(tree.read("README", 0).unwrap_err().to_string().contains("the limit is 0"));
    }

    #[test]
    fn a_store_of_the_outer_dataset_is_followed() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::create_dir_all(at("inner/sub-01")).unwrap();
        fs::create_dir_all(at(".git/modules/inner/annex/objects")).unwrap();
        fs::write(at(".git/modules/inner/annex/objects/key"), "t").unwrap();
        symlink("../../.git/modules/inner/annex/objects/key", at("inner/sub-01/a.edf")).unwrap();
        let listing = FolderTree::new(at("inner")).unwrap().list(&|_| true).unwrap();
        assert_eq!((listing.files, listing.dangling), (vec!["sub-01/a.edf".to_owned()], vec![]));
    }
}

//! What the tests of the command share: running it, and recordings that they make themselves.
#![allow(dead_code, clippy::unwrap_used, clippy::indexing_slicing)] // each test uses a part of it

use dosewave::eeg::{Annotation, Hz, Recording, Seconds};
use dosewave::numerics::stats::Stream;
use ndarray::Array2;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use tempfile::TempDir;

/// Few draws: the tests are about the command, not about statistics.
pub(crate) const FAST: [&str; 4] =
    ["--set", "inference.n_bootstrap=20", "--set", "inference.n_permutations=20"];

/// What a command said and did.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

/// Runs `dosewave` in `folder`.
pub(crate) fn dosewave(folder: &Path, arguments: &[&str]) -> Said {
    said(command(folder).args(arguments).output().unwrap())
}

/// The command with a width and without colours or backtraces, whatever the terminal.
pub(crate) fn command(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_dosewave"));
    command.current_dir(folder).env("COLUMNS", "100").env("NO_COLOR", "1").env_remove("RUST_BACKTRACE");
    command
}

pub(crate) fn said(output: Output) -> Said {
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Said { code: output.status.code().unwrap_or(-1), out: text(output.stdout), err: text(output.stderr) }
}

/// Noise of two channels, 60 s at 250 Hz, `scale` µV.
pub(crate) fn noise(scale: f64, seed: u64) -> Recording {
    let mut stream = Stream::new(seed, 0);
    let data = Array2::from_shape_simple_fn((2, 15_000), || scale * stream.normal());
    Recording::new(data, Hz(250.0), &["Fz", "Pz"]).unwrap()
}

/// `pre.edf`, and `post.edf` which is twice as large.
pub(crate) fn pair() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    dosewave::io::write(&noise(5.0, 1), folder.path().join("pre.edf")).unwrap();
    dosewave::io::write(&noise(10.0, 2), folder.path().join("post.edf")).unwrap();
    folder
}

/// `one.edf`: 60 s, a dose at 30 s.
pub(crate) fn one_with_dose(folder: &Path) {
    let dose = Annotation::new(Seconds(30.0), Seconds(5.0), "ketamine infusion");
    dosewave::io::write(&noise(5.0, 3).with_annotations(vec![dose]), folder.join("one.edf")).unwrap();
}

/// Names in a folder, sorted; nothing where there is none.
pub(crate) fn names(folder: &Path) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// Copies a file with `new` written over the bytes from `offset` on.
pub(crate) fn patched(folder: &Path, from: &str, to: &str, offset: usize, new: &str) -> PathBuf {
    let mut bytes = std::fs::read(folder.join(from)).unwrap();
    bytes[offset..offset + new.len()].copy_from_slice(new.as_bytes());
    let path = folder.join(to);
    std::fs::write(&path, bytes).unwrap();
    path
}

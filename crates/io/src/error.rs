//! What can go wrong with a file; see each variant for who must act.
use std::path::PathBuf;
/// Result of this crate.
pub type Result<T> = std::result::Result<T, Error>;
/// What can go wrong with a file.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The operating system says no.
    #[error("{file}: {source}")]
    Io { /// Which file.
        file: PathBuf, /// Why.
        #[source] source: std::io::Error },
    /// No format fits.
    #[error("{file}: not a recording that dosewave reads ({found}); it reads {known}")]
    UnknownFormat { file: PathBuf, found: String, known: String },
    /// The file contradicts its format.
    #[error("{file}: {format} {field} at byte {offset}: found {found}; {allowed}")]
    Malformed { file: PathBuf, format: &'static str, field: String, offset: u64, found: String, allowed: String },
    /// Right by the format, but not done here.
    #[error("{file}: {format}: {what}")]
    Unsupported { file: PathBuf, format: &'static str, what: String },
    /// It would cost too much.
    #[error("{file}: {what} asks for {asked}, the limit is {allowed}; read a shorter window or raise the limit")]
    Limit { file: PathBuf, what: String, asked: u64, allowed: u64 },
    /// A file that belongs to it is missing.
    #[error("{file}: its {role} '{sibling}' is missing; {advice}")]
    MissingSibling { file: PathBuf, role: &'static str, sibling: String, advice: String },
    /// What is to be written does not fit the format.
    #[error("{file}: cannot write {format}: {what}")]
    Write { file: PathBuf, format: &'static str, what: String },
    /// From the layer below.
    #[error("{file}: {source}")]
    Eeg { file: PathBuf, #[source] source: dosewave_eeg::Error },
}

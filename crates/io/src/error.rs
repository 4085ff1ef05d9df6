//! What can go wrong with a file; each variant says who must act.

use std::io::ErrorKind;
use std::path::PathBuf;

/// Result of this crate.
pub type Result<T> = std::result::Result<T, Error>;

/// What can go wrong with a file.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The operating system says no.
    #[error("{}: {}", file.display(), reason(source))]
    Io {
        /// Which file.
        file: PathBuf,
        /// Its reason.
        #[source]
        source: std::io::Error,
    },
    /// No format fits.
    #[error("{}: not a recording that dosewave reads ({found}); it reads {known}", file.display())]
    UnknownFormat {
        /// Which file.
        file: PathBuf,
        /// What its first bytes look like.
        found: String,
        /// The formats there are.
        known: String,
    },
    /// The file contradicts its format.
    #[error("{}: {format}: {field} at byte {offset} is {found}; {allowed}", file.display())]
    Malformed {
        /// Which file.
        file: PathBuf,
        /// Which format.
        format: &'static str,
        /// Which field of it.
        field: String,
        /// Where.
        offset: u64,
        /// What stands there.
        found: String,
        /// What may stand there, and what to do.
        allowed: String,
    },
    /// Right by the format, but not done here.
    #[error("{}: {format}: {what}", file.display())]
    Unsupported {
        /// Which file.
        file: PathBuf,
        /// Which format.
        format: &'static str,
        /// What is not done, and what to do instead.
        what: String,
    },
    /// It would cost too much.
    #[error("{}: {what} is {asked}, the limit is {allowed}; read a shorter window or raise the limit", file.display())]
    Limit {
        /// Which file.
        file: PathBuf,
        /// What is too large.
        what: String,
        /// As asked.
        asked: u64,
        /// As allowed.
        allowed: u64,
    },
    /// A file that belongs to it is missing.
    #[error("{}: its {role} '{sibling}' is missing; {advice}", file.display())]
    MissingSibling {
        /// Which file.
        file: PathBuf,
        /// What the missing file is.
        role: &'static str,
        /// Its name.
        sibling: String,
        /// What to do.
        advice: String,
    },
    /// What is to be written does not fit the format.
    #[error("{}: cannot write {format}: {what}", file.display())]
    Write {
        /// Which file.
        file: PathBuf,
        /// Which format.
        format: &'static str,
        /// Why not, and what to do.
        what: String,
    },
    /// From the layer below.
    #[error("{}: {source}", file.display())]
    Eeg {
        /// Which file.
        file: PathBuf,
        /// Its reason.
        #[source]
        source: dosewave_eeg::Error,
    },
}

/// What the operating system says, and what to do where that is known.
fn reason(source: &std::io::Error) -> String {
    match source.kind() {
        ErrorKind::NotFound => "no such file; check the path".into(),
        ErrorKind::PermissionDenied => "may not be read; check its permissions".into(),
        _ => source.to_string(),
    }
}

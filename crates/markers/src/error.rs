//! What can go wrong with a marker.
/// Result of this crate.
pub type Result<T> = std::result::Result<T, Error>;
/// What can go wrong with a marker.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The segment cannot carry it; the value is missing for this reason.
    #[error("{marker}: {what}")]
    Needs { marker: String, what: String },
    /// Unknown kind.
    #[error("no marker kind '{kind}'; known: {known}")]
    UnknownKind { kind: String, known: String },
    /// Bad parameters.
    #[error("marker '{marker}': {problem}")]
    Params { marker: String, problem: String },
    /// From below.
    #[error(transparent)]
    Eeg(#[from] dosewave_eeg::Error),
    /// From below.
    #[error(transparent)]
    Kernel(#[from] dosewave_numerics::Error),
}

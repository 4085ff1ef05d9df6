//! What can go wrong with a marker.

/// Result of this crate.
pub type Result<T> = std::result::Result<T, Error>;

/// What can go wrong with a marker.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The segment cannot carry it; the value is missing for this reason.
    #[error("{marker}: {what}")]
    Needs {
        /// Kind of the marker.
        marker: String,
        /// What it lacks, and what would help.
        what: String,
    },
    /// Unknown kind.
    #[error("no marker kind '{kind}'{hint}; known: {known}")]
    UnknownKind {
        /// As given.
        kind: String,
        /// A near miss, or what to do; may be empty.
        hint: String,
        /// Those there are.
        known: String,
    },
    /// Bad parameters.
    #[error("marker '{marker}': {problem}")]
    Params {
        /// Its name in the configuration.
        marker: String,
        /// What is wrong, and what would do.
        problem: String,
    },
    /// Sizes or labels that must agree and do not.
    #[error("{what}: expected {expected}, got {got}")]
    Shape {
        /// What was compared.
        what: &'static str,
        /// As it must be.
        expected: String,
        /// As it is.
        got: String,
    },
    /// From below.
    #[error(transparent)]
    Eeg(#[from] dosewave_eeg::Error),
    /// From below.
    #[error(transparent)]
    Kernel(#[from] dosewave_numerics::Error),
}

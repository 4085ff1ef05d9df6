//! What can go wrong in a study.

/// Result of this crate.
pub type Result<T> = std::result::Result<T, Error>;

/// One thing that is wrong with a configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Key path: `markers.low_gamma.band`.
    pub key: String,
    /// What is wrong and what to do.
    pub text: String,
}

/// Each problem once: two recordings may have the same.
fn distinct(problems: &[Problem]) -> Vec<&Problem> {
    let first = |(i, problem)| problems.iter().position(|p| p == problem) == Some(i);
    problems.iter().enumerate().filter(|(i, problem)| first((*i, *problem))).map(|(_, p)| p).collect()
}

/// What can go wrong in a study.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Everything that is wrong with a configuration, or with what it asks of the recordings, together.
    #[error("{} problem(s):{}", distinct(problems).len(), distinct(problems).iter().map(|p| format!("\n  {}: {}", p.key, p.text)).collect::<String>())]
    Config {
        /// All of them.
        problems: Vec<Problem>,
    },
    /// Dose, windows or design do not fit the recording.
    #[error("{0}")]
    Design(String),
    /// A session that failed.
    #[error("{subject} {session}: {source}")]
    Session {
        /// Subject.
        subject: String,
        /// Session.
        session: String,
        /// Why.
        #[source]
        source: Box<Error>,
    },
    /// Reading.
    #[error(transparent)]
    Read(#[from] dosewave_io::Error),
    /// EEG steps.
    #[error(transparent)]
    Eeg(#[from] dosewave_eeg::Error),
    /// Markers.
    #[error(transparent)]
    Marker(#[from] dosewave_markers::Error),
    /// Mathematics.
    #[error(transparent)]
    Kernel(#[from] dosewave_numerics::Error),
    /// Writing results, or reading a study's tables.
    #[error("{}: {source}", path.display())]
    Io {
        /// Which file.
        path: std::path::PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
}

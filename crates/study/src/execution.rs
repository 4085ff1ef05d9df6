//! Options that change no result.

use std::fmt;
use std::sync::Arc;

/// Called with (done, total, what).
pub type Progress = Arc<dyn Fn(usize, usize, &str) + Send + Sync>;

/// Threads and progress: never part of provenance.
#[derive(Clone, Default)]
pub struct Execution {
    /// Threads; `None` = all cores.
    pub threads: Option<usize>,
    /// Called with (done, total, what).
    pub progress: Option<Progress>,
}

impl fmt::Debug for Execution {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Execution")
            .field("threads", &self.threads)
            .field("progress", &self.progress.is_some())
            .finish()
    }
}

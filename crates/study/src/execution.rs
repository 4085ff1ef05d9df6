//! Options that change no result.
use std::sync::Arc;
/// Threads and progress: never part of provenance.
#[derive(Clone, Default)]
pub struct Execution { /// Threads; `None` = all cores.
    pub threads: Option<usize>, /// Called with (done, total, what).
    pub progress: Option<Arc<dyn Fn(usize, usize, &str) + Send + Sync>> }

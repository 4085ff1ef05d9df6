//! What the benchmarks share: recordings that make programs work as real EEG does, a stopwatch, slow twins that check a
//! result before its time counts.

mod recording;
mod stopwatch;
pub mod twin;

pub use recording::{CH_NAMES, Part, recording};
pub use stopwatch::{Timing, cpu_seconds, time};

/// What a benchmark can fail with.
pub type Failure = Box<dyn std::error::Error + Send + Sync>;

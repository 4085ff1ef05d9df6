//! From recordings to results: configuration, dose clock, contrasts, statistics, provenance, result files.
//!
//! The study never touches a sample: it passes recordings to `dosewave-eeg` and segments to `dosewave-markers`.
mod config;
mod error;
mod execution;
mod provenance;
mod results;
mod compare;
mod write;
pub use compare::{Input, compare, compare_dose_at};
pub use config::Config;
pub use error::{Error, Problem, Result};
pub use execution::Execution;
pub use provenance::{InputFile, Provenance};
pub use results::*;
pub use write::write_results;

//! From recordings to results: configuration, dose clock, contrasts, statistics, provenance, result files.
//!
//! The study never touches a sample: it passes recordings to `dosewave-eeg` and segments to `dosewave-markers`.
//! "Before and after" is one function, [`contrast`](crate::ContrastRow), for all markers.
mod compare;
mod config;
mod error;
mod execution;
mod group;
mod markers_table;
mod provenance;
mod results;
mod write;
pub use compare::{Input, compare, compare_dose_at};
pub use config::Config;
pub use error::{Error, Problem, Result};
pub use execution::Execution;
pub use group::{SessionInput, SessionSpec, Study, run};
pub use markers_table::markers_table;
pub use provenance::{InputFile, Provenance};
pub use results::*;
pub use write::{markers_tsv, write_results, write_text};

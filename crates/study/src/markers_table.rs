//! Markers without a dose.
use crate::{Config, Execution, Input, MarkerRow, Result};
/// One row per window, marker and site; `names` empty = all markers; `windows` in seconds from the recording's start, empty = the whole recording.
pub fn markers_table(input: Input, names: &[String], windows: &[(f64, f64)], config: &Config, execution: &Execution) -> Result<Vec<MarkerRow>> { todo!() }

//! Before and after, one or two recordings.
use crate::{Config, Execution, Result, Results};
use dosewave_eeg::Recording;
use std::path::PathBuf;
/// Where a recording comes from.
#[derive(Clone, Debug)]
pub enum Input { /// A file, read window by window.
    Path(PathBuf), /// Samples in memory, with a name for the tables.
    Recording { name: String, recording: Recording } }
/// Two recordings: before and after.
pub fn compare(pre: Input, post: Input, config: &Config, execution: &Execution) -> Result<Results> { todo!() }
/// One recording with a dose in it: seconds | mm:ss | hh:mm:ss | an annotation's label.
pub fn compare_dose_at(input: Input, dose_at: &str, config: &Config, execution: &Execution) -> Result<Results> { todo!() }

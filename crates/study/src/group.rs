//! Many sessions.
use crate::{Config, Execution, Input, Result, Results};
use std::path::Path;
/// What was recorded in a session.
#[derive(Clone, Debug)]
pub enum SessionInput {
    /// One recording with the dose in it; `dose_at` as for `compare_dose_at`.
    DoseAt { input: Input, dose_at: String },
    /// Before and after.
    PrePost { pre: Input, post: Input },
}
/// One session of a study.
#[derive(Clone, Debug)]
pub struct SessionSpec { pub subject: String, pub session: String, pub treatment: String, pub input: SessionInput }
/// Runs all sessions; a session that fails is recorded in its summary and the others go on.
pub fn run(sessions: &[SessionSpec], config: &Config, execution: &Execution) -> Result<Results> { todo!() }
/// A study: its sessions and its configuration.
pub struct Study { pub sessions: Vec<SessionSpec>, pub config: Config }
impl Study {
    /// Reads STUDY.toml (a configuration with `[sessions] table = "sessions.tsv"`) and its table.
    pub fn from_toml(path: &Path, settings: &[String]) -> Result<Self> { todo!() }
}

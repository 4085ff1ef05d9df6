//! What was run on what: enough to run it again.
use serde::{Deserialize, Serialize};

/// What was run on what. Contains nothing that varies from run to run on the same input (no clock, no threads, no paths).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Provenance {
    /// `dosewave`.
    pub software: String,
    /// Its version.
    pub version: String,
    /// Seed of every random draw.
    pub seed: u64,
    /// The whole configuration, defaults filled in.
    pub config: serde_json::Value,
    /// Input files.
    pub inputs: Vec<InputFile>,
}

/// An input file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct InputFile {
    /// File name without folder.
    pub name: String,
    /// Size.
    pub bytes: u64,
    /// SHA-256, lower-case hex; `array` for data that came from memory.
    pub sha256: String,
}

//! References.
use serde::{Deserialize, Serialize};
/// What EEG potentials are measured against.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reference {
    /// As recorded.
    AsRecorded,
    /// The mean of all EEG channels.
    Average,
    /// The mean of these channels.
    Channels(Vec<String>),
}

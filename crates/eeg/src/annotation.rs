//! Events with a time.

use crate::Seconds;
use serde::{Deserialize, Serialize};

/// Something that happened at a time of the recording: a stimulus, a dose, a technician's remark.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Annotation {
    /// True time from the recording's start; a pause does not shift it.
    pub onset: Seconds,
    /// Length; zero for an instant.
    pub duration: Seconds,
    /// What the recording calls it.
    pub label: String,
    /// The channels it speaks of; empty for all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub channels: Vec<String>,
}

impl Annotation {
    /// An annotation for all channels.
    #[must_use]
    pub fn new(onset: Seconds, duration: Seconds, label: impl Into<String>) -> Self {
        Self { onset, duration, label: label.into(), channels: Vec::new() }
    }

    /// Time of its end.
    #[must_use]
    pub fn end(&self) -> Seconds {
        Seconds(self.onset.0 + self.duration.0)
    }
}

//! Tolerated oddities: nothing is repaired in silence.

use serde::{Deserialize, Serialize};
use std::fmt;

/// How much a reader of the report should care.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum NoteLevel {
    /// Good to know.
    Info,
    /// May change how a result is read.
    Warning,
}

/// Something odd that was tolerated, a value that could not be computed, a decision taken: it travels to the report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// How much to care.
    pub level: NoteLevel,
    /// Which part of the work says so: `edf`, `epochs`, `low_gamma` …
    pub topic: String,
    /// What was found, where, and what was done about it.
    pub text: String,
}

impl Note {
    /// A note that is good to know.
    pub fn info(topic: impl Into<String>, text: impl Into<String>) -> Self {
        Self { level: NoteLevel::Info, topic: topic.into(), text: text.into() }
    }

    /// A note that may change how a result is read.
    pub fn warning(topic: impl Into<String>, text: impl Into<String>) -> Self {
        Self { level: NoteLevel::Warning, topic: topic.into(), text: text.into() }
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.topic, self.text)
    }
}

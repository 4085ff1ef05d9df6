//! What sidecars say, put on a recording's header. The file's samples are the truth; what disagrees with them is a note.

mod channels;
mod electrodes;
mod events;
mod statements;

use super::layout::listed;
use super::{FORMAT, Sidecars};
use crate::{Limits, Result};
use dosewave_eeg::{Header, Note};

/// A header with its sidecars applied.
pub(super) struct Applied {
    pub(super) header: Header,
    /// What each channel's samples are multiplied with: 1 but where the table alone knows the unit.
    pub(super) factors: Vec<f64>,
}

/// Applies everything; `file` is for messages.
pub(super) fn apply(file: &str, mut header: Header, sidecars: &Sidecars, limits: &Limits) -> Result<Applied> {
    let mut notes = sidecars.notes.clone();
    let mut factors = vec![1.0; header.n_channels()];
    if let Some(table) = &sidecars.channels {
        channels::apply(table, &mut header, &mut factors, &mut notes);
    }
    if let Some(table) = &sidecars.electrodes {
        electrodes::apply(table, &sidecars.coordsystem, &mut header, &mut notes);
    }
    if let Some(table) = &sidecars.events {
        limits.check_annotations(&table.file, table.rows.len())?;
        events::apply(table, &mut header, &mut notes);
    }
    statements::apply(file, sidecars, &mut header, &mut notes);
    header.notes.extend(notes);
    Ok(Applied { header, factors })
}

/// Things of one kind that are said in one note.
struct Odd(Vec<String>);

impl Odd {
    fn new() -> Self {
        Self(Vec::new())
    }

    fn add(&mut self, what: String) {
        self.0.push(what);
    }

    fn warn(self, notes: &mut Vec<Note>, file: &str, what: &str) {
        if !self.0.is_empty() {
            notes.push(Note::warning(FORMAT, format!("{file}: {what}: {}", listed(&self.0))));
        }
    }

    fn tell(self, notes: &mut Vec<Note>, file: &str, what: &str) {
        if !self.0.is_empty() {
            notes.push(Note::info(FORMAT, format!("{file}: {what}: {}", listed(&self.0))));
        }
    }
}

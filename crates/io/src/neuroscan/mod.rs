//! Neuroscan continuous recordings (`.cnt`), SCAN 3 and 4.
//!
//! P. Bourke, EEG file formats, <http://paulbourke.net/dataformats/eeg/>. The header does not say whether samples have 16
//! or 32 bits: that is decided from what the file holds, and a note says from what. Time zero is the first sample.

mod events;
mod identity;
mod open;
mod setup;
mod width;

use crate::{Error, Format, Limits, Reader, Result, Source};

const FORMAT: &str = "Neuroscan";

/// Neuroscan continuous recordings.
#[derive(Clone, Copy, Debug)]
pub struct Neuroscan;

impl Format for Neuroscan {
    fn name(&self) -> &'static str {
        FORMAT
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["cnt"]
    }

    fn sniff(&self, _name: &str, head: &[u8]) -> bool {
        head.starts_with(b"Version 3.0") || other_system(head).is_some()
    }

    fn open(&self, source: Box<dyn Source>, limits: &Limits) -> Result<Box<dyn Reader>> {
        Ok(Box::new(open::open(source.as_ref(), *limits)?))
    }
}

/// The system whose files bear the same ending, where the first bytes are one's.
fn other_system(head: &[u8]) -> Option<&'static str> {
    let riff = head.starts_with(b"RIFF") || head.starts_with(b"RF64");
    if riff && head.get(8..11) == Some(b"CNT") {
        return Some("ANT Neuro (libeep, a RIFF file)");
    }
    head.starts_with(b"EEP V2.0").then_some("ANT Neuro (EEP 2.0)")
}

/// A file of another system is named as such.
fn refuse_other_system(name: &str, head: &[u8]) -> Result<()> {
    let Some(system) = other_system(head) else { return Ok(()) };
    let what = format!(
        "this .cnt is of {system}, which is another format of the same name and not read; \
         export it as EDF or BrainVision (in eego or ASA: File > Export)"
    );
    Err(Error::Unsupported { file: name.into(), format: FORMAT, what })
}

//! EGI (Net Station): simple binary files (`.raw`) and folders (`.mff`).
//!
//! EGI, Net Station File Formats Technical Manual; the folders are described by their XML schemas and by the open reader
//! mffpy, <https://github.com/BEL-Public/mffpy>.

mod blocks;
mod body;
mod identity;
mod layout;
mod mff;
mod raw;
mod texts;
mod time;

use crate::{Format, Limits, Reader, Result, Source};

/// EGI's simple binary files.
#[derive(Clone, Copy, Debug)]
pub struct EgiRaw;

/// EGI's folders.
#[derive(Clone, Copy, Debug)]
pub struct EgiMff;

impl Format for EgiRaw {
    fn name(&self) -> &'static str {
        raw::FORMAT
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["raw"]
    }

    fn sniff(&self, _name: &str, head: &[u8]) -> bool {
        raw::begins_as_one(head)
    }

    fn open(&self, source: Box<dyn Source>, limits: &Limits) -> Result<Box<dyn Reader>> {
        Ok(Box::new(raw::open(source.as_ref(), *limits)?))
    }
}

impl Format for EgiMff {
    fn name(&self) -> &'static str {
        mff::FORMAT
    }

    fn extensions(&self) -> &'static [&'static str] {
        // the folder, or the file in it that is read first
        &["mff", "xml"]
    }

    fn sniff(&self, name: &str, head: &[u8]) -> bool {
        name.to_ascii_lowercase().ends_with(".mff") || String::from_utf8_lossy(head).contains("<fileInfo")
    }

    fn open(&self, source: Box<dyn Source>, limits: &Limits) -> Result<Box<dyn Reader>> {
        Ok(Box::new(mff::open(source.as_ref(), *limits)?))
    }
}

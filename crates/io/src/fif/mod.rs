//! FIF: raw recordings, split ones too, and epochs, as Neuromag systems and MNE-Python write them.
//!
//! The format is a chain of tags in nested blocks; its numbers are in the FIFF dictionary,
//! <https://github.com/mne-tools/fiff-constants>.
//!
//! Samples are in volts times a calibration, and become µV; magnetic channels keep their units. A part of a recording that
//! was not recorded (a skip) is a pause between runs. Time zero is the first sample; an epoch is a run at the time of its
//! event, counted from sample 0 of the recording it was cut from.

mod annotations;
mod channel;
mod constants;
mod epochs;
mod identity;
mod info;
mod open;
mod raw;
mod samples;
mod tag;
mod tree;

use crate::{Error, Format, Limits, Reader, Result, Source};

const FORMAT: &str = "FIF";
const GZIP: &[u8] = &[0x1f, 0x8b];

/// FIF recordings.
#[derive(Clone, Copy, Debug)]
pub struct Fif;

impl Format for Fif {
    fn name(&self) -> &'static str {
        FORMAT
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["fif"]
    }

    fn sniff(&self, name: &str, head: &[u8]) -> bool {
        // the first tag is a file identifier (100) of its own type (31) and 20 bytes
        head.starts_with(&[0, 0, 0, 100, 0, 0, 0, 31, 0, 0, 0, 20]) || is_compressed(name, head)
    }

    fn open(&self, source: Box<dyn Source>, limits: &Limits) -> Result<Box<dyn Reader>> {
        if source.name().to_ascii_lowercase().ends_with(".gz") {
            let what = "it is compressed, and windows of it cannot be read; decompress it first (gunzip)";
            return Err(Error::Unsupported { file: source.name().into(), format: FORMAT, what: what.into() });
        }
        Ok(Box::new(open::open(source.as_ref(), *limits)?))
    }
}

fn is_compressed(name: &str, head: &[u8]) -> bool {
    name.to_ascii_lowercase().ends_with(".fif.gz") && head.starts_with(GZIP)
}

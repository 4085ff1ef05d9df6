//! XDF: streams of the Lab Streaming Layer, as LabRecorder writes them.
//!
//! Extensible Data Format 1.0, <https://github.com/sccn/xdf/wiki/Specifications>.
//!
//! The EEG stream becomes the recording, streams of text its annotations; channels of other streams are listed, and read by
//! themselves, at their own rate, on the same clock. Times of every
//! stream are put on the recorder's clock by its measured clock offsets (a line for each stretch between resets of a
//! clock). Times of samples jitter; within a run they are put on a line. A pause, or a reset, begins a new run with its
//! true onset. Time zero is the first sample of the EEG stream.

mod chunks;
mod clock;
mod identity;
mod open;
mod others;
mod reader;
mod samples;
mod stream;
mod times;
mod window;

use crate::{Format, Limits, Reader, Result, Source};

const FORMAT: &str = "XDF";

/// XDF recordings.
#[derive(Clone, Copy, Debug)]
pub struct Xdf;

impl Format for Xdf {
    fn name(&self) -> &'static str {
        FORMAT
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["xdf"]
    }

    fn sniff(&self, _name: &str, head: &[u8]) -> bool {
        head.starts_with(b"XDF:")
    }

    fn open(&self, source: Box<dyn Source>, limits: &Limits) -> Result<Box<dyn Reader>> {
        Ok(Box::new(open::open(source.as_ref(), *limits)?))
    }
}

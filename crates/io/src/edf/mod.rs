//! The EDF family: EDF, EDF+C, EDF+D (16 bits) and BDF, BDF+C, BDF+D (24 bits).
//!
//! Kemp et al. 1992, 10.1016/0013-4694(92)90009-7; Kemp & Olivan 2003, 10.1016/S1388-2457(03)00123-8;
//! <https://www.edfplus.info/specs/edfplus.html>.

mod clock;
mod decode;
mod describe;
mod header;
mod reader;
mod scale;
mod tal;
mod times;
mod triggers;
mod write;

pub use write::{write, write_bdf};

use crate::{Format, Limits, Reader, Result, Source};

/// European Data Format, 16 bits.
#[derive(Clone, Copy, Debug)]
pub struct Edf;

/// BioSemi Data Format, 24 bits.
#[derive(Clone, Copy, Debug)]
pub struct Bdf;

impl Format for Edf {
    fn name(&self) -> &'static str {
        "EDF"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["edf", "rec"]
    }

    fn sniff(&self, _name: &str, head: &[u8]) -> bool {
        head.starts_with(b"0       ")
    }

    fn open(&self, source: Box<dyn Source>, limits: &Limits) -> Result<Box<dyn Reader>> {
        Ok(Box::new(reader::EdfReader::open(source.as_ref(), *limits, header::Kind::Edf)?))
    }
}

impl Format for Bdf {
    fn name(&self) -> &'static str {
        "BDF"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["bdf"]
    }

    fn sniff(&self, _name: &str, head: &[u8]) -> bool {
        head.starts_with(b"\xffBIOSEMI")
    }

    fn open(&self, source: Box<dyn Source>, limits: &Limits) -> Result<Box<dyn Reader>> {
        Ok(Box::new(reader::EdfReader::open(source.as_ref(), *limits, header::Kind::Bdf)?))
    }
}

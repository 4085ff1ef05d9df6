//! An open set.

use super::mat5_tag::FORMAT;
use super::samples::{Inflated, Interleaved, Layout, Samples};
use super::set::{Data, Fields, Set};
use super::value::{Located, Place, Value};
use super::{fdt, header, identity};
use crate::{Error, Identifier, Limits, Reader, Result, Source};
use dosewave_eeg::{Header, Recording};
use ndarray::Array2;
use std::io::Read;
use std::ops::Range;

/// More than any recording has, and few enough to be counted in 64 bits whatever they are multiplied by.
const MAX_SAMPLES: u64 = 1 << 44;
/// Most bytes that one deflated byte can become.
const MAX_RATIO: u64 = 1032;

/// Bytes of the text that a MAT file begins with.
const TEXT: u64 = 116;

/// An open EEGLAB set.
pub(crate) struct EeglabReader {
    name: String,
    header: Header,
    samples: Box<dyn Samples>,
    limits: Limits,
    identity: Vec<Identifier>,
}

impl EeglabReader {
    /// From the variables of a MAT file; `hdf5` opens samples that are a dataset of an HDF5 file.
    pub(crate) fn open(
        source: &dyn Source,
        variables: Vec<(String, Value)>,
        limits: Limits,
        hdf5: impl FnOnce(u64) -> Result<Box<dyn Samples>>,
    ) -> Result<Self> {
        let name = source.name().to_owned();
        let fields = Fields::new(&name, variables)?;
        let set = fields.set(&limits)?;
        let mut notes = Vec::new();
        let (samples, n_times) = match &set.data {
            Data::File(file) => fdt::open(source, &set, file, &mut notes)?,
            Data::Located(located) => within(source, &fields, &set, (located, hdf5))?,
        };
        let shape = header::shape(&fields, &set, n_times, &mut notes)?;
        let header = header::describe(&fields, &set, shape, (notes, &limits))?;
        let identity = identity::find(&fields, &head(source)?);
        Ok(Self { name, header, samples, limits, identity })
    }
}

impl Reader for EeglabReader {
    fn header(&self) -> &Header {
        &self.header
    }

    fn identity(&self) -> Vec<Identifier> {
        self.identity.clone()
    }

    fn read(&mut self, samples: Range<u64>) -> Result<Recording> {
        let all: Vec<usize> = (0..self.header.n_channels()).collect();
        self.read_picks(samples, &all)
    }

    fn read_picks(&mut self, samples: Range<u64>, picks: &[usize]) -> Result<Recording> {
        let header = crate::runs::picked(&self.name, &self.header, picks)?;
        let wanted = crate::runs::wanted(&self.header, &samples);
        let n = wanted.end - wanted.start;
        self.limits.check_samples(&self.name, picks.len() as u64, n)?;
        let mut data_uv = Array2::zeros((picks.len(), n as usize));
        if n > 0 {
            self.samples.read(&wanted, picks, &mut data_uv)?;
        }
        let missing = crate::runs::missing(FORMAT, &header, &data_uv);
        let recording = crate::runs::recording(&self.name, &header, &wanted, data_uv)?;
        Ok(missing.into_iter().fold(recording, Recording::with_note))
    }
}

/// The first bytes of a MAT file, which are a text.
fn head(source: &dyn Source) -> Result<Vec<u8>> {
    let mut head = Vec::new();
    let failed = |e| Error::Io { file: source.name().into(), source: e };
    source.open()?.take(TEXT).read_to_end(&mut head).map_err(failed)?;
    Ok(head)
}

/// Samples in the set itself, and how many.
fn within(
    source: &dyn Source,
    fields: &Fields<'_>,
    set: &Set,
    (located, hdf5): (&Located, impl FnOnce(u64) -> Result<Box<dyn Samples>>),
) -> Result<(Box<dyn Samples>, u64)> {
    let wrong = |found: String, allowed: String| fields.wrong("data", found, &allowed);
    let n_channels = set.n_channels;
    let n_times = located.dims.iter().skip(1).fold(1, |n: u64, d| n.saturating_mul(*d));
    if located.dims.first() != Some(&n_channels) || n_times == 0 || n_times > MAX_SAMPLES {
        let found = format!("of dimensions {:?}", located.dims);
        return Err(wrong(found, format!("{n_channels} rows, one per channel, and at least one sample")));
    }
    let name = source.name().to_owned();
    let layout = |storage, endian| Layout { storage, endian, n_channels: n_channels as usize, n_times };
    let samples: Box<dyn Samples> = match located.place {
        Place::Hdf5 { address } => hdf5(address)?,
        Place::Mat5 { storage, endian, offset, deflated: None } => Box::new(Interleaved {
            file: name,
            input: source.open()?,
            offset,
            layout: layout(storage, endian),
        }),
        Place::Mat5 { storage, endian, offset, deflated: Some(part) } => {
            let bytes = n_channels.saturating_mul(n_times).saturating_mul(storage.width() as u64);
            if bytes > part.bytes.saturating_mul(MAX_RATIO) {
                let found = format!("{bytes} bytes deflated to {}", part.bytes);
                return Err(wrong(found, "at most 1032 times as many; the file is damaged".into()));
            }
            Box::new(Inflated::new(name, source.open()?, (part, offset), layout(storage, endian)))
        }
    };
    Ok((samples, n_times))
}

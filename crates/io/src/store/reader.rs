//! Reads the recordings that `write_recording` writes.

use super::{FORMAT, OURS};
use crate::h5::{self, Dataset, H5, Kind};
use crate::{Error, Format, Limits, Reader, Result, Source};
use dosewave_eeg::{Header, Recording};
use ndarray::{Array2, s};
use std::ops::Range;

/// Largest header, bytes of JSON.
const MAX_HEADER: usize = 64 << 20;
/// Samples of a channel that are decoded at once.
const BLOCK: u64 = 1 << 16;

/// Recordings in dosewave's own HDF5.
#[derive(Clone, Copy, Debug)]
pub struct Hdf5;

impl Format for Hdf5 {
    fn name(&self) -> &'static str {
        FORMAT
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["h5", "hdf5"]
    }

    fn sniff(&self, _name: &str, head: &[u8]) -> bool {
        h5::sniff(head)
    }

    fn open(&self, source: Box<dyn Source>, limits: &Limits) -> Result<Box<dyn Reader>> {
        Ok(Box::new(StoreReader::open(source.as_ref(), *limits)?))
    }
}

struct StoreReader {
    name: String,
    h5: H5,
    /// `[channel, time]`.
    data: Dataset,
    header: Header,
    limits: Limits,
}

impl StoreReader {
    fn open(source: &dyn Source, limits: Limits) -> Result<Self> {
        let name = source.name().to_owned();
        let mut h5 = H5::open(&name, source.open()?, limits)?;
        let root = h5.root()?;
        if h5.text_attribute(&root, "format")?.as_deref() != Some(OURS) {
            let keys: Vec<String> = h5.links(&root)?.into_iter().take(8).map(|(name, _)| name).collect();
            let what = format!(
                "an HDF5 file, but not a recording written by dosewave (it holds {})",
                keys.join(", ")
            );
            return Err(Error::Unsupported { file: name.into(), format: FORMAT, what });
        }
        let header = header(&mut h5)?;
        limits.check_channels(&name, header.channels.len() as u64)?;
        limits.check_annotations(&name, header.annotations.len())?;
        let Some(object) = h5.child(&root, "data_uv")? else {
            return Err(h5.wrong(&root, "data_uv", "missing".into(), "samples; the file is damaged"));
        };
        let data = h5.dataset(&object)?;
        let expected = [header.channels.len() as u64, header.n_times()];
        if data.dims != expected || !matches!(data.datatype.kind, Kind::Number(..)) {
            let allowed = format!("numbers, {expected:?} as the header says");
            return Err(h5.wrong(&object, "data_uv", format!("{:?}", data.dims), &allowed));
        }
        Ok(Self { name, h5, data, header, limits })
    }

    /// Channels that are decoded together.
    fn tile(&self) -> u64 {
        self.data.chunk_extent(0).unwrap_or(1).max(1)
    }

    fn fill(&mut self, wanted: &Range<u64>, picks: &[usize], out: &mut Array2<f64>) -> Result<()> {
        let Kind::Number(storage, endian) = self.data.datatype.kind else { return Ok(()) };
        let (tile, n_channels) = (self.tile(), self.header.n_channels() as u64);
        for rows in (0..n_channels.div_ceil(tile)).map(|i| i * tile..((i + 1) * tile).min(n_channels)) {
            let of_tile = |pick: &usize| rows.contains(&(*pick as u64));
            if !picks.iter().any(of_tile) {
                continue;
            }
            let mut first = wanted.start;
            while first < wanted.end {
                let part = first..wanted.end.min(first + BLOCK);
                let bytes = self.h5.read_box(&mut self.data, &[rows.clone(), part.clone()])?;
                let row_bytes = (part.end - part.start) as usize * storage.width();
                let columns = (first - wanted.start) as usize..(part.end - wanted.start) as usize;
                let mut block = out.slice_mut(s![.., columns]);
                for (pick, mut values) in picks.iter().zip(block.outer_iter_mut()).filter(|(p, _)| of_tile(p))
                {
                    let row = (*pick as u64 - rows.start) as usize;
                    let of_row = bytes.get(row * row_bytes..).unwrap_or_default();
                    storage.decode(endian, of_row, (0, 1), values.iter_mut());
                }
                first = part.end;
            }
        }
        Ok(())
    }
}

/// The header, which is JSON in a text of its own.
fn header(h5: &mut H5) -> Result<Header> {
    let allowed = "the header that dosewave wrote; the file is damaged";
    let root = h5.root()?;
    let Some(object) = h5.child(&root, "header")? else {
        return Err(h5.wrong(&root, "header", "missing".into(), allowed));
    };
    let array = h5.read(&object)?;
    let json = h5.strings(&array)?.into_iter().next().unwrap_or_default();
    if json.len() > MAX_HEADER {
        let what = "the size of the header (bytes)".into();
        let (asked, allowed) = (json.len() as u64, MAX_HEADER as u64);
        return Err(Error::Limit { file: h5.name().into(), what, asked, allowed });
    }
    serde_json::from_str(&json).map_err(|e| h5.wrong(&object, "header", e.to_string(), allowed))
}

impl Reader for StoreReader {
    fn header(&self) -> &Header {
        &self.header
    }

    fn read(&mut self, samples: Range<u64>) -> Result<Recording> {
        let all: Vec<usize> = (0..self.header.n_channels()).collect();
        let header = self.header.clone();
        self.read_some(&samples, &header, &all)
    }

    fn read_picks(&mut self, samples: Range<u64>, picks: &[usize]) -> Result<Recording> {
        let header = crate::runs::picked(&self.name, &self.header, picks)?;
        self.read_some(&samples, &header, picks)
    }
}

impl StoreReader {
    fn read_some(&mut self, samples: &Range<u64>, header: &Header, picks: &[usize]) -> Result<Recording> {
        let wanted = crate::runs::wanted(&self.header, samples);
        let n = wanted.end - wanted.start;
        self.limits.check_samples(&self.name, picks.len() as u64, n)?;
        let mut data_uv = Array2::zeros((picks.len(), n as usize));
        self.fill(&wanted, picks, &mut data_uv)?;
        crate::runs::recording(&self.name, header, &wanted, data_uv)
    }
}

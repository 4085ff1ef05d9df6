//! EEGLAB datasets: a `.set` of MATLAB's v5, v6, v7 (level-5 MAT files, read here) or v7.3 (HDF5), with the samples in it
//! or in a `.fdt` or `.dat` beside it; continuous and in epochs.
//!
//! The fields stand in a struct `EEG`, or, since EEGLAB 2021, at the top of the file. Events count samples from 1, with a
//! fraction. An event named `boundary` is a place where samples were lost, its duration says how many: here it is a pause
//! between two runs. Epochs are runs.

mod chanlocs;
mod events;
mod fdt;
mod hdf5;
mod header;
mod identity;
mod mat5;
mod mat5_array;
mod mat5_tag;
mod reader;
mod runs;
mod samples;
mod set;
#[cfg(test)]
mod tests;
mod value;

use crate::h5::{self, H5};
use crate::{Error, Format, Limits, Reader, Result, Source};
use mat5_tag::FORMAT;
use reader::EeglabReader;
use samples::Samples;
use std::io::Read;

/// EEGLAB datasets.
#[derive(Clone, Copy, Debug)]
pub struct Eeglab;

impl Format for Eeglab {
    fn name(&self) -> &'static str {
        FORMAT
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["set"]
    }

    fn sniff(&self, name: &str, head: &[u8]) -> bool {
        // samples have no signature of their own: their name has to do
        is_mat5(head) || h5::sniff(head) || (names_data(name) && !head.is_empty())
    }

    fn holds(&self, source: &dyn Source, limits: &Limits) -> bool {
        match is_hdf5(source) {
            Ok(true) => open_hdf5(source, limits).and_then(|mut h5| hdf5::holds(&mut h5)).unwrap_or(false),
            _ => true,
        }
    }

    fn open(&self, source: Box<dyn Source>, limits: &Limits) -> Result<Box<dyn Reader>> {
        let source = source.as_ref();
        if let Some((stem, _)) = source.name().rsplit_once('.').filter(|_| names_data(source.name())) {
            let set = format!("{stem}.set");
            let what = match crate::source::find(source, &set) {
                Some(set) => format!("these are samples alone; open the set '{set}' instead"),
                None => format!("these are samples alone; their set '{set}' is missing beside them"),
            };
            return Err(Error::Unsupported { file: source.name().into(), format: FORMAT, what });
        }
        if is_hdf5(source)? {
            let mut h5 = open_hdf5(source, limits)?;
            let variables = hdf5::variables(&mut h5, set::plan)?;
            let samples =
                |address| -> Result<Box<dyn Samples>> { Ok(Box::new(hdf5::Hdf5Samples::open(h5, address)?)) };
            return Ok(Box::new(EeglabReader::open(source, variables, *limits, samples)?));
        }
        let variables = mat5::read(source.name(), source.open()?.as_mut(), set::plan)?;
        let none = |_| Err(hdf5::none(source.name()));
        Ok(Box::new(EeglabReader::open(source, variables, *limits, none)?))
    }
}

fn is_mat5(head: &[u8]) -> bool {
    mat5::endian(head).is_some()
}

fn is_hdf5(source: &dyn Source) -> Result<bool> {
    let failed = |e| Error::Io { file: source.name().into(), source: e };
    let mut head = Vec::new();
    source.open()?.take(1024).read_to_end(&mut head).map_err(failed)?;
    Ok(h5::sniff(&head))
}

fn open_hdf5(source: &dyn Source, limits: &Limits) -> Result<H5> {
    H5::open(source.name(), source.open()?, *limits)
}

fn names_data(name: &str) -> bool {
    name.rsplit_once('.').is_some_and(|(_, ending)| ending.eq_ignore_ascii_case("fdt"))
}

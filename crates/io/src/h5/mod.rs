//! A reader of HDF5 files, for recordings that stand in them: MATLAB v7.3, NWB, our own.
//!
//! Written here, because files come from anywhere: every length is checked before memory is taken for it, nothing leads in
//! circles or out of the file, and bytes in memory are read as files are. Read are superblocks 0 to 3, groups of all kinds,
//! datasets whole, compact or in chunks (deflate, shuffle, Fletcher-32, LZF), attributes, text, references. HDF5 File
//! Format Specification Version 3.0 (The HDF Group),
//! <https://support.hdfgroup.org/documentation/hdf5/latest/_f_m_t3.html>.

mod boxes;
mod btree;
mod chunk_arrays;
mod chunks;
mod columns;
mod dataset;
mod datatype;
mod filters;
mod group;
mod heap;
mod input;
mod object;
mod superblock;
#[cfg(test)]
mod tests;
#[cfg(any(test, fuzzing))]
mod walk;

pub(crate) use dataset::{Array, Dataset};
pub(crate) use datatype::Kind;
pub(crate) use object::Object;
pub(crate) use superblock::sniff;
#[cfg(any(test, fuzzing))]
pub(crate) use walk::walk;

use crate::{Error, Limits, ReadSeek, Result};
use heap::GlobalHeaps;
use input::Input;
use std::ops::Range;

/// An open file.
pub(crate) struct H5 {
    input: Input,
    root: u64,
    heaps: GlobalHeaps,
}

impl H5 {
    /// Opens a file; `name` is for messages.
    pub(crate) fn open(name: &str, reader: Box<dyn ReadSeek>, limits: Limits) -> Result<Self> {
        let (input, root) = superblock::open(name, reader, limits)?;
        Ok(Self { input, root, heaps: GlobalHeaps::default() })
    }

    /// The file's name.
    pub(crate) fn name(&self) -> &str {
        &self.input.file
    }

    /// The object at an address, as links and references give it.
    pub(crate) fn object(&mut self, address: u64) -> Result<Object> {
        object::read(&mut self.input, address)
    }

    pub(crate) fn root(&mut self) -> Result<Object> {
        self.object(self.root)
    }

    /// Names and addresses of what a group holds; none of a dataset.
    pub(crate) fn links(&mut self, group: &Object) -> Result<Vec<(String, u64)>> {
        if group.is_group() { group::links(&mut self.input, group) } else { Ok(Vec::new()) }
    }

    /// A member of a group.
    pub(crate) fn child(&mut self, group: &Object, name: &str) -> Result<Option<Object>> {
        match self.links(group)?.into_iter().find(|(found, _)| found == name) {
            Some((_, address)) => self.object(address).map(Some),
            None => Ok(None),
        }
    }

    /// The object at a path from the root.
    pub(crate) fn path(&mut self, path: &str) -> Result<Option<Object>> {
        let mut object = self.root()?;
        for name in path.split('/') {
            match self.child(&object, name)? {
                Some(child) => object = child,
                None => return Ok(None),
            }
        }
        Ok(Some(object))
    }

    /// An attribute of an object.
    pub(crate) fn attribute(&mut self, object: &Object, name: &str) -> Result<Option<Array>> {
        group::attribute(&mut self.input, object, name)
    }

    /// A text attribute.
    pub(crate) fn text_attribute(&mut self, object: &Object, name: &str) -> Result<Option<String>> {
        match self.attribute(object, name)? {
            Some(array) => Ok(self.strings(&array)?.into_iter().next()),
            None => Ok(None),
        }
    }

    /// A numeric attribute.
    pub(crate) fn number_attribute(&mut self, object: &Object, name: &str) -> Result<Option<f64>> {
        Ok(self.attribute(object, name)?.and_then(|array| array.numbers().first().copied()))
    }

    pub(crate) fn dataset(&mut self, object: &Object) -> Result<Dataset> {
        dataset::open(&mut self.input, object)
    }

    /// A whole dataset of what is no samples: counted as metadata.
    pub(crate) fn read(&mut self, object: &Object) -> Result<Array> {
        let mut dataset = self.dataset(object)?;
        let n = dataset.n_elements();
        self.input.spend(n.saturating_mul(dataset.datatype.size.max(8) as u64))?;
        dataset.read_all(&mut self.input)
    }

    /// A box of samples.
    pub(crate) fn read_box(&mut self, dataset: &mut Dataset, ranges: &[Range<u64>]) -> Result<Vec<u8>> {
        dataset.read_box(&mut self.input, ranges)
    }

    /// The elements as text, of fixed or varying length; none where they are not text.
    pub(crate) fn strings(&mut self, array: &Array) -> Result<Vec<String>> {
        match array.datatype.kind {
            Kind::Text => Ok(array.elements().map(crate::bytes::text).collect()),
            Kind::VarText => array
                .elements()
                .map(|element| Ok(crate::bytes::text(&self.heaps.get(&mut self.input, element, 1)?)))
                .collect(),
            _ => Ok(Vec::new()),
        }
    }

    /// Addresses that references name; 0, which names nothing, stays 0.
    pub(crate) fn references(&self, array: &Array) -> Vec<u64> {
        let width = self.input.address_bytes;
        let address = |bytes: &[u8]| {
            bytes.iter().take(width).rev().fold(0_u64, |all, byte| all << 8 | u64::from(*byte))
        };
        match array.datatype.kind {
            Kind::Reference => array.elements().map(address).collect(),
            _ => Vec::new(),
        }
    }

    /// An error at an object.
    pub(crate) fn wrong(&self, object: &Object, what: &str, found: String, allowed: &str) -> Error {
        self.input.wrong(object.address, what, found, allowed)
    }
}

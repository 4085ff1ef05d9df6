//! Everything that a file of HDF5 holds, read once: what the tests of damaged files and the fuzzer ask for.

use super::{Dataset, H5, Object};
use crate::{Limits, MemorySource, Result, Source};
use std::collections::HashSet;

/// Objects that are looked at.
const MAX_OBJECTS: usize = 2000;
/// Attributes that are asked for.
const ATTRIBUTES: [&str; 5] = ["MATLAB_class", "MATLAB_empty", "neurodata_type", "unit", "text"];

/// Reads all objects that can be reached from the root group, with their attributes, whole and in boxes; returns the number
/// of datasets that were read.
///
/// # Errors
/// Those of the file itself: of its superblock and its root group. An object that cannot be read is passed over.
pub(crate) fn walk(name: &str, bytes: Vec<u8>, limits: Limits) -> Result<usize> {
    let source = MemorySource::new(name, bytes);
    let mut h5 = H5::open(name, source.open()?, limits)?;
    let root = h5.root()?;
    let mut open = vec![root];
    let (mut seen, mut n_read) = (HashSet::new(), 0);
    while let Some(object) = open.pop() {
        if seen.len() >= MAX_OBJECTS || !seen.insert(object.address) {
            continue;
        }
        for attribute in ATTRIBUTES {
            let _ = h5.text_attribute(&object, attribute);
            let _ = h5.number_attribute(&object, attribute);
        }
        for (_, address) in h5.links(&object).unwrap_or_default() {
            open.extend(h5.object(address));
        }
        n_read += usize::from(object.is_dataset() && read(&mut h5, &object).is_ok());
    }
    Ok(n_read)
}

/// A dataset: a box of its middle, and all of it, as numbers, texts and references.
fn read(h5: &mut H5, object: &Object) -> Result<()> {
    let mut dataset = h5.dataset(object)?;
    let ranges: Vec<_> = dataset.dims.iter().map(|n| n / 3..(n / 3 + 2).min(*n)).collect();
    let part = h5.read_box(&mut dataset, &ranges);
    let array = h5.read(object)?;
    let n: u64 = array.dims.iter().product();
    assert_eq!(array.bytes.len() as u64, n * array.datatype.size as u64, "bytes of {:?}", array.dims);
    if let Ok(part) = part {
        assert!(
            part == cut(&dataset, &array.bytes, &ranges),
            "a box of {:?} differs from the whole",
            array.dims
        );
    }
    let _ = array.numbers();
    for address in h5.references(&array) {
        let _ = h5.object(address);
    }
    h5.strings(&array).map(|_| ())
}

/// The box of `ranges`, element by element.
fn cut(dataset: &Dataset, whole: &[u8], ranges: &[std::ops::Range<u64>]) -> Vec<u8> {
    let size = dataset.datatype.size;
    let mut at = vec![0_usize];
    for (n, range) in dataset.dims.iter().zip(ranges) {
        at = at.iter().flat_map(|at| range.clone().map(move |i| at * *n as usize + i as usize)).collect();
    }
    at.iter().flat_map(|at| whole.iter().skip(at * size).take(size).copied()).collect()
}

//! Neurodata Without Borders: the `ElectricalSeries` of an `.nwb` file (HDF5).
//!
//! NWB Format Specification 2.9, <https://nwb-schema.readthedocs.io/en/latest/format.html>. The longest series is read,
//! with those beside it of the same samples in time; others are listed, and read by themselves. Stated times are kept: they
//! count from `session_start_time`. Time intervals and annotation series become annotations.

mod electrodes;
mod identity;
mod intervals;
mod reader;
mod series;
mod times;

use crate::h5::{self, H5, Object};
use crate::{Format, Limits, Reader, Result, Source};

const FORMAT: &str = "NWB";
/// How deep groups are looked through.
const MAX_DEPTH: usize = 6;
/// How many objects are looked at.
const MAX_OBJECTS: usize = 20_000;

/// NWB files.
#[derive(Clone, Copy, Debug)]
pub struct Nwb;

impl Format for Nwb {
    fn name(&self) -> &'static str {
        FORMAT
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["nwb"]
    }

    fn sniff(&self, _name: &str, head: &[u8]) -> bool {
        h5::sniff(head)
    }

    fn holds(&self, source: &dyn Source, limits: &Limits) -> bool {
        let version = || -> Result<bool> {
            let mut h5 = H5::open(source.name(), source.open()?, *limits)?;
            let root = h5.root()?;
            Ok(h5.attribute(&root, "nwb_version")?.is_some())
        };
        version().unwrap_or(false)
    }

    fn open(&self, source: Box<dyn Source>, limits: &Limits) -> Result<Box<dyn Reader>> {
        Ok(Box::new(reader::NwbReader::open(source.as_ref(), *limits)?))
    }
}

/// An object of a type of NWB's, with its path.
pub(crate) struct Typed {
    pub(crate) path: String,
    pub(crate) kind: String,
    pub(crate) object: Object,
}

/// All objects with a type at and below the groups of these names, in the file's order.
pub(crate) fn typed(h5: &mut H5, groups: &[&str]) -> Result<Vec<Typed>> {
    let mut found = Vec::new();
    let mut seen = 0;
    for group in groups {
        let Some(object) = h5.path(group)? else { continue };
        descend(h5, (object, (*group).to_owned(), 0), &mut seen, &mut found)?;
    }
    Ok(found)
}

fn descend(
    h5: &mut H5,
    (object, path, depth): (Object, String, usize),
    seen: &mut usize,
    found: &mut Vec<Typed>,
) -> Result<()> {
    *seen += 1;
    if *seen > MAX_OBJECTS || depth > MAX_DEPTH {
        return Ok(());
    }
    let members = if object.is_group() { h5.links(&object)? } else { Vec::new() };
    let kind = h5.text_attribute(&object, "neurodata_type")?;
    // series and tables hold nothing else that is looked for
    let is_leaf = kind
        .as_deref()
        .is_some_and(|kind| kind.ends_with("Series") || kind.ends_with("Table") || kind.contains("Interval"));
    if let Some(kind) = kind {
        found.push(Typed { path: path.clone(), kind, object });
    }
    if is_leaf {
        return Ok(());
    }
    for (name, address) in members {
        let child = h5.object(address)?;
        if child.is_group() {
            descend(h5, (child, format!("{path}/{name}"), depth + 1), seen, found)?;
        }
    }
    Ok(())
}

/// The numbers of a member, empty where it is missing.
fn numbers(h5: &mut H5, group: &Object, name: &str) -> Result<Vec<f64>> {
    match h5.child(group, name)? {
        Some(object) => Ok(h5.read(&object)?.numbers()),
        None => Ok(Vec::new()),
    }
}

/// The texts of a member, empty where it is missing or holds none.
fn texts(h5: &mut H5, group: &Object, name: &str) -> Result<Vec<String>> {
    match h5.child(group, name)? {
        Some(object) if object.is_dataset() => {
            let array = h5.read(&object)?;
            h5.strings(&array)
        }
        _ => Ok(Vec::new()),
    }
}

//! Values of MATLAB in an HDF5 file (v7.3).
//!
//! Dimensions stand in reverse order. A struct is a group; the fields of a struct array are references to their values,
//! which stand in the group `#refs#`, as do the items of a cell. Characters are 16-bit numbers. The class of each stands in
//! the attribute `MATLAB_class`, and `MATLAB_empty` says that a dataset holds the dimensions of an array without elements.

use super::mat5_array::{Plan, Want};
use super::mat5_tag::FORMAT;
use super::samples::Samples;
use super::value::{Located, Numbers, Place, Struct, Value, rows_of};
use crate::h5::{Dataset, H5, Kind, Object};
use crate::{Error, Result};
use ndarray::{Array2, s};
use std::ops::Range;

/// How deep cells and structs may stand in one another.
const MAX_DEPTH: usize = 16;

/// Whether a file holds a set.
pub(super) fn holds(h5: &mut H5) -> Result<bool> {
    let root = h5.root()?;
    let links = h5.links(&root)?;
    let has = |name: &str| links.iter().any(|(found, _)| found == name);
    Ok(has("EEG") || (has("srate") && has("data")))
}

/// The variables of a file, in its order; those of `EEG` when it is there.
pub(super) fn variables(h5: &mut H5, plan: Plan) -> Result<Vec<(String, Value)>> {
    let root = h5.root()?;
    let links = h5.links(&root)?;
    if let Some((_, address)) = links.iter().find(|(name, _)| name == "EEG") {
        let set = h5.object(*address)?;
        if set.is_group() {
            let fields = h5.links(&set)?;
            let values = planned(h5, fields, plan)?;
            let (fields, element) = values.into_iter().unzip();
            return Ok(vec![("EEG".into(), Value::Struct(Struct { fields, elements: vec![element] }))]);
        }
    }
    planned(h5, links, plan)
}

fn planned(h5: &mut H5, links: Vec<(String, u64)>, plan: Plan) -> Result<Vec<(String, Value)>> {
    let mut values = Vec::new();
    for (name, address) in links {
        let value = match plan(&name) {
            Want::Skip => Value::Other("not wanted"),
            Want::Load => value(h5, address, 0)?,
            Want::Locate => located(h5, address)?,
        };
        values.push((name, value));
    }
    Ok(values)
}

/// Numbers stay where they are; anything else is read.
fn located(h5: &mut H5, address: u64) -> Result<Value> {
    let object = h5.object(address)?;
    if object.is_dataset() && !is_empty(h5, &object)? && class(h5, &object)? != "char" {
        let dataset = h5.dataset(&object)?;
        match dataset.datatype.kind {
            Kind::Number(..) => {
                let dims = dataset.dims.iter().rev().copied().collect();
                return Ok(Value::Located(Located { dims, place: Place::Hdf5 { address } }));
            }
            Kind::Compound(_) => return Ok(Value::Other("complex numbers")),
            _ => {}
        }
    }
    value(h5, address, 0)
}

fn class(h5: &mut H5, object: &Object) -> Result<String> {
    Ok(h5.text_attribute(object, "MATLAB_class")?.unwrap_or_default())
}

fn is_empty(h5: &mut H5, object: &Object) -> Result<bool> {
    Ok(h5.number_attribute(object, "MATLAB_empty")?.is_some_and(|flag| flag != 0.0))
}

/// The value that an object is.
fn value(h5: &mut H5, address: u64, depth: usize) -> Result<Value> {
    let object = h5.object(address)?;
    if depth > MAX_DEPTH {
        let found = format!("nested {depth} deep");
        return Err(h5.wrong(&object, "a value of MATLAB", found, "at most 16 levels"));
    }
    if object.is_group() {
        return structure(h5, &object, depth);
    }
    if !object.is_dataset() {
        return Ok(Value::Other("named datatype"));
    }
    let class = class(h5, &object)?;
    if is_empty(h5, &object)? {
        return Ok(match class.as_str() {
            "char" => Value::Text(String::new()),
            "cell" => Value::Cell(Vec::new()),
            "struct" => Value::Struct(Struct::default()),
            _ => Value::empty(),
        });
    }
    let array = h5.read(&object)?;
    match array.datatype.kind {
        Kind::Reference => {
            let addresses = h5.references(&array);
            Ok(Value::Cell(items(h5, &addresses, depth)?))
        }
        Kind::Number(..) if class == "char" => {
            let codes = array.numbers().into_iter().map(|code| code as u16);
            let characters: Vec<char> =
                char::decode_utf16(codes).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect();
            Ok(Value::Text(rows_of(&characters, array.dims.last().copied().unwrap_or(1))))
        }
        Kind::Number(..) => {
            let dims = array.dims.iter().rev().copied().collect();
            Ok(Value::Numbers(Numbers { dims, values: array.numbers() }))
        }
        Kind::Text | Kind::VarText => Ok(Value::Text(h5.strings(&array)?.join("\n"))),
        _ => Ok(Value::Other("compound values")),
    }
}

fn items(h5: &mut H5, addresses: &[u64], depth: usize) -> Result<Vec<Value>> {
    let item = |address: &u64| match address {
        0 => Ok(Value::empty()),
        address => value(h5, *address, depth + 1),
    };
    addresses.iter().map(item).collect()
}

/// A struct, or a struct array, whose fields are references without a class.
fn structure(h5: &mut H5, group: &Object, depth: usize) -> Result<Value> {
    let mut fields = Vec::new();
    let mut columns: Vec<Vec<Value>> = Vec::new();
    for (name, address) in h5.links(group)? {
        let object = h5.object(address)?;
        let column = match references(h5, &object)? {
            Some(addresses) => items(h5, &addresses, depth)?,
            None => vec![value(h5, address, depth + 1)?],
        };
        fields.push(name);
        columns.push(column);
    }
    let n = columns.iter().map(Vec::len).min().unwrap_or(0);
    let mut columns: Vec<_> = columns.into_iter().map(Vec::into_iter).collect();
    let elements = (0..n).map(|_| columns.iter_mut().filter_map(Iterator::next).collect()).collect();
    Ok(Value::Struct(Struct { fields, elements }))
}

/// What the dataset of a struct array's field refers to.
fn references(h5: &mut H5, object: &Object) -> Result<Option<Vec<u64>>> {
    if !object.is_dataset() || !class(h5, object)?.is_empty() {
        return Ok(None);
    }
    let dataset = h5.dataset(object)?;
    if dataset.datatype.kind != Kind::Reference {
        return Ok(None);
    }
    let array = h5.read(object)?;
    Ok(Some(h5.references(&array)))
}

/// Samples in a dataset `[epoch, time, channel]` or `[time, channel]`.
pub(super) struct Hdf5Samples {
    h5: H5,
    dataset: Dataset,
}

impl Hdf5Samples {
    pub(super) fn open(mut h5: H5, address: u64) -> Result<Self> {
        let object = h5.object(address)?;
        let dataset = h5.dataset(&object)?;
        if let (Kind::Number(..), 2 | 3) = (&dataset.datatype.kind, dataset.dims.len()) {
            return Ok(Self { h5, dataset });
        }
        let found = format!("of {} dimensions", dataset.dims.len());
        Err(h5.wrong(&object, "EEG.data", found, "numbers of two or three dimensions"))
    }

    /// Samples of one epoch; of a recording without epochs all of them.
    fn pnts(&self) -> u64 {
        self.dataset.dims.iter().rev().nth(1).copied().unwrap_or(1).max(1)
    }
}

impl Samples for Hdf5Samples {
    fn read(&mut self, wanted: &Range<u64>, picks: &[usize], out: &mut Array2<f64>) -> Result<()> {
        let pnts = self.pnts();
        let mut row = wanted.start;
        while row < wanted.end {
            let epoch = row / pnts;
            let end = wanted.end.min((epoch + 1).saturating_mul(pnts));
            let within = row % pnts..row % pnts + (end - row);
            let columns = (row - wanted.start) as usize..(end - wanted.start) as usize;
            let mut part = out.slice_mut(s![.., columns]);
            self.h5.read_columns(&mut self.dataset, (epoch, &within), picks, &mut part)?;
            row = end;
        }
        Ok(())
    }
}

/// That samples of HDF5 are asked of a file that is none.
pub(super) fn none(file: &str) -> Error {
    let what = "samples in a dataset of HDF5, in a MAT file of level 5".into();
    Error::Unsupported { file: file.into(), format: FORMAT, what }
}

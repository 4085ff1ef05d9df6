//! Values of MATLAB as both kinds of MAT file hold them.

use crate::bytes::Endian;
use crate::storage::Storage;

/// A value of MATLAB.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value {
    /// Numbers of any class, column after column.
    Numbers(Numbers),
    /// Characters; the rows of a character matrix are joined by line breaks.
    Text(String),
    /// A cell array's items, column after column.
    Cell(Vec<Value>),
    /// A struct array.
    Struct(Struct),
    /// Numbers that were left in the file.
    Located(Located),
    /// What is not read: its class.
    Other(&'static str),
}

/// Numbers with their dimensions, column after column.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Numbers {
    pub(crate) dims: Vec<u64>,
    pub(crate) values: Vec<f64>,
}

/// A struct array: for each element one value per field.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Struct {
    pub(crate) fields: Vec<String>,
    pub(crate) elements: Vec<Vec<Value>>,
}

/// Where a numeric array stands in the file.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Located {
    pub(crate) dims: Vec<u64>,
    pub(crate) place: Place,
}

/// Where the bytes of an array stand.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Place {
    /// At an offset of the file, or of what a deflated part of it holds.
    Mat5 { storage: Storage, endian: Endian, offset: u64, deflated: Option<Deflated> },
    /// A dataset of an HDF5 file, by its address.
    Hdf5 { address: u64 },
}

/// A deflated part of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Deflated {
    pub(crate) offset: u64,
    pub(crate) bytes: u64,
}

impl Value {
    /// An array without elements, which MATLAB has of every class.
    pub(crate) fn empty() -> Self {
        Self::Numbers(Numbers { dims: vec![0, 0], values: Vec::new() })
    }

    /// The first number.
    pub(crate) fn number(&self) -> Option<f64> {
        self.numbers().first().copied()
    }

    /// All numbers, column after column; none of other values.
    pub(crate) fn numbers(&self) -> &[f64] {
        match self {
            Self::Numbers(numbers) => &numbers.values,
            // a cell around a value is taken off, as some writers put one around each
            Self::Cell(items) if items.len() == 1 => items.first().map_or(&[], Self::numbers),
            _ => &[],
        }
    }

    /// Text without surrounding blanks, where it is text and not empty.
    pub(crate) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text.trim()).filter(|text| !text.is_empty()),
            Self::Cell(items) if items.len() == 1 => items.first().and_then(Self::text),
            _ => None,
        }
    }

    /// Text, or a number as text, as event types and labels are either.
    pub(crate) fn label(&self) -> Option<String> {
        match (self.text(), self.number()) {
            (Some(text), _) => Some(text.to_owned()),
            (None, Some(number)) => Some(number.to_string()),
            (None, None) => None,
        }
    }
}

impl Struct {
    /// A field of an element.
    pub(crate) fn get(&self, element: usize, field: &str) -> Option<&Value> {
        let column = self.fields.iter().position(|name| name == field)?;
        self.elements.get(element)?.get(column)
    }
}

/// The characters of a matrix of `rows` rows, which stand column after column, row by row.
pub(crate) fn rows_of(characters: &[char], rows: u64) -> String {
    if rows <= 1 {
        return characters.iter().collect();
    }
    let rows = usize::try_from(rows).unwrap_or(usize::MAX);
    let row = |r: usize| characters.iter().skip(r).step_by(rows).collect::<String>();
    (0..rows.min(characters.len())).map(|r| row(r).trim_end().to_owned()).collect::<Vec<_>>().join("\n")
}

//! Number types of samples.

use super::FORMAT;
use super::constants::types;
use super::tag::{Tag, TagFile};
use crate::frames::SampleType;
use crate::{Error, Result};

/// The number type of a tag's samples; complex numbers and the packed types of old machines are refused by name.
pub(crate) fn sample_type(file: &TagFile, tag: &Tag) -> Result<SampleType> {
    let refused = |name: &str| {
        let what = format!(
            "the samples at byte {} are {name}, which are not read; save the recording as single or double precision",
            tag.position
        );
        Err(Error::Unsupported { file: (&file.name).into(), format: FORMAT, what })
    };
    match tag.kind_of_data & types::BASE {
        types::SHORT | types::DAU_PACK16 => Ok(SampleType::Int16),
        types::INT => Ok(SampleType::Int32),
        types::FLOAT => Ok(SampleType::Float32),
        types::DOUBLE => Ok(SampleType::Float64),
        types::COMPLEX_FLOAT => refused("complex numbers of single precision"),
        types::COMPLEX_DOUBLE => refused("complex numbers of double precision"),
        13 | 14 | 23 => refused("packed in a way of old machines"),
        other => refused(&format!("of type {other}")),
    }
}

//! Samples in a file beside the set: `.fdt`, all channels of a time side by side, or the `.dat` of early versions, all times
//! of a channel side by side; 32-bit floats.

use super::mat5_tag::FORMAT;
use super::samples::{ByChannel, Interleaved, Layout, Samples};
use super::set::Set;
use crate::bytes::Endian;
use crate::storage::Storage;
use crate::{Error, Result, Source};
use dosewave_eeg::Note;
use std::io::{Seek, SeekFrom};

/// The samples of the file that a set names, and how many.
pub(super) fn open(
    source: &dyn Source,
    set: &Set,
    stated: &str,
    notes: &mut Vec<Note>,
) -> Result<(Box<dyn Samples>, u64)> {
    // only the name counts: paths are those of the computer that saved the set
    let stated = stated.rsplit(['/', '\\']).next().unwrap_or(stated);
    let file = find(source, stated, notes)?;
    let mut input = source.open_sibling(&file)?;
    let size = input.seek(SeekFrom::End(0)).map_err(|source| Error::Io { file: (&file).into(), source })?;
    let by_channel = file.rsplit_once('.').is_some_and(|(_, ending)| ending.eq_ignore_ascii_case("dat"));
    let n_times = count(set, (&file, size), by_channel, notes)?;
    let n_channels = set.n_channels as usize;
    let layout = Layout { storage: Storage::F32, endian: Endian::Little, n_channels, n_times };
    let samples: Box<dyn Samples> = if by_channel {
        Box::new(ByChannel { file, input, layout })
    } else {
        Box::new(Interleaved { file, input, offset: 0, layout })
    };
    Ok((samples, n_times))
}

/// How many samples a file of `size` bytes holds. Where channels stand one after the other it must be what the set says, or
/// it would not be known where each begins.
fn count(set: &Set, (file, size): (&str, u64), by_channel: bool, notes: &mut Vec<Note>) -> Result<u64> {
    let frame = set.n_channels * 4;
    let (n_times, rest) = (size / frame, size % frame);
    let claimed = set.pnts.map(|pnts| pnts.saturating_mul(set.trials));
    let is_wrong = rest > 0 || claimed.is_some_and(|claimed| claimed != n_times);
    let claim = claimed.map_or("at least one".into(), |n| n.to_string());
    if n_times == 0 || (by_channel && is_wrong) {
        return Err(Error::Malformed {
            file: file.into(),
            format: FORMAT,
            field: "the end of the samples".into(),
            offset: size,
            found: format!("after {n_times} samples of {frame} bytes and {rest} bytes"),
            allowed: format!("{claim} samples, as the set says; copy the file again from where it was saved"),
        });
    }
    if is_wrong {
        let rest = if rest > 0 { format!(" and {rest} bytes of another") } else { String::new() };
        let text = format!("the set claims {claim} samples, '{file}' holds {n_times}{rest}");
        notes.push(Note::warning(FORMAT, text));
    }
    Ok(n_times)
}

/// The file of samples: as stated, else with the set's own name, as EEGLAB does for sets that were renamed.
fn find(source: &dyn Source, stated: &str, notes: &mut Vec<Note>) -> Result<String> {
    if let Some(found) = crate::source::find(source, stated) {
        return Ok(found);
    }
    let stem = source.name().rsplit_once('.').map_or(source.name(), |(stem, _)| stem);
    let ending = stated.rsplit_once('.').map_or("fdt", |(_, ending)| ending);
    match crate::source::find(source, &format!("{stem}.{ending}")) {
        Some(found) => {
            let text = format!("'{stated}' is missing; '{found}' is read, which bears the set's name");
            notes.push(Note::warning(FORMAT, text));
            Ok(found)
        }
        None => Err(Error::MissingSibling {
            file: source.name().into(),
            role: "data file",
            sibling: stated.into(),
            advice: "copy it beside the set".into(),
        }),
    }
}

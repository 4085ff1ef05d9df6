//! Whether samples can be EEG at all, asked of a few seconds of each file.

use crate::Reader;
use dosewave_eeg::{AmplitudeCheck, Note};

/// Notes on channels in units that they cannot have. A stretch that cannot be read says nothing here: whoever reads it is
/// told why.
pub(crate) fn notes(reader: &mut dyn Reader) -> Vec<Note> {
    let mut check = AmplitudeCheck::new(reader.header());
    for window in check.windows() {
        match reader.read_picks(window, check.picks()) {
            Ok(part) => check.add(&part),
            Err(_) => return Vec::new(),
        }
    }
    check.notes()
}

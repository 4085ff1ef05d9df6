//! Exit codes: 0 ok, 1 some sessions failed, 2 usage or configuration, 3 nothing could be read.

use anyhow::Error;
use dosewave::{io, study};

/// Some sessions failed; the others are done and saved.
pub(crate) const SOME_FAILED: u8 = 1;
const USAGE: u8 = 2;
pub(crate) const UNREADABLE: u8 = 3;

/// The exit code of an error that ended the command.
pub(crate) fn code(error: &Error) -> u8 {
    let unreadable = error.chain().any(|cause| {
        cause.downcast_ref::<io::Error>().is_some_and(is_reading)
            || matches!(cause.downcast_ref::<study::Error>(), Some(study::Error::Read(e)) if is_reading(e))
    });
    if unreadable { UNREADABLE } else { USAGE }
}

fn is_reading(error: &io::Error) -> bool {
    !matches!(error, io::Error::Write { .. })
}

/// The message with its causes, each said once.
pub(crate) fn chain(error: &Error) -> String {
    let mut text = String::new();
    for cause in error.chain() {
        let said = cause.to_string();
        if text.is_empty() {
            text = said;
        } else if !text.contains(&said) {
            text = format!("{text}: {said}");
        }
        // it has told what the operating system said, in its own words
        if is_system(cause) {
            break;
        }
    }
    text
}

fn is_system(cause: &(dyn std::error::Error + 'static)) -> bool {
    matches!(cause.downcast_ref::<io::Error>(), Some(io::Error::Io { .. }))
        || matches!(cause.downcast_ref::<study::Error>(), Some(study::Error::Read(io::Error::Io { .. })))
}

/// Whether the reader of our output went away (`dosewave … | head`), which is no failure.
pub(crate) fn is_broken_pipe(error: &Error) -> bool {
    error
        .chain()
        .filter_map(|cause| cause.downcast_ref::<std::io::Error>())
        .any(|cause| cause.kind() == std::io::ErrorKind::BrokenPipe)
}

//! Results to stdout. A reader that goes away (`dosewave … | head`) is an error that ends the command quietly, where
//! `print!` would panic.

use anyhow::Result;
use std::io::Write as _;

/// Writes `text` to stdout.
pub(crate) fn out(text: &str) -> Result<()> {
    let mut stdout = std::io::stdout().lock();
    stdout.write_all(text.as_bytes())?;
    Ok(stdout.flush()?)
}

/// Writes `value` to stdout as indented JSON.
pub(crate) fn json(value: &impl serde::Serialize) -> Result<()> {
    out(&(serde_json::to_string_pretty(value)? + "\n"))
}

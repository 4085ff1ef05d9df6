//! The command `dosewave`.
fn main() {}

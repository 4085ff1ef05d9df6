//! What a time course around a dose says: when the response begins, peaks and ends, and how much of it there was.

mod course;
mod features;
mod interval;

pub use features::{Feature, Missing, Response, response};
pub use interval::response_intervals;

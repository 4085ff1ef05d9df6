//! Textbook maths of EEG analysis on `ndarray` views: arrays and numbers in, arrays and numbers out.
//!
//! This crate knows no channel, file, unit or subject. All kernels are single-threaded, use `f64`, and reduce in a
//! fixed order, so a caller may spread them over any number of threads and get the same bytes.

// a view is a pointer and a shape, made to be passed by value
#![allow(clippy::needless_pass_by_value)]

pub mod aperiodic;
pub mod decompose;
pub mod directed;
pub mod envelope;
mod error;
pub mod events;
pub mod filter;
pub mod fit;
pub mod graph;
mod lanes;
pub mod phase;
pub mod response;
pub mod simulate;
pub mod spatial;
pub mod spectral;
pub mod stats;
pub mod time_frequency;

pub use error::{Error, Result, first_not_finite};

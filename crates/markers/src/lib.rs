//! Measures of a segment of EEG: the [`Marker`] trait, the registry, and one file per marker.
//!
//! A marker sees the clean epochs of one window. It knows no dose, no subject and no other segment.

mod aggregate;
mod block_stats;
mod error;
pub mod gate;
mod marker;
pub mod markers;
mod registry;
mod segment;

pub use block_stats::BlockStats;
pub use error::{Error, Result};
pub use marker::{Change, DynMarker, Marker, Needs, Spec};
pub use registry::{MarkerConfig, Registry, default_markers, kinds, marker};
pub use segment::{Segment, SegmentParams};

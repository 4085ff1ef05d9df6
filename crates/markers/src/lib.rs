//! Measures of a segment of EEG: the [`Marker`] trait, the registry, and one file per marker.
//!
//! A marker sees the clean epochs of one window. It knows no dose, no subject and no other segment.
//!
//! It works in two steps. [`Marker::block_stats`] turns a [`Segment`] into [`BlockStats`]: what resampling needs of it,
//! per epoch or per block of epochs. [`Marker::evaluate`] turns these into values for any number of draws of blocks at
//! once. Each block drawn once is the value itself; a bootstrap or a permutation is the same call with other counts, so
//! that one function serves all markers.
//!
//! ```
//! use dosewave_eeg::{Channel, Epochs, Hz, Seconds, SpectrumParams};
//! use dosewave_markers::{MarkerConfig, Segment, SegmentParams, marker, values};
//! use dosewave_numerics::spectral::MainsMask;
//! use ndarray::Array3;
//!
//! // five 2-s epochs of one channel: a 10 Hz sine of amplitude 10 µV has a variance of 50 µV²
//! let sine = |t: usize| 10.0 * (std::f64::consts::TAU * 10.0 * t as f64 / 250.0).sin();
//! let data_uv = Array3::from_shape_fn((5, 1, 500), |(_, _, t)| sine(t));
//! let onsets = (0..5).map(|e| Seconds(2.0 * e as f64)).collect();
//! let epochs = Epochs::new(vec![Channel::from_name("Pz")].into(), Hz(250.0), data_uv, onsets)?;
//! let segment = Segment::new(epochs, SegmentParams {
//!     spectrum: SpectrumParams::default(),
//!     mains: MainsMask { line_hz: Some(50.0), half_width_hz: 2.0 },
//!     block: Seconds(10.0),
//!     low_pass: None,
//! })?;
//!
//! let config: MarkerConfig = serde_json::from_str(r#"{"kind": "band_power", "band": [6, 14]}"#).unwrap();
//! let power = marker("wide_alpha", &config)?;
//! let stats = power.block_stats(&segment)?;
//! assert_eq!(stats.sites, ["global", "parietal", "Pz"]);
//! let density = values(&*power, &stats)?[0].unwrap();
//! assert!((density * 8.0 - 50.0).abs() < 4.0, "mean density × width = variance");
//! # Ok::<(), dosewave_markers::Error>(())
//! ```

// array views are handed over by value, as ndarray itself does
#![allow(clippy::needless_pass_by_value)]

mod aggregate;
mod aperiodic;
mod bands;
mod bipolar;
mod block_stats;
mod burst_marker;
mod bursts;
mod chains;
mod connectivity;
mod envelopes;
mod error;
mod fine_spectrum;
pub mod gate;
mod interaction;
mod interaction_marker;
mod marker;
pub mod markers;
mod mean_spectrum;
mod needs;
mod network_marker;
mod networks;
mod nste;
mod pair_course;
mod phase_marker;
mod registry;
mod segment;
mod sites;
mod view;
mod viewed;

pub use aggregate::EpochAverage;
pub use aperiodic::{Fit, Mode};
pub use bands::{BandPreset, BandSource};
pub use block_stats::{BlockData, BlockStats, EnvelopeBlock, plain_counts};
pub use error::{Error, Result};
pub use marker::{Change, DynMarker, Marker, Spec, values};
pub use needs::{Available, Needs, check_needs};
pub use pair_course::{PairCourse, pair_courses};
pub use registry::{
    MarkerConfig, Registry, default_markers, default_markers_for, kinds, marker, offered_markers,
};
pub use segment::{Segment, SegmentParams};
pub use sites::Members;
pub use view::{FEWEST_FOR_LAPLACIAN, View};

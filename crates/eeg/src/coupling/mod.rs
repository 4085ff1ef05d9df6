//! Coupling beyond the phase measures: envelopes, groups of channels, direction by the slope of phase, lagged coherence.
//!
//! Array functions for people who bring their own arrays, and methods of the labelled types. Work is spread over threads by
//! index; the result does not depend on their number.

mod bands;
mod blocks;
mod envelope;
mod groups;
mod lagged;
mod regions;
mod slope;

pub use blocks::{BlockEnvelopes, Stretch, envelope_blocks};
pub use envelope::{
    EnvelopeCorrelation, EnvelopeParams, Orthogonalize, envelope_correlation, envelope_correlation_analytic,
    envelope_correlation_of_bands,
};
pub use groups::{GroupInteraction, GroupParams, Patterns, group_interaction};
pub use lagged::{LaggedParams, lagged_coherence, lagged_connectivity};
pub use regions::{GroupPairs, resample_group_interaction};
pub use slope::{BandSlopes, SlopeParams, phase_slope_index};

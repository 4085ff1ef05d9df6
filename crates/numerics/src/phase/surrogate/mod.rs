//! Phase measures of surrogates: what they come out as where the channels have nothing to do with each other.
//!
//! Each channel is rearranged by itself ([`Draw`]), so that every pair is decoupled at once and each channel keeps its
//! own spectrum. Only Fourier coefficients are moved or turned; nothing is transformed again. The rearrangements of a
//! kind form a group that contains the identity, so that the share of surrogates that reach what was observed,
//! `(1 + #{≥}) / (1 + n)`, is an exact p-value where the channels are independent and a rearrangement leaves a channel's
//! distribution as it is (Hemerik & Goeman 2018, 10.1007/s11749-017-0571-1).

mod coefs;
mod draw;
mod expected;
mod family;
mod null;
mod plan;
mod tile;

pub use coefs::SurrogateCoefs;
pub use draw::{Draw, SurrogateKind};
pub use expected::expected_under_independence;
pub use null::{Null, NullTally};
pub use plan::SurrogatePlan;

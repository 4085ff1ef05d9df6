//! Amplitude coupling: correlations of envelopes, with what signals share at zero lag taken out of one of them first.

mod envelopes;
mod kernel;
mod log2;
mod moments;
mod resample;
mod scale;
mod symmetric;

pub use envelopes::{Centring, Envelopes};
pub use moments::EnvelopeMoments;
pub use resample::resample_envelope_correlation;
pub use scale::{EnvelopeScale, PairwiseOrthogonalization};
pub use symmetric::{SymmetricOrthogonalization, symmetric_orthogonalization};

#[cfg(test)]
mod tests;

//! Cleaning: each step works run by run, returns a new recording and says in its notes what it did.

mod artifact_model;
mod artifacts;
mod bad_channels;
mod component_scores;
mod components;
pub(crate) mod filter;
mod heart;
mod interpolate;
mod laplacian;
mod learned_limits;
mod line;
mod linear;
mod muscle_cca;
mod ransac;
mod reference;
mod regress;
mod resample;
mod resting;

pub use artifact_model::{ArtifactModel, ArtifactModelParams, IcaStep};
pub use artifacts::{Artifact, ArtifactKind, ArtifactParams};
pub use bad_channels::{BadChannel, BadChannelParams, BadChannels, Criterion};
pub use component_scores::ComponentScores;
pub use components::{ComponentLimits, ComponentSource, Components, FoundComponent};
pub use dosewave_numerics::decompose::{IcaMethod, IcaParams};
pub use filter::{ButterworthDesign, Filter, FirDesign};
pub use heart::Heart;
pub use interpolate::{InterpolationParams, interpolation_operator};
pub use laplacian::{CSD_UNIT, LaplacianParams, laplacian_operator};
pub use learned_limits::{LearnedLimits, LearnedLimitsParams, Repaired};
pub use line::LineRemoval;
pub use linear::ChannelOperator;
pub use muscle_cca::MuscleCcaParams;
pub use ransac::RansacParams;
pub use reference::{Reference, mastoid_pair};
pub use resample::Resampling;
pub use resting::{CleanEpochs, RestingPreset};

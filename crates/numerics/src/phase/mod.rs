//! Phase relations of pairs of signals: running sums over epochs, and measures that are pure functions of them.

mod coherency;
mod course;
mod finish;
mod kernel;
mod measure;
mod multivariate;
mod over_time;
mod pair_sums;
mod part;
mod planes;
mod resample;
mod rhythmicity;
mod samples;
mod slide;
mod sliding;
mod slope;
mod split;
mod surrogate;

pub use coherency::lagged_coherence_squared;
pub use kernel::in_blocks;
pub use measure::Measure;
pub use multivariate::{
    Interaction, Multivariate, cross_spectral_rank, group_interactions, multivariate_interaction,
};
pub use over_time::{SpectralSmoothing, measures_over_time};
pub use pair_sums::{AddEpochs, PairSums};
pub use resample::resample_measure;
pub use rhythmicity::rhythmicity;
pub use samples::{EpochSums, SampleSums, Samples, sliding_sample_measures};
pub use sliding::{SlidingWindows, WindowSums, sliding_measures};
pub use slope::{PhaseSlope, phase_slope};
pub use split::SplitEpoch;
pub use surrogate::{
    Draw, Null, NullTally, SurrogateCoefs, SurrogateKind, SurrogatePlan, expected_under_independence,
};

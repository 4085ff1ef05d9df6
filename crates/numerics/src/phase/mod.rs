//! Phase relations of pairs of signals: running sums over epochs, and measures that are pure functions of them.

mod measure;
mod pair_sums;
mod resample;
mod split;
mod surrogate;

pub use measure::Measure;
pub use pair_sums::PairSums;
pub use resample::resample_measure;
pub use split::SplitEpoch;
pub use surrogate::{
    Draw, Null, NullTally, SurrogateCoefs, SurrogateKind, SurrogatePlan, expected_under_independence,
};

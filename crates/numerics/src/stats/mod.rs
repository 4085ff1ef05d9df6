//! Statistics: seeded streams, descriptions, permutation and bootstrap, cross-validation, corrections.

mod ancova;
mod correction;
mod describe;
mod network;
mod resample;
mod stream;
mod t;
mod threshold_cv;
mod wilcoxon;

pub use ancova::{Covariate, slopes_within};
pub use correction::{fdr_bh, holm};
pub use describe::{correlation, hedges_dz, mean, median, median_in_place, quantile, sd, weighted_median};
pub use network::{
    Arrangement, Component, ComponentSize, Design, EdgeStatistic, EdgeValues, NetworkResult, NetworkTest,
    Tail,
};
pub use resample::{bootstrap_counts, permutation_p, sign_flip_test};
pub use stream::Stream;
pub use t::t_interval;
pub use threshold_cv::{Folds, LearnedThreshold, threshold_cv};
pub use wilcoxon::{SignedRank, wilcoxon};

//! Cleaning: each step works run by run, returns a new recording and says in its notes what it did.

mod filter;
mod heart;
mod laplacian;
mod line;
mod linear;
mod reference;
mod resample;

pub use filter::{ButterworthDesign, Filter, FirDesign};
pub use heart::Heart;
pub use laplacian::{CSD_UNIT, LaplacianParams, laplacian_operator};
pub use line::LineRemoval;
pub use linear::ChannelOperator;
pub use reference::{Reference, mastoid_pair};
pub use resample::Resampling;

//! dosewave's own HDF5: recordings and results, readable by h5py, MATLAB, Julia.
//!
//! Reading needs no library; writing takes the feature `hdf5`.

#[cfg(feature = "hdf5")]
mod dataset;
mod reader;
#[cfg(feature = "hdf5")]
mod recording;

#[cfg(feature = "hdf5")]
pub use dataset::{Dataset, write_datasets};
pub use reader::Hdf5;
#[cfg(feature = "hdf5")]
pub use recording::write_recording;

const FORMAT: &str = "HDF5";
/// What the root attribute `format` says.
const OURS: &str = "dosewave recording 1";

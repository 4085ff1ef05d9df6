//! dosewave's own HDF5: recordings and results, readable by h5py, MATLAB, Julia.

mod dataset;
mod recording;

pub use dataset::{Dataset, write_datasets};
pub use recording::{Hdf5, write_recording};

//! dosewave's own HDF5: recordings and results, readable by h5py, MATLAB, Julia.
use crate::Result;
use ndarray::ArrayD;
use std::path::Path;
/// A named array with unit and axes.
#[derive(Clone, Debug, PartialEq)]
pub struct Dataset { /// Path inside the file, `spectra/sub-01/baseline/psd`.
    pub name: String, pub values: ArrayD<f64>, pub unit: String, /// One name per dimension.
    pub axes: Vec<String>, /// Labels along an axis: (axis number, labels).
    pub labels: Vec<(usize, Vec<String>)>, /// Further text attributes.
    pub attributes: Vec<(String, String)> }
/// Writes datasets into one HDF5 file, whole or not at all (aside, then renamed); `root` are attributes of the file.
pub fn write_datasets(path: &Path, root: &[(String, String)], datasets: &[Dataset]) -> Result<()> { todo!() }

//! Linear maps between electrodes: surface Laplacian, interpolation, reference at infinity.

mod rest;
mod sphere;
mod spherical_spline;

pub use rest::rest_matrix;
pub use sphere::{Sphere, fit_sphere};
pub use spherical_spline::{SplineParams, interpolation_matrix, laplacian_matrix};

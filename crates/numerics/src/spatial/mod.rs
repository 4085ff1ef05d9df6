//! Linear maps between electrodes: surface Laplacian, interpolation.

mod sphere;
mod spherical_spline;

pub use sphere::{Sphere, fit_sphere};
pub use spherical_spline::{SplineParams, interpolation_matrix, laplacian_matrix};

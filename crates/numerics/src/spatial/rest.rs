//! The reference electrode standardisation technique: potentials against infinity.

use crate::{Error, Result};
use faer::Side;
use ndarray::{Array1, Array2, ArrayView2, Axis};
use std::f64::consts::PI;

/// Outer radii of brain, skull and scalp, in head radii (Yao 2001, 10.1088/0967-3334/22/4/305).
const RADII: [f64; 3] = [0.87, 0.92, 1.0];
/// Their conductivities, relative to the brain.
const CONDUCTIVITIES: [f64; 3] = [1.0, 1.0 / 80.0, 1.0];
/// Where the equivalent sources lie, in head radii.
const SOURCE_RADIUS: f64 = 0.869;
const N_SOURCES: usize = 2000;
const N_TERMS: usize = 150;
/// Eigenvalues of the lead field's Gram matrix below this part of the largest count as zero.
const RANK_TOLERANCE: f64 = 1e-12;

/// The matrix `[electrode, electrode]` that turns average-referenced potentials into ones against infinity.
///
/// A layer of 2000 radial dipoles inside a head of three concentric spheres stands for all sources:
/// `R = G pinv(G − mean G)` with their lead field `G` (Yao 2001, 10.1088/0967-3334/22/4/305). `positions [electrode, xyz]`
/// are directions from the centre of the head.
///
/// # Errors
/// [`Error::Shape`] for positions without three coordinates, [`Error::TooShort`] below four electrodes, [`Error::Value`]
/// for a position at the centre or not finite.
///
/// ```
/// use dosewave_numerics::spatial::rest_matrix;
/// let positions = ndarray::array![[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0], [-1.0, 0.0, 0.0]];
/// assert_eq!(rest_matrix(positions.view()).unwrap().dim(), (4, 4));
/// ```
pub fn rest_matrix(positions: ArrayView2<'_, f64>) -> Result<Array2<f64>> {
    let electrodes = super::spherical_spline::directions(positions)?;
    let n = electrodes.nrows();
    if n < 4 {
        return Err(Error::TooShort { what: "electrodes for REST", got: n, need: 4 });
    }
    let lead_field = lead_field(&electrodes, SOURCE_RADIUS);
    let mean = lead_field.sum_axis(Axis(0)) / n as f64;
    let averaged = &lead_field - &mean;
    let gram = averaged.dot(&averaged.t());
    Ok(lead_field.dot(&averaged.t()).dot(&pseudo_inverse(&gram)?))
}

/// Inverse of a symmetric matrix on the space of its eigenvalues that are not zero.
fn pseudo_inverse(symmetric: &Array2<f64>) -> Result<Array2<f64>> {
    let n = symmetric.nrows();
    let matrix = faer::Mat::from_fn(n, n, |i, j| symmetric[[i, j]]);
    let eigen = matrix
        .self_adjoint_eigen(Side::Lower)
        .map_err(|_| Error::NotConverged { what: "eigenvalues of the lead field", iterations: n })?;
    let (vectors, values) = (eigen.U(), eigen.S());
    let largest = (0..n).map(|k| values[k]).fold(0.0, f64::max);
    let mut inverse = Array2::zeros((n, n));
    for k in (0..n).filter(|k| values[*k] > RANK_TOLERANCE * largest) {
        let vector = Array1::from_iter((0..n).map(|i| vectors[(i, k)]));
        let column = vector.view().insert_axis(Axis(1));
        inverse += &(column.dot(&column.t()) / values[k]);
    }
    Ok(inverse)
}

/// Potential at each electrode of a unit radial dipole at each place of a layer, `[electrode, source]`.
fn lead_field(electrodes: &Array2<f64>, source_radius: f64) -> Array2<f64> {
    let terms = surface_terms(source_radius, CONDUCTIVITIES);
    let turn = PI * (3.0 - 5.0_f64.sqrt());
    // places spread evenly over the sphere by the golden angle
    let source = |k: usize| {
        let z = 1.0 - (2.0 * k as f64 + 1.0) / N_SOURCES as f64;
        let (r, angle) = ((1.0 - z * z).sqrt(), turn * k as f64);
        [r * angle.cos(), r * angle.sin(), z]
    };
    Array2::from_shape_fn((electrodes.nrows(), N_SOURCES), |(i, k)| {
        let cosine: f64 = electrodes.row(i).iter().zip(source(k)).map(|(a, b)| a * b).sum();
        super::spherical_spline::legendre_sum(cosine.clamp(-1.0, 1.0), &terms)
    })
}

/// Legendre coefficients (n = 1, 2, …) of the scalp potential of a radial dipole at `radius` in the brain.
///
/// In each shell the n-th term is `A rⁿ + B r⁻ⁿ⁻¹`. From the scalp, through which nothing flows, the two parts are carried
/// inwards by the continuity of potential and current; in the brain `B` is the dipole itself, `n r₀ⁿ⁻¹ / 4π`.
fn surface_terms(radius: f64, conductivities: [f64; 3]) -> Vec<f64> {
    let term = |n: f64| {
        let (mut rising, mut falling) = ((n + 1.0) / (2.0 * n + 1.0), n / (2.0 * n + 1.0));
        for shell in [1, 0] {
            let step = RADII[shell] / RADII[shell + 1];
            rising *= step.powf(n);
            falling *= step.powf(-n - 1.0);
            let ratio = conductivities[shell + 1] / conductivities[shell];
            let potential = rising + falling;
            let current = ratio * (n * rising - (n + 1.0) * falling);
            rising = ((n + 1.0) * potential + current) / (2.0 * n + 1.0);
            falling = (n * potential - current) / (2.0 * n + 1.0);
        }
        // with 1 at the scalp, this much of the falling part is needed at the brain's edge
        let dipole = n * (radius / RADII[0]).powf(n - 1.0) / (4.0 * PI * RADII[0] * RADII[0]);
        dipole / falling
    };
    (1..=N_TERMS).map(|n| term(n as f64)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cap(n: usize) -> Array2<f64> {
        // the upper two thirds of a sphere, as a cap covers it
        let turn = PI * (3.0 - 5.0_f64.sqrt());
        Array2::from_shape_fn((n, 3), |(i, k)| {
            let z = 1.0 - 1.3 * (i as f64 + 0.5) / n as f64;
            let (r, a) = ((1.0 - z * z).sqrt(), turn * i as f64);
            [r * a.cos(), r * a.sin(), z][k]
        })
    }

    #[test]
    fn one_sphere_has_its_closed_form() {
        // without a skull the n-th term is (2n + 1) r₀ⁿ⁻¹ / 4π
        let shielded = surface_terms(0.6, CONDUCTIVITIES);
        for (k, term) in surface_terms(0.6, [1.0; 3]).iter().enumerate().take(60) {
            let n = (k + 1) as f64;
            let closed = (2.0 * n + 1.0) * 0.6_f64.powf(n - 1.0) / (4.0 * PI);
            assert!((term / closed - 1.0).abs() < 1e-9, "term {n}: {term} {closed}");
            assert!(shielded[k] < *term, "the skull shields");
        }
    }

    #[test]
    fn dipoles_inside_are_seen_against_infinity() {
        let electrodes = cap(60);
        let matrix = rest_matrix(electrodes.view()).unwrap();
        let terms = surface_terms(0.7, CONDUCTIVITIES);
        let (mut rest_error, mut average_error, mut size) = (0.0, 0.0, 0.0);
        for place in [[0.0, 0.0, 1.0], [0.6, 0.0, 0.8], [0.0, -0.8, 0.6], [-0.6, 0.6, 0.529_150_262_212_918]]
        {
            let truth = Array1::from_iter(electrodes.rows().into_iter().map(|e| {
                let cosine: f64 = e.iter().zip(place).map(|(a, b)| a * b).sum();
                super::super::spherical_spline::legendre_sum(cosine, &terms)
            }));
            let averaged = &truth - truth.mean().unwrap();
            let found = matrix.dot(&averaged);
            rest_error += (&found - &truth).mapv(|v| v * v).sum();
            average_error += (&averaged - &truth).mapv(|v| v * v).sum();
            size += truth.mapv(|v| v * v).sum();
        }
        assert!(rest_error < 0.01 * size, "{}", rest_error / size);
        assert!(rest_error < 0.2 * average_error, "{}", rest_error / average_error);
    }

    #[test]
    fn a_constant_is_nothing_and_average_references_agree() {
        let matrix = rest_matrix(cap(32).view()).unwrap();
        let largest = matrix.fold(0.0_f64, |a, b| a.max(b.abs()));
        assert!(matrix.sum_axis(Axis(1)).iter().all(|sum| sum.abs() < 1e-6 * largest));
        // taking the average again undoes it
        let x = Array1::from_iter((0..32).map(|i| f64::from(i * i % 13)));
        let averaged = &x - x.mean().unwrap();
        let rest = matrix.dot(&averaged);
        let back = &rest - rest.mean().unwrap();
        assert!(back.iter().zip(&averaged).all(|(a, b)| (a - b).abs() < 1e-3), "{back} {averaged}");
    }

    #[test]
    fn few_electrodes_are_refused() {
        assert!(matches!(rest_matrix(cap(3).view()), Err(Error::TooShort { need: 4, .. })));
    }
}

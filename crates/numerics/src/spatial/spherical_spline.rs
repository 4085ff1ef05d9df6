//! Spherical splines: potentials between electrodes, and their surface Laplacian.
//!
//! A potential on the unit sphere is `V(x) = c₀ + Σᵢ cᵢ g(x·xᵢ)` with
//! `g(z) = 1/(4π) Σₙ (2n+1) / (nᵐ(n+1)ᵐ) Pₙ(z)` and `Σ cᵢ = 0`. Since Pₙ is an eigenfunction of the Laplacian on the sphere
//! with the eigenvalue `−n(n+1)`, minus the Laplacian is `Σᵢ cᵢ h(x·xᵢ)`, where `h` has `m − 1` in place of `m`
//! (Perrin et al. 1989, 10.1016/0013-4694(89)90180-6, with the corrections of 1990).

use crate::{Error, Result};
use faer::linalg::solvers::Solve;
use ndarray::{Array2, ArrayView1, ArrayView2};
use serde::{Deserialize, Serialize};
use std::f64::consts::PI;

/// How smooth a spline is.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SplineParams {
    /// Order `m`: 4 is usual, larger is smoother.
    pub stiffness: u32,
    /// Number of Legendre terms.
    pub n_legendre_terms: usize,
    /// Smoothing `λ`, added to the diagonal of `g`: 0 goes through every electrode.
    pub smoothing: f64,
}

impl Default for SplineParams {
    fn default() -> Self {
        Self { stiffness: 4, n_legendre_terms: 50, smoothing: 1e-5 }
    }
}

/// The matrix `[to, from]` that carries potentials at electrodes `from [electrode, xyz]` to places `to [place, xyz]`.
///
/// Positions are directions: they are scaled to the unit sphere. Each row sums to one.
///
/// # Errors
/// [`Error::Shape`] for positions without three coordinates, [`Error::TooShort`] below two electrodes,
/// [`Error::Value`] for a position at the centre or not finite, [`Error::Invalid`] for parameters outside their range
/// and for electrodes at the same place without smoothing.
///
/// ```
/// use dosewave_numerics::spatial::{SplineParams, interpolation_matrix};
/// let from = ndarray::array![[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0], [-1.0, 0.0, 0.0]];
/// let to = ndarray::array![[0.0, 1.0, 0.0], [0.0, 0.0, -1.0]];
/// let exact = SplineParams { smoothing: 0.0, ..SplineParams::default() };
/// let matrix = interpolation_matrix(from.view(), to.view(), exact).unwrap();
/// assert!((matrix[[0, 1]] - 1.0).abs() < 1e-9, "at an electrode it is that electrode");
/// assert!((matrix.row(1).sum() - 1.0).abs() < 1e-9, "a constant stays constant");
/// ```
pub fn interpolation_matrix(
    from: ArrayView2<'_, f64>,
    to: ArrayView2<'_, f64>,
    params: SplineParams,
) -> Result<Array2<f64>> {
    let (from, to) = (directions(from)?, directions(to)?);
    let coefficients = coefficients(&from, params)?;
    let weights = legendre_weights(params.stiffness, params.n_legendre_terms);
    let n = from.nrows();
    let mut basis = Array2::ones((to.nrows(), n + 1));
    for (i, place) in to.rows().into_iter().enumerate() {
        for (j, electrode) in from.rows().into_iter().enumerate() {
            basis[[i, j]] = legendre_sum(cosine(place, electrode), &weights);
        }
    }
    Ok(basis.dot(&coefficients))
}

/// The matrix `[electrode, electrode]` that turns potentials into minus their surface Laplacian (current source density
/// up to conductivity) on a sphere of `radius`: µV and m give µV/m². Positive values are sources.
///
/// Each row sums to zero: the reference does not matter.
///
/// # Errors
/// As [`interpolation_matrix`]; [`Error::Invalid`] for a radius that is not positive.
///
/// ```
/// use dosewave_numerics::spatial::{SplineParams, laplacian_matrix};
/// let positions = ndarray::array![[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0], [-1.0, 0.0, 0.0]];
/// let matrix = laplacian_matrix(positions.view(), 0.095, SplineParams::default()).unwrap();
/// assert!(matrix.row(0).sum().abs() < 1e-6 * matrix[[0, 0]]);
/// ```
pub fn laplacian_matrix(
    positions: ArrayView2<'_, f64>,
    radius: f64,
    params: SplineParams,
) -> Result<Array2<f64>> {
    if !(radius.is_finite() && radius > 0.0) {
        return Err(invalid("radius", radius.to_string(), "a positive length"));
    }
    if params.stiffness < 2 {
        return Err(invalid("stiffness", params.stiffness.to_string(), "2 or more for a Laplacian"));
    }
    let electrodes = directions(positions)?;
    let coefficients = coefficients(&electrodes, params)?;
    let weights = legendre_weights(params.stiffness - 1, params.n_legendre_terms);
    let h = pairwise(&electrodes, &weights);
    let n = electrodes.nrows();
    Ok(h.dot(&coefficients.slice(ndarray::s![..n, ..])) / (radius * radius))
}

/// `[electrode + constant, electrode]`: the spline's coefficients for a unit potential at each electrode.
fn coefficients(electrodes: &Array2<f64>, params: SplineParams) -> Result<Array2<f64>> {
    let n = electrodes.nrows();
    if n < 2 {
        return Err(Error::TooShort { what: "electrodes for a spherical spline", got: n, need: 2 });
    }
    if params.stiffness == 0 || params.stiffness > 10 {
        return Err(invalid("stiffness", params.stiffness.to_string(), "1 to 10"));
    }
    if params.n_legendre_terms == 0 || params.n_legendre_terms > 1000 {
        return Err(invalid("n_legendre_terms", params.n_legendre_terms.to_string(), "1 to 1000"));
    }
    if !(params.smoothing.is_finite() && params.smoothing >= 0.0) {
        return Err(invalid("smoothing", params.smoothing.to_string(), "0 or more"));
    }
    let g = pairwise(electrodes, &legendre_weights(params.stiffness, params.n_legendre_terms));
    let system = faer::Mat::from_fn(n + 1, n + 1, |i, j| match (i < n, j < n) {
        (true, true) => g[[i, j]] + if i == j { params.smoothing } else { 0.0 },
        (false, false) => 0.0,
        _ => 1.0,
    });
    let unit = faer::Mat::from_fn(n + 1, n, |i, j| f64::from(u8::from(i == j)));
    let solved = system.partial_piv_lu().solve(&unit);
    let coefficients = Array2::from_shape_fn((n + 1, n), |(i, j)| solved[(i, j)]);
    if coefficients.iter().all(|c| c.is_finite()) {
        Ok(coefficients)
    } else {
        let value = "electrodes of which two are at the same place".to_owned();
        Err(invalid("positions", value, "different places, or a smoothing above 0"))
    }
}

/// Unit vectors.
pub(super) fn directions(positions: ArrayView2<'_, f64>) -> Result<Array2<f64>> {
    if positions.ncols() != 3 {
        return Err(Error::Shape { what: "coordinates of a position", expected: 3, got: positions.ncols() });
    }
    let mut unit = positions.to_owned();
    for (index, mut row) in unit.rows_mut().into_iter().enumerate() {
        let length = row.dot(&row).sqrt();
        if !(length.is_finite() && length > 0.0) {
            let allowed = "a finite distance from the centre, above 0";
            return Err(Error::Value { what: "length of positions", index, value: length, allowed });
        }
        row /= length;
    }
    Ok(unit)
}

fn cosine(a: ArrayView1<'_, f64>, b: ArrayView1<'_, f64>) -> f64 {
    a.dot(&b).clamp(-1.0, 1.0)
}

fn pairwise(electrodes: &Array2<f64>, weights: &[f64]) -> Array2<f64> {
    let n = electrodes.nrows();
    let mut values = Array2::zeros((n, n));
    for i in 0..n {
        for j in 0..=i {
            let value = legendre_sum(cosine(electrodes.row(i), electrodes.row(j)), weights);
            values[[i, j]] = value;
            values[[j, i]] = value;
        }
    }
    values
}

/// `(2n+1) / (4π nᵐ (n+1)ᵐ)` for n = 1, 2, …
fn legendre_weights(order: u32, n_terms: usize) -> Vec<f64> {
    let weight = |n: f64| (2.0 * n + 1.0) / (4.0 * PI * (n * (n + 1.0)).powi(order as i32));
    (1..=n_terms).map(|n| weight(n as f64)).collect()
}

/// `Σₙ wₙ Pₙ(x)` from n = 1, by the three-term recurrence of the Legendre polynomials.
pub(super) fn legendre_sum(x: f64, weights: &[f64]) -> f64 {
    let (mut before, mut now) = (1.0, x);
    let mut sum = 0.0;
    for (k, weight) in weights.iter().enumerate() {
        sum += weight * now;
        let n = (k + 1) as f64;
        let next = ((2.0 * n + 1.0) * x * now - n * before) / (n + 1.0);
        (before, now) = (now, next);
    }
    sum
}

fn invalid(parameter: &'static str, value: String, allowed: &str) -> Error {
    Error::Invalid { parameter, value, allowed: allowed.into() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::{Array1, Axis};

    /// Points spread evenly over the sphere (a golden-angle spiral).
    fn even(n: usize) -> Array2<f64> {
        let turn = PI * (3.0 - 5.0_f64.sqrt());
        Array2::from_shape_fn((n, 3), |(i, k)| {
            let z = 1.0 - (2.0 * i as f64 + 1.0) / n as f64;
            let (r, a) = ((1.0 - z * z).sqrt(), turn * i as f64);
            [r * a.cos(), r * a.sin(), z][k]
        })
    }

    const EXACT: SplineParams = SplineParams { stiffness: 4, n_legendre_terms: 50, smoothing: 0.0 };

    /// Spherical harmonics of degree 1, 2 and 3, up to scale.
    fn harmonics(p: ArrayView1<'_, f64>) -> [f64; 3] {
        let (x, y, z) = (p[0], p[1], p[2]);
        [z, x * y, z * (5.0 * z * z - 3.0)]
    }

    #[test]
    fn legendre_polynomials_are_theirs() {
        for x in [-1.0, -0.3, 0.0, 0.7, 1.0] {
            let closed = [x, 0.5 * (3.0 * x * x - 1.0), 0.5 * (5.0 * x * x * x - 3.0 * x)];
            for (n, expected) in closed.into_iter().enumerate() {
                let mut weights = vec![0.0; n + 1];
                weights[n] = 1.0;
                assert!((legendre_sum(x, &weights) - expected).abs() < 1e-15, "P{} at {x}", n + 1);
            }
        }
    }

    #[test]
    fn the_laplacian_of_a_harmonic_is_its_eigenvalue() {
        let (points, radius) = (even(300), 0.1);
        let matrix = laplacian_matrix(points.view(), radius, EXACT).unwrap();
        for degree in 0..3 {
            let potential: Array1<f64> = points.rows().into_iter().map(|p| harmonics(p)[degree]).collect();
            let l = (degree + 1) as f64;
            let expected = &potential * (l * (l + 1.0) / (radius * radius));
            let error = (&matrix.dot(&potential) - &expected).mapv(f64::abs).fold(0.0, |a: f64, b| a.max(*b));
            let scale = expected.mapv(f64::abs).fold(0.0, |a: f64, b| a.max(*b));
            assert!(error < 0.002 * scale, "degree {}: {}", degree + 1, error / scale);
        }
    }

    #[test]
    fn smooth_potentials_are_interpolated() {
        let (from, to) = (even(128), even(37));
        let matrix = interpolation_matrix(from.view(), to.view(), EXACT).unwrap();
        for degree in 0..3 {
            let at = |points: &Array2<f64>| -> Array1<f64> {
                points.rows().into_iter().map(|p| harmonics(p)[degree]).collect()
            };
            let error = (&matrix.dot(&at(&from)) - &at(&to)).mapv(f64::abs).fold(0.0, |a: f64, b| a.max(*b));
            assert!(error < 1e-3, "degree {}: {error}", degree + 1);
        }
    }

    #[test]
    fn scale_rotation_and_reference_do_not_matter() {
        let points = even(32);
        let matrix = laplacian_matrix(points.view(), 0.1, SplineParams::default()).unwrap();
        let scaled = laplacian_matrix((&points * 7.0).view(), 0.1, SplineParams::default()).unwrap();
        let turned = points.select(Axis(1), &[1, 2, 0]);
        let turned = laplacian_matrix(turned.view(), 0.1, SplineParams::default()).unwrap();
        let largest = matrix.fold(0.0, |a: f64, b| a.max(b.abs()));
        for (a, b) in matrix.iter().zip(&scaled).chain(matrix.iter().zip(&turned)) {
            assert!((a - b).abs() < 1e-9 * largest);
        }
        assert!(matrix.sum_axis(Axis(1)).iter().all(|sum| sum.abs() < 1e-9 * largest));
        let wide = laplacian_matrix(points.view(), 0.2, SplineParams::default()).unwrap();
        assert!((wide[[3, 5]] * 4.0 - matrix[[3, 5]]).abs() < 1e-9 * largest);
    }

    #[test]
    fn smoothing_flattens() {
        let points = even(32);
        let size = |smoothing| {
            let params = SplineParams { smoothing, ..EXACT };
            laplacian_matrix(points.view(), 0.1, params).unwrap().mapv(|v| v * v).sum()
        };
        assert!(size(1e-2) < size(1e-5) && size(1e-5) < size(0.0));
    }

    #[test]
    fn nonsense_is_refused_by_name() {
        let mut points = even(8);
        let run = |points: &Array2<f64>, params| {
            laplacian_matrix(points.view(), 0.1, params).map_err(|e| e.to_string())
        };
        for (params, word) in [
            (SplineParams { stiffness: 1, ..EXACT }, "stiffness = 1"),
            (SplineParams { n_legendre_terms: 0, ..EXACT }, "n_legendre_terms = 0"),
            (SplineParams { smoothing: -1.0, ..EXACT }, "smoothing = -1"),
        ] {
            assert!(run(&points, params).unwrap_err().contains(word));
        }
        points.row_mut(3).fill(0.0);
        assert!(run(&points, EXACT).unwrap_err().contains("length of positions[3] = 0"));
        let same = points.select(Axis(0), &[0, 1, 2, 2]);
        assert!(run(&same, SplineParams::default()).is_ok());
        assert!(laplacian_matrix(points.view(), 0.0, EXACT).is_err());
    }
}

//! The sphere through electrodes.

use crate::{Error, Result};
use faer::linalg::solvers::SolveLstsq;
use ndarray::ArrayView2;

/// A sphere, in the unit of its points.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sphere {
    /// Its centre.
    pub centre: [f64; 3],
    /// Its radius.
    pub radius: f64,
}

/// The sphere that fits `points [point, xyz]` best in the algebraic sense: least squares of
/// `|p|² = 2 p·centre + (radius² − |centre|²)`, exact for points on a sphere.
///
/// # Errors
/// [`Error::TooShort`] below four points, [`Error::Shape`] for points without three coordinates, [`Error::Invalid`] for
/// points that lie in a plane or are not finite.
///
/// ```
/// use dosewave_numerics::spatial::fit_sphere;
/// let points = ndarray::array![[3.0, 2.0, 1.0], [1.0, 4.0, 1.0], [1.0, 2.0, 3.0], [-1.0, 2.0, 1.0]];
/// let sphere = fit_sphere(points.view()).unwrap();
/// assert!((sphere.radius - 2.0).abs() < 1e-12 && (sphere.centre[1] - 2.0).abs() < 1e-12);
/// ```
pub fn fit_sphere(points: ArrayView2<'_, f64>) -> Result<Sphere> {
    let (n, n_axes) = points.dim();
    if n_axes != 3 {
        return Err(Error::Shape { what: "coordinates of a point", expected: 3, got: n_axes });
    }
    if n < 4 {
        return Err(Error::TooShort { what: "points on a sphere", got: n, need: 4 });
    }
    let design = faer::Mat::from_fn(n, 4, |i, k| if k < 3 { 2.0 * points[[i, k]] } else { 1.0 });
    let squares = faer::Mat::from_fn(n, 1, |i, _| points.row(i).dot(&points.row(i)));
    let solution = design.col_piv_qr().solve_lstsq(&squares);
    let centre = [0, 1, 2].map(|k| solution[(k, 0)]);
    let radius = (solution[(3, 0)] + centre.iter().map(|c| c * c).sum::<f64>()).sqrt();
    let extent = points.iter().fold(0.0, |max: f64, v| max.max(v.abs()));
    // points in a plane leave the centre anywhere on a line
    if radius.is_finite() && radius > 0.0 && radius < 1e3 * extent {
        Ok(Sphere { centre, radius })
    } else {
        Err(Error::Invalid {
            parameter: "points",
            value: format!("{n} points through which no sphere goes"),
            allowed: "finite points that do not lie in a plane".into(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::{Array2, array};

    #[test]
    fn points_that_span_no_sphere_are_refused() {
        let plane = Array2::from_shape_fn((6, 3), |(i, k)| [i as f64, (i * i) as f64, 0.0][k]);
        assert!(fit_sphere(plane.view()).is_err());
        assert!(fit_sphere(Array2::from_elem((6, 3), f64::NAN).view()).is_err());
        assert!(matches!(fit_sphere(Array2::zeros((3, 3)).view()), Err(Error::TooShort { need: 4, .. })));
        assert!(matches!(fit_sphere(array![[1.0, 2.0]].view()), Err(Error::Shape { .. })));
    }
}

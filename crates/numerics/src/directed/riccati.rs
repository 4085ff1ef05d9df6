//! The discrete algebraic Riccati equation of a filter.

use crate::{Error, Result};
use faer::linalg::solvers::Solve;
use faer::{Mat, MatRef};

/// Doublings to try; each squares the distance to the solution.
const ITERATIONS: usize = 60;
/// Relative change that counts as none.
const TOLERANCE: f64 = 1e-14;

/// The stabilising `X = AᵀXA − AᵀXB (R + BᵀXB)⁻¹ BᵀXA + H`, with `G = B R⁻¹ Bᵀ`, by the structure-preserving doubling
/// algorithm (Chu, Fan, Lin & Wang 2004, 10.1080/00207170410001714988).
///
/// # Errors
/// [`Error::NotConverged`] when it does not settle, as for a process on the edge of stability.
pub(super) fn solve_riccati(a: MatRef<'_, f64>, g: Mat<f64>, h: Mat<f64>) -> Result<Mat<f64>> {
    let (n, mut a, mut g, mut h) = (a.nrows(), a.to_owned(), g, h);
    for _ in 0..ITERATIONS {
        let lu = (Mat::<f64>::identity(n, n) + &g * &h).partial_piv_lu();
        let forward = lu.solve(&a);
        // A (I + GH)⁻¹ G Aᵀ and Aᵀ H (I + GH)⁻¹ A are symmetric up to rounding
        let g_step = symmetric(&(&a * lu.solve(&g) * a.transpose()));
        let h_step = symmetric(&(a.transpose() * &h * &forward));
        a = &a * forward;
        g += &g_step;
        h += &h_step;
        let (change, size) = (h_step.norm_l2(), h.norm_l2());
        if !size.is_finite() {
            break;
        }
        if change <= TOLERANCE * size {
            return Ok(h);
        }
    }
    Err(Error::NotConverged { what: "Riccati equation of a reduced model", iterations: ITERATIONS })
}

fn symmetric(a: &Mat<f64>) -> Mat<f64> {
    Mat::from_fn(a.nrows(), a.ncols(), |i, j| f64::midpoint(a[(i, j)], a[(j, i)]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scalar_equation_has_its_root() {
        let (a, b, r, q): (f64, f64, f64, f64) = (1.2, 0.7, 0.5, 2.0);
        let mat = |v: f64| Mat::from_fn(1, 1, |_, _| v);
        let x = solve_riccati(mat(a).as_ref(), mat(b * b / r), mat(q)).unwrap()[(0, 0)];
        // b² x² + (r − a² r − b² q) x − q r = 0
        let (p, half) = (b * b, (r - a * a * r - b * b * q) / 2.0);
        let root = (-half + (half * half + p * q * r).sqrt()) / p;
        assert!((x - root).abs() < 1e-12 * root, "{x} against {root}");
    }

    #[test]
    fn the_equation_holds_for_matrices() {
        let a = Mat::from_fn(3, 3, |i, j| [[0.5, 0.2, 0.0], [-0.3, 0.8, 0.1], [0.0, 0.4, 0.6]][i][j]);
        let b = Mat::from_fn(3, 1, |i, _| [1.0, 0.5, -0.2][i]);
        let h = Mat::from_fn(3, 3, |i, j| if i == j { 1.0 } else { 0.2 });
        let x = solve_riccati(a.as_ref(), &b * b.transpose(), h.clone()).unwrap();
        let gain = (b.transpose() * &x * &b)[(0, 0)] + 1.0;
        let left = a.transpose() * &x * &a;
        let taken = a.transpose() * &x * &b * b.transpose() * &x * &a;
        for i in 0..3 {
            for j in 0..3 {
                let right = left[(i, j)] - taken[(i, j)] / gain + h[(i, j)];
                assert!((x[(i, j)] - right).abs() < 1e-11);
            }
        }
    }
}

//! A smooth surface through scattered values, for the colours between electrodes. Drawing, not measurement: no number of
//! the report comes from here.

/// A thin-plate spline in the plane: exact at its points (Duchon 1977, <https://doi.org/10.1007/BFb0086566>).
pub(crate) struct Surface {
    points: Vec<[f64; 2]>,
    weights: Vec<f64>,
}

impl Surface {
    /// The surface through values at points; `None` for fewer than four points, or points on a line or on each other.
    pub(crate) fn through(points: &[[f64; 2]], values: &[f64]) -> Option<Self> {
        let n = points.len();
        if n < 4 || values.len() != n {
            return None;
        }
        let mut rows = Vec::with_capacity(n + 3);
        for (point, value) in points.iter().zip(values) {
            let mut row: Vec<f64> = points.iter().map(|other| kernel(*point, *other)).collect();
            row.extend([1.0, point[0], point[1], *value]);
            rows.push(row);
        }
        for part in [|_: &[f64; 2]| 1.0, |p: &[f64; 2]| p[0], |p: &[f64; 2]| p[1]] {
            let mut row: Vec<f64> = points.iter().map(part).collect();
            row.extend([0.0; 4]);
            rows.push(row);
        }
        Some(Self { points: points.to_vec(), weights: solve(rows)? })
    }

    /// Its height at a place.
    pub(crate) fn at(&self, place: [f64; 2]) -> f64 {
        let n = self.points.len();
        let bumps: f64 =
            self.points.iter().zip(&self.weights).map(|(point, weight)| weight * kernel(place, *point)).sum();
        bumps + self.weights[n] + self.weights[n + 1] * place[0] + self.weights[n + 2] * place[1]
    }
}

/// r²·ln r.
fn kernel(a: [f64; 2], b: [f64; 2]) -> f64 {
    let square = (a[0] - b[0]).powi(2) + (a[1] - b[1]).powi(2);
    if square > 0.0 { 0.5 * square * square.ln() } else { 0.0 }
}

/// Gaussian elimination with row exchange; each row ends with its right-hand side.
fn solve(mut rows: Vec<Vec<f64>>) -> Option<Vec<f64>> {
    let n = rows.len();
    for column in 0..n {
        let best = (column..n).max_by(|a, b| rows[*a][column].abs().total_cmp(&rows[*b][column].abs()))?;
        rows.swap(column, best);
        let pivot = rows[column].clone();
        if pivot[column].abs() < 1e-9 {
            return None;
        }
        for row in rows.iter_mut().skip(column + 1) {
            let factor = row[column] / pivot[column];
            for (value, above) in row.iter_mut().zip(&pivot).skip(column) {
                *value -= factor * above;
            }
        }
    }
    let mut solution = vec![0.0; n];
    for i in (0..n).rev() {
        let known: f64 = (i + 1..n).map(|j| rows[i][j] * solution[j]).sum();
        solution[i] = (rows[i][n] - known) / rows[i][i];
    }
    Some(solution)
}

#[cfg(test)]
mod tests {
    use super::*;

    const POINTS: [[f64; 2]; 6] = [[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [1.0, 1.0], [0.5, 0.4], [-0.7, 0.2]];

    #[test]
    fn it_passes_through_its_points() {
        let values = [1.0, -2.0, 0.5, 3.0, 7.0, -1.0];
        let surface = Surface::through(&POINTS, &values).unwrap();
        for (point, value) in POINTS.iter().zip(values) {
            assert!((surface.at(*point) - value).abs() < 1e-9);
        }
    }

    #[test]
    fn a_plane_stays_a_plane() {
        let plane = |p: [f64; 2]| 2.0 - p[0] + 3.0 * p[1];
        let surface = Surface::through(&POINTS, &POINTS.map(plane)).unwrap();
        assert!((surface.at([0.3, -0.9]) - plane([0.3, -0.9])).abs() < 1e-9);
    }

    #[test]
    fn points_on_a_line_or_twice_have_no_surface() {
        assert!(Surface::through(&[[0.0, 0.0], [1.0, 1.0], [2.0, 2.0], [3.0, 3.0]], &[1.0; 4]).is_none());
        assert!(
            Surface::through(&[[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [0.0, 1.0]], &[1.0, 2.0, 3.0, 4.0])
                .is_none()
        );
        assert!(Surface::through(&POINTS[..3], &[1.0; 3]).is_none());
    }
}

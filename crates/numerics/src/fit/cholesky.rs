//! Solving small symmetric systems.

/// The lower Cholesky factor of a symmetric positive definite matrix, row-major.
pub(super) struct Cholesky {
    n: usize,
    factor: Vec<f64>,
}

impl Cholesky {
    /// Memory for matrices of `n` rows.
    pub(super) fn new(n: usize) -> Self {
        Self { n, factor: vec![0.0; n * n] }
    }

    /// Factors `matrix + diag(shift)`; false where that is not positive definite.
    pub(super) fn factor(&mut self, matrix: &[f64], shift: impl Fn(usize) -> f64) -> bool {
        let n = self.n;
        for j in 0..n {
            for i in j..n {
                let (row_i, row_j) = (&self.factor[i * n..i * n + j], &self.factor[j * n..j * n + j]);
                let dot: f64 = row_i.iter().zip(row_j).map(|(a, b)| a * b).sum();
                let value = matrix[i * n + j] + if i == j { shift(i) } else { 0.0 };
                if i != j {
                    self.factor[i * n + j] = (value - dot) / self.factor[j * n + j];
                } else if value - dot > 1e-15 * value && value.is_finite() {
                    self.factor[j * n + j] = (value - dot).sqrt();
                } else {
                    return false;
                }
            }
        }
        true
    }

    /// `L x = b` in place.
    pub(super) fn solve_lower(&self, b: &mut [f64]) {
        for i in 0..self.n {
            let row = &self.factor[i * self.n..i * self.n + i];
            let dot: f64 = row.iter().zip(&b[..i]).map(|(a, b)| a * b).sum();
            b[i] = (b[i] - dot) / self.factor[i * self.n + i];
        }
    }

    /// `L Lᵀ x = b` in place.
    pub(super) fn solve(&self, b: &mut [f64]) {
        self.solve_lower(b);
        for i in (0..self.n).rev() {
            let dot: f64 = (i + 1..self.n).map(|k| self.factor[k * self.n + i] * b[k]).sum();
            b[i] = (b[i] - dot) / self.factor[i * self.n + i];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_known_system_is_solved() {
        let a = [4.0, 2.0, 0.6, 2.0, 5.0, 1.0, 0.6, 1.0, 3.0];
        let x = [1.0, -2.0, 0.5];
        let mut b: Vec<f64> = a.chunks(3).map(|row| row.iter().zip(x).map(|(a, x)| a * x).sum()).collect();
        let mut cholesky = Cholesky::new(3);
        assert!(cholesky.factor(&a, |_| 0.0));
        cholesky.solve(&mut b);
        for (found, expected) in b.iter().zip(x) {
            assert!((found - expected).abs() < 1e-14, "{b:?}");
        }
    }

    #[test]
    fn what_is_not_positive_definite_is_told() {
        assert!(!Cholesky::new(2).factor(&[1.0, 2.0, 2.0, 1.0], |_| 0.0));
        assert!(Cholesky::new(2).factor(&[1.0, 2.0, 2.0, 1.0], |_| 2.0));
        assert!(!Cholesky::new(1).factor(&[f64::NAN], |_| 0.0));
    }
}

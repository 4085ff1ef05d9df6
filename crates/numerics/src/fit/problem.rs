//! What is minimised, and what is found.

/// A sum of squares `Σ rᵢ(p)²` of residuals `r = data − model`, with its first derivatives.
pub trait LeastSquares {
    /// The sum of squares at `params`; infinite where the model is undefined.
    fn cost(&mut self, params: &[f64]) -> f64;

    /// Adds to `normal`, which is zero, what holds at `params`; the cost is finite there.
    fn normal(&mut self, params: &[f64], normal: &mut Normal);
}

/// The normal equations of a linearised problem; `J` holds the derivatives of the model by the parameters.
#[derive(Clone, Debug)]
pub struct Normal {
    /// `JᵀJ`, row-major, both triangles.
    pub matrix: Vec<f64>,
    /// `Jᵀr`.
    pub gradient: Vec<f64>,
}

impl Normal {
    pub(super) fn new(n: usize) -> Self {
        Self { matrix: vec![0.0; n * n], gradient: vec![0.0; n] }
    }

    pub(super) fn fill(&mut self, problem: &mut impl LeastSquares, params: &[f64]) {
        self.matrix.fill(0.0);
        self.gradient.fill(0.0);
        problem.normal(params, self);
    }
}

/// Ends within which parameters stay.
#[derive(Clone, Debug)]
pub struct Bounds {
    /// Least values.
    pub low: Vec<f64>,
    /// Largest values.
    pub high: Vec<f64>,
}

/// Where a search ended.
#[derive(Clone, Debug, PartialEq)]
pub struct Minimum {
    /// The parameters.
    pub params: Vec<f64>,
    /// The sum of squares there.
    pub cost: f64,
    /// How often the sum of squares was evaluated.
    pub evaluations: usize,
}

pub(super) fn norm(v: &[f64]) -> f64 {
    v.iter().map(|x| x * x).sum::<f64>().sqrt()
}

pub(super) fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// `xᵀ M y` of a row-major square matrix.
pub(super) fn form(x: &[f64], matrix: &[f64], y: &[f64]) -> f64 {
    x.iter().zip(matrix.chunks_exact(y.len())).map(|(x, row)| x * dot(row, y)).sum()
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// Rosenbrock's valley: residuals 10 (y − x²) and 1 − x.
    pub(crate) struct Valley;

    impl LeastSquares for Valley {
        fn cost(&mut self, p: &[f64]) -> f64 {
            100.0 * (p[1] - p[0] * p[0]).powi(2) + (1.0 - p[0]).powi(2)
        }

        fn normal(&mut self, p: &[f64], normal: &mut Normal) {
            let rows = [([20.0 * p[0], -10.0], 10.0 * (p[1] - p[0] * p[0])), ([1.0, 0.0], 1.0 - p[0])];
            for (slopes, residual) in rows {
                for i in 0..2 {
                    normal.gradient[i] += slopes[i] * residual;
                    for k in 0..2 {
                        normal.matrix[2 * i + k] += slopes[i] * slopes[k];
                    }
                }
            }
        }
    }

    #[test]
    fn forms_are_those_of_matrices() {
        assert_eq!(form(&[1.0, 2.0], &[1.0, 3.0, 0.0, 2.0], &[5.0, 1.0]), 8.0 + 4.0);
        assert_eq!(norm(&[3.0, 4.0]), 5.0);
    }
}

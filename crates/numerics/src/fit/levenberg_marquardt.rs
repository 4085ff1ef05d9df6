//! Levenberg and Marquardt's method in a trust region.

use super::cholesky::Cholesky;
use super::problem::{LeastSquares, Minimum, Normal, form, norm};
use crate::{Error, Result};

/// The first step is at most so many times as long as the start.
const FIRST_STEP: f64 = 100.0;
/// A step is taken from this share of the reduction that was predicted on.
const ACCEPTED: f64 = 1e-4;
/// Evaluations after which a search is given up.
const MOST_EVALUATIONS: usize = 1250;

/// A local minimum of a sum of squares from a start, without bounds.
///
/// Steps minimise the linearised problem within an ellipsoid whose axes are the parameters on the scale of the largest
/// derivatives seen; its size follows the ratio of the reduction found to the one predicted (Moré 1978,
/// <https://doi.org/10.1007/BFb0067700>, the algorithm of MINPACK). The search ends where found and predicted reduction are below
/// `tolerance` (relative), the region is that small beside the parameters, or residuals are that close to orthogonal to every
/// derivative.
///
/// # Errors
/// [`Error::Invalid`] for a start at which the cost is not finite, [`Error::NotConverged`] after 1250 evaluations.
///
/// ```
/// use dosewave_numerics::fit::{LeastSquares, Normal, levenberg_marquardt};
/// /// y = exp(p x) through (1, 2) and (2, 4)
/// struct Growth;
/// impl LeastSquares for Growth {
///     fn cost(&mut self, p: &[f64]) -> f64 {
///         [(1.0, 2.0), (2.0, 4.0)].iter().map(|(x, y): &(f64, f64)| (y - (p[0] * x).exp()).powi(2)).sum()
///     }
///     fn normal(&mut self, p: &[f64], normal: &mut Normal) {
///         for (x, y) in [(1.0, 2.0), (2.0, 4.0)] {
///             let (model, slope) = ((p[0] * x).exp(), x * (p[0] * x).exp());
///             normal.matrix[0] += slope * slope;
///             normal.gradient[0] += slope * (y - model);
///         }
///     }
/// }
/// let found = levenberg_marquardt(&mut Growth, &[0.1], 1e-10).unwrap();
/// assert!((found.params[0] - 2.0_f64.ln()).abs() < 1e-9);
/// ```
pub fn levenberg_marquardt(
    problem: &mut impl LeastSquares,
    start: &[f64],
    tolerance: f64,
) -> Result<Minimum> {
    let n = start.len();
    let mut at = start.to_vec();
    let mut size = problem.cost(&at).sqrt();
    if !size.is_finite() {
        return Err(Error::Invalid {
            parameter: "start of a least-squares fit",
            value: format!("{start:?}"),
            allowed: "parameters at which the model is defined".into(),
        });
    }
    let mut region = Region { scale: vec![0.0; n], radius: 0.0, damping: 0.0, system: Cholesky::new(n) };
    let mut normal = Normal::new(n);
    let (mut evaluations, mut is_first) = (1, true);
    loop {
        normal.fill(problem, &at);
        region.rescale(&normal, &at, is_first);
        if size == 0.0 || is_orthogonal(&normal, size, tolerance) {
            return Ok(Minimum { params: at, cost: size * size, evaluations });
        }
        loop {
            let step = region.step(&normal);
            let length = region.length(&step);
            if is_first {
                region.radius = region.radius.min(length);
            }
            let trial: Vec<f64> = at.iter().zip(&step).map(|(a, s)| a + s).collect();
            let found = problem.cost(&trial).sqrt();
            evaluations += 1;
            let outcome = Outcome::new(&normal, &step, (size, found), region.damping * length * length);
            region.resize(&outcome, length);
            let is_better = outcome.ratio >= ACCEPTED;
            if is_better {
                is_first = false;
                at = trial;
                size = found;
            }
            let is_flat =
                outcome.found.abs() <= tolerance && outcome.predicted <= tolerance && outcome.ratio <= 2.0;
            if is_flat || region.radius <= tolerance * region.length(&at) {
                return Ok(Minimum { params: at, cost: size * size, evaluations });
            }
            if evaluations >= MOST_EVALUATIONS {
                return Err(Error::NotConverged { what: "least-squares fit", iterations: evaluations });
            }
            if is_better {
                break;
            }
        }
    }
}

/// Whether the residuals are orthogonal to each derivative, to a tolerance of the cosine.
fn is_orthogonal(normal: &Normal, size: f64, tolerance: f64) -> bool {
    let n = normal.gradient.len();
    (0..n).all(|i| {
        let column = normal.matrix[i * n + i].sqrt();
        column == 0.0 || normal.gradient[i].abs() <= tolerance * size * column
    })
}

/// What a step brought, as shares of the cost.
struct Outcome {
    found: f64,
    predicted: f64,
    slope: f64,
    ratio: f64,
    /// Whether the residuals grew tenfold; not where the model is undefined, whose distance says nothing.
    is_far: bool,
}

impl Outcome {
    fn new(normal: &Normal, step: &[f64], (before, after): (f64, f64), damped: f64) -> Self {
        let is_near = 0.1 * after < before;
        let found = if is_near { 1.0 - (after / before).powi(2) } else { -1.0 };
        let linear = form(step, &normal.matrix, step) / (before * before);
        let damped = damped / (before * before);
        let predicted = linear + 2.0 * damped;
        let ratio = if predicted == 0.0 { 0.0 } else { found / predicted };
        Self { found, predicted, slope: -(linear + damped), ratio, is_far: !is_near && after.is_finite() }
    }
}

struct Region {
    /// Largest norm of each column of `J` so far.
    scale: Vec<f64>,
    radius: f64,
    /// The multiplier that keeps steps inside.
    damping: f64,
    system: Cholesky,
}

impl Region {
    fn rescale(&mut self, normal: &Normal, at: &[f64], is_first: bool) {
        let n = at.len();
        for (i, scale) in self.scale.iter_mut().enumerate() {
            let column = normal.matrix[i * n + i].sqrt();
            *scale = scale.max(column);
            if is_first && *scale == 0.0 {
                *scale = 1.0;
            }
        }
        if is_first {
            let length = self.length(at);
            self.radius = FIRST_STEP * if length > 0.0 { length } else { 1.0 };
        }
    }

    fn length(&self, step: &[f64]) -> f64 {
        norm(&step.iter().zip(&self.scale).map(|(s, d)| s * d).collect::<Vec<_>>())
    }

    fn resize(&mut self, outcome: &Outcome, length: f64) {
        if outcome.ratio <= 0.25 {
            let shrink = if outcome.found >= 0.0 {
                0.5
            } else {
                0.5 * outcome.slope / (outcome.slope + 0.5 * outcome.found)
            };
            let shrink = if outcome.is_far { 0.1 } else { shrink.max(0.1) };
            self.radius = shrink * self.radius.min(10.0 * length);
            self.damping /= shrink;
        } else if self.damping == 0.0 || outcome.ratio >= 0.75 {
            self.radius = 2.0 * length;
            self.damping *= 0.5;
        }
    }

    /// The step of the linearised problem whose length is the radius within a tenth, or a shorter one.
    fn step(&mut self, normal: &Normal) -> Vec<f64> {
        let scaled_gradient: Vec<f64> = normal.gradient.iter().zip(&self.scale).map(|(g, d)| g / d).collect();
        let mut upper = norm(&scaled_gradient) / self.radius;
        let mut lower = 0.0;
        let mut damping = self.damping;
        if let Some((step, length, slope)) = self.solve(normal, 0.0) {
            let excess = length - self.radius;
            if excess <= 0.1 * self.radius {
                self.damping = 0.0;
                return step;
            }
            lower = excess / self.radius / slope;
        }
        if upper == 0.0 {
            upper = f64::MIN_POSITIVE / self.radius.min(0.1);
        }
        damping = damping.max(lower).min(upper);
        let mut step = vec![0.0; self.scale.len()];
        let mut before = f64::INFINITY;
        for round in 1..=10 {
            if damping == 0.0 {
                damping = (0.001 * upper).max(f64::MIN_POSITIVE);
            }
            let Some((found, length, slope)) = self.solve(normal, damping) else {
                damping = (10.0 * damping).max(0.001 * upper);
                continue;
            };
            step = found;
            let excess = length - self.radius;
            let is_close = excess.abs() <= 0.1 * self.radius;
            if is_close || (lower == 0.0 && excess <= before && before < 0.0) || round == 10 {
                break;
            }
            before = excess;
            if excess > 0.0 {
                lower = lower.max(damping);
            } else {
                upper = upper.min(damping);
            }
            damping = lower.max(damping + excess / self.radius / slope);
        }
        self.damping = damping;
        step
    }

    /// The damped step, its length, and how fast the length falls with the damping; `None` where the system is singular.
    fn solve(&mut self, normal: &Normal, damping: f64) -> Option<(Vec<f64>, f64, f64)> {
        let scale = &self.scale;
        if !self.system.factor(&normal.matrix, |i| damping * scale[i] * scale[i]) {
            return None;
        }
        let mut step = normal.gradient.clone();
        self.system.solve(&mut step);
        let length = self.length(&step);
        let mut direction: Vec<f64> = step.iter().zip(&self.scale).map(|(s, d)| d * d * s / length).collect();
        self.system.solve_lower(&mut direction);
        let slope = direction.iter().map(|v| v * v).sum::<f64>();
        (length.is_finite() && slope > 0.0).then_some((step, length, slope))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fit::problem::tests::Valley;

    #[test]
    fn the_valley_is_walked_to_its_end() {
        let found = levenberg_marquardt(&mut Valley, &[-1.2, 1.0], 1e-12).unwrap();
        assert!((found.params[0] - 1.0).abs() < 1e-9 && (found.params[1] - 1.0).abs() < 1e-9, "{found:?}");
        assert!(found.evaluations < 60, "{found:?}");
    }

    #[test]
    fn an_undefined_start_is_refused() {
        assert!(levenberg_marquardt(&mut Valley, &[f64::NAN, 0.0], 1e-8).is_err());
    }
}

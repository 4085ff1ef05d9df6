//! A trust region that is reflected at bounds.

use super::cholesky::Cholesky;
use super::problem::{Bounds, LeastSquares, Minimum, Normal, dot, form, norm};
use crate::{Error, Result};

/// Evaluations after which a search is given up.
const MOST_EVALUATIONS: usize = 5000;

/// A local minimum of a sum of squares within bounds, from a start.
///
/// Branch, Coleman & Li 1999, <https://doi.org/10.1137/S1064827595289108>: parameters are scaled by the root of their distance to
/// the bound that the gradient points to, so that steps bend away from it; a step that meets a bound is compared with its
/// reflection and with steepest descent. Choices are those of SciPy's `least_squares(method="trf")`, and so is the end: a step
/// that lowers the cost by less than `tolerance` (relative) though as predicted, moves the parameters by less, or a scaled
/// gradient below it.
///
/// # Errors
/// [`Error::Invalid`] for bounds that do not ascend, or a start at which the cost is not finite; [`Error::NotConverged`] after
/// 5000 evaluations.
///
/// ```
/// use dosewave_numerics::fit::{Bounds, LeastSquares, Normal, trust_region_reflective};
/// /// the number nearest to 3
/// struct Three;
/// impl LeastSquares for Three {
///     fn cost(&mut self, p: &[f64]) -> f64 {
///         (3.0 - p[0]).powi(2)
///     }
///     fn normal(&mut self, p: &[f64], normal: &mut Normal) {
///         normal.matrix[0] += 1.0;
///         normal.gradient[0] += 3.0 - p[0];
///     }
/// }
/// let bounds = Bounds { low: vec![0.0], high: vec![2.0] };
/// let found = trust_region_reflective(&mut Three, &[1.0], &bounds, 1e-8).unwrap();
/// assert!((found.params[0] - 2.0).abs() < 1e-6 && found.params[0] < 2.0);
/// ```
pub fn trust_region_reflective(
    problem: &mut impl LeastSquares,
    start: &[f64],
    bounds: &Bounds,
    tolerance: f64,
) -> Result<Minimum> {
    let n = start.len();
    if let Some(i) =
        (0..n).find(|&i| bounds.high[i].partial_cmp(&bounds.low[i]) != Some(std::cmp::Ordering::Greater))
    {
        return Err(Error::Invalid {
            parameter: "bounds of a least-squares fit",
            value: format!("[{}, {}]", bounds.low[i], bounds.high[i]),
            allowed: "a lower end below the upper one".into(),
        });
    }
    let mut at = inside(start, bounds, 1e-10);
    let mut cost = 0.5 * problem.cost(&at);
    if !cost.is_finite() {
        return Err(Error::Invalid {
            parameter: "start of a least-squares fit",
            value: format!("{start:?}"),
            allowed: "parameters at which the model is defined".into(),
        });
    }
    let mut normal = Normal::new(n);
    normal.fill(problem, &at);
    let mut local = Local::new(n);
    local.scale(&at, &normal, bounds);
    let mut radius = norm(&(0..n).map(|i| at[i] / local.distance[i].sqrt()).collect::<Vec<_>>());
    if radius == 0.0 {
        radius = 1.0;
    }
    let (mut multiplier, mut evaluations) = (0.0, 1);
    loop {
        local.scale(&at, &normal, bounds);
        if local.steepness() < tolerance {
            return Ok(Minimum { params: at, cost: 2.0 * cost, evaluations });
        }
        loop {
            let newton = local.step_within(radius, &mut multiplier);
            let step = local.bent(&at, newton, radius, bounds);
            let trial =
                inside(&at.iter().zip(&step.natural).map(|(a, s)| a + s).collect::<Vec<_>>(), bounds, 0.0);
            let found = 0.5 * problem.cost(&trial);
            evaluations += 1;
            let length = norm(&step.scaled);
            if found.is_finite() {
                let gain = cost - found;
                let ratio = ratio(gain, step.predicted);
                let before = radius;
                if ratio < 0.25 {
                    radius = 0.25 * length;
                } else if ratio > 0.75 && length > 0.95 * radius {
                    radius *= 2.0;
                }
                let is_flat = gain < tolerance * cost && ratio > 0.25;
                let is_short = norm(&step.natural) < tolerance * (tolerance + norm(&at));
                if gain > 0.0 {
                    at = trial;
                    cost = found;
                }
                if is_flat || is_short {
                    return Ok(Minimum { params: at, cost: 2.0 * cost, evaluations });
                }
                multiplier *= before / radius;
                if gain > 0.0 {
                    break;
                }
            } else {
                radius = 0.25 * length;
            }
            if evaluations >= MOST_EVALUATIONS {
                return Err(Error::NotConverged {
                    what: "least-squares fit within bounds",
                    iterations: evaluations,
                });
            }
        }
        normal.fill(problem, &at);
    }
}

fn ratio(gain: f64, predicted: f64) -> f64 {
    if predicted > 0.0 {
        gain / predicted
    } else if predicted == 0.0 && gain == 0.0 {
        1.0
    } else {
        0.0
    }
}

/// A point strictly inside: what lies on a bound or beyond is put `share` of its size inside, or next to it.
fn inside(at: &[f64], bounds: &Bounds, share: f64) -> Vec<f64> {
    let put = |i: usize| {
        let (low, high, x) = (bounds.low[i], bounds.high[i], at[i]);
        let slack = |end: f64| share * end.abs().max(1.0);
        let put = if x - low <= (high - x).min(slack(low)) && low.is_finite() {
            if share > 0.0 { low + slack(low) } else { low.next_up() }
        } else if high - x <= (x - low).min(slack(high)) && high.is_finite() {
            if share > 0.0 { high - slack(high) } else { high.next_down() }
        } else {
            x
        };
        if put < low || put > high { 0.5 * (low + high) } else { put }
    };
    (0..at.len()).map(put).collect()
}

/// A step in the parameters and in scaled ones, with the reduction that the quadratic model predicts.
struct Step {
    natural: Vec<f64>,
    scaled: Vec<f64>,
    predicted: f64,
}

/// The quadratic model around a point, in scaled parameters.
struct Local {
    /// Distance to the bound that the descent points to; 1 where there is none.
    distance: Vec<f64>,
    /// Square roots of the distances.
    scale: Vec<f64>,
    /// Gradient of the cost.
    gradient: Vec<f64>,
    scaled_gradient: Vec<f64>,
    /// Second derivatives of the model, with the part of the bounds on the diagonal.
    hessian: Vec<f64>,
    system: Cholesky,
    /// How far trial steps keep from a bound.
    keep: f64,
}

impl Local {
    fn new(n: usize) -> Self {
        Self {
            distance: vec![1.0; n],
            scale: vec![1.0; n],
            gradient: vec![0.0; n],
            scaled_gradient: vec![0.0; n],
            hessian: vec![0.0; n * n],
            system: Cholesky::new(n),
            keep: 0.995,
        }
    }

    fn scale(&mut self, at: &[f64], normal: &Normal, bounds: &Bounds) {
        let n = at.len();
        let mut bend = vec![0.0; n];
        for i in 0..n {
            let slope = -normal.gradient[i];
            self.gradient[i] = slope;
            (self.distance[i], bend[i]) = if slope < 0.0 && bounds.high[i].is_finite() {
                (bounds.high[i] - at[i], -slope)
            } else if slope > 0.0 && bounds.low[i].is_finite() {
                (at[i] - bounds.low[i], slope)
            } else {
                (1.0, 0.0)
            };
            self.scale[i] = self.distance[i].sqrt();
            self.scaled_gradient[i] = self.scale[i] * slope;
        }
        for i in 0..n {
            for k in 0..n {
                self.hessian[i * n + k] = self.scale[i] * normal.matrix[i * n + k] * self.scale[k];
            }
        }
        for (i, bend) in bend.iter().enumerate() {
            self.hessian[i * n + i] += bend;
        }
        self.keep = (1.0 - self.steepness()).max(0.995);
    }

    /// Largest component of the gradient times the distance to its bound.
    fn steepness(&self) -> f64 {
        self.gradient.iter().zip(&self.distance).map(|(g, d)| (g * d).abs()).fold(0.0, f64::max)
    }

    /// The minimum of the quadratic model within `radius`, scaled; `multiplier` is kept for the next time.
    fn step_within(&mut self, radius: f64, multiplier: &mut f64) -> Vec<f64> {
        let newton = self.solve(0.0);
        let mut lower = 0.0;
        if let Some((step, length, slope)) = newton.clone() {
            if length <= radius {
                *multiplier = 0.0;
                return step;
            }
            lower = (length - radius) / slope;
        }
        let mut upper = norm(&self.scaled_gradient) / radius;
        let middle = |lower: f64, upper: f64| (0.001 * upper).max((lower * upper).sqrt());
        if newton.is_none() && *multiplier == 0.0 {
            *multiplier = middle(lower, upper);
        }
        for _ in 0..10 {
            if *multiplier < lower || *multiplier > upper {
                *multiplier = middle(lower, upper);
            }
            let Some((_, length, slope)) = self.solve(*multiplier) else {
                lower = lower.max(*multiplier);
                *multiplier = middle(lower, upper);
                continue;
            };
            let excess = length - radius;
            if excess < 0.0 {
                upper = *multiplier;
            }
            let newton = -excess / slope;
            lower = lower.max(*multiplier - newton);
            *multiplier -= (excess + radius) * newton / radius;
            if excess.abs() < 0.01 * radius {
                break;
            }
        }
        match self.solve(*multiplier) {
            Some((step, length, _)) => step.iter().map(|s| s * radius / length).collect(),
            None => self.scaled_gradient.iter().map(|g| -g * radius / norm(&self.scaled_gradient)).collect(),
        }
    }

    /// The step for a multiplier, its length, and how fast the length falls with it.
    fn solve(&mut self, multiplier: f64) -> Option<(Vec<f64>, f64, f64)> {
        if !self.system.factor(&self.hessian, |_| multiplier) {
            return None;
        }
        let mut step: Vec<f64> = self.scaled_gradient.iter().map(|g| -g).collect();
        self.system.solve(&mut step);
        let length = norm(&step);
        let mut direction = step.clone();
        self.system.solve_lower(&mut direction);
        let slope = dot(&direction, &direction) / length;
        (length > 0.0 && length.is_finite()).then_some((step, length, slope))
    }

    /// The quadratic model's value at a scaled step.
    fn value(&self, step: &[f64]) -> f64 {
        0.5 * form(step, &self.hessian, step) + dot(&self.scaled_gradient, step)
    }

    fn natural(&self, scaled: &[f64]) -> Vec<f64> {
        scaled.iter().zip(&self.scale).map(|(s, d)| s * d).collect()
    }

    fn of_scaled(&self, scaled: Vec<f64>) -> Step {
        Step { natural: self.natural(&scaled), predicted: -self.value(&scaled), scaled }
    }

    /// The step itself where it stays inside; else the best of it cut short, its reflection and steepest descent.
    fn bent(&self, at: &[f64], scaled: Vec<f64>, radius: f64, bounds: &Bounds) -> Step {
        let natural = self.natural(&scaled);
        let (to_bound, hits) = reach(at, &natural, bounds);
        // what rounding keeps inside is inside: a parameter next to its bound must not stop the others
        let is_inside = |i: usize| (bounds.low[i]..=bounds.high[i]).contains(&(at[i] + natural[i]));
        if (0..at.len()).all(is_inside) {
            return self.of_scaled(scaled);
        }
        let cut: Vec<f64> = scaled.iter().map(|s| s * to_bound).collect();
        let shortened = self.of_scaled(cut.iter().map(|s| s * self.keep).collect());
        let mut best = self.descent(at, radius, bounds);
        if shortened.predicted >= best.predicted {
            best = shortened;
        }
        match self.reflected(at, (&scaled, &hits), (&cut, to_bound), radius, bounds) {
            Some(reflected) if reflected.predicted > best.predicted => reflected,
            _ => best,
        }
    }

    fn reflected(
        &self,
        at: &[f64],
        (scaled, hits): (&[f64], &[bool]),
        (cut, stride): (&[f64], f64),
        radius: f64,
        bounds: &Bounds,
    ) -> Option<Step> {
        let mirrored: Vec<f64> = scaled.iter().zip(hits).map(|(s, hit)| if *hit { -s } else { *s }).collect();
        let on_bound: Vec<f64> = at.iter().zip(self.natural(cut)).map(|(a, s)| a + s).collect();
        let to_edge = to_sphere(cut, &mirrored, radius)?;
        let (to_bound, _) = reach(&on_bound, &self.natural(&mirrored), bounds);
        let furthest = to_bound.min(to_edge);
        if furthest <= 0.0 {
            return None;
        }
        let least = (1.0 - self.keep) * stride / furthest;
        let most = if to_bound <= to_edge { self.keep * to_bound } else { to_edge };
        if least > most {
            return None;
        }
        let curvature = 0.5 * form(&mirrored, &self.hessian, &mirrored);
        let slope = dot(&self.scaled_gradient, &mirrored) + form(cut, &self.hessian, &mirrored);
        let length = lowest_between(curvature, slope, least, most);
        Some(self.of_scaled(cut.iter().zip(&mirrored).map(|(c, m)| c + length * m).collect()))
    }

    fn descent(&self, at: &[f64], radius: f64, bounds: &Bounds) -> Step {
        let downhill: Vec<f64> = self.scaled_gradient.iter().map(|g| -g).collect();
        let to_edge = radius / norm(&downhill);
        let (to_bound, _) = reach(at, &self.natural(&downhill), bounds);
        let most = if to_bound < to_edge { self.keep * to_bound } else { to_edge };
        let curvature = 0.5 * form(&downhill, &self.hessian, &downhill);
        let length = lowest_between(curvature, dot(&self.scaled_gradient, &downhill), 0.0, most);
        self.of_scaled(downhill.iter().map(|s| s * length).collect())
    }
}

/// How many times a step may be taken before a bound is met, and which parameters meet one then.
fn reach(at: &[f64], step: &[f64], bounds: &Bounds) -> (f64, Vec<bool>) {
    let to_bound = |i: usize| match step[i] {
        s if s > 0.0 => (bounds.high[i] - at[i]) / s,
        s if s < 0.0 => (bounds.low[i] - at[i]) / s,
        _ => f64::INFINITY,
    };
    let all: Vec<f64> = (0..at.len()).map(to_bound).collect();
    let nearest = all.iter().copied().fold(f64::INFINITY, f64::min);
    (nearest, all.iter().map(|distance| *distance == nearest).collect())
}

/// How far one may go from a point inside a sphere in a direction.
fn to_sphere(from: &[f64], direction: &[f64], radius: f64) -> Option<f64> {
    let (a, b) = (dot(direction, direction), dot(from, direction));
    let c = dot(from, from) - radius * radius;
    if a == 0.0 || c > 0.0 {
        return None;
    }
    let root = (b * b - a * c).sqrt();
    // the form without cancellation
    Some(if b <= 0.0 { (root - b) / a } else { -c / (b + root) })
}

/// Where `curvature t² + slope t` is lowest between two ends.
fn lowest_between(curvature: f64, slope: f64, low: f64, high: f64) -> f64 {
    let value = |t: f64| t * (curvature * t + slope);
    let mut best = if value(low) <= value(high) { low } else { high };
    if curvature != 0.0 {
        let vertex = -0.5 * slope / curvature;
        if vertex > low && vertex < high && value(vertex) < value(best) {
            best = vertex;
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fit::problem::tests::Valley;

    #[test]
    fn the_valley_is_walked_to_its_end_and_bounds_hold() {
        let wide = Bounds { low: vec![-5.0; 2], high: vec![5.0; 2] };
        let found = trust_region_reflective(&mut Valley, &[-1.2, 1.0], &wide, 1e-12).unwrap();
        assert!((found.params[0] - 1.0).abs() < 1e-6 && (found.params[1] - 1.0).abs() < 1e-6, "{found:?}");
        let narrow = Bounds { low: vec![-2.0, -2.0], high: vec![0.5, 2.0] };
        let found = trust_region_reflective(&mut Valley, &[-1.2, 1.0], &narrow, 1e-12).unwrap();
        // on x = 0.5 the best y is x²
        assert!((found.params[0] - 0.5).abs() < 1e-6 && (found.params[1] - 0.25).abs() < 1e-5, "{found:?}");
        assert!(found.params[0] < 0.5 && (found.cost - 0.25).abs() < 1e-5);
    }

    #[test]
    fn points_on_bounds_are_put_inside() {
        let bounds = Bounds { low: vec![0.0, 1.0], high: vec![f64::INFINITY, 2.0] };
        assert_eq!(inside(&[0.0, 2.0], &bounds, 1e-10), [1e-10, 2.0 - 2e-10]);
        let strictly = inside(&[-1.0, 1.5], &bounds, 0.0);
        assert!(strictly[0] > 0.0 && strictly[0] < 1e-300 && strictly[1] == 1.5);
    }

    #[test]
    fn bounds_that_do_not_ascend_are_refused() {
        let bounds = Bounds { low: vec![0.0, 1.0], high: vec![1.0, 1.0] };
        assert!(trust_region_reflective(&mut Valley, &[0.5, 1.0], &bounds, 1e-8).is_err());
    }
}

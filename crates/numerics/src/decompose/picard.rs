//! Picard under an orthogonal constraint: L-BFGS on rotations, preconditioned by the Hessian of independent sources
//! (Ablin, Cardoso & Gramfort 2018, 10.1109/TSP.2018.2844203, and for the constraint 10.1109/ICASSP.2018.8461662).

use super::blocks::WhiteBlocks;
use super::point::{Fit, Point, Stop};
use faer::linalg::solvers::Solve;
use ndarray::Array2;
use std::collections::VecDeque;

/// Steps that the search remembers.
const MEMORY: usize = 7;
/// Curvatures below are taken for this: two normal sources have none.
const SMALLEST_CURVATURE: f64 = 0.01;
/// Times that a step is halved.
const MAX_HALVINGS: usize = 10;
/// The loss per component is not known better than this.
const LOSS_ROUNDING: f64 = 1e-14;

/// From `rotation` to where the gradient is small, or no step along it lowers the loss.
pub(super) fn picard(
    blocks: &WhiteBlocks,
    stride: usize,
    rotation: Array2<f64>,
    stop: Stop,
    extended: bool,
) -> Fit {
    let mut point = Point::new(blocks, stride, rotation, extended);
    let mut memory = Memory::default();
    let mut n_iter = 0;
    while point.largest_gradient() > stop.tolerance && n_iter < stop.max_iter {
        n_iter += 1;
        let gradient = point.gradient();
        let direction = memory.direction(&gradient, &point.hessian(SMALLEST_CURVATURE));
        let evaluate = |rotation| Point::new(blocks, stride, rotation, extended);
        match line_search(&point, &direction, evaluate) {
            Some((next, step)) => {
                if next.signs == point.signs {
                    memory.push(step, next.gradient() - gradient);
                } else {
                    // another loss: what was learnt about the old one does not hold
                    memory.steps.clear();
                }
                point = next;
            }
            None if memory.steps.is_empty() => break,
            None => memory.steps.clear(),
        }
    }
    Fit { gradient: point.largest_gradient(), rotation: point.rotation, n_iter }
}

/// The first of the steps 1, 1/2, 1/4, … that does not raise the loss.
fn line_search(
    from: &Point,
    direction: &Array2<f64>,
    evaluate: impl Fn(Array2<f64>) -> Point,
) -> Option<(Point, Array2<f64>)> {
    let ceiling = from.loss(&from.signs) + LOSS_ROUNDING * from.signs.len() as f64;
    (0..MAX_HALVINGS).find_map(|halvings| {
        let step = direction * 0.5_f64.powi(halvings as i32);
        let next = evaluate(rotated(&from.rotation, &step));
        (next.loss(&from.signs) <= ceiling).then_some((next, step))
    })
}

/// `(I − E/2)⁻¹ (I + E/2) · rotation`: for antisymmetric E a rotation, and exp(E) up to third order (Cayley).
fn rotated(rotation: &Array2<f64>, e: &Array2<f64>) -> Array2<f64> {
    let n = e.nrows();
    let identity = |i, j| f64::from(u8::from(i == j));
    let left = faer::Mat::from_fn(n, n, |i, j| identity(i, j) - 0.5 * e[[i, j]]);
    let plus = Array2::from_shape_fn((n, n), |(i, j)| identity(i, j) + 0.5 * e[[i, j]]).dot(rotation);
    let right = faer::Mat::from_fn(n, n, |i, j| plus[[i, j]]);
    let solved = left.partial_piv_lu().solve(&right);
    Array2::from_shape_fn((n, n), |(i, j)| solved[(i, j)])
}

/// Past steps and the changes of the gradient along them.
#[derive(Default)]
struct Memory {
    steps: VecDeque<(Array2<f64>, Array2<f64>)>,
}

impl Memory {
    /// Keeps a step along which the loss bends upwards.
    fn push(&mut self, step: Array2<f64>, change: Array2<f64>) {
        if inner(&step, &change) <= 0.0 {
            return;
        }
        if self.steps.len() == MEMORY {
            self.steps.pop_front();
        }
        self.steps.push_back((step, change));
    }

    /// Minus the inverse Hessian times the gradient: the two loops of L-BFGS (Nocedal 1980,
    /// 10.1090/S0025-5718-1980-0572855-7) around the preconditioner.
    fn direction(&self, gradient: &Array2<f64>, hessian: &Array2<f64>) -> Array2<f64> {
        let mut q = gradient.clone();
        let mut weights = Vec::with_capacity(self.steps.len());
        for (step, change) in self.steps.iter().rev() {
            let weight = inner(step, &q) / inner(step, change);
            q.scaled_add(-weight, change);
            weights.push(weight);
        }
        let mut z = q / hessian;
        for ((step, change), weight) in self.steps.iter().zip(weights.iter().rev()) {
            let other = inner(change, &z) / inner(step, change);
            z.scaled_add(weight - other, step);
        }
        -z
    }
}

fn inner(a: &Array2<f64>, b: &Array2<f64>) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::Stream;

    fn antisymmetric(stream: &mut Stream, n: usize) -> Array2<f64> {
        let any = Array2::from_shape_fn((n, n), |_| stream.normal());
        (&any - &any.t()) * 0.5
    }

    #[test]
    fn steps_stay_on_rotations() {
        let mut stream = Stream::new(1, 0);
        let mut rotation = Array2::eye(8);
        for _ in 0..50 {
            rotation = rotated(&rotation, &antisymmetric(&mut stream, 8));
        }
        assert!((rotation.dot(&rotation.t()) - Array2::<f64>::eye(8)).iter().all(|d| d.abs() < 1e-12));
        let small = antisymmetric(&mut stream, 8) * 1e-4;
        let change = rotated(&Array2::eye(8), &small) - Array2::<f64>::eye(8);
        assert!((&change - &small).iter().all(|d| d.abs() < 1e-6));
    }

    /// On a quadratic `½ Σ h eᵢⱼ²` with a preconditioner that is off by a constant factor, two remembered steps set it
    /// right along them; without memory the step is Newton's.
    #[test]
    fn directions_are_those_of_the_remembered_curvature() {
        let mut stream = Stream::new(2, 0);
        let (gradient, step) = (antisymmetric(&mut stream, 4), antisymmetric(&mut stream, 4));
        let hessian = Array2::from_elem((4, 4), 2.0);
        let mut memory = Memory::default();
        assert_eq!(memory.direction(&gradient, &hessian), &gradient / -2.0);
        memory.push(step.clone(), &step * -1.0);
        assert!(memory.steps.is_empty(), "downward curvature is not kept");
        memory.push(step.clone(), &step * 5.0);
        // the secant equation: the inverse Hessian takes the change of the gradient to the step
        let found = memory.direction(&(&step * 5.0), &hessian);
        assert!((&found + &step).iter().all(|d| d.abs() < 1e-12));
    }
}

//! Random numbers that are the same whatever thread draws them.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// One stream of a seeded ChaCha8 generator (Bernstein 2008). Each task draws from a stream of its own, so results
/// depend on neither the number nor the order of threads. All algorithms are written here and frozen.
///
/// ```
/// use dosewave_numerics::stats::Stream;
/// let (mut a, mut b) = (Stream::new(1, 7), Stream::new(1, 7));
/// assert_eq!(a.uniform(), b.uniform());
/// assert_ne!(Stream::new(1, 8).uniform(), Stream::new(1, 7).uniform());
/// ```
#[derive(Clone, Debug)]
pub struct Stream {
    rng: ChaCha8Rng,
    spare_normal: Option<f64>,
}

impl Stream {
    /// Stream number `stream` of `seed`.
    #[must_use]
    pub fn new(seed: u64, stream: u64) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        rng.set_stream(stream);
        Self { rng, spare_normal: None }
    }

    /// Uniform in `[0, 1)`, 53 bits.
    pub fn uniform(&mut self) -> f64 {
        (self.rng.next_u64() >> 11) as f64 * (1.0 / (1_u64 << 53) as f64)
    }

    /// Standard normal, by Box and Muller (1958, 10.1214/aoms/1177706645).
    pub fn normal(&mut self) -> f64 {
        if let Some(spare) = self.spare_normal.take() {
            return spare;
        }
        let radius = (-2.0 * (1.0 - self.uniform()).ln()).sqrt();
        let (sin, cos) = (2.0 * std::f64::consts::PI * self.uniform()).sin_cos();
        self.spare_normal = Some(radius * sin);
        radius * cos
    }

    /// An integer in `0..n`, each equally likely; 0 when `n` is 0.
    pub fn below(&mut self, n: usize) -> usize {
        let n = n as u64;
        if n == 0 {
            return 0;
        }
        // numbers of the last, incomplete round are drawn again
        let limit = u64::MAX - u64::MAX % n;
        loop {
            let draw = self.rng.next_u64();
            if draw < limit {
                return (draw % n) as usize;
            }
        }
    }

    /// Shuffles in place (Fisher and Yates).
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            let other = self.below(last + 1);
            items.swap(last, other);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_of_the_normal() {
        let mut stream = Stream::new(3, 0);
        let x: Vec<f64> = (0..40_000).map(|_| stream.normal()).collect();
        let moment = |k: i32| x.iter().map(|v| v.powi(k)).sum::<f64>() / x.len() as f64;
        assert!(moment(1).abs() < 0.02 && (moment(2) - 1.0).abs() < 0.03);
        assert!(moment(3).abs() < 0.06 && (moment(4) - 3.0).abs() < 0.15);
    }

    #[test]
    fn integers_and_shuffles_are_even() {
        let mut stream = Stream::new(5, 1);
        let mut counts = [0_u32; 7];
        let mut firsts = [0_u32; 5];
        for _ in 0..14_000 {
            counts[stream.below(7)] += 1;
            let mut items = [0, 1, 2, 3, 4];
            stream.shuffle(&mut items);
            firsts[items[0]] += 1;
        }
        assert!(counts.iter().all(|c| c.abs_diff(2000) < 200), "{counts:?}");
        assert!(firsts.iter().all(|c| c.abs_diff(2800) < 250), "{firsts:?}");
    }
}

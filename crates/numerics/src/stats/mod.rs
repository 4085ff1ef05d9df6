//! Statistics.
use crate::Result;
/// Seeded stream `k` of ChaCha8: the same numbers whatever the thread.
#[derive(Clone, Debug)]
pub struct Stream;
impl Stream {
    pub fn new(seed: u64, stream: u64) -> Self { todo!() }
    /// Uniform in [0, 1).
    pub fn uniform(&mut self) -> f64 { todo!() }
    /// Standard normal.
    pub fn normal(&mut self) -> f64 { todo!() }
    /// Unbiased integer in 0..n.
    pub fn below(&mut self, n: usize) -> usize { todo!() }
    /// Fisher–Yates.
    pub fn shuffle<T>(&mut self, items: &mut [T]) { todo!() }
}
/// Median (mean of the two middle values), of a non-empty slice.
pub fn median(values: &[f64]) -> Option<f64> { todo!() }
/// Median of values each present `counts[i]` times.
pub fn weighted_median(values: &[f64], counts: &[u32]) -> Option<f64> { todo!() }
/// Quantile, linear interpolation (type 7).
pub fn quantile(values: &[f64], q: f64) -> Option<f64> { todo!() }
pub fn mean(values: &[f64]) -> Option<f64> { todo!() }
/// Sample standard deviation (n − 1).
pub fn sd(values: &[f64]) -> Option<f64> { todo!() }
/// How often each of `n` units is drawn in a bootstrap sample of size `n`.
pub fn bootstrap_counts(n: usize, stream: &mut Stream) -> Vec<u32> { todo!() }
/// One-sample sign-flip permutation test of mean ≠ 0, two-sided, exact when 2^n ≤ 2^14 else `n_permutations` draws; p includes the observed.
pub fn sign_flip_test(values: &[f64], n_permutations: usize, seed: u64) -> Result<f64> { todo!() }
/// Mean with its two-sided t interval.
pub fn t_interval(values: &[f64], confidence: f64) -> Result<(f64, f64, f64)> { todo!() }
/// Hedges-corrected d_z = J·mean/sd, J = 1 − 3/(4·df − 1).
pub fn hedges_dz(values: &[f64]) -> Option<f64> { todo!() }
/// Benjamini–Hochberg adjusted p-values.
pub fn fdr_bh(p: &[f64]) -> Vec<f64> { todo!() }
/// Holm adjusted p-values.
pub fn holm(p: &[f64]) -> Vec<f64> { todo!() }

//! Weights of tapers that follow the spectrum.

use ndarray::ArrayView1;
use std::f64::consts::PI;

/// Thomson's adaptive weights (Percival & Walden 1993, section 7.4): `d_k = √λ_k S / (λ_k S + (1 − λ_k) σ²)`, iterated
/// with `S = 2 Σ d_k² |X_k|² / Σ d_k²` until no weight moves by more than 1e-5 (root mean square over tapers).
pub(super) fn adaptive_psd(powers: &[f64], eigenvalues: ArrayView1<'_, f64>) -> Vec<f64> {
    let n_tapers = eigenvalues.len();
    let n_freqs = powers.len() / n_tapers;
    let weighted = |weights: &dyn Fn(usize, usize) -> f64, tapers: usize| -> Vec<f64> {
        (0..n_freqs)
            .map(|f| {
                let (mut sum, mut total) = (0.0, 0.0);
                for k in 0..tapers {
                    let w = weights(k, f);
                    sum += w * powers[k * n_freqs + f];
                    total += w;
                }
                if total > 0.0 { 2.0 * sum / total } else { 0.0 }
            })
            .collect()
    };
    let fixed = weighted(&|k, _| eigenvalues[k], n_tapers);
    let inner: f64 = fixed.windows(2).map(|w| 0.5 * (w[0] + w[1])).sum();
    let variance = inner * (PI / n_freqs as f64) / (2.0 * PI);
    let mut psd = weighted(&|k, _| eigenvalues[k], 2.min(n_tapers));
    // from zero no weight would ever rise
    psd.iter_mut().zip(&fixed).filter(|(p, _)| **p == 0.0).for_each(|(p, all)| *p = *all);
    let mut previous = vec![0.0; powers.len()];
    for _ in 0..250 {
        let mut weights = vec![0.0; powers.len()];
        let mut largest_move = 0.0_f64;
        for f in 0..n_freqs {
            let mut moved = 0.0;
            for k in 0..n_tapers {
                let lambda = eigenvalues[k];
                // a bin without power has nothing to weight: 0 / 0 must not come out
                let d = if psd[f] > 0.0 {
                    lambda.sqrt() * psd[f] / (lambda * psd[f] + (1.0 - lambda) * variance)
                } else {
                    0.0
                };
                moved += (d - previous[k * n_freqs + f]).powi(2);
                weights[k * n_freqs + f] = d;
            }
            largest_move = largest_move.max(moved / n_tapers as f64);
        }
        if largest_move < 1e-10 {
            break;
        }
        psd = weighted(&|k, f| weights[k * n_freqs + f].powi(2), n_tapers);
        previous = weights;
    }
    psd
}

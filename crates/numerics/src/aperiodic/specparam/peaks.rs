//! Finding the peaks of a flattened spectrum.

use super::gaussians::{Gaussian, fit_together};
use super::settings::{SpecparamSettings, TOLERANCE};
use crate::Result;
use crate::fit::Bounds;

/// Full width at half maximum of a Gaussian of standard deviation 1: `2 √(2 ln 2)`.
const FWHM: f64 = 2.354_820_045_030_949_3;

/// The peaks of a flattened spectrum, in ascending order of frequency.
pub(super) fn find(freqs_hz: &[f64], flat: &[f64], settings: &SpecparamSettings) -> Result<Vec<Gaussian>> {
    let edges = [freqs_hz[0], freqs_hz[freqs_hz.len() - 1]];
    let mut guesses = guesses(freqs_hz, flat, settings);
    guesses.retain(|g| edges.iter().all(|edge| (g.mean_hz - edge).abs() > settings.bw_std_edge * g.sd_hz));
    let guesses = without_overlap(guesses, settings.gauss_overlap_thresh);
    if guesses.is_empty() {
        return Ok(guesses);
    }
    let mut found = fit_together(freqs_hz, flat, &guesses, &bounds(&guesses, edges, settings), TOLERANCE)?;
    found.sort_by(|a, b| a.mean_hz.total_cmp(&b.mean_hz));
    Ok(found)
}

/// One Gaussian after the other at the highest bin of what is left, until it is too low.
fn guesses(freqs_hz: &[f64], flat: &[f64], settings: &SpecparamSettings) -> Vec<Gaussian> {
    let mut left = flat.to_vec();
    let mut found: Vec<Gaussian> = Vec::new();
    // as many peaks as bins explain anything
    let most = settings.max_n_peaks.unwrap_or(usize::MAX).min(flat.len());
    while found.len() < most {
        let at = highest(&left);
        let height = left[at];
        if height <= settings.peak_threshold * population_sd(&left) || height <= settings.min_peak_height {
            break;
        }
        let [narrow, wide] = settings.peak_width_limits;
        // a peak that never falls to its half, like one that is too wide, is taken for a narrow one: specparam's rule
        let sd_hz = width_at_half(freqs_hz, &left, at)
            .map_or(narrow / 2.0, |fwhm| if fwhm / FWHM > wide / 2.0 { narrow / 2.0 } else { fwhm / FWHM });
        let guess = Gaussian { mean_hz: freqs_hz[at], height, sd_hz: sd_hz.max(narrow / 2.0) };
        guess.subtract_from(freqs_hz, &mut left);
        found.push(guess);
    }
    found
}

/// The first of the highest bins.
fn highest(values: &[f64]) -> usize {
    (1..values.len()).fold(0, |best, i| if values[i] > values[best] { i } else { best })
}

/// Twice the distance to the nearest bin at or below half the height; the first bin does not count.
fn width_at_half(freqs_hz: &[f64], flat: &[f64], at: usize) -> Option<f64> {
    let half = 0.5 * flat[at];
    let left = (1..at).rev().find(|&i| flat[i] <= half).map(|i| freqs_hz[at] - freqs_hz[i]);
    let right = (at + 1..flat.len()).find(|&i| flat[i] <= half).map(|i| freqs_hz[i] - freqs_hz[at]);
    match (left, right) {
        (Some(left), Some(right)) => Some(2.0 * left.min(right)),
        (one, other) => one.or(other).map(|distance| 2.0 * distance),
    }
}

fn population_sd(values: &[f64]) -> f64 {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    (values.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>() / n).sqrt()
}

/// Of neighbours whose cores overlap the lower one goes.
fn without_overlap(mut guesses: Vec<Gaussian>, core: f64) -> Vec<Gaussian> {
    guesses.sort_by(|a, b| a.mean_hz.total_cmp(&b.mean_hz));
    let mut kept = vec![true; guesses.len()];
    for i in 1..guesses.len() {
        let (a, b) = (&guesses[i - 1], &guesses[i]);
        if a.mean_hz + core * a.sd_hz > b.mean_hz - core * b.sd_hz {
            kept[if a.height <= b.height { i - 1 } else { i }] = false;
        }
    }
    guesses.into_iter().zip(kept).filter(|(_, kept)| *kept).map(|(guess, _)| guess).collect()
}

fn bounds(guesses: &[Gaussian], edges: [f64; 2], settings: &SpecparamSettings) -> Bounds {
    let mut bounds = Bounds { low: Vec::new(), high: Vec::new() };
    let [narrow, wide] = settings.peak_width_limits;
    for guess in guesses {
        let reach = 2.0 * settings.cf_bound * guess.sd_hz;
        bounds.low.extend([(guess.mean_hz - reach).max(edges[0]), 0.0, narrow / 2.0]);
        bounds.high.extend([(guess.mean_hz + reach).min(edges[1]), f64::INFINITY, wide / 2.0]);
    }
    bounds
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_width_is_that_of_the_shorter_side() {
        let freqs: Vec<f64> = (0..9).map(|k| 0.5 * f64::from(k)).collect();
        let flat = [0.0, 0.1, 0.6, 0.8, 1.0, 0.9, 0.8, 0.7, 0.5];
        assert_eq!(width_at_half(&freqs, &flat, 4), Some(3.0));
        assert_eq!(width_at_half(&freqs, &[1.0; 9], 4), None);
    }

    #[test]
    fn the_lower_of_two_that_overlap_goes() {
        let at = |mean_hz, height| Gaussian { mean_hz, height, sd_hz: 1.0 };
        let kept = without_overlap(vec![at(10.0, 0.5), at(11.0, 0.4), at(20.0, 0.1)], 0.75);
        assert_eq!(kept, [at(10.0, 0.5), at(20.0, 0.1)]);
    }
}

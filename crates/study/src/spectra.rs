//! Spectra of a window, per channel and over the head, with an interval.

use crate::Result;
use crate::config::Config;
use crate::inference::{FEWEST_BLOCKS, bootstrap, recentred_interval, task_id};
use crate::parallel;
use dosewave_markers::Segment;
use dosewave_numerics::stats::Stream;
use ndarray::{Array2, ArrayView1, Axis};

/// Largest number of frequencies kept of a spectrum.
const MOST_FREQS: usize = 500;
/// Bootstrap draws behind the band of a spectrum: enough for a drawn line.
const MOST_DRAWS: usize = 200;
/// Share of a low-pass up to which a spectrum is shown.
const LOW_PASS_SHARE: f64 = 0.8;

/// A spectrum without the names of its session.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct SiteSpectrum {
    pub(crate) site: String,
    pub(crate) freqs_hz: Vec<f64>,
    pub(crate) psd_uv2_hz: Vec<f64>,
    pub(crate) ci_low: Vec<f64>,
    pub(crate) ci_high: Vec<f64>,
}

/// The median spectrum over epochs: `global` (mean of channels in dB, with an interval) first, then, if `channels`, each channel.
pub(crate) fn of_segment(
    segment: &Segment,
    config: &Config,
    channels: bool,
    interval: bool,
    task: &str,
) -> Result<Vec<SiteSpectrum>> {
    let spectra = segment.spectra()?;
    let freqs: Vec<f64> = spectra.freqs_hz().to_vec();
    let keep = kept_bins(&freqs, segment.params().low_pass.map(|hz| hz.0));
    let freqs_hz: Vec<f64> = keep.iter().filter_map(|&i| freqs.get(i).copied()).collect();
    let median = spectra.median().psd_uv2_hz;
    let global: Vec<Option<f64>> =
        keep.iter().map(|&bin| mean_db(median.column(bin).iter().copied())).collect();
    let bands = if interval { global_bands(segment, &keep, &global, config, task)? } else { Vec::new() };
    let mut sites = vec![assemble(
        "global",
        &freqs_hz,
        &global.iter().map(|db| db.map(power)).collect::<Vec<_>>(),
        &bands,
    )];
    if channels {
        for (label, &row) in segment.labels().iter().zip(segment.eeg()) {
            let psd: Vec<Option<f64>> =
                keep.iter().map(|&bin| median.get((row, bin)).copied().filter(|p| *p > 0.0)).collect();
            sites.push(assemble(label, &freqs_hz, &psd, &[]));
        }
    }
    Ok(sites)
}

/// Bins above 0 Hz up to 0.8 × the low-pass, every k-th so that at most [`MOST_FREQS`] stay.
fn kept_bins(freqs: &[f64], low_pass: Option<f64>) -> Vec<usize> {
    let highest = low_pass.map_or(f64::INFINITY, |hz| LOW_PASS_SHARE * hz);
    let inside: Vec<usize> =
        (0..freqs.len()).filter(|&i| freqs.get(i).is_some_and(|f| *f > 0.0 && *f <= highest)).collect();
    let step = inside.len().div_ceil(MOST_FREQS).max(1);
    inside.into_iter().step_by(step).collect()
}

fn power(db: f64) -> f64 {
    10.0_f64.powf(db / 10.0)
}

/// Mean of the powers in dB; powers that are not positive (a flat channel) are left out.
pub(crate) fn mean_db(powers: impl Iterator<Item = f64>) -> Option<f64> {
    let db: Vec<f64> = powers.filter(|p| *p > 0.0 && p.is_finite()).map(|p| 10.0 * p.log10()).collect();
    dosewave_numerics::stats::mean(&db)
}

/// Frequencies at which the value is defined, with the interval where every one of them has one.
fn assemble(site: &str, freqs_hz: &[f64], psd: &[Option<f64>], bands: &[Option<(f64, f64)>]) -> SiteSpectrum {
    let mut spectrum = SiteSpectrum {
        site: site.to_owned(),
        freqs_hz: Vec::new(),
        psd_uv2_hz: Vec::new(),
        ci_low: Vec::new(),
        ci_high: Vec::new(),
    };
    for (i, (freq, value)) in freqs_hz.iter().zip(psd).enumerate() {
        let Some(value) = value else { continue };
        spectrum.freqs_hz.push(*freq);
        spectrum.psd_uv2_hz.push(*value);
        if let Some((low, high)) = bands.get(i).copied().flatten() {
            spectrum.ci_low.push(power(low));
            spectrum.ci_high.push(power(high));
        }
    }
    if spectrum.ci_low.len() != spectrum.freqs_hz.len() {
        spectrum.ci_low.clear();
        spectrum.ci_high.clear();
    }
    spectrum
}

/// Interval of the global spectrum in dB at each kept bin, by bootstrap over blocks.
fn global_bands(
    segment: &Segment,
    keep: &[usize],
    global: &[Option<f64>],
    config: &Config,
    task: &str,
) -> Result<Vec<Option<(f64, f64)>>> {
    let n_blocks = segment.blocks().len();
    let n_draws = config.inference.n_bootstrap.min(MOST_DRAWS);
    if n_blocks < FEWEST_BLOCKS || n_draws == 0 {
        return Ok(Vec::new());
    }
    let mut stream = Stream::new(config.seed, task_id(&format!("{task}/spectrum")));
    let weights = epoch_weights(&bootstrap(n_draws, n_blocks, &mut stream), segment);
    let spectra = segment.spectra()?;
    let psd = spectra.psd_uv2_hz();
    Ok(parallel::map(keep.len(), |k| {
        let (bin, estimate) = (keep.get(k).copied()?, global.get(k).copied().flatten()?);
        let at_bin = psd.index_axis(Axis(2), bin);
        let mut sums = vec![(0.0, 0_u32); n_draws];
        for &row in segment.eeg() {
            let sorted = sorted(&at_bin.column(row));
            for ((sum, n), draw) in sums.iter_mut().zip(weights.rows()) {
                if let Some(value) = median_of(&sorted, &draw).filter(|value| *value > 0.0) {
                    *sum += 10.0 * value.log10();
                    *n += 1;
                }
            }
        }
        let draws: Vec<f64> = sums.iter().map(|(sum, n)| sum / f64::from(*n)).collect();
        recentred_interval(estimate, &draws, config.inference.confidence)
    }))
}

/// `[draw, epoch]` from `[draw, block]`.
fn epoch_weights(counts: &Array2<u32>, segment: &Segment) -> Array2<u32> {
    let mut weights = Array2::zeros((counts.nrows(), segment.epochs().n_epochs()));
    for (block, epochs) in segment.blocks().iter().enumerate() {
        for &epoch in epochs {
            weights.column_mut(epoch).assign(&counts.column(block));
        }
    }
    weights
}

fn sorted(values: &ArrayView1<'_, f64>) -> Vec<(f64, usize)> {
    let mut pairs: Vec<(f64, usize)> = values.iter().copied().zip(0..).collect();
    pairs.sort_by(|a, b| a.0.total_cmp(&b.0));
    pairs
}

/// Median of sorted values, each present as often as its weight says (mean of the two middle ones).
fn median_of(sorted: &[(f64, usize)], weights: &ArrayView1<'_, u32>) -> Option<f64> {
    let weight = |index: usize| weights.get(index).copied().unwrap_or(0);
    let total = weights.sum();
    let (mut seen, mut lower) = (0, None);
    for &(value, index) in sorted {
        seen += weight(index);
        if lower.is_none() && 2 * seen >= total {
            lower = Some(value);
        }
        if 2 * seen > total {
            return lower.map(|low| f64::midpoint(low, value));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use dosewave_numerics::stats::weighted_median;
    use ndarray::Array1;

    #[test]
    fn bins_are_thinned_below_the_low_pass() {
        let freqs: Vec<f64> = (0..2049).map(|i| 0.25 * f64::from(i)).collect();
        let keep = kept_bins(&freqs, None);
        assert!(keep.len() <= MOST_FREQS && keep[0] == 1);
        let keep = kept_bins(&freqs, Some(100.0));
        assert_eq!((keep.len(), freqs[*keep.last().unwrap()]), (320, 80.0));
    }

    #[test]
    fn the_mean_over_channels_is_taken_in_db() {
        assert!((mean_db([1.0, 100.0].into_iter()).unwrap() - 10.0).abs() < 1e-12);
        assert_eq!(mean_db([0.0].into_iter()), None);
    }

    #[test]
    fn the_walk_is_the_weighted_median() {
        let values = [5.0, 1.0, 4.0, 2.0, 3.0];
        let sorted = sorted(&Array1::from(values.to_vec()).view());
        for weights in [[1, 1, 1, 1, 1], [0, 2, 0, 0, 2], [3, 0, 1, 1, 0], [0, 0, 0, 1, 1]] {
            let walked = median_of(&sorted, &Array1::from(weights.to_vec()).view());
            assert_eq!(walked, weighted_median(&values, &weights), "{weights:?}");
        }
    }
}

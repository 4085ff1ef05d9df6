//! The aperiodic fit that the exponent and the offset share.

use crate::aggregate::{arithmetic_mean, site_values};
use crate::needs::bins_of;
use crate::sites::channel_sites;
use crate::{BlockStats, Needs, Result, Segment, mean_spectrum, plain_counts};
use dosewave_eeg::{Band, Hz};
use dosewave_numerics::aperiodic::{AperiodicFit, fit_fixed, fit_fixed_robust};
use ndarray::{Array2, ArrayView1, ArrayView2, Axis};
use serde::{Deserialize, Serialize};

/// Width of the topmost part of the range, in which the share of muscle is judged.
const TOP_HZ: f64 = 5.0;
/// Fits below this R² are named in the notes. Our own judgement; alpha and beta peaks lower R² as well.
const POOR_R_SQUARED: f64 = 0.9;
/// A line through fewer bins says nothing.
const MIN_BINS: usize = 5;

/// How the line is fitted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fit {
    /// Least squares, reweighted so that bins above the line (peaks) count less.
    #[default]
    Robust,
    /// Ordinary least squares over all bins: specparam's fixed mode without peaks.
    Ols,
}

/// The shape of the background.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// A straight line in log–log.
    #[default]
    Fixed,
}

/// A power law has no value at 0 Hz.
pub(crate) fn check_range(range: Band) -> std::result::Result<(), String> {
    if range.low() > Hz(0.0) {
        return Ok(());
    }
    Err(format!("range {range} starts at 0 Hz, where log f is undefined; start at 1 Hz or above"))
}

/// What a fit over `range` needs.
pub(crate) fn needs(range: Band) -> Needs {
    Needs::of_band(range)
}

/// The upper end of the range, where a flat muscle spectrum weighs most; `None` where the range ends below muscle.
pub(crate) fn muscle_band(range: Band) -> Option<Band> {
    let low = Hz(f64::max(range.low().0, range.high().0 - TOP_HZ));
    (range.high() > crate::gate::MUSCLE_FROM).then(|| Band::new(low, range.high()).ok()).flatten()
}

/// PSD of every epoch and channel at the bins of `range` that the mains mask keeps, `[epoch, channel, bin]`.
pub(crate) fn block_stats(segment: &Segment, range: Band, fit: Fit, kind: &str) -> Result<BlockStats> {
    let spectra = segment.spectra()?;
    let (freqs_hz, psd) = (spectra.freqs_hz(), spectra.psd_uv2_hz());
    let bins = bins_of(freqs_hz, range, &segment.params().mains, MIN_BINS, kind)?;
    let values = psd.select(Axis(1), segment.eeg()).select(Axis(2), &bins);
    let sites = channel_sites(&segment.eeg_channels());
    let mut stats = BlockStats::of_epochs(segment, values, sites);
    stats.freqs_hz = bins.iter().map(|&bin| freqs_hz[bin]).collect();
    stats.notes.extend(poor_fits(&stats, fit)?);
    Ok(stats)
}

/// `pick` of the fit to the mean PSD over the drawn epochs, per channel; the arithmetic mean over the channels of a site.
pub(crate) fn evaluate(
    stats: &BlockStats,
    counts: ArrayView2<'_, u32>,
    fit: Fit,
    pick: fn(&AperiodicFit) -> f64,
) -> Result<Array2<f64>> {
    let channels = fit_channels(stats, counts, fit, pick)?;
    Ok(site_values(channels.view(), &stats.members, arithmetic_mean))
}

fn fit_channels(
    stats: &BlockStats,
    counts: ArrayView2<'_, u32>,
    fit: Fit,
    pick: fn(&AperiodicFit) -> f64,
) -> Result<Array2<f64>> {
    let freqs_hz = ArrayView1::from(&stats.freqs_hz);
    mean_spectrum::of_draws(stats, counts, |psd| {
        line(freqs_hz, psd, fit).map_or(f64::NAN, |line| pick(&line))
    })
}

/// `pick` of the least-squares fit to every single epoch, arithmetic mean over the channels of a site, `[epoch, site]`. The
/// spectrum of one epoch is too rough for a robust fit.
pub(crate) fn epoch_values(stats: &BlockStats, pick: fn(&AperiodicFit) -> f64) -> Result<Array2<f64>> {
    let freqs_hz = ArrayView1::from(&stats.freqs_hz);
    let measure =
        |psd: ArrayView1<'_, f64>| line(freqs_hz, psd, Fit::Ols).map_or(f64::NAN, |line| pick(&line));
    let fits = mean_spectrum::of_epochs(stats, measure)?;
    Ok(site_values(fits.view(), &stats.members, arithmetic_mean))
}

/// The fit, or nothing where there is none: an empty draw, a power of zero, no convergence.
pub(crate) fn line(
    freqs_hz: ArrayView1<'_, f64>,
    psd: ArrayView1<'_, f64>,
    fit: Fit,
) -> Option<AperiodicFit> {
    let fitted = match fit {
        Fit::Robust => fit_fixed_robust(freqs_hz, psd),
        Fit::Ols => fit_fixed(freqs_hz, psd),
    };
    fitted.ok().filter(|line| line.exponent.is_finite() && line.offset.is_finite())
}

fn poor_fits(stats: &BlockStats, fit: Fit) -> Result<Option<String>> {
    let plain = plain_counts(stats.n_blocks);
    let r_squared = fit_channels(stats, plain.view(), fit, |line| line.r_squared)?;
    let poor: Vec<&str> = stats
        .channels
        .iter()
        .zip(&r_squared)
        .filter(|(_, r2)| **r2 < POOR_R_SQUARED)
        .map(|(channel, _)| channel.as_str())
        .collect();
    let list = poor.join(", ");
    Ok((!poor.is_empty()).then(|| format!("R² of the aperiodic fit is below {POOR_R_SQUARED} at {list}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::Array1;

    #[test]
    fn an_exact_power_law_is_found_and_a_zero_is_not_fitted() {
        let freqs_hz = Array1::linspace(1.0, 44.5, 88);
        let mut psd = freqs_hz.mapv(|f: f64| 30.0 * f.powf(-1.3));
        for fit in [Fit::Ols, Fit::Robust] {
            let line = line(freqs_hz.view(), psd.view(), fit).unwrap();
            assert!(
                (line.exponent - 1.3).abs() < 1e-9 && (line.offset - 30_f64.log10()).abs() < 1e-9,
                "{fit:?}"
            );
        }
        psd[3] = 0.0;
        assert!(line(freqs_hz.view(), psd.view(), Fit::Ols).is_none());
    }

    #[test]
    fn muscle_is_judged_at_the_top_of_the_range() {
        assert_eq!(muscle_band(Band::BROADBAND).map(<[f64; 2]>::from), Some([40.0, 45.0]));
        assert_eq!(muscle_band(Band::ALPHA), None);
        assert!(check_range(Band::try_from([0.0, 40.0]).unwrap()).unwrap_err().contains("0 Hz"));
    }
}

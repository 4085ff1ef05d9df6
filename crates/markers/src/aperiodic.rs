//! The aperiodic fit that the exponent, the offset and what is measured above them share.

use crate::aggregate::{arithmetic_mean, site_values};
use crate::needs::bins_of;
use crate::sites::channel_sites;
use crate::{BlockStats, Needs, Result, Segment, mean_spectrum, plain_counts};
use dosewave_eeg::{Band, Hz};
use dosewave_numerics::aperiodic::{
    AperiodicFit, AperiodicMode, PowerLaw, Specparam, SpecparamSettings, fit_fixed, fit_fixed_robust,
    fit_knee, fit_knee_robust,
};
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
    /// Ordinary least squares over all bins: specparam without peaks.
    Ols,
    /// specparam's whole model, with peaks of 1 Hz (or two bins) to 12 Hz width and its other defaults.
    Specparam,
}

/// The shape of the background.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// A straight line in log–log.
    #[default]
    Fixed,
    /// A line that bends into a plateau at low frequencies.
    Knee,
}

/// Shape and method of a background.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct How {
    pub(crate) mode: Mode,
    pub(crate) fit: Fit,
}

/// A fitted background.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Background {
    pub(crate) law: PowerLaw,
    pub(crate) r_squared: f64,
}

/// A method that is planned once and used for many spectra of the same frequencies.
pub(crate) struct Fitter {
    how: How,
    model: Option<Specparam>,
}

impl Fitter {
    pub(crate) fn new(freqs_hz: &[f64], how: How) -> Self {
        let resolution = freqs_hz.windows(2).map(|pair| pair[1] - pair[0]).fold(f64::INFINITY, f64::min);
        let settings = SpecparamSettings {
            aperiodic_mode: if how.mode == Mode::Knee { AperiodicMode::Knee } else { AperiodicMode::Fixed },
            peak_width_limits: [f64::max(1.0, 2.0 * resolution), 12.0],
            ..SpecparamSettings::default()
        };
        let plan = || Specparam::new(ArrayView1::from(freqs_hz), settings).ok();
        Self { how, model: (how.fit == Fit::Specparam).then(plan).flatten() }
    }

    /// The background, or nothing where there is none: an empty draw, a power of zero, no convergence.
    pub(crate) fn background(
        &self,
        freqs_hz: ArrayView1<'_, f64>,
        psd: ArrayView1<'_, f64>,
    ) -> Option<Background> {
        let found = match (self.how.fit, self.how.mode) {
            (Fit::Specparam, _) => {
                let fit = self.model.as_ref()?.fit(psd).ok()?;
                Background { law: fit.aperiodic, r_squared: fit.r_squared }
            }
            (fit, Mode::Knee) => {
                let fitted =
                    if fit == Fit::Robust { fit_knee_robust(freqs_hz, psd) } else { fit_knee(freqs_hz, psd) };
                let fitted = fitted.ok()?;
                Background { law: fitted.law, r_squared: fitted.r_squared }
            }
            (fit, Mode::Fixed) => {
                let line = line(freqs_hz, psd, fit)?;
                let law = PowerLaw { offset: line.offset, knee: None, exponent: line.exponent };
                Background { law, r_squared: line.r_squared }
            }
        };
        (found.law.exponent.is_finite() && found.law.offset.is_finite()).then_some(found)
    }
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
pub(crate) fn block_stats(segment: &Segment, range: Band, how: How, kind: &str) -> Result<BlockStats> {
    let spectra = segment.spectra()?;
    let (freqs_hz, psd) = (spectra.freqs_hz(), spectra.psd_uv2_hz());
    let bins = bins_of(freqs_hz, range, &segment.params().mains, MIN_BINS, kind)?;
    let values = psd.select(Axis(1), segment.eeg()).select(Axis(2), &bins);
    let sites = channel_sites(&segment.eeg_channels());
    let mut stats = BlockStats::of_epochs(segment, values, sites);
    stats.freqs_hz = bins.iter().map(|&bin| freqs_hz[bin]).collect();
    stats.notes.extend(poor_fits(&stats, how)?);
    Ok(stats)
}

/// `pick` of the background of the mean PSD over the drawn epochs, per channel; the arithmetic mean over the channels of a
/// site. `pick` is given the spectrum as well, and NaN where it has no value.
pub(crate) fn evaluate(
    stats: &BlockStats,
    counts: ArrayView2<'_, u32>,
    how: How,
    pick: impl Fn(&Background, ArrayView1<'_, f64>) -> f64,
) -> Result<Array2<f64>> {
    let channels = fit_channels(stats, counts, how, pick)?;
    Ok(site_values(channels.view(), &stats.members, arithmetic_mean))
}

fn fit_channels(
    stats: &BlockStats,
    counts: ArrayView2<'_, u32>,
    how: How,
    pick: impl Fn(&Background, ArrayView1<'_, f64>) -> f64,
) -> Result<Array2<f64>> {
    let freqs_hz = ArrayView1::from(&stats.freqs_hz);
    let fitter = Fitter::new(&stats.freqs_hz, how);
    mean_spectrum::of_draws(stats, counts, |psd| {
        fitter.background(freqs_hz, psd).map_or(f64::NAN, |background| pick(&background, psd))
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

/// The straight line, or nothing where there is none: an empty draw, a power of zero, no convergence. Without peaks,
/// specparam's line is that of least squares.
pub(crate) fn line(
    freqs_hz: ArrayView1<'_, f64>,
    psd: ArrayView1<'_, f64>,
    fit: Fit,
) -> Option<AperiodicFit> {
    let fitted = match fit {
        Fit::Robust => fit_fixed_robust(freqs_hz, psd),
        Fit::Ols | Fit::Specparam => fit_fixed(freqs_hz, psd),
    };
    fitted.ok().filter(|line| line.exponent.is_finite() && line.offset.is_finite())
}

fn poor_fits(stats: &BlockStats, how: How) -> Result<Option<String>> {
    let plain = plain_counts(stats.n_blocks);
    let r_squared = fit_channels(stats, plain.view(), how, |background, _| background.r_squared)?;
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

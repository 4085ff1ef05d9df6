//! The whole model: power law first, peaks next, power law again.

use super::gaussians::Gaussian;
use super::peaks;
use super::settings::{AperiodicMode, SpecparamSettings, TOLERANCE};
use crate::aperiodic::power_law::{Bins, PowerLaw};
use crate::stats::quantile;
use crate::{Error, Result};
use ndarray::{Array1, ArrayView1, ArrayView2};

/// Fewest bins that a model is fitted to.
const MIN_BINS: usize = 8;

/// A peak in the words of reports.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SpecparamPeak {
    /// Centre frequency, Hz.
    pub cf_hz: f64,
    /// Height of the whole model over the aperiodic part at the bin nearest to the centre, log10 units.
    pub power: f64,
    /// Twice the standard deviation, Hz.
    pub bandwidth_hz: f64,
}

/// A fitted spectrum.
#[derive(Clone, Debug, PartialEq)]
pub struct SpecparamFit {
    /// The aperiodic part.
    pub aperiodic: PowerLaw,
    /// The peaks in ascending order of frequency.
    pub gaussians: Vec<Gaussian>,
    /// The same in the words of reports.
    pub peaks: Vec<SpecparamPeak>,
    /// Squared correlation of model and spectrum, in log10 units.
    pub r_squared: f64,
    /// Mean absolute error in log10 units.
    pub mae: f64,
}

impl SpecparamFit {
    /// log10 of the model's power at a frequency.
    #[must_use]
    pub fn log10_power(&self, freq_hz: f64) -> f64 {
        self.aperiodic.log10_power(freq_hz) + self.gaussians.iter().map(|g| g.at(freq_hz)).sum::<f64>()
    }
}

/// The model of Donoghue et al. 2020, <https://doi.org/10.1038/s41593-020-00744-x>, planned for one grid of frequencies.
///
/// ```math
/// \log_{10} P(f) = b - \log_{10}(k + f^\chi) + \sum_n a_n e^{-(f - c_n)^2 / (2 w_n^2)}
/// ```
///
/// The steps are those of specparam 2: a first aperiodic fit, again over the bins that lie lowest above it; peaks one after the
/// other at the highest bin of what is left, until it is below `peak_threshold` standard deviations; peaks near an edge and the
/// lower of two that overlap are dropped; all that remain are fitted together within bounds; the aperiodic part is fitted again
/// to the spectrum without them. Least squares take specparam's path (SciPy's, MINPACK's) and end at its tolerance of 1e-5,
/// short of the minimum: centres of weak peaks could still move by hundredths of a hertz, and by as much would differ from it.
///
/// The grid need not be whole: bins of the mains are best left out of it. Widths are measured in Hz, so a hole counts as
/// what it spans.
#[derive(Clone, Debug)]
pub struct Specparam {
    settings: SpecparamSettings,
    freqs_hz: Vec<f64>,
    ln_f: Vec<f64>,
    log10_f: Vec<f64>,
    line: LineThrough,
    ones: Vec<f64>,
}

/// What a least-squares line through all bins needs of their frequencies.
#[derive(Clone, Debug)]
struct LineThrough {
    mean_log10_f: f64,
    /// `log10 f` without its mean ÷ its sum of squares: the slope is the scalar product with the spectrum.
    weights: Vec<f64>,
}

impl LineThrough {
    fn new(log10_f: &[f64]) -> Self {
        let mean_log10_f = sum(log10_f) / log10_f.len() as f64;
        let centred: Vec<f64> = log10_f.iter().map(|x| x - mean_log10_f).collect();
        let squares = dot(&centred, &centred);
        Self { mean_log10_f, weights: centred.iter().map(|x| x / squares).collect() }
    }

    fn of(&self, y: &[f64]) -> PowerLaw {
        let slope = dot(&self.weights, y);
        let offset = sum(y) / y.len() as f64 - slope * self.mean_log10_f;
        PowerLaw { offset, knee: None, exponent: -slope }
    }
}

impl Specparam {
    /// A plan for these frequencies, ascending and positive.
    ///
    /// # Errors
    /// [`Error::TooShort`] below eight bins, [`Error::Value`] for a frequency that is not positive or does not ascend,
    /// [`Error::Invalid`] for settings that cannot be.
    pub fn new(freqs_hz: ArrayView1<'_, f64>, settings: SpecparamSettings) -> Result<Self> {
        settings.check()?;
        if freqs_hz.len() < MIN_BINS {
            let got = freqs_hz.len();
            return Err(Error::TooShort { what: "frequency bins for a spectral model", got, need: MIN_BINS });
        }
        let freqs_hz = freqs_hz.to_vec();
        let wrong = |i: usize| {
            !(freqs_hz[i] > 0.0 && freqs_hz[i].is_finite()) || (i > 0 && freqs_hz[i] <= freqs_hz[i - 1])
        };
        if let Some(index) = (0..freqs_hz.len()).find(|&i| wrong(i)) {
            let allowed = "positive frequencies that ascend are allowed";
            return Err(Error::Value { what: "freqs_hz", index, value: freqs_hz[index], allowed });
        }
        let ln_f = freqs_hz.iter().map(|f| f.ln()).collect();
        let log10_f: Vec<f64> = freqs_hz.iter().map(|f| f.log10()).collect();
        let (line, ones) = (LineThrough::new(&log10_f), vec![1.0; freqs_hz.len()]);
        Ok(Self { settings, ln_f, log10_f, line, ones, freqs_hz })
    }

    /// Fits one spectrum (any unit per Hz; the offset is in its log10).
    ///
    /// # Errors
    /// [`Error::Shape`] for another number of bins than frequencies, [`Error::Value`] for a power that is not positive and
    /// finite, [`Error::NotConverged`] where least squares do not settle.
    ///
    /// ```
    /// use dosewave_numerics::aperiodic::{Specparam, SpecparamSettings};
    /// let freqs = ndarray::Array1::linspace(1.0, 45.0, 89);
    /// let psd = freqs.mapv(|f: f64| 10.0 * f.powf(-1.5) * 10_f64.powf(0.6 * (-(f - 10.0).powi(2) / 4.0).exp()));
    /// let fit = Specparam::new(freqs.view(), SpecparamSettings::default()).unwrap().fit(psd.view()).unwrap();
    /// assert!((fit.aperiodic.exponent - 1.5).abs() < 0.01 && (fit.peaks[0].cf_hz - 10.0).abs() < 0.01);
    /// ```
    pub fn fit(&self, psd: ArrayView1<'_, f64>) -> Result<SpecparamFit> {
        let spectrum = self.log10(psd)?;
        let first = self.robust_aperiodic(&spectrum)?;
        let flat: Vec<f64> = self.without(&spectrum, first);
        let gaussians = peaks::find(&self.freqs_hz, &flat, &self.settings)?;
        let aperiodic = if gaussians.is_empty() {
            self.aperiodic_of_all(&spectrum)?
        } else {
            let mut peakless = spectrum.clone();
            gaussians.iter().for_each(|gaussian| gaussian.subtract_from(&self.freqs_hz, &mut peakless));
            self.aperiodic_of_all(&peakless)?
        };
        Ok(self.described(&spectrum, aperiodic, gaussians))
    }

    /// Fits every row; a row that cannot be fitted is an error of its own.
    #[must_use]
    pub fn fit_rows(&self, psd: ArrayView2<'_, f64>) -> Vec<Result<SpecparamFit>> {
        psd.rows().into_iter().map(|row| self.fit(row)).collect()
    }

    fn log10(&self, psd: ArrayView1<'_, f64>) -> Result<Vec<f64>> {
        if psd.len() != self.freqs_hz.len() {
            return Err(Error::Shape { what: "PSD bins", expected: self.freqs_hz.len(), got: psd.len() });
        }
        match psd.iter().position(|p| !(p.is_finite() && *p > 0.0)) {
            Some(index) => {
                let allowed = "must be positive and finite";
                Err(Error::Value { what: "psd", index, value: psd[index], allowed })
            }
            None => Ok(psd.iter().map(|p| p.log10()).collect()),
        }
    }

    /// The aperiodic part of a spectrum.
    fn aperiodic_of_all(&self, y: &[f64]) -> Result<PowerLaw> {
        match self.settings.aperiodic_mode {
            AperiodicMode::Fixed => Ok(self.line.of(y)),
            AperiodicMode::Knee => self.aperiodic(&Bins { ln_f: &self.ln_f, y, weights: &self.ones }, None),
        }
    }

    /// The aperiodic part of some bins; a knee is searched from `start`, or from a straight line through both ends.
    fn aperiodic(&self, bins: &Bins<'_>, start: Option<PowerLaw>) -> Result<PowerLaw> {
        match self.settings.aperiodic_mode {
            AperiodicMode::Fixed => Ok(bins.line()),
            AperiodicMode::Knee => bins.knee(start.unwrap_or_else(|| through_the_ends(bins)), TOLERANCE),
        }
    }

    /// A fit, and a second one through the bins that lie lowest above the first.
    fn robust_aperiodic(&self, spectrum: &[f64]) -> Result<PowerLaw> {
        let first = self.aperiodic_of_all(spectrum)?;
        let mut above = self.without(spectrum, first);
        above.iter_mut().for_each(|v| *v = v.max(0.0));
        let limit = lowest(&above, self.settings.ap_percentile_thresh / 100.0);
        let kept: Vec<usize> = (0..above.len()).filter(|&i| above[i] <= limit).collect();
        let pick = |values: &[f64]| kept.iter().map(|&i| values[i]).collect::<Vec<f64>>();
        let (ln_f, y) = (pick(&self.ln_f), pick(spectrum));
        // two bins make a line, three a curve
        let need = if self.settings.aperiodic_mode == AperiodicMode::Knee { 3 } else { 2 };
        if kept.len() < need {
            let got = kept.len();
            return Err(Error::TooShort { what: "bins below the first aperiodic fit", got, need });
        }
        self.aperiodic(&Bins { ln_f: &ln_f, y: &y, weights: &self.ones[..kept.len()] }, Some(first))
    }

    fn without(&self, spectrum: &[f64], law: PowerLaw) -> Vec<f64> {
        let PowerLaw { offset, exponent, .. } = law;
        match law.knee {
            None => spectrum.iter().zip(&self.log10_f).map(|(y, x)| y - offset + exponent * x).collect(),
            Some(knee) => {
                let level = |ln_f: &f64| offset - (knee + (exponent * ln_f).exp()).log10();
                spectrum.iter().zip(&self.ln_f).map(|(y, ln_f)| y - level(ln_f)).collect()
            }
        }
    }

    fn described(&self, spectrum: &[f64], aperiodic: PowerLaw, gaussians: Vec<Gaussian>) -> SpecparamFit {
        let flat = self.without(spectrum, aperiodic);
        let mut residual = flat.clone();
        gaussians.iter().for_each(|gaussian| gaussian.subtract_from(&self.freqs_hz, &mut residual));
        let model: Vec<f64> = spectrum.iter().zip(&residual).map(|(y, r)| y - r).collect();
        let peak = |g: &Gaussian| {
            let bin = nearest(&self.freqs_hz, g.mean_hz);
            SpecparamPeak { cf_hz: g.mean_hz, power: flat[bin] - residual[bin], bandwidth_hz: 2.0 * g.sd_hz }
        };
        SpecparamFit {
            aperiodic,
            peaks: gaussians.iter().map(peak).collect(),
            gaussians,
            r_squared: squared_correlation(spectrum, &model),
            mae: sum_of(&residual, &residual, |r, _| r.abs()) / residual.len() as f64,
        }
    }

    /// The frequencies of the plan, Hz.
    #[must_use]
    pub fn freqs_hz(&self) -> ArrayView1<'_, f64> {
        ArrayView1::from(&self.freqs_hz)
    }

    /// log10 of the aperiodic part at the frequencies of the plan.
    #[must_use]
    pub fn log10_aperiodic(&self, fit: &SpecparamFit) -> Array1<f64> {
        self.freqs_hz.iter().map(|f| fit.aperiodic.log10_power(*f)).collect()
    }
}

/// `Σ f(x, y)` in eight strands, which do not wait for each other.
#[inline]
fn sum_of(x: &[f64], y: &[f64], f: impl Fn(f64, f64) -> f64) -> f64 {
    let ((x, rest_x), (y, rest_y)) = (x.as_chunks::<8>(), y.as_chunks::<8>());
    let mut strands = [0.0; 8];
    for (x, y) in x.iter().zip(y) {
        for ((strand, x), y) in strands.iter_mut().zip(x).zip(y) {
            *strand += f(*x, *y);
        }
    }
    let rest: f64 = rest_x.iter().zip(rest_y).map(|(x, y)| f(*x, *y)).sum();
    strands.iter().sum::<f64>() + rest
}

fn sum(x: &[f64]) -> f64 {
    sum_of(x, x, |x, _| x)
}

fn dot(x: &[f64], y: &[f64]) -> f64 {
    sum_of(x, y, |x, y| x * y)
}

fn through_the_ends(bins: &Bins<'_>) -> PowerLaw {
    let last = bins.y.len() - 1;
    let slope = (bins.y[last] - bins.y[0]) / (bins.ln_f[last] - bins.ln_f[0]);
    PowerLaw { offset: bins.y[0], knee: Some(0.0), exponent: (slope * std::f64::consts::LN_10).abs() }
}

/// A low quantile of values that are never negative.
fn lowest(values: &[f64], q: f64) -> f64 {
    let reach = (q * (values.len() - 1) as f64).ceil() as usize;
    if values.iter().filter(|value| **value == 0.0).count() > reach {
        return 0.0;
    }
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    quantile(&sorted, q).unwrap_or(0.0)
}

fn nearest(freqs_hz: &[f64], freq_hz: f64) -> usize {
    let distance = |i: usize| (freqs_hz[i] - freq_hz).abs();
    (1..freqs_hz.len()).fold(0, |best, i| if distance(i) < distance(best) { i } else { best })
}

fn squared_correlation(x: &[f64], y: &[f64]) -> f64 {
    let n = x.len() as f64;
    let (mean_x, mean_y) = (sum(x) / n, sum(y) / n);
    let xx = sum_of(x, x, |x, _| (x - mean_x) * (x - mean_x));
    let yy = sum_of(y, y, |y, _| (y - mean_y) * (y - mean_y));
    let xy = sum_of(x, y, |x, y| (x - mean_x) * (y - mean_y));
    if xx * yy > 0.0 { xy * xy / (xx * yy) } else { 0.0 }
}

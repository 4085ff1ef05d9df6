//! Line noise removed in space: what is common to the channels at the line, and nothing else
//! (after ZapLine, de Cheveigné 2020, 10.1016/j.neuroimage.2019.116356).

use super::line_noise::{check_line, extend_in_phase};
use crate::error::check_finite;
use crate::spectral::{inverse_real_fft, real_fft};
use crate::{Error, Result};
use faer::linalg::matmul::matmul;
use faer::linalg::solvers::Solve;
use faer::{Accum, Mat, Par, Side};
use ndarray::{Array2, ArrayView1, ArrayView2};
use num_complex::Complex64;
use std::f64::consts::PI;

/// Half-width of the line itself, Hz.
const LINE_HZ: f64 = 0.5;
/// The comb has gain 1 up to the first and 0 from the second distance to a harmonic, Hz.
const COMB_HZ: [f64; 2] = [1.0, 2.0];
/// The background reaches from the comb to this distance, Hz.
const BACKGROUND_HZ: f64 = 8.0;
/// Extension of the signal at either end, s, under half a cosine.
const EXTENSION_S: f64 = 2.0;
/// Shortest recording, s.
const SHORTEST_S: f64 = 4.0;
/// An outlier stands this many times above the largest score of chance.
const OUTLIER: f64 = 2.0;
/// Directions weaker than this, relative to the strongest, are rounding.
const RANK_TOLERANCE: f64 = 1e-10;

/// What [`zapline`] returns.
#[derive(Clone, Debug, PartialEq)]
pub struct ZapLine {
    /// The recording without the line, `[channel, time]`.
    pub cleaned: Array2<f64>,
    /// How many components were removed.
    pub n_removed: usize,
    /// Per component, falling: its power per Hz at the line over that beside the line; 1 without a line.
    pub scores: Vec<f64>,
}

/// Removes line noise from `x` (`[channel, time]`) by a spatial filter that acts near the line only.
///
/// 1. The recording is split into a comb around the line and its harmonics (gain 1 up to 1 Hz away, falling to 0 at
///    2 Hz, on the Fourier transform of the whole recording: any ratio of `sfreq` to `line_hz` will do) and the rest.
/// 2. Joint decorrelation finds the combinations of channels whose power within 0.5 Hz of the line and its harmonics
///    is largest against that of the background 2–8 Hz away; the ratio of the two, per Hz, is their score.
/// 3. The first `n_remove` components are regressed out of the comb, and the rest is added back as it was.
///
/// ZapLine splits by a moving average one line period long, which leaves all above some 20 Hz to the spatial filter;
/// the comb leaves all that is further than 2 Hz from the line as it is. What lies nearer keeps its other components.
///
/// Without `n_remove`, the components removed are the outliers: those whose score is above twice the largest that
/// chance gives when no line is there, `((1 + √(1 − (1 − y₁)(1 − y₂))) / (1 − y₂))²`, where `y₁` and `y₂` are the
/// number of components over the degrees of freedom of line and background (Wachter 1980, Ann. Statist. 8, 937). This
/// may be none, and it is never all. The shorter the recording, the larger that bound.
///
/// # Errors
/// [`Error::Invalid`] for a rate or line outside its range, or more components than there are; [`Error::TooShort`]
/// below two channels, 4 s, or two degrees of freedom of the background per channel; [`Error::Value`] for a sample
/// that is not finite.
///
/// ```
/// use dosewave_numerics::filter::zapline;
/// // the line has one pattern; each channel has a rhythm of its own
/// let sine = |hz: f64, t: usize| (hz * std::f64::consts::TAU * t as f64 / 500.0).sin();
/// let brain = ndarray::Array2::from_shape_fn((2, 5000), |(c, t)| sine([43.0, 55.0][c], t));
/// let x = ndarray::Array2::from_shape_fn((2, 5000), |(c, t)| brain[[c, t]] + [5.0, 20.0][c] * sine(50.0, t));
/// let result = zapline(x.view(), 500.0, 50.0, None).unwrap();
/// assert_eq!(result.n_removed, 1);
/// assert!((&result.cleaned - &brain).iter().all(|error| error.abs() < 0.05));
/// ```
pub fn zapline(x: ArrayView2<'_, f64>, sfreq: f64, line_hz: f64, n_remove: Option<usize>) -> Result<ZapLine> {
    check_line(sfreq, line_hz)?;
    if line_hz < 2.0 * BACKGROUND_HZ {
        let allowed = format!("{} Hz or more, so that harmonics keep apart", 2.0 * BACKGROUND_HZ);
        return Err(Error::Invalid { parameter: "line_hz", value: line_hz.to_string(), allowed });
    }
    check_size(x, sfreq)?;
    let extension = Extension::of(x.ncols(), sfreq, line_hz);
    let bands = Bands::around(line_hz, sfreq, extension.n_fft);
    // the extension repeats what is there and adds no degree of freedom
    let own_share = x.ncols() as f64 / extension.n_fft as f64;
    let freedom = Freedom::of(&bands, own_share);
    if freedom.background < 2.0 * x.nrows() as f64 {
        let need = (2.0 * x.nrows() as f64 / freedom.background * x.ncols() as f64).ceil() as usize;
        return Err(Error::TooShort { what: "samples for this many channels", got: x.ncols(), need });
    }
    let spectra = band_spectra(x, &extension, &bands)?;
    let components = components(&spectra, &bands)?;
    let rank = components.scores.len();
    let n_removed = match n_remove {
        Some(n) if n > rank => {
            let allowed = format!("0 to {rank}, the rank of the recording");
            return Err(Error::Invalid { parameter: "n_remove", value: n.to_string(), allowed });
        }
        Some(n) => n,
        None => n_outliers(&components.scores, freedom),
    };
    let mut cleaned = x.to_owned();
    if n_removed > 0 {
        let removed = regress(&spectra, &bands, components.filters.subcols(0, n_removed));
        subtract(&mut cleaned, &removed, &bands, &extension)?;
    }
    Ok(ZapLine { cleaned, n_removed, scores: components.scores })
}

fn check_size(x: ArrayView2<'_, f64>, sfreq: f64) -> Result<()> {
    if x.nrows() < 2 {
        return Err(Error::TooShort { what: "channels for a spatial filter", got: x.nrows(), need: 2 });
    }
    let need = (SHORTEST_S * sfreq).ceil() as usize;
    if x.ncols() < need {
        return Err(Error::TooShort { what: "samples for a comb", got: x.ncols(), need });
    }
    x.rows().into_iter().try_for_each(|row| check_finite(row, "x"))
}

/// How a channel is continued at its ends before the transform.
struct Extension {
    samples: usize,
    n_fft: usize,
    period_samples: f64,
}

impl Extension {
    fn of(n_times: usize, sfreq: f64, line_hz: f64) -> Self {
        let samples = ((EXTENSION_S * sfreq) as usize).min(n_times / 2);
        Self { samples, n_fft: fast_length(n_times + 2 * samples), period_samples: sfreq / line_hz }
    }

    /// The channel, continued with its line in phase, falling to zero.
    fn apply(&self, x: ArrayView1<'_, f64>) -> Vec<f64> {
        let mut extended = extend_in_phase(x, self.samples, self.samples, self.period_samples);
        let n = extended.len();
        for t in 0..self.samples {
            let taper = 0.5 - 0.5 * (PI * (t as f64 + 0.5) / self.samples as f64).cos();
            extended[t] *= taper;
            extended[n - 1 - t] *= taper;
        }
        extended.resize(self.n_fft, 0.0);
        extended
    }
}

/// The least product of powers of 2, 3 and 5 that is not below `n`.
fn fast_length(n: usize) -> usize {
    let smooth = |mut m: usize| {
        for factor in [2, 3, 5] {
            while m.is_multiple_of(factor) {
                m /= factor;
            }
        }
        m == 1
    };
    (n.max(1)..).find(|m| smooth(*m)).unwrap_or(n)
}

/// The bins of a Fourier transform within reach of the line or a harmonic, and what each is part of.
struct Bands {
    bins: Vec<usize>,
    line: Vec<f64>,
    comb: Vec<f64>,
    background: Vec<f64>,
}

impl Bands {
    fn around(line_hz: f64, sfreq: f64, n_fft: usize) -> Self {
        let mut bands = Self { bins: vec![], line: vec![], comb: vec![], background: vec![] };
        // a comb that half the rate cuts off would be lopsided, except that of the line itself
        let highest = (1_u32..)
            .map(f64::from)
            .take_while(|k| *k <= 1.0 || k * line_hz + COMB_HZ[1] < sfreq / 2.0)
            .fold(1.0, f64::max);
        for bin in 1..n_fft.div_ceil(2) {
            let hz = bin as f64 * sfreq / n_fft as f64;
            let harmonic = (hz / line_hz).round().clamp(1.0, highest);
            let distance = (hz - harmonic * line_hz).abs();
            if distance <= BACKGROUND_HZ {
                bands.bins.push(bin);
                bands.line.push(f64::from(u8::from(distance <= LINE_HZ)));
                bands.comb.push(comb_gain(distance));
                bands.background.push(f64::from(u8::from(distance > COMB_HZ[1])));
            }
        }
        bands
    }
}

fn comb_gain(distance_hz: f64) -> f64 {
    let [full, none] = COMB_HZ;
    let way = ((distance_hz - full) / (none - full)).clamp(0.0, 1.0);
    0.5 + 0.5 * (PI * way).cos()
}

/// Degrees of freedom of the two covariances.
#[derive(Clone, Copy)]
struct Freedom {
    line: f64,
    background: f64,
}

impl Freedom {
    fn of(bands: &Bands, own_share: f64) -> Self {
        // real and imaginary part
        let count = |weights: &[f64]| 2.0 * own_share * weights.iter().sum::<f64>();
        Self { line: count(&bands.line), background: count(&bands.background) }
    }
}

/// `[channel, 2·bin]`: real and imaginary part of each bin.
fn band_spectra(x: ArrayView2<'_, f64>, extension: &Extension, bands: &Bands) -> Result<Mat<f64>> {
    let n = extension.n_fft;
    let forward = real_fft(n);
    let mut spectrum = forward.make_output_vec();
    let mut spectra = Mat::zeros(x.nrows(), 2 * bands.bins.len());
    for (channel, row) in x.rows().into_iter().enumerate() {
        let failed = |_| Error::Shape { what: "FFT buffer", expected: n, got: n };
        forward.process(&mut extension.apply(row), &mut spectrum).map_err(failed)?;
        for (column, bin) in bands.bins.iter().enumerate() {
            spectra[(channel, 2 * column)] = spectrum[*bin].re;
            spectra[(channel, 2 * column + 1)] = spectrum[*bin].im;
        }
    }
    Ok(spectra)
}

fn product(a: faer::MatRef<'_, f64>, b: faer::MatRef<'_, f64>) -> Mat<f64> {
    let mut out = Mat::zeros(a.nrows(), b.ncols());
    matmul(out.as_mut(), Accum::Replace, a, b, 1.0, Par::Seq);
    out
}

/// Mean over the bins of positive weight `w` of `w²·z·zᵀ`: `[channel, channel]`.
fn covariance(spectra: &Mat<f64>, weights: &[f64]) -> Mat<f64> {
    let columns: Vec<(usize, f64)> = (0..spectra.ncols())
        .map(|column| (column, weights[column / 2]))
        .filter(|(_, weight)| *weight > 0.0)
        .collect();
    let scale = 1.0 / (columns.len().max(1) as f64).sqrt();
    let chosen = Mat::from_fn(spectra.nrows(), columns.len(), |channel, k| {
        let (column, weight) = columns[k];
        spectra[(channel, column)] * weight * scale
    });
    product(chosen.as_ref(), chosen.transpose())
}

/// Spatial filters `[channel, component]` and the scores of their components, falling.
struct Components {
    filters: Mat<f64>,
    scores: Vec<f64>,
}

/// The filters that maximise power at the line over that of the background: whitened by the background, then the
/// eigenvectors of the line.
fn components(spectra: &Mat<f64>, bands: &Bands) -> Result<Components> {
    let n = spectra.nrows();
    let background = covariance(spectra, &bands.background);
    // channels of very different size would cost precision; the components are the same
    let unit: Vec<f64> = (0..n)
        .map(|i| if background[(i, i)] > 0.0 { 1.0 / background[(i, i)].sqrt() } else { 0.0 })
        .collect();
    let (values, vectors) = eigen(&Mat::from_fn(n, n, |i, j| unit[i] * background[(i, j)] * unit[j]))?;
    let floor = RANK_TOLERANCE * values.first().copied().unwrap_or(0.0);
    let rank = values.iter().filter(|value| **value > floor && **value > 0.0).count();
    let whitener = Mat::from_fn(n, rank, |i, k| unit[i] * vectors[(i, k)] / values[k].sqrt());
    let line = covariance(spectra, &bands.line);
    let whitened = product(whitener.transpose(), product(line.as_ref(), whitener.as_ref()).as_ref());
    let (scores, rotation) = eigen(&whitened)?;
    let filters = product(whitener.as_ref(), rotation.as_ref());
    Ok(Components { filters, scores: scores.into_iter().map(|score| score.max(0.0)).collect() })
}

/// Eigenvalues, falling, and their vectors in columns.
fn eigen(symmetric: &Mat<f64>) -> Result<(Vec<f64>, Mat<f64>)> {
    let n = symmetric.nrows();
    if n == 0 {
        return Ok((vec![], Mat::zeros(0, 0)));
    }
    let even = Mat::from_fn(n, n, |i, j| 0.5 * (symmetric[(i, j)] + symmetric[(j, i)]));
    let found = even
        .self_adjoint_eigen(Side::Lower)
        .map_err(|_| Error::NotConverged { what: "eigenvalues of the line", iterations: 30 * n })?;
    let values = (0..n).rev().map(|k| found.S()[k]).collect();
    Ok((values, Mat::from_fn(n, n, |i, k| found.U()[(i, n - 1 - k)])))
}

/// How many leading scores stand above chance.
fn n_outliers(scores: &[f64], freedom: Freedom) -> usize {
    let n = scores.len() as f64;
    let bound = OUTLIER * largest_by_chance(n / freedom.line, n / freedom.background);
    scores.iter().take_while(|score| **score > bound).count().min(scores.len().saturating_sub(1))
}

/// Upper edge of the eigenvalues of a covariance against another of the same noise.
fn largest_by_chance(per_line: f64, per_background: f64) -> f64 {
    let root = (1.0 - (1.0 - per_line) * (1.0 - per_background)).max(0.0).sqrt();
    ((1.0 + root) / (1.0 - per_background)).powi(2)
}

/// The part of the comb that the components explain: `g·C·F·(Fᵀ·C·F)⁻¹·Fᵀ·z`, with `C` the comb's covariance.
fn regress(spectra: &Mat<f64>, bands: &Bands, filters: faer::MatRef<'_, f64>) -> Mat<f64> {
    let comb = covariance(spectra, &bands.comb);
    let patterns = product(comb.as_ref(), filters);
    let sources = product(filters.transpose(), patterns.as_ref());
    let weights = sources.partial_piv_lu().solve(filters.transpose());
    let activity = product(weights.as_ref(), spectra.as_ref());
    let mut removed = product(patterns.as_ref(), activity.as_ref());
    for column in 0..removed.ncols() {
        for channel in 0..removed.nrows() {
            removed[(channel, column)] *= bands.comb[column / 2];
        }
    }
    removed
}

fn subtract(x: &mut Array2<f64>, removed: &Mat<f64>, bands: &Bands, extension: &Extension) -> Result<()> {
    let n = extension.n_fft;
    let inverse = inverse_real_fft(n);
    let mut buffer = vec![0.0; n];
    for (channel, mut row) in x.rows_mut().into_iter().enumerate() {
        let mut spectrum = vec![Complex64::default(); n / 2 + 1];
        for (column, bin) in bands.bins.iter().enumerate() {
            spectrum[*bin] =
                Complex64::new(removed[(channel, 2 * column)], removed[(channel, 2 * column + 1)]);
        }
        let failed = |_| Error::Shape { what: "FFT buffer", expected: n, got: n };
        inverse.process(&mut spectrum, &mut buffer).map_err(failed)?;
        for (t, value) in row.iter_mut().enumerate() {
            *value -= buffer[extension.samples + t] / n as f64;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;

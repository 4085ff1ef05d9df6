//! Spectrum interpolation: line noise replaced by the level of its neighbours
//! (Leske & Dalal 2019, 10.1016/j.neuroimage.2019.01.026).

use crate::error::check_finite;
use crate::spectral::{complex_fft, inverse_complex_fft, packed};
use crate::{Error, Result, first_not_finite};
use ndarray::{Array1, ArrayView1, ArrayViewMut1};
use num_complex::Complex64;
use rustfft::Fft;
use serde::{Deserialize, Serialize};
use std::f64::consts::PI;
use std::ops::Range;
use std::sync::Arc;

/// Hann windows squared, a quarter of their length apart, sum to this everywhere.
const SQUARED_HANN_SUM: f64 = 1.5;

/// Settings of [`spectrum_interpolation`].
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SpectrumInterpolationParams {
    /// How many multiples of the line frequency, the line itself being the first; `None` takes all whose band lies
    /// below half the rate, and so does a larger number.
    pub n_harmonics: Option<usize>,
    /// Half-width of the band that is replaced, Hz.
    pub half_width_hz: f64,
    /// Width of the two neighbouring bands that give the amplitude, Hz.
    pub neighbour_hz: f64,
    /// Length of a block, s; a shorter stretch is one block.
    pub block_s: f64,
}

impl Default for SpectrumInterpolationParams {
    fn default() -> Self {
        Self { n_harmonics: None, half_width_hz: 1.0, neighbour_hz: 2.0, block_s: 10.0 }
    }
}

/// `x` with the amplitude at the line and its harmonics replaced by the mean amplitude of the neighbouring
/// frequencies; the phase is kept, and what lies outside the bands is left alone.
///
/// The stretch is cut into blocks of `block_s` seconds, a quarter apart, under a Hann window, so that a line whose
/// strength changes, and one that does not fit the block in whole periods, stays within its band: any ratio of
/// `sfreq` to `line_hz` will do. What was taken out of each block is windowed again and subtracted from `x`. Before
/// the start and after the end the signal is continued by itself, a whole number of line periods away: the line goes on
/// in phase, other frequencies with a step, of which a few per cent may fall into the bands within the first and last
/// seconds.
///
/// The mean amplitude of noise is √(π/4) of its root mean square: without a line, the band loses about 1 dB.
///
/// # Errors
/// [`Error::Invalid`] for a rate, line or width outside its range, [`Error::TooShort`] when a block is shorter than
/// `2 / half_width_hz` seconds, [`Error::Value`] for a sample that is not finite.
///
/// ```
/// use dosewave_numerics::filter::{SpectrumInterpolationParams, spectrum_interpolation};
/// let sine = |hz: f64| ndarray::Array1::from_shape_fn(6000, |t| (hz * std::f64::consts::TAU * t as f64 / 500.0).sin());
/// let (brain, line) = (sine(30.0), sine(50.0));
/// let x = &brain + &(20.0 * &line);
/// let y = spectrum_interpolation(x.view(), 500.0, 50.0, SpectrumInterpolationParams::default()).unwrap();
/// assert!((y - brain).iter().all(|error| error.abs() < 0.01));
/// ```
pub fn spectrum_interpolation(
    x: ArrayView1<'_, f64>,
    sfreq: f64,
    line_hz: f64,
    params: SpectrumInterpolationParams,
) -> Result<Array1<f64>> {
    check_line(sfreq, line_hz)?;
    check_finite(x, "x")?;
    let mut y = Array1::zeros(x.len());
    SpectrumInterpolation::new(x.len(), sfreq, line_hz, params)?.clean_into(x, y.view_mut())?;
    Ok(y)
}

/// [`spectrum_interpolation`] planned for signals of one length.
///
/// ```
/// use dosewave_numerics::filter::{SpectrumInterpolation, spectrum_interpolation};
/// let x = ndarray::Array1::from_shape_fn(6000, |t| ((t * t) % 101) as f64);
/// let plan = SpectrumInterpolation::new(6000, 500.0, 50.0, Default::default()).unwrap();
/// let mut y = ndarray::Array1::zeros(6000);
/// plan.clean_into(x.view(), y.view_mut()).unwrap();
/// assert_eq!(y, spectrum_interpolation(x.view(), 500.0, 50.0, Default::default()).unwrap());
/// ```
pub struct SpectrumInterpolation {
    n_times: usize,
    /// A quarter of a block.
    hop: usize,
    /// Samples that the signal is continued by at its start and its end.
    before: usize,
    after: usize,
    period_samples: f64,
    bands: Vec<LineBand>,
    window: Vec<f64>,
    /// The window ÷ what transforms and overlapping windows multiply by.
    weights: Vec<f64>,
    /// A block of zeros.
    nothing: Vec<f64>,
    forward: Arc<dyn Fft<f64>>,
    inverse: Arc<dyn Fft<f64>>,
}

impl SpectrumInterpolation {
    /// A plan for signals of `n_times` samples.
    ///
    /// # Errors
    /// As [`spectrum_interpolation`].
    pub fn new(
        n_times: usize,
        sfreq: f64,
        line_hz: f64,
        params: SpectrumInterpolationParams,
    ) -> Result<Self> {
        check_line(sfreq, line_hz)?;
        check_widths(line_hz, params)?;
        let hop = (params.block_s * sfreq / 4.0).round().min((n_times / 4) as f64) as usize;
        let need = (2.0 * sfreq / params.half_width_hz).ceil() as usize;
        if 4 * hop < need {
            return Err(Error::TooShort { what: "samples in a block", got: 4 * hop, need });
        }
        let n = 4 * hop;
        let bands = line_bands(n, sfreq, line_hz, params);
        if bands.is_empty() {
            let allowed = format!("a line whose band lies below {} Hz, half the rate", sfreq / 2.0);
            return Err(Error::Invalid { parameter: "line_hz", value: line_hz.to_string(), allowed });
        }
        let extra = (hop - n_times % hop) % hop;
        let window: Vec<f64> = (0..n).map(|t| (PI * (t as f64 + 0.5) / n as f64).sin().powi(2)).collect();
        let scale = 1.0 / (n as f64 * SQUARED_HANN_SUM);
        Ok(Self {
            n_times,
            hop,
            before: 3 * hop + extra / 2,
            after: 3 * hop + extra - extra / 2,
            period_samples: sfreq / line_hz,
            bands,
            weights: window.iter().map(|w| w * scale).collect(),
            window,
            nothing: vec![0.0; n],
            forward: complex_fft(n),
            inverse: inverse_complex_fft(n),
        })
    }

    /// `x` without the line into `y`: two blocks at a time, as real and imaginary part of one transform.
    ///
    /// # Errors
    /// [`Error::Shape`] when `x` or `y` has another length than planned, [`Error::Value`] for a sample that is not finite.
    pub fn clean_into(&self, x: ArrayView1<'_, f64>, mut y: ArrayViewMut1<'_, f64>) -> Result<()> {
        for got in [x.len(), y.len()] {
            if got != self.n_times {
                return Err(Error::Shape { what: "samples", expected: self.n_times, got });
            }
        }
        if let Some(index) = first_not_finite(x) {
            return Err(Error::Value { what: "x", index, value: x[index], allowed: "must be finite" });
        }
        let contiguous = x.as_standard_layout();
        let x = contiguous.as_slice().unwrap_or_default();
        y.assign(&ArrayView1::from(x));
        match y.as_slice_mut() {
            Some(y) => self.subtract(x, y),
            None => {
                let mut cleaned = x.to_vec();
                self.subtract(x, &mut cleaned);
                y.assign(&ArrayView1::from(&cleaned));
            }
        }
        Ok(())
    }

    /// Takes what interpolation takes out of `x` from `y`.
    fn subtract(&self, x: &[f64], y: &mut [f64]) {
        let n = self.window.len();
        let shift = shift_in_phase(x.len(), self.before.max(self.after), self.period_samples);
        let [mut first, mut second] = [vec![0.0; n], vec![0.0; n]];
        let mut z = vec![Complex64::default(); n];
        let n_scratch = self.forward.get_inplace_scratch_len().max(self.inverse.get_inplace_scratch_len());
        let mut scratch = vec![Complex64::default(); n_scratch];
        let mut excess = Vec::new();
        let n_blocks = (self.before + x.len() + self.after - n) / self.hop + 1;
        for block in (0..n_blocks).step_by(2) {
            let start = (block * self.hop) as isize - self.before as isize;
            let next = start + self.hop as isize;
            let a = continued(x, start, shift, &mut first);
            // where their number is odd, the last block is alone
            let b = if block + 1 < n_blocks { continued(x, next, shift, &mut second) } else { &self.nothing };
            let [a, b] = [a, b].map(|x| packed::Detrended { x, mean: 0.0, slope: 0.0 });
            packed::window_two(a, b, &self.window, &mut z);
            self.forward.process_with_scratch(&mut z, &mut scratch);
            self.keep_excess(&mut z, &mut excess);
            self.inverse.process_with_scratch(&mut z, &mut scratch);
            for (start, imaginary) in [(start, false), (next, true)] {
                let (skipped, at) = ((-start).max(0) as usize, start.max(0) as usize);
                if skipped < n && at < y.len() {
                    packed::subtract(&z[skipped..], imaginary, &self.weights[skipped..], &mut y[at..]);
                }
            }
        }
    }

    /// Leaves in each band what exceeds the mean amplitude of the neighbours (or, negative, falls short of it), and
    /// nothing elsewhere, for both blocks.
    fn keep_excess(&self, z: &mut [Complex64], excess: &mut Vec<(usize, Complex64, Complex64)>) {
        let n = z.len();
        excess.clear();
        for band in &self.bands {
            let neighbours = || band.below.clone().chain(band.above.clone());
            let amplitudes = neighbours().map(|k| packed::both(z, k).map(|z| z.norm_sqr().sqrt()));
            let [a, b] = amplitudes.fold([0.0, 0.0], |[sum_a, sum_b], [a, b]| [sum_a + a, sum_b + b]);
            let levels = [a, b].map(|sum| sum / neighbours().count().max(1) as f64);
            for k in band.replaced.clone() {
                let [a, b] = packed::both(z, k);
                excess.push((k, over(a, levels[0]), over(b, levels[1])));
            }
        }
        z.fill(Complex64::default());
        for (k, a, b) in excess.iter() {
            z[*k] = Complex64::new(a.re - b.im, a.im + b.re);
            z[n - k] = Complex64::new(a.re + b.im, b.re - a.im);
        }
    }
}

/// What a coefficient has over an amplitude, at its own phase.
fn over(z: Complex64, level: f64) -> Complex64 {
    let amplitude = z.norm_sqr().sqrt();
    if amplitude > 0.0 { z * (1.0 - level / amplitude) } else { Complex64::default() }
}

/// Bins of one harmonic: those replaced and those that give the amplitude.
struct LineBand {
    replaced: Range<usize>,
    below: Range<usize>,
    above: Range<usize>,
}

fn line_bands(
    n_block: usize,
    sfreq: f64,
    line_hz: f64,
    params: SpectrumInterpolationParams,
) -> Vec<LineBand> {
    let per_bin = sfreq / n_block as f64;
    // the tolerance keeps a bin exactly on an edge from depending on the last bit
    let first = |hz: f64| (hz / per_bin - 1e-9).ceil().max(1.0) as usize;
    let end = |hz: f64| ((hz / per_bin + 1e-9).floor() as usize + 1).min(n_block / 2);
    let SpectrumInterpolationParams { half_width_hz: half, neighbour_hz, .. } = params;
    (1..=params.n_harmonics.unwrap_or(usize::MAX))
        .map(|k| k as f64 * line_hz)
        .take_while(|centre| centre + half < sfreq / 2.0)
        .map(|centre| {
            let replaced = first(centre - half)..end(centre + half);
            let below = first(centre - half - neighbour_hz)..replaced.start;
            let above = replaced.end..end(centre + half + neighbour_hz).max(replaced.end);
            LineBand { replaced, below, above }
        })
        .collect()
}

/// `x` with `before` and `after` more samples, copied from a whole number of periods further inside: a line goes on in
/// phase.
///
/// `x` must be longer than the longer extension and a period together.
pub(super) fn extend_in_phase(
    x: ArrayView1<'_, f64>,
    before: usize,
    after: usize,
    period_samples: f64,
) -> Vec<f64> {
    let n = x.len();
    let shift = shift_in_phase(n, before.max(after), period_samples);
    let contiguous = x.as_standard_layout();
    let x = contiguous.as_slice().unwrap_or_default();
    [&x[shift - before..shift], x, &x[n - shift..n - shift + after]].concat()
}

/// Samples, at least `reach` and at most `n`, after which a line is in phase again: of the whole numbers of periods, the
/// one nearest a whole number of samples.
fn shift_in_phase(n: usize, reach: usize, period_samples: f64) -> usize {
    let fewest = (reach as f64 / period_samples).ceil().max(1.0);
    let mut shift = n;
    let mut smallest = f64::INFINITY;
    for k in 0..64 {
        let exact = (fewest + f64::from(k)) * period_samples;
        let off = (exact - exact.round()).abs();
        if exact.round() as usize <= n && exact.round() as usize >= reach && off < smallest {
            (shift, smallest) = (exact.round() as usize, off);
        }
    }
    shift
}

/// A block of `x` from `start` on; what lies beyond the ends is copied into `block` from `shift` samples further inside.
fn continued<'a>(x: &'a [f64], start: isize, shift: usize, block: &'a mut [f64]) -> &'a [f64] {
    let n = block.len();
    if start >= 0
        && let Some(inside) = x.get(start as usize..start as usize + n)
    {
        return inside;
    }
    for (value, t) in block.iter_mut().zip(start..) {
        let place = if t < 0 { t + shift as isize } else { t };
        *value = x[if place < x.len() as isize { place as usize } else { place as usize - shift }];
    }
    block
}

pub(super) fn check_line(sfreq: f64, line_hz: f64) -> Result<()> {
    if !(sfreq.is_finite() && sfreq > 0.0) {
        let allowed = "a positive rate".into();
        return Err(Error::Invalid { parameter: "sfreq", value: sfreq.to_string(), allowed });
    }
    if !(line_hz > 0.0 && line_hz < sfreq / 2.0) {
        let allowed = format!("above 0 and below {} Hz, half the rate", sfreq / 2.0);
        return Err(Error::Invalid { parameter: "line_hz", value: line_hz.to_string(), allowed });
    }
    Ok(())
}

fn check_widths(line_hz: f64, params: SpectrumInterpolationParams) -> Result<()> {
    let SpectrumInterpolationParams { n_harmonics, half_width_hz, neighbour_hz, block_s } = params;
    let invalid =
        |parameter, value: String, allowed: String| Err(Error::Invalid { parameter, value, allowed });
    if n_harmonics == Some(0) {
        return invalid("n_harmonics", "0".into(), "1 or more".into());
    }
    if !(block_s.is_finite() && block_s > 0.0) {
        return invalid("block_s", block_s.to_string(), "a positive length".into());
    }
    if !(half_width_hz > 0.0 && half_width_hz <= line_hz / 4.0) {
        let allowed = format!("above 0, up to {} Hz, a quarter of the line", line_hz / 4.0);
        return invalid("half_width_hz", half_width_hz.to_string(), allowed);
    }
    let widest = line_hz / 2.0 - half_width_hz;
    // at least one bin of the shortest block that is allowed
    if !(neighbour_hz >= half_width_hz / 2.0 && neighbour_hz <= widest) {
        let allowed =
            format!("{} to {widest} Hz, so that it lies between two harmonics", half_width_hz / 2.0);
        return invalid("neighbour_hz", neighbour_hz.to_string(), allowed);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::filter::line_check;
    use crate::simulate::one_over_f;
    use crate::stats::Stream;
    use ndarray::{Axis, s};

    const DEFAULT: SpectrumInterpolationParams = SpectrumInterpolationParams {
        n_harmonics: None,
        half_width_hz: 1.0,
        neighbour_hz: 2.0,
        block_s: 10.0,
    };

    /// A line of 10 µV at `line_hz` and of 3 µV at twice that.
    fn line(n: usize, sfreq: f64, line_hz: f64) -> Array1<f64> {
        Array1::from_shape_fn(n, |t| {
            let angle = 2.0 * PI * line_hz * t as f64 / sfreq;
            10.0 * (angle + 0.4).sin() + 3.0 * (2.0 * angle + 1.0).sin()
        })
    }

    fn brain(n: usize, sfreq: f64) -> Array1<f64> {
        one_over_f(n, sfreq, 1.5, 20.0, &mut Stream::new(31, 0)).unwrap()
    }

    #[test]
    fn the_line_goes_and_its_neighbours_stay_at_any_ratio() {
        for (sfreq, line_hz) in
            [(500.0, 50.0), (512.0, 50.0), (250.0, 60.0), (600.614_990_234_375, 60.0), (1000.0, 49.97)]
        {
            let n = (61.3 * sfreq) as usize;
            let clean = brain(n, sfreq);
            let x = &clean + &line(n, sfreq, line_hz);
            let y = spectrum_interpolation(x.view(), sfreq, line_hz, DEFAULT).unwrap();
            let [x2, y2, clean2] = [&x, &y, &clean].map(|a| a.view().insert_axis(Axis(0)));
            let check = line_check(x2, y2, sfreq, line_hz).unwrap();
            assert!(check.line_db < -25.0, "{sfreq}: {check:?}");
            assert!(check.below_db.abs() < 0.01 && check.above_db.abs() < 0.01, "{sfreq}: {check:?}");
            let left = line_check(clean2, y2, sfreq, line_hz).unwrap().line_db;
            assert!((-3.0..0.5).contains(&left), "the band has the level of its neighbours: {left}");
        }
    }

    #[test]
    fn the_edges_are_as_clean_as_the_middle() {
        for sfreq in [500.0, 512.3] {
            let x = line(12_000, sfreq, 50.0);
            let y = spectrum_interpolation(x.view(), sfreq, 50.0, DEFAULT).unwrap();
            let worst = y.fold(0.0, |a: f64, b| a.max(b.abs()));
            assert!(worst < 0.05, "{sfreq}: {worst} of 10 µV");
        }
    }

    #[test]
    fn other_frequencies_pass_untouched() {
        let sine = Array1::from_shape_fn(20_000, |t| (2.0 * PI * 45.3 * t as f64 / 500.0).sin());
        let y = spectrum_interpolation(sine.view(), 500.0, 50.0, DEFAULT).unwrap();
        let worst = |from: usize, to: usize| (from..to).map(|t| (y[t] - sine[t]).abs()).fold(0.0, f64::max);
        assert!(worst(5000, 15_000) < 1e-9 && worst(0, 20_000) < 0.05);
        let second = spectrum_interpolation(
            line(20_000, 500.0, 50.0).view(),
            500.0,
            50.0,
            SpectrumInterpolationParams { n_harmonics: Some(1), ..DEFAULT },
        );
        let power = second.unwrap().mapv(|v| v * v).mean().unwrap();
        assert!((power - 4.5).abs() < 0.01, "the second harmonic was not asked for: {power}");
    }

    #[test]
    fn equals_a_slow_transform_of_its_blocks() {
        // blocks of 400 samples at 100 Hz, bins of 0.25 Hz
        let params = SpectrumInterpolationParams { block_s: 4.0, n_harmonics: Some(1), ..DEFAULT };
        let x = brain(1000, 100.0) + Array1::from_shape_fn(1000, |t| (0.4 * PI * t as f64).sin());
        let y = spectrum_interpolation(x.view(), 100.0, 20.0, params).unwrap();
        let wave = |k: usize, t: usize| Complex64::from_polar(1.0, -2.0 * PI * (k * t % 400) as f64 / 400.0);
        let mut removed = vec![0.0; 1000];
        for start in [0, 100, 200, 300, 400, 500, 600] {
            let hann = |t: usize| 0.5 - 0.5 * (2.0 * PI * (t as f64 + 0.5) / 400.0).cos();
            let coefficient =
                |k: usize| (0..400).map(|t| x[start + t] * hann(t) * wave(k, t)).sum::<Complex64>();
            let level = (68..76).chain(85..93).map(|k| coefficient(k).norm()).sum::<f64>() / 16.0;
            for k in 76..=84 {
                let z = coefficient(k);
                let excess = z - z / z.norm() * level;
                for t in 0..400 {
                    removed[start + t] += 2.0 / 400.0 * (excess * wave(k, t).conj()).re * hann(t) / 1.5;
                }
            }
        }
        // 300..700 is covered by these seven blocks alone
        for t in 300..700 {
            assert!((x[t] - removed[t] - y[t]).abs() < 1e-10, "{t}");
        }
    }

    #[test]
    fn scale_and_reflection_commute() {
        let x = brain(9000, 500.0) + line(9000, 500.0, 50.0);
        let clean = |x: &Array1<f64>| spectrum_interpolation(x.view(), 500.0, 50.0, DEFAULT).unwrap();
        let y = clean(&x);
        let scaled = clean(&(&x * -4.0));
        let mirrored = clean(&x.slice(s![..;-1]).to_owned());
        for t in 0..9000 {
            assert!((scaled[t] + 4.0 * y[t]).abs() < 1e-9);
            assert!((mirrored[8999 - t] - y[t]).abs() < 1e-9, "{t}");
        }
        assert!(clean(&Array1::zeros(9000)).iter().all(|v| *v == 0.0));
    }

    #[test]
    fn nonsense_is_refused_by_name() {
        let x = Array1::zeros(5000);
        let run = |sfreq, line_hz, params| {
            spectrum_interpolation(x.view(), sfreq, line_hz, params).unwrap_err().to_string()
        };
        assert!(run(0.0, 50.0, DEFAULT).contains("sfreq = 0"));
        assert!(run(100.0, 50.0, DEFAULT).contains("line_hz = 50"));
        assert!(run(100.0, 49.5, DEFAULT).contains("line_hz = 49.5"));
        let wide = SpectrumInterpolationParams { half_width_hz: 20.0, ..DEFAULT };
        assert!(run(500.0, 50.0, wide).contains("half_width_hz = 20"));
        let wide = SpectrumInterpolationParams { neighbour_hz: 25.0, ..DEFAULT };
        assert!(run(500.0, 50.0, wide).contains("neighbour_hz = 25"));
        let none = SpectrumInterpolationParams { n_harmonics: Some(0), ..DEFAULT };
        assert!(run(500.0, 50.0, none).contains("n_harmonics = 0"));
        assert!(run(5000.0, 50.0, DEFAULT).contains("samples in a block"));
        let mut broken = x.clone();
        broken[7] = f64::NAN;
        let error = spectrum_interpolation(broken.view(), 500.0, 50.0, DEFAULT).unwrap_err();
        assert!(error.to_string().contains("x[7] = NaN"));
    }
}

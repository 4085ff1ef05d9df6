//! Another sampling frequency.

use super::extend::reflect_limited;
use crate::spectral::{bessel_i0, inverse_real_fft, real_fft};
use crate::{Error, Result};
use ndarray::{Array1, ArrayView1, ArrayViewMut1};
use num_complex::Complex64;
use std::f64::consts::PI;

/// Shape of the Kaiser window of [`resample_polyphase`].
const KAISER_BETA: f64 = 5.0;
/// Largest factor of [`Ratio`].
const MAX_FACTOR: u64 = 100_000;

/// `up / down`, in lowest terms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ratio {
    /// Factor of the new rate.
    pub up: usize,
    /// Factor of the old rate.
    pub down: usize,
}

impl Ratio {
    /// The ratio of two rates by its continued fraction, to 12 digits.
    ///
    /// # Errors
    /// [`Error::Invalid`] for rates that are not positive or whose ratio needs factors above 100 000.
    ///
    /// ```
    /// use dosewave_numerics::filter::Ratio;
    /// assert_eq!(Ratio::of_rates(512.0, 200.0).unwrap(), Ratio { up: 25, down: 64 });
    /// ```
    pub fn of_rates(from: f64, to: f64) -> Result<Self> {
        let invalid = |allowed: String| {
            Err(Error::Invalid { parameter: "rates", value: format!("{from} Hz to {to} Hz"), allowed })
        };
        if !(from.is_finite() && to.is_finite() && from > 0.0 && to > 0.0) {
            return invalid("positive rates".into());
        }
        let target = to / from;
        let (mut h, mut k) = ((0_u64, 1_u64), (1_u64, 0_u64));
        let mut rest = target;
        loop {
            let whole = rest.floor();
            if whole > MAX_FACTOR as f64 {
                break;
            }
            let next = |(a, b): (u64, u64)| (b, whole as u64 * b + a);
            (h, k) = (next(h), next(k));
            if h.1 > MAX_FACTOR || k.1 > MAX_FACTOR {
                break;
            }
            if (h.1 as f64 / k.1 as f64 - target).abs() <= 1e-12 * target {
                return Ok(Self { up: h.1 as usize, down: k.1 as usize });
            }
            rest = 1.0 / (rest - whole);
        }
        invalid(format!("rates whose ratio is one of whole numbers up to {MAX_FACTOR}"))
    }

    /// New samples that lie within `n` old ones.
    #[must_use]
    pub fn n_out(&self, n: usize) -> usize {
        (n * self.up).div_ceil(self.down.max(1))
    }

    pub(super) fn check(&self, n: usize) -> Result<()> {
        if self.up == 0 || self.down == 0 {
            let value = format!("{}/{}", self.up, self.down);
            return Err(Error::Invalid { parameter: "ratio", value, allowed: "factors of 1 or more".into() });
        }
        if n == 0 {
            return Err(Error::TooShort { what: "samples to resample", got: 0, need: 1 });
        }
        Ok(())
    }
}

/// Resamples by a rational factor: zeros between samples, a Kaiser-windowed (β = 5) sinc of 20 × the larger factor + 1
/// taps, every `down`-th sample. `⌈n·up/down⌉` samples come out; the first stays the first.
///
/// Edges are extended by mirror reflection without the end sample. The same as SciPy's
/// `resample_poly(window=("kaiser", 5), padtype="reflect")`.
///
/// # Errors
/// [`Error::TooShort`] when `x` is empty, [`Error::Invalid`] for a factor of 0.
///
/// ```
/// use dosewave_numerics::filter::{Ratio, resample_polyphase};
/// let x = ndarray::Array1::from_iter((0..400).map(|t| (0.1 * f64::from(t)).sin()));
/// let y = resample_polyphase(x.view(), Ratio { up: 1, down: 2 }).unwrap();
/// assert_eq!(y.len(), 200);
/// assert!((y[100] - x[200]).abs() < 1e-3);
/// ```
pub fn resample_polyphase(x: ArrayView1<'_, f64>, ratio: Ratio) -> Result<Array1<f64>> {
    let mut y = Array1::zeros(ratio.n_out(x.len()));
    resample_polyphase_into(x, ratio, y.view_mut())?;
    Ok(y)
}

/// [`resample_polyphase`] into `y`.
///
/// # Errors
/// As there; [`Error::Shape`] for a `y` that is not `⌈n·up/down⌉` long.
pub fn resample_polyphase_into(
    x: ArrayView1<'_, f64>,
    ratio: Ratio,
    mut y: ArrayViewMut1<'_, f64>,
) -> Result<()> {
    ratio.check(x.len())?;
    let (expected, got) = (ratio.n_out(x.len()), y.len());
    if expected != got {
        return Err(Error::Shape { what: "resampled samples", expected, got });
    }
    let Ratio { up, down } = ratio;
    if up == down {
        y.assign(&x);
        return Ok(());
    }
    let (h, half) = sinc(up.max(down), up as f64);
    let phases = phases(&h, up);
    let contiguous = x.as_standard_layout();
    let x = contiguous.as_slice().unwrap_or_default();
    let resample =
        |y: &mut [f64]| pulp::Arch::new().dispatch(Polyphase { x, phases: &phases, ratio, half, y });
    if let Some(y) = y.as_slice_mut() {
        resample(y);
        return Ok(());
    }
    let mut resampled = vec![0.0; got];
    resample(&mut resampled);
    y.assign(&ArrayView1::from(&resampled));
    Ok(())
}

/// The taps that meet the inputs of an output, in the order of the inputs, for each place of the output between them.
fn phases(h: &[f64], up: usize) -> Vec<Vec<f64>> {
    (0..up)
        .map(|phase| {
            let mut taps: Vec<f64> = h.iter().skip(phase).step_by(up).copied().collect();
            taps.reverse();
            taps
        })
        .collect()
}

/// The inner loop of [`resample_polyphase`], compiled for the widest vectors that the processor has.
struct Polyphase<'a> {
    x: &'a [f64],
    phases: &'a [Vec<f64>],
    ratio: Ratio,
    half: usize,
    y: &'a mut [f64],
}

impl pulp::WithSimd for Polyphase<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, _: S) {
        let Self { x, phases, ratio: Ratio { up, down }, half, y } = self;
        let mut beyond = Vec::new();
        // position of an output on the dense grid of `up` points per input, whole inputs and rest; tap k meets input
        // (position + half − k) / up
        let (mut whole, mut phase) = (half / up, half % up);
        for out in y {
            let taps = &phases[phase];
            let end = whole + 1;
            *out = match end.checked_sub(taps.len()).and_then(|start| x.get(start..end)) {
                Some(inside) => dot(taps, inside),
                None => {
                    let first = end as i64 - taps.len() as i64;
                    beyond.clear();
                    beyond.extend((first..end as i64).map(|t| mirrored(x, t)));
                    dot(taps, &beyond)
                }
            };
            (whole, phase) = (whole + down / up, phase + down % up);
            if phase >= up {
                (whole, phase) = (whole + 1, phase - up);
            }
        }
    }
}

/// Scalar product in eight strands, the same on every processor.
#[inline(always)]
fn dot(a: &[f64], b: &[f64]) -> f64 {
    let ((a, rest_a), (b, rest_b)) = (a.as_chunks::<8>(), b.as_chunks::<8>());
    let mut strands = [0.0; 8];
    for (a, b) in a.iter().zip(b) {
        for ((strand, a), b) in strands.iter_mut().zip(a).zip(b) {
            *strand += a * b;
        }
    }
    let rest: f64 = rest_a.iter().zip(rest_b).map(|(a, b)| a * b).sum();
    strands.iter().sum::<f64>() + rest
}

/// The filter of [`resample_polyphase`] before every `down`-th sample is taken: symmetric, of odd length.
pub(super) fn decimator(down: usize) -> Array1<f64> {
    sinc(down, 1.0).0.into()
}

/// Kaiser-windowed sinc that passes `1 / factor` of the band, with the given gain at 0, and half its length.
fn sinc(factor: usize, gain: f64) -> (Vec<f64>, usize) {
    let half = 10 * factor;
    let cutoff = 1.0 / factor as f64;
    let mut h: Vec<f64> = (0..=2 * half)
        .map(|k| {
            let from_middle = k as f64 - half as f64;
            let t = PI * cutoff * from_middle;
            let sinc = if k == half { 1.0 } else { t.sin() / t };
            let place = from_middle / half as f64;
            sinc * bessel_i0(KAISER_BETA * (1.0 - place * place).max(0.0).sqrt())
        })
        .collect();
    let sum: f64 = h.iter().sum();
    h.iter_mut().for_each(|v| *v *= gain / sum);
    (h, half)
}

/// The sample at `t` of `x`, mirrored at its ends as often as it takes.
fn mirrored(x: &[f64], t: i64) -> f64 {
    let n = x.len() as i64;
    let period = (2 * (n - 1)).max(1);
    let t = t.rem_euclid(period);
    x[t.min(period - t).min(n - 1) as usize]
}

/// Resamples by cutting or padding the spectrum: the sharpest anti-alias filter there is, with its ringing.
/// `⌈n·up/down⌉` samples come out; the first stays the first.
///
/// The signal is extended by point reflection, then zeros, by an eighth of it or 100 samples at its end (whichever is less)
/// and by a multiple of `down` at its start (so that the first sample stays the first), to a power of two where that can be
/// resampled exactly, else to a multiple of `down`. MNE-Python (`npad="auto"`) always takes the power of two and rounds, so
/// its rate and its first sample are off by up to half a sample where ours are exact; where nothing is to be rounded the two
/// agree.
///
/// # Errors
/// [`Error::TooShort`] when `x` is empty, [`Error::Invalid`] for a factor of 0.
///
/// ```
/// use dosewave_numerics::filter::{Ratio, resample_fft};
/// let x = ndarray::Array1::from_iter((0..1000).map(|t| (0.1 * f64::from(t)).sin()));
/// let y = resample_fft(x.view(), Ratio { up: 1, down: 2 }).unwrap();
/// assert_eq!(y.len(), 500);
/// assert!((y[250] - x[500]).abs() < 1e-3);
/// ```
pub fn resample_fft(x: ArrayView1<'_, f64>, ratio: Ratio) -> Result<Array1<f64>> {
    ratio.check(x.len())?;
    let Ratio { up, down } = ratio;
    let n = x.len();
    let [left, n_long] = padding(n, down);
    let long = reflect_limited(x, left, n_long - n - left);
    let resampled = change_length(long, n_long / down * up)?;
    Ok(resampled.into_iter().skip(left / down * up).take(ratio.n_out(n)).collect())
}

/// Samples before the first, a whole number of new ones, and the length with both ends.
fn padding(n: usize, down: usize) -> [usize; 2] {
    let end = (n / 8).min(100);
    let long = |least: usize, spare: usize| {
        let power = least.next_power_of_two();
        if power.is_multiple_of(down) { power } else { (least + spare).next_multiple_of(down) }
    };
    let n_long = long(n + 2 * end, down);
    // half of what was added
    match (n_long - n) / 2 / down * down {
        // less than a new sample: without anything before it the first sample would meet the last
        0 if end > 0 => {
            let left = end.next_multiple_of(down);
            [left, long(left + n + end, 0)]
        }
        left => [left, n_long],
    }
}

/// The band-limited periodic signal of another length with the same spectrum.
fn change_length(mut x: Vec<f64>, n_new: usize) -> Result<Vec<f64>> {
    let n = x.len();
    let failed = |_| Error::Shape { what: "FFT buffer", expected: n, got: n };
    let forward = real_fft(n);
    let mut spectrum = forward.make_output_vec();
    forward.process(&mut x, &mut spectrum).map_err(failed)?;
    let inverse = inverse_real_fft(n_new);
    let mut cut = inverse.make_input_vec();
    for (to, from) in cut.iter_mut().zip(&spectrum) {
        *to = *from;
    }
    // the bin at half the lower rate stands for two
    let shorter = n.min(n_new);
    if shorter.is_multiple_of(2) && n != n_new {
        let factor = if n_new < n { 2.0 } else { 0.5 };
        if let Some(bin) = cut.get_mut(shorter / 2) {
            *bin *= factor;
        }
    }
    // rounding leaves an imaginary part where a real signal has none
    for k in [Some(0), n_new.is_multiple_of(2).then_some(n_new / 2)].into_iter().flatten() {
        cut[k] = Complex64::new(cut[k].re, 0.0);
    }
    let mut y = inverse.make_output_vec();
    inverse.process(&mut cut, &mut y).map_err(failed)?;
    y.iter_mut().for_each(|v| *v /= n as f64);
    Ok(y)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wave(n: usize, sfreq: f64) -> Array1<f64> {
        Array1::from_iter((0..n).map(|t| {
            let t = t as f64 / sfreq;
            (2.0 * PI * 3.0 * t).sin() + 0.5 * (2.0 * PI * 11.0 * t).cos() + 2.0
        }))
    }

    #[test]
    fn slow_waves_survive_any_ratio() {
        for (from, to) in [(250.0, 100.0), (100.0, 250.0), (512.0, 200.0), (1000.0, 333.0)] {
            let x = wave((4.0 * from) as usize, from);
            let ratio = Ratio::of_rates(from, to).unwrap();
            let both = [resample_polyphase(x.view(), ratio).unwrap(), resample_fft(x.view(), ratio).unwrap()];
            for y in both {
                let expected = wave(y.len(), to);
                let n = y.len();
                for t in n / 4..3 * n / 4 {
                    assert!(
                        (y[t] - expected[t]).abs() < 5e-3,
                        "{from} to {to} at {t}: {} {}",
                        y[t],
                        expected[t]
                    );
                }
            }
        }
    }

    #[test]
    fn edges_are_kept_at_any_ratio() {
        // the reflection has a kink at most, which is no jump of tens of microvolts
        let wave =
            |t: f64| 20.0 * (2.0 * PI * 3.0 * t + 1.0).sin() + 10.0 * (2.0 * PI * 9.7 * t).cos() + 30.0;
        for (from, to) in [(5000.0, 512.0), (1000.0, 333.0), (2048.0, 500.0), (512.0, 500.0), (1000.0, 250.0)]
        {
            let ratio = Ratio::of_rates(from, to).unwrap();
            for n in [4000, 4300, 8000, 30_000, 65_326] {
                let x = Array1::from_iter((0..n).map(|t| wave(f64::from(t) / from)));
                let y = resample_fft(x.view(), ratio).unwrap();
                let worst =
                    y.iter().enumerate().map(|(t, y)| (y - wave(t as f64 / to)).abs()).fold(0.0, f64::max);
                assert!(worst < 0.3, "{from} to {to}, {n} samples: {worst} µV");
            }
        }
    }

    #[test]
    fn polyphase_equals_zero_stuffing_and_direct_convolution() {
        let x = Array1::from_iter((0..57).map(|t| f64::from((t * 37) % 23) - 7.0));
        for (up, down) in [(3, 2), (2, 5), (1, 4), (7, 1), (4, 9)] {
            let (h, half) = sinc(up.max(down), up as f64);
            let y = resample_polyphase(x.view(), Ratio { up, down }).unwrap();
            let reach = 2 * half / up + 2;
            let at = |t: usize| mirrored(x.as_slice().unwrap(), t as i64 - reach as i64);
            let padded: Vec<f64> = (0..x.len() + 2 * reach).map(at).collect();
            for (t, value) in y.iter().enumerate() {
                let at = t * down + reach * up;
                let slow: f64 = (0..h.len())
                    .filter(|k| (at + half - k).is_multiple_of(up))
                    .map(|k| h[k] * padded[(at + half - k) / up])
                    .sum();
                assert!((value - slow).abs() < 1e-10, "{up}/{down} at {t}");
            }
        }
    }

    #[test]
    fn what_the_new_rate_cannot_carry_is_gone() {
        let x = Array1::from_iter((0..4000).map(|t| (2.0 * PI * 180.0 * f64::from(t) / 1000.0).sin()));
        for y in [
            resample_polyphase(x.view(), Ratio { up: 1, down: 4 }).unwrap(),
            resample_fft(x.view(), Ratio { up: 1, down: 4 }).unwrap(),
        ] {
            assert!(y.iter().skip(100).take(800).all(|v| v.abs() < 0.01));
        }
    }

    #[test]
    fn ratios_are_in_lowest_terms_or_refused() {
        assert_eq!(Ratio::of_rates(1000.0, 250.0).unwrap(), Ratio { up: 1, down: 4 });
        assert_eq!(Ratio::of_rates(160.0, 512.0).unwrap(), Ratio { up: 16, down: 5 });
        assert_eq!(Ratio::of_rates(250.0, 250.0).unwrap(), Ratio { up: 1, down: 1 });
        assert!(Ratio::of_rates(0.0, 10.0).is_err());
        assert!(Ratio::of_rates(1.0, PI).unwrap_err().to_string().contains("whole numbers"));
    }

    #[test]
    fn one_sample_is_enough_and_none_is_not() {
        let one = ndarray::array![4.0];
        assert_eq!(resample_polyphase(one.view(), Ratio { up: 1, down: 3 }).unwrap().len(), 1);
        assert_eq!(resample_fft(one.view(), Ratio { up: 3, down: 10 }).unwrap().len(), 1);
        assert!(resample_fft(Array1::zeros(0).view(), Ratio { up: 1, down: 2 }).is_err());
        assert!(resample_polyphase(one.view(), Ratio { up: 0, down: 1 }).is_err());
    }
}

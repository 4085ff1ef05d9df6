//! Zero-phase FIR filters by MNE's `firwin` design rules (Widmann et al. 2015, 10.1016/j.jneumeth.2014.08.002).

use super::extend::extended;
use crate::spectral::{Window, complex_fft, inverse_complex_fft};
use crate::{Error, Result};
use ndarray::{Array1, Array2, ArrayView1, ArrayView2, s};
use num_complex::Complex64;
use rustfft::Fft;
use serde::{Deserialize, Serialize};
use std::f64::consts::PI;
use std::sync::Arc;

/// Length of a Hamming-windowed FIR × its transition width, in samples × cycles per sample.
const HAMMING_LENGTH_FACTOR: f64 = 3.3;

/// Pass band of a zero-phase FIR with a Hamming window.
///
/// Transition bands are `min(max(0.25·f, 2), f)` Hz below the high-pass edge and `min(max(0.25·f, 2), sfreq/2 − f)`
/// above the low-pass edge; the −6 dB points lie in their middle; the length is 3.3 / the narrower of the two, odd.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct FirDesign {
    /// Lower edge of the pass band, Hz; `None` passes everything below.
    pub high_pass_hz: Option<f64>,
    /// Upper edge of the pass band, Hz; `None` passes everything above.
    pub low_pass_hz: Option<f64>,
}

impl FirDesign {
    /// The filter's coefficients at a sampling frequency: odd length, symmetric.
    ///
    /// # Errors
    /// [`Error::Invalid`] when no edge is given, an edge is not in (0, sfreq/2), or the edges are not ascending.
    ///
    /// ```
    /// use dosewave_numerics::filter::FirDesign;
    /// let h = FirDesign { high_pass_hz: Some(0.5), low_pass_hz: None }.coefficients(250.0).unwrap();
    /// assert_eq!(h.len(), 1651); // 3.3 / 0.5 Hz × 250 Hz, made odd
    /// assert!(h.sum().abs() < 1e-12); // no gain at 0 Hz
    /// ```
    pub fn coefficients(&self, sfreq: f64) -> Result<Array1<f64>> {
        check_edges(self.high_pass_hz, self.low_pass_hz, sfreq)?;
        let nyquist = sfreq / 2.0;
        let low_width = self.high_pass_hz.map(|f| (0.25 * f).max(2.0).min(f));
        let high_width = self.low_pass_hz.map(|f| (0.25 * f).max(2.0).min(nyquist - f));
        let narrowest = low_width.unwrap_or(f64::INFINITY).min(high_width.unwrap_or(f64::INFINITY));
        let mut n = (HAMMING_LENGTH_FACTOR / narrowest * sfreq).ceil().max(1.0) as usize;
        n += usize::from(n.is_multiple_of(2));
        let mut h = Array1::zeros(n);
        match (self.low_pass_hz, high_width) {
            (Some(edge), Some(width)) => add_low_pass(&mut h, edge + width / 2.0, width, sfreq, 1.0),
            _ => h[n / 2] = 1.0,
        }
        if let (Some(edge), Some(width)) = (self.high_pass_hz, low_width) {
            add_low_pass(&mut h, edge - width / 2.0, width, sfreq, -1.0);
        }
        Ok(h)
    }
}

/// Refuses edges outside (0, sfreq/2), none at all, or not ascending ones.
pub(super) fn check_edges(high_pass: Option<f64>, low_pass: Option<f64>, sfreq: f64) -> Result<()> {
    let invalid =
        |parameter, value: String, allowed: String| Err(Error::Invalid { parameter, value, allowed });
    if !(sfreq.is_finite() && sfreq > 0.0) {
        return invalid("sfreq", sfreq.to_string(), "a positive rate".into());
    }
    for (parameter, edge) in [("high_pass", high_pass), ("low_pass", low_pass)] {
        if let Some(f) = edge.filter(|f| !(*f > 0.0 && *f < sfreq / 2.0)) {
            return invalid(
                parameter,
                format!("{f} Hz"),
                format!("above 0 and below {} Hz, half the rate", sfreq / 2.0),
            );
        }
    }
    match (high_pass, low_pass) {
        (None, None) => invalid("filter", "no edge".into(), "a high_pass, a low_pass or both".into()),
        (Some(low), Some(high)) if low >= high => {
            invalid("high_pass", format!("{low} Hz"), format!("below the low_pass ({high} Hz)"))
        }
        _ => Ok(()),
    }
}

/// Adds `sign ×` a Hamming-windowed sinc low-pass of unit gain at 0 Hz, as long as its own transition asks, to the
/// middle of `h`.
fn add_low_pass(h: &mut Array1<f64>, cutoff_hz: f64, width_hz: f64, sfreq: f64, sign: f64) {
    let mut n = (HAMMING_LENGTH_FACTOR / (width_hz / sfreq)).round_ties_even() as usize;
    n += usize::from(n.is_multiple_of(2));
    let n = n.min(h.len());
    let cutoff = cutoff_hz / (sfreq / 2.0);
    let window = Window::Hamming.symmetric(n);
    let sinc = |x: f64| if x == 0.0 { 1.0 } else { (PI * x).sin() / (PI * x) };
    let middle = (n - 1) as f64 / 2.0;
    let mut part = Array1::from_iter((0..n).map(|t| cutoff * sinc(cutoff * (t as f64 - middle)) * window[t]));
    part /= part.sum();
    let offset = (h.len() - n) / 2;
    h.slice_mut(s![offset..offset + n]).scaled_add(sign, &part);
}

/// Filters `x` with a symmetric FIR of odd length without delay: the output has the length of `x`.
///
/// Edges are extended by the point reflection of the signal (`2·x₀ − x`), then zeros, as MNE's `reflect_limited`.
/// The convolution runs over blocks by FFT.
///
/// # Errors
/// [`Error::Invalid`] when the filter's length is even or it is not symmetric, [`Error::TooShort`] when `x` is empty.
///
/// ```
/// use dosewave_numerics::filter::{FirDesign, fir_zero_phase};
/// let h = FirDesign { high_pass_hz: None, low_pass_hz: Some(30.0) }.coefficients(250.0).unwrap();
/// let constant = ndarray::Array1::from_elem(100, 3.0);
/// let y = fir_zero_phase(constant.view(), h.view()).unwrap();
/// assert!((y[50] - 3.0).abs() < 1e-9); // gain 1 at 0 Hz
/// ```
pub fn fir_zero_phase(x: ArrayView1<'_, f64>, coefficients: ArrayView1<'_, f64>) -> Result<Array1<f64>> {
    check_coefficients(coefficients)?;
    if x.is_empty() {
        return Err(Error::TooShort { what: "samples to filter", got: 0, need: 1 });
    }
    Ok(ZeroPhase::new(coefficients, x.len()).filter(x))
}

/// [`fir_zero_phase`] of each row, to the same bits, with one plan for all.
///
/// # Errors
/// As [`fir_zero_phase`].
pub fn fir_zero_phase_rows(x: ArrayView2<'_, f64>, coefficients: ArrayView1<'_, f64>) -> Result<Array2<f64>> {
    check_coefficients(coefficients)?;
    if x.ncols() == 0 {
        return Err(Error::TooShort { what: "samples to filter", got: 0, need: 1 });
    }
    let plan = ZeroPhase::new(coefficients, x.ncols());
    let mut filtered = Array2::zeros(x.dim());
    for (x, mut out) in x.outer_iter().zip(filtered.outer_iter_mut()) {
        out.assign(&plan.filter(x));
    }
    Ok(filtered)
}

/// Refuses coefficients that would shift phases: an even number of them, or lopsided ones.
fn check_coefficients(coefficients: ArrayView1<'_, f64>) -> Result<()> {
    let n_taps = coefficients.len();
    if n_taps.is_multiple_of(2) {
        return Err(Error::Invalid {
            parameter: "coefficients",
            value: format!("{n_taps} of them"),
            allowed: "an odd number, so that the delay is a whole number of samples".into(),
        });
    }
    let mirrored = coefficients.iter().zip(coefficients.iter().rev());
    if let Some(k) = mirrored.clone().position(|(a, b)| (a - b).abs() > 1e-9 * a.abs().max(b.abs())) {
        return Err(Error::Invalid {
            parameter: "coefficients",
            value: format!(
                "{} at {k}, {} at its mirror place",
                coefficients[k],
                coefficients[n_taps - 1 - k]
            ),
            allowed: "symmetric ones: others would shift phases".into(),
        });
    }
    Ok(())
}

/// A symmetric filter planned for signals of about one length: overlap-save, two blocks in one complex transform.
struct ZeroPhase {
    half: usize,
    /// New samples of a block.
    step: usize,
    /// The filter's response at each bin, real since it is centred, ÷ the length of the transform.
    response: Vec<f64>,
    forward: Arc<dyn Fft<f64>>,
    inverse: Arc<dyn Fft<f64>>,
}

impl ZeroPhase {
    fn new(h: ArrayView1<'_, f64>, n_times: usize) -> Self {
        let (n_taps, half) = (h.len(), h.len() / 2);
        let n_fft = block_length(n_taps, n_times);
        let (forward, inverse) = (complex_fft(n_fft), inverse_complex_fft(n_fft));
        let mut centred = vec![Complex64::default(); n_fft];
        for (k, c) in h.iter().enumerate() {
            centred[(k + n_fft - half) % n_fft].re = *c;
        }
        forward.process(&mut centred);
        let response = centred.iter().map(|z| z.re / n_fft as f64).collect();
        Self { half, step: n_fft - n_taps + 1, response, forward, inverse }
    }

    fn filter(&self, x: ArrayView1<'_, f64>) -> Array1<f64> {
        let contiguous = x.as_standard_layout();
        let x = contiguous.as_slice().unwrap_or_default();
        let mut y = Array1::zeros(x.len());
        let mut z = vec![Complex64::default(); self.response.len()];
        let n_scratch = self.forward.get_inplace_scratch_len().max(self.inverse.get_inplace_scratch_len());
        let mut scratch = vec![Complex64::default(); n_scratch];
        let blocks = y.as_slice_mut().unwrap_or_default().chunks_mut(2 * self.step);
        for (pair, out) in blocks.enumerate() {
            let start = 2 * pair * self.step;
            self.load(x, start, &mut z);
            self.forward.process_with_scratch(&mut z, &mut scratch);
            z.iter_mut().zip(&self.response).for_each(|(z, r)| *z *= *r);
            self.inverse.process_with_scratch(&mut z, &mut scratch);
            let valid = &z[self.half..self.half + self.step];
            let (first, second) = out.split_at_mut(self.step.min(out.len()));
            first.iter_mut().zip(valid).for_each(|(y, z)| *y = z.re);
            second.iter_mut().zip(valid).for_each(|(y, z)| *y = z.im);
        }
        y
    }

    /// The block from `start` on as real part, the one after it as imaginary part, each with half a filter before it.
    fn load(&self, x: &[f64], start: usize, z: &mut [Complex64]) {
        let (n, lead) = (z.len(), start as isize - self.half as isize);
        let second = lead + self.step as isize;
        if lead >= 0 && second as usize + n <= x.len() {
            let (a, b) = (&x[lead as usize..], &x[second as usize..]);
            z.iter_mut().zip(a).zip(b).for_each(|((z, a), b)| *z = Complex64::new(*a, *b));
            return;
        }
        for (z, t) in z.iter_mut().zip(0_isize..) {
            *z = Complex64::new(extended(x, lead + t), extended(x, second + t));
        }
    }
}

/// The power of two with the least work per new sample; blocks above 16384 leave the cache.
fn block_length(n_taps: usize, n_times: usize) -> usize {
    let least = (n_taps + 1).next_power_of_two();
    let most = (n_times + n_taps).next_power_of_two().max(least);
    let work = |n: usize| n as f64 * (n as f64).log2() / (n - n_taps + 1) as f64;
    let lengths = (0..6).map(|k| least << k).filter(|n| *n <= most && (*n <= 16384 || *n == least));
    lengths.min_by(|a, b| work(*a).total_cmp(&work(*b))).unwrap_or(least)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::filter::extend::reflect_limited;

    fn naive(x: &Array1<f64>, h: &Array1<f64>) -> Array1<f64> {
        let half = h.len() / 2;
        let padded = reflect_limited(x.view(), half, half);
        Array1::from_iter(
            (0..x.len()).map(|t| (0..h.len()).map(|k| h[h.len() - 1 - k] * padded[t + k]).sum()),
        )
    }

    #[test]
    fn equals_direct_convolution_for_any_length() {
        let h = FirDesign { high_pass_hz: Some(1.0), low_pass_hz: Some(40.0) }.coefficients(100.0).unwrap();
        for n in [1, 5, 150, 331, 2000] {
            let x = Array1::from_iter((0..n).map(|t| (0.3 * t as f64).sin() + ((t * 31) % 7) as f64));
            let y = fir_zero_phase(x.view(), h.view()).unwrap();
            for (a, b) in y.iter().zip(&naive(&x, &h)) {
                assert!((a - b).abs() < 1e-10, "n = {n}");
            }
            let both = ndarray::stack![ndarray::Axis(0), x.mapv(|v| v * v), x];
            assert_eq!(fir_zero_phase_rows(both.view(), h.view()).unwrap().row(1), y);
        }
    }

    #[test]
    fn passes_the_band_and_stops_the_rest() {
        let h = FirDesign { high_pass_hz: Some(5.0), low_pass_hz: Some(40.0) }.coefficients(250.0).unwrap();
        let gain = |f: f64| {
            let middle = (h.len() / 2) as f64;
            h.iter()
                .enumerate()
                .map(|(t, c)| c * (2.0 * PI * f / 250.0 * (t as f64 - middle)).cos())
                .sum::<f64>()
        };
        assert!((gain(20.0) - 1.0).abs() < 0.01);
        assert!(gain(1.0).abs() < 0.01 && gain(60.0).abs() < 0.01);
        assert!((gain(4.0) - 0.5).abs() < 0.02, "-6 dB in the middle of the transition");
    }

    #[test]
    fn symmetric_and_refusing_nonsense() {
        let h = FirDesign { high_pass_hz: Some(0.5), low_pass_hz: Some(40.0) }.coefficients(250.0).unwrap();
        for t in 0..h.len() {
            assert!((h[t] - h[h.len() - 1 - t]).abs() < 1e-16);
        }
        let lopsided = ndarray::array![0.5, 1.0, 0.25];
        let error = fir_zero_phase(h.view(), lopsided.view()).unwrap_err().to_string();
        assert!(error.contains("0.5 at 0, 0.25 at its mirror place"), "{error}");
        for (low, high) in [(None, None), (Some(125.0), None), (Some(40.0), Some(30.0)), (None, Some(-1.0))] {
            assert!(FirDesign { high_pass_hz: low, low_pass_hz: high }.coefficients(250.0).is_err());
        }
    }
}

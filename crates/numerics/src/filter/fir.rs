//! Zero-phase FIR filters by MNE's `firwin` design rules (Widmann et al. 2015, 10.1016/j.jneumeth.2014.08.002).

use super::extend::extended;
use crate::spectral::{Window, complex_fft, inverse_complex_fft, packed};
use crate::{Error, Result};
use ndarray::{Array1, Array2, ArrayView1, ArrayView2, ArrayViewMut1, s};
use num_complex::Complex64;
use rustfft::Fft;
use serde::{Deserialize, Serialize};
use std::f64::consts::PI;
use std::sync::{Arc, OnceLock};

/// Length of a Hamming-windowed FIR × its transition width, in samples × cycles per sample.
pub(super) const HAMMING_LENGTH_FACTOR: f64 = 3.3;

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
pub(super) fn add_low_pass(h: &mut Array1<f64>, cutoff_hz: f64, width_hz: f64, sfreq: f64, sign: f64) {
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
    let mut y = Array1::zeros(x.len());
    ZeroPhaseFir::new(coefficients)?.filter_into(x, y.view_mut())?;
    Ok(y)
}

/// [`fir_zero_phase`] of each row, to the same bits, with one plan for all.
///
/// # Errors
/// As [`fir_zero_phase`].
pub fn fir_zero_phase_rows(x: ArrayView2<'_, f64>, coefficients: ArrayView1<'_, f64>) -> Result<Array2<f64>> {
    let filter = ZeroPhaseFir::new(coefficients)?;
    let mut filtered = Array2::zeros(x.dim());
    for (x, y) in x.outer_iter().zip(filtered.outer_iter_mut()) {
        filter.filter_into(x, y)?;
    }
    Ok(filtered)
}

/// [`fir_zero_phase`] planned for many signals: what follows from the coefficients is computed once.
///
/// ```
/// use dosewave_numerics::filter::{FirDesign, ZeroPhaseFir, fir_zero_phase};
/// let h = FirDesign { high_pass_hz: Some(1.0), low_pass_hz: Some(30.0) }.coefficients(250.0).unwrap();
/// let x = ndarray::Array1::from_shape_fn(5000, |t| ((t * t) % 101) as f64);
/// let mut y = ndarray::Array1::zeros(5000);
/// ZeroPhaseFir::new(h.view()).unwrap().filter_into(x.view(), y.view_mut()).unwrap();
/// assert_eq!(y, fir_zero_phase(x.view(), h.view()).unwrap());
/// ```
pub struct ZeroPhaseFir {
    coefficients: Array1<f64>,
    /// One plan per length of block, made when a signal first wants it.
    plans: [OnceLock<Blocks>; N_BLOCK_LENGTHS],
}

impl ZeroPhaseFir {
    /// A filter with these coefficients.
    ///
    /// # Errors
    /// [`Error::Invalid`] when their number is even or they are not symmetric.
    pub fn new(coefficients: ArrayView1<'_, f64>) -> Result<Self> {
        check_symmetric(coefficients)?;
        Ok(Self { coefficients: coefficients.to_owned(), plans: Default::default() })
    }

    /// Number of coefficients.
    #[must_use]
    pub fn n_taps(&self) -> usize {
        self.coefficients.len()
    }

    pub(super) fn coefficients(&self) -> ArrayView1<'_, f64> {
        self.coefficients.view()
    }

    /// Filters `x` into `y`; each sample of `y` is written once.
    ///
    /// # Errors
    /// [`Error::TooShort`] when `x` is empty, [`Error::Shape`] when `y` has another length.
    pub fn filter_into(&self, x: ArrayView1<'_, f64>, mut y: ArrayViewMut1<'_, f64>) -> Result<()> {
        if x.is_empty() {
            return Err(Error::TooShort { what: "samples to filter", got: 0, need: 1 });
        }
        if x.len() != y.len() {
            return Err(Error::Shape { what: "filtered samples", expected: x.len(), got: y.len() });
        }
        let length = block_length(self.n_taps(), x.len());
        let plan = self.plans[length].get_or_init(|| Blocks::new(self.coefficients.view(), length));
        let contiguous = x.as_standard_layout();
        let samples = contiguous.as_slice().unwrap_or_default();
        if let Some(y) = y.as_slice_mut() {
            plan.filter(samples, y);
            return Ok(());
        }
        let mut filtered = Array1::zeros(x.len());
        plan.filter(samples, filtered.as_slice_mut().unwrap_or_default());
        y.assign(&filtered);
        Ok(())
    }
}

fn check_symmetric(coefficients: ArrayView1<'_, f64>) -> Result<()> {
    let n_taps = coefficients.len();
    if n_taps.is_multiple_of(2) {
        return Err(Error::Invalid {
            parameter: "coefficients",
            value: format!("{n_taps} of them"),
            allowed: "an odd number, so that the delay is a whole number of samples".into(),
        });
    }
    let mut mirrored = coefficients.iter().zip(coefficients.iter().rev());
    match mirrored.position(|(a, b)| (a - b).abs() > 1e-9 * a.abs().max(b.abs())) {
        None => Ok(()),
        Some(k) => Err(Error::Invalid {
            parameter: "coefficients",
            value: format!(
                "{} at {k}, {} at its mirror place",
                coefficients[k],
                coefficients[n_taps - 1 - k]
            ),
            allowed: "symmetric ones: others would shift phases".into(),
        }),
    }
}

/// The response of a symmetric filter of odd length, without its delay and so real, at each bin of a transform that holds
/// it.
pub(super) fn centred_response(h: ArrayView1<'_, f64>, n_fft: usize) -> impl Iterator<Item = f64> {
    let mut centred = vec![Complex64::default(); n_fft];
    for (k, c) in h.iter().enumerate() {
        centred[(k + n_fft - h.len() / 2) % n_fft].re = *c;
    }
    complex_fft(n_fft).process(&mut centred);
    centred.into_iter().map(|z| z.re)
}

/// A symmetric filter planned for one length of block: overlap-save, two blocks in one complex transform.
struct Blocks {
    half: usize,
    /// New samples of a block.
    step: usize,
    /// The filter's response at each bin, real since it is centred, ÷ the length of the transform.
    response: Vec<f64>,
    forward: Arc<dyn Fft<f64>>,
    inverse: Arc<dyn Fft<f64>>,
}

impl Blocks {
    fn new(h: ArrayView1<'_, f64>, length: usize) -> Self {
        let (n_taps, half) = (h.len(), h.len() / 2);
        let n_fft = least_block(n_taps) << length;
        let response = centred_response(h, n_fft).map(|gain| gain / n_fft as f64).collect();
        let (forward, inverse) = (complex_fft(n_fft), inverse_complex_fft(n_fft));
        Self { half, step: n_fft - n_taps + 1, response, forward, inverse }
    }

    fn filter(&self, x: &[f64], y: &mut [f64]) {
        let mut z = vec![Complex64::default(); self.response.len()];
        let n_scratch = self.forward.get_inplace_scratch_len().max(self.inverse.get_inplace_scratch_len());
        let mut scratch = vec![Complex64::default(); n_scratch];
        for (pair, out) in y.chunks_mut(2 * self.step).enumerate() {
            let start = 2 * pair * self.step;
            self.load(x, start, &mut z);
            self.forward.process_with_scratch(&mut z, &mut scratch);
            packed::scale(&mut z, &self.response);
            self.inverse.process_with_scratch(&mut z, &mut scratch);
            let valid = &z[self.half..self.half + self.step];
            let (first, second) = out.split_at_mut(self.step.min(out.len()));
            packed::unpack(valid, first, second);
        }
    }

    /// The block from `start` on as real part, the one after it as imaginary part, each with half a filter before it.
    fn load(&self, x: &[f64], start: usize, z: &mut [Complex64]) {
        let (n, lead) = (z.len(), start as isize - self.half as isize);
        let second = lead + self.step as isize;
        if lead >= 0 && second as usize + n <= x.len() {
            packed::pack(&x[lead as usize..], &x[second as usize..], z);
            return;
        }
        for (z, t) in z.iter_mut().zip(0_isize..) {
            *z = Complex64::new(extended(x, lead + t), extended(x, second + t));
        }
    }
}

/// Lengths of block that are tried: powers of two from the least that holds the filter.
const N_BLOCK_LENGTHS: usize = 6;

/// The least power of two that is longer than the filter.
fn least_block(n_taps: usize) -> usize {
    (n_taps + 1).next_power_of_two()
}

/// The length of block (as a power of two over the least) with the least work per new sample; blocks above 16384 leave
/// the cache.
fn block_length(n_taps: usize, n_times: usize) -> usize {
    let least = least_block(n_taps);
    let most = (n_times + n_taps).next_power_of_two().max(least);
    let work = |length: &usize| {
        let n = (least << length) as f64;
        n * n.log2() / (n - n_taps as f64 + 1.0)
    };
    let fits = |length: &usize| {
        let n = least << length;
        n <= most && (n <= 16384 || n == least)
    };
    (0..N_BLOCK_LENGTHS).filter(fits).min_by(|a, b| work(a).total_cmp(&work(b))).unwrap_or(0)
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

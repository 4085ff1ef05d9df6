//! Zero-phase FIR filters by MNE's `firwin` design rules (Widmann et al. 2015, 10.1016/j.jneumeth.2014.08.002).

use super::extend::reflect_limited;
use crate::spectral::{Window, inverse_real_fft, real_fft};
use crate::{Error, Result};
use ndarray::{Array1, ArrayView1, s};
use serde::{Deserialize, Serialize};
use std::f64::consts::PI;

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
/// [`Error::Invalid`] when the filter's length is even, [`Error::TooShort`] when `x` is empty.
///
/// ```
/// use dosewave_numerics::filter::{FirDesign, fir_zero_phase};
/// let h = FirDesign { high_pass_hz: None, low_pass_hz: Some(30.0) }.coefficients(250.0).unwrap();
/// let constant = ndarray::Array1::from_elem(100, 3.0);
/// let y = fir_zero_phase(constant.view(), h.view()).unwrap();
/// assert!((y[50] - 3.0).abs() < 1e-9); // gain 1 at 0 Hz
/// ```
pub fn fir_zero_phase(x: ArrayView1<'_, f64>, coefficients: ArrayView1<'_, f64>) -> Result<Array1<f64>> {
    let n_taps = coefficients.len();
    if n_taps.is_multiple_of(2) {
        return Err(Error::Invalid {
            parameter: "coefficients",
            value: format!("{n_taps} of them"),
            allowed: "an odd number, so that the delay is a whole number of samples".into(),
        });
    }
    if x.is_empty() {
        return Err(Error::TooShort { what: "samples to filter", got: 0, need: 1 });
    }
    let half = n_taps / 2;
    let padded = reflect_limited(x, half, half);
    convolve_valid(&padded, coefficients, x.len())
}

/// The `n_out` samples of the convolution that overlap fully, by overlap-save.
fn convolve_valid(padded: &[f64], h: ArrayView1<'_, f64>, n_out: usize) -> Result<Array1<f64>> {
    let n_taps = h.len();
    let n_fft = (8 * n_taps).min(2 * padded.len()).max(n_taps + 1).next_power_of_two();
    let step = n_fft - n_taps + 1;
    let (forward, inverse) = (real_fft(n_fft), inverse_real_fft(n_fft));
    let failed = |_| Error::Shape { what: "FFT buffer", expected: n_fft, got: n_fft };
    let mut buffer = vec![0.0; n_fft];
    buffer.iter_mut().zip(h).for_each(|(out, c)| *out = *c);
    let mut response = forward.make_output_vec();
    forward.process(&mut buffer, &mut response).map_err(failed)?;
    let mut spectrum = forward.make_output_vec();
    let (mut scratch_f, mut scratch_i) = (forward.make_scratch_vec(), inverse.make_scratch_vec());
    let mut y = Array1::zeros(n_out);
    for start in (0..n_out).step_by(step) {
        let end = (start + n_fft).min(padded.len());
        buffer[..end - start].copy_from_slice(&padded[start..end]);
        buffer[end - start..].fill(0.0);
        forward.process_with_scratch(&mut buffer, &mut spectrum, &mut scratch_f).map_err(failed)?;
        spectrum.iter_mut().zip(&response).for_each(|(a, b)| *a *= b);
        // rounding leaves an imaginary part where a real signal has none
        if let Some(z) = spectrum.first_mut() {
            z.im = 0.0;
        }
        if let Some(z) = spectrum.last_mut() {
            z.im = 0.0;
        }
        inverse.process_with_scratch(&mut spectrum, &mut buffer, &mut scratch_i).map_err(failed)?;
        let n = step.min(n_out - start);
        for t in 0..n {
            y[start + t] = buffer[n_taps - 1 + t] / n_fft as f64;
        }
    }
    Ok(y)
}

#[cfg(test)]
mod tests {
    use super::*;

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
        for (low, high) in [(None, None), (Some(125.0), None), (Some(40.0), Some(30.0)), (None, Some(-1.0))] {
            assert!(FirDesign { high_pass_hz: low, low_pass_hz: high }.coefficients(250.0).is_err());
        }
    }
}

//! Amplitude and phase of an oscillation from moment to moment.

use crate::lanes::{ComplexLanes, LaneHilbert, Lanes, WIDTH, gather, lay_out};
use crate::spectral::{inverse_real_fft, real_fft};
use crate::{Error, Result};
use ndarray::{Array1, ArrayView1};
use num_complex::Complex64;

/// The analytic signal `x + i·H(x)`, where H is the Hilbert transform (Gabor 1946, 10.1049/ji-3-2.1946.0074): its modulus
/// is the amplitude of a narrow-band signal, its argument the phase. In the spectrum, H turns each frequency by −90° and
/// takes away the constant (and half the rate). The ends see each other, as in any Fourier transform; `n_fft` puts zeros
/// between them first. MNE's `apply_hilbert` with the same `n_fft`; `None` is the signal's own length (MNE's `None`; its
/// `"auto"` is the next length that is fast).
///
/// # Errors
/// [`Error::TooShort`] without a sample, [`Error::Value`] for a sample that is not finite, [`Error::Invalid`] for an
/// `n_fft` shorter than the signal.
///
/// ```
/// use dosewave_numerics::filter::analytic_signal;
/// use std::f64::consts::TAU;
/// let tone = ndarray::Array1::from_shape_fn(500, |t| 3.0 * (TAU * 0.1 * t as f64 + 0.5).cos());
/// let z = analytic_signal(tone.view(), None).unwrap();
/// assert!((z[0].norm() - 3.0).abs() < 1e-12 && (z[0].arg() - 0.5).abs() < 1e-12);
/// ```
pub fn analytic_signal(x: ArrayView1<'_, f64>, n_fft: Option<usize>) -> Result<Array1<Complex64>> {
    let n = n_fft.unwrap_or(x.len());
    if x.is_empty() {
        return Err(Error::TooShort { what: "samples of an envelope", got: 0, need: 1 });
    }
    if n < x.len() {
        let allowed = format!("{} or more, the number of samples", x.len());
        return Err(Error::Invalid { parameter: "n_fft", value: n.to_string(), allowed });
    }
    if let Some((index, &value)) = x.iter().enumerate().find(|(_, v)| !v.is_finite()) {
        return Err(Error::Value { what: "samples", index, value, allowed: "must be finite" });
    }
    let turned = hilbert(x, n)?;
    Ok(x.iter().zip(turned).map(|(re, im)| Complex64::new(*re, im / n as f64)).collect())
}

/// `n` × the Hilbert transform.
fn hilbert(x: ArrayView1<'_, f64>, n: usize) -> Result<Vec<f64>> {
    let (forward, inverse) = (real_fft(n), inverse_real_fft(n));
    let mut padded: Vec<f64> = x.to_vec();
    padded.resize(n, 0.0);
    let mut spectrum = forward.make_output_vec();
    let mismatch = |_| Error::Shape { what: "samples of a transform", expected: n, got: x.len() };
    forward.process(&mut padded, &mut spectrum).map_err(mismatch)?;
    for (k, value) in spectrum.iter_mut().enumerate() {
        *value = if k == 0 || 2 * k == n { Complex64::ZERO } else { Complex64::new(value.im, -value.re) };
    }
    inverse.process(&mut spectrum, &mut padded).map_err(mismatch)?;
    Ok(padded)
}

/// Hilbert transforms of many signals of one length, eight of them side by side: the plan, made once.
///
/// ```
/// use dosewave_numerics::envelope::{Centring, EnvelopeScale, Envelopes};
/// use dosewave_numerics::filter::Hilbert;
/// let x = ndarray::Array2::from_shape_fn((3, 1000), |(c, t)| ((c + 1) as f64 * 0.1 * t as f64).cos());
/// let mut envelopes = Envelopes::zeros(3, 1000, EnvelopeScale::Power).unwrap();
/// envelopes.fill_real(x.view(), &Hilbert::new(1000), Centring::Mean).unwrap();
/// assert!(envelopes.fill_real(x.view(), &Hilbert::new(999), Centring::Mean).is_err());
/// ```
pub struct Hilbert {
    lanes: LaneHilbert,
}

/// Memory of a [`Hilbert`] transform.
pub(crate) struct HilbertScratch {
    samples: Vec<Lanes>,
    z: [Vec<ComplexLanes>; 2],
}

impl Hilbert {
    /// For signals of `n_times` samples.
    #[must_use]
    pub fn new(n_times: usize) -> Self {
        Self { lanes: LaneHilbert::new(n_times) }
    }

    pub(crate) fn len(&self) -> usize {
        self.lanes.len()
    }

    pub(crate) fn scratch(&self) -> HilbertScratch {
        let z = || vec![[Lanes::ZERO; 2]; self.lanes.scratch_len()];
        HilbertScratch { samples: vec![Lanes::ZERO; self.lanes.len()], z: [z(), z()] }
    }

    /// The transforms of up to eight signals, which begin `stride` samples apart, into `out`, laid out in the same way.
    pub(crate) fn turn(&self, x: &[f64], out: &mut [f64], stride: usize, scratch: &mut HilbertScratch) {
        pulp::Arch::new().dispatch(Turn { hilbert: &self.lanes, x, out, stride, scratch });
    }
}

struct Turn<'a> {
    hilbert: &'a LaneHilbert,
    x: &'a [f64],
    out: &'a mut [f64],
    stride: usize,
    scratch: &'a mut HilbertScratch,
}

impl pulp::WithSimd for Turn<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, simd: S) {
        let Self { hilbert, x, out, stride, scratch: HilbertScratch { samples, z: [z, turned] } } = self;
        let silence = vec![0.0; hilbert.len()];
        let mut rows: [&[f64]; WIDTH] = [&silence; WIDTH];
        rows.iter_mut().zip(x.chunks_exact(stride)).for_each(|(row, x)| *row = x);
        lay_out(simd, rows, [0.0; WIDTH], samples);
        hilbert.transform(simd, samples, [z, turned]);
        let mut rows: Vec<&mut [f64]> = out.chunks_exact_mut(stride).collect();
        gather(simd, samples, &mut rows);
    }
}

/// Modulus of the [`analytic_signal`].
///
/// # Errors
/// [`Error::TooShort`] without a sample, [`Error::Value`] for a sample that is not finite.
///
/// ```
/// use dosewave_numerics::filter::envelope;
/// let tone = ndarray::Array1::from_shape_fn(500, |t| 3.0 * (std::f64::consts::TAU * 0.1 * t as f64).sin());
/// assert!(envelope(tone.view()).unwrap().iter().all(|a| (a - 3.0).abs() < 1e-9));
/// ```
pub fn envelope(x: ArrayView1<'_, f64>) -> Result<Array1<f64>> {
    Ok(analytic_signal(x, None)?.mapv(Complex64::norm))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The modulation of a carrier that is faster than it, for even and odd lengths.
    #[test]
    fn a_modulated_carrier_gives_its_modulation() {
        for n in [1000, 1001] {
            let turn = |k: f64, t: usize| std::f64::consts::TAU * k * t as f64 / n as f64;
            let modulation = |t: usize| 2.0 + turn(3.0, t).cos();
            let x = Array1::from_shape_fn(n, |t| modulation(t) * turn(200.0, t).cos());
            for (t, a) in envelope(x.view()).unwrap().iter().enumerate() {
                assert!((a - modulation(t)).abs() < 1e-9, "{n} {t}");
            }
        }
    }

    /// Zeros after the end, and the shortest lengths.
    #[test]
    fn padding_and_short_signals() {
        let x = Array1::from_shape_fn(37, |t| (0.7 * t as f64).sin() + (t % 5) as f64);
        let mut longer = x.to_vec();
        longer.resize(50, 0.0);
        let whole = analytic_signal(Array1::from(longer).view(), None).unwrap();
        let padded = analytic_signal(x.view(), Some(50)).unwrap();
        assert!(padded.iter().zip(&whole).all(|(a, b)| (a - b).norm() < 1e-13) && padded.len() == 37);
        assert_eq!(envelope(ndarray::array![-2.0].view()).unwrap()[0], 2.0);
        assert_eq!(envelope(ndarray::array![-2.0, 3.0].view()).unwrap().to_vec(), [2.0, 3.0]);
        assert!(analytic_signal(x.view(), Some(36)).is_err());
    }

    #[test]
    fn nonsense_is_refused() {
        assert!(envelope(ndarray::array![].view()).is_err());
        assert!(envelope(ndarray::array![1.0, f64::NAN].view()).is_err());
    }
}

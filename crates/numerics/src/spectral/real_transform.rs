//! Some bins of the transform of a real signal.

use super::{complex_fft, real_fft};
use crate::{Error, Result};
use num_complex::Complex64;
use realfft::RealToComplex;
use rustfft::Fft;
use std::f64::consts::TAU;
use std::ops::Range;
use std::sync::Arc;

/// The transform of a real signal of one length at some of its bins, planned.
///
/// A signal of even length is taken as half as many complex samples, `z(t) = x(2t) + i·x(2t + 1)`; with `Z` their transform,
/// `m = n/2` and `Z*(k) = conj Z(m − k)`, `X(k) = (Z(k) + Z*(k)) / 2 + e^(−2πik/n)·(Z(k) − Z*(k)) / 2i` (Press et al. 2007,
/// *Numerical Recipes*, section 12.3). The second step is done for the bins that are wanted.
pub(super) enum RealTransform {
    Even { half: Arc<dyn Fft<f64>>, twiddles: Vec<Complex64> },
    Odd(Arc<dyn RealToComplex<f64>>),
}

impl RealTransform {
    pub(super) fn new(n_times: usize) -> Self {
        if n_times == 0 || !n_times.is_multiple_of(2) {
            return Self::Odd(real_fft(n_times));
        }
        // the last exactly, so that a real signal has no imaginary part at half the rate
        let twiddle = |k: usize| match k {
            _ if 2 * k == n_times => -Complex64::ONE,
            _ => Complex64::cis(-TAU * k as f64 / n_times as f64),
        };
        Self::Even { half: complex_fft(n_times / 2), twiddles: (0..=n_times / 2).map(twiddle).collect() }
    }

    /// Complex numbers of memory that [`Self::transform`] needs.
    pub(super) fn scratch_len(&self) -> usize {
        match self {
            Self::Even { half, .. } => half.get_inplace_scratch_len(),
            Self::Odd(plan) => plan.get_scratch_len(),
        }
    }

    /// The spectrum of `x` at `bins` (of 0 to n/2) into `out`; `z` (n long), `scratch` and `x` are overwritten.
    pub(super) fn transform(
        &self,
        x: &mut [f64],
        bins: Range<usize>,
        z: &mut [Complex64],
        scratch: &mut [Complex64],
        out: &mut [Complex64],
    ) -> Result<()> {
        match self {
            Self::Even { half, twiddles } => {
                let m = half.len();
                let (pairs, _) = x.as_chunks::<2>();
                z.iter_mut().zip(pairs).for_each(|(z, [re, im])| *z = Complex64::new(*re, *im));
                half.process_with_scratch(&mut z[..m], &mut scratch[..half.get_inplace_scratch_len()]);
                // the first bin is also the one beyond the last
                z[m] = z[0];
                let (up, down) = (&z[bins.clone()], &z[m + 1 - bins.end..m + 1 - bins.start]);
                pulp::Arch::new().dispatch(Unravel { up, down, twiddles: &twiddles[bins], out });
            }
            Self::Odd(plan) => {
                let n = x.len();
                let spectrum = &mut z[..n / 2 + 1];
                plan.process_with_scratch(x, spectrum, scratch).map_err(|_| Error::Shape {
                    what: "samples",
                    expected: plan.len(),
                    got: n,
                })?;
                out.copy_from_slice(&spectrum[bins]);
            }
        }
        Ok(())
    }
}

/// The bins of a real signal from those of its halves.
struct Unravel<'a> {
    up: &'a [Complex64],
    /// Those that count down from the end, in the order of memory.
    down: &'a [Complex64],
    twiddles: &'a [Complex64],
    out: &'a mut [Complex64],
}

impl pulp::WithSimd for Unravel<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, _: S) {
        let Self { up, down, twiddles, out } = self;
        for (((out, p), q), w) in out.iter_mut().zip(up).zip(down.iter().rev()).zip(twiddles) {
            let even = Complex64::new(0.5 * (p.re + q.re), 0.5 * (p.im - q.im));
            let odd = Complex64::new(0.5 * (p.im + q.im), 0.5 * (q.re - p.re));
            *out = Complex64::new(
                even.re + (w.re * odd.re - w.im * odd.im),
                even.im + (w.re * odd.im + w.im * odd.re),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_bins_of_any_length_are_those_of_the_definition() {
        for n in [1_usize, 2, 3, 4, 7, 10, 64, 75] {
            let x: Vec<f64> = (0..n).map(|t| ((t * t * 7 + 3) % 11) as f64 - 4.0).collect();
            let slow = |k: usize| -> Complex64 {
                x.iter().enumerate().map(|(t, x)| x * Complex64::cis(-TAU * (k * t) as f64 / n as f64)).sum()
            };
            let plan = RealTransform::new(n);
            for (from, to) in [(0, n / 2 + 1), (0, 1), (n / 2, n / 2 + 1), (n / 4, n / 2), (1, 1)] {
                let mut out = vec![Complex64::default(); to.max(from) - from];
                let (mut z, mut scratch) =
                    (vec![Complex64::default(); n.max(2)], vec![Complex64::default(); plan.scratch_len()]);
                plan.transform(&mut x.clone(), from..to.max(from), &mut z, &mut scratch, &mut out).unwrap();
                for (k, found) in (from..to).zip(&out) {
                    assert!((found - slow(k)).norm() < 1e-11, "{n} samples, bin {k}: {found} {}", slow(k));
                }
            }
        }
    }

    #[test]
    fn silence_is_silent_and_a_real_signal_has_real_ends() {
        let plan = RealTransform::new(8);
        let run = |x: [f64; 8]| {
            let mut out = vec![Complex64::default(); 5];
            let (mut z, mut scratch) =
                (vec![Complex64::default(); 8], vec![Complex64::default(); plan.scratch_len()]);
            plan.transform(&mut x.clone(), 0..5, &mut z, &mut scratch, &mut out).unwrap();
            out
        };
        assert!(run([0.0; 8]).iter().all(|z| *z == Complex64::default()));
        let out = run([3.0, -1.0, 4.0, 1.0, -5.0, 9.0, 2.0, 6.0]);
        assert_eq!((out[0].im, out[4].im), (0.0, 0.0));
    }
}

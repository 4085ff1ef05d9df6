//! Fourier transforms of eight real signals side by side.

use super::fft::{ComplexLanes, LaneFft, Source, load};
use super::{Lanes, WIDTH};
use pulp::Simd;
use std::f64::consts::TAU;
use std::ops::Range;

/// Where the samples of eight real signals come from.
pub(crate) trait RealSource {
    fn at<S: Simd>(&self, simd: S, sample: usize, part: usize) -> S::f64s;
}

/// The spectra of eight real signals of one length at some of their bins.
///
/// Signals of even length are taken as half as many complex samples, `z(t) = x(2t) + i·x(2t + 1)`; with `Z` their transform,
/// `m = n/2` and `Z*(k) = conj Z(m − k)`, `X(k) = (Z(k) + Z*(k)) / 2 + e^(−2πik/n)·(Z(k) − Z*(k)) / 2i` (Press et al. 2007,
/// *Numerical Recipes*, section 12.3). The second step is done for the bins that are wanted.
pub(crate) struct LaneRealFft {
    n: usize,
    fft: LaneFft,
    /// For signals of even length: half of `e^(−2πik/n)`.
    half_twiddles: Option<Vec<[f64; 2]>>,
}

impl LaneRealFft {
    pub(crate) fn new(n: usize) -> Self {
        if n == 0 || !n.is_multiple_of(2) {
            return Self { n, fft: LaneFft::new(n), half_twiddles: None };
        }
        // the last exactly, so that a real signal has no imaginary part at half the rate
        let twiddle = |k: usize| match k {
            _ if 2 * k == n => [-0.5, 0.0],
            _ => [0.5 * (TAU * k as f64 / n as f64).cos(), -0.5 * (TAU * k as f64 / n as f64).sin()],
        };
        Self { n, fft: LaneFft::new(n / 2), half_twiddles: Some((0..=n / 2).map(twiddle).collect()) }
    }

    /// Room that [`Self::transform`] needs.
    pub(crate) fn scratch_len(&self) -> usize {
        self.fft.len()
    }

    /// The spectra at `bins` (of 0 to n/2) into `out`, as many.
    #[inline(always)]
    pub(crate) fn transform<S: Simd, X: RealSource>(
        &self,
        simd: S,
        source: &X,
        bins: Range<usize>,
        z: &mut [ComplexLanes],
        out: &mut [ComplexLanes],
    ) {
        let z = &mut z[..self.fft.len()];
        let Some(half_twiddles) = &self.half_twiddles else {
            self.fft.transform(simd, &Alone(source), z);
            out.copy_from_slice(&z[bins]);
            return;
        };
        self.fft.transform(simd, &Halves(source), z);
        let m = self.n / 2;
        for (k, out) in bins.zip(out) {
            let (up, down) = (&z[k % m], &z[(m - k) % m]);
            let [cos, sin] = half_twiddles[k];
            let (cos, sin) = (simd.splat_f64s(cos), simd.splat_f64s(sin));
            let half = simd.splat_f64s(0.5);
            for part in 0..WIDTH / S::F64_LANES {
                let ([p_re, p_im], [q_re, q_im]) = (load::<S>(up, part), load::<S>(down, part));
                // twice the transform of the even samples, and of the odd ones
                let even = [simd.add_f64s(p_re, q_re), simd.sub_f64s(p_im, q_im)];
                let odd = [simd.add_f64s(p_im, q_im), simd.sub_f64s(q_re, p_re)];
                let turned = [
                    simd.sub_f64s(simd.mul_f64s(cos, odd[0]), simd.mul_f64s(sin, odd[1])),
                    simd.add_f64s(simd.mul_f64s(cos, odd[1]), simd.mul_f64s(sin, odd[0])),
                ];
                for ((out, even), turned) in out.iter_mut().zip(even).zip(turned) {
                    out.vectors_mut::<S>()[part] = simd.mul_add_e_f64s(half, even, turned);
                }
            }
        }
    }
}

/// Two samples as one complex one.
struct Halves<'a, X>(&'a X);

impl<X: RealSource> Source for Halves<'_, X> {
    #[inline(always)]
    fn at<S: Simd>(&self, simd: S, sample: usize, part: usize) -> [S::f64s; 2] {
        [self.0.at(simd, 2 * sample, part), self.0.at(simd, 2 * sample + 1, part)]
    }
}

struct Alone<'a, X>(&'a X);

impl<X: RealSource> Source for Alone<'_, X> {
    #[inline(always)]
    fn at<S: Simd>(&self, simd: S, sample: usize, part: usize) -> [S::f64s; 2] {
        [self.0.at(simd, sample, part), simd.splat_f64s(0.0)]
    }
}

/// Samples × a taper.
pub(crate) struct Tapered<'a> {
    pub(crate) samples: &'a [Lanes],
    pub(crate) taper: &'a [f64],
}

impl RealSource for Tapered<'_> {
    #[inline(always)]
    fn at<S: Simd>(&self, simd: S, sample: usize, part: usize) -> S::f64s {
        simd.mul_f64s(self.samples[sample].vectors::<S>()[part], simd.splat_f64s(self.taper[sample]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use num_complex::Complex64;

    struct Run<'a>(&'a [f64], Range<usize>, &'a mut [ComplexLanes]);

    impl pulp::WithSimd for Run<'_> {
        type Output = ();

        #[inline(always)]
        fn with_simd<S: Simd>(self, simd: S) {
            let samples: Vec<Lanes> = self.0.iter().map(|x| Lanes([*x; WIDTH])).collect();
            let plan = LaneRealFft::new(samples.len());
            let mut z = vec![[Lanes::ZERO; 2]; plan.scratch_len()];
            let taper = vec![1.0; samples.len()];
            plan.transform(simd, &Tapered { samples: &samples, taper: &taper }, self.1, &mut z, self.2);
        }
    }

    fn spectrum(x: &[f64], bins: Range<usize>) -> Vec<Complex64> {
        let mut out = vec![[Lanes::ZERO; 2]; bins.len()];
        pulp::Arch::new().dispatch(Run(x, bins, &mut out));
        assert!(out.iter().flatten().all(|lanes| lanes.0 == [lanes.0[0]; WIDTH]));
        out.iter().map(|[re, im]| Complex64::new(re.0[0], im.0[0])).collect()
    }

    #[test]
    fn any_bins_of_any_length_are_those_of_the_definition() {
        for n in [1_usize, 2, 3, 4, 7, 10, 26, 34, 64, 75] {
            let x: Vec<f64> = (0..n).map(|t| ((t * t * 7 + 3) % 11) as f64 - 4.0).collect();
            let slow = |k: usize| -> Complex64 {
                x.iter().enumerate().map(|(t, x)| x * Complex64::cis(-TAU * (k * t) as f64 / n as f64)).sum()
            };
            for (from, to) in [(0, n / 2 + 1), (0, 1), (n / 2, n / 2 + 1), (n / 4, n / 2), (1, 1)] {
                let bins = from..to.max(from);
                for (k, found) in bins.clone().zip(spectrum(&x, bins)) {
                    assert!((found - slow(k)).norm() < 1e-11, "{n} samples, bin {k}: {found} {}", slow(k));
                }
            }
        }
    }

    #[test]
    fn silence_is_silent_and_a_real_signal_has_real_ends() {
        assert!(spectrum(&[0.0; 8], 0..5).iter().all(|z| *z == Complex64::ZERO));
        let out = spectrum(&[3.0, -1.0, 4.0, 1.0, -5.0, 9.0, 2.0, 6.0], 0..5);
        assert_eq!((out[0].im, out[4].im), (0.0, 0.0));
    }
}

//! Hilbert transforms of eight real signals side by side.

use super::Lanes;
use super::fft::{ComplexLanes, LaneFft, Source, load};
use pulp::Simd;
use std::f64::consts::TAU;

/// The Hilbert transform of eight real signals of one length: each frequency is turned by −90°, the constant (and half the
/// rate) taken away.
///
/// Signals of even length are taken as half as many complex samples, `z(t) = x(2t) + i·x(2t + 1)`. With `Z` their transform,
/// `m = n/2`, `w = e^(2πik/n)` and `Z*(k) = conj Z(m − k)`, the transforms of the even and the odd samples are
/// `E = (Z + Z*) / 2` and `O = (Z − Z*) / 2i`. The turned signal has `−i·(E + O/w)` at `k`, and taken together in the same way
/// its samples have `w·E − i·O/w`.
pub(crate) struct LaneHilbert {
    n: usize,
    fft: LaneFft,
    /// For signals of even length: cosine and sine of `2πk/n`.
    turns: Option<Vec<[f64; 2]>>,
}

impl LaneHilbert {
    pub(crate) fn new(n: usize) -> Self {
        if n == 0 || !n.is_multiple_of(2) {
            return Self { n, fft: LaneFft::new(n), turns: None };
        }
        let turn = |k: usize| {
            let (sin, cos) = (TAU * k as f64 / n as f64).sin_cos();
            [cos, sin]
        };
        Self { n, fft: LaneFft::new(n / 2), turns: Some((0..n / 2).map(turn).collect()) }
    }

    /// Samples of each signal.
    pub(crate) fn len(&self) -> usize {
        self.n
    }

    /// Room that [`Self::transform`] needs, twice.
    pub(crate) fn scratch_len(&self) -> usize {
        self.fft.len()
    }

    /// Puts the transforms of `samples` in their places.
    #[inline(always)]
    pub(crate) fn transform<S: Simd>(
        &self,
        simd: S,
        samples: &mut [Lanes],
        [z, turned]: [&mut [ComplexLanes]; 2],
    ) {
        let len = self.fft.len();
        let (z, turned) = (&mut z[..len], &mut turned[..len]);
        let scale = simd.splat_f64s(1.0 / len.max(1) as f64);
        let Some(turns) = &self.turns else {
            self.fft.transform(simd, &Reals(samples), z);
            self.fft.transform(simd, &TurnedOdd(z), turned);
            for (sample, [_, re]) in samples.iter_mut().zip(&*turned) {
                scaled(simd, scale, re, sample);
            }
            return;
        };
        self.fft.transform(simd, &Halves(samples), z);
        self.fft.transform(simd, &Turned { z, turns }, turned);
        // real and imaginary parts have changed places
        for (two, [im, re]) in samples.as_chunks_mut::<2>().0.iter_mut().zip(&*turned) {
            scaled(simd, scale, re, &mut two[0]);
            scaled(simd, scale, im, &mut two[1]);
        }
    }
}

#[inline(always)]
fn scaled<S: Simd>(simd: S, scale: S::f64s, value: &Lanes, out: &mut Lanes) {
    for (out, value) in out.vectors_mut::<S>().iter_mut().zip(value.vectors::<S>()) {
        *out = simd.mul_f64s(scale, *value);
    }
}

/// Two samples as one complex one.
struct Halves<'a>(&'a [Lanes]);

impl Source for Halves<'_> {
    #[inline(always)]
    fn at<S: Simd>(&self, _: S, sample: usize, part: usize) -> [S::f64s; 2] {
        [self.0[2 * sample].vectors::<S>()[part], self.0[2 * sample + 1].vectors::<S>()[part]]
    }
}

/// What the inverse transform takes, real and imaginary parts changed about, so that the forward transform does it:
/// `w·E − i·O/w`, which with `w = c + is` is `c·Re Z(m − k) − s·Im Z(k) + i·(s·Re Z(k) − c·Im Z(m − k))`.
struct Turned<'a> {
    z: &'a [ComplexLanes],
    turns: &'a [[f64; 2]],
}

impl Source for Turned<'_> {
    #[inline(always)]
    fn at<S: Simd>(&self, simd: S, k: usize, part: usize) -> [S::f64s; 2] {
        if k == 0 {
            return [simd.splat_f64s(0.0); 2];
        }
        let [up_re, up_im] = load::<S>(&self.z[k], part);
        let [down_re, down_im] = load::<S>(&self.z[self.z.len() - k], part);
        let [cos, sin] = self.turns[k];
        let (cos, sin) = (simd.splat_f64s(cos), simd.splat_f64s(sin));
        let re = simd.sub_f64s(simd.mul_f64s(cos, down_re), simd.mul_f64s(sin, up_im));
        let im = simd.sub_f64s(simd.mul_f64s(sin, up_re), simd.mul_f64s(cos, down_im));
        [im, re]
    }
}

struct Reals<'a>(&'a [Lanes]);

impl Source for Reals<'_> {
    #[inline(always)]
    fn at<S: Simd>(&self, simd: S, sample: usize, part: usize) -> [S::f64s; 2] {
        [self.0[sample].vectors::<S>()[part], simd.splat_f64s(0.0)]
    }
}

/// The same of an odd number of samples: `−i·Z` of the positive frequencies, `i·Z` of the negative ones.
struct TurnedOdd<'a>(&'a [ComplexLanes]);

impl Source for TurnedOdd<'_> {
    #[inline(always)]
    fn at<S: Simd>(&self, simd: S, k: usize, part: usize) -> [S::f64s; 2] {
        let zero = simd.splat_f64s(0.0);
        let [re, im] = load::<S>(&self.0[k], part);
        match k {
            0 => [zero; 2],
            _ if 2 * k < self.0.len() => [simd.sub_f64s(zero, re), im],
            _ => [re, simd.sub_f64s(zero, im)],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lanes::WIDTH;
    use num_complex::Complex64;

    struct Run(Vec<Lanes>);

    impl pulp::WithSimd for Run {
        type Output = Vec<Lanes>;

        #[inline(always)]
        fn with_simd<S: Simd>(mut self, simd: S) -> Vec<Lanes> {
            let plan = LaneHilbert::new(self.0.len());
            let [mut z, mut turned] = [0; 2].map(|_| vec![[Lanes::ZERO; 2]; plan.scratch_len()]);
            plan.transform(simd, &mut self.0, [&mut z, &mut turned]);
            self.0
        }
    }

    /// By the definition: each frequency of the discrete transform turned by −90°.
    fn slow(x: &[f64]) -> Vec<f64> {
        let n = x.len();
        let turn = |k: usize, t: usize| Complex64::cis(TAU * (k * t % n) as f64 / n as f64);
        let bin = |k: usize| -> Complex64 { (0..n).map(|t| x[t] * turn(k, t).conj()).sum() };
        let turned: Vec<Complex64> = (1..n.div_ceil(2)).map(|k| bin(k) * -Complex64::I).collect();
        (0..n)
            .map(|t| 2.0 / n as f64 * (1..).zip(&turned).map(|(k, z)| (z * turn(k, t)).re).sum::<f64>())
            .collect()
    }

    #[test]
    fn signals_of_any_length_are_turned_each_by_itself() {
        for n in [1_usize, 2, 3, 4, 5, 6, 10, 25, 34, 64, 75, 90, 101] {
            let x = |lane: usize, t: usize| ((t * t * 7 + 3 * lane * t + lane) % 23) as f64 - 11.0;
            let samples = (0..n).map(|t| Lanes(std::array::from_fn(|lane| x(lane, t)))).collect();
            let found = pulp::Arch::new().dispatch(Run(samples));
            for lane in 0..WIDTH {
                let expected = slow(&(0..n).map(|t| x(lane, t)).collect::<Vec<_>>());
                for (t, expected) in expected.iter().enumerate() {
                    let got = found[t].0[lane];
                    assert!((got - expected).abs() < 1e-11, "{n} samples, {lane}, {t}: {got} {expected}");
                }
            }
        }
    }

    #[test]
    fn silence_beside_noise_stays_silent() {
        let samples =
            (0..40).map(|t| Lanes([0.0, (t * t % 7) as f64, 0.0, 1e6, 0.0, 0.0, -3.0, 0.0])).collect();
        let found = pulp::Arch::new().dispatch(Run(samples));
        assert!(found.iter().all(|lanes| [0, 2, 4, 5, 7].iter().all(|k| lanes.0[*k] == 0.0)));
        assert!(found.iter().any(|lanes| lanes.0[1] != 0.0));
    }
}

//! Fourier transforms of eight signals side by side.

use super::butterfly::{Butterfly, Complex, Eight, Four, Odd, Two};
use super::{Lanes, WIDTH};
use crate::spectral::complex_fft;
use num_complex::Complex64;
use pulp::Simd;
use rustfft::Fft;
use std::f64::consts::TAU;
use std::sync::Arc;

/// Real and imaginary part of eight signals at one sample or bin.
pub(crate) type ComplexLanes = [Lanes; 2];

/// Where the samples of eight signals come from: memory, or products made as they are asked for.
pub(crate) trait Source {
    /// Real and imaginary part at one sample, of the signals in one vector (8 / its width of them make up all eight).
    fn at<S: Simd>(&self, simd: S, sample: usize, part: usize) -> [S::f64s; 2];
}

impl Source for [ComplexLanes] {
    #[inline(always)]
    fn at<S: Simd>(&self, _: S, sample: usize, part: usize) -> [S::f64s; 2] {
        load::<S>(&self[sample], part)
    }
}

/// The forward Fourier transform of one length, not normalised, of eight signals side by side: no value moves from one place
/// of a vector to another, whatever the length, so that each signal's bits depend on itself alone.
///
/// Decimation in time (Cooley & Tukey 1965, 10.1090/S0025-5718-1965-0178586-1), the parts of a part before the next part, so
/// that all but the last steps stay in the first cache. For the inverse, change real and imaginary parts about in what goes
/// in and what comes out.
pub(crate) struct LaneFft {
    n: usize,
    way: Way,
}

enum Way {
    Steps(Box<Steps>),
    /// Lengths with a large prime factor, one signal after the other.
    OneByOne(Arc<dyn Fft<f64>>),
}

struct Steps {
    /// Points of the first transforms, and where in the signal each starts.
    first: Radix,
    starts: Vec<usize>,
    levels: Vec<Level>,
}

/// Transforms of `radix` neighbouring parts become one.
struct Level {
    radix: Radix,
    /// Length of a part.
    part: usize,
    /// How many first transforms become one.
    n_starts: usize,
    /// `[bin of a part][part from the second on]`: real part, imaginary part and its negative of `e^(−2πi·bin·part/length)`.
    twiddles: Vec<[f64; 3]>,
}

#[derive(Clone, Copy)]
enum Radix {
    Two,
    Three(Odd<3>),
    Four,
    Five(Odd<5>),
    Seven(Odd<7>),
    Eight,
    Eleven(Odd<11>),
    Thirteen(Odd<13>),
}

impl Radix {
    fn points(self) -> usize {
        match self {
            Self::Two => 2,
            Self::Three(_) => 3,
            Self::Four => 4,
            Self::Five(_) => 5,
            Self::Seven(_) => 7,
            Self::Eight => 8,
            Self::Eleven(_) => 11,
            Self::Thirteen(_) => 13,
        }
    }
}

/// Factors of `n`, large powers of two last, where most memory passes by; `None` with a prime factor above 13 or none at all.
fn factors(mut n: usize) -> Option<Vec<Radix>> {
    let mut found = Vec::new();
    let odds = [
        Radix::Thirteen(Odd::new()),
        Radix::Eleven(Odd::new()),
        Radix::Seven(Odd::new()),
        Radix::Five(Odd::new()),
        Radix::Three(Odd::new()),
    ];
    for odd in odds {
        while n > 0 && n.is_multiple_of(odd.points()) {
            n /= odd.points();
            found.push(odd);
        }
    }
    if !n.is_power_of_two() {
        return None;
    }
    let twos = n.trailing_zeros() as usize;
    let (fours, eights) = match (twos % 3, twos) {
        (1, 4..) => (2, twos / 3 - 1),
        (2, _) => (1, twos / 3),
        _ => (0, twos / 3),
    };
    found.extend((twos == 1).then_some(Radix::Two));
    found.extend(std::iter::repeat_n(Radix::Four, fours));
    found.extend(std::iter::repeat_n(Radix::Eight, eights));
    (!found.is_empty()).then_some(found)
}

/// Steps of a transform, each of which touches all samples; `None` for a length with a large prime factor, which takes several
/// times longer.
pub(crate) fn n_steps(n: usize) -> Option<usize> {
    factors(n).map(|factors| factors.len())
}

impl Steps {
    fn new(n: usize) -> Option<Self> {
        let factors = factors(n)?;
        let (first, rest) = factors.split_first()?;
        let mut levels = Vec::with_capacity(rest.len());
        let (mut part, mut starts) = (first.points(), vec![0]);
        for radix in rest {
            let (r, length) = (radix.points(), part * radix.points());
            let twiddle = |k: usize, j: usize| {
                let turn = Complex64::cis(-TAU * (j * k) as f64 / length as f64);
                [turn.re, turn.im, -turn.im]
            };
            let twiddles = (0..part).flat_map(|k| (1..r).map(move |j| twiddle(k, j))).collect();
            // part j of a signal are its samples j, j + r, j + 2r …
            starts = (0..r).flat_map(|j| starts.iter().map(move |start| j + r * start)).collect();
            levels.push(Level { radix: *radix, part, n_starts: starts.len(), twiddles });
            part = length;
        }
        Some(Self { first: *first, starts, levels })
    }

    #[inline(always)]
    fn run<S: Simd, X: Source + ?Sized>(&self, simd: S, source: &X, out: &mut [ComplexLanes]) {
        let (points, stride) = (self.first.points(), self.starts.len());
        for (k, start) in self.starts.iter().enumerate() {
            let end = (k + 1) * points;
            let from = (source, *start, stride);
            let to = &mut out[k * points..end];
            match self.first {
                Radix::Two => first(simd, Two, from, to),
                Radix::Three(odd) => first(simd, odd, from, to),
                Radix::Four => first(simd, Four, from, to),
                Radix::Five(odd) => first(simd, odd, from, to),
                Radix::Seven(odd) => first(simd, odd, from, to),
                Radix::Eight => first(simd, Eight, from, to),
                Radix::Eleven(odd) => first(simd, odd, from, to),
                Radix::Thirteen(odd) => first(simd, odd, from, to),
            }
            for level in self.levels.iter().take_while(|level| (k + 1).is_multiple_of(level.n_starts)) {
                let parts = &mut out[end - level.part * level.radix.points()..end];
                match level.radix {
                    Radix::Two => join(simd, Two, level, parts),
                    Radix::Three(odd) => join(simd, odd, level, parts),
                    Radix::Four => join(simd, Four, level, parts),
                    Radix::Five(odd) => join(simd, odd, level, parts),
                    Radix::Seven(odd) => join(simd, odd, level, parts),
                    Radix::Eight => join(simd, Eight, level, parts),
                    Radix::Eleven(odd) => join(simd, odd, level, parts),
                    Radix::Thirteen(odd) => join(simd, odd, level, parts),
                }
            }
        }
    }
}

/// The transform of every `stride`-th sample from `start` on.
#[inline(always)]
fn first<S: Simd, B: Butterfly<R>, X: Source + ?Sized, const R: usize>(
    simd: S,
    butterfly: B,
    (source, start, stride): (&X, usize, usize),
    out: &mut [ComplexLanes],
) {
    let Some(out) = out.first_chunk_mut::<R>() else { return };
    for part in 0..WIDTH / S::F64_LANES {
        let mut v = [[simd.splat_f64s(0.0); 2]; R];
        for (j, v) in v.iter_mut().enumerate() {
            *v = source.at(simd, start + j * stride, part);
        }
        store::<S, R>(butterfly.transform(simd, v), part, out);
    }
}

/// Parts that lie one after the other become one transform in their place.
#[inline(always)]
fn join<S: Simd, B: Butterfly<R>, const R: usize>(
    simd: S,
    butterfly: B,
    level: &Level,
    parts: &mut [ComplexLanes],
) {
    let n = level.part;
    for k in 0..n {
        let Some(twiddles) = level.twiddles[k * (R - 1)..].get(..R - 1) else { return };
        for part in 0..WIDTH / S::F64_LANES {
            let mut v = [[simd.splat_f64s(0.0); 2]; R];
            v[0] = load::<S>(&parts[k], part);
            for j in 1..R {
                let [cos, sin, minus_sin] = twiddles[j - 1];
                let (cos, sin, minus_sin) =
                    (simd.splat_f64s(cos), simd.splat_f64s(sin), simd.splat_f64s(minus_sin));
                let [re, im] = load::<S>(&parts[k + j * n], part);
                v[j] = [
                    simd.mul_add_e_f64s(im, minus_sin, simd.mul_f64s(re, cos)),
                    simd.mul_add_e_f64s(re, sin, simd.mul_f64s(im, cos)),
                ];
            }
            let y = butterfly.transform(simd, v);
            for (j, [re, im]) in y.into_iter().enumerate() {
                let out = &mut parts[k + j * n];
                out[0].vectors_mut::<S>()[part] = re;
                out[1].vectors_mut::<S>()[part] = im;
            }
        }
    }
}

#[inline(always)]
pub(super) fn load<S: Simd>([re, im]: &ComplexLanes, part: usize) -> Complex<S> {
    [re.vectors::<S>()[part], im.vectors::<S>()[part]]
}

#[inline(always)]
fn store<S: Simd, const R: usize>(y: [Complex<S>; R], part: usize, out: &mut [ComplexLanes; R]) {
    for ([re, im], out) in y.into_iter().zip(out) {
        out[0].vectors_mut::<S>()[part] = re;
        out[1].vectors_mut::<S>()[part] = im;
    }
}

impl LaneFft {
    pub(crate) fn new(n: usize) -> Self {
        let way =
            Steps::new(n).map_or_else(|| Way::OneByOne(complex_fft(n)), |steps| Way::Steps(Box::new(steps)));
        Self { n, way }
    }

    /// Number of samples and of bins.
    pub(crate) fn len(&self) -> usize {
        self.n
    }

    /// The transforms of `source` into `out`, as long as planned both.
    #[inline(always)]
    pub(crate) fn transform<S: Simd, X: Source + ?Sized>(
        &self,
        simd: S,
        source: &X,
        out: &mut [ComplexLanes],
    ) {
        match &self.way {
            Way::Steps(steps) => steps.run(simd, source, out),
            Way::OneByOne(plan) => {
                for (k, out) in out.iter_mut().enumerate() {
                    for part in 0..WIDTH / S::F64_LANES {
                        let [re, im] = source.at(simd, k, part);
                        out[0].vectors_mut::<S>()[part] = re;
                        out[1].vectors_mut::<S>()[part] = im;
                    }
                }
                one_by_one(&**plan, out);
            }
        }
    }
}

fn one_by_one(plan: &dyn Fft<f64>, lanes: &mut [ComplexLanes]) {
    let mut z = vec![Complex64::ZERO; lanes.len()];
    let mut scratch = vec![Complex64::ZERO; plan.get_inplace_scratch_len()];
    for lane in 0..WIDTH {
        z.iter_mut().zip(&*lanes).for_each(|(z, [re, im])| *z = Complex64::new(re.0[lane], im.0[lane]));
        plan.process_with_scratch(&mut z, &mut scratch);
        for (z, [re, im]) in z.iter().zip(&mut *lanes) {
            (re.0[lane], im.0[lane]) = (z.re, z.im);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::Stream;

    struct Run<'a>(&'a LaneFft, &'a [ComplexLanes], &'a mut [ComplexLanes]);

    impl pulp::WithSimd for Run<'_> {
        type Output = ();

        #[inline(always)]
        fn with_simd<S: Simd>(self, simd: S) {
            self.0.transform(simd, self.1, self.2);
        }
    }

    fn noise(n: usize, seed: u64) -> Vec<ComplexLanes> {
        let mut stream = Stream::new(seed, 0);
        let mut lanes = || Lanes(std::array::from_fn(|_| stream.normal()));
        (0..n).map(|_| [lanes(), lanes()]).collect()
    }

    fn transformed(x: &[ComplexLanes]) -> Vec<ComplexLanes> {
        let mut out = vec![[Lanes::ZERO; 2]; x.len()];
        pulp::Arch::new().dispatch(Run(&LaneFft::new(x.len()), x, &mut out));
        out
    }

    fn lane(x: &[ComplexLanes], lane: usize) -> Vec<Complex64> {
        x.iter().map(|[re, im]| Complex64::new(re.0[lane], im.0[lane])).collect()
    }

    #[test]
    fn equals_the_definition() {
        for n in [
            1_usize, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 22, 32, 34, 35, 39, 45, 50, 64, 75,
            128, 143, 147,
        ] {
            let x = noise(n, n as u64);
            let fast = transformed(&x);
            for l in [0, 3, 7] {
                let (x, fast) = (lane(&x, l), lane(&fast, l));
                for (k, fast) in fast.iter().enumerate() {
                    let slow: Complex64 = x
                        .iter()
                        .enumerate()
                        .map(|(t, x)| x * Complex64::cis(-TAU * (k * t % n) as f64 / n as f64))
                        .sum();
                    assert!((fast - slow).norm() < 2e-14 * n as f64, "{n} {k}: {fast} {slow}");
                }
            }
        }
    }

    /// Long lengths beside the transform of one signal, which is another program.
    #[test]
    fn equals_the_transform_of_one() {
        for n in [250, 500, 512, 1000, 1024, 1152, 1200, 1280, 2100, 4096] {
            assert!(n_steps(n).is_some());
            let x = noise(n, n as u64);
            let fast = lane(&transformed(&x), 5);
            let mut one = lane(&x, 5);
            complex_fft(n).process(&mut one);
            let error = fast.iter().zip(&one).map(|(a, b)| (a - b).norm()).fold(0.0, f64::max);
            assert!(error < 1e-13 * (n as f64).sqrt(), "{n}: {error}");
        }
        assert!([0, 1, 17, 38].into_iter().all(|n| n_steps(n).is_none()));
        assert_eq!([2, 1280, 1000, 1152, 2048].map(n_steps), [1, 4, 4, 5, 4].map(Some));
    }

    /// What a processor without vectors would give, and each signal as if it were alone.
    #[test]
    fn neither_width_nor_company_changes_a_bit() {
        for n in [8, 60, 700] {
            let plan = LaneFft::new(n);
            let mut x = noise(n, 4);
            let all = transformed(&x);
            x.iter_mut().flatten().for_each(|lanes| lanes.0.iter_mut().skip(1).for_each(|v| *v = 0.0));
            let alone = transformed(&x);
            assert_eq!(lane(&all, 0), lane(&alone, 0));
            assert!(lane(&alone, 1).iter().all(|z| *z == Complex64::ZERO), "silence is silent");
            let mut out = vec![[Lanes::ZERO; 2]; n];
            plan.transform(pulp::Scalar, &x[..], &mut out);
            let narrow = lane(&out, 0);
            let gap = narrow.iter().zip(lane(&all, 0)).map(|(a, b)| (a - b).norm()).fold(0.0, f64::max);
            assert!(gap < 1e-13 * n as f64);
        }
    }
}

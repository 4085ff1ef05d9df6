//! Zero-phase filters and a decimation, one after the other, in one transform.

use super::fir::{ZeroPhaseFir, centred_response};
use super::resample::{Ratio, decimator, resample_polyphase_into};
use crate::spectral::{complex_fft, inverse_complex_fft, packed};
use crate::{Error, Result};
use ndarray::{Array1, ArrayView1, ArrayViewMut1, s};
use num_complex::Complex64;
use rustfft::Fft;
use std::sync::Arc;

/// Transforms above this leave the cache.
const LONGEST_BLOCK: usize = 1 << 15;

/// Filters one after the other, then another rate, in one go: the responses are multiplied, and every `down`-th sample is
/// taken by folding the spectrum, so that there is one transform forth and a shorter one back where there would be two for
/// each filter and a sum of products for each new sample.
///
/// Within the reach of the filters from the ends of a signal each step meets the reflection of what the step before made, as
/// it does step by step ([`ZeroPhaseFir::filter_into`], [`super::resample_polyphase`]): there the steps are taken. All
/// samples are those of the steps up to rounding. Rates whose ratio is not 1/n are changed by the polyphase filter after
/// the filters have been joined.
///
/// ```
/// use dosewave_numerics::filter::{Cascade, FirDesign, Ratio, ZeroPhaseFir, fir_zero_phase, resample_polyphase};
/// let h = FirDesign { high_pass_hz: Some(1.0), low_pass_hz: Some(40.0) }.coefficients(200.0).unwrap();
/// let x = ndarray::Array1::from_shape_fn(5000, |t| ((t * t) % 101) as f64);
/// let half = Ratio { up: 1, down: 2 };
/// let cascade = Cascade::new(vec![ZeroPhaseFir::new(h.view()).unwrap()], half);
/// let mut y = ndarray::Array1::zeros(2500);
/// cascade.filter_into(x.view(), y.view_mut()).unwrap();
/// let steps = resample_polyphase(fir_zero_phase(x.view(), h.view()).unwrap().view(), half).unwrap();
/// assert!(y.iter().zip(&steps).all(|(a, b)| (a - b).abs() < 1e-11));
/// ```
pub struct Cascade {
    filters: Vec<ZeroPhaseFir>,
    ratio: Ratio,
    /// The filters and the decimation, which is 1 where the ratio is not 1/n.
    joined: Joined,
}

impl Cascade {
    /// These filters in their order, then this ratio of rates.
    #[must_use]
    pub fn new(filters: Vec<ZeroPhaseFir>, ratio: Ratio) -> Self {
        let joined = Joined::new(&filters, if ratio.up == 1 { ratio.down.max(1) } else { 1 });
        Self { filters, ratio, joined }
    }

    /// The ratio of rates.
    #[must_use]
    pub fn ratio(&self) -> Ratio {
        self.ratio
    }

    /// Samples on either side of one that shape it, at the old rate.
    #[must_use]
    pub fn reach(&self) -> usize {
        self.joined.reach
    }

    /// Filters `x` into `y`, `⌈n·up/down⌉` samples.
    ///
    /// # Errors
    /// [`Error::TooShort`] when `x` is empty, [`Error::Invalid`] for a factor of 0, [`Error::Shape`] when `y` has another
    /// length.
    pub fn filter_into(&self, x: ArrayView1<'_, f64>, mut y: ArrayViewMut1<'_, f64>) -> Result<()> {
        self.ratio.check(x.len())?;
        let (expected, got) = (self.ratio.n_out(x.len()), y.len());
        if expected != got {
            return Err(Error::Shape { what: "filtered samples", expected, got });
        }
        if self.filters.is_empty() {
            return resample_polyphase_into(x, self.ratio, y);
        }
        if self.joined.down == self.ratio.down && self.ratio.up == 1 {
            return self.decimated_into(x, y);
        }
        let mut filtered = Array1::zeros(x.len());
        self.decimated_into(x, filtered.view_mut())?;
        resample_polyphase_into(filtered.view(), self.ratio, y.view_mut())
    }

    /// The joined steps.
    fn decimated_into(&self, x: ArrayView1<'_, f64>, mut y: ArrayViewMut1<'_, f64>) -> Result<()> {
        let Joined { reach, down, .. } = self.joined;
        let Some(inside) = self.joined.inside(x.len()) else {
            return self.step_by_step(x, y);
        };
        let contiguous = x.as_standard_layout();
        let samples = contiguous.as_slice().unwrap_or_default();
        let mut middle = y.slice_mut(s![inside.clone()]);
        match middle.as_slice_mut() {
            Some(middle) => self.joined.filter(samples, inside.start, middle),
            None => {
                let mut filtered = vec![0.0; middle.len()];
                self.joined.filter(samples, inside.start, &mut filtered);
                middle.assign(&ArrayView1::from(&filtered));
            }
        }
        // an end, and as much signal beside it as shapes it
        let head = (inside.start * down + reach).next_multiple_of(down);
        let ended = self.stepped(x.slice(s![..head]))?;
        y.slice_mut(s![..inside.start]).assign(&ended.slice(s![..inside.start]));
        let tail = (inside.end * down - reach) / down;
        let ended = self.stepped(x.slice(s![tail * down..]))?;
        y.slice_mut(s![inside.end..]).assign(&ended.slice(s![inside.end - tail..]));
        Ok(())
    }

    fn stepped(&self, x: ArrayView1<'_, f64>) -> Result<Array1<f64>> {
        let mut y = Array1::zeros(x.len().div_ceil(self.joined.down));
        self.step_by_step(x, y.view_mut())?;
        Ok(y)
    }

    fn step_by_step(&self, x: ArrayView1<'_, f64>, y: ArrayViewMut1<'_, f64>) -> Result<()> {
        let mut now = x.to_owned();
        for filter in &self.filters {
            let mut next = Array1::zeros(now.len());
            filter.filter_into(now.view(), next.view_mut())?;
            now = next;
        }
        resample_polyphase_into(now.view(), Ratio { up: 1, down: self.joined.down }, y)
    }
}

/// All steps as one filter over blocks, two blocks in one complex transform (overlap-save).
struct Joined {
    reach: usize,
    down: usize,
    /// Samples before the first of a block that comes out: the reach, on the grid of the new samples.
    lead: usize,
    /// New samples of a block.
    step: usize,
    /// The product of the responses at each bin, real since all are centred, ÷ the length of the transform.
    response: Vec<f64>,
    forward: Arc<dyn Fft<f64>>,
    inverse: Arc<dyn Fft<f64>>,
}

impl Joined {
    fn new(filters: &[ZeroPhaseFir], down: usize) -> Self {
        let decimating = (down > 1).then(|| decimator(down));
        let n_half = |n_taps: usize| n_taps / 2;
        let reach = filters.iter().map(|filter| n_half(filter.n_taps())).sum::<usize>()
            + decimating.as_ref().map_or(0, |h| n_half(h.len()));
        let lead = reach.next_multiple_of(down);
        let n_fft = block_length(reach, lead, down);
        let (forward, inverse) = (complex_fft(n_fft), inverse_complex_fft(n_fft / down));
        let mut response = vec![1.0 / n_fft as f64; n_fft];
        let all = filters.iter().map(ZeroPhaseFir::coefficients).chain(decimating.iter().map(|h| h.view()));
        for h in all {
            response.iter_mut().zip(centred_response(h, n_fft)).for_each(|(all, gain)| *all *= gain);
        }
        Self { reach, down, lead, step: new_samples(n_fft, reach, lead, down), response, forward, inverse }
    }

    /// The new samples that no end of a signal of `n` samples reaches; `None` where the ends meet.
    fn inside(&self, n: usize) -> Option<std::ops::Range<usize>> {
        let (first, beyond) = (self.lead / self.down, n.checked_sub(self.reach)?.div_ceil(self.down));
        // both ends and what shapes them lie within the signal
        (first < beyond && n >= 2 * self.lead + 2 * self.reach + self.down).then_some(first..beyond)
    }

    /// New samples from `first` on, none of which an end reaches.
    fn filter(&self, x: &[f64], first: usize, y: &mut [f64]) {
        let n_fft = self.response.len();
        let n_scratch = self.forward.get_inplace_scratch_len().max(self.inverse.get_inplace_scratch_len());
        let mut scratch = vec![Complex64::default(); n_scratch];
        let mut z = vec![Complex64::default(); n_fft];
        let mut start = first * self.down - self.lead;
        for out in y.chunks_mut(2 * self.step) {
            self.load(x, start, &mut z);
            self.forward.process_with_scratch(&mut z, &mut scratch);
            let folded = packed::scale_and_fold(&mut z, &self.response, self.down);
            self.inverse.process_with_scratch(folded, &mut scratch);
            let valid = &folded[self.lead / self.down..][..self.step];
            let (one, two) = out.split_at_mut(self.step.min(out.len()));
            packed::unpack(valid, one, two);
            start += 2 * self.step * self.down;
        }
    }

    /// The block from `start` on as real part, the one after it as imaginary part; zeros beyond the end, which no sample
    /// that is kept meets.
    fn load(&self, x: &[f64], start: usize, z: &mut [Complex64]) {
        let from = |at: usize| x.get(at..).unwrap_or_default();
        let (one, two) = (from(start), from(start + self.step * self.down));
        if two.len() >= z.len() {
            packed::pack(one, two, z);
            return;
        }
        let at = |x: &[f64], t: usize| x.get(t).copied().unwrap_or(0.0);
        for (t, z) in z.iter_mut().enumerate() {
            *z = Complex64::new(at(one, t), at(two, t));
        }
    }
}

/// New samples of a block of `n_fft` old ones.
fn new_samples(n_fft: usize, reach: usize, lead: usize, down: usize) -> usize {
    (n_fft - lead - reach).div_ceil(down)
}

/// The length of block, a power of two times `down`'s odd part, with the least work per new sample.
fn block_length(reach: usize, lead: usize, down: usize) -> usize {
    let odd = down >> down.trailing_zeros();
    let least = down.max(odd * (lead + reach + 1).div_ceil(odd).next_power_of_two());
    let work = |n: &usize| {
        let transforms = |n: f64| n * n.log2().max(1.0);
        let all = transforms(*n as f64) + transforms((n / down) as f64);
        all / new_samples(*n, reach, lead, down) as f64
    };
    let lengths = (0..6).map(|doubled| least << doubled).filter(|n| *n <= LONGEST_BLOCK || *n == least);
    lengths.min_by(|a, b| work(a).total_cmp(&work(b))).unwrap_or(least)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::filter::{FirDesign, FirNotch, fir_zero_phase, resample_polyphase};

    fn signal(n: usize) -> Array1<f64> {
        Array1::from_shape_fn(n, |t| 40.0 * (0.013 * t as f64).sin() + ((t * t * 31) % 97) as f64)
    }

    fn filters(sfreq: f64) -> [Array1<f64>; 2] {
        let band = FirDesign { high_pass_hz: Some(1.0), low_pass_hz: Some(0.2 * sfreq) };
        [band.coefficients(sfreq).unwrap(), FirNotch::default().coefficients(sfreq, 0.21 * sfreq).unwrap()]
    }

    /// The steps, one after the other.
    fn stepped(x: &Array1<f64>, filters: &[Array1<f64>], ratio: Ratio) -> Array1<f64> {
        let filtered = filters.iter().fold(x.clone(), |x, h| fir_zero_phase(x.view(), h.view()).unwrap());
        resample_polyphase(filtered.view(), ratio).unwrap()
    }

    fn at_once(x: &Array1<f64>, filters: &[Array1<f64>], ratio: Ratio) -> Array1<f64> {
        let plans = filters.iter().map(|h| ZeroPhaseFir::new(h.view()).unwrap()).collect();
        let mut y = Array1::zeros(ratio.n_out(x.len()));
        Cascade::new(plans, ratio).filter_into(x.view(), y.view_mut()).unwrap();
        y
    }

    #[test]
    fn every_sample_is_that_of_the_steps_at_any_length_and_ratio() {
        let all = filters(100.0);
        for (up, down) in [(1, 1), (1, 2), (1, 3), (1, 10), (2, 1), (3, 4)] {
            let ratio = Ratio { up, down };
            for n in [1, 7, 400, 2000, 2001, 2411, 5003, 40_000, 41_117] {
                let x = signal(n);
                for some in [&all[..], &all[..1], &[]] {
                    let (slow, fast) = (stepped(&x, some, ratio), at_once(&x, some, ratio));
                    for (t, (a, b)) in slow.iter().zip(&fast).enumerate() {
                        assert!((a - b).abs() < 1e-10, "{up}/{down}, {n} samples, at {t}: {a} {b}");
                    }
                }
            }
        }
    }

    #[test]
    fn only_the_ends_of_long_signals_are_taken_step_by_step() {
        let plans: Vec<_> = filters(100.0).iter().map(|h| ZeroPhaseFir::new(h.view()).unwrap()).collect();
        let reach: usize = plans.iter().map(|h| h.n_taps() / 2).sum();
        let cascade = Cascade::new(plans, Ratio { up: 1, down: 2 });
        assert_eq!(cascade.reach(), reach + 20);
        let inside = cascade.joined.inside(100_000).unwrap();
        assert_eq!(inside.start, (reach + 20).div_ceil(2));
        assert!(50_000 - inside.end <= reach);
    }

    #[test]
    fn strided_signals_and_wrong_lengths() {
        let x = signal(9000);
        let [h, _] = filters(100.0);
        let ratio = Ratio { up: 1, down: 2 };
        let cascade = Cascade::new(vec![ZeroPhaseFir::new(h.view()).unwrap()], ratio);
        let mut backwards = Array1::zeros(4500);
        let mirrored = x.slice(s![..;-1]).to_owned();
        cascade.filter_into(mirrored.slice(s![..;-1]), backwards.slice_mut(s![..;-1])).unwrap();
        backwards.invert_axis(ndarray::Axis(0));
        assert_eq!(backwards, at_once(&x, &[h], ratio));
        let wrong = cascade.filter_into(x.view(), Array1::zeros(4501).view_mut()).unwrap_err();
        assert!(matches!(wrong, Error::Shape { expected: 4500, got: 4501, .. }));
        assert!(cascade.filter_into(Array1::zeros(0).view(), Array1::zeros(0).view_mut()).is_err());
    }
}

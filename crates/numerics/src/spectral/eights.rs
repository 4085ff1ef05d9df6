//! What is made of the tapered spectra of eight signals that lie side by side.

use super::multitaper::{BinsInto, Multitaper, MultitaperScratch};
use super::packed;
use crate::lanes::{ComplexLanes, Lanes, Tapered, WIDTH, lay_out};
use ndarray::{ArrayView2, ArrayViewMut2};
use num_complex::Complex64;
use pulp::Simd;
use std::f64::consts::FRAC_1_SQRT_2;
use std::ops::Range;

/// Takes the spectra of eight signals, the first called `first`, under one taper.
pub(super) trait EightSpectra {
    fn take<S: Simd>(&mut self, simd: S, first: usize, taper: usize, spectra: &[ComplexLanes]);
}

/// Eight signals, or fewer at the end, under all tapers.
pub(super) struct Transform<'a, T> {
    pub(super) multitaper: &'a Multitaper,
    pub(super) signals: ArrayView2<'a, f64>,
    pub(super) first: usize,
    pub(super) bins: Range<usize>,
    pub(super) scratch: &'a mut MultitaperScratch,
    pub(super) eights: &'a mut T,
}

impl<T: EightSpectra> pulp::WithSimd for Transform<'_, T> {
    type Output = bool;

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> bool {
        let Self { multitaper, signals, first, bins, scratch, eights } = self;
        let MultitaperScratch { samples, z, spectra } = scratch;
        let finite = load(simd, signals, samples);
        let spectra = &mut spectra[..bins.len()];
        let n = multitaper.n_times;
        let nyquist = n.is_multiple_of(2).then_some(n / 2);
        for (k, taper) in multitaper.tapers.tapers.rows().into_iter().enumerate() {
            let Some(taper) = taper.as_slice() else { continue };
            multitaper.fft.transform(simd, &Tapered { samples, taper }, bins.clone(), z, spectra);
            // these stand for one frequency each, all others for two
            for end in [Some(0), nyquist].into_iter().flatten().filter(|end| bins.contains(end)) {
                for lanes in &mut spectra[end - bins.start] {
                    lanes.0.iter_mut().for_each(|value| *value *= FRAC_1_SQRT_2);
                }
            }
            eights.take(simd, first, k, spectra);
        }
        finite
    }
}

/// Signals without their means, side by side, silence in place of those that are missing. Whether all are finite.
#[inline(always)]
fn load<S: Simd>(simd: S, signals: ArrayView2<'_, f64>, samples: &mut [Lanes]) -> bool {
    let contiguous = signals.as_standard_layout();
    let all = contiguous.as_slice().unwrap_or_default();
    let n = samples.len();
    let mut rows: [&[f64]; WIDTH] = [&[]; WIDTH];
    let mut means = [0.0; WIDTH];
    for ((row, mean), x) in rows.iter_mut().zip(&mut means).zip(all.chunks_exact(n.max(1))) {
        (*row, *mean) = (x, packed::sum(x) / n as f64);
    }
    if signals.nrows() == WIDTH {
        lay_out(simd, rows, means, samples);
    } else {
        for (t, lanes) in samples.iter_mut().enumerate() {
            for ((value, row), mean) in lanes.0.iter_mut().zip(rows).zip(means) {
                *value = row.get(t).map_or(0.0, |x| x - mean);
            }
        }
    }
    means.iter().all(|mean| mean.is_finite())
}

/// `Σ_tapers weight·|X|²`, added up over the tapers in their order.
pub(super) struct Densities<'a> {
    weights: Vec<f64>,
    sums: Vec<Lanes>,
    psds: ArrayViewMut2<'a, f64>,
}

impl<'a> Densities<'a> {
    pub(super) fn new(weights: Vec<f64>, psds: ArrayViewMut2<'a, f64>) -> Self {
        Self { weights, sums: vec![Lanes::ZERO; psds.ncols()], psds }
    }
}

impl EightSpectra for Densities<'_> {
    #[inline(always)]
    fn take<S: Simd>(&mut self, simd: S, first: usize, taper: usize, spectra: &[ComplexLanes]) {
        let weight = simd.splat_f64s(self.weights[taper]);
        for (sum, [re, im]) in self.sums.iter_mut().zip(spectra) {
            for part in 0..WIDTH / S::F64_LANES {
                let (re, im) = (re.vectors::<S>()[part], im.vectors::<S>()[part]);
                let sum = &mut sum.vectors_mut::<S>()[part];
                let power = simd.mul_add_e_f64s(re, re, simd.mul_f64s(im, im));
                let before = if taper == 0 { simd.splat_f64s(0.0) } else { *sum };
                *sum = simd.mul_add_e_f64s(weight, power, before);
            }
        }
        if taper + 1 == self.weights.len() {
            for (lane, mut psd) in self.psds.outer_iter_mut().skip(first).take(WIDTH).enumerate() {
                psd.iter_mut().zip(&self.sums).for_each(|(out, sum)| *out = sum.0[lane]);
            }
        }
    }
}

/// Hands each spectrum on by itself.
pub(super) struct Rows<F> {
    n_signals: usize,
    spectrum: Vec<Complex64>,
    use_spectrum: F,
}

impl<F: FnMut(usize, usize, &[Complex64])> Rows<F> {
    pub(super) fn new(n_signals: usize, use_spectrum: F) -> Self {
        Self { n_signals, spectrum: Vec::new(), use_spectrum }
    }
}

impl<F: FnMut(usize, usize, &[Complex64])> EightSpectra for Rows<F> {
    #[inline(always)]
    fn take<S: Simd>(&mut self, _: S, first: usize, taper: usize, spectra: &[ComplexLanes]) {
        for lane in 0..WIDTH.min(self.n_signals - first) {
            self.spectrum.clear();
            self.spectrum.extend(spectra.iter().map(|[re, im]| Complex64::new(re.0[lane], im.0[lane])));
            (self.use_spectrum)(first + lane, taper, &self.spectrum);
        }
    }
}

/// Lays the spectra out for the pair kernels.
pub(super) struct Splits<'a, 'b> {
    /// The bin of the first value of a spectrum.
    from: usize,
    splits: &'a mut [BinsInto<'b>],
}

impl<'a, 'b> Splits<'a, 'b> {
    pub(super) fn new(from: usize, splits: &'a mut [BinsInto<'b>]) -> Self {
        Self { from, splits }
    }
}

impl EightSpectra for Splits<'_, '_> {
    #[inline(always)]
    fn take<S: Simd>(&mut self, simd: S, first: usize, taper: usize, spectra: &[ComplexLanes]) {
        for (bins, epoch) in &mut *self.splits {
            epoch.fill_eight(simd, first, taper, bins.iter().map(|bin| &spectra[bin - self.from]));
        }
    }
}

impl EightSpectra for (Densities<'_>, Splits<'_, '_>) {
    #[inline(always)]
    fn take<S: Simd>(&mut self, simd: S, first: usize, taper: usize, spectra: &[ComplexLanes]) {
        self.0.take(simd, first, taper, spectra);
        self.1.take(simd, first, taper, spectra);
    }
}

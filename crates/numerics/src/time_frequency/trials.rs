//! Sums over trials, eight of them side by side.

use super::TfrSums;
use super::convolve::{Group, Response};
use crate::lanes::{ComplexLanes, Lanes, Source, WIDTH, inverse_root};
use ndarray::ArrayView2;
use pulp::Simd;

/// Trials whose spectra are held at a time: enough to add up the sums of eight trials at a time rarely.
pub(super) const TRIALS_AT_ONCE: usize = 64;

/// Running sums of one wavelet over trials, per sample.
pub(super) struct Sums<'a> {
    pub(super) power: &'a mut [f64],
    pub(super) unit_re: &'a mut [f64],
    pub(super) unit_im: &'a mut [f64],
}

/// Memory of one group of wavelets after the other.
#[derive(Default)]
pub(super) struct TrialBuffers {
    /// Samples of eight trials.
    samples: Vec<Lanes>,
    /// Spectra up to half the rate of eight trials after eight trials.
    spectra: Vec<ComplexLanes>,
    z: Vec<ComplexLanes>,
    /// Per sample: Σ|z|², and the parts of Σz/|z|.
    running: Vec<[Lanes; 3]>,
}

/// Trials `[trial, time]` to be added to the sums of each wavelet of a group: `weight·|z|²` and `z/|z|` (0 where z is 0).
pub(super) struct AddTrials<'a> {
    pub(super) group: &'a Group,
    pub(super) trials: ArrayView2<'a, f64>,
    /// `[frequency][taper]`.
    pub(super) weights: &'a [Vec<f64>],
    pub(super) sums: &'a mut TfrSums,
    pub(super) buffers: &'a mut TrialBuffers,
}

impl pulp::WithSimd for AddTrials<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { group, trials, weights, sums, buffers } = self;
        load(simd, group, trials, buffers);
        let TrialBuffers { spectra, z, running, .. } = buffers;
        for kernel in &group.kernels {
            let sums = sums.of(kernel.taper, kernel.freq);
            running.clear();
            running.resize(sums.power.len(), [Lanes::ZERO; 3]);
            for spectra in spectra.chunks_exact(group.n_bins()) {
                convolve(simd, group, &kernel.response, spectra, z);
                add(simd, z, running);
            }
            total(running, weights[kernel.freq][kernel.taper], sums);
        }
    }
}

/// The spectra of all trials; of the last eight, those that are missing are silent and add nothing to any sum.
#[inline(always)]
fn load<S: Simd>(simd: S, group: &Group, trials: ArrayView2<'_, f64>, buffers: &mut TrialBuffers) {
    let TrialBuffers { samples, spectra, z, .. } = buffers;
    z.resize(group.n_fft(), [Lanes::ZERO; 2]);
    spectra.clear();
    for eight in trials.axis_chunks_iter(ndarray::Axis(0), WIDTH) {
        samples.clear();
        samples.resize(trials.ncols(), Lanes::ZERO);
        for (lane, trial) in eight.rows().into_iter().enumerate() {
            samples.iter_mut().zip(trial).for_each(|(lanes, x)| lanes.0[lane] = *x);
        }
        group.lanes_forward.transform(simd, &Padded(samples), z);
        spectra.extend_from_slice(&z[..group.n_bins()]);
    }
}

/// Real samples, and zeros after them.
struct Padded<'a>(&'a [Lanes]);

impl Source for Padded<'_> {
    #[inline(always)]
    fn at<S: Simd>(&self, simd: S, sample: usize, part: usize) -> [S::f64s; 2] {
        let zero = simd.splat_f64s(0.0);
        [self.0.get(sample).map_or(zero, |lanes| lanes.vectors::<S>()[part]), zero]
    }
}

/// Eight trials convolved with a wavelet: samples 0, decim, 2·decim … first, imaginary parts before real ones.
#[inline(always)]
fn convolve<S: Simd>(
    simd: S,
    group: &Group,
    response: &Response,
    spectra: &[ComplexLanes],
    z: &mut [ComplexLanes],
) {
    let (n, n_out) = (group.n_fft(), group.lanes_inverse.len());
    let z = &mut z[..n_out];
    match response {
        Response::Real(response) => {
            let product = Product { spectra, response: &response[..n], n_out };
            group.lanes_inverse.transform(simd, &product, z);
        }
        Response::Complex(response) => {
            let product = Product { spectra, response: &response[..n], n_out };
            group.lanes_inverse.transform(simd, &product, z);
        }
    }
}

/// The product of the spectra of real signals, given up to bin n/2, and a wavelet's, parts changed about so that a forward
/// transform does the inverse; bins that fall onto each other when only some samples are kept are added.
struct Product<'a, R> {
    spectra: &'a [ComplexLanes],
    response: &'a [R],
    n_out: usize,
}

/// A bin of a response: real or complex.
trait Factor: Copy {
    fn times<S: Simd>(self, simd: S, x: [S::f64s; 2]) -> [S::f64s; 2];
}

impl Factor for f64 {
    #[inline(always)]
    fn times<S: Simd>(self, simd: S, [re, im]: [S::f64s; 2]) -> [S::f64s; 2] {
        let factor = simd.splat_f64s(self);
        [simd.mul_f64s(re, factor), simd.mul_f64s(im, factor)]
    }
}

impl Factor for num_complex::Complex64 {
    #[inline(always)]
    fn times<S: Simd>(self, simd: S, [re, im]: [S::f64s; 2]) -> [S::f64s; 2] {
        let (a, b, minus_b) = (simd.splat_f64s(self.re), simd.splat_f64s(self.im), simd.splat_f64s(-self.im));
        [
            simd.mul_add_e_f64s(im, minus_b, simd.mul_f64s(re, a)),
            simd.mul_add_e_f64s(re, b, simd.mul_f64s(im, a)),
        ]
    }
}

impl<R: Factor> Product<'_, R> {
    #[inline(always)]
    fn bin<S: Simd>(&self, simd: S, k: usize, part: usize) -> [S::f64s; 2] {
        let x = match self.spectra.get(k) {
            Some([re, im]) => [re.vectors::<S>()[part], im.vectors::<S>()[part]],
            None => {
                let [re, im] = &self.spectra[self.response.len() - k];
                [re.vectors::<S>()[part], simd.neg_f64s(im.vectors::<S>()[part])]
            }
        };
        self.response[k].times(simd, x)
    }
}

impl<R: Factor> Source for Product<'_, R> {
    #[inline(always)]
    fn at<S: Simd>(&self, simd: S, sample: usize, part: usize) -> [S::f64s; 2] {
        let [mut re, mut im] = self.bin(simd, sample, part);
        for k in (sample + self.n_out..self.response.len()).step_by(self.n_out) {
            let more = self.bin(simd, k, part);
            (re, im) = (simd.add_f64s(re, more[0]), simd.add_f64s(im, more[1]));
        }
        [im, re]
    }
}

#[inline(always)]
fn add<S: Simd>(simd: S, z: &[ComplexLanes], running: &mut [[Lanes; 3]]) {
    for ([im, re], [power, unit_re, unit_im]) in z.iter().zip(running) {
        for part in 0..WIDTH / S::F64_LANES {
            let (re, im) = (re.vectors::<S>()[part], im.vectors::<S>()[part]);
            let squared = simd.mul_add_e_f64s(re, re, simd.mul_f64s(im, im));
            let inverse = inverse_root(simd, squared);
            let (power, unit_re, unit_im) = (
                &mut power.vectors_mut::<S>()[part],
                &mut unit_re.vectors_mut::<S>()[part],
                &mut unit_im.vectors_mut::<S>()[part],
            );
            *power = simd.add_f64s(*power, squared);
            *unit_re = simd.mul_add_e_f64s(re, inverse, *unit_re);
            *unit_im = simd.mul_add_e_f64s(im, inverse, *unit_im);
        }
    }
}

/// Adds the sums of the eight strands, in one order for all processors.
#[inline(always)]
fn total(running: &[[Lanes; 3]], weight: f64, sums: Sums<'_>) {
    let Sums { power, unit_re, unit_im } = sums;
    for ((([p, re, im], power), unit_re), unit_im) in running.iter().zip(power).zip(unit_re).zip(unit_im) {
        *power += weight * eight(p);
        *unit_re += eight(re);
        *unit_im += eight(im);
    }
}

#[inline(always)]
fn eight(Lanes([a, b, c, d, e, f, g, h]): &Lanes) -> f64 {
    ((a + e) + (c + g)) + ((b + f) + (d + h))
}

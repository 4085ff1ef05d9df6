//! Convolution of many trials with many wavelets: each trial is transformed once per FFT length.

use super::kernels;
use crate::spectral::{complex_fft, inverse_complex_fft};
use ndarray::ArrayView2;
use num_complex::Complex64;
use rustfft::Fft;
use std::sync::Arc;

/// Trials whose spectra are held at a time: enough to read each wavelet's spectrum and sums rarely, few enough for the
/// cache.
pub(super) const TRIALS_AT_ONCE: usize = 16;

/// Spectrum of a wavelet around its centre, ÷ the length of the transform.
enum Response {
    /// Of wavelets that are their own mirror image, conjugated: Morlet's.
    Real(Vec<f64>),
    Complex(Vec<Complex64>),
}

/// A wavelet and whose it is.
pub(super) struct Kernel {
    pub(super) freq: usize,
    pub(super) taper: usize,
    response: Response,
}

/// Wavelets that share an FFT length.
pub(super) struct Group {
    n_fft: usize,
    forward: Arc<dyn Fft<f64>>,
    /// `n_fft / decim` long: the bins that decimation folds onto each other are added before it.
    inverse: Arc<dyn Fft<f64>>,
    pub(super) kernels: Vec<Kernel>,
}

/// Memory of the convolutions of one group after the other.
#[derive(Default)]
pub(super) struct Buffers {
    /// Spectra of some trials, up to half the rate, one after the other.
    spectra: Vec<Complex64>,
    product: Vec<Complex64>,
    z: Vec<Complex64>,
    fft: Vec<Complex64>,
}

/// The shortest length of at least `need` that the FFT is fast for and whose part after decimation is whole.
pub(super) fn fft_length(need: usize, decim: usize) -> usize {
    let need = need.div_ceil(decim);
    let lengths = [1_usize, 3, 5, 7, 9].map(|odd| odd * need.div_ceil(odd).next_power_of_two());
    decim * lengths.into_iter().min().unwrap_or(need)
}

impl Group {
    pub(super) fn new(n_fft: usize, decim: usize) -> Self {
        let (forward, inverse) = (complex_fft(n_fft), inverse_complex_fft(n_fft / decim));
        Self { n_fft, forward, inverse, kernels: Vec::new() }
    }

    pub(super) fn n_fft(&self) -> usize {
        self.n_fft
    }

    /// Bins of a real signal's spectrum that are not the mirror image of others.
    fn n_bins(&self) -> usize {
        self.n_fft / 2 + 1
    }

    /// Adds a wavelet; its sample ⌊(length − 1)/2⌋ is its centre.
    pub(super) fn push(&mut self, freq: usize, taper: usize, wavelet: &[Complex64]) {
        let n = self.n_fft;
        let centre = (wavelet.len() - 1) / 2;
        let mut spectrum = vec![Complex64::ZERO; n];
        for (k, value) in wavelet.iter().enumerate() {
            spectrum[(k + n - centre) % n] = value / n as f64;
        }
        self.forward.process(&mut spectrum);
        let mirrored = wavelet.iter().zip(wavelet.iter().rev()).all(|(a, b)| *a == b.conj());
        let response = if mirrored && wavelet.len() % 2 == 1 {
            Response::Real(spectrum.iter().map(|z| z.re).collect())
        } else {
            Response::Complex(spectrum)
        };
        self.kernels.push(Kernel { freq, taper, response });
    }

    /// Transforms trials `[trial, time]`, two at a time.
    pub(super) fn load(&self, trials: ArrayView2<'_, f64>, buffers: &mut Buffers) {
        let (n, n_bins, n_trials) = (self.n_fft, self.n_bins(), trials.nrows());
        let Buffers { spectra, z, fft, .. } = buffers;
        spectra.resize(n_bins * n_trials, Complex64::ZERO);
        z.resize(n, Complex64::ZERO);
        let n_scratch = self.forward.get_inplace_scratch_len().max(self.inverse.get_inplace_scratch_len());
        fft.resize(n_scratch, Complex64::ZERO);
        for (pair, out) in spectra.chunks_mut(2 * n_bins).enumerate() {
            let (first, second) = (2 * pair, 2 * pair + 1);
            z.fill(Complex64::ZERO);
            for (z, x) in z.iter_mut().zip(trials.row(first)) {
                z.re = *x;
            }
            if second < n_trials {
                for (z, x) in z.iter_mut().zip(trials.row(second)) {
                    z.im = *x;
                }
            }
            self.forward.process_with_scratch(z, fft);
            let (a, b) = out.split_at_mut(n_bins);
            kernels::separate(z, a, b);
        }
    }

    /// One loaded trial convolved with a wavelet: samples 0, decim, 2·decim … first.
    pub(super) fn convolve<'a>(
        &self,
        kernel: &Kernel,
        trial: usize,
        buffers: &'a mut Buffers,
    ) -> &'a mut [Complex64] {
        let Buffers { spectra, product, z, fft } = buffers;
        let n_bins = self.n_bins();
        let spectrum = &spectra[trial * n_bins..(trial + 1) * n_bins];
        let n_out = self.inverse.len();
        if n_out == self.n_fft {
            z.resize(n_out, Complex64::ZERO);
            kernel.multiply(spectrum, z);
        } else {
            product.resize(self.n_fft, Complex64::ZERO);
            kernel.multiply(spectrum, product);
            z.resize(n_out, Complex64::ZERO);
            kernels::fold(product, &mut z[..n_out]);
        }
        self.inverse.process_with_scratch(&mut z[..n_out], fft);
        &mut z[..n_out]
    }
}

impl Kernel {
    fn multiply(&self, spectrum: &[Complex64], out: &mut [Complex64]) {
        match &self.response {
            Response::Real(response) => kernels::multiply(spectrum, response, out),
            Response::Complex(response) => kernels::multiply(spectrum, response, out),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_enough_and_fast() {
        for need in 1..3000 {
            for decim in [1, 3, 10] {
                let n = fft_length(need, decim);
                assert!(n >= need && n.is_multiple_of(decim) && n < 2 * (need + decim));
                let odd = (n / decim) >> (n / decim).trailing_zeros();
                assert!([1, 3, 5, 7, 9].contains(&odd), "{need} {decim} {n}");
            }
        }
        assert_eq!((fft_length(1199, 1), fft_length(1025, 1)), (1280, 1152));
    }
}

//! Convolution of a signal with many wavelets: it is transformed once per FFT length.

use super::kernels;
use crate::lanes::{LaneFft, n_steps};
use crate::spectral::{complex_fft, inverse_complex_fft};
use ndarray::ArrayView1;
use num_complex::Complex64;
use rustfft::Fft;
use std::sync::Arc;

/// Spectrum of a wavelet around its centre, ÷ the length of the transform.
pub(super) enum Response {
    /// Of wavelets that are their own mirror image, conjugated: Morlet's.
    Real(Vec<f64>),
    Complex(Vec<Complex64>),
}

/// A wavelet and whose it is.
pub(super) struct Kernel {
    pub(super) freq: usize,
    pub(super) taper: usize,
    pub(super) response: Response,
}

/// Wavelets that share an FFT length.
pub(super) struct Group {
    n_fft: usize,
    forward: Arc<dyn Fft<f64>>,
    /// `n_fft / decim` long: the bins that decimation folds onto each other are added before it.
    inverse: Arc<dyn Fft<f64>>,
    /// The same two for eight signals side by side.
    pub(super) lanes_forward: LaneFft,
    pub(super) lanes_inverse: LaneFft,
    pub(super) kernels: Vec<Kernel>,
}

/// Memory of the convolutions of one group after the other.
#[derive(Default)]
pub(super) struct Buffers {
    /// The signal's, up to half the rate.
    spectrum: Vec<Complex64>,
    product: Vec<Complex64>,
    z: Vec<Complex64>,
    fft: Vec<Complex64>,
}

/// The length of at least `need` whose transform takes least time and whose part after decimation is whole.
pub(super) fn fft_length(need: usize, decim: usize) -> usize {
    let need = need.div_ceil(decim).max(2);
    let lengths = [1_usize, 3, 5, 7, 9, 15].map(|odd| odd * need.div_ceil(odd).next_power_of_two());
    decim * lengths.into_iter().min_by_key(|n| n * n_steps(*n).unwrap_or(*n)).unwrap_or(need)
}

impl Group {
    pub(super) fn new(n_fft: usize, decim: usize) -> Self {
        let (forward, inverse) = (complex_fft(n_fft), inverse_complex_fft(n_fft / decim));
        let (lanes_forward, lanes_inverse) = (LaneFft::new(n_fft), LaneFft::new(n_fft / decim));
        Self { n_fft, forward, inverse, lanes_forward, lanes_inverse, kernels: Vec::new() }
    }

    pub(super) fn n_fft(&self) -> usize {
        self.n_fft
    }

    /// Bins of a real signal's spectrum that are not the mirror image of others.
    pub(super) fn n_bins(&self) -> usize {
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

    /// Transforms a signal.
    pub(super) fn load(&self, x: ArrayView1<'_, f64>, buffers: &mut Buffers) {
        let Buffers { spectrum, z, fft, .. } = buffers;
        let n_scratch = self.forward.get_inplace_scratch_len().max(self.inverse.get_inplace_scratch_len());
        fft.resize(n_scratch, Complex64::ZERO);
        z.clear();
        z.extend(x.iter().map(|x| Complex64::new(*x, 0.0)));
        z.resize(self.n_fft, Complex64::ZERO);
        self.forward.process_with_scratch(z, fft);
        spectrum.clear();
        spectrum.extend_from_slice(&z[..self.n_bins()]);
    }

    /// The loaded signal convolved with a wavelet: samples 0, decim, 2·decim … first.
    pub(super) fn convolve<'a>(&self, kernel: &Kernel, buffers: &'a mut Buffers) -> &'a mut [Complex64] {
        let Buffers { spectrum, product, z, fft } = buffers;
        let n_out = self.inverse.len();
        z.resize(self.n_fft, Complex64::ZERO);
        if n_out == self.n_fft {
            kernel.multiply(spectrum, z);
        } else {
            product.resize(self.n_fft, Complex64::ZERO);
            kernel.multiply(spectrum, product);
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
                assert!(n_steps(n / decim).is_some(), "{need} {decim} {n}");
            }
        }
        assert_eq!([1, 600, 1025, 1199, 1281].map(|need| fft_length(need, 1)), [2, 640, 1280, 1280, 1536]);
    }
}

//! Thomson's multitaper method.

use super::adaptive::adaptive_psd;
use super::eights::{Densities, EightSpectra, Rows, Splits};
use super::{Tapers, Window, dpss, rfft_freqs};
use crate::lanes::{ComplexLanes, LaneRealFft, Lanes, WIDTH};
use crate::phase::SplitEpoch;
use crate::{Error, Result};
use ndarray::{Array1, ArrayView1, ArrayView2, ArrayViewMut1, ArrayViewMut2, Axis};
use num_complex::Complex64;
use std::ops::Range;

/// Settings of the multitaper method, in MNE's words; the density is always per Hz.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MultitaperParams {
    /// Full bandwidth of the tapers, Hz; `None` is 8 / duration.
    pub bandwidth_hz: Option<f64>,
    /// Whether only tapers with an eigenvalue above 0.9 are used.
    pub low_bias: bool,
    /// Whether tapers are weighted per frequency (Thomson 1982, section V) instead of by their eigenvalues.
    pub adaptive: bool,
}

/// Multitaper estimator for signals of one length (Thomson 1982, 10.1109/PROC.1982.12433).
///
/// `P(f) = 2·Σ_k λ_k |X_k(f)|² / (sfreq·Σ_k λ_k)`, one-sided, of the mean-free signal; DC and Nyquist not doubled.
///
/// Eight signals are transformed at a time, side by side, in about the time of one or two: hand over many where there are
/// many. The values of each depend on itself alone, to the last bit.
pub struct Multitaper {
    pub(super) n_times: usize,
    sfreq: f64,
    adaptive: bool,
    pub(super) tapers: Tapers,
    pub(super) fft: LaneRealFft,
}

/// Bins, ascending, and the epoch that they are put into.
pub type BinsInto<'a> = (&'a [usize], &'a mut SplitEpoch);

/// Memory that one transform after the other can use.
pub struct MultitaperScratch {
    /// Eight signals without their means.
    pub(super) samples: Vec<Lanes>,
    pub(super) z: Vec<ComplexLanes>,
    pub(super) spectra: Vec<ComplexLanes>,
}

impl Multitaper {
    /// Slepian tapers for signals of `n_times` samples at `sfreq` Hz.
    ///
    /// # Errors
    /// [`Error::Invalid`] when the bandwidth is too narrow for the length (time–half-bandwidth product below 0.5),
    /// or wider than the spectrum.
    ///
    /// ```
    /// use dosewave_numerics::spectral::{Multitaper, MultitaperParams};
    /// let params = MultitaperParams { bandwidth_hz: Some(4.0), low_bias: true, adaptive: false };
    /// let multitaper = Multitaper::new(500, 250.0, params).unwrap();
    /// assert_eq!(multitaper.tapers().eigenvalues.len(), 7); // 2 s, 4 Hz
    /// ```
    pub fn new(n_times: usize, sfreq: f64, params: MultitaperParams) -> Result<Self> {
        if !(sfreq.is_finite() && sfreq > 0.0) {
            return Err(Error::Invalid {
                parameter: "sfreq",
                value: sfreq.to_string(),
                allowed: "a positive rate".into(),
            });
        }
        let half_nbw =
            params.bandwidth_hz.map_or(4.0, |bandwidth| bandwidth * n_times as f64 / (2.0 * sfreq));
        if half_nbw < 0.5 || half_nbw.is_nan() {
            return Err(Error::Invalid {
                parameter: "bandwidth",
                value: format!("{} Hz", params.bandwidth_hz.unwrap_or(0.0)),
                allowed: format!(
                    "at least {} Hz for {n_times} samples at {sfreq} Hz",
                    sfreq / n_times as f64
                ),
            });
        }
        if let Some(bandwidth) = params.bandwidth_hz.filter(|bandwidth| *bandwidth >= sfreq) {
            return Err(Error::Invalid {
                parameter: "bandwidth",
                value: format!("{bandwidth} Hz"),
                allowed: format!("below {sfreq} Hz, the width of the spectrum"),
            });
        }
        let tapers = dpss(n_times, half_nbw, (2.0 * half_nbw) as usize, params.low_bias)?;
        // fewer than three tapers leave nothing to adapt
        let adaptive = params.adaptive && tapers.eigenvalues.len() >= 3;
        Ok(Self::planned(n_times, sfreq, adaptive, tapers))
    }

    /// One symmetric Hann window instead of tapers: mne-connectivity's mode `fourier`.
    ///
    /// # Errors
    /// [`Error::TooShort`] below three samples.
    pub fn hann(n_times: usize, sfreq: f64) -> Result<Self> {
        if n_times < 3 {
            return Err(Error::TooShort { what: "samples for a Hann window", got: n_times, need: 3 });
        }
        let tapers = Window::Hann.symmetric(n_times).insert_axis(ndarray::Axis(0));
        let tapers = Tapers { tapers, eigenvalues: Array1::ones(1) };
        Ok(Self::planned(n_times, sfreq, false, tapers))
    }

    fn planned(n_times: usize, sfreq: f64, adaptive: bool, tapers: Tapers) -> Self {
        Self { n_times, sfreq, adaptive, tapers, fft: LaneRealFft::new(n_times) }
    }

    /// Frequencies, Hz.
    #[must_use]
    pub fn freqs_hz(&self) -> Array1<f64> {
        rfft_freqs(self.n_times, self.sfreq)
    }

    /// The tapers in use.
    #[must_use]
    pub fn tapers(&self) -> &Tapers {
        &self.tapers
    }

    /// One-sided PSD of `x`, in unit²/Hz, into `psd`.
    ///
    /// # Errors
    /// [`Error::Shape`] when `x` or `psd` has another length than planned.
    pub fn psd_into(&self, x: ArrayView1<'_, f64>, psd: ArrayViewMut1<'_, f64>) -> Result<()> {
        self.psds_into(x.insert_axis(Axis(0)), psd.insert_axis(Axis(0)), &mut self.scratch())
    }

    /// One-sided PSD of each of some signals `[signal, time]` into `psds` `[signal, freq]`, in memory that one call after the
    /// other can use.
    ///
    /// # Errors
    /// [`Error::Shape`] when `signals` or `psds` have another length than planned, or are not as many.
    ///
    /// ```
    /// use dosewave_numerics::spectral::Multitaper;
    /// use ndarray::Array2;
    /// let signals = Array2::from_shape_fn((20, 100), |(k, t)| ((t * t + 3 * k * t) % 17) as f64);
    /// let hann = Multitaper::hann(100, 100.0).unwrap();
    /// let (mut all, mut one) = (Array2::zeros((20, 51)), Array2::zeros((1, 51)));
    /// hann.psds_into(signals.view(), all.view_mut(), &mut hann.scratch()).unwrap();
    /// hann.psd_into(signals.row(13), one.row_mut(0)).unwrap();
    /// assert_eq!(one.row(0), all.row(13));
    /// ```
    pub fn psds_into(
        &self,
        signals: ArrayView2<'_, f64>,
        psds: ArrayViewMut2<'_, f64>,
        scratch: &mut MultitaperScratch,
    ) -> Result<()> {
        if self.adaptive {
            return self.adaptive_psds(signals, psds, scratch);
        }
        let mut densities = self.densities(&signals, psds)?;
        self.eight_after_eight(signals, self.all_bins(), scratch, &mut densities)?;
        Ok(())
    }

    fn densities<'a>(
        &self,
        signals: &ArrayView2<'_, f64>,
        psds: ArrayViewMut2<'a, f64>,
    ) -> Result<Densities<'a>> {
        let n_freqs = self.all_bins().len();
        if psds.dim() != (signals.nrows(), n_freqs) {
            let expected = signals.nrows() * n_freqs;
            return Err(Error::Shape { what: "signals × PSD bins", expected, got: psds.len() });
        }
        let total = self.tapers.eigenvalues.sum() * self.sfreq;
        Ok(Densities::new(self.tapers.eigenvalues.iter().map(|lambda| 2.0 * lambda / total).collect(), psds))
    }

    fn adaptive_psds(
        &self,
        signals: ArrayView2<'_, f64>,
        mut psds: ArrayViewMut2<'_, f64>,
        scratch: &mut MultitaperScratch,
    ) -> Result<()> {
        self.densities(&signals, psds.view_mut())?;
        let (n_freqs, n_tapers) = (self.all_bins().len(), self.tapers.eigenvalues.len());
        let mut powers = vec![0.0; signals.nrows() * n_tapers * n_freqs];
        self.each_spectrum(signals, self.all_bins(), scratch, |signal, taper, spectrum| {
            let at = (signal * n_tapers + taper) * n_freqs;
            powers[at..].iter_mut().zip(spectrum).for_each(|(out, z)| *out = z.norm_sqr());
        })?;
        for (powers, mut psd) in powers.chunks_exact(n_tapers * n_freqs).zip(psds.outer_iter_mut()) {
            let estimate = adaptive_psd(powers, self.tapers.eigenvalues.view());
            psd.iter_mut().zip(estimate).for_each(|(out, p)| *out = p / self.sfreq);
        }
        Ok(())
    }

    /// Tapered Fourier coefficients `[taper, freq]` of the mean-free signal (DC and Nyquist ÷ √2, so that sums of
    /// `2·|X|²` are one-sided).
    ///
    /// # Errors
    /// [`Error::Shape`] when `x` or `coefs` has another shape than planned.
    pub fn fourier_into(
        &self,
        x: ArrayView1<'_, f64>,
        mut coefs: ArrayViewMut2<'_, Complex64>,
    ) -> Result<()> {
        let (n_tapers, n_freqs) = (self.tapers.eigenvalues.len(), self.all_bins().len());
        if coefs.dim() != (n_tapers, n_freqs) {
            return Err(Error::Shape {
                what: "tapers × bins",
                expected: n_tapers * n_freqs,
                got: coefs.len(),
            });
        }
        let signal = x.insert_axis(Axis(0));
        self.each_spectrum(signal, self.all_bins(), &mut self.scratch(), |_, taper, spectrum| {
            coefs.row_mut(taper).assign(&ArrayView1::from(spectrum));
        })
    }

    /// Hands the spectrum of each tapered copy of each of some mean-free signals `[signal, time]` at `bins` (as
    /// [`Self::fourier_into`] has them) to `use_spectrum(signal, taper, spectrum)`.
    ///
    /// # Errors
    /// [`Error::Shape`] when the signals have another length than planned, [`Error::Invalid`] for bins that are not there.
    ///
    /// ```
    /// use dosewave_numerics::spectral::Multitaper;
    /// let x = ndarray::Array2::from_shape_fn((1, 100), |(_, t)| ((t * t) % 17) as f64);
    /// let hann = Multitaper::hann(100, 100.0).unwrap();
    /// let (mut all, mut some) = (Vec::new(), Vec::new());
    /// hann.each_spectrum(x.view(), 0..51, &mut hann.scratch(), |_, _, spectrum| all = spectrum.to_vec()).unwrap();
    /// hann.each_spectrum(x.view(), 8..13, &mut hann.scratch(), |_, _, spectrum| some = spectrum.to_vec()).unwrap();
    /// assert_eq!(some, all[8..13]);
    /// ```
    pub fn each_spectrum(
        &self,
        signals: ArrayView2<'_, f64>,
        bins: Range<usize>,
        scratch: &mut MultitaperScratch,
        use_spectrum: impl FnMut(usize, usize, &[Complex64]),
    ) -> Result<()> {
        let mut rows = Rows::new(signals.nrows(), use_spectrum);
        self.eight_after_eight(signals, bins, scratch, &mut rows)?;
        Ok(())
    }

    /// The coefficients of some mean-free signals `[channel, time]` (as [`Self::fourier_into`] has them) at the bins of each
    /// epoch of `splits` into it, and where `psds` is given, the densities of [`Self::psds_into`] from the same transforms.
    /// Whether all samples are finite: where one is not, no coefficient of its channel is.
    ///
    /// # Errors
    /// [`Error::Shape`] when something has another shape than planned, [`Error::Invalid`] for bins that are not there or do
    /// not ascend, or for densities where weights are adaptive: they follow from all tapers together.
    ///
    /// ```
    /// use dosewave_numerics::{phase::SplitEpoch, spectral::Multitaper};
    /// let x = ndarray::Array2::from_shape_fn((3, 100), |(c, t)| ((t * t + c * t) % 17) as f64);
    /// let hann = Multitaper::hann(100, 100.0).unwrap();
    /// let mut epoch = SplitEpoch::zeros(3, &[1.0], 2);
    /// assert!(hann.split(x.view(), None, &mut [(&[8, 10], &mut epoch)], &mut hann.scratch()).unwrap());
    /// ```
    pub fn split(
        &self,
        signals: ArrayView2<'_, f64>,
        psds: Option<ArrayViewMut2<'_, f64>>,
        splits: &mut [BinsInto<'_>],
        scratch: &mut MultitaperScratch,
    ) -> Result<bool> {
        let first = splits.iter().filter_map(|(bins, _)| bins.first()).min();
        let last = splits.iter().filter_map(|(bins, _)| bins.last()).max();
        let wanted = first.zip(last).map_or(0..0, |(first, last)| *first..last + 1);
        for (bins, epoch) in &*splits {
            epoch.check_shape(signals.nrows(), self.tapers.eigenvalues.len(), bins.len())?;
            if bins.windows(2).any(|two| two[0] >= two[1]) {
                let (value, allowed) = (format!("{bins:?}"), "bins that ascend".into());
                return Err(Error::Invalid { parameter: "bins", value, allowed });
            }
        }
        let Some(psds) = psds else {
            let mut splits = Splits::new(wanted.start, splits);
            return self.eight_after_eight(signals, wanted, scratch, &mut splits);
        };
        if self.adaptive {
            return Err(Error::Invalid {
                parameter: "adaptive",
                value: "true".into(),
                allowed: "false where spectra and PSD come from one pass".into(),
            });
        }
        self.check_bins(&wanted)?;
        let mut both = (self.densities(&signals, psds)?, Splits::new(0, splits));
        self.eight_after_eight(signals, self.all_bins(), scratch, &mut both)
    }

    fn all_bins(&self) -> Range<usize> {
        0..self.n_times / 2 + 1
    }

    fn check_bins(&self, bins: &Range<usize>) -> Result<()> {
        let all = self.all_bins();
        if bins.start <= bins.end && bins.end <= all.end {
            return Ok(());
        }
        let (value, allowed) = (format!("{bins:?}"), format!("within {all:?}"));
        Err(Error::Invalid { parameter: "bins", value, allowed })
    }

    /// Hands the spectra of eight signals under one taper after the other to `eights`. Whether all samples are finite.
    fn eight_after_eight(
        &self,
        signals: ArrayView2<'_, f64>,
        bins: Range<usize>,
        scratch: &mut MultitaperScratch,
        eights: &mut impl EightSpectra,
    ) -> Result<bool> {
        if signals.ncols() != self.n_times {
            return Err(Error::Shape { what: "samples", expected: self.n_times, got: signals.ncols() });
        }
        self.check_bins(&bins)?;
        scratch.fit(self);
        let mut finite = true;
        for (k, signals) in signals.axis_chunks_iter(Axis(0), WIDTH).enumerate() {
            let first = k * WIDTH;
            finite &= pulp::Arch::new().dispatch(super::eights::Transform {
                multitaper: self,
                signals,
                first,
                bins: bins.clone(),
                scratch,
                eights,
            });
        }
        Ok(finite)
    }

    /// Memory for [`Self::psds_into`] and its kin.
    #[must_use]
    pub fn scratch(&self) -> MultitaperScratch {
        let mut scratch = MultitaperScratch { samples: Vec::new(), z: Vec::new(), spectra: Vec::new() };
        scratch.fit(self);
        scratch
    }
}

impl MultitaperScratch {
    /// As long as `multitaper` needs it, whichever it was made for.
    fn fit(&mut self, multitaper: &Multitaper) {
        self.samples.resize(multitaper.n_times, Lanes::ZERO);
        self.z.resize(multitaper.fft.scratch_len(), [Lanes::ZERO; 2]);
        self.spectra.resize(multitaper.all_bins().len(), [Lanes::ZERO; 2]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signal(n: usize) -> Array1<f64> {
        Array1::from_iter((0..n).map(|t| (0.31 * t as f64).sin() + ((t * 7919) % 101) as f64 / 101.0))
    }

    #[test]
    fn power_scales_with_the_square_and_ignores_the_mean() {
        let params = MultitaperParams { bandwidth_hz: Some(4.0), low_bias: true, adaptive: false };
        let multitaper = Multitaper::new(400, 200.0, params).unwrap();
        let (mut a, mut b) = (Array1::zeros(201), Array1::zeros(201));
        multitaper.psd_into(signal(400).view(), a.view_mut()).unwrap();
        multitaper.psd_into(signal(400).mapv(|x| 2.0 * x + 5.0).view(), b.view_mut()).unwrap();
        for (x, y) in a.iter().zip(&b).skip(1) {
            assert!((y / x - 4.0).abs() < 1e-9);
        }
    }

    #[test]
    fn coefficients_give_the_same_psd() {
        let params = MultitaperParams { bandwidth_hz: None, low_bias: true, adaptive: false };
        let multitaper = Multitaper::new(301, 100.0, params).unwrap();
        let lambda = multitaper.tapers().eigenvalues.clone();
        let mut coefs = ndarray::Array2::default((lambda.len(), 151));
        let mut psd = Array1::zeros(151);
        multitaper.fourier_into(signal(301).view(), coefs.view_mut()).unwrap();
        multitaper.psd_into(signal(301).view(), psd.view_mut()).unwrap();
        for f in 0..151 {
            let sum: f64 = (0..lambda.len()).map(|k| lambda[k] * coefs[[k, f]].norm_sqr()).sum();
            assert!((2.0 * sum / lambda.sum() / 100.0 / psd[f] - 1.0).abs() < 1e-12);
        }
    }

    #[test]
    fn several_signals_are_as_each_by_itself() {
        let signals =
            ndarray::Array2::from_shape_fn((11, 100), |(k, t)| ((t * t * 7 + 5 * k * t) % 23) as f64);
        for adaptive in [false, true] {
            let params = MultitaperParams { bandwidth_hz: Some(6.0), low_bias: true, adaptive };
            let multitaper = Multitaper::new(100, 100.0, params).unwrap();
            // memory that was made for signals of another length
            let mut scratch = Multitaper::hann(37, 100.0).unwrap().scratch();
            let mut psds = ndarray::Array2::zeros((11, 51));
            multitaper.psds_into(signals.view(), psds.view_mut(), &mut scratch).unwrap();
            for (x, psd) in signals.outer_iter().zip(psds.outer_iter()) {
                let mut alone = Array1::zeros(51);
                multitaper.psd_into(x, alone.view_mut()).unwrap();
                assert_eq!(alone, psd);
            }
        }
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let hann = Multitaper::hann(100, 100.0).unwrap();
        let (x, mut scratch) = (ndarray::Array2::<f64>::ones((2, 100)), hann.scratch());
        let mut run = |bins: &[usize], n_channels: usize| {
            let mut epoch = SplitEpoch::zeros(n_channels, &[1.0], bins.len());
            hann.split(x.view(), None, &mut [(bins, &mut epoch)], &mut scratch).map_err(|e| e.to_string())
        };
        assert_eq!(run(&[3, 5, 50], 2), Ok(true));
        assert!(run(&[3, 5], 3).unwrap_err().contains("channels"), "another number of channels");
        assert!(run(&[5, 3], 2).unwrap_err().contains("ascend"));
        assert!(run(&[50, 51], 2).unwrap_err().contains("0..51"));
        assert!(hann.each_spectrum(x.view(), 40..52, &mut hann.scratch(), |_, _, _| ()).is_err());
        let mut psds = ndarray::Array2::zeros((3, 51));
        assert!(hann.psds_into(x.view(), psds.view_mut(), &mut hann.scratch()).is_err());
        let params = MultitaperParams { bandwidth_hz: Some(6.0), low_bias: true, adaptive: true };
        let adaptive = Multitaper::new(100, 100.0, params).unwrap();
        let psds = ndarray::Array2::zeros((2, 51));
        assert!(
            adaptive.split(x.view(), Some(psds.clone().view_mut()), &mut [], &mut hann.scratch()).is_err()
        );
        let mut broken = x.clone();
        broken[[1, 7]] = f64::NAN;
        let mut epoch = SplitEpoch::zeros(2, &[1.0], 1);
        assert!(!hann.split(broken.view(), None, &mut [(&[3], &mut epoch)], &mut hann.scratch()).unwrap());
    }

    #[test]
    fn too_narrow_a_bandwidth_says_what_would_do() {
        let params = MultitaperParams { bandwidth_hz: Some(0.1), low_bias: true, adaptive: false };
        let error = Multitaper::new(500, 250.0, params).err().unwrap().to_string();
        assert!(error.contains("at least 0.5 Hz"), "{error}");
    }

    #[test]
    fn too_wide_a_bandwidth_says_what_would_do() {
        let params = MultitaperParams { bandwidth_hz: Some(250.0), low_bias: true, adaptive: false };
        let error = Multitaper::new(500, 250.0, params).err().unwrap().to_string();
        assert!(error.contains("below 250 Hz"), "{error}");
    }

    #[test]
    fn bins_that_start_without_power_are_weighted_too() {
        // [taper, bin]: the second bin is empty in the two tapers that the iteration starts from, the third in all
        let powers = [4.0, 0.0, 0.0, 3.0, 0.0, 0.0, 5.0, 2.0, 0.0];
        let psd = adaptive_psd(&powers, ndarray::array![0.999, 0.99, 0.95].view());
        assert!(psd[0] > 6.0 && psd[0] < 10.0 && psd[1] > 0.0 && psd[1] < 4.0 && psd[2] == 0.0, "{psd:?}");
    }
}

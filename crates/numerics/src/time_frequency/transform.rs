//! The planned transform.

use super::convolve::{Buffers, Group, fft_length};
use super::trials::{AddTrials, TRIALS_AT_ONCE, TrialBuffers};
use super::wavelets::{Wavelets, check_lengths, checked_cycles, morlet, multitaper_wavelets};
use super::{TfrAverage, TfrSums};
use crate::{Error, Result, first_not_finite};
use ndarray::{Array2, Array3, ArrayView1, ArrayView2, Axis, s};
use num_complex::Complex64;
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// Which wavelets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum TfrMethod {
    /// Morlet wavelets ([`super::morlet`]).
    #[default]
    Morlet,
    /// Slepian tapers ([`super::multitaper_wavelets`]), whose powers are averaged.
    Multitaper {
        /// Length of a wavelet × the full width of its band; `⌊time_bandwidth − 1⌋` tapers.
        time_bandwidth: f64,
    },
}

/// Settings of the transform, in MNE's words.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TfrParams {
    /// Frequencies, Hz.
    pub freqs_hz: Vec<f64>,
    /// Length of the wavelets in cycles: one number for all frequencies or one for each.
    #[serde(default = "seven")]
    pub n_cycles: Vec<f64>,
    /// Which wavelets.
    #[serde(default)]
    pub method: TfrMethod,
    /// Whether the wavelets' own mean is taken away, so that a constant gives no power.
    #[serde(default = "yes")]
    pub zero_mean: bool,
    /// Every how many samples a value is given.
    #[serde(default = "one")]
    pub decim: usize,
}

fn seven() -> Vec<f64> {
    vec![7.0]
}

fn yes() -> bool {
    true
}

fn one() -> usize {
    1
}

impl TfrParams {
    /// Morlet wavelets without a mean, for every sample.
    ///
    /// ```
    /// use dosewave_numerics::time_frequency::TfrParams;
    /// assert_eq!(TfrParams::morlet(&[10.0, 20.0], &[7.0]).decim, 1);
    /// ```
    #[must_use]
    pub fn morlet(freqs_hz: &[f64], n_cycles: &[f64]) -> Self {
        Self {
            freqs_hz: freqs_hz.to_vec(),
            n_cycles: n_cycles.to_vec(),
            method: TfrMethod::Morlet,
            zero_mean: true,
            decim: 1,
        }
    }

    fn wavelets(&self, sfreq: f64) -> Result<Vec<Wavelets>> {
        let Self { freqs_hz, n_cycles, method, zero_mean, .. } = self;
        match *method {
            TfrMethod::Morlet => morlet(sfreq, freqs_hz, n_cycles, None, *zero_mean),
            TfrMethod::Multitaper { time_bandwidth } => {
                multitaper_wavelets(sfreq, freqs_hz, n_cycles, time_bandwidth, *zero_mean)
            }
        }
    }
}

/// Transform of signals of one length into time and frequency: the convolution with each wavelet, cut to the signal's own
/// samples (`mode="same"`), zeros beyond the ends. Equal to MNE's `tfr_array_morlet` and `tfr_array_multitaper`.
///
/// Samples within half a wavelet of an end are made of those zeros in part: [`Self::valid`] says which are not.
///
/// ```
/// use dosewave_numerics::time_frequency::{Tfr, TfrParams, morlet};
/// let tone = ndarray::Array1::from_shape_fn(1000, |t| 3.0 * (std::f64::consts::TAU * 0.02 * t as f64).cos());
/// let tfr = Tfr::new(1000, 500.0, &TfrParams::morlet(&[10.0], &[7.0])).unwrap();
/// let power = tfr.power(tone.view()).unwrap();
/// // a tone of amplitude a has the power (a/2 · Σ|w|)², since the wavelet's oscillation undoes its own
/// let sum: f64 = morlet(500.0, &[10.0], &[7.0], None, true).unwrap()[0].values[0].iter().map(|z| z.norm()).sum();
/// assert!((power[[0, 500]] / (1.5 * sum).powi(2) - 1.0).abs() < 1e-5);
/// assert_eq!(tfr.valid()[0], 278..722);
/// ```
pub struct Tfr {
    n_times: usize,
    decim: usize,
    /// By FFT length, ascending.
    groups: Vec<Group>,
    /// Per frequency: what each taper's power counts.
    weights: Vec<Vec<f64>>,
    valid: Vec<Range<usize>>,
}

/// Memory that one transform after the other can use.
#[derive(Default)]
pub struct TfrScratch {
    of_one: Buffers,
    of_trials: TrialBuffers,
}

impl Tfr {
    /// A plan for signals of `n_times` samples at `sfreq` Hz.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a wavelet longer than the signal (the text says which frequency or cycles fit), a frequency
    /// outside (0, sfreq/2), cycles, `decim` or a bandwidth that make no wavelet; [`Error::Shape`] for a number of cycles
    /// that is neither 1 nor that of the frequencies.
    pub fn new(n_times: usize, sfreq: f64, params: &TfrParams) -> Result<Self> {
        if params.decim == 0 {
            return Err(Error::Invalid {
                parameter: "decim",
                value: "0".into(),
                allowed: "1 or more".into(),
            });
        }
        let wavelets = params.wavelets(sfreq)?;
        let n_cycles = checked_cycles(sfreq, &params.freqs_hz, &params.n_cycles)?;
        check_lengths(&wavelets, n_times, &params.freqs_hz, &n_cycles)?;
        let valid = wavelets.iter().map(|w| valid_range(w.n_times(), n_times, params.decim)).collect();
        let groups = grouped(&wavelets, n_times, params.decim);
        let weights = wavelets.into_iter().map(|w| w.weights).collect();
        Ok(Self { n_times, decim: params.decim, groups, weights, valid })
    }

    /// Samples of a signal.
    #[must_use]
    pub fn n_times(&self) -> usize {
        self.n_times
    }

    /// Number of frequencies.
    #[must_use]
    pub fn n_freqs(&self) -> usize {
        self.weights.len()
    }

    /// Number of tapers; 1 for Morlet wavelets.
    #[must_use]
    pub fn n_tapers(&self) -> usize {
        self.weights.first().map_or(0, Vec::len)
    }

    /// Samples that come out: 0, decim, 2·decim …
    #[must_use]
    pub fn n_out(&self) -> usize {
        self.n_times.div_ceil(self.decim)
    }

    /// What comes out per frequency that no end of the signal has a part in: all the wavelet lies inside.
    #[must_use]
    pub fn valid(&self) -> &[Range<usize>] {
        &self.valid
    }

    /// What the power of each taper counts, per frequency ([`super::Wavelets::weights`]).
    #[must_use]
    pub fn weights(&self) -> &[Vec<f64>] {
        &self.weights
    }

    /// Memory for [`Self::add_trials`].
    #[must_use]
    pub fn scratch(&self) -> TfrScratch {
        TfrScratch::default()
    }

    /// Complex values `[taper, freq, time]` of one signal: MNE's `output="complex"`, in the signal's unit × √samples.
    ///
    /// # Errors
    /// [`Error::Shape`] for a signal of another length, [`Error::Value`] for NaN or infinity in it.
    pub fn coefficients(&self, x: ArrayView1<'_, f64>) -> Result<Array3<Complex64>> {
        self.check(x.insert_axis(Axis(0)))?;
        let mut out = Array3::zeros((self.n_tapers(), self.n_freqs(), self.n_out()));
        self.each(x, &mut TfrScratch::default(), |taper, freq, z| {
            out.slice_mut(s![taper, freq, ..]).iter_mut().zip(z).for_each(|(out, z)| *out = *z);
        });
        Ok(out)
    }

    /// Power `[freq, time]` of one signal, averaged over tapers: MNE's `output="power"`, in the signal's unit squared
    /// × samples.
    ///
    /// # Errors
    /// As [`Self::coefficients`].
    pub fn power(&self, x: ArrayView1<'_, f64>) -> Result<Array2<f64>> {
        self.check(x.insert_axis(Axis(0)))?;
        let mut power = Array2::zeros((self.n_freqs(), self.n_out()));
        self.each(x, &mut TfrScratch::default(), |taper, freq, z| {
            let weight = self.weights[freq][taper];
            power.row_mut(freq).iter_mut().zip(z).for_each(|(sum, z)| *sum += weight * z.norm_sqr());
        });
        Ok(power)
    }

    /// Power, phase locking and evoked power over trials `[trial, time]`. Memory does not grow with the trials.
    ///
    /// # Errors
    /// As [`Self::coefficients`]; [`Error::TooShort`] without a trial.
    pub fn average(&self, trials: ArrayView2<'_, f64>) -> Result<TfrAverage> {
        let mut sums = TfrSums::new(self);
        self.add_trials(trials, &mut sums, &mut self.scratch())?;
        sums.average(self)
    }

    /// Adds trials `[trial, time]` to sums, in their order: the same bytes however they are cut into calls at multiples
    /// of 64 trials, and the same to rounding otherwise.
    ///
    /// # Errors
    /// As [`Self::coefficients`].
    pub fn add_trials(
        &self,
        trials: ArrayView2<'_, f64>,
        sums: &mut TfrSums,
        scratch: &mut TfrScratch,
    ) -> Result<()> {
        self.check(trials)?;
        sums.check(self)?;
        for block in trials.axis_chunks_iter(Axis(0), TRIALS_AT_ONCE) {
            sums.count(block);
            for group in &self.groups {
                pulp::Arch::new().dispatch(AddTrials {
                    group,
                    trials: block,
                    weights: &self.weights,
                    sums,
                    buffers: &mut scratch.of_trials,
                });
            }
        }
        Ok(())
    }

    /// `f(taper, freq, values)` for every wavelet.
    pub(super) fn each(
        &self,
        x: ArrayView1<'_, f64>,
        scratch: &mut TfrScratch,
        mut f: impl FnMut(usize, usize, &[Complex64]),
    ) {
        let n_out = self.n_out();
        for group in &self.groups {
            group.load(x, &mut scratch.of_one);
            for kernel in &group.kernels {
                let z = group.convolve(kernel, &mut scratch.of_one);
                f(kernel.taper, kernel.freq, &z[..n_out]);
            }
        }
    }

    fn check(&self, trials: ArrayView2<'_, f64>) -> Result<()> {
        if trials.ncols() != self.n_times {
            return Err(Error::Shape {
                what: "samples of a signal",
                expected: self.n_times,
                got: trials.ncols(),
            });
        }
        match trials.rows().into_iter().find_map(|row| first_not_finite(row).map(|at| (at, row[at]))) {
            None => Ok(()),
            Some((index, value)) => {
                Err(Error::Value { what: "samples", index, value, allowed: "must be finite" })
            }
        }
    }
}

/// Samples out of which no end is reached: `before` the centre and `after` it lie inside the signal.
fn valid_range(n_wavelet: usize, n_times: usize, decim: usize) -> Range<usize> {
    let (before, after) = ((n_wavelet - 1) / 2, n_wavelet / 2);
    // a convolution reaches back as far as the wavelet goes on
    after.div_ceil(decim)..(n_times - before).div_ceil(decim)
}

/// A circular convolution of this length is linear where it is kept: what wraps around an end falls on zeros.
fn grouped(wavelets: &[Wavelets], n_times: usize, decim: usize) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for (freq, of_freq) in wavelets.iter().enumerate() {
        let n_fft = fft_length(n_times + of_freq.n_times() / 2, decim);
        let place = groups.iter().position(|group| group.n_fft() == n_fft).unwrap_or_else(|| {
            groups.push(Group::new(n_fft, decim));
            groups.len() - 1
        });
        for (taper, wavelet) in of_freq.values.iter().enumerate() {
            groups[place].push(freq, taper, wavelet);
        }
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::Stream;
    use ndarray::Array1;

    fn noise(n: usize, seed: u64) -> Array1<f64> {
        let mut stream = Stream::new(seed, 0);
        Array1::from_shape_simple_fn(n, || stream.normal())
    }

    /// `Σ_k w[k]·x[t + c − k]`, c the centre of w, nothing beyond the ends.
    fn slow(x: &Array1<f64>, w: &[Complex64], t: usize) -> Complex64 {
        let centre = (w.len() - 1) / 2;
        let terms = w.iter().enumerate().filter_map(|(k, w)| {
            let source = (t + centre).checked_sub(k)?;
            Some(w * *x.get(source)?)
        });
        terms.sum()
    }

    fn params(method: TfrMethod, decim: usize) -> TfrParams {
        TfrParams { method, decim, ..TfrParams::morlet(&[8.0, 11.0, 30.0], &[5.0, 6.5, 7.0]) }
    }

    #[test]
    fn equals_direct_convolution() {
        for method in [TfrMethod::Morlet, TfrMethod::Multitaper { time_bandwidth: 4.0 }] {
            for (n, decim) in [(301, 1), (301, 3), (256, 1), (257, 4), (300, 7)] {
                let params = params(method, decim);
                let x = noise(n, 3);
                let fast = Tfr::new(n, 100.0, &params).unwrap().coefficients(x.view()).unwrap();
                for (freq, wavelets) in params.wavelets(100.0).unwrap().iter().enumerate() {
                    for (taper, w) in wavelets.values.iter().enumerate() {
                        for (out, z) in fast.slice(s![taper, freq, ..]).iter().enumerate() {
                            let error = (z - slow(&x, w, out * decim)).norm();
                            assert!(error < 1e-12, "{method:?} {n} {decim} {freq} {out}: {error}");
                        }
                    }
                }
            }
        }
    }

    /// What lies beyond the signal changes no valid sample, and changes the one next to the range.
    #[test]
    fn valid_samples_are_those_that_no_end_reaches() {
        for method in [TfrMethod::Morlet, TfrMethod::Multitaper { time_bandwidth: 4.0 }] {
            for decim in [1, 3] {
                let params = params(method, decim);
                let longer = noise(900, 5);
                let tfr = Tfr::new(300, 100.0, &params).unwrap();
                let part = tfr.coefficients(longer.slice(s![300..600])).unwrap();
                let whole = Tfr::new(900, 100.0, &params).unwrap().coefficients(longer.view()).unwrap();
                for (freq, valid) in tfr.valid().iter().enumerate() {
                    let same =
                        |t: usize| (part[[0, freq, t]] - whole[[0, freq, t + 300 / decim]]).norm() < 1e-12;
                    assert!(valid.len() > 20 && valid.clone().all(same), "{method:?} {freq}");
                    if decim == 1 {
                        assert!(!same(valid.start - 1) && !same(valid.end), "{method:?} {freq} {valid:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn nonsense_is_refused() {
        let tfr = Tfr::new(300, 100.0, &TfrParams::morlet(&[10.0], &[7.0])).unwrap();
        assert!(tfr.power(noise(299, 1).view()).is_err());
        let mut x = noise(300, 1);
        x[7] = f64::NAN;
        assert!(matches!(tfr.power(x.view()), Err(Error::Value { index: 7, .. })));
        assert!(Tfr::new(110, 100.0, &TfrParams::morlet(&[10.0], &[7.0])).is_err());
        assert!(Tfr::new(111, 100.0, &TfrParams::morlet(&[10.0], &[7.0])).is_ok());
        let zero = TfrParams { decim: 0, ..TfrParams::morlet(&[10.0], &[7.0]) };
        assert!(Tfr::new(300, 100.0, &zero).is_err());
    }
}

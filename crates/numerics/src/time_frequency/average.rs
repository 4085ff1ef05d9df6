//! Averages over trials from running sums.

use super::trials::Sums;
use super::{Tfr, TfrScratch};
use crate::{Error, Result};
use ndarray::{Array1, Array2, Array3, ArrayView2, Axis, Zip, s};

/// Running sums over trials: Σ|z|² (tapers weighted), Σz/|z| per taper, Σx. Their size does not depend on the number of
/// trials.
#[derive(Clone, Debug, PartialEq)]
pub struct TfrSums {
    n_trials: usize,
    /// `[freq, time]`.
    power: Array2<f64>,
    /// `[taper, freq, time]`.
    unit_re: Array3<f64>,
    unit_im: Array3<f64>,
    /// The trials' sum `[time]`; the transform is linear, so this is all that the evoked power needs.
    signal: Array1<f64>,
}

/// Averages over trials, `[freq, time]` each.
#[derive(Clone, Debug, PartialEq)]
pub struct TfrAverage {
    /// Number of trials.
    pub n_trials: usize,
    /// Mean over trials of `|z|²`, MNE's `avg_power`.
    pub power: Array2<f64>,
    /// Inter-trial phase coherence `|mean z/|z||` in [0, 1], MNE's `itc` (Tallon-Baudry et al. 1996,
    /// 10.1523/JNEUROSCI.16-13-04240.1996). With several tapers their mean. Of trials without any phase locking its
    /// expectation is √(π/4N).
    pub itpc: Array2<f64>,
    /// Pairwise phase consistency `(N·ITPC² − 1)/(N − 1)`, whose expectation does not depend on the number of trials
    /// (Vinck et al. 2010, 10.1016/j.neuroimage.2010.01.073); `None` of one trial.
    pub ppc: Option<Array2<f64>>,
    /// Power of the mean over trials, `|mean z|²`.
    pub evoked_power: Array2<f64>,
}

impl TfrAverage {
    /// Power that is not phase-locked: `power − evoked_power`.
    #[must_use]
    pub fn induced_power(&self) -> Array2<f64> {
        &self.power - &self.evoked_power
    }
}

impl TfrSums {
    /// Empty sums for a transform.
    #[must_use]
    pub fn new(tfr: &Tfr) -> Self {
        let shape = (tfr.n_tapers(), tfr.n_freqs(), tfr.n_out());
        Self {
            n_trials: 0,
            power: Array2::zeros((shape.1, shape.2)),
            unit_re: Array3::zeros(shape),
            unit_im: Array3::zeros(shape),
            signal: Array1::zeros(tfr.n_times()),
        }
    }

    /// Number of trials so far.
    #[must_use]
    pub fn n_trials(&self) -> usize {
        self.n_trials
    }

    pub(super) fn check(&self, tfr: &Tfr) -> Result<()> {
        let expected = [tfr.n_tapers(), tfr.n_freqs(), tfr.n_out(), tfr.n_times()];
        let (n_tapers, n_freqs, n_out) = self.unit_re.dim();
        let got = [n_tapers, n_freqs, n_out, self.signal.len()];
        match expected.iter().zip(got).find(|(expected, got)| *expected != got) {
            None => Ok(()),
            Some((&expected, got)) => {
                Err(Error::Shape { what: "tapers, frequencies or samples of the sums", expected, got })
            }
        }
    }

    pub(super) fn count(&mut self, trials: ArrayView2<'_, f64>) {
        self.n_trials += trials.nrows();
        for trial in trials.rows() {
            self.signal += &trial;
        }
    }

    /// The sums of one wavelet.
    pub(super) fn of(&mut self, taper: usize, freq: usize) -> Sums<'_> {
        let (_, n_freqs, n_out) = self.unit_re.dim();
        let (row, unit) = (freq * n_out, (taper * n_freqs + freq) * n_out);
        Sums {
            power: part(self.power.as_slice_mut(), row, n_out),
            unit_re: part(self.unit_re.as_slice_mut(), unit, n_out),
            unit_im: part(self.unit_im.as_slice_mut(), unit, n_out),
        }
    }

    /// The averages.
    ///
    /// # Errors
    /// [`Error::TooShort`] without a trial, [`Error::Shape`] for sums of another transform, [`Error::Value`] when squares
    /// of the values are too large for a number.
    pub fn average(&self, tfr: &Tfr) -> Result<TfrAverage> {
        self.check(tfr)?;
        if self.n_trials == 0 {
            return Err(Error::TooShort { what: "trials", got: 0, need: 1 });
        }
        let n = self.n_trials as f64;
        let power = &self.power / n;
        if let Some((index, &value)) = power.iter().enumerate().find(|(_, p)| !p.is_finite()) {
            return Err(Error::Value { what: "power", index, value, allowed: "must be finite" });
        }
        let (mut itpc, mut ppc) = (Array2::zeros(power.dim()), Array2::zeros(power.dim()));
        let share = 1.0 / self.unit_re.len_of(Axis(0)) as f64;
        for (re, im) in self.unit_re.outer_iter().zip(self.unit_im.outer_iter()) {
            Zip::from(&mut itpc).and(&mut ppc).and(re).and(im).for_each(|itpc, ppc, re, im| {
                let squared = (re * re + im * im) / (n * n);
                *itpc += share * squared.sqrt();
                *ppc += share * (n * squared - 1.0) / (n - 1.0);
            });
        }
        let ppc = (self.n_trials > 1).then_some(ppc);
        Ok(TfrAverage { n_trials: self.n_trials, power, itpc, ppc, evoked_power: self.evoked(tfr) })
    }

    fn evoked(&self, tfr: &Tfr) -> Array2<f64> {
        let mean = &self.signal / self.n_trials as f64;
        let mut power = Array2::zeros(self.power.dim());
        tfr.each(mean.view(), &mut TfrScratch::default(), |taper, freq, z| {
            let weight = tfr.weights()[freq][taper];
            power.slice_mut(s![freq, ..]).iter_mut().zip(z).for_each(|(p, z)| *p += weight * z.norm_sqr());
        });
        power
    }
}

/// `n` values from `start` of an array in standard layout, which those made by `zeros` have.
fn part(all: Option<&mut [f64]>, start: usize, n: usize) -> &mut [f64] {
    all.map_or(&mut [], |all| &mut all[start..start + n])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::Stream;
    use crate::time_frequency::{TfrMethod, TfrParams};
    use num_complex::Complex64;
    use std::f64::consts::{PI, TAU};

    fn noise(n_trials: usize, n_times: usize) -> Array2<f64> {
        let mut stream = Stream::new(9, 0);
        Array2::from_shape_simple_fn((n_trials, n_times), || stream.normal())
    }

    fn tfr(decim: usize, tapers: bool) -> Tfr {
        let method = if tapers { TfrMethod::Multitaper { time_bandwidth: 4.0 } } else { TfrMethod::Morlet };
        let params = TfrParams { decim, method, ..TfrParams::morlet(&[10.0, 25.0], &[5.0]) };
        Tfr::new(200, 100.0, &params).unwrap()
    }

    /// From all complex values at once, straight from the definitions.
    #[test]
    fn sums_equal_the_definitions() {
        for (n_trials, decim, tapers) in [(1, 1, false), (2, 2, true), (17, 1, true), (33, 3, false)] {
            let (trials, tfr) = (noise(n_trials, 200), tfr(decim, tapers));
            let average = tfr.average(trials.view()).unwrap();
            let z: Vec<Array3<Complex64>> =
                trials.rows().into_iter().map(|x| tfr.coefficients(x).unwrap()).collect();
            let n = n_trials as f64;
            let n_tapers = tfr.n_tapers();
            for ((freq, t), power) in average.power.indexed_iter() {
                let (mut total, mut evoked, mut itpc, mut ppc) = (0.0, 0.0, 0.0, 0.0);
                for taper in 0..n_tapers {
                    let values: Vec<Complex64> = z.iter().map(|z| z[[taper, freq, t]]).collect();
                    let weight = tfr.weights()[freq][taper];
                    total += weight * values.iter().map(Complex64::norm_sqr).sum::<f64>() / n;
                    evoked += weight * (values.iter().sum::<Complex64>() / n).norm_sqr();
                    itpc += (values.iter().map(|z| z / z.norm()).sum::<Complex64>() / n).norm();
                    for (i, a) in values.iter().enumerate() {
                        for (j, b) in values.iter().enumerate() {
                            if i != j {
                                ppc += (a * b.conj()).re / (a.norm() * b.norm()) / (n * (n - 1.0));
                            }
                        }
                    }
                }
                assert!(
                    (power - total).abs() < 1e-11 && (average.evoked_power[[freq, t]] - evoked).abs() < 1e-11
                );
                assert!((average.itpc[[freq, t]] - itpc / n_tapers as f64).abs() < 1e-12);
                if let Some(found) = &average.ppc {
                    assert!((found[[freq, t]] - ppc / n_tapers as f64).abs() < 1e-12);
                }
            }
            assert_eq!(average.ppc.is_none(), n_trials == 1);
        }
    }

    #[test]
    fn trials_may_come_in_parts() {
        let (trials, tfr) = (noise(140, 200), tfr(1, false));
        let whole = tfr.average(trials.view()).unwrap();
        let (mut sums, mut scratch) = (TfrSums::new(&tfr), tfr.scratch());
        for part in [0..64, 64..128, 128..140] {
            tfr.add_trials(trials.slice(s![part, ..]), &mut sums, &mut scratch).unwrap();
        }
        assert_eq!(sums.average(&tfr).unwrap(), whole);
        assert!(TfrSums::new(&tfr).average(&tfr).is_err());
    }

    /// Phases without locking: the mean resultant of N of them is Rayleigh, its mean √(π/4N), its mean square 1/N.
    #[test]
    fn independent_trials_have_the_itpc_of_chance() {
        for n_trials in [100, 150] {
            let mut stream = Stream::new(2, n_trials as u64);
            let params = TfrParams { decim: 40, ..TfrParams::morlet(&[20.0, 40.0], &[7.0]) };
            let tfr = Tfr::new(20_000, 200.0, &params).unwrap();
            let trials = Array2::from_shape_simple_fn((n_trials, 20_000), || stream.normal());
            let average = tfr.average(trials.view()).unwrap();
            let expected = (PI / (4.0 * n_trials as f64)).sqrt();
            let mean = average.itpc.mean().unwrap();
            // about 1 000 independent values of sd 0.52 of their mean
            assert!((mean / expected - 1.0).abs() < 0.05, "{mean} {expected}");
            assert!(average.ppc.unwrap().mean().unwrap().abs() < 0.05 * expected);
            // Rayleigh's test at p < 0.01 is passed by one in a hundred
            let critical = (-(0.01_f64.ln()) / n_trials as f64).sqrt();
            let passed = average.itpc.iter().filter(|v| **v > critical).count();
            let share = passed as f64 / average.itpc.len() as f64;
            assert!((0.003..0.02).contains(&share), "{share}");
        }
    }

    /// The same tone in every trial, with noise of its own in each: the evoked power is the tone's, induced the noise's.
    #[test]
    fn phase_locked_power_is_evoked() {
        let tone = |t: usize, shift: f64| (TAU * 0.1 * t as f64 + shift).cos();
        let mut stream = Stream::new(4, 0);
        let locked = Array2::from_shape_fn((50, 200), |(_, t)| tone(t, 0.0));
        let shifts: Vec<f64> = (0..50).map(|_| TAU * stream.uniform()).collect();
        let free = Array2::from_shape_fn((50, 200), |(k, t)| tone(t, shifts[k]));
        let tfr = tfr(1, false);
        let (locked, free) = (tfr.average(locked.view()).unwrap(), tfr.average(free.view()).unwrap());
        let at = [0, 100];
        assert!((locked.itpc[at] - 1.0).abs() < 1e-12 && locked.induced_power()[at].abs() < 1e-9);
        assert!((locked.ppc.unwrap()[at] - 1.0).abs() < 1e-12);
        assert!((free.power[at] / locked.power[at] - 1.0).abs() < 1e-6, "phases change no power");
        let resultant =
            shifts.iter().map(|s| Complex64::from_polar(1.0, *s)).sum::<Complex64>().norm() / 50.0;
        assert!((free.itpc[at] - resultant).abs() < 1e-6);
        assert!((free.evoked_power[at] / free.power[at] - resultant * resultant).abs() < 1e-6);
    }

    #[test]
    fn twice_the_signal_has_four_times_the_power_and_the_same_phase() {
        let (trials, tfr) = (noise(5, 200), tfr(1, true));
        let (once, twice) =
            (tfr.average(trials.view()).unwrap(), tfr.average((&trials * 2.0).view()).unwrap());
        assert!(once.power.iter().zip(&twice.power).all(|(a, b)| *b == 4.0 * a));
        assert!(once.itpc.iter().zip(&twice.itpc).all(|(a, b)| (a - b).abs() < 1e-14));
    }
}

//! The wavelets, with MNE's definitions and normalisation.

use crate::spectral::dpss;
use crate::{Error, Result};
use num_complex::Complex64;
use std::f64::consts::{FRAC_1_SQRT_2, PI};

/// Half length of a Morlet wavelet in standard deviations of its Gaussian, as in MNE.
const HALF_LENGTH_SD: f64 = 5.0;

/// Wavelets of one frequency: one for Morlet, one per taper for multitaper.
#[derive(Clone, Debug, PartialEq)]
pub struct Wavelets {
    /// Each wavelet's samples; all have the same length.
    pub values: Vec<Vec<Complex64>>,
    /// What each one's power counts: 1 for Morlet, `2·λ_k / Σλ` for tapers (λ for a single one, as in MNE).
    pub weights: Vec<f64>,
}

impl Wavelets {
    /// Samples of a wavelet.
    #[must_use]
    pub fn n_times(&self) -> usize {
        self.values.first().map_or(0, Vec::len)
    }
}

/// Morlet wavelets, one entry per frequency, equal to `mne.time_frequency.morlet`.
///
/// `w(t) = (exp(2πi·f·t) − exp(−2(π·f·σ)²)) · exp(−t²/2σ²)`, from −5σ to 5σ (the ends not included), with
/// `σ = n_cycles / (2π·f)` seconds; the second term, present with `zero_mean`, takes away the mean. It is scaled to an
/// energy `Σ|w|²` of 2 (Tallon-Baudry et al. 1997, 10.1523/JNEUROSCI.17-02-00722.1997).
/// With `sigma_hz` the width is `σ = n_cycles / (2π·sigma_hz)` for all frequencies.
///
/// `n_cycles` holds one number for all frequencies or one for each.
///
/// # Errors
/// [`Error::Invalid`] for a frequency outside (0, sfreq/2) or cycles that are not positive, [`Error::Shape`] for a number
/// of cycles that is neither 1 nor that of the frequencies.
///
/// ```
/// use dosewave_numerics::time_frequency::morlet;
/// let wavelets = morlet(100.0, &[10.0], &[7.0], None, true).unwrap();
/// let w = &wavelets[0].values[0];
/// assert_eq!(w.len(), 111); // ±5 × 111.4 ms
/// let energy: f64 = w.iter().map(|z| z.norm_sqr()).sum();
/// assert!((energy - 2.0).abs() < 1e-12);
/// ```
pub fn morlet(
    sfreq: f64,
    freqs_hz: &[f64],
    n_cycles: &[f64],
    sigma_hz: Option<f64>,
    zero_mean: bool,
) -> Result<Vec<Wavelets>> {
    let n_cycles = checked_cycles(sfreq, freqs_hz, n_cycles)?;
    if let Some(width) = sigma_hz.filter(|width| !(width.is_finite() && *width > 0.0)) {
        return Err(Error::Invalid {
            parameter: "sigma_hz",
            value: width.to_string(),
            allowed: "a positive frequency".into(),
        });
    }
    let of = |(&f, cycles): (&f64, f64)| {
        let sigma_s = cycles / (2.0 * PI * sigma_hz.unwrap_or(f));
        Wavelets { values: vec![one_morlet(sfreq, f, sigma_s, zero_mean)], weights: vec![1.0] }
    };
    Ok(freqs_hz.iter().zip(n_cycles).map(of).collect())
}

fn one_morlet(sfreq: f64, freq: f64, sigma_s: f64, zero_mean: bool) -> Vec<Complex64> {
    let step = 1.0 / sfreq;
    let half = (HALF_LENGTH_SD * sigma_s / step).ceil().max(1.0) as usize;
    let offset = if zero_mean { (-2.0 * (PI * freq * sigma_s).powi(2)).exp() } else { 0.0 };
    let value = |t: f64| {
        let carrier = Complex64::from_polar(1.0, 2.0 * PI * freq * t);
        (carrier - offset) * (-t * t / (2.0 * sigma_s * sigma_s)).exp()
    };
    let right: Vec<Complex64> = (0..half).map(|k| value(k as f64 * step)).collect();
    let mut wavelet: Vec<Complex64> = right.iter().skip(1).rev().map(Complex64::conj).collect();
    wavelet.extend(right);
    normalise(&mut wavelet);
    wavelet
}

/// Tapered oscillations, equal to those of `mne.time_frequency.tfr_array_multitaper`: `⌊time_bandwidth − 1⌋` (at least
/// one) Slepian tapers of `n_cycles / f` seconds × `exp(2πi·f·(t − n_cycles/2f))`, without their mean if `zero_mean`,
/// scaled to an energy of 2. The power of taper k counts `2·λ_k / Σλ`, λ its concentration. A single taper's counts λ: so
/// does MNE, whose powers from one taper and from several therefore differ by a factor near 2.
///
/// # Errors
/// As [`morlet`]; [`Error::Invalid`] for a `time_bandwidth` below 2 or too wide for the shortest wavelet.
///
/// ```
/// use dosewave_numerics::time_frequency::multitaper_wavelets;
/// let wavelets = multitaper_wavelets(100.0, &[10.0], &[7.0], 4.0, true).unwrap();
/// assert_eq!((wavelets[0].values.len(), wavelets[0].n_times()), (3, 70));
/// ```
pub fn multitaper_wavelets(
    sfreq: f64,
    freqs_hz: &[f64],
    n_cycles: &[f64],
    time_bandwidth: f64,
    zero_mean: bool,
) -> Result<Vec<Wavelets>> {
    let n_cycles = checked_cycles(sfreq, freqs_hz, n_cycles)?;
    if !(time_bandwidth >= 2.0 && time_bandwidth.is_finite()) {
        return Err(Error::Invalid {
            parameter: "time_bandwidth",
            value: time_bandwidth.to_string(),
            allowed: "2 or more: one taper needs 2".into(),
        });
    }
    let n_tapers = (time_bandwidth - 1.0).floor() as usize;
    let of = |(&f, cycles): (&f64, f64)| tapered(sfreq, f, cycles / f, (time_bandwidth, n_tapers), zero_mean);
    freqs_hz.iter().zip(n_cycles).map(of).collect()
}

fn tapered(
    sfreq: f64,
    freq: f64,
    seconds: f64,
    (time_bandwidth, n_tapers): (f64, usize),
    zero_mean: bool,
) -> Result<Wavelets> {
    let step = 1.0 / sfreq;
    let n = (seconds / step).ceil() as usize;
    let tapers = dpss(n, time_bandwidth / 2.0, n_tapers, false)?;
    let carrier = |k: usize| Complex64::from_polar(1.0, 2.0 * PI * freq * (k as f64 * step - seconds / 2.0));
    let mut values = Vec::with_capacity(n_tapers);
    for taper in tapers.tapers.rows() {
        let mut wavelet: Vec<Complex64> = taper.iter().enumerate().map(|(k, v)| carrier(k) * *v).collect();
        if zero_mean {
            let mean = wavelet.iter().sum::<Complex64>() / n as f64;
            wavelet.iter_mut().for_each(|z| *z -= mean);
        }
        normalise(&mut wavelet);
        values.push(wavelet);
    }
    let total = tapers.eigenvalues.sum();
    let weights = match n_tapers {
        1 => vec![total],
        _ => tapers.eigenvalues.iter().map(|lambda| 2.0 * lambda / total).collect(),
    };
    Ok(Wavelets { values, weights })
}

/// Scales to an energy of 2: a norm of 1 for each of the real and the imaginary part.
fn normalise(wavelet: &mut [Complex64]) {
    let norm = wavelet.iter().map(Complex64::norm_sqr).sum::<f64>().sqrt();
    if norm > 0.0 {
        wavelet.iter_mut().for_each(|z| *z /= FRAC_1_SQRT_2 * norm);
    }
}

/// Cycles for each frequency.
pub(super) fn checked_cycles(sfreq: f64, freqs_hz: &[f64], n_cycles: &[f64]) -> Result<Vec<f64>> {
    let invalid =
        |parameter, value: String, allowed: String| Err(Error::Invalid { parameter, value, allowed });
    if !(sfreq.is_finite() && sfreq > 0.0) {
        return invalid("sfreq", sfreq.to_string(), "a positive rate".into());
    }
    if freqs_hz.is_empty() {
        return Err(Error::TooShort { what: "frequencies", got: 0, need: 1 });
    }
    if let Some(f) = freqs_hz.iter().find(|f| !(**f > 0.0 && **f < sfreq / 2.0)) {
        let allowed = format!("above 0 and below {} Hz, half the rate", sfreq / 2.0);
        return invalid("freqs_hz", format!("{f} Hz"), allowed);
    }
    if let Some(cycles) = n_cycles.iter().find(|cycles| !(cycles.is_finite() && **cycles > 0.0)) {
        return invalid("n_cycles", cycles.to_string(), "positive numbers".into());
    }
    match n_cycles {
        [all] => Ok(vec![*all; freqs_hz.len()]),
        each if each.len() == freqs_hz.len() => Ok(each.to_vec()),
        _ => Err(Error::Shape {
            what: "n_cycles (one for all or one per frequency)",
            expected: freqs_hz.len(),
            got: n_cycles.len(),
        }),
    }
}

/// Refuses wavelets longer than the signal and says which would fit.
pub(super) fn check_lengths(
    wavelets: &[Wavelets],
    n_times: usize,
    freqs_hz: &[f64],
    n_cycles: &[f64],
) -> Result<()> {
    let lengths = wavelets.iter().map(Wavelets::n_times);
    let longest = lengths.enumerate().max_by_key(|(_, length)| *length);
    let Some((index, length)) = longest.filter(|(_, length)| *length > n_times) else { return Ok(()) };
    let (freq, cycles) = (freqs_hz[index], n_cycles[index]);
    // the length goes with cycles / freq, but for the rounding up to odd numbers of samples
    let share = n_times.saturating_sub(2) as f64 / length as f64;
    Err(Error::Invalid {
        parameter: "freqs_hz",
        value: format!(
            "{freq} Hz with {cycles} cycles, a wavelet of {length} samples for {n_times} of signal"
        ),
        allowed: format!(
            "{:.3} Hz or more with {cycles} cycles, or at most {:.3} cycles at {freq} Hz",
            (freq / share * 1000.0).ceil() / 1000.0,
            (cycles * share * 1000.0).floor() / 1000.0,
        ),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zero_mean_takes_the_mean_away_and_the_energy_stays() {
        for (zero_mean, cycles) in [(true, 2.0), (false, 2.0), (true, 7.0)] {
            let w = &morlet(500.0, &[10.0], &[cycles], None, zero_mean).unwrap()[0].values[0];
            let mean = w.iter().sum::<Complex64>().norm() / w.iter().map(|z| z.norm()).sum::<f64>();
            assert_eq!(mean < 1e-6, zero_mean || cycles > 5.0, "{mean}");
            assert!((w.iter().map(Complex64::norm_sqr).sum::<f64>() - 2.0).abs() < 1e-12);
            assert!(w.iter().zip(w.iter().rev()).all(|(a, b)| (a - b.conj()).norm() == 0.0), "centred");
        }
    }

    #[test]
    fn a_fixed_sigma_gives_wavelets_of_one_length() {
        let wavelets = morlet(500.0, &[10.0, 20.0], &[7.0], Some(15.0), true).unwrap();
        let alone = morlet(500.0, &[15.0], &[7.0], None, true).unwrap();
        assert!(wavelets.iter().all(|w| w.n_times() == alone[0].n_times()));
    }

    #[test]
    fn the_error_for_long_wavelets_names_what_fits() {
        let check = |freq: f64, cycles: f64, n: usize| {
            let wavelets = morlet(500.0, &[30.0, freq], &[7.0, cycles], None, true).unwrap();
            check_lengths(&wavelets, n, &[30.0, freq], &[7.0, cycles])
        };
        let text = check(4.0, 7.0, 1000).unwrap_err().to_string();
        assert!(text.contains("4 Hz with 7 cycles, a wavelet of 1393 samples for 1000"), "{text}");
        assert!(text.contains("5.584 Hz or more with 7 cycles, or at most 5.015 cycles at 4 Hz"), "{text}");
        assert!(check(5.584, 7.0, 1000).is_ok() && check(4.0, 5.015, 1000).is_ok());
    }

    #[test]
    fn nonsense_is_refused() {
        assert!(morlet(100.0, &[50.0], &[7.0], None, true).is_err());
        assert!(morlet(100.0, &[0.0], &[7.0], None, true).is_err());
        assert!(morlet(100.0, &[], &[7.0], None, true).is_err());
        assert!(morlet(100.0, &[10.0], &[0.0], None, true).is_err());
        assert!(morlet(100.0, &[10.0, 20.0, 30.0], &[7.0, 7.0], None, true).is_err());
        assert!(morlet(100.0, &[10.0], &[7.0], Some(0.0), true).is_err());
        assert!(multitaper_wavelets(100.0, &[10.0], &[7.0], 1.5, true).is_err());
        assert!(multitaper_wavelets(100.0, &[40.0], &[1.0], 4.0, true).is_err());
    }
}

//! The aperiodic part by irregular resampling.

use super::fit_fixed;
use super::power_law::PowerLaw;
use crate::filter::Thinning;
use crate::spectral::{Average, Detrend, Welch, WelchParams, Window};
use crate::stats::median_in_place;
use crate::{Error, Result};
use ndarray::{Array1, Array2, ArrayView1, Axis};

/// Settings of [`irasa`]. Names are YASA's where it has them.
#[derive(Clone, Debug, PartialEq)]
pub struct IrasaParams {
    /// Range that is evaluated, both ends included, Hz.
    pub band_hz: [f64; 2],
    /// Factors of resampling, each above 1 and used with its inverse.
    pub hset: Vec<f64>,
    /// Length of a Welch segment, seconds; neighbours share half of it.
    pub win_sec: f64,
    /// Taper of a segment.
    pub window: Window,
    /// How segments are averaged.
    pub average: Average,
    /// The recording's high-pass, Hz: nothing below it is looked at. 0 where there is none.
    pub high_pass_hz: f64,
    /// The recording's low-pass, Hz; half the rate where it is left out.
    pub low_pass_hz: Option<f64>,
}

impl Default for IrasaParams {
    fn default() -> Self {
        Self {
            band_hz: [1.0, 30.0],
            hset: (0..=16).map(|k| f64::from(110 + 5 * k) / 100.0).collect(),
            win_sec: 4.0,
            window: Window::Hamming,
            average: Average::Median,
            high_pass_hz: 0.0,
            low_pass_hz: None,
        }
    }
}

/// A spectrum in its two parts.
#[derive(Clone, Debug, PartialEq)]
pub struct Irasa {
    /// Frequencies of the band, Hz.
    pub freqs_hz: Array1<f64>,
    /// The whole spectrum, unit²/Hz.
    pub psd: Array1<f64>,
    /// What stays under resampling.
    pub aperiodic: Array1<f64>,
    /// What does not: `psd − aperiodic`. Negative where noise has it so.
    pub oscillatory: Array1<f64>,
    /// A straight line through the aperiodic part in log–log space.
    pub line: PowerLaw,
    /// Share of the variance of its log10 that the line explains.
    pub r_squared: f64,
}

/// Separates the aperiodic part of a signal, given as stretches without a gap, from its rhythms (Wen & Liu 2016,
/// <https://doi.org/10.1007/s10548-015-0448-0>).
///
/// ```math
/// S_{ap}(f) = \operatorname{median}_h \sqrt{S(h f)\, S(f / h)}
/// ```
///
/// A power law is the same under resampling by `h` and `1/h` together; a peak moves away, and the median over `h` leaves it
/// behind. The spectrum of a signal resampled by `h`, in windows of `n` samples, is that of the signal itself in windows of
/// `n / h` samples, bin by bin. So nothing is resampled here: segments of about `n / h` and `n h` samples are transformed, of
/// lengths within half a percent whose product is `n²` to that and that have quick transforms. For these segments samples
/// are left out first where the rate is far above what is looked at, behind a low-pass that changes nothing below by more
/// than 1e-6: where a method that resamples is limited by its low-pass, close to half the rate, this one is not.
///
/// The band, widened by the largest factor at both ends, must lie within what the recording carries: beyond a filter's edge the
/// spectrum falls for another reason, and the exponent is wrong (Gerster et al. 2022,
/// <https://doi.org/10.1007/s12021-022-09581-8>).
///
/// # Errors
/// [`Error::Invalid`] for a band whose widened range leaves that between high-pass and low-pass, naming the band that is
/// allowed, or factors that are not above 1; [`Error::TooShort`] where no stretch holds the longest segment; others as
/// [`Welch::new`].
///
/// ```
/// use dosewave_numerics::aperiodic::{IrasaParams, irasa};
/// use dosewave_numerics::stats::Stream;
/// // a random walk falls with an exponent of 2
/// let mut stream = Stream::new(1, 0);
/// let mut level = 0.0;
/// let x = ndarray::Array1::from_iter((0..60_000).map(|_| { level += stream.normal(); level }));
/// let found = irasa(&[x.view()], 250.0, &IrasaParams::default()).unwrap();
/// assert!((found.line.exponent - 2.0).abs() < 0.1);
/// ```
pub fn irasa(runs: &[ArrayView1<'_, f64>], sfreq: f64, params: &IrasaParams) -> Result<Irasa> {
    check(sfreq, params)?;
    let n = (params.win_sec * sfreq).round() as usize;
    let [low, high] = params.band_hz;
    let resolution = sfreq / n as f64;
    let bins: Vec<usize> =
        (1..=n / 2).filter(|&k| (low - 1e-9..=high + 1e-9).contains(&(k as f64 * resolution))).collect();
    let freqs_hz: Array1<f64> = bins.iter().map(|&k| k as f64 * resolution).collect();
    let psd = spectrum(runs, sfreq, n, &bins, params)?;
    let widest = params.hset.iter().copied().fold(1.0, f64::max);
    let aperiodic = match Thinning::new(n, sfreq, high * widest)? {
        None => unmoved(runs, sfreq, n, &bins, params)?,
        Some(thinning) => {
            let factor = thinning.factor();
            let filled = runs.iter().filter(|run| !run.is_empty());
            let thinned: Vec<Array1<f64>> = filled.map(|run| thinning.apply(*run)).collect::<Result<_>>()?;
            let thinned: Vec<ArrayView1<'_, f64>> = thinned.iter().map(|run| run.view()).collect();
            unmoved(&thinned, sfreq / factor as f64, n / factor, &bins, params).map_err(
                |error| match error {
                    Error::TooShort { what, got, need } => {
                        Error::TooShort { what, got: got * factor, need: need * factor }
                    }
                    error => error,
                },
            )?
        }
    };
    let line = fit_fixed(freqs_hz.view(), aperiodic.view())?;
    Ok(Irasa {
        oscillatory: &psd - &aperiodic,
        line: PowerLaw { offset: line.offset, knee: None, exponent: line.exponent },
        r_squared: line.r_squared,
        freqs_hz,
        psd,
        aperiodic,
    })
}

/// The median over factors of what resampling by `h` and `1/h` leaves, at some bins of windows of `n` samples.
fn unmoved(
    runs: &[ArrayView1<'_, f64>],
    sfreq: f64,
    n: usize,
    bins: &[usize],
    params: &IrasaParams,
) -> Result<Array1<f64>> {
    let mut products = Array2::zeros((params.hset.len(), bins.len()));
    for (h, mut product) in params.hset.iter().zip(products.outer_iter_mut()) {
        let n_short = quick_length(n as f64 / h);
        let shorter = spectrum(runs, sfreq, n_short, bins, params)?;
        let longer = spectrum(runs, sfreq, quick_length((n * n) as f64 / n_short as f64), bins, params)?;
        product.assign(&(&shorter * &longer).mapv(f64::sqrt));
    }
    let middle = |column: ArrayView1<'_, f64>| median_in_place(&mut column.to_vec()).unwrap_or(f64::NAN);
    Ok(products.axis_iter(Axis(1)).map(middle).collect())
}

/// Power at some bins of Welch segments of `n` samples.
fn spectrum(
    runs: &[ArrayView1<'_, f64>],
    sfreq: f64,
    n: usize,
    bins: &[usize],
    params: &IrasaParams,
) -> Result<Array1<f64>> {
    let settings = WelchParams {
        n_fft: n,
        n_per_seg: n,
        n_overlap: n / 2,
        window: params.window,
        average: params.average,
        detrend: Detrend::Constant,
    };
    let welch = Welch::new(settings, sfreq)?;
    let mut psd = Array1::zeros(bins.last().map_or(0, |last| last + 1));
    welch.psd_of_runs(runs, psd.view_mut(), &mut welch.scratch())?;
    Ok(bins.iter().map(|&bin| psd[bin]).collect())
}

/// The whole number nearest to `n`, within half a percent, that a fast transform likes: no prime factor above 13.
fn quick_length(n: f64) -> usize {
    let nearest = n.round() as usize;
    let reach = (n / 200.0) as usize;
    let is_quick = |n: &usize| {
        let mut rest = *n;
        for factor in [2, 3, 5, 7, 11, 13] {
            while rest.is_multiple_of(factor) {
                rest /= factor;
            }
        }
        rest == 1
    };
    let around = (0..=reach).flat_map(|d| [nearest + d, nearest.saturating_sub(d)]).filter(|n| *n > 1);
    around.into_iter().find(is_quick).unwrap_or(nearest.max(2))
}

fn check(sfreq: f64, params: &IrasaParams) -> Result<()> {
    let invalid =
        |parameter, value: String, allowed: String| Err(Error::Invalid { parameter, value, allowed });
    if !(sfreq > 0.0 && sfreq.is_finite()) {
        return invalid("sfreq", sfreq.to_string(), "a positive rate in Hz".into());
    }
    if params.hset.is_empty() || params.hset.iter().any(|h| !(*h > 1.0 && h.is_finite())) {
        return invalid("hset", format!("{:?}", params.hset), "factors above 1".into());
    }
    if !(params.win_sec > 0.0 && params.win_sec.is_finite()) {
        return invalid("win_sec", params.win_sec.to_string(), "a positive length in seconds".into());
    }
    let widest = params.hset.iter().copied().fold(1.0, f64::max);
    let [low, high] = params.band_hz;
    let top = params.low_pass_hz.unwrap_or(f64::INFINITY).min(sfreq / 2.0);
    let (least, most) = (params.high_pass_hz * widest, top / widest);
    // a hair of slack: 30 Hz times 1.9 is 57 Hz, and a low-pass of 57 Hz will do
    if !(low > 0.0 && high > low && low >= least * (1.0 - 1e-9) && high <= most * (1.0 + 1e-9)) {
        return invalid(
            "band_hz",
            format!("[{low}, {high}]"),
            format!(
                "two ascending frequencies from {least:.2} to {most:.2} Hz: widened by the largest factor, {widest}, the band \
                 must lie between the high-pass ({} Hz) and the low-pass or half the rate ({top} Hz)",
                params.high_pass_hz
            ),
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::filter::{Ratio, resample_polyphase};
    use crate::simulate::one_over_f;
    use crate::stats::Stream;

    const SFREQ: f64 = 250.0;

    fn signal(exponent: f64, rhythm: f64) -> Array1<f64> {
        let mut stream = Stream::new(3, 0);
        let mut x = one_over_f(120 * 250, SFREQ, exponent, 10.0, &mut stream).unwrap();
        x.iter_mut().enumerate().for_each(|(t, x)| {
            *x += rhythm * (2.0 * std::f64::consts::PI * 10.0 * t as f64 / SFREQ).sin();
        });
        x
    }

    #[test]
    fn the_exponent_comes_out_with_a_strong_rhythm_on_it() {
        for exponent in [0.8, 1.5, 2.2] {
            let plain = irasa(&[signal(exponent, 0.0).view()], SFREQ, &IrasaParams::default()).unwrap();
            let with = irasa(&[signal(exponent, 1.0).view()], SFREQ, &IrasaParams::default()).unwrap();
            assert!((plain.line.exponent - exponent).abs() < 0.08, "{exponent}: {}", plain.line.exponent);
            assert!((with.line.exponent - plain.line.exponent).abs() < 0.05, "{}", with.line.exponent);
            let peak = with.oscillatory.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1)).unwrap().0;
            assert_eq!(with.freqs_hz[peak], 10.0);
        }
    }

    #[test]
    fn it_is_what_resampling_gives() {
        let x = signal(1.2, 0.5);
        let params = IrasaParams { average: Average::Mean, ..IrasaParams::default() };
        let found = irasa(&[x.view()], SFREQ, &params).unwrap();
        let settings = WelchParams {
            n_fft: 1000,
            n_per_seg: 1000,
            n_overlap: 500,
            window: Window::Hamming,
            average: Average::Mean,
            detrend: Detrend::Constant,
        };
        let mut all: Vec<Array1<f64>> = Vec::new();
        for percent in (110..=190).step_by(5) {
            let psd = |up: usize, down: usize| {
                let y = resample_polyphase(x.view(), Ratio { up, down }).unwrap();
                let welch = Welch::new(settings, SFREQ * up as f64 / down as f64).unwrap();
                let mut psd = Array1::zeros(501);
                welch.psd_into(y.view(), psd.view_mut()).unwrap();
                psd
            };
            all.push((psd(percent, 100) * psd(100, percent)).mapv(f64::sqrt));
        }
        let mut twin = Vec::new();
        for k in 4..=120 {
            twin.push(median_in_place(&mut all.iter().map(|psd| psd[k]).collect::<Vec<_>>()).unwrap());
        }
        let decibels: Vec<f64> =
            found.aperiodic.iter().zip(&twin).map(|(a, b)| 10.0 * (a / b).log10()).collect();
        let worst = decibels.iter().map(|d| d.abs()).fold(0.0, f64::max);
        let line = fit_fixed(found.freqs_hz.view(), ArrayView1::from(&twin)).unwrap();
        assert!(worst < 0.5, "{worst} dB");
        assert!(
            (found.line.exponent - line.exponent).abs() < 0.005,
            "{} {}",
            found.line.exponent,
            line.exponent
        );
    }

    #[test]
    fn quick_lengths_are_near_and_smooth() {
        assert_eq!([1818.18, 2000.0, 1481.48, 997.0, 5.0].map(quick_length), [1820, 2000, 1485, 1000, 5]);
        assert_eq!(quick_length(101.0), 101);
    }

    #[test]
    fn scaling_moves_the_offset_alone() {
        let x = signal(1.2, 0.5);
        let one = irasa(&[x.view()], SFREQ, &IrasaParams::default()).unwrap();
        let ten = irasa(&[(&x * 10.0).view()], SFREQ, &IrasaParams::default()).unwrap();
        assert!((ten.line.offset - one.line.offset - 2.0).abs() < 1e-9);
        assert!((ten.line.exponent - one.line.exponent).abs() < 1e-9);
    }

    #[test]
    fn a_band_that_reaches_beyond_the_filters_is_refused_with_the_band_allowed() {
        let x = signal(1.0, 0.0);
        let text = |params: &IrasaParams| irasa(&[x.view()], SFREQ, params).unwrap_err().to_string();
        let low_passed = IrasaParams { low_pass_hz: Some(40.0), ..IrasaParams::default() };
        assert!(text(&low_passed).contains("21.05 Hz"), "{}", text(&low_passed));
        let high_passed = IrasaParams { high_pass_hz: 1.0, ..IrasaParams::default() };
        assert!(text(&high_passed).contains("from 1.90"), "{}", text(&high_passed));
        let wide = IrasaParams { band_hz: [1.0, 70.0], ..IrasaParams::default() };
        assert!(text(&wide).contains("65.79"), "{}", text(&wide));
        assert!(irasa(&[x.slice(ndarray::s![..900])], SFREQ, &IrasaParams::default()).is_err());
    }
}

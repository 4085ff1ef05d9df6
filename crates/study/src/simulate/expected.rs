//! The truth: what the markers of a simulated session are on average, from the known sources and not from samples.

use super::head::{CHANNELS, Head, LAG_S, channels};
use super::params::{Arm, BrainState, SimulationParams};
use crate::{Config, ContrastRow, Result, TruthRow};
use dosewave_eeg::{Band, Region, SpectrumParams, Unit};
use dosewave_numerics::aperiodic::fit_fixed_robust;
use dosewave_numerics::filter::FirDesign;
use dosewave_numerics::simulate::expected_multitaper;
use dosewave_numerics::spectral::{MainsMask, MultitaperParams, band_mean};
use dosewave_numerics::stats::Stream;
use ndarray::{Array1, Array2};
use num_complex::Complex64;

/// Expected changes of one session at the sites of the tables, muscle included.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Expected {
    /// `low_gamma` at `global`, dB.
    pub low_gamma_db: f64,
    /// `high_gamma` at `global`, dB.
    pub high_gamma_db: f64,
    /// `alpha` at `global`, dB.
    pub alpha_db: f64,
    /// `aperiodic_exponent` at `global`.
    pub exponent: f64,
    /// `wpli2_debiased.low_gamma` at `frontal-parietal`.
    pub wpli2: f64,
}

/// Expected markers of one window.
struct Level {
    low_gamma: Array1<f64>,
    high_gamma: Array1<f64>,
    alpha: Array1<f64>,
    exponent: f64,
    wpli2: f64,
}

/// The expected changes of one session, as the default analysis defines its markers: average reference, 0.5-Hz
/// high-pass, multitaper spectra of the configured epochs.
///
/// # Errors
/// [`crate::Error::Kernel`] when the settings do not fit the epochs.
pub fn expected_session(
    params: &SimulationParams,
    config: &Config,
    seed: u64,
    subject: u64,
    arm: Arm,
) -> Result<Expected> {
    let (before, after) = params.states(seed, subject, arm);
    let head = Head::new().average_referenced();
    let (pre, post) = (level(&head, &before, params, config)?, level(&head, &after, params, config)?);
    // the tables' global value is the mean over channels in dB
    let change = |a: &Array1<f64>, b: &Array1<f64>| (b / a).mapv(|r| 10.0 * r.log10()).mean().unwrap_or(0.0);
    Ok(Expected {
        low_gamma_db: change(&pre.low_gamma, &post.low_gamma),
        high_gamma_db: change(&pre.high_gamma, &post.high_gamma),
        alpha_db: change(&pre.alpha, &post.alpha),
        exponent: post.exponent - pre.exponent,
        wpli2: post.wpli2 - pre.wpli2,
    })
}

fn level(head: &Head, state: &BrainState, params: &SimulationParams, config: &Config) -> Result<Level> {
    let (freqs, psd) = expected_psd(head, state, params, config)?;
    let mains = MainsMask { line_hz: Some(50.0), half_width_hz: 2.0 };
    let band = |band: Band| -> Result<Array1<f64>> {
        let mean = |row| band_mean(freqs.view(), row, band.low().0, band.high().0, &mains);
        Ok(psd.outer_iter().map(mean).collect::<std::result::Result<Vec<f64>, _>>()?.into())
    };
    let bins: Vec<usize> = (0..freqs.len()).filter(|k| (1.0..45.0).contains(&freqs[*k])).collect();
    let inside = freqs.select(ndarray::Axis(0), &bins);
    let mut exponent = 0.0;
    for row in psd.outer_iter() {
        exponent += fit_fixed_robust(inside.view(), row.select(ndarray::Axis(0), &bins).view())?.exponent
            / psd.nrows() as f64;
    }
    Ok(Level {
        low_gamma: band(Band::LOW_GAMMA)?,
        high_gamma: band(Band::HIGH_GAMMA)?,
        alpha: band(Band::ALPHA)?,
        exponent,
        wpli2: expected_wpli2(head, state, params),
    })
}

/// Expected multitaper PSD `[channel, freq]`: each kind of source is smoothed by the tapers once and then mixed.
fn expected_psd(
    head: &Head,
    state: &BrainState,
    params: &SimulationParams,
    config: &Config,
) -> Result<(Array1<f64>, Array2<f64>)> {
    let sfreq = params.sfreq_hz;
    let n_times = (config.epochs.length * sfreq).round() as usize;
    let tapers = match config.spectrum {
        SpectrumParams::Multitaper { bandwidth, low_bias, adaptive } => {
            MultitaperParams { bandwidth_hz: Some(bandwidth), low_bias, adaptive }
        }
        SpectrumParams::Welch { .. } => {
            MultitaperParams { bandwidth_hz: None, low_bias: true, adaptive: false }
        }
    };
    let high_pass = high_pass_gain(sfreq)?;
    let smooth =
        |psd: &dyn Fn(f64) -> f64| expected_multitaper(|f| psd(f) * high_pass(f), n_times, sfreq, tapers);
    let (freqs, background) = smooth(&|f| state.background(f))?;
    let (_, alpha) = smooth(&|f| state.alpha(f))?;
    let (_, coupled) = smooth(&|f| state.coupled(f))?;
    let (_, muscle) = smooth(&|f| state.muscle(f))?;
    let psd = Array2::from_shape_fn((CHANNELS.len(), freqs.len()), |(c, k)| {
        let power = |row: ndarray::ArrayView1<'_, f64>| row.dot(&row);
        power(head.background.row(c)) * background[k]
            + power(head.muscle.row(c)) * muscle[k]
            + head.alpha[c].powi(2) * alpha[k]
            + source_at(head, c, freqs[k]).norm_sqr() * coupled[k]
    });
    Ok((freqs, psd))
}

/// Power gain of the 0.5-Hz high-pass; above 2 Hz it passes everything.
fn high_pass_gain(sfreq: f64) -> Result<impl Fn(f64) -> f64> {
    let h = FirDesign { high_pass_hz: Some(0.5), low_pass_hz: None }.coefficients(sfreq)?;
    Ok(move |f: f64| {
        if f > 2.0 {
            return 1.0;
        }
        let middle = (h.len() / 2) as f64;
        let turn = 2.0 * std::f64::consts::PI * f / sfreq;
        let gain: f64 = h.iter().enumerate().map(|(t, c)| c * (turn * (t as f64 - middle)).cos()).sum();
        gain * gain
    })
}

/// How the coupled source reaches a channel: from the front at once, from the back later.
fn source_at(head: &Head, channel: usize, freq_hz: f64) -> Complex64 {
    let lag = Complex64::from_polar(1.0, -2.0 * std::f64::consts::PI * freq_hz * LAG_S);
    head.front[channel] + head.back[channel] * lag
}

/// Mean debiased squared wPLI over frontal–parietal pairs: `(E Im S)² / (E |Im S|)²` of cross-spectra of seven tapers
/// with the known covariance, drawn with a fixed seed, at three frequencies of the band.
fn expected_wpli2(head: &Head, state: &BrainState, params: &SimulationParams) -> f64 {
    let channels = channels(params.sfreq_hz);
    let of = |region| {
        (0..channels.len()).filter(move |c| Region::of(&channels[*c]) == Some(region)).collect::<Vec<usize>>()
    };
    let (frontal, parietal) = (of.clone()(Region::Frontal), of(Region::Parietal));
    let mut stream = Stream::new(7, 0);
    let mut values = Vec::new();
    for x in &frontal {
        for y in &parietal {
            for freq_hz in [32.0, 37.5, 43.0] {
                values.push(wpli2_of(&covariance(head, state, freq_hz, *x, *y), &mut stream));
            }
        }
    }
    values.iter().sum::<f64>() / values.len().max(1) as f64
}

/// Auto-spectra of two channels and their cross-spectrum.
fn covariance(head: &Head, state: &BrainState, freq_hz: f64, x: usize, y: usize) -> (f64, f64, Complex64) {
    let real = |a: usize, b: usize| {
        head.background.row(a).dot(&head.background.row(b)) * state.background(freq_hz)
            + head.muscle.row(a).dot(&head.muscle.row(b)) * state.muscle(freq_hz)
            + head.alpha[a] * head.alpha[b] * state.alpha(freq_hz)
    };
    let coupled =
        |a, b| source_at(head, a, freq_hz) * source_at(head, b, freq_hz).conj() * state.coupled(freq_hz);
    (real(x, x) + coupled(x, x).re, real(y, y) + coupled(y, y).re, real(x, y) + coupled(x, y))
}

fn wpli2_of((sxx, syy, sxy): &(f64, f64, Complex64), stream: &mut Stream) -> f64 {
    const DRAWS: usize = 2000;
    const TAPERS: usize = 7;
    let shared = sxy.conj() / sxx.sqrt();
    let own = (syy - sxy.norm_sqr() / sxx).max(0.0).sqrt();
    let mut normal = || Complex64::new(stream.normal(), stream.normal()) * std::f64::consts::FRAC_1_SQRT_2;
    let mean_modulus = (0..DRAWS)
        .map(|_| {
            let im: f64 = (0..TAPERS)
                .map(|_| {
                    let z = normal();
                    (z * sxx.sqrt() * (z * shared + normal() * own).conj()).im
                })
                .sum();
            im.abs()
        })
        .sum::<f64>()
        / DRAWS as f64;
    (TAPERS as f64 * sxy.im / mean_modulus).powi(2)
}

/// Truth beside estimate: the planted difference of arms, averaged over the simulated subjects, and the group contrast
/// `ketamine - placebo` with its interval.
#[must_use]
pub fn truth_rows(ketamine: &[Expected], placebo: &[Expected], contrasts: &[ContrastRow]) -> Vec<TruthRow> {
    let planted = |value: fn(&Expected) -> f64| {
        let differences: Vec<f64> = ketamine.iter().zip(placebo).map(|(k, p)| value(k) - value(p)).collect();
        differences.iter().sum::<f64>() / differences.len().max(1) as f64
    };
    let rows: [(&str, &str, Unit, f64); 5] = [
        ("low_gamma", "global", Unit::Decibel, planted(|e| e.low_gamma_db)),
        ("high_gamma", "global", Unit::Decibel, planted(|e| e.high_gamma_db)),
        ("alpha", "global", Unit::Decibel, planted(|e| e.alpha_db)),
        ("aperiodic_exponent", "global", Unit::One, planted(|e| e.exponent)),
        ("wpli2_debiased.low_gamma", "frontal-parietal", Unit::One, planted(|e| e.wpli2)),
    ];
    rows.into_iter()
        .filter_map(|(marker, site, unit, truth)| {
            let row = contrasts.iter().find(|row| {
                row.subject == "group"
                    && row.treatment == "ketamine - placebo"
                    && row.marker == marker
                    && row.site == site
            })?;
            let (estimate, ci_low, ci_high) = (row.change?, row.ci_low?, row.ci_high?);
            Some(TruthRow {
                what: format!("{marker} at {site}, ketamine - placebo"),
                marker: marker.into(),
                truth,
                estimate,
                ci_low,
                ci_high,
                unit,
                covered: ci_low <= truth && truth <= ci_high,
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulate::simulate_recording;
    use dosewave_eeg::{Reference, Seconds, Windows};

    #[test]
    fn a_long_recording_has_the_expected_spectrum() {
        let params = SimulationParams {
            baseline_s: 200.0,
            infusion_s: 0.0,
            post_s: 4.0,
            ..SimulationParams::default()
        };
        let rec = simulate_recording(&params, 3, 1, Arm::Placebo).unwrap();
        let rec = rec.crop(Seconds(0.0), Seconds(200.0)).unwrap();
        let rec = rec.filter(&dosewave_eeg::Filter::high_pass(dosewave_eeg::Hz(0.5))).unwrap();
        let epochs =
            rec.set_reference(&Reference::Average).unwrap().epochs(&Windows::fixed(Seconds(2.0))).unwrap();
        let measured = epochs.spectrum(&SpectrumParams::default()).unwrap().mean();
        let config = Config::default();
        let (before, _) = params.states(3, 1, Arm::Placebo);
        let (freqs, expected) =
            expected_psd(&Head::new().average_referenced(), &before, &params, &config).unwrap();
        for (band, tolerance) in [
            ((2.0, 6.0), 0.08),
            ((8.0, 13.0), 0.12),
            ((30.0, 45.0), 0.04),
            ((60.0, 90.0), 0.03),
            ((110.0, 140.0), 0.03),
        ] {
            for c in [0, 3, 11, 13, 23, 29] {
                let mean = |row| band_mean(freqs.view(), row, band.0, band.1, &MainsMask::NONE).unwrap();
                let ratio = mean(measured.psd_uv2_hz.row(c)) / mean(expected.row(c));
                assert!((ratio - 1.0).abs() < tolerance, "{} {band:?}: {ratio}", CHANNELS[c]);
            }
        }
    }

    #[test]
    fn without_effects_the_truth_is_nothing() {
        let still = SimulationParams {
            session_sd_db: 0.0,
            session_sd_exponent: 0.0,
            session_sd_muscle_db: 0.0,
            ..SimulationParams::default()
        };
        let config = Config::default();
        let placebo = expected_session(&still, &config, 1, 0, Arm::Placebo).unwrap();
        assert!(
            placebo.low_gamma_db.abs() < 1e-12
                && placebo.exponent.abs() < 1e-12
                && placebo.wpli2.abs() < 1e-12
        );
        let ketamine = expected_session(&still, &config, 1, 0, Arm::Ketamine).unwrap();
        assert!(
            ketamine.low_gamma_db > 1.0 && ketamine.alpha_db < -0.2 && ketamine.exponent < -0.05,
            "{ketamine:?}"
        );
        assert!(ketamine.wpli2 > 0.01, "{}", ketamine.wpli2);
    }
}

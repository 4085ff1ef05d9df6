//! What must hold for every signal: naive twins, Parseval, scaling, shifts, threads.

#![allow(clippy::unwrap_used)] // a test may stop where it is surprised

mod spectral_common;

use dosewave_numerics::filter::{FirDesign, fir_zero_phase};
use dosewave_numerics::spectral::{
    Average, Detrend, MainsMask, Multitaper, MultitaperParams, Welch, WelchParams, Window, band_mean, dpss,
};
use ndarray::Array1;
use num_complex::Complex64;
use proptest::prelude::*;
use spectral_common::{deviation, hold, relative_deviation, signal};
use std::f64::consts::PI;

const SFREQ: f64 = 200.0;

fn welch_psd(x: &Array1<f64>, params: WelchParams) -> Array1<f64> {
    let mut psd = Array1::zeros(params.n_fft / 2 + 1);
    Welch::new(params, SFREQ).unwrap().psd_into(x.view(), psd.view_mut()).unwrap();
    psd
}

fn multitaper_psd(x: &Array1<f64>, adaptive: bool) -> Array1<f64> {
    let params = MultitaperParams { bandwidth_hz: None, low_bias: true, adaptive };
    let mut psd = Array1::zeros(x.len() / 2 + 1);
    Multitaper::new(x.len(), SFREQ, params).unwrap().psd_into(x.view(), psd.view_mut()).unwrap();
    psd
}

/// One-sided density of a windowed signal, by the definition.
fn naive_density(x: &[f64], n_fft: usize) -> Vec<f64> {
    (0..=n_fft / 2)
        .map(|k| {
            let turn =
                |t: usize| Complex64::from_polar(1.0, -2.0 * PI * (k * t % n_fft) as f64 / n_fft as f64);
            let sum: Complex64 = x.iter().enumerate().map(|(t, v)| v * turn(t)).sum();
            let twice = if k == 0 || 2 * k == n_fft { 1.0 } else { 2.0 };
            twice * sum.norm_sqr() / SFREQ
        })
        .collect()
}

#[test]
fn welch_equals_its_definition() {
    for (n_fft, n_per_seg, n_overlap) in [(64, 64, 32), (45, 45, 10), (80, 51, 50)] {
        let x = signal(150);
        let window = Window::Hamming.periodic(n_per_seg);
        let energy = window.mapv(|w| w * w).sum();
        let starts: Vec<usize> = (0..=150 - n_per_seg).step_by(n_per_seg - n_overlap).collect();
        let mut expected = vec![0.0; n_fft / 2 + 1];
        for start in &starts {
            let segment = x.slice(ndarray::s![*start..start + n_per_seg]);
            let tapered = (&segment - segment.mean().unwrap()) * &window;
            for (sum, p) in expected.iter_mut().zip(naive_density(tapered.as_slice().unwrap(), n_fft)) {
                *sum += p / energy / starts.len() as f64;
            }
        }
        let params = WelchParams {
            n_fft,
            n_per_seg,
            n_overlap,
            window: Window::Hamming,
            average: Average::Mean,
            detrend: Detrend::Constant,
        };
        hold(&format!("Welch, {n_fft}"), deviation(&welch_psd(&x, params), &expected), 1e-12);
    }
}

#[test]
fn multitaper_equals_its_definition() {
    for n in [90, 91] {
        let x = signal(n);
        let centred = &x - x.mean().unwrap();
        let tapers = dpss(n, 4.0, 8, true).unwrap();
        let mut expected = vec![0.0; n / 2 + 1];
        for (taper, lambda) in tapers.tapers.rows().into_iter().zip(&tapers.eigenvalues) {
            let tapered = &centred * &taper;
            let weight = lambda / tapers.eigenvalues.sum();
            for (k, p) in naive_density(tapered.as_slice().unwrap(), n).iter().enumerate() {
                expected[k] += weight * p;
            }
        }
        hold(&format!("multitaper, {n}"), deviation(&multitaper_psd(&x, false), &expected), 1e-12);
    }
}

/// The closed form of both means: (∫ brain + muscle) / (∫ brain) over the band. The published +0.37 and +0.92 dB (10 %),
/// +1.59 and +3.37 dB (50 %) are the ratio of the two band means, not the mean of the bins' ratios.
#[test]
fn flat_muscle_raises_gamma_by_the_closed_form() {
    let freqs = Array1::from_iter((0..2000).map(|k| 0.05 * f64::from(k)));
    let brain = freqs.mapv(|f| if f > 0.0 { f.powf(-1.5) } else { 0.0 });
    let bands = [(30.0, 45.0), (55.0, 90.0)];
    for (share, published) in [(0.1, [0.37, 0.92]), (0.5, [1.59, 3.37])] {
        let muscle = share * 40_f64.powf(-1.5);
        let with = brain.mapv(|p| p + muscle);
        for ((low, high), published) in bands.into_iter().zip(published) {
            let mean =
                |psd: &Array1<f64>| band_mean(freqs.view(), psd.view(), low, high, &MainsMask::NONE).unwrap();
            let change = 10.0 * (mean(&with) / mean(&brain)).log10();
            let brain_mean = 2.0 * (1.0 / f64::sqrt(low) - 1.0 / f64::sqrt(high)) / (high - low);
            let closed_form = 10.0 * (1.0 + muscle / brain_mean).log10();
            hold("dB against the closed form", (change - closed_form).abs(), 2e-3);
            hold("dB against the published value", (closed_form - published).abs(), 0.0051);
        }
    }
}

#[test]
fn estimators_are_shared_between_threads_and_give_the_same_bytes() {
    let params = MultitaperParams { bandwidth_hz: None, low_bias: true, adaptive: true };
    let multitaper = Multitaper::new(300, SFREQ, params).unwrap();
    let psd = || {
        let mut psd = Array1::zeros(151);
        multitaper.psd_into(signal(300).view(), psd.view_mut()).unwrap();
        psd
    };
    let alone = psd();
    let together = std::thread::scope(|scope| {
        let tasks: Vec<_> = (0..4).map(|_| scope.spawn(psd)).collect();
        tasks.into_iter().map(|task| task.join().unwrap()).collect::<Vec<_>>()
    });
    assert!(together.iter().all(|other| *other == alone));
}

#[test]
fn silence_has_no_power() {
    for x in [Array1::zeros(200), Array1::from_elem(200, 3.0)] {
        for adaptive in [false, true] {
            assert!(multitaper_psd(&x, adaptive).iter().all(|p| p.abs() < 1e-25));
        }
    }
}

fn any_signal() -> impl Strategy<Value = Array1<f64>> {
    proptest::collection::vec(-100.0..100.0, 20..300).prop_map(Array1::from_vec)
}

fn any_window() -> impl Strategy<Value = Window> {
    prop_oneof![Just(Window::Boxcar), Just(Window::Hann), Just(Window::Hamming), Just(Window::Blackman)]
}

/// One segment as long as the signal.
fn one_segment(n: usize, window: Window) -> WelchParams {
    WelchParams {
        n_fft: n,
        n_per_seg: n,
        n_overlap: 0,
        window,
        average: Average::Mean,
        detrend: Detrend::None,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn parseval(x in any_signal(), window in any_window()) {
        let n = x.len();
        let psd = welch_psd(&x, one_segment(n, window));
        let window = window.periodic(n);
        let weighted = x.iter().zip(&window).map(|(v, w)| (v * w).powi(2)).sum::<f64>()
            / window.mapv(|w| w * w).sum();
        prop_assert!((psd.sum() * SFREQ / n as f64 - weighted).abs() <= 1e-11 * weighted);
    }

    #[test]
    fn twice_the_signal_has_four_times_the_power(x in any_signal(), window in any_window()) {
        let twice = x.mapv(|v| 2.0 * v);
        // powers of two are exact: the same bits, shifted
        let params = one_segment(x.len(), window);
        prop_assert_eq!(welch_psd(&twice, params), welch_psd(&x, params) * 4.0);
        prop_assert_eq!(multitaper_psd(&twice, false), multitaper_psd(&x, false) * 4.0);
        let adaptive = multitaper_psd(&x, true) * 4.0;
        prop_assert!(relative_deviation(&multitaper_psd(&twice, true), &adaptive.to_vec()) < 1e-9);
    }

    #[test]
    fn power_ignores_an_offset_and_a_sign(x in any_signal(), offset in -1e3..1e3) {
        for adaptive in [false, true] {
            let psd = multitaper_psd(&x, adaptive).to_vec();
            let moved = multitaper_psd(&x.mapv(|v| offset - v), adaptive);
            prop_assert!(deviation(&moved, &psd) < 1e-9);
        }
    }

    #[test]
    fn densities_are_finite_and_never_negative(x in any_signal(), adaptive: bool) {
        prop_assert!(multitaper_psd(&x, adaptive).iter().all(|p| p.is_finite() && *p >= 0.0));
    }

    #[test]
    fn tapers_are_few_concentrated_and_mirrored(n in 40_usize..400, half_nbw in 1.0..8.0_f64) {
        let tapers = dpss(n, half_nbw, (2.0 * half_nbw) as usize, true).unwrap();
        prop_assert!(tapers.eigenvalues.iter().all(|l| *l > 0.9 && *l <= 1.0 + 1e-9) || tapers.eigenvalues.len() == 1);
        prop_assert!(tapers.eigenvalues.windows(2).into_iter().all(|w| w[1] <= w[0] + 1e-12));
        for (k, taper) in tapers.tapers.rows().into_iter().enumerate() {
            let sign = if k % 2 == 0 { 1.0 } else { -1.0 };
            // of n + 1 samples the last is cut: sample 0 has no twin
            for t in 1..n {
                prop_assert!((taper[t] - sign * taper[n - t]).abs() < 1e-9);
            }
        }
    }

    #[test]
    fn a_band_mean_lies_between_the_extremes(x in any_signal(), low in 0.0..40.0_f64, width in 5.0..60.0_f64) {
        let freqs = Array1::from_iter((0..x.len()).map(|k| 0.5 * k as f64));
        let psd = x.mapv(f64::abs);
        let mask = MainsMask { line_hz: Some(50.0), half_width_hz: 2.0 };
        if let Ok(mean) = band_mean(freqs.view(), psd.view(), low, low + width, &mask) {
            let kept = freqs.iter().zip(&psd).filter(|(f, _)| **f >= low - 1e-9 && **f < low + width).map(|(_, p)| *p);
            let (least, most) = kept.fold((f64::INFINITY, 0.0_f64), |(a, b), p| (a.min(p), b.max(p)));
            prop_assert!(mean >= least - 1e-9 && mean <= most + 1e-9);
        }
    }

    #[test]
    fn filtering_is_linear_and_mirrors_in_time(x in any_signal(), factor in -5.0..5.0_f64) {
        let h = FirDesign { high_pass_hz: Some(4.0), low_pass_hz: Some(30.0) }.coefficients(SFREQ).unwrap();
        let filter = |x: &Array1<f64>| fir_zero_phase(x.view(), h.view()).unwrap();
        let y = filter(&x);
        let scaled = filter(&(&x * factor + &x));
        prop_assert!(scaled.iter().zip(&y).all(|(a, b)| (a - (factor + 1.0) * b).abs() < 1e-10));
        let backwards: Array1<f64> = x.iter().rev().copied().collect();
        prop_assert!(filter(&backwards).iter().rev().zip(&y).all(|(a, b)| (a - b).abs() < 1e-10));
    }
}

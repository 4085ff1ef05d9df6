use super::*;
use crate::filter::line_check;
use crate::simulate::one_over_f;
use crate::stats::Stream;
use ndarray::{Array1, s};

/// 1/f noise, mixed between channels.
fn brain(n_channels: usize, n_times: usize, sfreq: f64, seed: u64) -> Array2<f64> {
    let mut stream = Stream::new(seed, 0);
    let mixing = Array2::from_shape_simple_fn((n_channels, n_channels), || stream.normal());
    let mut sources = Array2::zeros((n_channels, n_times));
    for mut row in sources.rows_mut() {
        row.assign(&one_over_f(n_times, sfreq, 1.2, 4.0, &mut stream).unwrap());
    }
    mixing.dot(&sources) / (n_channels as f64).sqrt()
}

/// The line and its second harmonic, with a phase and a strength of each channel.
fn with_line(brain: &Array2<f64>, sfreq: f64, line_hz: f64, amplitude_uv: f64) -> Array2<f64> {
    Array2::from_shape_fn(brain.dim(), |(channel, t)| {
        let angle = 2.0 * PI * line_hz * t as f64 / sfreq;
        let (size, shift) = (1.0 + (channel as f64).sin(), 0.3 * (1.7 * channel as f64).cos());
        brain[[channel, t]]
            + amplitude_uv * size * ((angle + shift).sin() + 0.3 * (2.0 * angle + 2.0 * shift).cos())
    })
}

#[test]
fn the_line_goes_and_its_neighbours_stay_at_any_ratio() {
    for (sfreq, line_hz) in [(500.0, 50.0), (512.0, 50.0), (250.0, 60.0), (600.614_990_234_375, 59.98)] {
        let clean = brain(16, (60.0 * sfreq) as usize, sfreq, 41);
        let x = with_line(&clean, sfreq, line_hz, 20.0);
        let result = zapline(x.view(), sfreq, line_hz, None).unwrap();
        let check = line_check(x.view(), result.cleaned.view(), sfreq, line_hz).unwrap();
        assert!(check.line_db < -30.0, "{sfreq}: {check:?}");
        assert!(check.below_db.abs() < 0.01 && check.above_db.abs() < 0.01, "{sfreq}: {check:?}");
        let left = line_check(clean.view(), result.cleaned.view(), sfreq, line_hz).unwrap();
        assert!((-3.0..0.3).contains(&left.line_db), "what stays is brain: {left:?}");
        assert!((2..=4).contains(&result.n_removed), "two phases, two harmonics: {}", result.n_removed);
        assert!(result.scores.is_sorted_by(|a, b| a >= b));
    }
}

#[test]
fn gamma_beside_the_line_keeps_its_power() {
    // the neighbours asked for, 40–48 and 52–80 Hz, against the signal before a line was added
    let (sfreq, n) = (500.0, 30_000);
    let clean = brain(8, n, sfreq, 42);
    let result = zapline(with_line(&clean, sfreq, 50.0, 50.0).view(), sfreq, 50.0, None).unwrap();
    for (low, high) in [(40.0, 48.0), (52.0, 80.0)] {
        let power = |x: &Array2<f64>| -> f64 {
            let plan = real_fft(n);
            let mut sum = 0.0;
            for row in x.rows() {
                let mut spectrum = plan.make_output_vec();
                plan.process(&mut row.to_vec(), &mut spectrum).unwrap();
                let bin = |hz: f64| (hz * n as f64 / sfreq) as usize;
                sum += spectrum[bin(low)..bin(high)].iter().map(Complex64::norm_sqr).sum::<f64>();
            }
            sum
        };
        let change_db = 10.0 * (power(&result.cleaned) / power(&clean)).log10();
        assert!(change_db.abs() < 0.01, "{low}–{high} Hz: {change_db} dB");
    }
}

#[test]
fn a_line_that_swells_and_wanders_goes_too() {
    // between 5 and 35 µV over a minute, and 0.05 Hz to either side of 50 Hz, as the mains does
    let sfreq = 500.0;
    let clean = brain(16, 30_000, sfreq, 48);
    let x = Array2::from_shape_fn(clean.dim(), |(channel, t)| {
        let s = t as f64 / sfreq;
        let size = (20.0 + 15.0 * (2.0 * PI * s / 60.0).sin()) * (1.0 + (channel as f64).sin());
        // 0.05 Hz × 30 s / 2π is the phase's swing in cycles
        let cycles = 50.0 * s + 0.05 * 30.0 / (2.0 * PI) * (2.0 * PI * s / 30.0).sin();
        clean[[channel, t]] + size * (2.0 * PI * cycles + 0.2 * channel as f64).sin()
    });
    let result = zapline(x.view(), sfreq, 50.0, None).unwrap();
    let left = line_check(clean.view(), result.cleaned.view(), sfreq, 50.0).unwrap();
    assert!(left.line_db < 0.3 && left.line_db > -3.0, "{left:?}");
    assert!(left.below_db.abs() < 0.01 && left.above_db.abs() < 0.01, "{left:?}");
    assert!(line_check(x.view(), result.cleaned.view(), sfreq, 50.0).unwrap().line_db < -20.0);
}

#[test]
fn without_a_line_nothing_is_removed() {
    for seed in 0..20 {
        let (n_channels, seconds) = [(2, 30.0), (8, 10.0), (16, 60.0), (32, 20.0)][seed as usize % 4];
        let x = brain(n_channels, (seconds * 250.0) as usize, 250.0, 100 + seed);
        let result = zapline(x.view(), 250.0, 50.0, None).unwrap();
        assert_eq!(result.n_removed, 0, "{n_channels} channels: {:?}", &result.scores[..2]);
        assert_eq!(result.cleaned, x);
    }
}

#[test]
fn the_chance_bound_is_the_largest_score_of_noise() {
    // 16 channels of 60 s: two harmonics, 240 degrees of freedom at them and 2880 beside
    let expected = largest_by_chance(16.0 / 240.0, 16.0 / 2880.0);
    let mut largest: Vec<f64> = (0..10)
        .map(|seed| {
            zapline(brain(16, 15_000, 250.0, 200 + seed).view(), 250.0, 50.0, None).unwrap().scores[0]
        })
        .collect();
    let median = crate::stats::median_in_place(&mut largest).unwrap();
    assert!((median / expected - 1.0).abs() < 0.12, "{median} against {expected}");
}

#[test]
fn all_components_leave_what_a_slow_comb_leaves() {
    // equals the direct transform of the extended signal, bin by bin
    let (sfreq, n) = (130.0, 700);
    let x = with_line(&brain(2, n, sfreq, 43), sfreq, 50.0, 5.0);
    let result = zapline(x.view(), sfreq, 50.0, Some(2)).unwrap();
    let extension = Extension::of(n, sfreq, 50.0);
    let n_fft = extension.n_fft;
    let angle = |k: usize, t: usize| 2.0 * PI * ((k * t) % n_fft) as f64 / n_fft as f64;
    let extended = extension.apply(x.row(1));
    let mut expected: Array1<f64> = x.row(1).to_owned();
    for k in 0..n_fft / 2 {
        let gain = comb_gain((k as f64 * sfreq / n_fft as f64 - 50.0).abs());
        if gain > 0.0 {
            let z: Complex64 =
                (0..n_fft).map(|t| extended[t] * Complex64::from_polar(1.0, -angle(k, t))).sum();
            for t in 0..n {
                let wave = Complex64::from_polar(1.0, angle(k, t + extension.samples));
                expected[t] -= gain * 2.0 / n_fft as f64 * (z * wave).re;
            }
        }
    }
    assert!((&result.cleaned.row(1) - &expected).iter().all(|d| d.abs() < 1e-9));
}

#[test]
fn the_edges_are_as_clean_as_the_middle() {
    let clean = brain(8, 20_000, 512.0, 44);
    let x = with_line(&clean, 512.0, 50.0, 100.0);
    let error = &zapline(x.view(), 512.0, 50.0, None).unwrap().cleaned - &clean;
    let rms = |part: ndarray::ArrayView2<'_, f64>| part.mapv(|v| v * v).mean().unwrap().sqrt();
    let (start, middle) = (rms(error.slice(s![.., ..256])), rms(error.slice(s![.., 5000..15_000])));
    assert!(start < 3.0 * middle && start < 0.5, "{start} and {middle} of 100 µV");
}

#[test]
fn scale_order_and_reflection_commute() {
    let x = with_line(&brain(5, 9000, 250.0, 45), 250.0, 50.0, 10.0);
    let clean = |x: Array2<f64>| zapline(x.view(), 250.0, 50.0, None).unwrap().cleaned;
    let y = clean(x.clone());
    let far = |a: Array2<f64>, b: Array2<f64>| (a - b).mapv(f64::abs).fold(0.0, |m: f64, v| m.max(*v));
    assert!(far(clean(&x * -1e-6), &y * -1e-6) < 1e-13);
    assert!(
        far(
            clean(x.select(ndarray::Axis(0), &[4, 2, 0, 1, 3])),
            y.select(ndarray::Axis(0), &[4, 2, 0, 1, 3])
        ) < 1e-8
    );
    assert!(far(clean(x.slice(s![.., ..;-1]).to_owned()), y.slice(s![.., ..;-1]).to_owned()) < 1e-8);
}

#[test]
fn the_average_reference_takes_a_component_away() {
    let mut x = with_line(&brain(6, 9000, 250.0, 46), 250.0, 50.0, 10.0);
    let average = x.mean_axis(ndarray::Axis(0)).unwrap();
    x -= &average;
    let result = zapline(x.view(), 250.0, 50.0, None).unwrap();
    assert_eq!(result.scores.len(), 5);
    assert!(line_check(x.view(), result.cleaned.view(), 250.0, 50.0).unwrap().line_db < -20.0);
    assert!(result.cleaned.sum_axis(ndarray::Axis(0)).iter().all(|sum| sum.abs() < 1e-8));
}

#[test]
fn flat_channels_and_nonsense() {
    let mut x = with_line(&brain(4, 5000, 250.0, 47), 250.0, 50.0, 10.0);
    x.row_mut(2).fill(0.0);
    let result = zapline(x.view(), 250.0, 50.0, None).unwrap();
    assert!(result.scores.len() == 3 && result.cleaned.row(2).iter().all(|v| *v == 0.0));
    let nothing = zapline(Array2::zeros((3, 5000)).view(), 250.0, 50.0, None).unwrap();
    assert!(nothing.n_removed == 0 && nothing.scores.is_empty());
    let run = |x: ArrayView2<'_, f64>, line_hz, n| zapline(x, 250.0, line_hz, n).unwrap_err().to_string();
    assert!(run(x.view(), 50.0, Some(4)).contains("n_remove = 4; allowed: 0 to 3"));
    assert!(run(x.view(), 130.0, None).contains("line_hz = 130"));
    assert!(run(x.slice(s![..1, ..]), 50.0, None).contains("channels for a spatial filter"));
    assert!(run(x.slice(s![.., ..900]), 50.0, None).contains("900 given, at least 1000"));
    x[[1, 3]] = f64::INFINITY;
    assert!(run(x.view(), 50.0, None).contains("x[3] = inf"));
}

use super::*;
use crate::simulate::one_over_f;
use crate::stats::Stream;
use ndarray::s;
use std::f64::consts::PI;

/// One wave: mV, s after the R peak, s of standard deviation.
type Wave = (f64, f64, f64);

const NORMAL: [Wave; 5] = [
    (0.12, -0.17, 0.022),
    (-0.12, -0.028, 0.009),
    (1.0, 0.0, 0.010),
    (-0.22, 0.03, 0.010),
    (0.3, 0.26, 0.05),
];
/// Ventricular: no P, wide, tall, with an inverted T.
const ECTOPIC: [Wave; 2] = [(1.6, 0.0, 0.03), (-0.5, 0.30, 0.06)];

struct Ecg {
    mv: Array1<f64>,
    beats: Vec<usize>,
}

/// Beats at given times (s), some ectopic; waves after the peak keep their place up to 75 per minute and close up above.
fn ecg(sfreq: f64, seconds: f64, times_s: &[f64], ectopic: &[usize]) -> Ecg {
    let n = (seconds * sfreq) as usize;
    let mut mv = Array1::zeros(n);
    for (beat, time) in times_s.iter().enumerate() {
        let interval = times_s.get(beat + 1).map_or(1.0, |next| next - time);
        let closer = (interval / 0.8).min(1.0).sqrt();
        let waves: &[Wave] = if ectopic.contains(&beat) { &ECTOPIC } else { &NORMAL };
        for (height, after, sd) in waves {
            let stretch = if after.abs() > 0.1 { closer } else { 1.0 };
            let centre = time + after * stretch;
            let first = ((centre - 6.0 * sd) * sfreq).max(0.0) as usize;
            for t in first..(((centre + 6.0 * sd) * sfreq).max(0.0) as usize).min(n) {
                mv[t] += height * (-0.5 * ((t as f64 / sfreq - centre) / (sd * stretch)).powi(2)).exp();
            }
        }
    }
    Ecg { mv, beats: times_s.iter().map(|time| (time * sfreq).round() as usize).collect() }
}

/// Beats at a rate with a breathing rhythm and 3 % of chance.
fn rhythm(bpm: f64, seconds: f64, stream: &mut Stream) -> Vec<f64> {
    let mut times = vec![0.6];
    loop {
        let last = times[times.len() - 1];
        let breath = 1.0 + 0.05 * (2.0 * PI * 0.25 * last).sin() + 0.03 * stream.normal();
        let next = last + 60.0 / bpm * breath;
        if next > seconds - 0.6 {
            return times;
        }
        times.push(next);
    }
}

/// Drift of 1 mV, 0.1 mV of mains, and noise of `noise_mv`.
fn disturbed(ecg: &Ecg, sfreq: f64, noise_mv: f64, seed: u64) -> Array1<f64> {
    let mut stream = Stream::new(seed, 1);
    Array1::from_shape_fn(ecg.mv.len(), |t| {
        let s = t as f64 / sfreq;
        let drift = 0.7 * (2.0 * PI * 0.13 * s).sin() + 0.3 * (2.0 * PI * 0.31 * s + 1.0).cos();
        ecg.mv[t] + drift + 0.1 * (2.0 * PI * 50.0 * s).sin() + noise_mv * stream.normal()
    })
}

fn assert_recovered(what: &str, found: &[usize], beats: &[usize], sfreq: f64) {
    assert_eq!(found.len(), beats.len(), "{what}: number of beats");
    for (a, b) in found.iter().zip(beats) {
        let off_ms = a.abs_diff(*b) as f64 / sfreq * 1000.0;
        assert!(off_ms <= 10.0, "{what}: {off_ms} ms off at {} s", *b as f64 / sfreq);
    }
}

#[test]
fn every_beat_at_any_rate_of_heart_and_sampling() {
    for (k, sfreq) in [100.0, 128.0, 250.0, 512.0, 1000.0, 2048.0].into_iter().enumerate() {
        for bpm in [30.0, 45.0, 70.0, 110.0, 150.0, 200.0] {
            let mut stream = Stream::new(51, k as u64);
            let simulated = ecg(sfreq, 60.0, &rhythm(bpm, 60.0, &mut stream), &[]);
            let x = disturbed(&simulated, sfreq, 0.05, k as u64);
            let what = format!("{bpm} per minute at {sfreq} Hz");
            assert_recovered(&what, &r_peaks(x.view(), sfreq).unwrap(), &simulated.beats, sfreq);
            assert_recovered(&what, &r_peaks((-x).view(), sfreq).unwrap(), &simulated.beats, sfreq);
        }
    }
}

#[test]
fn ectopic_beats_and_pauses() {
    let sfreq = 250.0;
    let mut times = rhythm(65.0, 120.0, &mut Stream::new(52, 0));
    for early in [10, 40, 41, 80] {
        times[early] -= 0.3; // premature, followed by the compensating pause
    }
    times.drain(60..64); // nearly five seconds without a beat
    let mut simulated = ecg(sfreq, 120.0, &times, &[10, 40, 76]);
    assert_recovered(
        "ectopic",
        &r_peaks(disturbed(&simulated, sfreq, 0.05, 2).view(), sfreq).unwrap(),
        &simulated.beats,
        sfreq,
    );
    // one beat of a third of the usual height is found in its gap
    let weak = simulated.beats[30];
    simulated.mv.slice_mut(s![weak - 70..weak + 120]).mapv_inplace(|v| 0.3 * v);
    let found = r_peaks(disturbed(&simulated, sfreq, 0.01, 2).view(), sfreq).unwrap();
    assert_recovered("weak", &found, &simulated.beats, sfreq);
}

#[test]
fn an_electrode_that_comes_and_goes() {
    // an artifact 30 times the beat, and ten seconds of a flat line
    let sfreq = 250.0;
    let simulated = ecg(sfreq, 100.0, &rhythm(80.0, 100.0, &mut Stream::new(53, 0)), &[]);
    let mut x = disturbed(&simulated, sfreq, 0.03, 3);
    x.slice_mut(s![12_500..15_000]).fill(0.2);
    x[5000] += 30.0;
    let apart = |t: usize| !(4800..5200).contains(&t) && !(12_350..15_150).contains(&t);
    let found: Vec<usize> = r_peaks(x.view(), sfreq).unwrap().into_iter().filter(|t| apart(*t)).collect();
    let beats: Vec<usize> = simulated.beats.iter().copied().filter(|t| apart(*t)).collect();
    assert_recovered("artifact", &found, &beats, sfreq);
}

#[test]
fn a_flat_line_near_either_end_adds_and_hides_no_beats() {
    let sfreq = 250.0;
    let simulated = ecg(sfreq, 90.0, &rhythm(65.0, 90.0, &mut Stream::new(57, 0)), &[]);
    let x = disturbed(&simulated, sfreq, 0.02, 6);
    let before = |t: &usize| *t < 1200;
    let after = |t: &usize| *t > 90 * 250 - 1200;
    let kept =
        |peaks: &[usize]| -> Vec<usize> { peaks.iter().copied().filter(|t| before(t) || after(t)).collect() };
    // five seconds with a heart, thirty of a flat line, and the same at the end
    for (level, hum) in [(0.2, 0.0), (0.0, 1e-4)] {
        let mut flat = x.clone();
        for range in [1250..1250 + 7500, 21_250 - 7500..21_250] {
            for t in range {
                flat[t] = level + hum * f64::from((t * 7919 % 13) as u32);
            }
        }
        let found = r_peaks(flat.view(), sfreq).unwrap();
        assert_recovered("around a flat line", &kept(&found), &kept(&simulated.beats), sfreq);
        let within = |t: &&usize| (1300..8700).contains(*t) || (13_800..21_200).contains(*t);
        assert_eq!(found.iter().filter(within).count(), 0, "none where there is no heart");
    }
}

#[test]
fn noise_has_no_heart() {
    for seed in 0..10 {
        let mut stream = Stream::new(54, seed);
        let white = Array1::from_shape_simple_fn(15_000, || stream.normal());
        let eeg = one_over_f(15_000, 250.0, 1.5, 20.0, &mut stream).unwrap();
        for (what, x) in [("white", white), ("EEG", eeg)] {
            let found = r_peaks(x.view(), 250.0).unwrap();
            assert!(found.len() <= 3, "{what}: {} beats in a minute", found.len());
        }
    }
    assert!(r_peaks(Array1::zeros(5000).view(), 250.0).unwrap().is_empty());
    assert!(r_peaks(Array1::from_elem(5000, 7.0).view(), 250.0).unwrap().is_empty());
}

#[test]
fn unit_offset_polarity_and_direction_do_not_matter() {
    let simulated = ecg(500.0, 40.0, &rhythm(75.0, 40.0, &mut Stream::new(55, 0)), &[]);
    let x = disturbed(&simulated, 500.0, 0.02, 4);
    let peaks = r_peaks(x.view(), 500.0).unwrap();
    assert_eq!(r_peaks((&x * -1e-3 + 5.0).view(), 500.0).unwrap(), peaks);
    let mirrored = r_peaks(x.slice(s![..;-1]), 500.0).unwrap();
    assert_eq!(mirrored.into_iter().rev().map(|t| x.len() - 1 - t).collect::<Vec<_>>(), peaks);
}

#[test]
fn rate_and_variability_of_planted_beats() {
    let mut stream = Stream::new(56, 0);
    let times = rhythm(72.0, 300.0, &mut stream);
    let simulated = ecg(500.0, 300.0, &times, &[]);
    let peaks = r_peaks(disturbed(&simulated, 500.0, 0.02, 5).view(), 500.0).unwrap();
    let found = heart_rate(&peaks, 500.0).unwrap();
    let intervals: Vec<f64> = times.windows(2).map(|pair| 1000.0 * (pair[1] - pair[0])).collect();
    let differences: Vec<f64> = intervals.windows(2).map(|pair| (pair[1] - pair[0]).powi(2)).collect();
    assert_eq!(found.n_intervals, intervals.len());
    assert!((found.bpm - 60_000.0 / mean(&intervals).unwrap()).abs() < 0.05);
    assert!((found.rmssd_ms - mean(&differences).unwrap().sqrt()).abs() < 1.0);
    assert!((found.sdnn_ms - sd(&intervals).unwrap()).abs() < 1.0);
}

#[test]
fn fast_hearts_keep_their_rate_and_variability() {
    for bpm in [160.0, 185.0] {
        let mut stream = Stream::new(58, bpm as u64);
        let mut beats = vec![0_usize];
        for _ in 0..600 {
            let interval_ms = 60_000.0 / bpm + 4.0 * stream.normal();
            beats.push(beats[beats.len() - 1] + interval_ms.round() as usize);
        }
        let found = heart_rate(&beats, 1000.0).unwrap();
        assert_eq!(found.n_intervals, 600);
        assert!((found.bpm - bpm).abs() < 0.5, "{bpm}: {}", found.bpm);
        // √2 × 4 ms
        assert!((found.rmssd_ms - 5.66).abs() < 0.4, "{bpm}: {} ms", found.rmssd_ms);
    }
}

#[test]
fn beats_missed_and_one_too_many_do_not_make_variability() {
    let mut stream = Stream::new(59, 0);
    let mut beats = vec![0_usize];
    for _ in 0..300 {
        beats.push(beats[beats.len() - 1] + (900.0 + 30.0 * stream.normal()).round() as usize);
    }
    let clean = heart_rate(&beats, 1000.0).unwrap();
    let mut broken = beats.clone();
    for missed in [250, 180, 90] {
        broken.remove(missed);
    }
    // T waves and a blink taken for beats
    broken.extend([20, 60, 120, 200].map(|k| beats[k] + 300));
    broken.push(beats[140] + 450);
    broken.sort_unstable();
    let found = heart_rate(&broken, 1000.0).unwrap();
    assert!(found.n_intervals >= 285, "{}", found.n_intervals);
    assert!((found.bpm / clean.bpm - 1.0).abs() < 0.005, "{} {}", found.bpm, clean.bpm);
    assert!((found.rmssd_ms / clean.rmssd_ms - 1.0).abs() < 0.05, "{} {}", found.rmssd_ms, clean.rmssd_ms);
}

#[test]
fn broken_intervals_are_left_out() {
    // 800, 300, 800, 840, 2100, 800 ms: only 800 → 840 is a difference
    let rate = heart_rate(&[0, 800, 1100, 1900, 2740, 4840, 5640], 1000.0).unwrap();
    assert_eq!((rate.n_intervals, rate.rmssd_ms), (4, 40.0));
    assert!((rate.bpm - 60_000.0 / 810.0).abs() < 1e-9);
    for peaks in [&[] as &[usize], &[0, 800], &[0, 250, 500, 750], &[0, 800, 1100, 1900]] {
        assert_eq!(heart_rate(peaks, 1000.0), None, "{peaks:?}");
    }
    assert_eq!(heart_rate(&[0, 800, 1600], f64::NAN), None);
}

#[test]
fn nonsense_is_refused_by_name() {
    let mut x = Array1::zeros(1000);
    let run = |x: &Array1<f64>, sfreq| r_peaks(x.view(), sfreq).unwrap_err().to_string();
    assert!(run(&x, 50.0).contains("sfreq = 50"));
    assert!(run(&x, 500.0).contains("1000 given, at least 1250"));
    x[9] = f64::NAN;
    assert!(run(&x, 100.0).contains("ecg[9] = NaN"));
}

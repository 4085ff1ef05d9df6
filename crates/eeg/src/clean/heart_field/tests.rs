use super::*;
use crate::{Filter, Hz};
use dosewave_numerics::stats::Stream;

const SFREQ: f64 = 250.0;

/// Times of R peaks with a little variability, s.
fn beats(length_s: f64, interval_s: f64, stream: &mut Stream) -> Vec<f64> {
    let mut times = vec![0.4];
    while times[times.len() - 1] + 0.5 < length_s {
        times.push(times[times.len() - 1] + interval_s * (1.0 + 0.02 * stream.normal()));
    }
    times
}

/// QRS complex and T wave, `width` times as wide as at rest.
fn wave(since_s: f64, width: f64) -> f64 {
    let bump = |at: f64, sd: f64| (-0.5 * ((since_s - at) / sd).powi(2)).exp();
    bump(0.0, 0.012) + 0.3 * bump(0.25 * width, 0.04 * width)
}

/// `n` EEG channels of red noise with a heart of `field_uv`, an ECG, and the noise alone.
fn recording(seed: u64, n: usize, length_s: f64, interval_s: f64, field_uv: f64) -> (Recording, Array2<f64>) {
    let mut stream = Stream::new(seed, 0);
    let times = beats(length_s, interval_s, &mut stream);
    let n_times = (length_s * SFREQ) as usize;
    let mut noise = Array2::zeros((n + 1, n_times));
    for mut row in noise.rows_mut() {
        let mut slow = 0.0;
        row.iter_mut().for_each(|v| {
            slow = 0.9 * slow + stream.normal();
            *v = slow;
        });
    }
    let mut data_uv = noise.clone();
    let width = interval_s.min(1.0).sqrt();
    for (row, mut samples) in data_uv.rows_mut().into_iter().enumerate() {
        let strength = if row == n { 1000.0 } else { field_uv };
        for (t, value) in samples.iter_mut().enumerate() {
            let near = times.iter().filter(|beat| (t as f64 / SFREQ - *beat).abs() < 0.6);
            *value += strength * near.map(|beat| wave(t as f64 / SFREQ - beat, width)).sum::<f64>();
        }
    }
    let names: Vec<String> = (0..n).map(|k| format!("E{k}")).chain(["ECG".to_owned()]).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    (Recording::new(data_uv, Hz(SFREQ), &names).unwrap(), noise)
}

/// Change of the power at 30–45 Hz from one recording to the other, mean over the first `n` channels, dB.
fn gamma_change_db(before: &Recording, after: &Recording, n: usize) -> f64 {
    let power = |recording: &Recording| {
        let gamma = recording.filter(&Filter::band_pass(Hz(30.0), Hz(45.0))).unwrap();
        gamma.data_uv().slice(s![..n, ..]).mapv(|v| v * v).sum()
    };
    10.0 * (power(after) / power(before)).log10()
}

fn sd(x: ArrayView1<'_, f64>) -> f64 {
    x.std(0.0)
}

#[test]
fn eeg_that_knows_nothing_of_the_heart_keeps_its_power() {
    for (length_s, interval_s) in [(25.0, 0.9), (25.0, 0.55), (120.0, 0.9)] {
        let (before, _) = recording(3, 64, length_s, interval_s, 0.0);
        let change = gamma_change_db(&before, &before.without_heart_field().unwrap(), 64);
        assert!(change.abs() < 0.02, "{length_s} s, a beat every {interval_s} s: {change} dB");
    }
}

#[test]
fn the_field_goes_at_any_rate_and_the_eeg_stays() {
    for interval_s in [1.0, 0.8, 0.6, 0.5] {
        let (before, noise) = recording(5, 2, 120.0, interval_s, 20.0);
        let clean = before.without_heart_field().unwrap();
        let planted = &before.data_uv().row(0) - &noise.row(0);
        let left = &clean.data_uv().row(0) - &noise.row(0);
        let share = sd(left.view()) / sd(planted.view());
        assert!(share < 0.15, "a beat every {interval_s} s: {share} of the field is left");
        assert_eq!(clean.data_uv().row(2), before.data_uv().row(2), "the ECG stays");
        assert!(clean.header().notes[0].text.contains("'ECG'"));
    }
}

#[test]
fn one_field_serves_windows_of_any_length() {
    let (long, _) = recording(7, 64, 200.0, 0.9, 0.0);
    let parts = [(0.0, 25.0), (40.0, 200.0)]
        .map(|(from, to)| long.crop(crate::Seconds(from), crate::Seconds(to)).unwrap());
    let field = HeartField::learn(2, |k| Ok(parts[k].clone())).unwrap();
    assert!(field.n_beats > 190, "{}", field.n_beats);
    let changes = parts.each_ref().map(|part| gamma_change_db(part, &field.apply(part).unwrap(), 64));
    assert!((changes[0] - changes[1]).abs() < 0.02, "{changes:?} dB in 25 s and in 160 s");
    let (with_heart, noise) = recording(7, 2, 200.0, 0.9, 20.0);
    let parts = [(0.0, 25.0), (40.0, 200.0)]
        .map(|(from, to)| with_heart.crop(crate::Seconds(from), crate::Seconds(to)).unwrap());
    let field = HeartField::learn(2, |k| Ok(parts[k].clone())).unwrap();
    for (part, start) in parts.iter().zip([0, 10_000]) {
        let clean = field.apply(part).unwrap();
        let noise = noise.slice(s![0, start..start + part.data_uv().ncols()]);
        let planted = &part.data_uv().row(0) - &noise;
        let left = &clean.data_uv().row(0) - &noise;
        assert!(sd(left.view()) < 0.15 * sd(planted.view()), "{} s", part.header().recorded().0);
    }
    let other = parts[0].pick(&[0, 2]).unwrap();
    assert!(matches!(field.apply(&other), Err(Error::Shape { .. })));
}

#[test]
fn weights_of_neighbours_sum_to_one_where_they_meet() {
    let lags = Lags::new(SFREQ);
    let run = Run { onset: crate::Seconds(0.0), samples: 0..10_000 };
    let found = lags.beats(&[1000, 1101, 1226, 1400], std::slice::from_ref(&run));
    for t in 1000..1300 {
        let sum: f64 = found.iter().map(|beat| beat.weight(t, lags)).sum();
        assert!((sum - 1.0).abs() < 1e-12, "{t}: {sum}");
    }
    let sum: f64 = found.iter().map(|beat| beat.weight(1326, lags)).sum();
    assert!(sum < 1.0 + 1e-12);
}

#[test]
fn an_offset_does_not_matter() {
    let (before, _) = recording(9, 2, 60.0, 0.9, 20.0);
    let (header, mut data_uv) = before.clone().into_parts();
    data_uv.row_mut(0).mapv_inplace(|v| v + 5000.0);
    let moved = Recording::from_parts(header, data_uv).unwrap().without_heart_field().unwrap();
    let clean = before.without_heart_field().unwrap();
    let largest = (&moved.data_uv().row(0) - &clean.data_uv().row(0) - 5000.0)
        .iter()
        .fold(0.0_f64, |m, v| m.max(v.abs()));
    assert!(largest < 1e-8, "{largest}");
}

#[test]
fn without_an_ecg_or_with_few_beats_it_says_so() {
    let (before, _) = recording(11, 2, 12.0, 0.9, 20.0);
    let none = before.pick(&[0, 1]).unwrap().without_heart_field().unwrap();
    assert!(none.header().notes[0].text.contains("no ECG channel"));
    let few = before.without_heart_field().unwrap();
    assert!(few.header().notes[0].text.contains("beats in 'ECG' give no field"));
    assert_eq!(few.data_uv(), before.data_uv());
    assert_eq!(HeartField::learn(0, |_| Ok(before.clone())).unwrap(), HeartField::none());
}

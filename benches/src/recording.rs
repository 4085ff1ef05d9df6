//! Synthetic recordings.

use crate::Failure;
use dosewave::eeg::montage::position;
use dosewave::eeg::{Annotation, Hz, Recording, Seconds};
use dosewave::numerics::simulate::{delayed, flat_band, one_over_f, rhythm};
use dosewave::numerics::stats::Stream;
use ndarray::{Array1, Array2, ArrayViewMut1, s};
use std::f64::consts::TAU;

/// The electrodes, names of the 10–10 system from front to back.
pub const CH_NAMES: [&str; 64] = [
    "Fp1", "Fpz", "Fp2", "AF7", "AF3", "AFz", "AF4", "AF8", "F7", "F5", "F3", "F1", "Fz", "F2", "F4", "F6",
    "F8", "FT7", "FC5", "FC3", "FC1", "FCz", "FC2", "FC4", "FC6", "FT8", "T7", "C5", "C3", "C1", "Cz", "C2",
    "C4", "C6", "T8", "TP7", "CP5", "CP3", "CP1", "CPz", "CP2", "CP4", "CP6", "TP8", "P7", "P5", "P3", "P1",
    "Pz", "P2", "P4", "P6", "P8", "PO7", "PO3", "POz", "PO4", "PO8", "O1", "Oz", "O2", "Iz", "TP9", "TP10",
];
/// Lag of the coupled source at P3 behind F3, s.
const LAG_S: f64 = 0.006;

/// Which of the two recordings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Before the dose.
    Before,
    /// After it: half the alpha, twice the gamma, a flatter background.
    After,
}

/// 64 channels of 1/f background mixed by distance (volume conduction), occipital alpha, bursts of 30–45 Hz that reach F3
/// and, 6 ms later, P3, mains at 50 and 150 Hz, muscle at the rim of the cap, blinks, and a movement every 101 s that
/// costs an epoch. The same arguments give the same samples.
///
/// # Errors
/// As the simulators: fewer than two samples.
pub fn recording(seconds: f64, sfreq: f64, part: Part) -> Result<Recording, Failure> {
    let n = (seconds * sfreq).round() as usize;
    let (seed, alpha_uv2, gamma, exponent) = match part {
        Part::Before => (1, 60.0, 1.0, 1.5),
        Part::After => (2, 30.0, 2.0, 1.4),
    };
    let mut stream = Stream::new(seed, 0);
    let positions: Vec<[f64; 3]> = CH_NAMES.iter().filter_map(|name| position(name)).collect();
    let mut patches = Array2::zeros((CH_NAMES.len(), n));
    for mut row in patches.outer_iter_mut() {
        row.assign(&one_over_f(n, sfreq, exponent, 60.0, &mut stream)?);
    }
    let mut data_uv = mixing(&positions).dot(&patches);
    drop(patches);
    let alpha = rhythm(n, sfreq, 10.0, 1.0, alpha_uv2, &mut stream)?;
    let gamma = &flat_band(n, sfreq, 30.0, 45.0, 2.0 * gamma, &mut stream)? * &bursts(n, sfreq, &mut stream);
    let later = delayed(gamma.view(), sfreq, LAG_S)?;
    let blinks = bumps(n, sfreq, 120.0, (0.3, 5.0), &mut stream);
    for (source, centre, width_m) in
        [(&alpha, "Oz", 0.07), (&gamma, "F3", 0.035), (&later, "P3", 0.035), (&blinks, "Fpz", 0.05)]
    {
        for (mut row, weight) in data_uv.outer_iter_mut().zip(blob(&positions, centre, width_m)) {
            row.scaled_add(weight, source);
        }
    }
    for (mut row, name) in data_uv.outer_iter_mut().zip(CH_NAMES) {
        row.scaled_add(muscle_weight(name), &flat_band(n, sfreq, 20.0, 0.45 * sfreq, 0.02, &mut stream)?);
        add_mains(row, sfreq, 0.5 + stream.uniform());
    }
    add_movements(&mut data_uv, sfreq);
    let start = Annotation::new(Seconds(0.0), Seconds(0.0), "start");
    Ok(Recording::new(data_uv, Hz(sfreq), &CH_NAMES)?.with_annotations(vec![start]))
}

fn distance(a: [f64; 3], b: [f64; 3]) -> f64 {
    a.iter().zip(b).map(|(x, y)| (x - y).powi(2)).sum::<f64>().sqrt()
}

/// `[channel, patch]`, rows of unit power.
fn mixing(positions: &[[f64; 3]]) -> Array2<f64> {
    let n = positions.len();
    let mut weights = Array2::from_shape_fn((n, n), |(c, s)| {
        (-0.5 * (distance(positions[c], positions[s]) / 0.025).powi(2)).exp()
    });
    for mut row in weights.outer_iter_mut() {
        let norm = row.dot(&row).sqrt();
        row /= norm;
    }
    weights
}

/// Weight of a source under `centre` at each channel.
fn blob(positions: &[[f64; 3]], centre: &str, width_m: f64) -> Vec<f64> {
    let at = position(centre).unwrap_or([0.0, 0.0, 0.095]);
    positions.iter().map(|p| (-0.5 * (distance(*p, at) / width_m).powi(2)).exp()).collect()
}

/// Envelope of bursts of 0.4 s, one a second on average.
fn bursts(n: usize, sfreq: f64, stream: &mut Stream) -> Array1<f64> {
    bumps(n, sfreq, 1.0, (0.4, 1.0), stream)
}

/// Raised cosines of `width_s` seconds, `0.5 … 1.5 × spacing_s` apart.
fn bumps(
    n: usize,
    sfreq: f64,
    height: f64,
    (width_s, spacing_s): (f64, f64),
    stream: &mut Stream,
) -> Array1<f64> {
    let mut signal = Array1::zeros(n);
    let width = (width_s * sfreq) as usize;
    let mut start = 0;
    loop {
        start += ((0.5 + stream.uniform()) * spacing_s * sfreq) as usize;
        if start + width > n {
            return signal;
        }
        for t in 0..width {
            signal[start + t] += height * 0.5 * (1.0 - (TAU * t as f64 / width as f64).cos());
        }
    }
}

fn add_mains(mut row: ArrayViewMut1<'_, f64>, sfreq: f64, gain: f64) {
    for (t, value) in row.iter_mut().enumerate() {
        let phase = TAU * 50.0 * t as f64 / sfreq;
        *value += gain * (1.5 * phase.sin() + 0.3 * (3.0 * phase).sin());
    }
}

/// Swings of 600 µV over a second at one channel after the other.
fn add_movements(data_uv: &mut Array2<f64>, sfreq: f64) {
    let (second, n) = (sfreq as usize, data_uv.ncols());
    for (k, start) in (50 * second..n.saturating_sub(second)).step_by(101 * second).enumerate() {
        let mut stretch = data_uv.slice_mut(s![(11 * k) % CH_NAMES.len(), start..start + second]);
        for (t, value) in stretch.iter_mut().enumerate() {
            *value += 300.0 * (TAU * 2.0 * t as f64 / sfreq).sin();
        }
    }
}

/// Muscle lies at the rim: temples, jaw, forehead and neck.
fn muscle_weight(name: &str) -> f64 {
    match name {
        "F7" | "F8" | "FT7" | "FT8" | "T7" | "T8" | "TP9" | "TP10" => 1.0,
        "Fp1" | "Fp2" | "AF7" | "AF8" | "TP7" | "TP8" | "P7" | "P8" => 0.7,
        _ => 0.15,
    }
}

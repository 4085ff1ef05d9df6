//! Recordings for the benchmarks: synthetic, but with what real EEG makes programs do.

use dosewave::eeg::{Annotation, Hz, Recording, Seconds};
use dosewave::numerics::simulate::{delayed, flat_band, one_over_f, rhythm};
use dosewave::numerics::stats::Stream;
use ndarray::{Array1, Array2};

/// Names of the 10–10 system that the recordings use, front to back.
pub const CH_NAMES: [&str; 64] = [
    "Fp1", "Fpz", "Fp2", "AF7", "AF3", "AFz", "AF4", "AF8", "F7", "F5", "F3", "F1", "Fz", "F2", "F4", "F6",
    "F8", "FT7", "FC5", "FC3", "FC1", "FCz", "FC2", "FC4", "FC6", "FT8", "T7", "C5", "C3", "C1", "Cz", "C2",
    "C4", "C6", "T8", "TP7", "CP5", "CP3", "CP1", "CPz", "CP2", "CP4", "CP6", "TP8", "P7", "P5", "P3", "P1",
    "Pz", "P2", "P4", "P6", "P8", "PO7", "PO3", "POz", "PO4", "PO8", "O1", "Oz", "O2", "Iz", "TP9", "TP10",
];

/// 64 channels: each its own 1/f background with a share of its neighbours' (volume conduction), alpha at the back, a
/// source of low gamma that reaches F3 and, 6 ms later, P3, mains and muscle. `gamma` scales the source.
///
/// # Errors
/// As the simulators: fewer than two samples.
pub fn recording(
    seconds: f64,
    sfreq: f64,
    gamma: f64,
    seed: u64,
) -> Result<Recording, Box<dyn std::error::Error>> {
    let n = (seconds * sfreq).round() as usize;
    let mut stream = Stream::new(seed, 0);
    let own: Vec<Array1<f64>> = (0..CH_NAMES.len())
        .map(|_| one_over_f(n, sfreq, 1.5, 60.0, &mut stream))
        .collect::<Result<_, _>>()?;
    let alpha = rhythm(n, sfreq, 10.0, 1.0, 20.0, &mut stream)?;
    let source = flat_band(n, sfreq, 30.0, 45.0, 0.3 * gamma, &mut stream)?;
    let later = delayed(source.view(), sfreq, 0.006)?;
    let mains = Array1::from_shape_fn(n, |t| 1.5 * (std::f64::consts::TAU * 50.0 * t as f64 / sfreq).sin());
    let mut data_uv = Array2::zeros((CH_NAMES.len(), n));
    for (c, mut row) in data_uv.outer_iter_mut().enumerate() {
        row.assign(&own[c]);
        row.scaled_add(0.5, &own[(c + 1) % own.len()]);
        row.scaled_add(0.5, &own[(c + own.len() - 1) % own.len()]);
        row.scaled_add(if c > 43 { 1.0 } else { 0.3 }, &alpha);
        row.scaled_add(1.0, &mains);
        let muscle = flat_band(n, sfreq, 20.0, 0.45 * sfreq, 0.02, &mut stream)?;
        row.scaled_add(1.0, &muscle);
        match CH_NAMES[c] {
            "F3" => row.scaled_add(1.0, &source),
            "P3" => row.scaled_add(1.0, &later),
            _ => {}
        }
    }
    let start = Annotation::new(Seconds(0.0), Seconds(0.0), "start");
    Ok(Recording::new(data_uv, Hz(sfreq), &CH_NAMES)?.with_annotations(vec![start]))
}
